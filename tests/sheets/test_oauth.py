"""Google's OAuth over HTTP: what a code is traded for, whose account it is, and what refusals mean."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from google.oauth2.credentials import Credentials

from sheetsync.errors import (
    BadIdToken,
    ClientRefused,
    CodeRefused,
    GrantRevoked,
    LinkInterrupted,
    NoLastingAccess,
    Unavailable,
)
from sheetsync.sheets import oauth
from sheetsync.sheets.client import Gateway, SheetsClient
from sheetsync.sheets.credentials import credentials_from
from tests.support.answering import answering
from tests.support.consenting import ANN, BACK, answer

VERIFIER = oauth.new_verifier()
REPLY = {"access_token": "ya29.x", "expires_in": 3599, "refresh_token": "1//r", "scope": oauth.FILE}


@pytest.fixture
def app(emulator):
    emulator.oauth.person(ANN)
    return emulator.oauth.client([BACK])


def a_client(token_url, app=None):
    client_id, secret = (app.client_id, app.client_secret) if app else ("the-client", "the-secret")
    auth_url = token_url.replace("/token", "/o/oauth2/v2/auth")
    return oauth.Client(id=client_id, secret=secret, auth_url=auth_url, token_url=token_url)


@pytest.fixture
def client(app, server):
    return a_client(f"{server.url}/token", app)


def consented(client, verifier=VERIFIER):
    """The code of a person who said yes."""
    scopes = [*oauth.IDENTITY, oauth.FILE]
    url = oauth.consent_url(client, redirect_uri=BACK, scopes=scopes, state="s", verifier=verifier)
    return answer(url)["code"]


def exchange(client, code="4/0x", verifier=VERIFIER):
    return oauth.exchange(client, code=code, verifier=verifier, redirect_uri=BACK)


def test_a_code_is_traded_for_whose_account_it_is_and_what_it_allows(emulator, client):
    granted = exchange(client, consented(client))
    assert (granted.email, granted.subject) == (ANN, emulator.oauth.person(ANN).sub)
    assert oauth.FILE in granted.scopes and granted.refresh_token.startswith("1//")


def test_the_challenge_does_not_tell_the_verifier(client):
    url = oauth.consent_url(client, redirect_uri=BACK, scopes=["openid"], state="s", verifier=VERIFIER)
    query = parse_qs(urlsplit(url).query)
    assert VERIFIER not in url and len(query["code_challenge"][0]) == 43 and client.secret not in url


def test_every_verifier_is_another_and_of_the_length_that_is_asked_for():
    made = {oauth.new_verifier() for _ in range(100)}
    assert len(made) == 100 and all(43 <= len(each) <= 128 for each in made)


def test_another_verifier_does_not_open_the_code(client):
    with pytest.raises(CodeRefused, match="Invalid code verifier"):
        exchange(client, consented(client), oauth.new_verifier())


def test_a_grant_that_was_ended_gives_no_tokens_and_may_be_ended_again(server, client):
    granted = exchange(client, consented(client))
    for _ in range(2):
        oauth.revoke(f"{server.url}/revoke", granted.refresh_token)
    sheets = SheetsClient(Gateway(credentials_from(secrets_of(client, granted), client), base_url=server.url))
    with pytest.raises(GrantRevoked, match="expired or revoked"):
        sheets.connect()


def secrets_of(client, granted):
    return {"client_id": client.id, "refresh_token": granted.refresh_token, "scopes": [oauth.FILE]}


def test_a_lasting_grant_becomes_an_access_token(server, client):
    granted = exchange(client, consented(client))
    sheets = SheetsClient(Gateway(credentials_from(secrets_of(client, granted), client), base_url=server.url))
    sheets.connect()
    assert sheets.gateway.token.credentials.token.startswith("ya29.")


def id_token(emulator, **changed):
    claims = {"iss": "https://accounts.google.com", "aud": "the-client", "sub": "1", "email": ANN}
    claims |= {"iat": int(time.time()), "exp": int(time.time()) + 3600, **changed}
    return emulator.oauth.signing_key().sign({name: value for name, value in claims.items() if value is not None})


def test_an_id_token_of_either_spelling_of_the_issuer_is_taken(emulator):
    for issuer in ("https://accounts.google.com", "accounts.google.com"):
        with answering(REPLY | {"id_token": id_token(emulator, iss=issuer)}) as url:
            assert exchange(a_client(url)).email == ANN


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "another-client"},  # made for somebody else's site, which handed it on
        {"aud": ["the-client", "another-client"]},  # Google's are for one
        {"iss": "https://accounts.evil.example"},
        {"exp": int(time.time()) - 3600},
        {"exp": "soon"},
        {"sub": None},
        {"sub": ""},
        {"sub": {"$ne": 1}},
        {"sub": "1" * 256},
        {"email": None},
        {"email": 7},
    ],
)
def test_an_id_token_that_says_nothing_about_our_person_is_refused(emulator, changed):
    with answering(REPLY | {"id_token": id_token(emulator, **changed)}) as url, pytest.raises(BadIdToken):
        exchange(a_client(url))


@pytest.mark.parametrize("token", [None, "", "a.b.c", 7, "not a token"])
def test_what_is_no_id_token_is_refused(token):
    with answering(REPLY | {"id_token": token}) as url, pytest.raises(BadIdToken):
        exchange(a_client(url))


def test_a_reply_without_a_refresh_token_says_how_to_get_one(emulator):
    reply = {**REPLY, "id_token": id_token(emulator), "refresh_token": ""}
    with answering(reply) as url, pytest.raises(NoLastingAccess, match="third-party access"):
        exchange(a_client(url))


@pytest.mark.parametrize(
    ("status", "body", "refusal"),
    [
        (400, {"error": "invalid_grant", "error_description": "Bad Request"}, CodeRefused),
        (400, {"error": "redirect_uri_mismatch"}, ClientRefused),
        (401, {"error": "invalid_client", "error_description": "Unauthorized"}, ClientRefused),
        (401, {"error": "deleted_client"}, ClientRefused),
        (400, {"error": {"code": 400, "message": "API-shaped"}}, LinkInterrupted),
        (429, {"error": "rate_limit_exceeded"}, LinkInterrupted),
        (503, {"error": "temporarily_unavailable"}, LinkInterrupted),
        (502, "<html>502. That's an error.</html>", LinkInterrupted),
        (302, "", LinkInterrupted),
        (200, "not JSON", BadIdToken),
        (200, ["a list"], BadIdToken),
    ],
)
def test_each_refusal_of_a_code_has_its_kind(status, body, refusal):
    with answering(body, status) as url, pytest.raises(refusal):
        exchange(a_client(url))


def test_a_server_that_is_not_there_interrupts():
    with answering({}) as url:
        pass
    with pytest.raises(LinkInterrupted, match="could not be reached"):
        exchange(a_client(url))


@pytest.mark.parametrize(
    ("status", "body", "refusal"),
    [
        (400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, GrantRevoked),
        (400, {"error": "invalid_grant", "error_subtype": "invalid_rapt"}, GrantRevoked),
        (400, {"error": "invalid_scope"}, GrantRevoked),
        (403, {"error": "admin_policy_enforced"}, GrantRevoked),
        (401, {"error": "invalid_client"}, ClientRefused),
        (401, {"error": "deleted_client"}, ClientRefused),
        (502, "<html>502. That's an error.</html>", Unavailable),
        (403, "<html>403. That's an error.</html>", Unavailable),
        (400, {"error": {"code": 400, "message": "API-shaped"}}, Unavailable),
        (400, {}, Unavailable),
    ],
)
def test_only_googles_own_word_makes_the_owner_act(status, body, refusal):
    with answering(body, status) as url, pytest.raises(refusal):
        credentials = Credentials(None, refresh_token="1//r", token_uri=url, client_id="c", client_secret="s")
        SheetsClient(Gateway(credentials, base_url=url)).connect()


@pytest.mark.parametrize("status", [400, 500])
def test_a_grant_that_may_live_on_is_not_taken_for_ended(status):
    with answering({"error": "internal_failure"}, status) as url, pytest.raises(Unavailable):
        oauth.revoke(url, "1//r")


def test_nothing_secret_is_in_what_is_shown_of_these_values(client):
    granted = exchange(client, consented(client))
    assert granted.refresh_token not in repr(granted) and client.secret not in repr(client)
