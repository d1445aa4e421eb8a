"""Every line of a rules document that says something is found, and is guarded by what matches it and nothing else."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails import config, coverage
from guardrails.config import places
from progress import elapsed

RULES = """\
# How we run the shop

Anyone may read this page.

## Production

The shop runs from here:

- Repo: `~/shop`
- State: `~/.openclaw`
- Must be clean: `git status` shows no local changes.

No direct edits on the prod repo.

## Going live

```sh
$ cd ~/shop
$ git fetch upstream && git merge \\
    --ff-only FETCH_HEAD   # the release
Already up to date.
```

```json
{"not": "a command"}
```

### Afterwards

1. [ ] `~/.openclaw/cron/jobs.json` contains expected jobs
2. [ ] See the [runbook](/runbook)

| page | why |
|---|---|
| `docs/start.md` | people begin there |

```
Status: approved
Notes:
  ✓ 200 tests pass
  - and docs/RUNBOOK.md is there
```
"""

CONFIGURATION = """
[environments.prod]
repo = "~/shop"
state_dir = "~/.openclaw"
branch = "main"
upstream = "upstream/main"
[operations.promote]
"""


def found(text: str) -> list[tuple[int, str, str]]:
    return [(line.number, line.kind, line.text) for line in coverage.read_lines(text)]


def policies(text: str, tmp_path: Path, *tables: str) -> dict[str, tuple[str, ...]]:
    """The text of each line and the policies that guard it, under a configuration with these tables."""
    path = tmp_path / "guardrails.toml"
    path.write_text(CONFIGURATION + "\n".join(tables))
    known, _, plugins = config.read(str(path))
    covered = coverage.cover_lines(text, known, plugins.policies, places.home())
    return {line.text: line.policies for line in covered}


def test_each_line_is_found_once_with_its_number() -> None:
    assert found(RULES) == [
        (9, "rule", "Repo: ~/shop"),
        (10, "rule", "State: ~/.openclaw"),
        (11, "rule", "Must be clean: git status shows no local changes."),
        (13, "rule", "No direct edits on the prod repo."),
        (18, "path", "cd ~/shop"),
        (19, "command", "git fetch upstream"),
        (19, "command", "git merge --ff-only FETCH_HEAD"),
        (30, "checklist", "~/.openclaw/cron/jobs.json contains expected jobs"),
        (31, "checklist", "See the runbook"),
        (35, "path", "docs/start.md"),
        (38, "rule", "Status: approved"),
        (40, "checklist", "200 tests pass"),
        (41, "checklist", "and docs/RUNBOOK.md is there"),
    ]


def test_a_line_knows_its_section_and_what_it_names() -> None:
    by_text = {line.text: line for line in coverage.read_lines(RULES)}

    assert by_text["Repo: ~/shop"].section == "Production"
    assert by_text["See the runbook"].section == "Going live / Afterwards"
    assert by_text["See the runbook"].names == ("/runbook",)
    assert by_text["Must be clean: git status shows no local changes."].names == ("git status",)
    assert by_text["and docs/RUNBOOK.md is there"].names == ("docs/RUNBOOK.md",)


@pytest.mark.parametrize(
    "text",
    [
        RULES.replace("\n", "\r\n"),
        "\ufeff" + RULES,
    ],
    ids=["crlf", "byte order mark"],
)
def test_an_editors_habits_change_nothing(text: str) -> None:
    assert found(text) == found(RULES)


def test_front_matter_is_no_rule_and_counts_as_lines() -> None:
    text = f"---\nsummary: never\n---\n{RULES}"
    assert found(text) == [(number + 3, kind, text) for number, kind, text in found(RULES)]


@pytest.mark.parametrize("text", ["", "# A title\n\nSome prose.\n", "The steps:\n", "```json\nmust\n```\n"])
def test_prose_is_no_rule(text: str) -> None:
    assert found(text) == []


def test_what_matches_guards(tmp_path: Path) -> None:
    by_text = policies(RULES, tmp_path, "[policies.clean-worktree]", "[policies.isolated-state-dirs]")

    assert by_text["Must be clean: git status shows no local changes."] == ("clean-worktree",)
    assert by_text["State: ~/.openclaw"] == ("isolated-state-dirs",)
    assert by_text["No direct edits on the prod repo."] == ()
    assert by_text["~/.openclaw/cron/jobs.json contains expected jobs"] == ()


def test_what_applies_nowhere_guards_nothing(tmp_path: Path) -> None:
    assert set(policies(RULES, tmp_path, "[policies.clean-worktree]\nenvironments = []").values()) == {()}


def test_one_state_directory_is_not_the_one_whose_name_begins_alike(tmp_path: Path) -> None:
    by_text = policies("- `~/.openclaw`\n- `~/.openclaw-dev`\n", tmp_path, "[policies.isolated-state-dirs]")
    assert by_text == {"~/.openclaw": ("isolated-state-dirs",), "~/.openclaw-dev": ()}


def test_a_full_path_and_one_from_home_are_the_same(tmp_path: Path) -> None:
    text = f"- `{places.home()}/.openclaw/`\n- `~/.openclaw/`\n"
    assert set(policies(text, tmp_path, "[policies.isolated-state-dirs]").values()) == {("isolated-state-dirs",)}


def test_options_fill_patterns_and_empty_ones_match_nothing(tmp_path: Path) -> None:
    text = "- SHOP_OPEN=yes\n- SHOP_OPEN=no\n"
    named = '[policies.open]\nuse = "environment-variable"\nname = "SHOP_OPEN"\nvalue = "yes"'

    assert policies(text, tmp_path, named) == {"SHOP_OPEN=yes": ("open",), "SHOP_OPEN=no": ()}
    page = '[policies.page]\nuse = "reachable-page"\nurl = "http://127.0.0.1/"'
    assert policies("- The dashboard loads.\n", tmp_path, page) == {"The dashboard loads.": ()}


def test_a_value_of_an_environment_is_no_pattern(tmp_path: Path) -> None:
    text = "- `/srv/a[bc]`\n- `/srv/ab`\n- `/srv/*`\n"
    table = '[environments.odd]\nrepo = "/srv/repo"\nstate_dir = "/srv/a[bc]"\n[policies.isolated-state-dirs]'

    assert policies(text, tmp_path, table) == {"/srv/a[bc]": ("isolated-state-dirs",), "/srv/ab": (), "/srv/*": ()}


def test_typographic_hyphens_and_spaces_are_the_plain_ones(tmp_path: Path) -> None:
    text = "- It\u00a0is\u00a0clean and matches upstream/main.\n- Nobody edits: no direct\u00a0edits.\n"
    tables = ("[policies.clean-worktree]", "[policies.no-direct-edits]")
    assert list(policies(text, tmp_path, *tables).values()) == [("clean-worktree",), ("no-direct-edits",)]


def test_letters_in_any_case_match(tmp_path: Path) -> None:
    assert policies("- PROD IS CLEAN\n", tmp_path, "[policies.clean-worktree]") == {
        "PROD IS CLEAN": ("clean-worktree",)
    }


MANY = 40_000


@pytest.mark.parametrize(
    "text",
    [
        "```\na" + " " * (6 * MANY) + "b\n```",
        "```\n" + "\\\n" * MANY + "```",
        "- " + "`/a` " * MANY + "/b " * (MANY // 2),
        "- /" + "." * (6 * MANY) + "!",
        "---\n" + "-\n" * MANY,
        "#" * (6 * MANY),
        "> " * MANY,
        "- " * MANY + "must",
        "- " + "[" * MANY + "must",
    ],
    ids=["spaces", "continued", "names", "dots", "front matter", "hashes", "quotes", "lists", "brackets"],
)
def test_a_large_document_takes_seconds_at_most(text: str) -> None:
    assert len(text) <= coverage.DOCUMENT_LIMIT
    began = time.monotonic()
    for line in coverage.read_lines(text):
        assert len(line.text) <= coverage.TEXT_LIMIT
        assert len(line.names) <= coverage.NAMES_LIMIT
    assert elapsed(began) < 10


@settings(max_examples=100)
@given(
    st.lists(st.sampled_from(["- ", "`", "```", "~/x", "\n", "$ ", "# ", "[ ] ", "\\", "|", "---", "must", ":", " "]))
)
def test_any_text_gives_lines_within_it(parts: list[str]) -> None:
    text = "".join(parts)
    for line in coverage.read_lines(text):
        assert 1 <= line.number <= text.count("\n") + 1
        assert line.text
        assert line.kind in ("checklist", "rule", "path", "command")
