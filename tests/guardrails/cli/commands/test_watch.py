"""`guardrails watch` from outside: checks of a real world, compared in its real log, told on a real server."""

from __future__ import annotations

import json
import os
import resource
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty_repository import git, snapshot
from guardrails.wording.shown_text import utc
from progress import code_of, come_true
from servers.web_server import Listener, free_port
from worlds.small_world import SmallWorld, left_over, small_world, write

ONCE = ("watch", "--env", "prod", "--once")
PINGS = "pings anew"


class Watched:
    """A world whose changes are told to a server here."""

    def __init__(self, world: SmallWorld, server: Listener, folder: Path) -> None:
        self.world, self.server = world, server
        self.metrics = folder / "guardrails.prom"
        self.address = f"{server.url}/T024BE7LD/hush-hush"

    def configure(self, **changes: str) -> None:
        """Say in `[watch]` who is told; what is given stands in the place of the usual."""
        table = {"webhook": self.address, "textfile": str(self.metrics), **changes}
        lines = [
            f"{key} = {value if value.startswith('[') else json.dumps(value)}" for key, value in table.items() if value
        ]
        text = self.world.configuration.read_text().partition("[watch]")[0]
        self.world.configuration.write_text("\n".join([text.rstrip(), "", "[watch]", *lines, ""]))

    def once(self, **rest: Any) -> int:
        """Watch once; nothing that is said holds the address."""
        done = self.world.run(*ONCE, **rest)
        self.out, self.err = done.stdout, done.stderr
        assert "hush-hush" not in self.out + self.err
        return done.returncode

    def edit(self, name: str = "src/gateway.ts") -> None:
        write(self.world.prod / name, "export const port = 1;\n")

    def mend(self) -> None:
        git(self.world.prod, "checkout", "-q", "--", ".")
        git(self.world.prod, "clean", "-q", "-f", "-d", "--", "src")

    @property
    def told(self) -> list[str]:
        """The titles of what was told."""
        return [message["title"] for message in self.server.messages]

    @property
    def log(self) -> Path:
        return self.world.home / ".local/state/guardrails/prod/audit.jsonl"

    @property
    def kept(self) -> Path:
        return self.log.parent / "watch.json"


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    with Listener().listening() as server:
        made = Watched(small_world(tmp_path), server, tmp_path)
        made.configure()
        yield made


def test_told_once_when_it_breaks_and_once_when_it_is_mended(watched: Watched) -> None:
    before = snapshot(watched.world.folder)
    assert [watched.once() for _ in range(2)] == [0, 0]
    assert (watched.told, snapshot(watched.world.folder)) == ([], before)

    watched.edit()
    assert watched.once() == 1
    assert watched.out.startswith(
        "+ new      clean-worktree: src/gateway.ts is not as HEAD says\nDENY  prod, 1 new, 0 gone, "
    )
    assert watched.once() == 1
    still, verdict = watched.out.splitlines()
    assert still.startswith("= blocks   clean-worktree: src/gateway.ts is not as HEAD says (since ")
    assert verdict.startswith("DENY  prod, 0 new, 0 gone, 0 changed since the check of ")
    assert watched.told == ["prod: deny, and was allow"]
    message = watched.server.messages[0]
    report = watched.world.report("--env", "prod")
    assert message["findings_digest"] == report["findings_digest"]
    (finding,) = next(one for one in report["results"] if one["policy"] == "clean-worktree")["findings"]
    assert [(one["fingerprint"], one["blocks"]) for one in message["new"]] == [(finding["fingerprint"], True)]

    watched.mend()
    assert (watched.once(), watched.once()) == (0, 0)
    assert watched.told == ["prod: deny, and was allow", "prod: allow, and was deny"]
    assert [one["policy"] for one in watched.server.messages[1]["gone"]] == ["clean-worktree"]
    assert watched.server.messages[1]["gone"][0]["since"] == message["at"]


def test_more_that_blocks_is_told_and_less_is_not(watched: Watched) -> None:
    watched.edit()
    assert watched.once() == 1
    watched.edit("src/more.ts")
    assert watched.once() == 1
    (watched.world.prod / "src/more.ts").unlink()
    assert watched.once() == 1
    assert watched.out.startswith("- gone     clean-worktree: ")
    assert [len(one["new"]) for one in watched.server.messages] == [1, 1]
    assert watched.told[1].startswith("prod: deny, since ")


