"""What a JUnit report says: how many tests ran, and what failed.

There is no single format, so the common part of all writers counts: a `testcase` failed when it, or its attributes,
tell of a failure or an error, and it did not run when they tell that it was skipped or disabled. A suite may fail as
well, in an element or in a total of its own, without any of its tests (a file that cannot be loaded, a clean-up that
breaks). A report proves nothing when its totals do not agree with its tests, or when any part of it is unknown.
"""

from __future__ import annotations

from guardrails.errors import CannotKnow
from guardrails.facts.files import read_bytes
from guardrails.facts.witness import state_of
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

REPORT_LIMIT = 64 * 1024 * 1024  # bytes; a hundred thousand tests with their output
NAMES_LIMIT = 1000  # names of what failed that are kept; a record must stay readable
_NAME_LIMIT = 200  # characters of one
_DEPTH_LIMIT = 100  # elements inside one another
_SUITES = ("testsuites", "testsuite")
_TOTALS = ("tests", "failures", "errors", "skipped", "disabled")

# Of the attributes `status` and `result` of a test, in small letters.
_RAN = {"", "run", "pass", "passed", "ok", "success", "successful", "completed", "executed", "xfail"}
_DID_NOT_RUN = {"notrun", "skip", "skipped", "suppressed", "disabled", "ignored", "pending", "todo", "inconclusive"}
_FAILED = {"fail", "failed", "failure", "error", "errored", "broken", "xpass", "crashed", "timeout", "cancelled"}


class Results(Record):
    """The number of tests that ran, and the names of those, and of the suites, that failed."""

    tests: int
    failed: tuple[str, ...]


class StateBefore(Record):
    """The file at a path as it was before the run: its state, and the digest of what it holds."""

    state: tuple[int, ...]
    digest: str


def look_before(path: str) -> StateBefore:
    """Look at the file where a report will be written, which need not be there."""
    from hashlib import sha256

    state = tuple(state_of(path))
    try:
        return StateBefore(state, sha256(read_bytes(path, REPORT_LIMIT)).hexdigest())
    except (FileNotFoundError, CannotKnow):
        return StateBefore(state, "")


def read_results(path: str, was: StateBefore) -> Results:
    """Read a report that was written since somebody looked there.

    Raises CannotKnow when it is missing, was not written since, is no report, or contradicts itself.
    """
    from hashlib import sha256

    state = tuple(state_of(path))
    try:
        data = read_bytes(path, REPORT_LIMIT)
    except FileNotFoundError:
        raise CannotKnow(f"the report {path} was not written") from None
    if was == StateBefore(state, sha256(data).hexdigest()):
        raise CannotKnow(f"the report {path} is older than the run, which has not written it")
    report = _Report(path)
    report.read(data)
    return report.results()


