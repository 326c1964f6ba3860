"""Secrets stay out of what is kept; the correlation id is in every record."""

from __future__ import annotations

import logging

import pytest

from sheetsync.logs import Correlation, correlated, scrub


@pytest.mark.parametrize(
    "secret",
    [
        "-----BEGIN PRIVATE KEY-----\nMIIEvQ\nIBADAN\n-----END PRIVATE KEY-----",
        "ya29.a0AfH6SMBx-abc_def",
        "1//0gabcdefghijklmnop",
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIn0.c2lnbmF0dXJl",
        "gAAAAABmabcdefghijklmnopqrstuvwxyz0123456789==",
        "refresh_token='hush-hush'",
        '"client_secret": "hush-hush"',
        "password=hush-hush",
        "api_key: hush-hush",
        "https://shop:hush-hush@example.com/orders",
        "Authorization: Bearer hush-hush",
    ],
)
def test_secrets_are_taken_out_and_the_rest_stays(secret):
    text = scrub(f"before {secret} after")
    assert text.startswith("before ") and text.endswith(" after")
    assert "hush-hush" not in text and "MIIEvQ" not in text and secret not in text


def test_a_key_that_a_limit_cut_off_is_taken_out_to_the_end():
    assert scrub("key: -----BEGIN RSA PRIVATE KEY-----\\nMIIEvQIBADAN") == "key: [secret]"


def test_ordinary_words_stay_as_they_are():
    text = "column 3, path 'customer.token_count': did you mean customer.name? HTTP 503: try again"
    assert scrub(text) == text


def test_a_record_carries_the_id_of_the_run_it_was_made_in():
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "message", None, None)
    with correlated("abc"):
        Correlation().filter(record)
    assert record.correlation_id == "abc"


def test_outside_of_any_run_the_id_is_empty():
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "message", None, None)
    assert Correlation().filter(record) and record.correlation_id == ""
