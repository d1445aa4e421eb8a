"""An empty value never lets a policy pass without a word: every option of every policy, by the real `guardrails check`.

The options come from the schema, so a new one needs what its policy says of it in `empty`, and for the play a table in
which it is empty. Cases that are not refused are instances in one configuration, and one check judges all of a moment.
"""

from __future__ import annotations

import json
import time
from functools import cache
from typing import Any

import pytest

from dirty.dirty_repository import git
from guardrails.config.empty_values import EmptyValue, empty_values
from guardrails.config.written import toml
from guardrails.plugins import loader
from worlds.small_world import RELEASE, ROOT, SmallWorld, small_world, write

POLICIES = loader.load().policies
CASES = [(name, one) for name, policy in sorted(POLICIES.items()) for one in empty_values(policy)]
NEITHER = "Mon" if time.gmtime().tm_wday in (2, 3, 4) else "Thu"  # a day that is not today, and not next to it
FAR = [f"{(time.gmtime().tm_hour + 12) % 24:02}:{minute}" for minute in ("10", "11")]
WINDOW = {"days": [NEITHER.lower()], "from": FAR[0], "to": FAR[1], "zone": "UTC"}
FREEZE = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "00:00", "to": "24:00", "zone": "UTC"}
SETTINGS = "{state_dir}/openclaw.json"

# The options around the empty one, with which a policy fails when it judges.
AROUND: dict[str, dict[str, Any]] = {
    "environment-variable": {"name": "NOT_THERE"},
    "expected-cron-jobs.jobs": {},
    "expected-cron-jobs.crontab": {"jobs": [{"name": "none", "source": "crontab", "command": "none"}]},
    "expected-cron-jobs": {"jobs": [{"name": "none"}]},
    "fresh-file": {},
    "healthy-command": {"command": "false"},
    "healthy-command.json.*": {"command": """printf '{"a": "full"}'""", "json": {"a": "full"}},
    "reachable-page": {"url": "http://127.0.0.1:9/", "within": "1s"},
    "reachable-page.url": {},
    "release-window.windows": {"freezes": [FREEZE]},
    "release-window.freezes": {"windows": [WINDOW]},
    "required-config": {"file": SETTINGS, "values": {"a": "full"}, "present": ["b"]},
    "required-config.file": {},
    "required-doc-links": {"pages": ["none.md"]},
    "required-signoffs": {"roles": {"nobody": ["nobody@example.org"]}},
    "required-signoffs.roles.*": {"roles": {"architect-1": ["nobody@example.org"]}},
    "resolvable-doc-links": {"document": "none.md"},
    "tested-commit": {"commands": {"test": "true"}},
}
BEFORE_A_PROMOTION = ("matches-upstream", "quiet-cron", "required-signoffs", "rollback-ready", "tested-commit")
MOMENTS = {  # standing, when it is not here
    **dict.fromkeys(BEFORE_A_PROMOTION, "promote"),
    "matches-upstream.url": "update",
    "protected-refs": "push",
    **dict.fromkeys(("guard-stays-on", "untouched-places"), "tool-call"),
}
CALL = "git -C prod push --no-verify upstream main; echo {} >state/prod/openclaw.json"


def moment_of(policy: str, one: EmptyValue) -> str:
    """The moment at which a case is played."""
    return MOMENTS.get(f"{policy}.{one.path}", MOMENTS.get(policy, "standing"))


@cache
def instances_of(moment: str) -> dict[str, tuple[str, EmptyValue]]:
    """The cases of a moment that the configuration takes, by the name of their instance."""
    own = [(name, one) for name, one in CASES if moment_of(name, one) == moment and one.outcome != "refused"]
    return {f"case-{number}": case for number, case in enumerate(own)}


