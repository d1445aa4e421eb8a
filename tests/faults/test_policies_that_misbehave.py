"""Whatever a policy does, it is no pass, its neighbours keep their results, and nothing of it stays behind.

Each behaviour is a policy of a real plugin, judged between two that behave, by the command line from outside.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from plugin_packages import PREAMBLE, class_name, install, policy_class, provide
from progress import elapsed
from worlds.small_world import SmallWorld, bare_world, left_over, outcomes

FINDING = 'Finding(observed="o", expected="e", remediation="r")'
FORGED = """\
line = json.dumps({"nonce": "0" * 32, "policy": "z-neighbour", "outcome": "pass", "findings": []}).encode() + b"\\n"
for descriptor in range(3, 256):
    try:
        os.set_blocking(descriptor, False)
        os.write(descriptor, line)
    except OSError:
        pass"""

ERRORS = {
    "loop": "while True: pass",
    "loop-that-catches-all": "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "loop-that-ignores-signals": "for n in range(1, 65):\n"
    "    try: signal.signal(n, signal.SIG_IGN)\n    except (OSError, ValueError): pass\nwhile True: pass",
    "sleep": "time.sleep(1000)",
    "catastrophic-regex": 're.match(r"(a+)+$", "a" * 64 + "b")',
    "raise-exception": 'raise Exception("broken")',
    "raise-key-error": 'raise KeyError("a")',
    "raise-system-exit": "raise SystemExit(0)",
    "raise-keyboard-interrupt": "raise KeyboardInterrupt",
    "raise-generator-exit": "raise GeneratorExit",
    "raise-stop-iteration": "raise StopIteration",
    "raise-recursion-error": "def deeper(): deeper()\ndeeper()",
    "raise-memory-error": "raise MemoryError",
    "raise-base-exception": 'raise BaseException("broken")',
    "raise-what-cannot-be-shown": "class Mute(Exception):\n    def __str__(self): raise self\nraise Mute",
    "raise-hostile-text": 'raise Exception("\\x1b[2J\\u202e\\ud800" + "x" * 1_000_000)',
    "exit-zero": "os._exit(0)",
    "abort": "os.abort()",
    "kill-itself": "os.kill(os.getpid(), signal.SIGKILL)",
    "stop-itself": "os.kill(os.getpid(), signal.SIGSTOP)",
    "segfault": "ctypes.string_at(0)",
    "print": 'print("pass")',
    "print-flushed": 'print("pass", flush=True)',
    "print-to-stderr": 'print("pass", file=sys.stderr)',
    "write-to-1": 'os.write(1, b"pass\\n")',
    "write-to-2": 'os.write(2, b"pass\\n")',
    "write-a-flood-to-1": 'while True: os.write(1, b"x" * 65536)',
    "forge-a-result": FORGED,
    "allocate-4-gib": "bytearray(4 << 30)",
    "yield-none": "yield None",
    "yield-text": 'yield "fine"',
    "yield-a-finding-class": "yield Finding",
    "yield-a-finding-of-numbers": 'yield Finding(observed=1, expected="e", remediation="r")',
    "yield-a-finding-of-a-fractional-line": 'yield Finding(observed="o", expected="e", remediation="r", line=1.5)',
    "yield-a-finding-of-a-text-line": 'yield Finding(observed="o", expected="e", remediation="r", line="1")',
    "yield-findings-without-end": f"while True: yield {FINDING}",
    "yield-then-crash": f"yield {FINDING}\nraise RuntimeError",
    "yield-then-exit": f"yield {FINDING}\nos._exit(0)",
    "close-all-descriptors": "os.closerange(0, 1024)",
    "close-standard-output": "sys.stdout.close()",
}
HANGS = {name for name, body in ERRORS.items() if "while True" in body} | {"sleep", "catastrophic-regex", "stop-itself"}
RETURNS = {
    "return-none": "None",
    "return-text": '"pass"',
    "return-empty-text": '""',
    "return-number": "0",
    "return-true": "True",
    "return-a-finding": FINDING,
    "return-a-class": "Finding",
    "return-a-dictionary": '{"outcome": "pass"}',
}
MORE = """
class ReturnACoroutine(Policy):
    id = "return-a-coroutine"
    title = source = "a test"

    async def evaluate(self):
        return []
