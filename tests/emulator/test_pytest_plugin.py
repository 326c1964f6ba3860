"""The fixtures for other people's tests, in such tests: projects of their own, run by a pytest of their own."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.test import override_settings

from sheetsync.emulator import pytest_plugin
from tests.support import strangers

AUTOMATION = """
import logging

import pytest
from django.conf import settings as in_force
from shop.models import Order
from sheetsync.models import Automation, Source, SyncRun, Tenant

ROWS = [["Order", "Customer", "Total"], ["1001", "Ann", 12.5]]


@pytest.fixture
def automation(google_account, spreadsheet):
    tenant = google_account.tenant
    source = Source.objects.create(
        tenant=tenant, name="orders", kind="queryset", config={"model": "shop.Order", "id_field": "number"}
    )
    found = Automation.objects.create(
        tenant=tenant, name="orders", source=source, spreadsheet_id=spreadsheet, status="active"
    )
    found.set_columns([
        {"header": "Order", "path": "number"},
        {"header": "Customer", "path": "customer"},
        {"header": "Total", "path": "total", "type": "decimal"},
    ])
    Order.objects.create(number="1001", customer="Ann", total="12.50")
    return found
"""

GOOD = (
    AUTOMATION
    + """
def test_plain(automation, run_sync, sheet_values):
    run_sync(automation)
    assert sheet_values(automation.spreadsheet_id) == ROWS


@pytest.mark.django_db(transaction=True)
def test_transactional(automation, run_sync, sheet_values):
    run_sync(automation)
    assert sheet_values(automation.spreadsheet_id) == ROWS


def test_order_ids(automation, run_sync, sheet_values):
    run_sync(automation)
    Order.objects.update(customer="Bo")
    assert run_sync(automation, order_ids=["1001"]).mode == "orders"
    assert sheet_values(automation.spreadsheet_id)[1] == ["1001", "Bo", 12.5]


def test_retry(automation, run_sync, sheet_values, sheets_emulator):
    sheets_emulator.faults.add("status", status=503, times=2)
    assert run_sync(automation).attempts == 3
    assert sheet_values(automation.spreadsheet_id) == ROWS


def test_lost_reply(automation, run_sync, sheet_values, sheets_emulator):
    run_sync(automation)
    Order.objects.update(customer="Bo")
    sheets_emulator.faults.add("lose_reply")
    run_sync(automation)
    assert sheet_values(automation.spreadsheet_id)[1] == ["1001", "Bo", 12.5]


def test_expected_failure(automation, run_sync, sheets_emulator):
    sheets_emulator.forbid(automation.spreadsheet_id)
    assert run_sync(automation, ends="failed").error_type == "AccessDenied"


def test_longer_than_a_lease(settings, automation, run_sync, sheets_emulator, caplog):
    settings.SHEETSYNC = settings.SHEETSYNC | {"LEASE_SECONDS": 0.4}
    sheets_emulator.faults.add("slow", seconds=0.6, times=2)
    with caplog.at_level(logging.WARNING, "sheetsync"):
        assert run_sync(automation).attempts == 1
    assert not caplog.records


def test_settings_point_at_the_emulator(sheets_emulator):
    assert in_force.SHEETSYNC["SHEETS_URL"] == sheets_emulator.url
    assert in_force.SHEETSYNC["BURST"] == 3  # the site's own stay


def test_settings_of_the_site_are_back(db):
    assert in_force.SHEETSYNC == {"BURST": 3}


def test_nothing_is_left_of_other_tests(db, sheets_emulator, spreadsheet):
    assert list(sheets_emulator.store.books) == [spreadsheet]
    assert sheets_emulator.calls == []
    assert not Tenant.objects.exists() and not SyncRun.objects.exists()
"""
)
HOST = {"settings.py": strangers.SETTINGS + 'SHEETSYNC = {"BURST": 3}\n', "test_orders.py": GOOD}

BAD = (
    AUTOMATION
    + """
def test_refused(automation, run_sync, sheets_emulator):
    sheets_emulator.forbid(automation.spreadsheet_id)
    run_sync(automation)


def test_dead(automation, run_sync, sheets_emulator, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"MAX_ATTEMPTS": 2}
    sheets_emulator.faults.add("status", status=503, times=99)
    run_sync(automation)


def test_busy(automation, run_sync):
    Tenant.objects.update(max_concurrent_runs=1)
    run_sync(automation)
    SyncRun.objects.update(
        status="running", finished_at=None, lease_token="x", lease_expires_at="2999-01-01T00:00:00Z"
    )
    other = Automation.objects.create(
        tenant=automation.tenant, name="other", source=automation.source, spreadsheet_id="x", status="active"
    )
    run_sync(other)


def test_other_tab(spreadsheet, sheet_values):
    sheet_values(spreadsheet, "Ordrs")
"""
)

NO_DJANGO = {
    "conftest.py": strangers.SITE["conftest.py"],
    "pytest.ini": "[pytest]\nfilterwarnings = error\naddopts = -p no:django\n",
    "test_sheets.py": """
import sys

import gspread


def test_gspread(gspread_client, spreadsheet, sheet_values):
    sheet = gspread_client.open_by_key(spreadsheet).sheet1
    sheet.update([["a", "b"], [1, 2.5]])
    assert sheet_values(spreadsheet, "Sheet1") == [["a", "b"], [1, 2.5]]


