"""Where a rollback would lead: whole, recorded and written down, or not."""

from pathlib import Path

import pytest

from dirty.dirty import snapshot
from dirty.dirty_repository import git
from guardrails.errors import CannotKnow
from guardrails.facts.operation.way_back import WayBack
from guardrails.testing import gather
from worlds.two_repositories import RELEASE, Repositories

DOCUMENT = "docs/DEPLOYMENT.md"


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def seen(repositories: Repositories, operation: str | None = "promote") -> WayBack:
    candidate = {"candidate": RELEASE} if operation == "promote" else {}
    return gather(WayBack, repositories.world(operation, **candidate), DOCUMENT)


def document(repositories: Repositories, text: str) -> None:
    path = repositories.prod / DOCUMENT
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")


def test_before_a_promotion_head_is_the_way_back(repositories: Repositories) -> None:
    before = snapshot(repositories.folder)
    way = seen(repositories)

    assert (way.target, way.leaves, way.missing) == (repositories.second, repositories.release, "")
    assert snapshot(repositories.folder) == before


def test_before_a_rollback_the_record_is(repositories: Repositories) -> None:
    assert seen(repositories, "rollback").target is None

    repositories.promote()
    repositories.record()
    way = seen(repositories, "rollback")
    assert (way.target, way.leaves) == (repositories.second, repositories.release)


@pytest.mark.parametrize("operation", [None, "update", "verify"])
def test_in_other_operations_there_is_none(repositories: Repositories, operation: str | None) -> None:
    assert seen(repositories, operation).operation is None


def test_a_blob_that_is_missing_is_told(repositories: Repositories) -> None:
    blob = git(repositories.prod, "rev-parse", "HEAD:first.txt")
    git(repositories.prod, "repack", "-qad")
    for pack in (repositories.prod / ".git/objects/pack").iterdir():
        pack.rename(repositories.folder / pack.name)
    git(repositories.prod, "unpack-objects", "-q", stdin=next(repositories.folder.glob("*.pack")).read_bytes())
    (repositories.prod / ".git/objects" / blob[:2] / blob[2:]).unlink()

    assert blob in seen(repositories).missing


@pytest.mark.parametrize(
    "text",
    [
        "# Rules\n\n## Rollback\n",
        "# Rules\n\n### 7) Rollback procedure\n",
        "Roll back\n=========\n",
        "## Roll-back\n",
        "## How to `rollback`\n",
    ],
)
def test_a_heading_that_names_a_rollback(repositories: Repositories, text: str) -> None:
    document(repositories, text)

    assert seen(repositories).documented


@pytest.mark.parametrize(
    "text", ["# Rules\n\nRollback as you like.\n", "```\n## Rollback\n```\n", "<!-- ## Rollback -->\n", ""]
)
def test_text_that_only_mentions_one(repositories: Repositories, text: str) -> None:
    document(repositories, text)

    assert (seen(repositories).document_exists, seen(repositories).documented) == (True, False)


def test_no_document(repositories: Repositories) -> None:
    assert (seen(repositories).document_exists, seen(repositories).documented) == (False, False)


def test_a_document_that_cannot_be_read(repositories: Repositories) -> None:
    (repositories.prod / DOCUMENT).mkdir(parents=True)

    with pytest.raises(CannotKnow, match="a directory"):
        seen(repositories)
