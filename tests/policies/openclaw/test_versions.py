"""What a version may do: as it was seen, in between undecided, unknown undecided."""

from __future__ import annotations

import pytest

from guardrails_policies.openclaw import versions
from guardrails_policies.openclaw.versions import (
    AGENT_ENTRIES,
    HOME_VARIABLE,
    LEGACY_VARIABLES,
    LOCK_HASH,
    SESSION_STORE,
    TITLE,
    Trait,
    named_version,
)

TRAITS = {name: value for name, value in vars(versions).items() if isinstance(value, Trait)}


@pytest.mark.parametrize(
    ("trait", "version", "values"),
    [
        (LEGACY_VARIABLES, "2026.1.30", (True,)),
        (LEGACY_VARIABLES, "2026.2.20", (True,)),
        (LEGACY_VARIABLES, "2026.3.13", (True,)),
        (LEGACY_VARIABLES, "2026.3.14", (False, True)),
        (LEGACY_VARIABLES, "2026.3.31-beta.1", (False, True)),
        (LEGACY_VARIABLES, "2026.3.31", (False,)),
        (LEGACY_VARIABLES, "2026.9.6", (False,)),
        (LEGACY_VARIABLES, "2026.10.1", (False,)),
        (LEGACY_VARIABLES, "2026.1.24", (True,)),
        (LEGACY_VARIABLES, "", (False, True)),
        (LEGACY_VARIABLES, "0.0.0-dev", (False, True)),
        (LEGACY_VARIABLES, "latest", (False, True)),
        (HOME_VARIABLE, "2026.2.1", (True, False)),
        (HOME_VARIABLE, "2026.2.9", (True,)),
        (TITLE, "2026.4.15", ("openclaw-gateway",)),
        (TITLE, "2026.4.20", ("openclaw", "openclaw-gateway")),
        (TITLE, "2026.6.11", ("openclaw",)),
        (TITLE, "2026.7.1-2", ("openclaw-gateway",)),
        (TITLE, "2026.8.1", ("openclaw-gateway",)),
        (TITLE, "", ("openclaw-gateway", "openclaw")),
        (LOCK_HASH, "2026.3.1", ("sha256", "sha1")),
        (SESSION_STORE, "2026.7.35", ("files",)),
        (SESSION_STORE, "2026.8.0", ("database", "files")),
        (SESSION_STORE, "v2026.9.1+build.7", ("database",)),
        (AGENT_ENTRIES, "2026.8.2", (True,)),
    ],
)
def test_what_a_version_may_have(trait: Trait, version: str, values: tuple[object, ...]) -> None:
    assert trait.at(version) == values


@pytest.mark.parametrize("name", TRAITS)
def test_the_versions_of_a_trait_are_in_order_and_lead_from_the_oldest_to_the_newest(name: str) -> None:
    spans = TRAITS[name].spans
    seen = [tuple(map(int, one.split("."))) for span in spans for one in (span.first, span.last)]
    assert seen == sorted(seen)
    assert (spans[0].first, spans[-1].last) == (versions.OLDEST, versions.NEWEST)
    for span in spans:
        assert TRAITS[name].at(span.first) == TRAITS[name].at(span.last) == (span.value,)


@pytest.mark.parametrize(
    ("text", "version"),
    [("2026.7.1-2", "2026.7.1-2"), ("2026.9.1-beta.1", "2026.9.1-beta.1"), ("1.2", ""), (None, ""), (7, ""), ("", "")],
)
def test_what_names_a_version(text: object, version: str) -> None:
    assert named_version(text) == version
