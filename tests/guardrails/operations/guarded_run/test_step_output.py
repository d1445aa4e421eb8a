"""What a step writes is shown as it comes and kept, for real steps under a real parent."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from guardrails.operations.guarded_run.step_output import END, LIMIT
from progress import come_true, elapsed, output_of

RUN = """
import os, resource, sys
from guardrails.operations.guarded_run.run_command import Signals, execute
with Signals() as signals:
    code = execute(sys.argv[2:], folder="/", variables=os.environ, signals=signals, output=sys.argv[1])
sys.stderr.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)
"""
TOKEN = "ghp_" + "a1B2" * 9
FLOOD = "import os\nfor number in range({parts}): os.write(1, (b'{line}' + b'\\n') * {lines})\nprint('the end')"


def started(kept: Path, *words: str, stdout: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(kept), *words], stdout=stdout, stderr=subprocess.PIPE, start_new_session=True
    )


def done(kept: Path, *words: str) -> tuple[int, bytes]:
    code, shown, _ = measured(kept, *words)
    return code, shown


def measured(kept: Path, *words: str) -> tuple[int, bytes, int]:
    """As `done`, and with the memory that the largest of the children took, in KiB."""
    with started(kept, *words) as process:
        shown, said = output_of(process)
    return process.returncode, shown, int(said or b"0")


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "step-1.log"


def test_both_outputs_are_shown_and_kept_for_us_alone(kept: Path) -> None:
    code, shown = done(kept, "sh", "-c", r"printf 'one\n'; printf '\033[31mtwo\377' >&2; exit 3")
    assert (code, shown) == (3, b"one\n\x1b[31mtwo\xff")
    assert kept.read_bytes() == shown
    assert kept.stat().st_mode & 0o777 == 0o600
    assert done(kept, "echo", "again") == (0, b"again\n")
    assert kept.read_bytes() == shown + b"again\n"


@pytest.mark.parametrize("text", ["a line\\n", "half a line", "10%%\\r"])
def test_text_is_shown_before_the_step_ends(kept: Path, tmp_path: Path, text: str) -> None:
    go = tmp_path / "go"
    with started(kept, "sh", "-c", f"printf '{text}'; until test -e {go}; do sleep 0.05; done") as process:
        assert process.stdout is not None
        shown = os.read(process.stdout.fileno(), 100)
        assert shown == kept.read_bytes() == text.replace("\\n", "\n").replace("\\r", "\r").replace("%%", "%").encode()
        assert process.poll() is None
        go.touch()
        assert process.wait(20) == 0


def test_a_step_outlives_a_killed_run_and_its_output_is_kept(kept: Path, tmp_path: Path) -> None:
    go = tmp_path / "go"
    with started(kept, "sh", "-c", f"echo before; until test -e {go}; do sleep 0.05; done; echo after") as process:
        come_true(lambda: kept.exists() and kept.read_bytes() == b"before\n")
        process.kill()
        assert process.communicate(timeout=10)[0] == b"before\n", "nothing holds our output open"
    go.touch()
    come_true(lambda: kept.read_bytes() == b"before\nafter\n")


@pytest.mark.sample(3)
@pytest.mark.parametrize(
    "line", ["plain words " * 7, "--progress=abcdefghijkl " * 3, "x" * 65535], ids=["plain", "hinting", "long"]
)
def test_a_flood_is_bounded_in_file_memory_and_time(kept: Path, line: str) -> None:
    lines = max(1, 65536 // (len(line) + 1))
    began = time.monotonic()
    flood = FLOOD.format(parts=3200, line=line, lines=lines)
    code, shown, memory = measured(kept, sys.executable, "-c", flood)
    assert code == 0
    assert elapsed(began) < 20
    assert kept.stat().st_size < LIMIT + END + 100
    assert kept.read_bytes() == shown
    assert b" bytes left out]\n" in shown
    assert shown.endswith(b"the end\n")
    assert memory < 100 * 1024


def test_a_secret_is_neither_shown_nor_kept(kept: Path) -> None:
    code, shown = done(kept, "sh", "-c", f"echo before; echo 'token: {TOKEN}'; echo after; printf 'last {TOKEN}'")
    assert code == 0
    assert TOKEN.encode() not in shown
    assert b"***" in shown
    assert shown.startswith(b"before\n")
    assert b"after\n" in shown
    assert kept.read_bytes() == shown


def test_nobody_reads_our_output(kept: Path) -> None:
    read, written = os.pipe()
    os.close(read)
    with started(kept, "sh", "-c", "echo one; sleep 0.3; echo two", stdout=written) as process:
        os.close(written)
        assert process.wait(20) == 0
    assert kept.read_bytes() == b"one\ntwo\n"


def test_an_interrupt_reaches_the_step_and_its_last_words_are_kept(kept: Path) -> None:
    step = "trap 'echo stopped; exit 7' INT; echo ready; while :; do sleep 0.05; done"
    with started(kept, "sh", "-c", step) as process:
        come_true(lambda: kept.exists() and kept.read_bytes() == b"ready\n")
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does, so the relay gets it too
        shown, _ = process.communicate(timeout=20)
    assert (process.returncode, shown) == (7, b"ready\nstopped\n")
    assert kept.read_bytes() == shown


def test_what_a_step_leaves_behind_holds_up_nobody(kept: Path, tmp_path: Path) -> None:
    go = tmp_path / "go"
    began = time.monotonic()
    daemon = f"(until test -e {go}; do sleep 0.05; done; echo later) & echo started"
    assert done(kept, "sh", "-c", daemon) == (0, b"started\n")
    assert time.monotonic() - began < 8
    go.touch()
    come_true(lambda: kept.read_bytes() == b"started\nlater\n")


def test_the_relay_holds_no_other_descriptor(kept: Path, tmp_path: Path) -> None:
    holder = (
        f"""
import fcntl, os, sys
lock = os.open({str(tmp_path)!r}, os.O_RDONLY)
fcntl.flock(lock, fcntl.LOCK_EX)
"""
        + RUN
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(kept), "sh", "-c", "sleep 30 & echo $!"], stdout=subprocess.PIPE
    ) as process:
        shown, _ = process.communicate(timeout=20)
    lock = os.open(tmp_path, os.O_RDONLY)
    try:
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(lock)
        os.kill(int(shown), signal.SIGKILL)
