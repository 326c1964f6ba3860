"""Generated ids, repeatable from a seed so that a journal replays to the same spreadsheets."""

from __future__ import annotations

import base64
import hashlib


class Ids:
    """A stream of ids that look like Google's; equal seeds give equal streams."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.count = 0

    def _digest(self) -> bytes:
        self.count += 1
        return hashlib.sha512(f"{self.seed}/{self.count}".encode()).digest()

    def number(self) -> int:
        """A positive 31-bit number, as for sheets, metadata and protected ranges."""
        return int.from_bytes(self._digest()[:4], "big") % (2**31 - 1) + 1

    def file(self) -> str:
        """A 44-character file id starting with 1, the shape of every recorded one."""
        return "1" + base64.urlsafe_b64encode(self._digest())[:43].decode()

    def token(self) -> str:
        return "ya29.c." + base64.urlsafe_b64encode(self._digest() + self._digest()).decode().rstrip("=")
