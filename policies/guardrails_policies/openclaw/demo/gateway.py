"""What stands for OpenClaw's gateway and its command line: a process with the gateway's title, and a page.

The world's `bin/openclaw` calls `main` with the world's folder and its own arguments.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import tomllib

import psutil

from guardrails_policies.openclaw.demo.tools import STATES, run, write
from guardrails_policies.openclaw.demo.world import free_port

PATIENCE = 10.0  # seconds until the page must answer, or no longer answer
TITLE = "openclaw-gateway"
_PIDS = "gateways"  # a file in the world's folder: the ids of the processes that were started


def start(folder: str) -> None:
    """Start production's gateway, and wait until its page answers."""
    run(folder, "bin/openclaw", "gateway", "restart")


def start_another(folder: str) -> None:
    """Start a gateway from the development repository, on production's state."""
    run(folder, "bin/openclaw", "gateway", "start-another")


def start_late(folder: str, seconds: float) -> None:
    """Start production's gateway, whose page answers after so many seconds; do not wait for that."""
    _begin(folder, "openclaw-prod", _port(folder), late=seconds)


def stop(folder: str) -> None:
    """End the gateways of a world, if there are any."""
    path = os.path.join(folder, _PIDS)
    if not os.path.exists(path):
        return
    with open(path, encoding="ascii") as file:
        pids = [int(line) for line in file]
    os.unlink(path)
    for pid in pids:
        try:
            process = psutil.Process(pid)
            if process.cmdline()[:1] == [TITLE]:  # the id may be that of another by now
                process.kill()
        except psutil.Error:
            pass
    _wait(_port(folder), answers=False)


_LATE = """
import runpy, sys, time
time.sleep(float(sys.argv.pop(1)))
runpy.run_module("http.server", run_name="__main__")
"""


def _begin(folder: str, repo: str, port: int, *, late: float = 0.0) -> None:
    page = os.path.join(folder, "page")
    write(os.path.join(page, "index.html"), "<title>OpenClaw</title><h2>Facts Memory</h2>\n")
    process = subprocess.Popen(
        [TITLE, "-c", _LATE, str(late), str(port), "--bind", "127.0.0.1", "--directory", page],
        executable=sys.executable,
        cwd=os.path.join(folder, repo),
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": os.path.join(folder, "home"),
            "OPENCLAW_STATE_DIR": os.path.join(folder, STATES[0]),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    with open(os.path.join(folder, _PIDS), "a", encoding="ascii") as file:
        file.write(f"{process.pid}\n")
    if not late:
        _wait(port, answers=True)


def _wait(port: int, *, answers: bool) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if _answers(port) is answers:
            return
        time.sleep(0.02)
    raise TimeoutError(f"the page on port {port} did not {'answer' if answers else 'stop'} within {PATIENCE:.0f} s")


def _answers(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def address(folder: str) -> str:
    """The address of the page of production's gateway, which ends in a slash."""
    with open(os.path.join(folder, "guardrails.toml"), "rb") as file:
        url: str = tomllib.load(file)["policies"]["ui-answers"]["url"]
    return url


def _port(folder: str) -> int:
    return int(address(folder).rpartition(":")[2].rstrip("/"))


def main() -> None:
    """What `bin/openclaw` runs."""
    folder, *arguments = sys.argv[1:]
    sys.exit(_answer(folder, *arguments))


def _answer(folder: str, *arguments: str) -> int:
    """`openclaw gateway restart`, `openclaw status` and `openclaw memory facts health --json`, and one for the demo.

    Raises TimeoutError when a gateway does not start, or does not end.
    """
    if arguments == ("gateway", "restart"):
        stop(folder)
        _begin(folder, "openclaw-prod", _port(folder))
        print("the gateway runs")
        return 0
    if arguments == ("gateway", "start-another"):
        _begin(folder, "moltbot", free_port())
        return 0
    if not _answers(_port(folder)):
        print("the gateway does not answer", file=sys.stderr)
        return 1
    if arguments == ("memory", "facts", "health", "--json"):
        print('{"ok": true}')
    else:
        print("Gateway       running\nFacts Memory  ok")
    return 0
