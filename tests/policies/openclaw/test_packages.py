"""The lock files of pnpm, as pnpm 10 writes them, are compared by content."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from guardrails import CannotKnow
from guardrails.testing import gather, world
from guardrails_policies.openclaw.packages import InstalledPackages

LOCK = """\
lockfileVersion: '9.0'

settings:
  autoInstallPeers: true
  excludeLinksFromLockfile: false

importers:

  .:
    dependencies:
      is-number:
        specifier: 7.0.0
        version: 7.0.0

packages:

  '@esbuild/linux-x64@0.21.5':
    resolution: {integrity: sha512-one}
    engines: {node: '>=12'}

  is-number@7.0.0:
    resolution: {integrity: sha512-two}
    engines: {node: '>=0.12.0'}

snapshots:

  '@esbuild/linux-x64@0.21.5':
    optional: true

  is-number@7.0.0: {}
"""
INSTALLED = "node_modules/.pnpm/lock.yaml"


def found(folder: Path, lock: str | bytes | None, installed: str | bytes | None) -> InstalledPackages:
    for name, content in (("pnpm-lock.yaml", lock), (INSTALLED, installed)):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    return gather(InstalledPackages, world(folder), "pnpm-lock.yaml", INSTALLED)


def test_the_same(tmp_path: Path) -> None:
    seen = found(tmp_path, LOCK, LOCK)
    assert (seen.same, seen.added, seen.removed) == (True, (), ())


def test_times_say_nothing(tmp_path: Path) -> None:
    found(tmp_path, LOCK, LOCK)
    os.utime(tmp_path / "pnpm-lock.yaml", (2e9, 2e9))
    os.utime(tmp_path / INSTALLED, (1e9, 1e9))
    assert gather(InstalledPackages, world(tmp_path), "pnpm-lock.yaml", INSTALLED).same


def test_a_checkout_with_carriage_returns(tmp_path: Path) -> None:
    assert found(tmp_path, LOCK.replace("\n", "\r\n"), LOCK).same


def test_another_version(tmp_path: Path) -> None:
    seen = found(tmp_path, LOCK.replace("7.0.0", "6.0.0"), LOCK)
    assert (seen.same, seen.added, seen.removed) == (False, ("is-number@6.0.0",), ("is-number@7.0.0",))


@pytest.mark.parametrize(
    ("old", "new"), [("sha512-two", "sha512-evil"), ("autoInstallPeers: true", "autoInstallPeers: false")]
)
def test_the_same_packages_with_other_content(tmp_path: Path, old: str, new: str) -> None:
    seen = found(tmp_path, LOCK.replace(old, new), LOCK)
    assert (seen.same, seen.added, seen.removed) == (False, (), ())


def test_a_scoped_package(tmp_path: Path) -> None:
    assert found(tmp_path, LOCK.replace("linux-x64", "linux-arm64"), LOCK).added == ("@esbuild/linux-arm64@0.21.5",)


@pytest.mark.parametrize(("lock", "installed"), [(LOCK, None), (None, LOCK), (None, None)])
def test_missing(tmp_path: Path, lock: str | None, installed: str | None) -> None:
    seen = found(tmp_path, lock, installed)
    assert (seen.lock_exists, seen.installed_exists) == (lock is not None, installed is not None)
    assert not seen.same


@pytest.mark.parametrize("content", [b"", b"garbage", b"\xff", LOCK.encode("utf-16")])
def test_what_is_no_lock_file_cannot_be_known(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(CannotKnow):
        found(tmp_path, content, LOCK)
    with pytest.raises(CannotKnow):
        found(tmp_path, LOCK, content)


def test_a_fifo_cannot_be_known(tmp_path: Path) -> None:
    found(tmp_path, None, LOCK)
    os.mkfifo(tmp_path / "pnpm-lock.yaml")
    with pytest.raises(CannotKnow, match="FIFO"):
        gather(InstalledPackages, world(tmp_path), "pnpm-lock.yaml", INSTALLED)


def test_a_repository_that_is_not_there_cannot_be_known(tmp_path: Path) -> None:
    with pytest.raises(CannotKnow, match="not there"):
        gather(InstalledPackages, world(tmp_path / "absent"), "pnpm-lock.yaml", INSTALLED)
