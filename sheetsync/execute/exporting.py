"""One slice of a run: go on where it stopped, write down every committed batch, stop where the lease says so."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from functools import partial
from typing import Any

from django.db.models.functions import Now
from django.utils import timezone

from sheetsync.errors import BadSource, GrantRevoked, Paused, SheetsyncError, StopQuietly, TabChanging
from sheetsync.execute import opening
from sheetsync.execute.catching_up import LOOK_EVERY, MOST_LOOKS, CaughtUp, latest
from sheetsync.execute.lease import Lease
from sheetsync.execute.opening import Opened
from sheetsync.export import Report, export
from sheetsync.models import Automation, DirtyOrder, GoogleAccount, SyncRun
from sheetsync.models.batch_log import logged
from sheetsync.models.ending import Snapshot
from sheetsync.models.fields import atomic
from sheetsync.models.progress import Checkpoint, counters, report_of, warnings_of
from sheetsync.sheets.client import SheetsClient, Traffic
from sheetsync.sources.base import Mode, OrderQuery

log = logging.getLogger(__name__)

MOST_WALKS = 3
"""How often a run walks over all orders because people moved rows under it, before it waits for a quieter hour."""

CHANGED_AT_ONCE = 200


class Exporting:
    """The work on a claimed run in this process.

    `progressed`: whether a batch has been dealt with in this slice.
    """

    def __init__(self, run: SyncRun, lease: Lease) -> None:
        self.run, self.lease = run, lease
        self.checkpoint = Checkpoint.load(run.checkpoint)
        self.report = report_of(run.counters, run.warnings)
        self.progressed = False
        self._before = dict(run.counters)
        self._started = time.monotonic()
        self._automation: Automation | None = None
        self._account: GoogleAccount | None = None
        self._client: SheetsClient | None = None
        self._opened: Opened | None = None
        self._walk: OrderQuery | None = None

    def work(self) -> None:
        """Bring the tab to equal the source. Returns when it does; raises what stops or hinders it."""
        self._automation = automation = opening.automation_of(self.run)
        self._account = account = opening.account_of(automation)
        self._client = client = opening.open_client(account, self.run, self.lease.wait)
        opened = opening.open_run(automation, client, self.run, self.lease, self.report.warnings)
        self._opened = opened
        opened.tab.open()
        self._fence_off(opened)
        self._resume(opened)
        self.lease.begin_slice()
        if self.run.mode == SyncRun.Mode.ORDERS and not self.checkpoint.full:
            self._changed_orders(opened)
        else:
            self._all_orders(opened)

    @property
    def refused(self) -> bool:
        """Whether Google refused a call for its quota in this slice."""
        return bool(self._client and getattr(self._client.pacer, "refused", False))

    def snapshot(self) -> Snapshot:
        """What to write to the run's row now."""
        traffic = self._client.traffic if self._client else Traffic()
        seconds = time.monotonic() - self._started
        self.run.counters = counters(self.report, traffic, self._before, seconds)
        values = {
            "checkpoint": self.checkpoint.dump(),
            "counters": self.run.counters,
            "warnings": warnings_of(self.report.warnings),
            "total_orders": self.run.total_orders,
        }
        return Snapshot(values, self.report.written.incidents)

    def close(self) -> None:
        """Nothing of a session outlives the execution."""
        if self._client:
            self._client.gateway.session.close()

    def flag(self, error: Exception) -> None:
        """Say on the account or on the automation what its owner has to mend."""
        automation = self._automation
        if automation is None:
            return
        if isinstance(error, GrantRevoked) and self._account is not None:
            self._account.flag(str(error))
        else:
            Automation.objects.filter(pk=automation.pk).update(problem=str(error))

    def note_success(self) -> None:
        """It has just worked: nothing is left to mend, and the next walk may begin where this one left off."""
        done: dict[str, Any] = {}
        if self._automation and self._automation.problem:
            done["problem"] = ""
        if self._opened and self._walk:
            if self._walk.mode is Mode.FULL:
                done["walked_at"] = Now()
            cursor = self.checkpoint.cursor
            if cursor and (since := self._opened.source.watermark(cursor)) is not None:
                done["watermark"] = {"since": since, "shape": self._opened.shape, "commit": self.checkpoint.commit}
        if done:
            Automation.objects.filter(pk=self.run.automation_id).update(**done)

    def leave_in_doubt(self) -> None:
        """A call of ours may still be on its way: whoever opens this tab next makes sure that it cannot land."""
        if self._client and self._client.traffic.calls["write"]:
            Automation.objects.filter(pk=self.run.automation_id).update(unsettled=True)

    def _fence_off(self, opened: Opened) -> None:
        if opened.automation.unsettled:
            opened.tab.fence_off()
            with atomic(Automation):
                Automation.objects.filter(pk=opened.automation.pk).update(unsettled=False)
                self.lease.check()  # or it would be a call of the next worker that nobody makes sure of

    def _resume(self, opened: Opened) -> None:
        """Begin at the beginning where the cursor was made for something else, or the tab is not the one it was."""
        kept, newest = self.checkpoint, opened.tab.ledger.newest
        if kept.shape != opened.shape or (newest.n if newest else 0) < kept.commit:
            self._begin(Checkpoint(shape=opened.shape, full=kept.full))
        if self.run.mode == SyncRun.Mode.INCREMENTAL and not self._knows_since(opened):
            self.checkpoint.full = True
        self.report.needs_full = kept.needs_full
        if self.run.total_orders is None and self.run.mode == SyncRun.Mode.FULL:
            self.run.total_orders = opened.source.total()

    def _knows_since(self, opened: Opened) -> bool:
        """Whether the tab has all that changed before the watermark: it was made for this shape, and for this tab."""
        known, newest = opened.automation.watermark, opened.tab.ledger.newest
        return bool(known.get("shape") == opened.shape and known["commit"] <= (newest.n if newest else 0))

    def _begin(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        self.report.orders = 0
        # What was strange is going to be met again. Counted from the last walk, an unreadable record that has been
        # mended since then no longer keeps removed orders in the tab.
        self.report.warnings.counts.clear()
        self.report.warnings.examples.clear()

    def _all_orders(self, opened: Opened) -> None:
        while True:
            self._walk = query = self._query(opened)
            job = replace(opened.job, query=query, cursor=self.checkpoint.cursor, mended=self.checkpoint.mended)
            try:
                export(job, opened.source, opened.tab, partial(self._committed, opened), self.report, self.lease.hurry)
            except BadSource:
                # The file was replaced, say, since the cursor was made. If it is something else, it comes again.
                if job.cursor is None:
                    raise
            else:
                if not self.report.needs_full:
                    self._look_at_webhooks(opened)
                    return
            self._walk_again(opened)

    def _look_at_webhooks(self, opened: Opened) -> None:
        """A shop may have switched them off without a word. What goes wrong over this is no matter of the run."""
        if self._walk is None or self._walk.mode is not Mode.FULL:
            return
        source = opened.automation.source
        try:
            source.look_at_webhooks(self.lease.wait)
        except StopQuietly:
            raise
        except SheetsyncError as error:
            extra = {"action": "webhooks_not_seen", "source": source.pk}
            log.warning("source %s: its webhooks could not be looked at: %s", source.pk, error, extra=extra)

    def _query(self, opened: Opened) -> OrderQuery:
        if self.run.mode == SyncRun.Mode.INCREMENTAL and not self.checkpoint.full:
            return OrderQuery(mode=Mode.INCREMENTAL, since=opened.automation.watermark["since"])
        return OrderQuery()

    def _walk_again(self, opened: Opened) -> None:
        """Rows may be missing, or orders, that only another walk from the beginning can find."""
        walk = self.checkpoint.walk + 1
        self._begin(Checkpoint(shape=opened.shape, full=True, walk=walk))
        self.report.needs_full = False
        if walk > MOST_WALKS:
            self.checkpoint.walk = 1
            raise TabChanging(f"people moved rows during each of {MOST_WALKS} walks: trying again in a quieter minute")
        opened.tab.open()

    def _committed(self, opened: Opened, report: Report) -> None:
        """Called after every batch that is known to be in the tab."""
        self._note(opened, report)
        self.checkpoint.cursor, self.checkpoint.mended = report.cursor, report.mended
        self._write()
        self.lease.stop_if_told()

    def _write(self) -> None:
        """A batch more, and where to go on after it: one update."""
        values = self.snapshot().values
        run = self.run
        run.batch_log = logged(run.batch_log, run.attempts, run.counters, before=self._before, now=timezone.now())
        self.lease.write(**values, batch_log=run.batch_log)

    def _note(self, opened: Opened, report: Report) -> None:
        newest = opened.tab.ledger.newest
        self.progressed = True
        self.checkpoint.commit = newest.n if newest else 0
        self.checkpoint.needs_full = report.needs_full

    def _changed_orders(self, opened: Opened) -> None:
        """The orders that were reported as changed, some at a time; each report is forgotten when it is dealt with."""
        waiting = DirtyOrder.objects.filter(automation=opened.automation).order_by("pk")
        while reports := list(waiting.values_list("pk", "order_id", "changed_at")[:CHANGED_AT_ONCE]):
            order_ids = tuple(dict.fromkeys(order_id for _, order_id, _ in reports))
            told = latest((order_id, at) for _, order_id, at in reports) if self.checkpoint.lagging < MOST_LOOKS else {}
            source = CaughtUp(opened.source, told)
            job = replace(opened.job, query=OrderQuery(mode=Mode.ORDERS, order_ids=order_ids))
            export(job, source, opened.tab, partial(self._note, opened), self.report)
            self._note(opened, self.report)  # what it found last: that all has to be walked must outlive these reports
            self.checkpoint.lagging = self.checkpoint.lagging + 1 if source.stale else 0
            with atomic(SyncRun):
                self._write()
                dealt_with = [pk for pk, order_id, _ in reports if order_id not in source.stale]
                DirtyOrder.objects.filter(pk__in=dealt_with).delete()
            if source.stale:
                words = f"the shop still gives order {min(source.stale)!r} as it was before it reported a change"
                raise Paused(words, seconds=LOOK_EVERY)
            self.lease.stop_if_told()
        if self.report.needs_full:
            self._walk_again(opened)
            self._all_orders(opened)
