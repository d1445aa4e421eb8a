"""From chosen policies to one result for each, and the reading of whatever a policy answers."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty_repository import git
from guardrails import CannotKnow, DoesNotApply, Fact, Finding, Note, NothingAsked, Policy, World, ask
from guardrails.config.settings import PolicySetting
from guardrails.engine import worker
from guardrails.engine.worker import TEXT_LIMIT, Run, conclude
from guardrails.model import FINDINGS_LIMIT, Outcome, PolicyResult, Severity
from guardrails.testing import judge, world
from progress import elapsed

FINDING = Finding(observed="o", expected="e", remediation="r")


class Says(Policy):
    """A policy that answers with what it is given."""

    id = "says"
    title = "It says"
    source = "a test"
    severity = Severity.LOW

    answer: object = ()

    def evaluate(self) -> Iterator[Finding]:
        """Yield each item of the answer; raise the errors among them."""
        for item in self.answer:  # type: ignore[attr-defined]
            if isinstance(item, BaseException):
                raise item
            yield item


class Plain(Says):
    """A policy whose `evaluate` returns instead of yielding."""

    def evaluate(self) -> Any:
        """Return the answer."""
        return self.answer


class Asks(Policy):
    """A policy without anything that it could look at."""

    id = "asks"
    title = "It asks"
    source = "a test"

    text: str = "x y"
    more: tuple[str, ...] = ()

    def evaluate(self) -> Iterator[Finding]:
        """Raise, as a fact may do as well."""
        raise NothingAsked("no file is configured")


def concluded(*items: object) -> PolicyResult:
    """What is concluded from a policy that yields these."""
    return conclude("says", Says(items), {})


def test_no_finding_is_a_pass() -> None:
    result = concluded()
    assert (result.outcome, result.findings, result.reason, result.policy) == (Outcome.PASS, (), None, "says")


def test_a_finding_is_a_failure() -> None:
    result = concluded(FINDING, FINDING.replaced(line=3, path="p", ref="r", message="m"))
    assert result.outcome is Outcome.FAIL
    assert [finding.line for finding in result.findings] == [None, 3]
    assert result.reason is None


def test_notes_are_reasons_and_no_failure() -> None:
    assert concluded(Note("a"), Note("b")).reason == "a; b"
    assert concluded(Note("a"), Note("b")).outcome is Outcome.PASS
    both = concluded(Note("a"), FINDING)
    assert (both.outcome, both.reason) == (Outcome.FAIL, "a")


def test_what_does_not_apply_is_a_skip_with_a_reason() -> None:
    assert concluded(DoesNotApply("no state directory")).reason == "no state directory"
    assert concluded(DoesNotApply()).reason
    assert concluded(DoesNotApply("x")).outcome is Outcome.SKIP


def test_what_nobody_asked_is_a_skip_and_what_somebody_asked_an_error() -> None:
    unasked = conclude("asks", Asks(), {})
    assert (unasked.outcome, unasked.reason) == (Outcome.SKIP, "no file is configured")
    asked = conclude("asks", Asks(text="x", more=("y",)), {})
    assert (asked.outcome, asked.reason) == (
        Outcome.ERROR,
        "no file is configured, so text and more cannot be judged",
    )


def test_what_cannot_be_known_is_an_error() -> None:
    result = concluded(CannotKnow("the store is locked"))
    assert (result.outcome, result.reason) == (Outcome.ERROR, "the store is locked")


@pytest.mark.parametrize(
    "error",
    [
        Exception("x"),
        ValueError(),
        SystemExit(0),
        SystemExit(),
        KeyboardInterrupt(),
        GeneratorExit(),
        StopIteration(),
        RecursionError(),
        MemoryError(),
        BaseException("x"),
    ],
)
@pytest.mark.parametrize("before", [(), (FINDING,), (Note("looked"),)])
def test_whatever_else_is_raised_is_an_error(error: BaseException, before: tuple[object, ...]) -> None:
    result = concluded(*before, error)
    assert (result.outcome, result.findings) == (Outcome.ERROR, ())
    assert result.reason is not None
    assert "crashed" in result.reason


@pytest.mark.parametrize("item", [None, "text", 0, True, {"observed": "o"}, Finding, Outcome.PASS, [FINDING], object()])
def test_whatever_else_is_yielded_is_an_error(item: object) -> None:
    result = concluded(FINDING, item)
    assert (result.outcome, result.findings) == (Outcome.ERROR, ())
    assert "not a Finding" in (result.reason or "")


@pytest.mark.parametrize("answer", [None, 0, 1, True, "", "text", b"", b"text", FINDING, Finding, {"a": 1}])
def test_whatever_else_is_returned_is_an_error(answer: object) -> None:
    assert conclude("says", Plain(answer), {}).outcome is Outcome.ERROR


@pytest.mark.parametrize("answer", [[], (), [FINDING], iter([FINDING])])
def test_findings_may_be_returned_at_once(answer: Any) -> None:
    expected = Outcome.PASS if answer in ([], ()) else Outcome.FAIL
    assert conclude("says", Plain(answer), {}).outcome is expected


class FindingOfMore(Finding):
    """A finding with a field of its own."""

    more: str = "m"


@pytest.mark.parametrize(
    "finding",
    [
        FINDING.replaced(observed=None),
        FINDING.replaced(expected=1),
        FINDING.replaced(remediation=["git"]),
        FINDING.replaced(message=None),
        FINDING.replaced(path=Path("p")),
        FINDING.replaced(ref=b"r"),
        FINDING.replaced(line="3"),
        FINDING.replaced(line=1.5),
        FINDING.replaced(observed=Note("n")),
        FindingOfMore(observed="o", expected="e", remediation="r"),
    ],
)
def test_a_finding_of_the_wrong_fields_is_an_error(finding: Finding) -> None:
    assert concluded(finding).outcome is Outcome.ERROR


def test_texts_are_cut() -> None:
    long = "x" * (TEXT_LIMIT + 1)
    [finding] = concluded(Finding(long, long, long, long, long, 1, long, long)).findings
    assert {len(getattr(finding, name)) for name in finding.__fields__ if name != "line"} == {TEXT_LIMIT}
    assert len(concluded(CannotKnow(long)).reason or "") == TEXT_LIMIT
    assert len(concluded(Note(long), Note(long)).reason or "") == TEXT_LIMIT


@pytest.mark.parametrize(("count", "kept", "said"), [(1000, 1000, False), (1001, 1000, True), (5000, 1000, True)])
def test_many_findings_are_counted_and_cut(count: int, kept: int, said: bool) -> None:
    assert kept == FINDINGS_LIMIT
    result = concluded(*[FINDING] * count)
    assert len(result.findings) == kept
    assert result.reason == (f"{count} findings, of which the first 1000 are kept" if said else None)


class Number(Fact):
    """The number that it is asked with."""

    value: int

    @classmethod
    async def gather(cls, world: World, *options: Any) -> Number:
        """Tell how often it was gathered, in a file of the world. 100 moves that world the first time, 102 always."""
        head = Path(world.environment.repo, ".git/HEAD")
        if options[0] == 102 or (options[0] == 100 and not Path(world.environment.repo, "gathered").exists()):
            new = head.with_name("HEAD.new")  # replaced as git does it: half a HEAD is none
            new.write_bytes(head.read_bytes())
            new.replace(head)
        with open(os.path.join(world.environment.repo, "gathered"), "a") as file:
            file.write(f"{options[0]}\n")
        if options[0] == -1:
            raise CannotKnow("below zero")
        if options[0] == -2:
            raise DoesNotApply("far below zero")
        if options[0] == -3:
            raise RuntimeError("deep below zero")
        return cls(options[0])


class Even(Policy):
    """A number that is odd."""

    id = "even"
    title = "The number is even"
    source = "a test"

    number: int = 0

    def evaluate(self, number: Number = ask("number"), again: Number = ask("number")) -> Iterator[Finding | Note]:
        """Look at the number, and at where this happens."""
        assert number is again
        yield Note(f"{os.getpid()}")
        if number.value % 2:
            yield FINDING


Even.evaluate.__annotations__.update(number=Number, again=Number)  # real types, as modules of policies have them
Even.__fields__ = {"number": int}


def setting(name: str, policy: str = "Even", **options: Any) -> PolicySetting:
    """A policy of this module, as configured."""
    sys.modules.setdefault("the_tests_of_the_engine", sys.modules[__name__])
    location = f"the_tests_of_the_engine:{policy}"
    always = {"prod": ("standing",)}
    return PolicySetting(name, name, location, "t", "s", "low", always, {"prod": "hard-mandatory"}, options)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository with one commit."""
    git(tmp_path, "init", "-q", "-b", "main", "--template=")
    git(tmp_path, "commit", "-qm", "First", "--allow-empty")
    time.sleep(0.05)  # so that a look does not take it for one that moves
    return tmp_path


