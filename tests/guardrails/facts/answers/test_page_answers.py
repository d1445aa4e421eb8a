"""Pages of real servers, each answering badly in a way of its own."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from guardrails import CannotKnow, DoesNotApply, Environment, PageAnswers, World
from guardrails.facts.answers import page_answers, retries
from guardrails.facts.answers.page_answers import PageAnswer
from guardrails.testing import gather
from progress import elapsed
from servers.web_server import Answering, free_port, page, raw, serving

OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture(autouse=True)
def _one_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pause that does not fit: what is tried again, and when, is tested in test_tries.py."""
    monkeypatch.setattr(retries, "PAUSE", 60.0)


def answer(
    url: str, status: int = 200, contains: str = "", within: str = "10s", variables: dict[str, str] | None = None
) -> PageAnswer:
    prod = Environment("prod", "/nowhere")
    world = World(prod, {"prod": prod}, at=time.time(), home="/home/me", variables=variables or {})
    return gather(PageAnswers, world, url, status, contains, within).answer


def test_a_page_as_it_should_be() -> None:
    with serving(page("<h1>Facts Memory – ready</h1>")) as url:
        found = answer(url + "/", contains="Memory – ready")
    assert found == PageAnswer(200, text="<h1>Facts Memory – ready</h1>")
    assert not found.differs(200, "Memory – ready")
    assert found.differs(200, "Panels") == "status 200, but its 29 characters lack the text"


@pytest.mark.parametrize("status", ["404 Not Found", "500 Oops", "503 Starting", "401 Unauthorized", "204 None"])
def test_another_status(status: str) -> None:
    with serving(page("Facts Memory", status)) as url:
        found = answer(url, contains="Facts Memory")
        assert found.differs(200, "Facts Memory") == f"status {status[:3]}"
        assert not answer(url, status=int(status[:3])).differs(int(status[:3]), "")


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("/login", "/login"),
        ("https://elsewhere.example/a?token=hunter2#x", "https://elsewhere.example/a"),
        ("http://me:hunter2@elsewhere.example:81/", "http://elsewhere.example:81/"),
        ("//elsewhere.example/x", "://elsewhere.example/x"),
        ("http://[", "something that is not an address"),
    ],
)
def test_a_redirect_is_not_followed_and_its_target_is_named(location: str, shown: str) -> None:
    with serving(page("Facts Memory", "302 Found", f"Location: {location}")) as url:
        found = answer(url, contains="Facts Memory")
        assert found.differs(200, "Facts Memory") == f"status 302, a redirect to {shown}"
        assert not answer(url, status=302).differs(302, "")


def _hang(connection: socket.socket, _: bytes) -> None:
    time.sleep(1)


def _drip(connection: socket.socket, _: bytes) -> None:
    connection.sendall(OK + b"Content-Length: 1000\r\n\r\n")
    for _number in range(100):
        connection.sendall(b"x")
        time.sleep(0.05)


def _never_end(connection: socket.socket, _: bytes) -> None:
    connection.sendall(OK + b"\r\n")
    while True:
        connection.sendall(b"Facts Memory " * 1000)


def _continue_forever(connection: socket.socket, _: bytes) -> None:
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.01)


TROUBLE: dict[str, tuple[Answering, str]] = {
    "hanging": (_hang, "no whole answer within 0.5 s"),
    "slow": (_drip, "no whole answer within 0.5 s"),
    "endless": (_never_end, "sends more than 1 MiB"),
    "endless before it begins": (_continue_forever, "no whole answer within 0.5 s"),
    "too large": (page(b"x" * (1024 * 1024 + 1)), "sends more than 1 MiB"),
    "cut short": (raw(OK, b"Content-Length: 100\r\n\r\nFacts Memory"), "the answer was cut short"),
    "cut short in chunks": (
        raw(OK, b"Transfer-Encoding: chunked\r\n\r\nff\r\nFacts Memory"),
        "the answer was cut short",
    ),
    "chunks of nonsense": (raw(OK, b"Transfer-Encoding: chunked\r\n\r\nzz\r\nx"), "the answer was cut short"),
    "closed": (raw(), "did not answer as a web server does (RemoteDisconnected)"),
    "something else": (raw(b"SSH-2.0-OpenSSH\r\n"), "did not answer as a web server does (BadStatusLine)"),
    "a number that is none": (raw(b"HTTP/1.1 abc OK\r\n\r\n"), "did not answer as a web server does (BadStatusLine)"),
    "headers without end": (raw(OK, b"X: y\r\n" * 200), "did not answer as a web server does (HTTPException)"),
    "a header without end": (raw(OK, b"X: " + b"y" * 70000), "did not answer as a web server does (LineTooLong)"),
}


@pytest.mark.parametrize("name", TROUBLE)
def test_no_whole_answer(name: str) -> None:
    behave, problem = TROUBLE[name]
    started = time.monotonic()
    with serving(behave) as url:
        found = answer(url, contains="Facts Memory", within="500ms" if "within" in problem else "10s")
    assert found.status is None
    assert found.differs(200, "Facts Memory") == problem
    assert elapsed(started) < 3


