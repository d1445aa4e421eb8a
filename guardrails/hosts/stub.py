"""The script that a host runs before a tool call: a small POSIX shell script that asks Python only when it has to.

Starting Python takes longer than most calls do, so the script lets a call pass by itself when its text names no guarded
place, computes no name and runs no program that acts on things it does not name. It reads the host's JSON as text:
quotes and backslashes are taken out first, since a shell joins the parts that they divide, and then `case` looks for
names. It may ask too often, which only costs time. There are two levels: when Python is gone, the script refuses a call
that is `named`, and lets one pass that is only `asked` about, so that a missing interpreter locks nobody out.

POSIX keeps `set -- $input; joined=$*` from starting a process: it splits at the characters of IFS and joins with none.
"""

from __future__ import annotations

import json
from shlex import quote

from guardrails.hosts.kinds import HOSTS
from guardrails.record import Record

LIMIT = 1 << 20  # bytes of a call that is judged; a longer one is refused
_LONG = 1 << 16  # bytes from where Python, which reads the call once, is quicker than a shell that looks for each name
GONE = 3  # how the interpreter ends when guardrails is not installed for it


class Watched(Record):
    """What a stub looks for in the text of a call.

    `names` are the last parts of guarded paths, and of services; `folders` the absolute paths in which every call is
    judged; `programs` act on places that they do not name, as git may with one of `verbs`, by a repository that several
    work trees share; `words` are texts that lead to the judge wherever they stand.
    """

    names: tuple[str, ...]
    folders: tuple[str, ...]
    programs: tuple[str, ...]
    words: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()


# An escape of JSON, such as the line break in `cd prod\nrm x`, leaves its letter beside a word once the backslash is
# gone. So a name may be followed by `n` or `t`, and a program preceded by `n`, `r` or `t` and followed by `t`.
_AFTER_NAME = "[!a-mo-su-zA-Z0-9_-]"
_BEFORE_PROGRAM = "[!a-mo-qsu-zA-Z0-9_.-]"
_AFTER_PROGRAM = "[!a-su-zA-Z0-9_-]"

_SCRIPT = """\
#!/bin/sh
# guardrails host: {kind}
# `guardrails hook uninstall {kind}` takes it out of {shown}, where it is named.
LC_ALL=C
PATH=${{PATH:+$PATH:}}/usr/bin:/bin
python={python}
refuse() {{
  echo "guardrails: $1" >&2
  exit 2
}}
pass() {{
  {passes}
  exit 0
}}
gone() {{
  [ -n "$named" ] || pass
  refuse "this call names what is guarded, and $python, which would judge it, is gone: "{anew}
}}
input=$(cat) || refuse "the tool call cannot be read"
[ "${{#input}}" -le {limit} ] || refuse "the tool call is longer than {limit} bytes, so it cannot be judged"
set -f
IFS=\\'\\"\\\\
set -- $input
IFS=
joined="$*"
named= asked=
cd -P . || asked=yes
case $joined in
  {names}) named=--named ;;
esac
case $PWD/ in
  {folders}) named=--named ;;
esac
if [ -z "$named" ] && [ "${{#input}}" -gt {long} ]; then
  asked=yes
elif [ -z "$named" ]; then
  case $input in
    *[!\\ -~]* | *\\$* | *\\`* | *\\** | *\\?* | *\\\\u* | *\\\\\\\\\\\\n*) asked=yes ;;
    {fields}) ;;
    *) asked=yes ;;
  esac
  case $joined in
    *[!:,[][[]* | *[!:,[]{{* | {programs}) asked=yes ;;
    *git[!a-su-zA-Z0-9_.]*)
      case $joined in
        {verbs}) asked=yes ;;
      esac
      ;;
  esac
fi
[ -n "$named$asked" ] || pass
[ -f "$python" ] && [ -x "$python" ] || gone
printf '%s\\n' "$input" | "$python" -E -P -c '{start}' hook run {kind} --config={configuration} $named
code=$?
case $code in
  0 | 2) exit $code ;;
  {gone}) gone ;;
esac
refuse "the judge ended with $code, so this call is refused"
"""

_START = f"""\
try:
    from guardrails.start import entry
except ImportError:
    raise SystemExit({GONE})
entry()"""


def stub(kind: str, watched: Watched, settings: str, script: str, configuration: str | None, python: str) -> str:
    """The script for a host, named in its `settings`, that asks an interpreter at an absolute path.

    `configuration` is the absolute path of the file to judge by, None for the built-in profile.
    """
    host = HOSTS[kind]
    return _SCRIPT.format(
        kind=kind,
        shown=settings.replace("\n", "?"),
        python=quote(python),
        passes=f"echo {quote(host.passes)}" if host.passes else ":",
        anew=quote(f"install guardrails there again, or remove what names {script} from {settings}"),
        names=_either(f"*{quote(_bare(name))}{_AFTER_NAME}*" for name in watched.names),
        folders=_either(f"{quote(folder.rstrip('/'))}/*" for folder in watched.folders),
        limit=LIMIT,
        long=_LONG,
        fields="{*" + "*".join(quote(f'"{field}"') for field in host.fields) + "*}",
        programs=_either(
            [f"*{_BEFORE_PROGRAM}{quote(program)}{_AFTER_PROGRAM}*" for program in watched.programs]
            + [f"*{quote(word)}*" for word in watched.words]
        ),
        verbs=_either(f"*{_BEFORE_PROGRAM}{quote(verb)}{_AFTER_NAME}*" for verb in watched.verbs),
        start=_START,
        configuration=quote(configuration or ""),
        gone=GONE,
    )


def _either(patterns: object) -> str:
    return " | ".join(dict.fromkeys(patterns)) or "''"  # type: ignore[call-overload]


def _bare(name: str) -> str:
    """A name as it stands in JSON without quotes and backslashes."""
    return "".join(char for char in json.dumps(name, ensure_ascii=False)[1:-1] if char not in "'\"\\")
