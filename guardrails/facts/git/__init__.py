"""One repository, read without running anything of it.

Here: the one reader of git, the checkout, refs, reflog, objects, index, stashes and rescues.
Elsewhere: whether the work tree is clean is in `worktree/`; where git looks for hooks in `hooks/`.
"""
