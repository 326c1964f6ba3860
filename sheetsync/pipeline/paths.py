"""Paths into an order, compiled once and read for every row.

    customer.address.city       keys of nested objects
    line_items[0].sku           an element of a list; [-1] is the last one
    line_items[*].sku           a list of all of them, missing ones left out
    meta["odd.key"]             a key that holds dots, brackets or quotes, written as in JSON
    @order_id, @line_id         the ids that identify the row
    line.sku                    the current line; anything else reads the order
    ["line"].sku                what the order itself calls "line"

Only objects have keys and only lists have elements: a text is never taken apart. The missing reads as None.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from typing import Any

from sheetsync.errors import BadColumn
from sheetsync.pipeline.records import SourceRow

Getter = Callable[[SourceRow], Any]
Step = str | int | None
"""One step of a parsed path: an object's key, a list's index, or None for every element."""

MAX_LENGTH = 256
MAX_STEPS = 32

_NAME = re.compile(r'[^.\[\]"{}\x00-\x1f]+')
_BRACKET = re.compile(r'\[(?:(-?[0-9]+)|(\*)|("(?:[^"\\\x00-\x1f]|\\.)*"))\]')
_VIRTUAL: dict[str, Getter] = {"@order_id": attrgetter("order_id"), "@line_id": attrgetter("line_id")}
_ABSENT = (KeyError, TypeError, IndexError)


def compile_path(text: str) -> Getter:
    """The function that reads `text` from a row; it returns None for what is missing and never raises.

    Raises BadColumn for a path that cannot be parsed, naming the position and the remedy.
    """
    if text in _VIRTUAL:
        return _VIRTUAL[text]
    steps = _parse(text)
    if reads_line(text):
        return _reader(attrgetter("line"), steps[1:])
    return _reader(attrgetter("order"), steps)


def compile_plain(text: str, missing: Any = None) -> Callable[[Any], Any]:
    """Like `compile_path`, for a bare record: no virtual names or `line.`; the absent reads as `missing`."""
    steps = _parse(text)
    return lambda record: _walk(record, steps, 0, missing)


def reads_line(text: str) -> bool:
    """Whether a path reads the current line, and so is empty in a tab with one row per order."""
    return text in ("line", "@line_id") or text.startswith(("line.", "line["))


def paths_in(value: Any, prefix: str = "", depth: int = 8) -> Iterator[tuple[str, Any]]:
    """Every (path, scalar or list of scalars) in document order; lists of objects by their first element."""
    if isinstance(value, Mapping) and depth:
        for key, below in value.items():
            yield from paths_in(below, _joined(prefix, str(key)), depth - 1)
    elif isinstance(value, (list, tuple)) and any(isinstance(element, (Mapping, list, tuple)) for element in value):
        if depth:
            yield from paths_in(value[0], f"{prefix}[0]", depth - 1)
    elif prefix and not isinstance(value, Mapping) and len(prefix) <= MAX_LENGTH:
        yield prefix, value


def suggest(path: str, sample: SourceRow) -> list[str]:
    """Up to three paths that exist in a sample row and look like `path`, nearest first."""
    known = [*_VIRTUAL, *(found for found, _ in paths_in(sample.order))]
    known += [found for found, _ in paths_in(sample.line, "line")]
    return difflib.get_close_matches(path, known[:1000], n=3)


def _joined(prefix: str, key: str) -> str:
    special = key.startswith("@") or key == "line"
    if not _NAME.fullmatch(key) or key != key.strip() or (special and not prefix):
        return f"{prefix}[{json.dumps(key, ensure_ascii=False)}]"
    return f"{prefix}.{key}" if prefix else key


def _parse(text: str) -> list[Step]:
    if not text or not text.strip():
        raise BadColumn("a path is empty: write one such as customer.email")
    if len(text) > MAX_LENGTH:
        raise BadColumn(f"path {text[:40]!r}… has {len(text)} characters: at most {MAX_LENGTH} are read")
    if text.startswith("@"):
        raise _bad(text, 0, f'the names with @ are {" and ".join(_VIRTUAL)}; a key is written ["@key"]')
    steps: list[Step] = []
    at = 0
    while at < len(text):
        step, at = _step(text, at)
        steps.append(step)
    if len(steps) > MAX_STEPS:
        raise BadColumn(f"path {text!r} has {len(steps)} steps: at most {MAX_STEPS} are followed")
    return steps


def _step(text: str, at: int) -> tuple[Step, int]:
    if bracket := _BRACKET.match(text, at):
        index, every, quoted = bracket.groups()
        if quoted is not None:
            return _unquoted(text, at, quoted), bracket.end()
        return (None if every else int(index)), bracket.end()
    if text[at] == "[":
        raise _bad(text, at, 'brackets hold a number, * or a key in double quotes: [0], [-1], [*], ["a key"]')
    if at and text[at] != ".":
        raise _bad(text, at, "a dot or a bracket belongs between two steps")
    start = at + 1 if at else 0
    name = _NAME.match(text, start)
    if name is None:
        raise _bad(
            text,
            start,
            'a key is missing here; a key with dots, brackets, braces or quotes is written ["a.key"]',
        )
    if name.group() != name.group().strip():
        raise _bad(text, start, "spaces around a key: remove them, or write the key in quotes and brackets")
    return name.group(), name.end()


def _unquoted(text: str, at: int, quoted: str) -> str:
    try:
        return str(json.loads(quoted))
    except ValueError:
        raise _bad(text, at, 'a quoted key is written as in JSON: a backslash is \\\\ and a quote is \\"') from None


def _bad(text: str, at: int, remedy: str) -> BadColumn:
    return BadColumn(f"path {text!r}, position {at + 1}: {remedy}")


def _reader(root: Getter, steps: list[Step]) -> Getter:
    keys = [step for step in steps if isinstance(step, str)]
    if len(keys) == len(steps) <= 3:
        return _short(root, keys)
    return lambda row: _walk(root(row), steps, 0, None)


def _short(root: Getter, keys: list[str]) -> Getter:
    """Readers of up to three plain keys: nearly all columns, at a third of the general walk's time.

    A text key is refused by everything but an object, so no type needs checking.
    """
    first, second, third = (*keys, "", "", "")[:3]

    def read_one(row: SourceRow) -> Any:
        try:
            return root(row)[first]
        except _ABSENT:
            return None

    def read_two(row: SourceRow) -> Any:
        try:
            return root(row)[first][second]
        except _ABSENT:
            return None

    def read_three(row: SourceRow) -> Any:
        try:
            return root(row)[first][second][third]
        except _ABSENT:
            return None

    return (root, read_one, read_two, read_three)[len(keys)]


def _walk(value: Any, steps: list[Step], at: int, missing: Any) -> Any:
    for position in range(at, len(steps)):
        step = steps[position]
        if isinstance(step, str):
            # The exact type first: an instance check against the abstract Mapping costs ten times as much.
            if not (type(value) is dict or isinstance(value, Mapping)) or step not in value:
                return missing
            value = value[step]
        elif not isinstance(value, (list, tuple)):
            return missing
        elif step is None:
            return _every(value, steps, position + 1) or missing
        elif -len(value) <= step < len(value):
            value = value[step]
        else:
            return missing
    return value


def _every(elements: list[Any] | tuple[Any, ...], steps: list[Step], at: int) -> list[Any]:
    found: list[Any] = []
    lists = None in steps[at:]
    for element in elements:
        value = _walk(element, steps, at, None)
        if value is None:
            continue
        if lists:
            found += value
        else:
            found.append(value)
    return found
