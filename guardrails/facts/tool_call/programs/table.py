"""The table of programs: which rows tell what a program does, by its name without a folder.

A module of rows is loaded when a program of it is called, since most calls need one or none.
"""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType

from guardrails.errors import CannotKnow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from guardrails.facts.tool_call.programs.program import Program

MODULES = {
    "files": (
        "rm grm trash rmtrash rmdir unlink shred mv gmv cp gcp install ditto ln link touch tee mkdir mkfifo mknod "
        "mktemp "
        "truncate sponge chmod chown chgrp chattr setfacl xattr chflags dd split csplit sort shuf iconv tree "
        "base64 openssl uniq xxd script fuser mount umount curl wget"
    ),
    "editing": (
        "sed gsed awk gawk mawk nawk perl ruby patch vi vim nvim nano pico micro emacs emacsclient ed ex red code subl "
        "gzip gunzip bzip2 bunzip2 xz unxz zstd prettier eslint biome black isort gofmt yq "
        "clang-format dos2unix rustfmt sqlite3"
    ),
    "trees": "tar gtar bsdtar rsync scp sftp find gfind unzip zip 7z 7za cpio",
    "building": "npm pnpm yarn bun make gmake ninja just task cmake cargo go mvn gradle bundle composer poetry uv",
    "services": "systemctl launchctl service pkill killall kill",
    "later": "crontab at batch",
    "git": "git",
    "remote": "docker podman nerdctl gh glab kubectl oc aws",
    "own_program": "guardrails pip pip3 pipx python python3 uv",
}
"""The modules beside this one whose `ROWS` are for programs of these names."""


def rows_of(name: str, others: Mapping[str, str] = MappingProxyType({})) -> Iterator[Program]:
    """The rows for a program. `others` are those of plugins: a program's name and `module:ROW`.

    Raises CannotKnow when a row of a plugin is not where it is said to be.
    """
    for module, names in MODULES.items():
        if name in names.split():
            rows = import_module(f"{__package__}.{module}").ROWS
            yield from (row for row in rows if name in row.names)
    if name in others:
        module, _, attribute = others[name].partition(":")
        try:
            yield getattr(import_module(module), attribute)
        except Exception as error:  # a plugin may raise anything
            raise CannotKnow(f"the row of the program {name}, {others[name]}, cannot be loaded: {error}") from error
