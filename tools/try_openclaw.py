"""Try the policies about gateways on the real OpenClaw, in the versions whose formats they know.

    python tools/try_openclaw.py FOLDER [VERSION ...]

Each version is installed with npm into FOLDER, unless it is there already, with the Node.js that it wants: about 1 GB.
Then a small deployment is made beside it: a production checkout that holds the package, a development checkout, a home
with a service definition, and a model that answers from this process. Its gateway runs on 127.0.0.1, and the real
check is asked before, while and after it runs; beside a client, a gateway of a profile and a second gateway on its
state; and once a gateway of development takes its state.

Prints what each check says; exits 1 when a verdict is not the expected one. The processes that it started are ended.
"""

from __future__ import annotations

import json
import os
import plistlib
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from guardrails_policies.openclaw.versions import SEVERAL_GATEWAYS

ROOT = Path(__file__).resolve().parent.parent
NODE = {
    "2026.1.30": "22",
    "2026.4.29": "22",
    "2026.6.1": "22",
    "2026.7.1-2": "22",
    "2026.8.2": "22",
    "2026.9.6": "24",
}
WITHOUT_AGENTS = ("2026.4.29",)  # whose plugins want packages that are not installed with it
POLICIES = ("service-definition", "state-dir-variable", "single-gateway")
PATIENCE = 180.0  # seconds that a gateway may take to answer

_PACKAGE = {"private": True, "overrides": {"libsignal": "2.0.1"}}  # which else is fetched from elsewhere than npm
_SECRET = "canary-hunter2"  # noqa: S105 -- looked for in everything that is printed

_CONFIGURATION = """\
extends = ["openclaw"]

[environments.prod]
repo = "{folder}/prod"
state_dir = "{home}/.openclaw"

[environments.dev]
repo = "{folder}/dev"
state_dir = "{home}/.openclaw-dev"

[policies.expected-cron-jobs]
jobs = [{{ name = "digest", schedule = "0 7 * * *" }}]

[policies.facts-memory-row]
command = "{openclaw} health --json"
contains = "sessions"
within = "40s"

[policies.facts-memory-health]
command = "{openclaw} health --json"
json = {{ ok = true }}
within = "40s"

[policies.ui-answers]
url = "http://127.0.0.1:{port}/"
contains = "OpenClaw"
"""


