"""One line of a file of allowed signers, read exactly as ssh-keygen reads it (sshsig.c, misc.c, sshkey.c of OpenSSH).

A line is a list of principals, options if there are any, and a key. A quote may begin anywhere in the principals and
ends them where it closes, so that a principal may hold spaces. Commas separate principals, in quotes as well.
"""

from __future__ import annotations

import re

from guardrails.errors import CannotKnow

_SPACE = b" \t\r\n"
_KEY = re.compile(rb"(?:ssh|ecdsa|sk)-[\w@.-]+[ \t]+([^ \t]+)")
_OPTION = rb'(?:cert-authority|(?:namespaces|valid-after|valid-before)="(?:\\"|[^"])*")'
_OPTIONS = re.compile(rb"(?i)%b(?:,%b)*(?=[ \t])" % (_OPTION, _OPTION))
_QUOTED = re.compile(rb'"(?:\\"|[^"])*"')


def parse_signer(line: bytes, where: str) -> tuple[bytes, list[str]]:
    """The key of a line and its principals. Raises CannotKnow, which names the place, for a line that says too much.

    That is one with a pattern, which speaks for people who are not named, or with an authority, of whose certificates
    one person can hold any number; and one that ssh-keygen could not read.
    """
    from binascii import Error, a2b_base64

    named, rest = _principals(line)
    names = [name for name in (named or b"").split(b",") if name]
    if any(name.startswith(b"!") or set(name) & set(b"*?") for name in names):
        raise CannotKnow(f"{where} names a pattern, not a person, so that the file cannot be trusted; name each signer")
    found = _KEY.match(rest)
    if found is None and (options := _OPTIONS.match(rest)):
        if b"cert-authority" in _QUOTED.sub(b"", options[0]).lower():
            raise CannotKnow(
                f"{where} names an authority, whose certificates are not supported; list each signer's key"
            )
        found = _KEY.match(rest[options.end() :].lstrip(b" \t"))
    try:
        if found is None or named is None:
            raise ValueError
        return a2b_base64(found[1].strip(_SPACE), strict_mode=True), [name.decode() for name in names]
    except (Error, ValueError):
        raise CannotKnow(f"{where} is not a line of principals and a key, as ssh-keygen(1) has it") from None


def _principals(line: bytes) -> tuple[bytes | None, bytes]:
    """The first word of a line, and what follows it; no word where a quote has no end."""
    line = line.lstrip(b" \t")
    end = next((at for at, byte in enumerate(line) if byte in b' \t\r\n"'), len(line))
    if line[end : end + 1] != b'"':
        return line[:end], line[end + 1 :].lstrip(_SPACE)
    closes = line.find(b'"', end + 1)
    if closes < 0:
        return None, b""
    return line[:end] + line[end + 1 : closes], line[closes + 1 :].lstrip(_SPACE)
