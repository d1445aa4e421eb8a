"""A stand-in for macOS's PlistBuddy: sets, adds and deletes one value by its path."""

from __future__ import annotations

import plistlib
import sys
from pathlib import Path

_, _, command, file = sys.argv
verb, place, *rest = command.split(" ")
table = settings = plistlib.loads(Path(file).read_bytes())
*outer, last = place.strip(":").split(":")
for key in outer:
    table = table.setdefault(key, {})
if verb == "Delete":
    del table[last]
else:
    table[last] = rest[-1]
Path(file).write_bytes(plistlib.dumps(settings))
