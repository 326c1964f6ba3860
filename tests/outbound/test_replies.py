"""What a reply means: its status, its text, its links."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from requests.structures import CaseInsensitiveDict

from sheetsync.errors import AddressRefused, BadReply, RateLimited, RequestRefused, Unavailable
from sheetsync.outbound import Reply
from sheetsync.outbound.reply import retry_after
from sheetsync.outbound.urls import parse

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def reply(body=b"", status=200, url="https://shop.example/api/orders?consumer_key=hush", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(url=parse(url), status=status, headers=CaseInsensitiveDict(named), body=body)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_a_good_reply_is_given_back(status):
    good = reply(status=status)

    assert good.checked() is good


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (300, RequestRefused, "300 Multiple Choices"),
        (304, RequestRefused, "304 Not Modified"),
        (400, RequestRefused, "400 Bad Request"),
        (401, RequestRefused, "401 Unauthorized: check the credentials"),
        (403, RequestRefused, "403 Forbidden: check what these credentials may read"),
        (404, RequestRefused, "404 Not Found: check the address"),
        (408, Unavailable, "408 Request Timeout"),
        (410, RequestRefused, "410 Gone: check the address"),
        (418, RequestRefused, "418 "),
        (425, Unavailable, "425 Too Early"),
        (429, RateLimited, "429 Too Many Requests"),
        (430, RequestRefused, "answered 430"),  # no standard knows it
        (500, Unavailable, "500 Internal Server Error"),
        (503, Unavailable, "503 Service Unavailable"),
        (530, Unavailable, "answered 530"),
        (999, Unavailable, "answered 999"),
    ],
)
def test_every_other_reply_is_an_error(status, error, words):
    with pytest.raises(error) as caught:
        reply(b"hush-hush", status, reason="hush-hush").checked()

    assert f"https://shop.example/api/orders?… answered {status}" in str(caught.value) and words in str(caught.value)
    assert "hush" not in str(caught.value)
    assert getattr(caught.value, "status", status) == status


@pytest.mark.parametrize("status", [429, 503])
def test_who_asks_us_to_wait_is_heard(status):
    with pytest.raises((RateLimited, Unavailable)) as caught:
        reply(status=status, retry_after="17").checked()

    assert caught.value.retry_after == 17


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 120 ", 120),
        ("Fri, 20 Nov 2026 12:01:30 GMT", 90),
        ("Friday, 20-Nov-26 12:01:30 GMT", 90),  # as RFC 850 has it
        ("Fri Nov 20 12:01:30 2026", 90),  # as C has it, without a zone
        ("Fri, 20 Nov 2026 13:01:30 +0100", 90),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0),  # gone by
        ("86401", 86_400),  # nobody may ask for more than a day
        ("9" * 5_000, 86_400),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("1e9", None),
        ("²", None),  # a digit to str.isdigit
        ("١٢", None),  # and to int
        ("soon", None),
        ("Fri, 99 Nov 2026 12:01:30 GMT", None),
        ("Fri, 20 Nov 99999999999 12:01:30 GMT", None),
        ("Fri, 20 Nov 2026 12:01:30 +99999999", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value, seconds):
    assert retry_after(value, now=NOW) == seconds


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("Köln".encode(), "application/json", "Köln"),
        ("Köln".encode(), "", "Köln"),
        ("Köln".encode(), "text/html", "Köln"),  # Latin-1 by an old rule that nobody keeps
        ("\ufeffKöln".encode(), "application/json; charset=UTF-8", "Köln"),  # with a byte order mark
        ("Köln".encode("latin-1"), "application/json; charset=ISO-8859-1", "Köln"),
        ("10 €".encode("cp1252"), 'application/json;charset="windows-1252"', "10 €"),
        (b"", "application/json", ""),
    ],
)
def test_text_is_utf8_where_nothing_else_is_said(body, content_type, text):
    assert reply(body, Content_Type=content_type).text() == text


@pytest.mark.parametrize(
    ("body", "content_type", "complaint"),
    [
        (b"\xff", "application/json", "not in utf-8"),
        (b"\xed\xa0\x80", "application/json", "not in utf-8"),  # half a character
        (b"x", "application/json; charset=zip", "in 'zip': it should be in UTF-8"),  # unpacks
        (b"x", "application/json; charset=punycode", "in 'punycode'"),  # takes for ever
        (b"x", "application/json; charset=unicode_escape", "in 'unicode_escape'"),
        (b"x", "application/json; charset=utf-7", "in 'utf-7'"),
        (b"x", "application/json; charset=nonsense", "in 'nonsense'"),
        (b"\x80", "application/json; charset=us-ascii", "not in us-ascii"),
    ],
)
def test_other_texts_are_refused(body, content_type, complaint):
    with pytest.raises(BadReply, match=complaint):
        reply(body, Content_Type=content_type).text()


def test_json_is_exact():
    assert reply(b'{"id": 820982911946154508, "total": 12.50}').json() == {
        "id": 820982911946154508,
        "total": Decimal("12.50"),
    }


def test_a_page_is_no_json_and_the_error_says_so_without_its_words():
    with pytest.raises(
        BadReply, match=r"orders\?… gave a reply that cannot be read: .* of an API, or of a page\?"
    ) as caught:
        reply(b"<html>hush</html>").json()

    assert "hush" not in str(caught.value)


def test_an_empty_reply_is_no_json():
    with pytest.raises(BadReply, match="it is no JSON"):
        reply(b"").json()


@pytest.mark.parametrize(
    ("header", "followed"),
    [
        ('<https://shop.example/api/orders?page=2>; rel="next"', "https://shop.example/api/orders?page=2"),
        ('<?page=1>; rel="prev", <?page=3>; rel="next"', "https://shop.example/api/orders?page=3"),
        ("</orders?cursor=a%2Cb>; rel=next", "https://shop.example/orders?cursor=a%2Cb"),
        ('<?page=3>; rel="NEXT last"', "https://shop.example/api/orders?page=3"),
        ('<?page=1>; rel="first"', None),
        ("", None),
        ("nonsense;;;", None),
        ("<;>; rel", None),
    ],
)
def test_the_next_page_is_where_the_header_says(header, followed):
    assert reply(Link=header).link() == followed


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "http://shop.example/", "//evil.example/", "file:///etc/passwd"]
)
def test_a_next_page_elsewhere_is_refused(target):
    with pytest.raises(AddressRefused, match="Link rel=next '"):
        reply(Link=f'<{target}>; rel="next"').link()


def test_what_came_back_is_not_in_the_representation():
    assert "hush-hush" not in repr(reply(b"hush-hush"))
