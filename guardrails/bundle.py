"""One file that holds the compiled modules of guardrails, so that a check need not look for each of 150 files.

It stands in `__pycache__` beside the bytecode that it was made from, and counts as that does: an entry counts while its
source has the size and time that it was compiled from (PEP 3147, and `importlib` on the invalidation of bytecode). A
module that it lacks is imported as usual, and then the bundle is written anew at the end. It saves 7 ms of 95 in a
check.
"""

from __future__ import annotations

import _imp
import marshal
import os
import sys
from _frozen_importlib import ModuleSpec  # what importlib.machinery gives, which is slow to load
from _frozen_importlib_external import MAGIC_NUMBER, PathFinder, SourceFileLoader, cache_from_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import CodeType, ModuleType

    CachedModule = tuple[
        str, bytes, int, int, bytes
    ]  # source, its time and size, where the code begins, its size and hash

_PACKAGES = ("guardrails", "guardrails_policies")
_HEADER = 16  # bytes before the code in a file of bytecode: magic number, flags, time and size of the source
_BY_TIME = MAGIC_NUMBER + bytes(4)  # how one begins that counts by the time and size of its source
_SEED = int.from_bytes(MAGIC_NUMBER, "little")


class _BundledModule(SourceFileLoader):
    """Loads a module from its source, by the code at hand."""

    def __init__(self, name: str, source: str, code: CodeType) -> None:
        super().__init__(name, source)
        self._code = code

    def get_code(self, _: str) -> CodeType:
        """The code of the module."""
        return self._code


class _ModuleFile(SourceFileLoader):
    """Loads a module as Python does, and compiles it anew when its bytecode was cut short.

    Python writes such bytecode when the disk is full, and fails to import it ever after.
    """

    def get_code(self, name: str) -> CodeType | None:
        """The code of the module."""
        try:
            return super().get_code(name)
        except (EOFError, ValueError, TypeError):  # as marshal.loads raises them
            _remove(cache_from_source(self.path))
            return super().get_code(name)


class Bundle:
    """Finds modules in the file of the bundle. It `is_stale` once a module was imported that the file does not hold."""

    def __init__(self, packages: Sequence[str] = _PACKAGES) -> None:
        self.is_stale = False
        self._packages = packages
        self._entries: dict[str, CachedModule] = {}
        self._file = -1
        try:
            self._file = os.open(_path(), os.O_RDONLY | os.O_CLOEXEC)
            size = int.from_bytes(os.pread(self._file, 8, 0), "little")
            check, index = os.pread(self._file, 8, 8), os.pread(self._file, size, 16)
            if _hash(index) == check:
                self._code, self._entries = 16 + size, marshal.loads(index)  # noqa: S302 -- as any bytecode
        except (OSError, ValueError, EOFError, TypeError, OverflowError):
            pass  # it is written anew

    def find_spec(self, name: str, path: Sequence[str] | None = None, _: object = None) -> ModuleSpec | None:
        """The module of that name, if importing it as usual would find the same file (importlib.abc.MetaPathFinder)."""
        if path is None or name.partition(".")[0] not in self._packages:
            return None
        if found := self._find(name, path):
            return found
        file = _find_file(name, path)
        self.is_stale |= file is not None
        return file

    def _find(self, name: str, path: Sequence[str]) -> ModuleSpec | None:
        source, state, begin, size, check = self._entries.get(name, ("", b"", 0, 0, b""))
        folder, file = os.path.split(source)
        is_package = file == "__init__.py"
        if (os.path.dirname(folder) if is_package else folder) not in path or _state(source) != state:
            return None
        code = os.pread(self._file, size, self._code + begin)
        if _hash(code) != check:
            return None
        loader = _BundledModule(name, source, marshal.loads(code))  # noqa: S302 -- as any bytecode
        spec = ModuleSpec(name, loader, origin=source, is_package=is_package)
        spec.has_location, spec.cached = True, cache_from_source(source)
        if is_package:
            spec.submodule_search_locations = [folder]
        return spec

    def renew(self) -> None:
        """Write the file anew where it lacks something; where it cannot be written, imports stay as they are."""
        folder = os.path.dirname(_path())
        if not self.is_stale or sys.dont_write_bytecode or not os.access(folder, os.W_OK):
            return
        entries: dict[str, CachedModule] = {}
        parts: list[bytes] = []
        begin = 0
        for name, source in self._sources():
            code = _bytecode(source)
            if _is_whole(code):
                entries[name] = (source, _state(source), begin, len(code), _hash(code))
                parts.append(code)
                begin += len(code)
        index = marshal.dumps(entries)
        half = f"{_path()}.{os.getpid()}"
        try:
            with open(half, "xb") as file:
                file.write(b"".join([len(index).to_bytes(8, "little"), _hash(index), index, *parts]))
            os.replace(half, _path())
        except OSError:
            _remove(half)

    def _sources(self) -> Iterator[tuple[str, str]]:
        """The modules of the packages that are loaded, each with its source."""
        for package in self._packages:
            for top in getattr(sys.modules.get(package), "__path__", ()):
                for folder, _, files in os.walk(top):
                    parts = [package, *os.path.relpath(folder, top).split(os.sep)]
                    prefix = ".".join(part for part in parts if part != os.curdir)
                    for file in files:
                        if file.endswith(".py"):
                            name = f"{prefix}.{file[:-3]}".removesuffix(".__init__")
                            yield name, os.path.join(folder, file)


def load(name: str) -> ModuleType:
    """Import a module and give it; `importlib`, which has a function for this, takes half a millisecond to load."""
    return __import__(
        name, fromlist=("__name__",)
    )  # with names to import from it, it gives the module, not its package


installed: list[Bundle] = []
"""The bundle that this process imports from; none while modules are imported as usual."""


def install() -> None:
    """Have modules of guardrails imported from the bundle from now on."""
    installed.append(Bundle())
    sys.meta_path.insert(0, installed[0])


def renew() -> None:
    """Write the bundle anew if this process missed a module in it."""
    for bundle in installed:
        bundle.renew()


def _path() -> str:
    name = f"bundle.{sys.implementation.cache_tag}.{sys.flags.optimize}"
    return os.path.join(os.path.dirname(__file__), "__pycache__", name)


def _find_file(name: str, path: Sequence[str]) -> ModuleSpec | None:
    """The module as Python finds it, with a loader that gets past damaged bytecode."""
    spec = PathFinder.find_spec(name, path)
    if spec and type(spec.loader) is SourceFileLoader:
        spec.loader = _ModuleFile(name, spec.loader.path)
    return spec


def _is_whole(code: bytes) -> bool:
    try:
        marshal.loads(code)  # noqa: S302 -- as any bytecode
    except (EOFError, ValueError, TypeError):
        return False
    return True


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass  # it is not there, or not ours to change


def _state(source: str) -> bytes:
    """The time and size of a source, as bytecode has them; empty where there is none."""
    try:
        status = os.stat(source)
    except (OSError, ValueError):
        return b""
    return b"".join((int(number) & 0xFFFFFFFF).to_bytes(4, "little") for number in (status.st_mtime, status.st_size))


def _bytecode(source: str) -> bytes:
    """The code that Python has kept for a source as it is now; empty where it has kept none."""
    try:
        with open(cache_from_source(source), "rb") as file:
            header, code = file.read(_HEADER), file.read()
    except OSError:
        return b""
    return code if header == _BY_TIME + _state(source) else b""


def _hash(data: bytes) -> bytes:
    return _imp.source_hash(_SEED, data)
