"""The commands in a text, each where it would run, whatever leads to them."""

from __future__ import annotations

import time

import pytest

from guardrails.calls import Call
from guardrails.errors import CannotKnow
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.facts.tool_call.commands import CODE, PROGRAM_COMPUTED, SCRIPT_FILE, TEXT_COMPUTED, TEXT_FED, TOO_DEEP
from guardrails.facts.tool_call.shell_reading import read_call
from readings import FOLDER, HOME, line, lines, read, shown

RESET = "/p: git reset --hard"
WAYS_TO_RESET = (  # each runs `git reset --hard` in /p
    "cd /p && git reset --hard",
    "cd /p; git reset --hard",
    "cd /p\ngit reset --hard",
    "FOO=1 cd /p && FOO=1 git reset --hard",
    "cd /p && \\git reset --hard",
    "cd /p && 'git' \"reset\" --h'ar'd",
    "cd /p && g\\it reset $'--ha\\x72d'",
    "cd /p && gi\\\nt reset --hard",
    "cd /p && git reset --hard # as it was",
    "{ cd /p; git reset --hard; }",
    "(cd /p; git reset --hard) &",
    "cd / && cd p && git reset --hard",
    "cd /p/x && cd .. && git reset --hard",
    "cd /p && cd - && cd - && git reset --hard",
    "pushd /p && git reset --hard",
    "pushd /p && pushd /q && popd && git reset --hard",
    "D=/p; cd $D && git reset --hard",
    'D=/p && cd "${D}" && git reset --hard',
    "export D=/p; cd $D && git reset --hard",
    "cd ${D:-/p} && git reset --hard",
    ": ${D:=/p}; cd $D && git reset --hard",
    "for d in /a /p; do cd $d && git reset --hard; done",
    "for d in /{a,p}; do (cd $d && git reset --hard); done",
    "f() { cd $1 && git reset --hard; }; f /p",
    "f() { local d=/p; cd $d && git reset --hard; }; f",
    "if true; then cd /p; fi; git reset --hard",
    "while read x; do cd /p; git reset --hard; done < list",
    "case $x in a) cd /p;; esac; git reset --hard",
    "cd /gone || cd /p; git reset --hard",
    "alias gr='git reset'; cd /p; gr --hard",
    "eval 'cd /p && git reset --hard'",
    "eval cd /p '&&' git reset --hard",
    "bash -c 'cd /p && git reset --hard'",
    "bash -lc 'cd /p && git reset --hard'",
    "bash -e -o pipefail -c -- 'cd /p && git reset --hard'",
    "sh -c 'cd $1 && git reset $2' _ /p --hard",
    "cd /p && bash -c 'bash -c \"git reset --hard\"'",
    "cd /p && bash <<E\ngit reset --hard\nE",
    "cd /p && bash <<< 'git reset --hard'",
    "cd /p && echo git reset --hard | sh",
    "cd /p && printf '%s\\n' 'git reset --hard' | bash -s",
    "cd /p && cat <<'E' | sh\ngit reset --hard\nE",
    "cd /p && bash -c \"$(cat <<'E'\ngit reset --hard\nE\n)\"",
    "cd /p && echo $(git reset --hard)",
    'cd /p && echo "`git reset --hard`"',
    "cd /p && diff <(git reset --hard) x",
    "cd /p && echo ${x:-$(git reset --hard)}",
    "cd /p && echo $((1 + $(git reset --hard)))",
    "cd /p && [[ -n $(git reset --hard) ]]",
    "cd /p && cat <<E\n$(git reset --hard)\nE",
    "cd /p && x=$(git reset --hard)",
    "cd /p && sudo -u bob git reset --hard",
    "sudo --chdir=/p git reset --hard",
    "env -C /p A=1 git reset --hard",
    "env --chdir /p -S 'git reset --hard'",
    "cd /p && time timeout -k 5 10 nice -n 5 git reset --hard",
    "cd /p && nohup setsid stdbuf -oL git reset --hard &",
    "cd /p && command git reset --hard",
    "cd /p && exec git reset --hard",
    "cd /p && exec -a x git reset --hard",
    "cd /p && echo --hard | xargs git reset",
    "cd /p && ! git reset --hard",
    "cd /p && coproc git reset --hard",
    "cd /p && busybox sh -c 'git reset --hard'",
    "cd /p && watch -n 1 git reset --hard",
    "cd /p && flock /tmp/lock git reset --hard",
    "cd /p && flock /tmp/lock -c 'git reset --hard'",
    "cd /p && script -qc 'git reset --hard' /dev/null",
    "cd /p && su bob -c 'git reset --hard'",
    "ssh me@localhost 'cd /p && git reset --hard'",
    "ssh -p 22 127.0.0.1 -t cd /p '&&' git reset --hard",
    "cd /p && find . -maxdepth 0 -exec git reset --hard \\;",
    "cd /p && parallel git reset ::: --hard",
    "trap 'git reset --hard' EXIT; cd /p",
    "set -- /p; cd $1; git reset --hard",
    "a=(/q /p); cd ${a[1]}; git reset --hard",
    "until false; do cd /p; break; done; git reset --hard",
    "set -e; cd /p; git reset --hard",
    "select d in /a; do cd /p; git reset --hard; done",
    "for ((i = 0; i < 2; i++)); do cd /p; git reset --hard; done",
    "true && { false || { cd /p && git reset --hard; }; }",
    "cd() { builtin cd /p; }; cd /q; git reset --hard",
    "echo /p | while read d; do cd /p; git reset --hard; done",
    "f() { g; }; g() { git reset --hard; }; cd /p; f",
    "export -f f; f() { git reset --hard; }; export -f f; cd /p; bash -c f",
    "cd /p && env - git reset --hard",
    "f() { cd /q; } && cd /p && git reset --hard",
    "(trap 'git reset --hard' EXIT; cd /p)",
    "cd /p; cd /gone || return; git reset --hard",
    "cd /p && =git reset --hard",
    "cd /p && noglob git reset --hard",
)


