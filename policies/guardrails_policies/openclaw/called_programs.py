"""What OpenClaw's programs do when an agent calls them: which state they use, which gateway they start or stop."""

import os
import re

from guardrails import CannotKnow
from guardrails.facts.tool_call.programs.program import Example, Given, Program, Touch
from guardrails_policies.openclaw.gateways.gateway_services import package_version
from guardrails_policies.openclaw.shell.calls import Call
from guardrails_policies.openclaw.shell.openclaw_programs import ENTRIES, MARKERS, PROGRAMS
from guardrails_policies.openclaw.shell.trails import Trail
from guardrails_policies.openclaw.state.state_dir import VARIABLES, Resolved, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from guardrails.calls import Place

_WITH_VALUE = ("--profile", "--log-level", "--container")
_READS = frozenset((
    "status", "health", "logs", "help", "docs", "completion", "dashboard", "version", "sessions", "", "tui", "qr",
    "cron list", "cron status", "cron runs", "cron show", "automations list", "config get", "config file",
    "config validate", "config schema", "gateway status", "gateway health", "gateway probe", "gateway discover",
    "gateway usage-cost", "daemon status", "memory status", "memory search", "memory facts", "channels list",
    "channels status", "models list", "models status", "plugins list", "plugins info", "plugins inspect",
    "plugins doctor", "skills list", "skills info", "skills check", "nodes list", "nodes status", "agents list",
    "security audit", "hooks list", "hooks info", "update status", "sandbox list", "sandbox explain", "system presence",
))  # fmt: skip
_STARTS = ("gateway", "gateway run", "gateway start", "gateway restart", "gateway install", "daemon start",
           "daemon restart", "daemon install", "node run")  # fmt: skip
_STOPS = ("gateway stop", "gateway uninstall", "daemon stop", "daemon uninstall", "uninstall", "reset")
_TITLES = (
    "openclaw-gateway",
    "openclaw gateway run",
    "moltbot-gateway",
    "clawdbot-gateway",
    "dist/index.js gateway --port",
)
_SCRIPTS = ("start", "dev", "gateway:watch", "gateway:dev")


def _called(given: Given) -> "Iterator[Touch]":
    """One of OpenClaw's programs by its own name."""
    yield from _of(given, [word.known for word in given.words], given.command.words[0].known)


def _led_to(given: Given) -> "Iterator[Touch]":
    """OpenClaw, started through a runtime or a package manager."""
    try:
        for program, arguments in _programs(given):
            yield from _of(given, arguments, program)
    except CannotKnow as error:
        yield from given.code(" ".join(word.text or "" for word in given.command.words), str(error))


def _speaks(given: Given) -> bool:
    """Whether a call leads to one of OpenClaw's programs, or cannot be followed."""
    words = [word.text or "" for word in given.command.words]
    if not any(word.endswith(ENTRIES) or any(mark in word for mark in MARKERS) or word in _SCRIPTS for word in words):
        return False
    try:
        return bool(_programs(given))
    except CannotKnow:
        return True


def _programs(given: Given) -> "list[tuple[str, Sequence[str]]]":
    """Each of OpenClaw's programs that is started, with its arguments. Raises CannotKnow as `Trail.programs` does."""
    words = tuple(word.text or "" for word in given.command.words)
    repos = [place.path for place in given.places.all if place.kind == "repo"]
    call = Call(words, given.command.folder or "", {**given.places.variables, **given.command.variables})
    return [(program, found.words) for program, found in Trail(given.places.home, repos).programs(call)]


def _of(given: Given, arguments: "Sequence[str]", program: str) -> "Iterator[Touch]":
    """What these arguments of OpenClaw do, and to which state."""
    said = _command(arguments)
    if _only_reads(said, arguments):
        return
    kind = "starts" if said in _STARTS else "stops" if said in _STOPS else ""
    by = _checkout(given, program)
    try:
        state = _state(given, arguments, by)
    except CannotKnow as error:
        for place in given.places.all:
            if place.kind == "state_dir":
                yield Touch("uses-state", place, why=str(error), by=by)
        return
    for number, path in enumerate(state.paths):
        why = "another version keeps its state there" if number else ""
        for place in given.places.touched(path) if os.path.isabs(path) else ():
            if place.kind == "state_dir":
                yield Touch("uses-state", place, why=why, by=by)
                if kind:
                    yield Touch(
                        kind, given.places.of_environment(place.environment, "service") or place, why=why, by=by
                    )


