"""Automations as tenants configure them."""

from __future__ import annotations

import pytest

from sheetsync.models import Automation, Source, SyncRun
from tests.support.runs import orders_of, write_orders

pytestmark = pytest.mark.django_db(transaction=True)

COLUMNS = [{"header": "Order", "path": "@order_id"}, {"header": "Total", "path": "total", "type": "decimal"}]


@pytest.fixture
def source(owner, tmp_path):
    path = tmp_path / "orders.jsonl"
    write_orders(path, orders_of(3))
    return Source.objects.create(tenant=owner.tenant, name="orders", kind="file", config={"path": str(path)})


@pytest.fixture
def wanted(source, book):
    return {"name": "Orders", "source": source.pk, "spreadsheet_id": book, "columns": COLUMNS}


@pytest.fixture
def automation(owner, wanted):
    return owner.call("post", "automations", wanted).json()


def test_what_was_made_is_shown_with_its_columns(owner, wanted):
    response = owner.call("post", "automations", wanted)
    assert response.status_code == 201, response.json()
    made = response.json()
    assert made["status"] == "draft"
    assert [column["header"] for column in made["columns"]] == ["Order", "Total"]
    assert owner.call("get", f"automations/{made['id']}").json() == made


def test_a_schedule_is_told_in_words_with_its_next_times(owner, wanted):
    given = wanted | {"cron": "0 6 * * 1-5", "schedule_enabled": True, "time_zone": "Europe/Berlin"}
    made = owner.call("post", "automations", given).json()
    assert made["schedule"]["time_zone"] == "Europe/Berlin" and len(made["schedule"]["next_times"]) == 5
    assert made["next_run_at"].endswith("Z")


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"cron": "* * * * *"}, "/cron", "leave at least 5 minutes"),
        ({"cron": "0 6 * *"}, "/cron", "instead of 5"),
        ({"columns": [*COLUMNS, {"header": "X", "path": "a..b"}]}, "/columns/2", "path 'a..b'"),
        ({"columns": [{"header": "X", "path": "a", "type": "money"}]}, "/columns/0/type", "not a valid choice"),
        ({"columns": []}, "/columns", "no columns"),
        ({"columns": [*COLUMNS, COLUMNS[0]]}, "/columns", "column 1 has it already"),
        ({"filters": [{"path": "a", "operator": "eq"}]}, "/filters/0", "value"),
        ({"time_zone": "Mars/Base"}, "/time_zone", "unknown"),
        ({"source": 999}, "/source", "no such source of yours"),
        ({"source": "1 OR 1"}, "/source", "Incorrect type"),
        ({"colour": "red"}, "/colour", "cannot be written"),
        ({"status": "active"}, "/status", "cannot be written"),
        ({"name": "x" * 201}, "/name", "200 characters"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(owner, automation, change, pointer, words):
    response = owner.call("patch", f"automations/{automation['id']}", change)
    assert response.status_code == 400, response.json()
    (error,) = [each for each in response.json()["errors"] if each["pointer"].startswith(pointer)]
    assert words in error["detail"]
    assert owner.call("get", f"automations/{automation['id']}").json() == automation


def test_who_saw_an_older_state_changes_nothing(owner, automation):
    place = f"automations/{automation['id']}"
    seen = owner.call("get", place).headers["ETag"]
    assert owner.call("patch", place, {"name": "Mine"}, **{"If-Match": seen}).status_code == 200
    assert owner.call("patch", place, {"name": "Yours"}, **{"If-Match": seen}).status_code == 412
    assert owner.call("get", place).json()["name"] == "Mine"


def test_another_tab_has_to_be_proved_anew(owner, automation):
    Automation.objects.update(sheet_id=7)
    changed = owner.call("patch", f"automations/{automation['id']}", {"tab_title": "Others"}).json()
    assert changed["tab_url"].endswith("/edit") and Automation.objects.get().sheet_id is None


def test_a_run_is_asked_for_once_at_a_time(owner, automation):
    place = f"automations/{automation['id']}"
    assert owner.call("post", f"{place}/run").status_code == 409  # a draft
    assert owner.call("post", f"{place}/activate").json()["status"] == "active"
    run = owner.call("post", f"{place}/run")
    assert run.status_code == 202
    again = owner.call("post", f"{place}/run")
    assert again.status_code == 409 and again.json()["run"] == run.json()["id"]
    assert owner.call("post", f"{place}/run", {"order_ids": ["00001"]}).status_code == 202
    assert SyncRun.objects.count() == 1


def test_what_the_account_cannot_write_is_told_before_it_runs(owner, automation):
    place = f"automations/{automation['id']}"
    owner.call("patch", place, {"spreadsheet_id": "1nothingofthiskind"})
    refused = owner.call("post", f"{place}/activate")
    assert refused.status_code == 400 and refused.json()["errors"][0]["pointer"] == "/spreadsheet_id"
    assert owner.call("get", place).json()["status"] == "draft"


def test_a_repeated_request_gives_the_same_run(owner, automation):
    place = f"automations/{automation['id']}"
    owner.call("post", f"{place}/activate")
    first, second = (owner.call("post", f"{place}/run", {}, **{"Idempotency-Key": "a"}) for _ in range(2))
    assert first.status_code == second.status_code == 202 and first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"


def test_a_preview_writes_nothing_and_names_unknown_columns(owner, automation):
    columns = [*COLUMNS, {"header": "Who", "path": "custommer"}]
    shown = owner.call("post", f"automations/{automation['id']}/preview", {"limit": 2, "columns": columns}).json()
    assert shown["rows"] == [["00001", 1.5, None], ["00002", 1.5, None]]
    assert shown["unknown_paths"] == [{"pointer": "/columns/2", "path": "custommer", "nearest": ["customer"]}]


def test_a_removed_automation_is_gone_with_its_runs(owner, automation):
    place = f"automations/{automation['id']}"
    owner.call("post", f"{place}/activate")
    owner.call("post", f"{place}/run")
    assert owner.call("delete", place).status_code == 204
    assert owner.call("get", place).status_code == 404 and not SyncRun.objects.exists()


def test_every_change_is_written_down_with_who_made_it(owner, automation):
    owner.call("patch", f"automations/{automation['id']}", {"name": "Paid"}, **{"X-Request-ID": "mine-1"})
    entry = owner.tenant.audit_log.latest("id")
    assert (entry.action, entry.changes["name"], entry.request_id) == (
        "automation.changed",
        ["Orders", "Paid"],
        "mine-1",
    )
    assert owner.token.prefix in entry.actor
