"""Fill the template with a page's data. Jinja2 is loaded here alone, so only where a page is written."""

from __future__ import annotations

import base64
from functools import cache
from hashlib import sha256
from importlib.resources import files

from guardrails.config.settings import STANDING
from guardrails.reporters.page import page_drills, page_moves, page_timeline, page_view
from guardrails.reporters.page.page_data import pack_data
from guardrails.reporters.page.plain_values import table, text
from guardrails.version import VERSION
from guardrails.wording.shown_text import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from jinja2 import Template


def render_page(data: dict[str, Any]) -> str:
    """The page, ready to be written. The data has no secrets any more: `page_data` takes them out.

    Nothing may be taken out of the page itself, whose style, script and data are known by their digests.
    """
    from markupsafe import Markup

    style, script = (_resource(name).strip() for name in ("page.css", "page.js"))
    report = table(data, "report")
    blocking = page_view.blocking(data)
    return _template().render(
        policy=_policy(style, script),
        style=Markup(style),  # noqa: S704  # ours
        script=Markup(script),  # noqa: S704
        data=Markup(pack_data(data)),  # noqa: S704  # base64
        version=VERSION,
        environment=_environment(data),
        moment=text(data, "moment"),
        is_report=bool(report),
        written_at=text(data, "written_at"),
        started_at=text(report, "started_at"),
        duration=page_view.duration(data),
        headline=page_view.headline(data),
        groups=page_view.groups(data),
        passing=page_view.without_findings(data, "pass"),
        skipped=page_view.without_findings(data, "skip"),
        facts=page_view.facts(data),
        difference=page_timeline.difference(data, blocking),
        timeline=page_timeline.timeline_of(data),
        deployments=page_moves.deployments_of(data),
        moves=page_moves.moves_of(data),
        gaps=page_moves.gaps_of(data),
        plan=page_moves.plan_of(data),
        proofs=page_drills.proofs_of(data),
    )


def _environment(data: dict[str, Any]) -> str:
    """What the page is about: drills are about the policies, whatever the environment."""
    names = (text(table(data, part), "environment") for part in ("report", "moves"))
    return next(filter(None, names), "policies" if "drills" in data else "no environment")


@cache
def _template() -> Template:
    """The template; whatever it shows is text, with control characters as escapes."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, finalize=_show, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(when=_when, short=_short, moment=_moment)
    return environment.from_string(_resource("page.html.jinja"))


def _show(value: Any) -> Any:
    """What stands in the place of a value: a text with its control characters shown, or Markup of ours as it is."""
    return visible(value) if type(value) is str else "" if value is None else value


def _when(at: str) -> str:
    """A time of RFC 3339 in UTC as people read it, to the minute; whatever else stands there as it is."""
    return f"{at[:10]} {at[11:16]}" if at[10:11] == "T" and at.endswith("Z") else at


def _short(commit: str) -> str:
    """A commit as it is named among people."""
    return commit[:12]


def _moment(name: str) -> str:
    """A moment as people say it."""
    return "at all times" if name == STANDING else name


def _policy(style: str, script: str) -> str:
    """The content security policy: this style and this script, and nothing else, from nowhere."""
    digests = (base64.b64encode(sha256(one.encode()).digest()).decode() for one in (style, script))
    allowed = "style-src 'sha256-{}'; script-src 'sha256-{}'".format(*digests)
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def _resource(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
