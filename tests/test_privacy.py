"""From a demand to empty cells: an order with a name in a tab, and a shop that goes on listing it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection
from django.db.models.functions import Now
from django.test import Client

from sheetsync import scheduler
from sheetsync.execute import execute_next
from sheetsync.models import AuditEntry, Automation, PrivacyRequest, Source
from sheetsync.models.fields import database_time
from sheetsync.models.privacy import Demand, PrivacyKind
from sheetsync.pipeline.filters import filters_from
from sheetsync.privacy import NOT_FORGOTTEN
from tests.admin.pages import press
from tests.support.runs import run_of, set_orders
from tests.support.shops import hooks

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "shpss_0123456789abcdef"
JOHN = {"id": "7", "customer": "John", "total": "1.50"}
JANE = {"id": "8", "customer": "Jane", "total": "2.50"}


def exported(world, orders=(JOHN, JANE), **values):
    automation = world.automation(orders=orders, **values)
    automation.source.rotate_webhook_secret("shopify", SECRET)
    run_of(automation)
    finish()
    return automation


def finish():
    while run := execute_next():
        run.refresh_from_db()
        assert run.status == "completed", run.error


def demand(automation, *order_ids):
    payload = {"customer": {"id": 1}, "orders_to_redact": [int(each) for each in order_ids]}
    hook = hooks.shopify(automation.source, payload, SECRET, topic="customers/redact")
    assert hook.send(Client()).status_code == 200


def from_afar(automation, *order_ids):
    """Called in the emulator's thread, which has a connection of its own."""
    demand(automation, *order_ids)
    connection.close()


def forget(automation, *order_ids):
    demand(automation, *order_ids)
    finish()


def cells(world, automation):
    """All that the tab shows: its managed cells, without header, keys and fingerprints."""
    sheet = world.emulator.spreadsheet(automation.spreadsheet_id).sheet(title=automation.tab_title)
    return [value for row in sheet.values()[1:] for value in row[2:] if value not in (None, "")]


def keys(world, automation):
    """What stands in the column of row keys."""
    sheet = world.emulator.spreadsheet(automation.spreadsheet_id).sheet(title=automation.tab_title)
    return [row[0] for row in sheet.values()[1:] if row and row[0]]


def test_the_cells_of_a_forgotten_customer_are_empty_and_stay_empty(world):
    automation = exported(world)
    assert "John" in cells(world, automation)
    forget(automation, "7")
    assert cells(world, automation) == ["8", "Jane", 2.5]
    set_orders(automation, [JOHN | {"customer": "John again"}, JANE])
    run_of(automation)
    finish()
    run_of(automation, order_ids=["7", "8"])
    finish()
    assert cells(world, automation) == ["8", "Jane", 2.5]


@pytest.mark.parametrize("removed", ["keep", "mark", "clear", "delete"])
def test_whatever_becomes_of_other_removed_orders_nothing_personal_stays(world, removed):
    automation = exported(world, removed=removed)
    forget(automation, "7")
    assert cells(world, automation) == ["8", "Jane", 2.5]
    run_of(automation)
    finish()
    assert cells(world, automation) == ["8", "Jane", 2.5]


@pytest.mark.parametrize("removed", ["keep", "mark"])
def test_rows_of_orders_that_the_shop_had_removed_before_are_emptied_too(world, removed):
    automation = exported(world, removed=removed)
    set_orders(automation, [JANE])
    run_of(automation)
    finish()
    assert "John" in cells(world, automation)
    forget(automation, "7")
    assert cells(world, automation) == ["8", "Jane", 2.5]


def test_all_lines_of_the_order_are_emptied_those_that_left_it_as_well(world):
    lines = [{"id": "1", "sku": "pot"}, {"id": "2", "sku": "soil"}]
    automation = world.automation(orders=[JOHN | {"lines": lines}], rows_per="line", removed="keep")
    Source.objects.update(config={**automation.source.config, "lines_path": "lines", "line_id_path": "id"})
    automation.refresh_from_db()
    automation.source.rotate_webhook_secret("shopify", SECRET)
    run_of(automation)
    finish()
    set_orders(automation, [JOHN | {"lines": lines[:1]}])
    run_of(automation)
    finish()
    assert cells(world, automation).count("John") == 2
    forget(automation, "7")
    assert cells(world, automation) == []


def test_what_a_person_puts_back_is_emptied_by_the_next_walk(world):
    automation = exported(world)
    sheet = world.emulator.spreadsheet(automation.spreadsheet_id).sheet(title=automation.tab_title)
    at, before = next((number, row) for number, row in enumerate(sheet.values()) if "John" in row)
    forget(automation, "7")
    for column, value in enumerate(before):
        world.emulator.person.type_text(sheet, at, column, value)
    assert "John" in cells(world, automation)
    run_of(automation)
    finish()
    assert cells(world, automation) == ["8", "Jane", 2.5]


def test_an_order_that_never_was_in_the_tab_leaves_no_row(world):
    automation = exported(world, orders=[JANE])
    forget(automation, "7")
    assert keys(world, automation) == ["8"] and PrivacyRequest.objects.get().order_ids == ["7"]


