"""Every internal link of the deployment document leads somewhere."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from guardrails import DeadLink, DocTree, Environment, Finding
from guardrails.model import PolicyResult
from guardrails.testing import gather, judge, world
from guardrails_policies.documents.resolvable_doc_links import ResolvableDocLinks

DOCUMENT = "docs/DEPLOYMENT.md"
POLICY = ResolvableDocLinks()


def only(tree: DocTree) -> Finding:
    result = judge(POLICY, tree=tree)
    assert result.outcome == "fail"
    (finding,) = result.findings
    return finding


def test_no_dead_link_passes() -> None:
    result = judge(POLICY, tree=DocTree(links=3))
    assert (result.outcome, result.reason) == ("pass", None)


def test_pages_without_links_pass_and_that_is_said() -> None:
    result = judge(POLICY, tree=DocTree())
    assert (result.outcome, result.reason) == ("pass", "the pages hold no link that could be followed")


def test_a_missing_page_fails() -> None:
    finding = only(DocTree((DeadLink(DOCUMENT, 7, "/x y", "page", "there is no such page", "docs/x y"),)))
    assert finding == Finding(
        message="the link /x y leads nowhere",
        observed=f"{DOCUMENT} links to /x y, but there is no such page",
        expected="an address that leads to a page",
        remediation="git -C . log --all --oneline -- 'docs/x y*'   "
        f"# a look: where did it go? Then correct line 7 of {DOCUMENT}",
        path=DOCUMENT,
        line=7,
    )


def test_a_missing_anchor_fails() -> None:
    finding = only(DocTree((DeadLink(DOCUMENT, 7, "/a#b", "anchor", "docs/a.md has no anchor #b", "docs/a.md"),)))
    assert finding.observed == f"{DOCUMENT} links to /a#b, but docs/a.md has no anchor #b"
    assert finding.expected == "an anchor of docs/a.md"
    assert finding.remediation.startswith("grep -nEi '^ *#|<h[1-6]|id=|title=' -- ./docs/a.md ")


def test_redirects_in_a_circle_fail() -> None:
    finding = only(DocTree((DeadLink(DOCUMENT, 7, "/a", "end", "its redirects go in a circle", "docs/docs.json"),)))
    assert finding.observed.endswith("its redirects go in a circle")
    assert "docs/docs.json" in finding.remediation


@pytest.mark.parametrize(
    ("link", "remedy"),
    [
        (DeadLink(DOCUMENT, 7, "/A", "page", "…", "docs/A", "docs/a.md"), "write the name as in docs/a.md"),
        (DeadLink(DOCUMENT, 7, "#A", "anchor", "…", DOCUMENT, "a"), "write #a"),
    ],
)
def test_another_spelling_fails_and_says_so(link: DeadLink, remedy: str) -> None:
    assert only(DocTree((link,))).remediation == f"sed -n 7p -- ./{DOCUMENT}   # a look: {remedy} there"


def test_a_link_out_of_the_repository_fails() -> None:
    finding = only(DocTree((DeadLink(DOCUMENT, 7, "../../x", "page", "it leads out of the repository"),)))
    assert finding.remediation == f"sed -n 7p -- ./{DOCUMENT}   # a look: correct line 7 of {DOCUMENT}"


def test_a_missing_document_fails() -> None:
    finding = only(DocTree(absent=((DOCUMENT, ""),)))
    assert (finding.message, finding.path) == (f"{DOCUMENT} does not exist", DOCUMENT)


def test_a_pattern_without_a_page_fails() -> None:
    finding = only(DocTree(absent=(("docs/ops/**", ""),)))
    assert (finding.message, finding.path) == ("no page matches docs/ops/**", None)


def test_a_misspelt_file_is_to_be_renamed() -> None:
    finding = only(DocTree(absent=((DOCUMENT, "docs/a b.md"),)))
    assert finding.remediation == f"git -C . mv -- 'docs/a b.md' {DOCUMENT}"


def test_everything_is_reported() -> None:
    links = tuple(DeadLink(DOCUMENT, line, "/x", "page", "…", "docs/x") for line in (1, 2))
    assert len(judge(POLICY, tree=DocTree(links, (("a.md", ""), ("b.md", "")))).findings) == 4


@pytest.mark.parametrize(
    "options", [{"document": "/etc/passwd"}, {"pages": ("../x",)}, {"pages": ("!a",)}, {"site": "ftp://x"}]
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"not the path|none is left|must be an address"):
        ResolvableDocLinks(**options)


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "repo/docs/memory").mkdir(parents=True)
    (tmp_path / "repo/docs/memory/OPERATIONS.md").write_text("# Facts memory\n\n## Clean up\n")
    return tmp_path / "repo"


def check(repo: Path, text: str, **options: Any) -> PolicyResult:
    (repo / DOCUMENT).write_text(text)
    policy = ResolvableDocLinks(**options)
    return judge(policy, tree=gather(DocTree, world(repo), policy.document, policy.pages, policy.site))


def test_a_real_document(repo: Path) -> None:
    text = "- [Facts](/memory/OPERATIONS#clean-up)\n- [Rules](#rules)\n\n# Rules\n"
    assert check(repo, text).outcome == "pass"
    result = check(repo, text + "\n[a](/memory/operations) [b](#rule) [c](/gone)\n")
    assert [(finding.path, finding.line) for finding in result.findings] == [(DOCUMENT, 6)] * 3


def test_the_option_pages(repo: Path) -> None:
    (repo / "docs/memory/OPERATIONS.md").write_text("[x](/gone)")
    assert check(repo, "text").outcome == "pass"
    assert check(repo, "text", pages=("docs/**",)).outcome == "fail"
    assert check(repo, "[x](/gone)", pages=("docs/memory/**", "!docs/memory/O*", DOCUMENT)).outcome == "fail"


def test_the_option_document(repo: Path) -> None:
    (repo / "RULES.md").write_text("[x](/gone)")
    assert check(repo, "text", document="RULES.md").outcome == "fail"


def test_the_option_site(repo: Path) -> None:
    assert check(repo, "<https://docs.example.org/gone>").outcome == "pass"
    assert check(repo, "<https://docs.example.org/gone>", site="docs.example.org").outcome == "fail"


def test_the_command_to_find_a_page_works_on_hostile_names(repo: Path) -> None:
    (finding,) = check(repo, "[x](</$(touch pwned)'x>)").findings
    command = finding.remediation.partition("   #")[0]
    subprocess.run(["git", "init", "-q", str(repo)], check=True)
    subprocess.run(["sh", "-c", command], cwd=repo, capture_output=True, check=False)
    assert shlex.split(command)[-1] == "docs/$(touch pwned)'x*"
    assert not (repo / "pwned").exists()


@pytest.mark.parametrize("text", ["[x](/gone)", "[x](#gone)", "[x](/a)", "[x](../../..)", "[x](/Docs.json)"])
def test_what_is_printed_for_production_runs_from_any_folder_and_only_looks(
    repo: Path, tmp_path: Path, text: str
) -> None:
    (repo / "docs/docs.json").write_text('{"redirects": [{"source": "/a", "destination": "/a"}]}')
    (repo / DOCUMENT).write_text(text)
    dev = tmp_path / "de v"
    shutil.copytree(repo, dev)
    subprocess.run(["git", "init", "-q", str(dev)], check=True)
    before = {path: path.read_bytes() for path in dev.glob("docs/**/*") if path.is_file()}
    source = Environment(name="dev", repo=str(dev))
    tree = gather(DocTree, world(repo, sources=(source,)), DOCUMENT, (), "")
    for finding in judge(POLICY, tree=tree).findings:
        assert str(repo) not in finding.remediation
        assert finding.remediation.endswith(", then commit and release it")
        done = subprocess.run(["sh", "-c", finding.remediation], cwd="/", capture_output=True, text=True, check=False)
        assert "fatal" not in done.stderr.replace("does not have any commits yet", "")
    assert {path: path.read_bytes() for path in dev.glob("docs/**/*") if path.is_file()} == before
    assert tree.dead