def test_a_channel_that_fails_is_tried_again_alone_and_changes_no_verdict(watched: Watched) -> None:
    with Listener().listening() as other:
        watched.configure(notify=f'["{other.url.replace("http", "json")}/other-hush"]')
        assert watched.once() == 0
        watched.server.status = "503 Service Unavailable"
        watched.edit()
        assert watched.once() == 1
        assert watched.err == (
            "guardrails: watch.webhook was not told: it answered 503; the next check tells what differs by then\n"
        )
        watched.server.status = "200 OK"
        assert watched.once() == 1
        assert watched.err == ""
        assert watched.once() == 1
    assert watched.told == ["prod: deny, and was allow"] * 2
    assert [one["title"] for one in other.messages] == ["prod: deny, and was allow"]


def test_nobody_there_changes_no_verdict(watched: Watched) -> None:
    watched.configure(
        webhook=f"http://127.0.0.1:{free_port()}/hush-hush", ping=f"http://127.0.0.1:{free_port()}/hush-hush"
    )
    watched.edit()
    assert watched.once() == 1
    assert watched.err.splitlines() == [
        f"guardrails: watch.{name} was not told: it refused the connection; the next check {then}"
        for name, then in (("ping", PINGS), ("webhook", "tells what differs by then"), ("ping", PINGS))
    ]


def test_a_ping_says_that_it_begins_and_how_it_ended(watched: Watched) -> None:
    watched.configure(webhook="", ping=f"{watched.server.url}/uuid")
    codes = [watched.once()]
    watched.edit()
    codes.append(watched.once())
    (watched.log).chmod(0o666)
    codes.append(watched.once())
    assert codes == [0, 1, 2]
    assert [path for _, path, _ in watched.server.requests] == [
        "/uuid/start", "/uuid/0", "/uuid/start", "/uuid/1", "/uuid/start", "/uuid/2",
    ]  # fmt: skip


def test_a_log_that_is_gone_is_undecided_and_told(watched: Watched) -> None:
    assert watched.once() == 0
    watched.log.unlink()
    assert watched.once() == 2
    assert f"= blocks   the audit log {watched.log} is gone\n" in watched.out
    assert watched.told == ["prod: undecided, and was allow"]
    assert json.loads(watched.log.read_text().splitlines()[-1])["exit_code"] == 2
    assert watched.once() == 0
    assert watched.told[1:] == ["prod: allow, and was undecided"]


def test_what_cannot_be_logged_is_told(watched: Watched) -> None:
    watched.log.parent.mkdir(parents=True, mode=0o700)
    watched.log.touch(0o666)
    watched.log.chmod(0o666)
    assert (watched.once(), watched.once()) == (2, 2)
    assert "others can write to the audit log" in watched.server.messages[0]["text"]
    assert watched.told == ["prod: undecided, and was allow"]


def test_where_nothing_can_be_kept_it_is_told_again(watched: Watched) -> None:
    write(watched.world.folder.parent / "file", "no folder")
    watched.world.configure('[audit]\npath = "../file/audit.jsonl"\n')
    assert (watched.once(), watched.once()) == (2, 2)
    assert watched.told == ["prod: undecided, and was allow"] * 2
    assert "Not a directory" in watched.err


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_text("{")])
def test_what_was_told_is_told_again_rather_than_not_at_all(watched: Watched, damage: Any) -> None:
    watched.edit()
    assert watched.once() == 1
    damage(watched.kept)
    assert (watched.once(), watched.once()) == (1, 1)
    assert len(watched.told) == 2


def test_a_waiver_that_runs_out_within_a_day_is_told_once(watched: Watched) -> None:
    waiver = {"policy": "required-doc-links", "environment": "prod", "owner": "peter", "reason": "Friday"}
    times = {"created": utc(time.time() - 60), "expires": utc(time.time() + 7200)}
    lines = [
        *(f"{key} = {json.dumps(value)}" for key, value in waiver.items()),
        *(f"{key} = {at}" for key, at in times.items()),
    ]
    write(watched.world.folder / "guardrails.waivers.toml", "\n".join(["[[waiver]]", *lines, ""]))
    assert [watched.once() for _ in range(2)] == [0, 0]
    (message,) = watched.server.messages
    assert [(one["policy"], one["expires"]) for one in message["waivers"]] == [("required-doc-links", times["expires"])]
    assert "guardrails_waiver_expiry_timestamp_seconds" in watched.metrics.read_text()


def test_what_still_blocks_is_repeated(watched: Watched) -> None:
    watched.configure(remind="1s")
    watched.edit()
    assert watched.once() == 1
    time.sleep(1.1)
    assert watched.once() == 1
    assert watched.told[1].startswith("prod: still deny, since ")
    watched.configure(remind="9d")
    assert watched.once() == 1
    assert len(watched.told) == 2


