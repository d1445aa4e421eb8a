"""`guardrails waive` from outside, and what a check and a plan make of what it wrote."""

from __future__ import annotations

import json
import re
import time
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from guardrails.wording.shown_text import utc
from guardrails.wording.times import seconds_of
from plugin_packages import PREAMBLE, install, provide
from privileges import without_privileges
from progress import output_of
from worlds.small_world import SmallWorld, bare_world, outcomes, write

TIDY = """
class Tidy(Policy):
    id = "tidy"
    title = "Nothing lies about"
    source = "a test"

    found: tuple[str, ...] = ("a", "b")
    broken: bool = False

    def evaluate(self):
        if self.broken:
            raise CannotKnow("the lights are off")
        for one in self.found:
            yield Finding(observed=one, expected="nothing", remediation="tidy up", path=one)
"""
REASON = "the mover comes on Friday"


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    """One repository in which one soft-mandatory policy fails with two findings."""
    world = bare_world(tmp_path)
    install(tmp_path / "plugin", "tidy", PREAMBLE + TIDY + provide("Tidy"))
    world.python_path.append(str(tmp_path / "plugin"))
    world.configure(
        '[operations.move]\n[policies.tidy]\nwhen = ["standing", "move"]\nenforcement = { prod = "soft-mandatory" }\n'
    )
    return world


def file(world: SmallWorld) -> Path:
    return world.folder / "guardrails.waivers.toml"


def waive(world: SmallWorld, *more: str, **rest: Any) -> str:
    given = {"--env": "prod", "--reason": REASON, "--owner": "peter", "--expires": "7d"}
    named = {**given, **dict(zip(more[::2], more[1::2], strict=True))}
    words = [word for pair in named.items() for word in pair if word]
    done = world.run("waive", "tidy", *words, **rest)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def refused(world: SmallWorld, policy: str = "tidy", **changes: str) -> str:
    given = {"env": "prod", "reason": REASON, "owner": "peter", "expires": "7d", **changes}
    before = file(world).read_bytes() if file(world).exists() else None
    done = world.run("waive", policy, *(word for name, text in given.items() for word in (f"--{name}", text)))
    assert (done.returncode, done.stdout) == (2, ""), done
    assert (file(world).read_bytes() if file(world).exists() else None) == before
    [line] = done.stderr.splitlines()
    return line.removeprefix("guardrails: ")


def entry(**changes: str) -> str:
    now = time.time()
    given = {
        "policy": '"tidy"',
        "environment": '"prod"',
        "owner": '"peter"',
        "reason": f'"{REASON}"',
        "created": utc(now - 3600),
        "expires": utc(now + 7 * 86_400),
        **changes,
    }
    return "\n[[waiver]]\n" + "".join(f"{name} = {value}\n" for name, value in given.items() if value)


def test_what_is_waived_is_allowed_and_stays_visible(world: SmallWorld) -> None:
    assert world.check().returncode == 1
    what, when = waive(world).splitlines()
    assert what == f"waived tidy in prod: {file(world)}:1"
    assert re.fullmatch(r"expires \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d \([A-Z][a-z]+day, in 7 days\)", when)

    report = world.report()
    (result,) = report["results"]
    assert (report["verdict"], report["exit_code"], report["summary"]["waived"], report["summary"]["fail"]) == (
        "allow",
        0,
        1,
        0,
    )
    assert (result["outcome"], result["blocks"], len(result["findings"])) == ("fail", False, 2)
    assert all(finding["waived"] for finding in result["findings"])
    waiver = result["waiver"]
    assert (waiver["owner"], waiver["reason"], waiver["place"]) == ("peter", REASON, f"{file(world)}:1")
    assert seconds_of(waiver["expires"]) - seconds_of(waiver["created"]) == 7 * 86_400
    text = world.check().stdout
    assert "Nothing lies about  (waived)" in text
    assert f"by peter: {REASON}" in text
    assert text.count("observed") == 2
    assert text.splitlines()[-1] == "ALLOW  1 waived"
    assert world.check("--quiet").stdout == "ALLOW  1 waived\n"


def test_a_plan_counts_it_apart(world: SmallWorld) -> None:
    assert world.run("plan", "move").returncode == 1
    waive(world)
    done = world.run("plan", "move", "--format", "json")
    plan = json.loads(done.stdout)
    assert (done.returncode, plan["missing"], plan["waived"], plan["present"]) == (0, [], ["tidy"], [])
    assert [(one["policy"], one["state"], one["owner"]) for one in plan["waivers"]] == [("tidy", "used", "peter")]
    text = world.run("plan", "move").stdout
    assert f"by peter: {REASON}" in text
    assert world.check("--op", "move").returncode == 0
    late = world.run("plan", "move", "--at", utc(time.time() + 8 * 86_400))
    assert late.returncode == 1
    assert "ran out at" in late.stdout


