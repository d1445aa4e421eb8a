"""How environment-variable is proven."""

from __future__ import annotations

from guardrails import Drill, Table

_POLICY = "environment-variable"
_TABLE = f'[policies.{_POLICY}]\nenvironments = ["prod"]\nwhen = ["standing"]\nenforcement = "hard-mandatory"\n'


def _drill(name: str, title: str, options: str, *, harmless: bool = False, **variables: str) -> Drill:
    return Drill(
        _POLICY,
        ("standing",),
        name,
        title,
        harmless=harmless,
        configuration=f'{_TABLE}name = "NODE_ENV"\n{options}',
        variables=Table(variables),
    )


_PRODUCTION = 'value = "production"\n'
DRILLS = (
    _drill("no-variable", "The variable is not set", ""),
    _drill("a-variable", "The variable is set", "", harmless=True, NODE_ENV="test"),
    _drill("another-value", "The variable has another value", _PRODUCTION, NODE_ENV="test"),
    _drill("the-value", "The variable has the value", _PRODUCTION, harmless=True, NODE_ENV="production"),
)