"""
NEIGHBOURS = {
    "a-neighbour": 'yield Note("looked")',
    "z-neighbour": 'yield Note("looked")',
    "z-strict": f"yield {FINDING}",
}
TRUTHFUL = {
    "yield-5000-findings": f"for _ in range(5000): yield {FINDING}",
    "fork-and-answer-twice": "os.fork()",
    "fork-a-child-that-lingers": "if os.fork() == 0:\n    time.sleep(1000)",
    "spawn-a-child-that-lingers": 'os.posix_spawn("/bin/sleep", ["sleep", "1000"], {})',
    "no-standard-output": "sys.stdout = None",
    "leave-a-thread": "import threading\nthreading.Thread(target=time.sleep, args=(1000,)).start()",
    "replace-json": 'json.dumps = lambda *a, **k: "{}"',
    "change-the-clock": "time.monotonic = lambda: 0",
    "go-elsewhere": 'os.chdir("/")\nos.environ.clear()\nos.umask(0)',
    "alarm-later": "signal.alarm(1)",
    "no-more-memory": "import resource\nresource.setrlimit(resource.RLIMIT_AS, (1 << 26, 1 << 26))",
    "stop-importing": "sys.modules.clear()\nsys.path.clear()",
    "trace": "sys.settrace(lambda *a: (_ for _ in ()).throw(SystemExit))",
}
HOSTILE = "\x1b[31mred\x1b[0m \u202eevil\x07 \ud800 [bold]x[/bold] <b> \x9b2J \r\nDENY"
GATHERERS = {
    "raises": 'raise RuntimeError("broken")',
    "raises-system-exit": "raise SystemExit(0)",
    "raises-keyboard-interrupt": "raise KeyboardInterrupt",
    "raises-base-exception": 'raise BaseException("broken")',
    "hangs-in-a-child": 'await Command(["/bin/sleep", "1000"], {}, timeout=world.timeout)',
    "starts-nothing": 'await Command(["/nowhere/program"], {}, timeout=world.timeout)',
    "starts-with-a-nul": 'await Command(["/bin/echo", "a\\0b"], {}, timeout=world.timeout)',
    "starts-with-a-nul-later": 'await Command(["/bin/true"], {})\nawait Command(["/bin/echo", "a\\0b"], {})',
    "child-closes-its-output": 'await Command(["/bin/sh", "-c", "exec >&- 2>&-; sleep 1000"], {}, timeout=1)',
    "awaits-nonsense": "import types\n@types.coroutine\ndef nonsense(): yield 42\nawait nonsense()",
    "awaits-nonsense-later": "import types\n@types.coroutine\ndef nonsense(): yield 42\n"
    'await Command(["/bin/true"], {})\nawait nonsense()',
    "awaits-itself": 'await Command(["/bin/true"], {})\nawait world.fact(cls)',
    "cannot-know": 'raise CannotKnow("the store is locked")',
}


def _returning(identity: str, value: str) -> str:
    return (
        f"\nclass {class_name(identity)}(Policy):\n    id = {identity!r}\n    title = source = 'a test'\n\n"
        f"    def evaluate(self):\n        return {value}\n"
    )


def _needing(identity: str, body: str) -> str:
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    name = class_name(identity)
    return f"""
class {name}Fact(Fact):
    @classmethod
    async def gather(cls, world):
{lines}
        return cls()


class {name}(Policy):
    id = "{identity}"
    title = source = "a test"

    def evaluate(self, fact: {name}Fact):
        yield from ()
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> SmallWorld:
    """A world with a plugin that holds every policy of this module, so that one configuration serves all."""
    folder = tmp_path_factory.mktemp("misbehaving")
    made = bare_world(folder)
    hostile = f"text = {HOSTILE!a}\nyield Finding(text, text, text, text, text, 1, text)"
    bodies = {**ERRORS, **NEIGHBOURS, **TRUTHFUL, "hostile-text": hostile}
    source = PREAMBLE + "".join(policy_class(identity, body) for identity, body in bodies.items())
    source += "".join(_returning(identity, value) for identity, value in RETURNS.items())
    source += MORE + "".join(_needing(identity, body) for identity, body in GATHERERS.items())
    extra = ["return-a-coroutine"]
    identities = [*bodies, *RETURNS, *GATHERERS, *extra]
    install(folder / "plugin", "misbehaving", source + provide(*map(class_name, identities)))
    made.python_path.insert(0, str(folder / "plugin"))
    made.configure("\n".join(f"[policies.{identity}]" for identity in identities))
    return made


