"""What a command must never do, whatever was wrong."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from hashlib import sha1
from pathlib import Path

from dirty.dirty_repository import try_git
from fuzz_pictures import Picture
from fuzz_play import PATIENCE, Ended
from fuzz_scenes import TREASURES, Question, Scene
from fuzz_surroundings import Fault

# What guardrails writes on purpose: its caches, locks and logs, and in a repository what it records there.
_OWN = ("home/.cache*", "home/.local*", "home.real/.cache*", "home.real/.local*")
_RECORDED = ("*/.git/guardrails*", "*/.git/refs*", "*/.git/objects*", "*/.git/logs*")
_WORK = ("openclaw-prod/*", "moltbot/*", "home/.openclaw/*", "home/.openclaw-dev/*")
REFUSED, INTERRUPTED = 125, 130


@dataclass(frozen=True)
class Told:
    """A case that was tried: the world before the command and after it, and how the command ended."""

    folder: str
    scene: Scene | None
    question: Question
    fault: Fault
    before: Picture
    after: Picture
    ended: Ended


def wrong(told: Told) -> list[str]:
    """What is wrong about it, in a line each."""
    return [*_of_the_code(told), *_of_the_words(told), *_of_the_world(told), *_of_the_end(told), *_of_the_answer(told)]


def _of_the_code(told: Told) -> Iterator[str]:
    code, fault = told.ended.code, told.fault
    codes = {*told.question.codes, *(-one for one in fault.kills), *(128 + one for one in fault.kills)}
    if told.question.words[0] == "run" and told.scene:
        codes = codes - set(told.question.codes) | {REFUSED}
    if signal.SIGINT in fault.kills:
        codes.add(INTERRUPTED)
    if code not in codes:
        yield f"exit code {code}"
    if told.scene and code == 0:
        yield "ALLOWED"


def _of_the_words(told: Told) -> Iterator[str]:
    said = told.ended.out + told.ended.err
    if "Traceback" in said or "this is a bug" in said:
        yield f"a traceback: {said[-1500:]}"
    if told.ended.code in (2, REFUSED) and not told.fault.mute and not said.strip():
        yield "not a word of why"
    one_line = not told.ended.out and told.question.words[0] not in ("hook", "run")  # which tell everything there
    if told.ended.code == 2 and one_line and not told.fault.mute and len(told.ended.err.splitlines()) > 1:
        yield f"more than one line: {told.ended.err[:800]}"
    if told.ended.code > 2 and "json" in told.question.words and told.ended.out:
        yield f"JSON, and exit code {told.ended.code}"


def _of_the_world(told: Told) -> Iterator[str]:
    """A question changes nothing; an operation that was refused changes no work, and none loses any."""
    if told.fault.moves:
        return
    changed = sorted(
        path
        for path in told.before.keys() | told.after.keys()
        if told.before.get(path) != told.after.get(path) and not _only_entries(path, told)
    )
    if not told.question.acts:
        own = (*_OWN, *_RECORDED) if told.question.words[0] == "hook" else _OWN  # a push is anchored in the repository
        touched = [path for path in changed if not _matches(path, own)]
    elif told.ended.code == REFUSED or told.question.words[0] == "rescue":
        touched = [path for path in changed if _matches(path, _WORK) and not _matches(path, _RECORDED)]
    else:
        touched = []
    if touched:
        yield f"touched {', '.join(touched[:6])}"
    if told.question.acts and not told.scene:
        yield from (f"LOST {name}" for name in TREASURES if _is_lost(told, name))


def _only_entries(path: str, told: Told) -> bool:
    """Whether it is a folder of which only the times tell of a change; what changed in it is told by itself."""
    before, after = told.before.get(path), told.after.get(path)
    return bool(before and after and before[0] == after[0] and before[0] & 0o170000 == 0o040000)


def _matches(path: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(path, pattern) for pattern in patterns)


def _is_lost(told: Told, name: str) -> bool:
    """Whether work that was there before is neither where it was nor among the objects of prod or dev."""
    if told.before.get(name) is None or told.before.get(name) == told.after.get(name):
        return False
    data = TREASURES[name].encode()
    if told.before[name][1] != len(data):
        return False  # the fault is that it is other work
    oid = sha1(b"blob %d\0%s" % (len(data), data)).hexdigest()
    repos = [Path(told.folder, repo) for repo in ("openclaw-prod", "moltbot")]
    return not any(repo.is_dir() and try_git(repo, "cat-file", "-e", oid).returncode == 0 for repo in repos)


def _of_the_end(told: Told) -> Iterator[str]:
    if told.ended.seconds > PATIENCE:
        yield f"took {told.ended.seconds:.0f} s"
    if told.ended.left:
        yield f"left behind {'; '.join(told.ended.left)[:300]}"


def _of_the_answer(told: Told) -> Iterator[str]:
    """A report says what its process says; and what is broken was not found to be well."""
    if "json" not in told.question.words or not told.ended.out or told.ended.code < 0:
        return
    try:
        report = json.loads(told.ended.out)
    except ValueError:
        if not told.fault.mute:
            yield f"no JSON: {told.ended.out[:200]}"
        return
    if report["exit_code"] != told.ended.code and not told.fault.mute:
        yield f"the report says {report['exit_code']}, the process {told.ended.code}"
    for result in report["results"]:
        if told.scene and result["policy"] in told.scene.policies and result["outcome"] in ("pass", "skip"):
            yield f"{result['policy']} is {result['outcome']}: {os.linesep}{result.get('reason')}"
