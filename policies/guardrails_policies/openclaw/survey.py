"""The survey of `guardrails init`: what there is of OpenClaw on this machine, as lines and as a first configuration.

Text from the world goes into TOML as a quoted value or, in comments, escaped and without secrets.
"""

from __future__ import annotations

import os
import time
from collections import Counter

from guardrails import Environment, World
from guardrails.config.written import toml
from guardrails.engine.gather import gather_fact
from guardrails.plugins.survey import Found, Survey
from guardrails.wording.shown_text import redact, visible
from guardrails_policies.openclaw.cron.schedules import is_moment, written_schedule
from guardrails_policies.openclaw.machine import Machine
from guardrails_policies.openclaw.roles import Choice, Role, roles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from guardrails_policies.openclaw.cron.jobs import CronJob
    from guardrails_policies.openclaw.machine import StateFolder

JOBS_WRITTEN = 500
LEFT_OUT_SHOWN = 20
NAME_LIMIT = 200  # characters

_PROFILE = "openclaw"
_TITLES = {"prod": "Production", "dev": "Development"}


def surveys() -> Sequence[Survey]:
    """The one survey of this package."""
    checkouts, states = "checkouts (openclaw*, moltbot*, clawdbot*, moldbot*)", "state directories (.openclaw* …)"
    return [Survey(f"OpenClaw's {checkouts}, {states} and the services that start its gateway", look)]


def look(home: str) -> Found | None:
    """Look around in a home directory. Raises CannotKnow when it cannot be read."""
    none = Environment(name="none", repo=os.devnull)  # which checkouts there are is the question
    world = World(none, {"none": none}, at=time.time(), home=home)
    machine = gather_fact(Machine, world)
    return survey_machine(machine) if machine.repositories or machine.states or machine.gateways else None


def survey_machine(machine: Machine) -> Found:
    """What was found, in words and as tables."""
    prod, dev = roles(machine)
    tables = [*_environment(prod, machine), "", *_environment(dev, machine), "", *_jobs(prod, machine)]
    checkouts = (prod.repository.path,) if prod.repository.path else prod.repository.candidates
    return Found(tuple(_lines(machine, prod, dev)), (_PROFILE,), "".join(f"{line}\n" for line in tables), checkouts)


def _lines(machine: Machine, *found: Role) -> Iterator[str]:
    """Each thing with what is known of it, and the environment that it was taken for."""
    taken = {path: role.name for role in found for path in (role.repository.path, role.state_dir.path) if path}
    rows = {
        "checkouts": [
            (one.path, one.trouble or f"on {one.branch or 'no branch'}, updates from {one.upstream or 'nowhere'}")
            for one in machine.repositories
        ],
        "state directories": [(one.path, one.trouble or f"{len(one.jobs)} cron jobs") for one in machine.states],
    }
    for title, members in rows.items():
        yield f"{title}:" if members else f"{title}: none"
        for path, known in members:
            yield f"  {_show(_short(path, machine))}: {_show(known)}{_taken(taken.get(path))}"
    yield "services:" if machine.gateways else "services: none"
    for gateway in machine.gateways:
        starts, state = (_show(_short(path, machine)) for path in (gateway.repo, gateway.state_dir))
        yield f"  {_show(gateway.name)}: starts {starts} with {state}"
    for file, reason in machine.passed_over:
        yield f"  {_show(_short(file, machine))}: {_show(reason)}"


def _taken(role: str | None) -> str:
    return f" → {role}" if role else ""


def _environment(role: Role, machine: Machine) -> Iterator[str]:
    yield f"[environments.{role.name}]"
    yield from _choice(role, "repo", role.repository, machine)
    checkout = next((one for one in machine.repositories if one.path == role.repository.path), None)
    if role.name == "prod" and checkout:
        yield from _value("branch", checkout.branch, "no branch is checked out, so the profile's holds")
        yield from _value("upstream", checkout.upstream, "no remote tells where updates come from; the profile's holds")
    yield from _choice(role, "state_dir", role.state_dir, machine)
    services = [gateway.name for gateway in role.gateways]
    yield from _value("service", services[0] if services else None, "none was found that starts its gateway")
    for other in services[1:]:
        yield f"# this service starts its gateway too, although one should: {_show(other)}"


