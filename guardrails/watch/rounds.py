"""One round of `guardrails watch`: check each environment, compare, tell who is to be told, and write the metrics.

Nothing that goes wrong with telling changes a verdict: it is said in one line, and the next round tells what differs by
then from what was told last.
"""

from __future__ import annotations

import time
from contextlib import ExitStack

from guardrails.config.settings import environment_named, log_of, require_outside
from guardrails.engine.gate import find_comparable, findings_digest, weigh
from guardrails.errors import CannotKnow, GuardrailsError
from guardrails.exit_codes import ALLOW, DENY, UNDECIDED
from guardrails.judgement import answer, log
from guardrails.model import Verdict
from guardrails.record import Record
from guardrails.request import Question, Request
from guardrails.watch import channels as known_channels
from guardrails.watch import told
from guardrails.watch.comparison import ALLOWED, Difference, compare, stand
from guardrails.watch.history import History, read_history
from guardrails.watch.messages import Now, compose, see_now, told_before, waiver_id
from guardrails.watch.metrics import write_metrics
from guardrails.watch.told import Checked, State, Told
from guardrails.wording.durations import seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from guardrails.audit.chain import Head
    from guardrails.config.settings import Settings
    from guardrails.model import Environment, Report, Waiver
    from guardrails.watch.channels import Channel

    Tell = Callable[[str], None]


class Look(Record):
    """What came of one environment: the report, how it stands now, and how that differs from the check before.

    `difference` is None when there is no check to compare with. `log` is the path of the audit log, `head` where it
    ended then, None when nothing was logged; `checked` is the same for metrics.
    """

    report: Report
    now: Now
    history: History
    difference: Difference | None
    log: str
    head: Head | None
    checked: Checked


