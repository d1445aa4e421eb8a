"""Words of shell scripts, beside what a real shell makes of them."""

from __future__ import annotations

import random
import subprocess

import pytest

from guardrails_policies.openclaw.shell.shell_words import UNKNOWN, Expansion, tokens

VARIABLES = {"A": "a value", "B": "b", "HOME": "/home/me", "EMPTY": ""}
PIECES = (  # whose values hold no space where they are not quoted
    '"$A"', '"${A}"', "'$A'", '"${B}x"', "\\$A", "~", "~/x", "$B", "x", '"a b"', "'c d'", "${NONE:-other}", '"$1"', "=",
    '"${NONE:-$B}"', "${EMPTY:-e}", '"${EMPTY-e}"', "${B:+set}", "\\ ", '"\\""', '"~"', '""', "''", '"\\$B"',
)  # fmt: skip


def words(line: str, *arguments: str) -> list[str]:
    expansion = Expansion(VARIABLES, ["sh", *arguments], "/home/me", lambda _text: None)
    return [one for word in tokens(line) for one in expansion.words(word)]


def test_generated_words_become_what_a_shell_makes_of_them() -> None:
    chosen = random.Random(5)
    lines = [" ".join("".join(chosen.choices(PIECES, k=chosen.randint(1, 2))) for _ in range(3)) for _ in range(300)]
    script = "".join(f"for one in {line}; do printf '%s\\0' \"$one\"; done; printf '\\1\\0'\n" for line in lines)
    done = subprocess.run(["sh", "-fc", script, "sh", "1 one", "two"], env=VARIABLES, capture_output=True, check=True)
    wanted = [one.split("\0")[:-1] for one in done.stdout.decode().split("\1\0")]
    decided = 0
    for line, printed in zip(lines, wanted, strict=False):
        found = words(line, "1 one", "two")
        if UNKNOWN not in "".join(found):
            assert found == printed, line
            decided += 1
    assert decided > 200


def test_words_that_become_several() -> None:
    assert words("$A x $EMPTY $@", "1 one", "2") == ["a", "value", "x", "1 one", "2"]
    assert words('"$@"') == []
    assert words('"$A" "$EMPTY"') == ["a value", ""]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a;b&&c||d", ["a", ";", "b", "&&", "c", "||", "d"]),
        ("a 2>&1 >b <c", ["a", "2", ">&", "1", ">", "b", "<", "c"]),
        ("a # no\nb#c", ["a", "\n", "b#c"]),
        ("a \\\n b", ["a", "b"]),
        ("x $(a ')' \"b)\" $(c)) y", ["x", "$(a ')' \"b)\" $(c))", "y"]),
        ("cat <<E >f\nno 'quote\nE\nyes", ["cat", "<<", "E", ">", "f", "\n", "\n", "yes"]),
        ("cat <<-'E'\n\tno\n\tE\nyes", ["cat", "<<-", "'E'", "\n", "\n", "yes"]),
        ("f() { x; }", ["f", "(", ")", "{", "x", ";", "}"]),
        ("", []),
    ],
)
def test_tokens(text: str, found: list[str]) -> None:
    assert tokens(text) == found


@pytest.mark.parametrize("text", ["'", 'a"b', "`x", "$(a", "${a", "$('"])
def test_what_is_not_closed(text: str) -> None:
    with pytest.raises(ValueError, match="not closed"):
        tokens(text)


@pytest.mark.parametrize(
    "word", ["$(date)", "`date`", "$((1+1))", "$UNKNOWN", "${UNKNOWN}", "${A%x}", "${A/x/y}", "$?"]
)
def test_what_cannot_be_told(word: str) -> None:
    assert UNKNOWN in words(word)[0]


def test_a_default_that_is_kept() -> None:
    expansion = Expansion(VARIABLES, [], "/home/me", lambda _text: None)
    assert expansion.words('"${NEW:=~/x}"') == ["/home/me/x"]
    assert expansion.assigned == {"NEW": "/home/me/x"}
