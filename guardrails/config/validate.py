"""Untrusted tables -> settings. The only place where pydantic looks at configuration; a snapshot spares it."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from guardrails.config.settings import STANDING, OperationSetting, PolicySetting, Settings, nearest
from guardrails.errors import ConfigurationError
from guardrails.model import Enforcement, Environment
from guardrails.record import Record, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from guardrails.config.layers import Merged
    from guardrails.policy import Policy

_STRICT = ConfigDict(extra="forbid", strict=True)
_Level = Literal["advisory", "soft-mandatory", "hard-mandatory"]


class EnvironmentTable(BaseModel):
    """`[environments.NAME]`: one checkout and its state. Paths may start with `~`."""

    model_config = _STRICT
    repo: str
    state_dir: str | None = None
    branch: str | None = None
    upstream: str | None = None
    service: str | None = None
    variables: dict[str, str] = {}


class OperationTable(BaseModel):
    """`[operations.NAME]`: something about to happen, which policies name in `when`."""

    model_config = _STRICT
    environment: str | None = None
    candidate_from: str | None = None
    moves_head_to: Literal["candidate", "upstream", "previous"] | None = None
    steps: list[str] = []


class PolicyTable(BaseModel):
    """`[policies.NAME]`: where, when and how strictly a policy applies. The policy's own options come beside these."""

    model_config = _STRICT
    use: str | None = None
    environments: list[str] | None = None
    when: list[str] | dict[str, list[str]] = [STANDING]
    enforcement: _Level | dict[str, _Level] = Enforcement.SOFT_MANDATORY.value


class ConfigurationTable(BaseModel):
    """A whole `guardrails.toml`."""

    model_config = _STRICT
    extends: list[str] = []
    environments: Annotated[dict[str, EnvironmentTable], Field(min_length=1)]
    operations: dict[str, OperationTable] = {}
    policies: dict[str, dict[str, Any]] = {}


def table_for(policy: type[Policy]) -> type[BaseModel]:
    """The table of one policy: what every policy takes, and its own options."""
    return create_model(policy.__name__, __base__=PolicyTable, __doc__=policy.title, **_options(policy))


def _options(record: Any) -> dict[str, Any]:
    return {
        name: (_plain(kind), _default(getattr(record, name)) if hasattr(record, name) else ...)
        for name, kind in record.__fields__.items()
    }


def _plain(kind: Any) -> Any:
    """The type that TOML gives for an option's type: lists for tuples, tables for records."""
    if getattr(kind, "__origin__", None) is tuple:
        return list[_plain(kind.__args__[0])]  # type: ignore[misc]  # a type made at run time
    if isinstance(kind, type) and issubclass(kind, Record):
        return create_model(kind.__name__, __config__=_STRICT, **_options(kind))
    return kind


