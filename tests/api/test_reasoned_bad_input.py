"""Bad input that somebody thought of, each with the reason: refused by its field, nothing stored, no secret echoed."""

from __future__ import annotations

import json
import socket

import pytest
from django.core.exceptions import ValidationError

from sheetsync.models import Automation, GoogleAccount, Source
from tests.support.runs import orders_of
from tests.support.shops.server import Answer, ShopServer
from tests.support.speaking import Resolver

pytestmark = pytest.mark.django_db(transaction=True)

CONFIG = {"url": "https://shop.example/orders"}
GOOD = {"name": "shop", "kind": "rest", "config": CONFIG}
SECRET = "hunter2-hunter2"


@pytest.fixture(autouse=True)
def kinds(settings):
    """Those that tenants set up where nothing else is said."""
    settings.SHEETSYNC = {name: each for name, each in settings.SHEETSYNC.items() if name != "TENANT_KINDS"}


def pointers(response):
    return [error["pointer"] for error in response.json().get("errors", [])]


def refused(response, pointer):
    assert response.status_code == 400, response.text
    found = pointers(response)
    assert found and all(each.startswith(pointer) for each in found), response.text
    return response.json()["errors"][0]["detail"]


def test_what_is_good_is_taken(owner):
    assert owner.call("post", "sources", GOOD).status_code == 201


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://2130706433/", "127.0.0.1 as one decimal number, as inet_aton reads it"),
        ("https://0x7f000001/", "the same in hexadecimal"),
        ("https://0x7f.0.0.1/", "one part of it in hexadecimal"),
        ("https://0177.0.0.1/", "the same in octal"),
        ("https://127.1/", "the short form that ping takes"),
        ("https://127.0.0.1/", "loopback, written plainly"),
        ("https://[::1]/", "loopback of IPv6"),
        ("https://[::ffff:127.0.0.1]/", "IPv4 loopback inside of IPv6"),
        ("https://[::ffff:7f00:1]/", "the same in hexadecimal"),
        ("https://[::]/", "all addresses of this machine: connects to loopback"),
        ("https://[64:ff9b::7f00:1]/", "loopback behind a NAT64 gateway"),
        ("https://[fe80::1%25eth0]/", "link-local with a zone"),
        ("https://0.0.0.0/", "this machine"),
        ("https://10.0.0.8/", "private"),
        ("https://169.254.169.254/latest/meta-data/", "the metadata of a cloud machine: its keys"),
        ("https://168.63.129.16/", "the metadata of another cloud, under a public address"),
        ("https://user:pass@shop.example/", "keys in an address end in logs"),
        ("https://shop.example@10.0.0.8/", "looks like the shop, is called elsewhere"),
        ("https://shop.example#@10.0.0.8/", "parsers disagree about where the host ends"),
        ("https://shop.example\\@10.0.0.8/", "browsers take a backslash for a slash, others do not"),
        ("https://\uff11\uff12\uff17.0.0.1/", "digits of full width become plain ones when the name is looked up"),
        ("https://127\u30020\u30020\u30021/", "so do ideographic full stops"),
        ("https://shop.example./", "a trailing dot is another name for checks and the same one for the resolver"),
        ("http://shop.example/", "plain http shows orders and keys on the way"),
        ("https://shop.example:22/", "no web server, but something that may be talked into a command"),
        ("https://shop.example:0/", "no port at all"),
        ("https://metadata/", "a name without a dot is one of the house's own"),
        ("https://localhost/", "this machine by its name"),
        ("file:///etc/passwd", "a file of the server"),
        ("gopher://shop.example/", "lines of the caller's choice, sent to any service"),
        ("//shop.example/", "no scheme: of which page is it a part?"),
        ("https://shop.example/\r\nHost: evil.example", "a second header in the request"),
        ("https://shop.example/ HTTP/1.1", "the end of the request line"),
        ("https://" + "a" * 3_000 + ".example/", "longer than any address"),
        ("", "nothing"),
    ],
)
def test_an_address_that_must_not_be_called_is_refused_by_its_field(owner, url, reason):
    response = owner.call("post", "sources", GOOD | {"config": {"url": url}})
    assert "url" in refused(response, "/config/url"), reason
    assert "pass@" not in response.text and not Source.objects.exists()


