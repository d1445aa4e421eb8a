"""Which files of a state a gateway has open, and what their paths tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardrails_policies.openclaw.gateways.open_state_files import lock_folders_of, state_of, stores_of


def test_the_stores_of_a_state(tmp_path: Path) -> None:
    for name in ("agents/main", "agents/ops"):
        (tmp_path / name).mkdir(parents=True)
    assert [path.removeprefix(f"{tmp_path}/") for path in stores_of(str(tmp_path))] == [
        "state/openclaw.sqlite",
        "tasks/runs.sqlite",
        "agents/main/agent/openclaw-agent.sqlite",
        "agents/ops/agent/openclaw-agent.sqlite",
    ]
    assert all(state_of([path]) == str(tmp_path) for path in stores_of(str(tmp_path)))


@pytest.mark.parametrize(
    "path",
    [
        "/home/me/.openclaw/state/openclaw.sqlite-wal",
        "/home/me/.openclaw/state/openclaw.sqlite (deleted)",
        "/home/me/.openclaw/agents/main/sessions/one.jsonl",
        "/home/me/.openclaw/state/other.sqlite",
        "state/openclaw.sqlite",
    ],
)
def test_what_is_no_store_tells_no_state(path: str) -> None:
    assert state_of([path]) == ""


def test_the_folders_of_locks_that_are_open() -> None:
    opened = [
        "/tmp/openclaw-0/gateway.b33b0d7f.lock",
        "/s/tmp/openclaw-1000/gateway.state.lock",
        "/tmp/openclaw-0/x.lock",
    ]
    assert lock_folders_of(opened) == ["/tmp/openclaw-0", "/s/tmp/openclaw-1000"]
    assert lock_folders_of(["/tmp/openclaw/gateway.1.lock", "/tmp/openclaw-0/gateway.1.lock.sqlite"]) == []
