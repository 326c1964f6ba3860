"""Lists in pages, the newest first: a cursor holds its place however many rows come in front of it."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from sheetsync.api.problems import invalid

PAGE, MOST = 50, 200
MOST_DIGITS = 18
"""What every database's largest whole number has."""


class NewestFirst(CursorPagination):
    """`{"next", "previous", "results"}`; `?limit=` up to 200."""

    ordering = "-id"
    page_size = PAGE
    max_page_size = MOST
    page_size_query_param = "limit"
    template = None

    def get_page_size(self, request: Request) -> int:
        """Raises ValidationError for a limit that is none, instead of taking another one silently."""
        given = request.query_params.get("limit", str(PAGE))
        if not given.isascii() or not given.isdigit() or not 1 <= int(given[:9]) <= MOST:
            raise invalid("limit", f"{given[:40]!r} is no number of rows: write one from 1 to {MOST}.")
        return int(given)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Raises ValidationError for one that was not made here."""
        foreign = invalid("cursor", "This cursor was not made here: take the address in next or previous as it is.")
        try:
            cursor = super().decode_cursor(request)
        except (NotFound, ValueError) as error:
            raise foreign from error
        position: Any = cursor.position if cursor else None
        if position is not None and not (position.isascii() and position.isdigit() and len(position) <= MOST_DIGITS):
            raise foreign
        return cursor
