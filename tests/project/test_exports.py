"""What the demo sets up, and finds again when it is started anew."""

from __future__ import annotations

import pytest

from project.demonstration import exports
from project.demonstration.emulator import RunningEmulator
from project.shop.seeding import seed
from sheetsync.models import Automation, Column, Source

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(emulator):
    with emulator.serve() as server:
        yield RunningEmulator(server.url, emulator.accounts.account(server.url))


@pytest.fixture
def tenant(running):
    seed(3)
    return exports.tenant_with_account(running)


def test_setting_up_twice_makes_nothing_twice(running, tenant):
    for _ in range(2):
        exports.automations(exports.tenant_with_account(running), "book")
    assert [model.objects.count() for model in (Source, Automation)] == [1, 2]
    assert Column.objects.count() == len(exports.ORDER_COLUMNS) + len(exports.LINE_COLUMNS)
    assert tenant.accounts.get().is_default


def test_what_people_have_changed_stays(tenant):
    orders, _ = exports.automations(tenant, "book")
    Automation.objects.filter(pk=orders.pk).update(tab_title="Renamed", status="paused")
    orders, _ = exports.automations(tenant, "book")
    assert (orders.tab_title, orders.status) == ("Renamed", "paused")


def test_the_spreadsheet_is_found_again_while_the_emulator_has_it(emulator, running, tenant):
    client = running.client()
    assert exports.known_spreadsheet(client, tenant) is None
    book = exports.new_spreadsheet(client)
    exports.automations(tenant, book)
    assert exports.known_spreadsheet(client, tenant) == book
    emulator.reset()
    assert exports.known_spreadsheet(client, tenant) is None
    client.gateway.session.close()


def test_in_a_new_spreadsheet_automations_give_their_old_tabs_up(tenant):
    orders, _ = exports.automations(tenant, "old-book")
    Automation.objects.filter(pk=orders.pk).update(sheet_id=7)
    orders, _ = exports.automations(tenant, "new-book")
    orders.refresh_from_db()
    assert (orders.spreadsheet_id, orders.sheet_id) == ("new-book", None)
