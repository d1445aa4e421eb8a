"""The problems that every format must show: findings, policies without an answer, errors of the run."""

from __future__ import annotations

import os

from guardrails.engine.gate import fingerprint
from guardrails.model import Finding, Outcome
from guardrails.record import Record
from guardrails.reporters.text_report import configuration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from guardrails.model import Decision, Report, Waiver

RUN = "guardrails"  # stands where a policy's id does, for what went wrong with the run as a whole
_NO_REASON = "no reason was given"


class Problem(Record):
    """One of them. `undecided` tells an answer that is missing from one that is bad.

    `waiver` lets it pass, and then it does not block. `note` is what else the policy had to say. `path` is relative to
    the judged repository, None when the problem is elsewhere. `fingerprint` is that of the finding in the JSON report;
    further ones that have the same get a number, since readers drop twins.
    """

    policy: str
    title: str
    severity: str
    blocks: bool
    undecided: bool
    message: str
    fingerprint: str
    finding: Finding | None = None
    waiver: Waiver | None = None
    note: str | None = None
    path: str | None = None
    line: int | None = None

    def lines(self) -> Iterator[str]:
        """The problem in full, control characters and all: what is wrong, what was seen and expected, what to do."""
        yield self.message
        if self.finding:
            if self.finding.observed != self.message:
                yield f"observed: {self.finding.observed}"
            yield f"expected: {self.finding.expected}"
            yield f"do: {self.finding.remediation}"
            if self.finding.remark:
                yield f"note: {self.finding.remark}"
            if self.finding.path and not self.path:
                yield f"where: {self.finding.path}"
        if self.note:
            yield f"note: {self.note}"


def problems(report: Report) -> list[Problem]:
    """All problems of a report in its order, those of the run last. A report that is undecided has at least one."""
    found = [problem for decision in report.decisions for problem in of_policy(report, decision)]
    found += [_of_run(report, error) for error in report.errors]
    if report.exit_code == 2 and not any(problem.undecided for problem in found):
        found.append(_of_run(report, "nothing was judged"))
    return _told_apart(found)


def of_policy(report: Report, decision: Decision) -> Iterator[Problem]:
    """The problems of one policy: each finding, and the reason when it has no answer."""
    result = decision.result
    undecided = result.outcome is Outcome.ERROR
    about: dict[str, Any] = {"policy": result.policy, "title": decision.title, "severity": decision.severity}
    for number, finding in enumerate(result.findings):
        waiver = next((use.waiver for use in decision.waivers if number in use.findings), None)
        place = _inside(finding.path, report.subject.repo if report.subject else None)
        yield Problem(
            **about,
            blocks=decision.blocks and waiver is None,
            undecided=False,
            message=finding.message or finding.observed,
            fingerprint=fingerprint(result.policy, report.environment, finding),
            finding=finding,
            waiver=waiver,
            note=None if undecided else result.reason,
            path=place,
            line=finding.line if place else None,
        )
    covered = {number for use in decision.waivers for number in use.findings}
    unseen = len(covered) == len(result.findings)  # what makes it fail is no finding, or one that was cut
    if undecided or (result.outcome is Outcome.FAIL and unseen and not decision.waived):
        reason = result.reason or _NO_REASON
        message = f"could not decide: {reason}" if undecided else reason
        printed = _print(report, result.policy, message)
        yield Problem(**about, blocks=decision.blocks, undecided=undecided, message=message, fingerprint=printed)


def anchor(report: Report) -> str:
    """The file that a problem without one is pinned to, relative to the repository: what configures the policies."""
    return _inside(report.source, report.subject.repo if report.subject else None) or "guardrails.toml"


def description(report: Report) -> Mapping[str, str]:
    """What was judged by which rules, by name, without unknown values."""
    subject = {name: getattr(report.subject, name, None) for name in ("repo", "branch", "commit", "tree", "candidate")}
    told = {
        "environment": report.environment,
        "operation": report.operation,
        **subject,
        "configuration": configuration(report.source),
        "policy_set": report.digest,
        "verdict": report.verdict,
        "exit_code": str(report.exit_code),
        "left_out": ", ".join(report.left_out),
    }
    return {name: str(value) for name, value in told.items() if value}


def _of_run(report: Report, error: str) -> Problem:
    return Problem(
        policy=RUN,
        title="The run could not decide",
        severity="critical",
        blocks=True,
        undecided=True,
        message=error,
        fingerprint=_print(report, RUN, error),
    )


def _print(report: Report, policy: str, message: str) -> str:
    return fingerprint(policy, report.environment, Finding(observed=message, expected="", remediation=""))


def _told_apart(found: list[Problem]) -> list[Problem]:
    seen: dict[str, int] = {}
    apart = []
    for problem in found:
        number = seen[problem.fingerprint] = seen.get(problem.fingerprint, 0) + 1
        twin = number > 1
        apart.append(problem.replaced(fingerprint=f"{problem.fingerprint}-{number}") if twin else problem)
    return apart


def _inside(path: str | None, repo: str | None) -> str | None:
    """The path relative to the repository; None for one that is not a file in it, as far as names tell."""
    if not path:
        return None
    if os.path.isabs(path):
        if not repo or not path.startswith(repo.rstrip("/") + "/"):
            return None
        path = path[len(repo.rstrip("/")) + 1 :]
    path = os.path.normpath(path)
    return None if path in (".", "..") or path.startswith(("../", "/")) else path
