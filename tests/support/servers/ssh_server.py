"""An OpenSSH server on the loopback interface, for one user with one key, whose sessions have a home of the test's."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from needs import all_must_run
from progress import come_true

PROGRAM = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin")
_PRIVILEGES = Path("/run/sshd")  # where sshd, started by root, drops its privileges to


def usable() -> bool:
    """Whether there is a server that can be started here."""
    return PROGRAM is not None and shutil.which("ssh") is not None


def may_be_skipped() -> bool:
    """Whether a test that needs the server is left out: never where all of them are to run, as in .ci/run."""
    return not usable() and not all_must_run()


@contextmanager
def ssh_server(folder: Path, **variables: str) -> Iterator[tuple[str, str]]:
    """Run the server; gives the start of addresses on it, `ssh://user@host:port`, and a GIT_SSH_COMMAND for them.

    `variables` are set in each session. Raises AssertionError when there is none, and with what it said when it does
    not come up.
    """
    assert usable(), "there is no OpenSSH server here: install openssh-server"
    folder.mkdir()
    if os.geteuid() == 0:
        _PRIVILEGES.mkdir(exist_ok=True)
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    port = _free_port()
    (folder / "authorized").write_bytes((folder / "user.pub").read_bytes())
    settings = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": folder / "host",
        "AuthorizedKeysFile": folder / "authorized",
        "PidFile": "none",
        "StrictModes": "no",
        "UsePAM": "no",
        "PasswordAuthentication": "no",
        "PermitRootLogin": "prohibit-password",
        "SetEnv": " ".join(f"{name}={value}" for name, value in variables.items()),
    }
    (folder / "config").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    log = folder / "log"
    with subprocess.Popen([str(PROGRAM), "-D", "-f", folder / "config", "-E", log]) as server:
        try:
            _wait(port, server, log)
            client = (
                f"ssh -F none -i {folder / 'user'} -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=no"
            )
            yield (
                f"ssh://{getpass.getuser()}@127.0.0.1:{port}",
                f"{client} -o UserKnownHostsFile={folder / 'known'} -o LogLevel=ERROR",
            )
        finally:
            server.terminate()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _wait(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    def answers() -> bool:
        assert server.poll() is None, f"sshd does not come up: {log.read_text() if log.exists() else 'it says nothing'}"
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        return False

    come_true(answers, "sshd does not come up")
