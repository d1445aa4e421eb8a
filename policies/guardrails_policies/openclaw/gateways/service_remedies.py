"""What a person types to mend a service: a command that does it where one can, else a look at the definition.

None of them stops or changes a service that may belong to another environment.
"""

from __future__ import annotations

import os
from shlex import quote

from guardrails import a_look, commented

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails_policies.openclaw.gateways.gateway_services import GatewayService, GatewayServices

_BUDDY = "/usr/libexec/PlistBuddy -c"


def look(service: GatewayService, what: str) -> str:
    """Show the definition, and say what to change in it."""
    reader = f"plutil -p {quote(service.file)}" if _is_plist(service) else _shown(service)
    return a_look(reader, what)


def set_state(service: GatewayService, path: str) -> str:
    """Give the service this state directory, and no configuration from elsewhere."""
    what = f"it must get OPENCLAW_STATE_DIR={path}, and no OPENCLAW_CONFIG_PATH"
    if not service.plain:
        return look(service, what)
    if _is_plist(service):
        return _in_plist(service, path)
    folder = os.path.join(service.own_folder, f"{service.name}.service.d")
    variable = _escape(f"OPENCLAW_STATE_DIR={path}")
    lines = ("[Service]", "UnsetEnvironment=OPENCLAW_CONFIG_PATH", f'Environment="{variable}"')
    drop_in = quote(os.path.join(folder, "zz-state.conf"))
    return commented(
        f"mkdir -p {quote(folder)} && printf '%s\\n' {' '.join(map(quote, lines))} > {drop_in}",
        f"then: systemctl --user daemon-reload && systemctl --user restart {quote(service.name)}",
    )


def _in_plist(service: GatewayService, path: str) -> str:
    def command(line: str) -> str:
        return f"{_BUDDY} {quote(line)} {quote(service.file)}"

    verb = "Set" if "OPENCLAW_STATE_DIR" in service.written else "Add"
    kind = "" if verb == "Set" else "string "
    commands = [command(f"{verb} :EnvironmentVariables:OPENCLAW_STATE_DIR {kind}{path}")]
    if "OPENCLAW_CONFIG_PATH" in service.written:
        commands.append(command("Delete :EnvironmentVariables:OPENCLAW_CONFIG_PATH"))
    again = (
        f"launchctl bootout gui/$(id -u) {quote(service.file)}; launchctl bootstrap gui/$(id -u) {quote(service.file)}"
    )
    return commented(" && ".join(commands), f"then: {again}")


def let_start(service: GatewayService) -> str:
    """Take back what keeps its manager from starting it."""
    if _is_plist(service):
        return f"{_BUDDY} 'Delete :Disabled' {quote(service.file)}"
    return f"systemctl --user unmask {quote(service.name)}.service"


def end(service: GatewayService, services: GatewayServices) -> str:
    """Stop the service and keep it from starting again, or look at it when it may be another environment's."""
    named = any(name in services.of_others for name in service.names)
    if named or {*service.environments, *service.states} - {services.environment}:
        return look(service, f"it belongs to another environment, and must leave {services.environment} alone")
    if _is_plist(service):
        file = quote(service.file)
        return f"launchctl bootout gui/$(id -u) {file}; mv {file} {quote(f'{services.home}/{service.name}.plist')}"
    return f"systemctl --user disable --now {quote(service.name)}.service"


def install(services: GatewayServices, state: str) -> str:
    """Have OpenClaw make the service under the configured name."""
    name = quote((services.named or "").removesuffix(".service"))
    variables = f"OPENCLAW_LAUNCHD_LABEL={name} OPENCLAW_SYSTEMD_UNIT={name}.service"
    where = f"OPENCLAW_STATE_DIR={quote(state)} " if state else ""
    return f"cd {quote(services.repo)} && {where}{variables} node openclaw.mjs gateway install"


def _shown(service: GatewayService) -> str:
    return f"systemctl --user cat {quote(service.name)}.service || cat {quote(service.file)}"


def _is_plist(service: GatewayService) -> bool:
    return service.file.endswith(".plist")


def _escape(text: str) -> str:
    """A text as it stands between double quotes in a unit."""
    return text.replace("%", "%%").replace("\\", "\\\\").replace('"', '\\"')
