"""The compare-and-swap: commits of a tab are numbered, and Google refuses a second one of the same number.

A marker is developer metadata on the tab whose id is a digest of (sheet id, n). Creating an id that exists is refused
together with the whole batch, so of all calls that claim number n at most one is ever applied, however late.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sheetsync.sheets.layout import MARKERS_KEPT, Marker, marker_id
from sheetsync.sheets.requests import batch_body, marker_requests


@dataclass(frozen=True, slots=True)
class Call:
    """One batchUpdate, ready to be sent: the marker it creates and its exact body."""

    marker: Marker
    body: bytes


class Ledger:
    """The commits of one tab as far as they are known, and the next number to claim."""

    def __init__(self, sheet_id: int, markers: Sequence[Marker] = (), taken: Iterable[int] = ()) -> None:
        self.sheet_id = sheet_id
        self.markers = tuple(markers)
        self.taken = frozenset(taken)
        """Metadata ids that exist in the spreadsheet; a number whose id belongs to something else is passed over."""

    @property
    def newest(self) -> Marker | None:
        return self.markers[-1] if self.markers else None

    def call(self, requests: Sequence[str], ranges: Sequence[str], *, run: str, token: str, layout: str) -> Call:
        """The call that makes `requests` the next commit.

        `layout` is the digest of the columns it was made for. A new tab's `addSheet` must come before its marker.
        """
        n = self._next()
        parts = "\x1f".join([str(self.sheet_id), str(n), run, token, *requests])
        digest = hashlib.blake2b(parts.encode(), digest_size=8).hexdigest()
        marker = Marker(n, run, digest, layout, marker_id(self.sheet_id, n))
        drop = [old.id for old in self.markers[: max(0, len(self.markers) + 1 - MARKERS_KEPT)]]
        first = 1 if requests and requests[0].startswith('{"addSheet"') else 0
        marks = marker_requests(self.sheet_id, marker, drop)
        return Call(marker, batch_body([*requests[:first], *marks, *requests[first:]], ranges))

    def record(self, call: Call) -> None:
        """This call was applied."""
        self.markers = (*self.markers, call.marker)[-MARKERS_KEPT:]
        self.taken |= {call.marker.id}

    def burn(self, call: Call) -> None:
        """The call's number can never be claimed: its id belongs to something else in the spreadsheet."""
        self.taken |= {call.marker.id}

    def landed(self, call: Call) -> bool:
        """Whether exactly this call was applied."""
        return any(marker.n == call.marker.n and marker.call == call.marker.call for marker in self.markers)

    def claimed(self, call: Call) -> bool:
        """Whether the call's number is used, by this call or another, so that nothing late can land any more."""
        return any(marker.n == call.marker.n for marker in self.markers)

    def _next(self) -> int:
        n = self.markers[-1].n + 1 if self.markers else 0
        while marker_id(self.sheet_id, n) in self.taken:
            n += 1
        return n
