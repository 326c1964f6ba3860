"""Does a cell hold exactly what was written, and does a write touch nothing else?"""

from __future__ import annotations

from sheetsync.pipeline.records import Value
from sheetsync.sheets.probes.asking import Known, Rule, expect, probe
from sheetsync.sheets.probes.reads import column
from sheetsync.sheets.probes.rows import DATED
from sheetsync.sheets.probes.scratch import Scratch
from sheetsync.sheets.requests import compact

LOOKING_LIKE_SOMETHING_ELSE = [
    '=IMPORTXML("https://example.com","//a")', "=1+1", "+49 30 1234567", "-1", "@SUM(A1)", "0012345",
    "123456789012345678", "'quoted", "TRUE", "1,5", "12.50", "50%", "€ 5", "2026-01-31", "1-2", "12:30", "1e5", "#REF!",
]  # fmt: skip
SPACES_AND_BREAKS = [" before", "behind ", "two  between", " ", "a\tb", "a\nb", "a\n", "\u00a0a", "a\u2028b", "\ufeffa"]
SCRIPTS = [
    "Zoë",
    "Zoe\u0308",
    "Ωμέγα",
    "שלום",
    "漢字",
    "👩\u200d👩\u200d👧",
    "\U0001d518",
    "e\u0301\u0327",
    "\u202eabc",
]
NUMBERS: list[Value] = [0, 12, 12.5, -0.01, 0.1, 123456789012345, 999999999999.999, 0.0000001]
LONGEST = 50_000


def expect_verbatim(scratch: Scratch, values: list[Value]) -> None:
    """Write these into one column, and look whether a read gives the same, types included."""
    scratch.make(scratch.put(0, 0, *([value] for value in values)), rows=len(values))
    found = column(scratch, 0, len(values)) or []
    for wanted, value in zip(values, [*found, *[None] * len(values)], strict=False):
        if not _one_number(wanted, value):
            expect(f"what was written as {wanted!r}", value, wanted)


def _one_number(one: Value, other: Value) -> bool:
    """12 and 12.0 are one number; true is none."""
    return {type(one), type(other)} == {int, float} and one == other


@probe(
    "a text that looks like a formula, a number or a date arrives as the text it is",
    matters="formulas from a shop would be run in the tenant's name, and ids lose their zeros",
    known=Known.REPORTED,
    rule=Rule.TAB,
    reads=1,
    writes=1,
)
def texts_arrive_as_texts(scratch: Scratch) -> None:
    expect_verbatim(scratch, [*LOOKING_LIKE_SOMETHING_ELSE])


@probe(
    "spaces, tabs and line breaks arrive as they are",
    matters="a cell would never equal what was written, and be written again with every repairing run",
    known=Known.ASSUMED,
    rule=Rule.EDITS,
    reads=1,
    writes=1,
)
def spaces_arrive_as_they_are(scratch: Scratch) -> None:
    expect_verbatim(scratch, [*SPACES_AND_BREAKS])


@probe(
    "every script arrives as it is: emoji, combining characters, right to left, nothing normalised",
    matters="a key that is changed on the way is another order's, or nobody's",
    known=Known.ASSUMED,
    rule=Rule.EDITS,
    reads=1,
    writes=1,
)
def scripts_arrive_as_they_are(scratch: Scratch) -> None:
    expect_verbatim(scratch, [*SCRIPTS])


@probe(
    "numbers up to 15 digits, 0 among them, and true and false arrive exactly",
    matters="money would be off by a cent, a 0 be an empty cell",
    known=Known.RECORDED,
    rule=Rule.EDITS,
    reads=1,
    writes=1,
)
def numbers_arrive_exactly(scratch: Scratch) -> None:
    expect_verbatim(scratch, [*NUMBERS, True, False])


@probe(
    "a cell under a date format is read as the serial number that was written",
    matters="every dated row would look as if somebody had edited it",
    known=Known.RECORDED,
    rule=Rule.EDITS,
    reads=1,
    writes=1,
)
def dates_read_as_serials(scratch: Scratch) -> None:
    scratch.table(specs=DATED, then=[scratch.put(1, 4, [45_000.5])])
    expect("the date", column(scratch, 4, 2)[1:], [45_000.5])


@probe(
    "a cell holds 50,000 characters, counted in UTF-16 units, and not one more",
    matters="longer texts are cut before they are sent; a shorter limit would refuse whole batches",
    known=Known.REPORTED,
    rule=Rule.LIMITS,
    reads=1,
    writes=2,
)
def longest_text(scratch: Scratch) -> None:
    scratch.make(scratch.put(0, 0, ["x" * LONGEST], ["😀" * (LONGEST // 2)]))
    sight = scratch.look((0, 2))
    expect("characters of both texts", (len(sight.text(0, 0)), len(sight.text(1, 0))), (LONGEST, LONGEST // 2))
    scratch.refused("a text of 50,001 characters", scratch.put(2, 0, ["x" * (LONGEST + 1)]))


@probe(
    "an absent value empties its cell",
    matters="what an order no longer has would stay in its row",
    known=Known.REFERENCE,
    rule=Rule.TAB,
    reads=1,
    writes=2,
)
def absent_value_empties(scratch: Scratch) -> None:
    scratch.make(scratch.put(0, 0, ["gone", "new", "stays"]))
    scratch.write(scratch.put(0, 0, [None, "newer"]))
    sight = scratch.look((0, 1))
    expect("the cells", [sight.text(0, at) for at in range(3)], ["", "newer", "stays"])


@probe(
    "a write of values leaves formats and notes as they are, and cells beside it",
    matters="people's own notes and colours would vanish with every update",
    known=Known.REFERENCE,
    rule=Rule.TAB,
    reads=1,
    writes=2,
)
def formats_and_notes_stay(scratch: Scratch) -> None:
    bold = {"textFormat": {"bold": True}}
    cells = [{"userEnteredValue": {"stringValue": text}, "userEnteredFormat": bold, "note": "ours"} for text in "ab"]
    start = {"sheetId": scratch.sheet_id, "rowIndex": 0, "columnIndex": 0}
    fields = "userEnteredValue,userEnteredFormat.textFormat.bold,note"
    scratch.make(compact({"updateCells": {"start": start, "rows": [{"values": cells}], "fields": fields}}))
    scratch.write(scratch.put(0, 0, ["new"]))
    (row,) = scratch.grid("userEnteredValue,userEnteredFormat.textFormat.bold,note", 0, 1)
    found = [
        (cell["userEnteredValue"].get("stringValue"), cell.get("userEnteredFormat"), cell.get("note")) for cell in row
    ]
    expect("value, format and note of both cells", found, [("new", bold, "ours"), ("b", bold, "ours")])
