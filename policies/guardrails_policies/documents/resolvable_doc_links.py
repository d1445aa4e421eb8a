"""Every link of the deployment document leads to a page or anchor."""

from collections.abc import Iterator
from types import MappingProxyType

from guardrails import DeadLink, DocTree, Finding, Note, Policy, Severity, Workplace, a_look, ask


class ResolvableDocLinks(Policy):
    """A link within the documentation to a page or an anchor that is not there.

    Why it matters
        The runbook is opened when something is on fire. A link that ends on an error page, or at the top of a page of
        forty screens because the heading was renamed, costs minutes that nobody has.
    Example
        See the [runbook](/memory/runbook#roll-back), where the page is `docs/memory/RUNBOOK.md`.
    Instead
        Write the address as the page is spelled, and the anchor of a heading that it has:
        `See the [runbook](/memory/RUNBOOK#rollback).`

    Links, images and the `href` and `src` of HTML and components count; code, comments and other sites do not. Where a
    `docs.json` lies above the document, addresses and anchors are those of Mintlify: its redirects are followed,
    snippets belong to the pages that show them, and OpenAPI files in JSON make pages. When a page may come from an
    OpenAPI file in YAML or on the web, the link is undecided: write such a file as JSON in the repository. Elsewhere
    addresses and anchors are those of GitHub.
    `pages` names the pages to look at in place of the document: `docs/**` is all of them, and `!docs/de/**` takes some
    out again.
    """

    id = "resolvable-doc-links"
    title = "Every link of the deployment document resolves"
    source = "deployment-rules §6"
    severity = Severity.MEDIUM
    guards = ("/memory/*",)
    empty = MappingProxyType(
        {
            "document": "refused",
            "pages": "judged: the document alone is looked at",
            "site": "judged: a link with a whole address leads to another site",
        }
    )

    document: str = "docs/DEPLOYMENT.md"
    pages: tuple[str, ...] = ()
    site: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError when the options cannot be meant."""
        DocTree.check(self.document, self.pages, self.site)

    def evaluate(self, tree: DocTree = ask("document", "pages", "site")) -> Iterator[Finding | Note]:
        """Report what is missing, and each link that leads nowhere."""
        for pattern, spelled in tree.absent:
            yield _missing(pattern, spelled, tree.workplace)
        if not tree.links and not tree.absent:
            yield Note("the pages hold no link that could be followed")
        for link in tree.dead:
            yield Finding(
                message=f"the link {link.destination} leads nowhere",
                observed=f"{link.page} links to {link.destination}, but {link.obstacle}",
                expected=f"an anchor of {link.file}" if link.kind == "anchor" else "an address that leads to a page",
                remediation=_remedy(link, tree.workplace),
                path=link.page,
                line=link.line,
            )


def _remedy(link: DeadLink, workplace: Workplace) -> str:
    from shlex import quote

    correct = f"correct line {link.line} of {link.page}{workplace.after}"
    show = f"sed -n {link.line}p -- {workplace.path(link.page)}"
    if link.spelled:
        name = f"#{link.spelled}" if link.kind == "anchor" else f"the name as in {link.spelled}"
        return a_look(show, f"write {name} there{workplace.after}")
    if link.kind == "anchor":
        headings = f"grep -nEi '^ *#|<h[1-6]|id=|title=' -- {workplace.path(link.file)} || {show}"
        return a_look(headings, f"find the heading, and {correct}")
    if link.kind == "end":
        return a_look(f"grep -n -A 2 '\"source\"' -- {workplace.path(link.file)}", f"end the circle, or {correct}")
    if link.file:
        history = workplace.git(f"log --all --oneline -- {quote(link.file + '*')}")
        return a_look(history, f"where did it go? Then {correct}")
    return a_look(show, correct)


def _missing(pattern: str, spelled: str, workplace: Workplace) -> Finding:
    from shlex import quote

    several = bool(set("*?") & set(pattern))
    if spelled:
        return Finding(
            message=f"{pattern} differs from {spelled} in upper and lower case",
            observed=f"the file is spelled {spelled}",
            expected=f"the page {pattern}",
            remediation=workplace.renaming(spelled, pattern),
            path=spelled,
        )
    history = workplace.git(f"log --all --oneline -- {quote(pattern)}")
    return Finding(
        message=f"no page matches {pattern}" if several else f"{pattern} does not exist",
        observed=f"nothing at {pattern}",
        expected="a page whose links can be followed",
        remediation=a_look(history, f"where did it go? Restore it{workplace.after}"),
        path=None if several else pattern,
    )
