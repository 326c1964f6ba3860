"""A1 notation: parsing, quoting and printing of ranges. Pure; knows nothing of a spreadsheet's contents."""

from __future__ import annotations

import re
from typing import NamedTuple

CELLS = re.compile(r"\$?([A-Za-z]{1,3})?\$?(\d{1,8})?(?:(:)\$?([A-Za-z]{1,3})?\$?(\d{1,8})?)?\Z")
#: R and C with an absolute number from 1, a bracketed offset from A1, or nothing.
R1C1 = re.compile(r"(?P<R>R(?:\d{1,9}|\[\d{1,9}\])?)?(?P<C>C(?:\d{1,9}|\[\d{1,9}\])?)?\Z", re.IGNORECASE)
#: Titles that replies print bare; one with a letter that is not ASCII is quoted (captured replies).
PLAIN_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


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

    @property
    def size(self) -> int:
        return self.height * self.width

    def overlaps(self, other: Rect) -> bool:
        return (
            self.top < other.bottom and other.top < self.bottom and self.left < other.right and other.left < self.right
        )

    def shared(self, other: Rect) -> Rect | None:
        """The cells that both have, None for none."""
        top, left = max(self.top, other.top), max(self.left, other.left)
        bottom, right = min(self.bottom, other.bottom), min(self.right, other.right)
        return Rect(top, left, bottom, right) if top < bottom and left < right else None


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
    """Split a range text; None when its syntax is wrong. A bare word comes back as an unquoted title.

    A title need not be quoted, whatever is in it: the last `!` ends it. An empty one means the first tab (measured).
    """
    title, bang, cells = _split(text)
    quoted = title.startswith("'") and title.endswith("'") and len(title) > 1
    name = title[1:-1].replace("''", "'") if quoted else title
    if bang == "!":
        span = parse_cells(cells)
        if span is not None:
            return Address(name or None, quoted and bool(name), span)
        return None if quoted else Address(text, False, None)
    if quoted:
        return Address(name, True, None) if name else None
    span = parse_cells(text)
    return Address(None, False, span) if span is not None else Address(text, False, None)


def _split(text: str) -> tuple[str, str, str]:
    """Title, `!` and cells. The `!` may be part of a quoted title."""
    closing = re.match(r"'(?:[^']|'')*'", text)
    if closing is not None and text[closing.end() :][:1] in ("", "!"):
        rest = text[closing.end() :]
        return closing.group(), rest[:1], rest[1:]
    title, bang, cells = text.rpartition("!")
    return (title, bang, cells) if bang else (text, "", "")


def parse_cells(text: str) -> Span | None:
    """`A1:B2`, `A:A`, `1:2`, `A5:A`, else `R1C1:R2C2` (so `R1` is a cell, measured); None when it is none of these."""
    match = CELLS.match(text)
    return _r1c1(text) if match is None else _a1(match) or _r1c1(text)


def _a1(match: re.Match[str]) -> Span | None:
    col0, row0, colon, col1, row1 = match.groups()
    if not colon:
        if not (col0 and row0):
            return None
        col1, row1 = col0, row0
    if not (col0 or row0) or not (col1 or row1) or any(row and int(row) == 0 for row in (row0, row1)):
        return None
    return _ordered(_row(row0), _column(col0), _row(row1), _column(col1))


class _Half(NamedTuple):
    """One side of an R1C1 range: zero-based, None for open; and what was written, with [ for an offset."""

    row: int | None
    column: int | None
    written: tuple[str, str]


def _r1c1(text: str) -> Span | None:
    """R1C1 notation, as measured: `R[1]C[1]` is B2, counted from A1; `C[1]` is column B; `R1C1:R2` ends with row 2."""
    parts = text.split(":")
    halves = [half for part in parts if (half := _half(part)) is not None]
    if len(halves) != len(parts) or len(parts) > 2:
        return None
    first, last = halves[0], halves[-1]
    if any(_empty(start, end) for start, end in zip(first.written, last.written, strict=True)):
        return None
    return _ordered(first.row, first.column, last.row, last.column)


def _half(text: str) -> _Half | None:
    match = R1C1.match(text)
    if match is None or not text:
        return None
    row, column = (None if found is None else found[1:] for found in match.group("R", "C"))
    if any(written and not written.startswith("[") and int(written) == 0 for written in (row, column)):
        return None
    return _Half(_place(row, column), _place(column, row), (row or "", column or ""))


def _place(written: str | None, other: str | None) -> int | None:
    """An index; a letter without a number means the first, one that is missing beside a number means all."""
    if not written:
        return None if written is None and other else 0
    return int(written[1:-1]) if written.startswith("[") else int(written) - 1


def _empty(start: str, end: str) -> bool:
    """`R2C2:R1C1` is refused and `R3C3:R1C1` is A1:C3: refused is what the numbers as written make empty (measured)."""
    if not start or not end or start.startswith("[") != end.startswith("["):
        return False
    return int(start.strip("[]")) == int(end.strip("[]")) + 1


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
    return f"{quote(title)}!{print_cells(rect)}"


def print_span(title: str, span: Span) -> str:
    """A range with only the sides it names, as refusals print it: `Sheet1!ZZ`, `Sheet1!B1001:C` (measured)."""
    start = (column_letters(span.left) if span.left is not None else "") + _digits(span.top, 1)
    end = (column_letters(span.right - 1) if span.right else "") + _digits(span.bottom, 0)
    empty = any(
        side is not None and side == other for side, other in ((span.top, span.bottom), (span.left, span.right))
    )
    cells = start if start == end else f"{start}:{end}"
    return f"{'(empty) ' if empty else ''}{quote(title)}!{cells}"


def _digits(row: int | None, more: int) -> str:
    return "" if row is None else str(row + more)


def print_cells(rect: Rect) -> str:
    first = cell_name(rect.top, rect.left)
    last = cell_name(rect.bottom - 1, rect.right - 1)
    return first if first == last else f"{first}:{last}"