def test_a_page_of_just_the_limit_is_read() -> None:
    with serving(page(b"\xff" * (1024 * 1024 - 1) + b"!")) as url:
        assert not answer(url, contains="!").differs(200, "!")


def test_nobody_listens() -> None:
    assert answer(f"http://127.0.0.1:{free_port()}/").problem == "refused the connection"
    assert answer("http://no-such-host.invalid/").problem == "no such host is known"


def test_a_server_that_comes_up_later_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "PAUSE", 0.1)
    port, seen = free_port(), threading.Event()

    def late() -> None:
        time.sleep(0.3)
        with socket.create_server(("127.0.0.1", port)) as listener:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                page("up")(connection, b"")
                seen.set()

    thread = threading.Thread(target=late)
    thread.start()
    assert answer(f"http://127.0.0.1:{port}/", contains="up", within="10s").status == 200
    thread.join()
    assert seen.is_set()


def test_what_is_asked() -> None:
    asked = []

    def listen(connection: socket.socket, request: bytes) -> None:
        asked.append(request.decode())
        page("x")(connection, request)

    with serving(listen) as url:
        answer(
            url.replace("//", "//me:p%40ss@") + "/ä/b%20c?q=ü&r=1#part", variables={"http_proxy": "http://x.invalid"}
        )
    lines = asked[0].split("\r\n")
    assert lines[0] == "GET /%C3%A4/b%20c?q=%C3%BC&r=1 HTTP/1.1"
    assert "Authorization: Basic bWU6cEBzcw==" in lines
    assert not [line for line in lines if line.lower().startswith(("cookie", "referer"))]


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("text/html; charset=iso-8859-1", b"\xe4", "ä"),
        ("text/html; charset=nonsense", "ä".encode(), "ä"),
        ("text/html", "ä".encode(), "ä"),
        ("image/png", b"\x89PNG\0", "�PNG\0"),
    ],
)
def test_text_is_read_as_the_server_says(content_type: str, body: bytes, text: str) -> None:
    with serving(page(body, "200 OK", f"Content-Type: {content_type}")) as url:
        assert answer(url).text == text


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subject = ["-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path), "-out", str(path)]
    try:
        subprocess.run([*command, *subject], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs openssl")
    key_and_certificate = path.read_text()
    if "PRIVATE KEY" not in key_and_certificate:  # some write the second over the first
        pytest.skip("needs an openssl that writes both into one file")
    return path


def _speaking_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_certificate_must_be_trusted(certificate: Path) -> None:
    with serving(page("Facts Memory"), tls=_speaking_tls(certificate)) as url:
        assert answer(url).problem.startswith("its certificate is not trusted: self")
        trusting = {"SSL_CERT_FILE": str(certificate)}
        assert not answer(url, contains="Memory", variables=trusting).differs(200, "Memory")
        other_name = url.replace("127.0.0.1", "localhost")
        assert answer(other_name, variables=trusting).problem.startswith("its certificate is not trusted:")


def test_a_server_that_does_not_speak_tls() -> None:
    with serving(page("Facts Memory")) as url:
        assert answer(url.replace("http:", "https:")).problem


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/",
        "file:///etc/passwd",
        "127.0.0.1:80",
        "http://",
        "http:///x",
        "http://host:99999/",
        "http://host:0/",
        "http://host:x/",
        "http://[::1/",
        "http://host/a b",
        "http://host/a\r\nX: y",
        "http://me:hunter2@host:x/",
    ],
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ValueError, match=r"^url must be an address such as http://127\.0\.0\.1:18789/$"):
        PageAnswers.check(url, "10s")


def test_an_address_that_is_one() -> None:
    for url in ("http://127.0.0.1:18789/", "https://[::1]:8443/x?y#z", "http://me:pw@münchen.example", ""):
        PageAnswers.check(url, "10s")
    with pytest.raises(ValueError, match="too long"):
        PageAnswers.check("http://host/", "5m")


def test_no_address_is_nothing_to_judge() -> None:
    with pytest.raises(DoesNotApply, match="no url"):
        answer("")


@pytest.mark.parametrize("program", ["/bin/false", "/bin/echo", "/nowhere", ""])
def test_a_process_that_fails_is_no_answer(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", program)
    with pytest.raises(CannotKnow):
        answer("http://127.0.0.1:1/")


def test_what_may_be_secret_in_an_address_is_not_shown() -> None:
    prod = Environment("prod", "/nowhere")
    world = World(prod, {"prod": prod}, at=0, home="/")
    url = f"http://me:hunter2@127.0.0.1:{free_port()}/a?token=hunter2#hunter2"
    found: Any = gather(PageAnswers, world, url, 200, "", "100ms")
    assert "hunter2" not in str(found)
    assert found.url.endswith("/a")
    assert page_answers.show_address("http://[::1]:80/x") == "http://[::1]:80/x"