def test_operators_are_told_in_their_form_too(owner):
    source = Source(tenant=owner.tenant, name="shop", kind="rest", config={"url": "https://10.0.0.8/"})
    with pytest.raises(ValidationError, match="is no public address"):
        source.clean()


@pytest.mark.parametrize("option", ["order_url", "lines_url"])
@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://evil.example/{id}", "our keys would go to another origin"),
        ("//evil.example/{id}", "the same without a scheme"),
        ("http://shop.example/{id}", "the same host in the clear"),
        ("https://shop.example:8443/{id}", "another port is another origin"),
        ("https://{id}.evil.example/", "the order would name the host"),
        ("\\\\evil.example\\{id}", "browsers' backslashes"),
    ],
)
def test_an_order_is_looked_for_at_the_shops_own_origin_only(owner, option, url, reason):
    config = CONFIG | {"lines_path": "lines", option: url}
    assert option in refused(owner.call("post", "sources", GOOD | {"config": config}), f"/config/{option}"), reason
    assert not Source.objects.exists()


@pytest.mark.parametrize(
    ("body", "pointer", "reason"),
    [
        ({"config": {**CONFIG, "headers": {"X-A": "1\r\nX-B: 2"}}}, "/config", "a second header"),
        ({"config": {**CONFIG, "headers": {"X-A\r\nHost: evil": "1"}}}, "/config", "the same in the name"),
        ({"config": {**CONFIG, "headers": {"Host": "evil.example"}}}, "/config", "another site of that server"),
        ({"config": {**CONFIG, "headers": {"Transfer-Encoding": "chunked"}}}, "/config", "two calls in one"),
        (
            {"config": {**CONFIG, "auth_header": "X\nY"}, "credentials": {"header_value": SECRET}},
            "/config",
            "a second header by the name of the key's",
        ),
        ({"credentials": {"bearer": f"{SECRET}\r\nX-B: 2"}}, "/config", "a second header by the key itself"),
        ({"credentials": {"bearer": [SECRET]}}, "/credentials", "a list for a text"),
        ({"credentials": {"bearer": {"a": SECRET}}}, "/credentials", "an object for a text"),
        ({"credentials": {SECRET: 1}}, "/credentials", "a name that there is not"),
        ({"credentials": SECRET}, "/credentials", "a text for an object"),
        ({"credentials": {"@webhooks": {"hint": ["0" * 64]}}}, "/credentials", "webhook secrets by the back door"),
        ({"config": {**CONFIG, "ulr": "x"}}, "/config", "a misspelt option would be passed over"),
        ({"config": {**CONFIG, "rows_per": "line"}}, "/config", "the automation's to say"),
        ({"config": {**CONFIG, "limit": True}}, "/config", "true is 1 to Python"),
        ({"config": {**CONFIG, "limit": 10**19}}, "/config", "more than a number of the database"),
        ({"config": {**CONFIG, "id_path": "a" + "[0]" * 500}}, "/config", "a path without an end"),
        ({"config": ["url"]}, "/config", "a list for an object"),
        ({"kind": "file", "config": {"path": "/etc/passwd"}}, "/kind", "a file of the server"),
        ({"kind": "queryset", "config": {"model": "auth.User"}}, "/kind", "the host's own tables"),
        ({"kind": "rest\u0000"}, "", "NUL ends texts in C and is refused by PostgreSQL"),
        ({"public_id": "0c3c6a5e-6f0e-4d3b-9a55-0b1e3a1e7f10"}, "/public_id", "somebody else's address of webhooks"),
        ({"sealed": "gAAAA"}, "/sealed", "a field of the table that is no field of the API"),
        ({"tenant": 1}, "/tenant", "a source for somebody else"),
        ({"name": "x" * 201}, "/name", "longer than its column: SQLite would take it"),
    ],
)
def test_a_source_that_must_not_be_is_refused_by_its_field(owner, body, pointer, reason):
    response = owner.call("post", "sources", GOOD | body)
    if pointer:
        refused(response, pointer)
    assert response.status_code == 400, reason
    assert SECRET not in response.text and not Source.objects.exists()


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b'{"name": "\\u0000"}', 400, "NUL"),
        (b'{"name": "\\ud83d"}', 400, "half of a surrogate pair cannot be written in UTF-8"),
        (b'{"name": "a", "name": "b"}', 400, "which of the two is checked, and which is stored?"),
        (b'{"config": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_001, 400, "deeper than a reader's stack"),
        (b'{"name": "' + b"x" * 2_000_000 + b'"}', 413, "more than anybody needs to say"),
        (b'{"config": {"limit": 1e999}}', 400, "infinity"),
        (b'{"config": {"limit": ' + b"9" * 10_000 + b"}}", 400, "a number that takes long to read"),
        (b"\xef\xbb\xbf{}", 400, "a byte order mark"),
        (b"name=shop&kind=rest", 400, "a form that says it is JSON"),
    ],
)
def test_a_body_that_is_a_trap_is_refused_with_the_reason(owner, body, status, reason):
    response = owner.post("/api/v1/sources", body, content_type="application/json")
    assert response.status_code == status and response.json()["detail"], reason
    assert not Source.objects.exists()


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_what_a_form_on_a_strangers_page_can_send_is_not_read(owner, kind):
    response = owner.post("/api/v1/sources", json.dumps(GOOD), content_type=kind)
    assert response.status_code == 415 and not Source.objects.exists()


