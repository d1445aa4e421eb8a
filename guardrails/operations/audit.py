"""What is logged, and the anchor that shows when the end of a log was cut off.

Every verdict, guarded run, use of a waiver and refusal is one record of the environment's audit log. The anchor is a
ref of the environment's repository (`guardrails.facts.past.log_anchor`). Only commands that act move it, and never
backwards; a check leaves the repository as it was.
"""

from __future__ import annotations

import os
import stat

from guardrails.audit.chain import Head, digest
from guardrails.audit.writer import append
from guardrails.config import places
from guardrails.config.settings import log_of
from guardrails.errors import AuditError, CannotKnow
from guardrails.version import VERSION
from guardrails.wording.shown_text import storable, utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guardrails.config.settings import Settings
    from guardrails.facts.git.reader import Repository
    from guardrails.model import Environment, Report
    from guardrails.policy import World

_TRIES = 3  # to move the anchor, while others do
_RUN = os.urandom(6).hex()  # of this process: what it logs belongs together
_WORDS = 2000  # characters of a step's command that are logged
_LINE = 8192  # bytes of the end of a reflog, which usually hold its last line
_ERRORS, _LENGTH = 20, 400  # errors of a run that are logged, and characters of each


def log_report(
    report: Report,
    settings: Settings,
    environment: Environment,
    *,
    moment: str,
    at: float,
    kind: str = "check",
    **more: Any,
) -> Head:
    """Log a verdict of the gate, whose texts have no secrets any more, and give the log's new head.

    `moment` is as in `when`; `at` is the time that was judged, in seconds since the epoch. `more` is plain data that
    belongs to the record. Raises as `log`.
    """
    from guardrails.engine.gate import find_comparable, findings_digest  # which has weighed the report

    subject = report.subject
    said = {
        "operation": report.operation,
        "moment": moment,
        "judged_at": utc(at),
        "verdict": report.verdict,
        "exit_code": report.exit_code,
        "commit": subject.commit if subject else None,
        "candidate": subject.candidate if subject else None,
        "policy_set": report.digest,
        "blocking": [decision.result.policy for decision in report.decisions if decision.blocks],
        "waivers": [one.result.policy for one in report.decisions if one.waived],
        "left_out": list(report.left_out),
        "errors": [error[:_LENGTH] for error in report.errors[:_ERRORS]],
        "findings_digest": findings_digest(report),
        "found": find_comparable(report),
        **more,
    }
    return log(settings, environment, kind, said)


def log_step(
    settings: Settings,
    environment: Environment,
    operation: str,
    place: tuple[int, int],
    words: str,
    code: int,
    output: str,
) -> None:
    """Log a step of a guarded run that has ended: its place as number and total, its command and its exit code.

    `output` is the file that keeps what it wrote, empty without one. Raises as `log`.
    """
    number, total = place
    said = {
        "operation": operation,
        "step": number,
        "steps": total,
        "words": storable(words)[:_WORDS],
        "exit_code": code,
    }
    log(settings, environment, "step", {**said, **({"output": storable(output)} if output else {})})


def log(settings: Settings, environment: Environment, kind: str, said: dict[str, Any]) -> Head:
    """Log one record, wait until it is on the disk, and give the log's new head.

    `kind` is a word such as check, run, step or refusal; `said` is plain data without secrets and floats. Without a
    record nothing is allowed: raises AuditError when the log cannot be written, ConfigurationError when it would be
    inside of an inspected place.
    """
    path, home = log_of(settings.audit, environment, settings.environments), places.home()
    if path.startswith(f"{home}/") and not os.path.isdir(home):
        raise AuditError(f"the audit log {path} cannot be written: there is no {home}; set [audit] path")
    who = {"user": os.geteuid(), "host": os.uname().nodename, "version": VERSION, "run": _RUN}
    stood = _reflog(environment.repo)
    where = {"environment": environment.name, **({"reflog": stood} if stood else {})}
    return append(path, {"kind": kind, **where, **who, **said})


def _reflog(repo: str) -> dict[str, Any] | None:
    """Where the reflog of HEAD stands, for whoever asks later what was there before: its size, and its last line.

    None where there is none to be read. Nothing runs for that.
    """
    try:
        descriptor = os.open(os.path.join(_git_dir(repo), "logs/HEAD"), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None
        start = max(0, status.st_size - _LINE)
        lines = os.pread(descriptor, status.st_size - start, start).split(b"\n")
    except OSError:
        return None
    finally:
        os.close(descriptor)
    whole = len(lines) > 1 and not lines[-1] and (start == 0 or len(lines) > 2)
    return {"bytes": status.st_size, "last": digest(lines[-2])} if whole else None


def read_anchor(environment: Environment, *, timeout: float = 10.0) -> Head | None:
    """The record that was anchored last, None when none was. Raises CannotKnow when the ref holds something else."""
    from guardrails.facts.git.reader import Repository
    from guardrails.facts.past import log_anchor
    from guardrails.facts.programs.side_by_side import run_to_end

    return run_to_end(log_anchor.read_anchor(Repository(environment.repo, timeout=timeout)))[1]


def anchor(world: World, head: Head) -> None:
    """Anchor the head of the environment's log, as `log` gave it, in the environment's repository.

    An anchor of a later record stays, since somebody else was faster. Raises CannotKnow when it cannot be moved.
    """
    from guardrails.facts.git.reader import Repository
    from guardrails.facts.programs.side_by_side import run_to_end

    run_to_end(_require_not_moved(Repository(world.environment.repo, timeout=world.timeout), head))


def _git_dir(repo: str) -> str:
    """The git directory of a work tree: `.git`, or where the file of that name leads (gitrepository-layout(5))."""
    place = os.path.join(repo, ".git")
    if not os.path.isfile(place):
        return place
    with open(place, encoding="utf-8", errors="surrogateescape") as file:
        return os.path.join(repo, file.read(_LINE).removeprefix("gitdir: ").removesuffix("\n"))


async def _require_not_moved(git: Repository, head: Head) -> None:
    import json

    from guardrails.facts.past.log_anchor import ANCHOR, read_anchor

    said = json.dumps({"number": head.number, "digest": head.digest}, sort_keys=True).encode()
    made = (await git.run("hash-object", "-w", "--stdin", stdin=said, bare=True)).decode().strip()
    for _ in range(_TRIES):
        oid, before = await read_anchor(git)
        if before and before.number >= head.number:
            return
        done = await git.attempt("update-ref", "--no-deref", ANCHOR, made, oid or "0" * len(made), bare=True)
        if done.status == 0:
            return
    raise CannotKnow(f"{ANCHOR} of {git.path} cannot be moved; git update-ref says why")
