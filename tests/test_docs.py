"""What the documents say is so: their code runs, their configuration is valid, their links lead somewhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from dirty.dirty_repository import git
from fake_systemctl import FakeSystemctl
from guardrails import config
from guardrails.cli.commands import COMMANDS
from guardrails.exit_codes import ALLOW, DENY, INTERRUPTED, UNDECIDED
from guardrails.facts.approval import signoff_blocks
from guardrails.facts.pages import markdown
from guardrails.model import Decision, PolicyResult, Report
from guardrails.request import Request
from guardrails_policies.openclaw.demo import gateway
from needs import need
from plugin_packages import install
from pytest_inside import own_options
from servers.web_server import Listener
from worlds.carried import NEXT, Carried, leaves, payload_in
from worlds.small_world import ROOT, SmallWorld, write

README = ROOT / "README.md"
PYTHON = ROOT / "docs/python.md"
VERDICTS = ROOT / "docs/verdicts.md"
WATCH = ROOT / "docs/watch.md"
WRITING = ROOT / "docs/writing-a-policy.md"
PAGES = [README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "docs/policies/README.md"]
ONLY_ELSEWHERE = ("uv ", "pipx ", "pip ", "make ", "launchctl ")  # they install, test or restart


def blocks(page: Path, language: str) -> Iterator[tuple[str, str]]:
    """The code blocks of a page in one language: the file name beside the language, and the text."""
    for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
        spoken, _, name = token.info.partition(" ")
        if token.type == "fence" and spoken == language:
            yield name, token.content


def commands(page: Path) -> list[str]:
    """The shell blocks of a page that can run anywhere."""
    return [text for _, text in blocks(page, "sh") if not any(word in text for word in ONLY_ELSEWHERE)]


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    """The demo's world, with its home, and a `guardrails` on the path."""
    made = SmallWorld(tmp_path)
    (demo,) = config.read(None)[2].demos()
    made.folder.mkdir()
    demo.stage.build(str(made.folder))
    made.home = made.folder / "home"
    command = write(tmp_path / "bin/guardrails", f'#!/bin/sh\nexec "{made.python}" -P -m guardrails "$@"\n')
    command.chmod(0o755)
    return made


def shell(world: SmallWorld, text: str, options: str = "-eu") -> subprocess.CompletedProcess[str]:
    path = f"{world.folder.parent}/bin:{world.folder}/bin:{os.environ['PATH']}"
    return subprocess.run(
        ["sh", options, "-c", text],
        cwd=world.folder,
        env=world.environment(PATH=path),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("page", "text"),
    [
        pytest.param(page, text, id=f"{page.name}-{number}")
        for page in (
            README,
            ROOT / "docs/agents.md",
            ROOT / "docs/ci.md",
            ROOT / "docs/command-line.md",
            ROOT / "docs/configuration.md",
            ROOT / "docs/history.md",
            ROOT / "docs/report.md",
        )
        for number, text in enumerate(commands(page), start=1)
    ],
)
def test_commands_run(page: Path, text: str, world: SmallWorld) -> None:
    if "jq " in text:
        need("jq")
    done = shell(world, text)

    assert done.returncode == 0, f"{page.name}: {text}\n{done.stdout}\n{done.stderr}"
    assert "guardrails run" in text or done.stderr == "", f"{page.name}: {text}"


def test_each_promise_names_a_test_that_is_there() -> None:
    text = (ROOT / "docs/reliability.md").read_text(encoding="utf-8").partition("\n## How much is tried")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.split("\n") if line.startswith("| ")]
    promises = [row for row in rows if row[0] not in ("promise", "---")]
    assert len(promises) > 30
    for promise, against, test in promises:
        assert against in ("mistake", "another user", "can write in `.git`", "plugin"), promise
        assert "def test_" in (ROOT / test.strip("`")).read_text(encoding="utf-8"), promise


def test_what_stays_open_with_agents_names_a_test_that_is_there() -> None:
    rows = re.findall(r"^\| .* \| `(test_\w+)` \|$", (ROOT / "docs/agents.md").read_text(), re.MULTILINE)
    defined = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.M)
    }
    assert len(rows) >= 3
    assert set(rows) <= defined


