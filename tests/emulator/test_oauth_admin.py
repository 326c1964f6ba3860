"""`/_emulator/oauth/…`: the same for tests in other processes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sheetsync.emulator import Emulator, Request
from sheetsync.emulator.admin import endpoint as admin
from sheetsync.emulator.people.person import OWNER
from tests.emulator.oauth_steps import BACK, FILE, SHEETS, access, an_app, call, refresh

ANN = "ann@example.com"


def act(emulator: Emulator, name: str, body: Any = None, verb: str = "POST") -> Any:
    data = b"" if body is None else json.dumps(body).encode()
    response = admin.answer(emulator, Request(method=verb, path=f"/_emulator/{name}", body=data))
    return response.json() if response.status == 200 else (response.status, response.json()["error"]["message"])


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(strict_auth=True)


def test_a_client_is_registered_with_its_secrets_file(emulator: Emulator) -> None:
    asked = {"redirect_uris": [BACK], "testing": True, "name": "Shop", "project": "42", "url": "http://x"}
    made = act(emulator, "oauth/clients", asked)
    assert made["secrets"]["web"]["client_secret"] == made["client_secret"]
    (listed,) = act(emulator, "oauth/clients", verb="GET")["clients"]
    assert listed == {
        "client_id": made["client_id"],
        "name": "Shop",
        "project": "42",
        "testing": True,
        "redirect_uris": [BACK],
    }


def test_a_person_is_made_and_listed(emulator: Emulator) -> None:
    made = act(emulator, "oauth/persons", {"email": ANN, "name": "Ann Other"})
    persons = act(emulator, "oauth/persons", verb="GET")["persons"]
    assert (len(made["sub"]), persons[1], persons[0]["email"]) == (21, made, OWNER)


def test_another_service_account_gets_a_key_file(emulator: Emulator) -> None:
    email = "two@project-two.iam.gserviceaccount.com"
    account = act(emulator, "oauth/service-accounts", {"email": email, "url": "http://x"})["account"]
    assert (account["client_email"], account["project_id"], account["token_uri"]) == (
        email,
        "project-two",
        "http://x/token",
    )


def test_a_grant_without_a_browser_is_listed_and_revoked(emulator: Emulator) -> None:
    app = an_app(emulator)
    given = act(emulator, "oauth/grant", {"email": OWNER, "client_id": app.client_id, "scopes": [SHEETS]})
    assert refresh(emulator, app, given["refresh_token"]).status == 200
    (listed,) = act(emulator, "oauth/grants", verb="GET")["grants"]
    assert listed == {"email": OWNER, "client_id": app.client_id, "scopes": [SHEETS], "refresh_tokens": 1}
    pair = {"email": OWNER, "client_id": app.client_id}
    assert act(emulator, "oauth/revoke", pair) == {"revoked": True}
    assert act(emulator, "oauth/revoke", pair) == {"revoked": False}
    assert refresh(emulator, app, given["refresh_token"]).status == 400


def test_tokens_expire_by_kind(emulator: Emulator) -> None:
    app, book = an_app(emulator), emulator.create_spreadsheet("Shop")
    bearer = access(emulator, app, SHEETS)
    assert act(emulator, "oauth/expire", {"what": "access"}) == {"expired": 1}
    assert call(emulator, bearer, "GET", f"/v4/spreadsheets/{book}").status == 401
    assert act(emulator, "oauth/expire", {"what": "refresh", "email": OWNER}) == {"expired": 1}


def test_files_are_shared_picked_and_taken_back(emulator: Emulator) -> None:
    app, book = an_app(emulator), emulator.create_spreadsheet("Shop")
    bearer = access(emulator, app, FILE, account=ANN)
    act(emulator, "share", {"spreadsheetId": book, "email": ANN, "role": "reader"})
    act(emulator, "oauth/pick", {"spreadsheetId": book, "email": ANN, "client_id": app.client_id})
    assert call(emulator, bearer, "GET", f"/v4/spreadsheets/{book}").status == 200
    act(emulator, "share", {"spreadsheetId": book, "email": ANN, "role": None})
    assert call(emulator, bearer, "GET", f"/v4/spreadsheets/{book}").status == 403


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("oauth/clients", {"redirect_uris": "http://x"}, "redirect_uris: 'http://x' is not possible"),
        ("oauth/clients", {"redirect_uris": ["nonsense"]}, "redirect_uris: 'nonsense' is not possible"),
        ("oauth/clients", {"redirect_uris": [], "testing": "yes"}, "testing: 'yes' is not possible"),
        ("oauth/clients", {"redirect_uris": [], "test": True}, "test: True is not possible"),
        ("oauth/persons", {}, "email: None is not possible"),
        ("oauth/persons", {"email": "nonsense"}, "email: 'nonsense' is not possible"),
        (
            "oauth/grant",
            {"email": ANN, "client_id": "x", "scopes": [SHEETS]},
            "email: 'ann@example.com' is not possible; there is no such person",
        ),
        (
            "oauth/grant",
            {"email": OWNER, "client_id": "x", "scopes": [SHEETS]},
            "client_id: 'x' is not possible; there is no such OAuth client",
        ),
        ("oauth/expire", {"what": "all"}, "what: 'all' is not possible; give one of access, refresh"),
        ("share", {"spreadsheetId": "x", "email": ANN}, "Requested entity was not found."),
        ("oauth/pick", {"spreadsheetId": "x", "email": ANN, "client_id": "x"}, "client_id: 'x' is not possible"),
    ],
)
def test_bad_input_is_refused_by_field_and_value(
    emulator: Emulator, name: str, body: dict[str, Any], message: str
) -> None:
    status, text = act(emulator, name, body)
    assert status in (400, 404)
    assert text.startswith(message)
