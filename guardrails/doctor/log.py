"""Whether the audit log of each environment is whole, and can be written."""

from __future__ import annotations

import os

from guardrails.audit import reader
from guardrails.config.settings import log_of
from guardrails.doctor.lines import Line, State, way_out
from guardrails.errors import AuditError, CannotKnow, ConfigurationError
from guardrails.operations.audit import read_anchor
from guardrails.remedies import a_look
from guardrails.safety.ownership import require_ours

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from guardrails.audit.chain import Head
    from guardrails.doctor.in_force import InForce
    from guardrails.model import Environment

_ABOUT = "log"


def examine_log(found: InForce) -> Iterator[Line]:
    """One line for each environment."""
    for environment in found.environments:
        try:
            path = log_of(found.settings.audit, environment, found.settings.environments)
            anchor = read_anchor(environment) if os.path.isdir(environment.repo) else None
            yield _line(found, environment, path, anchor)
        except (CannotKnow, ConfigurationError) as error:
            yield Line(_ABOUT, environment.name, State.UNKNOWN, str(error))


def _line(found: InForce, environment: Environment, path: str, anchor: Head | None) -> Line:
    name = environment.name
    if problem := _unwritable(path):
        return Line(_ABOUT, name, State.WRONG, problem, way_out(problem, "no check is allowed until it can be written"))
    if not os.path.lexists(path) and anchor is None:
        return Line(_ABOUT, name, State.OK, f"{path} is not there yet; the first check writes it")
    try:
        verified = reader.verify(path, anchor)
    except AuditError as error:
        return Line(_ABOUT, name, State.WRONG, str(error), way_out(str(error), "mend it; see docs/audit.md"))
    if verified.line is not None:
        verify = found.guardrails(environment).line("log", "verify", "--env", name)
        do = a_look(f"{verify} || true", "docs/audit.md says how to go on, and keep what there is")
        return Line(_ABOUT, name, State.WRONG, f"{path}:{verified.line}: {verified.problem}", do)
    place = f"the anchor is record {anchor.number}" if anchor else "no operation has anchored it yet"
    mended = f", {len(verified.mended)} torn lines were mended" if verified.mended else ""
    return Line(_ABOUT, name, State.OK, f"{path}: {verified.records} records, whole; {place}{mended}")


def _unwritable(path: str) -> str:
    """Why no record can be added to a log, empty when one can. It opens no file to find out."""
    if os.path.lexists(path) and not os.access(path, os.W_OK):
        return f"{path} cannot be written by this user"
    folder = os.path.dirname(path)
    while not os.path.lexists(folder):
        folder = os.path.dirname(folder)
    if not os.path.isdir(folder):
        return f"{folder} is no folder, so {path} cannot be made"
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"{folder} cannot be written by this user, so {path} cannot be made"
    try:
        require_ours(folder)
    except CannotKnow as error:
        return str(error)
    return ""
