"""What an operation's steps would do to a repository, step after step, without doing any of it.

A step can undo what the step before it relied on, so each is judged on what the earlier ones leave. Only what git does
to HEAD and to files is foretold (git-reset(1), git-merge(1); the tables of what each does to local work come from
experiments on git 2.39.5); a fetch and a command that is not git leave HEAD where it is.
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.approval.approved import Approved
from guardrails.facts.approval.upstream import Upstream
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.commits import Commit, list_commits
from guardrails.facts.git.private_git_dir import Contents
from guardrails.facts.git.reader import descends
from guardrails.facts.git.refs import resolve_revision
from guardrails.facts.operation.candidate import Candidate, candidate_source
from guardrails.facts.operation.checkout_moves import (
    compare_commits,
    find_in_the_way,
    list_local_changes,
    require_own_tree,
)
from guardrails.facts.operation.cleaned_files import find_cleaned_files
from guardrails.facts.operation.previous import Previous
from guardrails.facts.worktree.worktree import Worktree
from guardrails.policy import Fact
from guardrails.record import Record
from guardrails.wording.shown_text import listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from typing import Any, Self

    from guardrails.facts.git.reader import Repository
    from guardrails.policy import World

_IMPLIED = {
    "candidate": "git merge --ff-only --no-overwrite-ignore {candidate}",
    "upstream": "git reset --hard {upstream}",
    "previous": "git reset --hard {previous}",
}


class StepForecast(Record):
    """One step: `moves` HEAD, `stays`, is `refused` by git, or `unknown`; `head` is HEAD after it, as far as known."""

    command: str
    outcome: str
    head: str | None
    detail: str = ""


class Simulation(Fact):
    """What the steps would do in all. `arrives` and `drops` are commits, `loses` and
    `overwrites` are paths. `ends` is None when nobody can tell where HEAD would be.
    """

    starts: str
    ends: str | None
    steps: tuple[StepForecast, ...]
    arrives: tuple[Commit, ...] = ()
    drops: tuple[Commit, ...] = ()
    undeploys: tuple[Commit, ...] = ()
    loses: tuple[str, ...] = ()
    overwrites: tuple[str, ...] = ()

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Follow the operation's steps; without any, the one that takes HEAD where the operation must lead.

        Raises CannotKnow when a pin that a step names cannot be had.
        """
        checkout = await world.fact(Checkout, None)
        require_own_tree(checkout.git.path, checkout.top)
        operation = world.operation
        if operation is None:
            raise CannotKnow("only an operation can be simulated")
        steps = operation.steps or tuple(filter(None, (_IMPLIED.get(operation.moves_head_to or ""),)))
        walk = _Walk(world, checkout, await _pins(world, steps))
        forecasts = [await walk.step(step) for step in steps]
        ends = walk.head
        if ends is None or ends == checkout.commit:
            return cls(checkout.commit, ends, tuple(forecasts), loses=walk.loses, overwrites=walk.overwrites)
        objects = await walk.objects()
        drops = await list_commits(checkout.git, checkout.commit, f"^{ends}", objects=objects)
        return cls(
            starts=checkout.commit,
            ends=ends,
            steps=tuple(forecasts),
            arrives=await list_commits(checkout.git, ends, f"^{checkout.commit}", objects=objects),
            drops=drops,
            undeploys=await (await world.fact(Approved)).released(checkout, ends) if drops else (),
            loses=walk.loses,
            overwrites=walk.overwrites,
        )


async def _pins(world: World, steps: tuple[str, ...]) -> dict[str, str]:
    """The ids and folders that placeholders in the steps stand for."""
    text = " ".join(steps)
    pins = {name: getattr(world.environment, name) or "" for name in ("repo", "state_dir", "branch", "service")}
    if "{candidate}" in text or (world.operation and world.operation.candidate):
        pins["candidate"] = (await world.fact(Candidate)).commit
    if world.environment.upstream and ("{upstream}" in text or world.environment.upstream in text or "pull" in text):
        upstream = await world.fact(Upstream)
        if upstream.commit is None:
            raise CannotKnow(f"there is no {world.environment.upstream}, which a step names")
        pins["upstream"] = upstream.commit
    if "{previous}" in text:
        previous = await world.fact(Previous)
        if previous.commit is None:
            raise CannotKnow(f"{previous.problem}, so there is nothing to go back to")
        pins["previous"] = previous.commit
    return pins


