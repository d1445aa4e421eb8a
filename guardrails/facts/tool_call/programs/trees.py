"""Programs that work on whole trees: archives, copies between folders, and searches that act on what they find."""

from guardrails.facts.tool_call.commands import Word
from guardrails.facts.tool_call.programs.arguments import HERE, Arguments, after, parse
from guardrails.facts.tool_call.programs.plain import is_folder, place_in
from guardrails.facts.tool_call.programs.program import Example, Given, Program, Touch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_TAR_VALUES = (
    "f", "C", "b", "T", "X", "g", "K", "N", "H", "I", "file", "directory", "files-from", "exclude-from", "exclude",
    "transform", "strip-components", "owner", "group", "mode", "mtime", "use-compress-program", "format",
)  # fmt: skip
_RSYNC_VALUES = (
    "e", "f", "B", "T", "M", "rsh", "filter", "exclude", "include", "exclude-from", "include-from", "files-from",
    "temp-dir", "backup-dir", "suffix", "log-file", "password-file", "chmod", "chown", "bwlimit", "max-size",
)  # fmt: skip
_ALL_DELETES = ("delete", "del", "delete-before", "delete-during", "delete-after", "delete-delay", "delete-excluded")
_WRITING_TESTS = ("-fprint", "-fprint0", "-fls", "-fprintf")


def _tar(given: Given) -> "Iterator[Touch]":
    """Tar writes a folder when it extracts, and an archive when it makes one."""
    words = list(given.words)
    if words and not words[0].known.startswith("-"):
        words[0] = Word(("-" + words[0].known,))
    found = parse(_bundled(words), _TAR_VALUES)
    folder = (found.values("C", "directory") or (HERE,))[-1]
    if found.has("x", "extract", "get"):
        yield Touch("writes", folder)
        yield from (Touch("writes", _below(folder, member)) for member in found.operands)
    if found.has("c", "r", "u", "A", "create", "append", "update", "delete"):
        for archive in found.values("f", "file"):
            if archive.text != "-":
                yield Touch("writes", archive)
    if found.has("remove-files"):
        for operand in found.operands:
            yield Touch("removes", operand, deep=True)


def _below(folder: Word, member: Word) -> Word:
    """The path that a member of an archive gets in a folder."""
    return Word((*folder.parts, "/", *member.parts), folder.is_pattern or member.is_pattern)


def _bundled(words: list[Word]) -> list[Word]:
    """The same with the letters that take a value last: in `xfC a.tar dir` they take their words in turn."""
    first = words[0].known if words else ""
    with_value = [letter for letter in first[1:] if letter in _TAR_VALUES]
    if first.startswith("--") or len(with_value) < 2:
        return words
    rest = "".join(letter for letter in first if letter not in with_value)
    taken = [
        one for letter, value in zip(with_value, words[1:], strict=False) for one in (Word((f"-{letter}",)), value)
    ]
    return [Word((rest,)), *taken, *words[1 + len(with_value) :]]


def _rsync(given: Given) -> "Iterator[Touch]":
    """The last operand is written unless that is on another machine; --delete removes what is not in the source."""
    found = parse(given.words, _RSYNC_VALUES)
    if found.has("dry-run", "n", "list-only") or len(found.operands) < 2:
        return
    *sources, target = found.operands
    if found.has("remove-source-files"):
        for source in sources:
            yield Touch("removes", source, deep=True)
    if _is_remote(target):
        return
    deletes = any(name in _ALL_DELETES for name, _ in found.options)
    yield Touch("removes" if deletes else "writes", target, deep=deletes)
    for source in sources:
        if not source.known.endswith("/") and is_folder(target, given.command.folder):
            yield Touch("writes", place_in(target, source))


def _scp(given: Given) -> "Iterator[Touch]":
    found = parse(given.words, tuple("PiFlcJSoXD"))
    if len(found.operands) > 1 and not _is_remote(found.operands[-1]):
        yield Touch("writes", found.operands[-1])


def _is_remote(word: Word) -> bool:
    host, colon, _ = word.known.partition(":")
    return bool(colon) and "/" not in host and host not in ("localhost", "127.0.0.1")


def _find(given: Given) -> "Iterator[Touch]":
    """Find removes what it finds with -delete; what -exec runs is a command of its own."""
    words = [word for word in given.words if word.known not in ("-H", "-L", "-P", "-E", "-x")]
    starts = []
    while words and not words[0].known.startswith(("-", "(", "!", ")", ",")):
        starts.append(words.pop(0))
    for at, word in enumerate(words):
        if word.known == "-delete":
            yield from (Touch("removes", one, deep=True, guard=_found(words[:at])) for one in starts or [HERE])
        elif word.known in _WRITING_TESTS and at + 1 < len(words):
            yield Touch("writes", words[at + 1])
        elif word.known in ("-exec", "-execdir", "-ok", "-okdir"):
            for start in starts or [HERE]:
                yield from _run_on(words[at + 1 :], start, given.replaced(words=tuple(words[:at])))


