"""Tell one service through Apprise, and say what is wrong: a program of its own, since no service is bounded by itself.

Run as a file, with `url`, `title` and `text` as JSON on standard input, it writes a JSON object with the `problem`,
empty when the service took it. What Apprise logs may hold the address, so nobody hears it.
"""

from __future__ import annotations

import json
import logging
import sys
from importlib import import_module
from typing import Any


def tell(url: str, title: str, text: str) -> str:
    """What is wrong with the service; empty when it took the text."""
    try:
        apprise: Any = import_module("apprise")  # of the extra `notify`
    except ImportError:
        return "needs Apprise, which is not installed here: install guardrails with its extra notify"
    logging.disable()
    asset = apprise.AppriseAsset()
    asset.http_redirects = False  # earlier versions know no such thing, and do not mind
    service = apprise.Apprise(asset=asset)
    if not service.add(url):
        return "Apprise knows no such address"
    taken = service.notify(body=text, title=title, body_format=apprise.NotifyFormat.TEXT)
    return "" if taken else "did not take it"


if __name__ == "__main__":
    json.dump({"problem": tell(**json.load(sys.stdin))}, sys.stdout)
