"""What goes in and out of the emulator: Request, Response, and the facts of one call."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
JSON_TYPE = "application/json; charset=UTF-8"
HTML_TYPE = "text/html; charset=UTF-8"
NOT_FOUND_PAGE = (
    "<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n  <title>Error 404 (Not Found)!!1</title>\n"
    "  <p><b>404.</b> <ins>That's an error.</ins>\n"
    "  <p>The requested URL was not found on this server.\n</html>\n"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """An HTTP request without the transport. `path` may be percent-encoded; `query` holds decoded pairs."""

    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def header(self, name: str) -> str:
        """A header by name without regard to case, "" when absent."""
        wanted = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == wanted), "")

    def param(self, name: str) -> str | None:
        return next((value for key, value in self.query if key == name), None)

    def params(self, name: str) -> list[str]:
        return [value for key, value in self.query if key == name]


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """An HTTP response without the transport."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, kw_only=True, slots=True)
class CallRecord:
    """One call as it was counted; `kind` is read, write or other (Drive, tokens)."""

    method: str
    path: str
    kind: str
    status: int
    bytes_in: int
    bytes_out: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What the core may not find out by itself: who calls, the time, the seed of generated ids, and the app's project.

    `misplaced`: appends go wrong on filtered tabs, see `filtered`.
    """

    user: str
    now: float
    seed: str
    app: str = ""
    misplaced: bool = False


def json_response(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(
        status=status,
        headers={"Content-Type": JSON_TYPE, **(headers or {})},
        body=text.encode("utf-8", "surrogatepass"),
    )


def html_response(status: int, text: str) -> Response:
    return Response(status=status, headers={"Content-Type": HTML_TYPE}, body=text.encode("utf-8", "replace"))


def timestamp(seconds: float) -> str:
    """RFC 3339 with milliseconds and Z, as Drive prints times."""
    whole = datetime.fromtimestamp(seconds, UTC)
    return whole.strftime("%Y-%m-%dT%H:%M:%S.") + f"{whole.microsecond // 1000:03d}Z"
