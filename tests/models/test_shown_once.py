"""Install codes and tokens as texts: whole or not, told before any database is asked."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.logs import scrub
from sheetsync.models.shown_once import CODE, PATTERN, TOKEN, digest_of, is_whole, new_text

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
WHOLE = "ssi_a4eascqlbqgq4dyqcejbgfavcylrqgi2dmob2hq7gw7olkq"


def test_a_new_text_is_whole_and_found_by_the_pattern():
    for prefix in (CODE, TOKEN):
        text = new_text(prefix)
        assert is_whole(prefix, text)
        assert re.findall(PATTERN, f"token={text}, and more") == [text]


def test_no_two_are_alike():
    assert len({new_text(TOKEN) for _ in range(1_000)}) == 1_000


@given(place=st.integers(4, 50), letter=st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(place, letter):
    mistyped = WHOLE[:place] + letter + WHOLE[place + 1 :]
    assert is_whole(CODE, mistyped) is (mistyped == WHOLE)


@given(place=st.integers(4, 49))
def test_two_neighbours_in_each_others_place_are_noticed(place):
    swapped = WHOLE[:place] + WHOLE[place + 1] + WHOLE[place] + WHOLE[place + 2 :]
    assert is_whole(CODE, swapped) is (swapped == WHOLE)


@given(start=st.integers(0, 50), length=st.integers(1, 51))
def test_a_missing_piece_is_noticed(start, length):
    assert not is_whole(CODE, WHOLE[:start] + WHOLE[start + length :])


@given(st.text(max_size=80) | st.from_regex(r"\Ass[it]_[a-z2-7]{47}\Z"))
def test_no_other_text_is_whole(text):
    """The last of these has the right shape, and a checksum that is right once in four thousand million."""
    assert not is_whole(CODE, text) and not is_whole(TOKEN, text)


def test_a_code_does_not_pass_for_a_token():
    assert not is_whole(TOKEN, TOKEN + WHOLE[4:])


@pytest.mark.parametrize(
    "text", ["\N{LATIN SMALL LETTER LONG S}si_" + WHOLE[4:], WHOLE + "\n", WHOLE.upper(), "ssi_" + "\ud800" * 47]
)
def test_look_alikes_are_not_whole(text):
    assert not is_whole(CODE, text)


def test_the_digest_is_that_of_the_whole_text():
    assert digest_of("ssi_") == "affb88c1e73b890260fa0f36e5432fb76d096c9a845ef7bd99c5e1ca74cd8e97"
    assert digest_of(WHOLE) != digest_of(WHOLE[:-1])


def test_logs_leave_them_out():
    assert scrub(f"exchange of {WHOLE} failed") == "exchange of [secret] failed"