class Deployment:
    """One version, installed, with the two checkouts and the home of whoever deploys it."""

    def __init__(self, folder: Path, version: str) -> None:
        self.version = version
        self.folder = folder / version
        self.node = self.folder / "node/node_modules/node/bin"
        self.home = self.folder / "home"
        self.state = self.home / ".openclaw"
        self.port, self.other_port = _free_port(), _free_port()
        self.unexpected: list[str] = []

    def install(self) -> None:
        """Install Node.js and the package, unless they are there."""
        self._npm(self.folder / "node", {"private": True}, f"node@{NODE[self.version]}")
        self._npm(self.folder / "prod", _PACKAGE, f"openclaw@{self.version}", "--ignore-scripts")
        modules = self.folder / "dev/node_modules"
        if not modules.is_dir():
            shutil.copytree(self.folder / "prod/node_modules", modules, symlinks=True, copy_function=os.link)

    def _npm(self, folder: Path, package: object, *arguments: str) -> None:
        if (folder / "node_modules").is_dir():
            return
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text(json.dumps(package))
        given = os.environ | {"PATH": f"{self.node}:{os.environ['PATH']}"}  # npm leaves out what its Node.js cannot run
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", *arguments], cwd=folder, env=given, check=True)

    def build(self, model: str) -> None:
        """Make the deployment anew around the installed package."""
        shutil.rmtree(self.home, ignore_errors=True)
        places = (".openclaw", ".openclaw-dev", ".openclaw-work", "Library/LaunchAgents", "tmp", "tmp-of-another")
        for place in places:
            (self.home / place).mkdir(parents=True)
        for name in ("prod", "dev"):
            _commit(self.folder / name)
        _pretend_built(self.folder / "prod")
        for name in (".openclaw/openclaw.json", "test.json"):
            (self.home / name).write_text(json.dumps(self._settings(model, self.state)))
        profile = self.home / ".openclaw-work"
        (profile / "openclaw.json").write_text(json.dumps(self._settings(model, profile)))
        self.write_service(self.folder / "prod")
        openclaw = f"{self.node}/node {self.folder}/prod/node_modules/openclaw/openclaw.mjs"
        text = _CONFIGURATION.format(folder=self.folder, home=self.home, port=self.port, openclaw=openclaw)
        (self.home / "guardrails.toml").write_text(text)

    def _settings(self, model: str, state: Path) -> object:
        models = [{"id": "m1", "name": "m1", "contextWindow": 200000, "maxTokens": 4096}]
        provider = {"baseUrl": model, "apiKey": "none", "api": "openai-completions", "models": models}
        return {
            "gateway": {
                "mode": "local",
                "port": self.port if state == self.state else self.other_port,
                "bind": "loopback",
                "auth": {"mode": "token", "token": _SECRET},
            },
            "agents": {"defaults": {"model": {"primary": "fake/m1"}, "workspace": str(state / "workspace")}},
            "models": {"mode": "merge", "providers": {"fake": provider}},
        }

    def write_service(self, repo: Path) -> None:
        """Define the service that starts the gateway of a checkout."""
        service = {
            "Label": "com.moltbot.gateway.prod",
            "ProgramArguments": [str(self.node / "node"), f"{repo}/node_modules/openclaw/dist/entry.js", "gateway"],
            "EnvironmentVariables": {"OPENCLAW_STATE_DIR": "~/.openclaw", "OPENCLAW_GATEWAY_TOKEN": _SECRET},
        }
        path = self.home / "Library/LaunchAgents/com.moltbot.gateway.prod.plist"
        path.write_bytes(plistlib.dumps(service))

    def environment(self, **variables: str) -> dict[str, str]:
        """The environment of a command on this deployment."""
        quiet = {"OPENCLAW_SKIP_CHANNELS": "1", "OPENCLAW_DISABLE_BONJOUR": "1", "TERM": "dumb", "NO_COLOR": "1"}
        path = f"{self.node}:/usr/local/bin:/usr/bin:/bin"
        return {
            "HOME": str(self.home),
            "TMPDIR": str(self.home / "tmp"),
            "PATH": path,
            "LANG": "C.UTF-8",
            **quiet,
        } | variables

    @contextmanager
    def gateway(
        self, folder: Path, port: int, *options: str, state: str = "~/.openclaw", **variables: str
    ) -> Iterator[bool]:
        """Run a gateway until the end of the block; says whether it came up.

        It is started in a folder, and runs the package there; that of production where the folder has none.
        """
        given = self.environment(OPENCLAW_STATE_DIR=state, OPENCLAW_GATEWAY_PORT=str(port), **variables)
        if not state:
            del given["OPENCLAW_STATE_DIR"]
        repo = folder if (folder / "node_modules").is_dir() else self.folder / "prod"
        command = [f"{self.node}/node", f"{repo}/node_modules/openclaw/openclaw.mjs", *options]
        command += ["gateway", "run", "--port", str(port), "--bind", "loopback"]
        with (self.home / f"gateway-{port}.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=folder, env=given, stdout=log, stderr=log, start_new_session=True)
            try:
                yield _answers(port, process)
            finally:
                _end(process, 20)

    def note(self, what: str, *, up: bool, expected: bool = True) -> None:
        """Say whether a gateway has come up, and note when that is not what was expected."""
        print(f" {what} {'is up' if up else 'did not come up'}", flush=True)
        if up is not expected:
            self.unexpected.append(f"{self.version} {what}: {'it is up' if up else 'it did not come up'}")

    @contextmanager
    def client(self) -> Iterator[None]:
        """Have a client look at the gateway for as long as the block runs."""
        command = [f"{self.node}/node", f"{self.folder}/prod/node_modules/openclaw/openclaw.mjs", "logs", "--follow"]
        given = self.environment(OPENCLAW_STATE_DIR="~/.openclaw")
        with (self.home / "client.log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=self.home, env=given, stdout=log, stderr=log, start_new_session=True
            )
            time.sleep(8)
            print(f" a client {'looks on' if process.poll() is None else 'HAS ENDED'}")
            try:
                yield
            finally:
                _end(process, 0)

    def openclaw(self, *arguments: str) -> None:
        """Run the client of the gateway, as its user would."""
        command = [f"{self.node}/node", f"{self.folder}/prod/node_modules/openclaw/openclaw.mjs", *arguments]
        given = self.environment(OPENCLAW_STATE_DIR="~/.openclaw")
        done = subprocess.run(
            command, env=given, cwd=self.home, capture_output=True, text=True, check=False, timeout=180
        )
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        print(f"    openclaw {' '.join(arguments[:2])}: {done.returncode} {''.join(last)[:100]}", flush=True)

    def check(self, expected: int, *arguments: str, env: str = "prod", **variables: str) -> None:
        """Ask the real check, print what it says, and note when its exit code is another one."""
        command = [sys.executable, "-m", "guardrails", "check", "--env", env, "--format", "json", "--timeout", "45"]
        given = {**self.environment(OPENCLAW_STATE_DIR="~/.openclaw"), "PYTHONPATH": f"{ROOT}:{ROOT}/policies"}
        started = time.monotonic()
        done = subprocess.run(
            [*command, *arguments], cwd=self.home, env=given | variables, capture_output=True, text=True, check=False
        )
        report = json.loads(done.stdout)
        told = " ".join([env, *(word for word in arguments if word not in ("--policy", *POLICIES))])
        print(
            f"  check {told}: {report['verdict']} ({done.returncode}) in {time.monotonic() - started:.2f} s", flush=True
        )
        for result in report["results"]:
            print(f"    {result['outcome']:5} {result['policy']}: {result['reason'] or ''}".rstrip(": "))
            for finding in result["findings"]:
                print(f"          {finding['message']}\n          observed {finding['observed']}")
                print(f"          expected {finding['expected']}\n          do       {finding['remediation']}")
        print(*(f"    error {error}\n" for error in report["errors"]), sep="", end="")
        if done.returncode != expected or _SECRET in done.stdout + done.stderr:
            self.unexpected.append(f"{self.version} {told}: {done.returncode}, expected {expected}")

    def check_gateways(self, expected: int, *arguments: str, env: str = "prod", **variables: str) -> None:
        """Ask for the policies about gateways alone, those of the moment."""
        listed = POLICIES[-1:] if "verify" in arguments else POLICIES
        chosen = [word for policy in listed for word in ("--policy", policy)]
        self.check(expected, *arguments, *chosen, env=env, **variables)


def _commit(repo: Path) -> None:
    repo.mkdir(exist_ok=True)
    if (repo / ".git").exists():
        shutil.rmtree(repo / ".git")
    (repo / ".gitignore").write_text("node_modules\ndist/\n")
    (repo / "pnpm-lock.yaml").write_text("lockfileVersion: '9.0'\n")
    named = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], [*named, "commit", "-qm", "First"]):
        subprocess.run(["git", *words], cwd=repo, check=True)


