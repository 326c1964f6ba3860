"""A shop behind real HTTP: what it has, what it was asked, and how it fails when a test wants it to."""

from __future__ import annotations

import json
import re
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
    """What goes back; a `body` that is no bytes goes as JSON, in which a Decimal is a number with all its digits."""

    body: object = b""
    status: int = 200
    headers: dict = field(default_factory=dict)

    def encoded(self):
        return self.body if isinstance(self.body, bytes) else exact_json(self.body)


def exact_json(value):
    """As bytes; a Decimal becomes a number with all its digits, as many shops send money."""
    text = json.dumps(value, default=lambda number: f"\0{number}")
    return re.sub(r'"\\u0000([0-9.E+-]+)"', r"\1", text).encode()


class ShopServer:
    """Subclasses say what is answered: `answer(asked) -> Answer`.

    `asked`: all requests so far. `before[n]`: called before the request of that number (from 1) is answered, for edits
    during a walk. `faults[n]`: the `Answer` that the request of that number gets instead, or "hang up". `always`: what
    every request gets from now on. `given`: what was answered so far.
    """

    most = 20_000
    """No test asks for more: whoever walks for ever is hung up on."""

    def __init__(self):
        self.asked, self.given, self.before, self.faults, self.always = [], [], {}, {}, None
        self._lock = Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, args=[0.02], daemon=True)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, asked):
        """Subclasses have something; here nothing is anywhere."""
        return Answer({}, 404)

    def respond(self, asked):
        with self._lock:
            self.asked.append(asked)
            number = len(self.asked)
            self.before.pop(number, lambda: None)()
            fault = "hang up" if number > self.most else self.faults.pop(number, self.always)
            self.given.append(self.answer(asked) if fault is None else fault)
            return self.given[-1]


def surroundings(waits, **given):
    """What a source is given in tests: it may call this machine, and notes its waits instead of waiting."""
    return Surroundings(rules=RULES, wait=waits.append, **given)


def _handler(shop):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # headers and body leave together: apart, each reply takes a delayed acknowledgement's 40 ms

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
