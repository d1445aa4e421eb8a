"""Real servers on 127.0.0.1, each answering every connection in its own way."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

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