class _Suite:
    """What a suite states of itself, and what was counted in it so far."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.stated: dict[str, int | None] = dict.fromkeys(_TOTALS)
        self.listed = self.idle = self.failed = 0  # of these tests, and of those in suites inside
        self.own = 0  # tests of the suite itself
        self.broken = False


class _Report:
    """Reads a report element by element, so that its size in memory is that of its deepest suite."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._depth = 0
        self._suites: list[_Suite] = []
        self._case: dict[str, str] | None = None
        self._marks: set[str] = set()
        self._failed: list[str] = []
        self._unsaid = 0
        self._problem = ""
        self._ran = 0

    def read(self, data: bytes) -> None:
        """Read the whole of it. Raises CannotKnow when it is no JUnit report or has a document type."""
        from xml.parsers.expat import ExpatError, ParserCreate

        parser = ParserCreate(namespace_separator=" ")
        parser.StartElementHandler, parser.EndElementHandler = self._starts, self._ends
        parser.StartDoctypeDeclHandler = self._refuse_document_type
        try:
            parser.Parse(data, True)  # noqa: FBT003
        except (ExpatError, LookupError, ValueError) as error:  # the latter two: an encoding that nobody knows
            raise CannotKnow(f"the report {self._path} is no XML: {error}") from None

    def results(self) -> Results:
        """The result of the whole. Raises CannotKnow when it contradicts itself and tells of no failure."""
        if self._problem and not self._failed:
            raise CannotKnow(f"the report {self._path} {self._problem}")
        more = (f"and {self._unsaid} more",) if self._unsaid else ()
        return Results(self._ran, (*self._failed, *more))

    def _refuse_document_type(self, *_: object) -> None:
        raise CannotKnow(f"the report {self._path} has a document type, which no JUnit report needs")

    def _starts(self, tag: str, given: dict[str, str]) -> None:
        self._depth += 1
        name = tag.rpartition(" ")[2]  # without its namespace
        if self._depth == 1 and name not in _SUITES:
            raise CannotKnow(f"the report {self._path} is no JUnit report: it begins with {name[:80]}")
        if self._depth > _DEPTH_LIMIT:
            raise CannotKnow(f"the report {self._path} has more than {_DEPTH_LIMIT} elements inside one another")
        if name in _SUITES:
            self._suites.append(self._suite(given))
        elif name == "testcase":
            self._case, self._marks = given, set()
        elif name in ("failure", "error", "skipped", "disabled"):
            if self._case is not None:
                self._marks.add("todo" if name == "skipped" and given.get("type") == "todo" else name)
            elif name in ("failure", "error"):
                self._suites[-1].broken = True

    def _ends(self, tag: str) -> None:
        self._depth -= 1
        name = tag.rpartition(" ")[2]
        if name == "testcase" and self._case is not None:
            self._count(self._case)
            self._case = None
        elif name in _SUITES:
            self._close(self._suites.pop())

    def _suite(self, given: Mapping[str, str]) -> _Suite:
        suite = _Suite(given.get("name") or given.get("package") or "a suite without a name")
        for total in _TOTALS:
            text = given.get(total, "")
            if text.isascii() and text.isdecimal() and len(text) < 10:
                suite.stated[total] = int(text)
            elif text:
                self._contradiction(f"states {text[:20]!r} {total} of {suite.name}")
        return suite

    def _count(self, case: Mapping[str, str]) -> None:
        """Count a test in its suite."""
        suite = self._suites[-1]
        suite.listed, suite.own = suite.listed + 1, suite.own + 1
        said = {case.get(name, "").strip().casefold() for name in ("status", "result")}
        if "todo" in self._marks:  # may fail, and node:test says then how
            suite.idle += 1
        elif self._marks & {"failure", "error"} or said & _FAILED:
            suite.failed += 1
            self._fails(f"{case.get('classname', '')}.{case.get('name', '')}".strip("."))
        elif self._marks or said & _DID_NOT_RUN:
            suite.idle += 1
        elif unknown := said - _RAN:
            self._contradiction(f"says {min(unknown)[:40]!r} of a test, which may mean anything")

    def _close(self, suite: _Suite) -> None:
        """Compare what a suite states with what it lists, and add it to the one around it."""
        tests, failures, errors, skipped, disabled = (suite.stated[total] for total in _TOTALS)
        if suite.broken or ((failures or errors) and not suite.failed):
            suite.failed += 1
            self._fails(suite.name)
        if tests is not None and tests > suite.listed:
            self._contradiction(f"states {tests} tests of {suite.name} and lists {suite.listed}")
        uncounted = 0 if tests is None else suite.own - tests  # jest-junit lists what is still to be written
        suite.idle = min(suite.listed, max(suite.idle, uncounted, (skipped or 0) + (disabled or 0)))
        if self._suites:
            around = self._suites[-1]
            around.listed, around.idle = around.listed + suite.listed, around.idle + suite.idle
            around.failed += suite.failed
        else:
            self._ran = suite.listed - suite.idle

    def _fails(self, name: str) -> None:
        if len(self._failed) < NAMES_LIMIT:
            self._failed.append(name[:_NAME_LIMIT] or "a test without a name")
        else:
            self._unsaid += 1

    def _contradiction(self, problem: str) -> None:
        self._problem = self._problem or problem
