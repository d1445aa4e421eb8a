"""Programs that build and install in a folder: package managers and make."""

from guardrails.facts.tool_call.programs.arguments import HERE, parse
from guardrails.facts.tool_call.programs.program import Example, Given, Program, Touch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_READS = frozenset((
    "list", "ls", "ll", "la", "why", "outdated", "view", "info", "show", "v", "help", "root", "bin", "licenses",
    "config", "whoami", "ping", "search", "explain", "query", "prefix", "completion", "doctor", "audit",
    "store", "login", "logout", "publish", "version", "env", "cache", "fund", "docs", "repo", "bugs",
))  # fmt: skip
_TOOLS_READ = frozenset((
    "version", "help", "list", "tree", "metadata", "search", "show", "info", "env", "vet", "outdated", "licenses",
    "why", "audit", "config", "about", "pip", "tool", "python", "cache", "self", "login", "whoami", "owner",
    "locate-project", "pkgid", "tasks", "dependencies", "validate", "status", "diagnose", "depends", "platform",
))  # fmt: skip
_FOLDERS = ("C", "dir", "prefix", "cwd")
_VALUES = (*_FOLDERS, "filter", "F", "loglevel", "reporter", "registry", "workspace", "w")


def _manager(given: Given) -> "Iterator[Touch]":
    """A verb that is not known to only read installs, or runs a script of the folder."""
    found = parse(given.words, _VALUES)
    verb = found.operands[0].text if found.operands else None
    fixes = found.has("fix") or (verb == "audit" and any(word.text == "fix" for word in found.operands))
    if found.has("g", "global", "help", "version", "v", "dry-run", "h") or (verb in _READS and not fixes):
        return  # a global installation is in no folder of ours
    if verb is None and not given.command.words[0].known.endswith("yarn"):
        return
    yield Touch("writes", (found.values(*_FOLDERS) or (HERE,))[-1])


def _make(given: Given) -> "Iterator[Touch]":
    found = parse(given.words, ("C", "f", "I", "o", "W", "directory", "file", "makefile"), attached="jl")
    if not found.has("n", "dry-run", "just-print", "q", "question", "p", "print-data-base", "v", "version", "help"):
        yield Touch("writes", (found.values("C", "directory") or (HERE,))[-1])


def _tool(given: Given) -> "Iterator[Touch]":
    """A verb that is not known to only read builds in the folder, or runs a script that does."""
    found = parse(given.words, ("manifest-path", "C", "directory", "f", "file"))
    if found.operands and found.operands[0].text not in _TOOLS_READ:
        yield Touch("writes", (found.values("manifest-path", "C", "directory", "f", "file") or (HERE,))[-1])


def _cmake(given: Given) -> "Iterator[Touch]":
    """It builds in the folder that `-B` or `--build` names, else where it runs."""
    found = parse(given.words, ("B", "S", "D", "G", "build", "install"))
    if not found.has("help", "version", "E"):
        yield Touch("writes", (found.values("B", "build", "install") or (HERE,))[-1])


ROWS = (
    Program(
        ("npm", "pnpm", "yarn", "bun"),
        read=_manager,
        examples=(
            Example("pnpm install", ("writes /srv/prod",)),
            Example("npm --prefix /srv/prod run build", ("writes /srv/prod",), folder="/srv/elsewhere"),
            Example("pnpm -C /srv/dev build", ("writes /srv/dev",)),
            Example("yarn", ("writes /srv/prod",)),
            Example("pnpm list --depth 0"),
            Example("npm install -g pnpm"),
            Example("npm --version"),
            Example("npm audit"),
            Example("npm audit fix", ("writes /srv/prod",)),
        ),
    ),
    Program(
        ("make", "gmake", "ninja", "just", "task"),
        read=_make,
        examples=(
            Example("make -C /srv/prod -j4", ("writes /srv/prod",), folder="/srv/elsewhere"),
            Example("make -n all"),
        ),
    ),
    Program(
        ("cargo", "go", "mvn", "gradle", "bundle", "composer", "poetry", "uv"),
        read=_tool,
        examples=(
            Example("cargo build", ("writes /srv/prod",)),
            Example(
                "cargo fmt --manifest-path /srv/prod/Cargo.toml",
                ("writes /srv/prod/Cargo.toml",),
                folder="/srv/elsewhere",
            ),
            Example("go generate", ("writes /srv/prod",)),
            Example("go vet"),
            Example("go version"),
        ),
    ),
    Program(
        ("cmake",),
        read=_cmake,
        examples=(
            Example("cmake ..", ("writes /srv/prod/build",), folder="/srv/prod/build"),
            Example("cmake -S /srv/prod -B /tmp/b"),
            Example("cmake --build /srv/prod/b", ("writes /srv/prod/b",), folder="/srv/elsewhere"),
            Example("cmake .. -D X=1", folder="/srv/elsewhere"),
        ),
    ),
)
