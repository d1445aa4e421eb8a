"""Render the pictures in docs: what guardrails prints on a terminal, for scenes of the demo, and a page of a real run.

The page is drawn by Chromium, so its picture is left as it is where there is none.

PYTHONPATH=tests/support python tools/picture.py
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.text import Text

from guardrails.plugins import loader
from guardrails.plugins.demo_scenes import Scene

DOCS = Path(__file__).resolve().parent.parent / "docs"
COLUMNS = 100
_AGENT = "An agent's tool calls"
PAGE, WIDTH, HEIGHT = "report.png", 1000, 1400  # the picture of a page, and its size in pixels
PICTURES = {  # the scenes that each shows: the title of the act, and which scene of it
    "picture.svg": (("Everything is as the rules say", 0), ("An edit hidden from git status by a flag", 0)),
    "agents.svg": ((_AGENT, 0), (_AGENT, 1)),
}


def main() -> None:
    """Play the scenes and write the pictures."""
    (demo,) = loader.load().demos()
    acts = {act.title: act.scenes for act in demo.acts}
    for name, shown in PICTURES.items():
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True)
            for title, number in shown:
                with _fresh_folder() as folder:
                    demo.stage.build(folder)
                    _show(console, title, acts[title][number], folder, last=(title, number) == shown[-1])
            picture = _hostless(console.export_svg(title="guardrails", unique_id="guardrails"))
            (DOCS / name).write_text(picture, encoding="utf-8")
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit(f"chromium is not installed: {PAGE} stays as it was")
    with _fresh_folder() as folder:
        demo.stage.build(folder)
        _draw_page(_written_page(folder), Path(chromium))


def _written_page(folder: str) -> Path:
    """The page of a production that was well for a while, and then was edited in place."""
    page, production = Path(folder) / "prod.html", Path(folder) / "openclaw-prod"
    report = [sys.executable, "-P", "-m", "guardrails", "report", "--env", "prod", "--output", str(page)]
    for number in range(24):
        if number in (7, 21):
            (production / "hotfix.ts").write_text("export const fixed = true;\n", encoding="utf-8")
        if number == 9:
            (production / "hotfix.ts").unlink()
        terminal(report, folder)
    return page


def _draw_page(page: Path, chromium: Path) -> None:
    from browser import browsing

    with browsing(chromium) as open_browser:
        tab = open_browser().new_page()
        tab.set_viewport_size({"width": WIDTH, "height": 800})
        tab.goto(page.as_uri())
        tab.wait_for_selector("dd > button")
        tab.screenshot(path=DOCS / PAGE, full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT})


@contextmanager
def _fresh_folder() -> Iterator[str]:
    """A folder of a short and always equal name. Raises FileExistsError when there is one already."""
    folder = os.path.join(tempfile.gettempdir(), "demo")
    os.mkdir(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _show(console: Console, title: str, scene: Scene, folder: str, *, last: bool) -> None:
    scene.play(folder)
    console.print(f"[dim]# {title}[/]")
    console.print(f"[bold]$ {shlex.join(scene.command)}[/]", highlight=False)
    printed = terminal([sys.executable, "-P", "-m", *scene.command], folder)
    console.print(Text.from_ansi(printed.rstrip() + ("" if last else "\n")))


def terminal(command: Sequence[str], folder: str) -> str:
    """What a command prints on a terminal of its own. Progress, which goes to standard error, is left out."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    env = {
        "HOME": os.path.join(folder, "home"),
        "PATH": os.environ["PATH"],
        "TERM": "xterm-256color",
        "LC_ALL": "C.UTF-8",
    }
    with subprocess.Popen(command, cwd=folder, env=env, stdout=theirs, stderr=subprocess.DEVNULL):
        os.close(theirs)
        printed = b"".join(_parts(ours))
    os.close(ours)
    return printed.decode("utf-8").replace("\r\n", "\n")


def _parts(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            part = os.read(terminal, 1 << 16)
        except OSError:  # how Linux says that nobody has the other end open any more
            return
        if not part:
            return
        yield part


def _hostless(svg: str) -> str:
    """The picture without the fonts that rich would fetch from a host; the reader's own take their place."""
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace(
        "font-family: Fira Code, monospace", "font-family: ui-monospace, Menlo, DejaVu Sans Mono, monospace"
    )
    svg = svg.replace("<svg ", '<svg xml:space="preserve" ', 1)  # some viewers drop the spaces that a line starts with
    return re.sub(r"\s*<!--.*?-->", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    main()
