"""What real pnpm installs, in each of its forms, is what its lock file says; what it has not installed is not."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from guardrails.testing import gather, world
from guardrails_policies.openclaw.packages import InstalledPackages
from needs import need, need_package
from oracles.npm_registry import registry
from progress import run_to_its_end

VERSIONS = ["9", "10", "12"]
OVER_10 = [version for version in VERSIONS if int(version) > 10]
PACKAGES: dict[str, dict[str, dict[str, str]]] = {
    "odd": {"1.0.0": {"number": "^1.0.0"}},
    "number": {"1.0.0": {}, "1.1.0": {}},
    "setup": {"1.0.0": {}, "2.0.0": {}},
}

Pnpm = Callable[..., None]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with registry(PACKAGES) as at:
        yield at


@pytest.fixture
def project(tmp_path: Path, address: str) -> Path:
    folder = tmp_path / "project"
    write(folder, {"package.json": package(odd="1.0.0"), ".npmrc": f"registry={address}\n"})
    return folder


@pytest.fixture
def pnpm(project: Path) -> Pnpm:
    """Run a version of pnpm in the project, with folders of its own."""
    need("node")
    home = project.parent

    def run(version: str, *arguments: str) -> None:
        path = need_package(f"pnpm-{version}")
        if int(version) < 12:
            command = ["node", str(path / "bin/pnpm.cjs")]
        else:
            command = [str(next(path.parent.glob("@pnpm/exe.*/pnpm")))]
        folders = {name: str(home / name) for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")}
        environment = {"PATH": os.environ["PATH"], "CI": "1", **folders}
        done = run_to_its_end([*command, *arguments], cwd=project, env=environment)
        assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()

    return run


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def package(**dependencies: str) -> str:
    return json.dumps({"name": "project", "version": "1.0.0", "private": True, "dependencies": dependencies})


def seen(project: Path) -> InstalledPackages:
    return gather(InstalledPackages, world(project), "pnpm-lock.yaml", "node_modules/.pnpm/lock.yaml")


def install(pnpm: Pnpm, version: str) -> None:
    pnpm(version, "install", "--no-frozen-lockfile")


WORKSPACE = {
    "pnpm-workspace.yaml": "packages:\n  - packages/*\n",
    "packages/part/package.json": '{"name": "part", "version": "1.0.0", "dependencies": {"number": "1.0.0"}}',
}
FORMS = {
    "plain": {},
    "workspace": WORKSPACE,
    "hoisted": {**WORKSPACE, "pnpm-workspace.yaml": "packages:\n  - packages/*\nnodeLinker: hoisted\n"},
    "store elsewhere": {"pnpm-workspace.yaml": "packages:\n  - packages/*\nvirtualStoreDir: .store\n"},
    "overrides": {"package.json": package(odd="1.0.0")[:-1] + ', "pnpm": {"overrides": {"number": "1.0.0"}}}'},
}


@pytest.mark.parametrize("version", ["9", "12"])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_what_was_installed_is_the_same(project: Path, pnpm: Pnpm, version: str, form: dict[str, str]) -> None:
    write(project, form)
    install(pnpm, version)
    assert seen(project).same


@pytest.mark.parametrize("version", VERSIONS)
def test_a_lock_that_changed_after_the_install_is_not(project: Path, pnpm: Pnpm, version: str) -> None:
    install(pnpm, version)
    write(project, {"package.json": package(odd="1.0.0", setup="1.0.0")})
    pnpm(version, "install", "--lockfile-only", "--no-frozen-lockfile")
    packages = seen(project)
    assert (packages.same, packages.added) == (False, ("setup@1.0.0",))
    pnpm(version, "install", "--frozen-lockfile")
    assert seen(project).same


@pytest.mark.parametrize("version", OVER_10)
def test_packages_that_configure_pnpm_stand_in_a_document_of_their_own(project: Path, pnpm: Pnpm, version: str) -> None:
    write(project, {"pnpm-workspace.yaml": 'configDependencies:\n  setup: "1.0.0"\n'})
    install(pnpm, version)
    lock = (project / "pnpm-lock.yaml").read_text()
    assert lock.count("\nlockfileVersion:") == 2
    assert seen(project).same
    write(project, {"pnpm-lock.yaml": lock.replace("version: 1.0.0", "version: 2.0.0", 1)})
    packages = seen(project)
    assert (packages.same, packages.added) == (False, ("setup@2.0.0",))