def options(policy: str, one: EmptyValue) -> dict[str, Any]:
    """The options of a case: those around the empty one, and that."""
    empty = json.loads(one.written.partition(" or ")[0])
    name, _, inside = one.path.partition(".")
    around = next((AROUND[key] for key in (f"{policy}.{one.path}", policy) if key in AROUND), {})
    if policy == "release-window" and inside:
        around = {name: [WINDOW if name == "windows" else FREEZE]}
    if not inside:
        return {**around, name: empty}
    table = around[name]
    if isinstance(table, list):
        return {**around, name: [{**table[0], inside: empty}]}
    return {**around, name: dict.fromkeys(table, empty)}


def table(name: str, policy: str, moment: str, given: dict[str, Any]) -> str:
    own = "".join(f"{key} = {toml(value)}\n" for key, value in given.items())
    return f'[policies.{name}]\nuse = "{policy}"\nwhen = ["{moment}"]\nenforcement = "hard-mandatory"\n{own}\n'


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> SmallWorld:
    """A world in which everything fails that a case judges: an edit, a job that fires soon, a rewritten address."""
    made = small_world(tmp_path_factory.mktemp("empty"))
    write(made.prod / "src/gateway.ts", "an edit\n")
    jobs = json.loads((made.prod_state / "cron/jobs.json").read_text())
    jobs["jobs"][0]["schedule"] = {"kind": "cron", "expr": "*/5 * * * *", "tz": "UTC"}
    write(made.prod_state / "cron/jobs.json", json.dumps(jobs))
    return made


@pytest.fixture(scope="module")
def reports(world: SmallWorld) -> dict[str, dict[str, Any]]:
    """The results of all instances, by moment."""
    found = {}
    for moment in ("standing", "promote", "push", "tool-call", "update"):
        if moment == "update":
            git(world.prod, "config", "url.https://elsewhere.example/.insteadOf", str(world.upstream))
        instances = instances_of(moment)
        texts = [table(name, policy, moment, options(policy, one)) for name, (policy, one) in instances.items()]
        own = world.folder / f"{moment}.toml"
        write(own, world.configuration.read_text() + "".join(texts))
        if moment == "tool-call":
            done = world.run("vet", "--config", str(own), "--format", "json", "--shell", CALL)
            report = json.loads(done.stdout)
        else:
            asked = [word for name in instances for word in ("--policy", name)]
            report = world.report("--config", str(own), "--env", "prod", *about(world, moment), *asked)
        found[moment] = {result["policy"]: result for result in report["results"]}
    return found


def about(world: SmallWorld, moment: str, candidate: str = RELEASE) -> tuple[str, ...]:
    """What a check is asked at a moment."""
    if moment == "push":
        head = git(world.prod, "rev-parse", "HEAD")
        updates = write(world.folder / "updates", f"refs/heads/x {head} refs/heads/x {'0' * 40}\n")
        return ("--op", "push", "--updates", str(updates))
    if moment == "promote":
        return ("--op", moment, "--candidate", candidate)
    return () if moment == "standing" else ("--op", moment)


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_every_option_says_what_empty_means(name: str) -> None:
    said = {one.path: one.outcome for one in empty_values(POLICIES[name])}
    assert set(said.values()) <= {"refused", "skipped", "judged", "noted"}, "say it in `empty`"
    assert set(POLICIES[name].empty) <= set(said), "of an option that there is"
    assert all(one.meaning.partition(": ")[2] for one in empty_values(POLICIES[name]) if one.outcome != "refused")


REFUSED = [pytest.param(name, one, id=f"{name}.{one.path}") for name, one in CASES if one.outcome == "refused"]
TAKEN = [pytest.param(name, one, id=f"{name}.{one.path}") for name, one in CASES if one.outcome not in ("refused", "")]


@pytest.mark.parametrize(("policy", "one"), REFUSED)
def test_what_is_refused_stops_the_configuration(world: SmallWorld, policy: str, one: EmptyValue) -> None:
    name = f"{policy}-{one.path.replace('.', '-').replace('*', 'any')}"
    own = write(world.folder / f"{name}.toml", "".join((
        world.configuration.read_text(), table("case", policy, "standing", options(policy, one)),
    )))  # fmt: skip
    done = world.check("--config", str(own), "--env", "prod")

    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert f"{own}:" in line
    assert "policies.case" in line


