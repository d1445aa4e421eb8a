"""The metrics are as Prometheus wants them, whole or not at all, and hold no text from the world but names."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from guardrails.errors import UsageError
from guardrails.watch.metrics import render, write_metrics
from guardrails.watch.told import Checked
from needs import need
from progress import run_to_its_end
from reports import HOSTILE

ALERTS = Path(__file__).parents[3] / "docs/watch.rules.yml"
DENIED = Checked(
    "deny", 1790000000.25, 0.087, {"clean-worktree": True, "links": False}, 1789990000.0, {"links": 1790003600.0}
)


def test_what_is_there() -> None:
    text = render({"prod": DENIED, "dev": Checked("allow", 5.0, 1.0, {})})
    assert 'guardrails_verdict{environment="prod",verdict="deny"} 1\n' in text
    assert 'guardrails_verdict{environment="prod",verdict="allow"} 0\n' in text
    assert 'guardrails_policy_blocks{environment="prod",policy="clean-worktree"} 1\n' in text
    assert 'guardrails_check_duration_seconds{environment="prod"} 0.087\n' in text
    assert 'guardrails_last_check_timestamp_seconds{environment="prod"} 1790000000.25\n' in text
    assert 'guardrails_last_allow_timestamp_seconds{environment="prod"} 1789990000\n' in text
    assert 'guardrails_waiver_expiry_timestamp_seconds{environment="prod",policy="links"} 1790003600\n' in text
    assert 'guardrails_last_allow_timestamp_seconds{environment="dev"}' not in text


@pytest.mark.parametrize("name", ["prod", *HOSTILE[:30:4], 'a"b\\c\nd'])
def test_promtool_takes_it(name: str) -> None:
    need("promtool")
    done = run_to_its_end(["promtool", "check", "metrics"], render({name: DENIED, "dev": DENIED}), text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_it_is_replaced_whole_and_readable_by_all(tmp_path: Path) -> None:
    path = tmp_path / "guardrails.prom"
    before = os.umask(0o077)
    try:
        write_metrics(str(path), {"prod": DENIED})
    finally:
        os.umask(before)
    assert (path.read_text(), path.stat().st_mode & 0o777) == (render({"prod": DENIED}), 0o644)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(UsageError, match="cannot be written: File too large"):
            write_metrics(str(path), {"dev": DENIED})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [one.name for one in tmp_path.iterdir()] == ["guardrails.prom"]
    with pytest.raises(UsageError, match="No such file or directory"):
        write_metrics(str(tmp_path / "none/guardrails.prom"), {"prod": DENIED})


def test_the_alerts_of_the_documents_are_rules() -> None:
    need("promtool")
    done = run_to_its_end(["promtool", "check", "rules", ALERTS], text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 rules found" in done.stdout


def test_the_alerts_fire_when_they_should(tmp_path: Path) -> None:
    need("promtool")
    cases = (Path(__file__).parent / "alert_cases.yml").read_text()
    (tmp_path / "cases.yml").write_text(cases.replace("RULES", str(ALERTS)))
    done = run_to_its_end(["promtool", "test", "rules", tmp_path / "cases.yml"], text=True)
    assert done.returncode == 0, done.stdout + done.stderr