def observed(repo: Path, *settings: PolicySetting, **rest: Any) -> worker.Observation:
    """Run policies as a check does."""
    with Run(settings, world(repo, **rest), jobs=4) as run:
        return run.observe(lambda result: None)


def by_name(observation: worker.Observation) -> dict[str, PolicyResult]:
    """The results, each of which must be there once."""
    names = [result.policy for result in observation.results]
    assert len(names) == len(set(names))
    return {result.policy: result for result in observation.results}


def test_every_policy_gets_its_facts_and_one_result(repo: Path) -> None:
    observation = observed(repo, setting("a", number=1), setting("b", number=2), setting("c", number=2))
    assert {name: result.outcome.value for name, result in by_name(observation).items()} == {
        "a": "fail",
        "b": "pass",
        "c": "pass",
    }
    assert sorted((repo / "gathered").read_text().split()) == ["1", "2"]


def test_a_world_that_moves_is_looked_at_again(repo: Path) -> None:
    calm = observed(repo, setting("a", number=100))
    assert ((repo / "gathered").read_text().split(), calm.errors) == (["100", "100"], ())
    assert by_name(calm)["a"].outcome is Outcome.PASS


def test_a_world_that_never_stands_still_is_undecided(repo: Path) -> None:
    restless = observed(repo, setting("a", number=102))
    [error] = restless.errors
    assert "HEAD changed while it was looked at, 3 times" in error
    assert by_name(restless)["a"].outcome is Outcome.PASS
    assert len((repo / "gathered").read_text().split()) == 3


