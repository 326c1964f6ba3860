"""`manage.py sync_now`: export orders to a tab in the foreground, with a live line and a final table.

Either a stored automation, as a durable run like any other; or a file, with no database at all.
"""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import google.auth.exceptions
from django.core.management.base import BaseCommand, CommandError
from google.oauth2 import service_account

from sheetsync.conf import settings as conf
from sheetsync.errors import Retryable, SheetsyncError
from sheetsync.export import Job, OnCommit, Report, column_specs, export, preview
from sheetsync.management.checkpoint import Checkpoint
from sheetsync.management.foreground import run_automation
from sheetsync.management.progress import ProgressLine, final_table
from sheetsync.pipeline.batching import Caps
from sheetsync.pipeline.columns import columns_from
from sheetsync.pipeline.defaults import default_columns
from sheetsync.pipeline.filters import filters_from
from sheetsync.pipeline.paths import compile_path, suggest
from sheetsync.pipeline.records import HandEdits, Removed, RowsPer, SourceRow, Tally
from sheetsync.sheets.client import SCOPES, Gateway, SheetsClient
from sheetsync.sheets.layout import derived_sheet_id
from sheetsync.sheets.pacing import LocalPacer, Pacer, Rate, Unpaced
from sheetsync.sheets.tab import Tab, TabSpec
from sheetsync.sources.base import OrderQuery
from sheetsync.sources.file import FileConfig, FileSource

TRIES = 5
"""Attempts in a row without a single commit before the command gives up."""


