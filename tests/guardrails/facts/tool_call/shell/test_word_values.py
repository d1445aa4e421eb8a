"""What words become where variables, folders and arguments are known, and what stays unknown."""

from __future__ import annotations

import pytest

from readings import HOME, lines, read, words

CASES = (
    ("echo ~ ~/a ~me/b ~bob/c ~+ ~-", [HOME, f"{HOME}/a", f"{HOME}/b", "?/c", "/w", "?"]),
    ("echo a~ '~' x=~ x=a:~/b --x=~ \\~", ["a~", "~", f"x={HOME}", f"x=a:{HOME}/b", "--x=~", "~"]),
    ("set -- *.py b; echo \"$1\" $2 \"$@\" \"$*\"", ["?", "?", "*.py", "b", "?"]),
    ("export X={a,b}; echo $X", ["?"]),
    ("sh -c 'echo {a,b} {c}'", ["{a,b}", "{c}"]),
    ("set --; echo \"$*\" \"$@\"", [""]),
    ("HOME=/h; echo ~ $HOME ~me", ["/h", "/h", HOME]),
    ('echo $HOME "${HOME}" $PWD "$PWD/x"', [HOME, HOME, "/w", "/w/x"]),
    ("cd /p && echo $PWD $OLDPWD", ["/p", "/w"]),
    ("X=a; echo $X ${X} \"$X\" '$X' $X$X ${X}b", ["a", "a", "a", "$X", "aa", "ab"]),
    ("X='a  b '; echo $X \"$X\" x$X'y'", ["a", "b", "a  b ", "xa", "b", "y"]),
    ("X=; echo $X \"$X\" a", ["", "a"]),
    ("X=~/a:~/b; echo $X", [f"{HOME}/a:{HOME}/b"]),
    ("X=a; X+=b; echo $X", ["ab"]),
    ("X={a,b}; echo $X", ["{a,b}"]),
    ("X=a; unset X; echo $X b", ["b"]),
    ("X=a IFS=,; Y=1,2; echo $Y \"$Y\"", ["?", "1,2"]),
    ("read X; echo $X", ["?"]),
    ("X=a; printf -v X b; echo $X", ["?"]),
    ("X=1; ((X++)); echo $X", ["?"]),
    ("X=1; let X=2; echo $X", ["?"]),
    ("X=1; echo $((X = 2)); echo $X", ["?"]),
    ("declare -u X=a; echo $X", ["?"]),
    ("declare -l X; X=A; echo $X", ["?"]),
    ("X=a; f() { local X=b; }; f; echo $X", ["a"]),
    ("X=a; f() { X=b; }; f; echo $X", ["b"]),
    ("X=a; (X=b); echo $X", ["a"]),
    ("X=a; X=b true; echo $X", ["a"]),
    ("X=/p/$(date); echo $X/y", ["/p/?/y"]),
    ("X=a; echo ${X:-b} ${X:+c} ${X#a} ${#X} ${X/a/b} ${X:0:1} ${!X}", ["a", "c", "?", "?", "?", "?", "?"]),
    ("X=; echo ${X:-b} ${X-b} ${X:+c}", ["b"]),
    ("A=(a 'b c'); echo \"${A[@]}\" ${A[1]} $A \"${A[*]}\"", ["a", "b c", "b", "c", "a", "a b c"]),
    ("A=(a); A[1]=b; echo ${A[1]}", ["?"]),
    ("set -- a 'b c'; echo \"$@\" $1 \"$2\" $3 \"$*\"", ["a", "b c", "a", "b c", "a b c"]),
    ("set -- a b c; shift; echo $1 x\"$@\"y", ["b", "xb", "cy"]),
    ("echo $1 $@ \"$@\" $? $$ $RANDOM $0", ["?", "?", "?", "?", "?", "?", "?"]),
    ("RANDOM=1; echo $RANDOM", ["?"]),
    ("echo $(pwd) \"$(echo a b)\" $(echo a b) $(cat <<< x)", ["/w", "a b", "a", "b", "x"]),
    ("echo() { date; }; ls $(echo a)", ["?"]),
    ("echo `echo \\`echo a\\``", ["?"]),
    ("cat <(ls) >(x)", ["?", "?"]),
    ("echo *.py a? [ab] '*' \\*", ["*.py", "a?", "[ab]", "*", "*"]),
    ("echo @(a|b)", ["@(a|b)"]),
)  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_word_is_known_as_far_as_it_can_be_told(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_a_pattern_is_told_from_a_quoted_one() -> None:
    text = 'X=\'*\'; ls *.py \'*\' a[b] [ ] "[a]" $X "$X" $Y "$Y" @(a) {a..b}'
    patterns = [one.is_pattern for one in read(text).commands[-1].words[1:]]
    assert patterns == [True, False, True, False, False, False, True, False, True, False, True, False, False]


def test_the_environment_is_known_and_the_rest_is_not() -> None:
    assert lines("echo $A $B", variables={"A": "a"}) == ["/w: echo a ?"]
