"""What the grid is made of: rows, columns, formulas and error values.

Formats are nested dicts shared between cells and never changed in place; a new format is a new dict. The same
holds for a row's `formats` and `extras` maps, so inserted rows may share them with their neighbour.
"""

from __future__ import annotations

from math import isfinite
from typing import Any

from sheetsync.emulator.errors import Refused

Format = dict[str, Any]
#: Column -> what a cell has besides value and format: note, dataValidation, textFormatRuns.
Extras = dict[int, dict[str, Any]]


class CellError:
    """The result of a formula that has none: `kind` is Google's ErrorType, `text` what the cell shows."""

    __slots__ = ("kind", "text")

    def __init__(self, kind: str, text: str) -> None:
        self.kind = kind
        self.text = text

    def __repr__(self) -> str:
        return self.text


class Formula:
    """A formula as typed and its value."""

    __slots__ = ("link", "text", "value")

    def __init__(self, text: str, value: Scalar | CellError, link: str | None = None) -> None:
        self.text = text
        self.value = value
        self.link = link

    def __repr__(self) -> str:
        return self.text


Scalar = str | int | float | bool | None
Value = Scalar | Formula


class Row:
    """One materialised row. Slots keep half a million of them affordable.

    `epoch` says in which batch the row object was made: a batch may change its own rows in place and copies
    all others first, which is what makes the undo of a refused batch exact and cheap.
    """

    __slots__ = ("epoch", "extras", "formats", "hidden", "metadata", "pixels", "values")

    def __init__(self, epoch: int, values: list[Value] | None = None) -> None:
        self.epoch = epoch
        self.values: list[Value] = [] if values is None else values
        self.formats: dict[int, Format] | None = None
        self.extras: Extras | None = None
        self.metadata: tuple[int, ...] = ()
        self.hidden = False
        self.pixels: int | None = None

    def copy(self, epoch: int) -> Row:
        twin = Row(epoch, self.values.copy())
        twin.formats = self.formats
        twin.extras = self.extras
        twin.metadata = self.metadata
        twin.hidden = self.hidden
        twin.pixels = self.pixels
        return twin

    def get(self, column: int) -> Value:
        return self.values[column] if column < len(self.values) else None

    def put(self, column: int, value: Value) -> None:
        values = self.values
        if column < len(values):
            values[column] = value
        elif value is not None:
            values.extend([None] * (column - len(values)))
            values.append(value)


class Column:
    """A column's own properties; `format` is the default of its cells."""

    __slots__ = ("format", "hidden", "metadata", "pixels")

    def __init__(self) -> None:
        self.format: Format | None = None
        self.metadata: tuple[int, ...] = ()
        self.hidden = False
        self.pixels: int | None = None

    def copy(self) -> Column:
        twin = Column()
        twin.format = self.format
        twin.metadata = self.metadata
        twin.hidden = self.hidden
        twin.pixels = self.pixels
        return twin

    def inheriting(self) -> Column:
        """A new column beside this one: its looks, not its anchors."""
        twin = Column()
        twin.format = self.format
        twin.pixels = self.pixels
        return twin


def number(value: float) -> int | float:
    """A JSON number as a sheet keeps it: an IEEE double, whole ones as int. 18-digit ids lose digits here."""
    if type(value) is int and -9007199254740992 <= value <= 9007199254740992:
        return value
    try:
        double = float(value)
    except OverflowError:
        raise Refused("A number is too large.") from None
    if not isfinite(double):
        raise Refused("A number is too large.")
    return int(double) if double.is_integer() and abs(double) < 1e21 else double


def effective(value: Value) -> Scalar | CellError:
    """The value a reader sees: a formula's result, anything else as it is."""
    return value.value if isinstance(value, Formula) else value


def inherited(extras: Extras | None) -> Extras | None:
    """What an inserted line takes over of its neighbour's extras: the validation."""
    rules = {column: extra["dataValidation"] for column, extra in (extras or {}).items() if "dataValidation" in extra}
    return {column: {"dataValidation": rule} for column, rule in rules.items()} or None


def unticked(rules: Extras | None) -> list[int]:
    """The columns of a new line that get an unticked checkbox (measured)."""
    conditions = ((column, extra["dataValidation"]["condition"]) for column, extra in (rules or {}).items())
    return [column for column, condition in conditions if condition == {"type": "BOOLEAN"}]
