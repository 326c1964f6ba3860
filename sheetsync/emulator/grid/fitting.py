"""How wide a column must be for its texts.

The emulator knows no fonts. What is on record is one column: 1,024 times the letter A came out at 9483 pixels. So each
character is taken for as wide as that, which is too wide for most letters.
"""

from __future__ import annotations

from math import ceil

from sheetsync.emulator.grid.cells import effective
from sheetsync.emulator.grid.display import show
from sheetsync.emulator.grid.sheet import Sheet

CHARACTER, BESIDE = 9.25, 11


def fitted_width(sheet: Sheet, column: int) -> int | None:
    """Pixels for the longest line of a text in the column; None, for the default, when there is none."""
    longest = 0
    for index, row in enumerate(sheet.rows):
        value = None if row is None else row.get(column)
        if value is not None:
            text = show(effective(value), sheet.format_of(index, column))
            longest = max(longest, *map(len, text.split("\n")))
    return ceil(longest * CHARACTER) + BESIDE if longest else None
