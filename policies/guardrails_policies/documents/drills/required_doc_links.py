"""How required-doc-links is proven."""

from __future__ import annotations

import os

from guardrails import Drill
from guardrails_policies.openclaw.demo.tools import set_option, write
from guardrails_policies.repository.drills.matches_upstream import publish, update
from guardrails_policies.stages import OPENCLAW, dev

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.plugins.stages import Play

_POLICY = "required-doc-links"
_PAGE = "docs/start/openclaw.md"
_MENTION = "# Start\n\nSee `/DEPLOYMENT`.\n"
_WHOLE_ADDRESS = "# Start\n\nSee the [rules](https://docs.openclaw.ai/DEPLOYMENT).\n"


def _publish_page(text: str) -> Play:
    def play(folder: str) -> None:
        publish(folder, _PAGE, text)
        update(folder)

    return play


def _write_page(text: str) -> Play:
    def play(folder: str) -> None:
        write(os.path.join(dev(folder), _PAGE), text)

    return play


def _name_another_document(folder: str) -> None:
    set_option(folder, _POLICY, 'document = "docs/RULES.md"')


def _drill(name: str, title: str, text: str, *, harmless: bool = False) -> tuple[Drill, Drill]:
    """One about production's pages, one about those of a release."""
    standing = Drill(
        _POLICY,
        ("standing",),
        name,
        title,
        _publish_page(text),
        harmless=harmless,
        stages=(OPENCLAW,),
    )
    return standing, standing.replaced(operations=("release",), environment="dev", play=_write_page(text))


MENTION, MENTION_IN_RELEASE = _drill("a-mention", "A page only mentions the rules, in code", _MENTION)
DRILLS = (
    MENTION,
    MENTION_IN_RELEASE,
    *_drill("a-whole-address", "A page links to the rules by their whole address", _WHOLE_ADDRESS, harmless=True),
    Drill(
        _POLICY,
        ("standing", "release"),
        "another-document",
        "No page links to the document that is asked for",
        _name_another_document,
        environment="dev",
        stages=(OPENCLAW,),
    ),
)
