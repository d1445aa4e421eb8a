"""Where the pages of an environment are edited."""

from __future__ import annotations

from pathlib import Path

from guardrails import Environment, Workplace
from guardrails.testing import world


def test_production_is_edited_where_its_releases_come_from(tmp_path: Path) -> None:
    dev = Environment(name="dev", repo="/srv/de v")
    assert Workplace.of(world(tmp_path, sources=(dev,))) == Workplace("/srv/de v", is_here=False)
    assert Workplace.of(world("/srv/de v", sources=(dev,))) == Workplace("/srv/de v")
    assert Workplace.of(world(tmp_path)) == Workplace(str(tmp_path))


def test_commands_run_from_any_folder() -> None:
    assert Workplace("/srv/de v").git("status") == "git -C '/srv/de v' status"
    assert Workplace("/srv/de v").path("a/b.md") == "'/srv/de v/a/b.md'"
    assert Workplace("/srv/dev").renaming("a", "b") == "git -C /srv/dev mv -- a b"
    assert Workplace("/srv/dev", is_here=False).renaming("a", "b").endswith(", then commit and release it")
