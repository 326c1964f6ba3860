"""How long one call may take and how much may come in, watched at the socket, below all that can be dripped or flooded.

Timeouts of HTTP clients start anew with every byte, and caps on bodies do not see endless headers, interim answers or
chunk borders. All of these pass through `recv_into`.
"""

from __future__ import annotations

import socket
import ssl
import time
from typing import Any

HEADERS = 65_536
"""Bytes before the body. No more than http.client's limit for a line, so that what is too much is told by us."""


class OutOfTime(Exception):
    """The call has taken as long as it may."""


class TooMuch(Exception):
    """More came in than the call may receive."""


class Budget:
    """What the call that is under way may still spend."""

    def __init__(self) -> None:
        self._end = 0.0
        self._bytes = 0

    def start(self, seconds: float) -> None:
        """A new call begins now."""
        self._end = time.monotonic() + seconds

    def allow_headers(self) -> None:
        """A reply is asked for; after a redirect it is another one, in the same time."""
        self._bytes = HEADERS

    def allow_body(self, size: int) -> None:
        """The headers are through: a body may follow, with borders of chunks as long as itself."""
        self._bytes = 2 * size + HEADERS

    def seconds(self) -> float:
        """What is left, always above 0. Raises OutOfTime."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise OutOfTime
        return left

    def is_spent(self) -> bool:
        """Whether the time of the call is over."""
        return time.monotonic() >= self._end

    def received(self, size: int) -> None:
        """So much came in."""
        self._bytes -= size

    def room(self) -> int:
        """How many bytes may still come in, always above 0. Raises TooMuch."""
        if self._bytes <= 0:
            raise TooMuch
        return self._bytes


class BudgetSocket(socket.socket):
    """A socket on which every read and every write ends with the call."""

    budget: Budget

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        """As a file object of the socket calls it, for every part of a reply."""
        room = min(nbytes or len(buffer), self.budget.room())
        self.settimeout(self.budget.seconds())
        size = super().recv_into(buffer, room, flags)
        self.budget.received(size)
        return size

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        """One timeout for all that is sent, with TLS as without: OpenSSL too is given all of it at once."""
        self.settimeout(self.budget.seconds())
        super().sendall(*args, **kwargs)


class BudgetTLS(BudgetSocket, ssl.SSLSocket):
    """The same with TLS. A handshake, which comes before `budget` is there, has one timeout for all of its steps."""


def over(sock: socket.socket | None, budget: Budget) -> BudgetSocket:
    """Put a connected socket under the budget."""
    if not isinstance(sock, BudgetSocket):
        raise TypeError(f"{type(sock).__name__} would not keep to the budget of a call")
    sock.budget = budget
    return sock
