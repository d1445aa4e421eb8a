"""Whatever happens to the places that a check writes to, reads from or lives in: it never says 0 by accident."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from guardrails import cache
from plugin_packages import PREAMBLE, install, policy_class, provide
from progress import come_true, elapsed, output_of, run_to_its_end
from worlds.small_world import SmallWorld, bare_world, left_over, outcomes, same_but_for_times, small_world, write

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> SmallWorld:
    """A world in which everything is well; tests leave it as it was."""
    made = small_world(tmp_path_factory.mktemp("well"))
    assert made.check("--env", "prod").returncode == 0
    return made


def shell(world: SmallWorld, line: str, **env: str | None) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which `$CHECK` is a check of prod."""
    check = f"{sys.executable} -m guardrails check --env prod"
    return run_to_its_end(
        ["bash", "-c", line],
        env=world.environment(CHECK=check, **env),
        cwd=world.folder,
        text=True,
    )


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    "line",
    [
        "$CHECK --format {form} >&-",
        pytest.param("$CHECK --format {form} >/dev/full", marks=needs_full),
        pytest.param("$CHECK --format {form} >/dev/full 2>/dev/full", marks=needs_full),
        "$CHECK --format {form} >&- 2>&-",
        "$CHECK --format {form} <&- >&- 2>&-",
    ],
)
def test_standard_output_that_takes_nothing_is_no_allow(world: SmallWorld, line: str, form: str) -> None:
    done = shell(world, line.format(form=form))
    assert done.returncode == 2, done
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 1, done.stderr


def test_a_reader_that_leaves_early_gets_no_allow(world: SmallWorld) -> None:
    done = shell(world, "$CHECK --verbose | { exec <&-; sleep 0.01; }; echo ${PIPESTATUS[0]}")
    assert done.stdout.strip() in {"2", "141"}, done
    assert "Traceback" not in done.stderr


def test_a_reader_of_the_first_line_is_no_allow_or_got_it_all(world: SmallWorld) -> None:
    done = shell(world, "$CHECK | head -1; echo ${PIPESTATUS[0]}")
    first, code = done.stdout.splitlines()
    assert first.startswith("guardrails ")
    assert code in {"0", "2", "141"}  # 0 when all of it was in the pipe before the reader left
    assert done.stderr == ""


@pytest.mark.parametrize("line", ["$CHECK --op push --updates - <&-", "$HOOK pre-push --env prod <&-"])
def test_a_closed_standard_input_is_no_empty_one(world: SmallWorld, line: str) -> None:
    hook = f"cd prod; {sys.executable} -m guardrails hook run --config ../guardrails.toml"
    done = shell(world, line.replace("$HOOK", hook))
    assert (done.returncode, done.stderr) == (2, "guardrails: standard input is closed\n")


