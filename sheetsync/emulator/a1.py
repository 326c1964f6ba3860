"""A1 notation: parsing, quoting and printing of ranges. Pure; knows nothing of a spreadsheet's contents."""

from __future__ import annotations

import re
from typing import NamedTuple

CELLS = re.compile(r"\$?([A-Za-z]{1,3})?\$?(\d{1,8})?(?:(:)\$?([A-Za-z]{1,3})?\$?(\d{1,8})?)?\Z")
R1C1 = re.compile(r"R(\d+)C(\d+)(?::R(\d+)C(\d+))?\Z", re.IGNORECASE)
PLAIN_TITLE = re.compile(r"[^\W\d]\w*\Z")


class Rect(NamedTuple):
    """A bounded, half-open rectangle of cells, zero-based."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left

    def overlaps(self, other: Rect) -> bool:
        return (
            self.top < other.bottom and other.top < self.bottom and self.left < other.right and other.left < self.right
        )


class Span(NamedTuple):
    """A range as asked for: zero-based, half-open, None where the asker left that side open."""

    top: int | None = None
    left: int | None = None
    bottom: int | None = None
    right: int | None = None

    @property
    def is_anchor(self) -> bool:
        """One cell, or open on a side: writes take it as a starting point only (measured)."""
        if self.bottom is None or self.right is None:
            return True
        return self.bottom - (self.top or 0) == 1 and self.right - (self.left or 0) == 1


class Address(NamedTuple):
    """What a range text says: a sheet title (None when absent), whether quoted, and the cells part."""

    title: str | None
    quoted: bool
    cells: Span | None


def column_letters(index: int) -> str:
    """0 -> A, 25 -> Z, 26 -> AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """A -> 0, ZZZ -> 18277."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def parse(text: str) -> Address | None:
    """Split a range text; None when its syntax is wrong. A bare word comes back as an unquoted title."""
    title, bang, cells = _split(text)
    quoted = title.startswith("'")
    if quoted:
        if len(title) < 2 or not title.endswith("'"):
            return None
        title = title[1:-1].replace("''", "'")
    if bang:
        span = parse_cells(cells)
        return Address(title, quoted, span) if span is not None and title else None
    if quoted:
        return Address(title, True, None)
    span = parse_cells(title)
    return Address(None, False, span) if span is not None else Address(title, False, None)


def _split(text: str) -> tuple[str, str, str]:
    if not text.startswith("'"):
        return text.partition("!")
    closing = re.match(r"'(?:[^']|'')*'", text)
    if closing is None:
        return text, "", ""
    rest = text[closing.end() :]
    return closing.group(), rest[:1], rest[1:]


def parse_cells(text: str) -> Span | None:
    """`A1:B2`, `A:A`, `1:2`, `A5:A`, `R1C1:R2C2`; None when it is none of these."""
    match = R1C1.match(text)
    if match:
        r0, c0, r1, c1 = (int(part) - 1 if part else None for part in match.groups())
        return _ordered(r0, c0, r0 if r1 is None else r1, c0 if c1 is None else c1)
    match = CELLS.match(text)
    if not match:
        return None
    col0, row0, colon, col1, row1 = match.groups()
    if not colon:
        if not (col0 and row0):
            return None
        col1, row1 = col0, row0
    if not (col0 or row0) or not (col1 or row1) or "0" in (row0, row1):
        return None
    return _ordered(_row(row0), _column(col0), _row(row1), _column(col1))


def _row(digits: str | None) -> int | None:
    return int(digits) - 1 if digits else None


def _column(letters: str | None) -> int | None:
    return column_index(letters) if letters else None


def _ordered(top: int | None, left: int | None, bottom: int | None, right: int | None) -> Span:
    """Corners in order and half-open: `D4:A1` becomes A1:D4 (recorded); `A5:A` stays open below."""
    if top is not None and bottom is not None and top > bottom:
        top, bottom = bottom, top
    if left is not None and right is not None and left > right:
        left, right = right, left
    if top is None and bottom is not None and left is not None:  # "A:A5" reads as A5:A does
        top, bottom = bottom, None
    if left is None and right is not None and top is not None:
        left, right = right, None
    end_row = None if bottom is None else bottom + 1
    end_column = None if right is None else right + 1
    return Span(top, left, end_row, end_column)


def quote(title: str) -> str:
    """The title as replies print it: quoted only when it could be taken for something else (recorded)."""
    plain = PLAIN_TITLE.match(title) and parse_cells(title) is None and title.upper() not in ("TRUE", "FALSE")
    return title if plain else "'" + title.replace("'", "''") + "'"


def cell_name(row: int, column: int) -> str:
    return f"{column_letters(column)}{row + 1}"


def print_range(title: str, rect: Rect) -> str:
    """`Sheet1!A1:C4`; a single cell prints without the colon."""
    first = cell_name(rect.top, rect.left)
    last = cell_name(rect.bottom - 1, rect.right - 1)
    return f"{quote(title)}!{first}" if first == last else f"{quote(title)}!{first}:{last}"