@pytest.mark.parametrize(("policy", "one"), TAKEN)
def test_what_is_taken_never_passes_without_a_word(
    reports: dict[str, dict[str, Any]], policy: str, one: EmptyValue
) -> None:
    moment = moment_of(policy, one)
    [name] = [name for name, case in instances_of(moment).items() if case == (policy, one)]
    result = reports[moment][name]

    expected = {"skipped": ["skip"], "judged": ["fail"], "noted": ["pass"]}[one.outcome]
    if one.path == "crontab":
        expected = ["fail", "error"]  # root alone may read that file
    assert result["outcome"] in expected, result
    assert result["reason"] or result["outcome"] == "fail", result


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ('[policies.clean-worktree]\nexpected_dirt = [""]\n', "policies.clean-worktree.expected_dirt[1] is empty"),
        ('[policies.clean-worktree]\nexpected_dirt = ["dist/", " "]\n', "expected_dirt[2] is empty"),
        ('[policies.required-signoffs]\nroles = { architect-1 = [""] }\n', "roles.architect-1[1] is empty"),
        ('[environments.lab]\nrepo = "lab"\nbranch = ""\n', "branch is empty; leave it out when there is none"),
        ('[environments.lab]\nrepo = "lab"\nupstream = ""\n', "upstream is empty; leave it out when there is none"),
        ('[environments.lab]\nrepo = "lab"\nservice = ""\n', "service is empty; leave it out when there is none"),
        ('[environments.lab]\nrepo = "lab"\nvariables = { "" = "x" }\n', "variables: a variable needs a name"),
    ],
)
def test_an_empty_text_is_refused_elsewhere_too(world: SmallWorld, given: str, problem: str) -> None:
    own = write(world.folder / "elsewhere.toml", world.configuration.read_text() + given)
    done = world.check("--config", str(own), "--env", "prod")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.rstrip().endswith(problem), done.stderr


# What is empty on the disk: the policy, its options, the moment, and what comes of it.
NOTHING: list[tuple[str, dict[str, Any], str, str]] = [
    ("active-sessions", {}, "standing", "fail"),
    ("current-build", {}, "standing", "fail"),
    ("expected-cron-jobs", {}, "standing", "fail"),
    ("expected-cron-jobs", {"jobs": [{"name": "digest"}]}, "standing", "fail"),
    ("fast-forward-only", {}, "push", "pass"),
    ("fresh-file", {"file": "none/*", "newer_than": "1d"}, "standing", "fail"),
    ("fresh-file", {"file": "pnpm-lock.yaml", "newer_than": "none/*"}, "standing", "error"),
    ("installed-dependencies", {}, "standing", "error"),
    ("isolated-state-dirs", {}, "standing", "pass"),
    ("matches-upstream", {}, "update", "fail"),
    ("no-direct-edits", {}, "standing", "fail"),
    ("protected-refs", {}, "push", "pass"),
    ("quiet-cron", {}, "promote", "pass"),
    ("release-branch", {}, "promote", "fail"),
    ("required-config", {"file": SETTINGS, "values": {"a": 1}}, "standing", "fail"),
    ("required-doc-links", {"pages": ["docs/none.md"]}, "standing", "fail"),
    ("required-files", {"files": ["none/*"]}, "standing", "fail"),
    ("required-signoffs", {"roles": {"architect-1": []}}, "promote", "fail"),
    ("reset-loses-nothing", {}, "update", "fail"),
    ("resolvable-doc-links", {"pages": ["docs/none/**"]}, "standing", "fail"),
    ("resolvable-doc-links", {}, "standing", "pass"),
    ("rollback-ready", {}, "promote", "fail"),
    ("service-definition", {}, "standing", "fail"),
    ("tested-commit", {"commands": {"test": "true"}}, "promote", "fail"),
]


ONE_STATE = """
extends = ["checkout"]

[environments]
prod = { repo = "prod", state_dir = "state/prod", branch = "main", upstream = "upstream/main", service = "gateway" }
dev = { repo = "dev" }

[operations.promote]
candidate_from = "dev"

"""


