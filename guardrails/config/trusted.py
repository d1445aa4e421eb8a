"""The configuration as a trusted ref has it: read from the repository's objects, never from the work tree."""

from __future__ import annotations

import os

from guardrails.config.effective import understand
from guardrails.config.places import FILE_NAME
from guardrails.errors import CannotKnow, ConfigurationError, GuardrailsError
from guardrails.facts.files import read_bytes, read_ours
from guardrails.facts.git.objects import find, read_verified
from guardrails.facts.git.reader import Repository
from guardrails.facts.git.refs import resolve_revision
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.loosening import Loosening, Ratchet
from guardrails.record import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from guardrails.config.layers import Merged, Reader
    from guardrails.config.settings import Settings
    from guardrails.model import Trust
    from guardrails.plugins.loader import Plugins

_FILE_MODES = (b"100644", b"100755")
_SIGNERS_LIMIT = 1024 * 1024  # bytes


class CommitFiles:
    """The files of one commit, as a reader. A path outside of the repository is read where it is."""

    def __init__(self, git: Repository, commit: str) -> None:
        self.git, self.commit = git, commit

    def read(self, path: str, limit: int) -> bytes:
        """A file's bytes. Raises FileNotFoundError when the commit has none there, CannotKnow for what is no file."""
        inside = self.inside(path)
        if inside is None:
            return read_ours(path, limit)
        name = f"{self.commit[:12]}:{inside}"
        entry = run_to_end(find(self.git, self.commit, inside))
        if entry is None:
            raise FileNotFoundError(name)
        mode, blob = entry
        if mode not in _FILE_MODES:
            raise CannotKnow(f"{name} is not a file")
        (data,) = run_to_end(read_verified(self.git, "blob", [blob]))
        if len(data) > limit:
            raise CannotKnow(f"{name} is larger than {limit} bytes")
        return data

    def has(self, path: str) -> bool:
        """Whether the commit has a file at a path of the repository."""
        return _is_there(path, self.read)

    def inside(self, path: str) -> str | None:
        """A path relative to the top of the repository; None when it is elsewhere, also by way of links."""
        for one in (os.path.normpath(path), os.path.realpath(path)):
            if one.startswith(self.git.path + os.sep):
                return one[len(self.git.path) + 1 :]
        return None

    def commit_time(self) -> float:
        """When the commit was made, in seconds since the epoch."""
        return float(run_to_end(self.git.run("show", "--no-patch", "--format=%ct", self.commit)))


def answer(ref: str, candidate: str | None, loading: Callable[[str], None]) -> dict[str, Any]:
    """The settings at a ref and the ratchet, as plain data. Raises ConfigurationError, PluginError or CannotKnow."""
    from guardrails.plugins import loader

    installed = loader.load(loading)
    git = Repository(_top())
    commit = run_to_end(resolve_revision(git, ref))
    if commit is None:
        raise ConfigurationError(f"--config-ref {ref}: {git.path} has no such commit")
    tree = CommitFiles(git, commit)
    path = _configuration(tree)
    settings, merged = understand(path, installed, tree.read, f"ref:{commit}")
    settings = _seal(settings, tree)
    ratchet = _ratchet(settings, merged, path, tree, installed, candidate)
    return {"settings": plain(settings), "ratchet": plain(ratchet)}


def restore_ratchet(data: dict[str, Any]) -> Ratchet:
    """A ratchet from plain data."""
    return Ratchet(**{**data, "loosened": tuple(Loosening(**one) for one in data["loosened"])})


def _top() -> str:
    """The top of the work tree around the working directory."""
    folder = start = os.path.realpath(os.getcwd())
    while not os.path.lexists(os.path.join(folder, ".git")):
        if os.path.dirname(folder) == folder:
            raise ConfigurationError(f"--config-ref: {start} is in no repository, so no ref of it can be read")
        folder = os.path.dirname(folder)
    return folder


