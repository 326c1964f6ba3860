"""HTTP to Google's OAuth: the address of the consent page, a code for tokens, and the end of a grant.

By plain requests. google-auth-oauthlib's Flow refuses http for loopback addresses unless a variable of the whole
process allows it for all, raises a Warning where scopes differ unless another one does, and the library below it writes
codes, tokens and the client's secret to the debug log. What it does for us besides are the few lines below.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import google.auth.exceptions
import google.auth.jwt
import requests

from sheetsync.errors import (
    BadIdToken,
    ClientRefused,
    CodeRefused,
    GrantRevoked,
    LinkInterrupted,
    NoLastingAccess,
    SheetsyncError,
    Unavailable,
)

_PREFIX = "https://www.googleapis.com/auth/"
FILE, SPREADSHEETS, DRIVE = f"{_PREFIX}drive.file", f"{_PREFIX}spreadsheets", f"{_PREFIX}drive"
SHEETS = frozenset({FILE, SPREADSHEETS, DRIVE})
"""Scopes by which a spreadsheet can be written."""

IDENTITY = ("openid", "email")
"""Who somebody is: the lasting id of the account, and its address."""

ISSUERS = frozenset({"https://accounts.google.com", "accounts.google.com"})
TIMEOUT = (10.0, 20.0)
SKEW = 60
WRONG_TIMES = "in a reasonable timeframe"
"""Of Google's words about an assertion whose iat and exp it does not believe; the error's name is the usual one."""
LONGEST = 200

MINE = frozenset(
    {"invalid_client", "unauthorized_client", "deleted_client", "disabled_client", "redirect_uri_mismatch"}
)
"""Refusals that are about this site's OAuth client, whosever account it is."""

REAUTH = "Reauthentication"
"""How google-auth begins what it says of an invalid_rapt; it keeps Google's own word to itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """This site, as it is registered at Google."""

    id: str
    secret: str = field(repr=False)
    auth_url: str
    token_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What a code was good for: whose account it is, and what may be done with it."""

    subject: str
    email: str
    scopes: frozenset[str]
    refresh_token: str = field(repr=False)


def new_verifier() -> str:
    """A PKCE verifier, of the 43 characters at least that RFC 7636 asks for."""
    return secrets.token_urlsafe(48)


def consent_url(
    client: Client, *, redirect_uri: str, scopes: Iterable[str], state: str, verifier: str, login_hint: str = ""
) -> str:
    """Where to send the browser. Offline, and always asked: else there may be no refresh token.

    Without include_granted_scopes: two tenants that link one Google account would get one another's scopes.
    """
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    query = {
        "client_id": client.id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": " ".join(scopes),
        "state": state,
        "access_type": "offline",
        "prompt": "consent",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **({"login_hint": login_hint} if login_hint else {}),
    }
    return f"{client.auth_url}?{urlencode(query)}"


