"""What a run remembers between slices, as JSON on its row: where to resume, what was done, what was strange.

The only reader and writer of `SyncRun.checkpoint`, `.counters` and `.warnings`. A field that an older version did not
write reads as its default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sheetsync.export import Report
from sheetsync.pipeline.records import Cursor, Tally
from sheetsync.sheets.client import Traffic
from sheetsync.sheets.writer import Written


@dataclass(slots=True, kw_only=True)
class Checkpoint:
    """Where a run resumes.

    `shape`: a digest of all that the cursor depends on; with other columns or another tab it is worth nothing.
    `commit`: the number of the tab's newest commit; a tab whose counter is behind it is another one, or an older state.
    `walk`: which walk over all orders this is; `full`: a run of changed orders had to become one. `mended`: the walk is
    over, and of the orders that it did not meet all up to this id have been looked at. `needs_full`: another walk must
    follow this one. `lagging`: how often the shop gave orders as they were before the changes that it reported.
    """

    shape: str = ""
    cursor: Cursor | None = None
    commit: int = 0
    walk: int = 1
    full: bool = False
    mended: str | None = None
    needs_full: bool = False
    lagging: int = 0

    @classmethod
    def load(cls, saved: Mapping[str, Any]) -> Checkpoint:
        """The checkpoint of a run's row; that of a fresh run is an empty object."""
        return cls(**{name: saved[name] for name in cls.__slots__ if name in saved})

    def dump(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


COUNTED = ("inserted", "updated", "unchanged", "removed", "commits")


def counters(report: Report, traffic: Traffic, before: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """The run's counters after this slice; `before`: as they were when it began (traffic and time add up)."""
    written = report.written
    counted = {name: getattr(written, name) for name in COUNTED}
    rows = counted["inserted"] + counted["updated"] + counted["unchanged"] + counted["removed"]
    reads, writes = traffic.calls["read"], traffic.calls["write"]
    moved = {"reads": reads, "writes": writes, "bytes_out": traffic.bytes_out, "bytes_in": traffic.bytes_in}
    summed = {name: before.get(name, 0) + value for name, value in moved.items()}
    return {
        "orders": report.orders,
        "batches": report.batches,
        **counted,
        "rows": rows,
        **summed,
        "calls": summed["reads"] + summed["writes"],
        "seconds": round(before.get("seconds", 0.0) + seconds, 3),
    }


def report_of(saved: Mapping[str, Any], warnings: Mapping[str, Any]) -> Report:
    """A report that goes on counting where the run stopped. Incidents begin anew: they have rows of their own."""
    written = Written(**{name: saved.get(name, 0) for name in COUNTED})
    tally = Tally(
        {kind: entry["count"] for kind, entry in warnings.items()},
        {kind: entry["example"] for kind, entry in warnings.items()},
    )
    return Report(orders=saved.get("orders", 0), batches=saved.get("batches", 0), written=written, warnings=tally)


def warnings_of(tally: Tally) -> dict[str, Any]:
    """`{kind: {"count": 3, "example": "..."}}`."""
    return {kind: {"count": count, "example": tally.examples[kind]} for kind, count in tally.counts.items()}
