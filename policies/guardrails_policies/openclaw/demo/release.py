"""The release plan, from the branch to the rollback: each step is refused for a reason, and done without it."""

from __future__ import annotations

import os

from guardrails.plugins.demo_scenes import Act, Scene
from guardrails_policies.openclaw.demo.tools import commit, configure, git, run, write
from guardrails_policies.openclaw.demo.words import CHECK, PROMOTE, run_words
from guardrails_policies.openclaw.demo.world import RELEASE
from guardrails_policies.release.drills.required_signoffs import move_the_candidate
from guardrails_policies.repository.drills.matches_upstream import publish
from guardrails_policies.repository.drills.release_branch import forget_a_file
from guardrails_policies.stages import dev
from guardrails_policies.state.drills.state_dir_variable import SHELL_OF_DEV

KEYS = ("builder", "architect-1", "architect-2")

_RELEASE = ("guardrails", "check", "--env", "dev", "--op", "release")
_START = (*CHECK, "--op", "start")
_VERIFY = (*CHECK, "--op", "verify")


def attest_words(name: str) -> tuple[str, ...]:
    """The words that run `pnpm NAME` in dev and record how it ended, signed by the builder."""
    return ("guardrails", "attest", name, "--env", "dev", "--key", "keys/builder", "--", "pnpm", name)


def sign_off_words(role: str) -> tuple[str, ...]:
    """The words by which a role approves the release, signed with a key of its own."""
    about = ("--role", role, "--env", "prod", "--commit", RELEASE, "--decision", "approved")
    return ("guardrails", "signoff", *about, "--signer", f"{role}@example.org", "--key", f"keys/{role}")


def give_keys(folder: str) -> None:
    """A new key for the builder and each architect, and the configuration that believes nobody else."""
    os.mkdir(os.path.join(folder, "keys"))
    lines = []
    for name in KEYS:
        run(folder, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", f"keys/{name}")
        with open(os.path.join(folder, f"keys/{name}.pub"), encoding="ascii") as file:
            kind, key, _ = file.read().split()
        purpose = "guardrails-attest" if name == "builder" else "guardrails-signoff"
        lines.append(f'{name}@example.org namespaces="{purpose}" {kind} {key}\n')
    write(os.path.join(folder, "allowed_signers"), "".join(lines))
    roles = ", ".join(f'{name} = ["{name}@example.org"]' for name in KEYS[1:])
    configure(
        folder,
        f'[trust]\nallowed_signers = "allowed_signers"\n\n[policies.required-signoffs]\nroles = {{ {roles} }}\n',
    )


def _add_it(folder: str) -> None:
    commit(dev(folder), "release: the index, which commit -am left out")


def _publish_a_dependency(folder: str) -> None:
    publish(folder, "pnpm-lock.yaml", "lockfileVersion: '9.0'\n\npackages:\n  zod@4.1.0: {}\n")


def _merge_upstream(folder: str) -> None:
    git(dev(folder), "fetch", "--quiet", "upstream")
    git(dev(folder), "merge", "--quiet", "--no-edit", "upstream/main")


def _take_it_back(folder: str) -> None:
    git(dev(folder), "reset", "--quiet", "--hard", "HEAD^")


RELEASE_PLAN = Act(
    "The release plan: release, update, test, approve, promote, start, verify, and back",
    (
        Scene(_RELEASE, ("clean-worktree", "release-branch"), forget_a_file, "git commit -am left a new file behind"),
        Scene(_RELEASE, (), _add_it, "the file is committed"),
        Scene((*_RELEASE, "--after"), ("tested-commit",), says="and nobody has tested what is committed now"),
        Scene(run_words("update"), (), _publish_a_dependency, "upstream has moved on, so prod is updated first"),
        Scene(
            run_words("promote"),
            ("fast-forward-only", "required-signoffs", "tested-commit"),
            give_keys,
            "the release lacks that commit; and from now on only the keys of [trust] count",
        ),
        Scene(
            run_words("promote"),
            ("required-signoffs", "tested-commit"),
            _merge_upstream,
            "upstream is merged into the release, which nobody has tested and approved as it is now",
        ),
        Scene(attest_words("build"), says="it is built, which is recorded of its tree"),
        Scene(run_words("promote"), ("required-signoffs", "tested-commit"), says="that is no test"),
        Scene(attest_words("test"), says="it is tested"),
        Scene(PROMOTE, ("required-signoffs",), says="nobody has approved it"),
        Scene(sign_off_words("architect-1"), says="one architect approves this commit"),
        Scene(run_words("promote"), ("architect-2", "required-signoffs"), says="and the other one?"),
        Scene(sign_off_words("architect-2"), says="both approve"),
        Scene(PROMOTE, says="on this evidence it may be promoted"),
        Scene(
            run_words("promote"),
            ("required-signoffs", "tested-commit"),
            move_the_candidate,
            "one more commit, which is not what was tested and approved",
        ),
        Scene(run_words("promote"), (), _take_it_back, "without it: check, merge, install, build, check, record"),
        Scene(_START, ("state-dir-variable",), says="a start from the shell of dev", variables=SHELL_OF_DEV),
        Scene(_VERIFY, ("facts-memory-health", "facts-memory-row", "ui-answers"), says="no gateway runs yet"),
        Scene(run_words("start", "openclaw", "gateway", "restart"), says="the gateway is started, on prod's state"),
        Scene(_VERIFY, says="and the release is verified"),
        Scene(run_words("rollback"), says="back to what ran before: reset, install, build, check, record"),
        Scene(run_words("start", "openclaw", "gateway", "restart"), says="the gateway of before is started"),
        Scene(_VERIFY, says="and verified"),
    ),
)
