"""What forms take is checked before a database has to refuse it, and secrets are never given back."""

from __future__ import annotations

import pytest
from django import forms
from django.core.exceptions import ValidationError

from sheetsync.admin.fields import JsonField, LinesField, SecretField, SpreadsheetField

GOOD = [
    ("", []),
    ("  \n", []),
    ('["a"]', ["a"]),
    (r'["a\\u0000"]', [r"a\u0000"]),  # a backslash and some letters, no NUL
    ('["ü"]', ["ü"]),
]
BAD = [
    ("null", "Write a list"),
    ("{}", "Write a list"),
    ("5", "Write a list"),
    ('"text"', "Write a list"),
    ("[1", "This is not JSON"),
    ("[NaN]", "This is not JSON"),  # Python reads and writes it, PostgreSQL does not
    ("[1e999]", "This is not JSON"),  # infinite, once it is read
    (r'["\ud800"]', "This is not JSON"),  # half a character
    (r'["a\u0000"]', "no database keeps"),
    ("[" * 100_000, "This is not JSON"),  # deeper than Python can follow
    ("[" + "9" * 5_000 + "]", "This is not JSON"),  # longer than Python reads
]


@pytest.mark.parametrize(("text", "value"), GOOD)
def test_a_list_is_read(text, value):
    assert JsonField(list).clean(text) == value


@pytest.mark.parametrize(("text", "complaint"), BAD, ids=[text[:12] for text, _ in BAD])
def test_what_is_no_list_is_refused(text, complaint):
    with pytest.raises(ValidationError, match=complaint):
        JsonField(list).clean(text)


class Form(forms.Form):
    config = JsonField(dict)
    secret = SecretField()


def test_a_refused_text_stays_as_it_was_typed_but_not_a_secret():
    shown = Form({"config": '{"a": 1', "secret": '{"pass": "word"'}).as_p()

    assert "{&quot;a&quot;: 1" in shown
    assert "word" not in shown


def test_a_fresh_form_shows_an_empty_object_and_an_empty_secret():
    form = Form()

    assert form["config"].value() == "{}"
    assert form["secret"].value() == ""


@pytest.mark.parametrize(
    ("typed", "changed"),
    [({}, []), ({"config": "{ }"}, []), ({"config": '{"a": 1}', "secret": "{}"}, ["config", "secret"])],
)
def test_only_what_means_something_else_is_changed(typed, changed):
    assert Form(typed, initial={"config": {}}).changed_data == changed


def test_an_empty_secret_is_none_and_an_empty_object_is_one():
    assert SecretField().clean("") is None
    assert SecretField().clean("{}") == {}


SPREADSHEETS = [
    ("1AbC-_9", "1AbC-_9", None),
    (" 1AbC ", "1AbC", None),
    ("https://docs.google.com/spreadsheets/d/1AbC/edit#gid=0", "1AbC", 0),
    ("https://docs.google.com/spreadsheets/d/1AbC/edit?gid=17&range=A1#gid=17", "1AbC", 17),
    ("https://docs.google.com/spreadsheets/u/2/d/1AbC/edit?usp=sharing", "1AbC", None),
    ("http://127.0.0.1:8765/spreadsheets/d/1AbC/edit?gid=7#gid=7", "1AbC", 7),  # of an emulator
    ("https://evil.example/spreadsheets/d/1AbC/edit", "https://evil.example/spreadsheets/d/1AbC/edit", None),
    ("https://docs.google.com/a/shop.example/spreadsheets/d/1AbC", "1AbC", None),
    ("https://elsewhere.example/spreadsheets/d/1AbC/edit", "https://elsewhere.example/spreadsheets/d/1AbC/edit", None),
    ("https://docs.google.com/document/d/1AbC/edit", "https://docs.google.com/document/d/1AbC/edit", None),
]


@pytest.mark.parametrize(("typed", "spreadsheet_id", "gid"), SPREADSHEETS)
def test_the_id_and_the_tab_are_taken_out_of_a_spreadsheets_address(typed, spreadsheet_id, gid):
    field = SpreadsheetField()

    assert (field.clean(typed), field.gid) == (spreadsheet_id, gid)


def test_the_address_of_the_same_spreadsheet_is_no_change():
    field = SpreadsheetField()

    assert not field.has_changed("1AbC", "https://docs.google.com/spreadsheets/d/1AbC/edit#gid=5")
    assert field.has_changed("1AbC", "https://docs.google.com/spreadsheets/d/2AbC/edit")


@pytest.mark.parametrize(
    ("typed", "lines"),
    [("", []), (" \r\n\n", []), ("a\r\n\r\n b ", ["a", "b"]), ("x" * 1_000, ["x" * 1_000])],
)
def test_lines_are_a_list(typed, lines):
    assert LinesField().clean(typed) == lines
    assert not LinesField().has_changed(lines, typed)


@pytest.mark.parametrize("typed", ["a\x00", "\ud800", "x" * 1_001, "a\n" * 101])
def test_lines_that_cannot_be_kept_are_refused(typed):
    with pytest.raises(ValidationError):
        LinesField().clean(typed)
