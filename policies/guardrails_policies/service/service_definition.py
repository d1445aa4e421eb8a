"""The service starts the environment's repository with its state directory."""

from collections.abc import Iterator

from guardrails import CannotKnow, Finding, Note, NothingAsked, Policy, Severity, StateDirectories
from guardrails_policies.openclaw.gateway_services import GatewayService, GatewayServices


class ServiceDefinition(Policy):
    """A service that is missing, runs another repository or state, or is not the only one.

    Why it matters
        The service is what runs after a restart of the machine, whatever was tried by hand. One that still points into
        the development repository undoes every promotion, and one without OPENCLAW_STATE_DIR uses whatever is the
        default.
    Example
        <key>ProgramArguments</key>
        <array><string>/usr/bin/node</string><string>/Users/alice/moltbot/dist/entry.js</string>…
    Instead
        Install the service from the repository that it is to run: `cd ~/openclaw-prod && openclaw gateway install`, and
        name its label in `service` of the environment.

    Definitions are read from `~/Library/LaunchAgents` and `~/.config/systemd/user`, on any platform. A secret in clear
    text is mentioned by its name.
    """

    id = "service-definition"
    title = "The service starts this repository and state"
    source = "deployment-rules §2"
    severity = Severity.HIGH
    guards = ("*{service}*", "*deploy from prod repo*")

    def evaluate(self, services: GatewayServices, state: StateDirectories) -> Iterator[Finding | Note]:
        """Find the configured service, compare what it starts, and look for others that start the same."""
        name = services.environment
        if not services.named:
            raise NothingAsked(f"{name} has no service")
        found = list(_missing(services))
        for service in services.own:
            if service.trouble:
                raise CannotKnow(service.trouble)
            found += _program(service, name, services.repo)
            found += _state(service, name, state)
        found += _others(services)
        yield from found
        if not found:
            _unknown(services)
        for service in services.own:
            if service.secrets:
                names = ", ".join(service.secrets)
                yield Note(f"{service.file} holds {names} in clear text; anybody who can read the file has it")


def _missing(services: GatewayServices) -> Iterator[Finding]:
    from shlex import quote

    if any(not service.off for service in services.own):
        return
    name = (services.named or "").removesuffix(".service")
    if troubled := next((one.trouble for one in services.services if one.trouble and name in one.file), ""):
        raise CannotKnow(troubled)
    others = [one for one in services.services if not one.off and services.environment in one.environments]
    misnamed = next((one for one in services.services if one.file.endswith(f"/{name}.plist")), None)
    if services.own:
        observed = f"{services.own[0].file} is disabled"
    elif misnamed or others:
        other = misnamed or others[0]
        observed = f"{other.file}, whose name is {other.name}"
    else:
        observed = (
            f"nothing of that name in {services.home}/Library/LaunchAgents or {services.home}/.config/systemd/user"
        )
    yield Finding(
        message=f"there is no service {name}",
        observed=observed,
        expected=f"a definition of {name}",
        remediation=f"cd {quote(services.repo)} && openclaw gateway install   # or correct its name",
        path=(services.own[0].file if services.own else misnamed.file if misnamed else None),
    )


def _program(service: GatewayService, name: str, repo: str) -> Iterator[Finding]:
    if service.program and name not in service.environments:
        whose = f"the repository of {service.environments[0]}" if service.environments else service.folder
        yield Finding(
            message=f"the service {service.name} runs from {whose}",
            observed=service.program,
            expected=f"a program in {repo}",
            remediation=_edit(service, f"let it start the program in {repo}"),
            path=service.file,
        )


def _state(service: GatewayService, name: str, state: StateDirectories) -> Iterator[Finding]:
    own = next((one for one in state.directories if one.environment == name), None)
    if own is None or (name in service.states and not service.otherwise):
        return
    whose = next((one for one in service.states if one != name), "")
    observed = f"{service.because}, which is {service.state_dir}"
    if service.otherwise:
        observed += f" or, to another version, {service.otherwise}"
    yield Finding(
        message=f"the service {service.name} uses the state of {whose}"
        if whose
        else f"{service.name} uses another state",
        observed=observed,
        expected=own.path,
        remediation=_edit(service, f"set OPENCLAW_STATE_DIR to {own.path}"),
        path=service.file,
    )


def _edit(service: GatewayService, what: str) -> str:
    from os.path import basename
    from shlex import quote

    file = quote(service.file)
    if service.file.endswith(".plist"):
        again = f"launchctl bootout gui/$UID {file}; launchctl bootstrap gui/$UID {file}"
    else:
        again = f"systemctl --user daemon-reload && systemctl --user restart {quote(basename(service.file))}"
    return f"${{EDITOR:-vi}} {file} && {again}   # {what}"


def _others(services: GatewayServices) -> Iterator[Finding]:
    name, own = services.environment, services.own
    for service in services.services:
        if service not in own and not service.off and name in (*service.environments, *service.states):
            same = "repository" if name in service.environments else "state directory"
            yield Finding(
                message=f"a second service, {service.name}, is for the {same} of {name}",
                observed=f"{service.file} starts {service.program or 'a gateway'} on {service.state_dir}",
                expected=f"{services.named} alone",
                remediation=_edit(service, "give it a repository and a state of its own, or remove it"),
                path=service.file,
            )


def _unknown(services: GatewayServices) -> None:
    """Raise CannotKnow when what the service starts, or whether another starts the same, cannot be seen."""
    for service in services.own:
        if not service.off and not service.program:
            raise CannotKnow(f"the program of {service.file} cannot be found; give its whole path")
        if not service.off and service.doubt:
            raise CannotKnow(f"what {service.file} starts cannot be told: {service.doubt}")
    for service in services.services:
        if service.trouble:
            raise CannotKnow(f"{service.trouble}, so it may be a second gateway")
