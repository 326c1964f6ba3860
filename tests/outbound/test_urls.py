"""The text of an address: one reading, or none."""

from __future__ import annotations

from ipaddress import ip_network
from urllib.parse import urlsplit

import pytest
import requests
import urllib3
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.errors import AddressRefused
from sheetsync.outbound import Rules, check_url, follow, same_origin
from sheetsync.outbound.urls import parse

USUAL = Rules(ports=(80, 443, 8443))
PLAIN = Rules(ports=(80, 443, 8443), http=True)


@pytest.mark.parametrize(
    ("given", "called"),
    [
        ("https://shop.example/wp-json/", "https://shop.example/wp-json/"),
        ("https://shop.example", "https://shop.example/"),
        ("HTTPS://Shop.Example:443/Orders", "https://shop.example/Orders"),
        ("https://shop.example:8443/?a=1&a=2", "https://shop.example:8443/?a=1&a=2"),
        ("https://shop.example?page=2", "https://shop.example/?page=2"),
        ("https://shop.example/?", "https://shop.example/?"),
        ("https://shop.example/a%20b?filter[status]=paid,sent", "https://shop.example/a%20b?filter[status]=paid,sent"),
        ("https://bücher.example/übersicht", "https://xn--bcher-kva.example/%C3%BCbersicht"),
        ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"),
        ("https://straße.example/", "https://xn--strae-oqa.example/"),  # not strasse.example, which is somebody else
        ("https://shop。example/", "https://shop.example/"),  # an ideographic full stop, as browsers read it
        ("https://my_shop.example/", "https://my_shop.example/"),  # no host by the book, and in use
        ("https://1password.example/", "https://1password.example/"),
        ("https://93.184.215.14/", "https://93.184.215.14/"),
        ("https://[2606:4700:0:0::1111]/", "https://[2606:4700::1111]/"),
        ("https://shop.example/@user/x:y", "https://shop.example/@user/x:y"),
        ("https://shop.example//evil.example/", "https://shop.example//evil.example/"),
    ],
)
def test_this_is_called_as(given, called):
    assert str(check_url(given, rules=USUAL)) == called


