"""`--config-ref`: a change is judged by the rules that it found, and may not loosen them."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty_repository import git, snapshot
from guardrails.wording.shown_text import utc
from plugin_packages import PREAMBLE, install, provide
from worlds.small_world import SmallWorld, bare_world, outcomes, write

TIDY = """
class Tidy(Policy):
    id = "tidy"
    title = "Nothing lies about"
    source = "a test"
    stricter = {"allowed": "fewer", "wanted": "more", "age": "shorter", "exact": "true"}

    found: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ("a",)
    wanted: tuple[str, ...] = ("a",)
    age: str = "7d"
    exact: bool = False

    def evaluate(self):
        for one in self.found:
            yield Finding(observed=one, expected="nothing", remediation="tidy up", path=one)
"""
BASE = """\
[policies.tidy]
when = ["standing", "move", "after move"]
enforcement = "soft-mandatory"
"""
CONFIGURATION = """\
extends = ["rules/base.toml"]

[environments.prod]
repo = "."
branch = "main"

[environments.dev]
repo = "../dev"

[operations.move]
environment = "prod"
moves_head_to = "candidate"
steps = ["true"]

[policies.tidy]
allowed = ["b", "c"]
age = "2d"

[trust]
allowed_signers = "signers"
revoked = "revoked"
bind_host = true

[operations.take]
environment = "prod"
moves_head_to = "upstream"
rescue = true
carry_to = "prod"

[operations.idle]

