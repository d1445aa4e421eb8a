"""Scenes in which each policy about releases, documents and the rules themselves finds something."""

from __future__ import annotations

import shutil
import time

from dirty.dirty_repository import git
from remedied.remedy_cases import Cases
from remedied.remedy_world import RemedyWorld
from signers import Signers
from worlds.small_world import RELEASE

case = Cases()
PROMOTE = ("--env", "prod", "--op", "promote", "--candidate", RELEASE)


@case("current_build.evaluate#1", "current-build", "--env", "prod", "--op", "start", ends=True)
def a_build_of_another_commit(world: RemedyWorld) -> None:
    (world.prod / "dist/build-info.json").write_text('{"commit": "0"}')


@case("installed_dependencies.evaluate#1", "installed-dependencies", "--env", "prod", "--op", "start", ends=True)
def nothing_installed(world: RemedyWorld) -> None:
    shutil.rmtree(world.prod / "node_modules")


@case("installed_dependencies.evaluate#1", "installed-dependencies", "--env", "prod", "--op", "start")
def no_lock_file(world: RemedyWorld) -> None:
    (world.prod / "pnpm-lock.yaml").unlink()


@case("release_window._finding#1", "release-window", *PROMOTE)
def a_freeze(world: RemedyWorld) -> None:
    start, end = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + days * 86_400)) for days in (-1, 9))
    world.policy("release-window", f'freezes = [{{ start = "{start}", end = "{end}" }}]')


@case("release_window._finding#1", "release-window", *PROMOTE)
def no_window_at_all(world: RemedyWorld) -> None:
    world.policy("release-window", 'freezes = [{ start = "2020-01-01T00:00:00Z", end = "2090-01-01T00:00:00Z" }]')


def _no_sign_offs(world: RemedyWorld) -> None:
    for ref in git(world.dev, "for-each-ref", "--format=%(refname)", "refs/signoffs", "refs/attestations").split():
        git(world.dev, "update-ref", "-d", ref)


def _trust(world: RemedyWorld) -> None:
    """Only what is signed counts, and the reader holds the key of the first architect."""
    signers = Signers(world.folder / "signers")
    world.small.configure(f'[trust]\nallowed_signers = "{signers.allow("architect-1")}"\n')
    world.policy("required-signoffs", 'roles = { architect-1 = ["architect-1@example.org"] }')
    world.variables["GUARDRAILS_KEY"] = signers.key("architect-1").path


@case("required_signoffs._finding#1", "required-signoffs", *PROMOTE, names="architect-1", ends=True)
def no_approval(world: RemedyWorld) -> None:
    _no_sign_offs(world)


@case("required_signoffs._finding#1", "required-signoffs", *PROMOTE, names="architect-1", ends=True)
def no_approval_where_signatures_count(world: RemedyWorld) -> None:
    _trust(world)


@case("required_signoffs._finding#1", "required-signoffs", *PROMOTE, names="architect-1")
def nobody_who_may_approve(world: RemedyWorld) -> None:
    world.policy("required-signoffs", 'roles = { architect-1 = ["ada@example.org"] }')


@case("required_signoffs._finding#1", "required-signoffs", *PROMOTE, names="architect-2")
def one_person_alone_for_two_roles(world: RemedyWorld) -> None:
    _no_sign_offs(world)
    world.policy("required-signoffs", 'roles = { architect-1 = ["zoe@x.org"], architect-2 = ["zoe@x.org"] }')


@case("required_signoffs._absent#1", "required-signoffs", *PROMOTE, names="has no docs/SIGNOFFS.md")
def no_document_of_approvals(world: RemedyWorld) -> None:
    world.policy("required-signoffs", 'document = "docs/SIGNOFFS.md"')


@case("tested_commit.evaluate#1", "tested-commit", *PROMOTE, names="test", ends=True)
def what_was_not_tested(world: RemedyWorld) -> None:
    _no_sign_offs(world)


@case("tested_commit.evaluate#1", "tested-commit", *PROMOTE, names="test", ends=True)
def a_test_where_signatures_count(world: RemedyWorld) -> None:
    _trust(world)


@case("tested_commit.evaluate#1", "tested-commit", *PROMOTE, names="test", ends=True)
def what_was_not_tested_and_is_not_checked_out(world: RemedyWorld) -> None:
    _no_sign_offs(world)
    git(world.dev, "switch", "-q", "main")