def _found(tests: list[Word]) -> tuple[str, ...]:
    """The names that files must be like to be found by the tests before an action, as far as it is easily said."""
    known = [word.known for word in tests]
    last = max((at for at, word in enumerate(known) if word in ("-o", "-or", ",", "-exec", "-delete")), default=-1)
    if "(" in known or {"!", "-not"} & {*known}:
        inside = known[known.index("(") + 1 : -1] if known[-1] == ")" and known[0] == "(" else []
        alternatives = [inside[at : at + 2] for at in range(0, len(inside), 3)]
        if inside and all(one[:1] == ["-name"] for one in alternatives) and {*inside[2::3]} <= {"-o", "-or"}:
            return tuple(one[-1].replace("\0", "*") for one in alternatives)
        return ("*",)
    names = [known[at + 1] for at in range(last + 1, len(known) - 1) if known[at] == "-name"]
    return (names[-1].replace("\0", "*"),) if names else ("*",)


def _run_on(words: list[Word], start: Word, given: Given) -> "Iterator[Touch]":
    """What a program does to files below a start, found by the tests of `given`. It is read as any other as well."""
    from guardrails.facts.tool_call.programs.plain import touches
    from guardrails.facts.tool_call.programs.table import rows_of

    end = next((at for at, word in enumerate(words) if word.known in (";", "+")), len(words))
    command = [start if word.known == "{}" else word for word in words[:end]]
    name = command[0].text if command else None
    for row in rows_of(name.rpartition("/")[2]) if name else ():
        for touch in touches(row, Given(tuple(command[1:]), given.command, given.places)):
            if touch.target == start:
                why = "which files are found cannot be told"
                guard = touch.guard and _found(list(given.words))
                yield touch.replaced(deep=True, why=why, guard=guard)


def _unzip(given: Given) -> "Iterator[Touch]":
    found = parse(given.words, ("d", "x", "P"))
    if not found.has("l", "t", "v", "Z", "p", "c", "z"):
        yield Touch("writes", (found.values("d") or (HERE,))[-1])


def _zip(given: Given) -> "Iterator[Touch]":
    """The first operand is the archive; the files that are moved into it are gone."""
    found = parse(given.words, ("x", "i"))
    yield from (Touch("writes", word) for word in found.operands[:1])
    if found.has("m", "move"):
        yield from (Touch("removes", word, deep=True) for word in found.operands[1:])


def _seven_zip(given: Given) -> "Iterator[Touch]":
    if given.words and given.words[0].known in ("x", "e"):
        outputs = [after(word, 2) for word in given.words if word.known.startswith("-o")]
        yield Touch("writes", (outputs or [HERE])[0])


def _cpio(given: Given) -> "Iterator[Touch]":
    found: Arguments = parse(given.words, ("D", "F", "directory", "file"))
    if found.has("i", "extract") and not found.has("t", "list"):
        yield Touch("writes", (found.values("D", "directory") or (HERE,))[-1])
    elif found.has("p", "pass-through"):
        for operand in found.operands:
            yield Touch("writes", operand)


ROWS = (
    Program(
        ("tar", "gtar", "bsdtar"),
        read=_tar,
        examples=(
            Example("tar -xzf /tmp/a.tgz", ("writes /srv/prod",)),
            Example("tar xfC /tmp/a.tar /srv/dev", ("writes /srv/dev",)),
            Example("tar xf /tmp/a.tar -C /tmp"),
            Example("tar -xf /tmp/a.tar -C /srv prod/src", ("writes /srv/prod/src",), folder="/srv/elsewhere"),
            Example("tar -czf /tmp/a.tgz ."),
            Example("tar -czf a.tgz src", ("writes /srv/prod/a.tgz",)),
            Example("tar -tf a.tgz"),
        ),
    ),
    Program(
        ("rsync",),
        read=_rsync,
        examples=(
            Example("rsync -a --delete /srv/dev/ /srv/prod/", ("removes /srv/prod",), folder="/srv/elsewhere"),
            Example("rsync -a /srv/prod/ /srv/dev/", ("writes /srv/dev",)),
            Example("rsync -a /srv/prod/ backup:/prod"),
            Example("rsync -an --delete /srv/dev/ /srv/prod/"),
        ),
    ),
    Program(
        ("scp", "sftp"),
        read=_scp,
        examples=(
            Example("scp -P 22 host:a b", ("writes /srv/prod/b",)),
            Example("scp a host:b"),
        ),
    ),
    Program(
        ("find", "gfind"),
        read=_find,
        examples=(
            Example("find . -name '*.map' -delete", ("removes /srv/prod",)),
            Example("find /srv/prod/dist -type f -delete", ("removes /srv/prod/dist",), folder="/srv/elsewhere"),
            Example("find /srv/prod -name '*.map'"),
            Example("find /srv/dev -exec rm {} +", ("?removes /srv/dev",), folder="/srv/elsewhere"),
            Example("find . -exec grep -l x {} +"),
        ),
    ),
    Program(
        ("unzip",),
        read=_unzip,
        examples=(Example("unzip /tmp/a.zip -d dist", ("writes /srv/prod/dist",)), Example("unzip -l /tmp/a.zip")),
    ),
    Program(
        ("zip",),
        read=_zip,
        examples=(
            Example("zip -r a.zip src", ("writes /srv/prod/a.zip",)),
            Example("zip -r /tmp/a.zip src"),
            Example("zip -m /tmp/a.zip b", ("removes /srv/prod/b",)),
        ),
    ),
    Program(("7z", "7za"), read=_seven_zip, examples=(Example("7z x /tmp/a.7z -odist", ("writes /srv/prod/dist",)),)),
    Program(("cpio",), read=_cpio, examples=(Example("cpio -id", ("writes /srv/prod",)), Example("cpio -it"))),
)
