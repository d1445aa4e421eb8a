"""Frozen records without the dataclasses module behave as frozen dataclasses do."""

from __future__ import annotations

import inspect
import keyword
import pydoc
import re
import subprocess
import sys

import pytest

import guardrails
from guardrails.record import Record, Table, from_plain, plain


class Point(Record):
    x: int
    y: int = 0


class Named(Point):
    name: str = "origin"
    y: int = 7


class Positive(Record):
    number: int

    def __post_init__(self) -> None:
        if self.number <= 0:
            raise ValueError("number must be above 0")


def test_fields_are_taken_by_position_and_by_name() -> None:
    assert (Point(1).x, Point(1).y) == (1, 0)
    assert Point(1, 2) == Point(x=1, y=2) == Point(1, y=2)
    assert Named(1).y == 7
    assert list(Named.__fields__) == ["x", "y", "name"]


@pytest.mark.parametrize(
    ("values", "named", "hint"),
    [
        ((), {}, "Point needs x"),
        ((), {"y": 1}, "Point needs x"),
        ((1, 2, 3), {}, "Point takes x, y"),
        ((1,), {"x": 1}, "Point takes x, y, each once"),
        ((1,), {"z": 1}, "Point has no z; it takes x, y"),
        ((1, 2), {"z": 1}, "Point has no z"),
    ],
)
def test_what_does_not_fit_is_refused(values: tuple[int, ...], named: dict[str, int], hint: str) -> None:
    with pytest.raises(TypeError, match=hint):
        Point(*values, **named)


def test_a_record_is_frozen() -> None:
    point = Point(1)
    with pytest.raises(AttributeError, match="frozen"):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match="frozen"):
        del point.x
    with pytest.raises(AttributeError, match="frozen"):
        point.other = 2
    assert point == Point(1)


def test_equality_is_by_kind_and_value() -> None:
    assert Point(1, 2) == Point(1, 2)
    assert Point(1, 2) != Point(1, 3)
    assert Point(1, 7) != Named(1)
    assert Point(1) != (1, 0)
    assert len({Point(1), Point(1, 0), Point(1, 1)}) == 2
    assert hash(Point(1, 2)) == hash(Point(y=2, x=1))


def test_a_copy_can_differ() -> None:
    point = Point(1, 2)
    assert point.replaced(y=3) == Point(1, 3)
    assert point == Point(1, 2)
    with pytest.raises(TypeError, match="has no z"):
        point.replaced(z=3)


def test_a_record_checks_itself_however_it_is_made() -> None:
    with pytest.raises(ValueError, match="above 0"):
        Positive(0)
    with pytest.raises(ValueError, match="above 0"):
        Positive(1).replaced(number=-1)
    with pytest.raises(ValueError, match="above 0"):
        from_plain(Positive, {"number": 0})


def test_a_record_shows_itself() -> None:
    assert repr(Named(1, name="a'b")) == """Named(x=1, y=7, name="a'b")"""


class Late(Point):
    needed: int  # type: ignore[misc]  # a checker wants it before the default


PUBLIC = [one for name in guardrails.__all__ if isinstance(one := getattr(guardrails, name), type)]
RECORDS = [one for one in PUBLIC if issubclass(one, Record) and one is not Record]


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_a_public_record_has_the_signature_of_its_fields(kind: type[Record]) -> None:
    parameters = dict(inspect.signature(kind).parameters)
    unsayable = [name for name in kind.__fields__ if keyword.iskeyword(name)]
    catching = [name for name, one in parameters.items() if one.kind is one.VAR_KEYWORD]
    assert catching == (["others"] if unsayable else [])
    for name in catching:
        del parameters[name]
    assert list(parameters) == [name for name in kind.__fields__ if name not in unsayable]
    for name, parameter in parameters.items():
        assert parameter.annotation == kind.__fields__[name]
        assert parameter.default is getattr(kind, name, inspect.Parameter.empty)


def test_there_are_public_records() -> None:
    assert len(RECORDS) > 30
    assert str(inspect.signature(Named)) == "(x: 'int', y: 'int' = 7, name: 'str' = 'origin')"
    shown = re.sub(".\x08", "", pydoc.render_doc(guardrails.Checkout))
    signature = re.sub(r"[\s|]+", "", shown.split("__signature__")[0])  # since Python 3.13, a line for each parameter
    assert "Checkout(git:'Repository',top:'str'," in signature


def test_a_field_that_must_follow_a_default_is_given_by_name() -> None:
    assert str(inspect.signature(Late)) == "(x: 'int', y: 'int' = 0, *, needed: 'int')"
    arguments = inspect.signature(Late).bind(1, needed=3)
    assert Late(*arguments.args, **arguments.kwargs) == Late(1, 0, 3)


class Line(Record):
    ends: tuple[Point, ...]
    label: str | None = None
    extra: object = ()


# The engine reads records back from plain data by their annotations, which must be types and not text.
Point.__fields__ = {"x": int, "y": int}
Line.__fields__ = {"ends": tuple[Point, ...], "label": str, "extra": object}


def test_plain_data_and_back() -> None:
    line = Line((Point(1), Point(2, 3)), extra={"a": (Point(4),)})
    data = plain(line)
    assert data == {"ends": [{"x": 1, "y": 0}, {"x": 2, "y": 3}], "label": None, "extra": {"a": [{"x": 4, "y": 0}]}}
    assert from_plain(Line, {"ends": data["ends"], "label": "l"}) == Line((Point(1), Point(2, 3)), "l")


@pytest.mark.parametrize("data", [{"ends": [], "other": 1}, {"ends": [{"z": 1}]}, {"label": "no ends"}])
def test_plain_data_that_does_not_fit_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        from_plain(Line, data)


def test_a_record_costs_no_dataclasses() -> None:
    costly = ("dataclasses", "inspect", "typing")
    script = f"import sys, guardrails.record; print([name for name in {costly} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_table_of_options_is_frozen_and_hashable_at_every_depth() -> None:
    table = from_plain(dict[str, tuple[str, ...]], {"a": ["x", "y"]})
    assert table == Table(a=("x", "y"))
    assert hash(table) == hash(Table(a=("x", "y")))
    assert plain(table) == {"a": ["x", "y"]}
    assert type(plain(table)) is dict
    for change in (lambda: table.update(b=1), lambda: table.pop("a"), table.clear, lambda: table.setdefault("b", 1)):
        with pytest.raises(TypeError, match="frozen"):
            change()
    with pytest.raises(TypeError, match="frozen"):
        table["b"] = ()
