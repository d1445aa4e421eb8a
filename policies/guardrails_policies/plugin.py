"""What this package gives to guardrails: its policies and the profile `openclaw`."""

import os
from collections.abc import Mapping, Sequence

from guardrails import Policy, hookimpl
from guardrails.demo import Demo
from guardrails_policies.documents.required_doc_links import RequiredDocLinks
from guardrails_policies.repository.clean_worktree import CleanWorktree
from guardrails_policies.repository.fast_forward_only import FastForwardOnly
from guardrails_policies.state.expected_cron_jobs import ExpectedCronJobs
from guardrails_policies.state.isolated_state_dirs import IsolatedStateDirs


@hookimpl
def guardrails_policies() -> Sequence[type[Policy]]:
    """The deployment rules, one policy each."""
    return [CleanWorktree, ExpectedCronJobs, FastForwardOnly, IsolatedStateDirs, RequiredDocLinks]


@hookimpl
def guardrails_profiles() -> Mapping[str, str]:
    """The deployment rules as data."""
    return {"openclaw": os.path.join(os.path.dirname(__file__), "openclaw.toml")}


@hookimpl
def guardrails_demo() -> Demo:
    """A small OpenClaw deployment, broken rule by rule."""
    from guardrails_policies.openclaw.demo import DEMO  # only `guardrails demo` needs it

    return DEMO
