"""Secrets stay out of what is kept; the correlation id is in every record."""

from __future__ import annotations

import json
import logging
import sys

import pytest
from django.db.models.functions import Now

from sheetsync.logs import Correlation, JsonLines, correlated, scrub
from sheetsync.models import SyncRun, ending
from tests.support.making import Maker
from tests.support.runs import LEASE, run_of


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


def line_of(message, *values, level=logging.INFO, **more):
    """What a log would get for it."""
    record = logging.getLogger("sheetsync.test").makeRecord(
        "sheetsync.test", level, __file__, 1, message, values, more.pop("exc_info", None), extra=more
    )
    return json.loads(JsonLines().format(record))


def test_a_json_line_says_what_happened_to_which_run():
    with correlated("c-1"):
        line = line_of("run %s completed", 7, action="run_completed", run=7)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "INFO",
        "logger": "sheetsync.test",
        "message": "run 7 completed",
        "correlation_id": "c-1",
        "action": "run_completed",
        "run": 7,
    }


def test_a_json_line_holds_no_secret_and_no_second_line():
    try:
        raise ValueError("token=hush-hush\nin two lines")
    except ValueError:
        line = line_of("Bearer %s", "hush-hush", exc_info=sys.exc_info(), note="password=hush-hush")
    assert "hush-hush" not in str(line) and "ValueError" in line["exception"]


def test_a_json_line_takes_any_value():
    line = line_of("x", who={"a": {1}}, none=None, half=0.5)
    assert (line["who"], line["none"], line["half"]) == ("{'a': {1}}", None, 0.5)


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_taken_back_is_told_of_under_its_own_id(caplog, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": "polling"}
    run = run_of(Maker().automation())
    SyncRun.objects.claim("w", LEASE)
    SyncRun.objects.update(lease_expires_at=Now() - LEASE)
    caplog.handler.addFilter(Correlation())
    assert ending.reap() == [run]
    (record,) = [each for each in caplog.records if each.name == "sheetsync.models.ending"]
    assert (record.action, record.run, record.correlation_id) == ("run_reaped", run.pk, run.correlation_id)
