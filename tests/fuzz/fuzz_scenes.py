"""The worlds: a sound one, in which every command is tried, and broken ones, each of which must be denied."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field

from guardrails.plugins.demo_scenes import Scene as Played
from guardrails_policies.openclaw.demo.accidents import ACCIDENTS
from guardrails_policies.openclaw.demo.acts import DEMO
from guardrails_policies.openclaw.demo.tools import STATES, commit, git, write
from guardrails_policies.openclaw.demo.words import CHECK, PROMOTE
from guardrails_policies.openclaw.demo.world import RELEASE

START = (*CHECK, "--op", "start")
SOUND = "sound"
WORK = "work that is nowhere else"
TREASURES = {
    "openclaw-prod/src/gateway.ts": "export const port = 19000; // an edit\n",
    "openclaw-prod/src/new.ts": "export const untracked = true;\n",
}
_ZERO = "0" * 40


@dataclass(frozen=True)
class Scene:
    """A world and the question that must be denied in it; `causes` are patterns of paths that no fault may touch.

    A fault of the clock would make a scene sound again that is `timed`.
    """

    name: str
    play: Callable[[str], None]
    command: tuple[str, ...]
    policies: tuple[str, ...]
    causes: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    timed: bool = False


@dataclass(frozen=True)
class Question:
    """A command of the sound world; `codes` are the exit codes that it may have, the first without any fault.

    `{folder}` is the world's, `{rescue}` a rescue in it; `acts` says that it may change the world when it ends with 0.
    """

    words: tuple[str, ...]
    codes: tuple[int, ...] = (0, 1, 2)
    stdin: str = ""
    folder: str = ""
    acts: bool = False


def variables(folder: str, **more: str) -> dict[str, str]:
    """The environment of whoever asks."""
    return {
        "PATH": f"{folder}/bin:/usr/local/bin:/usr/bin:/bin",
        "HOME": f"{folder}/home",
        "LC_ALL": "C.UTF-8",
        "OPENCLAW_STATE_DIR": f"{folder}/{STATES[0]}",
        "GUARDRAILS_TIMEOUT": "4",
        **{name: value.format(folder=folder) for name, value in more.items()},
    }


def _prod(folder: str) -> str:
    return os.path.join(folder, "openclaw-prod")


def _dev(folder: str) -> str:
    return os.path.join(folder, "moltbot")


def _stage(folder: str) -> None:
    write(f"{_prod(folder)}/src/staged.ts", "export const staged = true;\n")
    git(_prod(folder), "add", "--all")


def _leave_untracked(folder: str) -> None:
    write(f"{_prod(folder)}/src/scratch.ts", "export const scratch = true;\n")


def _forget_refs(*patterns: str) -> Callable[[str], None]:
    def forget(folder: str) -> None:
        for ref in git(_dev(folder), "for-each-ref", "--format=%(refname)", *patterns).split():
            git(_dev(folder), "update-ref", "-d", ref)

    return forget


def _move_the_candidate(folder: str) -> None:
    write(f"{_dev(folder)}/src/more.ts", "export const more = true;\n")
    commit(_dev(folder), "one more thing")


def _edit_and_commit(folder: str) -> None:
    write(f"{_prod(folder)}/src/hotfix.ts", "export const fixed = true;\n")
    commit(_prod(folder), "hotfix")


def _leave_work(folder: str) -> None:
    """Work in prod that nobody has committed; `TREASURES` is what it says."""
    for name, text in TREASURES.items():
        write(os.path.join(folder, name), text)


def _lose_the_unit(folder: str) -> None:
    shutil.rmtree(f"{folder}/home/.config/systemd")


def _nothing(_: str) -> None:
    """Leave the world as it is."""


_CAUSES = {
    "clean-worktree": ("openclaw-prod/src/*", "openclaw-prod/.git/info*"),
    "guards-installed": (),
    "isolated-state-dirs": (STATES[1], STATES[0]),
    "service-definition": ("home/.config/*",),
    "expected-cron-jobs": (f"{STATES[0]}/cron/*",),
    "active-sessions": (f"{STATES[0]}/agents/*",),
    "required-config": (f"{STATES[0]}/openclaw.json",),
    "required-doc-links": ("openclaw-prod/docs/*",),
    "resolvable-doc-links": ("openclaw-prod/docs/*",),
    "release-branch": ("moltbot/src/*",),
    "current-build": ("openclaw-prod/dist/*", "openclaw-prod/node_modules/*", "openclaw-prod/pnpm-lock.yaml"),
    "protected-refs": ("push",),
}
_TIMED = ("release-window", "quiet-cron", "active-sessions")
_ALWAYS = ("guardrails.toml", "guardrails.waivers.toml")  # what they say is what is asked


def _of_demo() -> list[Scene]:
    """The accidents of the demo that are denied."""
    found = []
    for act in ACCIDENTS:
        scene: Played = act.scenes[0]
        if scene.denied_by and scene.denied_by != ("single-gateway",):
            first = scene.denied_by[0]
            found.append(
                Scene(
                    act.title, scene.play, scene.command[1:], scene.denied_by, _CAUSES.get(first, ()),
                    dict(scene.variables), first in _TIMED,
                )
            )  # fmt: skip
    return found


def _of_ours() -> list[Scene]:
    """What the demo leaves out."""
    prod, update = ("openclaw-prod/src/*",), (*CHECK[1:], "--op", "update")
    elsewhere = {"OPENCLAW_STATE_DIR": "{folder}/home/.openclaw-dev"}
    signed = _forget_refs("refs/signoffs")
    one = _forget_refs("refs/signoffs/*/architect-2/*")
    return [
        Scene("A staged file", _stage, CHECK[1:], ("clean-worktree",), prod),
        Scene("An untracked file", _leave_untracked, CHECK[1:], ("clean-worktree",), prod),
        Scene("A dirty start", _leave_untracked, START[1:], ("clean-worktree",), prod),
        Scene("Another state", _nothing, START[1:], ("state-dir-variable",), variables=elsewhere),
        Scene("No evidence of a build", _forget_refs("refs/attestations"), PROMOTE[1:], ("tested-commit",)),
        Scene("Nobody approved", signed, PROMOTE[1:], ("required-signoffs",)),
        Scene("One approved", one, PROMOTE[1:], ("required-signoffs",)),
        Scene("A newer candidate", _move_the_candidate, PROMOTE[1:], ("tested-commit", "required-signoffs")),
        Scene("A reset drops commits", _edit_and_commit, update, ("reset-loses-nothing",)),
        Scene("No unit", _lose_the_unit, CHECK[1:], ("service-definition",), ("home/.config",)),
    ]


BROKEN = {scene.name: scene for scene in (*_of_demo(), *_of_ours())}


def causes(scene: Scene) -> tuple[str, ...]:
    """What no fault may touch, so that the scene stays broken."""
    return (*_ALWAYS, *scene.causes)


def near(question: Question) -> tuple[str, ...]:
    """How the paths begin of what a question is about."""
    words = question.words
    if words[0] in ("config", "policies"):
        return ("home/.cache", "guardrails")
    if words[0] == "log":
        return ("home/.local", "openclaw-prod/.git")
    if "dev" in words:
        return ("moltbot", "home/.openclaw-dev", "home/.local")
    prod = ("openclaw-prod", "home/.openclaw", "home/.config", "home/.cache", "home/.local", "verdict.json")
    return (*prod, "moltbot/.git") if "--candidate" in words else prod


def build(folder: str, name: str) -> None:
    """Build a world in a new folder."""
    os.makedirs(folder)
    DEMO.stage.build(folder)
    tip = git(_dev(folder), "rev-parse", RELEASE).strip()
    write(f"{folder}/push", f"refs/heads/{RELEASE} {tip} refs/heads/{RELEASE} {_ZERO}\n")
    if name == WORK:
        _leave_work(folder)
    elif name != SOUND:
        BROKEN[name].play(folder)


_PUSHED = "refs/heads/" + RELEASE + " {tip} refs/heads/" + RELEASE + f" {_ZERO}\n"
_RECEIVED = f"{_ZERO} {{tip}} refs/heads/more\n"
_HOOK, _OF_DEV, _JUDGED = ("hook", "run"), ("--env", "dev", "--config", "{folder}/guardrails.toml"), (0, 1, 2)
_RUN = (0, 1, 2, 3, 124, 125, 126, 127, 128)
QUESTIONS = (
    Question(CHECK[1:]),
    Question(("check", "--env", "dev")),
    Question(PROMOTE[1:]),
    Question((*CHECK[1:], "--op", "update")),
    Question(START[1:]),
    Question((*CHECK[1:], "--op", "recover")),
    Question(("check", "--env", "dev", "--op", "release")),
    Question(("check", "--env", "dev", "--op", "push", "--updates", "push")),
    Question(("plan", "promote", "--env", "prod", "--candidate", RELEASE)),
    Question(("plan", "recover", "--env", "prod")),
    Question((*_HOOK, "pre-push", *_OF_DEV), _JUDGED, _PUSHED, "moltbot"),
    Question((*_HOOK, "pre-receive", *_OF_DEV), _JUDGED, _RECEIVED, "moltbot"),
    Question((*_HOOK, "reference-transaction", "prepared", *_OF_DEV), _JUDGED, _RECEIVED, "moltbot"),
    Question(("hook", "status", "pre-push", "--env", "dev"), (1, 0, 2)),
    Question(("log", "verify", "--env", "prod")),
    Question(("log", "show", "--env", "prod")),
    Question(("rescue", "--env", "prod", "list")),
    Question(("rescue", "--env", "prod", "show", "{rescue}")),
    Question(("rescue", "--env", "prod", "save"), acts=True),
    Question(("verify", "verdict.json", "--env", "prod")),
    Question(("config", "show")),
    Question(("policies",)),
    Question(("run", "promote", "--env", "prod", "--candidate", RELEASE), _RUN, acts=True),
    Question(("run", "update", "--env", "prod"), _RUN, acts=True),
    Question(("run", "recover", "--env", "prod"), _RUN, acts=True),
)
SAVING = (
    Question(("run", "recover", "--env", "prod"), _RUN, acts=True),
    Question(("rescue", "--env", "prod", "save"), acts=True),
)
