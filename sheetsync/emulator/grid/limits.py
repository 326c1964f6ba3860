"""Google's documented or measured limits.

Characters are counted as UTF-16 units, as Google's Java and JavaScript count strings: an emoji is 2.
"""

from __future__ import annotations

from sheetsync.emulator.errors import Refused

CELLS = 10_000_000
COLUMNS = 18_278
CELL_CHARACTERS = 50_000
TABS = 200
METADATA_CHARACTERS = 30_000


def utf16_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def check_text(text: str) -> None:
    """Raise for a text that no cell can hold (50,001 refused, 50,000 accepted: measured)."""
    if len(text) * 2 > CELL_CHARACTERS and utf16_length(text) > CELL_CHARACTERS:
        raise Refused("Your input contains more than the maximum of 50000 characters in a single cell.")


def check_cells(total: int) -> None:
    if total > CELLS:
        raise Refused(
            "This action would increase the number of cells in the workbook above the limit of 10000000 cells."
        )


def check_columns(count: int) -> None:
    if count > COLUMNS:
        raise Refused("This action would increase the number of columns in the sheet above the limit of 18278 columns.")
