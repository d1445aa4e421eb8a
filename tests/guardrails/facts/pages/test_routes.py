"""Where links lead, in a real folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from guardrails import CannotKnow
from guardrails.facts.pages.openapi import Generated
from guardrails.facts.pages.routes import HOPS, NO_EXTENSION, SNIPPET, RepositoryFiles, Routes, address_of, last_name
from privileges import tried_without_privileges

PAGES = (
    "README.md",
    "docs/DEPLOYMENT.md",
    "docs/index.md",
    "docs/cli/index.md",
    "docs/cli/setup.mdx",
    "docs/a b/ü(1).md",
    "docs/100%.md",
    "docs/both.md",
    "docs/both/index.mdx",
    "docs/image.png",
)
REDIRECTS = [
    ["/moved", "/DEPLOYMENT"],
    ["/moved-twice", "/moved#part"],
    ["moved/index/", "/cli"],
    ["/to-site", "https://docs.example.org/DEPLOYMENT"],
    ["/to-elsewhere", "https://example.com/DEPLOYMENT"],
    ["/gone", "/nowhere"],
    ["/one", "/other"],
    ["/other", "/one"],
    ["/both", "/DEPLOYMENT"],
    ["/grows/:rest*", "/grows/x/:rest*"],
    ["/old/:rest*", "/:rest*"],
    ["/v1-*", "/*"],
    ["/p/:name/end", "/cli/:name"],
]


@pytest.fixture
def top(tmp_path: Path) -> Path:
    for page in PAGES:
        (tmp_path / page).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / page).write_text("text")
    return tmp_path


@pytest.fixture
def routes(top: Path) -> Routes:
    return Routes(RepositoryFiles(str(top)), "docs", REDIRECTS, "https://docs.example.org")


@pytest.mark.parametrize(
    ("page", "destination", "file"),
    [
        ("docs/cli/index.md", "/DEPLOYMENT", "docs/DEPLOYMENT.md"),
        ("docs/cli/index.md", "/DEPLOYMENT#part", "docs/DEPLOYMENT.md"),
        ("docs/cli/index.md", "/DEPLOYMENT?a=/b#part", "docs/DEPLOYMENT.md"),
        ("docs/cli/index.md", "/DEPLOYMENT/", "docs/DEPLOYMENT.md"),
        ("docs/cli/index.md", " /DEPLOYMENT ", "docs/DEPLOYMENT.md"),
        ("docs/cli/index.md", "/DEPLOYMENT.md", "docs/DEPLOYMENT.md"),
        ("docs/cli/index.md", "/%44EPLOYMENT", "docs/DEPLOYMENT.md"),
        ("docs/cli/index.md", "/cli/../DEPLOYMENT", "docs/DEPLOYMENT.md"),
        ("docs/cli/index.md", "/docs/DEPLOYMENT.md", "docs/DEPLOYMENT.md"),
        ("docs/cli/index.md", "../DEPLOYMENT.md", "docs/DEPLOYMENT.md"),
        ("docs/cli/index.md", "../DEPLOYMENT", "docs/DEPLOYMENT.md"),
        ("docs/cli/index.md", "%2e%2e/DEPLOYMENT", "docs/DEPLOYMENT.md"),
        ("docs/cli/index.md", "./setup", "docs/cli/setup.mdx"),
        ("docs/cli/index.md", "setup.mdx", "docs/cli/setup.mdx"),
        ("docs/cli/index.md", "#part", "docs/cli/index.md"),
        ("docs/cli/index.md", "", "docs/cli/index.md"),
        ("docs/cli/index.md", "../../README.md", "README.md"),
        ("docs/cli/index.md", "/image.png", "docs/image.png"),
        ("docs/index.md", "/cli", "docs/cli/index.md"),
        ("docs/index.md", "/cli/index", "docs/cli/index.md"),
        ("docs/index.md", "cli/", "docs/cli/index.md"),
        ("docs/index.md", "/", "docs/index.md"),
        ("docs/index.md", "/a%20b/%C3%BC(1)", "docs/a b/ü(1).md"),
        ("docs/index.md", "/a b/ü(1)", "docs/a b/ü(1).md"),
        ("docs/index.md", "/100%25", "docs/100%.md"),
        ("docs/index.md", "/100%", "docs/100%.md"),
        ("docs/index.md", "/moved", "docs/DEPLOYMENT.md"),
        ("docs/index.md", "/moved.md", "docs/DEPLOYMENT.md"),
        ("docs/index.md", "/moved/#x", "docs/DEPLOYMENT.md"),
        ("docs/cli/index.md", "../moved", "docs/DEPLOYMENT.md"),
        ("docs/index.md", "/moved-twice", "docs/DEPLOYMENT.md"),
        ("docs/index.md", "/to-site", "docs/DEPLOYMENT.md"),
        ("docs/index.md", "/both", "docs/DEPLOYMENT.md"),
        ("docs/index.md", "/both.md", "docs/both.md"),
        ("docs/index.md", "/old/cli/setup", "docs/cli/setup.mdx"),
        ("docs/index.md", "/v1-DEPLOYMENT", "docs/DEPLOYMENT.md"),
        ("docs/index.md", "/v1-cli/setup", "docs/cli/setup.mdx"),
        ("docs/index.md", "/p/setup/end", "docs/cli/setup.mdx"),
        ("docs/index.md", "https://docs.example.org/DEPLOYMENT", "docs/DEPLOYMENT.md"),
        ("docs/index.md", "HTTP://Docs.Example.org/DEPLOYMENT#x", "docs/DEPLOYMENT.md"),
        ("docs/index.md", "//docs.example.org/cli", "docs/cli/index.md"),
        ("docs/index.md", "https://docs.example.org", "docs/index.md"),
    ],
)
def test_leads_to(routes: Routes, page: str, destination: str, file: str) -> None:
    assert routes.resolve(page, destination) == ((file,), "", "")


NO_PAGE = "there is no such page"
OTHER_SITE = "it leads to another site"
OUTSIDE = "it leads out of the repository"
ENDLESS = f"its redirects go in a circle or through more than {HOPS} addresses"


@pytest.mark.parametrize(
    ("destination", "obstacle"),
    [
        ("/nowhere", NO_PAGE),
        ("/DEPLOYMENT.mdx", NO_PAGE),
        ("/DEPLOYMENT.md/x", NO_PAGE),
        ("/docs%2FDEPLOYMENT.md", NO_PAGE),
        ("\\DEPLOYMENT", NO_PAGE),
        ("DEPLOYMENT", NO_PAGE),
        ("../README.md", NO_PAGE),
        ("/a\0b", NO_PAGE),
        ("/%ff", NO_PAGE),
        ("/gone", "it is redirected to /nowhere, and there is no such page"),
        ("/x/" * 5000, NO_PAGE),
        ("/one", ENDLESS),
        ("/grows/x", ENDLESS),
        ("../../../README.md", OUTSIDE),
        ("/../README.md", OUTSIDE),
        ("/to-elsewhere", OTHER_SITE),
        ("https://example.com/DEPLOYMENT", OTHER_SITE),
        ("https://docs.example.org.evil/DEPLOYMENT", OTHER_SITE),
        ("https://docs.example.org@evil/DEPLOYMENT", OTHER_SITE),
        ("mailto:a@docs.example.org", OTHER_SITE),
        ("ftp://docs.example.org/DEPLOYMENT", OTHER_SITE),
    ],
)
def test_leads_nowhere(routes: Routes, destination: str, obstacle: str) -> None:
    assert routes.resolve("docs/cli/index.md", destination) == ((), obstacle, "")


@pytest.mark.parametrize("destination", ["/deployment", "/Deployment.md", "../deployment.md", "/DOCS/deployment.md"])
def test_another_spelling_leads_nowhere_and_is_named(routes: Routes, destination: str) -> None:
    files, obstacle, spelled = routes.resolve("docs/cli/index.md", destination)
    assert (files, spelled) == ((), "docs/DEPLOYMENT.md")
    assert obstacle == "the file is spelled docs/DEPLOYMENT.md"


def test_an_address_can_mean_two_files(top: Path) -> None:
    routes = Routes(RepositoryFiles(str(top)), "docs", [], "")
    assert routes.resolve("README.md", "/both")[0] == ("docs/both.md", "docs/both/index.mdx")


def test_without_a_configured_site_every_site_is_another(top: Path) -> None:
    routes = Routes(RepositoryFiles(str(top)), "docs", [], "")
    assert routes.resolve("docs/index.md", "https://docs.example.org/DEPLOYMENT") == ((), OTHER_SITE, "")
    assert routes.resolve("docs/index.md", "https:///DEPLOYMENT") == ((), OTHER_SITE, "")


@pytest.mark.parametrize("site", ["https://example.org/guide", "example.org/guide/"])
def test_a_site_below_a_path(top: Path, site: str) -> None:
    routes = Routes(RepositoryFiles(str(top)), "docs", [], site)
    assert routes.resolve("docs/index.md", "https://example.org/guide/DEPLOYMENT")[0] == ("docs/DEPLOYMENT.md",)
    assert routes.resolve("docs/index.md", "https://example.org/guide")[0] == ("docs/index.md",)
    assert routes.resolve("docs/index.md", "https://example.org/DEPLOYMENT") == ((), OTHER_SITE, "")
    assert routes.resolve("docs/index.md", "https://example.org/guides/DEPLOYMENT") == ((), OTHER_SITE, "")


def test_the_first_of_two_redirects_counts(top: Path) -> None:
    routes = Routes(RepositoryFiles(str(top)), "docs", [["/x", "/DEPLOYMENT"], ["/x", "/cli"]], "")
    assert routes.resolve("docs/index.md", "/x")[0] == ("docs/DEPLOYMENT.md",)


@pytest.mark.parametrize(("length", "files"), [(HOPS, ("docs/DEPLOYMENT.md",)), (HOPS + 1, ())])
def test_chains_of_redirects_are_bounded(top: Path, length: int, files: tuple[str, ...]) -> None:
    chain = [[f"/{step}", f"/{step + 1}"] for step in range(length - 1)] + [[f"/{length - 1}", "/DEPLOYMENT"]]
    assert Routes(RepositoryFiles(str(top)), "docs", chain, "").resolve("docs/index.md", "/0")[0] == files


def test_symbolic_links_are_followed_within_the_repository_only(
    top: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "x.md").write_text("text")
    (top / "docs/alias.md").symlink_to("DEPLOYMENT.md")
    (top / "docs/command-line").symlink_to("cli")
    (top / "docs/out").symlink_to(elsewhere)
    (top / "docs/out.md").symlink_to(elsewhere / "x.md")
    (top / "docs/dangling.md").symlink_to("nowhere.md")
    (top / "docs/round").symlink_to("round")
    os.mkfifo(top / "docs/pipe.md")
    routes = Routes(RepositoryFiles(str(top)), "docs", [], "")
    out = "it goes through a symbolic link out of the repository"
    assert routes.resolve("docs/index.md", "/alias") == (("docs/DEPLOYMENT.md",), "", "")
    assert routes.resolve("docs/index.md", "/command-line/setup") == (("docs/cli/setup.mdx",), "", "")
    assert routes.resolve("docs/index.md", "/out/x") == ((), out, "")
    assert routes.resolve("docs/index.md", "/out") == ((), out, "")
    for nothing in ("/dangling", "/round/x", "/pipe"):
        assert routes.resolve("docs/index.md", nothing) == ((), NO_PAGE, "")


def test_a_repository_that_is_not_there_cannot_be_known(tmp_path: Path) -> None:
    with pytest.raises(CannotKnow):
        RepositoryFiles(str(tmp_path / "nowhere"))


def test_a_folder_that_cannot_be_listed_cannot_be_known(top: Path) -> None:
    (top / "docs/cli").chmod(0o300)
    code = (
        "import sys; from guardrails.facts.pages.routes import RepositoryFiles; "
        "RepositoryFiles(sys.argv[1]).kind('docs/cli/index.md')"
    )
    said = tried_without_privileges(code, top)
    assert said.startswith("guardrails.errors.CannotKnow: ")
    assert "cannot be listed" in said


@pytest.mark.parametrize(
    ("path", "address"),
    [("cli/index.md", "cli"), ("index.md", ""), ("a/b.mdx", "a/b"), ("/a/", "a"), ("my-index", "my-index")],
)
def test_addresses(path: str, address: str) -> None:
    assert address_of(path) == address


def test_last_names() -> None:
    assert [last_name(one) for one in ("/a/B.md?x#y", "../B/", "https://x/B", "#y")] == ["B", "B", "B", ""]


@pytest.fixture
def published(top: Path) -> Routes:
    """The same pages, on a site of Mintlify."""
    redirects = [
        ["/v/:version/:page", "/cli/:page"],
        ["/files/*/old-*", "/*/*"],
        ["/deep/:rest*", "/:rest*"],
        ["/concepts-*", "/*"],
    ]
    (top / "docs/snippets").mkdir()
    (top / "docs/snippets/note.mdx").write_text("text")
    (top / "docs/snippets/image.png").write_text("text")
    return Routes(
        RepositoryFiles(str(top)), "docs", redirects, "https://docs.example.org", Generated([], "docs", lambda _: None)
    )


@pytest.mark.parametrize(
    ("page", "destination", "file"),
    [
        ("docs/index.md", "/cli/setup", "docs/cli/setup.mdx"),
        ("docs/index.md", "/cli/setup.md", "docs/cli/setup.mdx"),
        ("docs/index.md", "./cli/setup.mdx", "docs/cli/setup.mdx"),
        ("docs/cli/index.md", "../cli/setup.mdx", "docs/cli/setup.mdx"),
        ("docs/cli/index.md", "./setup.md", "docs/cli/setup.mdx"),
        ("docs/cli/index.md", "../DEPLOYMENT.mdx", "docs/DEPLOYMENT.md"),
        ("README.md", "docs/cli/setup.mdx", "docs/cli/setup.mdx"),
        ("docs/index.md", "/v/2/setup", "docs/cli/setup.mdx"),
        ("docs/index.md", "/files/cli/old-setup", "docs/cli/setup.mdx"),
        ("docs/index.md", "/deep/cli/setup", "docs/cli/setup.mdx"),
        ("docs/index.md", "/concepts-DEPLOYMENT", "docs/DEPLOYMENT.md"),
        ("docs/index.md", "/snippets/image.png", "docs/snippets/image.png"),
    ],
)
def test_a_site_of_mintlify(published: Routes, page: str, destination: str, file: str) -> None:
    assert published.resolve(page, destination) == ((file,), "", "")


@pytest.mark.parametrize(
    ("destination", "obstacle"),
    [
        ("/cli/setup.mdx", NO_EXTENSION),
        ("setup.mdx", NO_EXTENSION),
        ("https://docs.example.org/cli/setup.mdx", NO_EXTENSION),
        ("/snippets/note", NO_PAGE),
        ("/snippets/note.mdx", SNIPPET),
        ("/v/2/x/setup", NO_PAGE),
        ("/v/2", NO_PAGE),
        ("/deep", NO_PAGE),
    ],
)
def test_no_page_of_a_site_of_mintlify(published: Routes, destination: str, obstacle: str) -> None:
    assert published.resolve("docs/cli/index.md", destination) == ((), obstacle, "")
