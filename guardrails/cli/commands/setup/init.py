"""`guardrails init`: look at what is on this machine, and write a first configuration from it."""

from __future__ import annotations

import os
import sys
import tempfile

from guardrails import config
from guardrails.config import places
from guardrails.config.written import toml
from guardrails.errors import ConfigurationError, UsageError
from guardrails.hosts.kinds import HOSTS
from guardrails.hosts.kinds import find_used_hosts as found_hosts
from guardrails.plugins import loader
from guardrails.wording.shown_text import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from guardrails.plugins.survey import Found, Survey

_EXAMPLES = """examples:
  guardrails init             look, say what was found, and write ./guardrails.toml
  guardrails init --print     only print what would be written

In production's checkout, which a new file would make dirty, it writes guardrails/guardrails.toml in the user's
configuration folder instead ($XDG_CONFIG_HOME, else ~/.config), and says so.
"""
_PRINT = "--print shows what would be written"
_HEAD = """\
# Written by `guardrails init` from what was on this machine. It takes what runs today for what should run:
# read it through once. `guardrails config show` lists every value in force and where it comes from.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `init`."""
    parser.epilog = _EXAMPLES
    parser.add_argument("--force", action="store_true", help=f"replace a {places.FILE_NAME} that is there already")
    parser.add_argument("--print", action="store_true", help="print the configuration and write nothing")
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Write what was found, or print it. Nothing else is touched."""
    found = _survey(loader.load().surveys(), places.home())
    text = _configuration(found)
    _validate(text)
    if given.print:
        sys.stdout.write(text)
        return 0
    path, wrote = os.path.abspath(places.FILE_NAME), places.FILE_NAME
    if checkout := _production_around(os.getcwd(), found):
        path = _outside(checkout)
        wrote = f"{path}, since a file in {checkout} would make production dirty"
    if not given.force and os.path.lexists(path):
        raise UsageError(_describe_found(path))
    sys.stdout.write("".join(f"{line}\n" for one in found for line in one.lines))
    sys.stdout.write("".join(f"{line}\n" for line in _offers(places.home())))
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    _write(path, text, force=given.force)
    print(f"\nwrote {visible(wrote)}; read it through, then: guardrails check --env prod")
    return 0


def _offers(home: str) -> list[str]:
    """The hosts of agents that are used on this machine, each with the command that makes it ask guardrails."""
    return [f"  {HOSTS[kind].title} is used here: guardrails hook install {kind}" for kind in found_hosts(home)]


def _production_around(folder: str, found: Sequence[Found]) -> str | None:
    """The checkout of production around a folder; None when there is none."""
    return next((path for one in found for path in one.production if _lies_in(folder, path)), None)


def _lies_in(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies in it, whatever links lead there. What is missing is in its parent folder."""
    inside, whole = os.path.realpath(path), os.path.realpath(folder)
    return inside == whole or inside.startswith(whole.rstrip("/") + "/")


def _outside(checkout: str) -> str:
    """The path of the user's own configuration. Raises UsageError when it would not count in the checkout."""
    path = places.user_configuration()
    nearest = places.find_configuration(None)
    if nearest not in (None, path):
        raise UsageError(f"{nearest} is what counts in {checkout}, and nothing is written into production; {_PRINT}")
    if _lies_in(path, checkout):
        raise UsageError(f"{path} lies in {checkout}, and nothing is written into production; {_PRINT}")
    return path


def _survey(surveys: Sequence[Survey], home: str) -> list[Found]:
    """What the surveys found. When they found nothing, raises UsageError that names what they looked for."""
    found: list[Found] = []
    for survey in sorted(surveys, key=lambda survey: survey.last):
        one = None if survey.last and found else survey.look(home)
        found += [] if one is None else [one]
    if not found:
        what = "; ".join(survey.what for survey in surveys) or "nothing, for no installed plugin has a survey"
        raise UsageError(f"found nothing to configure in {home}; looked for {what}")
    return found


def _configuration(found: Sequence[Found]) -> str:
    profiles = list(dict.fromkeys(profile for one in found for profile in one.extends))
    return "\n".join([f"{_HEAD}extends = {toml(profiles)}\n", *(one.tables for one in found)])


def _validate(text: str) -> None:
    """Read the text as a check would. Raises ConfigurationError: a file that stops every check is worse than none."""
    with tempfile.TemporaryDirectory(prefix="guardrails-init-") as folder:
        path = os.path.join(folder, places.FILE_NAME)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        try:
            config.read(path)
        except ConfigurationError as error:
            problem = str(error).replace(path, places.FILE_NAME)
            raise ConfigurationError(f"what was found makes no configuration that can be read: {problem}") from None


def _write(path: str, text: str, *, force: bool) -> None:
    """Write the whole file or nothing. Raises UsageError when there is one by now, OSError when it cannot be."""
    half = f"{path}.{os.urandom(4).hex()}"
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with open(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        if force:
            os.replace(half, path)
        else:
            os.link(half, path)  # unlike a rename, it never replaces what somebody else has just written
    except FileExistsError:
        raise UsageError(_describe_found(path)) from None
    finally:
        if os.path.lexists(half):
            os.unlink(half)


def _describe_found(path: str) -> str:
    return f"{path} is there already; --force replaces it, {_PRINT}"
