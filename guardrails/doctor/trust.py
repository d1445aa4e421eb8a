"""Whose signatures count, and whether the files that say so can be used."""

from __future__ import annotations

from guardrails.doctor.lines import Line, State, way_out
from guardrails.engine.gather import gather_fact
from guardrails.errors import CannotKnow
from guardrails.facts.approval.signatures import AllowedSigners, find_ssh_keygen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from guardrails.doctor.in_force import InForce

_ABOUT = "trust"
_UNSIGNED = "[trust] has no allowed_signers: evidence counts although nobody signed it, so anybody can make it"


def examine_trust(found: InForce) -> Iterator[Line]:
    """One line: it is the same for all environments."""
    if not found.environments:
        return
    world = found.world(found.environments[0])
    path = world.trust.allowed_signers
    if path is None:
        yield Line(_ABOUT, "", State.NOTE, _UNSIGNED)
        return
    try:
        signers = gather_fact(AllowedSigners, world)
        find_ssh_keygen()
    except CannotKnow as error:
        yield Line(_ABOUT, "", State.WRONG, str(error), way_out(str(error), "see docs/approvals.md, and mend it"))
        return
    if not signers.principals:
        do = way_out(f"{path} ", "add a line for each signer; see docs/approvals.md")
        yield Line(_ABOUT, "", State.WRONG, f"{path} names nobody, so nothing that is signed counts", do)
        return
    revoked = f", without what {signers.revoked_path} revokes" if signers.revoked_path else ""
    text = f"{path} has {len(signers.principals)} keys of {len(signers.people)} people{revoked}"
    yield Line(_ABOUT, "", State.OK, text)
