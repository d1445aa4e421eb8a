"""At most one gateway uses the state directory, and it runs from the environment's repository."""

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
    a_look,
)
from guardrails_policies.openclaw.gateways.gateway_services import GatewayServices
from guardrails_policies.openclaw.gateways.running_gateways import Gateway, Gateways
from guardrails_policies.openclaw.gateways.service_remedies import end


class SingleGateway(Policy):
    """A second gateway on the same state directory, or one that runs from another repository.

    Why it matters
        Every gateway on a state directory fires each of its cron jobs and answers its accounts, and the last one to
        write a file wins. OpenClaw 2026.1.30 locks its configuration file and not its state, so another configuration
        is enough to start a second one.
    Example
        $ OPENCLAW_CONFIG_PATH=~/test.json OPENCLAW_GATEWAY_PORT=19000 openclaw gateway run   # beside the service
    Instead
        Restart the service instead of starting another gateway, and give a trial a state directory of its own.

    The policy finds a gateway by its lock, its title or its command line; from 2026.4.29 to 2026.6.35, where it has the
    title of every client, by a socket that listens; and whatever its name, by such a socket beside an open store of a
    state. Its lock or that store, else its environment, says which state it uses. A lock counts for the process that
    took it: the policy only mentions a lock that is left over, or whose process id now belongs to another process. It
    is undecided about a possible gateway of a user whose processes it cannot look at: run the check as that user, or
    end the process. In 2026.1.30 a client such as `openclaw gateway status` has the title of a gateway for as long as
    it runs, and counts as one: wait until it has ended.
    """

    id = "single-gateway"
    title = "At most one gateway uses the state directory"
    source = "deployment-rules §5"
    severity = Severity.CRITICAL
    guards = ("*never mix*", "*`{state_dir}` → * state*")

    def evaluate(
        self, moment: MomentInQuestion, gateways: Gateways, services: GatewayServices, state: StateDirectories
    ) -> Iterator[Finding | Note]:
        """Count the gateways on this state, see whose programs they are, and how many services would start one."""
        if not any(directory.environment == state.environment for directory in state.directories):
            raise NothingAsked(f"{state.environment} has no state_dir")
        here = gateways.environment
        own = [gateway for gateway in gateways.running if here in gateway.states and not gateway.doubtful]
        found = [*_several(own), *_strangers(own, here), *_services(services, gateways.services_of_others)]
        yield from found
        if not found:
            _require_known(gateways, own, services)
        yield from _notes(own, gateways, moment)


def _several(own: list[Gateway]) -> Iterator[Finding]:
    if len(own) > 1:
        pids = ",".join(str(gateway.pid) for gateway in own)
        yield Finding(
            message=f"{len(own)} gateways use one state directory",
            observed="; ".join(_described(gateway) for gateway in own),
            expected=f"one gateway at most on {own[0].state_dir}",
            remediation=a_look(f"ps -o pid,ppid,lstart,args -p {pids}", "end all but one where they were started"),
            path=own[0].state_dir,
        )


def _described(gateway: Gateway) -> str:
    where = gateway.service or gateway.program or gateway.folder
    return f"process {gateway.pid} ({gateway.because})" + (f" from {where}" if where else "")


def _strangers(own: list[Gateway], environment: str) -> Iterator[Finding]:
    for gateway in own:
        if gateway.program and environment not in gateway.environments:
            whose = f"the repository of {gateway.environments[0]}" if gateway.environments else gateway.program
            yield Finding(
                message=f"the gateway on the state of {environment} runs from {whose}",
                observed=f"process {gateway.pid} uses {gateway.state_dir} ({gateway.because}) and is {gateway.program}",
                expected=f"a gateway from the repository of {environment}",
                remediation=a_look(
                    f"ps -o pid,ppid,lstart,args -p {gateway.pid}",
                    "end it where it was started, and start it again with a state directory of its own",
                ),
                path=gateway.program,
            )


def _services(services: GatewayServices, of_others: tuple[str, ...]) -> Iterator[Finding]:
    """Services that would each start a gateway on this state or from this repository."""
    name = services.environment
    starting = [one for one in services.services if not one.off and name in (*one.environments, *one.states)]
    if len(starting) > 1:
        spare = [one for one in starting if one not in services.own and not {*one.names} & {*of_others}]
        known = any(one in services.own for one in starting)  # else one of them may be the one that is meant
        yield Finding(
            message=f"{len(starting)} services start a gateway of {name}",
            observed="; ".join(f"{one.name} ({one.file}) on {one.state_dir}" for one in starting),
            expected="one service for a repository and its state",
            remediation=end(spare[0], services) if spare and known else _look_at([one.file for one in starting]),
            path=starting[-1].file,
        )


def _look_at(files: list[str]) -> str:
    from shlex import join

    return a_look(join(["ls", "-l", *files]), "let each environment have one service, on its own state")


def _require_known(gateways: Gateways, own: list[Gateway], services: GatewayServices) -> None:
    """Raise CannotKnow when something may be a second gateway, or nothing shows whose program the only one is."""
    for gateway in gateways.running:
        if gateway.trouble:
            raise CannotKnow(f"{gateway.trouble}; run this as that user, or end it")
        if gateway.doubtful or (gateway.otherwise and gateway not in own):
            raise CannotKnow(
                f"process {gateway.pid} uses {gateway.state_dir} or {gateway.otherwise}, whichever version it is"
            )
    for gateway in own:
        if not gateway.program:
            raise CannotKnow(
                f"nothing shows whose repository process {gateway.pid} runs, which was started in {gateway.folder}"
            )
    for service in services.services:
        if service.trouble and not service.off:
            raise CannotKnow(f"{service.trouble}, so it may start a second gateway")


def _notes(own: list[Gateway], gateways: Gateways, moment: MomentInQuestion) -> Iterator[Note]:
    if not own and moment.operation == "verify":
        yield Note("no gateway is running on this state directory")
    if own and moment.operation == "start" and not moment.after:
        yield Note(f"process {own[0].pid} runs already; restart it instead of starting a second one")
    for gateway in own:
        if gateway.config_path and gateway.lock and not gateway.config_path.startswith(f"{gateway.state_dir}/"):
            yield Note(f"the lock of process {gateway.pid} is that of {gateway.config_path} and protects no state")
    for path in gateways.stale[:10]:
        yield Note(f"{path} is a lock that nobody holds any more")
