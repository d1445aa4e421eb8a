"""Whose program a gateway's process runs, and which service has started it.

A gateway's title hides its command line, so its child, its folder and its service have to tell.
"""

from __future__ import annotations

import os
import re

from guardrails import CannotKnow
from guardrails_policies.openclaw.owners import environments_at
from guardrails_policies.openclaw.shell.gateway_commands import launch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails import World
    from guardrails.facts.programs.process_table import Process
    from guardrails_policies.openclaw.gateways.gateway_services import GatewayServices
    from guardrails_policies.openclaw.shell.gateway_commands import Launch

STARTED_BY = ("XPC_SERVICE_NAME", "OPENCLAW_LAUNCHD_LABEL", "OPENCLAW_SYSTEMD_UNIT")  # variables that name a service
_WORKER = r"(?P<package>/.+)/dist/(?:process/spawn-broker|infra)/[^/]*worker\.m?js"  # children of 2026.9.6


def launch_of(process: Process, world: World, repos: list[str] | None = None) -> Launch | None:
    """The launch of a gateway by the command line of a process; None when it starts none, or a title hides it."""
    try:
        return launch(process.arguments, process.folder or "", {}, home=world.home, repos=repos or ())
    except CannotKnow:
        return None


def service_of(process: Process, services: GatewayServices) -> str:
    """The service that has started it, as the control group of systemd, launchd or OpenClaw say."""
    named: list[str] = []
    try:
        with open(f"/proc/{process.pid}/cgroup", encoding="utf-8", errors="replace") as file:
            named = [part for part in file.read(4096).replace("\n", "/").split("/") if part.endswith(".service")]
    except OSError:
        pass  # it has ended, or this is no Linux
    variables = process.variables or {}
    named += [variables.get(name, "") for name in STARTED_BY]  # may be inherited from another gateway
    known = {service.name for service in services.services}
    return next((name.removesuffix(".service") for name in named if name.removesuffix(".service") in known), "")


def program_of(
    process: Process, started: Launch | None, service: str, services: GatewayServices, world: World
) -> tuple[str, tuple[str, ...]]:
    """What shows whose repository it runs: its own command line or that of a child, where it was started, its service.

    The service comes last, since every process that a gateway starts inherits its name.
    """
    folder = process.folder or ""
    programs = [started.program if started else ""]
    programs.append(os.path.dirname((process.variables or {}).get("npm_package_json", "")))
    programs += [
        match["package"] for words in process.children for word in words if (match := re.fullmatch(_WORKER, word))
    ]
    programs.append(folder if environments_at(folder, world) else "")
    programs += [one.program for one in services.services if one.name == service]
    known = next((program for program in programs if program), "")
    return known, environments_at(known, world)
