"""Scenes in which each policy about agents refuses a call; what it suggests is typed instead of the call."""

from __future__ import annotations

from guardrails.calls import Action
from remedied.remedy_cases import Cases
from remedied.remedy_world import RemedyWorld

case = Cases()
PROD = ("--env", "prod", "--op", "tool-call")


def _calls(world: RemedyWorld, kind: str, place: str, path: object, *words: str, by: str | None = None) -> None:
    world.call = (Action(kind, "prod", place, str(path), words, str(world.dev), by=by),)


@case("guarded_operations.evaluate#1", "guarded-operations", *PROD, ends=True)
def a_pull(world: RemedyWorld) -> None:
    _calls(world, "moves-head", "repo", world.prod, "git", "pull")


@case("guarded_operations.evaluate#1", "guarded-operations", *PROD, ends=True)
def a_clean(world: RemedyWorld) -> None:
    _calls(world, "loses-work", "repo", world.prod, "git", "clean", "-fd")


@case("guarded_operations.evaluate#1", "guarded-operations", *PROD, ends=True)
def a_restart(world: RemedyWorld) -> None:
    _calls(world, "starts", "service", "gateway", "systemctl", "--user", "start", "gateway")


@case("untouched_places.evaluate#1", "untouched-places", *PROD)
def an_edit_of_production(world: RemedyWorld) -> None:
    _calls(world, "writes", "repo", world.prod / "src/gateway.ts", "sed", "-i", "s/a/b/", "src/gateway.ts")


@case("untouched_places.evaluate#1", "untouched-places", *PROD, ends=True)
def a_build_of_production(world: RemedyWorld) -> None:
    _calls(world, "writes", "repo", world.prod, "pnpm", "build")


@case("untouched_places.evaluate#1", "untouched-places", *PROD)
def a_removal_in_the_state(world: RemedyWorld) -> None:
    _calls(world, "removes", "state_dir", world.state / "cron", "rm", "-r", "cron")


@case("own_state.evaluate#1", "own-state", *PROD, ends=True)
def a_gateway_with_the_state_of_another(world: RemedyWorld) -> None:
    _calls(world, "uses-state", "state_dir", world.state, "true", "gateway", by="dev")


@case("guard_stays_on.evaluate#1", "guard-stays-on", *PROD)
def a_push_past_its_hook(world: RemedyWorld) -> None:
    _calls(world, "loosens", "repo", world.prod, "git", "push", "--no-verify")
