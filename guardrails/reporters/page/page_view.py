"""What a page shows of a report's data: the headline, what was found by policy, what holds, and what it is about."""

from __future__ import annotations

import re

from guardrails.record import Record
from guardrails.reporters.page.page_drills import proofs_of
from guardrails.reporters.page.page_timeline import blocked_since, state_of
from guardrails.reporters.page.plain_values import number, table, tables, text, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

_SEVERITIES = ("critical", "high", "medium", "low")
_STATES = ("blocks", "undecided", "waived", "advisory")  # in the order in which they are shown
_LABELS = {"blocks": "blocks", "undecided": "could not decide", "waived": "waived", "advisory": "does not block"}
_NO_REASON = "no reason was given"


class Headline(Record):
    """What comes first: the state (allow, deny or undecided), the word for it, and the sentence beside it."""

    state: str
    word: str
    sentence: str


class Item(Record):
    """One finding. `anchor` is its place on the page, of letters and digits alone; `told` is the rest, by name."""

    anchor: str
    message: str
    told: tuple[tuple[str, str], ...] = ()
    waived: bool = False


class Group(Record):
    """A policy that does not hold, and what it found. `since` is when it began to block, empty for now.

    `told` is what each of several findings says, such as what to do: that stands once, below all of them.
    """

    policy: str
    title: str
    state: str
    label: str
    about: str
    since: str = ""
    reason: str = ""
    waivers: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    told: tuple[tuple[str, str], ...] = ()


class Plain(Record):
    """A policy that found nothing: it holds, or does not apply. `reason` is what else it had to say."""

    policy: str
    title: str
    reason: str


def headline(data: dict[str, Any]) -> Headline:
    """The verdict of a report; of a page without one, whether each move has its record, or each drill held."""
    if not isinstance(data.get("report"), dict):
        return _headline_of_drills(data) if "drills" in data else _headline_of_moves(table(data, "moves"))
    report = table(data, "report")
    state = state_of(report.get("verdict"), report.get("exit_code"))
    results = tables(report, "results")
    judged = [one for one in results if text(one, "outcome") != "skip"]
    blocking = sum(one.get("blocks") is True for one in results)
    unanswered = sum(text(one, "outcome") == "error" for one in results)
    if state == "allow":
        spared = sum(text(one, "outcome") in ("fail", "error") for one in results)
        rest = f"; {_count(spared, 'policy does', 'policies do')} not, and nothing waits for that" if spared else ""
        return Headline(state, "Allow", f"{_count(len(judged) - spared, 'policy holds', 'policies hold')}{rest}")
    if state == "undecided":
        least = _count(unanswered, "policy has", "policies have") + " no answer" if unanswered else "nothing was judged"
        return Headline(state, "Undecided", f"{least}, so this counts as a denial")
    return Headline(state, "Deny", f"{blocking} of {_count(len(judged), 'policy', 'policies')} in the way")


def _headline_of_moves(moves: dict[str, Any]) -> Headline:
    code, count = moves.get("exit_code"), len(tables(moves, "moves"))
    if code == 0:
        return Headline("allow", "Guarded", f"{_each(count, 'move', 'moves')} has its record, or was accepted")
    if code == 1:
        return Headline("deny", "Not guarded", "a move has no record, or a record no move")
    return Headline("undecided", "Cannot tell", "what is missing is below")


def _headline_of_drills(data: dict[str, Any]) -> Headline:
    drills, proofs = table(data, "drills"), proofs_of(data)
    code, failed = drills.get("exit_code"), sum(not proof.holds for proof in proofs)
    if code == 0:
        return Headline("allow", "Held", f"{_each(len(proofs), 'policy', 'policies')} refuses what it must")
    if code == 1:
        return Headline("deny", "Not held", f"{failed} of {_count(len(proofs), 'policy', 'policies')} did not")
    return Headline("undecided", "Cannot tell", "not everything could be played")


def groups(data: dict[str, Any]) -> tuple[Group, ...]:
    """What is wrong, by policy: what blocks first, the worst of each state before the others."""
    report = table(data, "report")
    taken: set[str] = set()
    found = [_group(data, one, taken) for one in tables(report, "results") if text(one, "outcome") in ("fail", "error")]
    severities = {text(one, "policy"): text(one, "severity") for one in tables(report, "results")}

    def rank(group: Group) -> tuple[int, int]:
        severity = severities.get(group.policy, "")
        return _STATES.index(group.state), _SEVERITIES.index(severity) if severity in _SEVERITIES else 0

    return (*_of_run(report), *sorted(found, key=rank))


def _of_run(report: dict[str, Any]) -> Iterator[Group]:
    """What went wrong with the run as a whole, and an undecided report that does not say why."""
    errors = [text(one, "message") for one in tables(report, "errors")]
    unsaid = report.get("exit_code") == 2 and not any(text(one, "outcome") == "error" for one in _results(report))
    if unsaid and not errors:
        errors = ["nothing was judged"]
    if errors:
        items = tuple(Item(f"run-{place}", error or _NO_REASON) for place, error in enumerate(errors, 1))
        yield Group("guardrails", "The run could not decide", "undecided", _LABELS["undecided"], "", items=items)


