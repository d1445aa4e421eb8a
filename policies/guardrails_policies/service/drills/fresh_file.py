"""How fresh-file is proven."""

from __future__ import annotations

import os
import time

from guardrails import Drill

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.plugins.stages import Play

_POLICY = "fresh-file"
_TABLE = f'[policies.{_POLICY}]\nenvironments = ["prod"]\nwhen = ["standing"]\nenforcement = "hard-mandatory"\n'
_OPTIONS = 'file = "README.md"\nnewer_than = "1h"\n'


def _grow_old(folder: str) -> None:
    hours_ago = time.time() - 7200
    os.utime(os.path.join(folder, "prod/README.md"), (hours_ago, hours_ago))


def _drill(name: str, title: str, play: Play, *, harmless: bool = False) -> Drill:
    return Drill(_POLICY, ("standing",), name, title, play, harmless=harmless, configuration=_TABLE + _OPTIONS)


DRILLS = (
    _drill("an-old-file", "The file is two hours old", _grow_old),
    _drill(
        "a-new-file",
        "The file has just been written",
        lambda folder: os.utime(os.path.join(folder, "prod/README.md")),
        harmless=True,
    ),
)