def test_too_little_memory_is_one_line(world: SmallWorld) -> None:
    code = (
        "from guardrails import cli, config; import resource\n"
        "def greedy(_):\n"
        "    resource.setrlimit(resource.RLIMIT_AS, (1 << 30,) * 2)\n"
        "    return bytes(1 << 31)\n"
        "config.load = greedy\n"
        "raise SystemExit(cli.main(['check', '--env', 'prod']))\n"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, env=world.environment(), cwd=world.folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (2, "guardrails: there is not enough memory\n")


@pytest.mark.parametrize("line", ["$CHECK 2>&-", "$CHECK <&-", "$CHECK <&- 2>&-", "$CHECK 3>&- 4<&-"])
def test_only_standard_output_is_needed(world: SmallWorld, line: str) -> None:
    done = shell(world, line)
    assert done.stdout.splitlines()[-1].startswith("ALLOW"), done
    assert done.returncode == 0


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_output_file_is_the_report(world: SmallWorld, tmp_path: Path, form: str) -> None:
    done = world.check(
        "--env", "prod", "--quiet", "--output", f"{form}:{tmp_path}/a", "--output", f"{form}:{tmp_path}/b"
    )
    assert done.returncode == 0
    text = (tmp_path / "a").read_text()
    assert text == (tmp_path / "b").read_text()
    if form == "json":
        assert json.loads(text)["verdict"] == "allow"
    else:
        assert text.splitlines()[-1].startswith("ALLOW")


@pytest.mark.parametrize(
    "place",
    [
        "{tmp}/missing/report",
        "{tmp}",
        pytest.param("/dev/full", marks=needs_full),
        "/proc/nothing/report",
        "{tmp}/a\udcff",
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_an_output_file_that_cannot_be_written_is_no_allow(
    world: SmallWorld, tmp_path: Path, place: str, form: str
) -> None:
    place = place.format(tmp=tmp_path)
    done = world.check("--env", "prod", "--format", form, "--output", f"json:{place}")
    if "\udcff" in place and done.returncode == 0:
        assert os.path.exists(os.fsencode(place))  # a name that is not UTF-8 is a name nevertheless
        return
    assert done.returncode == 2, done
    assert done.stderr.count("\n") == 1
    assert "cannot be written" in done.stderr
    if form == "json":
        report = json.loads(done.stdout)
        assert (report["exit_code"], report["verdict"]) == (2, "deny")
        assert "cannot be written" in report["errors"][0]["message"]
    else:
        assert done.stdout.splitlines()[-1].startswith("DENY  could not decide")


def test_an_output_file_that_cannot_be_written_does_not_hide_a_failure(tmp_path: Path) -> None:
    broken = small_world(tmp_path)
    write(broken.prod / "src/gateway.ts", "export const port = 1;\n")
    assert broken.check("--env", "prod", "--output", "json:/nowhere/x").returncode == 1


SLOW = f"""{PREAMBLE}
class Slow(Fact):
    @classmethod
    async def gather(cls, world):
        variables = world.environment.variables
        if variables["place"] == "child":
            script = "touch " + variables["mark"] + "; sleep 1000 & sleep 1000"
            await Command(["/bin/sh", "-c", script], {{}}, timeout=world.timeout)
        if variables["place"] == "gatherer":
            open(variables["mark"], "w").close()
            while True: pass
        return cls(variables["mark"])

    mark: str


class SlowToJudge(Policy):
    id = "slow-to-judge"
    title = source = "a test"

    def evaluate(self, slow: Slow):
        open(slow.mark, "w").close()
        while True: pass
"""


@pytest.mark.parametrize("place", ["judge", "child", "gatherer"])
@pytest.mark.parametrize(
    ("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, -9)]
)
def test_a_check_that_is_ended_takes_everything_along(
    tmp_path: Path, place: str, sent: signal.Signals, code: int
) -> None:
    world = bare_world(tmp_path)
    install(tmp_path / "plugin", "slow", SLOW + provide("SlowToJudge"))
    world.python_path.insert(0, str(tmp_path / "plugin"))
    mark = tmp_path / "under-way"
    world.configure(f'[policies.slow-to-judge]\n[environments.prod.variables]\nplace = "{place}"\nmark = "{mark}"')
    with world.start("check", "--timeout", "50") as process:
        come_true(mark.exists, "the check never got going")
        process.send_signal(sent)
        out, err = output_of(process)
    assert process.returncode == code
    assert "ALLOW" not in out
    assert err == ("guardrails: interrupted\n" if sent == signal.SIGINT else "")
    assert left_over(process.pid) == []


def logging_here(world: SmallWorld) -> Path:
    """A configuration beside the world's own whose log is not at home."""
    return write(world.folder / "logging.toml", 'extends = ["./guardrails.toml"]\n[audit]\npath = "log/audit.jsonl"\n')


def test_no_home(world: SmallWorld) -> None:
    homeless = ("--env", "prod", "--skip", "service-definition")  # services are looked for at home
    nowhere = {"HOME": None, "XDG_CACHE_HOME": None}  # but in the accounts
    assert world.check(*homeless, "--config", str(logging_here(world)), env=nowhere).returncode == 0
    for home in ("", "relative/path"):
        done = world.check(*homeless, env={"HOME": home})
        assert done.returncode in {0, 2}
        assert "Traceback" not in done.stderr
    done = world.check("--env", "prod", env={"HOME": "relative/path"})
    assert (done.returncode, done.stderr) == (2, "guardrails: HOME is not set to an absolute path\n")


def test_no_home_that_is_there(world: SmallWorld) -> None:
    gone = {"HOME": str(world.folder / "nobody")}
    here = ("--env", "prod", "--config", str(logging_here(world)))
    done = world.check(*here, env=gone)
    assert (done.returncode, "there is no service" in done.stdout) == (1, True), done
    done = world.check(*here, "--skip", "service-definition", env=gone)
    assert done.returncode == 0, done
    done = world.check("--env", "prod", "--skip", "service-definition", env=gone)
    assert (done.returncode, done.stdout.splitlines()[-1].split()[0]) == (2, "DENY"), done
    assert f"there is no {gone['HOME']}; set [audit] path" in done.stderr
    assert not Path(gone["HOME"]).exists()


def test_a_working_directory_that_is_gone(world: SmallWorld, tmp_path: Path) -> None:
    line = f"mkdir {tmp_path}/gone; cd {tmp_path}/gone; rmdir {tmp_path}/gone; $CHECK"
    done = shell(world, line)
    assert (done.returncode, done.stdout) == (2, "")
    assert "working directory" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert shell(world, f"{line} --config {world.configuration}").returncode == 0


@pytest.mark.parametrize("place", ["/dev/null", "/proc/1/nothing", "relative", ""])
def test_no_place_for_a_cache_is_only_slower(world: SmallWorld, place: str) -> None:
    assert world.check("--env", "prod", env={"XDG_CACHE_HOME": place}).returncode == 0


def _spoil_content(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def _flip(path: Path) -> None:
    """Forge a snapshot that is right in everything but says that all is advisory."""
    text = path.read_text()
    assert "hard-mandatory" in text
    kept = json.loads(text.replace("hard-mandatory", "advisory"))
    path.write_bytes(cache.pack(kept["key"], kept["value"]))


def _link(path: Path) -> None:
    elsewhere = path.with_name("elsewhere")
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


def _fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


SPOILT: dict[str, Callable[[Path], object]] = {
    "empty": _spoil_content(b""),
    "no-json": _spoil_content(b"\x80\xff{"),
    "null": _spoil_content(b"null"),
    "a-list": _spoil_content(b"[1]"),
    "deep": _spoil_content(b"[" * 100_000),
    "wrong-key": _spoil_content(b'{"key": "other", "value": {}}'),
    "huge": lambda path: os.truncate(path, 1 << 30),
    "cut": lambda path: os.truncate(path, path.stat().st_size // 2),
    "link": _link,
    "fifo": _fifo,
    "folder": _folder,
}
DISTRUSTED: dict[str, Callable[[Path], object]] = {
    "group-writable": lambda path: path.chmod(0o620),
    "world-writable": lambda path: path.chmod(0o602),
    "folder-group-writable": lambda path: path.parent.chmod(0o770),
    "root-world-writable": lambda path: path.parent.parent.chmod(0o707),
    "linked": _link,
}


def _snapshots(world: SmallWorld) -> list[Path]:
    return sorted((world.home / ".cache/guardrails/settings").glob("*.json"))


@pytest.mark.parametrize("spoil", SPOILT)
@pytest.mark.sample(3)
def test_a_cache_that_is_garbage_is_ignored(tmp_path: Path, spoil: str) -> None:
    world = small_world(tmp_path)
    write(world.prod / "src/gateway.ts", "export const port = 1;\n")
    before = world.report("--env", "prod")
    for path in _snapshots(world):
        SPOILT[spoil](path)
    assert same_but_for_times(world.report("--env", "prod")) == same_but_for_times(before)
    assert before["exit_code"] == 1


@pytest.mark.parametrize("distrust", DISTRUSTED)
def test_a_cache_that_somebody_else_can_write_is_not_believed(tmp_path: Path, distrust: str) -> None:
    """The cache says that everything is advisory; it is believed as long as it is ours alone, and no longer."""
    world = small_world(tmp_path)
    write(world.prod / "src/gateway.ts", "export const port = 1;\n")
    assert world.check("--env", "prod").returncode == 1
    [path] = _snapshots(world)
    _flip(path)
    assert world.check("--env", "prod").returncode == 0, "the cache was not read, so this test proves nothing"
    DISTRUSTED[distrust](path)
    assert world.check("--env", "prod").returncode == 1


@needs_root
@pytest.mark.parametrize("owned", ["file", "folder", "root"])
def test_a_cache_of_somebody_else_is_not_believed(tmp_path: Path, owned: str) -> None:
    world = small_world(tmp_path)
    write(world.prod / "src/gateway.ts", "export const port = 1;\n")
    assert world.check("--env", "prod").returncode == 1
    [path] = _snapshots(world)
    _flip(path)
    os.chown({"file": path, "folder": path.parent, "root": path.parent.parent}[owned], 12345, 12345)
    assert world.check("--env", "prod").returncode == 1


@pytest.mark.parametrize(
    "odd",
    [
        {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "LANGUAGE": "tr"},
        {"LC_ALL": "C", "LANG": None},
        {"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii"},
        {"TZ": "Pacific/Chatham"},
        {"TZ": "<+99>-99:99:99"},
        {"TZ": ":/etc/passwd"},
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "2"},
        {"COLUMNS": "1", "FORCE_COLOR": "1", "TERM": "xterm"},
        {"GIT_DIR": "/nowhere", "GIT_WORK_TREE": "/", "GIT_CONFIG_PARAMETERS": "'core.bare=true'"},
        {"PYTHONOPTIMIZE": "2"},
    ],
    ids=lambda odd: "-".join(odd),
)
def test_where_one_lives_does_not_matter(tmp_path: Path, odd: dict[str, str | None]) -> None:
    world = small_world(tmp_path)
    write(world.prod / "I\u0130\u0131-\U0001f600.ts", "new\n")
    usual = world.report("--env", "prod")
    assert usual["exit_code"] == 1
    assert same_but_for_times(world.report("--env", "prod", env=odd)) == same_but_for_times(usual)
    shown = world.check("--env", "prod", env=odd)
    assert shown.returncode == 1, shown
    assert "DENY" in shown.stdout.splitlines()[-1]
    assert shown.stderr == ""


def test_a_locale_that_is_not_utf8_changes_how_a_name_is_shown_and_not_what_is_decided(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    write(world.prod / "I\u0130\u0131-\U0001f600.ts", "new\n")
    odd = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    assert outcomes(world.report("--env", "prod", env=odd)) == outcomes(world.report("--env", "prod"))
    shown = world.check("--env", "prod", env=odd)
    assert (shown.returncode, shown.stderr) == (1, "")


def test_the_time_of_the_start_is_in_utc(world: SmallWorld) -> None:
    started = time.time()
    report = world.report("--env", "prod", env={"TZ": "Pacific/Chatham"})
    said = time.mktime(time.strptime(report["started_at"] + " UTC", "%Y-%m-%dT%H:%M:%SZ %Z"))
    assert abs(said - time.mktime(time.gmtime(started))) < 60


def test_twenty_at_once_agree(tmp_path: Path) -> None:
    """All start without a cache and write the same one."""
    world = small_world(tmp_path)
    running = [world.start("check", "--env", "prod", "--format", "json") for _ in range(20)]
    reports = []
    for process in running:
        with process:
            out, err = output_of(process)
        assert process.returncode == 0, err
        reports.append(same_but_for_times(json.loads(out)))
    assert all(report == reports[0] for report in reports)
    assert {name for name, outcome in outcomes(reports[0]).items() if outcome != "pass"} == {"guards-installed"}
    [snapshot] = (world.home / ".cache/guardrails/settings").iterdir()
    assert json.loads(snapshot.read_text())["value"]


def test_a_run_has_an_end_whatever_it_is_made_of(tmp_path: Path) -> None:
    """Every policy that hangs costs one deadline at the most."""
    world = bare_world(tmp_path)
    names = [f"hang-{letter}" for letter in "abcdef"]
    source = PREAMBLE + "".join(policy_class(name, "while True: pass") for name in names)
    classes = [f"Hang{name[-1].upper()}" for name in names]
    install(tmp_path / "plugin", "hanging", source + provide(*classes))
    world.python_path.insert(0, str(tmp_path / "plugin"))
    world.configure("\n".join(f"[policies.{name}]" for name in names))
    started = time.monotonic()
    report = world.report("--timeout", "0.3")
    assert set(outcomes(report).values()) == {"error"}
    assert report["exit_code"] == 2
    assert elapsed(started) < 6 * 0.3 + 5
    assert left_over(world.session) == []
