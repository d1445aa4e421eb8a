"""Where commands lead, beside what env(1), the shell and the programs that start others really start."""

from __future__ import annotations

import os
import random
import shlex
from pathlib import Path

import pytest

from guardrails import CannotKnow
from guardrails_policies.openclaw.shell.gateway_commands import Launch, launch
from guardrails_policies.openclaw.state.state_dir import VARIABLES
from servers.started_gateways import Started, Starter

ENTRY = "dist/entry.js"
SEED, ROUNDS = 69738, 60


@pytest.fixture
def starter(tmp_path: Path) -> Starter:
    made = Starter(tmp_path)
    for name in ("prod", "dev"):
        (made.home / name / "dist").mkdir(parents=True)
        (made.home / name / ENTRY).touch()
    return made


def followed(starter: Starter, words: list[str], **variables: str) -> Launch | None:
    given = starter.variables | variables
    return launch(words, str(starter.home), given, home=str(starter.home), repos=[str(starter.home / "prod")])


def assert_same(starter: Starter, words: list[str], **variables: str) -> Launch:
    """The command leads where it really goes."""
    found = followed(starter, words, **variables)
    (started,) = starter.run(words, **variables)
    assert found is not None, words
    assert not found.doubt, (words, found.doubt)
    compare(found, started, words)
    return found


def compare(found: Launch, started: Started, words: list[str]) -> None:
    assert found.folder == started.folder, words
    assert found.program == os.path.realpath(os.path.join(started.folder, started.words[0])), words
    assert found.arguments == started.words[1:], words
    for name in VARIABLES:
        assert found.variables.get(name) == started.variables.get(name), (name, words)


GATEWAY = f"node prod/{ENTRY} gateway --port 1"


@pytest.mark.parametrize(
    "line",
    [
        GATEWAY,
        f"env -u OPENCLAW_STATE_DIR {GATEWAY}",
        f"env --unset=OPENCLAW_STATE_DIR -u OPENCLAW_HOME {GATEWAY}",
        f"env -i PATH=$PATH {GATEWAY}",
        f"env - PATH=$PATH OPENCLAW_STATE_DIR=/x {GATEWAY}",
        f"env -C prod node {ENTRY} gateway",
        f"env --chdir=prod OPENCLAW_CONFIG_PATH=a=b node {ENTRY} gateway",
        f"env -S 'OPENCLAW_STATE_DIR=/a\\ b {GATEWAY}'".replace("\\ ", "_"),
        f"env -S '-u OPENCLAW_STATE_DIR node' prod/{ENTRY} gateway",
        f"env '-SOPENCLAW_STATE_DIR=${{HOME}}/x node' prod/{ENTRY} gateway",
        f"nohup nice -n 3 setsid -w timeout -k 1 5 {GATEWAY}",
        f"nice -5 timeout --signal=TERM 5s stdbuf -oL env OPENCLAW_HOME=/h {GATEWAY}",
        f"sh -c 'unset OPENCLAW_STATE_DIR; exec {GATEWAY}'",
        f"sh -c 'OPENCLAW_STATE_DIR=/own; {GATEWAY}'",
        f"sh -c 'FOO=/own; {GATEWAY}'",
        f"sh -c 'OPENCLAW_HOME=/own; {GATEWAY}'",
        f"sh -c 'OPENCLAW_HOME=/own; export OPENCLAW_HOME; {GATEWAY}'",
        f"sh -c 'export OPENCLAW_STATE_DIR=\"${{OPENCLAW_STATE_DIR:-$HOME/.openclaw}}\" && {GATEWAY} 2>&1 | cat'",
        f"sh -c 'export OPENCLAW_HOME=\"${{OPENCLAW_HOME:-$HOME/other}}\"; {GATEWAY}'",
        f"sh -c ': ${{OPENCLAW_HOME:=/set}}; export OPENCLAW_HOME; {GATEWAY}'",
        f"sh -c 'cd ~/prod && exec node {ENTRY} gateway'",
        f"sh -c 'cd prod; cd ..; cd \"$HOME/prod\"; node {ENTRY} gateway'",
        f"sh -c 'set -a; OPENCLAW_HOME=/all; set +a; OPENCLAW_PROFILE=no; {GATEWAY}'",
        f"sh -ec 'node \"$0\" \"$@\"' prod/{ENTRY} gateway --port '1 2'",
        f"sh -c 'node prod/{ENTRY} \"$1\"' name gateway",
        f"bash -c 'set -euo pipefail; {GATEWAY}'",
        f"bash -c 'if [ ! -d prod ]; then echo no; exit 1; fi; {GATEWAY}'",
        f"bash -c '[ -d prod ] || exit 1; {GATEWAY}'",
        f"bash -c '[[ -d prod && -d dev ]] || exit 1; {GATEWAY}'",
        f"sh -c 'case $HOME in /nowhere) exit 1;; *) ;; esac; {GATEWAY}'",
        f"sh -c 'for one in a b; do echo $one; done; {GATEWAY}'",
        f"sh -c 'say() {{ echo \"$1\"; }}; say hello; {GATEWAY}'",
        f"sh -c 'cat <<END\nexport OPENCLAW_STATE_DIR=/no\nEND\n{GATEWAY}'",
        f"sh -c 'echo \"export OPENCLAW_STATE_DIR=/no\" # comment; x\n{GATEWAY}'",
        f"sh -c 'here=$(pwd); node \"$here/prod/{ENTRY}\" gateway'",
        f"env OPENCLAW_STATE_DIR=~/x sh -c 'exec env -u OPENCLAW_STATE_DIR sh -c \"{GATEWAY}\"'",
    ],
)
def test_a_command_leads_where_it_really_goes(starter: Starter, line: str) -> None:
    words = [word.replace("$PATH", starter.variables["PATH"]) for word in shlex.split(line)]
    assert_same(starter, words)
    assert_same(starter, words, OPENCLAW_STATE_DIR="/given/by the manager")


