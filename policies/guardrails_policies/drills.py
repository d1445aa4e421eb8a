"""All drills of our policies: those of each stand in the folder `drills` of its family, in a module of its name."""

from __future__ import annotations

from guardrails_policies.agents.drills import guard_stays_on, guarded_operations, own_state, untouched_places
from guardrails_policies.documents.drills import required_doc_links, resolvable_doc_links
from guardrails_policies.release.drills import (
    current_build,
    installed_dependencies,
    release_window,
    required_signoffs,
    tested_commit,
)
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
    reset_loses_nothing,
    rollback_ready,
    tightening_only,
)
from guardrails_policies.service.drills import (
    environment_variable,
    fresh_file,
    healthy_command,
    reachable_page,
    required_config,
    required_files,
    service_definition,
)
from guardrails_policies.state.drills import (
    active_sessions,
    expected_cron_jobs,
    isolated_state_dirs,
    quiet_cron,
    single_gateway,
    state_dir_variable,
)

_MODULES = (
    active_sessions, clean_worktree, current_build, environment_variable, expected_branch, expected_cron_jobs,
    expected_head, fast_forward_only, fresh_file, guard_stays_on, guarded_operations, guards_installed, healthy_command,
    installed_dependencies, isolated_state_dirs, matches_upstream, no_direct_edits, own_state, protected_refs,
    quiet_cron, reachable_page, release_branch, release_window, required_config, required_doc_links, required_files,
    required_signoffs, reset_loses_nothing, resolvable_doc_links, rollback_ready, service_definition, single_gateway,
    state_dir_variable, tested_commit, tightening_only, untouched_places,
)  # fmt: skip
DRILLS = tuple(drill for module in _MODULES for drill in module.DRILLS)
