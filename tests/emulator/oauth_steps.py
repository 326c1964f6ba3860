"""A person's way through the consent page, and a client's way through the token endpoint, without sockets."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from sheetsync.emulator import Emulator, Request, Response
from sheetsync.emulator.oauth import OAuthClient
from sheetsync.emulator.people.person import OWNER

Json = dict[str, Any]
PREFIX = "https://www.googleapis.com/auth/"
SHEETS, READONLY = PREFIX + "spreadsheets", PREFIX + "spreadsheets.readonly"
DRIVE, FILE = PREFIX + "drive", PREFIX + "drive.file"
BACK = "https://shop.example/back"
MIME = "application/vnd.google-apps.spreadsheet"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


def an_app(emulator: Emulator, **options: Any) -> OAuthClient:
    return emulator.oauth.client([BACK], **options)


def query(client: OAuthClient, **change: str | None) -> list[tuple[str, str]]:
    """A sound authorization request, changed; None takes a parameter away."""
    asked: dict[str, str | None] = {
        "client_id": client.client_id,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": SHEETS,
        "state": "s-1",
        "access_type": "offline",
    }
    return [(name, value) for name, value in (asked | change).items() if value is not None]


def open_page(emulator: Emulator, client: OAuthClient, **change: str | None) -> Response:
    return emulator.handle(Request(method="GET", path="/o/oauth2/v2/auth", query=query(client, **change)))


def decide(
    emulator: Emulator,
    client: OAuthClient,
    decision: str = "continue",
    account: str = OWNER,
    ticked: list[str] | None = None,
    email: str = "",
    **change: str | None,
) -> Response:
    """Press a button on the page, with all scopes ticked unless told."""
    asked = query(client, **change)
    scopes = dict(asked)["scope"].split() if ticked is None else ticked
    form = [("account", account), ("email", email), ("decision", decision), *(("scope", each) for each in scopes)]
    body = urlencode(form).encode()
    return emulator.handle(Request(method="POST", path="/o/oauth2/v2/auth", query=asked, body=body))


def answers(response: Response) -> dict[str, str]:
    """What the redirect brings the client."""
    assert response.status == 302, response.body
    assert response.headers["Location"].startswith(BACK + "?")
    return dict(parse_qsl(urlsplit(response.headers["Location"]).query))


def token(emulator: Emulator, headers: Any = None, **form: str) -> Response:
    body = urlencode(form).encode()
    return emulator.handle(Request(method="POST", path="/token", headers=headers or {}, body=body))


def exchange(emulator: Emulator, client: OAuthClient, code: str, **change: str) -> Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    secrets = {"client_id": client.client_id, "client_secret": client.client_secret}
    return token(emulator, **(form | secrets | change))


def refresh(emulator: Emulator, client: OAuthClient, value: str, **change: str) -> Response:
    form = {"grant_type": "refresh_token", "refresh_token": value}
    secrets = {"client_id": client.client_id, "client_secret": client.client_secret}
    return token(emulator, **(form | secrets | change))


def connect(emulator: Emulator, client: OAuthClient, **change: Any) -> Json:
    """The whole way: consent, exchange; the token reply."""
    response = exchange(emulator, client, answers(decide(emulator, client, **change))["code"])
    assert response.status == 200, response.body
    return dict(response.json())


def access(emulator: Emulator, client: OAuthClient, *scopes: str, account: str = OWNER) -> str:
    """An access token with these scopes."""
    emulator.oauth.person(account)
    renewal = emulator.oauth.grant(account, client, scopes)
    return str(refresh(emulator, client, renewal).json()["access_token"])


def call(emulator: Emulator, bearer: str, method: str, path: str, body: Any = None, **params: str) -> Response:
    data = b"" if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {bearer}"}
    return emulator.handle(Request(method=method, path=path, query=list(params.items()), headers=headers, body=data))


def refusal(response: Response) -> tuple[int, str, str]:
    """Status, error and description of an OAuth refusal."""
    body = response.json()
    return response.status, body["error"], body["error_description"]
