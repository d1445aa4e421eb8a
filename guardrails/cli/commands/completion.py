"""`guardrails completion`: print the completion script of a shell, made from the parsers themselves."""

from __future__ import annotations

import sys

from guardrails.cli.commands import COMMANDS
from guardrails.cli.parser import parser_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

_EXAMPLES = """examples:
  guardrails completion bash > ~/.local/share/bash-completion/completions/guardrails
  guardrails completion zsh > "${fpath[1]}/_guardrails"
  guardrails completion fish > ~/.config/fish/completions/guardrails.fish
"""
# Names that no shell takes for anything but a word: bash expands the word list of compgen.
_POLICIES = r"guardrails policies 2>/dev/null | sed -n 's/^\([A-Za-z0-9._-]*\)\( .*\)*$/\1/p'"
_SHOWN = r"guardrails config show 2>/dev/null | sed -n 's/^%s\.\([A-Za-z0-9_-]*\)[. ].*/\1/p' | sort -u"
_ENVIRONMENTS, _OPERATIONS = _SHOWN % "environments", _SHOWN % "operations"
_ASKED = {"ID": _POLICIES, "NAME": _ENVIRONMENTS, "OPERATION": _OPERATIONS}  # metavar -> command that lists its values
_FILES = ("PATH", "FILE", "DIR", "FOLDER", "DOCUMENT", "FORMAT:PATH")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `completion`."""
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "shell", choices=["bash", "zsh", "fish"], help="the shell that the script is for: bash, zsh or fish"
    )
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Print the script."""
    sys.stdout.write({"bash": _bash, "zsh": _zsh, "fish": _fish}[given.shell]())
    return 0


def _actions(command: str) -> list[argparse.Action]:
    return parser_of(command)._actions  # argparse has no public list of them


def _options(command: str) -> list[str]:
    return [name for action in _actions(command) for name in action.option_strings if name.startswith("--")]


def _values(action: argparse.Action) -> str | None:
    """The shell words that list what an argument takes: choices, a command's output, or None when nobody knows."""
    if action.choices:
        return " ".join(map(str, action.choices))
    asked = _ASKED.get(str(action.metavar))
    return f"$({asked})" if asked else None


def _cases() -> list[tuple[str, str]]:
    """Shell patterns of `COMMAND:PREVIOUS WORD`, with the words that may follow; `COMMAND:*` comes after others."""
    cases = []
    for command in COMMANDS:
        words = _options(command)
        for action in _actions(command):
            values = _values(action)
            if not action.option_strings:
                words += [values or ""]
            elif action.nargs != 0:
                cases += [(f"{command}:{name}", values or "") for name in action.option_strings]
        cases.append((f"{command}:*", " ".join(words)))
    return cases


def _bash() -> str:
    cases = "\n".join(f'        {pattern}) words="{words}" ;;' for pattern, words in _cases())
    return f"""\
_guardrails() {{
    local words current="${{COMP_WORDS[COMP_CWORD]}}"
    case "${{COMP_WORDS[1]}}:${{COMP_WORDS[COMP_CWORD-1]}}" in
{cases}
    esac
    [ "$COMP_CWORD" -gt 1 ] || words="{" ".join(COMMANDS)} --help --version"
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _guardrails guardrails
"""


def _zsh() -> str:
    cases = "\n".join(f'        {pattern}) guesses="{words}" ;;' for pattern, words in _cases())
    return f"""\
#compdef guardrails
_guardrails() {{
    local guesses
    case "$words[2]:$words[CURRENT-1]" in
{cases}
    esac
    (( CURRENT > 2 )) || guesses="{" ".join(COMMANDS)} --help --version"
    if [[ -n "$guesses" ]]; then
        compadd -- ${{=guesses}}
    else
        _files
    fi
}}
compdef _guardrails guardrails
"""


def _fish() -> str:
    lines = ["complete -c guardrails -f"]
    for command, summary in COMMANDS.items():
        lines.append(f"complete -c guardrails -n __fish_use_subcommand -a {command} -d '{_quoted(summary)}'")
        for action in _actions(command):
            line = f"complete -c guardrails -n '__fish_seen_subcommand_from {command}'"
            values = _values(action)
            listed = f" -a '{_quoted((values or '').removeprefix('$'))}'" if values else ""
            for name in action.option_strings:
                if name.startswith("--"):
                    takes = "" if action.nargs == 0 else " -r" + (" -F" if action.metavar in _FILES else "")
                    help_text = _quoted((action.help or "").replace("%%", "%"))
                    lines.append(f"{line} -l {name[2:]}{takes}{listed} -d '{help_text}'")
            if not action.option_strings and listed:
                lines.append(line + listed)
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Text between single quotes of fish."""
    return text.replace("\\", "\\\\").replace("'", "\\'")
