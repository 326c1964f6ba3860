"""The consent page: what it shows, what it refuses to go on with, and what the client is told."""

from __future__ import annotations

import re

import pytest

from sheetsync.emulator import Emulator, Request
from sheetsync.emulator.oauth import OAuthClient
from tests.emulator.oauth_steps import (
    BACK,
    CHALLENGE,
    DRIVE,
    FILE,
    SHEETS,
    an_app,
    answers,
    connect,
    decide,
    exchange,
    open_page,
    query,
)

HOSTILE = "\"><script>alert('x')</script>"


@pytest.fixture
def app(emulator: Emulator) -> OAuthClient:
    return an_app(emulator, name="Shop & Sons")


def test_the_page_names_the_app_the_accounts_and_what_is_asked_for(emulator: Emulator, app: OAuthClient) -> None:
    emulator.oauth.person("ann@example.com", "Ann Other")
    page = open_page(emulator, app, scope=f"openid email {SHEETS}")
    text = page.body.decode()
    assert page.status == 200
    assert "<h1>Shop &amp; Sons wants access to your account</h1>" in text
    assert re.search(r"<label[^>]*><input type=radio[^>]*><span>Ann Other<small>ann@example.com", text)
    assert re.search(r"<label[^>]*><input type=checkbox[^>]* checked><span>See, edit, create and delete all your", text)
    assert "<li>See your e-mail address</li>" in text


def test_the_page_needs_no_scripts_and_loads_nothing(emulator: Emulator, app: OAuthClient) -> None:
    page = open_page(emulator, app)
    assert not re.search(r"<script|<img|<link|src=|@import|url\(", page.body.decode())
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert page.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("place", ["state", "login_hint", "nonce", "scope", "redirect_uri", "prompt", "unheard_of"])
def test_nothing_from_the_address_reaches_the_page_unescaped(emulator: Emulator, app: OAuthClient, place: str) -> None:
    text = open_page(emulator, app, **{place: HOSTILE}).body.decode()
    assert "<script" not in text


def test_names_of_apps_and_people_are_escaped(emulator: Emulator) -> None:
    emulator.oauth.person("ann@example.com", HOSTILE)
    assert "<script" not in open_page(emulator, an_app(emulator, name=HOSTILE)).body.decode()


@pytest.mark.parametrize(
    ("change", "status", "error", "reason"),
    [
        ({"client_id": None}, 400, "invalid_request", "Missing required parameter: client_id"),
        ({"client_id": "nobody"}, 401, "invalid_client", "The OAuth client was not found."),
        ({"redirect_uri": None}, 400, "invalid_request", "Missing required parameter: redirect_uri"),
        ({"redirect_uri": BACK + "/"}, 400, "redirect_uri_mismatch", f"{BACK}/, does not match"),
        ({"redirect_uri": BACK + "?x=1"}, 400, "redirect_uri_mismatch", "does not match"),
        ({"response_type": None}, 400, "invalid_request", "Required parameter is missing: response_type"),
        ({"response_type": "token"}, 400, "unsupported_response_type", "not token"),
        ({"scope": None}, 400, "invalid_request", "Missing required parameter: scope"),
        ({"scope": f"{SHEETS} {SHEETS}s"}, 400, "invalid_scope", f"{{valid=[{SHEETS}], invalid=[{SHEETS}s]}}"),
        ({"access_type": "forever"}, 400, "invalid_request", "Invalid access_type: forever"),
        ({"prompt": "login"}, 400, "invalid_request", "Invalid prompt: login"),
        ({"prompt": "none consent"}, 400, "invalid_request", "none stands alone"),
        ({"code_challenge_method": "S512"}, 400, "invalid_request", "S512"),
        ({"code_challenge_method": "S256"}, 400, "invalid_request", "Missing required parameter: code_challenge"),
        ({"code_challenge": "short"}, 400, "invalid_request", "code_challenge: short"),
        ({"approval_prompt": "force"}, 400, "invalid_request", "approval_prompt"),
    ],
)
def test_a_wrong_request_is_a_page_and_sends_nobody_anywhere(
    emulator: Emulator, app: OAuthClient, change: dict[str, str | None], status: int, error: str, reason: str
) -> None:
    page = open_page(emulator, app, **change)
    assert (page.status, "Location" in page.headers) == (status, False)
    assert f"Error {status}: {error}" in page.body.decode()
    assert reason in page.body.decode()


