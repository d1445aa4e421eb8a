"""A guarded run and the reference-transaction hook: what the run moves is let through, and nothing else is."""

from pathlib import Path

from dirty.dirty_repository import git, try_git
from worlds.guarded_world import PROMOTE, GuardedWorld


def test_only_a_guarded_run_moves_the_branch(tmp_path: Path) -> None:
    guarded = GuardedWorld(tmp_path)
    assert guarded.world.run("hook", "install", "reference-transaction", "--env", "prod").returncode == 0

    done = guarded.run(*PROMOTE)
    assert (done.returncode, guarded.head()) == (0, guarded.release), done.stderr
    refs = git(guarded.prod, "for-each-ref")
    committed = try_git(guarded.prod, "commit", "--allow-empty", "-m", "x", env={"HOME": str(guarded.world.home)})
    assert committed.returncode != 0
    assert b"no-direct-edits" in committed.stderr
    assert git(guarded.prod, "for-each-ref") == refs
    back = guarded.run("rollback", "--env", "prod")
    assert (back.returncode, guarded.head()) == (0, guarded.before), back.stderr

    (guarded.prod / "src/gateway.ts").write_text("changed\n")
    git(guarded.upstream, "commit", "-q", "--allow-empty", "-m", "more")
    git(guarded.prod, "fetch", "-q", "upstream")
    recovered = guarded.run("recover", "--env", "prod")
    assert recovered.returncode == 0, recovered.stderr
    assert guarded.head() == git(guarded.upstream, "rev-parse", "HEAD")

    logged = guarded.world.run("log", "verify", "--env", "prod")
    assert logged.returncode == 0, logged.stdout + logged.stderr
    assert "refusal" in guarded.world.run("log", "show", "--env", "prod").stdout
