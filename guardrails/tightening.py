"""The one policy that the engine has itself: a change may tighten what judges it, and may not loosen it.

It comes with `--config-ref`, since only a configuration that the change does not hold can say what it was before.
"""

from collections.abc import Iterator

from guardrails.errors import CannotKnow, DoesNotApply
from guardrails.loosening import Loosening
from guardrails.model import Finding, Severity
from guardrails.policy import Fact, Policy, World
from guardrails.remedies import commented


class ChangeOfRules(Fact):
    """What the change in question loosens of the configuration at the trusted `ref`."""

    ref: str
    loosened: tuple[Loosening, ...] = ()
    repo: str = ""

    @classmethod
    async def gather(cls, world: World) -> "ChangeOfRules":
        """Say what was compared when the configuration was read.

        Raises DoesNotApply without a trusted ref, CannotKnow when what the change makes of the rules cannot be read.
        """
        if world.ratchet is None:
            raise DoesNotApply("no --config-ref was given")
        if world.ratchet.problem is not None:
            raise CannotKnow(world.ratchet.problem)
        return cls(world.ratchet.ref, world.ratchet.loosened, world.ratchet.repo)


class TighteningOnly(Policy):
    """Flags a change that loosens the configuration which judges it.

    Why it matters
        A change that may also change the rules passes by removing them: the policy it breaks, its enforcement, a
        moment at which it is asked, or by adding a waiver for itself.
    Example
        A branch edits a page and, in the same commit, sets `enforcement = "advisory"` for the policy that finds the
        broken link in it.
    Instead
        Loosen the rules in a change of their own, which somebody else reviews and merges into the trusted ref first.
        Rules may be added or tightened in any change.

    It is asked whenever a check or a plan is given `--config-ref`, under every configuration, and is then
    hard-mandatory.
    """

    id = "tightening-only"
    title = "No change loosens what judges it"
    source = "the configuration at the trusted ref"
    severity = Severity.CRITICAL

    def evaluate(self, change: ChangeOfRules) -> Iterator[Finding]:
        """Name each thing that became looser, and the file where."""
        for one in change.loosened:
            yield Finding(
                message=f"{one.path} loosens what judges it",
                observed=one.observed,
                expected=one.expected,
                remediation=commented(_undoing(change, one), "and loosen the rules in a change of their own"),
                path=one.path,
                line=one.line,
            )


def _undoing(change: ChangeOfRules, one: Loosening) -> str:
    """The line that makes a file what the trusted ref has, in a commit as well where that differs."""
    from shlex import quote

    git, path = f"git -C {quote(change.repo)}", quote(one.path)
    away = f"{git} rm --quiet --cached --ignore-unmatch -- {path} && rm -f -- {quote(f'{change.repo}/{one.path}')}"
    undo = f"{git} checkout {quote(change.ref)} -- {path}" if one.known else away
    commit = f'{git} commit --quiet --message "Keep the rules as strict as they were" -- {path}'
    unless_the_same = f"{git} diff --cached --quiet -- {path} || {commit}"
    return f"{undo} && sh -c {quote(unless_the_same)}"  # fish has no braces for a group of commands