def _only(*policies: str) -> list[str]:
    return [word for policy in policies for word in ("--policy", policy)]


@pytest.mark.parametrize("behaviour", [*ERRORS, *RETURNS, "return-a-coroutine"])
@pytest.mark.sample(2)
def test_it_is_an_error_and_the_neighbours_keep_their_results(world: SmallWorld, behaviour: str) -> None:
    started = time.monotonic()
    deadline = "0.6" if behaviour in HANGS else "10"
    report = world.report("--timeout", deadline, *_only("a-neighbour", behaviour, "z-neighbour"))
    assert outcomes(report) == {"a-neighbour": "pass", behaviour: "error", "z-neighbour": "pass"}
    assert report["exit_code"] == 2
    [result] = [result for result in report["results"] if result["policy"] == behaviour]
    assert result["reason"]
    assert result["blocks"]
    assert not result["findings"]
    assert [other["reason"] for other in report["results"] if other is not result] == ["looked"] * 2
    assert left_over(world.session) == []
    assert elapsed(started) < 9


@pytest.mark.parametrize(
    "behaviour", ["loop", "exit-zero", "forge-a-result", "yield-then-crash", "close-all-descriptors"]
)
def test_a_failure_beside_it_still_denies(world: SmallWorld, behaviour: str) -> None:
    report = world.report("--timeout", "1", *_only(behaviour, "z-strict"))
    assert outcomes(report) == {behaviour: "error", "z-strict": "fail"}
    assert report["exit_code"] == 1


@pytest.mark.parametrize("behaviour", TRUTHFUL)
@pytest.mark.sample(2)
def test_what_it_does_to_its_own_process_reaches_nobody_else(world: SmallWorld, behaviour: str) -> None:
    report = world.report(*_only("a-neighbour", behaviour, "z-neighbour", "z-strict"))
    found = outcomes(report)
    assert (found["a-neighbour"], found["z-neighbour"], found["z-strict"]) == ("pass", "pass", "fail")
    assert report["exit_code"] == 1
    assert left_over(world.session) == []


def test_many_findings_are_counted_and_cut(world: SmallWorld) -> None:
    report = world.report(*_only("yield-5000-findings"))
    [result] = report["results"]
    assert result["outcome"] == "fail"
    assert len(result["findings"]) == 1000
    assert "5000 findings" in result["reason"]


def test_hostile_text_reaches_json_as_it_is_and_the_terminal_as_escapes(world: SmallWorld) -> None:
    [result] = world.report(*_only("hostile-text"))["results"]
    [finding] = result["findings"]
    text = HOSTILE.replace("\ud800", "\\ud800")  # no JSON reader has to take an unpaired surrogate
    assert {finding[name] for name in ("observed", "expected", "remediation", "message")} == {text}
    assert finding["location"] == {"path": text, "line": 1, "ref": text}
    shown = world.check(*_only("hostile-text"), env={"GUARDRAILS_COLOR": "never"}).stdout
    assert all(character.isprintable() or character == "\n" for character in shown)
    assert "[bold]x[/bold]" in shown
    assert shown.splitlines()[-1].startswith("DENY")
    assert shown.count("\nDENY") == 1


def test_an_advisory_policy_that_misbehaves_does_not_block(tmp_path: Path) -> None:
    world = bare_world(tmp_path)
    install(tmp_path / "plugin", "odd", PREAMBLE + policy_class("odd", "os._exit(0)") + provide("Odd"))
    world.python_path.insert(0, str(tmp_path / "plugin"))
    world.configure('[policies.odd]\nenforcement = "advisory"')
    report = world.report()
    assert outcomes(report) == {"odd": "error"}
    assert (report["exit_code"], report["summary"]["advisory"]) == (0, 1)


@pytest.mark.parametrize("behaviour", GATHERERS)
@pytest.mark.sample(2)
def test_a_gatherer_that_misbehaves_is_an_error_of_its_policies_alone(world: SmallWorld, behaviour: str) -> None:
    started = time.monotonic()
    report = world.report("--timeout", "1", *_only("a-neighbour", behaviour, "z-strict"))
    assert outcomes(report) == {"a-neighbour": "pass", behaviour: "error", "z-strict": "fail"}
    assert report["exit_code"] == 1
    assert left_over(world.session) == []
    assert elapsed(started) < 10