def test_the_readme_has_commands_to_run() -> None:
    assert len(commands(README)) >= 5


def test_a_restart_waits_for_the_verdict(world: SmallWorld) -> None:
    (line,) = (text for _, text in blocks(README, "sh") if "launchctl" in text)
    restart = write(world.folder.parent / "bin/launchctl", "#!/bin/sh\necho restarted\n")
    restart.chmod(0o755)
    line = line.replace("$UID", "0")

    assert "restarted" in shell(world, line, "-u").stdout
    built = world.folder / "openclaw-prod/dist/build-info.json"
    fresh = built.read_text()
    write(built, fresh.replace(git(world.folder / "openclaw-prod", "rev-parse", "HEAD"), "0" * 40))
    assert "restarted" not in shell(world, line, "-u").stdout, "the build is of another commit"
    write(built, fresh)
    assert "restarted" in shell(world, line, "-u").stdout
    write(world.folder / "openclaw-prod/src/gateway.ts", "an edit\n")
    assert "restarted" not in shell(world, line, "-u").stdout


def test_a_push_waits_for_the_verdict(world: SmallWorld) -> None:
    (lines,) = (text for _, text in blocks(README, "sh") if "hook install pre-push" in text)
    dev, server = world.folder / "moltbot", world.folder / "server.git"
    git(world.folder, "clone", "-q", "--bare", "--template=", dev, server)
    git(dev, "commit", "-q", "--amend", "-m", "the same in other words")
    before = git(server, "for-each-ref")

    assert shell(world, lines).returncode == 0
    push = f"git -C moltbot push --force {server} "
    refused = shell(world, push + "release/memory-v1")
    assert refused.returncode != 0
    assert "protected-refs" in refused.stderr
    assert shell(world, push + ":release/memory-v1").returncode != 0
    assert git(server, "for-each-ref") == before
    assert shell(world, push + "release/memory-v1:try/this").returncode == 0, "what nothing protects is free"


