"""`guardrails signoff`: approve or reject a commit, in a role."""

from __future__ import annotations

import time

from guardrails.cli import acting

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

_EXAMPLES = """examples:
  guardrails signoff --role architect-1 --env prod --commit release/memory-v1 --decision approved --key ~/.ssh/id
  guardrails signoff --role architect-2 --env prod --commit 3f1c… --decision rejected --notes "the migration is one-way"
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `signoff`."""
    parser.epilog = _EXAMPLES
    parser.add_argument("--role", metavar="ROLE", required=True, help="the role that this is said in")
    parser.add_argument("--commit", metavar="REV", required=True, help="the commit, by its id or a name in development")
    parser.add_argument("--decision", choices=["approved", "rejected"], required=True, help="what is said")
    parser.add_argument("--after", metavar="ROLE", action="append", default=[], help="only once that role approves too")
    parser.add_argument("--notes", metavar="TEXT", default="", help="anything to add, for people")
    parser.add_argument("--signer", metavar="ADDRESS", default="", help="who says so (default: the address git knows)")
    acting.configure(parser)
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Record it, and print the commit and the record."""
    from guardrails.operations.signoff import sign_off

    world = acting.world(given, time.time(), given.commit)
    commit, ref = sign_off(
        world, given.role, given.decision,
        signer=given.signer, after=tuple(given.after), notes=given.notes, key=acting.key(given),
    )  # fmt: skip
    signed = "" if given.key else "; nobody signed it, so it counts only where [trust] has no allowed_signers"
    print(f"{given.role}: {given.decision} {commit}\nrecorded as {ref}{signed}")
    return 0
