"""What a stub has to look for: the names of guarded places, and the programs that need no name to reach one."""

from __future__ import annotations

import os
from glob import escape, glob
from importlib import import_module

from guardrails.config import places
from guardrails.config.settings import log_of
from guardrails.facts.tool_call.git_files import find_common_dir, find_git_dir, read_setting
from guardrails.facts.tool_call.places import lies_in
from guardrails.facts.tool_call.programs import table
from guardrails.facts.tool_call.programs.git_special import SPECIAL
from guardrails.facts.tool_call.programs.git_verbs import VERBS
from guardrails.hosts.kinds import HOSTS
from guardrails.hosts.stub import Watched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from guardrails.config.settings import Settings
    from guardrails.model import Environment

_PROGRAMS = ("eval", "kill")  # of no row; what they are given may be anything
_NAMED = ("building", "git", "own_program")  # whose rows need a name, a folder or a word of `Watched`
_WORDS = (".toml", "crontab", "guardrails", "hookspath", "hooksPath")
"""Texts that are long enough to be told from others: of what leads to a place by settings of its own."""


def find_watched(settings: Settings, configuration: str | None) -> Watched:
    """What leads a call to the judge, by this configuration. A link counts by its own name and by its target's."""
    folders = {
        path
        for one in settings.environments.values()
        for folder in _folders(one)
        for path in (folder, os.path.realpath(folder))
    }
    folders |= set(_links(folders, places.home()))
    files = [os.path.basename(path) for path in (settings.trust.allowed_signers, settings.trust.revoked) if path]
    files += [os.path.basename(configuration), places.WAIVERS_NAME] if configuration else []
    services = [one.service.removesuffix(".service") for one in settings.environments.values() if one.service]
    hosts = {os.path.basename(path) for host in HOSTS.values() for path in (host.settings, host.project)}
    logs = [log_of(settings.audit, one, settings.environments) for one in settings.environments.values()]
    rows = {name for names in table.MODULES.values() for name in names.split()}
    return Watched(
        names=tuple(sorted({*map(_name, folders), *files, *services} - {""})),
        folders=tuple(sorted(folders)),
        programs=tuple(sorted({*_PROGRAMS, *_deep_programs(), *(settings.programs.keys() - rows)})),
        words=tuple(sorted({*_WORDS, *hosts, *map(os.path.basename, logs)})),
        verbs=tuple(sorted({name.split()[0] for verb in VERBS if verb.kind for name in verb.names} | SPECIAL.keys())),
    )


def _folders(environment: Environment) -> Iterator[str]:
    """The folders in which each call is judged: the places, and where git keeps what belongs to them."""
    yield environment.repo
    if environment.state_dir:
        yield environment.state_dir
    if git_dir := find_git_dir(environment.repo):
        common = find_common_dir(git_dir)
        yield from (git_dir, common)
        for path in read_setting(common, "core.hooksPath"):
            yield os.path.join(environment.repo, os.path.expanduser(path))
        for file in glob(f"{escape(common)}/worktrees/*/gitdir"):
            with open(file, encoding="utf-8", errors="surrogateescape") as named:
                yield os.path.dirname(named.read().strip())


def _links(folders: set[str], home: str) -> Iterator[str]:
    """The links that lead into these folders, from where people put such links: their home, and beside a folder."""
    for parent in {home, *map(os.path.dirname, folders)}:
        try:
            with os.scandir(parent) as entries:
                links = [entry.path for entry in entries if entry.is_symlink()]
        except OSError:
            continue
        for link in links:
            if any(lies_in(os.path.realpath(link), folder) for folder in folders):
                yield link


def _name(folder: str) -> str:
    """By what a folder is known: its own name, or that of the checkout whose `.git` it is."""
    head, name = os.path.split(os.path.normpath(folder))
    return os.path.basename(head) if name == ".git" else name


def _deep_programs() -> Iterator[str]:
    """The programs that may reach what lies below a folder that they name, which may be above a place, or a process."""
    for module in table.MODULES:
        for row in import_module(f"{table.__package__}.{module}").ROWS:
            if row.deep or row.deep_with or (row.read is not None and module not in _NAMED):
                yield from row.names