def _default(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


class Validator:
    """Turns one merged table into settings; every error names the file and the line."""

    def __init__(self, merged: Merged, policies: Mapping[str, type[Policy]], home: str) -> None:
        self._merged = merged
        self._policies = policies
        self._home = home

    def settings(self, source: str) -> Settings:
        """Validate everything. Raises ConfigurationError for the first thing that cannot be meant."""
        table = self._check(ConfigurationTable, self._merged.table, ())
        environments = {name: self._environment(name, given) for name, given in table.environments.items()}
        operations = {name: self._operation(name, given, environments) for name, given in table.operations.items()}
        policies = tuple(
            self._policy(name, given, environments, operations) for name, given in sorted(table.policies.items())
        )
        effective = {
            "environments": {name: plain(given) for name, given in environments.items()},
            "operations": {name: plain(given) for name, given in operations.items()},
            "policies": [plain(given) for given in policies],
        }
        digest = hashlib.sha256(json.dumps(effective, sort_keys=True).encode()).hexdigest()
        return Settings(
            source=source,
            digest=f"sha256:{digest}",
            environments=environments,
            operations=operations,
            policies=policies,
        )

    def _check(self, model: type[Any], table: Mapping[str, Any], at: tuple[str, ...]) -> Any:
        try:
            return model.model_validate(table)
        except ValidationError as error:
            first = error.errors()[0]
            path = (*at, *(part for part in first["loc"] if isinstance(part, str)))
            raise self._error(path, _explanation(first, model, at)) from None

    def _error(self, path: tuple[str, ...], text: str) -> ConfigurationError:
        return ConfigurationError(f"{self._merged.place(path)}: {text}")

    def _environment(self, name: str, table: EnvironmentTable) -> Environment:
        at = ("environments", name)
        if table.state_dir == "":
            raise self._error((*at, "state_dir"), "state_dir is empty; leave it out when there is none")
        return Environment(
            name=name,
            repo=self._path((*at, "repo"), table.repo),
            state_dir=self._path((*at, "state_dir"), table.state_dir) if table.state_dir else None,
            branch=table.branch,
            upstream=table.upstream,
            service=table.service,
            variables=table.variables,
        )

    def _path(self, at: tuple[str, ...], path: str) -> str:
        """An absolute path: `~` is the home directory, and relative ones start at the file's own folder."""
        if not path or "\0" in path:
            raise self._error(at, f"{'.'.join(at)} is not a path")
        if path == "~" or path.startswith("~/"):
            path = self._home + path[1:]
        folder = os.path.dirname(self._merged.origins[at].path)
        return os.path.normpath(os.path.join(folder, path))

    def _operation(self, name: str, table: OperationTable, environments: Mapping[str, Environment]) -> OperationSetting:
        at = ("operations", name)
        if name == STANDING or name.startswith("after "):
            raise self._error(at, f"an operation cannot be called {name}")
        for key, environment in (("environment", table.environment), ("candidate_from", table.candidate_from)):
            if environment is not None:
                self._known((*at, key), "environment", environment, list(environments))
        return OperationSetting(
            environment=table.environment,
            candidate_from=table.candidate_from,
            moves_head_to=table.moves_head_to,
            steps=tuple(table.steps),
        )

    def _known(self, at: tuple[str, ...], what: str, name: str, known: list[str]) -> None:
        if name not in known:
            raise self._error(at, f"unknown {what} {name}; {nearest(name, known)}")

    def _policy(
        self,
        name: str,
        given: Mapping[str, Any],
        environments: Mapping[str, Environment],
        operations: Mapping[str, OperationSetting],
    ) -> PolicySetting:
        at = ("policies", name)
        use = given.get("use", name)
        if not isinstance(use, str):
            raise self._error((*at, "use"), "use must be the id of a policy")
        self._known((*at, "use") if "use" in given else at, "policy", use, list(self._policies))
        policy = self._policies[use]
        table = self._check(table_for(policy), given, at)
        places = list(environments) if table.environments is None else table.environments
        for environment in places:
            self._known((*at, "environments"), "environment", environment, list(environments))
        options = {key: value for key, value in table.model_dump().items() if key not in PolicyTable.model_fields}
        try:
            policy.from_options(options)
        except (TypeError, ValueError) as error:
            raise self._error(at, f"{name}: {error}") from None
        return PolicySetting(
            name=name,
            use=use,
            location=f"{policy.__module__}:{policy.__qualname__}",
            title=policy.title,
            source=policy.source,
            severity=policy.severity.value,
            when=self._when((*at, "when"), table.when, places, environments, operations),
            enforcement=self._enforcement((*at, "enforcement"), table.enforcement, environments),
            options=options,
        )

    def _when(
        self,
        at: tuple[str, ...],
        when: list[str] | dict[str, list[str]],
        places: list[str],
        environments: Mapping[str, Environment],
        operations: Mapping[str, OperationSetting],
    ) -> dict[str, tuple[str, ...]]:
        by_environment = when if isinstance(when, dict) else dict.fromkeys(places, when)
        moments = [STANDING, *operations, *(f"after {operation}" for operation in operations)]
        for environment, chosen in by_environment.items():
            self._known(at, "environment", environment, list(environments))
            for one in chosen:
                self._known(at, "moment", one, moments)
        return {name: tuple(chosen) for name, chosen in by_environment.items() if name in places}

    def _enforcement(
        self, at: tuple[str, ...], level: str | dict[str, str], environments: Mapping[str, Environment]
    ) -> dict[str, str]:
        if isinstance(level, str):
            return dict.fromkeys(environments, level)
        for environment in level:
            self._known(at, "environment", environment, list(environments))
        return {name: level.get(name, Enforcement.SOFT_MANDATORY.value) for name in environments}


def _explanation(error: Any, model: type[Any], at: tuple[str, ...]) -> str:
    """One pydantic error in the user's words, with the nearest known key for a misspelt one."""
    path = ".".join((*at, *(str(part) for part in error["loc"])))
    if error["type"] == "extra_forbidden":
        for part in error["loc"][:-1]:
            model = _model_inside(model, part)
        return f"unknown key {path}; {nearest(str(error['loc'][-1]), list(model.model_fields))}"
    if error["type"] == "missing":
        return f"{path} is missing"
    return f"{path}: {error['msg'][0].lower()}{error['msg'][1:]}"


def _model_inside(model: Any, part: Any) -> Any:
    """The model of a nested table, following a key or a position."""
    inner = model.model_fields[part].annotation if part in getattr(model, "model_fields", {}) else model
    while getattr(inner, "__args__", None):
        inner = inner.__args__[-1]
    return inner if hasattr(inner, "model_fields") else model
