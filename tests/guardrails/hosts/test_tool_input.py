"""What a host gives is read as an object of JSON, or refused."""

import json

import pytest

from guardrails.calls import Call
from guardrails.hosts import claude_code, codex, cursor, gemini, openclaw
from guardrails.hosts.tool_input import (
    INPUT_LIMIT,
    InputError,
    calls_of_command,
    calls_of_patch,
    read_input,
    require_folder,
)

HOSTS = (claude_code, codex, cursor, gemini, openclaw)
PATCH = """*** Begin Patch
*** Update File: src/a.ts
*** Move to: src/b.ts
@@
-old
+*** Add File: no-file
*** Add File: /srv/dev/new file.ts
*** Delete File: gone.ts
*** End Patch
"""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no JSON",
        b"[1]",
        b'"text"',
        b"\xff\xfe{}",
        b"{" * 100_000,
        b"[" * 200_000,
        b" " * (INPUT_LIMIT + 1),
        b"{}",
    ],
)
@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.__name__.rpartition(".")[2])
def test_what_is_no_tool_call_is_refused(host: object, data: bytes) -> None:
    with pytest.raises(InputError):
        host.calls_in(data)  # type: ignore[attr-defined]


def test_an_object_is_taken_as_it_is() -> None:
    assert read_input(b'{"tool_name": "Bash", "more": [1]}') == {"tool_name": "Bash", "more": [1]}


def test_a_folder_must_be_known() -> None:
    assert (require_folder("/srv/dev/"), require_folder("src", "/srv/dev")) == ("/srv/dev", "/srv/dev/src")
    with pytest.raises(InputError):
        require_folder("src")


def test_a_patch_names_the_files_that_it_writes() -> None:
    names = ["src/a.ts", "src/b.ts", "/srv/dev/new file.ts", "gone.ts"]
    assert calls_of_patch(PATCH, "/srv/dev") == tuple(Call("/srv/dev", write=name) for name in names)
    assert calls_of_patch("*** Add File: x", "/srv/dev") == ()


def test_a_command_is_a_text_or_words() -> None:
    assert calls_of_command("ls", "/x") == (Call("/x", shell="ls"),)
    assert calls_of_command(["bash", "-lc", "ls"], "/x") == (Call("/x", argv=("bash", "-lc", "ls")),)
    in_a_shell = calls_of_command(f"apply_patch <<'EOF'\n{PATCH}EOF", "/x")
    assert [call.write for call in in_a_shell[1:]] == ["src/a.ts", "src/b.ts", "/srv/dev/new file.ts", "gone.ts"]
    for wrong in (None, 1, [], [1], {"a": 1}):
        with pytest.raises(InputError):
            calls_of_command(wrong, "/x")


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.__name__.rpartition(".")[2])
def test_a_refusal_ends_with_2_and_says_why(host: object) -> None:
    out, err, code = host.answer("because\nof that")  # type: ignore[attr-defined]
    assert (err, code) == ("because\nof that\n", 2)
    assert not out or json.loads(out)


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.__name__.rpartition(".")[2])
def test_no_opinion_is_never_an_approval(host: object) -> None:
    out, err, code = host.answer(None)  # type: ignore[attr-defined]
    assert (err, code) == ("", 0)
    assert "allow" not in out
    assert "approve" not in out
