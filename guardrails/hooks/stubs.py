"""What is written into a hooks folder: a small POSIX shell script for each kind of hook.

A stub runs one interpreter by its absolute path, whatever PATH and Python's own variables say, and refuses when that is
gone. It becomes the judge, who reads git's lines (githooks(5)); where a hook was there before, it reads them once, has
them judged, and then runs that hook with the same arguments and input.
"""

from __future__ import annotations

import os
import sys

from guardrails.errors import CannotKnow, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.model import Environment

KINDS = ("pre-push", "pre-receive", "reference-transaction")
CHAINED = ".guardrails-chained"  # what follows the name of the hook that was there before
PROBE = ("guardrails", "status", "probe")  # three arguments: git itself gives none of these hooks as many

# The judge collects no garbage: it ends before there is any to speak of, and starts 1 ms sooner.
_HEAD = """\
#!/bin/sh
# guardrails hook: {kind}
# Written by `guardrails hook install {kind}`. `guardrails hook uninstall {kind}` puts back what was here before.
python={python}
chained=$0{chained}
[ -f "$chained" ] && [ -x "$chained" ] || chained=
refuse() {{
  echo "guardrails: {kind} refused: $1" >&2
  exit 1
}}
guardrails() {{
  [ -f "$python" ] && [ -x "$python" ] || refuse "$python is gone; install guardrails there, or: guardrails hook install {kind}"
  exec "$python" -E -P -c 'import gc; gc.disable(); from guardrails.cli import entry; entry()' "$@"
}}
if [ "$#" -eq 3 ] && [ "$1 $2 $3" = "{probe}" ]; then
  guardrails --version
fi
judge() {{
  printf %s "$1" | guardrails hook run {kind} {arguments} || exit
}}
"""  # noqa: E501  # one line of the shell is one line here

_PUSH = """\
remote=${{1-}} url=${{2-}}
[ -n "$chained" ] || guardrails hook run {kind} {arguments}
updates=$(cat && echo .) || refuse "the list of refs cannot be read"
updates=${{updates%.}}
[ -z "$updates" ] || judge "$updates"
printf %s "$updates" | "$chained" "$@"
"""

# Only a transaction that is prepared can still be refused. The loop starts no process for a commit. A fetch may bring
# many tags and git gc may pack them, each in a transaction of its own, so no Python is started for those.
_TRANSACTION = """\
if [ "$1" != prepared ]; then
  [ -n "$chained" ] || exit 0
  exec "$chained" "$@"
fi
is_free() {{  # old, new, ref: whether the tag is new, or only its loose file goes while its value is packed
  case $1 in
    *[!0]*)
      case $2 in *[!0]*) return 1 ;; esac
      packed=$(git rev-parse --path-format=absolute --git-path packed-refs) || return 1
      [ ! -e "$packed.lock" ] && grep -Fqx "$1 $3" "$packed"
      ;;
    *)
      git show-ref --verify --quiet "$3"
      [ "$?" -eq 1 ]
      ;;
  esac
}}
end='
'
all= guarded=
while IFS= read -r line || [ -n "$line" ]; do
  case $line in
    *' refs/tags/'*) is_free $line || guarded=$guarded$line$end ;;
    *{branch}) guarded=$guarded$line$end ;;
  esac
  [ -z "$chained" ] || all=$all$line$end
done
[ -z "$guarded" ] || judge "$guarded"
[ -n "$chained" ] || exit 0
printf %s "$all" | "$chained" "$@"
"""


def stub(kind: str, environment: Environment, configuration: str | None) -> str:
    """The script for one kind of hook of an environment's repository.

    `configuration` is the absolute path of the file to judge by, None for the built-in profile. Raises UsageError for
    an environment that such a hook cannot guard.
    """
    from shlex import quote

    if not os.path.isabs(sys.executable or ""):
        raise CannotKnow("the path of this Python is not known, so no hook can name it")
    arguments = f"--env={quote(environment.name)} --config={quote(configuration or '')}"
    if kind == "pre-push":
        arguments += ' --remote="$remote" --url="$url"'
    head = _HEAD.format(
        kind=kind, python=quote(sys.executable), chained=CHAINED, probe=" ".join(PROBE), arguments=arguments
    )
    if kind != "reference-transaction":
        return head + _PUSH.format(kind=kind, arguments=arguments)
    if not environment.branch:
        raise UsageError(f"which branch of {environment.name} is to be guarded? set branch in its table")
    return head + _TRANSACTION.format(branch=quote(f" refs/heads/{environment.branch}"))


def same(text: bytes, expected: str) -> bool:
    """Whether a stub is the expected one, whichever interpreter it names: that one answers for itself when it runs."""

    def rest(stub: bytes) -> list[bytes]:
        return [line for line in stub.split(b"\n") if not line.startswith(b"python=")]

    return rest(text) == rest(os.fsencode(expected))


def is_ours(text: bytes) -> bool:
    """Whether a hook was written by `guardrails hook install`, by whichever version."""
    return text.startswith(b"#!/bin/sh\n# guardrails hook: ")
