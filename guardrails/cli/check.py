"""`guardrails check`: judge an environment, and say allow or deny."""

from __future__ import annotations

import os
import sys
import time

from guardrails import config, engine, reporters
from guardrails.cli import UNDECIDED, terminal
from guardrails.config import places
from guardrails.config.settings import environment_named, moment, nearest, operation_named, selected, sources
from guardrails.errors import GuardrailsError, UsageError
from guardrails.model import Operation
from guardrails.policy import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from guardrails.config.settings import PolicySetting, Settings
    from guardrails.model import Environment, RefUpdate, Report

_EXAMPLES = """examples:
  guardrails check --env prod                                   what holds at all times
  guardrails check --env prod --op promote --candidate release/memory-v1
  guardrails check --env prod --format json --output text:check.log
  guardrails check --env prod && launchctl kickstart -k gui/$UID/com.moltbot.gateway.prod
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `check`. Those that cannot loosen a verdict have a variable that stands for them."""
    parser.epilog = _EXAMPLES
    add, variable = parser.add_argument, os.environ.get
    add("--env", metavar="NAME", default=variable("GUARDRAILS_ENV"), help="the environment to judge")
    add("--op", metavar="OPERATION", help="judge what must hold before this operation, instead of at all times")
    add("--after", action="store_true", help="judge what must hold after the operation")
    add("--candidate", metavar="REV", help="the commit that the operation would bring")
    add(
        "--updates",
        metavar="FILE",
        help="the refs that a push moves, in the lines that git gives to pre-push; - reads them",
    )
    add("--online", action="store_true", help="also ask the remote what it has")
    add("--policy", metavar="ID", action="append", default=[], help="judge only this policy (may be repeated)")
    add("--skip", metavar="ID", action="append", default=[], help="leave this policy out (may be repeated)")
    add("--at", metavar="TIME", type=_time, help="judge as if it were this time, such as 2026-02-01T10:00:00Z")
    formats, form = list(reporters.FORMATS), variable("GUARDRAILS_FORMAT", "text")
    add("--format", choices=formats, default=form, help="what to print (default: text)")
    add("--output", metavar="FORMAT:PATH", action="append", type=_output, default=[], help="also write it to a file")
    configuration = variable("GUARDRAILS_CONFIG")
    add(
        "--config",
        metavar="PATH",
        default=configuration,
        help="the configuration (default: the nearest guardrails.toml)",
    )
    timeout, jobs = variable("GUARDRAILS_TIMEOUT", "10"), variable("GUARDRAILS_JOBS", "16")
    add("--timeout", metavar="SECONDS", type=_seconds, default=timeout, help="for each policy and look (default: 10)")
    add("--jobs", metavar="N", type=_count, default=jobs, help="child processes at once (default: 16)")
    how_much = parser.add_mutually_exclusive_group()
    how_much.add_argument("--quiet", action="store_true", help="print the verdict alone")
    how_much.add_argument("--verbose", action="store_true", help="print every finding, note and duration")
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Check, write the reports, and give the exit code of the verdict."""
    started = time.time()
    if given.format not in reporters.FORMATS:
        raise UsageError(f"unknown format {given.format}; {nearest(given.format, list(reporters.FORMATS))}")
    try:
        report = _Check(given, started).report()
    except GuardrailsError as error:
        if given.format == "text":
            raise
        from guardrails.gate import weigh

        report = weigh([], errors=[str(error)], environment=given.env, operation=given.op, started=started)
    report, complaints = _write(given.output, report)
    for complaint in complaints:
        print(f"guardrails: {complaint}", file=sys.stderr)
    if given.format == "text":
        terminal.show_report(report, quiet=given.quiet, verbose=given.verbose)
    else:
        sys.stdout.write(reporters.renderer(given.format)(report))
    return report.exit_code


class _Check:
    """One check, from the given arguments to its report."""

    def __init__(self, given: argparse.Namespace, started: float) -> None:
        self._given = given
        self._started = started
        self._moment = moment(given.op, after=given.after)
        if given.after and not given.op:
            raise UsageError("--after needs --op")

    def report(self) -> Report:
        """Judge what applies, and weigh it."""
        settings = config.load(self._given.config)
        environment = environment_named(settings, self._environment(settings))
        world = self._world(settings, environment)
        applicable = selected(settings, environment.name, self._moment)
        chosen = self._narrowed(applicable, settings)
        with engine.Run(chosen, world, jobs=self._given.jobs) as under_way, terminal.Progress(len(chosen)) as progress:
            from guardrails import gate  # while the other process looks at the world

            reporters.renderer(self._given.format)
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
        return World(
            environment,
            settings.environments,
            at=self._given.at or self._started,
            home=places.home(),
            operation=self._operation(settings, environment) if self._given.op else None,
            variables=dict(os.environ),
            sources=sources(settings, environment.name),
            options={policy.name: policy.options for policy in settings.policies},
            online=self._given.online,
            timeout=self._given.timeout,
        )

    def _operation(self, settings: Settings, environment: Environment) -> Operation:
        setting = operation_named(settings, self._given.op, environment.name)
        return Operation(
            name=self._given.op,
            after=self._given.after,
            candidate=self._given.candidate,
            candidate_from=settings.environments[setting.candidate_from] if setting.candidate_from else None,
            moves_head_to=setting.moves_head_to,
            steps=setting.steps,
            updates=_updates(self._given.updates) if self._given.updates else None,
        )

    def _environment(self, settings: Settings) -> str:
        """The environment as given, or the only one, or the one whose repository this is."""
        if self._given.env:
            return str(self._given.env)
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


def _updates(path: str) -> tuple[RefUpdate, ...]:
    from guardrails.facts.files import read_bytes
    from guardrails.facts.updates import INPUT_LIMIT, parse

    try:
        return parse(sys.stdin.buffer.read(INPUT_LIMIT + 1) if path == "-" else read_bytes(path, INPUT_LIMIT))
    except FileNotFoundError:
        raise UsageError(f"--updates {path}: there is no such file") from None


def _write(outputs: Sequence[tuple[str, str]], report: Report) -> tuple[Report, list[str]]:
    """Write every --output; one that cannot be written leaves the run undecided."""
    from guardrails.model import Verdict

    complaints = []
    for form, path in outputs:
        try:
            with open(path, "w", encoding="utf-8") as file:
                file.write(reporters.renderer(form)(report))
        except OSError as error:
            complaints.append(f"--output {path} cannot be written: {error.strerror}")
    if complaints:
        code = report.exit_code or UNDECIDED
        report = report.replaced(verdict=Verdict.DENY, exit_code=code, errors=(*report.errors, *complaints))
    return report, complaints


def _output(word: str) -> tuple[str, str]:
    form, colon, path = word.partition(":")
    if form not in reporters.FORMATS or not colon or not path:
        raise _refusal(f"{word} is not FORMAT:PATH with a format of {', '.join(reporters.FORMATS)}")
    return form, path


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number <= 3600:
        raise _refusal(f"{text} is not a number of seconds from above 0 to 3600")
    return number


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= 1000):
        raise _refusal(f"{text} is not a whole number from 1 to 1000")
    return int(text)


def _time(text: str) -> float:
    """Seconds since the epoch of an RFC 3339 time; without a zone it would mean two things."""
    from datetime import datetime

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _refusal(f"{text} is not a time such as 2026-02-01T10:00:00Z") from None
    if moment.tzinfo is None:
        raise _refusal(f"{text} has no zone; add Z or an offset such as +01:00")
    return moment.timestamp()


def _refusal(text: str) -> Exception:
    from argparse import ArgumentTypeError

    return ArgumentTypeError(text)
