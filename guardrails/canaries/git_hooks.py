"""The canaries of git's hooks, each moved by git itself, as whoever works in the repository runs it.

Where the hook is missing nothing is left: what a push deletes was made for it in a scratch repository, what a server is
asked to delete no server can have, and a transaction is given up before it is done.
"""

from __future__ import annotations

import os

from guardrails.canaries.canary import Answer, Canary
from guardrails.errors import CannotKnow
from guardrails.facts.git.reader import complaint
from guardrails.facts.hooks.places import user_git
from guardrails.facts.programs.side_by_side import run_to_end

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.facts.programs.side_by_side import Completed
    from guardrails.model import Environment

_RECORDS = "refs/guardrails/"  # below which `protected-refs` lets no push delete anything, whatever its options
_LONGEST = 300  # characters of what a program said
# What a user may have set for every push, and would keep this one from reaching the hook, or do more than is asked.
_PLAIN = ("protocol.file.allow=always", "push.followTags=false", "push.pushOption=", "push.recurseSubmodules=no")


def pre_push(_: Environment, folder: str, scratch: str, name: str) -> Canary:
    """A push that deletes a record of a scratch server; no object goes over."""
    server, ref = os.path.join(scratch, "server.git"), _RECORDS + name
    _initialize(server, _object_format(folder))
    _git(server, "update-ref", ref, _store(server, "blob", name.encode()))
    plain = [word for setting in _PLAIN for word in ("-c", setting)]
    push = user_git(folder, *plain, "push", "--quiet", "--no-signed", server, f":{ref}", variables=os.environ)
    return Canary(name, push, _status)


def pre_receive(_: Environment, folder: str, scratch: str, name: str) -> Canary:
    """A push, as a server hears it, that deletes a record which cannot be there (gitprotocol-pack(5)).

    No ref may be called so (git-check-ref-format(1)), which git says itself once pre-receive has let it pass: before it
    runs any other hook, such as one that deploys, and before it touches a file.
    """
    kind, ref = _object_format(folder), f"{_RECORDS}{name}..never"
    _initialize(objects := os.path.join(scratch, "objects.git"), kind)
    old = _store(objects, "blob", name.encode())
    asked = f"{old} {'0' * len(old)} {ref}\0 report-status object-format={kind}\n".encode()
    lines = b"%04x%s0000" % (len(asked) + 4, asked)
    quiet = ("-c", "receive.autogc=false", "-c", "receive.updateServerInfo=false")
    receive = user_git(folder, *quiet, "receive-pack", ".", variables=os.environ, stdin=lines)

    def answer(done: Completed) -> Answer:
        why = done.stdout.partition(f"ng {ref} ".encode())[2].split(b"\n")[0]
        return Answer(why != b"funny refname", in_one_line(done.stderr or why))

    return Canary(name, receive, answer)


def reference_transaction(environment: Environment, folder: str, scratch: str, name: str) -> Canary:
    """A transaction that would move the branch to a commit of a scratch repository, prepared and then aborted.

    What is refused is logged with the id of that commit, which is nowhere else.
    """
    _initialize(objects := os.path.join(scratch, "objects.git"), _object_format(folder))
    who = "guardrails <guardrails@localhost> 0 +0000"
    tree = _store(objects, "tree", b"")
    commit = _store(objects, "commit", f"tree {tree}\nauthor {who}\ncommitter {who}\n\n{name}\n".encode())
    steps = f"start\nupdate refs/heads/{environment.branch} {commit}\nprepare\nabort\n"
    also = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": os.path.join(objects, "objects")}
    update = user_git(folder, "update-ref", "--stdin", variables=os.environ, also=also, stdin=steps.encode())
    return Canary(commit, update, _status, apart=_git(environment.repo, "rev-parse", "--absolute-git-dir"))


def in_one_line(said: bytes) -> str:
    """The beginning of what a program said."""
    return " ".join(said.decode(errors="replace").split())[:_LONGEST]


def _status(done: Completed) -> Answer:
    return Answer(done.status != 0, in_one_line(done.stderr or done.stdout))


def _object_format(folder: str) -> str:
    return _git(folder, "rev-parse", "--show-object-format")


def _initialize(repo: str, object_format: str) -> None:
    """Make a bare repository in which no hooks run, whatever `core.hooksPath` the user has."""
    _git("/", "init", "--quiet", "--bare", "--template=", f"--object-format={object_format}", repo)
    _git(repo, "config", "core.hooksPath", os.devnull)


def _store(repo: str, kind: str, content: bytes) -> str:
    return _git(repo, "hash-object", "-w", "-t", kind, "--stdin", stdin=content)


def _git(folder: str, *arguments: str, stdin: bytes = b"") -> str:
    """What git prints in one line. Raises CannotKnow when it fails."""

    async def answer() -> Completed:
        return await user_git(folder, *arguments, variables=os.environ, stdin=stdin)

    done = run_to_end(answer())
    if done.status != 0:
        raise CannotKnow(f"git {arguments[0]} in {folder}: {complaint(done)}")
    return os.fsdecode(done.stdout).removesuffix("\n")
