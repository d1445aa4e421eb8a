"""One case: a world, a command and a fault, all drawn from its seed and number."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

import fuzz_surroundings as surroundings
from fuzz_oracle import Told, wrong
from fuzz_pictures import Kept, picture
from fuzz_play import Call, Ended, play
from fuzz_scenes import BROKEN, QUESTIONS, SAVING, SOUND, WORK, Question, Scene, build, causes, near, variables
from fuzz_spoil import SPOILS, chosen
from fuzz_surroundings import Fault
from guardrails_policies.openclaw.demo.acts import DEMO

RUNS = ("promote", "update", "rollback")


@dataclass(frozen=True)
class Case:
    """What is drawn before there is a world: its name, and what draws the rest."""

    seed: int
    number: int
    world: str
    rng: Random


def drawn(seed: int, number: int, world: str = "") -> Case:
    """The case of this number, in a world that it draws unless one is given."""
    rng = Random(f"{seed}:{number}")
    kind = rng.random()
    own = SOUND if kind < 0.45 else WORK if kind < 0.52 else rng.choice(sorted(BROKEN))
    return Case(seed, number, world or own, rng)


class World:
    """One world that is built once, and put back after each case."""

    def __init__(self, name: str, folder: str) -> None:
        self.name, self.folder, self.scratch = name, os.path.join(folder, "world"), os.path.join(folder, "scratch")
        os.makedirs(self.scratch)
        build(self.folder, name)
        with open(os.path.join(self.folder, "push"), encoding="ascii") as file:
            self.tip = file.read().split()[1]
        self.rescue = "none"
        self._prove()
        self.kept = Kept(self.folder, os.path.join(folder, "kept"))

    def _prove(self) -> None:
        """Without a fault the sound world allows everything, and a broken one is denied for its reason."""
        if self.name == SOUND:
            self._ask("check", "--env", "prod", "--output", "attestation:verdict.json")
            saved = self._ask("rescue", "--env", "prod", "save")
            self.rescue = re.findall(r"refs/rescue/([^\s,]+)", saved.out)[0]
            for question in QUESTIONS:
                if not question.acts:
                    ended = play(self._call(question), self.scratch)
                    if ended.code != question.codes[0]:
                        raise AssertionError(f"{question.words} without any fault: {ended}")
        elif self.name in BROKEN:
            scene = BROKEN[self.name]
            question = Question((*scene.command, "--format", "json"))
            ended = play(self._call(question, scene.variables), self.scratch)
            missed = set(scene.policies) - {
                result["policy"]
                for result in json.loads(ended.out)["results"]
                if result["outcome"] in ("fail", "error")
            }
            if not ended.code or missed:
                raise AssertionError(f"{self.name} without any fault: {missed} {ended}")

    def _ask(self, *words: str) -> Ended:
        return play(self._call(Question(words)), self.scratch)

    def _call(self, question: Question, more: dict[str, str] | None = None) -> Call:
        words = tuple(word.format(folder=self.folder, rescue=self.rescue) for word in question.words)
        folder = os.path.join(self.folder, question.folder)
        return Call(words, folder, variables(self.folder, **(more or {})), question.stdin.replace("{tip}", self.tip))

    def close(self) -> None:
        """End what the world has started."""
        DEMO.stage.leave(self.folder)

    def tried(self, case: Case) -> tuple[str, list[str]]:
        """Try a case: what was done, in one line, and what is wrong about how it ended."""
        scene, rng = BROKEN.get(self.name), case.rng
        question = _of_scene(scene, rng) if scene else rng.choice(SAVING if self.name == WORK else QUESTIONS)
        fault = _fault(self.folder, scene, question, rng)
        call = self._call(question, scene.variables if scene else None)
        given = {name: value for name, value in {**call.variables, **fault.variables}.items() if value is not None}
        call = Call((*call.arguments, *fault.arguments), call.folder, given, call.stdin)
        if fault.spoil:
            try:
                fault.spoil()
            except (OSError, ValueError):
                pass  # what cannot be spoilt is as it was
        before = picture(self.folder)
        ended = play(call, self.scratch, fault)
        told = Told(self.folder, scene, question, fault, before, picture(self.folder), ended)
        problems = wrong(told)
        if problems and os.environ.get("GUARDRAILS_FUZZ_KEEP"):
            subprocess.run(["cp", "-a", self.folder, f"{self.folder}.{case.number}"], check=False)
        self.kept.restore()
        line = f"{case.seed}:{case.number}  {self.name}: {' '.join(call.arguments)}  |  {fault.name}  |  {ended.code}"
        if os.environ.get("GUARDRAILS_FUZZ"):
            sys.stdout.write(f"{line}  {ended.seconds:.2f} s\n{ended.out}{ended.err}\n")
        return line, problems


def _of_scene(scene: Scene, rng: Random) -> Question:
    """The question of a broken world, asked in one of the ways in which it can be."""
    words, ways = scene.command, ["all", "all", "json", "one", "one"]
    operation = words[words.index("--op") + 1] if "--op" in words else ""
    acts = operation in RUNS and "--after" not in words
    way = rng.choice([*ways, "plan", "run", "run"] if acts else ways)
    if way in ("plan", "run"):
        rest = tuple(word for word in words[1:] if word not in ("--op", operation))
        return Question((way, operation, *rest), acts=way == "run")
    if way == "one":
        words = (*words, "--policy", rng.choice(scene.policies))
    return Question((*words, "--format", "json") if way in ("json", "one") else words)


def _fault(folder: str, scene: Scene | None, question: Question, rng: Random) -> Fault:
    """A fault, most often of a file."""
    asks = question.words[0] in ("check", "plan", "verify")  # and so ends in time, whatever a child does
    fair = asks and not (scene and scene.timed)
    kinds: list[tuple[int, Callable[[], Fault]]] = [
        (60, partial(_of_file, folder, scene, question, rng)),
        (5, lambda: surroundings.meanwhile(_of_file(folder, scene, question, rng), rng)),
        (6, partial(surroundings.variables, rng)),
        (1, partial(surroundings.pythons, rng)),
        (6, partial(surroundings.limits, rng)),
        (4, partial(surroundings.descriptors, rng)),
        (6, partial(surroundings.signals, rng)),
        (2, partial(surroundings.ignored_signals, rng)),
        (2 if fair else 0, partial(surroundings.clocks, rng)),
        (8, partial(surroundings.calls, rng)),
        (8, partial(surroundings.children, rng, lies=scene is None, hangs=asks)),
    ]
    return rng.choices([make for _, make in kinds], [weight for weight, _ in kinds])[0]()


def _of_file(folder: str, scene: Scene | None, question: Question, rng: Random) -> Fault:
    """A file of the world that is not as it was, most often one that the question is about."""
    path = chosen(folder, rng, causes(scene) if scene else (), near(question))
    if path is None:
        return Fault("nothing")
    name = rng.choice([name for name in SPOILS if not (question.acts and name == "huge")])  # saving it takes its time
    return Fault(f"{os.path.relpath(path, folder)}: {name}", spoil=partial(SPOILS[name], path, rng))
