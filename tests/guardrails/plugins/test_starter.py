"""What is written to start from: whole or not at all, and over nothing."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from pathlib import Path

import pytest

from guardrails.errors import UsageError
from guardrails.plugins import starter
from privileges import tried_without_privileges


@pytest.mark.parametrize("name", ["written-down", "is-2fa", "a-b-c", "cannot-know"])
def test_words_with_dashes_are_an_id(name: str) -> None:
    starter.require_name(name)
    files = starter.files_of(name)
    assert tomllib.loads(files["pyproject.toml"])["project"]["entry-points"]["guardrails"][name]
    for file, text in files.items():
        assert not re.search(r"\{(id|module|name)\}", text), f"{file} has a word that was left open"
        if file.endswith(".py"):
            compile(text, file, "exec")


@pytest.mark.parametrize(
    "name", ["", "none", "Written-Down", "written_down", "written down", "-down", "written-", "a--b", "2fa-is", "é-b"]
)
def test_anything_else_is_none(name: str) -> None:
    with pytest.raises(UsageError, match="is no id of a policy; write words with dashes"):
        starter.require_name(name)


def test_folders_above_are_made(tmp_path: Path) -> None:
    starter.write(str(tmp_path / "new/inner"), {"a": "1\n", "b": "2\n"})
    assert {path.name: path.read_text() for path in (tmp_path / "new/inner").iterdir()} == {"a": "1\n", "b": "2\n"}


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    starter.write(str(tmp_path), {"a": "1\n"})
    assert os.listdir(tmp_path) == ["a"]


def test_what_is_there_stays_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine\n")
    (tmp_path / "dangling").symlink_to("nowhere")
    for folder, says in ((tmp_path, "is not empty"), (tmp_path / "mine", "no folder"), (tmp_path / "dangling", "no f")):
        with pytest.raises(UsageError, match=says):
            starter.write(str(folder), {"mine": "ours\n"})
    assert (tmp_path / "mine").read_text() == "mine\n"
    assert sorted(os.listdir(tmp_path)) == ["dangling", "mine"]


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="too long"):
        starter.write(str(tmp_path / "new/inner"), {"a": "1\n", "b" * 300: "2\n"})
    with pytest.raises(OSError, match="too long"):
        starter.write(str(tmp_path / "new" / ("c" * 300)), {"a": "1\n"})
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=stat.S_IRUSR | stat.S_IXUSR)
    code = "import sys; from guardrails.plugins import starter; starter.write(sys.argv[1], {'a': '1'})"
    for folder in (tmp_path / "closed", tmp_path / "closed/new"):
        assert "PermissionError" in tried_without_privileges(code, folder)
