"""Programs that make, move and remove files: those of POSIX and of GNU coreutils."""

import re

from guardrails.facts.tool_call.commands import Word
from guardrails.facts.tool_call.programs.arguments import HERE, after, parse
from guardrails.facts.tool_call.programs.program import Example, Given, Program, Touch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_SUFFIX = ("S", "suffix")
_TARGET = ("t", "target-directory")


def _dd(given: Given) -> "Iterator[Touch]":
    """The file that `of=` names is written."""
    for word in given.words:
        if word.known.startswith("of="):
            yield Touch("writes", after(word, 3))


_MAY_RUN = re.compile(r"0?[1357][0-7]{2}|[ugoa]*\+[rwxXst]+(?:,[ugoa]*\+[rwxXst]+)*")  # a hook runs on as before


def _chmod(given: Given) -> "Iterator[Touch]":
    """The files after the mode, which may look like an option, as `-x` does."""
    words = [word for word in given.words if not re.fullmatch(r"-[rwxXst]+", word.known)]
    found = parse(words, ("reference",))
    mode = len(words) < len(given.words) or found.has("reference")
    files = found.operands[0 if mode else 1 :]
    guard = () if _MAY_RUN.fullmatch(found.operands[0].known if found.operands and not mode else "") else ("*",)
    for word in (*files, *((Word((None,)),) if given.command.more_words else ())):
        yield Touch("writes", word, deep=found.has("R", "recursive"), guard=guard)


def _curl(given: Given) -> "Iterator[Touch]":
    """It writes the file that `-o` names, and with `-O` one in the folder."""
    values = ("o", "output", "output-dir", *"HdXuAbceFTxmwKr", "header", "data", "request", "user", "form")
    found = parse(given.words, values)
    for word in (*found.values("o", "output", "output-dir"), *((HERE,) if found.has("O", "remote-name") else ())):
        yield Touch("writes", word)


def _wget(given: Given) -> "Iterator[Touch]":
    """It writes the file that `-O` names, else one in the folder."""
    found = parse(given.words, ("O", "P", "o", "output-document", "directory-prefix", "header", "U", "e", "i", "t"))
    files = found.values("O", "output-document")
    for word in files or found.values("P", "directory-prefix") or (HERE,):
        if word.text != "-" and found.operands and not found.has("spider"):
            yield Touch("writes", word)


def _second(given: Given) -> "Iterator[Touch]":
    """The second operand is written."""
    for word in parse(given.words, ("f", "s", "w", "g", "l", "o", "n")).operands[1:2]:
        yield Touch("writes", word)


def _split(given: Given) -> "Iterator[Touch]":
    """Files that begin with the second operand are written, by default with `x` in the folder."""
    found = parse(
        given.words, ("a", "b", "C", "l", "n", "t", "suffix-length", "bytes", "line-bytes", "lines", "number")
    )
    prefix = found.operands[1] if len(found.operands) > 1 else Word(("x",))
    yield Touch("writes", Word((*prefix.parts, "aa"), prefix.is_pattern))


