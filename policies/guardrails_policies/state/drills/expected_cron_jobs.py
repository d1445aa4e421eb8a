"""How expected-cron-jobs is proven."""

from __future__ import annotations

import json
import os

from guardrails import Drill
from guardrails_policies.openclaw.demo.tools import STATES, set_option, write
from guardrails_policies.stages import OPENCLAW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guardrails.plugins.stages import Play

_POLICY = "expected-cron-jobs"
_MOMENTS = ("standing", "verify")
_BACKUP = '{{ name = "backup", source = "{source}", command = "backup", schedule = "0 3 * * *" }}'


def store(folder: str) -> str:
    """The file with prod's jobs."""
    return os.path.join(folder, STATES[0], "cron/jobs.json")


def change_jobs(folder: str, *more: dict[str, Any], **fields: object) -> None:
    """Change fields of the first job, and add more jobs."""
    with open(store(folder), encoding="utf-8") as file:
        document = json.load(file)
    document["jobs"][0].update(fields)
    document["jobs"] += [{**document["jobs"][0], "state": {}, **job} for job in more]
    write(store(folder), json.dumps(document))


def lose_jobs(folder: str) -> None:
    """Leave a store without jobs."""
    write(store(folder), '{"version": 1, "jobs": []}')


def _disable(folder: str) -> None:
    change_jobs(folder, enabled=False)


def _move(folder: str) -> None:
    change_jobs(folder, schedule={"kind": "cron", "expr": "0 0 1 1 *", "tz": "UTC"})


def _add_another(folder: str) -> None:
    change_jobs(folder, {"id": "00000000-0000-4000-8000-000000000009", "name": "another one"})


def _add_another_where_exact(folder: str) -> None:
    _add_another(folder)
    set_option(folder, _POLICY, "exact = true")


def _expect_backup(folder: str, source: str) -> str:
    """Expect a job that cron starts, in an image that has a cron, and give the image's folder."""
    path = os.path.join(folder, "guardrails.toml")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    write(path, text.replace("jobs = [\n", f"jobs = [\n    {_BACKUP.format(source=source)},\n"))
    image = os.path.join(folder, "image")
    set_option(folder, _POLICY, f'root = "{image}"')
    write(os.path.join(image, "usr/sbin/cron"), "#!/bin/sh\n", mode=0o755)
    return image


def _copy_crontab(folder: str, line: str) -> None:
    _expect_backup(folder, "crontab")
    copy = os.path.join(folder, "home/crontab")
    set_option(folder, _POLICY, f'crontab = "{copy}"')
    write(copy, line)


def _have_another_line(folder: str) -> None:
    _copy_crontab(folder, "0 4 * * * backup\n")


def _have_a_line(folder: str) -> None:
    _copy_crontab(folder, "0 3 * * * backup\n")


def _have_a_line_in_the_image(folder: str) -> None:
    write(os.path.join(_expect_backup(folder, "cron.d"), "etc/crontab"), "0 3 * * * root backup\n")


def _drill(name: str, title: str, play: Play, *, harmless: bool = False) -> Drill:
    return Drill(_POLICY, _MOMENTS, name, title, play, harmless=harmless, stages=(OPENCLAW,))


LOST = _drill("lost-jobs", "The cron jobs are gone", lose_jobs)
DRILLS = (
    LOST,
    _drill("a-disabled-job", "A job is disabled", _disable),
    _drill("another-time", "A job is moved to another time", _move),
    _drill("another-job", "There is one job more", _add_another, harmless=True),
    _drill(
        "another-job-where-exact", "There is one job more, and only the listed ones may be", _add_another_where_exact
    ),
    _drill("a-line-of-another-time", "The user's crontab starts a job at another time", _have_another_line),
    _drill("a-line", "The user's crontab starts a job as expected", _have_a_line, harmless=True),
    _drill("a-line-of-an-image", "The crontab of an image starts a job", _have_a_line_in_the_image, harmless=True),
)
