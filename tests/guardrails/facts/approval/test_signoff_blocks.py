"""The sign-off blocks of a document: read as people write them, and refused when they say nothing clear."""

from __future__ import annotations

from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.errors import CannotKnow
from guardrails.facts.approval.signoff_blocks import SignOffBlock, SignOffBlocks, parse_blocks
from guardrails.testing import gather
from worlds.two_repositories import RELEASE, Repositories

DOCUMENT = """\
## Release plan

```
### Architect #9 sign-off in an example
git merge --ff-only FETCH_HEAD
```

### Architect #2 sign\u2011off

```
Status: approved
Owner: Grace (Architect #2)
Date: 2026-02-01
Notes:
  Review completed. All phases (1-8) implemented and tested.

  Checklist:
  \u2713 200+ tests pass

  Recommendation: Proceed with release after Architect #1 approval.
```

### Architect #1 sign\u2011off

```
Status: approved
Owner: Peter (Architect #1)
Date: 2026-02-01
Notes:
  - Все фазы памяти закрыты

  Decision: APPROVED for production release.
```
"""


def read(text: str) -> list[SignOffBlock]:
    return list(parse_blocks(text, "docs/DEPLOYMENT.md"))


def one(fields: str, heading: str = "### Architect #1 sign-off") -> list[SignOffBlock]:
    return read(f"{heading}\n\n```\n{fields}\n```\n")


def test_the_blocks_of_the_rules() -> None:
    assert read(DOCUMENT) == [
        SignOffBlock("architect-2", "approved", "Grace", "2026-02-01", 8, ("architect-1",)),
        SignOffBlock("architect-1", "approved", "Peter", "2026-02-01", 23, ()),
    ]


@pytest.mark.parametrize("text", ["", "Text\n", "# Release sign-off\n\nBoth architects sign off below.\n"])
def test_no_blocks(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    "heading",
    [
        "### Architect #1 sign-off",
        "# Architect #1 sign\u2010off",
        "## Architect #1 sign\u2011off ##",
        "### Architect #1 SIGN\u2013OFF",
        "### Architect #1 signoff",
        "   ### architect-1 sign off",
    ],
)
def test_headings(heading: str) -> None:
    assert [block.role for block in one("Status: approved", heading)] == ["architect-1"]


@pytest.mark.parametrize(
    ("status", "means"),
    [("approved", "approved"), ("Rejected", "rejected"), ("pending", "pending"), ("", "pending")],
)
def test_statuses(status: str, means: str) -> None:
    assert [block.status for block in one(f"Status: {status}")] == [means]


@pytest.mark.parametrize("fence", ["```", "~~~~", "```text"])
def test_fences_and_none(fence: str) -> None:
    text = f"### A sign-off\n{fence}\nStatus: approved\n{fence.rstrip('tex')}\n### B sign-off\nStatus: rejected\n"
    assert [(block.role, block.status) for block in read(text)] == [("a", "approved"), ("b", "rejected")]


@pytest.mark.parametrize(
    "notes",
    [
        "Proceed after Architect #2 approval.",
        "Fine once architect #2 has approved it",
        "Conditional on Architect #2's sign\u2011off",
        "Subject to Architect #2 approval",
    ],
)
def test_conditions(notes: str) -> None:
    assert [block.after for block in one(f"Status: approved\nNotes: {notes}")] == [("architect-2",)]


def test_carriage_returns_and_a_byte_order_mark() -> None:
    assert read("\ufeff" + DOCUMENT.replace("\n", "\r\n")) == read(DOCUMENT)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ("Status: approved\nStatus: rejected", "says Status twice"),
        ("Status: approvd", "no status that is known"),
        ("Status: approved \u2014 mostly", "no status that is known"),
        ("Owner: Peter", "no status that is known"),
        ("Status: approved\nDate: yesterday", "has a date"),
        ("Status: approved\nDate: 2026-02-30", "has a date"),
        ("Status: approved\nDate: 20260201", "has a date"),
        ("Status: approved\nOwner: Grace (Architect #2)", "is owned by Architect #2"),
    ],
)
def test_a_block_that_says_nothing_clear_cannot_be_known(fields: str, says: str) -> None:
    with pytest.raises(CannotKnow, match=r"docs/DEPLOYMENT\.md:1") as caught:
        one(fields)
    assert says in str(caught.value)


def test_a_code_block_without_an_end_cannot_be_known() -> None:
    with pytest.raises(CannotKnow, match="without an end"):
        read("### A sign-off\n```\nStatus: approved\n")


def test_every_cut_of_the_document_is_read_or_refused() -> None:
    for end in range(len(DOCUMENT)):
        try:
            found = read(DOCUMENT[:end])
        except CannotKnow:
            continue
        assert {block.role for block in found} <= {"architect-1", "architect-2"}


def test_long_lines_take_no_time() -> None:
    long = "Notes: " + "after " * 50_000 + "\n" + "sign-off " * 50_000
    assert len(one("Status: approved\n" + long)) == 1
    for long in ("x " * 50_000, " " * 50_000, "#" * 50_000, " #" * 50_000):
        assert read(f"# {long}sign-") == read(f"# {long} sign-off\nStatus: approved") == []
        assert len(one(f"Status: approved\nOwner:{long}x")) == 1


# Where it is read


@pytest.fixture
def repos(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def gathered(repos: Repositories, document: str) -> SignOffBlocks:
    return gather(SignOffBlocks, repos.world("promote", candidate=RELEASE), document)


def write(repos: Repositories, data: bytes) -> None:
    (repos.dev / "docs").mkdir()
    (repos.dev / "docs/DEPLOYMENT.md").write_bytes(data)
    git(repos.dev, "add", "-A")
    git(repos.dev, "commit", "-qm", "Sign off")


@pytest.mark.parametrize("document", ["docs/DEPLOYMENT.md", "./docs//DEPLOYMENT.md"])
def test_as_the_candidate_has_it(repos: Repositories, document: str) -> None:
    write(repos, DOCUMENT.encode())
    (repos.dev / "docs/DEPLOYMENT.md").write_text("not committed")
    assert [block.role for block in gathered(repos, document).blocks] == ["architect-2", "architect-1"]


@pytest.mark.parametrize("document", ["", "docs/DEPLOYMENT.md", "docs/*.md", ":(glob)**", "/nowhere/x.md", "../x.md"])
def test_what_is_not_there_has_no_blocks(repos: Repositories, document: str) -> None:
    if document == "../x.md":
        with pytest.raises(CannotKnow):
            gathered(repos, document)
    else:
        assert gathered(repos, document).exists is False


def test_a_file_outside_of_every_repository(repos: Repositories, tmp_path: Path) -> None:
    (tmp_path / "plan.md").write_text(DOCUMENT)
    assert len(gathered(repos, str(tmp_path / "plan.md")).blocks) == 2


@pytest.mark.parametrize("data", [b"\xff\xfe# A sign-off", b"x" * (1024 * 1024 + 1)])
def test_what_cannot_be_read(repos: Repositories, data: bytes) -> None:
    write(repos, data)
    with pytest.raises(CannotKnow):
        gathered(repos, "docs/DEPLOYMENT.md")


def test_a_folder_or_a_link_is_no_document(repos: Repositories) -> None:
    (repos.dev / "docs").mkdir()
    (repos.dev / "docs/DEPLOYMENT.md").symlink_to("/etc/passwd")
    git(repos.dev, "add", "-A")
    git(repos.dev, "commit", "-qm", "A link")
    for document in ("docs/DEPLOYMENT.md", "docs"):
        with pytest.raises(CannotKnow, match="no file"):
            gathered(repos, document)
