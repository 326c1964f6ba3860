"""JSON from strangers: exact, and no deeper than it may be."""

from __future__ import annotations

import json
import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.outbound import parse_json
from sheetsync.outbound.exact_json import depth_exceeds


def same(value):
    """With the types, which `==` does not look at."""
    return repr(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("820982911946154508", 820982911946154508),  # beyond 2^53: a float would be …508 no more
        ("9007199254740993", 9007199254740993),
        ("-0", 0),
        ("7.8999999999999995", Decimal("7.8999999999999995")),
        ("0.1", Decimal("0.1")),
        ("12.50", Decimal("12.50")),  # with its zero, as money has it
        ("1e2", Decimal("1E+2")),
        ("1E400", Decimal("1E+400")),  # infinity, for a float
        ("-0.0", Decimal("-0.0")),
        ('"\\ud83d\\ude00"', "😀"),
        ('{"a": [1, {"b": null}], "c": true}', {"a": [1, {"b": None}], "c": True}),
        (' \t\r\n"x" ', "x"),
        ("9" * 400, int("9" * 400)),
    ],
)
def test_this_is_read_exactly(text, value):
    assert same(parse_json(text)) == same(value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no JSON"),
        ("<html>", "no JSON"),
        ("{'a': 1}", "no JSON"),
        ("[1,]", "no JSON"),
        ("[1] [2]", "no JSON"),
        ("01", "no JSON"),
        ("+1", "no JSON"),
        (".5", "no JSON"),
        ('"\x00"', "no JSON"),
        ('"a\nb"', "no JSON"),
        ("\u0661", "no JSON"),  # a digit to Python's int
        ("1_000", "no JSON"),  # a number to Python's int
        ("NaN", "NaN, which is no number"),
        ("[1, Infinity]", "Infinity, which is no number"),
        ('{"total": -Infinity}', "-Infinity, which is no number"),
        ('{"id": 1, "total": 2, "id": 3}', "'id' twice"),  # readers disagree which one counts
        ('{"a": {"b": 1, "b": 1}}', "'b' twice"),
        ('{"id": 1, "\\u0069d": 2}', "'id' twice"),  # in an escape
        ("9" * 401, "too long: 9999"),
        ("1" + "0" * 5_000, "too long"),  # over what int() reads
        ("0." + "1" * 400, "too long"),
        ("1e999999999", "too long"),  # a gigabyte, written out
        ("1e-999999999", "too long"),
        ("1e9999999999999999999", "too long"),  # infinity, even for Decimal
    ],
)
def test_this_is_refused(text, complaint):
    with pytest.raises(ValueError, match=complaint):
        parse_json(text)


@pytest.mark.parametrize("left", ["[", '{"a":', '[{"a":'])
def test_64_levels_are_read_and_65_are_not(left):
    levels = left.count("[") + left.count("{")
    right = "".join({"[": "]", "{": "}"}[letter] for letter in reversed(left) if letter in "[{")

    parse_json(left * (64 // levels) + "1" + right * (64 // levels))
    with pytest.raises(ValueError, match="nested more than 64 deep"):
        parse_json("[" + left * (64 // levels) + "1" + right * (64 // levels) + "]")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        "[" * 100_000,  # never closed: nothing to count, and a reader would go down
        '["[[[[",' + "[" * 100_000,
    ],
)
def test_a_well_of_brackets_is_refused(text):
    with pytest.raises(ValueError, match="deep"):
        parse_json(text)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps("[" * 1_000),  # inside a text
        json.dumps(['"[' * 1_000]),  # with quotes in it
        json.dumps(["\\", "[" * 1_000, "\\"]),  # behind a backslash
        json.dumps([[]] * 10_000),  # beside one another
        json.dumps([{"a": [{}]}] * 10_000),
    ],
)
def test_brackets_that_nest_nothing_do_no_harm(text):
    assert parse_json(text) == json.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        '"' + "a" * 1_000_000,  # a text without an end
        '"' + "\\" * 1_000_001,
        '"' + '\\"' * 500_000,
        "[" * 70 + '"' * 1_000_001,
        "[" * 500_000 + "]" * 500_000,
    ],
)
def test_nothing_takes_long_to_look_at(text):
    began = time.monotonic()

    depth_exceeds("[" * 65 + text, 64)

    assert time.monotonic() - began < 3


def depth(value):
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if children is None else 1 + max(map(depth, children), default=0)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=30,
)


@given(VALUES, st.booleans(), st.integers(0, 6))
def test_the_depth_is_told_without_building_anything(value, spaced, deepest):
    text = json.dumps(value, indent=2 if spaced else None, ensure_ascii=spaced)

    assert depth_exceeds(text, deepest) == (depth(value) > deepest)
    assert parse_json(text) == value


@given(st.text(st.sampled_from('[]{}",:\\u0041-.eE+ \nntfINa')))
def test_whatever_is_read_is_json_and_whatever_is_not_has_a_reason(text):
    try:
        value = parse_json(text)
    except ValueError as error:
        assert any(reason in str(error) for reason in ("no JSON", "deep", "twice", "no number", "too long"))
    else:
        assert same(value) == same(json.loads(text, parse_float=Decimal))


def test_a_name_twice_is_found_among_very_many_as_quickly_as_among_few():
    """Comparing each with each would take minutes here."""
    names = ", ".join(f'"{number}": 1' for number in range(200_000))
    with pytest.raises(ValueError, match="'199999' twice"):
        parse_json(f'{{{names}, "199999": 2}}')