def test_a_job_of_ci_waits_for_the_verdict(world: SmallWorld) -> None:
    (lines,) = (text for _, text in blocks(README, "sh") if "--output sarif:" in text)

    assert shell(world, lines).returncode == 0
    write(world.folder / "openclaw-prod/src/gateway.ts", "an edit\n")
    assert shell(world, lines).returncode == 1
    (run,) = json.loads((world.folder / "guardrails.sarif").read_text())["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["clean-worktree"]
    suite = ElementTree.parse(world.folder / "guardrails.junit.xml").getroot()
    assert [case.get("name") for case in suite.iter("testcase") if case.find("failure") is not None] == [
        "clean-worktree"
    ]


def test_a_release_goes_by_its_page(world: SmallWorld) -> None:
    """Its lines in order: the release has changed since it was tested, and everything must be done anew.

    Upstream moves on between the two releases, and production goes from one to the other and back.
    """
    for restarts in ("launchctl", "systemctl"):
        write(world.folder.parent / f"bin/{restarts}", "#!/bin/sh\n").chmod(0o755)
    prod, upstream = world.folder / "openclaw-prod", world.folder / "upstream"
    first, following = _releases()
    gateway.start(str(world.folder))
    try:
        for left_out, policy in {"attest test": "tested-commit", "--role architect-2": "required-signoffs"}.items():
            _change_the_release(world)
            done = shell(world, "\n".join(line for line in first.splitlines() if left_out not in line))
            blocked = re.findall(r"^(?:✗ fail   |  (?=.*\n      do  ))([a-z-]+)", done.stdout, re.MULTILINE)
            assert (done.returncode, blocked) == (1, [policy]), done
        _change_the_release(world)
        done = shell(world, first)
        assert (done.returncode, done.stdout.count("\nALLOW")) == (0, 4), done
        released = git(prod, "rev-parse", "HEAD")
        write(upstream / "src/theirs.ts", "export const theirs = true;\n")
        git(upstream, "add", "-A")
        git(upstream, "commit", "-qm", "theirs")
        done = shell(world, following)
        assert (done.returncode, done.stdout.count("\nALLOW")) == (0, 5), done
        for operation in ("promote", "rollback"):
            assert f"guardrails: {operation} in prod is done, and verified" in done.stderr
        assert git(prod, "rev-parse", "HEAD") == released, "back at the first release"
        places = git(prod, "log", "-g", "--format=%H %s", "HEAD").splitlines()[:3]
        both = [place.split()[0] for place in places]
        assert both == [released, git(world.folder / "moltbot", "rev-parse", "release/memory-v2"), released], places
        git(prod, "merge-base", "--is-ancestor", git(upstream, "rev-parse", "HEAD"), both[1])
    finally:
        gateway.stop(str(world.folder))


def _releases() -> tuple[str, str]:
    """The lines of the page up to the next release, restarted as on macOS, and from there on, as on Linux."""
    page = ROOT / "docs/releasing.md"
    found = [text.replace("$UID", "0") for _, text in blocks(page, "sh")]
    [next_one] = [number for number, text in enumerate(found) if "release/memory-v2" in text and "switch" in text]
    on_linux = re.sub(r"launchctl .*# on Linux: ", "", "".join(found[next_one:]))
    assert "systemctl" in on_linux
    assert "launchctl" not in on_linux
    return "".join(found[:next_one]), on_linux


def test_a_recovery_goes_by_its_page(world: SmallWorld) -> None:
    """Its lines in order, from a dirty prod with a commit of its own."""
    prod, dev = world.folder / "openclaw-prod", world.folder / "moltbot"
    upstream = git(prod, "rev-parse", "upstream/main")
    write(prod / "src/hotfix.ts", "committed\n")
    git(prod, "add", "-A")
    git(prod, "commit", "-qm", "direct")
    write(prod / "src/gateway.ts", "changed\n")
    write(prod / "notes.md", "untracked\n").chmod(0o600)
    found = [text for _, text in blocks(ROOT / "docs/recovery.md", "sh")]
    done = shell(world, found[0])

    assert done.returncode == 0, done
    assert (git(prod, "rev-parse", "HEAD"), git(prod, "status", "--porcelain")) == (upstream, "")
    [name] = git(prod, "for-each-ref", "--format=%(refname:lstrip=2)", "refs/rescue").split()
    done = shell(world, "".join(found[1:]))
    assert done.returncode == 0, done
    assert "+untracked" in done.stdout
    assert (world.folder / f"saved/{name}/notes.md").stat().st_mode & 0o777 == 0o600
    assert (world.folder / "saved/bundle/src/gateway.ts").is_file()
    assert git(dev, "show", f"rescue/{name}:notes.md") == "untracked"
    assert git(dev, "branch", "--list", "by-hand", "from-the-bundle").split() == ["by-hand", "from-the-bundle"]
    assert git(prod, "rev-parse", "HEAD") == upstream, "what was made here is in dev alone"
    assert shell(world, "guardrails run rollback --env prod").returncode == 125


def test_upgrading_and_removing_go_by_their_page(world: SmallWorld) -> None:
    """Its lines in order, in a world where everything was used; in the end nothing of guardrails is left."""
    prod, dev = world.folder / "openclaw-prod", world.folder / "moltbot"
    own = write(dev / ".git/hooks/pre-push", "#!/bin/sh\nexit 0\n")
    own.chmod(0o755)
    write(prod / "src/gateway.ts", "changed\n")
    write(prod / "notes.md", "untracked\n")
    used = "guardrails run recover --env prod; guardrails run promote --env prod --candidate release/memory-v1"
    assert shell(world, used).returncode == 0
    heads = [git(repo, "for-each-ref", "refs/heads", "refs/tags") for repo in (prod, dev)]
    upgrade, install, look, *removal = (text for _, text in blocks(ROOT / "docs/upgrading.md", "sh"))
    done = shell(world, upgrade + install)
    assert (done.returncode, own.read_text() != "#!/bin/sh\nexit 0\n") == (0, True), done
    assert shell(world, install).stdout.count("installed ") == 0, "what is as it should be is left alone"
    done = shell(world, look)
    assert (done.returncode, "refs/rescue/" in done.stdout, "payloadType" in done.stdout) == (0, True, True), done

    done = shell(world, "".join(removal))
    assert done.returncode == 0, done
    assert b"refs/rescue/" in (world.folder / "kept/rescues.bundle").read_bytes()[:200]
    assert own.read_text() == "#!/bin/sh\nexit 0\n"
    assert [git(repo, "for-each-ref", "refs/heads", "refs/tags") for repo in (prod, dev)] == heads
    for repo in (prod, dev):
        kinds = git(repo, "for-each-ref", "--format=%(refname:rstrip=-2)").split()
        assert set(kinds) <= {"refs/heads", "refs/remotes", "refs/tags"}
        assert "guardrails" not in (repo / ".git/config").read_text()
        assert [path.name for path in (repo / ".git/hooks").iterdir() if b"guardrails" in path.read_bytes()] == []
    left = [str(path) for path in world.folder.rglob("*guardrails*") if path != world.folder / "bin/guardrails"]
    left += [str(path) for path in world.folder.rglob(".git/refs/*") if path.name not in ("heads", "remotes", "tags")]
    assert [path for path in left if not path.endswith("refs/stash")] == []


def test_approvals_go_by_their_page(world: SmallWorld) -> None:
    """Its lines in order: keys, whose word counts, evidence, approvals; and one key short, nothing is allowed."""
    lines = "".join(text for _, text in blocks(ROOT / "docs/approvals.md", "sh"))
    _change_the_release(world)
    done = shell(world, lines)
    assert (done.returncode, done.stdout.count("\nALLOW")) == (0, 1), done
    digests = re.findall(r"^ *plan +(sha256:[0-9a-f]{64})$", done.stdout, re.MULTILINE)
    assert (len(digests), len(set(digests))) == (3, 1), "the plan, and two approvals of it"
    assert [block.owner for block in signoff_blocks.parse_blocks(done.stdout, "the page")] == [
        "peter@example.org", "grace@example.org",
    ]  # fmt: skip
    assert done.stdout.count("\nrefs/signoffs/") == 4, "those of the change, and the demo's own"
    assert done.stdout.count("\nrefs/attestations/") == 4
    write(world.folder / "allowed_signers", "# nobody\n")
    assert shell(world, "guardrails check --env prod --op promote --candidate release/memory-v1").returncode == 1


def test_what_one_person_can_do_is_as_the_page_says(world: SmallWorld) -> None:
    """Two roles of one person never suffice; a program with a key, an advisory policy or a waiver lets it pass."""
    page = ROOT / "docs/approvals.md"
    program, advisory, waivable = (text for name, text in blocks(page, "toml") if name == "one-person")
    [waive] = re.findall(r"^guardrails waive .*", page.read_text(encoding="utf-8"), re.MULTILINE)
    said = world.configuration.read_text() + '[trust]\nallowed_signers = "allowed_signers"\n'
    twice = 'roles = { architect-1 = ["grace@example.org"], architect-2 = ["grace@example.org"] }\n'
    sign = "guardrails signoff --env prod --commit release/memory-v1 --decision approved"
    keys = """
        for who in grace review-bot; do
            ssh-keygen -q -t ed25519 -N "" -f "$who"
            echo "$who@example.org namespaces=\\"guardrails-signoff\\" $(cat "$who.pub")" >> allowed_signers
        done
    """
    check = "guardrails check --env prod --op promote --candidate release/memory-v1 --policy required-signoffs"

    def answers(text: str, *before: str) -> int:
        world.configuration.write_text(said + text.replace('extends = ["openclaw"]', ""))
        done = shell(world, "\n".join([*before, check]))
        assert done.returncode in (0, 1), done
        return done.returncode

    policy = "[policies.required-signoffs]\n" + twice
    both = [f"{sign} --role {role} --key grace" for role in ("architect-1", "architect-2")]
    assert answers(policy, keys, *both) == 1
    assert answers(advisory + twice) == 0
    assert answers(waivable + twice) == 1
    assert answers(waivable + twice, waive) == 0
    (world.folder / "guardrails.waivers.toml").unlink()
    assert answers(program) == 1
    assert answers(program, f"{sign} --role architect-2 --key review-bot") == 0


@pytest.mark.parametrize("page", [README, PYTHON], ids=lambda page: page.name)
def test_a_program_gets_the_answer(page: Path, world: SmallWorld) -> None:
    (text,) = (text for _, text in blocks(page, "python"))
    write(world.folder / "asks.py", text)
    run = f'"{world.python}" asks.py'
    done = shell(world, run)
    assert (done.returncode, done.stderr, "deny" in done.stdout) == (0, "", False), done
    write(world.folder / "openclaw-prod/src/gateway.ts", "an edit\n")
    done = shell(world, run)
    assert (done.returncode, done.stderr) == ((0, "") if page == README else (1, "")), done
    assert ("deny 1" if page == README else "clean-worktree fail") in done.stdout
    world.configuration.write_text("nonsense")
    assert shell(world, run).returncode == (1 if page == README else 2), "README's lets it be raised"


def test_the_page_for_programs_names_what_is_there() -> None:
    page = PYTHON.read_text(encoding="utf-8")
    asked, report, decision = (
        part for part in re.split(r"^\| (?:argument|of .*) \| is \|$", page, flags=re.MULTILINE)[1:]
    )
    firsts = [
        {
            name
            for line in part.splitlines()
            if line.startswith("| `")
            for name in re.findall(r"`([\w.]+)`", line.split("|")[1])
        }
        for part in (asked, report, decision)
    ]
    assert firsts[0] == set(Request.__fields__) - {"updates", "remote", "actions"}, "which only git and agents give"
    assert firsts[1] == set(Report.__fields__)
    assert {name for name in firsts[2] if "." not in name} <= set(Decision.__fields__)
    assert {name.removeprefix("result.") for name in firsts[2] if "." in name} <= set(PolicyResult.__fields__)


def _change_the_release(world: SmallWorld) -> None:
    git(world.folder / "openclaw-prod", "reset", "-q", "--hard", "upstream/main")
    with (world.folder / "moltbot/src/memory.ts").open("a") as file:
        file.write("export const more = true;\n")
    git(world.folder / "moltbot", "commit", "-qam", "release: more")


def test_a_verdict_is_carried_by_its_page(world: SmallWorld) -> None:
    """Its lines in order: they deploy, and with a verdict that says something else they do not."""
    *before, verify = (text for _, text in blocks(VERDICTS, "sh"))
    (trust,) = (text for _, text in blocks(VERDICTS, "toml"))
    world.configure(trust[trust.index("[trust]") :])

    done = shell(world, "".join([*before, verify]))
    assert (done.returncode, "ALLOW  update in prod, issued by ci@example.org" in done.stdout) == (0, True), done
    assert json.loads((world.folder / "verdict.json").read_text())["payloadType"] == "application/vnd.in-toto+json"
    done = shell(world, verify.replace("update", "start"))
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("DENY  does not hold: moment")


def test_watching_goes_by_its_page(world: SmallWorld) -> None:
    """Its lines in order, the address being that of a server here: told once, told once more, and gone again."""
    install, breaks, mends, away = (text for _, text in blocks(WATCH, "sh"))
    manager = FakeSystemctl(world.folder.parent, world.home)
    (manager.bin / "systemctl").rename(world.folder.parent / "bin/systemctl")
    (manager.bin / "loginctl").rename(world.folder.parent / "bin/loginctl")
    table = next(text for _, text in blocks(WATCH, "toml")).partition("\n\n")[2]
    with Listener().listening() as server:
        world.configure(table.replace("https://hooks.example.org/guardrails", server.url))
        told = []
        for lines in (install, breaks, mends, away):
            done = shell(world, lines)
            assert (done.returncode, done.stderr) == (0, ""), done
            told.append([message["title"] for message in server.messages])
    deny, allow = "prod: deny, and was allow", "prod: allow, and was deny"
    assert told == [[], [deny], [deny, allow], [deny, allow]]
    assert [title in WATCH.read_text(encoding="utf-8") for title in (deny, allow)] == [True, True]


def test_the_message_of_the_page_is_one(world: SmallWorld) -> None:
    (text,) = (text for _, text in blocks(WATCH, "json"))
    with Listener().listening() as server:
        world.configure(f'[watch]\nwebhook = "{server.url}"\n')
        write(world.folder / "openclaw-prod/src/gateway.ts", "an edit\n")
        assert shell(world, "guardrails watch --env prod --once", "-u").returncode == 1
    (message,) = server.messages
    assert {key: type(value) for key, value in message.items()} == {
        key: type(value) for key, value in json.loads(text).items()
    }
    assert list(message["new"][0]) == list(json.loads(text)["new"][0])


def test_the_statement_of_a_verdict_is_as_its_page_says(tmp_path: Path) -> None:
    (text,) = (text for _, text in blocks(VERDICTS, "json"))
    pair = Carried(tmp_path)
    said = payload_in(pair.issued("--op", "promote", "--candidate", NEXT).read_bytes())
    assert sorted(map(str, leaves(said))) == sorted(map(str, leaves(json.loads(text))))


@pytest.mark.parametrize(
    "page",
    [README, *(ROOT / f"docs/{name}.md" for name in ("configuration", "approvals", "ci", "watch")), VERDICTS],
    ids=lambda page: page.name,
)
def test_configuration_is_valid(page: Path, tmp_path: Path) -> None:
    found = list(blocks(page, "toml"))
    assert found
    for _, text in found:
        settings, _, _ = config.read(str(write(tmp_path / "guardrails.toml", text)))
        assert settings.environments


def test_the_three_dots_keep_what_the_profile_has(tmp_path: Path) -> None:
    (text,) = (text for _, text in blocks(ROOT / "docs/configuration.md", "toml") if '"..."' in text)
    settings, _, _ = config.read(str(write(tmp_path / "guardrails.toml", text)))

    (policy,) = (policy for policy in settings.policies if policy.name == "clean-worktree")
    assert policy.options["expected_dirt"] == ["dist/control-ui/", "notes/"]


def test_the_readme_names_every_exit_code() -> None:
    named = {int(code) for code in re.findall(r"^\| (\d+) \|", README.read_text(encoding="utf-8"), re.MULTILINE)}
    assert named == {ALLOW, DENY, UNDECIDED, INTERRUPTED}


def test_the_readme_names_every_command() -> None:
    text = README.read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"`{name}`" not in text] == []