REFUSED = [
    ("http://shop.example/", "plain http", "everybody on the way would read along"),
    ("ftp://shop.example/", "https://", "another protocol"),
    ("file:///etc/passwd", "https://", "a file of this machine"),
    ("gopher://shop.example:443/_x", "https://", "speaks any protocol there is"),
    ("javascript:alert(1)", "https://", "no address at all"),
    ("//shop.example/", "https://", "no scheme"),
    ("shop.example/orders", "https://", "no scheme"),
    ("https:shop.example", "https://", "no slashes: some read it as https://shop.example"),
    ("https:/shop.example", "https://", "one slash: the same"),
    ("https:///shop.example", "usual host", "three slashes: the same"),
    ("https://", "usual host", "no host"),
    ("https://:443/", "usual host", "no host"),
    ("https://?x", "usual host", "no host"),
    ("", "https://", "nothing"),
    ("https://127.0.0.1/", "no public address", "loopback"),
    ("https://127.1/", "usual host", "inet_aton reads 127.0.0.1"),
    ("https://127.0.1/", "usual host", "and here too"),
    ("https://2130706433/", "usual host", "127.0.0.1 in decimal"),
    ("https://017700000001/", "usual host", "in octal"),
    ("https://0x7f000001/", "usual host", "in hexadecimal"),
    ("https://0x7f.0.0.1/", "usual host", "in part hexadecimal"),
    ("https://0177.0.0.1/", "usual host", "in part octal; others read 177.0.0.1"),
    ("https://127.0.0.01/", "usual host", "a zero in front is octal to some"),
    ("https://127.0.0.0x1/", "usual host", "only the last part in hexadecimal"),
    ("https://127.0.0.1./", "ends in a dot", "with a dot at the end it is a name to some"),
    ("https://256.256.256.256/", "usual host", "no address, and no name that can exist"),
    ("https://\uff11\uff12\uff17.0.0.1/", "usual host", "full-width digits become plain ones"),
    ("https://①②⑦.0.0.1/", "usual host", "so do circled ones"),
    ("https://127。0。0。1/", "usual host", "and ideographic full stops become dots"),
    (
        "https://\uff11\uff16\uff19.\uff12\uff15\uff14.\uff11\uff16\uff19.\uff12\uff15\uff14/",
        "usual host",
        "metadata in full-width digits",
    ),
    ("https://٣.example.٣/", "international name", "Arabic digits at the end"),
    ("https://ⓛocalhost/", "without a dot", "localhost in disguise"),
    ("https://169.254.169.254/latest/", "no public address", "metadata"),
    ("https://0.0.0.0/", "no public address", "this machine on Linux"),
    ("https://[::]/", "no public address", "this machine in IPv6"),
    ("https://[::1]/", "no public address", "loopback in IPv6"),
    ("https://[0:0:0:0:0:0:0:1]/", "no public address", "the same, written out"),
    ("https://[::ffff:127.0.0.1]/", "no public address", "mapped loopback"),
    ("https://[::ffff:7f00:1]/", "no public address", "the same in hexadecimal"),
    ("https://[fe80::1%25eth0]/", "no IPv6 address", "a zone is of this machine"),
    ("https://[fe80::1%eth0]/", "no IPv6 address", "the same without the escape"),
    ("https://[2606:4700::1111%25lo]/", "no IPv6 address", "a public address has no zone"),
    ("https://[127.0.0.1]/", "no IPv6 address", "IPv4 in brackets"),
    ("https://[shop.example]/", "no IPv6 address", "a name in brackets"),
    ("https://[v1.a]/", "no IPv6 address", "an address of the future, RFC 3986"),
    ("https://::1/", "told apart", "IPv6 without brackets"),
    ("https://[::1/", "told apart", "a bracket left open"),
    ("https://[::1]x/", "told apart", "something after the bracket"),
    ("https://localhost/", "without a dot", "loopback by name"),
    ("https://redis/", "without a dot", "a neighbour in the cluster"),
    ("https://shop.example./", "ends in a dot", "another origin for the same host"),
    ("https://shop..example/", "usual host", "an empty part"),
    ("https://.shop.example/", "usual host", "an empty part in front"),
    ("https://-shop.example/", "usual host", "a hyphen in front; requests refuses others of its kind"),
    ("https://*.example/", "usual host", "a pattern"),
    ("https://shop.example%2f@evil.example/", "user or password", "an escape in front of an @"),
    ("https://shop%2eexample/", "usual host", "escapes in a host: unpacked by some"),
    ("https://%6c%6fcalhost/", "usual host", "localhost in escapes"),
    ("https://" + "a" * 64 + ".example/", "usual host", "a label of over 63 letters"),
    ("https://" + "a." * 130 + "example/", "usual host", "a name of over 253 letters"),
    ("https://xn--a/", "international name", "punycode of nothing"),
    ("https://xn--bcher-kva\u0308.example/", "international name", "punycode with an accent"),
    ("https://☃.example/", "international name", "a snowman: allowed by an older standard only"),
    ("https://user@shop.example/", "user or password", "some read shop.example as the user's host, some do not"),
    ("https://user:hush-hush@shop.example/", "user or password", "a password"),
    ("https://shop.example:443@evil.example/", "user or password", "the host is what comes after the @"),
    ("https://shop.example@127.0.0.1/", "user or password", "the same with loopback"),
    ("https://127.0.0.1:443@shop.example:443/", "user or password", "curl and others once disagreed here"),
    ("https://shop.example#@evil.example/", "after #", "and here"),
    ("https://shop.example/#hush-hush", "after #", "a fragment is never sent"),
    ("https://shop.example\\@127.0.0.1/", "backslash", "browsers read a slash, libraries a user"),
    ("https:\\\\shop.example/", "backslash", "browsers read slashes"),
    ("https://shop.example\\.evil.example/", "backslash", "the same in a host"),
    (" https://shop.example/", "blank", "a blank in front, which many strip"),
    ("https://shop.example/ ", "blank", "and behind"),
    ("https://shop.example/a b", "blank", "a blank in a path ends the line of a request"),
    ("https://shop\t.example/", "invisible", "urllib takes tabs out, others do not"),
    ("https://shop.example/\r\nHost: evil.example", "invisible", "a header of the attacker's own"),
    ("https://shop.example/\u0000", "invisible", "the end of the text for C"),
    ("https://shop.example\u0000.evil.example/", "invisible", "the same in a host"),
    ("https://shop\u200b.example/", "invisible", "a zero-width space"),
    ("https://shop\u00ad.example/", "invisible", "a soft hyphen"),
    ("https://shop.example/\u202egnp.exe", "invisible", "turns the text around for who looks at it"),
    ("https://shop.example/\ud800", "invisible", "half a character"),
    ("https://shop\u2028.example/", "invisible", "ends the line in a log"),
    ("https://shop\u3000.example/", "blank", "an ideographic blank"),
    ("https://shop.example:22/", "names the port 22", "speaks SSH"),
    ("https://shop.example:25/", "names the port 25", "speaks SMTP"),
    ("https://shop.example:6379/", "names the port 6379", "speaks Redis"),
    ("https://shop.example:0/", "told apart", "port 0"),
    ("https://shop.example:65979/", "told apart", "443 after an overflow"),
    ("https://shop.example:-443/", "told apart", "a negative port"),
    ("https://shop.example:0443/", "told apart", "a port with a zero in front"),
    ("https://shop.example:\uff14\uff14\uff13/", "told apart", "a port in full-width digits"),
    ("https://shop.example:443:80/", "told apart", "two ports"),
    ("https://shop.example:/", "told apart", "no port after the colon"),
    ("https://shop.example/" + "a" * 2_000, "2,021 characters", "longer than servers read"),
    (None, "https://", "no text"),
    (443, "https://", "no text"),
    (b"https://shop.example/", "https://", "bytes"),
]


