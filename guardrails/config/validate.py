"""Untrusted tables -> settings. The only place where pydantic looks at configuration; a snapshot spares it."""

from __future__ import annotations

import hashlib
import json
import os
import re

from pydantic import BaseModel, ValidationError

from guardrails.config.settings import STANDING, OperationSetting, Settings, hint_at_known, log_of, make_setting
from guardrails.config.tables import (
    AuditTable,
    ConfigurationTable,
    EnvironmentTable,
    OperationTable,
    PolicyTable,
    TrustTable,
    explain,
    table_for,
)
from guardrails.config.watch import understand_watch
from guardrails.errors import ConfigurationError, DoesNotApply
from guardrails.model import Audit, Enforcement, Environment, Trust
from guardrails.record import plain
from guardrails.wording.durations import seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from guardrails.config.layers import Merged
    from guardrails.config.lines import Path
    from guardrails.config.settings import PolicySetting
    from guardrails.policy import Policy

TITLE_LIMIT = 100  # characters


class Validator:
    """Turns one merged table into settings; every error names the file and the line."""

    def __init__(self, merged: Merged, policies: Mapping[str, type[Policy]], home: str) -> None:
        self._merged = merged
        self._policies = policies
        self._home = home

    def validate(self, source: str) -> Settings:
        """Validate everything. Raises ConfigurationError for the first thing that cannot be meant."""
        table = self._check(ConfigurationTable, self._merged.table, ())
        environments = {name: self._environment(name, given) for name, given in table.environments.items()}
        operations = {name: self._operation(name, given, environments) for name, given in table.operations.items()}
        policies = tuple(
            self._policy(name, given, environments, operations) for name, given in sorted(table.policies.items())
        )
        trust = self._trust(table.trust)
        audit = self._audit(table.audit, environments)
        guards = self._guards(table.guards, environments, policies)
        watch = understand_watch(table.watch, environments, self._path, self._error)
        effective = {
            "environments": {name: plain(given) for name, given in environments.items()},
            "operations": {name: plain(given) for name, given in operations.items()},
            "policies": [plain(given) for given in policies],
            "trust": plain(trust),
            "audit": plain(audit),
            "guards": plain(guards),
        }
        digest = hashlib.sha256(json.dumps(effective, sort_keys=True).encode()).hexdigest()
        return Settings(
            source=source,
            digest=f"sha256:{digest}",
            environments=environments,
            operations=operations,
            policies=policies,
            trust=trust,
            audit=audit,
            guards=guards,
            programs={},
            watch=watch,
        )

    def _check(self, model: type[BaseModel], table: Mapping[str, Any], at: tuple[str, ...]) -> Any:
        try:
            return model.model_validate(table)
        except ValidationError as error:
            inside, problem = explain(error.errors(), model)
            path = (*at, *inside)
            raise self._error(path, f"{write_path(path)} {problem}") from None

    def _error(self, path: Path, text: str) -> ConfigurationError:
        return ConfigurationError(f"{self._merged.place(path)}: {text}")

    def _environment(self, name: str, table: EnvironmentTable) -> Environment:
        at = ("environments", name)
        for key in ("state_dir", "branch", "upstream", "service"):
            if getattr(table, key) == "":
                raise self._error((*at, key), f"{key} is empty; leave it out when there is none")
        if "" in table.variables:
            raise self._error((*at, "variables"), "variables: a variable needs a name")
        environment = Environment(
            name=name,
            repo=self._path((*at, "repo"), table.repo),
            state_dir=self._path((*at, "state_dir"), table.state_dir) if table.state_dir else None,
            branch=table.branch,
            upstream=table.upstream,
            service=table.service,
            variables=table.variables,
        )
        for variable, text in table.variables.items():
            try:
                environment.filled(text, self._home)
            except (ValueError, DoesNotApply) as error:
                raise self._error((*at, "variables", variable), f"variables.{variable}: {error}") from None
        return environment

    def _trust(self, table: TrustTable) -> Trust:
        paths = {
            name: None if given is None else self._path(("trust", name), given)
            for name, given in (("allowed_signers", table.allowed_signers), ("revoked", table.revoked))
        }
        if table.revoked is not None and table.allowed_signers is None:
            raise self._error(("trust", "revoked"), "trust.revoked means nothing without trust.allowed_signers")
        try:
            seconds(table.verdict_max_age)
        except ValueError as error:
            raise self._error(("trust", "verdict_max_age"), f"trust.verdict_max_age: {error}") from None
        return Trust(**paths, verdict_max_age=table.verdict_max_age, bind_host=table.bind_host)

    def _audit(self, table: AuditTable, environments: Mapping[str, Environment]) -> Audit:
        at = ("audit", "path")
        if unknown := re.search(r"\{(?!environment\})[a-z_]*\}", table.path):
            raise self._error(at, f"audit.path: {unknown[0]} stands for nothing; known: {{environment}}")
        audit = Audit(self._path(at, table.path))
        if table.path.endswith("/"):
            raise self._error(at, "audit.path is a folder; name a file in it")
        for environment in environments.values():
            try:
                log_of(audit, environment, environments)
            except ConfigurationError as error:
                raise self._error(at, str(error)) from None
        return audit

    def _guards(
        self,
        table: Mapping[str, list[str]],
        environments: Mapping[str, Environment],
        policies: tuple[PolicySetting, ...],
    ) -> dict[str, tuple[str, ...]]:
        """The kinds of hooks by environment, each of which can be installed there."""
        for name, kinds in table.items():
            at = ("guards", name)
            self._require_known(at, "environment", name, list(environments))
            if "reference-transaction" in kinds and not environments[name].branch:
                raise self._error(at, f"{write_path(at)}: reference-transaction guards a branch; set branch in {name}")
            pushes = any("push" in one.when.get(name, ()) for one in policies)
            if not pushes and {"pre-push", "pre-receive"}.intersection(kinds):
                raise self._error(at, f"{write_path(at)}: no policy applies to a push in {name}")
        return {name: tuple(dict.fromkeys(kinds)) for name, kinds in table.items()}

    def _path(self, at: tuple[str, ...], path: str) -> str:
        """An absolute path: `~` is the home directory, and relative ones start at the file's own folder."""
        if not path or "\0" in path:
            raise self._error(at, f"{'.'.join(at)} is not a path")
        if path == "~" or path.startswith("~/"):
            path = self._home + path[1:]
        if os.path.isabs(path):  # so is every default, which stands in no file
            return os.path.normpath(path)
        folder = os.path.dirname(self._merged.origins[at].path)
        return os.path.normpath(os.path.join(folder, path))

    def _operation(self, name: str, table: OperationTable, environments: Mapping[str, Environment]) -> OperationSetting:
        at = ("operations", name)
        if name == STANDING or name.startswith("after "):
            raise self._error(at, f"an operation cannot be called {name}")
        for key in ("environment", "candidate_from", "carry_to"):
            if (environment := getattr(table, key)) is not None:
                self._require_known((*at, key), "environment", environment, list(environments))
        if table.rescue and table.moves_head_to not in ("upstream", "previous"):
            raise self._error(
                (*at, "rescue"), f'{write_path(at)}.rescue needs moves_head_to = "upstream" or "previous"'
            )
        if table.carry_to is not None and not table.rescue:
            raise self._error((*at, "carry_to"), f"{write_path(at)}.carry_to needs rescue = true")
        return OperationSetting(
            environment=table.environment,
            candidate_from=table.candidate_from,
            moves_head_to=table.moves_head_to,
            steps=tuple(table.steps),
            rescue=table.rescue,
            carry_to=table.carry_to,
        )

    def _require_known(self, at: tuple[str, ...], what: str, name: str, known: list[str]) -> None:
        if name not in known:
            raise self._error(at, f"unknown {what} {name}; {hint_at_known(name, known)}")

    def _policy(
        self,
        name: str,
        given: Mapping[str, Any],
        environments: Mapping[str, Environment],
        operations: Mapping[str, OperationSetting],
    ) -> PolicySetting:
        at = ("policies", name)
        policy = self._find_policy(name, given)
        table = self._check(table_for(policy), given, at)
        places = list(environments) if table.environments is None else table.environments
        for environment in places:
            self._require_known((*at, "environments"), "environment", environment, list(environments))
        options = {key: value for key, value in table.model_dump().items() if key not in PolicyTable.model_fields}
        try:
            policy.from_options(options)
        except (Exception, SystemExit) as error:  # a policy's own check of its options may raise anything
            raise self._error(at, f"{write_path(at)}: {error}") from None
        return make_setting(
            policy,
            name=name,
            title=None if table.title is None else self._title((*at, "title"), table.title),
            when=self._when((*at, "when"), table.when, places, environments, operations),
            enforcement=self._enforcement((*at, "enforcement"), table.enforcement, environments),
            options=options,
        )

    def _title(self, at: tuple[str, ...], title: str) -> str:
        """A title that every report can show on one line."""
        if title != title.strip() or not title.isprintable() or not 0 < len(title) <= TITLE_LIMIT:
            raise self._error(at, f"{write_path(at)} must be one line of at most {TITLE_LIMIT} characters")
        return title

    def _find_policy(self, name: str, given: Mapping[str, Any]) -> type[Policy]:
        """The policy of which this table is an instance."""
        at = ("policies", name)
        use = given.get("use", name)
        if not isinstance(use, str):
            raise self._error((*at, "use"), "use must be the id of a policy")
        if use != name and name in self._policies:
            raise self._error((*at, "use"), f"{name} is a policy itself; give the instance of {use} another name")
        self._require_known((*at, "use") if "use" in given else at, "policy", use, list(self._policies))
        return self._policies[use]

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
            self._require_known((*at, environment), "environment", environment, list(environments))
            for one in chosen:
                self._require_known((*at, environment), "moment", one, moments)
        return {name: tuple(chosen) for name, chosen in by_environment.items() if name in places}

    def _enforcement(
        self, at: tuple[str, ...], level: str | dict[str, str], environments: Mapping[str, Environment]
    ) -> dict[str, str]:
        if isinstance(level, str):
            return dict.fromkeys(environments, level)
        for environment in level:
            self._require_known((*at, environment), "environment", environment, list(environments))
        return {name: level.get(name, Enforcement.SOFT_MANDATORY.value) for name in environments}


def write_path(path: Path) -> str:
    """A path as one writes it; positions in lists count from 1."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")
