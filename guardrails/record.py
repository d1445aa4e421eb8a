"""Frozen records: classes whose annotated attributes are their fields.

    class Point(Record):
        x: int
        y: int = 0

They are to a type checker what frozen dataclasses are (PEP 681), and mean the same. The standard library's decorator
compiles six methods for each class and imports `inspect`: more than half of what a passing run may take in a small
repository (`docs/performance.md` has the figures).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from inspect import Signature
    from typing import Any, ClassVar, NoReturn, Self, dataclass_transform
else:

    def dataclass_transform(**_):
        """Stand in for the marker, which only type checkers read."""
        return lambda cls: cls


class _Signature:
    """The signature of a record's class, made when `help` or an editor asks, since `inspect` is slow to import."""

    def __get__(self, record: object, kind: type[Record]) -> Signature:
        """The fields as parameters, with defaults.

        After a field with a default, one without is given by name, as all others are that follow it. A field whose
        name is a word of Python, such as `from`, can be no parameter: `**others` stands for it.
        """
        from inspect import Parameter, Signature
        from keyword import iskeyword

        by_name, parameters, others, optional = False, [], [], False
        for name, annotation in getattr(kind, "__fields__", {}).items():
            default = getattr(kind, name, Parameter.empty)
            if iskeyword(name):
                by_name, others = True, [Parameter("others", Parameter.VAR_KEYWORD)]
                continue
            by_name = by_name or (optional and default is Parameter.empty)
            optional = optional or default is not Parameter.empty
            how = Parameter.KEYWORD_ONLY if by_name else Parameter.POSITIONAL_OR_KEYWORD
            parameters.append(Parameter(name, how, default=default, annotation=annotation))
        return Signature([*parameters, *others])


@dataclass_transform(frozen_default=True)
class Record:
    """The base of all records. A subclass may check itself in `__post_init__`; defaults must be immutable."""

    if TYPE_CHECKING:
        __fields__: ClassVar[Mapping[str, Any]]  # name -> annotation, those of the bases first
    else:
        __signature__ = _Signature()

    def __init_subclass__(cls) -> None:
        """Collect the fields, once per class."""
        cls.__fields__ = {
            name: kind for base in reversed(cls.__mro__) for name, kind in getattr(base, "__annotations__", {}).items()
        }

    def __init__(self, *values: Any, **named: Any) -> None:
        """Take the fields by position or by name. Raises TypeError for an unknown, doubled or missing one."""
        fields, kind = self.__fields__, type(self)
        given = {**dict(zip(fields, values)), **named}  # noqa: B905 — too few or too many are told below
        if len(given) != len(values) + len(named):
            raise TypeError(f"{kind.__name__} takes {', '.join(fields)}, each once")
        if len(given) != len(fields) or given.keys() != fields.keys():
            for name in given.keys() - fields.keys():
                raise TypeError(f"{kind.__name__} has no {name}; it takes {', '.join(fields)}")
            for name in fields.keys() - given.keys():
                if not hasattr(kind, name):
                    raise TypeError(f"{kind.__name__} needs {name}")
                given[name] = getattr(kind, name)
        self.__dict__.update(given)
        self.__post_init__()

    def __post_init__(self) -> None:
        """Check the fields. Raises ValueError with one clear line."""

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen; use replaced({name}=…)")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        return self.__dict__ == other.__dict__ if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), *(self.__dict__[name] for name in self.__fields__)))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={self.__dict__[name]!r}" for name in self.__fields__)
        return f"{type(self).__name__}({fields})"

    def replaced(self, **changes: Any) -> Self:
        """A copy with some fields changed."""
        return type(self)(**{**self.__dict__, **changes})


class Table(dict[str, "Any"]):
    """A table with keys of the user's own as the value of an option: frozen, and hashable as its values are."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a table of options is frozen")

    __setitem__ = __delitem__ = __ior__ = update = setdefault = pop = popitem = clear = _refuse


def plain(value: Any) -> Any:
    """A record as plain data: records become dicts, tuples lists, all the way down."""
    if isinstance(value, Record):
        return {name: plain(field) for name, field in value.__dict__.items()}
    if isinstance(value, (tuple, list)):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return value


def from_plain(kind: Any, value: Any) -> Any:
    """Plain data as `kind`: a record, a tuple of something, a table of something, or what it already is.

    The annotations of the record must be real types, not strings. Raises TypeError or ValueError when it does not fit.
    """
    if isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, Record):
        if unknown := value.keys() - kind.__fields__.keys():
            raise TypeError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
        return kind(**{name: from_plain(kind.__fields__[name], one) for name, one in value.items()})
    if isinstance(value, dict) and getattr(kind, "__origin__", None) is dict:
        return Table({name: from_plain(kind.__args__[1], one) for name, one in value.items()})
    if isinstance(value, list):
        return tuple(from_plain(kind.__args__[0], one) for one in value)
    return value