@pytest.mark.parametrize(("url", "complaint", "reason"), REFUSED)
def test_this_is_refused(url, complaint, reason):
    with pytest.raises(AddressRefused, match=complaint) as caught:
        check_url(url, rules=USUAL, field="base_url")

    message = str(caught.value)
    assert caught.value.field == "base_url" and message.startswith("base_url '") and ": " in message, reason
    assert "hush-hush" not in message and message.isprintable() and len(message) < 400


@pytest.mark.parametrize(
    ("allow", "url"),
    [
        (("shop.internal",), "https://shop.internal:9443/"),  # an allowed host has every port
        (("redis",), "https://redis:6379/"),
        (("localhost",), "https://LOCALHOST/"),
        ((ip_network("10.1.0.0/16"),), "https://10.1.2.3:9443/"),
        ((ip_network("fd00::/8"),), "https://[fd00::1]/"),
    ],
)
def test_what_the_operator_allows_may_be_called(allow, url):
    check_url(url, rules=Rules(allow=allow))


@pytest.mark.parametrize(
    ("allow", "url"),
    [
        (("shop.internal",), "https://shop.internal.evil.example:9443/"),
        (("shop.internal",), "https://a.shop.internal:9443/"),
        (("shop.internal",), "http://shop.internal/"),  # plain http has a setting of its own
        ((ip_network("10.1.0.0/16"),), "https://shop.example:9443/"),  # the port is judged by the name
        ((ip_network("10.1.0.0/16"),), "https://[::ffff:10.1.2.3]/"),
    ],
)
def test_what_is_only_like_it_may_not(allow, url):
    with pytest.raises(AddressRefused):
        check_url(url, rules=Rules(allow=allow))


def test_plain_http_is_for_those_who_set_it():
    assert str(check_url("http://shop.example:80/", rules=PLAIN)) == "http://shop.example/"


def test_the_rules_are_those_of_the_settings(settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"OUTBOUND_ALLOW": ["10.0.0.0/8"], "OUTBOUND_HTTP": True}

    assert check_url("http://10.9.8.7/").host == "10.9.8.7"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://shop.example/orders?consumer_key=hush", "https://shop.example/orders?…"),
        ("https://hooks.example/services/T0/B1/x9abcdefghijklmnopqrstu", "https://hooks.example/services/T0/B1/…"),
        ("https://shop-with-a-very-long-name-24.example/a", "https://shop-with-a-very-long-name-24.example/a"),
        (
            "https://shop.example/wp-json/wc/v3/orders-and-refunds",
            "https://shop.example/wp-json/wc/v3/orders-and-refunds",
        ),
    ],
)
def test_keys_in_an_address_are_not_shown(url, shown):
    assert parse(url).shown() == shown


