"""JSON bodies from strangers: capped in size and depth, nothing in them twice, no number that is none."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from sheetsync.api.problems import Problem

MAX_BODY = 1_000_000
MAX_DEPTH = 20

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_BRACKETS = re.compile(r"[\[\]{}]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""PostgreSQL stores no NUL, and UTF-8 knows no half of a surrogate pair."""


class JSONParser(BaseParser):
    """`application/json`, strictly. Raises ParseError with the reason, and 413 for what is too large."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """What the body says; numbers with a fraction as floats, as JSON's own readers have them."""
        raw = stream.read(MAX_BODY + 1)
        if len(raw) > MAX_BODY:
            raise Problem("too-large", f"A body may have {MAX_BODY:,} bytes.", status=413)
        try:
            text = codecs.decode(raw, "utf-8")
        except UnicodeDecodeError:
            raise ParseError("The body is not UTF-8.") from None
        check_depth(text)
        try:
            return json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_whole)
        except json.JSONDecodeError as error:
            raise ParseError(f"The body is not JSON: {error}") from None


def check_depth(text: str) -> None:
    """Raises ParseError for what is nested deeper than a reader's stack should have to bear."""
    depth = 0
    for bracket in _BRACKETS.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            raise ParseError(f"The body is nested more than {MAX_DEPTH} deep.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ParseError(f"{name[:100]!r} stands twice in one object.")
        _storable(name)
        found[name] = _checked(value)
    return found


def _checked(value: Any) -> Any:
    """Objects have been looked at when they were made."""
    if isinstance(value, str):
        _storable(value)
    elif isinstance(value, list):
        for each in value:
            _checked(each)
    return value


def _storable(text: str) -> None:
    if found := _UNSTORABLE.search(text):
        raise ParseError(f"The body holds the character {found.group()!r}, which cannot be stored.")


def _constant(name: str) -> Any:
    raise ParseError(f"{name} is no JSON.")


def _whole(digits: str) -> int:
    if len(digits) > 20:
        raise ParseError(f"The number {digits[:20]}… has too many digits: write it as text.")
    return int(digits)
