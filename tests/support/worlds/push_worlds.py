"""Servers with random refs and symbolic refs, random pushes to them, and what the pushes do when nobody guards.

What is harmful is worked out from the refs before and after, on a history that only this module knows.
"""

from __future__ import annotations

import random
from fnmatch import fnmatchcase
from pathlib import Path

from dirty.dirty_repository import OLD, git, try_git

PROTECTED = ("refs/heads/main", "refs/heads/release/*", "refs/tags/*")
BRANCHES = ["main", "release/a", "release/b", "feature", "trunk"]
TAGS = ["t1", "t2"]
ALIASES = {
    "refs/heads/master": "refs/heads/main",
    "refs/heads/chain": "refs/heads/master",
    "refs/heads/intag": "refs/tags/t1",
    "refs/heads/release/b": "refs/heads/trunk",
    "refs/heads/lost": "refs/heads/release/new",
    "refs/tags/latest": "refs/tags/t2",
    "refs/x/deep/one": "refs/heads/release/a",
}
NEW = ["refs/heads/release/new", "refs/heads/other", "refs/tags/t9", "refs/x/two"]
_RECORD = '#!/bin/sh\ncat >"$0.said"\n'


class PushWorld:
    """A server without a guard and a checkout that pushes to it; `forget` empties the server of all refs."""

    def __init__(self, folder: Path, dice: random.Random) -> None:
        self.server, self.pusher, self._dice = folder / "server.git", folder / "pusher", dice
        git(folder, "init", "-q", "--bare", "-b", "main", "--template=", self.server)
        git(folder, "init", "-q", "-b", "main", "--template=", self.pusher)
        self._parents: dict[str, tuple[str, ...]] = {}
        self.commits: list[str] = []
        self._make_history()
        self.tag_objects = {self._tag_object(commit): commit for commit in self.commits[::3]}
        hooks = {self.server: "pre-receive", self.pusher: "pre-push"}
        for repo, kind in hooks.items():
            hook = repo.joinpath(*(() if repo == self.server else (".git",)), "hooks", kind)
            hook.parent.mkdir()
            hook.write_text(_RECORD)
            hook.chmod(0o755)
        self.said = {kind: next(repo.rglob(f"hooks/{kind}")).with_name(f"{kind}.said") for repo, kind in hooks.items()}
        git(self.server, "fetch", "-q", self.pusher, "refs/all/*:refs/all/*")
        self.forget()

    def _make_history(self) -> None:
        """Two histories that have nothing in common, with merges, and with clocks that went wrong."""
        tree = git(self.pusher, "mktree")
        for number in range(14):
            own = self.commits[:7] if number < 7 else self.commits[7:]
            count = 0 if not own else self._dice.choice((1, 1, 1, 2))
            parents = tuple(dict.fromkeys(self._dice.choices(own[-3:], k=count)))
            words = [word for parent in parents for word in ("-p", parent)]
            when = {"GIT_COMMITTER_DATE": f"{OLD + self._dice.randint(0, 10**7)} +0000"}
            made = git(self.pusher, "commit-tree", tree, "-m", f"{number}", *words, env=when)
            self._parents[made] = parents
            self.commits.append(made)
            git(self.pusher, "update-ref", f"refs/all/{number}", made)
        git(self.pusher, "update-ref", "HEAD", self.commits[6])

    def _tag_object(self, commit: str) -> str:
        git(self.pusher, "tag", "-a", "-m", "annotated", f"a{commit[:8]}", commit)
        return git(self.pusher, "rev-parse", f"a{commit[:8]}")

    def history(self, commit: str) -> set[str]:
        """A commit and all before it."""
        found, left = set[str](), [commit]
        while left:
            if (one := left.pop()) not in found:
                found.add(one)
                left += self._parents[one]
        return found

    def forget(self) -> None:
        """Take every ref of the server away, and keep the objects."""
        for name in git(self.server, "for-each-ref", "--format=delete %(refname)").splitlines():
            git(self.server, "update-ref", "--no-deref", "--stdin", stdin=f"{name}\n".encode())
        for folder in ("heads", "tags", "x", "all"):
            for path in sorted((self.server / "refs" / folder).rglob("*"), reverse=True):
                path.unlink() if path.is_file() else path.rmdir()

    def set_up(self) -> None:
        """Give the server random refs and aliases, now and then none at all."""
        self.forget()
        if self._dice.random() < 0.1:
            return
        aliases = self._dice.sample(sorted(ALIASES), k=self._dice.randint(0, 4))
        first = self.commits[:7] if self._dice.random() < 0.7 else self.commits
        for name in [*(f"refs/heads/{one}" for one in BRANCHES), *(f"refs/tags/{one}" for one in TAGS)]:
            if name not in aliases and self._dice.random() < 0.7:
                git(self.server, "update-ref", name, self._dice.choice(first))
        there = self.refs()
        for name in aliases:
            leads_somewhere = ALIASES[name] in there or ALIASES[name] in aliases
            if leads_somewhere or name == "refs/heads/lost":  # none that is protected may lead nowhere: docs/hooks.md
                git(self.server, "symbolic-ref", name, ALIASES[name])

    def push(self) -> tuple[list[str], bool]:
        """Push something random; what was asked for, and whether git took all of it."""
        if self._dice.random() < 0.05:
            words = ["--force", "--prune", "refs/all/*:refs/heads/*"]
        else:
            words = ["--force", *(self._refspec() for _ in range(self._dice.randint(1, 3)))]
        for said in self.said.values():
            said.unlink(missing_ok=True)
        done = try_git(self.pusher, "push", "-q", str(self.server), *words)
        return words, done.returncode == 0

    def _refspec(self) -> str:
        names = [*(f"refs/heads/{one}" for one in BRANCHES), *(f"refs/tags/{one}" for one in TAGS), *ALIASES, *NEW]
        name = self._dice.choice(names)
        sources = ["", "HEAD", *self._dice.sample(self.commits, k=4), self._dice.choice(sorted(self.tag_objects))]
        source = self._dice.choice(sources)
        if source in self.tag_objects and not name.startswith("refs/tags/"):
            source = self.tag_objects[source]
        return f"{source}:{name}"

    def refs(self) -> dict[str, str]:
        """What each ref of the server names, also by way of others."""
        lines = git(self.server, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
        return dict(line.split(" ") for line in lines)

    def is_tag(self, name: str) -> bool:
        """Whether a push to a ref moves a tag, by its own name or by another."""
        return self._real(name).startswith("refs/tags/")

    def _real(self, name: str) -> str:
        done = try_git(self.server, "symbolic-ref", "-q", name)
        return done.stdout.decode().strip() or name

    def harm(self, before: dict[str, str], after: dict[str, str]) -> list[str]:
        """What was done to protected refs that no push may do."""
        found = []
        there = {self._commit(oid) for name, oid in before.items() if name.startswith(("refs/heads/", "refs/tags/"))}
        for name in sorted(before.keys() | after.keys()):
            old, new = before.get(name), after.get(name)
            if old == new or not any(fnmatchcase(name, pattern) for pattern in PROTECTED):
                continue
            if new is None:
                found.append(f"{name} is gone")
            elif old is not None:
                if self.is_tag(name) or self._commit(old) not in self.history(self._commit(new)):
                    found.append(f"{name} was moved")
            elif there and not any(self.history(one) & self.history(self._commit(new)) for one in there):
                found.append(f"{name} has nothing in common with the rest")
            elif not self.is_tag(name) and any(self._commit(new) in self.history(one) - {one} for one in there):
                found.append(f"{name} names an old commit")
        return found

    def _commit(self, oid: str) -> str:
        return self.tag_objects.get(oid, oid)

    def restore(self, before: dict[str, str], after: dict[str, str]) -> None:
        """Put every ref back to what it was before the push; symbolic refs are still there."""
        lines = [f"update {name} {oid}" for name, oid in before.items() if self._real(name) == name]
        lines += [f"delete {name}" for name in after if name not in before and self._real(name) == name]
        git(self.server, "update-ref", "--no-deref", "--stdin", stdin="".join(f"{one}\n" for one in lines).encode())