def test_a_script_of_the_user(starter: Starter) -> None:
    script = starter.home / "start.sh"
    (starter.home / "set.env").write_text("OPENCLAW_HOME='/from the file'\n# OPENCLAW_STATE_DIR=/no\n")
    script.write_text(
        "#!/bin/bash\nset -euo pipefail\n"
        'cd "$(dirname "$0")/prod"\n'
        "set -a\n. ../set.env\nset +a\n"
        'export OPENCLAW_STATE_DIR="${HOME}/.openclaw-work"   # where it is\n'
        f'exec node {ENTRY} "$@"\n'
    )
    script.chmod(0o755)
    for words in (["/bin/bash", str(script), "gateway"], [str(script), "gateway", "--port", "2"]):
        found = assert_same(starter, words)
        assert found.variables["OPENCLAW_STATE_DIR"] == f"{starter.home}/.openclaw-work"


def test_a_program_that_is_a_script(starter: Starter) -> None:
    """A wrapper that has OpenClaw's own name is not OpenClaw."""
    wrapper = starter.programs / "openclaw"
    wrapper.write_text(f'#!/bin/sh\nexport OPENCLAW_STATE_DIR=/dev\nexec node {starter.home}/prod/{ENTRY} "$@"\n')
    wrapper.chmod(0o755)
    assert assert_same(starter, ["openclaw", "gateway"]).variables["OPENCLAW_STATE_DIR"] == "/dev"


def test_folders_with_the_names_of_programs(starter: Starter) -> None:
    repo = starter.home / "moltbot"
    (repo / "dist").mkdir(parents=True)
    (repo / ENTRY).touch()
    found = assert_same(starter, ["sh", "-c", f"cd ~/moltbot && exec node {ENTRY} gateway"])
    assert found.program == str(repo / ENTRY)
    assert followed(starter, ["direnv", "exec", str(repo), "node", f"{repo}/{ENTRY}", "gateway"]) is not None
    managed = followed(starter, ["pnpm", "-C", str(repo), "openclaw", "gateway"])
    assert managed is not None
    assert (managed.program, managed.folder) == (str(repo), str(repo))
    (repo / "package.json").write_text('{"scripts": {"gateway:dev": "A=1 node dist/entry.js --dev gateway"}}')
    scripted = followed(starter, ["pnpm", "-C", str(repo), "run", "gateway:dev", "--port", "1"])
    assert scripted is not None
    assert (scripted.program, scripted.arguments) == (str(repo / ENTRY), ("--dev", "gateway", "--port", "1"))