@pytest.mark.parametrize("text", WAYS_TO_RESET)
def test_a_command_is_found_whatever_leads_to_it(text: str) -> None:
    assert RESET in lines(text)


NEVER = (  # none of these runs anything in /p
    "cd /p || git reset --hard",
    "(cd /p); git reset --hard",
    "cd /p & git reset --hard",
    "$(cd /p); git reset --hard",
    "bash -c 'cd /p'; git reset --hard",
    "echo 'cd /p && git reset --hard'",
    "set -e; cd /q; cd /p/..; git reset --hard",
    "git commit -m 'cd /p && git reset --hard'",
    "# cd /p && git reset --hard",
    "cat <<'E' > note\ncd /p\ngit reset --hard\nE",
    "command -v cd /p; git reset --hard",
    "ssh elsewhere 'cd /p && git reset --hard'",
    "sudo cd /p; git reset --hard",
    "cd /p/../q; git reset --hard",
    "f() { cd /p; }; git status",
    "alias cd=true; unalias cd; git reset --hard",
)


@pytest.mark.parametrize("text", NEVER)
def test_a_command_that_does_not_run_there_is_not_said_to(text: str) -> None:
    assert RESET not in lines(text)


def test_where_cd_may_have_failed_a_command_stands_in_both_folders() -> None:
    assert lines("cd /p; ls") == ["/w: cd /p", "/p: ls", "/w: ls"]
    assert lines("cd /p && ls") == ["/w: cd /p", "/p: ls"]
    assert lines("cd /p || exit; ls") == ["/w: cd /p", "/w: exit", "/p: ls"]
    assert lines("set -e; cd /p; ls")[-1] == "/p: ls"
    assert lines("if cd /p; then ls; else pwd; fi") == ["/w: cd /p", "/p: ls", "/w: pwd"]


@pytest.mark.parametrize(
    "text",
    ["cd $(which x) && ls", "cd $X && ls", "cd /a* && ls", "CDPATH=/q; cd p && ls", "sudo -i ls", "chroot /p ls"],
)
def test_a_folder_that_cannot_be_told_is_unknown(text: str) -> None:
    assert "?: ls" in lines(text)


def test_a_value_that_may_be_another_is_each_of_them() -> None:
    assert lines("if x; then D=/a; else D=/b; fi; rm $D")[1:] == ["/w: rm /a", "/w: rm /b"]
    assert lines("D=/a; x && D=/b; rm $D")[1:] == ["/w: rm /b", "/w: rm /a"]
    assert lines("rm ${D:-/a}") == ["/w: rm /a", "/w: rm ?"]
    assert lines("for d in a b; do x || break; D=$d; done; rm $D")[-3:] == ["/w: rm ?", "/w: rm a", "/w: rm b"]


