"""Texts made of several paths: `{customer.first_name} {customer.last_name}`; braces of their own are
doubled.
"""

from __future__ import annotations

import re

from sheetsync.errors import BadColumn
from sheetsync.pipeline.paths import Getter, compile_path
from sheetsync.pipeline.records import SourceRow
from sheetsync.pipeline.text import text_of

MAX_LENGTH = 1_000
MAX_PLACEHOLDERS = 32

_TOKEN = re.compile(r'(?P<brace>\{\{|\}\})|\{(?P<path>(?:[^{}"]|"(?:[^"\\]|\\.)*")*)\}|(?P<literal>[^{}]+)')


def compile_template(text: str) -> Getter:
    """The function that fills `text` from a row: a str, or None where every placeholder is empty.

    A missing value leaves nothing behind: neither its own place nor the space on both sides of it. It raises
    `text.Odd` for a value that cannot be written. Raises BadColumn for a template that cannot be parsed.
    """
    pieces = parse_template(text)
    compiled = [(literal, None if path is None else compile_path(path)) for literal, path in pieces]

    def fill(row: SourceRow) -> str | None:
        filled = ""
        found = False
        gap = True
        for literal, get in compiled:
            if get is None:
                filled += literal.lstrip() if gap else literal
            elif value := _words(get, row):
                filled += value
                found = True
            gap = not filled or filled[-1].isspace()
        return filled.strip() if found else None

    return fill


def parse_template(text: str) -> list[tuple[str, str | None]]:
    """The pieces of a template: (literal, None) or ("", path). Raises BadColumn naming the position."""
    if len(text) > MAX_LENGTH:
        raise BadColumn(f"template {text[:40]!r}… has {len(text)} characters: at most {MAX_LENGTH} are read")
    pieces: list[tuple[str, str | None]] = []
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            remedy = "a brace stands alone: close it after a path, or double it to mean the brace itself"
            raise BadColumn(f"template {text[:40]!r}, position {at + 1}: {remedy}")
        at = token.end()
        if token["path"] is not None:
            pieces.append(("", token["path"].strip()))
        else:
            pieces.append((token["literal"] or token["brace"][0], None))
    placeholders = sum(path is not None for _, path in pieces)
    if not 1 <= placeholders <= MAX_PLACEHOLDERS:
        remedy = f"write 1 to {MAX_PLACEHOLDERS}, each a path in braces such as {{customer.email}}"
        raise BadColumn(f"template {text[:40]!r} has {placeholders} placeholders: {remedy}")
    return pieces


def _words(get: Getter, row: SourceRow) -> str:
    value = get(row)
    return "" if value is None else text_of(value).strip()
