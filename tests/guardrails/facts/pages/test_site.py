"""A documentation site as it lies in a repository. Its root and its redirects are in `test_documents.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardrails import CannotKnow
from guardrails.facts.pages.site import Site, require_address, require_path


@pytest.fixture
def site(tmp_path: Path) -> Site:
    (tmp_path / "repo/docs").mkdir(parents=True)
    (tmp_path / "repo/docs/a.md").write_text("a")
    (tmp_path / "repo/docs/alias.md").symlink_to("a.md")
    (tmp_path / "repo/docs/dangling.md").symlink_to("nowhere.md")
    (tmp_path / "secret.md").write_text("secret")
    (tmp_path / "repo/docs/out.md").symlink_to("../../secret.md")
    return Site(str(tmp_path / "repo"), "docs/a.md", "")


def test_files_are_read_by_their_exact_name(site: Site) -> None:
    assert site.read("docs/a.md") == site.read("docs/alias.md") == b"a"
    assert [site.read(path) for path in ("docs/A.md", "docs/b.md", "docs/dangling.md", "docs/a.md/x")] == [None] * 4


def test_nothing_is_read_out_of_the_repository(site: Site) -> None:
    with pytest.raises(CannotKnow, match="leads out of the repository"):
        site.read("docs/out.md")


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../x.md", "docs/../x.md", "docs//x.md", "./x.md", "docs/", "a\0"])
def test_paths_that_cannot_be_those_of_pages(path: str) -> None:
    with pytest.raises(ValueError, match="not the path of a page"):
        require_path(path)


@pytest.mark.parametrize("path", ["a", "docs/a.md", "docs/a b/ü.md", "docs/**", "docs/..a"])
def test_paths_of_pages(path: str) -> None:
    require_path(path)


@pytest.mark.parametrize("address", ["ftp://x.org", "https://", "/docs", "x.org?a", "me@x.org", "x .org", "a\tb"])
def test_addresses_where_no_site_can_be(address: str) -> None:
    with pytest.raises(ValueError, match="must be an address"):
        require_address(address)


@pytest.mark.parametrize("address", ["", "x.org", "https://x.org/", "http://localhost:8080/guide"])
def test_addresses(address: str) -> None:
    require_address(address)
