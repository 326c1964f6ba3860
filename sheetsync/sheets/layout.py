"""Where things are in a tab: managed columns found by their metadata, the grid's size, the newest marker."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

COLUMN = "sheetsync.column"
"""Metadata key on each managed column; the value is `{digest of header and format} {uid}`."""

COMMIT = "sheetsync.commit"
"""Metadata key of the markers on the tab; see `Marker`."""

KEY_UID = "#key"
PRINT_UID = "#fingerprint"
"""The technical columns' uids; `#` cannot begin a column's own uid."""

KEY_HEADER = "sheetsync key"
PRINT_HEADER = "sheetsync fingerprint"

MARKERS_KEPT = 200
"""A call lives at most 180 s and commits come about one a second: no late call can outlive its marker."""

MAX_CELLS = 10_000_000
MAX_COLUMNS = 18_278


@dataclass(frozen=True, slots=True)
class Marker:
    """The commit counter in the tab: `n`, the run that wrote it, a digest of that very call, one of the layout used."""

    n: int
    run: str
    call: str
    layout: str
    id: int = 0

    def text(self) -> str:
        return f"{self.n} {self.run} {self.call} {self.layout}"

    @classmethod
    def parse(cls, metadata: Mapping[str, Any]) -> Marker | None:
        """The marker in a developer-metadata object; None where it is something else."""
        parts = str(metadata.get("metadataValue", "")).split(" ")
        if metadata.get("metadataKey") != COMMIT or len(parts) != 4 or not parts[0].isdigit():
            return None
        return cls(int(parts[0]), parts[1], parts[2], parts[3], int(metadata["metadataId"]))


def marker_id(sheet_id: int, n: int) -> int:
    """The metadata id of the tab's n-th commit: positive, 31 bits, so that a second commit n is refused by Google."""
    digest = hashlib.blake2b(f"{sheet_id} {n}".encode(), digest_size=4).digest()
    return (int.from_bytes(digest) >> 1) or 1


def derived_sheet_id(spreadsheet_id: str, title: str) -> int:
    """A sheet id of our own choice: a repeated creation is refused instead of making a second tab."""
    digest = hashlib.blake2b(f"{spreadsheet_id}\x1f{title}".encode(), digest_size=4).digest()
    return (int.from_bytes(digest) >> 1) or 1


@dataclass(frozen=True, slots=True)
class Span:
    """A contiguous run of columns from `start` on, holding the columns `members` (indexes as in `Layout.columns`)."""

    start: int
    members: tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """A tab as it was last seen. Positions are 0-based column indexes; `columns` follow the automation's order."""

    sheet_id: int
    title: str
    row_count: int
    column_count: int
    key_at: int
    print_at: int
    columns: tuple[int, ...]
    headers: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """Changes when a managed column is somewhere else."""
        places = f"{self.key_at} {self.print_at} {self.columns}"
        return hashlib.blake2b(places.encode(), digest_size=4).hexdigest()

    @cached_property
    def managed(self) -> frozenset[int]:
        """Every position that is ours, the technical columns included."""
        return frozenset((self.key_at, self.print_at, *self.columns))

    @cached_property
    def insert_spans(self) -> tuple[Span, ...]:
        """All our columns as contiguous runs. Members: -2 the key, -1 the fingerprint, else an index of `columns`."""
        return _spans({self.key_at: -2, self.print_at: -1} | {at: i for i, at in enumerate(self.columns)})

    @cached_property
    def update_spans(self) -> tuple[Span, ...]:
        """The same without the key: an update never writes one, so that it shows whose row was hit."""
        return _spans({self.print_at: -1} | {at: i for i, at in enumerate(self.columns)})

    def same_columns(self, other: Layout) -> bool:
        return self.digest == other.digest


def _spans(members: Mapping[int, int]) -> tuple[Span, ...]:
    spans: list[list[int]] = []
    for at in sorted(members):
        if spans and at == spans[-1][-1] + 1:
            spans[-1].append(at)
        else:
            spans.append([at])
    return tuple(Span(run[0], tuple(members[at] for at in run)) for run in spans)


def column_places(column_metadata: Iterable[Mapping[str, Any]]) -> tuple[dict[str, int], dict[str, str]]:
    """A first row's `columnMetadata` -> where each uid of ours is, and the digest of its header and format.

    Where people made a second column carry the same uid, the first one stays ours.
    """
    places: dict[str, int] = {}
    digests: dict[str, str] = {}
    for at, column in enumerate(column_metadata):
        for metadata in column.get("developerMetadata", ()):
            if metadata.get("metadataKey") == COLUMN:
                digest, _, uid = str(metadata.get("metadataValue", "")).partition(" ")
                if uid not in places:
                    places[uid], digests[uid] = at, digest
    return places, digests


def column_name(at: int) -> str:
    """A1 letters of a 0-based column: 0 -> A, 26 -> AA."""
    name = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def quoted(title: str) -> str:
    """A tab's title as a range needs it: always in quotes, a quote inside doubled."""
    return "'" + title.replace("'", "''") + "'"


def blocks(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Sorted row numbers -> contiguous half-open blocks."""
    found: list[tuple[int, int]] = []
    for row in rows:
        if found and row == found[-1][1]:
            found[-1] = (found[-1][0], row + 1)
        elif not found or row >= found[-1][1]:
            found.append((row, row + 1))
    return found
