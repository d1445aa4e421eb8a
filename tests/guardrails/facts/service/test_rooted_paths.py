"""Links below a folder that stands for `/`."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardrails import CannotKnow
from guardrails.facts.service.rooted_paths import path_below, resolve_inside


def test_links_begin_at_the_root(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/one").symlink_to("/opt/two")
    (tmp_path / "etc/two").symlink_to("one")
    (tmp_path / "etc/null").symlink_to("/dev/null")
    root = str(tmp_path)
    assert resolve_inside(root, f"{root}/etc/two") == f"{root}/opt/two"
    assert resolve_inside(root, f"{root}/etc/null") == f"{root}/etc/null"  # which is a mask, and no file
    assert resolve_inside("/", f"{root}/etc/two") == f"{root}/etc/two"


def test_links_that_lead_out_stay_inside(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("/../../../etc/passwd")
    assert resolve_inside(str(tmp_path), str(tmp_path / "one")) == path_below(str(tmp_path), "/etc/passwd")


def test_a_circle(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("/one")
    with pytest.raises(CannotKnow, match="circle"):
        resolve_inside(str(tmp_path), str(tmp_path / "one"))
