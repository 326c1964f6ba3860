"""From what was stored of an account to credentials that google-auth can refresh."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import google.oauth2.credentials
from google.auth.credentials import Credentials
from google.auth.exceptions import GoogleAuthError
from google.oauth2 import service_account

from sheetsync.errors import ClientRefused, GrantRevoked
from sheetsync.sheets.client import SCOPES
from sheetsync.sheets.oauth import Client


def credentials_from(secrets: Mapping[str, Any], client: Client | None = None) -> Credentials:
    """Credentials of a service account's key, or of a person who gave consent.

    A person's: `refresh_token`, `client_id`, and `scopes`, those of the granted ones that the calls need; the client's
    secret is the `client`'s, where they have none of their own, so that changing it takes no new consent.
    Raises GrantRevoked where what was stored is neither, and ClientRefused where it is of no use without a client.
    """
    try:
        if secrets.get("type") == "service_account":
            return _robots(json.dumps(dict(secrets), sort_keys=True)).with_scopes(SCOPES)  # type: ignore[no-any-return]
        return _persons(secrets, client)
    except (ValueError, KeyError, TypeError, AttributeError, GoogleAuthError) as error:  # it judges no types
        raise GrantRevoked("the account's stored credentials cannot be used: connect it again") from error


@lru_cache(maxsize=32)
def _robots(key: str) -> Any:
    """A service account's, of which each execution takes a copy: to read its private key takes 30 ms each time."""
    return service_account.Credentials.from_service_account_info(json.loads(key))


def _persons(secrets: Mapping[str, Any], client: Client | None) -> Credentials:
    client_id = secrets["client_id"]
    client_secret = secrets.get("client_secret") or _secret_of(client_id, client)
    info = {**secrets, "client_secret": client_secret}
    found = google.oauth2.credentials.Credentials.from_authorized_user_info(info)
    # from_authorized_user_info always takes Google's own address, and an emulator has another one.
    return found.with_token_uri(client.token_url) if client else found  # type: ignore[no-any-return]


def _secret_of(client_id: str, client: Client | None) -> str:
    if client is None:
        raise ClientRefused(
            'this site has no OAuth client: set SHEETSYNC["GOOGLE_CLIENT_ID"] and SHEETSYNC["GOOGLE_CLIENT_SECRET"]'
        )
    if client_id != client.id:
        raise GrantRevoked(
            "the account was linked through another OAuth client than this site has now: connect it again"
        )
    return client.secret