def _choice(role: Role, key: str, choice: Choice, machine: Machine) -> Iterator[str]:
    """A line with a path and why it is the one; or comments with those that it may be."""
    what = {"repo": "checkout", "state_dir": "state directory"}[key]
    if choice.path is not None:
        yield f"# {_TITLES[role.name]}'s {what}: {_show(choice.because)}."
        yield from _value(key, _short(choice.path, machine), "")
    elif choice.candidates:
        owner = _TITLES[role.name].lower()
        yield f"# UNCLEAR which {what} is {owner}'s: uncomment one. Until then the profile's holds."
        for path in choice.candidates:
            yield from (f"# {line.removeprefix('# ')}" for line in _value(key, _short(path, machine), ""))
    else:
        yield f"# No {what} was found for {_TITLES[role.name].lower()}; the profile's holds."


def _value(key: str, text: str | None, without: str) -> Iterator[str]:
    """A line of TOML, or a comment that says why there is none."""
    if text is None:
        yield f"# no {key}: {without}"
    elif not _writable(text):
        yield f"# no {key}: this cannot be written as text, or looks like a secret: {_show(text)}"
    else:
        yield f"{key} = {toml(text)}"


def _jobs(prod: Role, machine: Machine) -> Iterator[str]:
    """The expected cron jobs: those of production's state directory as they are today."""
    yield "[policies.expected-cron-jobs]"
    state = next((one for one in machine.states if one.path == prod.state_dir.path), None)
    if state is None or state.trouble or not state.jobs:
        yield f"# {_show(_why_no_jobs(state))}; list here what must run, such as"
        yield '# jobs = [{ name = "daily digest", schedule = "0 7 * * *", zone = "UTC" }]'
        return
    names = Counter(job.name for job in state.jobs)
    reasons = [(job, _left_out(job, names[job.name])) for job in state.jobs]
    expected = [job for job, reason in reasons if not reason]
    yield f"# The jobs in {_show(_short(state.path, machine))} today."
    if expected:
        yield "jobs = ["
        yield from (f"    {toml(_job(job))}," for job in expected[:JOBS_WRITTEN])
        yield "]"
    left_out = [f"{_show(job.name[:NAME_LIMIT])}: {reason}" for job, reason in reasons if reason]
    left_out += ["there are too many" for _ in expected[JOBS_WRITTEN : JOBS_WRITTEN + 1]]
    yield from (f"# left out: {line}" for line in left_out[:LEFT_OUT_SHOWN])
    if len(left_out) > LEFT_OUT_SHOWN:
        yield f"# left out: {len(left_out) - LEFT_OUT_SHOWN} more"


def _why_no_jobs(state: StateFolder | None) -> str:
    if state is None:
        return "There is no state directory to take the expected jobs from"
    return f"There are no cron jobs to take ({state.trouble})" if state.trouble else "There are no cron jobs today"


def _left_out(job: CronJob, namesakes: int) -> str:
    """Why a job cannot be expected by name; empty when it can."""
    if job.managed:
        return "OpenClaw, or a plugin, adds it by itself"
    if is_moment(job.schedule):
        return "it runs only once"
    if namesakes > 1:
        return f"{namesakes} jobs have this name"
    if not job.name.strip() or len(job.name) > NAME_LIMIT or not _writable(job.name):
        return "its name is no plain text, or looks like a secret"
    return ""


def _job(job: CronJob) -> dict[str, object]:
    """What must hold of a job. A schedule without times, such as the end of a command, is not compared."""
    wanted: dict[str, object] = {"name": job.name}
    try:
        timed = written_schedule(job.schedule) == job.schedule
    except ValueError:
        timed = False
    if timed:
        wanted["schedule"] = job.schedule
        if job.zone and _writable(job.zone):
            wanted["zone"] = job.zone
    return wanted | {"enabled": job.enabled is not False}


def _writable(text: str) -> bool:
    """Whether a text may stand in the file: all of it is UTF-8, and none looks like a secret."""
    return redact(text) == text and text.encode("utf-8", "replace").decode() == text


def _short(path: str, machine: Machine) -> str:
    """A path as people write it: below `~` where it is in the home directory."""
    return f"~{path[len(machine.home) :]}" if path.startswith(f"{machine.home}/") else path


def _show(text: str) -> str:
    return visible(redact(text))
