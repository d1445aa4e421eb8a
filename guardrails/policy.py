"""What a policy is, and how it says which facts it needs.

A policy is a frozen record whose fields are its options. It is pure: it gets facts and yields findings.
The facts are the annotated parameters of its `evaluate`; a default of `ask(...)` names the options that the
gathering of that fact depends on::

    def evaluate(self, pages: Pages = ask("document", "pages")) -> Iterator[Finding]: ...
"""

from __future__ import annotations

from types import MappingProxyType

from guardrails.guards import Guards
from guardrails.model import Severity, Trust
from guardrails.record import Record, from_plain
from guardrails.remedies import Guardrails
from guardrails.safety.scratch import Scratch

TYPE_CHECKING = False  # typing itself would cost a passing run several milliseconds
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
    from typing import Any, Self

    from guardrails.loosening import Ratchet
    from guardrails.model import Effect, Environment, Finding, Note, Operation


GUARD_NAME = r"\{(\w+)\}"
GUARDED_VALUES = ("repo", "state_dir", "branch", "upstream", "service")  # of the environments, for names in `guards`
_ANY_NUMBER = 0x04 | 0x08  # CO_VARARGS and CO_VARKEYWORDS of the inspect module, which is slow to load


class World:
    """What a gatherer may know: the environments, the operation in question, and the time. It looks at nothing itself.

    `at` is in seconds since the epoch, `timeout` in seconds for each look. `operation` is None for a standing check.
    `variables` are the environment variables of the caller. `sources` are the environments whose repositories
    candidates come from. `options` are those of every configured policy, by its name in the configuration; a fact that
    spans two policies reads them there. `trust` says whose signatures count. `online` allows asking a remote.
    `guardrails` writes commands of guardrails with the same configuration.
    `ratchet` is what the change in question does to the configuration that judges it, when that is from a trusted ref.
    `scratch` makes folders for what a gatherer has to write down; they are gone when the look is over.
    `guards` gives the hooks that must be installed.
    `log` is the path of the environment's audit log, None where none is kept.
    """

    fact: Callable[..., Awaitable[Any]]
    """`await world.fact(Kind, *options)`: another fact, gathered once. Set by the engine."""

    start: Callable[[Coroutine[Any, Any, Any]], Awaitable[Any]]
    """Set a coroutine under way, to be awaited later; for what can run side by side. Set by the engine."""

    def __init__(
        self,
        environment: Environment,
        environments: Mapping[str, Environment],
        *,
        at: float,
        home: str,
        operation: Operation | None = None,
        variables: Mapping[str, str] = MappingProxyType({}),
        sources: tuple[Environment, ...] = (),
        options: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
        trust: Trust = Trust(),  # noqa: B008  # it is frozen
        online: bool = False,
        ratchet: Ratchet | None = None,
        guardrails: Guardrails = Guardrails(),  # noqa: B008  # it is frozen
        guards: Callable[[], Guards] | None = None,
        log: str | None = None,
        timeout: float = 10.0,
    ) -> None:
        self.environment = environment
        self.environments = environments
        self.at = at
        self.home = home
        self.operation = operation
        self.variables = variables
        self.sources = sources
        self.options = options
        self.trust = trust
        self.online = online
        self.ratchet = ratchet
        self.guardrails = guardrails
        self.guards = guards or Guards
        self.log = log
        self.timeout = timeout
        folders = (folder for one in environments.values() for folder in (one.repo, one.state_dir) if folder)
        self.scratch = Scratch(folders, variables)


class Fact(Record):
    """Something observed, without opinion: a frozen record that knows how to gather itself."""

    @classmethod
    async def gather(cls, world: World, *options: Any) -> Self:
        """Look at the world, read-only and bounded.

        `options` are the values of the policy's options named in `ask`, in that order.
        Raises CannotKnow when the world cannot be read or trusted.
        """
        raise NotImplementedError


class Ask:
    """The options that a fact depends on; made by `ask`."""

    def __init__(self, options: tuple[str, ...]) -> None:
        self.options = options


def ask(*options: str) -> Any:
    """Say, as a parameter's default, which of the policy's options the fact depends on."""
    return Ask(options)


class Policy(Record):
    """One invariant, judged from facts alone. The annotated attributes of a subclass are its options.

    `id` is the invariant in the user's words, `title` states it positively, `source` names the sentence it comes from.
    `guards` are the lines, paths and commands of a rules document that it enforces, as patterns of fnmatch; a name in
    braces stands for a value of an environment, such as `{state_dir}`, or of an option. `stricter` says which way an
    option is stricter: `more` or `fewer` entries, `shorter` or `longer` durations, `true` or `false`. Of an option that
    is not named, any change may be looser. `empty` says what an empty value of an option means, and `option.*` one in
    its table: `refused`, or `skipped`, `judged` (by what is left) or `noted` (in the report that passes), with words
    after a colon, such as `judged: nothing is allowed`. A record in options has an `empty` of its own.
    """

    id = ""
    title = ""
    source = ""
    severity = Severity.MEDIUM
    guards = tuple[str, ...]()
    stricter = MappingProxyType[str, str]({})
    empty = MappingProxyType[str, str]({})

    def evaluate(self, *facts: Any, **named: Any) -> Iterator[Finding | Note | Effect]:
        """Yield a finding for each place where the invariant is broken; none means pass.

        Raises DoesNotApply when there is nothing to judge, and CannotKnow when the facts do not suffice.
        """
        raise NotImplementedError

    @classmethod
    def needs(cls) -> dict[str, tuple[type[Fact], tuple[str, ...]]]:
        """The facts in the signature of `evaluate`: parameter -> (fact, options it depends on).

        Raises AttributeError, KeyError, NameError, TypeError or ValueError when the signature does not say.
        """
        function: Any = cls.evaluate
        if function.__code__.co_kwonlyargcount or function.__code__.co_flags & _ANY_NUMBER:
            raise TypeError("evaluate takes its facts as named parameters")
        names = function.__code__.co_varnames[1 : function.__code__.co_argcount]
        defaults = function.__defaults__ or ()
        asks = dict(zip(names[len(names) - len(defaults) :], defaults, strict=True))
        return {name: (function.__annotations__[name], asks[name].options if name in asks else ()) for name in names}

    @property
    def set_options(self) -> tuple[str, ...]:
        """The options that differ from their defaults: by these, somebody asks something of the policy."""
        return tuple(name for name in self.__fields__ if getattr(self, name) != getattr(type(self), name))

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Self:
        """Build the policy from plain, already validated data.

        Raises TypeError or ValueError when the data does not fit, as that of a stale snapshot may not.
        """
        policy: Self = from_plain(cls, dict(options))
        return policy
