"""From models to plain values: what a run exports, the source it reads, the client and the tab it writes with."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from django.db import IntegrityError
from django.db.models import Exists, OuterRef

from sheetsync import privacy
from sheetsync.conf import settings as conf
from sheetsync.errors import GrantRevoked, Permanent, TabChanging, TabRefused
from sheetsync.execute.lease import Lease
from sheetsync.export import Job, column_specs
from sheetsync.models import Automation, GoogleAccount, PrivacyRequest, SyncRun
from sheetsync.models.account import oauth_client
from sheetsync.models.fields import atomic
from sheetsync.models.quota import SharedPacer
from sheetsync.pipeline.batching import Caps
from sheetsync.pipeline.filters import filters_from
from sheetsync.pipeline.records import HandEdits, Removed, RowsPer, Tally
from sheetsync.sheets.client import Gateway, SheetsClient
from sheetsync.sheets.credentials import credentials_from
from sheetsync.sheets.owning import find_sheet_id, prove_writable
from sheetsync.sheets.pacing import Kind, Rate, Scope, project_of
from sheetsync.sheets.tab import Tab, TabSpec
from sheetsync.sources.base import Source

READ_TRIES = 2
"""A read that fails twice is left to the next attempt: that frees the worker, and people see it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """All that an export needs. `shape`: a digest of what the meaning of a cursor depends on."""

    automation: Automation
    job: Job
    source: Source
    tab: Tab
    shape: str


def automation_of(run: SyncRun) -> Automation:
    """The run's automation with all that it refers to. Raises Permanent where rows of two tenants are mixed."""
    related = ("tenant", "source", "account")
    forgets = Exists(PrivacyRequest.objects.filter(source=OuterRef("source"), kind=PrivacyRequest.Kind.FORGET_CUSTOMER))
    found = Automation.objects.annotate(forgets=forgets).select_related(*related).prefetch_related("columns")
    automation = found.get(pk=run.automation_id)
    owners = {run.tenant_id, automation.tenant_id, automation.source.tenant_id}
    if len(owners) > 1:
        raise Permanent(f"automation {automation.name!r} uses a source of another tenant: choose one of its own")
    return automation


def account_of(automation: Automation) -> GoogleAccount:
    """The account to write with. Raises GrantRevoked where there is none, Permanent for another tenant's."""
    account = automation.google_account()
    if account is None:
        raise GrantRevoked(f"automation {automation.name!r} has no Google account: link one, or choose a default")
    if account.tenant_id != automation.tenant_id:
        raise Permanent(f"automation {automation.name!r} uses another tenant's Google account: choose one of its own")
    return account


def open_client(account: GoogleAccount, run: SyncRun, wait: Callable[[float], None] = time.sleep) -> SheetsClient:
    """A client with a session of its own, which waits by `wait`. Raises CannotDecrypt, GrantRevoked, ClientRefused."""
    secrets = account.secrets()
    gateway = Gateway(credentials_from(secrets, oauth_client()), base_url=conf.SHEETS_URL)
    gateway.set_timeout((conf.CONNECT_TIMEOUT, conf.READ_TIMEOUT))
    gateway.session.headers["X-Correlation-ID"] = run.correlation_id
    project = str(secrets.get("project_id") or secrets.get("client_id") or "")
    pacer = pacer_of(account.subject, project)
    pacer.sleep = wait
    return SheetsClient(gateway, pacer, wait, read_tries=READ_TRIES)


def pacer_of(subject: str, project: str) -> SharedPacer:
    """Google counts by account and by project, reads and writes apart; accounts that two tenants linked count once."""
    limits: tuple[tuple[Kind, Scope, float | None, int], ...] = (
        ("read", "account", conf.READS_PER_MINUTE, conf.BURST),
        ("read", "project", conf.PROJECT_READS_PER_MINUTE, conf.PROJECT_BURST),
        ("write", "account", conf.WRITES_PER_MINUTE, conf.BURST),
        ("write", "project", conf.PROJECT_WRITES_PER_MINUTE, conf.PROJECT_BURST),
    )
    rates: dict[Kind, dict[Scope, Rate]] = {"read": {}, "write": {}}
    for kind, scope, per_minute, burst in limits:
        if per_minute is not None:
            rates[kind][scope] = Rate(per_minute=per_minute, burst=burst)
    return SharedPacer(subject, project_of(subject, project), rates, conf.LONGEST_WAIT_SECONDS)


def open_job(automation: Automation) -> Job:
    """What to export. Raises BadColumn and BadFilter."""
    return Job(
        columns=automation.pipeline_columns(),
        rows_per=RowsPer(automation.rows_per),
        filters=filters_from(automation.filters),
        removed=Removed(automation.removed),
        hand_edits=HandEdits(automation.hand_edits),
        caps=Caps(groups=conf.MAX_GROUPS_PER_BATCH, rows=conf.MAX_ROWS_PER_BATCH, bytes=conf.MAX_BYTES_PER_BATCH),
    )


def open_run(automation: Automation, client: SheetsClient, run: SyncRun, lease: Lease, warnings: Tally) -> Opened:
    """Everything but the look at the tab itself. Raises what is wrong with the configuration or the spreadsheet."""
    job = open_job(automation)
    source = automation.source.open(job.rows_per, warnings, lease.wait)
    own_tab(automation, client, lease)
    spec = TabSpec(
        title=automation.tab_title,
        columns=column_specs(job.columns),
        sheet_id=automation.sheet_id,
        adopt=tuple(automation.adopt),
        seen=automation.walked_at is not None or bool(run.checkpoint.get("commit")),
    )
    tab = privacy.ForgetfulTab(client, automation.spreadsheet_id, spec, run=str(run.pk), fence=lease)
    forgotten = partial(PrivacyRequest.objects.forgotten, automation.source_id)
    source = privacy.ForgetfulSource(source, tab, forgotten, none=not getattr(automation, "forgets", True))
    shape = shape_of(automation, job)
    return Opened(automation, replace(job, filters=(*job.filters, privacy.NOT_FORGOTTEN)), source, tab, shape)


def own_tab(automation: Automation, client: SheetsClient, lease: Lease) -> None:
    """Make the tab this automation's own, once: no two ever write to one.

    The account has to prove first that it may write there, or anybody could block other people's tabs. The refusal
    does not tell who else has it. Raises LeaseLost, with nothing written here or there.
    """
    if automation.sheet_id is not None:
        return
    sheet_id = find_sheet_id(client, automation.spreadsheet_id, automation.tab_title)
    lease.check()
    prove_writable(client, automation.spreadsheet_id)
    try:
        with atomic(Automation):
            # Somebody may choose another tab in this very moment: the old one's id must not be taken for the new one's.
            meant = {"spreadsheet_id": automation.spreadsheet_id, "tab_title": automation.tab_title, "sheet_id": None}
            taken = Automation.objects.filter(pk=automation.pk, **meant).update(sheet_id=sheet_id)
    except IntegrityError as error:
        raise TabRefused(
            f"tab {automation.tab_title!r} is kept by another automation already: choose another tab"
        ) from error
    if not taken:
        raise TabChanging("another tab was chosen for this automation while its run was being opened")
    automation.sheet_id = sheet_id


def shape_of(automation: Automation, job: Job) -> str:
    """What a cursor belongs to: with other columns or another tab, rows before it would be left out."""
    source = automation.source
    where = (automation.spreadsheet_id, automation.sheet_id)
    parts = (source.pk, source.kind, source.config, where, job.columns, job.rows_per, job.filters, job.removed)
    return _digest(repr(parts))


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
