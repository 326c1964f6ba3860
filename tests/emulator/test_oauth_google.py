"""Google's own libraries against the emulator, over HTTP: consent, exchange, refresh, revoke, and who somebody is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from google.auth import exceptions
from google.auth.transport.requests import AuthorizedSession
from google.auth.transport.requests import Request as GoogleRequest
from google.oauth2 import id_token
from google.oauth2.credentials import Credentials
from google_auth_oauthlib.flow import Flow  # type: ignore[import-untyped]

from sheetsync.emulator import Emulator
from sheetsync.emulator.oauth import OAuthClient
from sheetsync.emulator.people.person import OWNER
from tests.emulator.oauth_steps import BACK, SHEETS, an_app, call, connect

WHO = ["openid", "https://www.googleapis.com/auth/userinfo.email", "https://www.googleapis.com/auth/userinfo.profile"]
SCOPES = [*WHO, SHEETS]


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(strict_auth=True)


@pytest.fixture
def url(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    with emulator.serve() as server:
        yield server.url


@pytest.fixture
def app(emulator: Emulator) -> OAuthClient:
    return an_app(emulator)


def consented(app: OAuthClient, url: str, ticked: list[str]) -> tuple[Flow, str]:
    """A flow whose person pressed Continue, and the address the browser was sent back to."""
    flow = Flow.from_client_config(app.secrets(url), scopes=SCOPES, redirect_uri=BACK)
    address, _ = flow.authorization_url(access_type="offline", prompt="consent", nonce="n-1")
    form = {"account": OWNER, "decision": "continue", "scope": ticked}
    reply = requests.post(address, data=form, allow_redirects=False, timeout=10)
    return flow, reply.headers["Location"]


@pytest.fixture
def credentials(app: OAuthClient, url: str) -> Credentials:
    flow, back = consented(app, url, [SHEETS])
    flow.fetch_token(authorization_response=back)
    found: Any = flow.credentials
    assert isinstance(found, Credentials)
    return found


def test_a_flow_with_pkce_ends_in_credentials_that_reach_a_spreadsheet(
    emulator: Emulator, url: str, credentials: Credentials
) -> None:
    book = emulator.create_spreadsheet("Shop")
    with AuthorizedSession(credentials) as session:
        assert session.get(f"{url}/v4/spreadsheets/{book}").json()["spreadsheetId"] == book


def test_a_flow_without_its_verifier_is_refused(app: OAuthClient, url: str) -> None:
    flow, back = consented(app, url, [SHEETS])
    flow.code_verifier = None
    with pytest.raises(Exception, match="Missing code verifier"):
        flow.fetch_token(authorization_response=back)


def test_a_flow_hears_what_was_unticked(app: OAuthClient, url: str) -> None:
    flow, back = consented(app, url, [])
    with pytest.raises(Warning, match="Scope has changed") as caught:
        flow.fetch_token(authorization_response=back)
    assert set(caught.value.new_scope) == set(WHO)  # type: ignore[attr-defined]


def test_credentials_refresh_themselves_when_their_token_dies(
    emulator: Emulator, url: str, credentials: Credentials
) -> None:
    book, first = emulator.create_spreadsheet("Shop"), credentials.token
    emulator.oauth.expire_access_tokens()
    with AuthorizedSession(credentials) as session:
        assert session.get(f"{url}/v4/spreadsheets/{book}").status_code == 200
    assert credentials.token != first


def test_a_revoked_grant_ends_the_credentials(url: str, credentials: Credentials) -> None:
    assert requests.post(f"{url}/revoke", data={"token": credentials.token}, timeout=10).json() == {}
    with pytest.raises(exceptions.RefreshError, match="Token has been expired or revoked") as caught:
        credentials.refresh(GoogleRequest())
    assert not caught.value.retryable


def test_an_id_token_is_verified_with_the_published_certificates(
    app: OAuthClient, url: str, credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(id_token, "_GOOGLE_OAUTH2_CERTS_URL", f"{url}/oauth2/v1/certs")
    verify: Any = id_token.verify_oauth2_token
    claims = verify(credentials.id_token, GoogleRequest(), app.client_id)
    assert (claims["iss"], claims["aud"]) == ("https://accounts.google.com", app.client_id)
    assert (claims["email"], claims["email_verified"], claims["nonce"]) == (OWNER, True, "n-1")
    assert claims["name"] == "The Owner"


def test_an_id_token_for_another_client_is_not_verified(url: str, credentials: Credentials) -> None:
    verify: Any = id_token.verify_token
    with pytest.raises(exceptions.GoogleAuthError, match="wrong audience"):
        verify(credentials.id_token, GoogleRequest(), "another", certs_url=f"{url}/oauth2/v1/certs")


def test_the_key_set_has_the_key_of_the_certificates(url: str) -> None:
    (key,) = requests.get(f"{url}/oauth2/v3/certs", timeout=10).json()["keys"]
    assert list(requests.get(f"{url}/oauth2/v1/certs", timeout=10).json()) == [key["kid"]]
    assert (key["kty"], key["alg"], key["use"], key["e"]) == ("RSA", "RS256", "sig", "AQAB")


def test_userinfo_tells_what_the_scopes_allow(url: str, credentials: Credentials) -> None:
    headers = {"Authorization": f"Bearer {credentials.token}"}
    for path in ("/oauth2/v3/userinfo", "/v1/userinfo"):
        told = requests.get(url + path, headers=headers, timeout=10).json()
        assert (told["email"], told["email_verified"], told["name"]) == (OWNER, True, "The Owner")
        assert len(told["sub"]) == 21


def test_the_configuration_names_endpoints_that_answer(url: str) -> None:
    document = requests.get(f"{url}/.well-known/openid-configuration", timeout=10).json()
    assert document["issuer"] == "https://accounts.google.com"
    ends = [value for name, value in document.items() if name.endswith(("_endpoint", "_uri"))]
    assert len(ends) == 5
    for end in ends:
        assert end.startswith(url)
        assert {requests.get(end, timeout=10).status_code, requests.post(end, timeout=10).status_code} - {404}


def test_a_subject_is_the_same_in_every_emulator(emulator: Emulator) -> None:
    assert Emulator().oauth.person(OWNER).sub == emulator.oauth.person(OWNER).sub
    assert emulator.oauth.person("ann@example.com").sub != emulator.oauth.person(OWNER).sub


def test_a_token_without_identity_scopes_tells_nothing_of_its_person(emulator: Emulator, app: OAuthClient) -> None:
    error = call(emulator, connect(emulator, app)["access_token"], "GET", "/v1/userinfo").json()["error"]
    assert (error["code"], error["details"][0]["reason"]) == (403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT")


def test_userinfo_refuses_what_is_no_token(emulator: Emulator) -> None:
    reply = call(emulator, "made-up", "GET", "/oauth2/v3/userinfo")
    assert (reply.status, reply.json()) == (
        401,
        {"error": "invalid_request", "error_description": "Invalid Credentials"},
    )


def test_tokeninfo_tells_about_a_token_in_texts(emulator: Emulator, app: OAuthClient) -> None:
    bearer = connect(emulator, app, scope=f"email {SHEETS}")["access_token"]
    told = call(emulator, "x", "GET", "/tokeninfo", access_token=bearer).json()
    assert (told["aud"], told["email"], told["access_type"]) == (app.client_id, OWNER, "offline")
    assert 3590 < int(told["expires_in"]) <= 3599
    assert abs(int(told["exp"]) - time.time() - 3599) < 10
    refused = call(emulator, "x", "GET", "/tokeninfo", access_token="made-up")
    assert (refused.status, refused.json()["error_description"]) == (400, "Invalid Value")
