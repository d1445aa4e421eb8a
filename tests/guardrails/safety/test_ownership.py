"""What others own, or could have written, is not believed; the printed line makes it ours, and then it is."""

from __future__ import annotations

import os
import shlex  # loaded here, since another user may not read where it lies
import stat
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from guardrails.safety.ownership import Foreign, require_ours

NOBODY = 65534
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of ours in two folders of ours, with a name that a shell would take apart."""
    path = tmp_path / "upper folder/lower'folder/it is; a $file"
    path.parent.mkdir(parents=True)
    path.write_text("ours")
    for folder in (path.parent, path.parent.parent):
        folder.chmod(0o755)
    path.chmod(0o644)
    return path


def problem(path: Path) -> str:
    with pytest.raises(Foreign) as caught:
        require_ours(str(path))
    return str(caught.value)


def mended(path: Path) -> None:
    """Do what is printed, as it is printed."""
    command = problem(path).partition("if it is right: ")[2]
    subprocess.run(["sh", "-c", command], check=True, cwd="/")
    require_ours(str(path))


def as_user(user: int, look: Callable[[], object]) -> str:
    """What is wrong when another user looks; empty when nothing is."""
    heard, mouth = os.pipe()
    if (child := os.fork()) == 0:
        try:
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
            look()
        except Foreign as error:
            os.write(mouth, str(error).encode())
        except BaseException as error:
            os.write(mouth, f"unexpected: {error!r}".encode())
        finally:
            os._exit(0)
    os.close(mouth)
    with open(heard, "rb") as said:
        text = said.read().decode()
    os.waitpid(child, 0)
    return text


def test_what_is_ours_is_believed(file: Path) -> None:
    require_ours(str(file))


def test_what_is_not_there_is_nobodys(file: Path) -> None:
    require_ours(str(file.parent / "missing/file"))
    (file.parent / "circle").symlink_to("circle")
    require_ours(str(file.parent / "circle"))


WRITABLE: dict[str, Callable[[Path], Path]] = {
    "the file": lambda file: file,
    "its folder": lambda file: file.parent,
    "a folder above": lambda file: file.parent.parent,
}


@pytest.mark.parametrize("place", WRITABLE)
@pytest.mark.parametrize("by", [stat.S_IWOTH, stat.S_IWOTH | stat.S_IWGRP])
def test_what_others_can_write_is_not_believed(file: Path, place: str, by: int) -> None:
    where = WRITABLE[place](file)
    where.chmod(where.stat().st_mode | by)
    assert f"-w {shlex.quote(str(where))}" in problem(file)
    mended(file)


def test_a_folder_like_tmp_is_no_danger_to_what_is_ours_in_it(file: Path) -> None:
    file.parent.chmod(0o1777)
    require_ours(str(file))


@needs_root
@pytest.mark.parametrize("place", WRITABLE)
def test_what_belongs_to_others_is_not_believed(file: Path, place: str) -> None:
    os.chown(WRITABLE[place](file), NOBODY, NOBODY)
    assert f"chown 0 {shlex.quote(str(WRITABLE[place](file)))}" in problem(file)
    mended(file)


@needs_root
def test_what_others_put_into_a_folder_like_tmp_is_theirs(file: Path) -> None:
    file.parent.chmod(0o1777)
    os.chown(file, NOBODY, NOBODY)
    mended(file)


@needs_root
@pytest.mark.parametrize("whose", ["the link", "the file", "the folder of the link", "a link on the way"])
def test_a_link_and_what_it_leads_to_must_both_be_ours(file: Path, whose: str) -> None:
    folder = file.parent.parent / "links"
    folder.mkdir()
    (folder / "folder").symlink_to(file.parent)
    link = folder / "link"
    link.symlink_to(f"folder/{file.name}")
    require_ours(str(link))
    places = {"the link": link, "the file": file, "the folder of the link": folder}
    os.chown(places.get(whose, folder / "folder"), NOBODY, NOBODY, follow_symlinks=False)
    mended(link)


@needs_root
def test_a_group_may_write_when_it_is_its_owners_alone(file: Path) -> None:
    os.chown(file, 0, 0)  # root, and the group root in which nobody else is
    file.chmod(0o664)
    require_ours(str(file))
    os.chown(file, 0, NOBODY)
    assert "chmod g-w" in problem(file)
    mended(file)


@needs_root
def test_an_access_list_lets_others_in(file: Path) -> None:
    file.chmod(0o664)
    others = [(0x01, 6, -1), (0x02, 6, NOBODY), (0x04, 4, -1), (0x10, 6, -1), (0x20, 4, -1)]  # acl(5), as on the disk
    entries = b"".join(struct.pack("<HHI", tag, mode, who & 0xFFFFFFFF) for tag, mode, who in others)
    try:
        os.setxattr(file, "system.posix_acl_access", struct.pack("<I", 2) + entries)
    except OSError:
        pytest.skip("needs a file system with access lists")
    assert "chmod g-w" in problem(file)
    mended(file)


@needs_root
def test_whoever_uses_sudo_is_believed_by_root(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.chown(file, 1234, 1234)
    monkeypatch.delenv("SUDO_UID", raising=False)
    problem(file)
    for wrong in ("", "x", "-1", "1235"):
        monkeypatch.setenv("SUDO_UID", wrong)
        problem(file)
    monkeypatch.setenv("SUDO_UID", "1234")
    require_ours(str(file))


@needs_root
def test_another_user_believes_root_and_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    top = Path("/var/tmp", f"guardrails-{os.getpid()}")
    top.mkdir(mode=0o755)
    try:
        top.chmod(0o755)
        path = top / "file"
        path.write_text("of root")
        path.chmod(0o644)
        assert as_user(1234, lambda: require_ours(str(path))) == ""
        os.chown(path, 1234, 1234)
        assert as_user(1234, lambda: require_ours(str(path))) == ""
        said = as_user(1235, lambda: require_ours(str(path)))
        assert said.endswith(f"if it is right: sudo chown 1235 {path}")
        monkeypatch.setenv("SUDO_UID", "1234")
        assert as_user(1235, lambda: require_ours(str(path))) == said, "only root has become so by sudo"
    finally:
        subprocess.run(["rm", "-r", str(top)], check=True)
