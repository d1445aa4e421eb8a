"""Files that shells read first, and what in them counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardrails_policies.openclaw.shell.login_shells import says_something, startup_files, telling_file


def test_what_shells_read_first(tmp_path: Path) -> None:
    assert startup_files("sh", "c", "/h") == []
    assert startup_files("zsh", "c", "/h") == ["/h/.zshenv"]
    assert "/h/.profile" in startup_files("bash", "lc", "/h")
    plain, said, unreadable = (tmp_path / name for name in ("plain", "said", "unreadable"))
    plain.write_text("export PATH=$HOME/bin:$PATH\n")
    said.write_text("export OPENCLAW_PROFILE=dev\n")
    unreadable.write_bytes(b"\xff")
    assert telling_file([str(tmp_path / "none"), str(plain)]) == ""
    assert telling_file([str(plain), str(said)]) == str(said)
    assert telling_file([str(unreadable)]) == str(unreadable)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("export OPENCLAW_HOME=/x", True),
        ("HOME=/x", True),
        ("unset -v HOME", True),
        ("NVM_HOME=/x; PATH=$HOME/bin", False),
        ("alias openclaw='pnpm openclaw'", False),
    ],
)
def test_what_counts(text: str, *, said: bool) -> None:
    assert says_something(text) is said