def _only_reads(said: str, arguments: "Sequence[str]") -> bool:
    """Whether a command changes nothing; `doctor` does with --fix alone."""
    if {"--help", "-h", "--version", "-V"} & {*arguments}:
        return True
    if said.partition(" ")[0] == "doctor":
        return not {"--fix", "--repair", "--force"} & {*arguments}
    return said in _READS or said.partition(" ")[0] in _READS


def _command(arguments: "Sequence[str]") -> str:
    """The first two words that are no options, as `cron add`; an option after the first word ends it."""
    rest, words = iter(arguments), list[str]()
    for word in rest:
        if word in _WITH_VALUE:
            next(rest, "")
        elif word.startswith("-"):
            if words:
                break
        else:
            words.append(word)
    two = " ".join(words[:2])
    return two if two in (*_READS, *_STARTS, *_STOPS) or words[:1] != ["gateway"] else "gateway"


def _checkout(given: Given, program: str) -> str | None:
    """The environment from whose checkout a program is started: where it lies, else where it runs."""
    for path in (program if os.path.isabs(program) else "", given.command.folder or ""):
        for place in given.places.touched(path) if path else ():
            if place.kind == "repo":
                return place.environment
    return None


def _state(given: Given, arguments: "Sequence[str]", by: str | None) -> Resolved:
    """The state that OpenClaw would use. Raises CannotKnow when a variable that says it cannot be told."""
    own = given.command.variables
    if any(own.get(name, "") is None for name in VARIABLES):
        raise CannotKnow("its state directory is computed")
    variables = {**given.places.variables, **{name: value for name, value in own.items() if value is not None}}
    repo = given.places.of_environment(by)
    version = package_version(f"{repo.path}/package.json") if repo else ""
    return resolve(variables, arguments, home=given.places.home, folder=given.command.folder or "", version=version)


def _signalled(given: Given) -> "Iterator[Touch]":
    """A pattern of pkill or killall that finds gateways by their titles stops those of every environment."""
    patterns = [word.known for word in given.words if not word.known.startswith("-")]
    if any(_finds(pattern, title) for pattern in patterns for title in _TITLES):
        yield from (Touch("stops", _running(given, place)) for place in given.places.all if place.kind == "state_dir")


def _finds(pattern: str, title: str) -> bool:
    try:
        return bool(re.search(pattern.replace("\0", ".*"), title))
    except re.error:
        return pattern in title


def _running(given: Given, state: "Place") -> "Place":
    return given.places.of_environment(state.environment, "service") or state


OPENCLAW = Program(
    PROGRAMS,
    read=_called,
    examples=(
        Example(
            "OPENCLAW_STATE_DIR=/srv/prod-state openclaw gateway run",
            ("uses-state /srv/prod-state", "starts gateway-prod"),
        ),
        Example(
            "OPENCLAW_STATE_DIR=/srv/dev-state openclaw gateway --port 1",
            ("uses-state /srv/dev-state", "starts /srv/dev-state"),
            folder="/srv/dev",
        ),
        Example(
            "OPENCLAW_STATE_DIR=/srv/prod-state openclaw gateway stop",
            ("uses-state /srv/prod-state", "stops gateway-prod"),
            folder="/srv/dev",
        ),
        Example("OPENCLAW_STATE_DIR=/srv/prod-state openclaw cron add --name x", ("uses-state /srv/prod-state",)),
        Example("OPENCLAW_STATE_DIR=/srv/prod-state openclaw cron list"),
        Example("OPENCLAW_STATE_DIR=/srv/prod-state openclaw status --deep"),
        Example("OPENCLAW_STATE_DIR=/srv/prod-state openclaw doctor"),
        Example("openclaw --profile other gateway run"),
        Example("openclaw --version"),
    ),
)
RUNNERS = Program(
    ("node", "bun", "tsx", "npm", "pnpm", "npx", "yarn", "bunx"),
    read=_led_to,
    tells=_speaks,
    examples=(
        Example(
            "OPENCLAW_STATE_DIR=/srv/prod-state node dist/index.js gateway run",
            ("uses-state /srv/prod-state", "starts gateway-prod"),
            folder="/srv/dev",
        ),
        Example("node script.js"),
    ),
)
SIGNALS = Program(
    ("pkill", "killall"),
    read=_signalled,
    examples=(
        Example("pkill -f openclaw-gateway", ("stops gateway-prod", "stops /srv/dev-state"), folder="/srv/elsewhere"),
        Example("pkill -f vite", folder="/srv/elsewhere"),
    ),
)
