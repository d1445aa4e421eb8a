"""`guardrails completion`: print the completion script of a shell, or the words that may come next, which it asks for.

The scripts know nothing of guardrails: each asks `guardrails completion words` at every TAB. They take the command from
PATH and not the path that was typed, which a repository may hold. A word comes on one line, with a tab and what it
means; exit code 1 says that a file is wanted.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

_EXAMPLES = """examples:
  guardrails completion bash > ~/.local/share/bash-completion/completions/guardrails
  guardrails completion zsh > "${fpath[1]}/_guardrails"
  guardrails completion fish > ~/.config/fish/completions/guardrails.fish
"""
_WORDS = "words"
_A_FILE = 1

_BASH = """\
_guardrails() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("${line%%$'\\t'*}")
    done < <(command guardrails completion words -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _guardrails guardrails
"""
_ZSH = """\
#compdef guardrails
_guardrails() {
    local line answer
    local -a guesses shown
    if ! answer="$(command guardrails completion words -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)"; then
        _files
        return
    fi
    for line in ${(f)answer}; do
        guesses+=("${line%%$'\\t'*}")
        shown+=("${line/$'\\t'/  -- }")
    done
    compadd -l -d shown -- $guesses
}
if [[ "${funcstack[1]}" == _guardrails ]]; then
    _guardrails "$@"
else
    compdef _guardrails guardrails
fi
"""
_FISH = """\
function __guardrails_words
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    test (count $current) -gt 0; or set current ""
    command guardrails completion words -- $before[2..-1] $current 2>/dev/null
    or __fish_complete_path $current
end
complete -c guardrails -f -a '(__guardrails_words)'
"""
_SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `completion`."""
    parser.epilog = _EXAMPLES
    does = "bash, zsh, fish: print the script for this shell; words: print what may come next, as the scripts ask"
    parser.add_argument("shell", choices=[*_SCRIPTS, _WORDS], help=does)
    parser.set_defaults(handler=run, command=())


def run(given: argparse.Namespace) -> int:
    """Print the script, or the words after those of the command line that was typed so far; 1 where a file is wanted.

    It reports no error, such as a configuration that cannot be read: a person who presses TAB is typing.
    """
    if given.shell != _WORDS:
        sys.stdout.write(_SCRIPTS[given.shell])
        return 0
    from guardrails.cli.next_words import next_words

    words = next_words(list(given.command))
    if words is None:
        return _A_FILE
    sys.stdout.write("".join(f"{one.text}\t{one.about}".rstrip("\t") + "\n" for one in words))
    return 0
