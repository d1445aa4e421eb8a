"""The fuzz finds nothing in the product, and finds what is wrong once the product is broken."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from progress import run_to_its_end

FUZZ = Path(__file__).parents[1] / "fuzz/fuzz.py"
START = f"""
import sys
sys.path.insert(0, {str(FUZZ.parent)!r})
import fuzz
{{breaking}}
sys.exit(fuzz.main())
"""
NO_ANSWER_PASSES = """
from guardrails.engine import worker as engine
from guardrails.model import Outcome, PolicyResult
engine._error = lambda name, reason: PolicyResult(policy=name, outcome=Outcome.PASS)
"""
NOTHING_IS_SAVED = """
from guardrails.operations.guarded_run import judge_twice
from guardrails_policies.repository.reset_loses_nothing import ResetLosesNothing
judge_twice.save_losses = lambda world, settings, tell: None
ResetLosesNothing.evaluate = lambda self: []
"""
A_CHECK_TOUCHES = """
from guardrails.engine import worker as engine
from pathlib import Path
observe = engine.Run.observe
def touching(run, heard):
    Path(run._world.environment.repo, "touched").touch()
    return observe(run, heard)
engine.Run.observe = touching
"""


def fuzz(*arguments: str, breaking: str = "", again: str = "") -> subprocess.CompletedProcess[str]:
    """Run the fuzz on two processes, with a product that was broken first."""
    more = {"GUARDRAILS_FUZZ_PROGRAM": START.format(breaking=breaking)} if breaking else {}
    more |= {"GUARDRAILS_FUZZ": again} if again else {}
    return run_to_its_end(
        [sys.executable, str(FUZZ), "--jobs=2", *arguments],
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **more},
        text=True,
    )


@pytest.mark.parametrize(
    ("world", "faults"),
    [("sound", 25), ("work that is nowhere else", 8), ("Somebody commits in the production repository", 25)],
)
@pytest.mark.corpus
def test_some_faults(world: str, faults: int) -> None:
    done = fuzz(f"--faults={faults}", f"--world={world}")
    assert (done.returncode, f"{faults} passed, 0 failed" in done.stdout) == (0, True), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("world", "breaking", "says"),
    [
        ("Somebody commits in the production repository", NO_ANSWER_PASSES, "no-direct-edits is pass"),
        ("work that is nowhere else", NOTHING_IS_SAVED, "LOST"),
        ("An untracked file", A_CHECK_TOUCHES, "touched"),
    ],
    ids=["no answer passes", "nothing is saved", "a check touches"],
)
@pytest.mark.sample(3)
def test_a_broken_product_is_found(world: str, breaking: str, says: str) -> None:
    done = fuzz("--faults=20", f"--world={world}", breaking=breaking)
    assert done.returncode == 1, done.stdout + done.stderr
    assert says in done.stdout, done.stdout + done.stderr


@pytest.mark.corpus
def test_a_case_is_drawn_again_from_its_seed_and_number() -> None:
    first, second = (fuzz("--world=sound", again="5:3") for _ in range(2))
    lines = [done.stdout.splitlines()[1].split("  |  ")[1] for done in (first, second)]
    assert lines[0] == lines[1]
    assert "1 passed, 0 failed" in first.stdout