@pytest.fixture
def automation(owner, world):
    return world.automation(owner.tenant, orders=orders_of(1))


@pytest.mark.parametrize(
    ("body", "pointer", "reason"),
    [
        ({"cron": "* * * * * *"}, "/cron", "seconds: sixty runs a minute"),
        ({"cron": "@reboot"}, "/cron", "a word of cron's that has no time"),
        ({"cron": "* * * * *"}, "/cron", "each minute: below the least interval"),
        ({"cron": "0 0 30 2 *"}, "/cron", "the thirtieth of February: searched for without an end"),
        ({"cron": "0" + ",0" * 100 + " 0 1 1 *"}, "/cron", "longer than its column"),
        ({"cron": "0-59/1 * * * *"}, "/cron", "each minute, spelt otherwise"),
        ({"cron": "h h * * *"}, "/cron", "a letter that the library reads as a random time"),
        ({"time_zone": "../../etc/passwd"}, "/time_zone", "zones are files"),
        ({"time_zone": "/etc/localtime"}, "/time_zone", "the same, absolutely"),
        (
            {"columns": [{"header": "A", "template": "{{ settings.SECRET_KEY }}"}]},
            "/columns",
            "a template language that can look around",
        ),
        ({"columns": [{"header": "A", "template": "{{ customer }"}]}, "/columns", "a template without an end"),
        ({"columns": [{"header": "A", "path": "a", "template": "b"}]}, "/columns", "which of the two?"),
        ({"columns": [{"header": "A", "path": "id"}] * 2}, "/columns", "two columns with one header"),
        (
            {"columns": [{"header": f"{number}", "path": "id"} for number in range(2_000)]},
            "/columns",
            "more than a sheet has room for",
        ),
        ({"filters": [{"path": "a", "operator": "regex", "value": "(a+)+$"}]}, "/filters", "a pattern that never ends"),
        ({"filters": [{"path": "a", "operator": "in", "value": "abc"}]}, "/filters", "letters for a list"),
        ({"spreadsheet_id": "../../v4/other"}, "/spreadsheet_id", "it stands in an address"),
        ({"spreadsheet_id": "1abc?fields=*"}, "/spreadsheet_id", "the same"),
        ({"tab_title": ""}, "/tab_title", "no tab has no name"),
        ({"status": "active"}, "/status", "activating asks Google first"),
        ({"full_every_hours": -1}, "/full_every_hours", "never, or in the past"),
    ],
)
def test_an_automation_that_must_not_be_is_refused_by_its_field(owner, automation, body, pointer, reason):
    before = Automation.objects.values().get()
    detail = refused(owner.call("patch", f"automations/{automation.pk}", body), pointer)
    assert detail and Automation.objects.values().get() == before, reason


@pytest.mark.parametrize("field", ["source", "account"])
@pytest.mark.parametrize("wrong", ["theirs", "1", True, 0, -1, 2**64, 1.5, [1], {"id": 1}])
def test_a_row_of_somebody_else_is_as_unknown_as_none(owner, outsider, world, automation, field, wrong):
    stranger = world.automation(outsider.tenant, name="theirs", orders=orders_of(1))
    theirs = {"source": stranger.source_id, "account": GoogleAccount.objects.filter(tenant=outsider.tenant).get().pk}
    value = theirs[field] if wrong == "theirs" else wrong
    refused(owner.call("patch", f"automations/{automation.pk}", {field: value}), f"/{field}")
    automation.refresh_from_db()
    assert automation.source.tenant_id == owner.tenant.pk and automation.account_id is None


