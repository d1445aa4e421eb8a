"""Units as systemd 252 reads them: what is expected here is what its manager prints of the same files."""

from __future__ import annotations

import os
import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from guardrails import CannotKnow
from guardrails.facts.service.service_manager import Manager
from guardrails.facts.service.systemd_units import Unit
from guardrails.facts.service.unit_files import Folders, UnitFile, UnitFiles
from oracles.systemd_oracle import load, need_systemd

HOME = "/home/me"
ON_THIS_MACHINE = Manager("/nowhere", Folders.of("/nowhere", {})).variables  # which every service here gets


class Read(Unit):
    """A unit, and what it gets of its own accord."""

    def words(self) -> tuple[str, ...]:
        commands = self.commands({"HOME": HOME} | self.variables())
        return commands[-1] if commands else ()

    def given(self) -> dict[str, str]:
        return {name: value for name, value in self.variables().items() if name not in ON_THIS_MACHINE}


def manager(home: str = HOME) -> Manager:
    return Manager(home, Folders.of(home, {"XDG_RUNTIME_DIR": "/run/user/7"}))


def at(path: Path) -> Read:
    return Read(UnitFile(path.name, str(path)), manager())


def unit(folder: Path, text: str, name: str = "gw.service", **drop_ins: str) -> Read:
    (folder / name).write_text(text)
    for number, one in drop_ins.items():
        (folder / f"{name}.d").mkdir(exist_ok=True)
        (folder / f"{name}.d/{number}.conf").write_text(one)
    file = next(one for one in UnitFiles([str(folder)]).units([name]) if name in (one.name, *one.aliases))
    return Read(file, manager())


def test_a_command_and_its_variables(tmp_path: Path) -> None:
    found = unit(
        tmp_path,
        "[Unit]\nExecStart=/no\n[Service]\n"
        "ExecStart=-/bin/echo \"a b\" c'd e'f \\x41 $$x ${ONE} $TWO %h %n %N %% %Z\n"
        'Environment=ONE=\'one\' "TWO=a b" T"H"REE=x FOUR=a\\tb \'FIVE=it"s\' SIX=%h/x 7=no\n'
        "# comment\n; comment\nEnvironment = OPENCLAW_STATE_DIR=~/x \\\n# in between\n EIGHT=8\nWorkingDirectory=-~\n",
    )
    assert found.words() == (
        "/bin/echo", "a b", "cd ef", "A", "$x", "one", "a", "b", HOME, "gw.service", "gw", "%", "%Z",
    )  # fmt: skip
    assert found.given() == {
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
    assert unit(tmp_path, f"[Service]\nExecStart={line}\n").words() == command


def test_an_empty_value_takes_back_the_others(tmp_path: Path) -> None:
    text = "[Service]\nExecStart=/one\nEnvironment=A=1 B=2\nEnvironment=A=3\nUnsetEnvironment=B\n"
    assert unit(tmp_path, text).given() == {"A": "3"}
    found = unit(
        tmp_path, text, a="[Service]\nEnvironment=\nExecStart=\nExecStart=/two\n", b="[Service]\nEnvironment=C=4"
    )
    assert (found.words(), found.given()) == (("/two",), {"C": "4"})


def test_drop_ins_of_prefixes(tmp_path: Path) -> None:
    places = {"service": 1, "openclaw-.service": 2, "openclaw-gateway-.service": 3, "openclaw-gateway-dev.service": 4}
    for place, number in places.items():
        (tmp_path / f"{place}.d").mkdir()
        (tmp_path / f"{place}.d/same.conf").write_text(f"[Service]\nEnvironment=SAME={number}\n")
        (tmp_path / f"{place}.d/{9 - number}.conf").write_text(f"[Service]\nEnvironment=LAST={number} N{number}=1\n")
        (tmp_path / f"{place}.d/ignored").write_text("[Service]\nEnvironment=NO=1\n")
    found = unit(tmp_path, "[Service]\n", name="openclaw-gateway-dev.service").given()
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
    assert found.given() == {
        "A": 'plain and "quoted"',
        "B": "single\nof two linesx",
        "C": 'a"b\\c\\d e',
        "D": "one two",
        "E": "backslash",
        "OPENCLAW_STATE_DIR": "/file",
    }
    assert found.own_variables() == {"OPENCLAW_STATE_DIR": "/unit"}


def test_a_file_of_variables_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CannotKnow, match=r"without which gw\.service does not start"):
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
        found.words()
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
            at(tmp_path / f"{name}.service")


def test_masked(tmp_path: Path) -> None:
    (tmp_path / "a.service").symlink_to("/dev/null")
    assert at(tmp_path / "a.service").masked
    assert unit(tmp_path, "").masked
    assert not unit(tmp_path, "[Service]\n").masked


def test_drop_ins_without_end(tmp_path: Path) -> None:
    (tmp_path / "gw.service.d").mkdir()
    for number in range(201):
        (tmp_path / f"gw.service.d/{number}.conf").touch()
    with pytest.raises(CannotKnow, match="more than 200 files"):
        unit(tmp_path, "[Service]\n")


