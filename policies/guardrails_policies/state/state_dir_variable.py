"""OPENCLAW_STATE_DIR leads to the environment's state directory wherever a gateway is started."""

from collections.abc import Iterator

from guardrails import (
    CannotKnow,
    Finding,
    MomentInQuestion,
    Note,
    NothingAsked,
    Policy,
    Severity,
    StateDirectories,
    StateDirectory,
    a_look,
)
from guardrails_policies.openclaw.gateways import service_remedies
from guardrails_policies.openclaw.gateways.caller_state import CallerState, PlannedState
from guardrails_policies.openclaw.gateways.gateway_services import GatewayServices
from guardrails_policies.openclaw.gateways.running_gateways import Gateways


class StateDirVariable(Policy):
    """A service, a running gateway or the next command whose OPENCLAW_STATE_DIR leads elsewhere.

    Why it matters
        The variable alone decides which accounts, sessions and cron jobs a gateway takes over. An inherited one wins
        over `--profile` and `--dev` on the command line, and without one the gateway uses `~/.openclaw`, which is
        production.
    Example
        $ export OPENCLAW_STATE_DIR=~/.openclaw      # hours ago, to look at something
        $ openclaw --dev gateway run                 # OpenClaw 2026.1.30 now runs on production's state
    Instead
        Set OPENCLAW_STATE_DIR in the service, and on the line of the command that starts a gateway by hand.

    The policy resolves the variable as OpenClaw does: a literal `~` is replaced, older versions read CLAWDBOT_STATE_DIR
    too, newer ones OPENCLAW_HOME, and a `.env` in the state or in the folder where the gateway is started may set a
    variable that is not set. If the version is not known and the answers differ, that is a finding. So is an
    OPENCLAW_CONFIG_PATH that leads out of the state, since then the other policies look at another file than the
    gateway. Before `start`, the policy takes the environment of the user who runs the check for that of the command.
    """

    id = "state-dir-variable"
    title = "OPENCLAW_STATE_DIR leads to the right state"
    source = "deployment-rules §2"
    severity = Severity.CRITICAL
    guards = ("OPENCLAW_STATE_DIR=*", "*`OPENCLAW_STATE_DIR=*")

    def evaluate(
        self,
        moment: MomentInQuestion,
        caller: CallerState,
        services: GatewayServices,
        gateways: Gateways,
        state: StateDirectories,
    ) -> Iterator[Finding | Note]:
        """Compare where each gateway has its state, or would have it, with where this environment has it."""
        own = next((one for one in state.directories if one.environment == state.environment), None)
        if own is None:
            raise NothingAsked(f"{state.environment} has no state_dir")
        found = [*_of_services(services, own), *_of_gateways(gateways, services, own)]
        planned = [one for one in caller.planned if moment.operation == "start"]
        found += [finding for one in planned for finding in _of_command(one, own)]
        yield from found
        if not found:
            _require_known(gateways, services, planned)
        for name in caller.legacy if moment.operation == "start" else ():
            yield Note(f"{name} is set, which OpenClaw 2026.9 does not read; unset it")


def _of_services(services: GatewayServices, own: StateDirectory) -> Iterator[Finding]:
    for service in services.own:
        if service.trouble or service.off:
            continue
        remedy = service_remedies.set_state(service, own.path)
        if own.environment not in service.states or service.otherwise:
            yield Finding(
                message=f"the service {service.name} does not use the state of {own.environment}",
                observed=f"{service.because}, which is {_either(service.state_dir, service.otherwise)}",
                expected=f"OPENCLAW_STATE_DIR={own.path}",
                remediation=remedy,
                path=service.file,
            )
        elif service.configuration:
            yield Finding(
                message=f"the service {service.name} is configured by a file outside of its state",
                observed=f"OPENCLAW_CONFIG_PATH leads to {service.configuration}",
                expected=f"{own.path}/openclaw.json",
                remediation=remedy,
                path=service.file,
            )


def _of_gateways(gateways: Gateways, services: GatewayServices, own: StateDirectory) -> Iterator[Finding]:
    """The gateways of this environment, by their repository or the service that started them."""
    names = [service.name for service in services.own]
    for gateway in gateways.running:
        beside = gateway.profile and not gateway.states  # a profile of its own, run from the same package
        here = gateway.service in names or (own.environment in gateway.environments and not beside)
        if here and gateway.state_dir and (own.environment not in gateway.states or gateway.otherwise):
            yield Finding(
                message=f"a gateway of {own.environment} uses another state",
                observed=f"process {gateway.pid} from {gateway.program or gateway.service} uses "
                f"{_either(gateway.state_dir, gateway.otherwise)} ({gateway.because})",
                expected=f"OPENCLAW_STATE_DIR={own.path}",
                remediation=a_look(
                    f"ps -o pid,ppid,lstart,args -p {gateway.pid}",
                    f"end it where it was started, and start it again with OPENCLAW_STATE_DIR={own.path}",
                ),
                path=gateway.state_dir,
            )


def _of_command(planned: PlannedState, own: StateDirectory) -> Iterator[Finding]:
    if not planned.state_dir:
        return  # what it would use cannot be told
    here = own.environment in planned.states
    whose = f", the state of {planned.states[0]}" if planned.states else ""
    finding = Finding(
        message=f"{planned.what} would use another state than that of {own.environment}",
        observed=f"{planned.because}, which is {_either(planned.state_dir, planned.otherwise)}{whose}",
        expected=f"OPENCLAW_STATE_DIR={own.path}",
        remediation=_remedy(planned, own),
    )
    if not here:
        yield finding
    elif not planned.certain:
        yield finding.replaced(message=f"{planned.what} may use another state than that of {own.environment}")
    elif planned.configuration:
        yield finding.replaced(
            message=f"{planned.what} would be configured by a file outside of the state of {own.environment}",
            observed=f"OPENCLAW_CONFIG_PATH leads to {planned.configuration}",
            expected=f"{own.path}/openclaw.json",
        )


def _remedy(planned: PlannedState, own: StateDirectory) -> str:
    from shlex import quote

    if planned.because.startswith("--profile") or "`" in planned.what:  # then what is exported may not count
        then = (
            f"start it without --profile and without variables of its own, after: export OPENCLAW_STATE_DIR={own.path}"
        )
        return a_look("printenv OPENCLAW_STATE_DIR || echo it is not set", then)
    state = f"export OPENCLAW_STATE_DIR={quote(own.path)}"
    if not planned.configuration:
        return state
    configuration = quote(f"{own.path}/openclaw.json")
    return f"{state} && export OPENCLAW_CONFIG_PATH={configuration}"  # fish has no `unset`


def _either(path: str, otherwise: str) -> str:
    return f"{path}, or else {otherwise}" if otherwise else path


def _require_known(gateways: Gateways, services: GatewayServices, planned: list[PlannedState]) -> None:
    """Raise CannotKnow when the state of something that may belong here cannot be told."""
    for service in services.own:
        if not service.off and (service.trouble or service.doubt):
            raise CannotKnow(service.trouble or f"the variables of {service.file} cannot be told: {service.doubt}")
    for gateway in gateways.running:
        if gateway.trouble:
            raise CannotKnow(gateway.trouble)
    for one in planned:
        if one.doubt:
            raise CannotKnow(f"the state that {one.what} would use cannot be told: {one.doubt}")
