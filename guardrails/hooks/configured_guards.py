"""What the table `[guards]` of a configuration should say of a hook, when it is installed or taken out."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from guardrails.config.settings import Settings


def missing_lines(kind: str, names: Iterable[str], settings: Settings, configuration: str | None) -> Iterator[str]:
    """The lines to add so that guards-installed asks for the hook in these environments on every machine."""
    from guardrails.config.written import toml, toml_key

    where = configuration or "a guardrails.toml"
    for name in names:
        kinds = settings.guards.get(name, ())
        if kind not in kinds:
            needed = f"guards.{toml_key(name)} = {toml([*kinds, kind])}"
            yield f"for guards-installed to ask for it on every machine, put this at the top of {where}: {needed}"


def lines_left_over(kind: str, names: Iterable[str], settings: Settings, configuration: str | None) -> Iterator[str]:
    """The lines that still ask for a hook that was taken out of these environments."""
    where = configuration or "the configuration"
    for name in names:
        if kind in settings.guards.get(name, ()):
            yield f"{where} still names {kind} in guards.{name}, so guards-installed misses it"
