"""files.list: the query language, the sort keys and the pages.

A term that cannot be judged here is refused, never ignored: a listing that is not filtered looks like one that is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sheetsync.emulator.drive.call import ROOT
from sheetsync.emulator.drive.errors import invalid_type, invalid_value, not_here, refused

Json = dict[str, Any]
Test = Callable[[Json], bool]
TOKEN = re.compile(
    r"""\s*(?:(?P<sign>[()]|!=|<=|>=|=|<|>)|'(?P<single>(?:[^'\\]|\\.)*)'|"(?P<double>(?:[^"\\]|\\.)*)"|(?P<word>\w+))"""
)
FLAGS = ("trashed", "starred")
TIMES = ("createdTime", "modifiedTime")
LISTS = ("parents", "owners")
#: Documented terms with nothing here to judge them by.
UNJUDGED = "fullText sharedWithMe viewedByMeTime writers readers properties appProperties visibility"
NOT_HERE = frozenset(UNJUDGED.split())
NOT_SORTED = ("quotaBytesUsed", "sharedWithMeTime", "viewedByMeTime", "modifiedByMeTime")
#: The default page and the most that a page may hold (discovery document).
PAGE, MOST = 100, 1000
#: Deeper nesting is refused: the reader is recursive, and queries are written by strangers.
DEEPEST = 32


class _Reader:
    """`or` of `and` of `not` of a term; `and` binds before `or`, as in SQL (assumed: nobody says)."""

    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.at = 0
        self.depth = 0

    def test(self) -> Test:
        found = self._joined("or", any)
        if self.at < len(self.tokens):
            raise invalid_value("q")
        return found

    def _take(self) -> tuple[str, str]:
        if self.at == len(self.tokens):
            raise invalid_value("q")
        self.at += 1
        return self.tokens[self.at - 1]

    def _next_is(self, kind: str, text: str) -> bool:
        found = self.at < len(self.tokens) and self.tokens[self.at][0] == kind
        return found and self.tokens[self.at][1].lower() == text

    def _joined(self, word: str, judge: Callable[[Sequence[bool]], bool]) -> Test:
        tests = [self._part(word)]
        while self._next_is("word", word):
            self.at += 1
            tests.append(self._part(word))
        return tests[0] if len(tests) == 1 else lambda file: judge([test(file) for test in tests])

    def _part(self, word: str) -> Test:
        return self._joined("and", all) if word == "or" else self._single()

    def _single(self) -> Test:
        self.depth += 1
        if self.depth > DEEPEST:
            raise invalid_value("q")
        kind, text = self._take()
        if kind == "word" and text.lower() == "not":
            inner = self._single()
            found: Test = lambda file: not inner(file)  # noqa: E731 (a test is a function)
        elif (kind, text) == ("sign", "("):
            found = self._joined("or", any)
            if self._take() != ("sign", ")"):
                raise invalid_value("q")
        else:
            found = self._listed(text) if kind == "text" else self._term(text)
        self.depth -= 1
        return found

    def _listed(self, value: str) -> Test:
        """`'value' in parents`."""
        if not self._next_is("word", "in"):
            raise invalid_value("q")
        self.at += 1
        kind, field = self._take()
        return _member(field if kind == "word" else "", value)

    def _term(self, field: str) -> Test:
        """`field operator value`; `parents in "value"` is how gspread writes it."""
        (_, sign), (kind, value) = self._take(), self._take()
        if field in LISTS and sign.lower() == "in" and kind == "text":
            return _member(field, value)
        return _compared(field, sign.lower(), kind, value)


def _tokens(text: str) -> list[tuple[str, str]]:
    """(sign | text | word, content); quoted texts come unescaped."""
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise invalid_value("q")
        at, kind = match.end(), match.lastgroup or ""
        content = match.group(kind)
        quoted = kind in ("single", "double")
        found.append(("text", re.sub(r"\\(.)", r"\1", content)) if quoted else (kind, content))
    return found


def _member(field: str, value: str) -> Test:
    if field in NOT_HERE:
        raise not_here(f"judge '{field}' in a query")
    if field not in LISTS:
        raise invalid_value("q")
    if field == "owners":
        return lambda file: any(
            value == owner["emailAddress"] or (value == "me" and owner["me"]) for owner in file[field]
        )
    parent = ROOT if value == "root" else value
    return lambda file: parent in file["parents"]


