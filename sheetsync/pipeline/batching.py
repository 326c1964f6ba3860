"""Order groups become batches under the caps: as full as they get, no order torn apart, the cursor always safe."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from sheetsync.pipeline.records import Batch, Cursor, OrderGroup, Row

Size = Callable[[Row], int]
"""The most bytes that a row can take in a request body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """The most that one commit may hold. `lookahead`: how many orders may wait while smaller ones fill a batch."""

    groups: int = 300
    rows: int = 1_200
    bytes: int = 1_200_000
    lookahead: int = 8


def batches(groups: Iterable[OrderGroup], caps: Caps, size: Size) -> Iterator[Batch]:
    """Every group in exactly one batch, but for an order that exceeds a cap by itself: it comes in parts.

    An order that does not fit any more waits for the next batch while up to `lookahead` later ones are tried, so a
    batch is nearly always full: on 25,900 real orders 453 batches instead of 474, where 452 is the floor.
    """
    packer = _Packer(caps)
    for group in groups:
        packer.arrive(group, sum(map(size, group.rows)))
        if packer.oversized:
            yield from packer.drain()
            yield from packer.parts(size)
        while packer.full:
            yield packer.close()
    yield from packer.drain()


@dataclass(frozen=True, slots=True)
class _Waiting:
    group: OrderGroup
    bytes: int
    before: Cursor | None
    """The cursor of the order that arrived just before: where a resume must begin while this one is uncommitted."""


@dataclass(slots=True)
class _Packer:
    caps: Caps
    taken: dict[str, OrderGroup] = field(default_factory=dict)
    rows: int = 0
    bytes: int = 0
    waiting: deque[_Waiting] = field(default_factory=deque)
    last: Cursor | None = None
    oversized: _Waiting | None = None

    @property
    def full(self) -> bool:
        caps = self.caps
        return len(self.waiting) >= caps.lookahead or self.rows >= caps.rows or len(self.taken) >= caps.groups

    def arrive(self, group: OrderGroup, size: int) -> None:
        item = _Waiting(group, size, self.last)
        self.last = group.cursor
        if len(group.rows) > self.caps.rows or (size > self.caps.bytes and len(group.rows) > 1):
            self.oversized = item
        # A later version of an order that still waits, or is in this batch, must not overtake or join it.
        elif any(other.group.order_id == group.order_id for other in self.waiting) or not self.take(item):
            self.waiting.append(item)

    def take(self, item: _Waiting) -> bool:
        caps, group = self.caps, item.group
        fits = self.rows + len(group.rows) <= caps.rows and self.bytes + item.bytes <= caps.bytes
        if group.order_id in self.taken or (self.taken and not fits) or len(self.taken) >= caps.groups:
            return False
        self.taken[group.order_id] = group
        self.rows += len(group.rows)
        self.bytes += item.bytes
        return True

    def close(self) -> Batch:
        """The batch as it stands; the next one begins with what waited, in the order of arrival."""
        batch = Batch(tuple(self.taken.values()), self.safe_cursor())
        self.taken, self.rows, self.bytes = {}, 0, 0
        waiting, self.waiting = self.waiting, deque()
        held: set[str] = set()
        for item in waiting:
            if item.group.order_id in held or not self.take(item):
                held.add(item.group.order_id)
                self.waiting.append(item)
        return batch

    def safe_cursor(self) -> Cursor | None:
        first = next(iter(self.waiting), self.oversized)
        return first.before if first else self.last

    def drain(self) -> Iterator[Batch]:
        while self.taken:
            yield self.close()

    def parts(self, size: Size) -> Iterator[Batch]:
        """The oversized order in several batches of its own; only the last moves the cursor and removes lines."""
        assert self.oversized is not None  # noqa: S101 - `batches` calls this only then
        item, self.oversized = self.oversized, None
        pieces = list(_pieces(item.group.rows, self.caps, size))
        for number, piece in enumerate(pieces, start=1):
            final = number == len(pieces)
            part = replace(item.group, rows=piece, final=final)
            yield Batch((part,), item.group.cursor if final else item.before)


def _pieces(rows: tuple[Row, ...], caps: Caps, size: Size) -> Iterator[tuple[Row, ...]]:
    piece: list[Row] = []
    held = 0
    for row in rows:
        more = size(row)
        if piece and (len(piece) >= caps.rows or held + more > caps.bytes):
            yield tuple(piece)
            piece, held = [], 0
        piece.append(row)
        held += more
    yield tuple(piece)
