"""What wrappers run: their options are told from the command, as their manual pages say."""

from __future__ import annotations

import subprocess

import pytest

from guardrails.facts.tool_call.shell.wrapper_rows import WRAPPERS
from readings import line, lines, read

INNER = (
    ("sudo -nu bob -- rm /p", "/w: rm /p"),
    ("sudo --user bob --user=x A=1 rm /p", "/w: rm /p"),
    ("sudo -D /p rm x", "/p: rm x"),
    ("sudo sudo -u a -g b rm /p", "/w: rm /p"),
    ("doas -u bob rm /p", "/w: rm /p"),
    ("env -u A --unset=B -i C=1 D=2 rm /p", "/w: rm /p"),
    ("env -C/p rm x", "/p: rm x"),
    ("env --chd=/p rm x", "/p: rm x"),
    ("env -vS 'rm -r' /p", "/w: rm -r /p"),
    ("env -iu A - rm /p", "/w: rm /p"),
    ("timeout 5 rm /p", "/w: rm /p"),
    ("timeout --signal KILL -k 1 --preserve-status 5s rm /p", "/w: rm /p"),
    ("nice rm /p", "/w: rm /p"),
    ("nice -19 rm /p", "/w: rm /p"),
    ("nice --adjustment=3 rm /p", "/w: rm /p"),
    ("ionice -c 3 -t rm /p", "/w: rm /p"),
    ("stdbuf -o0 -e L rm /p", "/w: rm /p"),
    ("/usr/bin/time -f %e -o out rm /p", "/w: rm /p"),
    ("/usr/bin/env rm /p", "/w: rm /p"),
    ("nohup rm /p", "/w: rm /p"),
    ("taskset 0x1 rm /p", "/w: rm /p"),
    ("chrt -r 5 rm /p", "/w: rm /p"),
    ("setpriv --reuid 1 --clear-groups rm /p", "/w: rm /p"),
    ("strace -f -o out rm /p", "/w: rm /p"),
    ("unshare -r -w /p rm x", "/p: rm x"),
    ("chroot --userspec=a /new rm /p", "?: rm /p"),
    ("runuser -u bob -- rm /p", "/w: rm /p"),
    ("su - bob -c 'rm /p'", "?: rm /p"),
    ("su --command='rm /p' bob", "/w: rm /p"),
    ("xargs rm", "/w: rm …"),
    ("xargs -0 -n 1 -P 4 rm -f", "/w: rm -f …"),
    ("xargs -I{} mv {} /p/{}", "/w: mv ? /p/?"),
    ("xargs --replace=X rm /p/X", "/w: rm /p/?"),
    ("echo a b | xargs -n1 rm", "/w: rm a b"),
    ("echo 'a b' | sudo xargs rm", "/w: rm a b"),
    ("xargs sh -c 'rm \"$1\"' _", "/w: rm ?"),
    ("find /p /q -name x -exec rm -f {} +", "/w: rm -f /q?"),
    ("find . -execdir rm {} ';'", "?: rm .?"),
    ("find -ok rm {} \\;", "/w: rm .?"),
    ("find /p -exec sh -c 'rm $0/x' {} \\;", "/w: rm ?/x"),
    ("find $X -exec rm {} \\;", "/w: rm ??"),
    ("parallel -j 2 rm {}/x ::: /p", "/w: rm /p/x"),
    ("watch -d -n 1 'rm /p'", "/w: rm /p"),
    ("watch -x rm /p", "/w: rm /p"),
    ("flock -n 9 rm /p", "/w: rm /p"),
    ("flock -w 5 /l sh -c 'rm /p'", "/w: rm /p"),
    ("script -q /dev/null rm /p", "/w: rm /p"),
    ("busybox rm /p", "/w: rm /p"),
    ("uv run --with x rm /p", "/w: rm /p"),
    ("poetry run rm /p", "/w: rm /p"),
    ("caffeinate -i rm /p", "/w: rm /p"),
    ("systemd-run --user --scope rm /p", "?: rm /p"),
    ("gtimeout 5 rm /p", "/w: rm /p"),
    ("exec -a rm rm /p", "/w: rm /p"),
    ("echo 'rm /p' | at now", "/w: rm /p"),
    ("zsh -fc 'rm /p'", "/w: rm /p"),
    ("bash +x -O extglob -c 'rm /p'", "/w: rm /p"),
    ("bash --rcfile /x -ic 'rm /p'", "/w: rm /p"),
    ("bash -c 'rm $0' /p", "/w: rm ?"),
    ("bash /dev/stdin <<< 'rm /p'", "/w: rm /p"),
    ("ssh -o A=b -tt localhost -p 1 'rm /p'", "/home/me: rm /p"),
    ("ssh ::1 rm /p", "/home/me: rm /p"),
)


@pytest.mark.parametrize(("text", "expected"), INNER)
def test_what_a_wrapper_runs_is_a_command_of_its_own(text: str, expected: str) -> None:
    assert expected in lines(text)


@pytest.mark.parametrize(
    "text",
    ["sudo -l rm", "sudo -e /p", "command -v rm", "env", "env -u A", "taskset -p 1", "poetry add rm", "ssh far rm",
     "ionice -p 1", "su bob", "nohup", "sudo -k", "ssh localhost", "xargs", "chrt -p 1"],
)  # fmt: skip
def test_a_wrapper_that_runs_nothing_is_the_command(text: str) -> None:
    assert lines(text) == [f"/w: {text}"]


def test_find_and_those_that_write_stay_commands_as_well() -> None:
    assert lines("find /p -exec rm {} \\; -delete")[-1].startswith("/w: find /p -exec")
    assert lines("strace -o /p ls") == ["/w: strace -o /p ls", "/w: ls"]


def test_options_that_cannot_be_told_hide_the_program() -> None:
    assert read("sudo $X rm /p").untold[0].known == "\0 rm /p"
    assert read("env -S \"rm '/p'\"").untold != ()


def test_all_levels_of_wrappers_are_taken_off() -> None:
    assert [line(one) for one in read("sudo " * 50 + "rm /p").commands] == ["/w: rm /p"]


@pytest.mark.parametrize("program", ["env", "nice", "nohup", "setsid", "stdbuf", "timeout", "ionice", "flock"])
def test_the_rows_name_every_option_with_a_value_that_the_program_here_has(program: str) -> None:
    text = subprocess.run([program, "--help"], capture_output=True, text=True, check=False).stdout
    row = WRAPPERS[program]
    for written in text.split("\n"):
        option = written.strip().partition("  ")[0]
        if option.startswith("-") and "[=" not in option and "[" not in option:
            names = [one.strip() for one in option.split(",")]
            valued = "=" in option or "<" in option
            for name in names:
                bare = name.replace("=", " ").split(" ")[0].split("<")[0]
                if bare.startswith("--") and valued:
                    assert bare[2:] in row.long or bare in ("--help", "--version"), (program, option)