def test_what_many_branches_leave_open_is_unknown() -> None:
    text = "".join(f"if x; then D=/{name}; fi\n" for name in "abcdefghijkl")
    assert "/w: rm ?" in lines(text + "rm $D")


def test_a_loop_over_a_pattern_knows_where_its_files_are() -> None:
    assert "/w: rm /p/?" in lines("for f in /p/*.log; do rm $f; done")
    assert {"/w: rm 0", "/w: rm 0/1", "/w: rm ?"} <= set(lines("x=0; while a; do x=$x/1; done; rm $x"))


def variables(text: str) -> dict[str, str | None]:
    """The variables of the last command."""
    return dict(read(text, variables={"HOME": HOME, "GIT_DIR": "/g"}).commands[-1].variables)


def test_a_command_has_the_variables_that_it_is_given() -> None:
    assert variables("A=1 ls") == {"A": "1"}
    assert variables("A=1; ls") == {}
    assert variables("A=1; export A; B=2 ls") == {"A": "1", "B": "2"}
    assert variables("A=1 true; ls") == {}
    assert variables("set -a; A=1; set +a; B=2; ls") == {"A": "1"}
    assert variables("declare -x A=1; ls") == {"A": "1"}
    assert variables("env A=1 B=$(x) ls") == {"A": "1", "B": None}
    assert variables("GIT_DIR=/p; ls") == {"GIT_DIR": "/p"}
    assert variables("unset GIT_DIR; ls") == {"GIT_DIR": ""}
    assert variables("env -u GIT_DIR ls") == {"GIT_DIR": ""}
    assert variables("env -i ls") == {"GIT_DIR": "", "HOME": ""}
    assert variables("export A=1; export -n A; ls") == {}
    assert variables("export A=1; bash -c 'ls'") == {"A": "1"}
    assert variables("sudo A=1 ls") == {"A": "1"}


def test_what_follows_a_function_is_no_part_of_it() -> None:
    assert lines("f() { ls; } && cd /p && pwd") == ["/w: cd /p", "/p: pwd", "/w: ls"]


def test_redirections_are_those_of_the_command_and_of_the_groups_around_it() -> None:
    (command,) = read("{ ls > a 2>&1; } >> /b/c").commands
    assert [(one.operator, shown(one.target)) for one in command.redirects] == [
        (">>", "/b/c"),
        (">", "/w/a"),
        (">&", "1"),
    ]
    assert [shown(one.target) for one in read("(cd /p && ls) > out").commands[-1].redirects] == ["/w/out"]
    assert [shown(one.target) for one in read("cd $X && ls > out").commands[-1].redirects] == ["?/out"]


def test_a_redirection_alone_is_a_command_without_words() -> None:
    assert [
        (line(one), shown(one.redirects[0].target)) for one in read("> /p/x; while :; do break; done > y").commands
    ] == [
        ("/w: ", "/p/x"),
        ("/w: :", "/w/y"),
    ]
    assert [shown(one.redirects[0].target) for one in read("[[ -f x ]] > /p/y").commands] == ["/p/y"]


def test_what_feeds_a_command_is_said() -> None:
    assert read("cat <<E\na $X\nE").commands[0].script is not None
    assert read("ls | tee x").commands[1].piped
    assert not read("ls; tee x").commands[1].piped
    tee = read("tee x <<-'E'\n\ta $X\n\tE\n").commands[0]
    assert tee.script is not None
    assert tee.script.text == "a $X\n"


