"""The client turns statuses, bodies and broken connections into errors that say what to do next."""

import pytest
from google.oauth2 import service_account

from sheetsync.errors import (
    AccessDenied,
    AmbiguousOutcome,
    GrantRevoked,
    RateLimited,
    RequestRefused,
    SpreadsheetGone,
    Unavailable,
)
from sheetsync.sheets.client import SCOPES, Gateway, SheetsClient
from tests.support.wiring import a_client

MARK = b'{"requests":[{"updateSpreadsheetProperties":{"properties":{"title":"x"},"fields":"title"}}]}'


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (503, AmbiguousOutcome),
        (500, AmbiguousOutcome),
        ("502-html", AmbiguousOutcome),
        (403, AccessDenied),
        (429, RateLimited),
    ],
)
def test_a_write_that_is_answered_by_an_error(emulator, client, book, status, error):
    emulator.faults.add("status", ":batchUpdate", times=9, status=status)
    with pytest.raises(error):
        client.batch_update(book, MARK)


@pytest.mark.parametrize("kind", ["drop", "lose_reply", "late"])
def test_a_write_without_a_reply_has_an_unknown_outcome(emulator, client, book, kind):
    emulator.faults.add(kind, ":batchUpdate")
    with pytest.raises(AmbiguousOutcome):
        client.batch_update(book, MARK)


def test_a_write_with_an_unknown_outcome_is_not_sent_again(emulator, client, book):
    emulator.faults.add("lose_reply", ":batchUpdate")
    with pytest.raises(AmbiguousOutcome):
        client.batch_update(book, MARK)
    assert emulator.count("write") == 1


def test_a_refused_quota_is_tried_again_because_nothing_was_applied(emulator, client, book):
    emulator.faults.add("status", ":batchUpdate", times=2, status=429)
    client.batch_update(book, MARK)
    assert emulator.count("write") == 3


def test_a_read_is_repeated_while_the_service_is_unavailable(emulator, client, book):
    emulator.faults.add("status", "", times=2, status=503)
    assert client.read("get", f"/v4/spreadsheets/{book}")["spreadsheetId"] == book


def test_a_read_that_never_succeeds_gives_up(emulator, client, book):
    emulator.faults.add("drop", "", times=99)
    with pytest.raises(Unavailable):
        client.read("get", f"/v4/spreadsheets/{book}")


def test_a_refused_request_says_googles_reason(client, book):
    with pytest.raises(RequestRefused, match="Unknown name") as caught:
        client.batch_update(book, b'{"requests":[{"noSuchRequest":{}}]}')
    assert caught.value.status == 400


def test_a_missing_spreadsheet_is_gone(client):
    with pytest.raises(SpreadsheetGone):
        client.read("get", "/v4/spreadsheets/missing")


def test_a_token_that_is_not_accepted_means_the_grant_is_gone(emulator, client, book):
    emulator.strict_auth = True
    with pytest.raises(GrantRevoked):
        client.read("get", f"/v4/spreadsheets/{book}")


def test_a_server_that_is_not_there_is_unavailable(emulator):
    with emulator.serve() as server:
        url = server.url
    with pytest.raises((Unavailable, AmbiguousOutcome)):
        a_client(emulator, url).read("get", "/v4/spreadsheets/x")


def test_traffic_counts_calls_and_bytes_of_both_kinds(client, book):
    client.read("get", f"/v4/spreadsheets/{book}")
    client.batch_update(book, MARK)
    assert client.traffic.calls == {"read": 1, "write": 1}
    assert client.traffic.bytes_out == len(MARK) and client.traffic.bytes_in > 100


@pytest.fixture
def signed_in(emulator, tmp_path):
    """A client with a service account's key, of an emulator that accepts only the tokens it gave out."""
    emulator.strict_auth = True
    with emulator.serve() as server:
        path = emulator.accounts.write_account(tmp_path / "key.json", server.url)
        credentials = service_account.Credentials.from_service_account_file(path, scopes=SCOPES)
        yield SheetsClient(Gateway(credentials, base_url=server.url))


def test_a_service_account_gets_a_token_and_is_let_in(signed_in, book):
    assert signed_in.read("get", f"/v4/spreadsheets/{book}")["spreadsheetId"] == book


def test_a_token_that_died_early_is_replaced_once(signed_in, emulator, book):
    signed_in.read("get", f"/v4/spreadsheets/{book}")
    signed_in.gateway.token.credentials.token = "ya29.dead"
    assert signed_in.read("get", f"/v4/spreadsheets/{book}")["spreadsheetId"] == book


def test_a_revoked_grant_needs_its_owner(signed_in, emulator, book):
    emulator.accounts.revoked = True
    with pytest.raises(GrantRevoked, match="connect it again"):
        signed_in.read("get", f"/v4/spreadsheets/{book}")
