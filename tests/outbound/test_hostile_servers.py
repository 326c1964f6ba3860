"""Whatever comes back, a call ends in time, in little memory, and in a reply or an error of ours."""

from __future__ import annotations

import gzip
import time
import tracemalloc
import zlib
from threading import Event

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sheetsync.errors import BadReply, SheetsyncError, Unavailable
from tests.support.speaking import answer, dripping, flood, ok, silence

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
BOMB = 200_000_000
"""Bytes, unpacked."""


def packed(size, wbits=31):
    """So many bytes, packed."""
    packer = zlib.compressobj(9, wbits=wbits)
    piece = bytes(1_000_000)
    return b"".join(packer.compress(piece) for _ in range(size // len(piece))) + packer.flush()


def packed_raw(size):
    packer = zlib.compressobj(9, wbits=-15)
    return packer.compress(bytes(size)) + packer.flush()


NEVER_ENDING = {
    "a body, a byte at a time": dripping(HEAD + b"Content-Length: 100000\r\n\r\n"),
    "a body without a length": dripping(HEAD + b"\r\n"),
    "a status line, a byte at a time": dripping(b"HTTP/1.1 "),
    "a header, a byte at a time": dripping(HEAD + b"X-Slow: "),
    "headers, one at a time": dripping(HEAD, b"X: y\r\n", pause=0.1),
    "interim replies": dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "chunks of one byte": dripping(CHUNKED, b"1\r\n.\r\n"),
    "the length of a chunk": dripping(CHUNKED, b"0"),
    "trailers after the last chunk": dripping(CHUNKED + b"0\r\n", b"X: y\r\n"),
    "a packed body, a byte at a time": dripping(
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 100000\r\n\r\n" + packed(1_000_000)[:100], b"\0"
    ),
    "half a body, then silence": lambda connection: (
        connection.sendall(HEAD + b"Content-Length: 10\r\n\r\nhalf"),
        silence(connection),
    ),
    "nothing": silence,
}


@pytest.mark.parametrize("said", NEVER_ENDING.values(), ids=NEVER_ENDING)
@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_what_never_ends_ends_with_the_call(speaker, door, authority, tls, said):
    server = speaker(said, tls=authority.server("localhost") if tls else None)
    scheme = "https" if tls else "http"
    visitor = door(
        f"{scheme}://localhost:{server.port}/", allow=("localhost",), ca_file=str(authority.file), seconds=0.3
    )
    began = time.monotonic()

    with pytest.raises(Unavailable, match=r"gave no complete reply within 0\.3 seconds"):
        visitor.get()

    assert time.monotonic() - began < 5


TOO_MUCH = {
    "a body": (flood(HEAD + b"\r\n"), "ask for smaller pages"),
    "a body in chunks": (flood(CHUNKED, b"ffff\r\n" + bytes(0xFFFF) + b"\r\n"), "ask for smaller pages"),
    "chunks of one byte": (flood(CHUNKED, b"1\r\n.\r\n" * 1_000), "more than its body holds"),
    "a body that says it is large": (answer("200 OK", bytes(2_000_000)), "ask for smaller pages"),
    "a body that says it is small": (HEAD + b"Content-Length: 99999999999\r\n\r\n" + bytes(2_000_000), "smaller pages"),
    "a status line": (flood(b"HTTP/1.1 200 ", b"O" * 65_536), "of headers"),
    "one header": (flood(HEAD + b"X-Long: "), "of headers"),
    "a folded header": (flood(HEAD + b"X-Long: 1\r\n", b" " + b"m" * 9_000 + b"\r\n"), "of headers"),
    "interim replies": (flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000), "of headers"),
    "gzip": (ok(packed(BOMB), "Content-Encoding: gzip"), "ask for smaller pages"),
    "gzip by another name": (ok(packed(BOMB), "Content-Encoding: X-GZIP"), "ask for smaller pages"),
    "gzip in many members": (ok(gzip.compress(bytes(1_000)) * 50_000, "Content-Encoding: gzip"), "smaller pages"),
    "deflate with a header": (ok(packed(BOMB, 15), "Content-Encoding: deflate"), "ask for smaller pages"),
    "deflate without one": (ok(packed(BOMB, -15), "Content-Encoding: deflate"), "ask for smaller pages"),
    "gzip in chunks": (
        CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
        + f"{len(packed(BOMB)):x}\r\n".encode()
        + packed(BOMB)
        + b"\r\n0\r\n\r\n",
        "ask for smaller pages",
    ),
    "gzip in an error": (answer("500 Oops", packed(BOMB), "Content-Encoding: gzip"), "ask for smaller pages"),
}


@pytest.mark.parametrize(("said", "complaint"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_too_much_is_refused_in_little_memory(speaker, door, said, complaint):
    visitor = door(speaker(said).url, max_bytes=200_000)
    tracemalloc.start()
    try:
        with pytest.raises(BadReply, match=complaint):
            visitor.get()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 10_000_000


@pytest.mark.parametrize(
    ("said", "body"),
    [
        (ok(b"[1]"), b"[1]"),
        (HEAD + b"Connection: close\r\n\r\n[1]", b"[1]"),  # ends where the connection ends
        (HEAD + b"Content-Length: 3\r\nConnection: close\r\n\r\n[1], [2]", b"[1]"),  # the rest is nobody's
        (CHUNKED + b"2\r\n[1\r\n1;ext=1\r\n]\r\n0\r\nX: y\r\n\r\n", b"[1]"),
        (ok(gzip.compress(b"[1]"), "Content-Encoding: gzip"), b"[1]"),
        (ok(gzip.compress(b"[") + gzip.compress(b"1]"), "Content-Encoding: gzip"), b"[1]"),  # two members
        (ok(zlib.compress(b"[1]"), "Content-Encoding: deflate"), b"[1]"),
        (ok(zlib.compress(b"[1]")[2:-4], "Content-Encoding: deflate"), b"[1]"),  # as many servers have it
        (ok(packed_raw(65_540), "Content-Encoding: deflate"), bytes(65_540)),  # its last bytes come out of no input
        (ok(b"[1]", "Content-Encoding: identity"), b"[1]"),
        (ok(b"", "Content-Encoding: gzip"), b""),  # nothing, packed
        (answer("204 No Content"), b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + ok(b"[1]"), b"[1]"),
        (ok(gzip.compress(bytes(65_536)), "Content-Encoding: gzip"), bytes(65_536)),  # just one piece
        (ok(gzip.compress(bytes(300_000)), "Content-Encoding: gzip"), bytes(300_000)),
        (ok(bytes(1_000_000)), bytes(1_000_000)),  # just the cap
        (ok(b"[1]", *[f"X-{number}: {'v' * 900}" for number in range(60)]), b"[1]"),  # 55 kB of headers
    ],
)
def test_this_is_a_good_reply(speaker, door, said, body):
    assert door(speaker(said).url, max_bytes=1_000_000).get().body == body


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"", "nothing at all"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "another protocol"),
        (b"* OK IMAP4rev1\r\n\r\n", "another protocol"),
        (b"<html>hello</html>\r\n\r\n", "a page without a head, as HTTP/0.9 has it"),
        (b"HTTP/1.1 abc OK\r\n\r\n", "a status that is no number"),
        (b"HTTP/1.1 99 Low\r\n\r\n", "a status out of range"),
        (b"HTTP/1.1 1000 High\r\n\r\n", "a status out of range"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "another protocol"),
        (b"HTTP/9.9 200 OK\r\n\r\n", "a version of the future"),
        (HEAD + b"Content-Length: 10\r\n\r\nhalf", "a body shorter than it says"),
        (HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}", "two lengths"),
        (CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n", "a chunk without a length"),
        (CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n", "a chunk of a negative length"),
        (CHUNKED + b"5\r\n{}", "a chunk broken off"),
        (CHUNKED + b"2\r\n{}\r\n", "no last chunk"),
        (CHUNKED + b"2\r\n{}xx0,0\r\n\r\n", "a chunk longer than it says"),
        (CHUNKED + b"f" * 300_000, "a length without an end"),
        (HEAD + b"X: y\r\n" * 200 + b"\r\n", "more headers than http.client reads"),
        (ok(gzip.compress(b"[1]" * 99)[:-10], "Content-Encoding: gzip"), "gzip broken off"),
    ],
)
def test_this_is_worth_another_try(speaker, door, said, reason):
    def speak(connection):
        connection.sendall(said)

    with pytest.raises(Unavailable, match="broke off, or does not speak HTTP"):
        door(speaker(speak).url).get()


@pytest.mark.parametrize(
    "said",
    [
        ok(b"[1]", "Content-Encoding: gzip"),  # plain after all
        ok(gzip.compress(b"[1]") + b"tail", "Content-Encoding: gzip"),
        ok(gzip.compress(b"[1]")[:-8] + b"\0" * 8, "Content-Encoding: gzip"),  # a wrong checksum
        ok(b"[1]", "Content-Encoding: br"),  # not asked for
        ok(b"[1]", "Content-Encoding: zstd"),
        ok(gzip.compress(gzip.compress(b"[1]")), "Content-Encoding: gzip, gzip"),  # boxes in boxes
        ok(b"\xff\xff\xff", "Content-Encoding: deflate"),
    ],
)
def test_what_is_not_packed_as_it_says_is_refused(speaker, door, said):
    with pytest.raises(BadReply, match="it should be gzip, or plain"):
        door(speaker(said).url).get()


def test_what_a_server_says_after_its_reply_is_not_the_next_reply(speaker, door):
    server = speaker(ok(b"[1]") + ok(b'"smuggled"'), ok(b"[2]"))
    visitor = door(server.url)

    assert [visitor.get().json(), visitor.get().json()] == [[1], [2]]


def test_what_comes_after_an_interim_reply_is_not_the_next_reply(speaker, door):
    def hinting(connection):
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        connection.settimeout(0.2)
        try:
            connection.recv(65_536)
        except TimeoutError:
            connection.sendall(ok(b"[1]"))

    server = speaker(hinting, ok(b"[2]"))
    visitor = door(server.url)
    with pytest.raises(Unavailable, match="broke off"):
        visitor.get()

    assert (visitor.get().json(), server.connections) == ([2], 2)


def deaf(connection):
    """Does not read, and does not hang up."""
    time.sleep(3)


def sipping(connection):
    """Reads a little at a time, so that no single write ever takes long."""
    while connection.recv(65_536):
        time.sleep(0.05)


@pytest.mark.parametrize("said", [deaf, sipping])
@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_a_server_that_does_not_read_has_no_more_time_either(speaker, door, authority, tls, said):
    server = speaker(said, tls=authority.server("localhost") if tls else None)
    url = f"{'https' if tls else 'http'}://localhost:{server.port}/"
    visitor = door(url, allow=("localhost",), ca_file=str(authority.file), seconds=0.4)
    began = time.monotonic()

    with pytest.raises(Unavailable, match=r"within 0\.4 seconds"):
        visitor.post(body=bytes(50_000_000))

    assert time.monotonic() - began < 2.5


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_an_error_leaves_no_connection_behind(speaker, door, authority, tls):
    # urllib3 raises for two lengths, when http.client has given the connection away to the reply already.
    ended = Event()

    def speak(connection):
        connection.sendall(HEAD + b"Connection: close\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}")
        while connection.recv(65_536):
            continue
        ended.set()

    server = speaker(speak, ok(b"[2]"), tls=authority.server("localhost") if tls else None)
    url = f"{'https' if tls else 'http'}://localhost:{server.port}/"
    visitor = door(url, allow=("localhost",), ca_file=str(authority.file))

    with pytest.raises(Unavailable) as caught:
        visitor.get()

    assert ended.wait(5) and caught.value.__context__  # which still holds all that was at hand
    assert visitor.get().json() == [2]


HEADERS = st.sampled_from(
    [
        b"Content-Length: 5\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: \xb2\r\n",  # a digit to str.isdigit, and no number to int
        b"Content-Length: " + b"9" * 5_000 + b"\r\n",
        b"Content-Length: 5, 5\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Content-Encoding: gzip\r\n",
        b"Content-Encoding: deflate\r\n",
        b"Location: /\xff\r\n",
        b"Location: http://[\r\n",
        b"Retry-After: 1e9\r\n",
        b"Set-Cookie: a=b; expires=\xff\r\n",
        b"Content-Type: application/json; charset=\x00\r\n",
        b"Link: <;>; rel=next\r\n",
        b"\x00: \x00\r\n",
        b" folded\r\n",
        b": nameless\r\n",
    ]
)
HEADS = st.sampled_from([b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 302 Found\r\n", b"HTTP/1.1 429\r\n", b"HTTP/1.1 304 x\r\n"])
REPLIES = st.binary(max_size=200) | st.builds(
    lambda head, headers, body: head + b"".join(headers) + b"\r\n" + body,
    HEADS,
    st.lists(HEADERS, max_size=4),
    st.binary(max_size=30) | st.sampled_from([b"2\r\n{}\r\n0\r\n\r\n", b"0\r\n\r\n", gzip.compress(b"{}")]),
)


@given(said=REPLIES)
@example(said=HEAD + b"Content-Length: \xb2\r\n\r\n{}")
@hypothesis_settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_no_reply_whatsoever_raises_what_is_not_ours(speaker, door, said):
    def speak(connection):
        connection.sendall(said)

    server = speaker(speak)
    visitor = door(server.url, max_bytes=10_000)
    try:
        reply = visitor.get()
        reply.link()
        reply.checked().json()
    except SheetsyncError as error:
        assert str(error).isprintable()
    finally:
        visitor.close()
        server.close()