# Documents of production are changed where its releases come from.


@case("required_doc_links._missing#1")
def no_document(world: RemedyWorld) -> None:
    (world.prod / "docs/DEPLOYMENT.md").unlink()


@case("required_doc_links._missing#1", "required-doc-links", "--env", "dev", names="upper and lower case", ends=True)
def a_document_in_another_case(world: RemedyWorld) -> None:
    git(world.dev, "mv", "docs/DEPLOYMENT.md", "docs/Deployment.md")


@case("required_doc_links.evaluate#1", "required-doc-links", "--env", "dev")
def a_link_that_misses_the_document(world: RemedyWorld) -> None:
    (world.dev / "docs/start/openclaw.md").write_text("# Start\n\nRead the [rules](/DEPLOYMENTS).\n")
    (world.dev / "docs/start/openclaw.md").write_text("# Start\n\nRead the [rules](/deployment).\n")


@case("required_doc_links.evaluate#2", "required-doc-links", "--env", "dev", ends=True)
def a_page_without_a_link(world: RemedyWorld) -> None:
    (world.dev / "docs/start/openclaw.md").write_text("# Start\n")


@case("required_doc_links.evaluate#2")
def a_page_of_production_without_a_link(world: RemedyWorld) -> None:
    (world.prod / "docs/start/openclaw.md").write_text("# Start\n")


@case("resolvable_doc_links._missing#1", "resolvable-doc-links", "--env", "dev", ends=True)
def a_page_in_another_case(world: RemedyWorld) -> None:
    git(world.dev, "mv", "docs/DEPLOYMENT.md", "docs/Deployment.md")


@case("resolvable_doc_links._missing#1")
def a_page_of_production_in_another_case(world: RemedyWorld) -> None:
    git(world.prod, "mv", "docs/DEPLOYMENT.md", "docs/Deployment.md")


@case("resolvable_doc_links._missing#2")
def no_page(world: RemedyWorld) -> None:
    (world.prod / "docs/DEPLOYMENT.md").unlink()


def _links(world: RemedyWorld, *links: str) -> None:
    page = world.prod / "docs/DEPLOYMENT.md"
    page.write_text(page.read_text() + "".join(f"\n[one]({link})\n" for link in links))


@case("resolvable_doc_links.evaluate#1")
def a_link_to_nowhere(world: RemedyWorld) -> None:
    _links(world, "/nowhere")


@case("resolvable_doc_links.evaluate#1")
def a_link_to_no_heading(world: RemedyWorld) -> None:
    _links(world, "/start/openclaw#nowhere")


@case("resolvable_doc_links.evaluate#1")
def a_link_in_another_case(world: RemedyWorld) -> None:
    _links(world, "/Start/openclaw")


@case("tightening.evaluate#1", "tightening-only", "--env", "prod", "--config-ref", "HEAD", ends=True)
def a_rule_that_is_loosened(world: RemedyWorld) -> None:
    _own_rules(world)
    world.policy("clean-worktree", 'enforcement = "advisory"')


@case("tightening.evaluate#1", "tightening-only", "--env", "prod", "--config-ref", "HEAD~1", ends=True)
def a_rule_that_a_commit_loosens(world: RemedyWorld) -> None:
    _own_rules(world)
    world.policy("clean-worktree", 'enforcement = "advisory"')
    git(world.small.folder, "commit", "-qam", "Loosen")


@case("tightening.evaluate#1", "tightening-only", "--env", "prod", "--config-ref", "HEAD", ends=True)
def a_waiver_that_is_added(world: RemedyWorld) -> None:
    _own_rules(world)
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86_400))
    said = f'policy = "quiet-cron"\nenvironment = "prod"\nowner = "ada"\nreason = "see #1"\nexpires = "{until}"'
    world.write("guardrails.waivers.toml", f"[[waiver]]\n{said}\n")


def _own_rules(world: RemedyWorld) -> None:
    """Make a repository of the folder that has the configuration."""
    folder = world.small.folder
    git(folder, "init", "-q", "-b", "main", "--template=")
    git(folder, "add", "guardrails.toml")
    git(folder, "commit", "-qm", "Rules")
