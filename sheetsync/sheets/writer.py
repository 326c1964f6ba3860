"""Commit batches to an open tab: exactly once, on the row of that key, whatever people and networks do meanwhile.

Each turn of `write` plans against what the tab is known to hold, looks at the rows it is about to change, sends one
atomic call, and reads from the reply where the writes really landed. Anything that is not as expected leads back to the
first step with a fresh look. It ends when there is nothing left to change.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sheetsync.errors import AmbiguousOutcome, RequestRefused, TabChanging
from sheetsync.pipeline import planning
from sheetsync.pipeline.batching import Weight, halves
from sheetsync.pipeline.records import (
    COPY,
    Batch,
    CommitPlan,
    OrderGroup,
    Removed,
    Tally,
)
from sheetsync.sheets.edits import distrust_edited
from sheetsync.sheets.layout import blocks
from sheetsync.sheets.ledger import Call
from sheetsync.sheets.putback import Strays, put_back_requests
from sheetsync.sheets.reading import NO_HEAD, Sight, displaced
from sheetsync.sheets.requests import ROW_OVERHEAD, plan_requests, row_size
from sheetsync.sheets.tab import TRIES, Tab


@dataclass(slots=True)
class Written:
    """What has become of the rows so far, and what happened on the way."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    commits: int = 0
    incidents: Tally = field(default_factory=Tally)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A call that may yet be applied: its number must be claimed before anything is called done.

    Of all doubts that stand at one time, every call claims the same number: one commit settles them all.

    `strays`: what to put back should it land after columns moved.
    """

    call: Call
    strays: Strays | None


class Writer:
    """Writes batches to one open tab."""

    def __init__(
        self,
        tab: Tab,
        *,
        removed: Removed = Removed.CLEAR,
        max_bytes: int = 1_200_000,
        written: Written | None = None,
    ) -> None:
        self.tab = tab
        self.removed = removed
        self.max_bytes = max_bytes
        self.written = written or Written()
        self._doubts: list[Doubt] = []
        self._refusal = ""
        """Why the last call was refused, where the call before it was not applied either."""

    def write(self, batch: Batch) -> None:
        """Make the tab hold this batch. Returns once a clean look or reply has shown that it does.

        Raises TabChanging where people never let it settle, LeaseLost, LimitExceeded, and the client's errors.
        """
        for turn in range(TRIES):
            if self.tab.moved_since_commit:
                self.recheck()
            plan = planning.plan(batch, self.tab.index, self.removed)
            if turn == 0:
                self.written.unchanged += plan.unchanged
            if not plan and not self._doubts:
                break
            if not self.commit(plan, splittable=batch.rows > 1):
                self.written.unchanged -= plan.unchanged if turn == 0 else 0
                for half in halves(batch):
                    self.write(half)
                return
        else:
            raise TabChanging(f"tab {self.tab.layout.title!r} kept changing under {TRIES} commits: try again later")
        for group in batch.groups:
            self.tab.index.meet(group.order_id)

    def weigh(self, group: OrderGroup) -> Weight | None:
        """What this order adds to a commit; None, and counted, where the tab holds it as it is."""
        plan = planning.plan(Batch((group,)), self.tab.index, self.removed)
        if not plan:
            self.written.unchanged += plan.unchanged
            self.tab.index.meet(group.order_id)
            return None
        rows = [*(update.row for update in plan.updates), *plan.inserts]
        size = sum(map(row_size, rows)) + ROW_OVERHEAD * len(plan.releases)
        return Weight(len(rows) + len(plan.releases), size)

    def reopen(self) -> None:
        """Look at the tab anew, keeping in mind which orders the walk has met."""
        older = self.tab.index
        self.tab.open()
        self.tab.index.carry(older)
        claimed = [doubt for doubt in self._doubts if self.tab.ledger.claimed(doubt.call)]
        self._doubts = [doubt for doubt in self._doubts if doubt not in claimed]
        for doubt in claimed:
            strays = doubt.strays
            if strays and self.tab.ledger.landed(doubt.call) and not self.tab.layout.same_columns(strays.layout):
                self._astray(strays)

    def recheck(self) -> int:
        """Compare every row's cells with its fingerprint; those that differ are written again when met. -> how many"""
        for _ in range(TRIES):
            try:
                return distrust_edited(self.tab)
            except (TabChanging, RequestRefused):
                self.reopen()
        raise TabChanging("rows kept moving while their cells were being read: try again later")

    def commit(self, plan: CommitPlan, *, splittable: bool = False) -> bool:
        """One turn: look at the rows, send, and learn from the reply. Leaves the index true to the tab.

        False, with nothing sent, where the body would be too large and the batch can be split.
        """
        before = self._sight(plan)
        if before is None:
            self.reopen()
            return True
        layout, insert_at = self.tab.layout, self.tab.index.last_row + 1
        if plan.inserts:
            self.tab.check_room(len(plan.inserts))
        requests = list(plan_requests(plan, layout, insert_at, lambda at: before.text(at, layout.key_at)))
        touched = [*plan.rows, *range(insert_at, insert_at + len(plan.inserts))]
        writes = {self.tab.index.key_token(at) for at in plan.rows}
        call = self.tab.call(requests, touched, writes)
        if splittable and len(call.body) > self.max_bytes:
            return False
        try:
            after = self.tab.send(call)
        except (AmbiguousOutcome, RequestRefused) as error:
            strays = Strays.of(plan, insert_at, layout, before)
            if self.after_doubt(call, plan, error, strays) and not self.tab.layout.same_columns(layout):
                self._astray(strays)
        else:
            self._doubts, self._refusal = [], ""
            self._learn(plan, insert_at, before, after)
        return True

    def _sight(self, plan: CommitPlan) -> Sight | None:
        """The rows that the plan changes, read again; None where they are not what the plan was made for.

        A plan that only inserts needs no look: nothing that exists is written to.
        """
        layout, index = self.tab.layout, self.tab.index
        rows = plan.rows
        if not rows:
            return Sight(NO_HEAD)
        if rows[-1] >= layout.row_count:
            return None
        try:
            sight = self.tab.rows(blocks(rows))
        except RequestRefused:
            # The grid shrank under the read: rows that the plan knows are gone.
            return None
        now = self.tab.layout_of(sight.head)
        if now is None or not now.same_columns(layout):
            self.incident("columns_moved", f"a managed column of tab {layout.title!r} was moved between two commits")
            return None
        if now.row_count != layout.row_count:
            # Rows were added or removed somewhere, perhaps far from these: where to insert is not known any more.
            self.incident("rows_moved", f"the tab had {layout.row_count} rows a moment ago and has {now.row_count} now")
            return None
        for at in rows:
            if sight.key_token(at, layout.key_at) != index.key_token(at):
                self.incident("rows_moved", f"row {at + 1} held another key than a moment ago")
                return None
        self.tab.layout = now
        return sight

    def _learn(self, plan: CommitPlan, insert_at: int, before: Sight, after: Sight) -> None:
        """A clean reply came: the plan was applied. Did every write hit the row and the columns it was meant for?"""
        layout = self.tab.layout
        now = self.tab.layout_of(after.head)
        if now is None or not now.same_columns(layout):
            self._astray(Strays.of(plan, insert_at, layout, before))
            return
        missed = list(displaced(plan, insert_at, after, layout.key_at))
        for key, found in missed:
            self.incident("row_displaced", f"a write for {key!r} hit row {found!r}: both are written again")
        expected = layout.row_count + len(plan.inserts) + (len(plan.inserts) > 0 and insert_at >= layout.row_count)
        self._count(plan, len(missed))
        if missed or after.head.row_count != expected:
            self.reopen()
            return
        self.tab.index.apply(plan, insert_at)
        self.tab.layout = now

    def _astray(self, strays: Strays) -> None:
        """A commit was applied to columns that had just moved: restore what it hit, have its rows written again."""
        self.incident("columns_displaced", "a column was moved in the very moment of a commit: cells put back")
        for _ in range(TRIES):
            self.reopen()
            strays.distrust(self.tab.index)
            rows = sorted(at for at in strays.places(self.tab.index) if at < self.tab.layout.row_count)
            sight = self.tab.rows(blocks(rows))
            now = self.tab.layout_of(sight.head)
            if now is None or not now.same_columns(self.tab.layout):
                continue
            requests = list(put_back_requests(strays, now, self.tab.index, sight))
            call = self.tab.call(requests)
            try:
                if requests or self._doubts:
                    self.tab.send(call)
                    self._doubts = []
                return
            except (AmbiguousOutcome, RequestRefused):
                self._doubts.append(Doubt(call, None))
        raise TabChanging("columns kept moving: try again later")

    def after_doubt(
        self, call: Call, plan: CommitPlan, error: AmbiguousOutcome | RequestRefused, strays: Strays | None = None
    ) -> bool:
        """No clean reply: look again, and plan from what is there now. -> whether the call had been applied."""
        self.reopen()
        if self.tab.ledger.landed(call):
            self.incident("reply_lost", f"commit {call.marker.n} was applied, but its reply did not say so")
            self._count(plan, 0)
            return True
        if self.tab.ledger.claimed(call):
            # Another call has this number: a worker that took over, or a late one of our own. Ours can never land.
            self.incident("commit_refused", f"commit {call.marker.n} was made by somebody else first")
            self.tab.fence.check()
        elif isinstance(error, AmbiguousOutcome):
            self._doubts.append(Doubt(call, strays))
        elif self.tab.metadata_exists(call.marker.id):
            self.tab.burn(call)
        elif str(error) == self._refusal:
            # Not the tab that changed under the call, then, but the call itself.
            raise error
        else:
            self._refusal = str(error)
            self.incident("rows_moved", f"the tab changed under a commit, which was refused: {error}")
        return False

    def _count(self, plan: CommitPlan, missed: int) -> None:
        written = self.written
        written.commits += 1
        written.inserted += len(plan.inserts)
        written.updated += max(0, len(plan.updates) - missed)
        written.removed += sum(1 for release in plan.releases if release.state not in ("", COPY))

    def incident(self, kind: str, example: str) -> None:
        """Note something that people or the network did, for the run's report."""
        self.written.incidents.add(kind, example)
