"""What a tab holds, by row key, compactly: about 25 bytes a row, so that 500,000 rows fit into a small worker.

A dict of key -> (row, fingerprint) costs some 250 bytes a row. Here each row has a slot in flat arrays, and an open-
addressed table leads from an order to the first of its rows, each row to the next one of its order.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import pairwise

from sheetsync.pipeline.planning import DISPLACED, STATES, KnownRow
from sheetsync.pipeline.records import COPY, LIVE, CommitPlan, key_mark, split_key, token

_STATE_CODES = {state: code for code, state in enumerate(STATES)}
_MARK = 4
"""How many characters of a fingerprint belong to the key."""

EMPTY_TABLE = 1024


def fingerprint_state(key: str, print_text: str) -> str:
    """Whether a fingerprint cell says that its row is live, in which way it was let go, or that it is not its own."""
    if print_text[:_MARK] != key_mark(key):
        return DISPLACED
    rest = print_text[_MARK:]
    if rest.startswith(LIVE):
        return LIVE
    return rest if rest in _STATE_CODES else DISPLACED


class Index:
    """Row keys and fingerprints of one tab. Rows are 0-based; row 0 is the header and never holds a key."""

    def __init__(self) -> None:
        self._keys = array("Q", [0])
        self._prints = array("Q", [0])
        self._orders = array("Q", [0])
        self._next = array("I", [0])
        self._states = bytearray([0])
        self._met = bytearray([0])
        self._heads = array("I", bytes(4 * EMPTY_TABLE))
        self._order_count = 0
        self.last_row = 0
        """The lowest row that carries a key or a fingerprint; 0 where the table is empty."""
        self.orphans: set[int] = set()
        """Rows with a fingerprint but no key: the key was lost, so the values shown belong to nobody."""
        self.distrusted: set[int] = set()
        """Tokens of keys whose rows must be written again, wherever a fresh look finds them."""
        self.doubled: list[int] = []
        """Rows whose key stands in another row too, the uppermost included."""
        self.copies: set[int] = set()
        """Rows that repeat the key of a row above and are not marked as copies yet."""

    def put(self, at: int, key: str, print_text: str) -> None:
        """Row `at` carries this key and this fingerprint; either may be empty. Each row is put once."""
        if not key:
            if print_text:
                self.orphans.add(at)
                self.last_row = max(self.last_row, at)
            return
        state = fingerprint_state(key, print_text)
        self._store(at, token(key), token(split_key(key)[0]), token(print_text) if state != DISPLACED else 0, state)

    def settle(self) -> None:
        """Call once after the last `put` of an opening: finds the rows that repeat the key of a row above."""
        doubled = self._doubled()
        seen: set[int] = set()
        for at in range(1, len(self._keys)) if doubled else ():
            key = self._keys[at]
            if key in doubled:
                self.doubled.append(at)
            if key in doubled and self._states[at] != _STATE_CODES[COPY]:
                if key in seen:
                    self.copies.add(at)
                    self._states[at] = _STATE_CODES[COPY]
                seen.add(key)

    def rows_of(self, order_id: str) -> Iterator[KnownRow]:
        """Every row of an order, copies left out."""
        at = self._heads[self._slot(token(order_id))]
        while at:
            state = STATES[self._states[at]]
            if state != COPY:
                yield KnownRow(at, self._keys[at], self._prints[at], state)
            at = self._next[at]

    def key_token(self, at: int) -> int:
        """The token of the key in row `at`; 0 where it has none."""
        return self._keys[at] if at < len(self._keys) else 0

    def order_token(self, at: int) -> int:
        """The token of the order in row `at`; 0 where it has none."""
        return self._orders[at] if at < len(self._orders) else 0

    def key_tokens(self) -> set[int]:
        """The tokens of all keys, copies left out."""
        return {key for at, key in enumerate(self._keys) if key and self._states[at] != _STATE_CODES[COPY]}

    def is_live(self, at: int) -> bool:
        """Whether row `at` shows an order, by its own fingerprint."""
        return bool(self.key_token(at)) and self._states[at] == _STATE_CODES[LIVE]

    def apply(self, plan: CommitPlan, first_insert: int) -> None:
        """The plan has been committed, its inserts from row `first_insert` on, and every row was the one expected."""
        for update in plan.updates:
            self.distrusted.discard(self._keys[update.at])
            self._prints[update.at] = token(update.row.fingerprint)
            self._states[update.at] = _STATE_CODES[LIVE]
        for release in plan.releases:
            self.distrusted.discard(self.key_token(release.at))
            self.orphans.discard(release.at)
            self.copies.discard(release.at)
            if release.state:
                self._prints[release.at] = 0
                self._states[release.at] = _STATE_CODES[release.state]
        for at, row in enumerate(plan.inserts, start=first_insert):
            order = token(split_key(row.key)[0])
            self._store(at, token(row.key), order, token(row.fingerprint), LIVE)

    def distrust(self, at: int) -> None:
        """The cells of row `at` are not what its fingerprint says: the next plan that meets it writes it again."""
        self.distrusted.add(self._keys[at])
        self._prints[at] = 0
        self._states[at] = _STATE_CODES[DISPLACED]

    def meet(self, order_id: str) -> None:
        """A walk came by this order: its rows are accounted for."""
        at = self._heads[self._slot(token(order_id))]
        while at:
            self._met[at] = 1
            at = self._next[at]

    def carry(self, older: Index) -> None:
        """Take over what a run knows beyond the tab: the orders its walk has met, the rows it does not trust."""
        met = {older._orders[at] for at in range(1, len(older._orders)) if older._met[at]}
        for at in range(1, len(self._orders)):
            self._met[at] = self._orders[at] in met
            if older.distrusted and self._keys[at] in older.distrusted and self._states[at] == _STATE_CODES[LIVE]:
                self.distrust(at)

    def rows_in(self, *states: str, unmet: bool = False) -> Iterator[int]:
        """The rows in one of these states, in the order of the tab; with `unmet`, only those no walk came by."""
        codes = {_STATE_CODES[state] for state in states}
        for at in range(1, len(self._keys)):
            if self._keys[at] and self._states[at] in codes and not (unmet and self._met[at]):
                yield at

    def __len__(self) -> int:
        return sum(1 for key in self._keys if key)

    def _store(self, at: int, key: int, order: int, print_token: int, state: str) -> None:
        self._reach(at)
        self._keys[at], self._orders[at], self._prints[at] = key, order, print_token
        self._states[at] = _STATE_CODES[state]
        slot = self._slot(order)
        if not self._heads[slot]:
            self._order_count += 1
        self._next[at], self._heads[slot] = self._heads[slot], at
        self.last_row = max(self.last_row, at)
        if self._order_count * 3 > len(self._heads) * 2:
            self._grow()

    def _reach(self, at: int) -> None:
        missing = at + 1 - len(self._keys)
        if missing > 0:
            for column in (self._keys, self._prints, self._orders):
                column.frombytes(bytes(8 * missing))
            self._next.frombytes(bytes(self._next.itemsize * missing))
            self._states.extend(bytes(missing))
            self._met.extend(bytes(missing))

    def _slot(self, order: int) -> int:
        """Where this order's first row is in the table, or the empty place where it would be."""
        mask = len(self._heads) - 1
        slot = order & mask
        while (at := self._heads[slot]) and self._orders[at] != order:
            slot = (slot + 1) & mask
        return slot

    def _grow(self) -> None:
        heads = [at for at in self._heads if at]
        self._heads = array("I", bytes(4 * 2 * len(self._heads)))
        for at in heads:
            self._heads[self._slot(self._orders[at])] = at

    def _doubled(self) -> set[int]:
        # Sorted, doubles are neighbours: a set of all keys would cost five times the memory of this list.
        return {key for key, after in pairwise(sorted(self._keys)) if key and key == after}
