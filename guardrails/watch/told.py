"""What each channel was told, kept beside the audit log: so that nobody is told twice, and what failed is tried again.

The file is replaced whole. Gone or damaged, it says nothing, and what stands is told again.
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import stat
import time
from contextlib import contextmanager
from types import MappingProxyType

from guardrails.audit.chain import Head
from guardrails.audit.files import make_folder
from guardrails.errors import CannotKnow, UsageError
from guardrails.facts.files import read_json, replace_whole
from guardrails.record import Record, plain
from guardrails.watch.comparison import ALLOWED, DENIED, UNDECIDED, Seen, Standing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, TypeVar

    Kind = TypeVar("Kind")

_NAME, _LOCK = "watch.json", "watch.lock"
PATIENCE = 60.0  # seconds to wait for another one that tells
_PAUSE = 0.02  # seconds between two tries


class Told(Record):
    """What a channel was told last: when, what stood then, and of which waivers it knows that they run out."""

    at: float
    standing: Standing
    waivers: tuple[str, ...] = ()


class Checked(Record):
    """The last check, as metrics show it. Times are in seconds since the epoch, the duration is in seconds."""

    verdict: str
    at: float
    duration: float
    blocks: Mapping[str, bool]
    last_allow: float | None = None
    waivers: Mapping[str, float] = MappingProxyType({})  # when the waivers of each policy run out


class State(Record):
    """All that is kept of an environment. `lost`: there was something, and it cannot be read."""

    head: Head | None = None
    checked: Checked | None = None
    told: Mapping[str, Told] = MappingProxyType({})  # by the digest of the channel's address
    lost: bool = False


@contextmanager
def hold(log: str, patience: float = PATIENCE) -> Iterator[None]:
    """Keep others from telling of the environments whose log this is. Raises UsageError when they tell too long."""
    path = os.path.join(os.path.dirname(log), _LOCK)
    try:
        make_folder(path)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UsageError(f"{path} cannot be locked: {error.strerror}") from None
    try:
        until = time.monotonic() + patience
        while not _is_locked(descriptor):
            if time.monotonic() >= until:
                raise UsageError(f"{path} was held by another watch for too long")
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(descriptor)


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def read(log: str, environment: str) -> State:
    """What is kept of an environment beside its log; nothing when nothing is."""
    try:
        return _restore(_read_all(_path(log)).get(environment))
    except (CannotKnow, KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return State(lost=True)


def write(log: str, environment: str, state: State) -> None:
    """Keep the state of an environment, beside those of others that share its log. Raises UsageError."""
    path = _path(log)
    try:
        everyone = _read_all(path)
    except (CannotKnow, TypeError):
        everyone = {}
    kept = {"head": plain(state.head), "checked": plain(state.checked), "told": plain(dict(state.told))}
    try:
        replace_whole(path, json.dumps({**everyone, environment: kept}).encode())
    except OSError as error:
        raise UsageError(f"{path}, where what was told is kept, cannot be written: {error.strerror}") from None


def _path(log: str) -> str:
    return os.path.join(os.path.dirname(log), _NAME)


def _read_all(path: str) -> dict[str, Any]:
    """What is kept of all environments. Raises CannotKnow or TypeError for what is no such file of ours."""
    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
            raise CannotKnow(f"{path} is no file of this user alone")
        found = read_json(path)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise CannotKnow(f"{path} cannot be read: {error.strerror}") from None
    if not isinstance(found, dict):
        raise TypeError(path)
    return found


def _restore(kept: Any) -> State:
    """What was written. Raises KeyError, TypeError, AttributeError, ValueError or OverflowError for any other."""
    if kept is None:
        return State()
    head, checked = kept["head"], kept["checked"]
    return State(
        None if head is None else Head(_of(int, head["number"]), _of(str, head["digest"])),
        None if checked is None else _checked(checked),
        {
            channel: Told(_number(one["at"]), _standing(one["standing"]), _texts(one["waivers"]))
            for channel, one in kept["told"].items()
        },
    )


def _checked(kept: Any) -> Checked:
    return Checked(
        _verdict(kept["verdict"]),
        _number(kept["at"]),
        _number(kept["duration"]),
        {policy: _of(bool, blocks) for policy, blocks in kept["blocks"].items()},
        None if kept["last_allow"] is None else _number(kept["last_allow"]),
        {policy: _number(expires) for policy, expires in kept["waivers"].items()},
    )


def _standing(kept: Any) -> Standing:
    seen = tuple(_seen(one) for one in _of(list, kept["seen"]))
    verdict = kept["verdict"] and _verdict(kept["verdict"])  # empty where it is not known what was told
    return Standing(_of(str, verdict), _number(kept["at"]), seen, _texts(kept["cut"]), _of(str, kept["digest"]))


def _seen(kept: Any) -> Seen:
    policy, mark, place, message = (_of(str, kept[name]) for name in ("policy", "mark", "place", "message"))
    return Seen(policy, mark, place, message, _of(bool, kept["blocks"]))


def _verdict(value: Any) -> str:
    if value not in (ALLOWED, DENIED, UNDECIDED):
        raise ValueError(f"no verdict: {value!r}")
    return _of(str, value)


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(_of(str, one) for one in _of(list, values))


def _number(value: Any) -> float:
    number = float(value if type(value) is int else _of(float, value))
    if not math.isfinite(number):
        raise ValueError(f"no number: {number}")
    return number


def _of(kind: type[Kind], value: Any) -> Kind:
    """The value, of exactly this kind: a bool is no int. Raises TypeError for another one."""
    if type(value) is not kind:
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value
