"""A shell text as a syntax tree: parsed by shfmt, a bounded child process, and by nothing that would run it.

The tree is that of `shfmt --to-json` (mvdan.cc/sh, package syntax). shfmt is the one that came with us: it is looked
for beside the interpreter, never on PATH or in the working directory.
"""

from __future__ import annotations

import os
import sys
import time

from guardrails.errors import CannotKnow, GuardrailsError
from guardrails.facts.programs.command import Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Node = dict[str, Any]

TEXT_LIMIT = 1 << 20  # bytes
TREE_LIMIT = 4 << 20  # bytes of JSON, which a thousand lines of script stay below
DEPTH_LIMIT = 100  # brackets in brackets; the size of shfmt's output grows with the square of it
DIALECTS = ("bash", "zsh")  # what the hosts of agents run; zsh where bash would refuse the text

_ENVIRONMENT = {"GOGC": "off", "GOMEMLIMIT": "256MiB"}  # no collection before it has used this much
_BRACKETS = bytes(set(range(256)) - set(b"(){}"))
_STAND_INS = "\uf8ff\uf8fe\uf8fd\uf8fc\uf8fb"  # private characters, of which a text holds none or few


class Script:
    """A parsed text: its statements, and the text to quote from, of which the positions in the tree count bytes."""

    def __init__(self, statements: list[Node], sent: bytes, stand_in: str) -> None:
        self.statements = statements
        self._sent = sent
        self._stand_in = stand_in

    def source(self, node: Node) -> str:
        """The text of a node as it was written."""
        return self.between(node["Pos"]["Offset"], node["End"]["Offset"])

    def between(self, start: int, end: int) -> str:
        """A stretch of the text as it was written."""
        return self._sent[start:end].decode("utf-8", "replace").replace(self._stand_in, "\r")


async def parse(text: str, timeout: float) -> Script:
    """Parse a text as bash does, or else as zsh does.

    Raises CannotKnow when neither would, when it holds what no argument can, and when it is too long or too deep;
    another GuardrailsError when no text could be parsed.
    """
    stand_in = next((one for one in _STAND_INS if one not in text), "")
    sent = _sent(text, stand_in)
    until = time.monotonic() + timeout
    refusal = ""
    for dialect in DIALECTS:
        argv = [_shfmt(), "--to-json", f"--language-dialect={dialect}"]
        while True:
            left = max(0.01, until - time.monotonic())
            done = await Command(argv, _ENVIRONMENT, timeout=left, stdin=sent, limit=TREE_LIMIT)
            ended = _with_comments_ended(sent, done.stdout) if done.status == 0 else sent
            if ended == sent:
                break
            sent = ended
        if done.status == 0:
            return Script(_tree(done.stdout, stand_in), sent, stand_in)
        refusal = refusal or done.stderr.decode("utf-8", "replace").strip()[:200]
    raise CannotKnow(f"no shell would parse it: {refusal}")


def _sent(text: str, stand_in: str) -> bytes:
    """The bytes for shfmt. To it a carriage return is white space, to bash a letter: something else stands in."""
    if "\0" in text:
        raise CannotKnow("no shell would parse it: it holds a NUL")
    if "\r" in text and not stand_in:
        raise CannotKnow("it holds carriage returns among private characters")
    try:
        sent = text.replace("\r", stand_in).encode()
    except UnicodeEncodeError:
        raise CannotKnow("no shell would parse it: it is not UTF-8") from None
    if len(sent) > TEXT_LIMIT:
        raise CannotKnow(f"it is longer than {TEXT_LIMIT >> 20} MiB")
    if _depth(sent) > DEPTH_LIMIT:
        raise CannotKnow(f"its brackets are nested more than {DEPTH_LIMIT} deep")
    return sent or b"\n"


def _with_comments_ended(sent: bytes, output: bytes) -> bytes:
    """The text without the backslashes at the ends of comments: shfmt 3.14 takes the next line for the same command."""
    if b"#" not in sent or b"\\\n" not in sent:
        return sent
    import re  # json, which is needed for the tree anyhow, loads it

    text = bytearray(sent)
    for found in re.finditer(rb'"Hash":\s*\{\s*"Offset":\s*(\d+)[^}]*\},\s*"Text":\s*"((?:[^"\\]|\\.)*)"', output):
        end = sent.find(b"\n", int(found[1]))
        if found[2].endswith(rb"\\\n") and sent[end - 1 : end] == b"\\":
            text[end - 1 : end] = b" "
    return bytes(text)


def _depth(sent: bytes) -> int:
    """How deep brackets are nested at most, wherever they stand."""
    depth = deepest = 0
    for one in sent.translate(None, _BRACKETS):
        if one in b"({":
            depth += 1
            deepest = max(deepest, depth)
        elif depth:
            depth -= 1
    return deepest


def _tree(output: bytes, stand_in: str) -> list[Node]:
    import json  # while nothing else is to be done, and only when there is a text

    try:
        tree: Node = json.loads(output.decode().replace(stand_in, "\\r") if stand_in else output)
    except RecursionError:
        raise CannotKnow("its commands are nested too deep") from None
    except ValueError as error:
        raise CannotKnow(f"shfmt gave no tree: {error}") from None
    statements: list[Node] = tree.get("Stmts", [])
    return statements


def _shfmt() -> str:
    """The program of the wheel shfmt-py. Raises GuardrailsError when it is not beside the interpreter."""
    folder = os.path.dirname(sys.executable) if sys.executable else os.path.join(sys.prefix, "bin")
    for place in (os.path.join(sys.prefix, "bin"), folder):
        program = os.path.join(place, "shfmt")
        if os.path.isfile(program):
            return program
    raise GuardrailsError("shfmt is not installed beside the interpreter; install deploy-guardrails again")
