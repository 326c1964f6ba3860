"""Batch + what the tab holds -> what to change. Pure: the same twice gives the same, and after it, nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from sheetsync.pipeline.records import (
    CLEARED,
    COPY,
    DELETING,
    LIVE,
    MARKED,
    Batch,
    CommitPlan,
    OrderGroup,
    Release,
    Removed,
    Row,
    Update,
    token,
)

DISPLACED = "?"
"""The state of a row whose fingerprint is missing or does not belong to its key: its cells cannot be trusted."""

RELEASE_STATES = {Removed.MARK: MARKED, Removed.CLEAR: CLEARED, Removed.DELETE: DELETING}

STATES = (LIVE, CLEARED, MARKED, DELETING, COPY, DISPLACED)


class KnownRow(NamedTuple):
    """A row of the tab that carries a key: where it is (0-based), and tokens of its key and fingerprint."""

    at: int
    key_token: int
    print_token: int
    state: str


class Known(Protocol):
    """What planning needs to know of a tab."""

    def rows_of(self, order_id: str) -> Iterable[KnownRow]:
        """Every row of that order; at most one for a key, copies left out."""
        ...


def plan(batch: Batch, known: Known, removed: Removed) -> CommitPlan:
    """What makes the tab hold this batch: each row updated, inserted or left alone, vanished rows let go."""
    draft = _Draft()
    for group in batch.groups:
        there = {row.key_token: row for row in known.rows_of(group.order_id)}
        draft.place(group.rows, there)
        if group.final and there:
            draft.release(group, there.values(), removed)
    return draft.done()


@dataclass(slots=True, init=False)
class _Draft:
    updates: list[Update]
    inserts: list[Row]
    releases: list[Release]
    unchanged: int

    def __init__(self) -> None:
        self.updates, self.inserts, self.releases, self.unchanged = [], [], [], 0

    def place(self, rows: Iterable[Row], there: dict[int, KnownRow]) -> None:
        for row in rows:
            place = there.get(token(row.key))
            if place is None:
                self.inserts.append(row)
            elif place.print_token == token(row.fingerprint):
                self.unchanged += 1
            else:
                self.updates.append(Update(place.at, row, restyle=place.state == MARKED))

    def release(self, group: OrderGroup, there: Iterable[KnownRow], removed: Removed) -> None:
        keep = {token(key) for key in group.keys}
        for row in there:
            state = release_state(row, removed)
            if state and row.key_token not in keep:
                self.releases.append(Release(row.at, row.key_token, state))

    def done(self) -> CommitPlan:
        self.updates.sort(key=lambda update: update.at)
        self.releases.sort(key=lambda release: release.at)
        return CommitPlan(tuple(self.updates), tuple(self.inserts), tuple(self.releases), self.unchanged)


def release_state(row: KnownRow, removed: Removed) -> str | None:
    """What a row that the shop no longer has becomes; None where it stays as it is.

    A displaced row shows somebody else's values. With its order gone nobody can write the right ones, so it is
    emptied even where removed rows are kept.
    """
    if row.state == DISPLACED:
        return RELEASE_STATES.get(removed, CLEARED) if removed is not Removed.MARK else CLEARED
    return RELEASE_STATES.get(removed) if row.state == LIVE else None
