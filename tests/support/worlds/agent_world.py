"""The world that the corpus of tool calls speaks of: a machine with the profile's places, in three states of dev.

`~/openclaw-prod` and `~/moltbot` are clones of one upstream, `~/desk` is a plain folder, `~/other` a repository that
nothing guards, and `~/link-to-prod` a link. The user's own configuration extends the profile.
"""

from __future__ import annotations

from pathlib import Path

from guardrails.testing.worlds import ScratchWorld, write

STATES = ("clean", "dirty", "rescued")  # of dev
HISTORY = (
    ("First", {".gitignore": "dist/\nnode_modules/\n*.log\n", "README.md": "Hello\n"}),
    ("Second", {"README.md": "Hello, world\n", "docs/DEPLOYMENT.md": "# Deployment Rules (Dev vs Prod)\n"}),
    ("Third", {"src/a.ts": "export const a = 1;\n", "package.json": '{"name": "openclaw"}\n'}),
)


def agent_world(folder: Path, state: str) -> ScratchWorld:
    """Build it in a folder, with dev `clean`, `dirty`, or `rescued`, which is dirty with all of it saved."""
    world = ScratchWorld(
        folder, prod="openclaw-prod", dev="moltbot", states=(".openclaw", ".openclaw-dev"), home=folder
    )
    world.configuration = world.home / ".config/guardrails/guardrails.toml"
    world.build(HISTORY)
    world.git(world.upstream, "branch", "release/v0", "main")
    world.git(world.upstream, "tag", "v0", "main")
    world.git(world.upstream, "update-ref", "refs/guardrails/deployments", "main")
    world.git(world.dev, "fetch", "-q", "--tags", "upstream")
    _branch(world)
    for place in (world.prod_state, world.dev_state):
        write(place / "openclaw.json", '{"gateway": {"mode": "local"}}\n')
        write(place / "cron/jobs.json", '{"version": 1, "jobs": []}\n')
    (world.home / "desk").mkdir()
    (world.home / "link-to-prod").symlink_to(world.prod)
    other = world.home / "other"
    other.mkdir()
    world.git(other, "init", "-q", "-b", "main", "--template=")
    world.commit(other, "First", {"README.md": "Hello\n"})
    write(world.configuration, 'extends = ["openclaw"]\n')
    _guardrails(world, "hook", "install", "pre-push", "--env", "dev")
    if state != "clean":
        _dirty(world)
    if state == "rescued":
        _guardrails(world, "rescue", "--env", "dev", "save", "--ignored")
    return world


def _branch(world: ScratchWorld) -> None:
    """Leave dev on main, with branches that are ahead of it and one that holds nothing of its own."""
    dev = world.dev
    world.git(dev, "checkout", "-q", "-b", "feature", "main")
    world.commit(dev, "A feature", {"src/feature.ts": "export const feature = 1;\n"})
    world.git(dev, "checkout", "-q", "main")
    world.git(dev, "branch", "merged", "main~1")


def _dirty(world: ScratchWorld) -> None:
    """Leave in dev what a reset, a clean and the like would lose: edits, a new file, a stash and a branch."""
    dev = world.dev
    world.git(dev, "checkout", "-q", "-b", "wip")
    world.commit(dev, "Work in progress", {"src/wip.ts": "export const wip = 1;\n"})
    world.git(dev, "checkout", "-q", "main")
    write(dev / "src/a.ts", "export const a = 2;\n")
    world.git(dev, "stash", "push", "-q")
    write(dev / "README.md", "edited, and nowhere else\n")
    write(dev / "notes.txt", "not added yet\n")


def _guardrails(world: ScratchWorld, *words: str) -> None:
    done = world.run(*words, cwd=world.home)
    assert done.returncode == 0, done.stdout + done.stderr
