"""Save what a guarded run's reset would lose, once it may reset, and carry it to another repository."""

from __future__ import annotations

from guardrails.engine.gather import gather_fact
from guardrails.errors import CannotKnow, GuardrailsError
from guardrails.facts.git.rescues import RESCUES
from guardrails.facts.operation.losses import Losses
from guardrails.operations import audit
from guardrails.operations.rescue.restore import find_rescue, is_on_branch, open_repository, restore_as_branch
from guardrails.operations.rescue.save import find_unsaved, save
from guardrails.wording.shown_text import listed, storable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from guardrails.config.settings import Settings
    from guardrails.model import Environment
    from guardrails.policy import World


def save_losses(world: World, settings: Settings, tell: Callable[[str], None]) -> None:
    """Save what the operation would lose, unless a verified rescue holds it, and carry it where that is configured.

    It does nothing for an operation that does not ask for it. Raises CannotKnow when any of it cannot be told, saved,
    logged or carried; and then nothing may be reset.
    """
    operation = world.operation
    if operation is None or not operation.rescue:
        return
    losses = gather_fact(Losses, world)
    if losses.target is None or not losses.anything:
        return
    also = (*losses.overwrites, *losses.sweeps)
    if left := find_unsaved(world, also=also):
        raise CannotKnow(
            f"{listed(left)}: no rescue would hold that, so nothing is reset; mend it or move it away first"
        )
    name = losses.rescue.removeprefix(f"{RESCUES}/") if losses.rescue else _save(world, settings, also, tell)
    if operation.carry_to is not None:
        _carry(world, settings, name, operation.carry_to, tell)


def log_rescue(world: World, settings: Settings, did: str, **said: Any) -> None:
    """Log what was done with a rescue, and anchor the log.

    Raises AuditError or CannotKnow when that cannot be; what was done stays done, and the error says so.
    """
    said = {name: storable(value) if isinstance(value, str) else value for name, value in said.items()}
    try:
        audit.anchor(world, audit.log(settings, world.environment, "rescue", {"did": did, **said}))
    except GuardrailsError as error:
        raise type(error)(f"{said['ref']} stands, but what was done could not be logged: {error}") from None


def _save(world: World, settings: Settings, also: tuple[str, ...], tell: Callable[[str], None]) -> str:
    saved = save(world, also=also)
    log_rescue(world, settings, "save", **saved.counted())
    show = world.guardrails.line("rescue", "--env", world.environment.name, "show", saved.name)
    tell(f"saved {saved.files} files and {saved.stashes} stashes as {saved.ref}, and read them back")
    tell(f"what it holds: `{show}`; with restore and --to in place of show, it is written to a folder")
    if saved.unsaved:  # it has come since it was looked for
        raise CannotKnow(f"{saved.ref} does not hold that {listed(saved.unsaved)}; nothing was run, try again")
    return saved.name


def _carry(world: World, settings: Settings, name: str, target: Environment, tell: Callable[[str], None]) -> None:
    branch, git = f"rescue/{name}", open_repository(world.environment.repo)
    rescue = find_rescue(git, name)
    if is_on_branch(rescue, git, branch, target.repo):
        tell(f"the work is on the branch {branch} of {target.name} already")
        return
    tip = restore_as_branch(git, rescue, branch, target.repo)
    log_rescue(world, settings, "carry", ref=rescue.ref, branch=branch, to=target.name, commit=tip)
    tell(f"the work is on the branch {branch} of {target.name}, in {target.repo}")
