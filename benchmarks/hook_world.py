"""A repository to commit in and push from, guarded by real hooks, and the twenty policies that judge a push.

Everything is below one folder: the home of its user, the log, the caches, a bare repository to push to, and clones of
it. Each clone has one commit more on `main` than its remote, so that a push adds that.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from timing import Timed

POLICIES = 20

_CONFIGURATION = """\
extends = ["openclaw"]
[environments.prod]
repo = "prod"
state_dir = "state/prod"
branch = "main"
[environments.dev]
repo = "dev"
state_dir = "state/dev"

# protected-refs and fast-forward-only are those of the profile
[policies]
clean-worktree.when = ["push"]
expected-branch.when = ["push"]
isolated-state-dirs.when = ["push"]
current-build.when = ["push"]
state-dir-variable.when = ["push"]
single-gateway.when = ["push"]
expected-cron-jobs = { when = ["push"], jobs = [{ name = "daily digest", schedule = "0 7 * * *" }] }
active-sessions.when = ["push"]
required-config.when = ["push"]
release-window = { when = ["push"], freezes = [{ start = "2099-12-20T00:00:00Z", end = "2100-01-04T00:00:00Z" }] }
package-name = { use = "required-config", when = ["push"], file = "package.json", values = { name = "openclaw" } }
node-version = { use = "required-config", when = ["push"], file = "package.json", present = ["engines.node"] }
licences = { use = "required-files", when = ["push"], files = ["LICENSE", "README.md"] }
built-files = { use = "required-files", when = ["push"], files = ["dist/entry.js", "dist/ui/*.js"] }
lock-file = { use = "required-files", when = ["push"], files = ["pnpm-lock.yaml"] }
built-after-lock = { use = "fresh-file", when = ["push"], file = "dist/entry.js", newer_than = "pnpm-lock.yaml" }
nightly-backup = { use = "fresh-file", when = ["push"], file = "~/backup.tar.gz", newer_than = "26h" }
plain-locale = { use = "environment-variable", when = ["push"], name = "LC_ALL", value = "C" }
"""
_TRACKED = {
    ".gitignore": "dist/\n",
    "LICENSE": "MIT\n",
    "README.md": "# A gateway\n",
    "package.json": '{"name": "openclaw", "engines": {"node": ">=22"}}\n',
    "pnpm-lock.yaml": "lockfileVersion: '9.0'\n",
}
_JOB = {
    "id": "digest",
    "name": "daily digest",
    "enabled": True,
    "schedule": {"kind": "cron", "expr": "0 7 * * *"},
    "state": {"nextRunAtMs": 4_000_000_000_000},
}


class World:
    """The repositories; `clone` makes one more, `prod` is the guarded one."""

    def __init__(self, folder: Path, files: int) -> None:
        self.folder, self.server, self.prod = folder, folder / "server.git", folder / "prod"
        self.environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder / "home"), "LC_ALL": "C"}
        for who in ("AUTHOR", "COMMITTER"):
            self.environment |= {f"GIT_{who}_NAME": "Ada Example", f"GIT_{who}_EMAIL": "ada@example.org"}
            self.environment[f"GIT_{who}_DATE"] = "2026-02-01T10:00:00Z"  # so that all clones have the same commits
        (folder / "home").mkdir()
        (folder / "home/backup.tar.gz").write_text("as of now\n")
        (folder / "home/.gitconfig").write_text("[gc]\nauto = 0\n")  # nothing runs beside what is measured
        (folder / "guardrails.toml").write_text(_CONFIGURATION)
        self.git("init", "-q", "--bare", "-b", "main", str(self.server), cwd=folder)
        self._first_commit(folder / "dev", files)
        self.clone(self.prod)
        self._build()
        self._states()
        self.log = folder / "home/.local/state/guardrails/prod/audit.jsonl"
        old, new = (self.said("git", "rev-parse", name) for name in ("main~1", "main"))
        self.adding = f"refs/heads/main {new} refs/heads/main {old}\n".encode()
        self.rewinding = f"refs/heads/main {old} refs/heads/main {new}\n".encode()

    def clone(self, path: Path) -> None:
        """Clone the server's repository; what is on its `main` is one commit behind."""
        self.git("clone", "-q", str(self.server), str(path), cwd=self.folder)
        (path / "src/0/0.ts").write_text("export const n = -1;\n")
        self.git("commit", "-qam", "one more", cwd=path)

    def run(self, *command: str, cwd: Path | None = None, stdin: bytes = b"") -> Timed:
        """Run and measure a command as the user of this world, in the guarded repository by default."""
        return Timed(command, self.environment, cwd or self.prod, stdin)

    def git(self, *arguments: str, cwd: Path | None = None) -> Timed:
        """Run git; stops the benchmark when it fails."""
        done = self.run("git", *arguments, cwd=cwd)
        if done.code:
            sys.exit(f"git {' '.join(arguments)}: {done.complaints.decode(errors='replace')}")
        return done

    def said(self, *command: str) -> str:
        """What a command prints, without its last newline."""
        return self.run(*command).output.decode().removesuffix("\n")

    def guardrails(self, *arguments: str, stdin: bytes = b"") -> Timed:
        """Run guardrails in the guarded repository."""
        return self.run(sys.executable, "-P", "-m", "guardrails", *arguments, stdin=stdin)

    def install(self, kind: str) -> Path:
        """Put a hook into the guarded repository, and give its path. Stops the benchmark when git would not run it."""
        done = self.guardrails("hook", "install", kind, "--env", "prod")
        if done.code:
            sys.exit(f"{kind}: {(done.output + done.complaints).decode(errors='replace')}")
        return self.prod / ".git/hooks" / kind

    def records(self) -> list[dict[str, object]]:
        """What the audit log holds."""
        return [json.loads(line) for line in self.log.read_bytes().splitlines()] if self.log.exists() else []

    def _first_commit(self, dev: Path, files: int) -> None:
        self.git("init", "-q", "-b", "main", str(dev), cwd=self.folder)
        for name, text in _TRACKED.items():
            (dev / name).write_text(text)
        for number in range(files - len(_TRACKED)):
            path = dev / f"src/{number % 40}/{number}.ts"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"export const n = {number};\n")
        self.git("add", "-A", cwd=dev)
        self.git("commit", "-qm", "files", cwd=dev)
        self.git("push", "-q", str(self.server), "main", cwd=dev)

    def _build(self) -> None:
        (self.prod / "dist/ui").mkdir(parents=True)
        (self.prod / "dist/entry.js").write_text("// built\n")
        (self.prod / "dist/ui/index.js").write_text("// built\n")
        (self.prod / "dist/build-info.json").write_text(json.dumps({"commit": self.said("git", "rev-parse", "main")}))

    def _states(self) -> None:
        for name in ("prod", "dev"):
            state = self.folder / "state" / name
            (state / "cron").mkdir(parents=True)
            (state / "openclaw.json").write_text('{"gateway": {"mode": "local"}}\n')
            (state / "cron/jobs.json").write_text(json.dumps({"version": 1, "jobs": [_JOB]}))
            (state / "agents/main/sessions").mkdir(parents=True)
            (state / "agents/main/sessions/one.jsonl").write_text("{}\n")
        self.environment["OPENCLAW_STATE_DIR"] = str(self.folder / "state/prod")
