"""The pages where readers start hold a link to the deployment document."""

from collections.abc import Iterator
from types import MappingProxyType

from guardrails import Documents, Finding, NothingAsked, Policy, Severity, ask


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
        document = documents.document
        if not document.exists:
            yield _missing(document.path, document.spelled, "the document that the pages link to", "restore it")
        for page in documents.pages:
            if any(map(documents.leads_to_document, page.links)):
                continue
            expected = f"a link that leads to {document.path}"
            address = documents.address(page)
            addition = f"add to {page.path} the line: Read [{document.path}]({address}) first."
            misses = documents.near_misses(page) if document.exists else ()
            for link in misses:
                problem = "leads nowhere" if link.spelled != document.path else "differs in upper and lower case"
                yield Finding(
                    message=f"the link {link.destination} {problem}",
                    observed=f"{page.path} links to {link.destination}, but {link.obstacle}",
                    expected=expected,
                    remediation=f"in {page.path}, line {link.line}, replace {link.destination} with {address}",
                    path=page.path,
                    line=link.line,
                )
            if not page.exists:
                yield _missing(page.path, page.spelled, f"a page with {expected}", addition)
            elif document.exists and not misses:
                places = " and ".join(dict.fromkeys(PLACES[kind] for kind, _ in page.mentions))
                found = f"names {document.path} only {places}" if places else f"has no link to {document.path}"
                yield Finding(
                    message=f"{page.path} {found}",
                    observed=f"{len(page.links)} links, none of them to {document.path}",
                    expected=expected,
                    remediation=addition,
                    path=page.path,
                    line=page.mentions[0][1] if page.mentions else None,
                )


PLACES = {
    "code": "in code",
    "comment": "in a comment",
    "front matter": "in its front matter",
    "definition": "in a link definition that nothing uses",
    "text": "as text",
}


def _missing(path: str, spelled: str, expected: str, remedy: str) -> Finding:
    from shlex import quote

    if spelled:
        return Finding(
            message=f"{path} differs from {spelled} in upper and lower case",
            observed=f"the file is spelled {spelled}",
            expected=f"{path}, {expected}",
            remediation=f"git mv -- {quote(spelled)} {quote(path)}",
            path=spelled,
        )
    return Finding(
        message=f"{path} does not exist",
        observed=f"no file {path}",
        expected=f"{path}, {expected}",
        remediation=f"git log --all --oneline -- {quote(path)}   # find where it went, then {remedy}",
        path=path,
    )
