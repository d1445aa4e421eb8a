"""The values that the configuration and the repositories know, by the argument that takes them, for completion.

No program of a repository runs: git reads it as it does for a check. A source that cannot be read offers nothing.
"""

from __future__ import annotations

import os
import time

from guardrails import config
from guardrails.cli.commands import COMMANDS
from guardrails.errors import GuardrailsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from guardrails.config.settings import Settings
    from guardrails.model import Environment

    Values = Iterator[tuple[str, str]]  # each with what it means

_PATIENCE = 2.0  # seconds for git: somebody waits


class KnownValues:
    """What the arguments of a command may be. `given` are the values of others by name, `places` those by place."""

    def __init__(self, command: str, given: Mapping[str, str], places: Sequence[str]) -> None:
        self._command, self._given, self._places = command, given, places
        self._sources = {
            "env": self._environments,
            "into": self._environments,
            "op": self._operations,
            "operation": self._operations,
            "policy": self._waivable if command == "waive" else self._policies,
            "skip": self._policies,
            "name": self._explained if command == "explain" else self._nothing,
            "candidate": self._revisions,
            "commit": self._revisions,
            "since": self._revisions,
            "config_ref": self._refs_here,
            "id": self._rescues,
            "role": self._roles,
            "after": self._roles,
            "topic": self._topics,
        }

    def of(self, name: str) -> list[tuple[str, str]]:
        """The values of an argument, each with what it means; none when they cannot be known."""
        try:
            return list(self._sources.get(name, self._nothing)())
        except (GuardrailsError, OSError):
            return []

    def _nothing(self) -> Values:
        yield from ()

    def _settings(self) -> Settings:
        return config.load(self._given.get("config"))

    def _environment(self, settings: Settings) -> Environment:
        from guardrails.request import find_environment

        return find_environment(settings, self._given.get("env"))

    def _environments(self) -> Values:
        yield from ((one.name, one.repo) for one in self._settings().environments.values())

    def _operations(self) -> Values:
        settings, wanted = self._settings(), self._given.get("env")
        for name, one in settings.operations.items():
            if not wanted or one.environment in (None, wanted):
                yield name, f"in {one.environment}" if one.environment else ""

    def _policies(self) -> Values:
        yield from ((one.name, one.title) for one in self._settings().policies)

    def _waivable(self) -> Values:
        """The policies that may be waived in the environment, or in any when none is given."""
        wanted = self._given.get("env")
        for policy in self._settings().policies:
            levels = [level for name, level in policy.enforcement.items() if not wanted or name == wanted]
            if "soft-mandatory" in levels:
                yield policy.name, policy.title

    def _explained(self) -> Values:
        yield from self._policies()
        yield from self._operations()

    def _roles(self) -> Values:
        for policy in self._settings().policies:
            if policy.use == "required-signoffs":
                roles = policy.options.get("roles", {})
                yield from ((role, ", ".join(people)) for role, people in roles.items())

    def _revisions(self) -> Values:
        """The branches and tags of the repository, and of the one that the operation takes its candidate from."""
        settings = self._settings()
        environment = self._environment(settings)
        name = self._given.get("op") or (self._places[0] if self._places else "")
        operation = settings.operations.get(name)
        source = settings.environments.get(operation.candidate_from or "") if operation else None
        for one in (source, environment):
            if one:
                yield from ((ref, one.name) for ref in _refs(one.repo))

    def _refs_here(self) -> Values:
        yield from ((ref, "") for ref in _refs(os.getcwd()))

    def _rescues(self) -> Values:
        """The rescues of the repository, the newest first, for commands that take one."""
        if self._places[:1] not in (["show"], ["restore"]):
            return
        from guardrails.operations.rescue.restore import list_rescues, open_repository
        from guardrails.wording.durations import relative
        from guardrails.wording.times import seconds_of

        now = time.time()
        for one in list_rescues(open_repository(self._environment(self._settings()).repo)):
            yield one.name, relative(seconds_of(one.at), now)

    def _topics(self) -> Values:
        """The commands, then the words of the one that is given."""
        if not self._places:
            yield from COMMANDS.items()
        elif len(self._places) == 1 and self._places[0] in COMMANDS:
            from guardrails.cli.parser import meaning, parser_of

            for action in parser_of(self._places[0])._actions:
                if not action.option_strings:
                    yield from ((str(one), meaning(action, str(one))) for one in action.choices or ())


def _refs(repo: str) -> list[str]:
    """The names of a repository's branches, of here and elsewhere, and tags, as people write them."""
    from guardrails.facts.git import refs
    from guardrails.facts.git.reader import Repository
    from guardrails.facts.programs.side_by_side import run_to_end

    kinds = ("refs/heads/", "refs/tags/", "refs/remotes/")
    found = run_to_end(refs.list_refs(Repository(repo, timeout=_PATIENCE), *kinds))
    return [one.name.split("/", 2)[2] for one in found]