@pytest.mark.parametrize("name", ["=IMPORTXML(1)", "+1", "-1", "@SUM(A1)", "<script>alert(1)</script>", "\u202eabc"])
def test_names_are_text_wherever_they_are_shown_and_so_are_taken_as_they_are(owner, name):
    response = owner.call("post", "sources", GOOD | {"name": name})
    assert response.status_code == 201 and response.json()["name"] == name
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ({"path": "__class__"}, None),  # paths read what a shop sent, and no attributes of objects
        ({"path": "customer.__class__.__mro__"}, None),
        ({"path": "customer[999999999999999999999]"}, None),  # an index beyond all lists
        ({"template": "{customer.__class__.__mro__}"}, None),  # Python's own format would look around
        ({"template": "={customer}"}, "=c1"),  # written as text, never as a formula
    ],
)
def test_a_column_looks_at_nothing_but_the_order(owner, automation, column, cell):
    body = {"columns": [{"header": "A", **column}], "limit": 1}
    response = owner.call("post", f"automations/{automation.pk}/preview", body)
    assert response.status_code == 200 and response.json()["rows"] == [[cell]]


class Shop(ShopServer):
    """Answers each path as it is told to."""

    def __init__(self):
        self.answers = {}
        super().__init__()

    def answer(self, asked):
        return self.answers.get(asked.path, Answer([{"id": "1"}]))


@pytest.fixture
def shop(settings):
    """A server that the operator allowed by its name, and nothing beside it."""
    server = Shop()
    settings.SHEETSYNC = settings.SHEETSYNC | {"OUTBOUND_ALLOW": ["localhost"], "OUTBOUND_HTTP": True}
    yield server
    server.close()


@pytest.fixture
def other():
    server = Shop()
    yield server
    server.close()


def sourced(owner, shop, **config):
    url = shop.url.replace("127.0.0.1", "localhost") + "/orders"
    body = {"name": "shop", "kind": "rest", "config": {"url": url, **config}, "credentials": {"bearer": SECRET}}
    return owner.call("post", "sources", body).json()["id"]


def tried(owner, source):
    response = owner.call("post", f"sources/{source}/test")
    assert SECRET not in response.text
    return response


def test_a_shop_that_the_operator_allowed_is_read(owner, shop):
    assert tried(owner, sourced(owner, shop)).json()["order_id"] == "1"


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest/", "http://127.0.0.1:1/", "http://[::1]/", "file:///etc/passwd"]
)
def test_a_redirect_to_an_address_inside_is_not_followed(owner, shop, target):
    shop.answers["/orders"] = Answer(status=302, headers={"Location": target})
    response = tried(owner, sourced(owner, shop))
    assert response.status_code == 400 and len(shop.asked) == 1 and response.json()["detail"]


@pytest.mark.parametrize("paginator", ["json_link", "header_link"])
def test_a_next_link_to_another_origin_gets_no_key(owner, shop, other, paginator):
    shop.answers["/orders"] = Answer(
        {"items": [], "next": f"{other.url}/orders"}, headers={"Link": f'<{other.url}/orders>; rel="next"'}
    )
    source = sourced(owner, shop, paginator=paginator, items_path="items")
    response = tried(owner, source)
    assert response.status_code == 400 and "leads away from" in response.json()["detail"] and not other.asked


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["169.254.169.254"], ["93.184.215.14", "10.0.0.8"], ["::1"]])
def test_a_public_name_that_leads_inside_is_not_called(owner, monkeypatch, addresses):
    resolver = Resolver()
    resolver.answers = [addresses]
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    source = owner.call("post", "sources", GOOD).json()["id"]
    response = tried(owner, source)
    assert response.status_code == 400 and "does not lead to a public address" in response.json()["detail"]
    assert resolver.asked and not any(each in response.text for each in addresses)  # no map of the network


def test_a_preview_is_no_way_around_it(owner, shop, automation):
    shop.answers["/orders"] = Answer(status=302, headers={"Location": "http://169.254.169.254/"})
    source = sourced(owner, shop)
    assert owner.call("patch", f"automations/{automation.pk}", {"source": source}).status_code == 200
    response = owner.call("post", f"automations/{automation.pk}/preview", {})
    assert response.status_code == 400 and len(shop.asked) == 1
