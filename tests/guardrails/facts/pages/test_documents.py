"""Documents as they lie in a repository: what is there, what it links to, and what cannot be known."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from guardrails import CannotKnow, DocTree, Documents
from guardrails.facts.pages.documents import Link, Page
from guardrails.testing import gather, world

DOCUMENT = "docs/DEPLOYMENT.md"
PAGE = "docs/start/openclaw.md"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return write(tmp_path / "repo", {DOCUMENT: "# Rules\n", PAGE: "Read [the rules](/DEPLOYMENT).\n"})


def write(repo: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (repo / path).parent.mkdir(parents=True, exist_ok=True)
        (repo / path).write_text(text)
    return repo


def look(repo: Path, *pages: str, document: str = DOCUMENT, site: str = "") -> Documents:
    return gather(Documents, world(repo), document, pages or (PAGE,), site)


def linked(documents: Documents) -> list[bool]:
    return [any(map(documents.leads_to_document, page.links)) for page in documents.pages]


def test_a_linked_document(repo: Path) -> None:
    documents = look(repo)
    assert documents.document == Page(DOCUMENT, real=DOCUMENT)
    assert documents.pages == (Page(PAGE, real=PAGE, links=(Link("/DEPLOYMENT", 1, (DOCUMENT,)),)),)
    assert linked(documents) == [True]


def test_what_is_absent_is_recorded(repo: Path) -> None:
    (repo / DOCUMENT).unlink()
    documents = look(repo, PAGE, "docs/memory/OPERATIONS.md")
    assert documents.document == Page(DOCUMENT, exists=False)
    assert documents.pages[1] == Page("docs/memory/OPERATIONS.md", exists=False)
    assert documents.pages[0].links[0].leads_to == ()


def test_another_spelling_is_absent(repo: Path) -> None:
    (repo / DOCUMENT).rename(repo / "docs/Deployment.md")
    documents = look(repo)
    assert documents.document == Page(DOCUMENT, exists=False, spelled="docs/Deployment.md")
    assert documents.pages[0].links == (
        Link("/DEPLOYMENT", 1, (), "the file is spelled docs/Deployment.md", "docs/Deployment.md"),
    )


def test_redirects_of_the_site(repo: Path) -> None:
    write(repo, {"docs/docs.json": json.dumps({"redirects": [{"source": "/rules", "destination": "/DEPLOYMENT#top"}]})})
    write(repo, {PAGE: "[rules](/rules)"})
    documents = look(repo)
    assert documents.has_site
    assert linked(documents) == [True]
    (repo / "docs/docs.json").write_text("{}")
    assert linked(look(repo)) == [False]


@pytest.mark.parametrize("name", ["docs.json", "mint.json"])
@pytest.mark.parametrize(
    ("site_folder", "document", "root"),
    [
        ("docs", "docs/DEPLOYMENT.md", "docs"),
        ("docs", "docs/ops/DEPLOYMENT.md", "docs"),
        ("site/pages", "site/pages/ops/DEPLOYMENT.md", "site/pages"),
        (".", "docs/DEPLOYMENT.md", ""),
        ("docs/ops", "docs/ops/DEPLOYMENT.md", "docs/ops"),
        (None, "docs/ops/DEPLOYMENT.md", "docs"),
        (None, "handbook/DEPLOYMENT.md", ""),
        (None, "DEPLOYMENT.md", ""),
    ],
)
def test_the_root_is_where_the_site_is(
    tmp_path: Path, name: str, site_folder: str | None, document: str, root: str
) -> None:
    write(tmp_path, {document: "text", "page.md": "text"})
    if site_folder:
        write(tmp_path, {f"{site_folder}/{name}": "{}"})
    documents = look(tmp_path, "page.md", document=document)
    assert (documents.root, documents.has_site) == (root, bool(site_folder))


def test_a_site_reads_markdown_as_mdx(repo: Path) -> None:
    write(repo, {PAGE: '    [rules](/DEPLOYMENT)\n\n<Card href="/DEPLOYMENT" />'})
    assert linked(look(repo)) == [False]
    write(repo, {"docs/docs.json": "{}"})
    assert len(look(repo).pages[0].links) == 2


def test_the_ending_mdx_is_mdx(repo: Path) -> None:
    write(repo, {"docs/x.mdx": '<Card href="/DEPLOYMENT" />', "docs/x.md": '<Card href="/DEPLOYMENT" />'})
    assert linked(look(repo, "docs/x.mdx", "docs/x.md")) == [True, False]


def test_the_site_option(repo: Path) -> None:
    write(repo, {PAGE: "<https://docs.example.org/DEPLOYMENT>"})
    assert linked(look(repo)) == [False]
    assert linked(look(repo, site="https://docs.example.org")) == [True]


def test_mentions_are_looked_for_where_there_is_no_link(repo: Path) -> None:
    write(repo, {"docs/a.md": "`docs/DEPLOYMENT.md`", "docs/b.md": "[x](/DEPLOYMENT) `docs/DEPLOYMENT.md`"})
    documents = look(repo, "docs/a.md", "docs/b.md")
    assert [page.mentions for page in documents.pages] == [(("code", 1),), ()]


def test_mentions_of_an_index_are_those_of_its_address(repo: Path) -> None:
    write(repo, {"docs/ops/index.md": "text", PAGE: "`/ops` and `docs/start/x.md`\n\n`ops`"})
    assert look(repo, document="docs/ops/index.md").pages[0].mentions == (("code", 1),)


def test_near_misses(repo: Path) -> None:
    write(repo, {PAGE: "[a](/deployment) [b](/ops/DEPLOYMENT.md#x) [c](/DEPLOYMENTS) [d](/DEPLOYMENT)"})
    documents = look(repo)
    assert [link.destination for link in documents.near_misses(documents.pages[0])] == [
        "/deployment",
        "/ops/DEPLOYMENT.md#x",
    ]


@pytest.mark.parametrize("has_site", [False, True])
@pytest.mark.parametrize("document", ["docs/DEPLOYMENT.md", "docs/ops/index.md", "docs/a b/ü(1)%.md", "DEPLOYMENT.md"])
@pytest.mark.parametrize("page", ["docs/index.md", "docs/a/b.md", "README.md", "docs/ops/c.md"])
def test_the_address_to_write_is_one_that_leads_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_site: bool, document: str, page: str
) -> None:
    write(tmp_path, {document: "text", page: "text", **({"docs/docs.json": "{}"} if has_site else {})})
    monkeypatch.chdir("/")
    documents = look(tmp_path, page, document=document)
    (tmp_path / page).write_text(f"[x]({documents.address(documents.pages[0])})")
    assert linked(look(tmp_path, page, document=document)) == [True]


def test_symbolic_links_within_the_repository(repo: Path) -> None:
    (repo / "RULES.md").symlink_to(DOCUMENT)
    (repo / "docs/alias.md").symlink_to("start/openclaw.md")
    write(repo, {PAGE: "[x](/docs/DEPLOYMENT.md)"})
    assert linked(look(repo, PAGE, "docs/alias.md", document="RULES.md")) == [True, True]


def fails_out_of_the_repository(repo: Path) -> None:
    (repo / "../secret.md").write_text("[x](/DEPLOYMENT)")
    (repo / PAGE).unlink()
    (repo / PAGE).symlink_to(repo / "../secret.md")


def fails_bytes(repo: Path) -> None:
    (repo / PAGE).write_bytes(b"[x](/DEPLOYMENT)\xff")


def fails_fifo(repo: Path) -> None:
    (repo / PAGE).unlink()
    os.mkfifo(repo / PAGE)


def fails_folder(repo: Path) -> None:
    (repo / PAGE).unlink()
    (repo / PAGE).mkdir()


def fails_size(repo: Path) -> None:
    os.truncate(repo / PAGE, 17 << 20)


def fails_document_fifo(repo: Path) -> None:
    (repo / DOCUMENT).unlink()
    os.mkfifo(repo / DOCUMENT)


def fails_site_syntax(repo: Path) -> None:
    write(repo, {"docs/docs.json": "{"})


def fails_site_twice(repo: Path) -> None:
    write(repo, {"docs/docs.json": '{"redirects": [], "redirects": []}'})


def fails_site_list(repo: Path) -> None:
    write(repo, {"docs/docs.json": "[]"})


def fails_site_redirects(repo: Path) -> None:
    write(repo, {"docs/docs.json": '{"redirects": {"$ref": "./redirects.json"}}'})


def fails_site_redirect(repo: Path) -> None:
    write(repo, {"docs/docs.json": '{"redirects": [{"source": "/a"}]}'})


def fails_site_entry(repo: Path) -> None:
    write(repo, {"docs/docs.json": '{"redirects": ["/a"]}'})


def fails_site_folder(repo: Path) -> None:
    (repo / "docs/docs.json").mkdir()


@pytest.mark.parametrize("spoil", [value for name, value in globals().items() if name.startswith("fails_")])
def test_what_cannot_be_read_or_trusted_cannot_be_known(repo: Path, spoil: Callable[[Path], None]) -> None:
    spoil(repo)
    for _ in range(2):  # and is not remembered either
        with pytest.raises(CannotKnow):
            look(repo)


def test_a_repository_that_is_not_there_cannot_be_known(tmp_path: Path) -> None:
    with pytest.raises(CannotKnow):
        look(tmp_path / "nowhere")


def test_a_dangling_page_is_absent(repo: Path) -> None:
    (repo / PAGE).unlink()
    (repo / PAGE).symlink_to("nowhere.md")
    assert not look(repo).pages[0].exists


def test_a_second_look_imports_no_parser_and_sees_the_same(repo: Path) -> None:
    write(repo, {"docs/docs.json": '{"redirects": [{"source": "/a", "destination": "/b"}]}'})
    first = look(repo)
    assert look(repo) == first
    gather(DocTree, world(repo), DOCUMENT, (), "")
    script = (
        "import sys; from guardrails import DocTree, Documents; from guardrails.testing import gather, world\n"
        f"gather(Documents, world({str(repo)!r}), {DOCUMENT!r}, ({PAGE!r},), '')\n"
        f"gather(DocTree, world({str(repo)!r}), {DOCUMENT!r}, (), '')\n"
        "print([name for name in ('pyromark', 'html.parser', 'html', 'importlib.metadata', 'urllib.parse',\n"
        "       'guardrails.facts.pages.markdown', 'pathlib', 'dataclasses', 'typing') if name in sys.modules])"
    )
    top = Path(__file__).parents[4]
    run = [sys.executable, "-c", script]
    shown = subprocess.run(
        run, cwd=top, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": ""}
    )
    assert shown.stdout.strip() == "[]"


def test_a_changed_page_is_read_again(repo: Path) -> None:
    assert linked(look(repo)) == [True]
    write(repo, {PAGE: "`[the rules](/DEPLOYMENT)`"})
    assert linked(look(repo)) == [False]


def test_a_changed_parser_reads_again(repo: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look(repo)
    before = sorted(path.name for path in cache.rglob("*.json"))
    write(tmp_path / "other", {"pyromark/__init__.py": "version = 99"})
    monkeypatch.syspath_prepend(str(tmp_path / "other"))
    look(repo)
    assert len(list(cache.rglob("*.json"))) > len(before)
