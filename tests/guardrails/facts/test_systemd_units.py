"""Units as systemd 252 reads them: what is expected here is what its manager prints of the same files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from guardrails import CannotKnow
from guardrails.facts.systemd_units import Unit, words

HOME = "/home/me"


def unit(folder: Path, text: str, name: str = "gw.service", **drop_ins: str) -> Unit:
    (folder / name).write_text(text)
    for number, one in drop_ins.items():
        (folder / f"{name}.d").mkdir(exist_ok=True)
        (folder / f"{name}.d/{number}.conf").write_text(one)
    return Unit(str(folder / name), HOME)


def test_a_command_and_its_variables(tmp_path: Path) -> None:
    found = unit(
        tmp_path,
        "[Unit]\nExecStart=/no\n[Service]\n"
        "ExecStart=-/bin/echo \"a b\" c'd e'f \\x41 $$x ${ONE} $TWO %h %n %N %% %Z\n"
        'Environment=ONE=\'one\' "TWO=a b" T"H"REE=x FOUR=a\\tb \'FIVE=it"s\' SIX=%h/x 7=no\n'
        "# comment\n; comment\nEnvironment = OPENCLAW_STATE_DIR=~/x \\\n# in between\n EIGHT=8\nWorkingDirectory=-~\n",
    )
    assert found.command() == (
        "/bin/echo", "a b", "cd ef", "A", "$x", "one", "a b", HOME, "gw.service", "gw", "%", "%Z",
    )  # fmt: skip
    assert found.variables() == {
        "ONE": "one",
        "TWO": "a b",
        "THREE": "x",
        "FOUR": "a\tb",
        "FIVE": 'it"s',
        "SIX": f"{HOME}/x",
        "OPENCLAW_STATE_DIR": "~/x",
        "EIGHT": "8",
    }
    assert found.folder() == HOME


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("@/bin/node openclaw gateway", ("/bin/node", "gateway")),
        ("/bin/true ; /bin/node gateway", ("/bin/node", "gateway")),
        ("/bin/true;  ;  /bin/node gateway", ("/bin/node", "gateway")),
        ("/bin/node gateway ;", ("/bin/node", "gateway")),
        ("/bin/node a;b ';' \\; \" ; \"", ("/bin/node", "a;b", ";", ";", " ; ")),
        ("+!!/bin/node", ("/bin/node",)),
        ("", ()),
        ("/bin/node \\u0041\\101\\s\\q", ("/bin/node", "AA \\q")),
    ],
)
def test_commands(tmp_path: Path, line: str, command: tuple[str, ...]) -> None:
    assert unit(tmp_path, f"[Service]\nExecStart={line}\n").command() == command


def test_an_empty_value_takes_back_the_others(tmp_path: Path) -> None:
    text = "[Service]\nExecStart=/one\nEnvironment=A=1 B=2\nEnvironment=A=3\nUnsetEnvironment=B\n"
    assert unit(tmp_path, text).variables() == {"A": "3"}
    found = unit(
        tmp_path, text, a="[Service]\nEnvironment=\nExecStart=\nExecStart=/two\n", b="[Service]\nEnvironment=C=4"
    )
    assert (found.command(), found.variables()) == (("/two",), {"C": "4"})


def test_drop_ins_of_prefixes(tmp_path: Path) -> None:
    places = {"service": 1, "openclaw-.service": 2, "openclaw-gateway-.service": 3, "openclaw-gateway-dev.service": 4}
    for place, number in places.items():
        (tmp_path / f"{place}.d").mkdir()
        (tmp_path / f"{place}.d/same.conf").write_text(f"[Service]\nEnvironment=SAME={number}\n")
        (tmp_path / f"{place}.d/{9 - number}.conf").write_text(f"[Service]\nEnvironment=LAST={number} N{number}=1\n")
        (tmp_path / f"{place}.d/ignored").write_text("[Service]\nEnvironment=NO=1\n")
    found = unit(tmp_path, "[Service]\n", name="openclaw-gateway-dev.service").variables()
    assert found == {"SAME": "4", "LAST": "1", "N1": "1", "N2": "1", "N3": "1", "N4": "1"}


def test_files_of_variables(tmp_path: Path) -> None:
    (tmp_path / "gw.env").write_text(
        '# comment\n\nnothing\nA = plain and "quoted"  \nB=\'single\nof two lines\' x\nC="a\\"b\\c\\\\d\\\n e"\n'
        "D=one \\\ntwo\nE=back\\slash\nOPENCLAW_STATE_DIR=/file\n1X=no\n"
    )
    found = unit(
        tmp_path,
        f"[Service]\nEnvironment=OPENCLAW_STATE_DIR=/unit\nEnvironmentFile=-{tmp_path}/none\n"
        f"EnvironmentFile={tmp_path}/*.env\n",
    )
    assert found.variables() == {
        "A": 'plain and "quoted"',
        "B": "single\nof two lines",
        "C": 'a"b\\c\\d e',
        "D": "one two",
        "E": "backslash",
        "OPENCLAW_STATE_DIR": "/file",
    }
    assert found.own_variables() == {"OPENCLAW_STATE_DIR": "/unit"}


def test_a_file_of_variables_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CannotKnow, match="without which the service does not start"):
        unit(tmp_path, f"[Service]\nEnvironmentFile={tmp_path}/none\n").variables()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[Service\nExecStart=/x\n", "not closed"),
        (".include gw.service\n[Service]\n", "includes another file"),
        ('[Service]\nExecStart=/x "y\n', "quote"),
        ("[Service]\nEnvironment='A=1\n", "quote"),
    ],
)
def test_what_no_manager_would_load(tmp_path: Path, text: str, why: str) -> None:
    def read() -> None:
        found = unit(tmp_path, text)
        found.command()
        found.variables()

    with pytest.raises(CannotKnow, match=why):
        read()


def test_what_is_no_text_file(tmp_path: Path) -> None:
    (tmp_path / "a.service").write_bytes(b"[Service]\nExecStart=/\xff\n")
    (tmp_path / "b.service").symlink_to("b.service")
    os.mkfifo(tmp_path / "c.service")
    (tmp_path / "d.service").mkdir()
    with (tmp_path / "e.service").open("wb") as file:
        file.truncate(1 << 30)
    for name in "abcde":
        with pytest.raises(CannotKnow):
            Unit(str(tmp_path / f"{name}.service"), HOME)


def test_masked(tmp_path: Path) -> None:
    (tmp_path / "a.service").symlink_to("/dev/null")
    assert Unit(str(tmp_path / "a.service"), HOME).masked
    assert unit(tmp_path, "").masked
    assert not unit(tmp_path, "[Service]\n").masked


def test_drop_ins_without_end(tmp_path: Path) -> None:
    (tmp_path / "gw.service.d").mkdir()
    for number in range(201):
        (tmp_path / f"gw.service.d/{number}.conf").touch()
    with pytest.raises(CannotKnow, match="more than 200 drop-ins"):
        unit(tmp_path, "[Service]\n")


def test_long_lines_are_read_quickly() -> None:
    assert len(words("a " * 200_000, "x")) == 200_000
    assert words("\\" * 9, "x") == ["\\\\\\\\\\"]