def test_client_of_their_own(gspread_client, sheets_emulator):
    theirs = gspread.service_account(filename=sheets_emulator.key_file, http_client=gspread.BackOffHTTPClient)
    book = theirs.create("made by our code")
    assert sheets_emulator.spreadsheet(book.id).title == "made by our code"


def test_hidden_columns(gspread_client, spreadsheet, sheet_values):
    sheet = gspread_client.open_by_key(spreadsheet).sheet1
    sheet.update([["a", "b", "c"], ["", "d", ""], ["e", "", ""]])
    sheet.hide_columns(0, 1)
    assert sheet_values(spreadsheet, "Sheet1") == [["b", "c"], ["d"]]


def test_no_account(google_account):
    pass


def test_django_was_not_imported(sheets_emulator, gspread_client):
    assert "django" not in sys.modules
""",
}

ELSEWHERE = """
DATABASES["elsewhere"] = {"ENGINE": "django.db.backends.dummy"}
DATABASE_ROUTERS = ["settings.Router"]


class Router:
    def db_for_write(self, model, **hints):
        return "elsewhere" if model._meta.app_label == "sheetsync" else None
"""


def everything_passes_on(database, folder):
    strangers.write_files(folder, strangers.SITE, HOST)
    ended = strangers.run_pytest(folder, STRANGER_DATABASE=database)
    assert set(ended.results.values()) == {"passed"}, ended.output
    assert len(ended.results) == GOOD.count("def test_")


def test_a_strangers_tests_pass_on_sqlite_in_memory(tmp_path):
    everything_passes_on("memory", tmp_path)


@pytest.mark.slow
def test_a_strangers_tests_pass_on_sqlite_in_a_file(tmp_path):
    everything_passes_on("file", tmp_path)


@pytest.mark.slow
@pytest.mark.only_on("postgresql")
def test_a_strangers_tests_pass_on_postgresql(tmp_path):
    everything_passes_on("postgresql", tmp_path)


@pytest.mark.slow
def test_a_strangers_tests_pass_in_several_processes_and_without_migrations(tmp_path):
    strangers.write_files(tmp_path, strangers.SITE, HOST)
    ended = strangers.run_pytest(tmp_path, "-n", "2", "--nomigrations")
    assert set(ended.results.values()) == {"passed"}, ended.output


@pytest.fixture(scope="module")
def failing(tmp_path_factory):
    folder = tmp_path_factory.mktemp("failing")
    strangers.write_files(folder, strangers.SITE, {"test_orders.py": BAD})
    return strangers.run_pytest(folder)


@pytest.mark.parametrize(
    ("test", "words"),
    [
        ("test_refused", "of automation 'orders' is failed, not completed, after 1 attempt: AccessDenied: The caller"),
        ("test_dead", "of automation 'orders' is dead, not completed, after 2 attempts: AmbiguousOutcome: no clean"),
        ("test_busy", "of automation 'other' is pending after 0 attempts and nobody may take it:"),
        ("test_other_tab", "there is no tab 'Ordrs' in this spreadsheet: it has Sheet1"),
    ],
)
def test_what_goes_wrong_is_said_in_words(failing, test, words):
    assert failing.results[test] == "failed"
    assert words in failing.output


def test_a_failure_is_shown_at_the_strangers_own_line(failing):
    assert ">       run_sync(automation)\nE       Failed: run" in failing.output
    assert "pytest_plugin.py" not in failing.output


@pytest.fixture(scope="module")
def without_django(tmp_path_factory):
    folder = tmp_path_factory.mktemp("without_django")
    strangers.write_files(folder, NO_DJANGO)
    return strangers.run_pytest(folder)


@pytest.mark.parametrize(
    "test", ["test_gspread", "test_client_of_their_own", "test_hidden_columns", "test_django_was_not_imported"]
)
def test_the_emulator_is_there_for_people_without_django(without_django, test):
    assert without_django.results[test] == "passed", without_django.output


def test_an_account_without_a_database_is_refused(without_django):
    assert without_django.results["test_no_account"] == "error"
    assert "fixture 'db' not found" in without_django.output


@pytest.mark.slow
def test_a_database_that_sheetsync_cannot_use_is_named(tmp_path):
    settings = strangers.SETTINGS + ELSEWHERE
    tests = "def test_account(google_account):\n    pass\n"
    strangers.write_files(tmp_path, strangers.SITE, {"settings.py": settings, "test_account.py": tests})
    ended = strangers.run_pytest(tmp_path)
    assert ended.results == {"test_account": "error"}
    assert "sheetsync cannot keep its runs in the unknown database 'elsewhere': use SQLite" in ended.output


def test_a_site_without_sheetsync_is_told_so():
    remedy = 'add "sheetsync" to INSTALLED_APPS'
    with override_settings(INSTALLED_APPS=[]), pytest.raises(pytest.fail.Exception, match=remedy):
        pytest_plugin._need_sheetsync()


def test_the_plugin_imports_no_django():
    probe = "import sys, sheetsync.emulator.pytest_plugin; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", probe], cwd=strangers.ROOT).returncode == 0


def test_the_emulator_needs_no_pytest():
    probe = "import sys; sys.modules['pytest'] = None; import sheetsync.emulator, sheetsync.management"
    assert subprocess.run([sys.executable, "-c", probe], cwd=strangers.ROOT).returncode == 0
