"""The HTTP shell: sockets in, `Emulator.handle` out. No behaviour of the API lives here."""

from __future__ import annotations

import gzip
import logging
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from sheetsync.emulator import view
from sheetsync.emulator.admin import endpoint as admin
from sheetsync.emulator.misbehaviour.faults import error_reply
from sheetsync.emulator.origin import foreign
from sheetsync.emulator.wire import Request, Response

if TYPE_CHECKING:
    from sheetsync.emulator.emulator import Emulator

GZIP_FROM = 1_000
BODILESS = (204, 304)
logger = logging.getLogger(__name__)


class _Handler(BaseHTTPRequestHandler):
    """Turns one HTTP exchange into a Request and a Response."""

    protocol_version = "HTTP/1.1"
    server_version = "sheets-emulator"
    shell: Server

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _serve(self) -> None:
        url = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=url.path,
            query=parse_qsl(url.query, keep_blank_values=True),
            headers=dict(self.headers.items()),
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
        )
        try:
            response = _route(self.shell.emulator, request)
        except ConnectionError:
            # The fault wants no reply: hang up without a byte.
            self.close_connection = True
            return
        except Exception:
            # A defect of the emulator must not look like a lost reply.
            logger.exception("%s %s", request.method, request.path)
            response = error_reply(500)
        self._reply(request, response)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve

    def _reply(self, request: Request, response: Response) -> None:
        body, headers = response.body, dict(response.headers)
        if "gzip" in request.header("Accept-Encoding") and len(body) > GZIP_FROM:
            body = gzip.compress(body, 1)
            headers["Content-Encoding"] = "gzip"
        self.send_response(response.status)
        for name, value in headers.items():
            self.send_header(name, value)
        if response.status not in BODILESS:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if response.status in BODILESS else body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: the calls are in `Emulator.calls`."""


def _route(emulator: Emulator, request: Request) -> Response:
    if admin.handles(request):
        return foreign(request) or admin.answer(emulator, request)
    if view.handles(request):
        return foreign(request) or view.answer(emulator, request)
    return emulator.handle(request)


class _Sockets(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up in the middle of a reply is no event."""


class Server:
    """A running HTTP server; leaving the context stops it. `emulator` may be exchanged while it runs."""

    def __init__(self, emulator: Emulator, host: str = "127.0.0.1", port: int = 0) -> None:
        handler = type("Handler", (_Handler,), {"shell": self})
        self.emulator = emulator
        self._http = _Sockets((host, port), handler)
        self.host, self.port = host, int(self._http.server_address[1])
        self.url = f"http://{host}:{self.port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop accepting and close the socket."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(5)