def test_files_of_variables_that_systemd_passes_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gw.env").write_text("A=1\n")
    monkeypatch.chdir(tmp_path)
    lines = ("gw.env", "~/gw.env", f'"{tmp_path}/gw.env"', "-gw.env", "")
    assert unit(tmp_path, "[Service]\n" + "".join(f"EnvironmentFile={line}\n" for line in lines)).given() == {}


def test_files_of_variables_by_specifiers_and_wildcards(tmp_path: Path) -> None:
    for name in ("a.env", "b.env", "one.env", "[x].env", ".hidden.env"):
        (tmp_path / name).write_text(f"LAST={name}\n")
    text = f"[Service]\nEnvironmentFile={tmp_path}/%i.env\n"
    assert unit(tmp_path, text, name="gw@one.service").given() == {"LAST": "one.env"}
    found = unit(tmp_path, f"[Service]\nEnvironmentFile={tmp_path}/?.env\nEnvironmentFile=-{tmp_path}/n*.env\n")
    assert (found.given(), len(found.variable_files())) == ({"LAST": "b.env"}, 2)
    assert unit(tmp_path, f"[Service]\nEnvironmentFile={tmp_path}/\\[x\\].env\n").given() == {"LAST": "[x].env"}


def test_what_a_manager_has_by_itself(tmp_path: Path) -> None:
    found = unit(tmp_path, "[Service]\nExecStart=/bin/node ${HOME}/x $MORE\nEnvironment=MORE='--a --b'\n")
    assert found.words() == ("/bin/node", f"{HOME}/x", "--a", "--b")
    assert not found.doubt
    assert unit(tmp_path, "[Service]\nExecStart=:/bin/node ${HOME} $MORE\n").words() == (
        "/bin/node",
        "${HOME}",
        "$MORE",
    )


@pytest.mark.parametrize(
    ("lines", "doubt"),
    [
        ("ExecStart=/bin/node $UNKNOWN", "no file sets UNKNOWN"),
        ("ExecStart=/bin/node %m", "what %m stands for"),
        ("ExecStart=/one\nExecStart=/two", "systemd refuses it"),
        ("ExecStart=/one ; /two", "systemd refuses it"),
        ("Type=oneshot\nExecStart=/one\nExecStart=/two", "several commands"),
        ("ExecStart=/one\nExecStart=\nExecStart=/two", ""),
    ],
)
def test_what_cannot_be_told(tmp_path: Path, lines: str, doubt: str) -> None:
    found = unit(tmp_path, f"[Service]\n{lines}\n")
    found.words()
    assert found.doubt.startswith(doubt) if not doubt else doubt in found.doubt


SETTINGS = (
    "Environment=A=%n B=%N", "Environment=A=%p B=%i C=%I", "Environment=A=%j B=%J C=%P", "Environment=A=%h B=%t",
    "Environment=A=%C B=%E C=%T", "Environment=A=%V B=%U C=%f", "Environment=A=%y B=%Y", "Environment='A=a b' C=%%",
    "Environment=", "Environment=A=x\\", " B=y", "Environment=\"A=a\\tb\" B=c\"d e\"", "UnsetEnvironment=B",
    "EnvironmentFile=-%h/%i.env", "EnvironmentFile=relative", "EnvironmentFile=-~/x", "# comment", "; comment \\",
    "[Unit]", "[Service]", "Environment=C=1 ; D=2", "EnvironmentFile=", "ExecStart=", "Unknown=1",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_generated_units_are_read_as_systemd_reads_them(seed: int) -> None:
    need_systemd()
    chosen = random.Random(seed)
    with TemporaryDirectory() as folder:  # whom systemd runs as must reach it, which pytest's folders forbid
        Path(folder).chmod(0o755)
        home, runtime = Path(folder) / "home", Path(folder) / "run"
        own = home / ".config/systemd/user"
        (own / "default.target.wants").mkdir(parents=True)
        runtime.mkdir()
        names = [f"gw-{number}@a-b\\x2dc.service" if number % 2 else f"x-gw{number}.service" for number in range(12)]
        for name in names:
            body = "\n".join(chosen.choices(SETTINGS, k=chosen.randint(1, 9)))
            (own / name).write_text(f"[Service]\nType=oneshot\n{body}\n[Service]\nExecStart=/bin/true\n")
            (own / "default.target.wants" / name).symlink_to(f"../{name}")
        loaded = load(home, runtime)
        around = Manager(str(home), Folders.of(str(home), {"XDG_RUNTIME_DIR": str(runtime)}))
        files = {one.name: one for one in UnitFiles([str(own)]).units()}
        for name in names:
            found, text = Unit(files[name], around), (own / name).read_text()
            wanted = {key: value.replace(f"%U{os.getuid()}", "") for key, value in loaded[name].variables.items()}
            own_variables = {key: value for key, value in found.own_variables().items() if value != str(os.getuid())}
            assert own_variables == {key: value for key, value in wanted.items() if key in own_variables}, text
            assert not [key for key in wanted if key not in own_variables and wanted[key] != "65534"], text
