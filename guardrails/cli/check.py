"""`guardrails check`: judge an environment, and say allow or deny."""

from __future__ import annotations

import os
import sys
import time

from guardrails import config, engine, reporters
from guardrails.cli import UNDECIDED, terminal
from guardrails.config import places
from guardrails.config.settings import environment_named, moment, nearest, operation_named, selected
from guardrails.errors import GuardrailsError, UsageError
from guardrails.policy import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from guardrails.config.settings import PolicySetting, Settings
    from guardrails.model import Environment, Report

DEFAULT_TIMEOUT = 10.0
DEFAULT_JOBS = 16

_EXAMPLES = """examples:
  guardrails check --env prod                                   what holds at all times
  guardrails check --env prod --op promote --candidate release/memory-v1
  guardrails check --env prod --format json --output text:check.log
  guardrails check --env prod && launchctl kickstart -k gui/$UID/com.moltbot.gateway.prod
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `check`."""
    parser.epilog = _EXAMPLES
    add = parser.add_argument
    add("--env", metavar="NAME", help="the environment to judge")
    add("--op", metavar="OPERATION", help="judge what must hold before this operation, instead of at all times")
    add("--after", action="store_true", help="judge what must hold after the operation")
    add("--candidate", metavar="REV", help="the commit that the operation would bring")
    add("--policy", metavar="ID", action="append", default=[], help="judge only this policy (may be repeated)")
    add("--skip", metavar="ID", action="append", default=[], help="leave this policy out (may be repeated)")
    add("--at", metavar="TIME", help="judge as if it were this time (RFC 3339, such as 2026-02-01T10:00:00Z)")
    add("--format", choices=list(reporters.FORMATS), help="what to print (default: text)")
    add("--output", metavar="FORMAT:PATH", action="append", default=[], help="also write a report to a file")
    add("--config", metavar="PATH", help="the configuration file (default: the nearest guardrails.toml)")
    add("--timeout", metavar="SECONDS", help=f"deadline of each policy and look (default: {DEFAULT_TIMEOUT:g})")
    add("--jobs", metavar="N", help=f"child processes at once (default: {DEFAULT_JOBS})")
    how_much = parser.add_mutually_exclusive_group()
    how_much.add_argument("--quiet", action="store_true", help="print the verdict alone")
    how_much.add_argument("--verbose", action="store_true", help="print every finding, note and duration")
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Check, write the reports, and give the exit code of the verdict."""
    started = time.time()
    form = given.format or os.environ.get("GUARDRAILS_FORMAT", "text")
    if form not in reporters.FORMATS:
        raise UsageError(f"unknown format {form}; {nearest(form, list(reporters.FORMATS))}")
    try:
        report = _Check(given, started, form).report()
    except GuardrailsError as error:
        if form == "text":
            raise
        from guardrails.gate import weigh

        report = weigh([], errors=[str(error)], environment=given.env, operation=given.op, started=started)
    report, complaints = _write(given.output, report)
    for complaint in complaints:
        print(f"guardrails: {complaint}", file=sys.stderr)
    if form == "text":
        terminal.show_report(report, quiet=given.quiet, verbose=given.verbose)
    else:
        sys.stdout.write(reporters.renderer(form)(report))
    return report.exit_code


class _Check:
    """One check, from the given arguments to its report."""

    def __init__(self, given: argparse.Namespace, started: float, form: str) -> None:
        self._given = given
        self._started = started
        self._form = form
        self._timeout = _number("timeout", given.timeout, DEFAULT_TIMEOUT)
        self._jobs = int(_number("jobs", given.jobs, DEFAULT_JOBS))
        self._at = _time(given.at) if given.at else started
        self._moment = moment(given.op, after=given.after)
        outputs_of(given.output)
        if given.after and not given.op:
            raise UsageError("--after needs --op")

    def report(self) -> Report:
        """Judge what applies, and weigh it."""
        settings = config.load(self._given.config or os.environ.get("GUARDRAILS_CONFIG"))
        environment = environment_named(settings, self._environment(settings))
        world = self._world(settings, environment)
        applicable = selected(settings, environment.name, self._moment)
        chosen = self._narrowed(applicable, settings)
        with engine.Run(chosen, world, jobs=self._jobs) as under_way, terminal.Progress(len(chosen)) as progress:
            from guardrails import gate  # while the other process looks at the world

            reporters.renderer(self._form)
            observation = under_way.observe(progress.heard)
        by_name = {setting.name: setting for setting in chosen}
        nothing = [] if chosen else [f"no policy applies to {environment.name} at this moment: {self._moment}"]
        return gate.weigh(
            [gate.decide(result, by_name[result.policy], environment.name) for result in observation.results],
            errors=[*nothing, *observation.errors],
            environment=environment.name,
            operation=self._given.op,
            subject=observation.subject,
            settings=settings,
            started=self._started,
            left_out=[policy.name for policy in applicable if policy not in chosen],
        )

    def _world(self, settings: Settings, environment: Environment) -> World:
        name = self._given.op
        operation = operation_named(settings, name, environment.name) if name else None
        source = operation.candidate_from if operation else None
        return World(
            environment,
            settings.environments,
            at=self._at,
            home=places.home(),
            operation=name,
            after=self._given.after,
            candidate=self._given.candidate,
            candidate_from=settings.environments[source] if source else None,
            timeout=self._timeout,
        )

    def _environment(self, settings: Settings) -> str:
        """The environment as given, or the only one, or the one whose repository this is."""
        given: str | None = self._given.env or os.environ.get("GUARDRAILS_ENV")
        if given:
            return given
        here = os.path.realpath(os.getcwd()) + os.sep
        names = [
            environment.name
            for environment in settings.environments.values()
            if len(settings.environments) == 1 or here.startswith(os.path.realpath(environment.repo) + os.sep)
        ]
        if len(names) != 1:
            raise UsageError(f"which environment? add --env; known: {', '.join(sorted(settings.environments))}")
        return names[0]

    def _narrowed(self, applicable: list[PolicySetting], settings: Settings) -> list[PolicySetting]:
        """What --policy and --skip leave. Raises UsageError for an id that does not apply."""
        names = [policy.name for policy in applicable]
        configured = [policy.name for policy in settings.policies]
        for name in (*self._given.policy, *self._given.skip):
            if name not in configured:
                raise UsageError(f"unknown policy {name}; {nearest(name, configured)}")
            if name in self._given.policy and name not in names:
                raise UsageError(f"{name} does not apply at this moment; guardrails policies shows its moments")
        only, skipped = self._given.policy or names, self._given.skip
        return [policy for policy in applicable if policy.name in only and policy.name not in skipped]


def outputs_of(given: Sequence[str]) -> list[tuple[str, str]]:
    """`FORMAT:PATH` words as pairs. Raises UsageError."""
    pairs = []
    for word in given:
        form, colon, path = word.partition(":")
        if form not in reporters.FORMATS or not colon or not path:
            raise UsageError(f"--output {word} is not FORMAT:PATH with a format of {', '.join(reporters.FORMATS)}")
        pairs.append((form, path))
    return pairs


def _write(outputs: Sequence[str], report: Report) -> tuple[Report, list[str]]:
    """Write every --output; one that cannot be written leaves the run undecided."""
    from guardrails.model import Verdict

    complaints = []
    for form, path in outputs_of(outputs):
        try:
            with open(path, "w", encoding="utf-8") as file:
                file.write(reporters.renderer(form)(report))
        except OSError as error:
            complaints.append(f"--output {path} cannot be written: {error.strerror}")
    if complaints:
        code = report.exit_code or UNDECIDED
        report = report.replaced(verdict=Verdict.DENY, exit_code=code, errors=(*report.errors, *complaints))
    return report, complaints


def _number(name: str, given: str | None, default: float) -> float:
    text = given or os.environ.get(f"GUARDRAILS_{name.upper()}") or str(default)
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number <= 3600 or (name == "jobs" and number != int(number)):
        raise UsageError(f"--{name} {text} is not a number above 0")
    return number


def _time(text: str) -> float:
    """Seconds since the epoch of an RFC 3339 time. Raises UsageError without a zone, since it would mean two things."""
    from datetime import datetime

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--at {text} is not a time such as 2026-02-01T10:00:00Z") from None
    if moment.tzinfo is None:
        raise UsageError(f"--at {text} has no zone; add Z or an offset such as +01:00")
    return moment.timestamp()