@pytest.mark.parametrize("body", ["while True: pass", "os._exit(0)", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_a_gatherer_that_takes_the_whole_process_down_lets_nothing_pass(tmp_path: Path, body: str) -> None:
    """All facts are gathered in one process, so its end is everybody's; but it is an end, and no pass."""
    world = bare_world(tmp_path)
    source = PREAMBLE + _needing("odd", body) + policy_class("neighbour", "pass") + provide("Odd", "Neighbour")
    install(tmp_path / "plugin", "odd", source)
    world.python_path.insert(0, str(tmp_path / "plugin"))
    world.configure("[policies.odd]\n[policies.neighbour]")
    started = time.monotonic()
    report = world.report("--timeout", "0.2")
    assert outcomes(report) == {"odd": "error", "neighbour": "error"}
    assert report["exit_code"] == 2
    assert left_over(world.session) == []
    assert elapsed(started) < 10


def test_a_policy_that_kills_the_whole_group_lets_nothing_pass(tmp_path: Path) -> None:
    world = bare_world(tmp_path)
    source = PREAMBLE + policy_class("odd", "os.killpg(0, signal.SIGKILL)") + policy_class("neighbour", "pass")
    install(tmp_path / "plugin", "odd", source + provide("Odd", "Neighbour"))
    world.python_path.insert(0, str(tmp_path / "plugin"))
    world.configure("[policies.odd]\n[policies.neighbour]")
    report = world.report()
    assert outcomes(report)["odd"] == "error"
    assert report["exit_code"] == 2
    assert left_over(world.session) == []


GOOD = PREAMBLE + policy_class("fine", "pass")
BROKEN_PLUGINS = {
    "import-error": ("import nothing_of_this_name", "nothing_of_this_name"),
    "syntax-error": ("def (", "invalid syntax"),
    "exit-at-import": ("raise SystemExit(0)", "cannot be loaded"),
    "base-exception-at-import": ("raise BaseException('early')", "early"),
    "no-hook": (GOOD, "@hookimpl"),
    "misspelt-hook": (
        GOOD + provide("Fine").replace("guardrails_policies", "guardrails_polices"),
        "guardrails_polices",
    ),
    "hook-raises": (GOOD + provide("1 / 0"), "division by zero"),
    "hook-exits": (GOOD + provide("sys.exit(0)"), "does not keep the contract"),
    "hook-gives-a-number": (GOOD + "\n@hookimpl\ndef guardrails_policies():\n    return 7\n", "contract"),
    "hook-takes-too-much": (GOOD + "\n@hookimpl\ndef guardrails_policies(more):\n    return []\n", "more"),
    "not-a-policy": (GOOD + provide("dict"), "not a Policy"),
    "an-instance": (GOOD + provide("Fine()"), "not a Policy"),
    "no-id": (GOOD.replace('id = "fine"', "pass") + provide("Fine"), "needs an id"),
    "no-title": (GOOD.replace("title =", "nothing =") + provide("Fine"), "needs an id, a title"),
    "same-id-as-another": (
        PREAMBLE + policy_class("clean-worktree", "pass") + provide("CleanWorktree"),
        "clean-worktree",
    ),
    "ends-the-process-with-zero": ("import os\nos._exit(0)\n", "ended before it was done"),
    "kills-itself": ("import os\nos.kill(os.getpid(), 9)\n", "ended before it was done"),
    "same-id-twice": (GOOD + GOOD.replace("class Fine", "class Other") + provide("Fine", "Other"), "fine"),
    "no-annotations": (GOOD.replace("evaluate(self)", "evaluate(self, fact)") + provide("Fine"), "annotated"),
    "not-a-fact": (GOOD.replace("evaluate(self)", "evaluate(self, fact: int)") + provide("Fine"), "not a Fact"),
    "a-fact-as-text": (GOOD.replace("evaluate(self)", "evaluate(self, fact: 'Fact')") + provide("Fine"), "not a Fact"),
    "asks-with-no-option": (
        GOOD.replace("evaluate(self)", "evaluate(self, fact: Fact = ask('depth'))") + provide("Fine"),
        "depth",
    ),
    "keyword-only-facts": (
        GOOD.replace("evaluate(self)", "evaluate(self, *, fact: Fact)") + provide("Fine"),
        "evaluate",
    ),
    "any-number-of-facts": (
        GOOD.replace("evaluate(self)", "evaluate(self, *facts: Fact)") + provide("Fine"),
        "evaluate",
    ),
    "evaluate-is-no-function": (GOOD + "Fine.evaluate = 1\n" + provide("Fine"), "evaluate"),
    "default-that-is-no-ask": (
        GOOD.replace("evaluate(self)", "evaluate(self, fact: Fact = None)") + provide("Fine"),
        "evaluate",
    ),
}


@pytest.mark.parametrize(
    ("fault", "form"),
    [*((fault, "text") for fault in BROKEN_PLUGINS), *((fault, "json") for fault in ("exit-at-import", "hook-exits"))],
)
def test_a_plugin_that_cannot_be_used_is_one_clear_line(tmp_path: Path, fault: str, form: str) -> None:
    source, hint = BROKEN_PLUGINS[fault]
    install(tmp_path / "plugin", "broken-plugin", source)
    _expect_one_line(tmp_path, form, "broken-plugin", hint)


@pytest.mark.parametrize(
    ("entry", "hint"),
    [
        ("broken-plugin = nothing_here", "nothing_here"),
        ("broken-plugin = json:nothing_here", "nothing_here"),
        ("broken-plugin = json", "@hookimpl"),
        ("broken-plugin = not a name", "broken-plugin"),
    ],
)
def test_an_entry_point_that_leads_nowhere_is_one_clear_line(tmp_path: Path, entry: str, hint: str) -> None:
    install(tmp_path / "plugin", "broken-plugin", entry=entry)
    _expect_one_line(tmp_path, "text", "broken-plugin", hint)


def _expect_one_line(tmp_path: Path, form: str, name: str, hint: str) -> None:
    world = bare_world(tmp_path)
    world.configure("[policies.clean-worktree]")
    world.python_path.insert(0, str(tmp_path / "plugin"))
    done = world.check("--format", form)
    assert done.returncode == 2
    if form == "json":
        [error] = json.loads(done.stdout)["errors"]
        line = error["message"]
    else:
        [line] = done.stderr.splitlines()
        assert done.stdout == ""
    assert name in line.replace("_", "-")  # the plugin's, or its module's
    assert hint in line
    assert "Traceback" not in done.stderr + done.stdout


@pytest.mark.parametrize("error", ["SystemExit(0)", 'ValueError("an odd depth")', 'RuntimeError("an odd depth")'])
def test_options_that_a_policy_chokes_on_are_no_pass(tmp_path: Path, error: str) -> None:
    world = bare_world(tmp_path)
    source = GOOD.replace(
        "    def evaluate", f"    def __post_init__(self):\n        raise {error}\n\n    def evaluate"
    )
    install(tmp_path / "plugin", "choking", source + provide("Fine"))
    world.python_path.insert(0, str(tmp_path / "plugin"))
    world.configure("[policies.fine]")
    done = world.check()
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "fine" in done.stderr


def test_a_policy_of_a_plugin_that_is_gone_is_no_pass(tmp_path: Path) -> None:
    """The snapshot of an earlier run knows the policy still."""
    world = bare_world(tmp_path)
    install(tmp_path / "plugin", "short-lived", GOOD + provide("Fine"))
    world.configure("[policies.fine]")
    before = list(world.python_path)
    world.python_path.insert(0, str(tmp_path / "plugin"))
    assert world.check().returncode == 0
    world.python_path = before
    done = world.check()
    assert done.returncode == 2
    assert "unknown policy fine" in done.stderr


def test_a_plugin_that_is_changed_is_judged_anew(tmp_path: Path) -> None:
    world = bare_world(tmp_path)
    install(tmp_path / "plugin", "changing", GOOD + provide("Fine"))
    world.configure("[policies.fine]")
    world.python_path.insert(0, str(tmp_path / "plugin"))
    assert world.check().returncode == 0
    (tmp_path / "plugin/changing.py").write_text(PREAMBLE + policy_class("fine", f"yield {FINDING}") + provide("Fine"))
    assert world.check().returncode == 1
