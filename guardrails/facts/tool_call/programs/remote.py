"""Programs that mostly act elsewhere: in containers, in clusters, and at GitHub."""

from guardrails.facts.tool_call.commands import Word
from guardrails.facts.tool_call.programs.arguments import parse
from guardrails.facts.tool_call.programs.program import Example, Given, Program, Touch
from guardrails.facts.tool_call.programs.unknown import touches_of_unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_CONTAINERS_READ = frozenset((
    "ps", "logs", "images", "inspect", "version", "info", "stats", "top", "pull", "push", "search", "port", "events",
    "history", "diff", "login", "logout", "tag", "build", "buildx", "stop", "kill", "rm", "rmi", "restart", "start",
    "pause", "unpause", "wait", "attach", "rename", "volume ls", "network ls", "container ls", "image ls", "system df",
    "compose ps", "compose logs", "compose config", "compose ls", "compose images", "compose top", "context ls",
))  # fmt: skip
_IN_CONTAINERS = ("run", "create", "exec", "container run", "container create", "container exec")
_LOCAL = {  # commands of a program that write on this machine
    "gh": ("pr checkout", "pr co", "pr merge", "repo clone", "repo sync", "repo fork", "repo create", "run download",
           "release download", "gist clone", "co"),
    "glab": ("mr checkout", "repo clone", "mr merge"),
    "kubectl": ("cp",),
    "oc": ("cp", "rsync"),
    "aws": ("s3 cp", "s3 sync", "s3 mv"),
}  # fmt: skip


def _containers(given: Given) -> "Iterator[Touch]":
    """A container may write what is mounted into it; with `:ro` it cannot."""
    said = [word.known for word in parse(given.words, ("H", "context", "host", "f", "l", "log-level")).operands[:2]]
    if not said or said[0] in _CONTAINERS_READ or " ".join(said) in _CONTAINERS_READ:
        return
    why = "a container may write what it is given"
    if said[0] not in _IN_CONTAINERS and " ".join(said) not in _IN_CONTAINERS:
        yield from touches_of_unknown(given, why)
        return
    mounts = parse(given.words, ("v", "volume", "mount")).values("v", "volume", "mount")
    words = tuple(_mounted(word) for word in mounts if not word.known.endswith((":ro", ",ro", ",readonly")))
    yield from touches_of_unknown(given.replaced(words=words), why, here=False)


def _mounted(word: Word) -> Word:
    """The mounted path of this machine: the beginning of `HERE:THERE`, or the source of `type=bind,src=HERE`."""
    text = word.text
    if text is None:
        return word
    named = [part.partition("=")[2] for part in text.split(",") if part.startswith(("src=", "source="))]
    return Word((named[0] if named else text.partition(":")[0],))


def _locally(given: Given) -> "Iterator[Touch]":
    """Only a few commands write here, and these are not followed."""
    said = [word.known for word in given.words if not word.known.startswith("-")]
    local = _LOCAL[given.command.words[0].known.rpartition("/")[2]]
    if " ".join(said[:2]) in local or " ".join(said[:1]) in local:
        yield from touches_of_unknown(given, "it is not followed what this writes")


ROWS = (
    Program(
        ("docker", "podman", "nerdctl"),
        read=_containers,
        examples=(
            Example("docker run -v /srv/prod:/w x rm -rf /w", ("?writes /srv/prod",), folder="/srv/elsewhere"),
            Example("docker run -v .:/w x", ("?writes /srv/prod",)),
            Example(
                "docker run --mount type=bind,src=/srv/prod,dst=/w x", ("?writes /srv/prod",), folder="/srv/elsewhere"
            ),
            Example("docker compose up -d", ("?writes /srv/prod",)),
            Example("docker run -v /srv/prod:/w:ro x ls /w"),
            Example("docker run --rm x ls"),
            Example("docker ps"),
            Example("docker build -t x ."),
        ),
    ),
    Program(
        tuple(_LOCAL),
        read=_locally,
        examples=(
            Example("gh pr checkout 5", ("?writes /srv/prod",)),
            Example("gh repo clone a/b /srv/prod/c", ("?writes /srv/prod/c",), folder="/srv/elsewhere"),
            Example("gh pr view 5"),
            Example("kubectl cp pod:/a b", ("?writes /srv/prod",)),
            Example("kubectl get pods"),
            Example("aws s3 ls"),
        ),
    ),
)
