"""Run `guardrails`, and write down when each of its pieces begins and ends; for `phases.py`.

    python benchmarks/instrumented.py FOLDER check …

Nothing of it is in the product: functions are wrapped from outside as their modules are loaded. Each process leaves one
file in the folder. Coroutines are told apart by their names, so that a new fact has a row of its own by itself.
"""

import time

BEGUN = time.perf_counter()

import _frozen_importlib as importing  # noqa: E402 -- what begins before is that of the interpreter
import os  # noqa: E402
import sys  # noqa: E402

from guardrails import start  # noqa: E402

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

folder = sys.argv.pop(1)
spans: list[tuple[str, float, float]] = []  # pieces that hold no other, each with its name
children: list[tuple[str, float, float]] = []
names = ["the rest"]  # of what is under way, the innermost last
written: set[int] = set()
last = BEGUN
share: int | None = None  # which of the workers this process is


def change(name: "str | None") -> None:
    """Begin a piece of that name within the one under way; None: go back to the outer one."""
    global last
    now = time.perf_counter()
    spans.append((names[-1], last, now))
    last = now
    if name is None:
        names.pop()
    else:
        names.append(name)


def wrap(owner: "Any", function: str, name: "str | Callable[..., str]") -> None:
    """Have a function be a piece of its own."""
    wrapped = getattr(owner, function)

    def piece(*given: "Any", **named: "Any") -> "Any":
        change(name if isinstance(name, str) else name(*given, **named))
        try:
            return wrapped(*given, **named)
        finally:
            change(None)

    setattr(owner, function, piece)


def write() -> None:
    """Leave what was noted, once for each process."""
    if os.getpid() not in written:
        written.add(os.getpid())
        change("the end")
        import json

        with open(os.path.join(folder, str(os.getpid())), "w") as file:
            json.dump({"share": share, "spans": spans, "children": children}, file)


def _supervisor(module: "Any") -> None:
    wrap(module.Worker, "__init__", "fork")
    wrap(module.Worker, "end", "end of the workers")


def _shares(module: "Any") -> None:
    started = module.Share.start

    def start_noted(self: "Any", work: "Any", *rest: "Any") -> None:
        def noted(say: "Any") -> None:
            global share, last
            share = 0 if self.is_main else 1
            spans.clear()
            names[:] = ["the rest"]
            last = time.perf_counter()
            work(say)
            write()

        started(self, noted, *rest)

    module.Share.start = start_noted


def _side_by_side(module: "Any") -> None:
    wrap(module.SideBySide, "_serve", "waiting for git")
    wrap(module.SideBySide, "_resume", lambda *given: given[1].coroutine.__qualname__)
    made = module.Child

    def noted(command: "Any") -> "Any":
        change("starting git")
        words = iter(command.argv[1:])
        asked = [word for word in words if not (word in ("-c", "-C") and next(words)) and word != "--no-pager"]
        label, begun, child = " ".join([os.path.basename(command.argv[0]), *asked[:2]]), last, made(command)
        concluded = child.reap

        def reap() -> "Any":
            children.append((label, begun, time.perf_counter()))
            return concluded()

        child.reap = reap
        change(None)
        return child

    module.Child = noted


def _private_git_dir(module: "Any") -> None:
    wrap(module, "_copy_index", "copy of the index")
    wrap(module, "_furnish", "git directory of our own")
    wrap(module.Contents, "require_whole_index", "checksum of the index")


PIECES: "dict[str, Callable[[Any], None]]" = {
    "guardrails.cli.quick_options": lambda module: wrap(module, "read_given", "arguments"),
    "guardrails.config": lambda module: wrap(module, "load", "configuration snapshot"),
    "guardrails.safety.supervisor": _supervisor,
    "guardrails.engine.shares": _shares,
    "guardrails.engine.gate": lambda module: wrap(module, "report_on", "gate"),
    "guardrails.engine.worker": lambda module: wrap(module, "_result", "judging"),
    "guardrails.facts.programs.side_by_side": _side_by_side,
    "guardrails.facts.git.private_git_dir": _private_git_dir,
    "guardrails.operations.audit": lambda module: wrap(module, "log_report", "log"),
    "guardrails.cli.outputs": lambda module: wrap(module, "show", "report"),
}


def find_and_load(name: str, do_import: "Any") -> "Any":
    """Import as usual, and wrap what is in the module."""
    module = usual(name, do_import)
    if name in PIECES:
        PIECES.pop(name)(sys.modules[name])
    return module


def leave(code: int) -> None:
    """End, but write first."""
    write()
    end(code)


wrap(importing, "_find_and_load", "imports")
usual: "Any" = importing._find_and_load  # type: ignore[attr-defined]
importing._find_and_load = find_and_load  # type: ignore[attr-defined]
end, os._exit = os._exit, leave  # type: ignore[assignment]
start.entry()
