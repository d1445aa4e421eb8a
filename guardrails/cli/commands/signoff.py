"""`guardrails signoff`: approve or reject a commit, in a role; or show who has, as a page has it."""

from __future__ import annotations

import sys
import time

from guardrails import config
from guardrails.cli import signing
from guardrails.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from guardrails.config.settings import Settings
    from guardrails.operations.evidence.signoff import Demand

_EXAMPLES = """examples:
  guardrails signoff --role architect-1 --env prod --commit release/memory-v1 --decision approved --key ~/.ssh/id
  guardrails signoff --role architect-2 --env prod --commit 3f1c… --decision rejected --notes "the migration is one-way"
  guardrails signoff --env prod --commit release/memory-v1 --render      the blocks for the document
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `signoff`."""
    parser.epilog = _EXAMPLES
    parser.add_argument("--role", metavar="ROLE", help="the role that this is said in")
    parser.add_argument("--commit", metavar="REV", required=True, help="the commit, by its id or a name in development")
    parser.add_argument("--decision", choices=["approved", "rejected"], help="what is said")
    parser.add_argument(
        "--op", metavar="OPERATION", help="what is approved to be done with it (default: what brings commits there)"
    )
    parser.add_argument("--after", metavar="ROLE", action="append", default=[], help="only once that role approves too")
    parser.add_argument("--notes", metavar="TEXT", default="", help="anything to add, for people")
    parser.add_argument("--signer", metavar="ADDRESS", default="", help="who says so (default: the address git knows)")
    parser.add_argument(
        "--render", action="store_true", help="record nothing; print the sign-offs that count, as blocks of a document"
    )
    signing.configure(parser)
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Record it, and print what was signed and where; or print what others have recorded."""
    if given.render:
        for name in ("role", "decision", "after", "notes", "signer"):
            if getattr(given, name):
                raise UsageError(f"--render shows what is recorded and records nothing: leave out --{name}")
        return _render(given)
    missing = [f"--{name}" for name in ("role", "decision") if not getattr(given, name)]
    if missing:
        raise UsageError(f"{' and '.join(missing)} must be given, or --render; see guardrails signoff --help")
    return _record(given)


def _record(given: argparse.Namespace) -> int:
    from guardrails.operations.evidence.signoff import sign_off
    from guardrails.wording.shown_text import visible

    settings = config.load(given.config)
    world = signing.world_in(settings, given.env, time.time(), candidate=given.commit, operation=given.op)
    operation = world.operation.name if world.operation else ""
    done = sign_off(
        world, given.role, given.decision,
        signer=given.signer, after=tuple(given.after), notes=given.notes, key=signing.read_key(given),
        demands=_demands(settings, given.env, operation),
    )  # fmt: skip
    signed = "" if given.key else "; nobody signed it, so it counts only where [trust] has no allowed_signers"
    print(f"{given.role}: {given.decision} {done.commit}")
    print(f"  subject      {visible(done.subject)}")
    print(f"  environment  {world.environment.name}")
    print(f"  operation    {operation}")
    print(f"  plan         {done.plan}")
    print(f"recorded as {done.ref}{signed}")
    if done.uncounted:
        print(f"it does not count: {visible(done.uncounted)}")
    return 0


def _demands(settings: Settings, environment: str, operation: str) -> list[Demand]:
    """What the policies that will judge the operation ask of sign-offs."""
    from guardrails.operations.evidence.signoff import Demand

    asking = [one for one in settings.policies if one.use == "required-signoffs"]
    applying = [one.options for one in asking if operation in one.when.get(environment, ())]
    return [Demand(options["roles"], options["max_age"]) for options in applying if options["roles"]]


def _render(given: argparse.Namespace) -> int:
    from guardrails.engine.gather import gather_fact
    from guardrails.facts.approval.signoffs import SignOffs
    from guardrails.reporters.signoff_blocks import render
    from guardrails.wording.shown_text import visible

    world = signing.world(given, time.time(), candidate=given.commit, operation=given.op)
    found = gather_fact(SignOffs, world)
    text, left_out = render(found, world.options.get("required-signoffs", {}).get("roles", {}))
    sys.stdout.write(text)
    for ref, why in left_out:
        print(f"guardrails: not counted: {visible(f'{ref}: {why}')}", file=sys.stderr)
    if text and not found.signed:
        print(
            "guardrails: nobody need sign, so anybody may have said so: [trust] has no allowed_signers", file=sys.stderr
        )
    if not text:
        print(f"guardrails: no sign-off of {found.commit} counts", file=sys.stderr)
    return 0
