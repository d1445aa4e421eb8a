"""What a `guardrails.toml` may hold, as pydantic models, and their errors in the user's words."""

from __future__ import annotations

import warnings
from types import UnionType
from typing import Annotated, Any, Literal, Union

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WrapValidator,
    create_model,
)
from pydantic_core import PydanticCustomError

from guardrails.config.settings import STANDING, hint_at_known
from guardrails.config.written import type_name
from guardrails.model import Enforcement
from guardrails.record import Record, plain
from guardrails.wording.times import seconds_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.policy import Policy

_STRICT = ConfigDict(extra="forbid", strict=True, validate_default=True, allow_inf_nan=False)
AUDIT_PATH = "~/.local/state/guardrails/{environment}/audit.jsonl"
_Level = Literal["advisory", "soft-mandatory", "hard-mandatory"]


class EnvironmentTable(BaseModel):
    """`[environments.NAME]`: one checkout and its state. Paths may start with `~`."""

    model_config = _STRICT
    repo: Annotated[str, Field(description="the folder of the checkout")]
    state_dir: Annotated[str | None, Field(description="the folder of its state; none for a bare repository")] = None
    branch: Annotated[str | None, Field(description="the branch that must be checked out")] = None
    upstream: Annotated[str | None, Field(description="the ref that updates come from")] = None
    service: Annotated[str | None, Field(description="the name of the service that runs from here")] = None
    variables: Annotated[dict[str, str], Field(description="environment variables of its commands")] = {}


class OperationTable(BaseModel):
    """`[operations.NAME]`: something about to happen, which policies name in `when`."""

    model_config = _STRICT
    environment: Annotated[str | None, Field(description="the environment where it happens; any without")] = None
    candidate_from: Annotated[str | None, Field(description="the environment whose repo knows the candidate")] = None
    moves_head_to: Annotated[
        Literal["candidate", "upstream", "previous"] | None, Field(description="where HEAD must be afterwards")
    ] = None
    steps: Annotated[list[str], Field(description="the commands of which it consists")] = []
    rescue: Annotated[bool, Field(description="save what its reset would lose, once all else allows it")] = False
    carry_to: Annotated[
        str | None, Field(description="the environment whose repo gets what was saved, as a branch rescue/ID")
    ] = None


class TrustTable(BaseModel):
    """`[trust]`: whose signatures count, and how far a verdict may be carried."""

    model_config = _STRICT
    allowed_signers: Annotated[
        str | None, Field(description="the file with their keys, as of ssh-keygen; without it nothing need be signed")
    ] = None
    revoked: Annotated[
        str | None, Field(description="the file with the keys that count no more, as ssh-keygen -r takes it")
    ] = None
    verdict_max_age: Annotated[str, Field(description="how long a carried verdict counts, such as 15m")] = "15m"
    bind_host: Annotated[bool, Field(description="whether a carried verdict counts on its own host alone")] = False


class AuditTable(BaseModel):
    """`[audit]`: where every verdict is logged."""

    model_config = _STRICT
    path: Annotated[str, Field(description="the log; {environment} stands for the environment's name")] = AUDIT_PATH


class WatchTable(BaseModel):
    """`[watch]`: how often `guardrails watch` checks, and who is told."""

    model_config = _STRICT
    every: Annotated[str, Field(description="how long from one check to the next, such as 15m")] = "15m"
    webhook: Annotated[str | None, Field(description="the address that gets each message, as JSON by POST")] = None
    notify: Annotated[list[str], Field(description="services that get it too, by their addresses in Apprise")] = []
    ping: Annotated[str | None, Field(description="the address of a check of healthchecks, asked at each run")] = None
    textfile: Annotated[str | None, Field(description="the file for Prometheus' textfile collector, *.prom")] = None
    remind: Annotated[str | None, Field(description="after how long what still blocks is told again")] = None


class PolicyTable(BaseModel):
    """`[policies.NAME]`: where, when and how strictly a policy applies. The policy's own options come beside these."""

    model_config = _STRICT
    use: Annotated[str | None, Field(description="the policy of which this is an instance")] = None
    title: Annotated[
        str | None, Field(description="what holds while it passes, as reports say it; the policy's own without")
    ] = None
    environments: Annotated[list[str] | None, Field(description="where it applies; everywhere without")] = None
    when: Annotated[
        list[str] | dict[str, list[str]],
        Field(description="standing, an operation, or after an operation; for all or by environment"),
    ] = [STANDING]
    enforcement: Annotated[
        _Level | dict[str, _Level], Field(description="whether it blocks; for all or by environment")
    ] = Enforcement.SOFT_MANDATORY.value


class ConfigurationTable(BaseModel):
    """A whole `guardrails.toml`."""

    model_config = _STRICT
    extends: Annotated[list[str], Field(description="profiles, or paths of .toml files, that this one changes")] = []
    environments: Annotated[dict[str, EnvironmentTable], Field(min_length=1)]
    operations: dict[str, OperationTable] = {}
    policies: dict[str, dict[str, Any]] = {}
    trust: TrustTable = TrustTable()
    audit: AuditTable = AuditTable()
    watch: WatchTable = WatchTable()
    guards: Annotated[
        dict[
            str,
            list[
                Literal[
                    "pre-push",
                    "pre-receive",
                    "reference-transaction",
                    "claude-code",
                    "codex",
                    "cursor",
                    "gemini",
                    "openclaw",
                ]
            ],
        ],
        Field(description="the kinds of hooks that must be installed, of git or of agents' hosts, by environment"),
    ] = {}


