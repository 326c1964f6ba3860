"""A redirect is followed within the origin, a few times, and nowhere else."""

from __future__ import annotations

import gzip

import pytest

from sheetsync.errors import AddressRefused, BadReply, RequestRefused, Unavailable
from tests.support.speaking import answer, flood, ok


def test_a_redirect_within_the_origin_is_followed_with_the_keys(speaker, door):
    server = speaker(answer("301 Moved", b"", "Location: /v2/orders?page=1"), ok(b"[1]"))

    reply = door(f"{server.url}/orders", headers={"Authorization": "Bearer k"}).get(params=[("per_page", "5")])

    assert (reply.json(), str(reply.url)) == ([1], f"{server.url}/v2/orders?page=1")
    assert [request.split(" ")[1] for request in server.requests] == ["/orders?per_page=5", "/v2/orders?page=1"]
    assert all("Authorization: Bearer k" in request for request in server.requests)


@pytest.mark.parametrize(
    "where",
    [
        "http://127.0.0.1:{other}/orders",  # another port is another service
        "//127.0.0.1:{other}/orders",  # without a scheme it is still another place
        "https://127.0.0.1:{port}/orders",  # another scheme
        "http://localhost:{port}/orders",  # the same machine by another name gets no keys
        "http://127.0.0.1.:{port}/orders",  # nor with a dot at the end
        "http://user@127.0.0.1:{port}/orders",  # nor with a user
        "http://127.0.0.1:{port}@127.0.0.1:{other}/orders",  # this looks like the origin, and is a user and a password
        "http://127.0.0.1:{port}\\@127.0.0.1:{other}/orders",  # a backslash is a slash to some
        "http://169.254.169.254/latest/meta-data/",  # the classic: a public server points to a cloud's keys
        "http://2130706433:{port}/orders",  # the origin in decimal
        "http://[::ffff:127.0.0.1]:{port}/orders",  # the origin in IPv6
        "file:///etc/passwd",
        "gopher://127.0.0.1:{other}/_SET%20key",  # speaks to databases
        "javascript:alert(1)",
        "/orders\tnext",  # some take the tab out and go on
    ],
)
def test_a_redirect_to_anywhere_else_is_refused_and_not_followed(speaker, door, where):
    elsewhere = speaker(ok(b"[]"))
    server = speaker(b"")
    server.answers = [answer("302 Found", b"", "Location: " + where.format(port=server.port, other=elsewhere.port))]

    with pytest.raises(AddressRefused, match="redirect '"):
        door(server.url, headers={"Authorization": "Bearer k"}).get()

    assert (elsewhere.connections, len(server.requests)) == (0, 1)


def test_a_chain_of_redirects_has_an_end(speaker, door):
    server = speaker(answer("307 Temporary Redirect", b"", "Location: /again"))

    with pytest.raises(BadReply, match="redirects more than 3 times"):
        door(server.url).get()

    assert len(server.requests) == 4


def test_a_chain_of_redirects_has_no_more_time_than_one_call(speaker, door):
    def slowly(connection):
        connection.settimeout(0.3)
        try:
            connection.recv(1)
        except TimeoutError:
            connection.sendall(answer("302 Found", b"", "Location: /again", "Connection: close"))

    server = speaker(slowly)

    with pytest.raises(Unavailable, match=r"within 0\.7 seconds"):
        door(server.url, seconds=0.7).get()


def test_a_body_is_not_posted_a_second_time(speaker, door):
    server = speaker(answer("308 Permanent Redirect", b"", "Location: /v2/hook"), ok())

    with pytest.raises(AddressRefused, match=r"is now http://127\.0\.0\.1:\d+/v2/hook: give that address"):
        door(f"{server.url}/hook").post(body=b"{}")

    assert len(server.requests) == 1


def test_the_body_of_a_redirect_is_not_read(speaker, door):
    # requests.Session reads and unpacks it, all of it, even where it is told to follow nothing.
    packed = gzip.compress(bytes(50_000_000))
    server = speaker(answer("302 Found", packed, "Location: /there", "Content-Encoding: gzip"), ok(b"[]"))

    assert door(server.url, max_bytes=100).get().json() == []


def test_neither_is_an_endless_one(speaker, door):
    server = speaker(flood(b"HTTP/1.1 302 Found\r\nLocation: /there\r\n\r\n"), ok(b"[]"))

    assert door(server.url).get().json() == []


def test_a_redirect_that_names_no_place_is_a_reply_like_others(speaker, door):
    reply = door(speaker(answer("302 Found")).url).get()

    with pytest.raises(RequestRefused, match="answered 302 Found"):
        reply.checked()


def test_a_redirect_to_a_fragment_is_one_to_the_page(speaker, door):
    server = speaker(answer("302 Found", b"", "Location: /orders#latest"), ok(b"[]"))

    assert str(door(server.url).get().url) == f"{server.url}/orders"