ROWS = (
    Program(
        ("rm", "grm", "trash", "rmtrash"),
        operands="removes",
        deep_with=("r", "R", "recursive"),
        examples=(
            Example("rm -rf dist", ("removes /srv/prod/dist",)),
            Example(
                "rm -rf ..",
                ("removes /srv/prod", "removes /srv/prod-state", "removes /srv/dev", "removes /srv/dev-state"),
            ),
            Example("rm -rf dist", folder="/srv/elsewhere"),
            Example("rm ..", folder="/srv/elsewhere"),
            Example("rm -- -r /srv/prod-state/a", ("removes /srv/prod-state/a",), folder="/srv/elsewhere"),
        ),
    ),
    Program(("rmdir", "unlink"), operands="removes", examples=(Example("rmdir empty", ("removes /srv/prod/empty",)),)),
    Program(
        ("shred",),
        operands="writes",
        values=("n", "s", "iterations", "size", "random-source"),
        examples=(Example("shred -u -n 1 a", ("writes /srv/prod/a",)),),
    ),
    Program(
        ("mv", "gmv"),
        operands="removes",
        last="writes",
        values=(*_SUFFIX, *_TARGET),
        into=_TARGET,
        deep=True,
        examples=(
            Example("mv /srv/prod /srv/old", ("removes /srv/prod",), folder="/srv/elsewhere"),
            Example("mv /tmp/a b", ("writes /srv/prod/b",)),
            Example("mv -t /srv/dev a", ("removes /srv/prod/a", "writes /srv/dev")),
            Example("mv /tmp/a /tmp/b"),
        ),
    ),
    Program(
        ("cp", "gcp", "install", "ditto"),
        last="writes",
        values=(*_SUFFIX, *_TARGET, "m", "mode", "o", "owner", "g", "group"),
        into=_TARGET,
        never_with=("d", "directory"),
        examples=(
            Example("cp -r /tmp/a src/b", ("writes /srv/prod/src/b",)),
            Example("cp a /tmp/b"),
            Example("install -m 644 /tmp/a /srv/prod-state/a", ("writes /srv/prod-state/a",)),
        ),
    ),
    Program(
        ("install",),
        operands="writes",
        values=("m", "mode", "o", "owner", "g", "group"),
        only_with=("d", "directory"),
        examples=(Example("install -d new", ("writes /srv/prod/new",)),),
    ),
    Program(
        ("ln", "link"),
        last="writes",
        values=(*_SUFFIX, *_TARGET),
        into=_TARGET,
        examples=(
            Example("ln -sfn /tmp/other dist", ("writes /srv/prod/dist",)),
            Example("ln -s /srv/prod/a /tmp/a"),
        ),
    ),
    Program(
        ("touch", "tee", "sponge", "truncate"),
        operands="writes",
        values=("d", "r", "t", "s", "date", "reference", "time", "size"),
        examples=(
            Example("touch -m -d yesterday a", ("writes /srv/prod/a",)),
            Example("tee -a /srv/prod-state/log", ("writes /srv/prod-state/log",), folder="/srv/elsewhere"),
            Example("truncate -s 0 a", ("writes /srv/prod/a",)),
        ),
    ),
    Program(
        ("mkdir", "mkfifo", "mknod"),
        operands="writes",
        values=("m", "mode"),
        examples=(Example("mkdir -m 700 a", ("writes /srv/prod/a",)), Example("mkdir -p /tmp/a")),
    ),
    Program(
        ("mktemp",),
        operands="writes",
        values=("p", "t", "suffix", "tmpdir"),
        paths=(("p", "writes"), ("tmpdir", "writes")),
        never_with=("p", "tmpdir"),
        examples=(
            Example("mktemp a.XXXX", ("writes /srv/prod/a.XXXX",)),
            Example("mktemp -p /srv/prod x.XXXX", ("writes /srv/prod",), folder="/srv/elsewhere"),
            Example("mktemp -d"),
            Example("mktemp -t x"),
        ),
    ),
    Program(
        ("chmod",),
        read=_chmod,
        examples=(
            Example("chmod -R a-w /srv/prod", ("writes /srv/prod",), folder="/srv/elsewhere"),
            Example("chmod -x run.sh", ("writes /srv/prod/run.sh",)),
            Example("chmod -R u+w /srv/prod", ("writes /srv/prod",), folder="/srv/elsewhere"),
            Example("chmod +x /tmp/a"),
        ),
    ),
    Program(
        ("chown", "chgrp"),
        operands="writes",
        skip=1,
        no_skip=("reference",),
        deep_with=("R", "recursive"),
        examples=(
            Example(
                "chown -R ada /srv",
                ("writes /srv/prod", "writes /srv/prod-state", "writes /srv/dev", "writes /srv/dev-state"),
            ),
            Example("chown ada /tmp/a"),
        ),
    ),
    Program(
        ("chattr", "setfacl", "xattr", "chflags"),
        operands="writes",
        values=("m", "x", "modify", "remove"),
        deep_with=("R", "r", "recursive"),
        examples=(Example("chattr -R +i /srv/prod", ("writes /srv/prod",), folder="/srv/elsewhere"),),
    ),
    Program(
        ("dd",),
        read=_dd,
        examples=(Example("dd if=/dev/zero of=a bs=1", ("writes /srv/prod/a",)), Example("dd if=a of=/tmp/a")),
    ),
    Program(("split",), read=_split, examples=(Example("split -l 10 big part-", ("writes /srv/prod/part-aa",)),)),
    Program(
        ("csplit",),
        read=lambda given: [
            Touch("writes", (parse(given.words, ("f", "prefix", "b", "n")).values("f", "prefix") or (HERE,))[-1])
        ],
        examples=(
            Example("csplit -f part- big 10", ("writes /srv/prod/part-",)),
            Example("csplit big 10", ("writes /srv/prod",)),
        ),
    ),
    Program(
        ("sort", "shuf", "iconv", "tree", "base64"),
        paths=(("o", "writes"), ("output", "writes")),
        values=("o", "output", "k", "t", "S", "T", "f", "n", "L"),
        examples=(
            Example("sort -o list list", ("writes /srv/prod/list",)),
            Example("shuf -n 1 -o a list", ("writes /srv/prod/a",)),
            Example("sort list"),
            Example("tree -L 2"),
        ),
    ),
    Program(
        ("openssl",),
        paths=(("out", "writes"), ("keyout", "writes")),
        values=("out", "keyout"),
        examples=(Example("openssl rand -out a 5", ("writes /srv/prod/a",)), Example("openssl sha256 a")),
    ),
    Program(
        ("uniq", "xxd"),
        read=_second,
        examples=(
            Example("uniq -c a b", ("writes /srv/prod/b",)),
            Example("xxd -l 16 a"),
            Example("uniq a /tmp/b"),
        ),
    ),
    Program(
        ("script",),
        operands="writes",
        here=True,
        values=("B", "E", "I", "O", "T", "c", "m", "o", "t", "command"),
        examples=(
            Example("script /srv/prod/a", ("writes /srv/prod/a",), folder="/srv/elsewhere"),
            Example("script", ("writes /srv/prod",)),
        ),
    ),
    Program(
        ("fuser",),
        operands="stops",
        values=("n",),
        only_with=("k", "kill"),
        examples=(Example("fuser -k /srv/prod", ("stops /srv/prod",)), Example("fuser -v /srv/prod")),
    ),
    Program(
        ("mount", "umount"),
        operands="writes",
        values=("o", "t", "options", "types"),
        examples=(
            Example("mount --bind /tmp /srv/prod", ("writes /srv/prod",), folder="/srv/elsewhere"),
            Example("mount"),
        ),
    ),
    Program(
        ("curl",),
        read=_curl,
        examples=(
            Example("curl -sk -o a https://example.org/", ("writes /srv/prod/a",)),
            Example("curl -sO https://example.org/a", ("writes /srv/prod",)),
            Example("curl -s https://example.org/"),
        ),
    ),
    Program(
        ("wget",),
        read=_wget,
        examples=(
            Example("wget -q -O a https://example.org/", ("writes /srv/prod/a",)),
            Example("wget https://example.org/a", ("writes /srv/prod",)),
            Example("wget -qO- https://example.org/a"),
        ),
    ),
)
