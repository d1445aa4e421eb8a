"""What an empty value of each option of a policy means, for people and for the test that plays every one of them."""

from __future__ import annotations

from types import UnionType

from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_EMPTY = {str: '""', int: "0", float: "0"}


class EmptyValue(Record):
    """One option, or a key of a table in it, with its empty value as TOML writes it, and what that means.

    `path` has a dot before a key of a table, `*` for any key of one: `jobs.schedule`, `roles.*`. `meaning` is what the
    policy says of it in `empty`: a word (refused, skipped, judged, noted), perhaps with more after a colon; empty when
    it says nothing.
    """

    path: str
    written: str
    meaning: str = ""

    @property
    def outcome(self) -> str:
        """The word of the meaning."""
        return self.meaning.partition(":")[0]


def empty_values(policy: Any) -> Iterator[EmptyValue]:
    """Every option that can be empty, in order, with those of the records and tables in it.

    An empty text in a list is no value of its own: the configuration refuses it whatever the option is.
    """
    for name, kind in policy.__fields__.items():
        yield from _of(kind, name, policy.empty)


def _of(kind: Any, path: str, said: Any, key: str = "") -> Iterator[EmptyValue]:
    """The empty values of one type; `key` is what they are called in `said`, when that is not the path."""
    meaning = said.get(key or path, "")
    origin, inside = getattr(kind, "__origin__", None), _inside(kind)
    if isinstance(kind, UnionType):
        written = [one for part in inside for one in _written(part)]
        yield EmptyValue(path, " or ".join(one for one in dict.fromkeys(written) if one != "0"), meaning)
    elif origin is dict:
        yield EmptyValue(path, "{}", meaning)
        yield from _of(inside[1], f"{path}.*", said)
    elif _written(kind):
        yield EmptyValue(path, _written(kind)[0], meaning)
    record = inside[0] if origin is tuple else kind
    if isinstance(record, type) and issubclass(record, Record):
        for name, field in record.__fields__.items():
            yield from _of(field, f"{path}.{name}", getattr(record, "empty", {}), name)


def _inside(kind: Any) -> tuple[Any, ...]:
    """The types of which a type is made."""
    return getattr(kind, "__args__", ())


def _written(kind: Any) -> tuple[str, ...]:
    """The empty value of a simple type or a list; none of what is true or false, and of a record."""
    if getattr(kind, "__origin__", None) is tuple:
        return ("[]",)
    return (_EMPTY[kind],) if kind in _EMPTY else ()
