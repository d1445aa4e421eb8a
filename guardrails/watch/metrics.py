"""The text file for Prometheus' textfile collector: whole or not at all, and readable by all.

Names and types keep to Prometheus' naming (base units, `_timestamp_seconds` for when); the format is its text format
0.0.4. A sample carries no time of its own, since the collector skips a file in which one does.
"""

from __future__ import annotations

from guardrails.errors import UsageError
from guardrails.facts.files import replace_whole
from guardrails.watch.comparison import ALLOWED, DENIED, UNDECIDED
from guardrails.wording.shown_text import storable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from guardrails.watch.told import Checked

    Labels = tuple[tuple[str, str], ...]

_HELP = {
    "guardrails_verdict": "Whether the last check came to this verdict.",
    "guardrails_policy_blocks": "Whether a policy blocked in the last check.",
    "guardrails_check_duration_seconds": "How long the last check took.",
    "guardrails_last_check_timestamp_seconds": "When the last check began, since the epoch.",
    "guardrails_last_allow_timestamp_seconds": "When the last check began that came to allow, since the epoch.",
    "guardrails_waiver_expiry_timestamp_seconds": "When the waivers of a policy begin to run out, since the epoch.",
}


def write_metrics(path: str, checked: Mapping[str, Checked]) -> None:
    """Replace the file with what is known of each environment. Raises UsageError, and then it is as it was."""
    try:
        replace_whole(path, render(checked).encode(), 0o644)  # beside it under a name that ends in no .prom
    except OSError as error:
        raise UsageError(f"watch.textfile {path} cannot be written: {error.strerror}") from None


def render(checked: Mapping[str, Checked]) -> str:
    """The metrics of all environments, by their names."""
    samples: dict[str, list[str]] = {name: [] for name in _HELP}
    for environment, one in sorted(checked.items()):
        for name, labels, value in _samples(one):
            samples[name].append(f"{name}{_write_labels((('environment', environment), *labels))} {_number(value)}")
    parts = [
        "\n".join([f"# HELP {name} {_HELP[name]}", f"# TYPE {name} gauge", *lines])
        for name, lines in samples.items()
        if lines
    ]
    return "".join(f"{part}\n" for part in parts)


def _samples(one: Checked) -> Iterator[tuple[str, Labels, float]]:
    for verdict in (ALLOWED, DENIED, UNDECIDED):
        yield "guardrails_verdict", (("verdict", verdict),), one.verdict == verdict
    for policy, blocks in sorted(one.blocks.items()):
        yield "guardrails_policy_blocks", (("policy", policy),), blocks
    yield "guardrails_check_duration_seconds", (), one.duration
    yield "guardrails_last_check_timestamp_seconds", (), one.at
    if one.last_allow is not None:
        yield "guardrails_last_allow_timestamp_seconds", (), one.last_allow
    for policy, expires in sorted(one.waivers.items()):
        yield "guardrails_waiver_expiry_timestamp_seconds", (("policy", policy),), expires


def _write_labels(labels: Labels) -> str:
    return "{" + ",".join(f'{name}="{_escape(value)}"' for name, value in labels) + "}"


def _escape(value: str) -> str:
    return storable(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
