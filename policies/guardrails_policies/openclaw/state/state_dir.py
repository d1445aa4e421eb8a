"""Where a gateway keeps its state and its configuration, decided as OpenClaw decides it.

The rules changed from version to version (`versions.py` says when). For a version that may follow either rule, and
where a file may set a variable late, every answer that may be right is given.
"""

from __future__ import annotations

import os
import re
from itertools import product

from guardrails import Record
from guardrails_policies.openclaw.state.dotenv_files import read_dotenv
from guardrails_policies.openclaw.versions import (
    FOLDER_VARIABLES,
    HOME_VARIABLE,
    LEGACY_FOLDERS,
    LEGACY_VARIABLES,
    PROFILE_ANYWHERE,
    PROFILE_WINS,
    STATE_BESIDE_CONFIGURATION,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

VARIABLE = "OPENCLAW_STATE_DIR"
LEGACY_VARIABLE = "CLAWDBOT_STATE_DIR"
CONFIGURATION = "OPENCLAW_CONFIG_PATH"
_LEGACY_CONFIGURATION = "CLAWDBOT_CONFIG_PATH"
VARIABLES = (  # that the answer depends on
    VARIABLE, LEGACY_VARIABLE, CONFIGURATION, _LEGACY_CONFIGURATION, "OPENCLAW_HOME", "OPENCLAW_PROFILE", "HOME",
)  # fmt: skip

_TRAITS = {
    "legacy": LEGACY_VARIABLES,
    "home": HOME_VARIABLE,
    "folders": LEGACY_FOLDERS,
    "wins": PROFILE_WINS,
    "anywhere": PROFILE_ANYWHERE,
    "here": FOLDER_VARIABLES,
    "beside": STATE_BESIDE_CONFIGURATION,
}


class Resolved(Record):
    """A state directory, absolute unless only a relative one is known, and why it is that one.

    `otherwise` is another directory that it may be, by another version or by a file that sets variables late.
    `configuration` is the file that says how the gateway behaves, when that is not the state's own `openclaw.json`.
    """

    path: str
    because: str
    otherwise: str = ""
    configuration: str = ""

    @property
    def paths(self) -> tuple[str, ...]:
        """Every directory that it may be."""
        return (self.path, self.otherwise) if self.otherwise else (self.path,)


def resolve(
    variables: Mapping[str, str], arguments: Sequence[str], *, home: str, folder: str = "", version: str = ""
) -> Resolved:
    """The state directory of `openclaw ARGUMENTS` with these variables.

    `home` stands in for an unset HOME, `folder` is where it is started, `version` such as 2026.1.30. A leading `~` is
    replaced, since OpenClaw replaces it; a directory that does not exist is no error. Raises CannotKnow when a `.env`
    that may say something else cannot be read.
    """
    given = {name: value.strip() for name, value in variables.items() if name in VARIABLES and value.strip()}
    home = given.get("HOME", home)
    here = _read(os.path.join(folder, ".env"), given) if os.path.isabs(folder) else {}
    found: list[Resolved] = []
    for rules in _rules(version, given | here, arguments):
        known = here | given if rules["here"] else given
        one = _make_absolute(_by(rules, known, arguments, home), folder)
        found.append(one)
        for path in (os.path.join(one.path, ".env"), os.path.join(home, ".config/openclaw/gateway.env")):
            if late := _read(path, known) if os.path.isabs(path) else {}:
                other = _make_absolute(_by(rules, late | known, arguments, home), folder)
                found.append(other.replaced(because=f"{other.because} ({path})"))
        if one.configuration and rules["beside"] and VARIABLE not in known and not profile_of(rules, arguments):
            found.append(one.replaced(path=os.path.dirname(one.configuration)))
    otherwise = next((one.path for one in found if one.path != found[0].path), "")
    configuration = next((one.configuration for one in found if one.configuration), "")
    return found[0].replaced(otherwise=otherwise, configuration=configuration)


def _read(path: str, given: Mapping[str, str]) -> dict[str, str]:
    """What a `.env` adds to the variables that the answer depends on."""
    return {name: value.strip() for name, value in read_dotenv(path).items()
            if name in VARIABLES and name not in given and value.strip()}  # fmt: skip


def _make_absolute(one: Resolved, folder: str) -> Resolved:
    """The same with absolute paths; a configuration that is the state's own is left out."""
    path, configuration = (
        os.path.normpath(os.path.join(folder, place)) if folder and place else place
        for place in (one.path, one.configuration)
    )
    known = os.path.isabs(path) and os.path.isabs(configuration)
    if known and os.path.realpath(configuration) == os.path.realpath(os.path.join(path, "openclaw.json")):
        configuration = ""
    return one.replaced(path=path, configuration=configuration)


def _rules(version: str, given: Mapping[str, str], arguments: Sequence[str]) -> Iterator[dict[str, bool]]:
    """Every set of rules that a version may follow, the newest first; rules that do not matter here are not varied."""
    profile = any(word == "--dev" or word.startswith("--profile") for word in arguments)
    matters = {
        "legacy": LEGACY_VARIABLE in given or _LEGACY_CONFIGURATION in given,
        "home": "OPENCLAW_HOME" in given,
        "folders": VARIABLE not in given,
        "wins": profile and VARIABLE in given,
        "anywhere": profile,
        "here": True,
        "beside": CONFIGURATION in given or _LEGACY_CONFIGURATION in given,
    }
    values = [trait.at(version)[: None if matters[name] else 1] for name, trait in _TRAITS.items()]
    for chosen in product(*values):
        yield dict(zip(_TRAITS, chosen, strict=True))


def _by(rules: Mapping[str, bool], given: Mapping[str, str], arguments: Sequence[str], home: str) -> Resolved:
    if rules["home"] and given.get("OPENCLAW_HOME", "undefined") not in ("undefined", "null"):
        home = _expand(given["OPENCLAW_HOME"], home)
    legacy = given if rules["legacy"] else {}
    configuration = _expand(given.get(CONFIGURATION) or legacy.get(_LEGACY_CONFIGURATION, ""), home)
    explicit = _expand(given.get(VARIABLE, ""), home)
    if profile := profile_of(rules, arguments):
        inherited = profile_folder(given.get("OPENCLAW_PROFILE", "default"), home)
        own = profile_folder(profile, home)
        if not explicit or (rules["wins"] and explicit == inherited):
            if rules["wins"] and configuration == os.path.join(inherited, "openclaw.json"):
                configuration = ""
            return Resolved(own, f"--profile {profile}", configuration=configuration)
    if explicit:
        return Resolved(explicit, f"{VARIABLE}={given[VARIABLE]}", configuration=configuration)
    if LEGACY_VARIABLE in legacy:
        path = _expand(given[LEGACY_VARIABLE], home)
        return Resolved(path, f"{LEGACY_VARIABLE}={given[LEGACY_VARIABLE]}", configuration=configuration)
    default = os.path.join(home, ".openclaw")
    old = (os.path.join(home, name) for name in rules["folders"])  # type: ignore[attr-defined]
    path = default if os.path.exists(default) else next((one for one in old if os.path.exists(one)), default)
    return Resolved(path, f"{VARIABLE} is not set", configuration=configuration)


def profile_of(rules: Mapping[str, bool], arguments: Sequence[str]) -> str:
    """The profile that counts by these rules."""
    return named_profile(arguments, anywhere=rules["anywhere"])


def named_profile(arguments: Sequence[str], *, anywhere: bool = False) -> str:
    """The profile that the options before the command name; `--dev` is the profile dev. Empty when there is none.

    `anywhere`: one after the command counts too, but `--dev` after `gateway` is an option of that.
    """
    profile = ""
    command = ""
    rest = iter(arguments)
    for word in rest:
        if word == "--" or (command and not anywhere):
            break
        if word == "--dev" and command != "gateway":
            profile = "dev"
        elif word == "--profile":
            profile = next(rest, "").strip()
        elif word.startswith("--profile="):
            profile = word.partition("=")[2].strip()
        elif not word.startswith("-"):
            command = command or word
    return profile


def profile_folder(profile: str, home: str) -> str:
    """The state directory of a profile."""
    return os.path.join(home, ".openclaw" if profile.lower() == "default" else f".openclaw-{profile}")


def legacy_variables(variables: Mapping[str, str]) -> Iterator[str]:
    """The variables of the product's earlier names that once told, or seem to tell, where the state is."""
    for name in variables:
        if re.fullmatch(r"(CLAWDBOT|MOLTBOT|MOLDBOT)_STATE_DIR", name) and variables[name].strip():
            yield name


def _expand(path: str, home: str) -> str:
    from guardrails_policies.openclaw.state.configuration import expand

    return os.path.normpath(expand(path, home)) if path else ""