def _time(value: Any) -> float:
    try:
        return seconds_of(value)
    except ValueError:
        problem = "must be a time of RFC 3339 with its zone, such as 2026-02-01T10:00:00Z"
        raise PydanticCustomError("time", problem) from None


def _said(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("empty", "is empty")
    return text


def _print(text: str) -> str:
    if len(text) != 32 or text.strip("0123456789abcdef"):
        raise PydanticCustomError("fingerprint", "must be the fingerprint of a finding, 32 hexadecimal digits")
    return text


_Said = Annotated[str, AfterValidator(_said)]
_Time = Annotated[float, BeforeValidator(_time)]


class WaiverTable(BaseModel):
    """`[[waiver]]`: what may pass although a policy fails, who says so, why, and for how long."""

    model_config = _STRICT
    policy: _Said
    environment: _Said
    owner: _Said
    reason: _Said
    expires: _Time
    created: _Time | None = None
    finding: Annotated[str, AfterValidator(_print)] | None = None


class WaiversTable(BaseModel):
    """A whole `guardrails.waivers.toml`."""

    model_config = _STRICT
    waiver: list[WaiverTable] = []


def table_for(policy: type[Policy]) -> type[BaseModel]:
    """The table of one policy: what every policy takes, and its own options."""
    table: type[BaseModel] = _make(policy.__name__, policy, __base__=PolicyTable, __doc__=policy.title)
    return table


def _make(name: str, record: Any, **rest: Any) -> Any:
    """A model with the fields of a record."""
    fields: dict[str, Any] = {
        name: (_plain(kind), plain(getattr(record, name)) if hasattr(record, name) else ...)
        for name, kind in record.__fields__.items()
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an option may be called json, copy or schema, as old methods of models are
        return create_model(name, **rest, **fields)


def _plain(kind: Any) -> Any:
    """The type that TOML gives for an option's type: lists for tuples, tables for records."""
    origin = getattr(kind, "__origin__", None)
    if origin is tuple:
        one: Any = _plain(kind.__args__[0])
        return list[_Said if one is str else one]  # type: ignore[misc]  # a type made at run time
    if origin is dict:
        return dict[str, _plain(kind.__args__[1])]  # type: ignore[misc]
    if isinstance(kind, UnionType):
        plain_kinds: Any = Union[tuple(_plain(one) for one in kind.__args__)]  # noqa: UP007  # of as many as there are
        return Annotated[plain_kinds, WrapValidator(_in_one_error(type_name(kind)))]
    if isinstance(kind, type) and issubclass(kind, Record):
        return _make(kind.__name__, kind, __config__=_STRICT)
    return kind


def _in_one_error(types: str) -> Any:
    """Say of a value that may be of several types what it must be, rather than why it is not each of them."""

    def check_model(value: Any, handler: Any) -> Any:
        try:
            return handler(value)
        except ValidationError:
            raise PydanticCustomError("one_value", "must be {types}", {"types": types}) from None

    return check_model


_SHAPES = {
    "when": "must be a list of moments, or a table of such lists by environment",
    "enforcement": "must be advisory, soft-mandatory or hard-mandatory, or a table of these by environment",
}

_MUST = {
    "bool_type": "must be true or false",
    "dict_type": "must be a table",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "int_type": "must be a whole number",
    "list_type": "must be a list",
    "model_type": "must be a table",
    "string_type": "must be text in quotes",
    "too_short": "needs at least one",
}


def explain(errors: list[Any], model: type[BaseModel]) -> tuple[tuple[str | int, ...], str]:
    """Where the most telling of pydantic's errors is, and what must be there; a misspelt key explains a missing one."""
    error = next((one for one in errors if one["type"] == "extra_forbidden"), errors[0])
    path = error["loc"]
    if issubclass(model, PolicyTable) and path[0] in _SHAPES:
        deepest = max((one["loc"] for one in errors if one["loc"][0] == path[0]), key=len)
        return (path[0], *deepest[2:]), _SHAPES[path[0]]  # between them is the name of the type that was tried
    if error["type"] == "extra_forbidden":
        for part in path[:-1]:
            model = _model_inside(model, part)
        return path, f"is an unknown key; {hint_at_known(str(path[-1]), list(model.model_fields))}"
    if error["type"] == "missing":
        return path, "is missing"
    if error["type"] == "literal_error":
        return path, f"must be {error['ctx']['expected'].replace(chr(39), '')}"
    return path, _MUST.get(error["type"], error["msg"])


def _model_inside(model: Any, part: Any) -> Any:
    """The model of a nested table, following a key or a position."""
    inner = model.model_fields[part].annotation if part in getattr(model, "model_fields", {}) else model
    while getattr(inner, "__args__", None):
        inner = inner.__args__[-1]
    return inner if hasattr(inner, "model_fields") else model