def test_one_finding_alone(world: SmallWorld) -> None:
    first, second = (one["fingerprint"] for one in world.report()["results"][0]["findings"])
    waive(world, "--finding", first)
    report = world.report()
    (result,) = report["results"]
    assert (report["exit_code"], result["waiver"], result["waivers"][0]["state"]) == (1, None, "used")
    assert [one["waived"] for one in result["findings"]] == [True, False]
    waive(world, "--finding", second)
    assert world.check().returncode == 0


def test_what_cannot_be_decided_is_not_waived(world: SmallWorld) -> None:
    waive(world)
    world.configure("broken = true\n")
    report = world.report()
    assert (report["exit_code"], outcomes(report), report["summary"]["waived"]) == (2, {"tidy": "error"}, 0)


def test_one_that_covers_nothing_is_reported(world: SmallWorld) -> None:
    waive(world)
    world.configure("found = []\n")
    report = world.report()
    (result,) = report["results"]
    assert (report["exit_code"], result["waiver"], result["waivers"][0]["state"]) == (0, None, "unused")
    assert "unused: it covers no finding" in world.check().stdout


def test_a_hard_mandatory_policy_is_not_waived(world: SmallWorld) -> None:
    waive(world)
    text = world.configuration.read_text()
    world.configuration.write_text(text.replace("soft", "hard"))
    report = world.report()
    assert (report["exit_code"], report["results"][0]["waivers"][0]["state"]) == (1, "refused")
    assert "a hard-mandatory policy cannot be waived" in report["results"][0]["reason"]
    assert refused(world) == "tidy is hard-mandatory in prod and cannot be waived"


def test_time_passes(world: SmallWorld) -> None:
    waive(world, "--expires", "2h")
    now = time.time()

    def at(seconds: float) -> dict[str, Any]:
        return world.report("--at", utc(now + seconds))

    assert at(0)["exit_code"] == 0
    assert "which is soon" in at(0)["results"][0]["reason"]
    late, early = at(2 * 3600 + 1), at(-10)
    assert (late["exit_code"], early["exit_code"]) == (1, 1)
    assert "the waiver of peter" in late["results"][0]["reason"]
    assert "ran out at" in late["results"][0]["reason"]
    assert "written after the moment" in early["results"][0]["reason"]


def test_a_check_sees_a_changed_file_at_once(world: SmallWorld) -> None:
    assert world.check().returncode == 1
    write(file(world), entry())
    assert world.check().returncode == 0
    write(file(world), entry(created=utc(time.time() - 7200), expires=utc(time.time() - 3600)))
    assert world.check().returncode == 1
    write(file(world), entry(owner=""))
    assert world.check().returncode == 2
    file(world).unlink()
    assert world.check().returncode == 1


def test_one_without_a_creation_is_as_old_as_its_file(world: SmallWorld) -> None:
    write(file(world), entry(created=""))
    assert world.check().returncode == 0
    assert world.check("--at", utc(time.time() - 60)).returncode == 1
    assert world.check().returncode == 0


def test_an_unchanged_file_is_not_validated_again(world: SmallWorld) -> None:
    waive(world)
    folder = world.home / ".cache/guardrails/settings"

    def filed() -> list[int]:
        return sorted(path.stat().st_mtime_ns for path in folder.iterdir())

    assert world.check().returncode == 0
    before = filed()
    assert world.check().returncode == 0
    assert filed() == before


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"owner": ""}, "waiver[1].owner is missing"),
        ({"policy": '"*"'}, "unknown policy *; known: tidy"),
        ({"environment": '"*"'}, "unknown environment *; known: prod"),
        ({"expires": '"never"'}, "waiver[1].expires must be a time"),
        ({"expires": "9999-12-31T23:59:59Z"}, "more than 30 days"),
        ({"created": "2999-01-01T00:00:00Z", "expires": "2999-01-02T00:00:00Z"}, "not yet valid"),
        ({"created": "0001-01-01T00:00:00+14:00"}, "waiver[1].created must be a time"),
    ],
)
def test_what_cannot_be_meant_stops_everything(world: SmallWorld, changes: dict[str, str], problem: str) -> None:
    write(file(world), entry(**changes))
    for command in (("check",), ("plan", "move"), ("check", "--at", "2026-02-01T10:00:00Z"), ("check",)):
        done = world.run(*command)
        assert (done.returncode, done.stdout) == (2, "")
        [line] = done.stderr.splitlines()
        assert f"{file(world)}:" in line
        assert problem in line


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"policy": "tidi"}, "unknown policy tidi; did you mean tidy?"),
        ({"policy": "*"}, "unknown policy *; known: tidy"),
        ({"env": "stage"}, "unknown environment stage; known: prod"),
        ({"env": "*"}, "unknown environment *; known: prod"),
        ({"expires": "31d"}, "is more than 30 days ahead"),
        ({"expires": "2020-01-01T00:00:00Z"}, "is over already"),
        ({"expires": "2020-01-01"}, "is over already"),
        ({"expires": "never"}, "it means no time; write tomorrow, friday 18:00, in 3 days, 7d, 2026-12-01"),
        ({"expires": "4/5/2026"}, "it may mean several times"),
        ({"expires": "yesterday"}, "is over already"),
        ({"expires": "in 40 days"}, "is more than 30 days ahead"),
        ({"expires": "999999999w"}, "is more than 30 days ahead"),
        ({"expires": "0d"}, "is not a duration"),
        ({"reason": " "}, "argument --reason: it is empty"),
        ({"owner": ""}, "argument --owner: it is empty"),
        ({"finding": "*"}, "must be the fingerprint of a finding"),
    ],
)
def test_what_is_not_written(world: SmallWorld, changes: dict[str, str], problem: str) -> None:
    assert problem in refused(world, **changes)


