"""What goes out: to one origin, with our name and the run's id on it, and nothing of ours in other people's logs."""

from __future__ import annotations

import logging
import traceback

import pytest

from sheetsync import __version__
from sheetsync.errors import AddressRefused, CallRefused, Permanent, Retryable, Unavailable
from sheetsync.logs import correlated
from sheetsync.outbound import Door
from tests.support.speaking import answer, ok, silence

SECRET = "hush-hush-hush"


def test_a_call_says_who_we_are_and_for_which_run(speaker, door):
    server = speaker(ok())

    with correlated("run-17"):
        door(server.url).get()

    assert f"User-Agent: sheetsync/{__version__}\r\n" in server.requests[0]
    assert "X-Correlation-ID: run-17\r\n" in server.requests[0]
    assert "Accept-Encoding: gzip\r\n" in server.requests[0]


@pytest.mark.parametrize("correlation_id", ["", "a\r\nX-Evil: 1", "a b", "ü", "x" * 101])
def test_an_id_that_fits_no_header_stays_here(speaker, door, correlation_id):
    server = speaker(ok())

    with correlated(correlation_id):
        door(server.url).get()

    assert "X-Correlation-ID" not in server.requests[0] and "X-Evil" not in server.requests[0]


def test_the_doors_headers_go_along_with_every_call(speaker, door):
    server = speaker(ok())
    visitor = door(server.url, headers={"Authorization": "Bearer a", "X-Shop": "1"})

    visitor.get("/a", headers={"X-Shop": "2"}), visitor.get("/b")

    assert all("Authorization: Bearer a\r\n" in request for request in server.requests)
    assert ["X-Shop: 2\r\n" in request for request in server.requests] == [True, False]


def test_parameters_are_written_as_addresses_have_them(speaker, door):
    server = speaker(ok())

    door(f"{server.url}/orders?status=paid").get(params=[("after", "2026-11-20T12:00:00+01:00"), ("q", "ö&=#")])

    target = server.requests[0].split(" ")[1]
    assert target == "/orders?status=paid&after=2026-11-20T12%3A00%3A00%2B01%3A00&q=%C3%B6%26%3D%23"


def test_a_body_is_posted_with_its_type(speaker, door):
    server = speaker(answer("201 Created"))

    assert door(f"{server.url}/hook").post(body=b'{"a":1}').status == 201
    assert server.requests[0].startswith("POST /hook HTTP/1.1\r\n")
    assert "Content-Type: application/json\r\n" in server.requests[0] and "Content-Length: 7\r\n" in server.requests[0]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_other_methods_are_sent_as_they_are(speaker, door, method):
    server = speaker(answer("200 OK"))

    assert door(server.url).request(method).status == 200
    assert server.requests[0].startswith(f"{method} / HTTP/1.1\r\n")


@pytest.mark.parametrize("method", ["CONNECT", "TRACE", "get", "GET / HTTP/1.1\r\nX:", "", "FOO"])
def test_methods_that_do_something_else_are_refused(door, method):
    with pytest.raises(CallRefused, match="method"):
        door("http://127.0.0.1/").request(method)


@pytest.mark.parametrize(
    "link",
    [
        "https://127.0.0.1/",
        "http://localhost/",
        "//evil.example/",
        "http://127.0.0.1:81/",
        "\\\\evil.example",
        "file:///x",
    ],
)
def test_a_door_leads_to_one_origin(door, link):
    with pytest.raises(AddressRefused, match="link '"):
        door("http://127.0.0.1/orders").get(link)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Host", "another site on the same server, or an internal one behind a public gateway"),
        ("HOST", "in capitals"),
        ("Content-Length", "two calls in one"),
        ("Transfer-Encoding", "two calls in one"),
        ("Connection", "drops headers on the way"),
        ("Upgrade", "another protocol"),
        ("Expect", "an interim reply"),
        ("Proxy-Authorization", "for somebody on the way"),
        ("Accept-Encoding", "what could not be unpacked"),
        ("User-Agent", "a name that is not ours"),
        ("X-Correlation-ID", "somebody else's run"),
        ("X Shop", "a blank"),
        ("X-Shop\r\nHost", "a line of its own"),
        ("X-Shop:", "a colon"),
        ("", "nothing"),
        ("Ü", "no ASCII"),
        ("x" * 101, "too long"),
    ],
)
def test_a_header_that_is_not_the_tenants_is_refused(name, reason):
    with pytest.raises(CallRefused, match=r"^header ") as caught:
        Door("https://shop.example/", headers={name: SECRET})

    assert SECRET not in str(caught.value) and caught.value.field == "headers", reason


