"""What stands for the running gateway: a web server for its page, and the files that its commands print."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import tomllib

from guardrails_policies.openclaw.demo.world import write

PATIENCE = 10.0  # seconds until the page must answer

_running: dict[str, subprocess.Popen[bytes]] = {}  # by the world's folder


def start(folder: str) -> None:
    """Start the page, and wait until it answers. Raises TimeoutError when it does not."""
    state = os.path.join(folder, "state/openclaw")
    write(os.path.join(state, "health.json"), '{"ok": true}\n')
    write(os.path.join(state, "status.txt"), "Gateway       running\nFacts Memory  ok\n")
    page = os.path.join(folder, "page")
    write(os.path.join(page, "index.html"), "<title>OpenClaw</title><h2>Facts Memory</h2>\n")
    port = _port(folder)
    serve = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", page]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    _running[folder] = subprocess.Popen(serve, **quiet)  # type: ignore[call-overload]
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(f"the page on port {port} did not answer within {PATIENCE:.0f} seconds")


def stop(folder: str) -> None:
    """End the page, if there is one."""
    if process := _running.pop(folder, None):
        process.kill()
        process.wait()


def _port(folder: str) -> int:
    with open(os.path.join(folder, "guardrails.toml"), "rb") as file:
        url: str = tomllib.load(file)["policies"]["ui-answers"]["url"]
    return int(url.rpartition(":")[2].rstrip("/"))
