"""Fixtures for other people's tests: a running emulator, and sheetsync's runs executed against it.

Put `pytest_plugins = ["sheetsync.emulator.pytest_plugin"]` into the conftest.py beside your pyproject.toml or
pytest.ini. It is no entry point: that would load it, and all it imports, into every test run of every site that has
sheetsync installed.

`sheets_emulator`, `spreadsheet`, `sheet_values` and `gspread_client` need neither Django nor a database, and import
neither. The others ask pytest-django for its `db`: what of sheetsync they need is imported when a test asks for it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from sheetsync.emulator.emulator import Emulator
from sheetsync.emulator.grid.cells import CellError
from sheetsync.emulator.oauth import ACCOUNT_FILE
from sheetsync.emulator.server import Server

if TYPE_CHECKING:
    import gspread

    from sheetsync.models import Automation, GoogleAccount, SyncRun, Tenant

LOOPBACK = "127.0.0.1"
GOOGLE = ("https://sheets.googleapis.com", "https://www.googleapis.com")
DAY = 86_400
UNPACED: dict[str, Any] = dict.fromkeys(
    ("READS_PER_MINUTE", "WRITES_PER_MINUTE", "PROJECT_READS_PER_MINUTE", "PROJECT_WRITES_PER_MINUTE")
)
UNHURRIED: dict[str, Any] = {
    # The thread that renews a lease does so after a quarter of it: never, within a test. It would be a second
    # connection, which does not see the rows of a test that commits nothing, and would take the run for lost.
    "LEASE_SECONDS": DAY,
    "SLICE_SECONDS": DAY,
}
Rows = list[list[Any]]
SheetValues = Callable[..., Rows]


class RunSync(Protocol):
    """What the fixture `run_sync` gives."""

    def __call__(self, automation: Automation, *, order_ids: Iterable[str] = (), ends: str = "completed") -> SyncRun:
        """Run it to its end here and now. Fails the test unless it `ends` so: completed, failed, dead or canceled."""
        ...


class ServedEmulator(Emulator):
    """An emulator with an address, `url`, and the file of a service account's key for it, `key_file`."""

    def __init__(self, url: str, key_file: Path) -> None:
        super().__init__()
        self.url, self.key_file = url, key_file
        self.accounts.read_key(key_file)

    @property
    def key(self) -> dict[str, Any]:
        """What is in the file."""
        return self.accounts.account(self.url)


@pytest.fixture(scope="session")
def _sheets_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """One server and one key for all tests, which take 0.1 s to make; each test's emulator is its own."""
    first = Emulator()
    with first.serve(host=LOOPBACK) as server:
        folder = tmp_path_factory.mktemp("sheets-emulator")
        yield server, first.accounts.write_account(folder / ACCOUNT_FILE, server.url)


@pytest.fixture
def sheets_emulator(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, _sheets_server: tuple[Server, Path]
) -> Iterator[ServedEmulator]:
    """An empty emulator over HTTP. Where Django is configured, `SHEETSYNC` points at it, without pacing."""
    server, key_file = _sheets_server
    server.emulator = emulator = ServedEmulator(server.url, key_file)
    for name in ("NO_PROXY", "no_proxy"):  # a proxy would look for the emulator on a machine of its own
        monkeypatch.setenv(name, ",".join(filter(None, [os.environ.get(name), LOOPBACK])))
    with _pointed_at(emulator, request):
        yield emulator
    emulator.faults.clear()


@pytest.fixture
def spreadsheet(sheets_emulator: ServedEmulator) -> str:
    """The id of a fresh spreadsheet with one empty tab, Sheet1."""
    return sheets_emulator.create_spreadsheet("Spreadsheet of a test")


@pytest.fixture
def sheet_values(sheets_emulator: ServedEmulator) -> SheetValues:
    """`sheet_values(spreadsheet, title="Orders")`: its rows as people see them, in the types that the cells have.

    Hidden columns are left out, and so are empty cells at a row's end and empty rows at the end of the tab.
    """

    def read(spreadsheet: str, title: str = "Orders") -> Rows:
        __tracebackhide__ = True
        with sheets_emulator.lock:
            titles = [sheet.title for sheet in sheets_emulator.spreadsheet(spreadsheet).sheets]
            if title not in titles:
                pytest.fail(f"there is no tab {title!r} in this spreadsheet: it has {', '.join(titles)}")
            return _seen(sheets_emulator, spreadsheet, title)

    return read


@pytest.fixture
def gspread_client(sheets_emulator: ServedEmulator, monkeypatch: pytest.MonkeyPatch) -> gspread.Client:
    """An authorised gspread client of the emulator. During the test, all other gspread clients talk to it as well."""
    import gspread

    send = gspread.HTTPClient.request

    def redirected(client: gspread.HTTPClient, method: str, endpoint: str, *args: Any, **options: Any) -> Any:
        for google in GOOGLE:
            if endpoint.startswith(google):
                endpoint = sheets_emulator.url + endpoint.removeprefix(google)
        return send(client, method, endpoint, *args, **options)

    monkeypatch.setattr(gspread.HTTPClient, "request", redirected)
    return gspread.service_account(filename=sheets_emulator.key_file)