def _compared(field: str, sign: str, kind: str, value: str) -> Test:
    if field in NOT_HERE:
        raise not_here(f"judge '{field}' in a query")
    if field in FLAGS and kind == "word" and value.lower() in ("true", "false") and sign in ("=", "!="):
        wanted = (value.lower() == "true") == (sign == "=")
        return lambda file: file[field] is wanted
    if field in ("name", "mimeType") and kind == "text" and sign in ("=", "!=", "contains"):
        return _text_test(field, sign, value)
    if field in TIMES and kind == "text" and sign in COMPARE:
        moment = _moment(value)
        return lambda file: COMPARE[sign](_moment(file[field]), moment)
    raise invalid_value("q")


def _text_test(field: str, sign: str, value: str) -> Test:
    if sign != "contains":
        wanted = _ascii_lower(value)
        return lambda file: (_ascii_lower(file[field]) == wanted) == (sign == "=")
    if field == "mimeType":
        return lambda file: value in file[field]
    # Documented: `name contains 'World'` does not find HelloWorld. That any word may begin so is assumed.
    begins = re.compile(r"(?<!\w)" + re.escape(_folded(value)))
    return lambda file: begins.search(_folded(file[field])) is not None


def _ascii_lower(text: str) -> str:
    """How `name =` compares: case counts for letters that are not ASCII (measured)."""
    return "".join(each.lower() if each.isascii() else each for each in text)


def _folded(text: str) -> str:
    """How `name contains` compares: any case and compatibility form, but not accents (measured)."""
    return unicodedata.normalize("NFKC", text).lower().replace("i\u0307", "i")


COMPARE: dict[str, Callable[[datetime, datetime], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _moment(text: str) -> datetime:
    """RFC 3339; UTC when no zone is named (documented)."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise invalid_value("q") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def matching(text: str, files: list[Json]) -> list[Json]:
    """The files that a query selects; the empty one selects all. Raises 400."""
    if not text.strip():
        return files
    test = _Reader(text).test()
    return [file for file in files if test(file)]


# -- order and pages


def _natural(part: str) -> tuple[int, int, str]:
    return (0, int(part), "") if part.isdecimal() else (1, 0, part)


KEYS: dict[str, Callable[[Json], Any]] = {
    "name": lambda file: _folded(file["name"]),
    "name_natural": lambda file: [_natural(part) for part in re.split(r"(\d+)", _folded(file["name"])) if part],
    "createdTime": lambda file: file["createdTime"],
    "modifiedTime": lambda file: file["modifiedTime"],
    "recency": lambda file: file["modifiedTime"],
    "folder": lambda file: 0,
    "starred": lambda file: file["starred"],
}


def ordered(text: str, files: list[Json]) -> list[Json]:
    """Sorted by `orderBy`: the first key counts most. Raises 400, and 403 for a key named twice (measured)."""
    steps, seen = [], set()
    for part in filter(None, (each.split() for each in text.split(","))):
        if part[0] in NOT_SORTED:
            raise not_here(f"sort by '{part[0]}'")
        if part[0] not in KEYS or part[1:] not in ([], ["desc"]):
            raise invalid_value("orderBy")
        name = part[0].removesuffix("_natural")
        if name in seen:
            message = "The orderBy parameter cannot contain duplicate sort keys."
            raise refused(403, message, "orderByContainsDuplicateSortKeys", "orderBy")
        seen.add(name)
        steps.append((KEYS[part[0]], len(part) == 2))
    for key, descending in reversed(steps):
        files = sorted(files, key=key, reverse=descending)
    return files


def page_size(text: str | None) -> int:
    """Raises 400 for what is not 1 to 1000 (measured; the documentation says that more means 1000)."""
    if text is None:
        return PAGE
    if not re.fullmatch(r"[+-]?\d{1,10}", text, re.ASCII):
        raise invalid_type("page_size", "TYPE_INT32", text)
    if not 1 <= int(text) <= MOST:
        message = f"Invalid value '{int(text)}'. Values must be within the range: [1, {MOST}]"
        raise refused(400, message, "invalidParameter", "pageSize")
    return int(text)


def page(text: str | None, size: int, files: list[Json]) -> tuple[list[Json], str | None]:
    """One page and the token of the next. Raises 400 for a token that was never given."""
    if text and not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise invalid_value("pageToken")
    start = int(text or 0)
    following = start + size
    return files[start:following], str(following) if following < len(files) else None
