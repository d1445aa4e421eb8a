"""`guardrails completion`: print the completion script of a shell, made from the parsers themselves."""

from __future__ import annotations

import sys

from guardrails.cli import COMMANDS, parser_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

_EXAMPLES = """examples:
  guardrails completion bash > ~/.local/share/bash-completion/completions/guardrails
  guardrails completion zsh > "${fpath[1]}/_guardrails"
  guardrails completion fish > ~/.config/fish/completions/guardrails.fish
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `completion`."""
    parser.epilog = _EXAMPLES
    parser.add_argument("shell", choices=["bash", "zsh", "fish"], help="the shell to print the script for")
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Print the script."""
    words = {name: _words(parser_of(name)) for name in COMMANDS}
    sys.stdout.write({"bash": _bash, "zsh": _zsh, "fish": _fish}[given.shell](words))
    return 0


def _words(parser: argparse.ArgumentParser) -> list[str]:
    """What may follow a command: its options, and the choices of its arguments."""
    words: list[str] = []
    for action in parser._actions:  # argparse has no public list
        words += action.option_strings or [str(choice) for choice in action.choices or ()]
    return [word for word in words if word != "-h"]


def _bash(words: dict[str, list[str]]) -> str:
    cases = "".join(f"        {name}) words='{' '.join(options)}' ;;\n" for name, options in words.items())
    return f"""\
_guardrails() {{
    local words='{" ".join(words)} --help --version'
    case "${{COMP_WORDS[1]}}" in
{cases}    esac
    [ "$COMP_CWORD" -eq 1 ] && words='{" ".join(words)} --help --version'
    COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _guardrails guardrails
"""


def _zsh(words: dict[str, list[str]]) -> str:
    cases = "".join(f"        {name}) compadd -- {' '.join(options)} ;;\n" for name, options in words.items())
    return f"""\
#compdef guardrails
_guardrails() {{
    if (( CURRENT == 2 )); then
        compadd -- {" ".join(words)} --help --version
        return
    fi
    case "$words[2]" in
{cases}    esac
    _files
}}
compdef _guardrails guardrails
"""


def _fish(words: dict[str, list[str]]) -> str:
    lines = [f"complete -c guardrails -n __fish_use_subcommand -a {name} -d '{COMMANDS[name]}'" for name in words]
    for name, options in words.items():
        seen = f"-n '__fish_seen_subcommand_from {name}'"
        for word in options:
            lines.append(
                f"complete -c guardrails {seen} " + (f"-l {word[2:]}" if word.startswith("--") else f"-a {word}")
            )
    return "\n".join(lines) + "\n"
