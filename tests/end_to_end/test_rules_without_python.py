"""A rule that is only a table has a title of its own, and says what it found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from worlds.small_world import bare_world, write

TITLE = "The migrations are applied"
RULE = f"""
[policies.migrated]
use = "healthy-command"
title = "{TITLE}"
command = "./ask --check"
within = "300ms"
"""
ASK = "#!/bin/sh\necho first; echo second\necho 'no such table' >&2; echo 'token=hunter2hunter2' >&2\nexit 3\n"


def test_its_title_is_shown_and_what_the_command_said(tmp_path: Path) -> None:
    world = bare_world(tmp_path)
    write(world.prod / "ask", ASK).chmod(0o755)
    world.configure(RULE)
    done = world.check("--env", "prod")
    assert done.returncode == 1
    for part in (TITLE, "./ask --check", "exit status 3: no such table ⏎ token=***; on its output: first ⏎ second"):
        assert part in done.stdout, done.stdout
    assert "hunter2" not in done.stdout
    [result] = world.report("--env", "prod")["results"]
    assert (result["policy"], result["title"]) == ("migrated", TITLE)
    [row] = [row for row in json.loads(world.run("policies", "--format", "json").stdout) if row["policy"] == "migrated"]
    assert row["title"] == TITLE
    assert world.run("explain", "migrated").stdout.splitlines()[1] == f"  {TITLE}."
    assert f'policies.migrated.title = "{TITLE}"' in world.run("config", "show").stdout


@pytest.mark.parametrize("title", ["", " x", "a\\nb", "x" * 101])
def test_a_title_is_one_line(tmp_path: Path, title: str) -> None:
    world = bare_world(tmp_path)
    world.configure(RULE.replace(TITLE, title))
    done = world.check("--env", "prod")
    assert (done.returncode, "policies.migrated.title must be one line" in done.stderr) == (2, True), done
