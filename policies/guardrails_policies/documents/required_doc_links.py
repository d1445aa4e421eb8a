"""The pages where readers start hold a link to the deployment document."""

from collections.abc import Iterator
from types import MappingProxyType

from guardrails import Documents, Finding, NothingAsked, Policy, Severity, Workplace, a_look, ask


class RequiredDocLinks(Policy):
    """A page that must link to the deployment document, and does not.

    Why it matters
        Nobody follows rules that they cannot find. A path in a code block, a link in a comment and a link to a page
        that has moved all look right in a review, and none of them can be followed.
    Example
        Read `docs/DEPLOYMENT.md` before you touch production.
    Instead
        Write a real link: `Read the [deployment rules](/DEPLOYMENT) before you touch production.`
    """

    id = "required-doc-links"
    title = "Each listed page links to the deployment document"
    source = "deployment-rules §6"
    severity = Severity.MEDIUM
    guards = ("{document}", "{pages}", "*must be linked from*")
    stricter = MappingProxyType({"pages": "more"})
    empty = MappingProxyType(
        {
            "document": "refused",
            "pages": "skipped: no page must link to it",
            "site": "judged: a link with a whole address leads to another site",
        }
    )

    document: str = "docs/DEPLOYMENT.md"
    pages: tuple[str, ...] = ()
    site: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError when the options cannot be meant."""
        Documents.check(self.document, self.pages, self.site)

    def evaluate(self, documents: Documents = ask("document", "pages", "site")) -> Iterator[Finding]:
        """Report what is missing, and each page without a link that can be followed."""
        if not self.pages:
            raise NothingAsked("no pages are configured that must link to the document")
        document, workplace = documents.document, documents.workplace
        if not document.exists:
            yield _missing(
                document.path, document.spelled, "the document that the pages link to", "restore it", workplace
            )
        for page in documents.pages:
            if any(map(documents.leads_to_document, page.links)):
                continue
            expected = f"a link that leads to {document.path}"
            line = f"Read [{document.path}]({documents.address(page)}) first."
            misses = documents.near_misses(page) if document.exists else ()
            for link in misses:
                same = link.spelled == document.path
                show = f"sed -n {link.line}p -- {workplace.path(page.path)}"
                write = f"write {documents.address(page)} in place of {link.destination}{workplace.after}"
                yield Finding(
                    message=f"the link {link.destination} {ANOTHER_CASE if same else 'leads nowhere'}",
                    observed=f"{page.path} links to {link.destination}, but {link.obstacle}",
                    expected=expected,
                    remediation=a_look(show, write),
                    path=page.path,
                    line=link.line,
                )
            if not page.exists:
                yield _missing(
                    page.path, page.spelled, f"a page with {expected}", f"give it the line: {line}", workplace
                )
            elif document.exists and not misses:
                places = " and ".join(dict.fromkeys(PLACES[kind] for kind, _ in page.mentions))
                found = f"names {document.path} only {places}" if places else f"has no link to {document.path}"
                yield Finding(
                    message=f"{page.path} {found}",
                    observed=f"{len(page.links)} links, none of them to {document.path}",
                    expected=expected,
                    remediation=_addition(page.path, line, workplace),
                    path=page.path,
                    line=page.mentions[0][1] if page.mentions else None,
                )


def _addition(path: str, line: str, workplace: Workplace) -> str:
    """How to get a line into a page: by a command where the page is edited, else by a look and a release."""
    from shlex import quote

    if workplace.is_here:
        return f"printf '\\n%s\\n' {quote(line)} >> {workplace.path(path)}"
    return a_look(f"tail -n 20 -- {workplace.path(path)}", f"add there{workplace.after}: {line}")


ANOTHER_CASE = "differs in upper and lower case"
PLACES = {
    "code": "in code",
    "comment": "in a comment",
    "front matter": "in its front matter",
    "definition": "in a link definition that nothing uses",
    "text": "as text",
}


def _missing(path: str, spelled: str, expected: str, remedy: str, workplace: Workplace) -> Finding:
    from shlex import quote

    return Finding(
        message=f"{path} differs from {spelled} in upper and lower case" if spelled else f"{path} does not exist",
        observed=f"the file is spelled {spelled}" if spelled else f"no file {path}",
        expected=f"{path}, {expected}",
        remediation=workplace.renaming(spelled, path)
        if spelled
        else a_look(
            workplace.git(f"log --all --oneline -- {quote(path)}"), f"where did it go? {remedy}{workplace.after}"
        ),
        path=spelled or path,
    )