def test_nothing_is_judged_in_the_process_that_decides(repo: Path) -> None:
    assert by_name(observed(repo, setting("a")))["a"].reason != str(os.getpid())


def test_what_a_gatherer_says_is_the_outcome_of_its_policies_alone(repo: Path) -> None:
    settings = [setting(name, number=number) for name, number in (("a", 2), ("b", -1), ("c", -2), ("d", -3))]
    results = by_name(observed(repo, *settings))
    assert {name: result.outcome.value for name, result in results.items()} == {
        "a": "pass",
        "b": "error",
        "c": "skip",
        "d": "error",
    }
    assert [results[name].reason for name in "bc"] == ["below zero", "far below zero"]
    assert "RuntimeError: deep below zero" in (results["d"].reason or "")


def test_the_subject_is_what_was_looked_at(repo: Path) -> None:
    head = git(repo, "rev-parse", "HEAD")
    subject = observed(repo, setting("a")).subject
    assert (subject.repo, subject.branch, subject.commit, subject.candidate) == (str(repo), "main", head, None)
    subject = observed(repo, setting("a"), operation="promote", candidate="HEAD").subject
    assert subject.candidate == head


def test_a_candidate_that_cannot_be_had_is_an_error_of_the_run(repo: Path) -> None:
    observation = observed(repo, setting("a"), operation="promote", candidate="nowhere")
    assert observation.subject.candidate is None
    assert len(observation.errors) == 1
    assert "nowhere" in observation.errors[0]


