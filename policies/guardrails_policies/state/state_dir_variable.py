"""OPENCLAW_STATE_DIR leads to the environment's state directory wherever a gateway is started."""

from collections.abc import Iterator

from guardrails import (
    CannotKnow,
    DoesNotApply,
    Finding,
    MomentInQuestion,
    Note,
    Policy,
    Severity,
    StateDirectories,
    StateDirectory,
)
from guardrails_policies.openclaw.caller_state import CallerState, PlannedState
from guardrails_policies.openclaw.gateway_services import GatewayServices
from guardrails_policies.openclaw.gateways import Gateways


class StateDirVariable(Policy):
    """A service, a running gateway or the next command whose OPENCLAW_STATE_DIR leads elsewhere.

    Why it matters
        The variable alone decides which accounts, sessions and cron jobs a gateway takes over. One that is inherited
        wins over `--profile` and `--dev` on the command line, and one that is not set means `~/.openclaw`, which is
        production.
    Example
        $ export OPENCLAW_STATE_DIR=~/.openclaw      # hours ago, to look at something
        $ openclaw --dev gateway run                 # OpenClaw 2026.1.30 now runs on production's state
    Instead
        Set OPENCLAW_STATE_DIR in the service, and on the line of the command that starts a gateway by hand.

    Resolved as OpenClaw does it: a literal `~` is replaced, older versions read CLAWDBOT_STATE_DIR too, newer ones
    OPENCLAW_HOME. Where the version is not known and the answers differ, that is a finding. Before `start`, the
    environment of whoever runs the check is taken for that of the command.
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
            raise DoesNotApply(f"{state.environment} has no state_dir")
        found = [*_of_services(services, own), *_of_gateways(gateways, services, own)]
        if moment.operation == "start":
            found += [_of_command(one, own) for one in caller.planned if own.environment not in one.states]
            found += [
                _uncertain(one, own) for one in caller.planned if own.environment in one.states and not one.certain
            ]
        yield from found
        if not found:
            _unknown(gateways, services)
        for name in caller.legacy if moment.operation == "start" else ():
            yield Note(f"{name} is set, which OpenClaw 2026.9 does not read; unset it")


def _of_services(services: GatewayServices, own: StateDirectory) -> Iterator[Finding]:
    from shlex import quote

    for service in services.own:
        if not service.trouble and (own.environment not in service.states or service.otherwise):
            yield Finding(
                message=f"the service {service.name} does not use the state of {own.environment}",
                observed=f"{service.because}, which is {_either(service.state_dir, service.otherwise)}",
                expected=f"OPENCLAW_STATE_DIR={own.path}",
                remediation=f"${{EDITOR:-vi}} {quote(service.file)}   # set OPENCLAW_STATE_DIR to {own.path}",
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
                remediation=f"kill {gateway.pid}   # then start it again with OPENCLAW_STATE_DIR={own.path}",
                path=gateway.state_dir,
            )


def _of_command(planned: PlannedState, own: StateDirectory) -> Finding:
    from shlex import quote

    whose = f", the state of {planned.states[0]}" if planned.states else ""
    return Finding(
        message=f"{planned.what} would use another state than that of {own.environment}",
        observed=f"{planned.because}, which is {_either(planned.state_dir, planned.otherwise)}{whose}",
        expected=f"OPENCLAW_STATE_DIR={own.path}",
        remediation=f"export OPENCLAW_STATE_DIR={quote(own.path)}",
    )


def _uncertain(planned: PlannedState, own: StateDirectory) -> Finding:
    finding = _of_command(planned, own)
    return finding.replaced(message=f"{planned.what} uses the state of {own.environment} in some versions only")


def _either(path: str, otherwise: str) -> str:
    return f"{path} or, to another version, {otherwise}" if otherwise else path


def _unknown(gateways: Gateways, services: GatewayServices) -> None:
    """Raise CannotKnow when the state of something that may belong here cannot be told."""
    for service in services.own:
        if service.trouble or service.doubt:
            raise CannotKnow(service.trouble or f"the variables of {service.file} cannot be told: {service.doubt}")
    for gateway in gateways.running:
        if gateway.trouble:
            raise CannotKnow(gateway.trouble)
