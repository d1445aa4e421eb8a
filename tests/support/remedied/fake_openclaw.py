"""A stand-in for OpenClaw's command line on a state directory of 2026.1.30: it does to the files what that does."""

from __future__ import annotations

import json
import os
import plistlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

STATE = Path(os.environ["OPENCLAW_STATE_DIR"])


def _config(verb: str, name: str, value: str = "") -> None:
    path = STATE / "openclaw.json"
    settings = json.loads(path.read_text()) if path.exists() else {}
    *tables, last = name.split(".")
    table = settings
    for key in tables:
        table = table.setdefault(key, {})
    if verb == "get":
        print(table.get(last))
        return
    if verb == "set":
        table[last] = value == "true" if value in ("true", "false") else value
    else:
        table.pop(last, None)
    path.write_text(json.dumps(settings))


def _cron(verb: str, *words: str) -> None:
    path = STATE / "cron/jobs.json"
    store = json.loads(path.read_text()) if path.exists() else {"jobs": []}
    jobs: list[dict[str, Any]] = store["jobs"]
    if verb in ("list", "runs"):
        print(json.dumps(jobs))
        return
    job = next(one for one in jobs if one["id"] == words[0])
    if verb == "rm":
        jobs.remove(job)
    elif verb in ("enable", "disable"):
        job["enabled"] = verb == "enable"
        job["state"] = {}
    elif verb == "edit":
        given = dict(zip(words[1::2], words[2::2], strict=True))
        job["schedule"] = {
            "kind": "cron",
            "expr": given["--cron"],
            **({"tz": given["--tz"]} if "--tz" in given else {}),
        }
    path.write_text(json.dumps(store))


def _gateway(verb: str, *_: str) -> None:
    if verb == "install":
        path = Path.home() / f"Library/LaunchAgents/{os.environ['OPENCLAW_LAUNCHD_LABEL']}.plist"
        program = ["/usr/bin/node", f"{os.getcwd()}/dist/entry.js", "gateway"]
        service = {
            "Label": path.stem,
            "ProgramArguments": program,
            "EnvironmentVariables": {"OPENCLAW_STATE_DIR": str(STATE)},
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(plistlib.dumps(service))


_COMMANDS: dict[str, Callable[..., None]] = {"config": _config, "cron": _cron, "gateway": _gateway}
if sys.argv[1] in _COMMANDS:
    _COMMANDS[sys.argv[1]](*sys.argv[2:])
