"""The programs that run another one, as data: which of their options take a value, and where the other one begins.

From the manual pages of sudo 1.9, coreutils 9, util-linux 2.38, findutils 4.9, procps 4, macOS 14 and bash 5.2.
"""

from __future__ import annotations

from guardrails.record import Record


class Wrapper(Record):
    """A program that runs the words after its options.

    `valued` are the letters of options that take a value, `long` the long options that take one as the next word.
    `operands` stand before the command. `folder`, `removed` and `split` are options whose value is the working folder,
    a variable to take away, and a text to split into words; `emptied` are those that take every variable away.
    `assigns`: words like `NAME=value` stand before the command. `text` are options whose value is a text for a shell;
    `joins`: the words together are one. `idle` are options with which nothing is run. One of `sub` must come first.
    `appends`: words are appended that cannot be told. `acts`: it does something itself as well. `elsewhere` are options
    with which the folder is another, such as that of a login.
    """

    valued: str = ""
    long: tuple[str, ...] = ()
    operands: int = 0
    folder: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    split: tuple[str, ...] = ()
    emptied: tuple[str, ...] = ()
    assigns: bool = False
    text: tuple[str, ...] = ()
    joins: bool = False
    idle: tuple[str, ...] = ()
    sub: tuple[str, ...] = ()
    appends: bool = False
    acts: bool = False
    elsewhere: tuple[str, ...] = ()


_SUDO_LONG = (
    "auth-type", "chdir", "chroot", "close-from", "command-timeout", "group", "host", "other-user", "preserve-env-list",
    "prompt", "role", "type", "user",
)  # fmt: skip
_RUNNER = Wrapper(valued="pc", long=("call", "from", "package", "prefix", "with"), text=("-c", "--call"), acts=True)
_OF_TMUX = (
    "new", "new-session", "neww", "new-window", "splitw", "split-window", "run", "run-shell", "send", "send-keys",
    "popup", "display-popup", "respawnp", "respawn-pane", "respawnw", "respawn-window",
)  # fmt: skip
_SU = Wrapper(
    valued="cgGsuw",
    long=("command", "group", "session-command", "shell", "supp-group", "user", "whitelist-environment"),
    text=("-c", "--command", "--session-command"),
    elsewhere=("-", "-l", "--login"),
)

