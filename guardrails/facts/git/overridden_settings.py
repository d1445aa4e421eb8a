"""The settings of each git that reads a repository, in place of those of the repository, its owner and the caller.

No program of the configuration, the attributes or the hooks of a repository may run, and no `GIT_*` variable of the
caller may lead git elsewhere. The environment is made from nothing (git-config(1), ENVIRONMENT). `-c` switches off
every setting that names a program (`PROFILE`). Filters and configured hooks have no common switch: each is switched off
by its name (`disarming_variables`).
"""

from __future__ import annotations

import os

ENVIRONMENT = {
    "LC_ALL": "C",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_PAGER": "cat",
    "GIT_EDITOR": "false",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "SSH_ASKPASS": "true",
    "GIT_SSH_COMMAND": "false",
    "GIT_ALLOW_PROTOCOL": "file",
}

_HOOKS = (
    "post-index-change",
    "reference-transaction",
    "post-checkout",
    "post-merge",
    "pre-auto-gc",
    "pre-commit",
    "pre-merge-commit",
    "pre-push",
)

PROFILE = (
    "advice.graftFileDeprecated=false",
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    f"core.excludesFile={os.devnull}",
    f"core.attributesFile={os.devnull}",
    f"core.hooksPath={os.devnull}",
    "core.autocrlf=false",
    "core.eol=lf",
    "core.fileMode=true",
    "core.symlinks=true",
    "core.checkStat=default",
    "core.trustctime=true",
    "core.ignoreStat=false",
    "core.ignoreCase=false",
    "core.precomposeUnicode=false",
    "core.quotePath=false",
    "core.commitGraph=false",  # a forged commit-graph fakes ancestry as well as a graft does
    "core.pager=cat",
    "core.gitProxy=",
    "core.askPass=true",
    "core.sshCommand=false",
    "core.alternateRefsCommand=true",
    "core.warnAmbiguousRefs=false",  # an exact name is that ref; `refs.revision` looks for others
    "credential.helper=",
    "diff.external=",
    "diff.ignoreSubmodules=none",
    "fetch.recurseSubmodules=false",
    "gc.auto=0",
    "gpg.program=false",
    "log.showSignature=false",
    "maintenance.auto=false",
    "protocol.allow=never",
    "protocol.ext.allow=never",
    "safe.bareRepository=explicit",
    "status.showUntrackedFiles=all",
    "status.renames=false",
    "submodule.recurse=false",
    *(f"hook.{event}.enabled=false" for event in _HOOKS),
)

SWITCHES = ("--no-pager", *(word for setting in PROFILE for word in ("-c", setting)))


def disarming_variables(settings: frozenset[str]) -> dict[str, str]:
    """The variables that empty each filter and disable each configured hook that the configuration names.

    GIT_CONFIG_KEY_n takes any name; `-c` would cut one with an equals sign in it, and leave it armed.
    """
    off: dict[str, str] = {}
    for setting in sorted(settings):
        section, _, rest = setting.partition(".")
        name = rest.rpartition(".")[0]
        if section == "filter" and name:
            off |= {f"filter.{name}.{key}": "" for key in ("clean", "smudge", "process")}
            off[f"filter.{name}.required"] = "false"
        elif section == "hook" and name:
            off[f"hook.{name}.enabled"] = "false"
    variables = {"GIT_CONFIG_COUNT": str(len(off))}
    for number, (key, value) in enumerate(off.items()):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return variables
