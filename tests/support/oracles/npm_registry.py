"""A registry of npm on this machine, with a few small packages in it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@contextmanager
def registry(packages: Mapping[str, Mapping[str, Mapping[str, str]]]) -> Iterator[str]:
    """Serve packages (name -> version -> dependencies). Gives the registry's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    address = f"http://127.0.0.1:{server.server_address[1]}/"
    served: dict[str, bytes] = {}
    for name, versions in packages.items():
        listed = {}
        for version, needs in versions.items():
            manifest: dict[str, object] = {"name": name, "version": version, "dependencies": needs}
            data = _packed(manifest)
            served[f"/{name}/-/{name}-{version}.tgz"] = data
            integrity = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
            tarball = f"{address}{name}/-/{name}-{version}.tgz"
            listed[version] = {**manifest, "dist": {"tarball": tarball, "integrity": integrity}}
        about: dict[str, object] = {"name": name, "dist-tags": {"latest": max(listed)}, "versions": listed}
        about["time"] = dict.fromkeys(["created", "modified", *listed], "2020-01-01T00:00:00.000Z")
        served[f"/{name}"] = json.dumps(about).encode()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = served.get(self.path)
            self.send_response(404 if data is None else 200)
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, *_: object) -> None:
            pass

    server.RequestHandlerClass = Answers
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield address
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _packed(manifest: dict[str, object]) -> bytes:
    content, packed = json.dumps(manifest).encode(), io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo("package/package.json")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()
