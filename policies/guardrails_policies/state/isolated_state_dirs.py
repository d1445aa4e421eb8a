"""The environments keep their state apart."""

from collections.abc import Iterator
from types import MappingProxyType

from guardrails import Finding, Note, NothingAsked, Policy, Severity, StateDirectories, StateDirectory, a_look, ask
from guardrails_policies.openclaw.state.references import StateReference, StateReferences


class IsolatedStateDirs(Policy):
    """Two environments that share a state directory, or one whose state reaches into the other's.

    Why it matters
        Two gateways on one state directory run every cron job twice, overwrite each other's sessions and answer with
        each other's accounts. It takes one forgotten variable, one symbolic link or one copied directory. A state
        that names paths inside the other environment is the same mistake half made: OpenClaw 2026.1.30 puts its
        default workspace into `~/.openclaw` whatever OPENCLAW_STATE_DIR says.
    Example
        $ ln -s ~/.openclaw ~/.openclaw-dev
        $ OPENCLAW_STATE_DIR=~/.openclaw-dev pnpm openclaw-dev gateway run     # now runs on production's state
    Instead
        Give each environment a directory of its own, none inside another, and set `agents.defaults.workspace` in the
        `openclaw.json` of each. `~/.openclaw` and `~/.openclaw-dev` are two directories, not one inside the other.

    A copied state keeps the rows of its cron jobs filed under the former place, where its own gateway does not see
    them. Once there are rows under its own place, the policy only mentions the former ones, since no program removes
    them.
    """

    id = "isolated-state-dirs"
    title = "Each environment has a state directory of its own"
    source = "deployment-rules §5"
    severity = Severity.CRITICAL
    guards = ("{state_dir}", "*isolated*state dir*", "*state dir*isolated*", "*never mix*")
    stricter = MappingProxyType({"check_contents": "true"})

    check_contents: bool = True

    def evaluate(
        self, state: StateDirectories, contents: StateReferences = ask("check_contents")
    ) -> Iterator[Finding | Note]:
        """Compare this environment's directory with every other: by identity, by containment, by what it names."""
        own = next((one for one in state.directories if one.environment == state.environment), None)
        if own is None:
            raise NothingAsked(f"{state.environment} has no state_dir")
        if len(state.directories) == 1:
            yield Note(f"no environment but {state.environment} has a state_dir that could be shared")
        for directory in state.directories:
            if directory.identity is None:
                yield _missing(directory)
        for other in state.directories:
            if other is not own:
                yield from _overlap(own, other)
                yield from _reaching(own, other, contents)
                yield from _reaching(other, own, contents)


def _missing(directory: StateDirectory) -> Finding:
    from os.path import dirname
    from shlex import quote

    return Finding(
        message=f"the state directory of {directory.environment} is not there",
        observed=f"{directory.path} does not exist",
        expected=f"the state directory of {directory.environment}",
        remediation=a_look(f"ls -ld {quote(dirname(directory.path))}", "restore it, or correct its state_dir"),
        path=directory.path,
    )


def _overlap(own: StateDirectory, other: StateDirectory) -> Iterator[Finding]:
    if _same(own, other):
        how = "are the same directory"
    elif _inside(own, other):
        how = "overlap: the first is inside the second"
    elif _inside(other, own):
        how = "overlap: the second is inside the first"
    else:
        return
    from shlex import quote

    named = f"{own.path} ({own.environment}) and {other.path} ({other.environment})"
    yield Finding(
        message=f"the state directories of {own.environment} and {other.environment} {how}",
        observed=f"{named} {how}; without links: {own.real} and {other.real}",
        expected="two directories, none inside the other",
        remediation=a_look(f"ls -ld {quote(own.path)} {quote(other.path)}", "give each a directory of its own"),
        path=other.path,
    )


def _same(one: StateDirectory, other: StateDirectory) -> bool:
    return one.real == other.real or (one.identity is not None and one.identity == other.identity)


def _inside(inner: StateDirectory, outer: StateDirectory) -> bool:
    return inner.real.startswith(outer.real.rstrip("/") + "/") or outer.identity in inner.ancestors


def _reaching(owner: StateDirectory, other: StateDirectory, contents: StateReferences) -> Iterator[Finding | Note]:
    """What the owner's state says about paths inside the other's directory; one finding for each path."""
    if _same(owner, other):
        return
    named: dict[tuple[str, str], list[StateReference]] = {}
    workspace_is_set = keeps_jobs = False
    for reference in contents.references:
        if reference.environment == owner.environment:
            if _names(reference, other) and not _names(reference, owner):
                named.setdefault((reference.kind, reference.value), []).append(reference)
            elif reference.kind == "workspace":
                workspace_is_set = True
            elif reference.kind == "store_key":
                keeps_jobs = keeps_jobs or _names(reference, owner)
    for (kind, value), references in named.items():
        if kind == "cwd" and workspace_is_set:
            yield Note(f"{len(references)} older sessions of {owner.environment} ran in {value} of {other.environment}")
            continue
        if kind == "store_key" and keeps_jobs:
            yield Note(
                f"cron jobs in {references[0].where} are filed under {value} of {other.environment}, unseen here"
            )
            continue
        yield Finding(
            message=f"the state of {owner.environment} points into that of {other.environment} ({kind})",
            observed=f"{kind} {value} in {references[0].where}" + _and_more(references),
            expected=f"paths of {owner.environment} outside {other.path}",
            remediation=_remedy(references[0], owner.path),
            path=references[0].where,
        )


def _names(reference: StateReference, directory: StateDirectory) -> bool:
    return any(
        (path.rstrip("/") + "/").startswith(folder.rstrip("/") + "/")
        for path in (reference.value, reference.real)
        for folder in (directory.path, directory.real)
    )


def _and_more(references: list[StateReference]) -> str:
    return f" and {len(references) - 1} more files" if len(references) > 1 else ""


def _remedy(reference: StateReference, state: str) -> str:
    """The command that ends the finding, or a look where the state itself does not say what to set."""
    from shlex import quote

    openclaw = f"OPENCLAW_STATE_DIR={quote(state)} openclaw"
    if reference.kind == "store_key":
        return a_look(f"{openclaw} cron list --all", "it is a copied store: add its jobs again")
    if reference.kind == "cwd":
        return f"{openclaw} config set agents.defaults.workspace {quote(f'{state}/workspace')}"
    if not reference.setting:
        name = "agents" if reference.kind in ("workspace", "agentDir") else reference.kind
        return a_look(f"{openclaw} config get {name}", "a file that openclaw.json includes says it")
    if reference.kind == "workspace":
        return f"{openclaw} config set {quote(reference.setting)} {quote(f'{state}/workspace')}"
    return f"{openclaw} config unset {quote(reference.setting)}"
