"""Field masks: `a.b`, `a/b`, `a(b,c(d))`, `*`, lists with commas; both separators are recorded in use."""

from __future__ import annotations

import re
from typing import Any

from sheetsync.emulator.errors import bad_mask

#: field -> what is selected below it; an empty mask selects everything below.
Mask = dict[str, "Mask"]
TOKEN = re.compile(r"[A-Za-z0-9_*@]+|[(),./]")


def parse(text: str) -> Mask:
    """Text -> Mask; `*` and the empty text give the empty mask, everything. Raises 400 for bad syntax."""
    tokens = TOKEN.findall(text)
    if "".join(tokens) != re.sub(r"\s", "", text):
        raise bad_mask(text)
    if not tokens:
        return {}
    mask, rest = _list(tokens, 0, text)
    if rest != len(tokens):
        raise bad_mask(text)
    return {} if "*" in mask else mask


def _list(tokens: list[str], at: int, text: str) -> tuple[Mask, int]:
    mask: Mask = {}
    at = _path(tokens, at, text, mask)
    while at < len(tokens) and tokens[at] == ",":
        at = _path(tokens, at + 1, text, mask)
    return mask, at


def _path(tokens: list[str], at: int, text: str, into: Mask) -> int:
    """Read one `a.b(c,d)` into the mask; returns the index behind it."""
    while True:
        if at >= len(tokens) or tokens[at] in "(),./":
            raise bad_mask(text)
        name, at = tokens[at], at + 1
        following = tokens[at] if at < len(tokens) else ","
        known = into.get(name)
        if following in "./":
            at += 1
            into = into.setdefault(name, {}) if known != {} or name not in into else {}
            continue
        if following == "(":
            inner, at = _list(tokens, at + 1, text)
            if at >= len(tokens) or tokens[at] != ")":
                raise bad_mask(text)
            _merge(into, name, inner)
            return at + 1
        into[name] = {}
        return at


def _merge(into: Mask, name: str, inner: Mask) -> None:
    if name in into and into[name] == {}:
        return
    into.setdefault(name, {}).update({} if "*" in inner else inner)


def apply(mask: Mask, value: Any) -> Any:
    """The part of a reply that the mask selects; an empty mask returns the value itself."""
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [apply(mask, item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: apply(below, value[name]) for name, below in mask.items() if name in value}


def below(mask: Mask | None, name: str) -> Mask | None:
    """The mask under `name`; None when it is not selected. None in stands for `nothing selected`."""
    if mask is None:
        return None
    if not mask or "*" in mask:
        return {}
    return mask.get(name)


def copy_fields(mask: Mask, source: dict[str, Any], target: dict[str, Any]) -> dict[str, Any]:
    """Write the masked fields of a message into a copy of another.

    A field the mask names and the source lacks is reset (measured for repeatCell, recorded for mask `*`).
    """
    if not mask or "*" in mask:
        return _without_none(source)
    result = dict(target)
    for name, inner in mask.items():
        value = source.get(name)
        if inner and isinstance(value, dict | None):
            value = copy_fields(inner, value or {}, result.get(name) or {})
        if value is None or value == {}:
            result.pop(name, None)
        else:
            result[name] = value
    return result


def _without_none(message: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if value is not None}