class Command(BaseCommand):
    """Make a tab of a Google spreadsheet equal to an automation's source, or to a file of orders."""

    help = "Export orders to a tab of a Google spreadsheet, now, and show what was done."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to export, to where, and how."""
        parser.add_argument(
            "automation", nargs="?", help="id or name of a stored automation; then no options are needed"
        )
        parser.add_argument("--source", help="file:PATH, a .jsonl, .json or .csv file, also .gz or .xz")
        parser.add_argument("--spreadsheet", help="the spreadsheet's id: the long part of its address")
        parser.add_argument("--tab", help="the tab's title; a missing tab is created")
        parser.add_argument("--columns", type=Path, help="JSON file with the columns; left out, they are guessed")
        parser.add_argument("--filters", type=Path, help="JSON file with the filters")
        parser.add_argument("--rows", choices=list(RowsPer), default=RowsPer.ORDER, type=RowsPer, help="one row per …")
        parser.add_argument("--checkpoint", type=Path, help="file in which to remember how far an unfinished run came")
        parser.add_argument("--removed", choices=list(Removed), default=Removed.CLEAR, type=Removed)
        parser.add_argument("--edits", choices=list(HandEdits), default=HandEdits.KEEP, type=HandEdits)
        parser.add_argument("--id", default="id", help="path of the order id in a record (default: id)")
        parser.add_argument("--lines", default="lines", help="path of the lines in a record (default: lines)")
        parser.add_argument("--line-id", help="path of the line id in a line (default: its position)")
        parser.add_argument("--on-bad", choices=["stop", "skip"], default="stop", help="what a bad record does")
        parser.add_argument(
            "--adopt",
            action="append",
            default=[],
            metavar="HEADER",
            help="take over a tab that holds data: the column with the order ids (say it again for the line ids)",
        )
        parser.add_argument("--credentials", help="service account key file (default: SHEETSYNC['CREDENTIALS_FILE'])")
        parser.add_argument("--preview", type=int, metavar="N", help="print the first N rows and write nothing")

    def handle(self, **options: Any) -> None:
        """Run the export. Every error of sheetsync becomes a CommandError with its remedy."""
        if options["automation"] is not None:
            run_automation(options["automation"], self.stdout)
            return
        missing = [name for name in ("source", "spreadsheet", "tab") if not options[name]]
        if missing:
            raise CommandError(f"give the automation to run, or --{', --'.join(missing)}")
        try:
            self._run(options)
        except SheetsyncError as error:
            raise CommandError(f"{type(error).__name__}: {error}") from error
        except google.auth.exceptions.GoogleAuthError as error:
            raise CommandError(f"cannot use these credentials: {error}") from error

    def _run(self, options: dict[str, Any]) -> None:
        report = Report()
        source = _source(options, report.warnings)
        # Sampled by a source of its own, whose bad records are not counted.
        sample = next(_source(options, Tally()).stream(OrderQuery(), None), None)
        job = _job(options, sample)
        for hint in _hints(job, sample):
            self.stderr.write(hint)
        if options["preview"] is not None:
            self._preview(job, source, options["preview"])
            return
        client = _client(options["credentials"])
        tab = _tab(client, job, options)
        self.stdout.write(f"run {tab.run}: {options['source']} -> tab {options['tab']!r} of {options['spreadsheet']}")
        started = time.monotonic()
        checkpoint = Checkpoint(options["checkpoint"], _identity(options, job))
        self._attempts(job, source, tab, checkpoint, report)
        if report.needs_full:
            self.stdout.write("rows may have been hit that only a walk from the beginning can find: walking once more")
            report.needs_full = False
            self._attempts(job, source, tab, checkpoint, report)
        self.stdout.write(final_table(report, client.traffic, time.monotonic() - started))

    def _attempts(self, job: Job, source: FileSource, tab: Tab, checkpoint: Checkpoint, report: Report) -> None:
        """Export, and again from the last commit while only the weather is bad."""
        cursor, failures = checkpoint.load(), 0
        if cursor:
            self.stdout.write(f"resuming from {checkpoint.path}")
        line = ProgressLine(self.stdout, source.total(), resumed=cursor is not None)
        report.cursor = cursor
        while True:
            try:
                export(replace(job, cursor=cursor), source, tab.open(), _saver(checkpoint, line), report)
                line.end()
                checkpoint.clear()
                return
            except Retryable as error:
                line.end()
                failures = failures + 1 if cursor == report.cursor else 1
                cursor = report.cursor
                if failures >= TRIES:
                    raise
                pause = error.retry_after or 2.0**failures
                self.stderr.write(f"{type(error).__name__}: {error}; trying again in {pause:.0f} s")
                time.sleep(pause)

    def _preview(self, job: Job, source: FileSource, count: int) -> None:
        self.stdout.write(" | ".join(column.header for column in job.columns))
        for row in preview(job, source, count):
            self.stdout.write(" | ".join("" if cell is None else str(cell) for cell in row.cells))


def _source(options: dict[str, Any], warnings: Tally) -> FileSource:
    scheme, colon, path = options["source"].partition(":")
    if scheme != "file" or not colon or not path:
        raise CommandError(f"--source {options['source']!r}: give file:PATH, for example file:orders.jsonl")
    config = FileConfig(
        path=path,
        rows_per=options["rows"],
        id_path=options["id"],
        lines_path=options["lines"],
        line_id_path=options["line_id"],
        on_bad=options["on_bad"],
    )
    return FileSource(config, warnings)


def _job(options: dict[str, Any], sample: SourceRow | None) -> Job:
    if options["columns"]:
        columns = columns_from(_json_list(options["columns"]), options["rows"])
    else:
        if sample is None:
            raise CommandError(f"{options['source']} holds no order to guess columns from: give --columns FILE")
        columns = default_columns(sample, options["rows"])
    return Job(
        columns=columns,
        rows_per=options["rows"],
        filters=filters_from(_json_list(options["filters"])) if options["filters"] else (),
        removed=options["removed"],
        hand_edits=options["edits"],
        caps=Caps(groups=conf.MAX_GROUPS_PER_BATCH, rows=conf.MAX_ROWS_PER_BATCH, bytes=conf.MAX_BYTES_PER_BATCH),
    )


def _hints(job: Job, sample: SourceRow | None) -> Iterator[str]:
    """A word on every column that finds nothing in the first order where another path nearly has its name."""
    if sample is None:
        return
    for column in job.columns:
        near = suggest(column.path, sample) if column.path and compile_path(column.path)(sample) is None else []
        if near:
            yield f"column {column.header!r}: the first order has no {column.path}; did you mean {' or '.join(near)}?"


def _json_list(path: Path) -> list[Any]:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise CommandError(f"cannot read {path}: {error}") from error
    if not isinstance(found, list):
        raise CommandError(f"{path} must hold a JSON list, not {type(found).__name__}")
    return found


def _client(credentials_file: str | None) -> SheetsClient:
    path = credentials_file or conf.CREDENTIALS_FILE
    if not path:
        raise CommandError("no credentials: give --credentials FILE, or set SHEETSYNC['CREDENTIALS_FILE']")
    try:
        credentials = service_account.Credentials.from_service_account_file(path, scopes=SCOPES)
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} is not a service account key file: {error}") from error
    gateway = Gateway(credentials, base_url=conf.SHEETS_URL)
    gateway.set_timeout((conf.CONNECT_TIMEOUT, conf.READ_TIMEOUT))
    return SheetsClient(gateway, _pacer())


def _pacer() -> Pacer:
    rates = {
        kind: Rate(per_minute=per_minute, burst=conf.BURST)
        for kind, per_minute in (("read", conf.READS_PER_MINUTE), ("write", conf.WRITES_PER_MINUTE))
        if per_minute is not None
    }
    return LocalPacer(rates) if rates else Unpaced()  # type: ignore[arg-type]


def _tab(client: SheetsClient, job: Job, options: dict[str, Any]) -> Tab:
    sheet_id = derived_sheet_id(options["spreadsheet"], options["tab"])
    adopt = tuple(options["adopt"])
    if adopt and len(adopt) != (2 if job.rows_per is RowsPer.LINE else 1):
        raise CommandError("--adopt: give the header of the order ids, and with --rows line that of the line ids too")
    spec = TabSpec(title=options["tab"], columns=column_specs(job.columns), sheet_id=sheet_id, adopt=adopt)
    return Tab(client, options["spreadsheet"], spec, run=uuid.uuid4().hex[:12])


def _identity(options: dict[str, Any], job: Job) -> str:
    """What a checkpoint belongs to: with other columns or another tab, rows before its cursor would be left out."""
    parts = [options[name] for name in ("source", "spreadsheet", "tab", "rows", "id", "lines", "line_id", "removed")]
    return hashlib.blake2b(repr([*parts, job.columns, job.filters]).encode(), digest_size=8).hexdigest()


def _saver(checkpoint: Checkpoint, line: ProgressLine) -> OnCommit:
    def save(report: Report) -> None:
        checkpoint.save(report.cursor)
        line(report)

    return save
