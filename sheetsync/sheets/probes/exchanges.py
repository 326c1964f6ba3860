"""What was said over the wire while a probe asked: kept as it was, so that an unexpected answer can be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import requests

LONGEST_TEXT = 1_200


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its reply. Headers are left out: they carry a token."""

    method: str
    path: str
    sent: str
    status: int
    answered: str

    @property
    def is_write(self) -> bool:
        return self.path.partition("?")[0].endswith(":batchUpdate")

    def shortened(self) -> dict[str, Any]:
        """As plain values, long bodies without their middle."""
        return {
            "method": self.method,
            "path": self.path,
            "sent": shortened(self.sent),
            "status": self.status,
            "answered": shortened(self.answered),
        }


class Transcript:
    """Every exchange of a session since the last `clear`."""

    def __init__(self, session: requests.Session) -> None:
        self.exchanges: list[Exchange] = []
        session.hooks["response"].append(self._keep)

    def clear(self) -> None:
        """A new probe begins."""
        self.exchanges.clear()

    @property
    def last_status(self) -> int:
        return self.exchanges[-1].status if self.exchanges else 0

    def telling(self) -> tuple[Exchange, ...]:
        """What shows best why something is not as assumed: the last write, and the look that came after it."""
        writes = [exchange for exchange in self.exchanges if exchange.is_write][-1:]
        looks = [exchange for exchange in self.exchanges[-1:] if exchange not in writes]
        return (*writes, *looks)

    def _keep(self, response: requests.Response, **_: Any) -> None:
        request = response.request
        sent = request.body.decode() if isinstance(request.body, bytes) else str(request.body or "")
        self.exchanges.append(
            Exchange(
                method=str(request.method),
                path=unquote(request.path_url),
                sent=sent,
                status=response.status_code,
                answered=response.content.decode("utf-8", "replace"),
            )
        )


def shortened(text: str, longest: int = LONGEST_TEXT) -> str:
    """A long text without its middle, and how much that was."""
    if len(text) <= longest:
        return text
    tail = longest // 4
    head = longest - tail
    return f"{text[:head]} … [{len(text) - longest:,} characters left out] … {text[-tail:]}"