def _group(data: dict[str, Any], result: dict[str, Any], taken: set[str]) -> Group:
    state = _state(result)
    policy = text(result, "policy")
    items, told = _shared(tuple(_item(one, taken) for one in tables(result, "findings")))
    return Group(
        policy=policy,
        title=text(result, "title") or policy,
        state=state,
        label=_LABELS[state],
        about=", ".join(filter(None, (text(result, "severity"), text(result, "enforcement"), text(result, "source")))),
        since=blocked_since(data, policy) if result.get("blocks") is True else "",
        reason=text(result, "reason") or ("" if items else _NO_REASON),
        waivers=tuple(_waiver(one) for one in tables(result, "waivers")),
        items=items,
        told=told,
    )


def _shared(items: tuple[Item, ...]) -> tuple[tuple[Item, ...], tuple[tuple[str, str], ...]]:
    """The findings without what each of them says in the same words, when it is about what to do; and that."""
    told = [one for one in items[0].told if one[0] in ("expected", "do", "note")] if len(items) > 1 else []
    shared = tuple(one for one in told if all(one in item.told for item in items))
    if not any(name == "do" for name, _ in shared):
        return items, ()
    return tuple(item.replaced(told=tuple(one for one in item.told if one not in shared)) for item in items), shared


def _state(result: dict[str, Any]) -> str:
    if text(result, "outcome") == "error":
        return "undecided"
    if result.get("blocks") is not False:
        return "blocks"
    return "waived" if isinstance(result.get("waiver"), dict) else "advisory"


def _waiver(waiver: dict[str, Any]) -> str:
    said = f"{text(waiver, 'owner')}: {text(waiver, 'reason')}"
    return f"{said} (until {text(waiver, 'expires')}; {text(waiver, 'state') or 'used'})"


def _item(finding: dict[str, Any], taken: set[str]) -> Item:
    observed, message = text(finding, "observed"), text(finding, "message")
    location = table(finding, "location")
    told = (
        ("where", ":".join(filter(None, (text(location, "path"), text(location, "line"))))),
        ("ref", text(location, "ref")),
        ("observed", observed if observed != message else ""),
        ("expected", text(finding, "expected")),
        ("do", text(finding, "remediation")),
        ("note", text(finding, "remark")),
    )
    return Item(
        anchor=_anchor(text(finding, "fingerprint"), taken),
        message=message or observed or _NO_REASON,
        told=tuple(one for one in told if one[1]),
        waived=finding.get("waived") is True,
    )


def _anchor(fingerprint: str, taken: set[str]) -> str:
    """Where a finding is linked to, the same in another run; twins are told apart."""
    short = re.sub(r"[^0-9A-Za-z]", "", fingerprint.rpartition(":")[2])[:12] or "x"
    name, copy = f"f-{short}", 1
    while name in taken:
        copy += 1
        name = f"f-{short}-{copy}"
    taken.add(name)
    return name


def without_findings(data: dict[str, Any], outcome: str) -> tuple[Plain, ...]:
    """The policies of an outcome that found nothing: pass, or skip."""
    return tuple(
        Plain(text(one, "policy"), text(one, "title"), text(one, "reason"))
        for one in _results(table(data, "report"))
        if text(one, "outcome") == outcome
    )


def blocking(data: dict[str, Any]) -> tuple[str, ...]:
    """The policies that block."""
    return tuple(text(one, "policy") for one in _results(table(data, "report")) if one.get("blocks") is True)


def facts(data: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """What was judged, and by which rules: names and values."""
    report, plan = table(data, "report"), table(data, "plan")
    subject, rules, tool = table(report, "subject"), table(report, "policy_set"), table(report, "tool")
    told = (
        ("Repository", text(subject, "repo")),
        ("Branch", text(subject, "branch")),
        ("Commit", text(subject, "commit")),
        ("Tree", text(subject, "tree")),
        ("Candidate", text(subject, "candidate")),
        ("Plan", text(plan, "digest")),
        ("Next allowed", text(plan, "next_allowed")),
        ("Rules", text(rules, "source")),
        ("Digest of the rules", text(rules, "digest")),
        ("Digest of the findings", text(report, "findings_digest")),
        ("Left out", ", ".join(texts(report, "left_out"))),
        ("guardrails", text(tool, "version")),
    )
    return tuple((name, value) for name, value in told if value)


def duration(data: dict[str, Any]) -> str:
    """How long the run took, in seconds; empty when nobody has said."""
    took = number(table(data, "report"), "duration_ms")
    return "" if took is None else f"{took / 1000:.1f} s"


def _results(report: dict[str, Any]) -> Sequence[dict[str, Any]]:
    return tables(report, "results")


def _count(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _each(count: int, one: str, many: str) -> str:
    return f"the {one}" if count == 1 else f"each of {count} {many}"
