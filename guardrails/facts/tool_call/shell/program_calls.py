"""Follows a program to what it runs in turn: a command in a wrapper, a text for a shell, code for an interpreter."""

from __future__ import annotations

import os

from guardrails.facts.tool_call.commands import CODE, SCRIPT_FILE, TEXT_COMPUTED, TEXT_FED, Word
from guardrails.facts.tool_call.shell.folders import move, within
from guardrails.facts.tool_call.shell.git_aliases import replaced_alias
from guardrails.facts.tool_call.shell.interpreters import code_of
from guardrails.facts.tool_call.shell.shell_calls import shell_call
from guardrails.facts.tool_call.shell.states import Outcome, State, Variable, either
from guardrails.facts.tool_call.shell.word_values import ANY_WORD
from guardrails.facts.tool_call.shell.wrapper_rows import SHELLS, THIS_HOST, WRAPPERS
from guardrails.facts.tool_call.shell.wrappers import found_by_find, inner_of, joined, program_of, ssh_call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.facts.tool_call.shell.states import Around
    from guardrails.facts.tool_call.shell.wrappers import Inner
    from guardrails.facts.tool_call.shell_reading import Reader


def run_program(reader: Reader, words: list[Word], state: State, around: Around) -> Outcome:
    """Follow a program, and add what it runs or else itself."""
    program = program_of(words[0])
    if program in SHELLS:
        return _run_shell(reader, words, state, around)
    if program == "ssh":
        return _run_ssh(reader, words, state, around)
    if program in ("parallel", "at", "batch") or (program == "crontab" and around.piped):
        return _run_lines(reader, words, state, around)
    if program in ("find", "gfind"):
        for one in found_by_find(words):
            run_inner(reader, one, state, around)
    if program == "git":
        _run_git_alias(reader, words, state, around)
    inner = inner_of(words)
    if inner is not None:
        if WRAPPERS[program].acts:
            reader.emit(words, state, around)
        return run_inner(reader, inner, state, around)
    fed = (
        around.piped
        or "fed" in state.options
        or around.script is not None
        or any(one.operator.startswith("<") for one in around.redirects)
    )
    code = code_of(words, around.script, fed=fed)
    if code is not None:
        more = () if any(code in word.known for word in words) else (code,)
        reader.note_untold(CODE, words, state, around, *more)
    reader.emit(words, state, around)
    return either(state)


def _run_git_alias(reader: Reader, words: list[Word], state: State, around: Around) -> None:
    alias = replaced_alias(words)
    if alias is None:
        return
    replaced, text = alias
    if text is None:
        reader.emit(replaced, state, around)
        return
    whole = text if text.text is None else Word((text.text,))  # git runs it at the top of the work tree
    reader.read_apart(whole, state, around, tuple(replaced[1:]))


def run_inner(reader: Reader, inner: Inner, state: State, around: Around) -> Outcome:
    """Follow what a wrapper runs, in the folder and with the variables that it gives."""
    before = state
    for folder in inner.folders:
        path = None if folder is None or folder.is_pattern or folder.text is None else within(state.folder, folder.text)
        state = move(state, path)
    gone = [*inner.removed, *({*reader.environment, *state.variables} if inner.emptied else ())]
    for name in gone:
        state = state.given(name, Variable(None, exported=True))
    for name, value in inner.assigned:
        state = state.given(name, Variable(value.parts, exported=True))
    if inner.text is not None:
        reader.read_apart(inner.text, state, around)
        return either(before)
    words = list(inner.words)
    more = around.more_words or inner.more_words
    if inner.more_words and around.script is not None:
        if program_of(words[0]) in SHELLS and shell_call(words).text == Word(("",)):
            reader.note_untold(TEXT_FED, words, state, around, around.script.known)
        elif (fed := _plain_words(around.script)) is not None:
            words, more = [*words, *fed], around.more_words
    reader.follow(words, state, around.replaced(outside=True, more_words=more))
    return either(before)


def _plain_words(script: Word) -> list[Word] | None:
    """The words that `xargs` takes from its input, where no quote and nothing unknown is in it."""
    text = script.text
    if text is None or any(letter in text for letter in "'\"\\"):
        return None
    return [Word((one,)) for one in text.split()]


def _run_shell(reader: Reader, words: list[Word], state: State, around: Around) -> Outcome:
    call = shell_call(words)
    if call.text is not None:
        if call.text.text is None or (around.more_words and not call.text.known):
            return reader.note_untold(TEXT_COMPUTED, words, state, around)
        more = (ANY_WORD,) if around.more_words else ()
        return reader.read_apart(call.text, state, around, (*call.arguments, *more), program_of(words[0]))
    if call.file is not None:
        reader.emit(words, state, around)
        return reader.note_untold(SCRIPT_FILE, words, state, around)
    if around.script is not None:
        return reader.read_apart(around.script, state, around, call.arguments, program_of(words[0]))
    if around.piped or "fed" in state.options or any(one.operator.startswith("<") for one in around.redirects):
        return reader.note_untold(TEXT_FED, words, state, around, around.fed)
    reader.emit(words, state, around)
    return either(state)


def _run_ssh(reader: Reader, words: list[Word], state: State, around: Around) -> Outcome:
    """On another host nothing of this one is done; on this one a login begins in the home folder."""
    host, text = ssh_call(words)
    name = "" if host is None else host.known.rpartition("@")[2].removeprefix("ssh://").partition(":")[0]
    if text is None and around.script is not None:
        text = around.script
    if host is not None and (name in THIS_HOST or host.known.endswith("::1") or name == os.uname().nodename) and text:
        reader.read_apart(text, State(reader.home), around)
    else:
        reader.emit(words, state, around)
    return either(state)


def _run_lines(reader: Reader, words: list[Word], state: State, around: Around) -> Outcome:
    """`parallel` makes texts of its words and of what it is fed; `at`, `batch` and `crontab` run what is fed, later."""
    reader.emit(words, state, around)
    if program_of(words[0]) != "parallel":
        if around.script is not None and program_of(words[0]) != "crontab":
            return reader.read_apart(around.script, state, around)
        return reader.note_untold(TEXT_FED, words, state, around, around.fed)
    template, lists = list(words[1:]), [at for at, word in enumerate(words[1:]) if word.known.startswith(":::")]
    given = [word for word in template[lists[0] :] if not word.known.startswith(":::")] if lists else []
    template = template[: lists[0]] if lists else template
    while template and template[0].known.startswith("-"):
        template = (
            template[2:] if template[0].text in ("-j", "--jobs", "-n", "-N", "-a", "--colsep", "-I") else template[1:]
        )
    text = joined(template).text
    if text is None or not given or any(word.text is None for word in given) or len(lists) != 1:
        return reader.note_untold(TEXT_COMPUTED, words, state, around)
    for word in given[:16]:
        one = text.replace("{}", word.text or "") if "{}" in text else f"{text} {word.text}".strip()
        reader.read_apart(Word((one,)), state, around)
    return either(state)
