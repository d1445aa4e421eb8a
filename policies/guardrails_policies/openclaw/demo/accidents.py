"""Accidents, one act each: the drill in which it happens, and what comes next, which all policies are asked about."""

from __future__ import annotations

import os

from guardrails.plugins.demo_scenes import Act, Scene
from guardrails_policies.documents.drills import required_doc_links, resolvable_doc_links
from guardrails_policies.openclaw.demo.words import CHECK, asking_words
from guardrails_policies.release.drills import current_build, release_window
from guardrails_policies.repository.drills import (
    clean_worktree,
    expected_branch,
    expected_head,
    fast_forward_only,
    guards_installed,
    matches_upstream,
    no_direct_edits,
    protected_refs,
    release_branch,
    rollback_ready,
)
from guardrails_policies.service.drills import required_config, service_definition
from guardrails_policies.state.drills import (
    active_sessions,
    expected_cron_jobs,
    isolated_state_dirs,
    quiet_cron,
    single_gateway,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.plugins.drills import Drill


def _cut_jobs(folder: str) -> None:
    path = expected_cron_jobs.store(folder)
    os.truncate(path, os.path.getsize(path) // 2)


def _shown(drill: Drill, *others: str) -> Act:
    """The act of a drill; `others` are the policies that refuse beside its own."""
    return Act(drill.title, (Scene(asking_words(drill), tuple(sorted((drill.policy, *others))), drill.play),))


ACCIDENTS = (
    Act("Everything is as the rules say", (Scene(CHECK),)),
    _shown(clean_worktree.EDIT),
    _shown(clean_worktree.HIDDEN_EDIT),
    _shown(no_direct_edits.DIRECT_COMMIT),
    _shown(guards_installed.MISSING),
    _shown(expected_branch.ANOTHER_BRANCH),
    _shown(isolated_state_dirs.SHARED),
    _shown(required_doc_links.MENTION),
    _shown(resolvable_doc_links.LOST_HEADING),
    _shown(service_definition.DEV_SERVED),
    _shown(single_gateway.TWO),
    _shown(expected_cron_jobs.LOST),
    Act("The job store was cut in half: nobody can know", (Scene(CHECK, ("expected-cron-jobs",), _cut_jobs),)),
    _shown(active_sessions.SILENT),
    _shown(required_config.NO_MODE),
    _shown(fast_forward_only.DIVERGED),
    _shown(matches_upstream.UPSTREAM_MOVED_ON),
    _shown(release_branch.FORGOTTEN_FILE),
    _shown(release_window.FREEZE),
    _shown(quiet_cron.LONG_RELEASE),
    _shown(expected_head.MERGED_SOMETHING_ELSE),
    _shown(current_build.OLD_BUILD, "installed-dependencies"),
    _shown(rollback_ready.NOTHING_RECORDED, "reset-loses-nothing"),
    _shown(protected_refs.DELETION),
)
