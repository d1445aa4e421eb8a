"""What this package gives to guardrails: its policies and the profiles `openclaw` and `checkout`."""

import os
from collections.abc import Mapping, Sequence

from guardrails import Drill, Policy, hookimpl
from guardrails.plugins.demo_scenes import Demo
from guardrails.plugins.product import Product
from guardrails.plugins.survey import Survey
from guardrails_policies.agents.guard_stays_on import GuardStaysOn
from guardrails_policies.agents.guarded_operations import GuardedOperations
from guardrails_policies.agents.own_state import OwnState
from guardrails_policies.agents.untouched_places import UntouchedPlaces
from guardrails_policies.documents.required_doc_links import RequiredDocLinks
from guardrails_policies.documents.resolvable_doc_links import ResolvableDocLinks
from guardrails_policies.release.current_build import CurrentBuild
from guardrails_policies.release.installed_dependencies import InstalledDependencies
from guardrails_policies.release.release_window import ReleaseWindow
from guardrails_policies.release.required_signoffs import RequiredSignoffs
from guardrails_policies.release.tested_commit import TestedCommit
from guardrails_policies.repository.clean_worktree import CleanWorktree
from guardrails_policies.repository.expected_branch import ExpectedBranch
from guardrails_policies.repository.expected_head import ExpectedHead
from guardrails_policies.repository.fast_forward_only import FastForwardOnly
from guardrails_policies.repository.guards_installed import GuardsInstalled
from guardrails_policies.repository.matches_upstream import MatchesUpstream
from guardrails_policies.repository.no_direct_edits import NoDirectEdits
from guardrails_policies.repository.protected_refs import ProtectedRefs
from guardrails_policies.repository.release_branch import ReleaseBranch
from guardrails_policies.repository.reset_loses_nothing import ResetLosesNothing
from guardrails_policies.repository.rollback_ready import RollbackReady
from guardrails_policies.service.environment_variable import EnvironmentVariable
from guardrails_policies.service.fresh_file import FreshFile
from guardrails_policies.service.healthy_command import HealthyCommand
from guardrails_policies.service.reachable_page import ReachablePage
from guardrails_policies.service.required_config import RequiredConfig
from guardrails_policies.service.required_files import RequiredFiles
from guardrails_policies.service.service_definition import ServiceDefinition
from guardrails_policies.state.active_sessions import ActiveSessions
from guardrails_policies.state.expected_cron_jobs import ExpectedCronJobs
from guardrails_policies.state.isolated_state_dirs import IsolatedStateDirs
from guardrails_policies.state.quiet_cron import QuietCron
from guardrails_policies.state.single_gateway import SingleGateway
from guardrails_policies.state.state_dir_variable import StateDirVariable


@hookimpl
def guardrails_policies() -> Sequence[type[Policy]]:
    """The deployment rules, one policy each."""
    return [
        ActiveSessions,
        CleanWorktree,
        CurrentBuild,
        EnvironmentVariable,
        ExpectedBranch,
        ExpectedCronJobs,
        ExpectedHead,
        FastForwardOnly,
        FreshFile,
        GuardStaysOn,
        GuardedOperations,
        GuardsInstalled,
        HealthyCommand,
        InstalledDependencies,
        IsolatedStateDirs,
        MatchesUpstream,
        NoDirectEdits,
        OwnState,
        ProtectedRefs,
        QuietCron,
        ReachablePage,
        ReleaseBranch,
        ReleaseWindow,
        RequiredConfig,
        RequiredDocLinks,
        RequiredFiles,
        RequiredSignoffs,
        ResetLosesNothing,
        ResolvableDocLinks,
        RollbackReady,
        ServiceDefinition,
        SingleGateway,
        StateDirVariable,
        TestedCommit,
        UntouchedPlaces,
    ]


@hookimpl
def guardrails_profiles() -> Mapping[str, str]:
    """The deployment rules as data, those of OpenClaw and those of any production checkout."""
    return {name: os.path.join(os.path.dirname(__file__), f"{name}.toml") for name in ("openclaw", "checkout")}


@hookimpl
def guardrails_programs() -> Mapping[str, str]:
    """What OpenClaw's programs do, and what of others may start them or stop a gateway."""
    from guardrails_policies.openclaw.shell.openclaw_programs import PROGRAMS

    rows = "guardrails_policies.openclaw.called_programs"
    runners = ("node", "bun", "tsx", "npm", "pnpm", "npx", "yarn", "bunx")
    names = {"OPENCLAW": PROGRAMS, "RUNNERS": runners, "SIGNALS": ("pkill", "killall")}
    return {name: f"{rows}:{row}" for row, some in names.items() for name in some}


@hookimpl
def guardrails_demo() -> Demo:
    """A small OpenClaw deployment, broken rule by rule."""
    from guardrails_policies.openclaw.demo.acts import DEMO  # only `guardrails demo` needs it

    return DEMO


@hookimpl
def guardrails_drills() -> Sequence[Drill]:
    """What our policies must refuse, and what beside it they must let through."""
    from guardrails_policies.drills import DRILLS  # only `guardrails drill` needs them

    return DRILLS


@hookimpl
def guardrails_surveys() -> Sequence[Survey]:
    """A look for OpenClaw on this machine, and else for a checkout."""
    from guardrails_policies.checkout.survey import survey  # only `guardrails init` needs them
    from guardrails_policies.openclaw.survey import surveys

    return [*surveys(), survey()]


@hookimpl
def guardrails_products() -> Sequence[Product]:
    """OpenClaw, by its package in a checkout."""
    from guardrails_policies.openclaw.product import PRODUCT  # only `guardrails doctor` needs it

    return [PRODUCT]
