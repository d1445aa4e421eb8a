"""The `guardrails.waivers.toml` beside a configuration: read, validated against the settings, and dated.

A waiver that is malformed, lasts too long, is not yet valid or names what does not exist stops the run with its file
and line. It is never taken for a wider one, and never left out in silence.
"""

from __future__ import annotations

import json
import os

from guardrails.config.settings import hint_at_known
from guardrails.errors import CannotKnow, ConfigurationError
from guardrails.facts.files import read_ours
from guardrails.model import Waiver
from guardrails.record import plain
from guardrails.waivers import LONGEST
from guardrails.wording.shown_text import utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from guardrails.config.layers import Layer, Merged, Reader
    from guardrails.config.settings import Settings

_SHAPE = "waivers are written as [[waiver]], with two brackets"


def add_waivers(settings: Settings, merged: Merged, path: str | None) -> Settings:
    """The settings with the waivers at a path, if there are any; their digest then speaks of the waivers too."""
    if path is None:
        return settings
    data = read(path, merged.reader)
    merged.beside[path] = data
    waivers = () if data is None else parse(data, path, settings)
    if not waivers:
        return settings
    from hashlib import sha256

    said = json.dumps([settings.digest, [plain(one.replaced(place="")) for one in waivers]], sort_keys=True)
    return settings.replaced(waivers=waivers, digest=f"sha256:{sha256(said.encode()).hexdigest()}")


def read(path: str, reader: Reader = read_ours) -> bytes | None:
    """The bytes of a file of waivers; None when there is none. Raises ConfigurationError when it cannot be read."""
    from guardrails.config.layers import FILE_LIMIT

    try:
        return reader(path, FILE_LIMIT)
    except FileNotFoundError:
        if reader is not read_ours or not os.path.lexists(path):
            return None
        raise ConfigurationError(f"{path}: leads nowhere, so nobody can say what is waived") from None
    except CannotKnow as error:
        raise ConfigurationError(str(error)) from None


def parse(data: bytes, path: str, settings: Settings) -> tuple[Waiver, ...]:
    """The waivers of a file, none of them dated yet. Raises ConfigurationError for the first that cannot be meant."""
    from pydantic import ValidationError

    from guardrails.config.layers import parse_layer
    from guardrails.config.tables import WaiversTable, explain
    from guardrails.config.validate import write_path

    try:
        layer = parse_layer(path, path, data)
    except RecursionError:
        raise ConfigurationError(f"{path}: nested too deeply") from None
    try:
        table = WaiversTable.model_validate(layer.table)
    except ValidationError as error:
        at, problem = explain(error.errors(), WaiversTable)
        text = _SHAPE if at in (("waiver",), ("waiver", 0)) else f"{write_path(at)} {problem}"
        raise ConfigurationError(f"{layer.place(at)}: {text}") from None
    waivers = []
    for number, given in enumerate(table.waiver):
        at = ("waiver", number)
        _require_known(layer, (*at, "policy"), "policy", given.policy, [policy.name for policy in settings.policies])
        _require_known(layer, (*at, "environment"), "environment", given.environment, list(settings.environments))
        waivers.append(Waiver(**given.model_dump(), place=layer.place(at)))
    return tuple(waivers)


def _require_known(layer: Layer, at: tuple[str | int, ...], what: str, name: str, known: list[str]) -> None:
    if name not in known:
        raise ConfigurationError(f"{layer.place(at)}: unknown {what} {name}; {hint_at_known(name, known)}")


def date_waivers(waivers: Sequence[Waiver], path: str | None, *, now: float, at: float) -> tuple[Waiver, ...]:
    """The waivers, each with the time when it was written. One that does not say so is as old as its file.

    `now` is the clock and `at` the moment that is judged, in seconds since the epoch. Raises ConfigurationError for a
    waiver that is not yet valid at either, that runs out before it was written, or lasts longer than LONGEST.
    """
    changed = None if all(one.created is not None for one in waivers) else _changed(path)
    return tuple(_date(one, changed, now, at) for one in waivers)


def _date(waiver: Waiver, changed: float | None, now: float, at: float) -> Waiver:
    if waiver.created is None:
        created = now if changed is None else min(changed, now)
    else:
        created = waiver.created
        if created > max(now, at):
            raise ConfigurationError(f"{waiver.place}: not yet valid: created at {utc(created)}, and that is to come")
        if waiver.expires <= created:
            raise ConfigurationError(f"{waiver.place}: expires at {utc(waiver.expires)}, before it was created")
    if waiver.expires - created > LONGEST:
        latest = utc(created + LONGEST)
        raise ConfigurationError(
            f"{waiver.place}: expires at {utc(waiver.expires)}, more than 30 days after it was written; "
            f"the latest is {latest}"
        )
    return waiver.replaced(created=created)


def _changed(path: str | None) -> float | None:
    try:
        return None if path is None else os.stat(path).st_mtime
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be looked up: {error.strerror}") from None
