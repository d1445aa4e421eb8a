"""Programs that change files in place: stream editors, patch, editors, and SQLite's shell."""

import re

from guardrails.facts.tool_call.commands import Word
from guardrails.facts.tool_call.programs.arguments import HERE, parse
from guardrails.facts.tool_call.programs.program import Example, Given, Program, Touch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_LOOKS = re.compile(
    r"\s*(?:select|explain|pragma\s+\w+(?:\(\w+\))?\s*;?\s*$|values|"
    r"\.(?:tables|schema|mode|headers?|dbinfo|indexes|databases|show|help|dump|quit|exit|width|fullschema)\b)[^;]*;?\s*$",
    re.IGNORECASE,
)
_SQLITE_VALUES = (
    "cmd",
    "init",
    "separator",
    "newline",
    "nullvalue",
    "vfs",
    "maxsize",
    "mmap",
    "pagecache",
    "lookaside",
)


def _sqlite(given: Given) -> "Iterator[Touch]":
    """SQLite's shell writes its database unless it is opened to be read, or everything it is told only reads."""
    words = [
        word.replaced(parts=("-" + word.known[2:],)) if word.known.startswith("--") else word for word in given.words
    ]
    found = parse(words, _SQLITE_VALUES)
    names = {name for name, _ in found.options} | {word.known.lstrip("-") for word in given.words}
    if not found.operands or names & {"readonly", "help", "version"} or "mode=ro" in found.operands[0].known:
        return
    told = [*(word.text for word in found.operands[1:]), *(word.text for word in found.values("cmd"))]
    if given.command.script is not None:
        told += [line for line in given.command.script.known.split("\n") if line.strip()]
    if told and not given.command.piped and all(text is not None and _LOOKS.match(text) for text in told):
        return
    yield Touch("writes", found.operands[0])


def _awk(given: Given) -> "Iterator[Touch]":
    """Awk writes the files it is given with `-i inplace` alone; what its code writes is code that is not read."""
    found = parse(given.words, ("F", "v", "f", "i", "e", "E", "l", "include", "file", "assign", "source"))
    if any(word.known.startswith("inplace") for word in found.values("i", "include")):
        files = found.operands[0 if found.has("f", "file", "e", "source") else 1 :]
        yield from (Touch("writes", word) for word in files)
        if given.command.more_words:
            yield Touch("writes", Word((None,)))


def _patch(given: Given) -> "Iterator[Touch]":
    """Patch writes its first operand, or files in the folder that the patch names."""
    found = parse(given.words, ("i", "d", "o", "p", "r", "B", "D", "F", "input", "directory", "output", "strip"))
    if found.has("dry-run", "C", "check"):
        return
    output, folder = found.values("o", "output"), found.values("d", "directory")
    yield Touch("writes", (output or found.operands[:1] or folder or (HERE,))[0])


ROWS = (
    Program(
        ("awk", "gawk", "mawk", "nawk"),
        read=_awk,
        examples=(
            Example("gawk -i inplace 1 a", ("writes /srv/prod/a",)),
            Example("awk -F : 1 a"),
        ),
    ),
    Program(
        ("sed", "gsed"),
        operands="writes",
        values=("e", "expression", "f", "file", "l", "line-length"),
        attached="i",
        skip=1,
        no_skip=("e", "expression", "f", "file"),
        only_with=("i", "in-place"),
        examples=(
            Example("sed -i.bak s/a/b/ a b", ("writes /srv/prod/a", "writes /srv/prod/b")),
            Example("sed -ni -e s/a/b/ a", ("writes /srv/prod/a",)),
            Example("sed -n s/a/b/p a"),
        ),
    ),
    Program(
        ("perl", "ruby"),
        operands="writes",
        values=("e", "E", "I", "M", "m"),
        attached="i0lF",
        skip=1,
        no_skip=("e", "E"),
        tells=lambda given: parse(given.words, ("e", "E", "I", "M", "m"), "i0lF").has("i"),
        examples=(
            Example("perl -pi -e s/a/b/ a", ("writes /srv/prod/a",)),
            Example("perl script.pl a", ("?writes /srv/prod",)),
            Example("perl script.pl a", folder="/srv/elsewhere"),
        ),
    ),
    Program(
        ("patch",),
        read=_patch,
        examples=(
            Example("patch -p1 -i /tmp/a.patch", ("writes /srv/prod",)),
            Example("patch -d /srv/dev -p1", ("writes /srv/dev",)),
            Example("patch --dry-run -p1"),
        ),
    ),
    Program(
        ("vi", "vim", "nvim", "ex"),
        operands="writes",
        values=("c", "cmd", "S", "u", "i", "T"),
        never_with=("R",),
        examples=(
            Example("vim -c %s/a/b/ -c wq src/a.ts", ("writes /srv/prod/src/a.ts",)),
            Example("vim -R src/a.ts"),
        ),
    ),
    Program(
        ("nano", "pico", "micro", "ed", "red", "emacs", "emacsclient", "code", "subl"),
        operands="writes",
        values=("T", "eval", "p"),
        never_with=("view", "list-extensions", "install-extension"),
        examples=(Example("nano -l a", ("writes /srv/prod/a",)), Example("ed /tmp/a")),
    ),
    Program(
        ("gzip", "gunzip", "bzip2", "bunzip2", "xz", "unxz", "zstd"),
        operands="writes",
        never_with=("c", "stdout", "t", "test", "l", "list"),
        examples=(Example("gzip a", ("writes /srv/prod/a",)), Example("gzip -c a")),
    ),
    Program(
        ("prettier", "eslint", "biome", "gofmt", "yq", "clang-format"),  # which leave hidden folders alone
        operands="writes",
        values=("config", "c", "l"),
        only_with=("w", "write", "fix", "i", "inplace"),
        examples=(
            Example("prettier --write src", ("writes /srv/prod/src",)),
            Example("eslint src"),
        ),
    ),
    Program(
        ("black", "isort", "dos2unix", "rustfmt"),
        operands="writes",
        values=("config", "c", "l", "line-length"),
        never_with=("check", "diff"),
        examples=(Example("black src", ("writes /srv/prod/src",)), Example("black --check src")),
    ),
    Program(
        ("sqlite3",),
        read=_sqlite,
        examples=(
            Example(
                "sqlite3 /srv/prod-state/a.db 'delete from jobs'",
                ("writes /srv/prod-state/a.db",),
                folder="/srv/elsewhere",
            ),
            Example("sqlite3 /srv/prod-state/a.db", ("writes /srv/prod-state/a.db",), folder="/srv/elsewhere"),
            Example("sqlite3 /srv/prod-state/a.db .schema 'SELECT * FROM jobs;'"),
            Example("sqlite3 -readonly /srv/prod-state/a.db"),
            Example("sqlite3 /srv/prod-state/a.db 'select 1; drop table jobs'", ("writes /srv/prod-state/a.db",)),
        ),
    ),
)
