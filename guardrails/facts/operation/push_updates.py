"""The refs that a `git push` of a tool call would move, as git would read its words (git-push(1)).

Nobody asks the remote: what it has is what it had when it was last heard of, or what lies in it, when it is a folder of
this machine. git itself refuses what is not forced and no fast-forward, so that moves nothing.
"""

from __future__ import annotations

import os
import re

from guardrails.errors import CannotKnow
from guardrails.facts.git import refs
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.reader import descends
from guardrails.facts.operation.git_commands import understand
from guardrails.facts.operation.push_settings import PushSettings, read_push_settings
from guardrails.facts.operation.receivers import find_on_this_machine
from guardrails.model import RefUpdate
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from guardrails.calls import Action
    from guardrails.facts.operation.git_commands import GitCommand
    from guardrails.policy import World

_RULES = ("{}", "refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}")  # gitrevisions(7), in their order
_FORCES = ("-f", "--force", "--force-with-lease", "--mirror")
_KINDS = ("refs/heads/", "refs/tags/")
DELETED = "(delete)"  # what git calls the local side of a deletion


class Refspec(Record):
    """One move: a ref or commit from here (None: nothing, a deletion), to a ref there. `full` is the ref it is here."""

    source: str | None
    target: str
    forced: bool
    full: str = ""


class Planned(Record):
    """A push: the name and the address of the remote, and what would move there."""

    remote: tuple[str, str]
    updates: tuple[RefUpdate, ...]


async def plan_push(world: World, action: Action) -> Planned:
    """What the push of an action would move. Raises CannotKnow where that cannot be told."""
    if action.why:
        raise CannotKnow(f"{' '.join(action.words)}: {action.why}")
    command = understand(action)
    if command.verb != "push":
        raise CannotKnow(f"what git {command.verb} would push cannot be told")
    checkout: Checkout = await world.fact(Checkout, None)
    settings = await read_push_settings(checkout.git, world.home, command.settings)
    name = command.value("--repo") or (command.words[0] if command.words else settings.remote_of(checkout.branch))
    plan = _Plan(world, checkout, command, settings, name)
    await plan.look()
    if command.has("-n", "--dry-run"):
        return Planned(plan.remote, ())
    return Planned(plan.remote, await plan.updates())


