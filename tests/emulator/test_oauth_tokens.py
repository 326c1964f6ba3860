"""The token endpoint and revoke: what is given out, to whom, for how long, and Google's words for every no."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from google.auth import crypt
from google.auth import jwt as google_jwt

from sheetsync.emulator import Emulator, Request
from sheetsync.emulator.oauth import OAuthClient
from sheetsync.emulator.people.person import OWNER
from tests.emulator.oauth_steps import (
    BACK,
    CHALLENGE,
    DRIVE,
    SHEETS,
    VERIFIER,
    access,
    an_app,
    answers,
    call,
    connect,
    decide,
    exchange,
    refresh,
    refusal,
    token,
)

DAY = 86_400
START = 1_800_000_000.0
REVOKED = (400, "invalid_grant", "Token has been expired or revoked.")
ASSERTION = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class Clock:
    now = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def emulator(clock: Clock) -> Emulator:
    return Emulator(strict_auth=True, clock=clock)


@pytest.fixture
def app(emulator: Emulator) -> OAuthClient:
    return an_app(emulator)


def a_code(emulator: Emulator, app: OAuthClient, **change: Any) -> str:
    return answers(decide(emulator, app, **change))["code"]


def revoke(emulator: Emulator, value: str) -> Any:
    return emulator.handle(Request(method="POST", path="/revoke", body=f"token={value}".encode()))


# -- the code


def test_a_code_is_exchanged_for_both_tokens(emulator: Emulator, app: OAuthClient) -> None:
    reply = exchange(emulator, app, a_code(emulator, app)).json()
    assert list(reply) == ["access_token", "expires_in", "refresh_token", "scope", "token_type"]
    assert reply["access_token"].startswith("ya29.") and reply["refresh_token"].startswith("1//0")
    assert (reply["expires_in"], reply["scope"], reply["token_type"]) == (3599, SHEETS, "Bearer")


def test_a_code_is_good_once(emulator: Emulator, app: OAuthClient) -> None:
    code = a_code(emulator, app)
    first = exchange(emulator, app, code).json()
    assert refusal(exchange(emulator, app, code)) == (400, "invalid_grant", "Bad Request")
    assert refresh(emulator, app, first["refresh_token"]).status == 200


def test_a_code_is_good_for_ten_minutes(emulator: Emulator, app: OAuthClient, clock: Clock) -> None:
    late, code = a_code(emulator, app, prompt="consent"), a_code(emulator, app, prompt="consent")
    clock.now += 599
    assert exchange(emulator, app, code).status == 200
    clock.now += 1
    assert refusal(exchange(emulator, app, late)) == (400, "invalid_grant", "Bad Request")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"code": ""}, (400, "invalid_request", "Missing required parameter: code")),
        ({"code": "nonsense"}, (400, "invalid_grant", "Malformed auth code.")),
        ({"code": "4/0Aunknown"}, (400, "invalid_grant", "Bad Request")),
        ({"redirect_uri": ""}, (400, "invalid_request", "Missing required parameter: redirect_uri")),
        ({"redirect_uri": BACK + "/"}, (400, "redirect_uri_mismatch", "Bad Request")),
        ({"client_id": ""}, (400, "invalid_request", "Could not determine client ID from request.")),
        ({"client_id": "nobody"}, (401, "invalid_client", "The OAuth client was not found.")),
        ({"client_secret": ""}, (400, "invalid_request", "client_secret is missing.")),
        ({"client_secret": "wrong"}, (401, "invalid_client", "Unauthorized")),
        ({"client_secret": "wröng"}, (401, "invalid_client", "Unauthorized")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type", "Invalid grant_type: password")),
        ({"grant_type": ""}, (400, "unsupported_grant_type", "Invalid grant_type: ")),
        ({"code_verifier": VERIFIER}, (400, "invalid_grant", "code_verifier or verifier is not needed.")),
    ],
)
def test_a_wrong_exchange_is_refused_and_the_code_stays_good(
    emulator: Emulator, app: OAuthClient, change: dict[str, str], expected: tuple[int, str, str]
) -> None:
    code = a_code(emulator, app)
    assert refusal(exchange(emulator, app, **({"code": code} | change))) == expected
    assert exchange(emulator, app, code).status == 200


def test_a_code_of_another_client_is_refused(emulator: Emulator, app: OAuthClient) -> None:
    code = a_code(emulator, app)
    assert refusal(exchange(emulator, an_app(emulator), code)) == (400, "invalid_grant", "Bad Request")


@pytest.mark.parametrize(("method", "challenge"), [("S256", CHALLENGE), ("plain", VERIFIER), (None, VERIFIER)])
def test_who_exchanges_a_code_must_know_its_verifier(
    emulator: Emulator, app: OAuthClient, method: str | None, challenge: str
) -> None:
    code = a_code(emulator, app, code_challenge=challenge, code_challenge_method=method)
    assert refusal(exchange(emulator, app, code)) == (400, "invalid_grant", "Missing code verifier.")
    wrong = exchange(emulator, app, code, code_verifier="w" * 43)
    assert refusal(wrong) == (400, "invalid_grant", "Invalid code verifier.")
    assert exchange(emulator, app, code, code_verifier=VERIFIER).status == 200


def test_a_client_may_say_who_it_is_in_a_header(emulator: Emulator, app: OAuthClient) -> None:
    form = {"grant_type": "authorization_code", "code": a_code(emulator, app), "redirect_uri": BACK}
    coded = base64.b64encode(f"{app.client_id}:{app.client_secret}".encode()).decode()
    assert token(emulator, {"Authorization": f"Basic {coded}"}, **form).status == 200


@pytest.mark.parametrize("header", ["Basic ", "Basic !!!", "Basic bm9jb2xvbg==", "Basic /////w=="])
def test_a_header_that_is_none_is_refused(emulator: Emulator, header: str) -> None:
    reply = token(emulator, {"Authorization": header}, grant_type="authorization_code", code="4/0A")
    assert refusal(reply) == (400, "invalid_request", "Bad Request")


# -- the refresh token


def test_a_refresh_brings_an_access_token_and_no_new_refresh_token(emulator: Emulator, app: OAuthClient) -> None:
    reply = refresh(emulator, app, connect(emulator, app)["refresh_token"]).json()
    assert set(reply) == {"access_token", "expires_in", "scope", "token_type"}


def test_a_refresh_may_ask_for_less_and_not_for_more(emulator: Emulator, app: OAuthClient) -> None:
    value = emulator.oauth.grant(OWNER, app, [SHEETS, DRIVE])
    assert refresh(emulator, app, value, scope=DRIVE).json()["scope"] == DRIVE
    wider = refresh(emulator, app, value, scope=f"{DRIVE} openid")
    assert refusal(wider) == (400, "invalid_scope", "Bad Request")


def test_a_refresh_token_belongs_to_its_client(emulator: Emulator, app: OAuthClient) -> None:
    value = connect(emulator, app)["refresh_token"]
    assert refusal(refresh(emulator, an_app(emulator), value)) == (400, "invalid_grant", "Bad Request")
    assert refusal(refresh(emulator, app, "1//0made-up")) == (400, "invalid_grant", "Bad Request")
    assert refusal(refresh(emulator, app, ""))[2] == "Missing required parameter: refresh_token"


def test_a_refresh_token_dies_of_six_months_without_use(emulator: Emulator, app: OAuthClient, clock: Clock) -> None:
    used, unused = (emulator.oauth.grant(OWNER, app, [SHEETS]) for _ in range(2))
    clock.now += 179 * DAY
    assert refresh(emulator, app, used).status == 200
    clock.now += 1 * DAY
    assert refusal(refresh(emulator, app, unused)) == REVOKED
    assert refresh(emulator, app, used).status == 200


def test_in_testing_a_refresh_token_lives_seven_days_and_says_so(emulator: Emulator, clock: Clock) -> None:
    app = an_app(emulator, testing=True)
    reply = connect(emulator, app)
    assert reply["refresh_token_expires_in"] == 604_799
    clock.now += 6 * DAY
    assert refresh(emulator, app, reply["refresh_token"]).json()["refresh_token_expires_in"] == DAY - 1
    clock.now += 1 * DAY
    assert refusal(refresh(emulator, app, reply["refresh_token"])) == REVOKED


def test_in_testing_the_mere_sign_in_has_no_end(emulator: Emulator, clock: Clock) -> None:
    app = an_app(emulator, testing=True)
    reply = connect(emulator, app, scope="openid email")
    assert "refresh_token_expires_in" not in reply
    clock.now += 30 * DAY
    assert refresh(emulator, app, reply["refresh_token"]).status == 200


def test_of_more_than_a_hundred_refresh_tokens_the_oldest_dies(emulator: Emulator, app: OAuthClient) -> None:
    oldest, *others = [emulator.oauth.grant(OWNER, app, [SHEETS]) for _ in range(101)]
    emulator.oauth.person("ann@example.com")
    emulator.oauth.grant("ann@example.com", app, [SHEETS])
    assert refusal(refresh(emulator, app, oldest)) == REVOKED
    assert refresh(emulator, app, others[0]).status == 200


def test_a_token_long_dead_is_refused_like_one_never_issued(emulator: Emulator, app: OAuthClient, clock: Clock) -> None:
    value = emulator.oauth.grant(OWNER, app, [SHEETS])
    emulator.oauth.revoke(OWNER, app)
    assert refusal(refresh(emulator, app, value)) == REVOKED
    clock.now += DAY
    assert refusal(refresh(emulator, app, value)) == (400, "invalid_grant", "Bad Request")


def test_an_access_token_is_good_for_an_hour(emulator: Emulator, app: OAuthClient, clock: Clock) -> None:
    bearer, book = access(emulator, app, SHEETS), emulator.create_spreadsheet("Shop")
    clock.now += 3598
    assert call(emulator, bearer, "GET", f"/v4/spreadsheets/{book}").status == 200
    clock.now += 1
    assert call(emulator, bearer, "GET", f"/v4/spreadsheets/{book}").status == 401


# -- how tokens die by hand


def test_access_tokens_expire_at_a_word_and_refresh_tokens_do_not(emulator: Emulator, app: OAuthClient) -> None:
    reply, book = connect(emulator, app), emulator.create_spreadsheet("Shop")
    emulator.oauth.expire_access_tokens()
    assert call(emulator, reply["access_token"], "GET", f"/v4/spreadsheets/{book}").status == 401
    assert refresh(emulator, app, reply["refresh_token"]).status == 200


def test_refresh_tokens_expire_by_client_by_person_or_all(emulator: Emulator, app: OAuthClient) -> None:
    other = an_app(emulator)
    emulator.oauth.person("ann@example.com")
    pairs = [(OWNER, app), ("ann@example.com", app), (OWNER, other)]
    values = [emulator.oauth.grant(person, client, [SHEETS]) for person, client in pairs]
    assert emulator.oauth.expire_refresh_tokens(client=app, person=OWNER) == 1
    alive = [refresh(emulator, pair[1], value).status for pair, value in zip(pairs, values, strict=True)]
    assert alive == [400, 200, 200]
    assert emulator.oauth.expire_refresh_tokens(person="ann@example.com") == 1
    assert emulator.oauth.expire_refresh_tokens() == 1


def test_taking_access_away_ends_every_token_of_that_person_for_that_client(
    emulator: Emulator, app: OAuthClient
) -> None:
    book = emulator.create_spreadsheet("Shop")
    one, two, other = connect(emulator, app), connect(emulator, app, prompt="consent"), an_app(emulator)
    kept = connect(emulator, other)
    assert revoke(emulator, one["refresh_token"]).json() == {}
    for reply in (one, two):
        assert refusal(refresh(emulator, app, reply["refresh_token"])) == REVOKED
        assert call(emulator, reply["access_token"], "GET", f"/v4/spreadsheets/{book}").status == 401
    assert refresh(emulator, other, kept["refresh_token"]).status == 200


def test_a_code_that_is_under_way_dies_with_the_grant(emulator: Emulator, app: OAuthClient) -> None:
    code = a_code(emulator, app)
    emulator.oauth.revoke(OWNER, app)
    assert refusal(exchange(emulator, app, code)) == (400, "invalid_grant", "Bad Request")


def test_an_access_token_revokes_as_well_as_a_refresh_token(emulator: Emulator, app: OAuthClient) -> None:
    reply = connect(emulator, app)
    assert revoke(emulator, reply["access_token"]).status == 200
    assert refusal(refresh(emulator, app, reply["refresh_token"])) == REVOKED
    assert refusal(revoke(emulator, reply["access_token"])) == (400, "invalid_token", "Token expired or revoked")


def test_the_token_to_revoke_may_stand_in_the_address(emulator: Emulator, app: OAuthClient) -> None:
    value = connect(emulator, app)["refresh_token"]
    assert emulator.handle(Request(method="POST", path="/revoke", query=[("token", value)])).status == 200
    assert refusal(revoke(emulator, ""))[2] == "Missing required parameter: token"


def test_after_a_revoke_the_person_is_asked_anew(emulator: Emulator, app: OAuthClient) -> None:
    connect(emulator, app)
    emulator.oauth.revoke(OWNER, app)
    assert emulator.oauth.grants() == []
    assert "refresh_token" in connect(emulator, app)


def test_the_fault_that_revokes_a_grant_ends_that_persons_alone(emulator: Emulator, app: OAuthClient) -> None:
    one, two = connect(emulator, app), connect(emulator, app, email="ann@example.com")
    emulator.faults.add("revoke_grant", "/v4/")
    assert call(emulator, one["access_token"], "GET", "/v4/spreadsheets/x").status == 401
    assert refusal(refresh(emulator, app, one["refresh_token"])) == REVOKED
    assert refresh(emulator, app, two["refresh_token"]).status == 200


def test_everything_can_be_refused_for_a_while(emulator: Emulator, app: OAuthClient) -> None:
    reply = connect(emulator, app)
    emulator.accounts.revoked = True
    assert refusal(refresh(emulator, app, reply["refresh_token"])) == REVOKED
    emulator.accounts.revoked = False
    assert refresh(emulator, app, reply["refresh_token"]).status == 200


# -- service accounts


def assertion(emulator: Emulator, email: str = "", **change: Any) -> Any:
    key = emulator.accounts.account("http://x", *([email] if email else []))
    claims = {"iss": key["client_email"], "aud": key["token_uri"], "scope": SHEETS, "iat": START, "exp": START + 3600}
    signed: bytes = google_jwt.encode(crypt.RSASigner.from_string(key["private_key"]), claims | change)
    return token(emulator, grant_type=ASSERTION, assertion=signed.decode())


def test_a_service_accounts_token_has_the_scopes_it_claimed(emulator: Emulator) -> None:
    reply = assertion(emulator, scope=DRIVE).json()
    assert set(reply) == {"access_token", "expires_in", "token_type"}
    assert reply["access_token"].startswith("ya29.c.")
    live = emulator.oauth.live(reply["access_token"], START)
    assert live is not None and live.scopes == [DRIVE]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"iss": "x@y"}, (400, "invalid_grant", "Invalid grant: account not found")),
        ({"aud": "http://x"}, (400, "invalid_grant", "Invalid JWT: Failed audience check.")),
        ({"exp": "soon"}, (400, "invalid_grant", "Bad Request")),
        ({"exp": 10**400}, (400, "invalid_grant", "Bad Request")),
        ({"iat": None}, (400, "invalid_grant", "Bad Request")),
        ({"sub": OWNER}, (401, "unauthorized_client", "Client is unauthorized to retrieve access tokens using")),
        ({"scope": ""}, (400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.")),
        ({"scope": SHEETS + "s"}, (400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.")),
    ],
)
def test_a_wrong_assertion_is_refused(
    emulator: Emulator, change: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    status, error, description = refusal(assertion(emulator, **change))
    assert (status, error) == expected[:2]
    assert description.startswith(expected[2])


@pytest.mark.parametrize("text", ["", "a.b.c", "....", "é", "e30.e30.e30"])
def test_what_is_no_assertion_is_refused(emulator: Emulator, text: str) -> None:
    reply = token(emulator, grant_type=ASSERTION, assertion=text)
    assert refusal(reply)[:2] == (400, "invalid_grant")


def test_there_may_be_several_service_accounts(emulator: Emulator) -> None:
    email = "second@other-project.iam.gserviceaccount.com"
    reply = assertion(emulator, email).json()
    live = emulator.oauth.live(reply["access_token"], START)
    assert live is not None and (live.email, live.project) == (email, "other-project")


def test_a_service_accounts_token_cannot_be_revoked(emulator: Emulator) -> None:
    value = assertion(emulator).json()["access_token"]
    assert refusal(revoke(emulator, value)) == (400, "invalid_request", "Token is not revocable.")