def test_the_worst_of_several_environments(watched: Watched) -> None:
    done = watched.world.run("watch", "--once", "--env", "dev", "--env", "prod")
    dev = watched.world.check("--env", "dev").returncode
    assert done.returncode == dev
    watched.edit()
    done = watched.world.run("watch", "--once")
    names = [line.split()[1].strip(",") for line in done.stdout.splitlines() if "since the check" in line]
    assert (done.returncode, names) == (1, ["prod", "dev"])
    text = watched.metrics.read_text()
    assert all(f'guardrails_verdict{{environment="{name}"' in text for name in ("prod", "dev"))
    assert watched.once() == 1
    assert 'environment="dev"' in watched.metrics.read_text(), "what was watched before stays in it"


def test_metrics_that_cannot_be_written_change_no_verdict(watched: Watched) -> None:
    watched.configure(textfile=str(watched.metrics.parent / "none/x.prom"))
    assert watched.once() == 0
    assert "watch.textfile" in watched.err
    assert "cannot be written: No such file or directory" in watched.err


def test_a_full_disk_is_survived(watched: Watched) -> None:
    assert watched.once() == 0
    before = watched.kept.read_bytes(), watched.log.read_bytes(), watched.metrics.read_bytes()
    watched.edit()
    assert watched.once(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))) == 2
    assert watched.told == ["prod: undecided, and was allow"], "it is told all the same"
    assert (watched.kept.read_bytes(), watched.log.read_bytes(), watched.metrics.read_bytes()) == before
    assert "where what was told is kept, cannot be written: File too large" in watched.err
    assert watched.once() == 1
    assert watched.told[1:] == ["prod: deny, and was allow"], "rather again than not at all"


def test_two_at_once_tell_once(watched: Watched) -> None:
    assert watched.once() == 0
    watched.edit()
    both = [watched.world.start(*ONCE, env=watched.world.environment()) for _ in range(2)]
    assert [code_of(one) for one in both] == [1, 1]
    for one in both:
        one.communicate()
    assert watched.told == ["prod: deny, and was allow"]
    assert json.loads(watched.kept.read_text())["prod"]["checked"]["verdict"] == "deny"


def test_no_secret_of_a_finding_or_of_the_environment_is_told(watched: Watched) -> None:
    secret, variable = "ghp_" + "a1B2" * 9, "swordfish-and-more"
    watched.edit(f"src/one-{secret}")
    watched.edit(f"src/two-{variable}")
    assert watched.once(env={"MY_TOKEN": variable}) == 1
    said = [
        watched.out,
        watched.err,
        watched.log.read_text(),
        watched.metrics.read_text(),
        str(watched.server.requests),
    ]
    assert len(watched.server.messages[0]["new"]) == 2
    assert [text for text in said if secret in text] == []
    assert [text for text in said if variable in text] == []
    assert [text for text in (*said[:4], watched.kept.read_text()) if "hush-hush" in text] == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_in_the_foreground_it_goes_on_until_it_is_ended(watched: Watched, number: int, code: int) -> None:
    process = watched.world.start("watch", "--env", "prod", "--every", "1s", env=watched.world.environment())
    come_true(lambda: watched.metrics.exists() and len(watched.log.read_text().splitlines()) >= 2, "two checks")
    watched.edit()
    come_true(lambda: len(watched.told) == 1, "a message")
    os.kill(process.pid, number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert "DENY  prod" in out
    assert "Traceback" not in err
    assert left_over(process.pid) == []


def test_a_configuration_that_breaks_is_undecided(watched: Watched) -> None:
    watched.configure(every="often")
    assert watched.once() == 2
    assert "watch.every: 'often' is not a duration" in watched.err
    done = watched.world.run("watch", "--once", "--env", "nowhere")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


def test_waivers_that_break_are_undecided_and_told(watched: Watched) -> None:
    lines = ["[[waiver]]", 'policy = "required-doc-links"', 'environment = "prod"', 'owner = "p"', 'reason = "r"']
    far = f"expires = {utc(time.time() + 90 * 86_400)}"
    write(watched.world.folder / "guardrails.waivers.toml", "\n".join([*lines, far, ""]))
    assert watched.once() == 2
    assert watched.told == ["prod: undecided, and was allow"]


def test_it_is_told_although_nobody_reads_what_is_printed(watched: Watched) -> None:
    watched.edit()
    reader, writer = os.pipe()
    os.close(reader)
    process = watched.world.start(*ONCE, env=watched.world.environment(), stdout=writer)
    os.close(writer)
    assert code_of(process) == 2
    process.communicate()
    assert watched.told == ["prod: deny, and was allow"]