# `db` is asked for by name, not by request.getfixturevalue: pytest-django looks at the names to know whether a test
# database has to be made. Without one, the tests would write to the site's own.


@pytest.fixture
def sheetsync_tenant(db: None, sheets_emulator: ServedEmulator) -> Tenant:
    """A fresh tenant, without an account."""
    _need_sheetsync()
    from sheetsync.models import Tenant

    return Tenant.objects.create(name="Tenant of a test")


@pytest.fixture
def google_account(sheetsync_tenant: Tenant, sheets_emulator: ServedEmulator) -> GoogleAccount:
    """The tenant's default account: the emulator's service account, linked."""
    from sheetsync.models import GoogleAccount

    return GoogleAccount.link_service_account(sheetsync_tenant, sheets_emulator.key)


@pytest.fixture
def run_sync(db: None, sheets_emulator: ServedEmulator) -> RunSync:
    """`run_sync(automation)`: ask for a run and execute it, retries included, in the test's own thread.

    In any test, transactional or not, on any test database that sheetsync can use, one in memory too: it all happens
    on the test's own connection. A run that is to be tried again later is tried again at once.
    """
    _need_sheetsync()

    def run(automation: Automation, *, order_ids: Iterable[str] = (), ends: str = "completed") -> SyncRun:
        __tracebackhide__ = True
        from sheetsync.trigger import request_run

        found = request_run(automation, trigger="manual", order_ids=order_ids).run  # type: ignore[arg-type]
        _execute(found)
        if found.status != ends:
            pytest.fail(_how_it_ended(found, ends))
        return found

    return run


@contextmanager
def _pointed_at(emulator: ServedEmulator, request: pytest.FixtureRequest) -> Iterator[None]:
    """Django's settings meanwhile, where it is configured; it is not imported for the sake of asking."""
    conf = sys.modules.get("django.conf")
    if conf is None or not conf.settings.configured:
        yield
        return
    given = getattr(conf.settings, "SHEETSYNC", {})
    found = {**given, **UNPACED, "SHEETS_URL": emulator.url, "CREDENTIALS_FILE": emulator.key_file}
    # Runs are executed by run_sync alone, whatever the site's workers are.
    found |= {"DISPATCH": "polling", "ENCRYPTION_KEYS": given.get("ENCRYPTION_KEYS") or [_a_key()]}
    plugins = request.config.pluginmanager
    if plugins.has_plugin("django") or plugins.has_plugin("pytest_django.plugin"):
        # Its own fixture: of two who change settings, the one who came first has to undo last.
        request.getfixturevalue("settings").SHEETSYNC = found
        yield
        return
    from django.test import override_settings

    with override_settings(SHEETSYNC=found):
        yield


def _a_key() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


def _seen(emulator: Emulator, spreadsheet: str, title: str) -> Rows:
    sheet = emulator.spreadsheet(spreadsheet).sheet(title=title)
    shown = [index for index, column in enumerate(sheet.columns) if not column.hidden]
    rows: Rows = []
    for values in sheet.values():
        row = [values[index] for index in shown if index < len(values)]
        while row and row[-1] is None:
            row.pop()
        rows.append([value.text if isinstance(value, CellError) else value for value in row])
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _need_sheetsync() -> None:
    """Fail with the remedy where sheetsync cannot keep its rows."""
    from django.apps import apps
    from django.db import connections, router

    if not apps.is_installed("sheetsync"):
        pytest.fail('sheetsync has no tables here: add "sheetsync" to INSTALLED_APPS', pytrace=False)
    database = router.db_for_write(apps.get_model("sheetsync", "SyncRun"))
    vendor = connections[database].vendor
    if vendor not in ("sqlite", "postgresql"):
        remedy = "use SQLite, in memory for all we care, or PostgreSQL; a router can give its tables one of their own"
        pytest.fail(f"sheetsync cannot keep its runs in the {vendor} database {database!r}: {remedy}", pytrace=False)


def _execute(run: SyncRun) -> None:
    """Until it is finished, or nobody may take it."""
    from django.conf import settings
    from django.db.models.functions import Now
    from django.test import override_settings

    from sheetsync.execute import execute_next
    from sheetsync.models import SyncRun

    with override_settings(SHEETSYNC={**settings.SHEETSYNC, **UNHURRIED}):
        while run.is_active:
            waiting = SyncRun.objects.filter(pk=run.pk, status=SyncRun.Status.PENDING)
            waiting.update(next_attempt_at=Now())
            taken = execute_next(only=run.pk)
            run.refresh_from_db()
            if taken is None:
                return


def _how_it_ended(run: SyncRun, ends: str) -> str:
    name = f"run {run.pk} of automation {run.automation.name!r}"
    tries = f"after {run.attempts} attempt{'s' if run.attempts != 1 else ''}"
    if run.is_active:
        return f"{name} is {run.status} {tries} and nobody may take it: is its automation or its tenant paused?"
    why = f": {run.error_type}: {run.error}" if run.error else ""
    return f"{name} is {run.status}, not {ends}, {tries}{why}"
