"""Which way a configuration differs from a trusted one: looser, unless a difference is known to be tighter."""

from __future__ import annotations

from guardrails.config.written import toml
from guardrails.facts.approval.signatures import KRL
from guardrails.loosening import Loosening
from guardrails.model import Enforcement
from guardrails.record import plain
from guardrails.wording.durations import seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from guardrails.config.layers import Merged
    from guardrails.config.lines import Path
    from guardrails.config.settings import PolicySetting, Settings
    from guardrails.model import Trust
    from guardrails.policy import Policy

_LEVELS = [level.value for level in (Enforcement.ADVISORY, Enforcement.SOFT_MANDATORY, Enforcement.HARD_MANDATORY)]


class Comparison:
    """Two settings and the merged tables they come from, of which the first is trusted."""

    def __init__(
        self,
        before: Settings,
        after: Settings,
        trusted: Merged,
        changed: Merged,
        policies: Mapping[str, type[Policy]],
    ) -> None:
        self._before, self._after = before, after
        self._trusted, self._changed = trusted, changed
        self._policies = policies

    def find_loosenings(self) -> Iterator[Loosening]:
        """Everything that became looser; paths are as the files were read."""
        after = {policy.name: policy for policy in self._after.policies}
        for policy in self._before.policies:
            if policy.name in after:
                yield from self._policy(policy, after[policy.name])
            else:
                yield self._at(
                    ("policies", policy.name), f"the policy {policy.name} is removed", f"{policy.name} stays"
                )
        yield from self._values("environments", self._before.environments, self._after.environments)
        yield from self._values("operations", self._before.operations, self._after.operations, but=("steps",))
        yield from self._guards()
        yield from self._trust()
        yield from self._compare_carrying()
        yield from self._waivers()

    def _policy(self, before: PolicySetting, after: PolicySetting) -> Iterator[Loosening]:
        name, at = before.name, ("policies", before.name)
        if after.use != before.use:
            yield self._at((*at, "use"), f"{name} uses {after.use}", f"{name} uses {before.use}")
            return
        for environment, moments in before.when.items():
            if dropped := [one for one in moments if one not in after.when.get(environment, ())]:
                where = f"{name} in {environment}"
                yield self._at((*at, "when"), f"{where} is no longer asked: {', '.join(dropped)}", "every moment stays")
            level, lower = before.enforcement[environment], after.enforcement.get(environment, _LEVELS[0])
            if _LEVELS.index(lower) < _LEVELS.index(level):
                yield self._at((*at, "enforcement"), f"{name} is {lower} in {environment}", f"{level}, or stricter")
        stricter = self._policies[before.use].stricter
        for option, old in before.options.items():
            new = after.options.get(option)
            if plain(new) != plain(old) and not is_tighter(stricter.get(option), old, new):
                expected = f"{toml(plain(old))}, or what is known to be stricter"
                yield self._at((*at, option), f"{name}.{option} = {toml(plain(new))}", expected)

    def _values(
        self, table: str, before: Mapping[str, Any], after: Mapping[str, Any], but: tuple[str, ...] = ()
    ) -> Iterator[Loosening]:
        """Environments and operations say what is looked at, so none of their values may change."""
        for name, old in before.items():
            new = after.get(name)
            if new is None:
                yield self._at((table, name), f"{table}.{name} is removed", f"{table}.{name} stays")
                continue
            for key in old.__fields__:
                was, now = plain(getattr(old, key)), plain(getattr(new, key))
                if key in but or was is None or was is False or was == now:  # what was left open may be closed
                    continue
                if isinstance(was, dict):  # variables, whose values nobody else need see
                    yield self._at((table, name, key), f"{table}.{name}.{key} are others", "the same variables")
                else:
                    said = "nothing" if now is None else toml(now)
                    yield self._at((table, name, key), f"{table}.{name}.{key} is {said}", toml(was))

    def _guards(self) -> Iterator[Loosening]:
        """Hooks that need no longer be installed."""
        for name, kinds in self._before.guards.items():
            for kind in kinds:
                if kind not in self._after.guards.get(name, ()):
                    what = f"{kind} need not guard {name} any more"
                    yield self._at(("guards", name), what, f"guards.{name} = {toml(kinds)}, or more")

    def _trust(self) -> Iterator[Loosening]:
        at, old, new = ("trust", "allowed_signers"), self._before.trust, self._after.trust
        if old.allowed_signers is None:
            return
        if new.allowed_signers is None:
            yield self._at(at, "nobody need sign any more", "trust.allowed_signers stays")
            return
        added = _lines(new.content) - _lines(old.content)
        if added:
            what = f"{len(added)} {'line that lets' if len(added) == 1 else 'lines that let'} somebody speak"
            yield Loosening(
                f"{what} is new" if len(added) == 1 else f"{what} are new", "no new signer", new.allowed_signers
            )

        if old.revoked is not None and not _still_revoked(old, new):
            what = "nobody is revoked any more" if new.revoked is None else "not every revoked key stays revoked"
            yield self._at(("trust", "revoked"), what, f"the keys that {old.revoked} revokes, and any more")

    def _compare_carrying(self) -> Iterator[Loosening]:
        """How far a verdict may be carried."""
        old, new = self._before.trust, self._after.trust
        if seconds(new.verdict_max_age) > seconds(old.verdict_max_age):
            at, expected = ("trust", "verdict_max_age"), f"{old.verdict_max_age}, or shorter"
            yield self._at(at, f"trust.verdict_max_age = {toml(new.verdict_max_age)}", expected)
        if old.bind_host and not new.bind_host:
            yield self._at(("trust", "bind_host"), "a verdict counts on any host", "trust.bind_host stays")

    def _waivers(self) -> Iterator[Loosening]:
        known = {waiver.replaced(place="", created=None) for waiver in self._before.waivers}
        for waiver in self._after.waivers:
            if waiver.replaced(place="", created=None) not in known:
                path, _, line = waiver.place.rpartition(":")
                what = f"a waiver of {waiver.policy} in {waiver.environment} is added, by {waiver.owner}"
                yield Loosening(what, "no waiver that the trusted ref does not have", path, int(line))

    def _at(self, key: Path, observed: str, expected: str) -> Loosening:
        """A loosening where the changed files say so; where they say nothing any more, in the file that did."""
        for merged in (self._changed, self._trusted):
            if layer := _origin(merged, key):
                number = layer.place(key).rpartition(":")[2] if merged is self._changed else ""
                return Loosening(observed, expected, layer.path, int(number) if number.isdecimal() else None)
        return Loosening(observed, expected, self._changed.layers[-1].path)


