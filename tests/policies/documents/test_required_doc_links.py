"""Each listed page links to the deployment document."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from guardrails import Documents, Environment, Finding
from guardrails.facts.pages.documents import Link, Page
from guardrails.model import PolicyResult
from guardrails.testing import gather, judge, world
from guardrails_policies.documents.required_doc_links import RequiredDocLinks

PATH = "docs/start/openclaw.md"
POLICY = RequiredDocLinks(pages=(PATH,))
DOCUMENT = Page("docs/DEPLOYMENT.md", real="docs/DEPLOYMENT.md")
GOOD = Link("/DEPLOYMENT", 3, ("docs/DEPLOYMENT.md",))


def documents(*pages: Page, document: Page = DOCUMENT) -> Documents:
    return Documents(document, pages, "docs", has_site=True)


def conclude(*links: Link, mentions: tuple[tuple[str, int], ...] = ()) -> PolicyResult:
    return judge(POLICY, documents=documents(Page(PATH, links=links, mentions=mentions)))


def only(result: PolicyResult) -> Finding:
    assert result.outcome == "fail"
    (finding,) = result.findings
    return finding


def test_a_link_passes() -> None:
    assert conclude(Link("/x", 1, ("docs/x.md",)), GOOD).outcome == "pass"


def test_one_good_link_makes_up_for_dead_ones() -> None:
    assert conclude(Link("/deployment", 1, (), "the file is spelled …", "docs/DEPLOYMENT.md"), GOOD).outcome == "pass"


def test_a_page_without_a_word_of_it_fails() -> None:
    finding = only(conclude(Link("/x", 1, ("docs/x.md",))))
    assert finding.message == f"{PATH} has no link to docs/DEPLOYMENT.md"
    assert finding.observed == "1 links, none of them to docs/DEPLOYMENT.md"
    assert finding.remediation == f"printf '\\n%s\\n' 'Read [docs/DEPLOYMENT.md](/DEPLOYMENT) first.' >> ./{PATH}"
    assert (finding.path, finding.line) == (PATH, None)


@pytest.mark.parametrize(
    ("mentions", "where"),
    [
        ((("code", 7),), "in code"),
        ((("comment", 7),), "in a comment"),
        ((("front matter", 7),), "in its front matter"),
        ((("definition", 7),), "in a link definition that nothing uses"),
        ((("text", 7),), "as text"),
        ((("code", 7), ("code", 8), ("text", 9)), "in code and as text"),
    ],
)
def test_a_mention_is_no_link(mentions: tuple[tuple[str, int], ...], where: str) -> None:
    finding = only(conclude(mentions=mentions))
    assert finding.message == f"{PATH} names docs/DEPLOYMENT.md only {where}"
    assert finding.line == 7


def test_a_dead_link_fails() -> None:
    finding = only(conclude(Link("/ops/DEPLOYMENT", 4, (), "there is no such page"), mentions=(("code", 1),)))
    assert finding.message == "the link /ops/DEPLOYMENT leads nowhere"
    assert finding.observed == f"{PATH} links to /ops/DEPLOYMENT, but there is no such page"
    assert finding.remediation == f"sed -n 4p -- ./{PATH}   # a look: write /DEPLOYMENT in place of /ops/DEPLOYMENT"
    assert finding.line == 4


def test_another_spelling_fails_and_says_so() -> None:
    finding = only(conclude(Link("/deployment", 4, (), "the file is spelled docs/DEPLOYMENT.md", DOCUMENT.path)))
    assert finding.message == "the link /deployment differs in upper and lower case"


def test_a_missing_page_fails() -> None:
    finding = only(judge(POLICY, documents=documents(Page(PATH, exists=False))))
    assert finding.message == f"{PATH} does not exist"
    assert finding.remediation.endswith("give it the line: Read [docs/DEPLOYMENT.md](/DEPLOYMENT) first.")


def test_a_missing_document_fails_once() -> None:
    missing = Page("docs/DEPLOYMENT.md", exists=False)
    page = Page(PATH, links=(Link("/DEPLOYMENT", 1, (), "there is no such page"),))
    finding = only(judge(POLICY, documents=documents(page, document=missing)))
    assert finding.message == "docs/DEPLOYMENT.md does not exist"
    assert finding.path == "docs/DEPLOYMENT.md"


def test_a_misspelt_file_is_to_be_renamed() -> None:
    page = Page(PATH, exists=False, spelled="docs/start/Open Claw.md")
    finding = only(judge(POLICY, documents=documents(page)))
    assert finding.remediation == f"git -C . mv -- 'docs/start/Open Claw.md' {PATH}"


def test_every_page_is_judged() -> None:
    pages = (Page("a.md"), Page("b.md", links=(GOOD,)), Page("c.md", exists=False))
    policy = RequiredDocLinks(pages=("a.md", "b.md", "c.md"))
    result = judge(policy, documents=documents(*pages))
    assert [finding.path for finding in result.findings] == ["a.md", "c.md"]


def test_no_pages_is_nothing_to_judge() -> None:
    result = judge(RequiredDocLinks(), documents=documents())
    assert result.outcome == "skip"
    assert result.reason


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "../x.md", "docs/../x.md", "docs//x.md", "./x.md", "docs/", "a\0b"]
)
def test_paths_outside_the_repository_are_refused(path: str) -> None:
    with pytest.raises(ValueError, match="not the path of a page"):
        RequiredDocLinks(document=path)
    with pytest.raises(ValueError, match="not the path of a page"):
        RequiredDocLinks(pages=(path,))


@pytest.mark.parametrize("site", ["", "docs.example.org", "https://docs.example.org/", "http://localhost:8080/guide"])
def test_sites(site: str) -> None:
    assert RequiredDocLinks(site=site).site == site


@pytest.mark.parametrize("site", ["ftp://x.org", "https://", "https:///x", "/docs", "x.org?a", "me@x.org", "x .org"])
def test_bad_sites_are_refused(site: str) -> None:
    with pytest.raises(ValueError, match="must be an address"):
        RequiredDocLinks(site=site)


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    repo = tmp_path / "repo"
    (repo / "docs/start").mkdir(parents=True)
    (repo / "docs/DEPLOYMENT.md").write_text("# Rules\n")
    return repo


def check(repo: Path, text: str, **options: str) -> PolicyResult:
    (repo / PATH).write_text(text)
    policy = RequiredDocLinks(pages=(PATH,), **options)
    return judge(policy, documents=gather(Documents, world(repo), policy.document, policy.pages, policy.site))


@pytest.mark.parametrize(
    "text",
    [
        "[x](/DEPLOYMENT)",
        "[x](../DEPLOYMENT.md#y)",
        "[x][d]\n\n[d]: /docs/DEPLOYMENT.md",
        '<a href="/DEPLOYMENT">x</a>',
    ],
)
def test_real_links_pass(repo: Path, text: str) -> None:
    assert check(repo, text).outcome == "pass"


@pytest.mark.parametrize(
    "text", ["`[x](/DEPLOYMENT)`", "<!-- [x](/DEPLOYMENT) -->", "[x](/deployment)", "docs/DEPLOYMENT.md", ""]
)
def test_what_only_looks_like_a_link_fails(repo: Path, text: str) -> None:
    assert check(repo, text).outcome == "fail"


def test_the_remedy_as_printed_makes_it_pass(repo: Path, tmp_path: Path) -> None:
    remedy = only(check(repo, "text\n")).remediation
    subprocess.run(["sh", "-c", remedy], cwd=tmp_path, check=True)
    assert check(repo, (repo / PATH).read_text()).outcome == "pass"


def test_production_is_not_edited(repo: Path, tmp_path: Path) -> None:
    dev = tmp_path / "de v"
    shutil.copytree(repo, dev)
    for folder in (repo, dev):
        (folder / PATH).write_text("[x](/ops/DEPLOYMENT)\n" if folder == dev else "text\n")
    source = Environment(name="dev", repo=str(dev))
    for text in ("text\n", "[x](/ops/DEPLOYMENT)\n"):
        (repo / PATH).write_text(text)
        documents = gather(Documents, world(repo, sources=(source,)), "docs/DEPLOYMENT.md", (PATH,), "")
        remedy = only(judge(POLICY, documents=documents)).remediation
        assert str(repo) not in remedy
        assert "   # a look: " in remedy
        assert "then commit and release it" in remedy
        before = (dev / PATH).read_bytes()
        subprocess.run(["sh", "-c", remedy], cwd="/", check=True, capture_output=True)
        assert (dev / PATH).read_bytes() == before


def test_a_link_in_a_snippet_is_one_of_the_page(repo: Path) -> None:
    (repo / "docs/docs.json").write_text("{}")
    (repo / "docs/snippets").mkdir()
    (repo / "docs/snippets/note.mdx").write_text("Read the [rules](../DEPLOYMENT).\n")
    page = "import Note from '/snippets/note.mdx'\n\n"
    assert check(repo, f"{page}<Note />\n").outcome == "pass"
    assert check(repo, f"{page}{{/* <Note /> */}}\n").outcome == "fail"
    assert check(repo, page).outcome == "fail"


def test_the_option_site(repo: Path) -> None:
    assert check(repo, "<https://docs.example.org/DEPLOYMENT>").outcome == "fail"
    assert check(repo, "<https://docs.example.org/DEPLOYMENT>", site="docs.example.org").outcome == "pass"


def test_the_option_document(repo: Path) -> None:
    (repo / "RULES.md").write_text("text")
    assert check(repo, "[x](/DEPLOYMENT)", document="RULES.md").outcome == "fail"
    assert check(repo, "[x](../../RULES.md)", document="RULES.md").outcome == "pass"


def test_a_pass_imports_nothing_for_remedies() -> None:
    script = (
        "import sys; sys.path[:0] = ['.', 'policies']\n"
        "from guardrails.facts.pages.documents import Documents, Link, Page\n"
        "from guardrails_policies.documents.required_doc_links import RequiredDocLinks\n"
        "page = Page('a.md', links=(Link('/DEPLOYMENT', 1, ('docs/DEPLOYMENT.md',)),))\n"
        "print(list(RequiredDocLinks(pages=('a.md',)).evaluate(Documents(Page('docs/DEPLOYMENT.md'), (page,)))))\n"
        "print([name for name in ('urllib.parse', 'shlex') if name in sys.modules])"
    )
    top = Path(__file__).parents[3]
    shown = subprocess.run([sys.executable, "-I", "-c", script], cwd=top, capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["[]", "[]"]
