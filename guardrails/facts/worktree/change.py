"""One way in which a work tree is not what HEAD says."""

from __future__ import annotations

from guardrails.record import Record


class Change(Record):
    """One way in which the work tree is not what HEAD says.

    `kind`: staged, modified, untracked, conflict, hidden (by a rule outside the tree), flagged (hidden by an index
    flag), submodule, operation (in progress), lock, replaced (refs/replace), sparse, elsewhere (git looks at another
    folder), converted (bytes that git's own comparison launders), special (neither file, folder nor link).
    """

    kind: str
    path: str
    detail: str