@pytest.fixture(scope="module")
def emptied(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The results of those in a world that has nothing left of what they are about, by the number of the case."""
    world = small_world(tmp_path_factory.mktemp("emptied"))
    _take_everything_away(world)
    found: dict[str, dict[str, Any]] = {}
    for moment in ("standing", "promote", "update", "push"):
        own = {f"case-{number}": case for number, case in enumerate(NOTHING) if case[2] == moment}
        texts = [table(name, policy, moment, given) for name, (policy, given, _, _) in own.items()]
        write(world.folder / f"{moment}.toml", ONE_STATE + "".join(texts))
        asked = [word for name in own for word in ("--policy", name)]
        report = world.report(
            "--config", f"{moment}.toml", "--env", "prod", *about(world, moment, world.candidate), *asked
        )
        found |= {result["policy"]: result for result in report["results"]}
    return found


def _take_everything_away(world: SmallWorld) -> None:
    for ref in git(world.prod, "for-each-ref", "--format=%(refname)", "refs/remotes", "refs/attestations").split():
        git(world.prod, "update-ref", "--no-deref", "-d", ref)
    for ref in git(world.dev, "for-each-ref", "--format=%(refname)", "refs/attestations", "refs/signoffs").split():
        git(world.dev, "update-ref", "-d", ref)
    git(world.dev, "checkout", "-q", "--detach")
    git(world.dev, "branch", "-q", "-D", RELEASE)
    for name, text in {"docs/DEPLOYMENT.md": "", "dist/build-info.json": "{}", "pnpm-lock.yaml": ""}.items():
        write(world.prod / name, text)
    write(world.prod / "node_modules/.pnpm/lock.yaml", "")
    write(world.prod_state / "openclaw.json", "{}")
    write(world.prod_state / "cron/jobs.json", json.dumps({"version": 1, "jobs": []}))
    (world.prod_state / "agents/main/sessions/sessions.json").unlink()
    next((world.home / "Library/LaunchAgents").iterdir()).unlink()


@pytest.mark.parametrize(
    ("number", "policy", "expected"),
    [pytest.param(number, one[0], one[3], id=f"{one[0]}-{number}") for number, one in enumerate(NOTHING)],
)
def test_nothing_to_look_at_never_passes_without_a_word(
    emptied: dict[str, dict[str, Any]], number: int, policy: str, expected: str
) -> None:
    result = emptied[f"case-{number}"]

    assert result["outcome"] == expected, result
    assert result["reason"] or expected == "fail", "a pass says what there was not"


def test_the_page_has_each_of_these() -> None:
    page = (ROOT / "docs/empty.md").read_text(encoding="utf-8").partition("finds nothing | is")[2]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.split("\n")[2:] if line]
    told = {(policy, outcome.partition(",")[0]) for policy, _, outcome in rows}

    assert told == {(policy, outcome) for policy, _, _, outcome in NOTHING}


# What has no right-hand side: nothing in the world could be empty that they compare with.
WITHOUT = {
    "clean-worktree": "an empty repository has no HEAD, and dirt is what is there",
    "environment-variable": "a variable that is not set is in the cases above",
    "expected-branch": "HEAD always is somewhere",
    "expected-head": "a commit that is not known is a finding",
    "guard-stays-on": "it judges what a call does",
    "guarded-operations": "it judges what a call does",
    "guards-installed": "with no hook named and none installed it is skipped, and says so",
    "healthy-command": "no output and no program are in its own tests",
    "own-state": "it judges what a call does",
    "reachable-page": "no answer is in the cases above",
    "release-window": "no windows are in the cases above",
    "single-gateway": "no gateway is what it allows: at most one",
    "state-dir-variable": "no gateway and no service is what it allows",
    "tightening-only": "it judges what a change does",
    "untouched-places": "it judges what a call does",
}


def test_every_policy_is_in_one_of_both() -> None:
    assert set(WITHOUT) | {policy for policy, *_ in NOTHING} == set(POLICIES)
    assert not set(WITHOUT) & {policy for policy, *_ in NOTHING}
