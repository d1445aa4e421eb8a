"""Nothing is imported from where guardrails is started, nor where Python's variables lead; interrupts are quiet."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from guardrails import start
from progress import output_of
from worlds.small_world import ROOT, SmallWorld, bare_world, write

MODULE = [sys.executable, "-m", "guardrails"]
SCRIPT = [sys.executable, str(ROOT / "scripts/guardrails")]  # an installer puts the interpreter into its first line
SHADOWS = ("json", "argparse", "select", "re", "pluggy", "tomllib", "shlex", "__future__", "subprocess")
EARLY = """
import os, signal, sys
from guardrails import start
at, main = int(sys.argv.pop(1)), os.getpid()
class Interrupts:
    count = 0
    def find_spec(self, *_):
        Interrupts.count += 1
        if Interrupts.count == at and os.getpid() == main:
            os.kill(main, signal.SIGINT)
sys.meta_path.insert(0, Interrupts())
start.entry()
"""


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    """A world whose repository holds modules that say that they were imported, and allow."""
    made = bare_world(tmp_path)
    made.configure("[policies.clean-worktree]")
    proof = str(tmp_path / "proof")
    for name in SHADOWS:
        write(made.prod / f"{name}.py", f"open({proof!r}, 'a').write({name!r})\nraise SystemExit(0)\n")
    write(made.prod / "lib/python/site-packages/json.py", (made.prod / "json.py").read_text())
    return made


def run(world: SmallWorld, command: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*command, "check", "--env", "prod"],
        cwd=world.prod,
        env=world.environment(**variables),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("variables", [{}, {"PYTHONPATH": ":"}, {"PYTHONPATH": "."}, {"PYTHONSAFEPATH": "1"}])
def test_a_module_of_the_working_directory_is_not_imported(world: SmallWorld, variables: dict[str, str]) -> None:
    done = run(world, MODULE, **variables)
    assert not (world.folder.parent / "proof").exists()
    assert (done.returncode, "json.py is not as HEAD says" in done.stdout) == (1, True), done.stderr


@pytest.mark.parametrize("path", [":", ".", ":/nonexistent", "/nonexistent::", "lib/python/site-packages", "{prod}"])
def test_what_python_path_leads_to_is_not_imported(world: SmallWorld, path: str) -> None:
    done = run(world, SCRIPT, PYTHONPATH=path.format(prod=world.prod))
    assert not (world.folder.parent / "proof").exists()
    assert (done.returncode, "json.py is not as HEAD says" in done.stdout) == (1, True), done.stderr


@pytest.mark.parametrize("name", sorted({*start.LEADING} - {"PYTHONHOME", "PYTHONPLATLIBDIR"}))
def test_no_variable_that_leads_to_code_counts(world: SmallWorld, name: str) -> None:
    done = run(world, SCRIPT, **{name: str(world.prod)})
    assert not (world.folder.parent / "proof").exists()
    is_lost = name == "PYTHONEXECUTABLE"  # Python itself then looks for modules where that leads
    assert done.returncode == (2 if is_lost else 1), done.stderr
    assert done.stderr.startswith("guardrails: cannot be loaded" if is_lost else "")


def test_bytecode_that_lies_elsewhere_is_not_run(world: SmallWorld, tmp_path: Path) -> None:
    """A file of bytecode counts when it names the time and size of its source, whatever it does."""
    import importlib.util
    import py_compile

    import guardrails.engine.gate

    source = Path(guardrails.engine.gate.__file__)
    false = write(tmp_path / "gate.py", f"open({str(tmp_path / 'proof')!r}, 'w').write('x')\n")
    compiled = Path(py_compile.compile(str(false), doraise=True) or "").read_bytes()
    status = source.stat()
    stamp = int(status.st_mtime).to_bytes(4, "little") + status.st_size.to_bytes(4, "little")
    assert compiled[:4] == importlib.util.MAGIC_NUMBER
    prefix = tmp_path / "prefix"
    planted = prefix / source.parent.relative_to("/") / f"gate.{sys.implementation.cache_tag}.pyc"
    planted.parent.mkdir(parents=True)
    planted.write_bytes(compiled[:8] + stamp + compiled[16:])
    done = run(world, SCRIPT, PYTHONPYCACHEPREFIX=str(prefix))
    assert not (tmp_path / "proof").exists()
    assert done.returncode == 1, done.stderr


def test_it_is_started_once_where_nothing_leads_away(world: SmallWorld) -> None:
    code = "import os, sys; os.execv = lambda *_: os._exit(9); sys.path[0] = '/nonexistent'; "
    code += "from guardrails.start import entry; entry()"
    assert run(world, [sys.executable, "-c", code]).returncode == 1
    assert run(world, [sys.executable, "-c", code], PYTHONPATH=".").returncode == 9
    assert run(world, [sys.executable, "-E", "-c", code], PYTHONPATH=".").returncode == 1, "it is not read"


def test_where_it_is_not_installed_nothing_is_decided(world: SmallWorld) -> None:
    base = str(Path(sys.executable).resolve())
    root = Path(start.__file__).parents[1]
    done = run(world, [base, "-m", "guardrails"], PYTHONPATH=f"{root}:{root}/policies")
    assert done.returncode == 2
    assert done.stderr.startswith("guardrails: is not installed for this Python")
    assert len(done.stderr.splitlines()) == 1


def test_a_damaged_module_is_one_line(world: SmallWorld, tmp_path: Path) -> None:
    (tmp_path / "damaged/guardrails").mkdir(parents=True)
    (tmp_path / "damaged/guardrails/__init__.py").write_text("import marshal\nmarshal.loads(b'c')\n")
    done = run(world, SCRIPT, PYTHONPATH=str(tmp_path / "damaged"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == ("guardrails: cannot be loaded, so install it anew: EOFError('marshal data too short')\n")


def test_an_interrupt_at_any_import_is_one_line(world: SmallWorld) -> None:
    """Before the first module of ours is there, and between each and the next."""
    at = 1
    while True:
        done = run(world, [sys.executable, "-P", "-c", EARLY, str(at)])
        if done.returncode != 130:
            break
        assert done.stderr == "guardrails: interrupted\n", f"import {at}"
        at += 7
    assert done.returncode == 1, done.stderr
    assert at > 20


def test_an_interrupt_later_is_one_line(world: SmallWorld) -> None:
    assert world.check().returncode == 1
    codes: set[int] = set()
    for _ in range(8):
        with subprocess.Popen(
            [sys.executable, "-P", "-c", EARLY, "0", "check", "--env", "prod"],
            cwd=world.folder,
            env=world.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            time.sleep(0.06 + 0.01 * len(codes))
            process.send_signal(signal.SIGINT)
            _, said = output_of(process)
        codes.add(process.returncode)
        if process.returncode == 130:  # else it had ended before, or Python had not begun with the first line
            assert said == "guardrails: interrupted\n"
    assert 130 in codes


@pytest.mark.parametrize("way", [MODULE, [*MODULE[:1], "-P", *MODULE[1:]], SCRIPT])
def test_a_parent_that_ignores_or_holds_back_signals_changes_no_verdict(world: SmallWorld, way: list[str]) -> None:
    """With SIGCHLD ignored, the kernel forgets how children ended, and waiting for them fails."""

    def deaf() -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGALRM, signal.SIGTERM})

    done = subprocess.run(
        [*way, "check", "--env", "prod", "--format", "json"],
        cwd=world.folder,
        env=world.environment(),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=deaf,
    )
    assert (done.returncode, done.stderr) == (1, "")
    for name in SHADOWS:
        (world.prod / f"{name}.py").unlink()
    subprocess.run(["rm", "-r", str(world.prod / "lib")], check=True)
    done = subprocess.run(
        [*way, "check", "--env", "prod"],
        cwd=world.folder,
        env=world.environment(),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=deaf,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_an_ignored_interrupt_stays_ignored(world: SmallWorld) -> None:
    """As a shell leaves it for a command in the background."""
    code = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    done = run(world, [sys.executable, "-c", code, sys.executable, "-P", "-c", EARLY, "3"])
    assert done.returncode == 1, done.stderr
