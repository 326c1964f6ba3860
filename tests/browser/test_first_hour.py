"""A tenant's first hour: from an operator's install code to rows that follow the shop, all through the API."""

from __future__ import annotations

import pytest
import requests

from sheetsync.emulator import Emulator
from sheetsync.execute import execute_next
from sheetsync.models import GoogleAccount, InstallCode, Tenant
from tests.support.browsers import expect
from tests.support.runs import orders_of, write_orders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


class Program:
    """The tenant's own program, with nothing but an address and an install code."""

    def __init__(self, url):
        self.url = f"{url}/api/v1/"
        self.session = requests.Session()

    def call(self, method, path, expected=200, **body):
        response = self.session.request(method, self.url + path, json=body or None, timeout=30)
        assert response.status_code == expected, response.text
        return response.json() if response.content else None


@pytest.fixture
def emulator():
    return Emulator(strict_auth=True)


@pytest.fixture
def program(emulator, world, live_server, settings):
    client = emulator.oauth.client([f"{live_server.url}/google/callback"], name="sheetsync")
    settings.SHEETSYNC = settings.SHEETSYNC | {
        "TENANT_KINDS": ["file"],
        "WATCH_ISOLATION": True,
        "GOOGLE_CLIENT_ID": client.client_id,
        "GOOGLE_CLIENT_SECRET": client.client_secret,
        "GOOGLE_AUTH_URL": f"{world.url}/o/oauth2/v2/auth",
        "GOOGLE_TOKEN_URL": f"{world.url}/token",
        "GOOGLE_REVOKE_URL": f"{world.url}/revoke",
        "DRIVE_URL": world.url,
    }
    return Program(live_server.url)


def link(program, page):
    """A person follows the address and says yes."""
    begun = program.call("post", "google/links", 201, scope="file")
    page.goto(begun["url"])
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading")).to_contain_text("Linked")
    return program.call("get", f"google/links/{begun['id']}")


def test_from_an_install_code_to_rows_that_follow_the_shop(program, emulator, page, tmp_path):
    shop = tmp_path / "orders.jsonl"
    write_orders(shop, orders_of(3))
    _, code = InstallCode.objects.mint(Tenant.objects.create(name="Cactus shop"))
    token = program.call("post", "install/exchange", 201, code=code)["token"]
    program.session.headers["Authorization"] = f"Bearer {token}"

    linked = link(program, page)
    assert linked["outcome"] == "linked"
    account = f"google/accounts/{linked['account']}"
    book = program.call("post", f"{account}/spreadsheets", 201, title="Orders of my shop")
    assert program.call("get", f"{account}/spreadsheets/{book['id']}")["writable"]

    source = program.call("post", "sources", 201, name="shop", kind="file", config={"path": str(shop)})
    assert program.call("post", f"sources/{source['id']}/test")["order_id"] == "00001"
    known = {each["path"] for each in program.call("get", f"sources/{source['id']}/paths")["paths"]}
    assert {"@order_id", "customer", "total"} <= known

    columns = [{"header": "Order", "path": "@order_id"}, {"header": "Total", "path": "total", "type": "decimal"}]
    made = program.call(
        "post", "automations", 201, name="Orders", source=source["id"], spreadsheet_id=book["id"], columns=columns
    )
    automation = f"automations/{made['id']}"
    assert program.call("post", f"{automation}/preview", limit=1)["rows"] == [["00001", 1.5]]
    program.call("post", f"{automation}/activate")
    run = program.call("post", f"{automation}/run", 202)
    execute_next()
    assert program.call("get", f"runs/{run['id']}")["status"] == "completed"
    assert cells(emulator, book) == [["Order", "Total"], *[[f"0000{n}", 1.5] for n in (1, 2, 3)]]

    program.call("patch", automation, columns=[*columns, {"header": "Who", "path": "customer"}])
    program.call("post", f"{automation}/run", 202)
    execute_next()
    assert cells(emulator, book)[1] == ["00001", 1.5, "c1"]

    assert program.call("post", f"{automation}/pause")["status"] == "paused"
    program.call("post", f"{automation}/run", 409)
    program.call("post", f"{account}/unlink", 409)
    gone = program.call("post", f"{account}/unlink", force=True)
    assert gone == {"new_default": None, "stopped": ["Orders"], "settled": True}
    assert not GoogleAccount.objects.exists() and emulator.oauth.grants() == []


def cells(emulator, book):
    """What people see: without the two technical columns."""
    rows = emulator.spreadsheet(book["id"]).sheet(title="Orders").values()
    return [row[2:] for row in rows if any(row)]


@pytest.mark.parametrize(("decision", "heading"), [("Cancel", "not allowed"), ("untick", "not ticked")])
def test_a_person_who_says_no_is_told_what_that_means(program, emulator, page, complaints, decision, heading):
    complaints.expect("status of 400")
    tenant = Tenant.objects.create(name="Cactus shop")
    _, code = InstallCode.objects.mint(tenant)
    token = program.call("post", "install/exchange", 201, code=code)["token"]
    program.session.headers["Authorization"] = f"Bearer {token}"
    begun = program.call("post", "google/links", 201)
    page.goto(begun["url"])
    if decision == "untick":
        for box in range(page.get_by_role("checkbox").count()):
            page.get_by_role("checkbox").nth(box).uncheck()
    page.get_by_role("button", name="Cancel" if decision == "Cancel" else "Continue").click()
    expect(page.get_by_role("heading")).to_contain_text(heading)
    found = program.call("get", f"google/links/{begun['id']}")
    assert found["outcome"] == {"Cancel": "denied", "untick": "unticked"}[decision] and found["reason"]
    page.reload()
    expect(page.locator("p")).to_contain_text("start again")
