"""Ids of rows as they come in addresses and from the keyboard, where anything may stand."""

from __future__ import annotations

LONGEST = 18
"""Digits: any such number fits every database's ids."""


def row_id(text: str) -> int | None:
    """The number; None for what cannot be the id of a row."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST else None
