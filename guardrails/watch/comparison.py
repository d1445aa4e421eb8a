"""What one check found, and how it differs from what another one did: new, gone or changed."""

from __future__ import annotations

from guardrails.exit_codes import ALLOW, DENY
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    Key = tuple[str, str]

ALLOWED, DENIED, UNDECIDED = "allow", "deny", "undecided"


class Seen(Record):
    """A finding, or with an empty `mark` a policy that could not decide, or with an empty `policy` the whole check.

    `mark` is the finding's fingerprint, `place` its path or ref.
    """

    policy: str
    mark: str
    place: str
    message: str
    blocks: bool

    @property
    def key(self) -> Key:
        """What makes it the same in another check. Its message may grow older."""
        return self.policy, self.mark


class Standing(Record):
    """What a check came to: allow, deny or undecided; when, in seconds since the epoch; and what it saw.

    `cut` are the policies of which not every finding was kept.
    """

    verdict: str
    at: float
    seen: tuple[Seen, ...] = ()
    cut: tuple[str, ...] = ()
    digest: str = ""

    @property
    def blocking(self) -> tuple[Seen, ...]:
        """What blocks."""
        return tuple(one for one in self.seen if one.blocks)


class Difference(Record):
    """What a check saw that another one had not, and the reverse; of what changed, how it was and how it is."""

    new: tuple[Seen, ...] = ()
    gone: tuple[Seen, ...] = ()
    changed: tuple[tuple[Seen, Seen], ...] = ()

    @property
    def begins_to_block(self) -> bool:
        """Whether something blocks that did not, or was not there."""
        came = any(one.blocks for one in self.new)
        return came or any(now.blocks and not (was.blocks and _is_alike(was, now)) for was, now in self.changed)

    def __bool__(self) -> bool:
        return bool(self.new or self.gone or self.changed)


def _is_alike(was: Seen, now: Seen) -> bool:
    """Whether what changed says what it said: the same finding, or one that only moved. Another message is of another
    problem, for all that can be known.
    """
    return was.mark == now.mark or was.message == now.message


def stand(
    exit_code: int, found: Sequence[Mapping[str, Any]], errors: Sequence[str], *, at: float, digest: str
) -> Standing:
    """A check by its exit code and what `gate.find_comparable` says of it.

    Raises KeyError, TypeError or AttributeError for data of another shape.
    """
    seen = [one for row in found for one in _seen_of(row)]
    if errors:
        seen.append(Seen("", "", "", str(errors[0]), blocks=True))
    verdict = {ALLOW: ALLOWED, DENY: DENIED}.get(exit_code, UNDECIDED)
    return Standing(verdict, at, tuple(seen), tuple(str(row["policy"]) for row in found if row["more"]), digest)


def _seen_of(row: Mapping[str, Any]) -> Iterable[Seen]:
    policy, blocks = str(row["policy"]), row["blocks"] is True
    if row["outcome"] == "error":
        return [Seen(policy, "", "", str(row["reason"] or "it could not decide"), blocks)]
    return [
        Seen(policy, str(one["fingerprint"]), str(one["place"]), str(one["message"]), blocks and not one["waived"])
        for one in row["findings"]
    ]


def compare(before: Standing, now: Standing) -> Difference:
    """How a check differs from an earlier one.

    A finding that went and one that came of the same policy at the same place are one that changed, unless that place
    is empty; so is one that blocks now and did not, or the reverse. What was cut may have been there all the time: it
    is neither new nor gone.
    """
    was, there = _by_key(before.seen), _by_key(now.seen)
    changed = [(was[key], one) for key, one in there.items() if key in was and was[key].blocks != one.blocks]
    gone = [one for key, one in was.items() if key not in there]
    new = []
    for key, one in there.items():
        if key in was:
            continue
        left = next((old for old in gone if one.place and (old.policy, old.place) == (one.policy, one.place)), None)
        if left:
            gone.remove(left)
            changed.append((left, one))
        else:
            new.append(one)
    return Difference(
        tuple(one for one in new if one.policy not in before.cut),
        tuple(one for one in gone if one.policy not in now.cut),
        tuple(changed),
    )


def _by_key(seen: Iterable[Seen]) -> dict[Key, Seen]:
    """By key; of two alike the one that blocks counts."""
    return {one.key: one for one in sorted(seen, key=lambda one: one.blocks)}
