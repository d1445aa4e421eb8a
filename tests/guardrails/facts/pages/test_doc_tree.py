"""Links of a real tree that lead nowhere."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails import CannotKnow, DeadLink, DocTree
from guardrails.facts.pages.pages import Pages
from guardrails.testing import gather, world

DOCUMENT = "docs/DEPLOYMENT.md"
REDIRECTS = {
    "/old": "/memory/OPERATIONS",
    "/old-part": "/memory/OPERATIONS#clean-up",
    "/old-gone": "/nowhere",
    "/one": "/two",
    "/two": "/one",
}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return write(
        tmp_path / "repo",
        {
            DOCUMENT: "# Rules\n\n## Roll back\n",
            "docs/memory/OPERATIONS.md": "# Operations\n\n## Clean up\n",
            "docs/cli/index.md": "# CLI\n",
            "docs/picture.png": "",
            "README.md": "# Top\n",
            "scripts/run.sh": "",
        },
    )


@pytest.fixture
def site(repo: Path) -> Path:
    redirects = [{"source": source, "destination": to} for source, to in REDIRECTS.items()]
    return write(repo, {"docs/docs.json": json.dumps({"redirects": redirects})})


def write(repo: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (repo / path).parent.mkdir(parents=True, exist_ok=True)
        (repo / path).write_text(text)
    return repo


def look(repo: Path, *patterns: str, document: str = DOCUMENT, address: str = "", timeout: float = 10.0) -> DocTree:
    return gather(DocTree, world(repo, timeout=timeout), document, patterns, address)


def dead(repo: Path, text: str, address: str = "") -> list[tuple[str, str, str]]:
    """Kind, file and other spelling of each dead link of the document, when it ends with this text."""
    write(repo, {DOCUMENT: f"# Rules\n\n## Roll back\n\n{text}\n"})
    return [(link.kind, link.file, link.spelled) for link in look(repo, address=address).dead]


ALIVE = (
    "[x](/memory/OPERATIONS)",
    "[x](/memory/OPERATIONS.md)",
    "[x](/memory/OPERATIONS#clean-up)",
    "[x](memory/OPERATIONS.md#clean-up)",
    "[x](./memory/../memory/OPERATIONS.md)",
    "[x](../README.md#top)",
    "[x](/cli) [y](/cli/) [z](/cli/index) [w](cli/index.md)",
    "[x](#roll-back) [y](#) [z](#top) [w](#:~:text=x)",
    "[x](/DEPLOYMENT#roll-back)",
    "[x][r]\n\n[r]: /memory/OPERATIONS#clean-up",
    '<a href="/memory/OPERATIONS#clean-up">x</a>',
    "![x](/picture.png) ![y](picture.png)",
    "[x](../scripts/run.sh) [y](../scripts/run.sh#L10)",
    "[x](/docs/memory/OPERATIONS.md)",
    "[x](https://example.org/nowhere) <mailto:a@example.org> [y](//example.org/nowhere)",
    "`[x](/nowhere)`",
    "```\n[x](/nowhere)\n```",
    "<!-- [x](/nowhere) -->",
    "[x](</memory/OPERATIONS#clean%2Dup>)",
)


@pytest.mark.parametrize("text", ALIVE)
def test_links_that_lead_somewhere(repo: Path, text: str) -> None:
    assert dead(repo, text) == []


@pytest.mark.parametrize("text", ALIVE)
def test_links_that_lead_somewhere_on_a_site(site: Path, text: str) -> None:
    assert dead(site, text) == []


OPERATIONS = "docs/memory/OPERATIONS.md"
DEAD = {
    "[x](/nowhere)": ("page", "docs/nowhere", ""),
    "[x](nowhere.md#y)": ("page", "docs/nowhere.md", ""),
    "[x][r]\n\n[r]: nowhere.md": ("page", "docs/nowhere.md", ""),
    '<a href="/nowhere">x</a>': ("page", "docs/nowhere", ""),
    "![x](/nowhere.png)": ("page", "docs/nowhere.png", ""),
    '<img src="nowhere.png">': ("page", "docs/nowhere.png", ""),
    "[x](../../secret.md)": ("page", "", ""),
    "[x](/memory/operations)": ("page", "docs/memory/operations", OPERATIONS),
    "[x](Memory/OPERATIONS.md)": ("page", "docs/Memory/OPERATIONS.md", OPERATIONS),
    "[x](/memory/OPERATIONS.MD)": ("page", "docs/memory/OPERATIONS.MD", OPERATIONS),
    "[x](#nowhere)": ("anchor", DOCUMENT, ""),
    "[x](#Roll-Back)": ("anchor", DOCUMENT, "roll-back"),
    "[x](/memory/OPERATIONS#nowhere)": ("anchor", OPERATIONS, ""),
    "[x](memory/OPERATIONS.md#Clean-up)": ("anchor", OPERATIONS, "clean-up"),
    "[x](/cli#nowhere)": ("anchor", "docs/cli/index.md", ""),
    "[x](../README.md#nowhere)": ("anchor", "README.md", ""),
}


@pytest.mark.parametrize(("text", "expected"), DEAD.items())
def test_dead_links(repo: Path, text: str, expected: tuple[str, str, str]) -> None:
    assert dead(repo, text) == [expected]


@pytest.mark.parametrize(("text", "expected"), DEAD.items())
def test_dead_links_on_a_site(site: Path, text: str, expected: tuple[str, str, str]) -> None:
    assert dead(site, text) == [expected]


def test_redirects(site: Path) -> None:
    assert dead(site, "[x](/old) [y](/old#clean-up) [z](/old-part) [w](/old-part#overruled)") == []
    assert dead(site, "[x](/one)") == [("end", "docs/docs.json", "")]
    assert dead(site, "[x](/old-gone)") == [("page", "docs/old-gone", "")]
    assert dead(site, "[x](/old#nowhere)") == [("anchor", OPERATIONS, "")]
    (link,) = look(write(site, {DOCUMENT: "[x](/old-gone)"})).dead
    assert link.obstacle == "it is redirected to /nowhere, and there is no such page"


def test_components_of_a_site(site: Path) -> None:
    write(site, {"docs/cli/index.md": '<Steps titleSize="h2">\n<Step title="First one">\n</Step>\n</Steps>'})
    assert dead(site, '<Card href="/cli#first-one" /> <Card href="/cli" />') == []
    assert dead(site, '<Card href="/cli#nowhere" />') == [("anchor", "docs/cli/index.md", "")]


def test_a_folder_is_a_page_on_github_alone(repo: Path) -> None:
    assert dead(repo, "[x](memory) [y](/memory/)") == []
    write(repo, {"docs/docs.json": "{}"})
    assert dead(repo, "[x](memory)") == [("page", "docs/memory", "")]


def test_the_address_of_the_site(site: Path) -> None:
    text = "<https://docs.example.org/nowhere>"
    assert dead(site, text) == []
    assert dead(site, text, address="https://docs.example.org") == [("page", "docs/nowhere", "")]


def test_where_a_dead_link_stands(repo: Path) -> None:
    write(repo, {DOCUMENT: "---\na: b\n---\n# Rules\n\n[x](/b) and ![y](/a)\n[z](/c)\n"})
    assert look(repo).dead == (
        DeadLink(DOCUMENT, 6, "/b", "page", "there is no such page", "docs/b"),
        DeadLink(DOCUMENT, 6, "/a", "page", "there is no such page", "docs/a"),
        DeadLink(DOCUMENT, 7, "/c", "page", "there is no such page", "docs/c"),
    )


PATTERNS = {
    (): [DOCUMENT],
    ("docs/cli/index.md",): ["docs/cli/index.md"],
    ("docs/*.md",): [DOCUMENT],
    ("docs/**",): [DOCUMENT, "docs/cli/index.md", OPERATIONS],
    ("**",): ["README.md", DOCUMENT, "docs/cli/index.md", OPERATIONS],
    ("**/memory/*.md",): [OPERATIONS],
    ("docs/**/OPERATIONS.md",): [OPERATIONS],
    ("docs/**/DEPLOYMENT.md",): [DOCUMENT],
    ("docs/???/*",): ["docs/cli/index.md"],
    ("docs/**", "!docs/memory/**"): [DOCUMENT, "docs/cli/index.md"],
    ("README.md", "docs/*"): ["README.md", DOCUMENT],
}


@pytest.mark.parametrize(("patterns", "expected"), PATTERNS.items())
def test_patterns(repo: Path, patterns: tuple[str, ...], expected: list[str]) -> None:
    for path in (DOCUMENT, "docs/cli/index.md", OPERATIONS, "README.md", "node_modules/a/b.md", ".hidden/c.md"):
        write(repo, {path: "[x](nowhere.md)"})
    tree = look(repo, *patterns)
    assert [link.page for link in tree.dead] == expected
    assert tree.absent == ()


@pytest.mark.parametrize(
    ("patterns", "absent"),
    [
        (("docs/none.md", "docs/**"), (("docs/none.md", ""),)),
        (("docs/deployment.md",), (("docs/deployment.md", DOCUMENT),)),
        (("docs/none/*.md",), (("docs/none/*.md", ""),)),
        (("scripts/*",), (("scripts/*", ""),)),
        (("docs/*.md", "!docs/D*"), (("docs/*.md", ""),)),
        (("docs/dangling.md",), (("docs/dangling.md", ""),)),
    ],
)
def test_what_nothing_matches_is_absent(
    repo: Path, patterns: tuple[str, ...], absent: tuple[tuple[str, str], ...]
) -> None:
    (repo / "docs/dangling.md").symlink_to("nowhere.md")
    tree = look(repo, *patterns)
    assert (tree.dead, tree.absent) == ((), absent)


def test_the_same_address_means_something_else_in_another_folder(repo: Path) -> None:
    write(repo, {"docs/one/a.md": "[x](b.md)", "docs/one/b.md": "", "docs/two/a.md": "[x](b.md)"})
    assert [link.page for link in look(repo, "docs/*/a.md").dead] == ["docs/two/a.md"]


def test_a_document_may_be_called_anything(repo: Path) -> None:
    write(repo, {"RULES": "# One\n\n[x](#one) [y](#two) [z](/nowhere)"})
    assert {link.destination for link in look(repo, document="RULES").dead} == {"#two", "/nowhere"}


def test_a_missing_document_is_absent(repo: Path) -> None:
    (repo / DOCUMENT).unlink()
    assert look(repo).absent == ((DOCUMENT, ""),)
    assert look(repo, "docs/cli/index.md").absent == ()


def fails_bytes(repo: Path) -> None:
    (repo / DOCUMENT).write_bytes(b"\xff")


def fails_fifo(repo: Path) -> None:
    (repo / DOCUMENT).unlink()
    os.mkfifo(repo / DOCUMENT)


def fails_folder(repo: Path) -> None:
    (repo / DOCUMENT).unlink()
    (repo / DOCUMENT).mkdir()


def fails_out_of_the_repository(repo: Path) -> None:
    (repo / "../secret.md").write_text("x")
    (repo / DOCUMENT).unlink()
    (repo / DOCUMENT).symlink_to("../../secret.md")


def fails_target(repo: Path) -> None:
    (repo / DOCUMENT).write_text("[x](/cli#part)")
    (repo / "docs/cli/index.md").write_bytes(b"\xff")


def fails_site(repo: Path) -> None:
    write(repo, {"docs/docs.json": "{"})


@pytest.mark.parametrize("spoil", [value for name, value in globals().items() if name.startswith("fails_")])
def test_what_cannot_be_read_or_trusted_cannot_be_known(repo: Path, spoil: Callable[[Path], None]) -> None:
    spoil(repo)
    for _ in range(2):
        with pytest.raises(CannotKnow):
            look(repo)


def test_no_time_is_no_answer(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CannotKnow, match="in time"):
        look(repo, timeout=-1.0)
    answers = iter((True, False))  # there is time to read the page, and none to follow its links
    monkeypatch.setattr(Pages, "has_time", lambda _: next(answers))
    with pytest.raises(CannotKnow, match="followed in time"):
        look(repo)


def test_nothing_is_changed(site: Path) -> None:
    def state() -> list[tuple[str, int, bytes]]:
        files = [path for path in sorted(site.rglob("*")) if path.is_file()]
        return [(str(path), path.stat().st_mtime_ns, path.read_bytes()) for path in files]

    before = state()
    look(site, "**")
    assert state() == before


@pytest.mark.parametrize(
    ("document", "patterns", "address", "complaint"),
    [
        ("../x.md", (), "", "not the path of a page"),
        ("x.md", ("/docs/**",), "", "not the path of a page"),
        ("x.md", ("!../**",), "", "not the path of a page"),
        ("x.md", ("!docs/**",), "", "none is left"),
        ("x.md", (), "ftp://x", "must be an address"),
    ],
)
def test_options_that_cannot_be_meant(document: str, patterns: tuple[str, ...], address: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        DocTree.check(document, patterns, address)


NAMES = st.text("aB-", min_size=1, max_size=2)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)


@settings(max_examples=60)
@given(paths=st.sets(PATHS, min_size=1, max_size=6), to=PATHS)
def test_a_root_relative_link_lives_exactly_when_a_page_of_that_name_does(
    tmp_path_factory: pytest.TempPathFactory, paths: set[str], to: str
) -> None:
    repo = tmp_path_factory.mktemp("repo")
    write(repo, {f"docs/{path}.md": "" for path in paths} | {DOCUMENT: f"[x](/{to})", "docs/docs.json": "{}"})
    assert bool(look(repo).dead) is (to not in paths)