[operations.back]
moves_head_to = "previous"
"""
KEY = "peter@example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJQnzW0sPbXlLUbDaB2OqPqoUTEjWmUoNbJHdyWDsyOg\n"
REVOKED = "# those that leaked\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJQnzW0sPbXlLUbDaB2OqPqoUTEjWmUoNbJHdyWDsyOx\n"
REVOKED_AT = 21  # the line of it


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    """One repository that holds its own configuration, on a branch that starts at the trusted main."""
    world = bare_world(tmp_path)
    world.configuration.unlink()
    install(tmp_path / "plugin", "tidy", PREAMBLE + TIDY + provide("Tidy"))
    world.python_path.append(str(tmp_path / "plugin"))
    world.configuration = write(world.prod / "guardrails.toml", CONFIGURATION)
    write(world.prod / "rules/base.toml", BASE)
    write(world.prod / "signers", KEY)
    write(world.prod / "revoked", REVOKED)
    commit(world)
    git(world.prod, "checkout", "-q", "-b", "change")
    return world


def commit(world: SmallWorld) -> str:
    git(world.prod, "add", "-A")
    git(world.prod, "commit", "-qm", "A change", "--allow-empty")
    return git(world.prod, "rev-parse", "HEAD")


def check(world: SmallWorld, *words: str, ref: str = "main", **rest: Any) -> dict[str, Any]:
    return world.report("--env", "prod", "--config-ref", ref, *words, **{"cwd": world.prod, **rest})


def findings(report: dict[str, Any]) -> list[tuple[str, int | None, str]]:
    """What `tightening-only` found: file, line, and what it saw."""
    [result] = [one for one in report["results"] if one["policy"] == "tightening-only"]
    assert result["enforcement"] == "hard-mandatory"
    return [(one["location"]["path"], one["location"]["line"], one["observed"]) for one in result["findings"]]


def replace(world: SmallWorld, old: str, new: str, name: str = "guardrails.toml") -> None:
    path = world.prod / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_change_that_changes_no_rule_is_judged_by_the_ref(world: SmallWorld) -> None:
    write(world.prod / "README.md", "Hello, world\n")
    commit(world)
    before = snapshot(world.prod)
    report = check(world)
    assert outcomes(report) == {"tidy": "pass", "tightening-only": "pass"}
    assert report["exit_code"] == 0
    assert report["policy_set"]["source"] == f"ref:{git(world.prod, 'rev-parse', 'main')}"
    assert snapshot(world.prod) == before


def test_what_is_always_on_is_no_answer_for_rules_that_nobody_listed(world: SmallWorld) -> None:
    report = check(world, "--op", "back")
    assert outcomes(report) == {"tightening-only": "pass"}
    assert (report["verdict"], report["exit_code"]) == ("deny", 2)
    assert report["errors"] == [{"message": "no policy applies to prod at this moment: back"}]
    done = world.run("run", "idle", "--env", "prod", "--config-ref", "main", "--", "touch", "ran", cwd=world.prod)
    assert (done.returncode, "no policy applies to prod at this moment: idle" in done.stderr) == (125, True)
    assert not (world.prod / "ran").exists()


def gone(world: SmallWorld) -> None:
    (world.prod / "guardrails.toml").unlink()


def policy_removed(world: SmallWorld) -> None:
    replace(world, '[policies.tidy]\nallowed = ["b", "c"]\nage = "2d"\n', "")
    write(world.prod / "rules/base.toml", "")


def waived(world: SmallWorld) -> None:
    now = time.time()
    text = "\n[[waiver]]\n" + "".join(
        f'{name} = "{value}"\n'
        for name, value in {
            "policy": "tidy",
            "environment": "prod",
            "owner": "mallory",
            "reason": "because",
            "created": utc(now - 60),
            "expires": utc(now + 3600),
        }.items()
    )
    write(world.prod / "guardrails.waivers.toml", text)


LOOSER: dict[str, tuple[Callable[[SmallWorld], object], str, int | None, str]] = {
    "the configuration removed": (gone, "guardrails.toml", None, "has no guardrails.toml"),
    "a policy removed": (
        policy_removed,
        "guardrails.toml",
        None,
        "the policy tidy is removed",
    ),
    "a policy removed for an environment": (
        lambda world: replace(world, "[policies.tidy]\n", '[policies.tidy]\nenvironments = ["dev"]\n'),
        "rules/base.toml",
        2,
        "tidy in prod is no longer asked: standing, move, after move",
    ),
    "enforcement lowered": (
        lambda world: replace(world, "[policies.tidy]\n", '[policies.tidy]\nenforcement = "advisory"\n'),
        "guardrails.toml",
        16,
        "tidy is advisory in prod",
    ),
    "enforcement lowered in a layer": (
        lambda world: replace(world, "soft-mandatory", "advisory", "rules/base.toml"),
        "rules/base.toml",
        3,
        "tidy is advisory in prod",
    ),
    "a moment dropped": (
        lambda world: replace(world, ', "after move"', "", "rules/base.toml"),
        "rules/base.toml",
        2,
        "tidy in prod is no longer asked: after move",
    ),
    "more allowed": (
        lambda world: replace(world, '["b", "c"]', '["b", "c", "d"]'),
        "guardrails.toml",
        16,
        'tidy.allowed = ["b", "c", "d"]',
    ),
    "a longer time": (lambda world: replace(world, '"2d"', '"3d"'), "guardrails.toml", 17, 'tidy.age = "3d"'),
    "an option nobody knows": (
        lambda world: replace(world, 'age = "2d"\n', 'age = "2d"\nfound = ["x"]\n'),
        "guardrails.toml",
        18,
        'tidy.found = ["x"]',
    ),
    "another folder": (lambda world: replace(world, 'repo = "."', 'repo = ".."'), "guardrails.toml", 4, "prod.repo is"),
    "an environment removed": (
        lambda world: replace(world, '[environments.dev]\nrepo = "../dev"\n', ""),
        "guardrails.toml",
        None,
        "environments.dev is removed",
    ),
    "another end of an operation": (
        lambda world: replace(world, '"candidate"', '"upstream"'),
        "guardrails.toml",
        12,
        'operations.move.moves_head_to is "upstream"',
    ),
    "work that is no longer saved": (
        lambda world: replace(world, 'rescue = true\ncarry_to = "prod"\n', ""),
        "guardrails.toml",
        24,
        "operations.take.rescue is false",
    ),
    "work that is no longer carried": (
        lambda world: replace(world, 'carry_to = "prod"\n', ""),
        "guardrails.toml",
        24,
        "operations.take.carry_to is nothing",
    ),
    "nobody need sign": (
        lambda world: replace(world, 'allowed_signers = "signers"\nrevoked = "revoked"\n', ""),
        "guardrails.toml",
        None,
        "nobody need sign any more",
    ),
    "one more signer": (
        lambda world: write(world.prod / "signers", KEY + KEY.replace("peter", "mallory").replace("Wds", "Wdt")),
        "signers",
        None,
        "1 line that lets somebody speak is new",
    ),
    "a key that may speak again": (
        lambda world: write(world.prod / "revoked", "# nobody\n"),
        "guardrails.toml",
        REVOKED_AT,
        "not every revoked key stays revoked",
    ),
    "a list that cannot be compared": (
        lambda world: write(world.prod / "revoked", "SSHKRL\n\0" + REVOKED),
        "guardrails.toml",
        REVOKED_AT,
        "not every revoked key stays revoked",
    ),
    "nobody is revoked": (
        lambda world: replace(world, 'revoked = "revoked"\n', ""),
        "guardrails.toml",
        None,
        "nobody is revoked any more",
    ),
    "verdicts that last": (
        lambda world: replace(world, "bind_host = true", 'bind_host = true\nverdict_max_age = "16m"'),
        "guardrails.toml",
        REVOKED_AT + 2,
        'trust.verdict_max_age = "16m"',
    ),
    "verdicts for any host": (
        lambda world: replace(world, "bind_host = true", "bind_host = false"),
        "guardrails.toml",
        REVOKED_AT + 1,
        "a verdict counts on any host",
    ),
    "a waiver": (waived, "guardrails.waivers.toml", 2, "a waiver of tidy in prod is added, by mallory"),
}


@pytest.mark.parametrize("what", LOOSER)
@pytest.mark.sample(2)
def test_what_loosens_is_found_and_the_file_named(world: SmallWorld, what: str) -> None:
    change, path, line, observed = LOOSER[what]
    change(world)
    for committed in (False, True):
        if committed:
            commit(world)
        report = check(world)
        assert report["exit_code"] == 1
        found = findings(report)
        assert any(one[:2] == (path, line) and observed in one[2] for one in found), found


@pytest.mark.parametrize(
    "change",
    [
        lambda world: replace(world, '["b", "c"]', '["c"]'),
        lambda world: replace(world, '"2d"', '"36h"'),
        lambda world: replace(world, 'age = "2d"\n', 'age = "2d"\nexact = true\nwanted = ["a", "b"]\n'),
        lambda world: replace(world, "soft-mandatory", "hard-mandatory", "rules/base.toml"),
        lambda world: replace(world, "[trust]", '[policies.more]\nuse = "tidy"\n\n[trust]'),
        lambda world: replace(world, 'steps = ["true"]', 'steps = ["true", "true"]'),
        lambda world: write(world.prod / "signers", "# nobody\n"),
        lambda world: write(world.prod / "revoked", KEY.removeprefix("peter@example.org ") + REVOKED),
        lambda world: replace(world, "bind_host = true", 'bind_host = true\nverdict_max_age = "14m"'),
        lambda world: replace(world, 'repo = "../dev"', 'repo = "../dev"\nbranch = "main"'),
        lambda world: replace(world, '"previous"', '"previous"\nrescue = true\ncarry_to = "prod"'),
    ],
)
def test_what_tightens_is_free(world: SmallWorld, change: Callable[[SmallWorld], object]) -> None:
    change(world)
    commit(world)
    assert findings(check(world)) == []


def test_a_removed_waiver_is_free_and_a_trusted_one_counts(world: SmallWorld) -> None:
    replace(world, 'age = "2d"\n', 'age = "2d"\nfound = ["x"]\n')
    waived(world)
    git(world.prod, "checkout", "-q", "main")
    commit(world)
    git(world.prod, "checkout", "-q", "-B", "change")
    report = check(world)
    assert (report["exit_code"], report["summary"]["waived"]) == (0, 1)
    (world.prod / "guardrails.waivers.toml").unlink()
    report = check(world)
    assert (report["exit_code"], report["summary"]["waived"], findings(report)) == (0, 1, [])


def test_a_layer_from_elsewhere_is_told_where_it_is_brought_in(world: SmallWorld, tmp_path: Path) -> None:
    other = write(tmp_path / "loose.toml", '[policies.tidy]\nwhen = ["standing", "move"]\nenforcement = "advisory"\n')
    replace(world, '"rules/base.toml"', f'"{other}"')
    found = findings(check(world))
    assert {one[:2] for one in found} == {("guardrails.toml", None)}
    assert f"tidy is advisory in prod ({other})" in [one[2] for one in found]


def test_what_to_do_undoes_it(world: SmallWorld) -> None:
    replace(world, '"2d"', '"3d"')
    replace(world, "soft-mandatory", "advisory", "rules/base.toml")
    waived(world)
    [result] = [one for one in check(world)["results"] if one["policy"] == "tightening-only"]
    for finding in result["findings"]:
        subprocess.run(["sh", "-euc", finding["remediation"]], cwd=world.prod, check=True, capture_output=True)
    assert findings(check(world)) == []


def test_the_loosened_rules_do_not_judge(world: SmallWorld) -> None:
    replace(world, 'age = "2d"\n', 'age = "2d"\nfound = ["x"]\n')
    git(world.prod, "checkout", "-q", "main")
    commit(world)
    git(world.prod, "checkout", "-q", "-B", "change")
    waived(world)
    replace(world, 'found = ["x"]\n', "")
    commit(world)
    assert outcomes(check(world)) == {"tidy": "fail", "tightening-only": "fail"}


def test_a_change_hidden_from_the_work_tree_or_in_the_candidate_is_found(world: SmallWorld) -> None:
    replace(world, '"2d"', '"3d"')
    loose = commit(world)
    replace(world, '"3d"', '"2d"')
    assert [one[2] for one in findings(check(world))] == ['tidy.age = "3d"']
    git(world.prod, "checkout", "-q", "-f", "main")
    assert findings(check(world)) == []
    assert [one[2] for one in findings(check(world, "--op", "move", "--candidate", loose))] == ['tidy.age = "3d"']


@pytest.mark.parametrize("broken", ["[policies.unknown]\n", "[[", "extends = ['/nowhere.toml']\n"])
def test_rules_that_cannot_be_read_leave_it_undecided(world: SmallWorld, broken: str) -> None:
    write(world.prod / "guardrails.toml", broken)
    report = check(world)
    assert (report["exit_code"], outcomes(report)["tightening-only"]) == (2, "error")


def linked(path: Path) -> None:
    """The same bytes, kept outside of the repository."""
    elsewhere = path.parent.parent / f"{path.name}.elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


def dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def circular(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("place", [linked, dangling, circular, fifo, folder])
@pytest.mark.parametrize("name", ["guardrails.toml", "rules/base.toml", "signers", "guardrails.waivers.toml"])
def test_what_is_put_in_the_place_of_a_file_takes_no_policy_away(
    world: SmallWorld, name: str, place: Callable[[Path], None]
) -> None:
    (world.prod / name).touch()
    place(world.prod / name)
    report = check(world)
    assert outcomes(report) == {"tidy": "pass", "tightening-only": "error"}
    assert (report["exit_code"], report["verdict"]) == (2, "deny")
    [result] = [one for one in report["results"] if one["policy"] == "tightening-only"]
    assert name in result["reason"]


@pytest.mark.parametrize("place", [linked, dangling, circular])
def test_a_committed_link_takes_no_policy_away(world: SmallWorld, place: Callable[[Path], None]) -> None:
    path = world.prod / "guardrails.toml"
    content = path.read_text()
    place(path)
    commit(world)
    path.unlink()
    path.write_text(content)
    assert outcomes(check(world)) == {"tidy": "pass", "tightening-only": "error"}


def test_it_is_always_on_and_cannot_be_left_out(world: SmallWorld) -> None:
    replace(world, "[trust]", '[policies.tightening-only]\nenforcement = "advisory"\n\n[trust]')
    git(world.prod, "checkout", "-q", "main")
    commit(world)
    git(world.prod, "checkout", "-q", "-B", "change")
    replace(world, '"2d"', '"3d"')
    for words in ((), ("--skip", "tightening-only"), ("--policy", "tidy")):
        assert len(findings(check(world, *words))) == 1
    listed = world.report("--env", "prod", cwd=world.prod)
    assert outcomes(listed) == {"tidy": "pass", "tightening-only": "skip"}
    plan = world.run("plan", "move", "--env", "prod", "--config-ref", "main", "--format", "json", cwd=world.prod)
    assert (plan.returncode, "tightening-only" in json.loads(plan.stdout)["missing"]) == (1, True)


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    assert (done.returncode, done.stdout) == (2, ""), done
    [line] = done.stderr.splitlines()
    return line.removeprefix("guardrails: ")


@pytest.mark.parametrize("ref", ["nowhere", "", "-x", "--help", "main:guardrails.toml", "a b", "1" * 40])
def test_a_ref_that_is_no_commit(world: SmallWorld, ref: str) -> None:
    refusal(world.check("--env", "prod", f"--config-ref={ref}", cwd=world.prod))


def test_where_no_configuration_can_be_had(world: SmallWorld) -> None:
    assert "is in no repository" in refusal(world.check("--config-ref", "main"))
    first = git(world.prod, "rev-list", "--max-parents=0", "main")
    assert "has no guardrails.toml" in refusal(world.check("--config-ref", first, cwd=world.prod))
    both = world.check("--config-ref", "main", "--config", "guardrails.toml", cwd=world.prod)
    assert "not allowed with" in refusal(both)


def test_a_variable_names_neither_the_ref_nor_another_configuration(world: SmallWorld, tmp_path: Path) -> None:
    other = write(tmp_path / "other.toml", '[environments.prod]\nrepo = "."\n')
    report = check(world, env={"GUARDRAILS_CONFIG": str(other)})
    assert outcomes(report) == {"tidy": "pass", "tightening-only": "pass"}
    plain = world.report("--env", "prod", cwd=world.prod, env={"GUARDRAILS_CONFIG_REF": "main"})
    assert outcomes(plain) == {"tidy": "pass"}


def test_links_in_the_ref_are_not_followed(world: SmallWorld) -> None:
    git(world.prod, "checkout", "-q", "main")
    path = world.prod / "guardrails.toml"
    write(world.prod / "real.toml", path.read_text())
    path.unlink()
    path.symlink_to("real.toml")
    commit(world)
    assert "is not a file" in refusal(world.check("--env", "prod", "--config-ref", "main", cwd=world.prod))


def test_from_a_folder_below(world: SmallWorld) -> None:
    replace(world, '"2d"', '"3d"')
    (world.prod / "rules/deep").mkdir()
    assert len(findings(check(world, cwd=world.prod / "rules/deep"))) == 1
