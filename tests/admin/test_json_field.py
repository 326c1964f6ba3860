"""JSON in forms is checked before a database has to refuse it, and secrets are never given back."""

from __future__ import annotations

import pytest
from django import forms
from django.core.exceptions import ValidationError

from sheetsync.admin.fields import JsonField, SecretField

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