@pytest.mark.parametrize(
    "value",
    [f"{SECRET}\r\nHost: evil", f"{SECRET}\n", f"{SECRET}\0", f"{SECRET}ü", f" {SECRET}", "x" * 8_003, f"{SECRET}\x7f"],
)
def test_a_value_that_is_more_than_a_value_is_refused_unseen(value):
    with pytest.raises(CallRefused, match=r"^header X-Key has a value that cannot be sent") as caught:
        Door("https://shop.example/", headers={"X-Key": value})

    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("value", ["", "a", "Basic Zm9vOmJhcg==", "a\tb c", "x" * 8_000])
def test_an_ordinary_value_is_sent(speaker, door, value):
    server = speaker(ok())

    door(server.url, headers={"X-Key": value}).get()

    assert f"X-Key: {value}\r\n" in server.requests[0]


def test_half_a_character_in_a_parameter_is_refused(door):
    with pytest.raises(CallRefused, match=r"parameter 'status\?' has half a character"):
        door("http://127.0.0.1/").get(params=[("status\ud800", "paid")])


@pytest.mark.parametrize("url", ["https://10.0.0.1/", "https://shop.example/#x", "https://user@shop.example/"])
def test_there_is_no_door_to_what_must_not_be_called(url):
    with pytest.raises(AddressRefused, match=r"^source_url '") as caught:
        Door(url, field="source_url")

    assert isinstance(caught.value, Permanent) and caught.value.field == "source_url"


def test_what_may_be_tried_again_is_said_by_the_class(speaker, door):
    with pytest.raises(Unavailable) as caught:
        door(speaker(silence).url, seconds=0.2).get()

    assert isinstance(caught.value, Retryable)


@pytest.mark.parametrize(
    "said",
    [
        silence,
        lambda connection: None,
        lambda connection: connection.sendall(b"nonsense\r\n\r\n"),
        lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
        answer("200 OK", b"x", "Content-Encoding: br"),
        answer("302 Found", b"", "Location: https://evil.example/"),
        b"HTTP/1.1 500 " + SECRET.encode() + b"\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_no_error_and_no_traceback_holds_a_key(speaker, door, said, caplog):
    caplog.set_level(logging.DEBUG)
    visitor = door(f"{speaker(said).url}/?key={SECRET}", headers={"Authorization": f"Bearer {SECRET}"}, seconds=0.3)

    with pytest.raises((Permanent, Retryable)) as caught:
        visitor.get(params=[("consumer_secret", SECRET)]).checked()

    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert caplog.records and SECRET not in caplog.text


def test_a_reply_with_odd_headers_puts_no_key_into_a_warning(speaker, door, caplog):
    # urllib3 warns about such headers, and names the address with all that is in it.
    server = speaker(b"HTTP/1.1 200 OK\r\n folded\r\nContent-Length: 2\r\n\r\n{}")

    door(f"{server.url}/?key={SECRET}").get()

    assert "Failed to parse headers" in caplog.text and SECRET not in caplog.text


def test_other_peoples_logs_are_left_as_they_are(caplog):
    caplog.set_level(logging.DEBUG)

    logging.getLogger("urllib3.connectionpool").debug("%s", "/orders?page=2")

    assert "/orders?page=2" in caplog.text


def test_a_closed_door_has_hung_up(speaker, door):
    server = speaker(ok())

    with door(server.url) as visitor:
        visitor.get()
        kept = visitor._adapter.pool.pool.queue[-1].sock
        assert kept.fileno() >= 0

    assert kept.fileno() < 0
