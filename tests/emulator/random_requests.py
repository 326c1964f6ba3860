"""Requests drawn at random from the table of messages: any kind there is, well and ill formed.

Half are the kind's example with other numbers and texts, so that many are applied; half are drawn field by field from
the kind's message, so that any combination can come.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

from sheetsync.emulator.api.messages import MESSAGES
from sheetsync.emulator.api.schema import ONEOFS
from sheetsync.emulator.batch.kinds import KINDS
from tests.emulator.examples import EXAMPLES

Json = dict[str, Any]

OTHERS = "*"
#: By the names of fields: what they are drawn from.
NUMBERS: dict[str, list[Any]] = {
    "sheetId sourceSheetId": [0, 0, 0, 2, 2, 3, 77],
    "newSheetId": [3, 4, 0],
    "endRowIndex endColumnIndex endIndex": [1, 2, 3, 4, 6, 8, 10, 0, 51],
    "metadataId bandedRangeId filterViewId filterId protectedRangeId": [1, 2, 3, 4, 5],
    "rowCount columnCount": [1, 2, 4, 8, 12, 0],
    "frozenRowCount frozenColumnCount depth length": [0, 1, 2, 1],
    "pixelSize": [20, 0, 3000],
    "numberValue": [1, 2.5, -0.0, 1e21, 10**400],
    OTHERS: [0, 0, 1, 2, 3, 5, 7, -1, 50],
}
WORDS: dict[str, list[Any]] = {
    "title newSheetName": ["Orders", "Two", "two", "it's", ""],
    "name": ["Sums", "Fruit", "A1", "no good"],
    "namedRangeId": ["n1", "n2"],
    "metadataKey": ["k", "l"],
    "metadataValue": ["v", "w", "x" * 15_000],
    "formulaValue": ["=1+1", "=1/0", "=SUM(A1:A2)", "none"],
    "a1Range": ["Orders!A1:B2", "Two", "B2", "Nowhere!A1", "Orders!A99"],
    "visibility": ["DOCUMENT", "PROJECT"],
    OTHERS: ["", "a", " b ", "fig", "1,2", "=1+1", "=1/0", "1-2", "é🌵", "007", "TRUE", "\ud83d"],
}


def _drawn_from(table: dict[str, list[Any]], name: str) -> list[Any]:
    return next((values for names, values in table.items() if name in names.split()), table[OTHERS])


#: The message that a kind's `fields` masks.
MASKED = {"rows": "CellData", "cell": "CellData"}


@cache
def requests() -> st.SearchStrategy[Json]:
    """One element of a batchUpdate."""
    return st.sampled_from(sorted(KINDS)).flatmap(_request)


@cache
def _request(kind: str) -> st.SearchStrategy[Json]:
    body = st.one_of(_varied(kind, EXAMPLES[kind]), _message(kind, likely=True))
    return body.map(lambda drawn: {kind: drawn})


def _varied(name: str, value: Any) -> st.SearchStrategy[Any]:
    """An example whose numbers and texts are now and then others."""
    if isinstance(value, dict):
        return st.fixed_dictionaries({key: _varied(key, each) for key, each in value.items()})
    if isinstance(value, list):
        return st.tuples(*(_varied(name, each) for each in value)).map(list)
    if isinstance(value, bool) or name in ("fields", "dimension", "visibility", "type"):
        return st.just(value)
    table = WORDS if isinstance(value, str) else NUMBERS
    return st.sampled_from([value] * 12 + _drawn_from(table, name))


@cache
def _message(name: str, likely: bool = False) -> st.SearchStrategy[Json]:
    """A message with some of its fields, of a union one at most in general; of a kind's own fields nearly all."""
    fields = {field: _field(name, field, kind) for field, kind in MESSAGES[name].items() if kind != "any"}
    if not likely:
        return st.fixed_dictionaries({}, optional=fields).map(lambda drawn: _one_of(name, drawn))
    return st.tuples(st.fixed_dictionaries(fields), st.sets(st.sampled_from(sorted(fields)), max_size=2)).map(
        lambda drawn: _one_of(name, {key: value for key, value in drawn[0].items() if key not in drawn[1]})
    )


def _one_of(name: str, drawn: Json) -> Json:
    members = ONEOFS[name][1] if name in ONEOFS else ()
    extra = [key for key in drawn if key in members][1:]
    return {key: value for key, value in drawn.items() if key not in extra}


def _field(message: str, name: str, kind: str) -> st.SearchStrategy[Any]:
    if name == "fields":
        return _mask(message)
    if kind.endswith("*"):
        return st.lists(_typed(name, kind[:-1]), max_size=3)
    if kind.startswith("<"):
        return st.dictionaries(st.sampled_from(["0", "1", "x"]), _typed(name, kind[1:-1]), max_size=2)
    return _typed(name, kind)


def _typed(name: str, kind: str) -> st.SearchStrategy[Any]:
    if kind in MESSAGES:
        return st.deferred(lambda: _message(kind))
    if kind == "bool":
        return st.booleans()
    if kind in ("int", "num"):
        return st.sampled_from(_drawn_from(NUMBERS, name))
    if kind == "str":
        return st.sampled_from(_drawn_from(WORDS, name))
    return st.sampled_from(kind.split("|"))


def _mask(message: str) -> st.SearchStrategy[str]:
    """A `fields` text for what the message carries: some of its fields, all, one too deep, one too many, none."""
    carried = [MASKED.get(field, kind) for field, kind in MESSAGES[message].items() if field not in ("range", "start")]
    below = next(kind for kind in carried if kind in MESSAGES and kind != "DataFilter")
    paths = list(MESSAGES[below])
    paths += [f"{name}.{each}" for name, kind in MESSAGES[below].items() for each in MESSAGES.get(kind, ())]
    some = st.lists(st.sampled_from(paths), min_size=1, max_size=3).map(",".join)
    return st.one_of(some, some, st.sampled_from(["*", "*", "bogus", ""]))


CELL = st.sampled_from([None, "", "x", "=1+1", "1-2", 5, 2.5, True, "'01", "y" * 60, 10**400])
ROWS = st.lists(st.lists(CELL, max_size=4), max_size=4)
RANGES = st.sampled_from(
    ["Orders!A1", "Orders!B2:C4", "Orders", "Second!A2:A", "Two!B1", "A3:D3", "Sums", "Orders!A99", "Nowhere", "!!"]
)
