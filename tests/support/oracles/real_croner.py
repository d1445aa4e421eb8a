"""croner itself, in both versions that OpenClaw uses, and expressions to ask it about."""

from __future__ import annotations

import json
import os
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from needs import need, need_package
from progress import run_to_its_end

ASK = Path(__file__).with_name("ask_croner.mjs")
VERSIONS = ("9.1", "10.0")

_ODD = json.loads(Path(__file__).with_name("cron_oddities.json").read_text())  # what croner may read in its own way
_NAMES = {4: ("jan", "FEB", "Mar", "apr", "JUL", "dec"), 5: ("sun", "MON", "Tue", "wed", "THU", "fri", "sat")}
_LIMITS = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 7), (2026, 2040))


def ask_croner(questions: list[list[Any]]) -> list[Any]:
    """Of each [version, expression, zone, milliseconds, how many] the next runs, or why croner refuses."""
    need("node")
    folders = [f"{version}={need_package(f'croner-{version}')}" for version in VERSIONS]
    done = run_to_its_end(
        ["node", str(ASK), *folders],
        given=json.dumps(questions),
        text=True,
        env={"PATH": os.environ["PATH"], "TZ": "UTC"},
    )
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    assert len(answers) == len(questions)
    return answers


def questions(asked: list[str], seed: int, zone: str = "UTC", count: int = 4) -> list[list[Any]]:
    """Each expression as a question to each version, at some second of four years; a gateway trims what it asks."""
    chance = random.Random(seed)
    start = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    found = []
    for expression in asked:
        at = (start + chance.randrange(4 * 365 * 86_400)) * 1000
        found += [[version, expression.strip(), zone, at, count] for version in VERSIONS]
    return found


def expressions(seed: int, count: int) -> list[str]:
    """Cron expressions of every kind, and things that are almost one; the same for the same seed."""
    chance = random.Random(seed)
    return [*_ODD["expressions"], *(_expression(chance) for _ in range(count))]


def sane_expressions(seed: int, count: int) -> list[str]:
    """Cron expressions as people write them."""
    chance = random.Random(seed)
    return [" ".join(_sane(chance, place) for place in range(1, 6)) for _ in range(count)]


def _expression(chance: random.Random) -> str:
    first = chance.choices((1, 0), (5, 3))[0]
    last = 6 if first or chance.random() < 0.7 else 7
    return " ".join(_field(chance, place) for place in range(first, last))


def _field(chance: random.Random, place: int) -> str:
    drawn = chance.random()
    if drawn < 0.04:
        return str(chance.choice(_ODD["any field"]))
    if drawn < 0.3 and place in (3, 5):
        return str(chance.choice(_ODD["day" if place == 3 else "weekday"]))
    return _sane(chance, place)


def _sane(chance: random.Random, place: int) -> str:
    if chance.random() < (0.7 if place in (3, 4, 5, 6) else 0.2):
        return "*"
    return ",".join(_part(chance, place) for _ in range(chance.choice((1, 1, 1, 2, 3))))


def _part(chance: random.Random, place: int) -> str:
    low, high = _LIMITS[place]
    one, other = sorted((chance.randint(low, high), chance.randint(low, high)))
    names = _NAMES.get(place, ())
    form = chance.choice(("number", "number", "range", "range step", "star step", "name"))
    if form == "name" and names:
        day = chance.choice(names)
        return chance.choice((day, f"{names[0]}-{day}", f"{day}-{names[-1]}"))
    if form == "range":
        return f"{one}-{other}"
    if form == "range step":
        return f"{one}-{other}/{chance.randint(1, 9)}"
    return f"*/{chance.randint(1, 12)}" if form == "star step" else str(one)