def test_a_parameter_given_twice_is_refused(emulator: Emulator, app: OAuthClient) -> None:
    twice = [*query(app), ("redirect_uri", "https://evil.example/")]
    page = emulator.handle(Request(method="GET", path="/o/oauth2/auth", query=twice))
    assert "can only have a single value: redirect_uri" in page.body.decode()


def test_a_wrong_decision_is_a_page_too(emulator: Emulator, app: OAuthClient) -> None:
    page = decide(emulator, app, redirect_uri="https://evil.example/")
    assert (page.status, "Location" in page.headers) == (400, False)


def test_continue_sends_the_client_a_code_and_what_was_granted(emulator: Emulator, app: OAuthClient) -> None:
    told = answers(decide(emulator, app, scope=f"email {SHEETS}", state="a b&c=d"))
    assert told.pop("code").startswith("4/0A")
    assert told == {
        "state": "a b&c=d",
        "iss": "https://accounts.google.com",
        "scope": f"email https://www.googleapis.com/auth/userinfo.email {SHEETS} openid",
        "authuser": "0",
        "prompt": "consent",
    }


def test_cancel_tells_the_client_so(emulator: Emulator, app: OAuthClient) -> None:
    assert answers(decide(emulator, app, "cancel")) == {"state": "s-1", "error": "access_denied"}
    assert emulator.oauth.grants() == []


def test_what_was_unticked_is_not_granted(emulator: Emulator, app: OAuthClient) -> None:
    told = answers(decide(emulator, app, ticked=[FILE], scope=f"openid {SHEETS} {FILE}"))
    assert told["scope"] == f"openid {FILE}"


def test_what_was_never_asked_for_cannot_be_ticked(emulator: Emulator, app: OAuthClient) -> None:
    told = answers(decide(emulator, app, ticked=[SHEETS, DRIVE]))
    assert told["scope"] == SHEETS


def test_nothing_ticked_is_a_no(emulator: Emulator, app: OAuthClient) -> None:
    assert answers(decide(emulator, app, ticked=[])) == {"state": "s-1", "error": "access_denied"}


def test_another_address_becomes_an_account(emulator: Emulator, app: OAuthClient) -> None:
    decide(emulator, app, email="New.Person@Example.com")
    assert [grant["email"] for grant in emulator.oauth.grants()] == ["new.person@example.com"]
    assert "New Person" in open_page(emulator, app, prompt="consent").body.decode()


@pytest.mark.parametrize("email", ["nonsense", HOSTILE, "a@b@c", "a b@example.com"])
def test_what_is_no_address_is_asked_for_again(emulator: Emulator, app: OAuthClient, email: str) -> None:
    page = decide(emulator, app, email=email)
    assert page.status == 200
    assert "is no e-mail address" in page.body.decode()
    assert "<script" not in page.body.decode()
    assert emulator.oauth.grants() == []


def test_an_account_that_is_not_there_cannot_be_chosen(emulator: Emulator, app: OAuthClient) -> None:
    assert "Choose an account." in decide(emulator, app, account="stranger@example.com").body.decode()


def test_a_hint_marks_the_account_or_fills_the_field(emulator: Emulator, app: OAuthClient) -> None:
    emulator.oauth.person("ann@example.com")
    assert 'value="ann@example.com" checked' in open_page(emulator, app, login_hint="ann@example.com").body.decode()
    assert 'value="bob@example.com"' in open_page(emulator, app, login_hint="bob@example.com").body.decode()