def test_what_people_say_is_printed_as_it_was_understood(world: SmallWorld) -> None:
    day = datetime.now(UTC) + timedelta(days=5)
    said = waive(world, "--expires", f"{day:%A} 18:00", env={"TZ": "Asia/Kolkata"}).splitlines()[1]
    found = re.fullmatch(rf"expires (\S+T18:00:00\+05:30) \({day:%A}, in \d+ (days|hours)\)", said)
    assert found
    assert f"expires = {utc(seconds_of(found[1]))}\n" in file(world).read_text()
    assert world.check().returncode == 0


def test_what_is_printed_alone_is_the_entry(world: SmallWorld) -> None:
    done = world.run("waive", "tidy", "--env=prod", "--reason=why", "--expires=tomorrow", "--print")
    assert done.returncode == 0
    assert tomllib.loads(done.stdout)["waiver"][0]["policy"] == "tidy"
    assert re.fullmatch(r"guardrails: expires \S+ \([A-Z][a-z]+day, in (24|23) hours\)\n", done.stderr)


def test_an_advisory_policy_needs_no_waiver(world: SmallWorld) -> None:
    world.configuration.write_text(world.configuration.read_text().replace("soft-mandatory", "advisory"))
    assert "is advisory in prod and blocks nothing" in refused(world)


def test_without_a_configuration_there_is_no_place_for_it(world: SmallWorld) -> None:
    world.configuration.unlink()
    assert refused(world).startswith("there is no guardrails.toml")


def test_what_is_there_stays_as_it_is(world: SmallWorld) -> None:
    first = f"# kept by hand\r\n{entry()}# no end of line"
    write(file(world), first)
    file(world).chmod(0o640)
    before = file(world).read_bytes()
    waive(world, "--reason", 'say "no", \\ and\nno\x1b[2J more', "--owner", "Zoë")
    after = file(world).read_bytes()
    assert after.startswith(before)
    assert file(world).stat().st_mode & 0o777 == 0o640
    assert [path.name for path in world.folder.glob("guardrails.waivers*")] == ["guardrails.waivers.toml"]
    assert b"\x1b" not in after[len(before) :]
    assert world.report()["results"][0]["waivers"][1]["reason"] == 'say "no", \\ and\nno\x1b[2J more'
    assert "\x1b" not in world.check().stdout


def test_a_link_stays_one(world: SmallWorld) -> None:
    target = write(world.folder / "kept/w.toml", entry())
    file(world).symlink_to(target)
    waive(world)
    assert file(world).is_symlink()
    assert target.read_text().count("[[waiver]]") == 2


def test_a_broken_file_is_left_alone(world: SmallWorld) -> None:
    write(file(world), entry(owner=""))
    assert "waiver[1].owner is missing" in refused(world)
    write(file(world), "waiver = []\n")
    assert "not valid TOML" in refused(world)


def test_print_writes_nothing(world: SmallWorld) -> None:
    done = world.run("waive", "tidy", "--env", "prod", "--reason", REASON, "--expires", "7d", "--print")
    assert done.returncode == 0, done
    assert not file(world).exists()
    assert 'owner = "' in done.stdout
    write(file(world), done.stdout)
    assert world.check().returncode == 0


def test_writers_at_once_lose_nothing(world: SmallWorld) -> None:
    words = ("waive", "tidy", "--env", "prod", "--reason", REASON, "--expires", "7d")
    running = [world.start(*words) for _ in range(6)]
    codes = []
    for process in running:
        with process:
            output_of(process)
            codes.append(process.returncode)
    assert codes == [0] * 6
    assert file(world).read_text().count("[[waiver]]") == 6
    assert world.check().returncode == 0


def test_where_nobody_may_write(world: SmallWorld) -> None:
    world.check()
    world.folder.chmod(0o500)
    try:
        asked = ("waive", "tidy", "--env", "prod", "--reason", REASON, "--expires", "7d")
        done = world.run(*asked, before=without_privileges())
    finally:
        world.folder.chmod(0o700)
    assert done.returncode == 2


def test_no_variable_stands_for_what_may_pass(world: SmallWorld) -> None:
    done = world.run("waive", "tidy", "--reason", REASON, "--expires", "7d", env={"GUARDRAILS_ENV": "prod"})
    assert (done.returncode, file(world).exists()) == (2, False)
