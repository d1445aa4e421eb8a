"""Real servers on 127.0.0.1, each answering every connection in its own way."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

Answering = Callable[[socket.socket, bytes], None]  # the connection, and the request that came


def page(body: bytes | str, status: str = "200 OK", *headers: str) -> Answering:
    """Answer with one whole page."""
    data = body.encode() if isinstance(body, str) else body
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(data)}", *headers, "", ""])

    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(head.encode() + data)

    return answer


def raw(*parts: bytes) -> Answering:
    """Answer with just these bytes, and close."""

    def answer(connection: socket.socket, _: bytes) -> None:
        for part in parts:
            connection.sendall(part)

    return answer


@contextmanager
def serving(answer: Answering, *, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Answer connections until the end of the block; gives the server's address, without a slash at its end."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    ended = threading.Event()

    def converse(connection: socket.socket) -> None:
        with suppress(OSError):
            spoken = tls.wrap_socket(connection, server_side=True) if tls else connection
            with spoken:
                answer(spoken, spoken.recv(65536))
                spoken.shutdown(socket.SHUT_RDWR)
        connection.close()

    def listen() -> None:
        while not ended.is_set():
            with suppress(TimeoutError):
                connection, _ = listener.accept()
                connection.settimeout(5)
                threading.Thread(target=converse, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ended.set()
        thread.join()
        listener.close()


def free_port() -> int:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class Listener:
    """A server that takes what it is sent, keeps it, and answers with a status that may be changed."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, bytes]] = []  # method, path with query, body
        self.status = "200 OK"
        self.headers: tuple[str, ...] = ()
        self.url = ""

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The JSON of each POST, in order."""
        return [json.loads(body) for method, _, body in self.requests if method == "POST"]

    @contextmanager
    def listening(self) -> Iterator[Listener]:
        """Listen until the end of the block."""
        with serving(self._answer) as self.url:
            yield self

    def _answer(self, connection: socket.socket, data: bytes) -> None:
        head, _, body = data.partition(b"\r\n\r\n")
        first, *headers = head.decode("latin-1").split("\r\n")
        lengths = [int(line.partition(":")[2]) for line in headers if line.lower().startswith("content-length:")]
        while len(body) < sum(lengths):
            body += connection.recv(65536)
        method, path, _ = first.split(" ")
        self.requests.append((method, path, body))
        page(b"", self.status, *self.headers)(connection, data)
