"""Where a gateway keeps its state, decided as OpenClaw decides it.

From 2026.1.30 to 2026.9.6 the rules changed, and it is not known when: legacy variables went, OPENCLAW_HOME came, and a
profile on the command line now wins over the inherited directory of another profile. For a version in between, or none
that is known, every answer that may be right is given.
"""

from __future__ import annotations

import os
import re

from guardrails import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

VARIABLE = "OPENCLAW_STATE_DIR"
LEGACY_VARIABLE = "CLAWDBOT_STATE_DIR"
VARIABLES = (VARIABLE, LEGACY_VARIABLE, "OPENCLAW_HOME", "OPENCLAW_PROFILE", "HOME")  # that the answer depends on
OLD, NEW = (2026, 1, 30), (2026, 9, 6)  # the versions whose rules are known

_LEGACY_FOLDERS = {"old": (".clawdbot", ".moltbot", ".moldbot"), "new": (".clawdbot",)}


class Resolved(Record):
    """A state directory, absolute unless only a relative one is known, and why it is that one.

    `otherwise` is the directory of the other known version, when the version is not known and they differ.
    """

    path: str
    because: str
    otherwise: str = ""

    @property
    def paths(self) -> tuple[str, ...]:
        """Every directory that it may be."""
        return (self.path, self.otherwise) if self.otherwise else (self.path,)


def resolve(
    variables: Mapping[str, str], arguments: Sequence[str], *, home: str, folder: str = "", version: str = ""
) -> Resolved:
    """The state directory of `openclaw ARGUMENTS` with these variables.

    `home` stands in for an unset HOME, `folder` is where it is started, `version` such as 2026.1.30. A leading `~` is
    replaced, since OpenClaw replaces it; a directory that does not exist is no error.
    """
    answers = [_by_rules(rules, variables, arguments, home) for rules in _rules(version)]
    places = [os.path.normpath(os.path.join(folder, path)) if folder else path for path, _ in answers]
    otherwise = places[1] if len(places) > 1 and places[1] != places[0] else ""
    return Resolved(places[0], answers[0][1], otherwise)


def _rules(version: str) -> tuple[str, ...]:
    number = re.match(r"(\d{4})\.(\d+)\.(\d+)", version)
    known = tuple(int(part) for part in number.groups()) if number else None
    if known and known <= OLD:
        return ("old",)
    return ("new",) if known and known >= NEW else ("new", "old")


def _by_rules(rules: str, variables: Mapping[str, str], arguments: Sequence[str], home: str) -> tuple[str, str]:
    given = {name: value.strip() for name, value in variables.items() if value.strip()}
    home = given.get("HOME", home)
    if rules == "new" and given.get("OPENCLAW_HOME", "undefined") not in ("undefined", "null"):
        home = _expanded(given["OPENCLAW_HOME"], home)
    explicit = _expanded(given.get(VARIABLE, ""), home)
    if profile := named_profile(arguments):
        inherited = profile_folder(given.get("OPENCLAW_PROFILE", "default"), home)
        own = profile_folder(profile, home)
        if not explicit or (rules == "new" and explicit == inherited):
            return own, f"--profile {profile}"
    if explicit:
        return explicit, f"{VARIABLE}={given[VARIABLE]}"
    if rules == "old" and LEGACY_VARIABLE in given:
        return _expanded(given[LEGACY_VARIABLE], home), f"{LEGACY_VARIABLE}={given[LEGACY_VARIABLE]}"
    default = os.path.join(home, ".openclaw")
    legacy = (os.path.join(home, name) for name in _LEGACY_FOLDERS[rules])
    path = default if os.path.exists(default) else next((one for one in legacy if os.path.exists(one)), default)
    return path, f"{VARIABLE} is not set"


def named_profile(arguments: Sequence[str]) -> str:
    """The profile that the options before the command name; `--dev` is the profile dev. Empty when there is none."""
    profile = ""
    rest = iter(arguments)
    for word in rest:
        if word == "--dev":
            profile = "dev"
        elif word == "--profile":
            profile = next(rest, "").strip()
        elif word.startswith("--profile="):
            profile = word.partition("=")[2].strip()
        elif not word.startswith("-"):
            break
    return profile


def profile_folder(profile: str, home: str) -> str:
    """The state directory of a profile."""
    return os.path.join(home, ".openclaw" if profile.lower() == "default" else f".openclaw-{profile}")


def legacy_variables(variables: Mapping[str, str]) -> Iterator[str]:
    """The variables of the product's earlier names that once told, or seem to tell, where the state is."""
    for name in variables:
        if re.fullmatch(r"(CLAWDBOT|MOLTBOT|MOLDBOT)_STATE_DIR", name) and variables[name].strip():
            yield name


def _expanded(path: str, home: str) -> str:
    from guardrails_policies.openclaw.configuration import expand

    return os.path.normpath(expand(path, home)) if path else ""
