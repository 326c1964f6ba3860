"""Servers that say exactly what a test wants them to say, byte by byte, and a resolver that answers as it likes."""

from __future__ import annotations

import ipaddress
import socket
from threading import Thread


def ok(body=b"{}", *headers):
    """A good reply, complete."""
    return answer("200 OK", body, *headers)


def answer(status, body=b"", *headers):
    """A reply with a Content-Length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Content-Type: application/json", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def dripping(before=b"", drop=b".", pause=0.02):
    """Send `before`, then a little at a time, for as long as anybody listens."""

    def speak(connection):
        connection.sendall(before)
        while True:
            connection.sendall(drop)
            connection.settimeout(pause)
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                continue

    return speak


def flood(before=b"", drop=b"." * 65_536):
    """Send `before`, then as much as the other side takes."""

    def speak(connection):
        connection.sendall(before)
        while True:
            connection.sendall(drop)

    return speak


def silence(connection):
    """Say nothing, and do not hang up."""
    while connection.recv(65_536):
        continue


class Speaker:
    """A server on loopback which gives one answer after the other, the last one again and again.

    An answer is bytes, after which the connection is kept, or a function of the connection, after which it is closed.
    """

    def __init__(self, *answers, tls=None, greeting=b""):
        self.answers = list(answers)
        self.tls = tls
        self.greeting = greeting
        self.requests = []
        self.connections = 0
        self._open = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            connection.sendall(self.greeting)
            while request := self._request(connection):
                self.requests.append(request)
                said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if callable(said):
                    said(connection)
                    break
                connection.sendall(said)
                if b"connection: close" in said.lower():
                    break
        except OSError:  # the caller has heard enough, which is what most of these tests are about
            return
        finally:
            connection.close()

    def _request(self, connection):
        """The head of the next request, as text."""
        head = b""
        while b"\r\n\r\n" not in head:
            if not (piece := connection.recv(65_536)):
                return ""
            head += piece
        return head.decode("latin-1")

    def hang_up(self):
        """Close what is open, as servers do with what was idle for long."""
        for connection in self._open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:  # closed already
                continue
        for connection in self._open:
            connection.close()

    def close(self):
        if self._listener.fileno() < 0:
            return
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()
        self._thread.join(5)


class Resolver:
    """Answers with one list of addresses after the other, the last one again and again."""

    def __init__(self):
        self.answers = []
        self.asked = []

    def __call__(self, host, port, family=0, type=0, proto=0, flags=0):
        self.asked.append(host)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(found, Exception):
            raise found
        return [self._answer(address, port) for address in found]

    def _answer(self, address, port):
        if ipaddress.ip_address(address).version == 4:
            return socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)
        return socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0)
