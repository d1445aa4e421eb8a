"""Change the code in small ways, one at a time, and say which changes no test notices.

python tools/mutants.py                                the modules on which a verdict hangs
python tools/mutants.py guardrails/waivers.py          these alone
python tools/mutants.py --minutes 30                   as many as fit; the next run goes on from there

Each mutant is a copy of this repository with one change, judged by the tests at the mirrored path of the module, and by
what `ALSO` names. What was judged is kept in `.mutants/`, by the bytes of the mutant and of its tests, so that a run
that was broken off goes on, and a change makes new only what it touches. The exit code is 1 when there is a survivor
that `docs/reliability.md` does not explain.

Why no library: mutmut 3.8 names modules after folders, so that what is below `policies/` counts as not tested, and
switches mutants on by a variable of the environment, which the children that our tests start do not inherit: there
every mutant survives. cosmic-ray 8.7 knows neither raises, returns nor yields, on which all here hangs, and of its 208
mutants of `gate.py` half change annotations and signatures, which nothing evaluates.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".mutants"
Node = TypeVar("Node", bound=ast.AST)
MODULES = (
    "guardrails/engine/gate.py",
    "guardrails/waivers.py",
    "guardrails/operations/evidence/verify_verdict.py",
    "policies/guardrails_policies/release/*.py",
    "policies/guardrails_policies/repository/*.py",
    "policies/guardrails_policies/*/*.py",
    "guardrails/facts/git/*.py",
)
_ATTACKS = "tests/guardrails/operations/evidence/test_attacks_on_verify.py"
ALSO = {  # tests elsewhere that are about a module, in their order
    "guardrails/engine/gate.py": ["tests/guardrails/test_waivers.py"],
    "guardrails/waivers.py": ["tests/guardrails/config/test_waivers.py"],
    "guardrails/operations/evidence/verify_verdict.py": [_ATTACKS, "tests/guardrails/cli/commands/test_verify.py"],
    "policies/guardrails_policies/openclaw/owners.py": ["tests/policies/openclaw/gateways/test_gateway_services.py"],
    "guardrails/facts/git/overridden_settings.py": ["tests/faults/test_hostile_repository.py"],
}
_SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.And: ast.Or, ast.Or: ast.And, ast.Add: ast.Sub, ast.Sub: ast.Add,
}  # fmt: skip


class Mutant:
    """One change: a label, which says the function, what stood there and what stands there now; and the new module."""

    def __init__(self, within: str, told: str, text: str) -> None:
        self.label, self.text = f"{within or 'module'}: {told}", text


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else f"{text[:59]}…"


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its text, each with a label of its own."""
    tree, seen = ast.parse(source), Counter[str]()
    for path, within in _places(tree):
        for new, told in _changes(_at(tree, path)):
            changed = deepcopy(tree)
            _put(changed, path, new)
            made = Mutant(within, told, ast.unparse(ast.fix_missing_locations(changed)))
            seen[made.label] += 1
            if seen[made.label] > 1:
                made.label += f" ({seen[made.label]})"
            yield made


Path_ = tuple[tuple[str, int | None], ...]  # the field of a node, and the position in it where that is a list
_NEVER_RUN = {"annotation", "returns", "decorator_list", "type_params"}


def _places(node: ast.AST, path: Path_ = (), within: str = "") -> Iterator[tuple[Path_, str]]:
    """The path of every node that runs, and the function or class that it is in."""
    if path and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        within = f"{within}.{node.name}" if within else node.name
    if _is_for_others(node):
        return
    if path:
        yield path, within
    for field, value in ast.iter_fields(node):
        if field in _NEVER_RUN:
            continue
        for number, one in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(one, ast.AST):
                yield from _places(one, (*path, (field, number)), within)


def _is_for_others(node: ast.AST) -> bool:
    """Whether it is the idiom of `TYPE_CHECKING`, of which nothing runs, or `strict` of zip, a doubt of its caller."""
    if isinstance(node, ast.keyword) and node.arg == "strict":
        return True
    names = node.targets if isinstance(node, ast.Assign) else [node.test] if isinstance(node, ast.If) else []
    return any(isinstance(one, ast.Name) and one.id == "TYPE_CHECKING" for one in names)


def _at(tree: ast.AST, path: Path_) -> ast.AST:
    for field, number in path:
        value = getattr(tree, field)
        tree = value if number is None else value[number]
    return tree


def _put(tree: ast.AST, path: Path_, new: ast.AST) -> None:
    above, (field, number) = _at(tree, path[:-1]), path[-1]
    if number is None:
        setattr(above, field, new)
    else:
        getattr(above, field)[number] = new