def test_no_repository_is_a_subject_of_which_nothing_is_known(tmp_path: Path) -> None:
    observation = observed(tmp_path, setting("a"))
    assert (observation.subject.repo, observation.subject.commit) == (str(tmp_path), None)
    assert by_name(observation)["a"].outcome is Outcome.PASS  # it asks nothing of the repository


@pytest.mark.parametrize(
    ("location", "options"),
    [("Nowhere", {}), ("Even", {"nothing": 1}), ("Number", {}), ("setting", {}), ("__name__", {})],
)
def test_a_policy_that_cannot_be_set_up_is_an_error(repo: Path, location: str, options: dict[str, int]) -> None:
    results = by_name(observed(repo, setting("a", number=2), setting("b", location, **options), setting("c")))
    assert [results[name].outcome.value for name in "abc"] == ["pass", "error", "pass"]
    assert results["b"].reason


def test_a_module_that_is_gone_is_an_error(repo: Path) -> None:
    gone = setting("b").replaced(location="no_such_module:Policy")
    results = by_name(observed(repo, setting("a"), gone))
    assert [results[name].outcome.value for name in "ab"] == ["pass", "error"]


def test_no_policy_is_no_result(repo: Path) -> None:
    assert observed(repo).results == ()


def test_each_result_is_told_as_it_comes(repo: Path) -> None:
    heard: list[str] = []
    with Run([setting("a"), setting("b", number=1)], world(repo), jobs=4) as run:
        run.observe(lambda result: heard.append(f"{result.policy} {result.outcome}"))
    assert sorted(heard) == ["a pass", "b fail"]


class Ends(Policy):
    """A policy that ends its process."""

    id = "ends"
    title = "It ends"
    source = "a test"

    def evaluate(self) -> Iterator[Finding]:
        """End."""
        os._exit(0)


class Hangs(Policy):
    """A policy that never answers."""

    id = "hangs"
    title = "It hangs"
    source = "a test"

    def evaluate(self) -> Iterator[Finding]:
        """Hang."""
        while True:
            pass


def test_whoever_takes_the_process_down_is_an_error_and_the_others_keep_their_results(repo: Path) -> None:
    settings = [
        setting("a", number=1),
        setting("b", "Ends"),
        setting("c", number=2),
        setting("d", "Hangs"),
        setting("e", number=1),
        setting("f", "Ends"),
    ]
    started = time.monotonic()
    results = by_name(observed(repo, *settings, timeout=0.5))
    found = [results[name].outcome.value for name in "abcdef"]
    assert found == ["fail", "error", "pass", "error", "fail", "error"]
    assert results["b"].reason == "the policy ended before it was done"
    assert results["d"].reason == "the policy gave no answer within 0.5 s"
    assert elapsed(started) < 5


def test_a_run_that_takes_too_long_is_an_error_of_all_that_is_left(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "RUN_LIMIT", 0.5)
    results = by_name(observed(repo, setting("a"), setting("b", "Hangs"), timeout=30))
    assert results["b"].outcome is Outcome.ERROR
    assert "ran out of time" in (results["b"].reason or "")


def test_leaving_early_leaves_nothing_behind(repo: Path) -> None:
    before = sorted(os.listdir("/dev/fd"))
    with pytest.raises(KeyError), Run([setting("a", "Hangs")], world(repo, timeout=30), jobs=4):
        raise KeyError
    assert sorted(os.listdir("/dev/fd")) == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_literal_facts_are_judged_as_a_run_does() -> None:
    number = Number(1)
    assert judge(Even(), number=number, again=number).outcome is Outcome.FAIL
    assert judge(Even(), number=number).outcome is Outcome.ERROR
