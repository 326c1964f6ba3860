"""The body of a reply, unpacked as it comes in and never more of it than may be held."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator

PIECE = 65_536


class TooLarge(Exception):
    """The body, unpacked, has more bytes than it may."""


class Garbled(Exception):
    """The body is not packed the way that its headers say, or in a way that was not asked for."""


class BrokenOff(Exception):
    """The body ends before its end."""


def read_body(pieces: Iterable[bytes], coding: str, *, limit: int, tick: Callable[[], object]) -> bytes:
    """All of it. `tick` is called for each piece, also for those that unpack to nothing, and may raise.

    Raises TooLarge, Garbled, BrokenOff.
    """
    body = bytearray()
    for piece in unpacked(pieces, coding):
        tick()
        body += piece
        if len(body) > limit:
            raise TooLarge
    return bytes(body)


def unpacked(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """In pieces of a fixed size at most. Libraries unpack a whole piece at once, and it may hold a thousandfold."""
    match coding.strip().lower():
        case "" | "identity":
            yield from pieces
        case "gzip" | "x-gzip" | "deflate" as known:
            yield from _inflated(pieces, known)
        case _:
            raise Garbled


def _inflated(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    stream = None
    for piece in pieces:
        while piece:
            if stream is None or stream.eof:
                stream = _new_stream(coding, piece)
            yield from _all_of(stream, piece)
            piece = stream.unused_data  # the next member of a gzip file
    if stream is not None and not stream.eof:
        raise BrokenOff


def _all_of(stream: zlib._Decompress, piece: bytes) -> Iterator[bytes]:
    try:
        out = stream.decompress(piece, PIECE)
        yield out
        # A full piece may have left something inside, even where all input is used up.
        while len(out) == PIECE or stream.unconsumed_tail:
            out = stream.decompress(stream.unconsumed_tail, PIECE)
            yield out
    except zlib.error:
        raise Garbled from None


def _new_stream(coding: str, piece: bytes) -> zlib._Decompress:
    if coding != "deflate":
        return zlib.decompressobj(zlib.MAX_WBITS | 16)
    # "deflate" should have zlib's two bytes in front; many servers leave them out.
    has_header = len(piece) > 1 and piece[0] & 0x0F == 8 and int.from_bytes(piece[:2], "big") % 31 == 0
    return zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)
