"""A shop behind real HTTP: what it has, what it was asked, and how it fails when a test wants it to."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from threading import Lock, Thread
from urllib.parse import parse_qsl, urlsplit

from sheetsync.outbound import Rules
from sheetsync.sources.base import Surroundings

RULES = Rules(allow=(ip_network("127.0.0.1"),), http=True, seconds=5.0, connect_seconds=5.0)
"""What lets a source call a server on this machine."""


@dataclass
class Asked:
    """A request as it came in. `params`: the query's, in their order."""

    method: str
    path: str
    params: dict
    headers: dict
    body: bytes

    def json(self):
        return json.loads(self.body)


@dataclass
class Answer:
    """What goes back; a `body` that is no bytes goes as JSON."""

    body: object = b""
    status: int = 200
    headers: dict = field(default_factory=dict)

    def encoded(self):
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class ShopServer:
    """Subclasses say what is answered: `answer(asked) -> Answer`.

    `asked`: all requests so far. `before[n]`: called before the request of that number (from 1) is answered, for edits
    during a walk. `faults[n]`: the `Answer` that the request of that number gets instead, or "hang up".
    """

    def __init__(self):
        self.asked, self.before, self.faults, self._lock = [], {}, {}, Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, asked):
        raise NotImplementedError

    def respond(self, asked):
        with self._lock:
            self.asked.append(asked)
            number = len(self.asked)
            self.before.pop(number, lambda: None)()
            fault = self.faults.pop(number, None)
            return fault if fault is not None else self.answer(asked)


def surroundings(waits, **given):
    """What a source is given in tests: it may call this machine, and notes its waits instead of waiting."""
    return Surroundings(rules=RULES, wait=waits.append, **given)


def _handler(shop):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            params = dict(parse_qsl(parts.query, keep_blank_values=True))
            answer = shop.respond(Asked(self.command, parts.path, params, dict(self.headers.items()), body))
            if answer == "hang up":
                self.close_connection = True
                return
            sent = answer.encoded()
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any

        def log_message(self, *args):
            """Silent: tests read `asked`."""

    return Handler
