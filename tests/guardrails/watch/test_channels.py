"""Each channel is tried alone and for ten seconds; what goes wrong is said without its address."""

from __future__ import annotations

import logging
import runpy
import socket
import sys
import threading
import time
from typing import Any

import pytest

from guardrails.config.settings import Watch
from guardrails.watch import apprise_sender
from guardrails.watch.channels import Channel, channels, deliver, message_for, ping_for
from needs import need_module
from servers.web_server import Listener, free_port, page, raw, serving

MESSAGE: dict[str, Any] = {"title": "prod: deny", "text": "prod: deny\n+ new  x", "verdict": "deny"}
SECRET = "T024BE7LD-hush"


def sent(url: str, name: str = "webhook", bound: float = 10.0) -> str:
    (problem,) = deliver([message_for(Channel(name, url), MESSAGE)], bound=bound)
    assert SECRET not in problem
    return problem


def test_a_webhook_gets_the_message_as_json() -> None:
    with Listener().listening() as server:
        assert sent(f"{server.url}/{SECRET}/ä?a=b c") == ""
    assert [(method, path) for method, path, _ in server.requests] == [("POST", f"/{SECRET}/%C3%A4?a=b%20c")]
    assert server.messages == [MESSAGE]


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        ("204 No Content", ""),
        ("301 Moved Permanently", "answered 301, a redirect, which is not followed"),
        ("404 Not Found", "answered 404"),
        ("503 Service Unavailable", "answered 503"),
    ],
)
def test_what_a_server_answers(status: str, problem: str) -> None:
    with Listener().listening() as other, serving(page(b"", status, f"Location: {other.url}/")) as url:
        assert sent(f"{url}/{SECRET}") == problem
    assert other.requests == []


def test_a_server_that_is_none() -> None:
    assert sent(f"http://127.0.0.1:{free_port()}/{SECRET}") == "refused the connection"
    assert sent(f"http://{SECRET}.invalid/") == "no such host is known"
    with serving(raw(b"\x00nonsense\r\n\r\n")) as url:
        assert sent(f"{url}/{SECRET}").startswith("did not answer as a web server does")


def test_one_that_drips_is_left_and_keeps_nobody_else() -> None:
    ended = threading.Event()

    def drip(connection: socket.socket, _: bytes) -> None:
        while not ended.wait(0.05):
            connection.sendall(b"X")

    with Listener().listening() as good, serving(drip) as url:
        started = time.monotonic()
        both = [message_for(Channel("webhook", one), MESSAGE) for one in (f"{url}/{SECRET}", good.url)]
        problems = deliver(both, bound=3.0)
        passed = time.monotonic() - started
        ended.set()
    assert problems == ["took longer than 3 s", ""]
    assert passed < 30, "as long as a busy machine takes to start a program, and not for ever"


def test_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    with Listener().listening() as server:
        assert sent(server.url) == ""
    assert len(server.requests) == 1


def test_a_user_and_a_password_in_the_address() -> None:
    found: list[bytes] = []

    def answer(connection: socket.socket, data: bytes) -> None:
        found.append(data)
        page(b"")(connection, data)

    with serving(answer) as url:
        assert sent(url.replace("://", "://me:b%40d@")) == ""
    assert b"Authorization: Basic bWU6YkBk" in found[0]


@pytest.mark.parametrize(
    ("address", "path"),
    [("/uuid", "/uuid/start"), ("/uuid/", "/uuid/start"), ("/ping/x?rid=7#y", "/ping/x/start?rid=7"), ("", "/start")],
)
def test_a_ping_goes_behind_the_path(address: str, path: str) -> None:
    with Listener().listening() as server:
        assert deliver([ping_for(server.url + address, "start")]) == [""]
    assert server.requests == [("GET", path, b"")]


def test_who_is_told_each_once() -> None:
    watch = Watch(webhook="https://a", notify=("json://b", "json://b", "ntfy://c"), ping="https://d")
    assert [one.name for one in channels(watch)] == ["webhook", "notify[1]", "notify[3]"]
    assert "json" not in channels(watch)[1].identity
    assert len({one.identity for one in channels(watch)}) == 3


class TestApprise:
    """Services through Apprise, by its json:// to a server here."""

    @pytest.fixture(autouse=True)
    def _installed(self) -> None:
        need_module("apprise")

    def test_a_service_gets_title_and_text(self) -> None:
        with Listener().listening() as server:
            assert sent(server.url.replace("http://", "json://") + f"/{SECRET}", "notify[1]") == ""
        (said,) = server.messages
        assert (said["title"], said["message"]) == ("prod: deny", "+ new  x")

    def test_a_service_that_fails_or_is_unknown(self) -> None:
        with serving(page(b"", "500 Broken")) as url:
            assert sent(url.replace("http://", "json://") + f"/{SECRET}", "notify[1]") == "did not take it"
        with Listener().listening() as other, serving(page(b"", "307 Elsewhere", f"Location: {other.url}/")) as url:
            assert sent(url.replace("http://", "json://") + f"/{SECRET}", "notify[1]") == "did not take it"
        assert other.requests == []
        assert sent(f"nosuch://{SECRET}", "notify[1]") == "Apprise knows no such address"


def test_without_apprise_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    program = runpy.run_path(apprise_sender.__file__)
    assert program["tell"]("json://x", "t", "b").startswith("needs Apprise, which is not installed here: ")
    assert not logging.root.manager.disable
