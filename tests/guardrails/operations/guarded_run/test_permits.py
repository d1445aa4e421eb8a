"""A permission holds for one move of one ref, while the step runs, and for nothing else."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from guardrails.operations.guarded_run.permits import allows_move, grant

REF, OLD, NEW, OTHER = "refs/heads/main", "a" * 40, "b" * 40, "c" * 40


def permit(folder: Path) -> Path:
    return folder / "guardrails/permit"


def test_the_move_that_was_allowed(tmp_path: Path) -> None:
    with grant(str(tmp_path), REF, [NEW], old=OLD) as nonce:
        assert allows_move(str(tmp_path), nonce, REF, OLD, NEW)
        assert allows_move(str(tmp_path), nonce, REF, NEW, NEW), "it is there already"
        assert permit(tmp_path).stat().st_mode & 0o777 == 0o600
        said = json.loads(permit(tmp_path).read_text())
        assert (said["ref"], said["old"], said["new"], said["pid"]) == (REF, OLD, [NEW], os.getpid())


def test_every_other_move(tmp_path: Path) -> None:
    with grant(str(tmp_path), REF, [NEW], old=OLD) as nonce:
        for given in (
            ("", REF, OLD, NEW),
            ("0" * 64, REF, OLD, NEW),
            ("ü", REF, OLD, NEW),
            (nonce, "refs/heads/other", OLD, NEW),
            (nonce, REF, OTHER, NEW),
            (nonce, REF, OLD, OTHER),
            (nonce, REF, NEW, OLD),
            (nonce, REF, OLD, "0" * 40),
        ):
            assert not allows_move(str(tmp_path), *given), given


def test_when_the_step_is_over_nothing_holds(tmp_path: Path) -> None:
    with grant(str(tmp_path), REF, [NEW], old=OLD) as nonce:
        pass
    assert not allows_move(str(tmp_path), nonce, REF, OLD, NEW)
    with grant(str(tmp_path), REF, [NEW], old=OLD) as another:
        assert another != nonce
        assert not allows_move(str(tmp_path), nonce, REF, OLD, NEW)
    assert list(permit(tmp_path).parent.iterdir()) == []


def test_it_is_gone_when_the_step_fails(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), grant(str(tmp_path), REF, [NEW], old=OLD):
        raise KeyboardInterrupt
    assert not permit(tmp_path).exists()


def test_a_run_that_was_killed_leaves_no_permission(tmp_path: Path) -> None:
    code = (
        "import os, sys\nfrom guardrails.operations.guarded_run.permits import grant\n"
        f"with grant({str(tmp_path)!r}, {REF!r}, [{NEW!r}], old={OLD!r}) as nonce:\n"
        "    print(nonce, flush=True)\n    os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == -9
    assert permit(tmp_path).exists()
    assert not allows_move(str(tmp_path), done.stdout.strip(), REF, OLD, NEW)
    with grant(str(tmp_path), REF, [NEW], old=OLD) as nonce:
        assert allows_move(str(tmp_path), nonce, REF, OLD, NEW), "what a dead run left is in nobody's way"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"nonce": 1}', "\x00", '{"nonce": "a"}'])
def test_nonsense_is_no_permission(tmp_path: Path, text: str) -> None:
    permit(tmp_path).parent.mkdir()
    permit(tmp_path).write_text(text)
    permit(tmp_path).chmod(0o600)
    assert not allows_move(str(tmp_path), "a", REF, OLD, NEW)


def test_a_permission_that_others_may_write_or_that_is_a_link(tmp_path: Path) -> None:
    with grant(str(tmp_path), REF, [NEW], old=OLD) as nonce:
        permit(tmp_path).chmod(0o620)
        assert not allows_move(str(tmp_path), nonce, REF, OLD, NEW)
        permit(tmp_path).chmod(0o600)
        assert allows_move(str(tmp_path), nonce, REF, OLD, NEW)
        permit(tmp_path).rename(tmp_path / "elsewhere")
        permit(tmp_path).symlink_to(tmp_path / "elsewhere")
        assert not allows_move(str(tmp_path), nonce, REF, OLD, NEW)
        permit(tmp_path).unlink()
        os.mkfifo(permit(tmp_path), 0o600)
        assert not allows_move(str(tmp_path), nonce, REF, OLD, NEW)
