"""How resolvable-doc-links is proven."""

from __future__ import annotations

from guardrails import Drill
from guardrails_policies.openclaw.demo.tools import set_option
from guardrails_policies.repository.drills.matches_upstream import publish, update
from guardrails_policies.stages import OPENCLAW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.plugins.stages import Play

_POLICY = "resolvable-doc-links"
_RULES = "docs/DEPLOYMENT.md"
_TEXT = "# Deployment Rules\n\nSee [operations]({address}).\n\n## Rollback\n"


def _link_to(address: str, page: str = _RULES) -> Play:
    def play(folder: str) -> None:
        publish(folder, page, _TEXT.format(address=address))
        update(folder)

    return play


def _ask_for_more_pages(folder: str) -> None:
    set_option(folder, _POLICY, 'pages = ["docs/cli/*.md"]')
    publish(folder, "docs/cli/index.md", "# Command line\n\n[Elsewhere](/nowhere)\n")
    update(folder)


def _ask_for_another_document(folder: str) -> None:
    set_option(folder, _POLICY, 'document = "docs/RUNBOOK.md"')


def _drill(name: str, title: str, play: Play, *, harmless: bool = False) -> Drill:
    return Drill(_POLICY, ("standing",), name, title, play, harmless=harmless, stages=(OPENCLAW,))


LOST_HEADING = _drill(
    "a-lost-heading",
    "The deployment document links to a heading that is gone",
    _link_to("/memory/OPERATIONS#back-up"),
)
DRILLS = (
    LOST_HEADING,
    _drill("a-heading", "It links to one that is there", _link_to("/memory/OPERATIONS#operations"), harmless=True),
    _drill("a-whole-address", "It links to nowhere by a whole address", _link_to("https://docs.openclaw.ai/nowhere")),
    _drill("more-pages", "Another page that is listed links to nowhere", _ask_for_more_pages),
    _drill("another-page", "Another page links to nowhere", _link_to("/nowhere", "docs/more.md"), harmless=True),
    _drill("no-document", "The document that is asked for is not there", _ask_for_another_document),
)
