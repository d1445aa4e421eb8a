"""One guarded run at a time: the lock of an environment.

It is a flock(2) on the git directory itself, so that taking it writes nothing there, and the kernel releases it however
the run ends. A note in the user's own folder says who holds it, only for the message.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager

from guardrails.cache import is_inspected
from guardrails.errors import CannotKnow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 5.0  # seconds
_PAUSE = 0.05


@contextmanager
def hold_lock(git_dir: str, purpose: str, *, home: str, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock of the repository while the block runs; `purpose` is shown to others who wait.

    Raises CannotKnow when somebody else still holds it after `patience` seconds, or it cannot be taken.
    """
    import fcntl

    note = _note_path(git_dir, home)
    try:
        descriptor = os.open(git_dir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise CannotKnow(f"{git_dir} cannot be locked: {error.strerror}") from None
    try:
        until = time.monotonic() + patience
        while not _try_to_take(descriptor):
            if time.monotonic() >= until:
                raise CannotKnow(f"another guarded run is under way: {_read_holder(note)}; wait until it is over")
            time.sleep(_PAUSE)
        said = f"process {os.getpid()}, {purpose}, since {time.strftime('%H:%M:%S')}" if purpose else ""
        _write_note(note, said)
        try:
            yield
        finally:
            _write_note(note, "")
            fcntl.flock(descriptor, fcntl.LOCK_UN)
    finally:
        os.close(descriptor)


def _try_to_take(descriptor: int) -> bool:
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise CannotKnow(f"the lock cannot be taken: {error.strerror}") from None
    return True


def _note_path(git_dir: str, home: str) -> str:
    """The file that names the holder (XDG Base Directory Specification, $XDG_STATE_HOME)."""
    from hashlib import sha256

    configured = os.environ.get("XDG_STATE_HOME", "")
    folder = configured if os.path.isabs(configured) else os.path.join(home, ".local/state")
    return os.path.join(folder, "guardrails/locks", sha256(os.fsencode(git_dir)).hexdigest()[:16])


def _write_note(note: str, text: str) -> None:
    if is_inspected(note) or (not text and not os.path.exists(note)):
        return
    try:
        os.makedirs(os.path.dirname(note), mode=0o700, exist_ok=True)
        with open(note, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        pass  # the lock holds all the same


def _read_holder(note: str) -> str:
    from guardrails.errors import GuardrailsError
    from guardrails.facts.files import read_text

    try:
        return read_text(note, 4096) or "by somebody who has not said so yet"
    except (FileNotFoundError, GuardrailsError):
        return "that of another user"
