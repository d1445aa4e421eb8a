"""A check writes nothing into what it inspects, wherever its own folders are said to be."""

from __future__ import annotations

from pathlib import Path

import pytest

from worlds.small_world import SmallWorld, small_world

VARIABLES = ("HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "TMPDIR")
PLACES = ("prod", "prod/dist", "prod/.git", "dev/dist/new", "state/prod", "state/dev/new")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> SmallWorld:
    """A world in which everything is well, with ignored folders in both checkouts; tests leave it as it was."""
    made = small_world(tmp_path_factory.mktemp("world"))
    (made.dev / "dist").mkdir(exist_ok=True)
    return made


def state(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file and folder with its size and time."""
    return {
        str(path): (status.st_size, status.st_mtime_ns)
        for path in (folder, *folder.rglob("*"))
        for status in [path.lstat()]
    }


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("variable", VARIABLES)
def test_nothing_is_written_into_what_is_inspected(world: SmallWorld, variable: str, place: str) -> None:
    inspected = (world.prod, world.dev, world.folder / "state")
    before = [state(folder) for folder in inspected]
    done = world.check("--env", "prod", env={variable: str(world.folder / place)})

    assert [state(folder) for folder in inspected] == before
    assert done.returncode in (0, 1, 2)
    assert "Traceback" not in done.stderr