@pytest.mark.parametrize(
    "script",
    [
        "[ -n \"$1\" ] && export OPENCLAW_STATE_DIR=/x; {}",
        "if [ -f x ]; then export OPENCLAW_STATE_DIR=/x; fi; {}",
        "false || OPENCLAW_STATE_DIR=/x; export OPENCLAW_STATE_DIR; {}",
        "case $1 in a) unset HOME;; esac; {}",
        "export OPENCLAW_STATE_DIR=$(cat where); {}",
        "export OPENCLAW_STATE_DIR=`cat where`; {}",
        "export OPENCLAW_STATE_DIR=$UNKNOWN; {}",
        "eval \"$(cat x)\"; {}",
        ". ./not-there; {}",
        "set -- a b; {}",
        "for one in 1; do {}; done",
        "if true; then {}; fi",
        "start() {{ {}; }}; start",
        "cd \"$WHERE\"; {}",
        "sudo -u other {}",
        "read HOME < where; {}",
    ],
)  # fmt: skip
def test_what_is_decided_while_it_runs_is_a_doubt(starter: Starter, script: str) -> None:
    found = followed(starter, ["sh", "-c", script.format(GATEWAY)])
    assert found is not None
    assert found.doubt


@pytest.mark.parametrize("file", [".profile", ".bashrc"])
def test_what_a_login_shell_reads(starter: Starter, file: str) -> None:
    words = ["bash", "-lc", GATEWAY]
    (starter.home / file).write_text("export PATH=$PATH:/x\n")
    plain = followed(starter, words)
    assert plain is not None
    assert not plain.doubt
    (starter.home / file).write_text("export OPENCLAW_STATE_DIR=/elsewhere\n")
    found = followed(starter, words)
    assert found is not None
    assert file in found.doubt
    assert_same(starter, ["bash", "-c", GATEWAY])


def test_what_calls_itself_has_no_end(starter: Starter) -> None:
    script = starter.home / "again.sh"
    script.write_text(f"#!/bin/sh\n{script} gateway\n")
    script.chmod(0o755)
    with pytest.raises(CannotKnow, match="too many programs"):
        followed(starter, [str(script)])


PREFIXES = (
    "env -u OPENCLAW_STATE_DIR", "env OPENCLAW_STATE_DIR=/e", "env -i PATH=$PATH", "nohup", "nice -n 1", "timeout 9",
    "env OPENCLAW_HOME=$HOME", "setsid -w", "env -C prod", "env -S 'A=b env'",
)  # fmt: skip
STATEMENTS = (
    "OPENCLAW_STATE_DIR=/s", "export OPENCLAW_STATE_DIR=/t", "unset OPENCLAW_STATE_DIR", "cd ~/prod", "cd ..",
    "export OPENCLAW_HOME=\"$HOME/h\"", "A=1", "true", "false", "export A", "set -a", "set +a", "OPENCLAW_HOME=$A",
    "[ -n \"$A\" ]", "echo hello", "if true", "then A=2", "fi", "unset A", "export OPENCLAW_CONFIG_PATH=${A:-/c}",
)  # fmt: skip


def test_generated_commands_lead_where_they_really_go(starter: Starter) -> None:
    """Of each generated command that is followed without a doubt, all is as it is when it really runs."""
    chosen = random.Random(SEED)
    entry = starter.home / "prod" / ENTRY
    decided = 0
    for _ in range(ROUNDS):
        parts = chosen.choices(STATEMENTS, k=chosen.randint(0, 5))
        line = "".join(f"{part}{chosen.choice(['; ', ' && ', chr(10), ' || '])}" for part in parts)
        start = " ".join([*chosen.sample(PREFIXES, chosen.randint(0, 2)), f"node {entry} gateway"])
        start = start.replace("$PATH", starter.variables["PATH"])
        words = ["sh", "-c", f"{line}{chosen.choice(['', 'exec '])}{start}"]
        found = followed(starter, words, OPENCLAW_STATE_DIR="/given")
        started = starter.run(words, OPENCLAW_STATE_DIR="/given")
        if found is None:
            assert not started, words
        elif not found.doubt and started:
            compare(found, started[0], words)
            decided += 1
    assert decided > ROUNDS // 5


@pytest.mark.parametrize("line", ["openclaw gateway", "sh -c 'openclaw gateway'", "npx -y openclaw@latest gateway"])
def test_a_folder_with_the_name_of_a_program_does_not_hide_the_program(starter: Starter, line: str) -> None:
    (starter.home / "openclaw").mkdir()
    found = followed(starter, shlex.split(line))
    assert found is not None
    assert found.arguments == ("gateway",)


def test_a_script_in_another_language_may_start_one(starter: Starter) -> None:
    script = starter.home / "run.py"
    script.write_text("#!/usr/bin/env python3\nimport os; os.system('openclaw gateway')\n")
    for words in (["python3", str(script)], [str(script)]):
        with pytest.raises(CannotKnow, match="may start a gateway"):
            followed(starter, words)
    script.write_text("#!/usr/bin/env python3\nprint('openclaw gateway status')\n")
    assert followed(starter, [str(script)]) is None