HOSTS = st.text(st.sampled_from("aZ0.-_:@[]%xn \uff11。ö/\\?#"), max_size=12) | st.sampled_from(
    ["shop.example", "[::1]"]
)
URLS = st.builds("{}{}{}{}".format, st.sampled_from(["https://", "http://", "https:/"]), HOSTS, st.just("/"), st.text())


@given(URLS)
def test_whatever_is_accepted_is_read_alike_by_all_who_read_it_after_us(url):
    try:
        found = parse(url)
    except AddressRefused:
        return
    called = str(found)
    assert parse(called) == found  # and again
    prepared = requests.Request("GET", called).prepare().url
    for reading in (urlsplit(called), urlsplit(prepared)):
        assert (
            reading.scheme,
            reading.hostname,
            reading.port or (443 if found.scheme == "https" else 80),
        ) == found.origin
    reading = urllib3.util.parse_url(called)
    assert (reading.scheme, (reading.host or "").strip("[]"), reading.port) in (found.origin, (*found.origin[:2], None))


BASE = parse("https://shop.example:8443/api/v2/orders?page=1")


@pytest.mark.parametrize(
    ("link", "followed"),
    [
        ("?page=2", "https://shop.example:8443/api/v2/orders?page=2"),
        ("orders?page=2", "https://shop.example:8443/api/v2/orders?page=2"),
        ("../v3/orders", "https://shop.example:8443/api/v3/orders"),
        ("/orders", "https://shop.example:8443/orders"),
        ("//shop.example:8443/orders", "https://shop.example:8443/orders"),
        ("https://shop.example:8443/orders", "https://shop.example:8443/orders"),
        ("HTTPS://SHOP.EXAMPLE:8443/orders", "https://shop.example:8443/orders"),
        ("/orders#latest", "https://shop.example:8443/orders"),
        ("../../../../orders", "https://shop.example:8443/orders"),
    ],
)
def test_a_link_within_the_origin_is_followed(link, followed):
    assert str(follow(BASE, link)) == followed


@pytest.mark.parametrize(
    "link",
    [
        "https://shop.example/orders",  # another port
        "http://shop.example:8443/orders",  # another scheme
        "https://evil.example:8443/orders",
        "https://shop.example.:8443/orders",
        "https://shop.example:8443@evil.example/",
        "https://shop.example:8443.evil.example/",
        "//evil.example:8443/orders",
        "/\\evil.example:8443/orders",
        "\\\\evil.example:8443/orders",
        "/\t/evil.example:8443/orders",
        "file:///etc/passwd",
        "data:application/json,[]",
        "http://[::1",  # urljoin itself raises here
        "https://10.0.0.1/",
    ],
)
def test_every_other_link_is_refused(link):
    with pytest.raises(AddressRefused, match="next '"):
        follow(BASE, link)


@given(st.text(st.sampled_from("/\\:@?#.%h[]s1e\t \u3002") | st.characters(), max_size=20))
def test_no_link_whatsoever_leads_away(link):
    try:
        found = follow(BASE, link)
    except AddressRefused:
        return
    assert found.origin == BASE.origin == parse(str(found)).origin


def test_who_refuses_a_link_says_what_to_do():
    with pytest.raises(
        AddressRefused, match=r"leads away from https://shop\.example:8443.*give https://eu\.shop\.example as"
    ):
        follow(BASE, "https://eu.shop.example/orders?token=x")


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        ("https://shop.example/a", "https://shop.example:443/b?c", True),
        ("https://BÜCHER.example/", "https://xn--bcher-kva.example/", True),
        ("https://shop.example/", "http://shop.example/", False),
        ("https://shop.example/", "https://shop.example:8443/", False),
        ("https://shop.example/", "https://www.shop.example/", False),
        ("https://shop.example/", "https://shop.example./", False),
        ("https://shop.example/", "no address", False),
        ("no address", "no address", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(one, other, verdict):
    assert same_origin(one, other) is verdict
