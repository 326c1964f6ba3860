"""From what was stored of an account to credentials that google-auth can refresh."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import google.oauth2.credentials
from google.auth.credentials import Credentials
from google.auth.exceptions import GoogleAuthError
from google.oauth2 import service_account

from sheetsync.errors import GrantRevoked
from sheetsync.sheets.client import SCOPES


def credentials_from(secrets: Mapping[str, Any]) -> Credentials:
    """Credentials of a service account's key, or of a person who gave consent (`{"refresh_token": ...}`).

    Raises GrantRevoked where what was stored is neither.
    """
    try:
        if secrets.get("type") == "service_account":
            return service_account.Credentials.from_service_account_info(dict(secrets), scopes=SCOPES)  # type: ignore[no-any-return]
        return google.oauth2.credentials.Credentials.from_authorized_user_info(dict(secrets))  # type: ignore[no-any-return]
    except (ValueError, KeyError, TypeError, AttributeError, GoogleAuthError) as error:  # it judges no types
        raise GrantRevoked("the account's stored credentials cannot be used: connect it again") from error
