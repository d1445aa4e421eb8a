"""Shell texts made at random, harmless by construction: they call recorders, and change folders and variables."""

from __future__ import annotations

import shlex
from random import Random

RECORDERS = ("git", "rm", "show", "deploy", "no")  # `no` fails, the others succeed
PROGRAMS = ("bash", "sh", "env", "timeout", "nice", "nohup", "setsid", "stdbuf", "xargs", "find", "cat", "sleep")
FOLDERS = ("a", "b", "a/c", "..", ".", "gone", '"$PWD/a"', "$D", "/", "-", "", "~", "a/../b", "$HOME/b", "{a,b}", "a*")
NAMES = ("X", "Y", "D", "GIT_DIR")


class Texts:
    """A source of texts, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._functions: list[str] = []
        self._deep = self._loops = 0

    def text(self) -> str:
        """A text of some statements."""
        self._functions, self._loops = [], 0
        return self._pick(("", "", "", "set -e\n", "shopt -s expand_aliases\n", "set -a; ")) + self._statements(4)

    def _pick(self, choices: tuple[str, ...] | list[str]) -> str:
        return self._random.choice(choices)

    def _statements(self, most: int) -> str:
        count = self._random.randint(1, most)
        return "".join(self._statement() + self._pick(("; ", "\n", "\n")) for _ in range(count)).rstrip("; \n") + "\n"

    def _block(self) -> str:
        return self._statements(2).rstrip("\n")

    def _statement(self) -> str:
        self._deep += 1
        try:
            if self._deep > 4:
                return self._simple()
            nested = (
                self._joined, self._joined, self._group, self._if, self._for, self._while, self._case, self._function,
                self._call, self._within, self._piped, self._arguments, self._alias, self._leaving, self._background,
                self._trap, self._stack, self._read, self._options, self._select, self._file, self._chain, self._opened,
            )  # fmt: skip
            return self._simple() if self._random.random() < 0.35 else self._random.choice(nested)()
        finally:
            self._deep -= 1

    def _simple(self) -> str:
        return self._random.choice((
            self._command, self._command, self._command, self._change, self._assignment, self._declaration,
        ))()  # fmt: skip

    def _word(self) -> str:
        return self._pick((
            "w", "a/b", "'s q'", '"d q"', "e\\ f", "$'t\\tz'", "$X", '"$X"', "${Y}", '"$Y/z"', "$D", "{p,q}",
            "x{1..2}y",
            "${X:-dd}", '"${Y-d e}"', "${Z:=zz}", "${X:+alt}", "$(echo v w)", '"$(echo v w)"', "`echo u`", '"$@"', "$1",
            "$*", '"$*"', "~", "~/n", "$PWD", "${L[1]}", '"${L[@]}"', "$((1 + 2))", "*.txt", "'*'", "q*", "--hard",
            "''",
            "${#X}", "${X%b}", "x=~", "a'b'\"c\"d", "$(pwd)", "$OLDPWD", "$IFS", '"\\$X"', "#", "a#b", "$X$Y",
            "pre$X'post'",
            "${X/m/n}", '"${X//a}"', "${X^^}", "${X:1:1}", "${Y#?}", "${!X}", "${M[k]}", '"${L[*]}"', "${#L[@]}",
            "${L[@]:1}", "${L}", "${X:-$(pwd)/a}", '"${D:+$D/}x"', "${X-}", "$'a\\'b'", "$'\\u00e9'", '$"t"',
            "${Y:=$X}",
            "@(one|two).txt", "[ot]*.txt", "~+", "~-", "a/*", "${X:-a b}", "$(cat <<< hs)", "$(printf %s pf)", "=",
            "$((X++))", "<(git proc)", "$_", "$?", "$0", "$@", "${@:1}", "${1:-one}", "${1+\"$@\"}", "$#", "v=$X",
            "$(git sub)", '"`show back`"', "${N:-$(show deep)}", "[x]", "{", "}", "!", "{a,$X}", "\\\nw", "$'\\x41'",
        ))  # fmt: skip

    def _program(self) -> str:
        name = self._pick(RECORDERS)
        return self._pick((name, name, name, f"\\{name}", f"'{name}'", f'{name[0]}"{name[1:]}"', f"$'{name}'"))

    def _words(self) -> str:
        return "".join(" " + self._word() for _ in range(self._random.randint(0, 3)))

    def _command(self) -> str:
        before = self._pick(("", "", "", "", "X=1 ", "GIT_DIR=$X ", "Y='a b' X=$Y "))
        wrapper = self._pick((
            "", "", "", "", "", "env ", "env Y=2 GIT_DIR=/g ", "env -u X ", "env -C a ", "timeout 5 ", "nice -n 1 ",
            "nohup ", "command ", "stdbuf -oL ", "timeout -k 1 5 nice env X=3 ", "xargs < /dev/null ",
            "echo f g | xargs ",
            "time ", "! ", "env -i PATH=\"$PATH\" ", "find a -maxdepth 0 -exec ", "exec -a other ",
        ))  # fmt: skip
        after = self._pick(("", "", "", "", " > out", " 2>&1", " <<< here", " >/dev/null 2>&1"))
        if wrapper.startswith("exec"):
            return f"({wrapper}{self._program()}{self._words()})"
        if wrapper.startswith("find"):
            return f"{before}{wrapper}{self._program()}{self._words()} {{}} \\;"
        if wrapper.startswith("xargs <"):
            return f"{before}xargs {self._program()}{self._words()} < /dev/null"
        if wrapper in ("time ", "! ") or wrapper.startswith("echo"):
            return f"{wrapper}{self._program()}{self._words()}"
        return f"{before}{wrapper}{self._program()}{self._words()}{after}"

    def _change(self) -> str:
        return self._pick(("cd ", "cd ", "cd -- ", "command cd ", "builtin cd ")) + self._pick(FOLDERS)

    def _stack(self) -> str:
        return self._pick((f"pushd {self._pick(FOLDERS[:4])} > /dev/null", "popd > /dev/null", "pushd > /dev/null"))

    def _assignment(self) -> str:
        name = self._pick(NAMES)
        return self._pick((
            f"{name}={self._word()}", f"{name}={self._word()}", f"{name}+=b", f"{name}=", "D=a", "D=$PWD/b",
            "X='m  n'", "L=(k 'l m' n)", "X=$(echo r)", "X=$(git r)", "((X = 5))", "IFS=,", "unset IFS", "L=($X *.txt)",
            "L+=(z)", "L[1]=e", "L=()", "declare -A M=([k]=v [j]='w w')", "M[k]=$X", f"{name}=*.txt", f"{name}=a*",
            f"{name}={self._word()} {self._pick(NAMES)}={self._word()}", f"{name}=~/t:~", f"{name}=(1 2)", "D=(a b)",
            f"{name}=${{{name}:-{self._pick(FOLDERS)}}}", f"{name}=${{{name}/a/b}}", f"{name}=$'q\\'r'",
        ))  # fmt: skip

    def _declaration(self) -> str:
        name = self._pick(NAMES)
        return self._pick((
            f"export {name}={self._word()}", f"export {name}", f"unset {name}", f"declare {name}={self._word()}",
            f"declare -x {name}=q", f"export -n {name}", f"readonly R={self._word()}", "declare -u U=abc X=x",
            "printf -v X %s pv", "let X=2", f"typeset {name}=t",
            f"declare -a {name}", f"declare -i {name}=3", f"unset -v {name} X", "unset L", "unset 'L[0]'",
            f"declare {name}", f"export {name}=a {self._pick(NAMES)}=$X", f"declare +x {name}", f"readonly {name}",
            f"declare -n R{name}={name}; R{name}=ref", f"local {name}=out", "export -p", f"declare -l {name}=ABC",
            f"mapfile -t {name} <<< line", f"getopts a {name}", f"let {name}+=1", f"declare -gx {name}=g",
        ))  # fmt: skip

    def _joined(self) -> str:
        return self._statement() + self._pick((" && ", " && ", " || ")) + self._statement()

    def _group(self) -> str:
        return (
            self._pick(
                (
                    "{ %s; }",
                    "(%s)",
                    "{ %s; } > out",
                    "(%s) 2>&1",
                    "! { %s; }",
                    "( (%s) )",
                    "({ %s; })",
                    "{ (%s) }",
                    "time { %s; }",
                    "{ %s; } 2>&1 | cat",
                    "{ %s; } <<< fed",
                    "(%s) < /dev/null",
                )
            )
            % self._block()
        )

    def _if(self) -> str:
        other = self._pick(("", f"else {self._block()}\n", f"elif {self._block()}\nthen {self._block()}\n"))
        return f"if {self._block()}\nthen {self._block()}\n{other}fi"

    def _for(self) -> str:
        head = self._pick(("for X in 1 2", f"for D in a b {self._word()}", "for f in *.txt", "for X in {u,v}", "for Y"))
        self._loops += 1
        name = f"i{self._loops}"
        body = self._block() + self._pick(("", "", "\nbreak", "\ncontinue", "\nno || break", "\nshow $f"))
        return self._pick((f"{head}; do {body}\ndone", f"for (({name} = 0; {name} < 2; {name}++)); do {body}\ndone"))

    def _while(self) -> str:
        self._loops += 1
        name = f"n{self._loops}"
        after = self._pick(("", "break", "no || continue"))
        head = self._pick((f"while [[ ${name} != xx ]]", f"until [[ ${name} == xx ]]"))
        condition = self._pick(("", "", "", f"{self._simple()}; "))
        return f"{name}=; {head.replace('[[', condition + '[[', 1)}; do {name}=x${name}; {self._block()}\n{after}\ndone"

    def _case(self) -> str:
        end = self._pick((";;", ";&", ";;&"))
        return f"case {self._word()} in a|w) {self._block()}\n{end}\n*) {self._block()}\n;; esac"

    def _function(self) -> str:
        """A function, which calls none that could call it."""
        local = self._pick((
            "", "local X=l; ", "local D; ", "cd a; ", "local -x Y=$1; ", "local X; ", 'local Y="$1" D=$2; ',
            "local -a L=(o p); ", "declare X=d; ", "declare -g D=a; ", "shift; ", "set -- s t; ", "unset X; ",
            "local - ; set -a; ",
        ))  # fmt: skip
        if self._random.random() < 0.3:
            name, body = "show", self._command().replace("show", "deploy")
        else:
            body = self._block()
            name = f"f{len(self._functions)}"
            self._functions.append(name)
        head, end = self._pick(("{ }", "{ }", "{ }", "( )")).split()
        end += self._pick(("", "", "", " && show made", " > out"))
        called = self._pick((f"{name}()", f"{name} ()", f"function {name}"))
        last = self._pick(("", "return", "return 1", "no && return"))
        return f"{called} {head} {local}{body}\n{last}\n{end}"

    def _call(self) -> str:
        return (self._pick(self._functions) if self._functions else "deploy") + self._words()

    def _within(self) -> str:
        text = self._block()
        quoted = shlex.quote(text)
        return self._pick((
            f"bash -c {quoted}", f"sh -c {shlex.quote(self._command())} name arg", f"eval {quoted}",
            f"bash -c {quoted} n 1 2",
            f"bash <<'E'\n{text}\nE\n", f"bash <<< {quoted}", f"echo {shlex.quote('git piped')} | bash",
            f"env bash -c {quoted}", f"cat <<E\n$({self._command()})\nE\n", f"bash -ec {quoted} -- x",
            f"source <(echo {quoted})", f"source /dev/stdin <<'E'\n{text}\nE\n", f". <(cat <<'E'\n{text}\nE\n)",
            f"bash <<E\n{self._command()}", f"cat <<E | bash\n{self._command()}\nE\n",
            "xargs -I@ bash -c 'git @' <<< w",
            f"eval {self._command()}", f"bash -c 'show \"$@\"' n {self._word()}",
            f"eval \"{self._pick(('cd a', 'X=5', 'git $X'))}\"",
            f"sh <<'E'\n{self._command()}\nE\n", f"timeout 9 bash -c {quoted}", f"C={quoted}; eval \"$C\"",
            f"C={quoted}; bash -c \"$C\"",
            f"printf '%s' {quoted} | bash", f"bash <(echo {quoted})", "P=git; $P by", f"(eval {quoted}) && show it",
        ))  # fmt: skip

    def _piped(self) -> str:
        return f"{self._command()} | {self._statement()}"

    def _arguments(self) -> str:
        return self._pick((
            f"set -- {self._word()} {self._word()}", "shift", "set --", "shift 2", "set a b c", "set -- $X",
            "set -- *.txt",
        ))  # fmt: skip

    def _alias(self) -> str:
        return f"alias al={shlex.quote(self._pick(('git aliased', 'cd a', 'X=9 show')))}\nal {self._word()}"

    def _leaving(self) -> str:
        return self._pick((
            "cd gone || exit", f"cd {self._pick(FOLDERS)} || return", "no && exit", "(exit)", "no || set -e",
            "cd a || true", "exit 3", "set +e", "(cd a && exit)", "cd a && cd c || cd b", "return", "false || return",
            "(cd b; exit 1) || cd a", "${X:?}", "break", "continue 2", "exec no", "cd a; no && cd c", "kill -0 $$",
        ))  # fmt: skip

    def _background(self) -> str:
        return f"{{ {self._statement()}\n}} & wait"

    def _trap(self) -> str:
        event = self._pick(("EXIT", "0", "DEBUG", "ERR", "RETURN", "EXIT ERR", "TERM"))
        return self._pick((
            f"trap {shlex.quote(self._command())} {event}", f"trap {shlex.quote(self._simple())} {event}",
            "trap - EXIT", "trap '' EXIT", f"trap \"git $X\" {event}"))  # fmt: skip

    def _read(self) -> str:
        return self._pick((
            "read X <<< 'r s'", "echo r | read X", "echo r | { read X; show $X; }", "[[ a == a ]]", "[ a = b ]",
            "read X Y <<< 'r s t'", "read -r D < <(echo a)", "while read X; do show $X; done <<< 'l1'",
            "IFS=: read X Y <<< 'a:b'", "read -a L <<< 'x y'", "echo a | while read D; do cd $D; git; done",
            'git <<< "$X"', "cat < <(git inner)", "mapfile L < <(printf 'a\\nb\\n'); git ${L[0]}",
        ))  # fmt: skip

    def _options(self) -> str:
        return self._pick((
            "set -a", "set +a", "set -o allexport", "set +o allexport", "set -f", "set +f", "shopt -s nullglob",
            "set -u",
            "set -eu", "set -o pipefail", "shopt -s extglob", "set -k", "set +B", "shopt -s dotglob", "set -P",
            "shopt -s lastpipe", "set +e", "set -ea", "set -x", "shopt -s globstar", "shopt -s autocd",
            "set +o braceexpand",
        ))  # fmt: skip

    def _select(self) -> str:
        return f"select X in a b; do {self._block()}\nbreak; done <<< {self._pick(('1', '2', '9'))}"

    def _file(self) -> str:
        return self._pick((
            f"echo {shlex.quote(self._simple())} > s; . ./s", f"cat > s <<'E'\n{self._simple()}\nE\nbash s",
            f"echo {shlex.quote(self._simple())} > s; bash ./s w", "cd -; git", "cd a; cd - > /dev/null; git",
            "pushd a; pushd ../b; popd; git", "pushd a; dirs -c; popd; git", "pushd -n a; popd; git",
            "pushd a; pushd +1; git",
            "cd a c; git", "CDPATH=a; cd c; git", "CDPATH=a cd c; git", "HOME=$PWD/a; cd; git ~", "PWD=/x; git $PWD",
            "OLDPWD=/; cd -; git",
            "cd -P a; git", "cd ./a//c/; git", "PATH=$PATH:. git", "HOME=/ git ~", "cd ~-; git", "cd ''; git",
            "cd $gone; git",
        ))  # fmt: skip

    def _chain(self) -> str:
        text = self._simple()
        for _ in range(self._random.randint(2, 4)):
            text += self._pick((" && ", " || ", " && ", "; ")) + self._simple()
        return text

    def _opened(self) -> str:
        return self._pick((
            "exec 3> out", "exec > out", "exec 2>&1", "exec 3<&-", "exec < /dev/null", "exec 3<<< fd; git <&3",
            "exec 3< <(git fd)",
            "git > a/out 2> b/err", "git &> $X", "> new", "git {fd}> out", "{ git; show; } > out 2>&1", "git >| out",
            "git >> ~/out",
            "coproc { git; }; wait", "coproc git co; wait", "git & wait", "(git) & (cd a; show) & wait",
            "git 2>&1 | show | rm",
            "git |& show", "cd a | git", "cd a & git", "! cd a && git", "! cd gone && git", "[[ -n $X ]] && cd a",
            "(( 1 )) && cd b",
            "cd a && { cd c; git; } || show", "if ! cd a; then git; else show; fi", "command -v git && show",
            "type git; hash -r",
            "builtin cd a; git", "\\cd a; git", "'cd' a; git", "c\\d a; git", "cd() { builtin cd \"$@\"; }; cd a; git",
            "git() { command git \"$@\" w; }; git u", "unset -f show; show", "export -f show; bash -c 'show x'",
            "f9() { cd a; }; f9 | git; git",
            "g9() ( cd a; git ); g9; git", "alias cd='cd b &&'; cd a; git", "unalias -a; show", "wait; git",
            "enable -n cd; cd a; git",
        ))  # fmt: skip
