"""`make mutants`: what it changes and what not, where it looks for tests, and what it takes for explained."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TOOL = ROOT / "tools/mutants.py"

SOURCE = '''
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails import Finding

LIMIT: int | None = 3


class Tidy:
    """A docstring with 1 in it."""

    def evaluate(self, many: tuple[int, ...], *, most: int = LIMIT):
        if not many:
            raise ValueError("none")
        if self.exact and most < 2:
            return [one for one in many if one]
        yield len(many) + 1
'''
MODULE = "policies/guardrails_policies/sums.py"
CHANGES = [
    "module: 3 → 4",
    "Tidy.evaluate: not many → many",
    "Tidy.evaluate: raise ValueError('none') → pass",
    "Tidy.evaluate: self.exact and most < 2 → self.exact or most < 2",
    "Tidy.evaluate: most < 2 → most <= 2",
    "Tidy.evaluate: 2 → 3",
    "Tidy.evaluate: return [one for one in many if one] → return None",
    "Tidy.evaluate: for one if one → without the condition",
    "Tidy.evaluate: yield (len(many) + 1) → pass",
    "Tidy.evaluate: len(many) + 1 → len(many) - 1",
    "Tidy.evaluate: 1 → 2",
]


def tool() -> Any:
    spec = importlib.util.spec_from_file_location("mutants", TOOL)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_change_is_one_and_what_nothing_runs_is_not_changed() -> None:
    made = list(tool().mutants(SOURCE))
    assert [one.label for one in made] == CHANGES
    assert len({one.text for one in made}) == len(CHANGES)
    for one in made:
        compile(one.text, "mutant", "exec")
        assert "TYPE_CHECKING = False" in one.text


def test_every_module_on_which_a_verdict_hangs_has_tests_to_judge_by() -> None:
    used = tool()
    found = {str(path.relative_to(ROOT)) for pattern in used.MODULES for path in ROOT.glob(pattern)}
    names = [name for name in found if not name.endswith("/__init__.py")]
    assert len(names) > 40
    assert [name for name in names if not used.mirrored_tests(name, ROOT)] == []
    assert all((ROOT / test).is_file() for tests in used.ALSO.values() for test in tests)


def test_what_is_explained_is_still_a_mutant() -> None:
    used = tool()
    rows = re.findall(r"^\| `\S+\.py` \|", (ROOT / "docs/reliability.md").read_text(encoding="utf-8"), re.MULTILINE)
    explained = used.explained()
    assert len(explained) == len(rows)
    for module, label in explained:
        assert label in {one.label for one in used.mutants((ROOT / module).read_text(encoding="utf-8"))}, module


def test_a_survivor_is_named_and_a_run_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    """In a repository of its own, with a module whose only test notices one of its two mutants."""
    for name, text in {
        "policies/guardrails_policies/__init__.py": "",
        MODULE: "def total(a, b):\n    return a + b\n",
        "tests/policies/test_sums.py": "from guardrails_policies.sums import total\n\ndef test(): assert total(1, 0)\n",
        "docs/reliability.md": "",
        "tools/mutants.py": TOOL.read_text(encoding="utf-8"),
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    subprocess.run(["git", "-C", tmp_path, "init", "-q"], check=True)

    def run(*words: str) -> tuple[int, list[str]]:
        command = [sys.executable, "tools/mutants.py", "policies/*/*.py", *words]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout.split("\n")

    said = [f"{MODULE}: 2 mutants, 1 killed, 1 survive", "  total: a + b → a - b", ""]
    assert run() == (1, said)
    assert len((tmp_path / ".mutants/judged.jsonl").read_text(encoding="utf-8").split("\n")) == 3
    assert run("--minutes", "0") == (1, said), "nothing is judged twice"
    row = f"| `{MODULE}` | `total: a + b → a - b` | because |\n"
    (tmp_path / "docs/reliability.md").write_text(row, encoding="utf-8")
    assert run() == (0, [said[0], ""])
