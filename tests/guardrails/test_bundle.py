"""The bundle gives the modules that an import as usual would give, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "guardrails/bundle.py"


class Package:
    """A small package called `guardrails`, with a copy of the bundle in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.top = folder / "guardrails"
        (self.top / "inner").mkdir(parents=True)
        (self.top / "__init__.py").write_text("")
        (self.top / "bundle.py").write_bytes(SOURCE.read_bytes())
        (self.top / "inner/__init__.py").write_text("HERE = __path__\n")
        (self.top / "inner/one.py").write_text("VALUE = 1\n")

    @property
    def bundle(self) -> Path:
        """The file of the bundle."""
        return next((self.top / "__pycache__").glob("bundle.*.0"))

    def value(self) -> str:
        """What a new interpreter says of the module: its value, its file, and whether the bundle gave it."""
        program = """if True:
            from guardrails import bundle
            bundle.install()
            import guardrails.inner, inspect
            from guardrails.inner import one
            bundle.renew()
            source = inspect.getsource(one).strip()
            print(one.VALUE, type(one.__loader__).__name__, source, one.__file__, one.__cached__)
            assert guardrails.inner.HERE == guardrails.inner.__path__ and one.__package__ == "guardrails.inner"
        """
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        return subprocess.run(
            [sys.executable, "-c", program], cwd=self.folder, env=kept, stdout=subprocess.PIPE, text=True, check=True
        ).stdout


@pytest.fixture
def package(tmp_path: Path) -> Package:
    return Package(tmp_path)


def test_it_is_made_by_the_first_run_and_used_by_the_second(package: Package) -> None:
    first, second = package.value(), package.value()
    assert first.startswith("1 _ModuleFile VALUE = 1")
    assert second == first.replace("_ModuleFile", "_BundledModule")


@pytest.mark.parametrize("text", ["VALUE = 2\n", "VALUE = 12\n"])
def test_a_source_that_changed_is_read_anew(package: Package, text: str) -> None:
    package.value()
    (package.top / "inner/one.py").write_text(text)
    os.utime(package.top / "inner/one.py", (1, 1))
    assert package.value().startswith(f"{text.split()[2]} _ModuleFile")
    assert package.value().startswith(f"{text.split()[2]} _BundledModule")


def test_another_copy_of_the_package_is_not_mistaken_for_it(package: Package, tmp_path: Path) -> None:
    package.value()
    moved = tmp_path / "moved"
    moved.mkdir()
    package.top.rename(moved / "guardrails")
    package.folder = moved
    package.top = moved / "guardrails"
    assert package.value().startswith("1 _ModuleFile")


def test_whatever_is_wrong_with_it_imports_go_on(package: Package) -> None:
    package.value()
    whole = package.bundle.read_bytes()
    damaged = [
        b"",
        whole[:7],
        whole[:40],
        whole[: len(whole) // 2],
        b"\xff" * len(whole),
        whole[:8] + bytes(8) + whole[16:],
    ]
    damaged += [
        whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :] for at in range(0, len(whole), len(whole) // 9)
    ]
    for data in damaged:
        package.bundle.write_bytes(data)
        assert package.value().startswith("1 "), data[:20]


def test_where_it_cannot_be_written_imports_go_on(package: Package) -> None:
    (package.top / "__pycache__").write_text("in the way\n")
    assert package.value().startswith("1 _ModuleFile")


@pytest.mark.parametrize("kept", [16, 20, 60])
def test_bytecode_that_was_cut_short_is_written_anew(package: Package, kept: int) -> None:
    whole = package.value()
    package.bundle.unlink()
    bytecode = next((package.top / "inner/__pycache__").glob("one.*.pyc"))
    os.truncate(bytecode, kept)
    failing = subprocess.run([sys.executable, "-c", "import guardrails.inner.one"], cwd=package.folder, check=False)
    assert failing.returncode == 1  # so Python itself gives up on it

    assert package.value() == whole
    assert bytecode.stat().st_size > kept
    assert package.value() == whole.replace("_ModuleFile", "_BundledModule")


def test_what_was_cut_short_does_not_get_into_it(package: Package) -> None:
    package.value()
    package.bundle.unlink()
    (package.top / "inner/unused.py").write_text("VALUE = 3\n")
    subprocess.run([sys.executable, "-c", "import guardrails.inner.unused"], cwd=package.folder, env={}, check=True)
    os.truncate(next((package.top / "inner/__pycache__").glob("unused.*.pyc")), 40)
    package.value()
    assert b"inner/one.py" in package.bundle.read_bytes()
    assert b"inner/unused.py" not in package.bundle.read_bytes()


def test_a_disk_that_is_full_leaves_no_half_of_it(package: Package) -> None:
    package.value()
    package.bundle.unlink()
    before = set((package.top / "__pycache__").iterdir())
    program = """if True:
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        from guardrails import bundle
        bundle.install()
        import guardrails.inner.one
        bundle.renew()
    """
    subprocess.run([sys.executable, "-c", program], cwd=package.folder, env={}, check=True)
    assert set((package.top / "__pycache__").iterdir()) == before
