"""Programs that need no row: with all arguments they only read, or they act nowhere near a folder.

From their manual pages on Debian 12 and macOS 14. A program that writes with some option has a row, and is not here.
"""

from __future__ import annotations

from guardrails.facts.tool_call.shell.wrapper_rows import SHELLS, WRAPPERS

_FILES = """
ack ag basename bat batcat bzcat bzgrep cal cat cksum cloc cmp col colordiff column colrm comm crc32 cut delta df diff
diff3 diffstat difft dirname du dust duf egrep exa expand eza fgrep file findmnt fmt fold fzf getfacl grep ggrep hd
head hexdump jless join jq gjq lazygit less locate look ls gls lsattr lsblk lsd lz4cat md5 md5sum b2sum mdfind mdls more
mountpoint ncdu nl nm objdump od otool paste pathchk pr ptx readelf readlink greadlink realpath grealpath rev rg rga
ripgrep scc sha1sum sha224sum sha256sum gsha256sum sha384sum sha512sum shasum shellcheck size stat gstat strings sum tac
tail gtail tig tokei tr tsort unexpand wc xzcat xzgrep zcat zdiff zgrep zless zstdcat
"""
_MACHINE = """
arch btop date gdate dmesg free getent glances groups hostname hostnamectl htop id ifconfig ip iostat iotop journalctl
last lastlog locale localectl loginctl logname lscpu lsmem lsof lspci lsusb ncal netstat nproc pgrep pidof pmap printenv
procs ps pstree pwdx ss sw_vers sysctl system_profiler systemd-analyze timedatectl top uname uptime users vm_stat vmmap
vmstat w who whoami
"""
_NETWORK = """
dig drill host kubectx kubens mosh mtr nc ncat netcat nslookup ping ping6 ssh ssh-add ssh-agent ssh-copy-id telnet
traceroute whois
"""
_TALK = """
afplay bc beep clear cowsay dc expr factor info logger man apropos whatis mail mesg notify-send numfmt open pbcopy
pbpaste reset say seq gseq sleep gsleep stty tabs terminal-notifier tldr tput tset tty wall wl-copy wl-paste xclip xsel
xdg-open yes
"""
_SHELL = """
. : [ [[ alias autoload bg bind bindkey break builtin caller cd chdir command compgen complete compopt continue declare
dirs disown echo emulate enable eval exec exit export false fc fg float getopts hash help history integer jobs let local
logout mapfile popd print printf pushd pwd read readarray readonly rehash return set setopt shift shopt source suspend
test gtest times trap true type typeset ulimit umask unalias unset unsetopt wait whence where which zmodload zstyle
"""
_ACT_THEMSELVES = frozenset((
    "direnv", "ltrace", "pipenv", "poetry", "script", "strace", "tmux", "uv",
))  # fmt: skip

READERS = frozenset(name for names in (_FILES, _MACHINE, _NETWORK, _TALK, _SHELL) for name in names.split()) | (
    (SHELLS | WRAPPERS.keys()) - _ACT_THEMSELVES
)
"""Shells and wrappers are among them: what these run is a command of its own, or is said not to be told."""
