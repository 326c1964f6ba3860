"""People who link their Google accounts: the way through the emulator's consent page, over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import requests

from sheetsync import linking
from sheetsync.emulator import Emulator
from sheetsync.emulator.oauth import OAuthClient
from sheetsync.models import Tenant
from sheetsync.sheets import oauth
from tests.support.runs import World

BACK = "http://localhost:8000/google/callback"
ANN, BOB = "ann@example.com", "bob@example.com"


def client_settings(url: str, app: OAuthClient) -> dict:
    """The keys of SHEETSYNC by which accounts are linked through this client of the emulator."""
    return {
        "GOOGLE_CLIENT_ID": app.client_id,
        "GOOGLE_CLIENT_SECRET": app.client_secret,
        "GOOGLE_AUTH_URL": f"{url}/o/oauth2/v2/auth",
        "GOOGLE_TOKEN_URL": f"{url}/token",
        "GOOGLE_REVOKE_URL": f"{url}/revoke",
        "DRIVE_URL": url,
    }


def answer(url: str, *, email: str = ANN, decision: str = "continue", untick: tuple[str, ...] = ()) -> dict[str, str]:
    """What Google sends the browser back with, when this person has decided on the page at `url`."""
    asked = dict(parse_qsl(urlsplit(url).query))["scope"].split()
    assert requests.get(url, timeout=10).status_code == 200
    form = [("account", email), ("decision", decision), *(("scope", each) for each in asked if each not in untick)]
    back = requests.post(url, data=form, allow_redirects=False, timeout=10).headers["Location"]
    assert back.startswith(BACK)
    said = dict(parse_qsl(urlsplit(back).query))
    return {name: said[name] for name in ("state", "code", "error") if name in said}


@dataclass
class Town(World):
    """A world whose emulator lets nobody in without a token of its own, with a client and two people."""

    app: OAuthClient = field(kw_only=True)

    def shop(self, name="Cactus shop", **values) -> Tenant:
        """A tenant that has linked nothing."""
        return Tenant.objects.create(name=name, **values)

    def begin(self, tenant, **asked) -> linking.Begun:
        return linking.begin(tenant, redirect_uri=BACK, **asked)

    def link(self, tenant, email=ANN, **asked):
        """The whole way. -> the account"""
        return linking.finish(**answer(self.begin(tenant, **asked).url, email=email)).account

    def automation_of(self, account, *, orders=(), name="orders", spreadsheet_id=None, **values):
        """One that writes with this account into a spreadsheet that was made for it."""
        spreadsheet_id = spreadsheet_id or linking.create_spreadsheet(account, name).id
        return self.automation(
            account.tenant, name=name, orders=orders, spreadsheet_id=spreadsheet_id, account=account, **values
        )

    def grants(self) -> set[str]:
        """Who lets us in, as Google sees it."""
        return {each["email"] for each in self.emulator.oauth.grants()}

    def revoke(self, email=ANN) -> None:
        """The person takes our access away, in the account's settings at Google."""
        self.emulator.oauth.revoke(email, self.app)


def settle(emulator: Emulator) -> OAuthClient:
    """Register a client, and let two people live here."""
    emulator.strict_auth = True
    for email in (ANN, BOB):
        emulator.oauth.person(email)
    return emulator.oauth.client([BACK], name="sheetsync")


FILE, SPREADSHEETS = oauth.FILE, oauth.SPREADSHEETS