class Round:
    """One round over some environments, by settings that have those of `[watch]`.

    `tell` gets a line on each trouble.
    """

    def __init__(self, settings: Settings, configuration: str | None, tell: Tell) -> None:
        assert settings.watch is not None
        self._settings, self._watch = settings, settings.watch
        self._configuration = configuration
        self._tell = tell

    def go(self, names: Sequence[str], show: Callable[[Look], None]) -> int:
        """Do all of it, `show` what came of each environment, and give the worst code."""
        chosen = dict.fromkeys(names or self._settings.environments)
        environments = [environment_named(self._settings, name) for name in chosen]
        self._ping("start")
        worst = ALLOW
        for environment in environments:
            worst = worse(worst, self._watch_one(environment, show))
        self._write_metrics()
        self._ping(str(worst))
        return worst

    def _watch_one(self, environment: Environment, show: Callable[[Look], None]) -> int:
        """Do all of it for one environment; what is wrong with one keeps no other from being watched."""
        try:
            look = self._look(environment)
        except GuardrailsError as error:
            self._tell(str(error))
            return UNDECIDED
        try:
            show(look)
        finally:  # although nobody reads what is printed
            self._tell_of(look)
        return look.report.exit_code

    def _look(self, environment: Environment) -> Look:
        """Check one environment, and compare."""
        started = time.time()
        path = log_of(self._settings.audit, environment, self._settings.environments)
        before = told.read(path, environment.name)
        history = read_history(path, environment.name, before.head or _anchor(environment))
        report, head = self._check(environment, history.problem, started)
        standing = stand(
            report.exit_code, find_comparable(report), report.errors, at=started, digest=findings_digest(report)
        )
        now = see_now(environment.name, report.exit_code, standing, history, self._settings.waivers)
        difference = compare(history.last, standing) if history.last else None
        checked = _checked(report, now, history, before, self._settings.waivers)
        return Look(report, now, history, difference, path, head, checked)

    def _tell_of(self, look: Look) -> None:
        """Tell who is to be told of one environment, and keep what they know then, while others wait.

        Where that cannot be kept, or not be locked, they are told rather again than not at all.
        """
        name = look.now.environment
        with ExitStack() as held:
            try:
                held.enter_context(told.hold(look.log))
            except GuardrailsError as error:
                self._tell(str(error))
            state = told.read(look.log, name)
            known = self._tell_all(look.now, look.history, state)
            try:
                told.write(look.log, name, State(look.head or state.head, look.checked, known))
            except GuardrailsError as error:
                self._tell(str(error))

    def _check(self, environment: Environment, problem: str, started: float) -> tuple[Report, Head | None]:
        """The report, undecided when the log is not what it was, and where the log ended then."""
        request = Request(environment=environment.name, config=self._configuration)
        try:
            question = Question(request, started, settings=self._settings)
            report = answer(question, tell=self._tell)
            if problem:
                code = report.exit_code or UNDECIDED
                errors = tuple(dict.fromkeys((*report.errors, problem)))
                report = log(report.replaced(verdict=Verdict.DENY, exit_code=code, errors=errors), question, self._tell)
            return report, question.logged
        except (GuardrailsError, OSError) as error:
            return weigh([], errors=[str(error)], environment=environment.name, started=started), None

    def _tell_all(self, now: Now, history: History, state: State) -> dict[str, Told]:
        """Tell each channel what it does not know, and give what each knows afterwards."""
        remind = seconds(self._watch.remind) if self._watch.remind else None
        known, wanted = dict[str, Told](), []
        for channel in known_channels.channels(self._watch):
            knows = told_before(state, channel.identity, history, now.standing.at)
            message = compose(now, knows, remind=remind)
            known[channel.identity] = knows
            if message:
                wanted.append((channel, known_channels.message_for(channel, message)))
        problems = known_channels.deliver([one for _, one in wanted])
        for (channel, _), problem in zip(wanted, problems, strict=True):
            if problem:
                self._tell(_trouble(channel, problem))
            else:
                waivers = tuple(map(waiver_id, now.waivers))
                known[channel.identity] = Told(now.standing.at, now.standing, waivers)
        return known

    def _ping(self, word: str) -> None:
        if not self._watch.ping:
            return
        delivery = known_channels.ping_for(self._watch.ping, word)
        for problem in filter(None, known_channels.deliver([delivery])):
            self._tell(_trouble(delivery.channel, problem))

    def _write_metrics(self) -> None:
        """Write what is known of every environment that is watched, whichever of them this round was about."""
        path, settings = self._watch.textfile, self._settings
        if not path:
            return
        try:
            require_outside("watch.textfile", path, settings.environments)  # a link may lead elsewhere by now
            states = {
                name: told.read(log_of(settings.audit, one, settings.environments), name).checked
                for name, one in settings.environments.items()
            }
            write_metrics(path, {name: one for name, one in states.items() if one})
        except GuardrailsError as error:
            self._tell(str(error))


def worse(one: int, other: int) -> int:
    """The worse of two codes of `check`: a deny before what could not be decided, and that before an allow."""
    return next((code for code in (DENY, UNDECIDED, ALLOW) if code in (one, other)), UNDECIDED)


def _anchor(environment: Environment) -> Head | None:
    """The record that the repository knows of; None when it does not say, which the check tells by itself."""
    from guardrails.operations.audit import read_anchor

    try:
        return read_anchor(environment)
    except CannotKnow:
        return None


def _checked(report: Report, now: Now, history: History, before: State, waivers: Sequence[Waiver]) -> Checked:
    """The check as metrics show it. Of several waivers of a policy, the one that runs out first counts."""
    allowed = now.standing.at if now.standing.verdict == ALLOWED else history.last_allow
    if allowed is None and before.checked:
        allowed = before.checked.last_allow
    mine = [one for one in waivers if one.environment == now.environment and one.expires > now.standing.at]
    expiries = {one.policy: one.expires for one in sorted(mine, key=lambda one: -one.expires)}
    return Checked(
        now.standing.verdict,
        now.standing.at,
        report.duration_ms / 1000,
        {one.result.policy: one.blocks for one in report.decisions},
        allowed,
        expiries,
    )


def _trouble(channel: Channel, problem: str) -> str:
    then = "pings anew" if channel.name == "ping" else "tells what differs by then"
    return f"watch.{channel.name} was not told: it {problem}; the next check {then}"
