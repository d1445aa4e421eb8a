"""Which version of OpenClaw a checkout holds, by its package."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardrails import CannotKnow
from guardrails_policies.openclaw.product import PRODUCT
from worlds.small_world import write


@pytest.mark.parametrize(
    ("package", "version", "remark"),
    [
        ('{"name": "openclaw", "version": "2026.7.1"}', "2026.7.1", ""),
        ('{"name": "moltbot", "version": "2026.1.30"}', "2026.1.30", ""),
        ('{"name": "openclaw", "version": "2031.1.1"}', "2031.1.1", "taken for the nearest of them"),
        ('{"name": "openclaw", "version": "2026.1.3"}', "2026.1.3", "taken for the nearest of them"),
        ('{"name": "openclaw"}', "without a version", "the rules of every known one are asked"),
    ],
)
def test_a_checkout_says_its_version(tmp_path: Path, package: str, version: str, remark: str) -> None:
    write(tmp_path / "package.json", package)
    found = PRODUCT.look(str(tmp_path))
    assert found is not None
    assert (found.version, found.remark.endswith(remark), bool(found.remark)) == (version, True, bool(remark))


@pytest.mark.parametrize("package", [None, '{"name": "shop", "version": "2026.7.1"}', "[]"])
def test_any_other_folder_is_none_of_it(tmp_path: Path, package: str | None) -> None:
    if package is not None:
        write(tmp_path / "package.json", package)
    assert PRODUCT.look(str(tmp_path)) is None


def test_a_package_that_cannot_be_read_is_not_guessed(tmp_path: Path) -> None:
    write(tmp_path / "package.json", "{")
    with pytest.raises(CannotKnow):
        PRODUCT.look(str(tmp_path))