def _changes(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """What a node could be instead, by a few operators, and the change in words."""
    if (new := _statement(node) or _expression(node)) is not None:
        yield new, f"{_short(node)} → {_short(new)}"
    if isinstance(node, (ast.If, ast.IfExp)) and not isinstance(node.test, (ast.Compare, ast.UnaryOp, ast.BoolOp)):
        yield _with(node, test=ast.UnaryOp(ast.Not(), node.test)), f"if {_short(node.test)} → if not"
    if isinstance(node, ast.comprehension) and node.ifs:
        yield _with(node, ifs=[]), f"for {_short(node.target)} if {_short(node.ifs[0])} → without the condition"


def _statement(node: ast.AST) -> ast.stmt | None:
    """A raise or a yield that is gone, and a return of nothing."""
    if isinstance(node, ast.Raise) or (
        isinstance(node, ast.Expr) and isinstance(node.value, (ast.Yield, ast.YieldFrom))
    ):
        return ast.Pass()
    if isinstance(node, ast.Return) and node.value and ast.unparse(node.value) != "None":
        return ast.Return(ast.Constant(None))
    return None


def _expression(node: ast.AST) -> ast.expr | None:
    """A comparison, `and`, `or` or a sum that is the other way round, no `not`, and another constant."""
    match node:
        case ast.Compare(ops=[one]):
            return _with(node, ops=[_SWAPPED[type(one)]()])
        case ast.BoolOp() | ast.BinOp(op=ast.Add() | ast.Sub()):
            return _with(node, op=_SWAPPED[type(node.op)]())
        case ast.UnaryOp(op=ast.Not()):
            return node.operand
        case ast.Constant(value=bool() as value):
            return ast.Constant(not value)
        case ast.Constant(value=int() | float() as value):
            return ast.Constant(value + 1)
    return None


def _with(node: Node, **fields: object) -> Node:
    changed = deepcopy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def mirrored_tests(module: str, root: Path) -> list[str]:
    """The tests of a module: those at its mirrored path, then what `ALSO` names."""
    path = Path(module.replace("policies/guardrails_policies/", "policies/"))
    folder = root / "tests" / path.parent
    found = [*folder.glob(f"test_{path.stem}.py"), *folder.glob(f"test_{path.stem}_*.py")]
    found += (folder / path.stem).glob("test_*.py")
    return [*sorted(str(one.relative_to(root)) for one in found), *ALSO.get(module, [])]


class Tree:
    """A copy of the repository in which one module at a time is another."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)
        listed = subprocess.run(
            ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            capture_output=True, check=True,
        ).stdout  # fmt: skip
        for name in filter(None, os.fsdecode(listed).split("\0")):
            if (ROOT / name).is_file():
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.folder / name)
        self._clock = time.time()

    def write(self, module: str, text: str) -> None:
        """Put a text in the place of a module, each time a second later, since caches of bytecode go by that."""
        self._clock += 1
        (self.folder / module).write_text(text, encoding="utf-8")
        os.utime(self.folder / module, (self._clock, self._clock))

    def passes(self, tests: list[str], limit: float) -> bool | None:
        """Whether the tests pass; None when they do not end in time, which notices a mutant as well."""
        path = os.pathsep.join(map(str, (self.folder, self.folder / "policies")))
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
        process = subprocess.Popen(
            command, cwd=self.folder, env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            return process.wait(limit) == 0
        except subprocess.TimeoutExpired:
            return None
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()


def judge(tree: Tree, module: str, until: float) -> tuple[int, list[str], int]:
    """The number of a module's mutants, the labels of the survivors, and how many there was no time for."""
    source, tests = (tree.folder / module).read_text(encoding="utf-8"), mirrored_tests(module, tree.folder)
    every, known = list(mutants(source)), _known()
    survivors, left, limit = [], 0, 0.0
    stamp = "".join((tree.folder / test).read_text(encoding="utf-8") for test in tests)
    for mutant in every:
        key = sha256(f"{mutant.text}\0{stamp}".encode()).hexdigest()
        if key not in known and time.monotonic() < until:
            limit = limit or _patience(tree, module, tests)
            tree.write(module, mutant.text)
            known[key] = tree.passes(tests, limit) is not True
            _keep(key, module, mutant.label, killed=known[key])
        left += key not in known
        survivors += [] if known.get(key, True) else [mutant.label]
    tree.write(module, source)
    return len(every), survivors, left


def _patience(tree: Tree, module: str, tests: list[str]) -> float:
    """How long the tests may take of a mutant. Exits where they do not pass without one."""
    begun = time.monotonic()
    if not tests or not tree.passes(tests, 600):
        sys.exit(f"{module}: {' '.join(tests) or 'no tests'} must pass before anything is changed")
    return 10 + 5 * (time.monotonic() - begun)


def _known() -> dict[str, bool]:
    """What earlier runs have judged: whether a mutant was killed, by its key."""
    if not (KEPT / "judged.jsonl").exists():
        return {}
    lines = (KEPT / "judged.jsonl").read_text(encoding="utf-8").split("\n")
    return {one["key"]: one["killed"] for one in map(json.loads, filter(None, lines))}


def _keep(key: str, module: str, label: str, *, killed: bool) -> None:
    KEPT.mkdir(exist_ok=True)
    with (KEPT / "judged.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"key": key, "module": module, "label": label, "killed": killed}) + "\n")


def explained() -> set[tuple[str, str]]:
    """The survivors that docs/reliability.md explains, each as its module and label."""
    text = (ROOT / "docs/reliability.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\S+\.py)` \| `(.+?)` \| .+ \|$", text, re.MULTILINE)
    return {(module, label.replace("\\|", "|")) for module, label in rows}


def main() -> int:
    """Judge the modules that are asked for, tell of each, and name the survivors that nobody has explained."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", default=MODULES, metavar="MODULE")
    parser.add_argument("--minutes", type=float, default=24 * 60, help="leave the rest when so long has passed")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # the copy and its tests end with us
    names = [str(path.relative_to(ROOT)) for pattern in given.modules for path in sorted(ROOT.glob(pattern))]
    until, unexplained, known = time.monotonic() + given.minutes * 60, 0, explained()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = Tree(folder)
        for module in dict.fromkeys(name for name in names if not name.endswith("/__init__.py")):
            number, survivors, left = judge(tree, module, until)
            new = [label for label in survivors if (module, label) not in known]
            unexplained += len(new)
            more = f", {left} not judged" if left else ""
            killed = number - left - len(survivors)
            print(f"{module}: {number} mutants, {killed} killed, {len(survivors)} survive{more}", flush=True)
            for label in new:
                print(f"  {label}", flush=True)
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
