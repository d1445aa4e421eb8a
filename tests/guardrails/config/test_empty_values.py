"""Every option that can be empty has a row, those in tables and records too; what is said of each is beside it."""

from types import MappingProxyType

from guardrails import Policy, Record, Table
from guardrails.config.empty_values import EmptyValue, empty_values


class Job(Record):
    empty = MappingProxyType({"name": "refused"})

    name: str = ""
    enabled: bool = True
    days: tuple[str, ...] = ()


class Tidy(Policy):
    empty = MappingProxyType({"jobs": "skipped: no job is asked for", "roles.*": "noted: anybody may speak"})

    jobs: tuple[Job, ...] = ()
    roles: dict[str, tuple[str, ...]] = Table()
    values: dict[str, str | bool | int | float] = Table()
    file: str | tuple[str, ...] = ""
    times: int = 1
    exact: bool = False


def test_every_option_that_can_be_empty_is_there() -> None:
    assert list(empty_values(Tidy)) == [
        EmptyValue("jobs", "[]", "skipped: no job is asked for"),
        EmptyValue("jobs.name", '""', "refused"),
        EmptyValue("jobs.days", "[]"),
        EmptyValue("roles", "{}"),
        EmptyValue("roles.*", "[]", "noted: anybody may speak"),
        EmptyValue("values", "{}"),
        EmptyValue("values.*", '""'),
        EmptyValue("file", '"" or []'),
        EmptyValue("times", "0"),
    ]


def test_the_outcome_is_the_word_before_the_colon() -> None:
    assert [one.outcome for one in empty_values(Tidy)][:3] == ["skipped", "refused", ""]
