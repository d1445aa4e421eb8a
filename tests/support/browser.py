"""A real browser for pages from disk: Chromium, each time in a new, empty profile and without a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import BrowserContext, sync_playwright

_SWITCHES = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-default-browser-check"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@contextmanager
def browsing(chromium: Path) -> Iterator[Callable[..., BrowserContext]]:
    """What opens a browser that stays open until the end of the block; with `script=False` pages run none."""
    with ExitStack() as stack:
        driver = stack.enter_context(sync_playwright()).chromium

        def open_browser(*, script: bool = True) -> BrowserContext:
            profile = stack.enter_context(TemporaryDirectory(ignore_cleanup_errors=True))
            context = driver.launch_persistent_context(
                profile, executable_path=chromium, args=_SWITCHES, java_script_enabled=script, offline=True
            )
            stack.callback(context.close)
            return context

        yield open_browser
