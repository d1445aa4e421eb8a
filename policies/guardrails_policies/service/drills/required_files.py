"""How required-files is proven."""

from __future__ import annotations

import os

from guardrails import Drill

_POLICY = "required-files"
_TABLE = (
    f'[policies.{_POLICY}]\nenvironments = ["prod"]\nwhen = ["standing"]\nenforcement = "hard-mandatory"\n'
    'files = ["README.md"]\n'
)


def _empty(folder: str) -> None:
    os.truncate(os.path.join(folder, "prod/README.md"), 0)


def _lose_another(folder: str) -> None:
    os.unlink(os.path.join(folder, "prod/.gitignore"))


DRILLS = (
    Drill(_POLICY, ("standing",), "an-empty-file", "The file is empty", _empty, configuration=_TABLE),
    Drill(
        _POLICY,
        ("standing",),
        "another-file",
        "A file is lost that nobody requires",
        _lose_another,
        harmless=True,
        configuration=_TABLE,
    ),
)
