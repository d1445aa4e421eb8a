"""The service starts the environment's repository with its state directory."""

from collections.abc import Iterator

from guardrails import CannotKnow, Finding, Note, NothingAsked, Policy, Severity, StateDirectories, a_look
from guardrails_policies.openclaw.gateways import service_remedies
from guardrails_policies.openclaw.gateways.gateway_services import GatewayService, GatewayServices

_WHOSE = "if it is the one that is meant, name it in `service`; if not, it must leave this environment alone"


class ServiceDefinition(Policy):
    """A service that is missing, runs another repository or state, or is not the only one.

    Why it matters
        The service runs after a restart of the machine, whatever was tried by hand. One that still points into the
        development repository undoes every promotion, and one without OPENCLAW_STATE_DIR uses the default state.
    Example
        <key>ProgramArguments</key>
        <array><string>/usr/bin/node</string><string>/Users/alice/moltbot/dist/entry.js</string>…
    Instead
        Install the service from the repository that it is to run: `cd ~/openclaw-prod && openclaw gateway install`, and
        name its label in `service` of the environment.

    Definitions are read on any platform: `~/Library/LaunchAgents`, and the units of all folders of `systemd-analyze
    --user unit-paths` with their drop-ins. Aliases are one service; an instance such as `openclaw@prod` is found by its
    template. The policy follows the variables of the unit, of its EnvironmentFile, of `environment.d` and of
    `DefaultEnvironment`, and the command through `env`, shell scripts and package scripts down to the program. A
    variable that `systemctl --user set-environment` gave a running manager stands in no file, so the policy does not
    see it: write it into `environment.d` instead. It mentions, by name, a secret in clear text or in a `.env` that
    others may read.
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
        own = next((one.path for one in state.directories if one.environment == name), "")
        found = list(_missing(services, own))
        for service in services.own:
            if service.trouble:
                raise CannotKnow(service.trouble)
            if not service.off:
                found += _program(service, name, services.repo)
                found += _state(service, name, own) if own else ()
        found += _others(services)
        yield from found
        if not found:
            _require_known(services)
        yield from _secrets(services)


def _missing(services: GatewayServices, state: str) -> Iterator[Finding]:
    if any(not service.off for service in services.own):
        return
    name = (services.named or "").removesuffix(".service")
    if troubled := next((one.trouble for one in services.services if one.trouble and name in one.file), ""):
        raise CannotKnow(troubled)
    others = [one for one in services.services if not one.off and services.environment in one.environments]
    misnamed = next((one for one in services.services if one.file.endswith(f"/{name}.plist")), None)
    expected = f"a definition of {name}"
    if services.own:
        observed, remedy = f"{services.own[0].file} is disabled", service_remedies.let_start(services.own[0])
    elif misnamed or others:
        other = misnamed or others[0]
        observed = f"{other.file}, whose name is {other.name}"
        expected += f', or service = "{other.name}" in the configuration'
        remedy = a_look("guardrails init --print", "how would it write `service`? Correct that in the configuration")
    else:
        observed = f"nothing of that name in {services.home}/Library/LaunchAgents or where systemd looks for user units"
        remedy = service_remedies.install(services, state)
    yield Finding(
        message=f"there is no service {name}",
        observed=observed,
        expected=expected,
        remediation=remedy,
        path=(services.own[0].file if services.own else misnamed.file if misnamed else None),
    )


def _program(service: GatewayService, name: str, repo: str) -> Iterator[Finding]:
    if service.program and name not in service.environments:
        whose = f"the repository of {service.environments[0]}" if service.environments else service.folder
        yield Finding(
            message=f"the service {service.name} runs from {whose}",
            observed=service.program,
            expected=f"a program in {repo}",
            remediation=service_remedies.look(service, f"let it start the program in {repo}"),
            path=service.file,
        )


def _state(service: GatewayService, name: str, own: str) -> Iterator[Finding]:
    remedy = service_remedies.set_state(service, own)
    if name not in service.states or service.otherwise:
        whose = next((one for one in service.states if one != name), "")
        observed = f"{service.because}, which is {service.state_dir}"
        observed += f", or else {service.otherwise}" if service.otherwise else ""
        message = f"the service {service.name} uses the state of {whose}" if whose else ""
        yield Finding(
            message=message or f"{service.name} uses another state",
            observed=observed,
            expected=own,
            remediation=remedy,
            path=service.file,
        )
    elif service.configuration:
        yield Finding(
            message=f"the service {service.name} is configured by a file outside of its state",
            observed=f"OPENCLAW_CONFIG_PATH leads to {service.configuration}",
            expected=f"{own}/openclaw.json, which the other policies look at",
            remediation=remedy,
            path=service.file,
        )


def _others(services: GatewayServices) -> Iterator[Finding]:
    name, own = services.environment, services.own
    known = any(not service.off for service in own)  # else this may be the one that is meant
    for service in services.services:
        if service not in own and not service.off and name in (*service.environments, *service.states):
            same = "repository" if name in service.environments else "state directory"
            yield Finding(
                message=f"a second service, {service.name}, is for the {same} of {name}",
                observed=f"{service.file} starts {service.program or 'a gateway'} on {service.state_dir}",
                expected=f"{services.named} alone",
                remediation=service_remedies.end(service, services)
                if known
                else service_remedies.look(service, _WHOSE),
                path=service.file,
            )


def _require_known(services: GatewayServices) -> None:
    """Raise CannotKnow when what the service starts, or whether another starts the same, cannot be seen."""
    for service in services.own:
        if not service.off and not service.program:
            raise CannotKnow(f"the program of {service.file} cannot be found; give its whole path")
        if not service.off and service.doubt:
            raise CannotKnow(f"what {service.file} starts cannot be told: {service.doubt}")
    for service in services.services:
        if service.off or service in services.own:
            continue
        if service.trouble:
            raise CannotKnow(f"{service.trouble}, so it may be a second gateway")
        if service.doubt or services.environment in service.maybe:
            doubt = service.doubt or f"its state is {service.state_dir} or {service.otherwise}"
            raise CannotKnow(f"{service.file} may be a second gateway: {doubt}")


def _secrets(services: GatewayServices) -> Iterator[Note]:
    for service in services.own:
        if service.secrets:
            names = ", ".join(service.secrets)
            yield Note(f"{service.file} holds {names} in clear text; anybody who can read the file has it")
        for path, mode in service.open_files:
            yield Note(f"{path} holds secrets, and its mode {mode:o} lets others read it; chmod 600 keeps them out")