def _origin(merged: Merged, key: Path) -> Any:
    """The layer that says something at or inside a key, or next to it in its table."""
    for length in range(len(key), 1, -1):
        for known in reversed(merged.origins):
            if known[:length] == key[:length]:
                return merged.origins[known]
    return None


def is_tighter(way: str | None, old: Any, new: Any) -> bool:
    """Whether an option's new value is at least as strict, given which way is stricter; unknown ways are not."""
    old, new = plain(old), plain(new)
    if way in ("true", "false"):
        return bool(new is (way == "true"))
    if way in ("shorter", "longer"):
        try:
            was, now = seconds(old), seconds(new)
        except (ValueError, TypeError, AttributeError):
            return False
        return now <= was if way == "shorter" else now >= was
    if way == "fewer":
        old, new = new, old
    elif way != "more":
        return False
    if isinstance(old, dict) and isinstance(new, dict):
        return all(key in new and new[key] == value for key, value in old.items())
    if isinstance(old, list) and isinstance(new, list):
        return all(one in new for one in old)
    return False


def _still_revoked(old: Trust, new: Trust) -> bool:
    """Whether no revoked key may speak again, as far as that is known: only a list of keys can be seen to grow."""
    was, now = old.revoked_content or "", new.revoked_content or ""
    lists = not was.startswith(KRL) and not now.startswith(KRL)
    return new.revoked is not None and (was == now or (lists and _lines(was) <= _lines(now)))


def _lines(content: str | None) -> set[str]:
    lines = (line.strip() for line in (content or "").split("\n"))
    return {line for line in lines if line and not line.startswith("#")}