WRAPPERS = {
    "arch": Wrapper(valued="de"),
    "builtin": Wrapper(),
    "bunx": _RUNNER,
    "busybox": Wrapper(idle=("--help", "--install", "--list", "--list-full")),
    "caffeinate": Wrapper(valued="tw"),
    "chronic": Wrapper(),
    "chroot": Wrapper(long=("groups", "userspec"), operands=1, elsewhere=("",)),
    "chrt": Wrapper(valued="DPT", long=("sched-deadline", "sched-period", "sched-runtime"), operands=1, idle=("-p",)),
    "command": Wrapper(idle=("-v", "-V")),
    "dbus-run-session": Wrapper(long=("config-file", "dbus-daemon")),
    "direnv": Wrapper(sub=("exec",), operands=1),
    "doas": Wrapper(valued="Cu", idle=("-L", "-s", "-C")),
    "env": Wrapper(
        valued="uCSP",
        long=("argv0", "chdir", "split-string", "unset"),
        folder=("-C", "--chdir"),
        removed=("-u", "--unset"),
        split=("-S", "--split-string"),
        emptied=("-", "-i", "--ignore-environment"),
        assigns=True,
    ),
    "exec": Wrapper(valued="a"),
    "faketime": Wrapper(valued="f", operands=1),
    "fakeroot": Wrapper(valued="bils", long=("faked", "fd-base", "lib")),
    "flock": Wrapper(
        valued="cEw", long=("command", "conflict-exit-code", "timeout", "wait"), operands=1, text=("-c", "--command")
    ),
    "ionice": Wrapper(valued="cnpPu", long=("class", "classdata", "pid", "pgid", "uid"), idle=("-p", "-P", "-u")),
    "ltrace": Wrapper(valued="aADeFlnopsuwx", long=("config", "library", "output"), idle=("-p",)),
    "nice": Wrapper(valued="n", long=("adjustment",)),
    "nix-shell": Wrapper(
        valued="IpA", long=("arg", "argstr", "attr", "command", "run"), text=("--command", "--run"), acts=True
    ),
    "nocorrect": Wrapper(),
    "noglob": Wrapper(),
    "nohup": Wrapper(),
    "nsenter": Wrapper(valued="tSG", long=("setgid", "setuid", "target"), elsewhere=("",)),
    "npx": _RUNNER,
    "numactl": Wrapper(valued="CNPimp", long=("cpunodebind", "interleave", "membind", "physcpubind", "preferred")),
    "pipenv": Wrapper(sub=("run",)),
    "pkexec": Wrapper(long=("user",), elsewhere=("",)),
    "pnpx": _RUNNER,
    "poetry": Wrapper(sub=("run",)),
    "prlimit": Wrapper(valued="op", long=("output", "pid"), idle=("-p", "--pid")),
    "proxychains4": Wrapper(valued="f"),
    "runuser": _SU.replaced(idle=()),
    "screen": Wrapper(valued="cehpsSTtX", idle=("-ls", "-r", "-x", "-X", "-v")),
    "script": Wrapper(
        valued="BEIOTcmot",
        long=("command", "echo", "log-in", "log-io", "log-out", "log-timing", "logging-format", "output-limit"),
        operands=1,
        text=("-c", "--command"),
        acts=True,
    ),
    "setarch": Wrapper(operands=1),
    "setpriv": Wrapper(
        long=(
            "ambient-caps",
            "apparmor-profile",
            "bounding-set",
            "egid",
            "euid",
            "groups",
            "inh-caps",
            "pdeathsig",
            "regid",
            "reuid",
            "rgid",
            "ruid",
            "securebits",
            "selinux-label",
        ),
    ),
    "setsid": Wrapper(),
    "stdbuf": Wrapper(valued="eio", long=("error", "input", "output")),
    "strace": Wrapper(
        valued="abEeIOoPpSsuUX", long=("attach", "env", "output", "trace", "user"), idle=("-p", "--attach"), acts=True
    ),
    "su": _SU,
    "sudo": Wrapper(
        valued="CDghpRrtTUu",
        long=_SUDO_LONG,
        folder=("-D", "--chdir"),
        assigns=True,
        idle=("-e", "-K", "-k", "-l", "-V", "-v", "--edit", "--list", "--validate", "--version"),
        elsewhere=("-i", "--login", "-R", "--chroot"),
    ),
    "systemd-inhibit": Wrapper(long=("mode", "what", "who", "why"), idle=("--list",)),
    "systemd-run": Wrapper(
        valued="CEHMpu",
        long=(
            "description",
            "gid",
            "nice",
            "property",
            "service-type",
            "setenv",
            "slice",
            "uid",
            "unit",
            "working-directory",
        ),
        folder=("--working-directory",),
        elsewhere=("",),
    ),
    "taskset": Wrapper(operands=1, idle=("-p", "--pid")),
    "time": Wrapper(valued="fo", long=("format", "output")),
    "timeout": Wrapper(valued="ks", long=("kill-after", "signal"), operands=1),
    "tmux": Wrapper(valued="cefFnstxy", folder=("-c",), sub=_OF_TMUX, joins=True),
    "torsocks": Wrapper(valued="auP", long=("address", "pass", "port", "user")),
    "unbuffer": Wrapper(),
    "unshare": Wrapper(
        valued="GRSw",
        long=(
            "map-group",
            "map-user",
            "map-users",
            "map-groups",
            "propagation",
            "root",
            "setgid",
            "setgroups",
            "setuid",
            "wd",
        ),
        folder=("-w", "--wd"),
        elsewhere=("-R", "--root"),
    ),
    "uv": Wrapper(
        valued="p",
        long=(
            "directory",
            "env-file",
            "extra",
            "group",
            "index",
            "package",
            "project",
            "python",
            "with",
            "with-editable",
        ),
        folder=("--directory",),
        sub=("run",),
    ),
    "uvx": _RUNNER,
    "watch": Wrapper(valued="nq", long=("equexit", "interval"), joins=True),
    "xargs": Wrapper(
        valued="adEILnPsJRS",
        long=("arg-file", "delimiter", "max-args", "max-chars", "max-procs", "process-slot-var", "replace"),
        appends=True,
    ),
    "xvfb-run": Wrapper(valued="efnpsw", long=("auth-file", "error-file", "server-args", "server-num", "wait")),
}
for _prefixed in ("env", "nice", "nohup", "stdbuf", "time", "timeout", "xargs"):
    WRAPPERS["g" + _prefixed] = WRAPPERS[_prefixed]  # coreutils and findutils by Homebrew
WRAPPERS["linux32"] = WRAPPERS["linux64"] = Wrapper()

SHELLS = frozenset(("ash", "bash", "dash", "fish", "ksh", "ksh93", "mksh", "rbash", "sh", "yash", "zsh"))
SHELL_OPTIONS_WITH_VALUE = frozenset(("--init-file", "--rcfile", "-O", "+O", "-o", "+o"))
SSH_OPTIONS_WITH_VALUE = "BbcDEeFIiJLlmOoPpQRSWw"
THIS_HOST = frozenset(("localhost", "127.0.0.1", "::1", "ip6-localhost", "0.0.0.0"))  # noqa: S104 — nothing is bound

INTERPRETERS = {  # the letters of options whose value is code, and of others that take a value
    "bun": ("ep", ""),
    "expect": ("c", ""),
    "deno": ("", ""),
    "julia": ("eE", ""),
    "lua": ("e", "l"),
    "node": ("ep", "rC"),
    "nodejs": ("ep", "rC"),
    "osascript": ("e", "l"),
    "perl": ("eE", "CDFIMm0"),
    "php": ("rBRE", "cdfz"),
    "pypy": ("c", "mWX"),
    "python": ("c", "mWX"),
    "Rscript": ("e", ""),
    "ruby": ("e", "CEIrx"),
}
LONG_CODE = frozenset(("--eval", "--print"))
AWKS = frozenset(("awk", "gawk", "mawk", "nawk", "original-awk"))
SEDS = frozenset(("gsed", "sed"))