@pytest.mark.parametrize(
    ("text", "why", "known"),
    [
        ("$X /p", PROGRAM_COMPUTED, "? /p"),
        ("$(which rm) /p", PROGRAM_COMPUTED, "? /p which rm"),
        ("sudo $X /p", PROGRAM_COMPUTED, "? /p"),
        ("eval $X /p", TEXT_COMPUTED, "? /p"),
        ("bash -c \"$X /p\"", TEXT_COMPUTED, "? /p"),
        ("curl x | bash", TEXT_FED, "bash curl x"),
        ("(ls; cat /p) | bash", TEXT_FED, "bash ls cat /p"),
        ('source <(cat /p)', SCRIPT_FILE, "source ? cat /p"),
        ('bash -c "$X" -- /p', TEXT_COMPUTED, "? -- /p"),
        ("bash < /p/x", TEXT_FED, "bash /p/x"),
        ("bash /p/x", SCRIPT_FILE, "bash /p/x"),
        (". /p/x", SCRIPT_FILE, ". /p/x"),
        ("python3 -c 'import os' /p", CODE, "python3 -c import os /p"),
        ("python3.12 -Ic 'x'", CODE, "python3.12 -Ic x"),
        ("python - /p <<E\nimport os\nE", CODE, "python - /p import os\n"),
        ("echo x | python", CODE, "python x"),
        ("node --eval='x'", CODE, "node --eval=x"),
        ("perl -pi -e 's/a/b/' /p", CODE, "perl -pi -e s/a/b/ /p"),
        ("ruby -rx -e y", CODE, "ruby -rx -e y"),
        ("awk 'BEGIN { system(\"x\") }'", CODE, "awk BEGIN { system(\"x\") }"),
        ("sed '1e x' /p", CODE, "sed 1e x /p"),
        ("f() { f; }; f", TOO_DEEP, ""),
    ],
)  # fmt: skip
def test_what_cannot_be_followed_is_said_with_all_that_is_known(text: str, why: str, known: str) -> None:
    untold = read(text).untold
    assert (why, known) in [
        (one.why, one.known.replace("\0", "?").removeprefix("eval ").removeprefix("bash -c ")) for one in untold
    ]
    assert untold[0].folder == FOLDER


@pytest.mark.parametrize(
    "text",
    ["python3 -m pytest", "python x.py", "python", "node x.js", "perl x.pl", "awk '{ print $1 }' x", "sed -n s/a/b/p x",
     "sed -i s/e/f/ x", "ls | tee x", "git log", "echo '$(x)'", "jq -e .x y", "ruby --version", "bash --version"],
)  # fmt: skip
def test_what_can_be_followed_is_not_said_to_be_untold(text: str) -> None:
    assert read(text).untold == ()


def test_a_function_that_is_not_called_is_read_once_as_if_it_were() -> None:
    assert lines("f() { rm /p; }; ls") == ["/w: ls", "/w: rm /p"]
    assert lines("f() { rm $1; }; f a") == ["/w: rm a"]


def test_words_that_no_shell_sees_are_taken_as_they_are() -> None:
    call = Call(folder="/w", argv=("sudo", "rm", "$X", "*"))
    (command,) = run_to_end(read_call(call, home=HOME, variables={}, timeout=1)).commands
    assert line(command) == "/w: rm $X *"
    assert run_to_end(read_call(Call(folder="/w", write="x"), home=HOME, variables={}, timeout=1)).commands == ()


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"f{at}() {{ f{at + 1}; f{at + 1}; }}\n" for at in range(10)) + "f0",
        "".join(f"f{at}() {{ cd a; x || cd b; f{at + 1}; f{at + 1} || f{at + 1}; }}\n" for at in range(11)) + "f0",
        "x={1..60}; for a in {1..60}; do for b in {1..60}; do for c in {1..60}; do ls $a; done; done; done",
        "eval " * 300 + "ls",
        "while x; do " * 90 + "cd a" + "; done" * 90,
        "if x; then cd a; fi; " * 3000,
    ],
    ids=str.__len__,
)
def test_a_text_that_leads_to_ever_more_is_given_up_in_time(text: str) -> None:
    began = time.monotonic()
    try:
        run_to_end(read_call(Call(folder=FOLDER, shell=text), home=HOME, variables={}, timeout=1.0))
    except CannotKnow:
        pass
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("text", ["ls )", "if x; then", "echo 'a", "a\0b", "a\udcffb", "x" * (1 << 20) + "y"])
def test_a_text_that_no_shell_would_parse_has_no_reading(text: str) -> None:
    with pytest.raises(CannotKnow):
        read(text)


def test_a_text_within_that_no_shell_would_parse_is_untold() -> None:
    (untold,) = read("bash -c 'ls )' /p").untold
    assert "cannot be parsed" in untold.why
