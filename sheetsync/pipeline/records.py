"""The values that travel the data road, and the two rules of identity: row key and fingerprint.

    SourceRow -> Row -> OrderGroup -> Batch -> CommitPlan

A row key is text: the order id, or the order id and the line id joined by `:`. Inside ids `%` and `:` are written `%25`
and `%3A`, so a key can always be split again, whatever a shop uses as ids.

A fingerprint is `kkkk.vvvvvvvvvvvv`: four characters of the key's digest, then twelve of the digest of the row's
managed values. A row whose fingerprint does not begin with its own key's characters was hit by another row's write.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sheetsync.errors import BadRecord

Value = str | int | float | bool | None
"""What one cell holds: text, number, boolean, or None for an empty cell. Dates are already serial numbers."""

Cursor = str
"""Where a walk resumes: opaque text that only the source which made it can read."""

MAX_ID = 512
"""Longest order or line id, in characters; real ones are under 100. A key must fit a cell many times over."""

_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

LIVE = "."
CLEARED = "-cleared"
MARKED = "-marked"
DELETING = "-deleting"
COPY = "-copy"
"""What follows the key's characters in a fingerprint cell: a live row's values, or the state of a row let go."""


class RowsPer(StrEnum):
    """Whether a tab has one row for each order or one for each of its lines."""

    ORDER = "order"
    LINE = "line"


class Removed(StrEnum):
    """What becomes of the rows of an order or line that the shop no longer has."""

    KEEP = "keep"
    MARK = "mark"
    CLEAR = "clear"
    DELETE = "delete"


class HandEdits(StrEnum):
    """What becomes of a managed cell that somebody edited: stays until the order changes, or is put right."""

    KEEP = "keep"
    REPAIR = "repair"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One row as a source gives it. All rows of an order come one after the other.

    `line` and `line_id` are None where the tab has a row per order, and for an order without lines.
    `cursor` resumes *after this row's order*; every row of the order carries the same one. `changed_at`: when the order
    was last changed, by the shop's clock; None where it does not tell.
    """

    order_id: str
    order: Mapping[str, Any]
    line_id: str | None = None
    line: Mapping[str, Any] | None = None
    cursor: Cursor | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row as the tab shall hold it; `cells` in the order of the automation's columns."""

    key: str
    fingerprint: str
    cells: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class OrderGroup:
    """All rows of one order, or one part of an order that exceeds a cap by itself.

    `keys` are the keys of the whole order, so that rows which are no longer in it can be told; only the `final` part
    may remove them. `rows` is empty for an order that has no rows (left): what the tab holds of it is then removed.
    """

    order_id: str
    rows: tuple[Row, ...]
    keys: frozenset[str]
    cursor: Cursor | None = None
    final: bool = True


@dataclass(frozen=True, slots=True)
class Batch:
    """Order groups committed by one atomic call. `cursor`: every order up to it is committed once this batch is.

    `passed`: how many orders lie between the last batch's cursor and this one. An order behind it may be in the batch
    too: a resume meets it again.
    """

    groups: tuple[OrderGroup, ...]
    cursor: Cursor | None = None
    passed: int = 0

    @property
    def rows(self) -> int:
        return sum(len(group.rows) for group in self.groups)


@dataclass(frozen=True, slots=True)
class Update:
    """Write `row` into the tab's row `at` (0-based); `expected` is the key token that must stand there."""

    at: int
    row: Row
    restyle: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    """Let the tab's row `at` go: its key stays, its fingerprint cell becomes the key's characters and `state`."""

    at: int
    key_token: int
    state: str


@dataclass(frozen=True, slots=True)
class CommitPlan:
    """What one batch changes in the tab as it is known now."""

    updates: tuple[Update, ...] = ()
    inserts: tuple[Row, ...] = ()
    releases: tuple[Release, ...] = ()
    unchanged: int = 0

    def __bool__(self) -> bool:
        return bool(self.updates or self.inserts or self.releases)

    @property
    def rows(self) -> list[int]:
        """The existing rows that the plan writes to, in the order of the tab."""
        return sorted([*(update.at for update in self.updates), *(release.at for release in self.releases)])


@dataclass(slots=True)
class Tally:
    """Counts of what was strange but not fatal, with one example of each: `{kind: (count, example)}`."""

    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)

    def add(self, kind: str, example: str, count: int = 1) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + count
        self.examples.setdefault(kind, example)


def row_key(order_id: str, line_id: str | None = None) -> str:
    """The identity of a sheet row. Raises BadRecord for an empty or over-long id."""
    if line_id is None:
        return _escaped("order id", order_id)
    return f"{_escaped('order id', order_id)}:{_escaped('line id', line_id)}"


def split_key(key: str) -> tuple[str, str | None]:
    """The ids that `row_key` joined: (order id, line id or None)."""
    order_id, colon, line_id = key.partition(":")
    return _unescaped(order_id), (_unescaped(line_id) if colon else None)


def fingerprint(key: str, uids: Sequence[str], cells: Sequence[Value]) -> str:
    """The fingerprint of a row: it changes with the key, any value, its type, the set of columns, not their order."""
    parts = sorted(f"{uid}\x1f{_canonical(value)}" for uid, value in zip(uids, cells, strict=True))
    digest = hashlib.blake2b("\x1e".join(parts).encode("utf-8", "surrogatepass"), digest_size=9).digest()
    return key_mark(key) + LIVE + base64.urlsafe_b64encode(digest).decode("ascii")


def key_mark(key: str) -> str:
    """The four characters of a key's digest with which its fingerprint begins."""
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=3).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii")


def token(text: str) -> int:
    """A 64-bit stand-in for a text, stable within this process only; 0 is kept for "nothing"."""
    return (hash(text) & 0xFFFF_FFFF_FFFF_FFFF) or 1


def _canonical(value: Value) -> str:
    # A sheet does not know 5 from 5.0: both come back as 5, so both must give one digest.
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return f"b{value:d}"
    if isinstance(value, str):
        return "s" + value
    return "n" + repr(float(value))


def _escaped(what: str, text: str) -> str:
    if not text:
        raise BadRecord(f"an {what} is empty: every order needs an id of its own, and every line too")
    if len(text) > MAX_ID:
        raise BadRecord(f"{what} {text[:40]!r}… has {len(text)} characters: at most {MAX_ID} can identify a row")
    if not text.isprintable() and _UNFIT.search(text):
        raise BadRecord(f"{what} {text[:40]!r} holds control characters, which a cell cannot carry")
    return text.replace("%", "%25").replace(":", "%3A")


def _unescaped(text: str) -> str:
    return text.replace("%3A", ":").replace("%25", "%")