def _configuration(tree: CommitFiles) -> str:
    """Where the configuration stands: the nearest from the working directory up that the commit has."""
    folder = os.path.realpath(os.getcwd())
    while True:
        path = os.path.join(folder, FILE_NAME)
        try:
            tree.read(path, _SIGNERS_LIMIT)
            return path
        except FileNotFoundError:
            if folder == tree.git.path:
                raise ConfigurationError(f"{tree.commit[:12]} of {tree.git.path} has no {FILE_NAME}") from None
            folder = os.path.dirname(folder)


def _seal(settings: Settings, tree: CommitFiles) -> Settings:
    """The settings with the keys of signers and the age of waivers, which also count only as the commit has them."""
    trust, waivers = settings.trust, settings.waivers
    trust = _seal_trust(trust, tree.read)
    if any(waiver.created is None for waiver in waivers):
        written = tree.commit_time()
        waivers = tuple(one.replaced(created=written) if one.created is None else one for one in waivers)
    return settings.replaced(trust=trust, waivers=waivers)


def _seal_trust(trust: Trust, reader: Reader) -> Trust:
    """Whom to believe, with the files that say so as a reader gives them."""
    return trust.replaced(
        content=_content(trust.allowed_signers, reader), revoked_content=_content(trust.revoked, reader)
    )


def _content(path: str | None, reader: Reader) -> str | None:
    if path is None:
        return None
    try:
        return reader(path, _SIGNERS_LIMIT).decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        raise ConfigurationError(f"{path} is missing, so nobody's signature can be trusted") from None


def _ratchet(
    before: Settings, merged: Merged, path: str, tree: CommitFiles, installed: Plugins, candidate: str | None
) -> Ratchet:
    """Compare the configuration of the commit with that of each state of the change."""
    from guardrails.config.ratchet import Comparison

    found: dict[Loosening, None] = {}
    for where, reader in _states(tree, candidate):
        try:
            if not _is_there(path, reader):
                gone = Loosening(f"{where} has no {FILE_NAME}", "the configuration stays", tree.inside(path) or path)
                found[gone] = None
                continue
            after, layers = understand(path, installed, reader, path)
            after = after.replaced(trust=_seal_trust(after.trust, reader))
        except GuardrailsError as error:
            problem = f"what {where} makes of the configuration cannot be understood: {error}"
            return Ratchet(tree.commit, (), problem, tree.git.path)
        comparison = Comparison(before, after, merged, layers, installed.policies)
        for one in comparison.find_loosenings():
            found[_inside(one, tree, path)] = None
    return Ratchet(tree.commit, tuple(found), repo=tree.git.path)


def _is_there(path: str, reader: Reader) -> bool:
    try:
        reader(path, _SIGNERS_LIMIT)
    except FileNotFoundError:
        return False
    return True


def _inside(one: Loosening, tree: CommitFiles, configuration: str) -> Loosening:
    """A loosening by its path in the repository; for a file elsewhere, by the configuration that brings the file in."""
    inside = tree.inside(one.path)
    if inside is None:
        own = tree.inside(configuration) or configuration
        return one.replaced(path=own, line=None, observed=f"{one.observed} ({one.path})")
    return one.replaced(path=inside, known=tree.has(one.path))


def _states(tree: CommitFiles, candidate: str | None) -> Iterator[tuple[str, Reader]]:
    """Each state in which the change can be: as it lies in the work tree, as HEAD, and as the candidate."""
    yield "the work tree", lambda path, limit: _read_plain(tree, path, limit)
    seen = {tree.commit}
    for name in ("HEAD", candidate):
        commit = None if name is None else run_to_end(resolve_revision(tree.git, name))
        if name is not None and commit is not None and commit not in seen:
            seen.add(commit)
            yield name, CommitFiles(tree.git, commit).read


def _read_plain(tree: CommitFiles, path: str, limit: int) -> bytes:
    """Read a file of the work tree as a commit would hold it. Raises CannotKnow for a link, which no commit follows.

    Otherwise a dangling link would count as a missing file, and any other link as the file that it leads to.
    """
    if tree.inside(path) is not None and os.path.islink(path):
        raise CannotKnow(f"{path} is a symbolic link, not a file")
    return read_bytes(path, limit)
