"""Which snippets a page shows."""

from __future__ import annotations

from pathlib import Path

from guardrails.facts.pages.site import Site
from guardrails.facts.pages.snippets import Snippets


def shown(tmp_path: Path, page: str) -> Snippets:
    files = {
        "docs.json": "{}",
        "snippets/a.mdx": "import B from './b.mdx'\n\n<B />",
        "snippets/b.mdx": "import A from '/snippets/a.mdx'\n\ntext",
    }
    for name, text in files.items():
        (tmp_path / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "docs" / name).write_text(text)
    return Snippets(Site(str(tmp_path), "docs/x.md", ""), "docs/cli/x.md", page.encode())


def test_imports_are_followed_and_circles_end(tmp_path: Path) -> None:
    found = shown(tmp_path, "import A from '/snippets/a.mdx'\nimport C from \"../snippets/b.mdx\"").of_page
    assert sorted(found) == ["A", "C"]
    assert list(found["A"].snippets) == ["B"]
    assert found["A"].snippets["B"].snippets == {}


def test_what_is_not_there_or_no_file_of_the_site_is_left_out(tmp_path: Path) -> None:
    page = "import A from '/snippets/none.mdx'\nimport B from '../../../x.mdx'\nimport C from 'package/x.mdx'"
    assert shown(tmp_path, page).of_page == {}


def test_the_old_form(tmp_path: Path) -> None:
    assert list(shown(tmp_path, '<Snippet file="b.mdx" />').of_page) == ["b.mdx"]
