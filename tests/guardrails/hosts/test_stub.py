"""The script that a host runs: what it passes by itself, what it hands on, and what it says when nobody judges."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from guardrails.hosts.kinds import HOSTS
from guardrails.hosts.stub import LIMIT, Watched, stub

SHELLS = [shell for name in ("sh", "dash", "bash") if (shell := shutil.which(name))]
SETTINGS, SCRIPT = "/home/me/.claude/settings.json", "/home/me/.local/share/guardrails/hosts/claude-code-0123"
NAMES = ("openclaw-prod", ".moltbot", "com.moltbot.gateway", "prod")
PROGRAMS = ("eval", "find", "mv", "rm", "systemctl")
VERBS = ("push", "reset", "stash")
WORDS = ("crontab", "guardrails", "settings.json")

FREE = [
    "ls -la src && grep -n foo README.md | head -3",
    "npm test -- --run --reporter=dot",
    "docker run --rm -it node:20 node -e 1",
    "git log --oneline; git status && git diff -- resetlog.txt",
    'echo "starting: product, reproduction; prodigal" > out.txt',
    "sed -n 1,20p x.py; python3 -m pytest tests/a.py::test_b",
    "cat <<EOF\nplain text, term by term\nEOF",
    "mvn test",
    "cd /srv/other && make -j4 all",
]
NAMED = [
    "cd ~/openclaw-prod && git reset --hard",
    "cd ~/openclaw-prod\nls",
    "cat ~/.moltbot/x",
    "git -C /home/me/openclaw-p''rod reset",
    'git -C /home/me/"openclaw-pro"d reset',
    "git -C /home/me/openclaw-p\\rod reset",
    "launchctl kickstart -k gui/501/com.moltbot.gateway",
    "make -C/srv/prod",
    "cd /srv/prod;ls",
    "tar -xCprod",
]
ASKED = [
    "rm -rf ~",
    "echo a\nrm -rf x",
    "echo a;rm x",
    "/bin/rm x",
    "r''m x",
    "r\\m x",
    "mv\tx y",
    "cd $x",
    "cd `x`",
    "cat a*",
    "cat ?rod",
    "cat {a,b}",
    "cat x{a,b}",
    "ls [a]b",
    "cd pr\\\nod",
    "cat ü",
    "cat \x01",
    "crontab",
    "eval x",
    "sed -i s/a/b/ settings.json",
    "uvx guardrails hook uninstall",
    "cd ../other && git stash drop",
    "git\tpush",
    "git -C x reset\n",
]


class Asking:
    """A stub whose judge notes how it was asked, and refuses or does what the test says."""

    def __init__(self, folder: Path, kind: str = "claude-code", does: str = "echo refused >&2; exit 2") -> None:
        self.folder, self.judge, self.script = folder, folder / "judge", folder / "stub"
        self.guarded = folder / "guarded/openclaw-prod"
        self.guarded.mkdir(parents=True)
        self.judge.write_text(f'#!/bin/sh\necho "$*" >"{folder}/asked"\ncat >"{folder}/input"\n{does}\n')
        self.judge.chmod(0o755)
        watched = Watched(NAMES, (str(self.guarded),), PROGRAMS, WORDS, VERBS)
        self.script.write_text(stub(kind, watched, SETTINGS, SCRIPT, "/etc/guardrails.toml", str(self.judge)))
        self.script.chmod(0o755)

    def call(self, text: str | bytes, shell: str = "/bin/sh", cwd: str = "/") -> subprocess.CompletedProcess[bytes]:
        """Run the stub as a host does, and forget how its judge was asked before."""
        for name in ("asked", "input"):
            (self.folder / name).unlink(missing_ok=True)
        given = text if isinstance(text, bytes) else asked(text)
        return subprocess.run([shell, self.script], input=given, cwd=cwd, capture_output=True, check=False)

    @property
    def words(self) -> str | None:
        """How the judge was asked, None when it was not."""
        path = self.folder / "asked"
        return path.read_text().partition("hook run")[2].strip() if path.exists() else None


def asked(command: str, cwd: str = "/home/me/desk", tool: str = "Bash") -> bytes:
    """A tool call as Claude Code writes it."""
    call = {
        "session_id": "0b5c",
        "transcript_path": "/home/me/.claude/projects/-home-me-work/0b5c.jsonl",
        "cwd": cwd,
        "permission_mode": "default",
        "hook_event_name": "PreToolUse",
        "tool_name": tool,
        "tool_input": {"command": command, "description": "Do it", "edits": [{"old": [1]}, {"new": []}]},
        "tool_use_id": "toolu_01",
    }
    return json.dumps(call, separators=(",", ":"), ensure_ascii=False).encode()


@pytest.fixture
def asking(tmp_path: Path) -> Asking:
    return Asking(tmp_path)


@pytest.mark.parametrize("shell", SHELLS)
def test_what_names_nothing_passes_without_a_judge(asking: Asking, shell: str) -> None:
    for text in FREE:
        done = asking.call(text, shell)
        assert (done.returncode, done.stdout, done.stderr, asking.words) == (0, b"", b"", None), text


@pytest.mark.parametrize("shell", SHELLS)
def test_what_names_a_place_is_judged_as_such(asking: Asking, shell: str) -> None:
    for text in NAMED:
        done = asking.call(text, shell)
        assert asking.words == "claude-code --config=/etc/guardrails.toml --named", text
        assert (done.returncode, done.stderr) == (2, b"refused\n"), text
        assert (asking.folder / "input").read_bytes() == asked(text) + b"\n"


@pytest.mark.parametrize("shell", SHELLS)
def test_what_may_act_on_what_it_does_not_name_is_judged(asking: Asking, shell: str) -> None:
    for text in ASKED:
        assert (asking.call(text, shell).returncode, asking.words) == (
            2,
            "claude-code --config=/etc/guardrails.toml",
        ), text


def test_a_link_by_another_name_is_not_known(asking: Asking) -> None:
    (asking.folder / "elsewhere").symlink_to(asking.guarded)
    asking.call(f"touch {asking.folder}/elsewhere/x")
    assert asking.words is None, "docs/agents.md says so"


def test_what_a_script_does_is_not_known(asking: Asking) -> None:
    (asking.folder / "clean.sh").write_text(f"rm -rf {asking.guarded}\n")
    for text in (f"sh {asking.folder}/clean.sh", f"make -C {asking.folder} clean", "python3 clean.py"):
        asking.call(text)
        assert asking.words is None, "docs/agents.md says so"


@pytest.mark.parametrize("shell", SHELLS)
def test_where_a_call_stands_counts(asking: Asking, shell: str) -> None:
    inside = asking.guarded / "src"
    inside.mkdir()
    (asking.folder / "link").symlink_to(inside)
    for cwd in (inside, asking.guarded, asking.folder / "link"):
        asking.call("ls", shell, cwd=str(cwd))
        assert (asking.words or "").endswith("--named")
    asking.call(asked("ls", cwd="/home/me/openclaw-prod"), shell)
    assert (asking.words or "").endswith("--named")
    asking.call("ls", shell, cwd=str(asking.folder))
    assert asking.words is None


@pytest.mark.parametrize(
    "given", [b"", b"x", b"{}", b'{"tool_name":"Bash"}', b"\xff\xfe", asked("ls")[:-1], asked("ls") + b"x", b"{\0}"]
)
def test_what_is_no_call_is_judged(asking: Asking, given: bytes) -> None:
    asking.call(given)
    assert asking.words == "claude-code --config=/etc/guardrails.toml"


def test_nothing_of_a_call_is_run_or_expanded(asking: Asking) -> None:
    text = f"$(touch {asking.folder}/owned) `touch {asking.folder}/owned` * ~ ${{IFS}} \\n %s -n"
    asking.call(text)
    assert (asking.folder / "input").read_bytes() == asked(text) + b"\n"
    assert not (asking.folder / "owned").exists()


@pytest.mark.parametrize("code", [1, 5, 126, 139])
def test_every_other_end_of_the_judge_is_a_refusal(tmp_path: Path, code: int) -> None:
    asking = Asking(tmp_path, does=f"exit {code}")
    done = asking.call("rm x")
    assert done.returncode == 2
    assert done.stderr == b"guardrails: the judge ended with %d, so this call is refused\n" % code


def test_a_judge_that_is_killed_has_refused(tmp_path: Path) -> None:
    done = Asking(tmp_path, does="kill -9 $$").call("rm x")
    assert done.returncode == 2
    assert b"ended with 137" in done.stderr


def test_what_the_judge_says_goes_on_to_the_host(tmp_path: Path) -> None:
    done = Asking(tmp_path, does='echo "{}"').call("rm x")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"{}\n", b"")


@pytest.mark.parametrize("does", [None, "exit 3"])
def test_without_an_interpreter_only_what_names_a_place_is_refused(tmp_path: Path, does: str | None) -> None:
    asking = Asking(tmp_path, does=does or "")
    if does is None:
        asking.judge.unlink()
    for text in NAMED:
        done = asking.call(text)
        assert done.returncode == 2
        [line] = done.stderr.decode().splitlines()
        assert str(asking.judge) in line
        assert f"remove what names {SCRIPT} from {SETTINGS}" in line
    for text in (*FREE, *ASKED):
        done = asking.call(text)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), text


def test_guardrails_that_is_not_installed_for_the_interpreter_counts_as_gone(tmp_path: Path) -> None:
    asking = Asking(tmp_path)
    asking.judge.unlink()
    asking.judge.symlink_to(Path(sys.executable).resolve())  # it knows no virtual environment of ours
    assert asking.call("rm x").returncode == 0
    done = asking.call("rm prod")
    assert (done.returncode, b"install guardrails there again" in done.stderr) == (2, True)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_long_call_is_answered_soon(asking: Asking, shell: str) -> None:
    for filling in ("a", '"a" ', "a b c\n", "'", "\\"):
        call = asked(filling * ((LIMIT - 1000) // len(json.dumps(filling)[1:-1])))
        assert len(call) <= LIMIT
        before = time.monotonic()
        assert asking.call(call, shell).returncode == 2
        assert asking.words == "claude-code --config=/etc/guardrails.toml"
        assert (asking.folder / "input").read_bytes() == call + b"\n"
        assert time.monotonic() - before < 10, "a hang, not a slow machine"
    done = asking.call(asked("a" * LIMIT), shell)
    assert (done.returncode, asking.words) == (2, None)
    assert b"longer than 1048576 bytes" in done.stderr


def test_a_call_that_passes_costs_less_than_a_bare_python(asking: Asking) -> None:
    call = asked(FREE[0])

    def seconds(*command: str | os.PathLike[str]) -> float:
        before = time.perf_counter()
        subprocess.run(command, input=call, capture_output=True, check=True)
        return time.perf_counter() - before

    pairs = [(seconds(asking.script), seconds(sys.executable, "-I", "-c", "pass")) for _ in range(15)]
    assert statistics.median(ours / python for ours, python in pairs) < 0.8


def test_cursor_hears_json_of_what_passes(tmp_path: Path) -> None:
    asking = Asking(tmp_path, "cursor")
    done = asking.call(b'{"hook_event_name":"beforeShellExecution","command":"ls","cwd":"/srv"}')
    assert (done.returncode, done.stdout, asking.words) == (0, b"{}\n", None)


@pytest.mark.parametrize("kind", HOSTS)
@pytest.mark.parametrize(
    "name", ["a b", "it's", "$(touch owned)", "`id`", '"', "*", "[ab]", "%s", "line\nbreak", "{python}", "\\"]
)
def test_any_path_and_name_is_data(tmp_path: Path, kind: str, name: str) -> None:
    judge = tmp_path / name
    judge.write_text("#!/bin/sh\nexit 0\n")
    judge.chmod(0o755)
    watched = Watched((name,), (f"/srv/{name}",), PROGRAMS, WORDS, VERBS)
    path = tmp_path / "stub"
    path.write_text(stub(kind, watched, f"/home/{name}/x", f"/opt/{name}", f"/etc/{name}.toml", str(judge)))
    assert subprocess.run(["/bin/sh", "-n", path], check=False).returncode == 0
    done = subprocess.run(["/bin/sh", path], input=asked("rm x"), cwd="/", capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    judge.unlink()
    done = subprocess.run(["/bin/sh", path], input=asked(f"ls {name}"), cwd="/", capture_output=True, check=False)
    assert done.returncode == 2, "the name is known again as it stands in JSON"
    judge.touch()
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted({name, "stub"})