def test_the_scheduler_notes_that_it_is_done_and_history_says_so(world):
    automation = exported(world)
    forget(automation, "7")
    assert PrivacyRequest.objects.get().status == "open"
    scheduler.tick(database_time(PrivacyRequest))
    row = PrivacyRequest.objects.get()
    assert (row.status, bool(row.finished_at)) == ("done", True)
    assert AuditEntry.objects.filter(action="privacy.done").count() == 1


def test_a_paused_automation_forgets_when_it_is_active_again(world):
    automation = exported(world)
    Automation.objects.update(status="paused")
    forget(automation, "7")
    scheduler.tick()
    assert "John" in cells(world, automation) and PrivacyRequest.objects.get().status == "open"
    Automation.objects.update(status="active")
    scheduler.tick()
    finish()
    scheduler.tick()
    assert cells(world, automation) == ["8", "Jane", 2.5] and PrivacyRequest.objects.get().status == "done"


def test_a_demand_that_comes_during_a_run_is_met_by_the_one_after_it(world):
    automation = exported(world)
    run_of(automation)  # of everything; it waits
    set_orders(automation, [JOHN | {"customer": "John the second"}, JANE])
    forget(automation, "7")
    assert cells(world, automation) == ["8", "Jane", 2.5]


def test_broken_records_beside_it_do_not_keep_an_order_from_being_forgotten(world):
    automation = exported(world)
    Source.objects.update(config=automation.source.config | {"on_bad": "skip"})
    with open(automation.source.config["path"], "a") as file:
        file.write('{"customer": "nobody"}\n')
    run = run_of(automation, order_ids=["8"])
    forget(automation, "7")
    run.refresh_from_db()
    assert run.warnings["bad_record"]["count"] and cells(world, automation) == ["8", "Jane", 2.5]


def test_the_filter_that_leaves_forgotten_orders_out_can_be_written():
    assert filters_from([{"path": NOT_FORGOTTEN.path, "operator": "missing"}]) == (NOT_FORGOTTEN,)


@pytest.mark.parametrize("moment", ["batchGetByDataFilter", ":batchUpdate"])
@pytest.mark.parametrize("order_ids", [[], ["7"]])
def test_a_demand_that_comes_while_its_order_is_being_written_is_met_all_the_same(world, moment, order_ids):
    automation = exported(world)
    set_orders(automation, [JOHN | {"customer": "John the second"}, JANE])
    run_of(automation, order_ids=order_ids)
    world.emulator.faults.add("before", moment, call=lambda _: from_afar(automation, "7"))
    finish()
    assert PrivacyRequest.objects.count() == 1 and scheduler.tick() is not None
    assert cells(world, automation) == ["8", "Jane", 2.5] and PrivacyRequest.objects.get().status == "done"


@pytest.mark.parametrize("fault", ["lose_reply", "drop"])
@pytest.mark.parametrize("removed", ["keep", "mark", "delete"])
def test_an_order_is_forgotten_even_where_the_tab_is_looked_at_anew(world, removed, fault):
    automation = exported(world, removed=removed)
    set_orders(automation, [JANE])
    run_of(automation)
    finish()
    world.emulator.faults.add(fault)
    forget(automation, "7")
    assert cells(world, automation) == ["8", "Jane", 2.5]


def test_an_operator_notes_that_a_customer_was_told_and_nobody_else_does(client, admin_client, world):
    source = world.automation().source
    told = PrivacyRequest.objects.once(source, Demand(kind=PrivacyKind.TELL_CUSTOMER, order_ids=("7",)))[0]
    other = PrivacyRequest.objects.once(source, Demand(kind=PrivacyKind.FORGET_CUSTOMER, order_ids=("7",)))[0]
    for row in (told, told, other):
        assert press(admin_client, row, "done").status_code == 302
    assert sorted(PrivacyRequest.objects.values_list("kind", "status")) == [
        ("forget_customer", "open"),
        ("tell_customer", "done"),
    ]
    assert AuditEntry.objects.get(action="privacy.done").actor == "admin"


WRONG = {
    "privacy_kind_is_known": {"kind": "odd"},
    "privacy_status_is_known": {"status": "odd", "finished_at": Now()},
    "privacy_request_finished_exactly_when_not_open": {"status": "done"},
    "privacy_request_due_after_it_came": {"due_at": datetime(2020, 1, 1, tzinfo=UTC)},
}


@pytest.mark.parametrize(("name", "values"), WRONG.items(), ids=WRONG)
def test_the_database_refuses_what_no_demand_can_be(world, name, values):
    row = PrivacyRequest.objects.once(world.automation().source, Demand(kind=PrivacyKind.FORGET_SHOP))[0]
    with pytest.raises(IntegrityError, match=name):
        PrivacyRequest.objects.filter(pk=row.pk).update(**values)


def test_the_database_keeps_one_open_demand_of_a_kind(world):
    row = PrivacyRequest.objects.once(world.automation().source, Demand(kind=PrivacyKind.FORGET_SHOP))[0]
    row.pk = None
    with pytest.raises(IntegrityError):
        row.save(force_insert=True)
