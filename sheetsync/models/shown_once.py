"""Texts that are shown once and kept only as a digest: install codes (`ssi_…`) and API tokens (`sst_…`).

    ssi_ or sst_, 40 characters that carry 200 random bits, 7 characters that check all that stands before them

`PATTERN` finds them in logs, repositories and tickets: give it to whatever scans yours for secrets. The checksum tells
a typing error at once and without a question to the database; it counts the prefix in, so a code does not pass for a
token. Anybody can compute it, so it tells nobody which texts are in use.

They are kept as a plain SHA-256, with no salt and no slow hash. Those hold up who guesses passwords that people thought
of; nobody guesses 160 bits, which is what is left of a token whose visible beginning is known.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import b32encode
from zlib import crc32

CODE, TOKEN = "ssi_", "sst_"
RANDOM_BYTES = 25
PATTERN = r"\bss[itw]_[a-z2-7]{47}\b"
VISIBLE = 12
"""Characters of a token that lists and logs show, so that people can tell theirs apart: 40 of its 200 bits."""

_WHOLE = re.compile(r"ss[it]_[a-z2-7]{47}")


def new_text(prefix: str) -> str:
    """A fresh one. Base32 in small letters: no 0, 1, 8 or 9 that could be read as letters."""
    body = prefix + _base32(secrets.token_bytes(RANDOM_BYTES))
    return body + _checksum(body)


def is_whole(prefix: str, text: str) -> bool:
    """Whether it can be one of ours: every character there, none mistyped. Says nothing of whether it is in use."""
    if not _WHOLE.fullmatch(text) or not text.startswith(prefix):
        return False
    return hmac.compare_digest(_checksum(text[:-7]), text[-7:])


def digest_of(text: str) -> str:
    """What is kept of it."""
    return hashlib.sha256(text.encode()).hexdigest()


def _checksum(body: str) -> str:
    return _base32(crc32(body.encode()).to_bytes(4, "big"))


def _base32(data: bytes) -> str:
    return b32encode(data).decode().rstrip("=").lower()
