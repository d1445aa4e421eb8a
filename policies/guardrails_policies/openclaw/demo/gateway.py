"""What stands for a running gateway: its title, its page, and the files that its commands print."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import tomllib

from guardrails_policies.openclaw.demo.world import STATES, write

PATIENCE = 10.0  # seconds until the page must answer

_running: dict[str, list[subprocess.Popen[bytes]]] = {}  # by the world's folder


def start(folder: str) -> None:
    """Start production's gateway, and wait until its page answers. Raises TimeoutError when it does not."""
    state = os.path.join(folder, STATES[0])
    write(os.path.join(state, "health.json"), '{"ok": true}\n')
    write(os.path.join(state, "status.txt"), "Gateway       running\nFacts Memory  ok\n")
    _run(folder, "openclaw-prod", _port(folder))


def start_another(folder: str) -> None:
    """Start a gateway from the development repository, on production's state."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    _run(folder, "moltbot", port)


def stop(folder: str) -> None:
    """End the gateways of a world, if there are any."""
    for process in _running.pop(folder, []):
        process.kill()
        process.wait()


def _run(folder: str, repo: str, port: int) -> None:
    page = os.path.join(folder, "page")
    write(os.path.join(page, "index.html"), "<title>OpenClaw</title><h2>Facts Memory</h2>\n")
    command = ["openclaw-gateway", "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", page]
    process = subprocess.Popen(
        command,
        executable=sys.executable,
        cwd=os.path.join(folder, repo),
        env={"PATH": "/usr/bin:/bin", "HOME": os.path.join(folder, "home"), "OPENCLAW_STATE_DIR": "~/.openclaw"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _running.setdefault(folder, []).append(process)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(f"the page on port {port} did not answer within {PATIENCE:.0f} seconds")


def _port(folder: str) -> int:
    with open(os.path.join(folder, "guardrails.toml"), "rb") as file:
        url: str = tomllib.load(file)["policies"]["ui-answers"]["url"]
    return int(url.rpartition(":")[2].rstrip("/"))