def test_who_consented_is_not_asked_again(emulator: Emulator, app: OAuthClient) -> None:
    connect(emulator, app, scope=f"openid {SHEETS}")
    told = answers(open_page(emulator, app, scope=f"openid {SHEETS}"))
    assert told["prompt"] == "none"
    assert "refresh_token" not in exchange(emulator, app, told["code"]).json()


@pytest.mark.parametrize(
    "change", [{"prompt": "consent"}, {"prompt": "select_account"}, {"scope": DRIVE}, {"login_hint": "ann@example.com"}]
)
def test_who_consented_is_asked_again_when_there_is_a_reason(
    emulator: Emulator, app: OAuthClient, change: dict[str, str]
) -> None:
    connect(emulator, app)
    assert open_page(emulator, app, **change).status == 200


def test_of_two_who_consented_one_is_chosen_by_the_hint(emulator: Emulator, app: OAuthClient) -> None:
    connect(emulator, app)
    connect(emulator, app, email="ann@example.com")
    assert open_page(emulator, app).status == 200
    code = answers(open_page(emulator, app, login_hint="ann@example.com"))["code"]
    assert emulator.oauth.ledger.codes[code].email == "ann@example.com"


def test_without_a_page_to_show_the_client_is_told_that_one_is_needed(emulator: Emulator, app: OAuthClient) -> None:
    assert answers(open_page(emulator, app, prompt="none"))["error"] == "interaction_required"
    connect(emulator, app)
    assert "code" in answers(open_page(emulator, app, prompt="none"))


def test_offline_access_asked_for_the_first_time_is_a_new_question(emulator: Emulator, app: OAuthClient) -> None:
    assert "refresh_token" not in connect(emulator, app, access_type="online")
    assert open_page(emulator, app, access_type="online").status == 302
    assert open_page(emulator, app).status == 200
    assert "refresh_token" in connect(emulator, app)


def test_consent_asked_for_again_brings_a_new_refresh_token(emulator: Emulator, app: OAuthClient) -> None:
    first = connect(emulator, app)["refresh_token"]
    second = connect(emulator, app, prompt="consent")["refresh_token"]
    assert first != second


def test_scopes_granted_before_come_along_when_asked_for(emulator: Emulator, app: OAuthClient) -> None:
    connect(emulator, app)
    assert connect(emulator, app, scope=FILE)["scope"] == FILE
    assert connect(emulator, app, scope=DRIVE, include_granted_scopes="true")["scope"] == f"{SHEETS} {FILE} {DRIVE}"


def test_a_redirect_uri_keeps_its_own_query(emulator: Emulator) -> None:
    app = emulator.oauth.client([BACK + "?shop=7"])
    page = decide(emulator, app, redirect_uri=BACK + "?shop=7")
    assert page.headers["Location"].startswith(BACK + "?shop=7&state=s-1&iss=")


def test_another_sites_page_cannot_consent_in_a_persons_place(emulator: Emulator, app: OAuthClient) -> None:
    headers = {"Origin": "https://evil.example", "Host": "127.0.0.1:8765"}
    body = b"decision=continue&account=owner@example.com&scope=" + SHEETS.encode()
    post = Request(method="POST", path="/o/oauth2/v2/auth", query=query(app), headers=headers, body=body)
    assert emulator.handle(post).status == 403
    assert emulator.oauth.grants() == []


def test_the_form_keeps_the_request_whole(emulator: Emulator, app: OAuthClient) -> None:
    page = open_page(emulator, app, state="a&b=c", code_challenge=CHALLENGE, code_challenge_method="S256")
    assert f"state=a%26b%3Dc&amp;access_type=offline&amp;code_challenge={CHALLENGE}" in page.body.decode()


@pytest.mark.parametrize(
    "uri", ["", "/back", "ftp://x.example/", "https://x.example/#a", "https://x.example/\r\nX: y", "https://*.example/"]
)
def test_an_unfit_redirect_uri_is_not_registered(emulator: Emulator, uri: str) -> None:
    with pytest.raises(ValueError, match="redirect_uris: "):
        emulator.oauth.client([uri])
