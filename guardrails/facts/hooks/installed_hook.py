"""One guard that must be there, and what keeps git, or the host of an agent, from running it."""

from __future__ import annotations

from guardrails.record import Record


class InstalledHook(Record):
    """One hook that must be there, where git looks for it when it works in `folder`.

    `problem` is what keeps git from running it as it should be, None when nothing does, and `remedy` the command that
    ends that. pre-commit keeps a hook that it finds beside its own, and runs it first: then it is `kept_by_pre_commit`.
    `runner` is who runs it: git, or the host whose settings stand at `path`.
    """

    kind: str
    folder: str
    path: str
    problem: str | None = None
    remedy: str = ""
    kept_by_pre_commit: bool = False
    runner: str = "git"