def exchange(client: Client, *, code: str, verifier: str, redirect_uri: str) -> Granted:
    """Trade the code that a browser brought. Raises LinkRefused, of the kind that it is, and ClientRefused.

    Never repeated: a code is good once, and after a lost reply nobody knows what the second one would find.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "code_verifier": verifier,
        "redirect_uri": redirect_uri,
        "client_id": client.id,
        "client_secret": client.secret,
    }
    try:
        status, reply = _post(client.token_url, form)
    except requests.RequestException as error:
        raise LinkInterrupted(f"Google could not be reached ({type(error).__name__}): start again.") from error
    if status != HTTPStatus.OK:
        raise _code_refused(status, reply)
    subject, email = _identity(client, reply.get("id_token"))
    if not (refresh_token := reply.get("refresh_token")):
        raise NoLastingAccess(
            f"Google gave no lasting access to {email}: remove this site from the account's third-party access "
            "(https://myaccount.google.com/connections), and start again."
        )
    scopes = frozenset(str(reply.get("scope", "")).split())
    return Granted(subject=subject, email=email, scopes=scopes, refresh_token=str(refresh_token))


def revoke(url: str, token: str) -> None:
    """End the grant that this token belongs to: every token of this account for its client. Raises Unavailable.

    A token that is dead already is fine.
    """
    try:
        status, reply = _post(url, {"token": token})
    except requests.RequestException as error:
        raise Unavailable(f"Google could not be reached ({type(error).__name__})") from error
    if status == HTTPStatus.OK or _word(reply) in ("invalid_token", "invalid_grant"):
        return
    raise Unavailable(f"Google did not end the grant: {_words(status, reply)}")


def refusal_of(error: google.auth.exceptions.RefreshError) -> SheetsyncError:
    """What it means that an account got no new access token.

    Only Google's word that the grant is gone makes its owner act. An answer that is none, and a client that Google does
    not know, say nothing about the grant.
    """
    reply = error.args[1] if len(error.args) > 1 else None
    word = _word(reply) if isinstance(reply, Mapping) else ""
    if word in MINE:
        return ClientRefused(f"Google does not accept this site's OAuth client ({word}): see to its id and secret")
    if not word and str(error.args[0]).startswith(REAUTH):
        return GrantRevoked("Google asks this account's owner to sign in again, by its organisation's rules")
    if error.retryable or not word:
        return Unavailable("Google's token endpoint did not answer as it should")  # with a front end's page, say
    if WRONG_TIMES in str(reply):
        # Signed by a clock that is minutes wrong: this machine's fault, and another one may do better.
        return Unavailable("Google refused what this machine signed, for its time: set this machine's clock")
    return GrantRevoked(f"Google refused this account's grant ({error.args[0]}): connect it again")


def _post(url: str, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
    """-> the status and the JSON object of the reply, empty where it is none. Raises what requests raises."""
    response = requests.post(url, data=form, timeout=TIMEOUT, allow_redirects=False)
    try:
        reply = response.json()
    except ValueError:
        reply = None
    return response.status_code, reply if isinstance(reply, dict) else {}


def _code_refused(status: int, reply: Mapping[str, Any]) -> SheetsyncError:
    word = _word(reply)
    if word in MINE:
        return ClientRefused(f"Google does not accept this site's OAuth client ({_words(status, reply)})")
    if not word or status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        return LinkInterrupted(f"Google did not answer as it should ({_words(status, reply)}): start again.")
    return CodeRefused(f"Google did not take the answer that came back ({_words(status, reply)}): start again.")


def _word(reply: Mapping[str, Any]) -> str:
    """OAuth's name of an error; "" where there is none. The API's errors are objects: a front end may answer so too."""
    word = reply.get("error")
    return word if isinstance(word, str) else ""


def _words(status: int, reply: Mapping[str, Any]) -> str:
    said = ": ".join(each for name in ("error", "error_description") if isinstance(each := reply.get(name), str))
    return said[:LONGEST] or f"HTTP {status}"


def _identity(client: Client, id_token: object) -> tuple[str, str]:
    """Subject and e-mail. Raises BadIdToken.

    The signature is not verified: the token came straight from Google's token endpoint, over TLS, and never through a
    browser (OpenID Connect Core 3.1.3.7, number 6).
    """
    try:
        claims = google.auth.jwt.decode(str(id_token), verify=False)
        issuer, audience, expires = claims["iss"], claims["aud"], float(claims["exp"])
        subject, email = claims["sub"], claims["email"]
    except (google.auth.exceptions.GoogleAuthError, ValueError, KeyError, TypeError) as error:
        raise BadIdToken("Google did not say whose account it is: start again.") from error
    if issuer not in ISSUERS or audience != client.id:
        raise BadIdToken("What says whose account it is was not made by Google for this site: start again.")
    if expires < time.time() - SKEW:
        raise BadIdToken("What says whose account it is has expired: see to this server's clock, and start again.")
    if not all(isinstance(each, str) and 0 < len(each) <= LONGEST for each in (subject, email)):
        raise BadIdToken("Google did not say whose account it is: start again.")
    return subject, email