def _pretend_built(repo: Path) -> None:
    """Leave what a build and pnpm leave in a checkout: the package was built elsewhere, and installed by npm."""
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=repo, check=True, capture_output=True, text=True).stdout
    for name, text in (
        ("dist/build-info.json", json.dumps({"commit": head.strip()})),
        ("node_modules/.pnpm/lock.yaml", (repo / "pnpm-lock.yaml").read_text()),
    ):
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_text(text)


def _end(process: subprocess.Popen[bytes], patience: float) -> None:
    """End a process and those that it has started, which belong to its group."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, 15)
    with suppress(subprocess.TimeoutExpired):
        process.wait(patience)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, 9)
    process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError):
            try:
                urlopen(f"http://127.0.0.1:{port}/", timeout=2).close()
            except HTTPError as error:  # some versions have no page there, and answer all the same
                error.close()
            return True
        time.sleep(0.5)
    return False


class _Model(BaseHTTPRequestHandler):
    """A model that says one sentence, as a stream when that is asked for."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        about = {"id": "1", "created": 1, "model": "m1"}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        text, stop = {"role": "assistant", "content": "Hello."}, {"index": 0, "finish_reason": "stop"}
        if asked.get("stream"):
            part = about | {"object": "chat.completion.chunk", "choices": [stop | {"delta": text}], "usage": usage}
            body = f"data: {json.dumps(part)}\n\ndata: [DONE]\n\n".encode()
        else:
            body = json.dumps(about | {"object": "chat.completion", "choices": [stop | {"message": text}]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream" if asked.get("stream") else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def attempt(deployment: Deployment, model: str) -> None:
    """Play the whole trial with one version."""
    print(f"\nOpenClaw {deployment.version}", flush=True)
    deployment.install()
    deployment.build(model)
    print(" nothing is running")
    deployment.check_gateways(0)
    deployment.check_gateways(0, "--op", "start")
    deployment.check_gateways(1, "--op", "start", OPENCLAW_STATE_DIR="~/.openclaw-dev")
    prod, dev = deployment.folder / "prod", deployment.folder / "dev"
    with deployment.gateway(prod, deployment.port) as up:
        deployment.note("the gateway of prod", up=up)
        _use(deployment)
        _beside(deployment)
    print(" the gateway of prod was stopped")
    deployment.check_gateways(0)
    with deployment.gateway(dev, deployment.port, TMPDIR=str(deployment.home / "tmp-of-another")) as up:
        deployment.note("the gateway of dev, with the state of prod", up=up)
        deployment.check_gateways(1, "--op", "verify")
        deployment.check_gateways(1)
    with deployment.gateway(deployment.home, deployment.port) as up:
        deployment.note("the gateway of prod, started elsewhere", up=up)
        deployment.check_gateways(0 if deployment.version == "2026.9.6" else 2, "--op", "verify")
    deployment.write_service(dev)
    print(" the service runs from dev")
    deployment.check_gateways(1)


def _use(deployment: Deployment) -> None:
    """Give the gateway of production a job and a session, and ask for everything."""
    deployment.openclaw("cron", "add", "--name", "digest", "--cron", "0 7 * * *", "--system-event", "digest")
    if deployment.version not in WITHOUT_AGENTS:
        deployment.openclaw("agent", "--agent", "main", "--message", "hello")
        deployment.check(0, "--op", "verify")
    deployment.check(0, "--policy", "isolated-state-dirs", "--policy", "expected-cron-jobs")
    deployment.check_gateways(0)
    deployment.check_gateways(0, "--op", "start")


def _beside(deployment: Deployment) -> None:
    """Look at the gateway of production with others beside it."""
    with deployment.client():
        deployment.check_gateways(0, "--op", "verify")
    with deployment.gateway(deployment.folder / "prod", deployment.other_port, "--profile", "work", state="") as up:
        deployment.note("a gateway of the profile work, from the same package,", up=up)
        deployment.check_gateways(0)
        deployment.check_gateways(0, "--op", "verify")
    another = {
        "OPENCLAW_CONFIG_PATH": f"{deployment.home}/test.json",
        "OPENCLAW_ALLOW_MULTI_GATEWAY": "1",
        "TMPDIR": str(deployment.home / "tmp-of-another"),
    }
    for folder in (deployment.folder / "dev", deployment.folder / "prod", deployment.home):
        with deployment.gateway(folder, deployment.other_port, **another) as second:
            several = True in SEVERAL_GATEWAYS.at(deployment.version)
            deployment.note(f"a second gateway, from {folder.name}, on the same state", up=second, expected=several)
            deployment.check_gateways(1 if second else 0, "--op", "verify")


def main() -> int:
    """Try the versions named, or all."""
    folder = Path(sys.argv[1]).resolve()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Model) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        unexpected = []
        for version in sys.argv[2:] or NODE:
            deployment = Deployment(folder, version)
            attempt(deployment, f"http://127.0.0.1:{server.server_port}/v1")
            unexpected += deployment.unexpected
        server.shutdown()
    for line in unexpected:
        print(f"unexpected: {line}")
    return 1 if unexpected else 0


if __name__ == "__main__":
    sys.exit(main())
