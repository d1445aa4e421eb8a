"""Get one page and say what came: a program of its own, so that a server that hangs or never ends can be left.

Run as a file, with the address on standard input, it writes one JSON object: `status`, `target` (where a redirect
leads) and `text`, or `problem` when no whole answer came. It asks no proxy, follows no redirect and keeps nothing.
"""

from __future__ import annotations

import base64
import http.client
import json
import socket
import ssl
import sys
import urllib.parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LIMIT = 1024 * 1024  # bytes of a page
_SAFE = "%/:=&?~+!$,;'@()*[]"  # characters of a path or query that stay as they are


def fetch(url: str) -> dict[str, Any]:
    """What the server answers to GET, or the problem with it."""
    try:
        return _ask(urllib.parse.urlsplit(url))
    except ConnectionRefusedError:
        problem = "refused the connection"
    except socket.gaierror:
        problem = "no such host is known"
    except http.client.IncompleteRead:
        problem = "the answer was cut short"
    except http.client.HTTPException as error:
        problem = f"did not answer as a web server does ({type(error).__name__})"
    except ssl.SSLCertVerificationError as error:
        problem = f"its certificate is not trusted: {error.verify_message}"
    except OSError as error:
        problem = error.strerror or type(error).__name__
    except ValueError as error:
        problem = f"cannot be asked for ({type(error).__name__})"
    return {"problem": problem}


def _ask(url: urllib.parse.SplitResult) -> dict[str, Any]:
    connection = _connection(url)
    path = urllib.parse.quote(url.path or "/", safe=_SAFE)
    query = "?" + urllib.parse.quote(url.query, safe=_SAFE) if url.query else ""
    headers = {"Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close", "User-Agent": "guardrails"}
    if url.username is not None:
        user = ":".join(urllib.parse.unquote(part or "") for part in (url.username, url.password))
        headers["Authorization"] = f"Basic {base64.b64encode(user.encode()).decode()}"
    connection.request("GET", path + query, headers=headers)
    answer = connection.getresponse()
    body = answer.read(LIMIT + 1)
    if len(body) > LIMIT:
        return {"problem": f"sends more than {LIMIT >> 20} MiB"}
    if answer.length:  # read with a limit does not tell
        raise http.client.IncompleteRead(body, answer.length)
    charset = answer.headers.get_content_charset("utf-8")
    try:
        text = body.decode(charset, "replace")
    except LookupError:
        text = body.decode("utf-8", "replace")
    return {"status": answer.status, "target": answer.headers.get("Location") or "", "text": text}


def _connection(url: urllib.parse.SplitResult) -> http.client.HTTPConnection:
    if url.scheme == "https":
        return http.client.HTTPSConnection(url.hostname or "", url.port)
    return http.client.HTTPConnection(url.hostname or "", url.port)


if __name__ == "__main__":
    json.dump(fetch(sys.stdin.read()), sys.stdout)