class _Walk:
    """The state that the steps so far would leave: HEAD, which files differ from it, and what was lost on the way."""

    def __init__(self, world: World, checkout: Checkout, pins: Mapping[str, str]) -> None:
        self._world = world
        self._checkout = checkout
        self._git = checkout.git
        self._pins = pins
        self._fetched: str | None = None
        self._dirt: tuple[str, ...] | None = None
        self._settled: set[str] = set()  # paths that a step before has put or left under git's rule
        self.head: str | None = checkout.commit
        self.loses: tuple[str, ...] = ()
        self.overwrites: tuple[str, ...] = ()

    async def step(self, step: str) -> StepForecast:
        """Foretell one step, on what the earlier ones leave."""
        import shlex

        try:
            words = [self._filled(word) for word in shlex.split(step)]
        except ValueError as error:
            raise CannotKnow(f"the step {step!r} cannot be read: {error}") from None
        command = shlex.join(words)
        if self.head is None:
            return StepForecast(command, "unknown", None, "where an earlier step leads is not known")
        if words[:1] != ["git"]:
            return StepForecast(command, "stays", self.head, "not git: its effect on files cannot be foretold")
        words = words[1:]
        if words[:1] == ["-C"]:
            if os.path.realpath(os.path.join(self._git.path, words[1])) != self._git.path:
                return StepForecast(command, "stays", self.head, "in another repository")
            words = words[2:]
        outcome, detail = await self._git_step(words)
        return StepForecast(command, outcome, self.head, detail)

    def _filled(self, word: str) -> str:
        for name, value in self._pins.items():
            word = word.replace(f"{{{name}}}", value)
        return word

    async def _git_step(self, words: list[str]) -> tuple[str, str]:
        verb, rest = (words[0], words[1:]) if words else ("", [])
        flags = {word for word in rest if word.startswith("-")}
        names = [word for word in rest if not word.startswith("-")]
        movers: dict[str, Callable[[], Coroutine[Any, Any, tuple[str, str]]]] = {
            "fetch": lambda: self._fetch(names),
            "merge": lambda: self._merge(names[0] if names else "", flags),
            "pull": lambda: self._merge(self._world.environment.upstream or "", flags),
            "checkout": lambda: self._switch(names, flags),
            "reset": lambda: self._reset(names[0] if names else "HEAD", flags),
            "clean": lambda: self._clean(words),
        }
        if verb in ("status", "log", "diff", "show", "rev-parse", "describe"):
            return "stays", "only looks"
        if words == ["read-tree", "--empty"]:
            return "stays", "forgets what is staged, and every flag of the index"
        if verb not in movers:
            self.head = None
            return "unknown", f"git {verb} is not foretold here"
        return await movers[verb]()

    async def _fetch(self, names: list[str]) -> tuple[str, str]:
        candidate = self._world.operation.candidate if self._world.operation else None
        self._fetched = self._pins.get("candidate") if candidate in names[1:] else None
        return "stays", "what it brings cannot be known before; the pinned commits stay what they are"

    async def _merge(self, name: str, flags: set[str]) -> tuple[str, str]:
        target = await self._resolved(name)
        if target is None or not self.head:
            self.head = None
            return "unknown", f"{name or 'its target'} names no commit that is known here"
        if await self._contains(self.head, target):
            return "stays", "already up to date"
        if not await self._contains(target, self.head):
            if "--ff-only" in flags:
                return "refused", f"not a fast-forward: {target[:12]} does not contain {self.head[:12]}"
            self.head = None
            return "unknown", "a true merge, whose result nobody has tested"
        changed, added = await compare_commits(self._git, self.head, target, await self.objects())
        if conflicts := sorted(changed.intersection(await self._dirty())):
            return "refused", f"local changes would be overwritten: {listed(conflicts)}"
        obstacles = await find_in_the_way(await self._contents(), added - self._settled)
        untracked = sorted(path for path, ignored in obstacles.items() if not ignored)
        if untracked or (obstacles and "--no-overwrite-ignore" in flags):
            return "refused", f"files in the way: {listed(untracked or sorted(obstacles))}"
        self._overwrite(obstacles)
        return self._moved(target, added)

    async def _reset(self, name: str, flags: set[str]) -> tuple[str, str]:
        target = await self._resolved(name)
        if target is None or not self.head:
            self.head = None
            return "unknown", f"{name} names no commit that is known here"
        if not flags.intersection({"--hard", "--keep"}):
            return self._moved(target, set())  # --soft, --mixed: no file changes
        changed, added = await compare_commits(self._git, self.head, target, await self.objects())
        obstacles = await find_in_the_way(await self._contents(), added - self._settled)
        dirty = await self._dirty()
        if "--keep" in flags and (conflicts := sorted(changed.intersection(dirty))):
            return "refused", f"local changes would be overwritten: {listed(conflicts)}"
        if "--hard" in flags:
            self.loses = tuple(dict.fromkeys((*self.loses, *dirty)))
            self._dirt = ()
        self._overwrite(obstacles)
        return self._moved(target, added)

    async def _switch(self, names: list[str], flags: set[str]) -> tuple[str, str]:
        if not flags >= {"--force", "-B"} or len(names) != 2:
            self.head = None
            return "unknown", "such a git checkout is not foretold here"
        return await self._reset(names[1], {"--hard"})

    async def _clean(self, words: list[str]) -> tuple[str, str]:
        trees = [self._checkout.commit, *([self.head] if self.head else [])]
        paths = await find_cleaned_files(
            self._world, [" ".join(["git", *words])], trees, also_objects_of=await self.objects()
        )
        self.loses = tuple(dict.fromkeys((*self.loses, *paths)))
        return "stays", f"removes files that git does not know: {listed(paths)}" if paths else "finds nothing to remove"

    def _moved(self, target: str, added: set[str]) -> tuple[str, str]:
        self._settled |= added
        if target == self.head:
            return "stays", "HEAD is there already"
        self.head = target
        return "moves", f"HEAD to {target}"

    def _overwrite(self, paths: Mapping[str, bool]) -> None:
        self.overwrites = tuple(dict.fromkeys((*self.overwrites, *sorted(paths))))

    async def _resolved(self, name: str) -> str | None:
        if name == "FETCH_HEAD":
            return self._fetched  # it is whatever was fetched last, so the file that is there now says nothing
        if name == "HEAD":
            return self.head
        try:
            return await resolve_revision(self._git, name, also_objects_of=await self.objects())
        except CannotKnow:
            return None

    async def _contents(self) -> Repository:
        return (await self._world.fact(Contents)).git  # type: ignore[no-any-return]

    async def objects(self) -> str | None:
        """The object folder that candidates are in, when that is another repository."""
        source = await candidate_source(self._world)
        return source.objects if source else None

    async def _contains(self, newer: str, older: str) -> bool:
        return await descends(self._git, newer, older, also_objects_of=await self.objects())

    async def _dirty(self) -> tuple[str, ...]:
        if self._dirt is None:
            worktree = await self._world.fact(Worktree, "full", None)
            self._dirt = list_local_changes(worktree)
        return self._dirt