QUOTED = re.compile(r"`((?:guardrails|policies/guardrails_policies|tests|tools|docs|ci|scripts|benchmarks)/[\w./*-]*)`")
OF_USERS = {"guardrails/guardrails.toml", "ci/guardrails.toml"}  # in a configuration folder, and in their repository
OF_NOW = [page for page in PAGES if page.name != "CHANGELOG.md"]


@pytest.mark.parametrize("page", OF_NOW, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_path_in_back_quotes_is_there(page: Path) -> None:
    paths = set(QUOTED.findall(page.read_text(encoding="utf-8"))) - OF_USERS
    assert page.name != "contributing.md" or len(paths) > 60
    assert [path for path in paths if not list(ROOT.glob(path))] == []


def test_the_report_of_the_contract_is_one() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    (text,) = (text for _, text in blocks(ROOT / "docs/contract.md", "json"))
    jsonschema.validate(json.loads(text), json.loads((ROOT / "guardrails/reporters/report.schema.json").read_text()))


def test_the_contract_names_each_variable_of_ours() -> None:
    page = (ROOT / "docs/contract.md").read_text(encoding="utf-8")
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "guardrails").rglob("*.py"))
    ours = set(re.findall(r"\bGUARDRAILS_[A-Z_]+", code)) - {"GUARDRAILS_ALLOW"}  # which is a level of SLSA
    assert ours == set(re.findall(r"`(GUARDRAILS_[A-Z_]+)`", page))


