"""The few formulas the emulator computes: arithmetic and comparison of literals, and HYPERLINK of two texts.

Anything else keeps its text and shows Google's parse error: better a visible gap than an invented result.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

from sheetsync.emulator.errors import Refused
from sheetsync.emulator.grid.cells import CellError, Formula, Scalar, number

TOKEN = re.compile(r'\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|"((?:[^"]|"")*)"|(TRUE|FALSE)|(<=|>=|<>|[-+*/^&=<>()]))')
LINK = re.compile(r'=HYPERLINK\(\s*"((?:[^"]|"")*)"\s*(?:[,;]\s*"((?:[^"]|"")*)"\s*)?\)\Z', re.IGNORECASE)
#: Brackets and signs nest no deeper here; the reader is recursive, and formulas are written by strangers.
DEEPEST = 60
ERROR = CellError("ERROR", "#ERROR!")
DIVIDE = CellError("DIVIDE_BY_ZERO", "#DIV/0!")
LEVELS: tuple[tuple[str, ...], ...] = (
    ("=", "<>", "<", ">", "<=", ">="),
    ("&",),
    ("+", "-"),
    ("*", "/"),
    ("^",),
)
COMPARE: dict[str, Callable[[Scalar, Scalar], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,  # type: ignore[dict-item]
    ">": operator.gt,  # type: ignore[dict-item]
    "<=": operator.le,  # type: ignore[dict-item]
    ">=": operator.ge,  # type: ignore[dict-item]
}


class _Unreadable(Exception):
    """Not one of the formulas computed here."""


def compute(text: str) -> Formula:
    """`=...` -> Formula with its value; never raises."""
    match = LINK.match(text)
    if match:
        url, label = (None if part is None else part.replace('""', '"') for part in match.groups())
        return Formula(text, label if label is not None else url, link=url)
    try:
        value = _Reader(text[1:]).result()
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = number(value)
    except ZeroDivisionError:
        return Formula(text, DIVIDE)
    except (_Unreadable, Refused, TypeError, ValueError, OverflowError):
        return Formula(text, ERROR)
    return Formula(text, value)


class _Reader:
    """A precedence climber over the tokens."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, Scalar]] = []
        at = 0
        text = text.strip()
        while at < len(text):
            match = TOKEN.match(text, at)
            if match is None:
                raise _Unreadable
            at = match.end()
            self.tokens.append(self._token(match))
        self.at = 0
        self.depth = 0

    @staticmethod
    def _token(match: re.Match[str]) -> tuple[str, Scalar]:
        digits, quoted, truth, sign = match.groups()
        if digits is not None:
            return "value", float(digits)
        if quoted is not None:
            return "value", quoted.replace('""', '"')
        return ("value", truth == "TRUE") if truth else (sign, None)

    def result(self) -> Scalar:
        value = self._level(0)
        if self.at != len(self.tokens):
            raise _Unreadable
        return value

    def _peek(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def _level(self, depth: int) -> Scalar:
        if depth == len(LEVELS):
            return self._single()
        left = self._level(depth + 1)
        while self._peek() in LEVELS[depth]:
            sign = self._peek()
            self.at += 1
            left = _combine(sign, left, self._level(depth + 1))
        return left

    def _single(self) -> Scalar:
        """One operand. Every nesting comes through here, and so does its limit."""
        if self.at >= len(self.tokens) or self.depth == DEEPEST:
            raise _Unreadable
        self.depth += 1
        value = self._operand()
        self.depth -= 1
        return value

    def _operand(self) -> Scalar:
        kind, value = self.tokens[self.at]
        self.at += 1
        if kind == "value":
            return value
        if kind in "+-":
            return _combine(kind, 0, self._single())
        if kind != "(":
            raise _Unreadable
        value = self._level(0)
        if self._peek() != ")":
            raise _Unreadable
        self.at += 1
        return value


def _combine(sign: str, left: Scalar, right: Scalar) -> Scalar:
    if sign in COMPARE:
        return COMPARE[sign](left, right)
    if sign == "&":
        return f"{_text(left)}{_text(right)}"
    a, b = float(left or 0), float(right or 0)
    if sign == "^" and abs(b) > 1000:
        raise _Unreadable
    steps: dict[str, Callable[[float, float], float]] = {
        "+": operator.add,
        "-": operator.sub,
        "*": operator.mul,
        "/": operator.truediv,
        "^": operator.pow,
    }
    return steps[sign](a, b)


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    return str(number(value)) if isinstance(value, int | float) else str(value)
