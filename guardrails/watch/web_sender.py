"""Ask one address, and say what is wrong: a program of its own, so that a server that hangs can be left.

Run as a file, with `url`, `method` and `body` as JSON on standard input, it writes a JSON object with the `problem`,
empty when the server took it. It asks no proxy, follows no redirect, and never says the address.
"""

from __future__ import annotations

import base64
import http.client
import json
import socket
import ssl
import sys
import urllib.parse

_SAFE = "%/:=&?~+!$,;'@()*[]"  # characters of a path or query that stay as they are


def send(url: str, method: str, body: str) -> str:
    """What is wrong with the address; empty when it took what was sent."""
    try:
        return _ask(urllib.parse.urlsplit(url), method, body.encode())
    except ConnectionRefusedError:
        return "refused the connection"
    except socket.gaierror:
        return "no such host is known"
    except http.client.HTTPException as error:
        return f"did not answer as a web server does ({type(error).__name__})"
    except ssl.SSLCertVerificationError:
        return "its certificate is not trusted"
    except OSError as error:
        return error.strerror or type(error).__name__
    except ValueError as error:
        return f"cannot be asked ({type(error).__name__})"


def _ask(url: urllib.parse.SplitResult, method: str, body: bytes) -> str:
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    path = urllib.parse.quote(url.path or "/", safe=_SAFE)
    query = "?" + urllib.parse.quote(url.query, safe=_SAFE) if url.query else ""
    headers = {"User-Agent": "guardrails", "Connection": "close"}
    if body:
        headers["Content-Type"] = "application/json"
    if url.username is not None:
        user = ":".join(urllib.parse.unquote(part or "") for part in (url.username, url.password))
        headers["Authorization"] = f"Basic {base64.b64encode(user.encode()).decode()}"
    connection = kind(url.hostname or "", url.port)
    connection.request(method, path + query, body=body or None, headers=headers)
    status = connection.getresponse().status
    if 300 <= status < 400:
        return f"answered {status}, a redirect, which is not followed"
    return "" if 200 <= status < 300 else f"answered {status}"


if __name__ == "__main__":
    json.dump({"problem": send(**json.load(sys.stdin))}, sys.stdout)