def test_the_contract_and_the_readme_have_the_same_codes() -> None:
    page = (ROOT / "docs/contract.md").read_text(encoding="utf-8")
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)} == {
        ALLOW, DENY, UNDECIDED, INTERRUPTED,
    }  # fmt: skip


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in links(page):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        assert file.is_file(), f"{page.name} links to {target}"
        assert not anchor or anchor in anchors(file), f"{page.name} links to {target}, and there is no such heading"


def links(page: Path) -> Iterator[str]:
    """The destinations of a page's links, and of its pictures, which are no links to the project's own reader."""
    text = page.read_text(encoding="utf-8")
    yield from (target for target, _ in markdown.Page(text, mdx=False).links)
    for token in MarkdownIt().parse(text):
        yield from (str(inner.attrs["src"]) for inner in token.children or () if inner.type == "image")


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings get: small letters, hyphens for spaces, no punctuation."""
    tokens = MarkdownIt().parse(page.read_text(encoding="utf-8"))
    titles = [tokens[number + 1].content for number, token in enumerate(tokens) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize(
    ("name", "seen"),
    [("picture.svg", ("ALLOW", "DENY", "observed", "expected")), ("agents.svg", ("OPINION", "refused", "instead"))],
)
def test_a_picture_names_no_host(name: str, seen: tuple[str, ...]) -> None:
    picture = (ROOT / "docs" / name).read_text(encoding="utf-8")

    assert re.findall(r"https?://[^\s\"')]+", picture) == ["http://www.w3.org/2000/svg"]
    assert [word for word in seen if word not in picture] == []


class TestWritingAPolicy:
    """The package of that page, written as it stands there."""

    @pytest.fixture
    def package(self, world: SmallWorld) -> Path:
        """Install the package: its modules, and the metadata that an installer makes of its `pyproject.toml`."""
        folder = world.folder.parent / "package"
        for name, text in (*blocks(WRITING, "toml"), *blocks(WRITING, "python")):
            write(folder / name, text)
        project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
        ((name, module),) = project["entry-points"]["guardrails"].items()
        install(folder, project["name"], entry=f"{name} = {module}")
        world.python_path.append(str(folder))
        own = tomllib.loads((folder / "guardrails.toml").read_text())
        assert own["extends"] == ["openclaw"]  # as the configuration of the demo's world, which gets the rest
        world.configure((folder / "guardrails.toml").read_text().partition("\n")[2])
        return folder

    def test_it_is_short(self, package: Path) -> None:
        lines = [line for file in package.glob("*acme_policies.py") for line in file.read_text().splitlines() if line]
        assert len(lines) < 40

    def test_its_own_test_passes(self, world: SmallWorld, package: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *own_options(package.parent / "pytest"), "."],
            cwd=package,
            env=world.environment(PYTHONPATH=os.pathsep.join(world.python_path)),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "3 passed" in done.stdout

    def test_it_runs_and_blocks(self, world: SmallWorld, package: Path) -> None:
        assert (package / "acme_policies.py").is_file()
        listing, check = (text for _, text in blocks(WRITING, "sh"))
        assert listing.endswith("guardrails policies\n")
        rows = json.loads(shell(world, "guardrails policies --format json").stdout)
        assert [row["when"] for row in rows if row["policy"] == "written-down"] == [{"prod": ["promote"]}]

        denied = shell(world, check)
        assert denied.returncode == 1
        assert "add a line for release/memory-v1 to releases/LOG.md" in denied.stdout
        write(world.folder / "home/.openclaw/releases/LOG.md", "release/memory-v1 on Monday\n")
        assert shell(world, check).returncode == 0

    def test_without_a_state_directory_it_reads_nothing(self, world: SmallWorld, package: Path) -> None:
        """Not even where a folder has the name that a careless path would have."""
        write(package / "None" / "RELEASES.md", "v2")
        for careless, said in (
            (False, "NothingAsked: prod has no state_dir"),
            (True, "CannotKnow: 'None/RELEASES.md'"),
        ):
            own = (package / "acme_policies.py").read_text()
            write(package / "acme_policies.py", own.replace("require_state_dir()", "state_dir") if careless else own)
            program = "from acme_policies import Log; from guardrails.testing import gather, world; "
            done = subprocess.run(
                [sys.executable, "-c", f"{program}gather(Log, world(), 'RELEASES.md')"],
                cwd=package,
                env=world.environment(),
                capture_output=True,
                text=True,
                check=False,
            )
            assert said in done.stderr.splitlines()[-1]

    def test_by_its_id_a_release_cannot_be_known(self, world: SmallWorld, package: Path) -> None:
        assert (package / "acme_policies.py").is_file()
        dev = ["git", "-C", str(world.folder / "moltbot"), "rev-parse", "HEAD"]
        commit = subprocess.run(dev, capture_output=True, text=True, check=True).stdout.strip()
        (_, check) = (text for _, text in blocks(WRITING, "sh"))
        done = shell(world, check.replace("release/memory-v1", commit))

        assert done.returncode == 2
        assert "give the name of the release" in done.stdout
