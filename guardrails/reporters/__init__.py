"""One pure function per format: a report in, text out. The only list of the formats."""

from __future__ import annotations

from guardrails.bundle import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from guardrails.model import Report

FORMATS = {
    "text": "text_report",
    "json": "json_report",
    "junit": "junit_report",
    "sarif": "sarif_report",
    "github": "github_report",
    "gitlab": "gitlab_report",
    "markdown": "markdown_report",
}


def renderer(form: str) -> Callable[[Report], str]:
    """The function that renders a report in one of the formats, ready to be written, with a final newline."""
    render: Callable[[Report], str] = load(f"guardrails.reporters.{FORMATS[form]}").render
    return render
