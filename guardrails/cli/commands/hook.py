"""`guardrails hook`: stand where git would move something or an agent act, and refuse what the policies deny."""

from __future__ import annotations

import os
import sys
import time

from guardrails import config
from guardrails.cli import request_options, terminal
from guardrails.config import places as configurations
from guardrails.config.settings import environment_named, guardrails_for, is_moved, select_policies
from guardrails.errors import UsageError
from guardrails.exit_codes import ALLOW, DENY
from guardrails.guards import HOSTS, KINDS
from guardrails.wording.shown_text import listed, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from guardrails.config.settings import Settings
    from guardrails.guards import Guard
    from guardrails.hooks.memory import Installed
    from guardrails.model import Environment

_EXAMPLES = """examples:
  guardrails hook install pre-push --env dev                  before a push leaves this machine
  guardrails hook install pre-receive --env server            in the bare repository on the server; nothing skips it
  guardrails hook install reference-transaction --env prod    no commit, reset or merge but by guardrails run
  guardrails hook status pre-push --env dev                   0 only if git really runs it, for a canary
  guardrails hook uninstall pre-push --env dev                puts back what was there before
  guardrails hook install claude-code                         before each tool call of an agent, in every project
  guardrails hook status claude-code                          0 only if it refuses a canary, and logs that
"""
_ACTION = {
    "install": "have git, or the host of an agent, run guardrails there; what is there already is kept and run too",
    "uninstall": "take it out, and put back what was there before",
    "status": "say whether it is really run, and what it cannot see; exit code 0 only if it is",
    "run": "judge, as an installed hook does; it reads the lines that git gives",
}
_KIND = {
    "pre-push": "where a push starts",
    "pre-receive": "where it arrives",
    "reference-transaction": "any change of a ref",
    **dict.fromkeys(HOSTS, "a tool call of an agent"),
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `hook`. None of them can narrow what a hook judges."""
    parser.epilog = _EXAMPLES
    add, variable = parser.add_argument, os.environ.get
    add("action", choices=list(_ACTIONS), help="; ".join(f"{action}: {what}" for action, what in _ACTION.items()))
    add(
        "kind",
        choices=(*KINDS, *HOSTS),
        metavar="KIND",
        help="; ".join(f"{kind}: {what}" for kind, what in _KIND.items()),
    )
    add("arguments", nargs="*", metavar="ARGUMENT", help="what git gives to the hook, for run alone")
    environment = variable("GUARDRAILS_ENV")
    add(
        "--env", metavar="NAME", default=environment, help="the environment (default: the one whose repository this is)"
    )
    request_options.configure_configuration(parser)
    scope = "of a host: your own settings of it, or those of the environment's repository (default: user)"
    add("--scope", choices=("user", "project"), default="user", help=scope)
    add("--remote", metavar="NAME", default="", help="for run pre-push: what git calls the remote")
    add("--url", metavar="URL", default="", help="for run pre-push: where it is, as seen from here")
    add(
        "--named", action="store_true", help="for run with a host: the tool call names a guarded place, as the stub saw"
    )
    add("--from-pre-commit", action="store_true", help="for run pre-push: what pre-commit says, instead of git's lines")
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Do as asked, and give 0 for allowed, installed or in order, 1 for refused or not in order."""
    if given.arguments and given.action != "run":
        raise UsageError(f"{given.action} takes one kind of hook, and no {given.arguments[0]}")
    if given.kind in HOSTS:
        return _of_host(given)
    return _ACTIONS[given.action](given)


def _of_host(given: argparse.Namespace) -> int:
    if given.action == "run":
        from guardrails.cli import host_calls

        return host_calls.run(given)
    from guardrails.cli import host_installation

    return host_installation.run(given)


def _install(given: argparse.Namespace) -> int:
    from guardrails.hooks import configured_guards, memory
    from guardrails.hooks.install import install, require_room

    settings, environment, guard = _find_hook(given)
    require_room(environment.repo, given.kind, apart=is_moved(settings, environment.name))
    memory.remember(settings, environment, _installed(given, environment), there=True)
    for line in install(environment.repo, guard):
        print(visible(line))
    configuration = configurations.find_configuration(given.config)
    for line in configured_guards.missing_lines(given.kind, [environment.name], settings, configuration):
        print(visible(line))
    return _status(given)


def _uninstall(given: argparse.Namespace) -> int:
    from guardrails.hooks import configured_guards, memory
    from guardrails.hooks.install import uninstall

    settings = config.load(given.config)
    environment = _environment(settings, given.env)
    for line in uninstall(environment.repo, given.kind):
        print(visible(line))
    memory.remember(settings, environment, _installed(given, environment), there=False)
    configuration = configurations.find_configuration(given.config)
    for line in configured_guards.lines_left_over(given.kind, [environment.name], settings, configuration):
        print(visible(line))
    return ALLOW


def _status(given: argparse.Namespace) -> int:
    from guardrails.hooks import memory
    from guardrails.hooks.status import GAPS, look_at_hooks

    settings, environment, guard = _find_hook(given)
    known = memory.required_guards(settings, environment, configurations.find_configuration(given.config))
    guard = next((one for one in known.wanted if one.kind == given.kind), guard)
    hooks = look_at_hooks(environment.repo, guard, apart=known.apart)
    wrong = [(hook.problem, hook.remedy) for hook in hooks if hook.problem]
    if not wrong:
        from guardrails.canaries.sending import send_through

        sent = send_through(guard, environment, settings, apart=known.apart)
        wrong = [(f"a canary: {one.text}", one.do) for one in sent if not one.is_heeded]
    for problem, _ in wrong:
        print(visible(f"{given.kind} does not guard {environment.name}: {problem}"))
    for remedy in dict.fromkeys(remedy for _, remedy in wrong if remedy):
        print(visible(f"do: {remedy}"))
    if not wrong:
        print(visible(f"{given.kind} guards {environment.name}: git runs it in {environment.repo}"))
        if any(hook.kept_by_pre_commit for hook in hooks):
            print("pre-commit runs it, before its own hooks")
    print(f"gap: {GAPS[given.kind]}")
    return DENY if wrong else ALLOW


def _find_hook(given: argparse.Namespace) -> tuple[Settings, Environment, Guard]:
    """The environment, and the hook that it should have. Raises UsageError when a hook could only ever refuse."""
    from guardrails.hooks import memory

    settings = config.load(given.config)
    environment = _environment(settings, given.env)
    if not os.path.isdir(environment.repo):
        raise UsageError(f"{environment.repo}, the repository of {environment.name}, is not there")
    if given.kind != "reference-transaction" and not select_policies(settings, environment.name, "push"):
        raise UsageError(f"no policy applies to a push in {environment.name}, so such a hook would refuse every one")
    return (
        settings,
        environment,
        memory.guard(given.kind, settings, environment, configurations.find_configuration(given.config)),
    )


def _installed(given: argparse.Namespace, environment: Environment) -> Installed:
    from guardrails.hooks.memory import Installed
    from guardrails.hooks.stubs import this_python

    configuration = configurations.find_configuration(given.config) or ""
    return Installed(given.kind, environment.name, environment.repo, configuration, this_python())


def _environment(settings: Settings, name: str | None) -> Environment:
    from guardrails.hooks import places

    return environment_named(settings, name) if name else places.environment_of(settings, os.getcwd())


def _run(given: argparse.Namespace) -> int:
    """Judge what git's lines say, as the hook of one repository. It refuses what it cannot decide."""
    from guardrails.hooks import places

    folder = os.getcwd()
    if given.config == "":  # as a stub says it: the built-in profile, whatever the caller's folder and variables name
        os.environ.pop("GUARDRAILS_CONFIG", None)
        os.chdir("/")
        given.config = None
    settings = config.load(given.config)
    environment = _environment(settings, given.env)
    if not places.runs_in(folder, environment.repo):
        raise UsageError(f"this hook guards {environment.repo}, and git runs it elsewhere; install it there anew")
    if given.kind == "reference-transaction":
        return _judge_transaction(given, settings, environment)
    return _judge_push(given, settings, environment.name, folder)


def _judge_push(given: argparse.Namespace, settings: Settings, environment: str, folder: str) -> int:
    """Ask what `guardrails check --op push` asks. A push that moves nothing is allowed. git has run us in `folder`."""
    from guardrails.cli import outputs, quick_options
    from guardrails.facts.operation.ref_updates import INPUT_LIMIT, parse
    from guardrails.judgement import answer
    from guardrails.request import Question

    if given.from_pre_commit:
        from guardrails.hooks.pre_commit import pushed_line

        updates = pushed_line(os.environ)
        given.remote, given.url = (os.environ.get(f"PRE_COMMIT_REMOTE_{what}", "") for what in ("NAME", "URL"))
    else:
        updates = terminal.read_standard_input(INPUT_LIMIT + 1)
    if not updates:
        return ALLOW
    options: Any = quick_options.read_given(["check", "--op", "push", f"--env={environment}"])
    options.config = given.config  # what the hook was installed with, whatever variable the pusher has set
    remote = _remote(given.remote, given.url, folder)
    asked = request_options.request(options, "push", updates=parse(updates), remote=remote, jobs=options.jobs)
    question = Question(asked, time.time(), settings=settings)
    report = answer(question, watch=terminal.Progress, tell=outputs.tell)
    if report.exit_code:
        from guardrails.reporters.text_report import TextReport

        style = TextReport(colour=terminal.wants_colour(sys.stderr), width=terminal.width(sys.stderr))
        sys.stderr.write(style.render(report))
        print(f"guardrails: {given.kind} refused the push; nothing was moved", file=sys.stderr)
    elif given.kind == "pre-receive" and question.logged:
        from guardrails.operations import audit

        audit.anchor(question.world, question.logged)  # a server acts on its own, and a refused push leaves it alone
    return report.exit_code


def _remote(name: str, url: str, folder: str) -> tuple[str, str] | None:
    """Where a push goes. An address without a colon before any slash is a path from the folder (git-push(1))."""
    if not url:
        return None
    return name, url if ":" in url.partition("/")[0] else os.path.join(folder, url)


def _judge_transaction(given: argparse.Namespace, settings: Settings, environment: Environment) -> int:
    from guardrails.hooks.transactions import find_refused
    from guardrails.operations.guarded_run.permits import VARIABLE

    if given.arguments and given.arguments[0] != "prepared":
        return ALLOW  # only what is prepared can still be refused
    moves = find_refused(terminal.read_standard_input(), environment, os.environ.get(VARIABLE, ""))
    for move in moves:
        says = f"{move.ref} may not move from {move.old[:12]} to {move.new[:12]} outside of a guarded operation"
        print(f"guardrails: no-direct-edits: {visible(says)}", file=sys.stderr)
    if not moves:
        return ALLOW
    _log_refusal(settings, environment, [f"{move.ref} {move.old} {move.new}" for move in moves])
    here = guardrails_for(settings, environment.name)
    clean, save = here.run("clean"), here.line("rescue", "save", "--env", environment.name)
    movers = [name for name, one in settings.operations.items() if one.environment in (None, environment.name)]
    print(
        "guardrails: no ref was moved. Files may have been: git reset --hard, merge, pull and cherry-pick have\n"
        "guardrails: already overwritten them when they are refused, and a rebase stops in the middle\n"
        f"guardrails: save what is there{' and make it clean again' if clean else ''}:  {clean or save}\n"
        f"guardrails: what may move it is guardrails run with an operation: {listed(movers) or 'none is configured'}",
        file=sys.stderr,
    )
    return DENY


def _log_refusal(settings: Settings, environment: Environment, moves: list[str]) -> None:
    """Log what was refused. It stays refused when the log cannot be written."""
    from guardrails.errors import GuardrailsError
    from guardrails.operations import audit

    try:
        audit.log(settings, environment, "refusal", {"policy": "no-direct-edits", "moves": moves[:20]})
    except GuardrailsError as error:
        print(f"guardrails: {visible(str(error))}", file=sys.stderr)


_ACTIONS = {"install": _install, "uninstall": _uninstall, "status": _status, "run": _run}