class _Plan:
    """One push from one repository."""

    def __init__(
        self, world: World, checkout: Checkout, command: GitCommand, settings: PushSettings, name: str
    ) -> None:
        self._world = world
        self._checkout = checkout
        self._git = checkout.git
        self._command = command
        self._settings = settings
        self._name = name
        self._here: dict[str, str] = {}
        self._there: dict[str, str] = {}  # what is known to be there
        self._known: tuple[str, ...] = ()  # the kinds of refs of which all that are there are known
        self._objects: str | None = None
        self._zeros = "0" * len(checkout.commit)
        self.remote = (name, "")

    async def look(self) -> None:
        """Read the refs of here, and those of the remote as far as they can be seen."""
        self._here = {ref.name: ref.oid for ref in await refs.list_refs(self._git, "refs/")}
        url = self._settings.last(f"remote.{self._name}.pushurl", f"remote.{self._name}.url") or self._name
        if ":" not in url.partition("/")[0]:  # a path, from the top of the work tree
            url = os.path.join(self._checkout.top, url)
        self.remote = (self._name, url)
        if receiver := await find_on_this_machine(url, self._world.timeout):
            self._there = {ref.name: ref.oid for ref in await refs.list_refs(receiver.git, "refs/", bare=True)}
            self._known, self._objects = ("refs/",), receiver.objects
            return
        for spec in self._settings.all(f"remote.{self._name}.fetch"):
            source, _, target = spec.removeprefix("+").partition(":")
            for name, oid in self._here.items():
                if target and (mapped := _mapped(name, target, source)):
                    self._there[mapped] = oid
                    self._known = ("refs/heads/",)

    async def updates(self) -> tuple[RefUpdate, ...]:
        """Each ref that would move; nothing when git refuses the whole push."""
        specs = await self._specs()
        found = [one for spec in specs or () if (one := await self._update(spec))]
        return tuple(dict.fromkeys(found))

    async def _update(self, spec: Refspec) -> RefUpdate | None:
        old = self._there.get(spec.target, self._zeros)
        if spec.source is None:
            gone = spec.target not in self._there and any(spec.target.startswith(kind) for kind in self._known)
            return None if gone else RefUpdate(spec.target, old, self._zeros, DELETED)
        new = spec.source
        if new == old:
            return None
        if spec.forced:
            unseen = spec.target not in self._there and not any(spec.target.startswith(kind) for kind in self._known)
            return RefUpdate(spec.target, "" if unseen else old, new, spec.full or new)
        if old != self._zeros and not await self._goes_on(spec.target, old, new):
            return None
        return RefUpdate(spec.target, old, new, spec.full or new)

    async def _goes_on(self, target: str, old: str, new: str) -> bool:
        """Whether git moves a ref without being forced. What it has not here it asks to be fetched first."""
        if target.startswith("refs/tags/"):
            return False
        done = await self._git.attempt("cat-file", "-e", f"{old}^{{commit}}")
        return done.status == 0 and await descends(self._git, new, old)

    async def _specs(self) -> list[Refspec] | None:
        """What is to move, None when git refuses."""
        command, forced = self._command, self._command.has(*_FORCES)
        words = [*command.words[1:], *(command.paths or ())]
        if command.value("--repo") and command.words:
            words = [*command.words, *(command.paths or ())]
        if command.has("--mirror") or (not words and self._settings.is_true(f"remote.{self._name}.mirror")):
            return [*self._each("refs/*:refs/*", forced=True), *self._pruned("refs/*:refs/*")]
        if command.has("-d", "--delete"):
            return [one for word in words for one in self._deleted(word)]
        found: list[Refspec] = []
        if command.has("--all", "--branches"):
            words = ["refs/heads/*:refs/heads/*"]
        if command.has("--tags"):
            found += self._each("refs/tags/*:refs/tags/*", forced=forced)
        if not words and not found:
            words = list(self._settings.all(f"remote.{self._name}.push")) or self._by_default()
        for word in words:
            specs = await self._read(word, forced=forced)
            if specs is None:
                return None
            found += specs
            found += self._pruned(word) if command.has("--prune") else ()
        return found

    def _by_default(self) -> list[str]:
        """What is pushed when nothing is said: push.default, for the branch in use."""
        settings, branch = self._settings, self._checkout.branch
        how = (settings.last("push.default") or "simple").lower()
        if how == "matching":
            return [":"]
        if branch is None or how == "nothing":
            return []
        own = f"refs/heads/{branch}"
        if how == "current":
            return [f"{own}:{own}"]
        merges = settings.all(f"branch.{branch}.merge")
        elsewhere = self._name != settings.default_remote(branch)
        if how == "simple":
            may = elsewhere or merges == (own,) or (not merges and settings.is_true("push.autosetupremote"))
            return [f"{own}:{own}"] if may else []
        if how not in ("upstream", "tracking"):
            raise CannotKnow(f"push.default is {how}, which is not known")
        return [f"{own}:{merges[0]}"] if len(merges) == 1 and not elsewhere else []

    async def _read(self, word: str, *, forced: bool) -> list[Refspec] | None:
        """One refspec as written. None when git finds nothing that it names."""
        if word.startswith("^"):
            raise CannotKnow(f"what is left of a push without {word} cannot be told")
        forced = forced or word.startswith("+")
        source, colon, target = word.removeprefix("+").partition(":")
        if not source:
            matching = [name for name in self._here if name.startswith("refs/heads/") and name in self._there]
            return self._deleted(target) if target else [self._same(name, forced=forced) for name in matching]
        if "*" in source:
            return list(self._each(f"{source}:{target or source}", forced=forced))
        if source == "tag" and not colon:
            raise CannotKnow("which tag is pushed cannot be told; write refs/tags/NAME")
        full, oid = await self._meant(source)
        if oid is None:
            return None
        if not colon:
            target = self._mapped_by_settings(full) or full
        ref = self._target(target, full)
        return None if ref is None else [Refspec(oid, ref, forced, full)]

    async def _meant(self, source: str) -> tuple[str, str | None]:
        """The full name of what a word means here, empty for an expression, and its object."""
        if source in ("HEAD", "@"):
            branch = self._checkout.branch
            return (f"refs/heads/{branch}" if branch else ""), self._checkout.commit
        found = [name for rule in _RULES if (name := rule.format(source)) in self._here]
        if len(found) > 1:
            raise CannotKnow(f"{source} may be {' or '.join(found)}; write it in full")
        if found:
            return found[0], self._here[found[0]]
        return "", await refs.resolve_revision(self._git, source)

    def _mapped_by_settings(self, full: str) -> str:
        """Where the configuration sends a ref that is pushed by its name alone."""
        for spec in self._settings.all(f"remote.{self._name}.push"):
            source, _, target = spec.removeprefix("+").partition(":")
            if mapped := _mapped(full, source, target or source):
                return mapped
        how = (self._settings.last("push.default") or "").lower()
        merges = self._settings.all(f"branch.{full.removeprefix('refs/heads/')}.merge")
        return merges[0] if how in ("upstream", "tracking") and len(merges) == 1 else ""

    def _target(self, name: str, full: str) -> str | None:
        """The ref of the remote that a name means: one that is there, else of the kind that is pushed."""
        if name.startswith("refs/"):
            return name
        found = [one for rule in _RULES if (one := rule.format(name)) in self._there]
        if len(found) == 1:
            return found[0]
        kind = next((kind for kind in _KINDS if full.startswith(kind)), None)
        return f"{kind}{name}" if name and kind else None

    def _deleted(self, name: str) -> list[Refspec]:
        """The refs that a deletion may mean: those that are there, else the branch and the tag."""
        if name.startswith("refs/"):
            return [Refspec(None, name, forced=True)]
        there = [one for rule in _RULES if (one := rule.format(name)) in self._there]
        return [Refspec(None, one, forced=True) for one in there or [f"{kind}{name}" for kind in _KINDS]]

    def _same(self, name: str, *, forced: bool) -> Refspec:
        return Refspec(self._here[name], name, forced, name)

    def _each(self, pattern: str, *, forced: bool) -> Iterator[Refspec]:
        """Every ref of here that the source of a pattern takes."""
        source, _, target = pattern.partition(":")
        for name, oid in self._here.items():
            if mapped := _mapped(name, source, target):
                yield Refspec(oid, mapped, forced, name)

    def _pruned(self, pattern: str) -> Iterator[Refspec]:
        """Every ref of there that the target of a pattern takes, and whose source is not here."""
        source, _, target = pattern.removeprefix("+").partition(":")
        for name in self._there:
            mapped = _mapped(name, target or source, source)
            if "*" in source and mapped and mapped not in self._here:
                yield Refspec(None, name, forced=True)


def _mapped(name: str, source: str, target: str) -> str:
    """A ref as the two sides of a refspec map it; empty when the source does not take it."""
    if "*" not in source:
        return target if name == source else ""
    found = re.fullmatch(re.escape(source).replace(r"\*", "(.*)"), name, re.DOTALL)
    return target.replace("*", found[1]) if found else ""
