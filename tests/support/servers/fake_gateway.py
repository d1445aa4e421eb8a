"""Small processes that look like gateways from outside: title, environment, lock, socket and open files."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from guardrails_policies.openclaw.versions import LOCK_HASH, LOCK_PLACE, STATE_IN_LOCK

OLD, NEW = "2026.1.30", "2026.9.6"

# What is run: writes its lock, opens its files, listens, says so, and waits to be ended. It comes by standard input, so
# that the command line is the title alone.
_PROGRAM = """
import datetime, json, os, socket, time
path, fields, stores, listens = json.loads(ASKED)
opened = [open(store, "r+b") for store in stores]
listener = socket.create_server(("127.0.0.1", 0)) if listens else None
if path:
    stat = "/proc/self/stat"
    if os.path.exists(stat):
        fields["startTime"] = int(open(stat).read().rpartition(")")[2].split()[19])
    fields |= {"pid": os.getpid(), "createdAt": datetime.datetime.now(datetime.timezone.utc).isoformat()}
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(json.dumps(fields) + ("\\n\\t  \\t" if "stateDir" in fields else ""))
    opened.append(open(path))
print("ready", flush=True)
time.sleep(600)
"""


@contextmanager
def fake_gateway(
    folder: Path,
    variables: Mapping[str, str],
    *,
    home: Path,
    version: str = OLD,
    title: Sequence[str] = ("openclaw-gateway",),
    config: Path | None = None,
    state: Path | None = None,
    lock: bool = True,
    stores: Sequence[Path] = (),
    listens: bool = False,
) -> Iterator[subprocess.Popen[bytes]]:
    """A gateway that was started in a folder with these variables, until the end of the block.

    Its lock is where that version puts it: for 2026.1.30 in `TMPDIR`, which is below `home`, named after the
    configuration file; for 2026.9.6 in the state directory, which it names. It has the `stores` open, which are made
    when they are not there.
    """
    given = {"HOME": str(home), "TMPDIR": str(home / "tmp"), "PATH": "/usr/bin:/bin", **variables}
    used = state or Path(given.get("OPENCLAW_STATE_DIR", str(home / ".openclaw")).replace("~", str(home)))
    configured = config or used / "openclaw.json"
    path, fields = lock_of(version, used, configured, Path(given["TMPDIR"]))
    for store in stores:
        store.parent.mkdir(parents=True, exist_ok=True)
        store.touch()
    process = subprocess.Popen(
        title, executable=sys.executable, cwd=folder, env=given, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    asked = [str(path) if lock else "", fields, [str(store) for store in stores], listens]
    try:
        process.stdin.write(f"ASKED = {json.dumps(asked)!r}\n{_PROGRAM}".encode())
        process.stdin.close()
        assert process.stdout.readline() == b"ready\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def lock_of(version: str, state: Path, config: Path, temporary: Path) -> tuple[Path, dict[str, Any]]:
    """Where a gateway of a version puts its lock, and what of it does not depend on the process."""
    fields: dict[str, Any] = {"configPath": str(config)}
    place, digest, says_state = (trait.at(version)[0] for trait in (LOCK_PLACE, LOCK_HASH, STATE_IN_LOCK))
    if says_state:
        fields |= {"stateDir": str(state), "port": 18789, "ownerId": "0", "cronOwnerProjection": "dynamic-default-v1"}
    folder = temporary if place == "temporary" else state / "tmp"
    name = (
        hashlib.new(digest, str(config).encode(), usedforsecurity=False).hexdigest()[:8]
        if place == "temporary"
        else "state"
    )
    return folder / f"openclaw-{os.getuid()}" / f"gateway.{name}.lock", fields


def write_lock(path: Path, fields: Mapping[str, Any], *, pid: int, ticks: int | None) -> None:
    """Leave a lock of some process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rest = {"pid": pid, "createdAt": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())}
    path.write_text(json.dumps({**fields, **rest} | ({} if ticks is None else {"startTime": ticks})))
