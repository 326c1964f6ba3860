"""Who somebody is: id_tokens and the keys that verify them, userinfo, tokeninfo, and the list of all endpoints."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, Any

from sheetsync.emulator.oauth.accounts import Person
from sheetsync.emulator.oauth.clients import OAuthClient
from sheetsync.emulator.oauth.errors import scope_insufficient
from sheetsync.emulator.oauth.ledger import AccessToken
from sheetsync.emulator.oauth.refusals import Refusal
from sheetsync.emulator.oauth.scopes import EMAIL, IDENTITY, PROFILE, TEXTS
from sheetsync.emulator.wire import Request, Response, json_response

if TYPE_CHECKING:
    from sheetsync.emulator.oauth.oauth import OAuth

Json = dict[str, Any]
ISSUER = "https://accounts.google.com"
HOST = re.compile(r"[\w.:\[\]-]{1,255}\Z")
#: An id_token lives an hour whatever becomes of its access token.
LIFETIME = 3600


def id_token(oauth: OAuth, client: OAuthClient, access: AccessToken, now: float, nonce: str) -> str:
    """A signed JWT that says who the person is, made for this client."""
    person = oauth.ledger.persons[access.email]
    half = hashlib.sha256(access.value.encode()).digest()[:16]
    claims: Json = {
        "iss": ISSUER,
        "azp": client.client_id,
        "aud": client.client_id,
        **_about(person, access.scopes),
        "at_hash": base64.urlsafe_b64encode(half).decode().rstrip("="),
        "iat": int(now),
        "exp": int(now) + LIFETIME,
    }
    if nonce:
        claims["nonce"] = nonce
    return oauth.signing_key().sign(claims)


def _about(person: Person, scopes: list[str]) -> Json:
    """What these scopes let a client know."""
    about: Json = {"sub": person.sub}
    if EMAIL in scopes:
        about |= {"email": person.email, "email_verified": True}
    if PROFILE in scopes:
        given, _, family = person.name.partition(" ")
        about |= {"name": person.name, "given_name": given}
        about |= {"family_name": family} if family else {}
    return about


def userinfo(oauth: OAuth, request: Request, now: float) -> Response:
    """GET /oauth2/v3/userinfo. Raises Refusal, or ApiError for a token that says nothing of its person."""
    scheme, _, value = request.header("Authorization").partition(" ")
    token = oauth.live(value or request.param("access_token") or "", now)
    if token is None or (value and scheme.lower() != "bearer"):
        raise Refusal("invalid_request", "Invalid Credentials", 401)
    if not set(token.scopes) & IDENTITY:
        raise scope_insufficient("openidconnect.googleapis.com", "google.identity.openidconnect.OpenIdConnect.UserInfo")
    return json_response(200, _about(_owner(oauth, token), token.scopes))


def _owner(oauth: OAuth, token: AccessToken) -> Person:
    return oauth.ledger.persons.get(token.email) or Person(token.email, token.email)


def tokeninfo(oauth: OAuth, request: Request, now: float) -> Response:
    """GET /tokeninfo?access_token=: every value is a text, numbers too (captured). Raises Refusal."""
    value = request.param("access_token")
    if not value:
        raise Refusal("invalid_request", "this emulator's tokeninfo takes access_token, nothing else")
    token = oauth.live(value, now)
    if token is None:
        raise Refusal("invalid_token", "Invalid Value")
    holder = token.client_id or oauth.ledger.services[token.email].sub
    info: Json = {"azp": holder, "aud": holder}
    if set(token.scopes) & IDENTITY:
        info["sub"] = _owner(oauth, token).sub
    info |= {
        "scope": " ".join(token.scopes),
        "exp": str(int(token.expires)),
        "expires_in": str(int(token.expires - now)),
    }
    if EMAIL in token.scopes:
        info |= {"email": token.email, "email_verified": "true"}
    return json_response(200, {**info, "access_type": "offline" if token.offline else "online"})


def certificates(oauth: OAuth, request: Request, now: float) -> Response:
    return json_response(200, oauth.signing_key().certificates)


def key_set(oauth: OAuth, request: Request, now: float) -> Response:
    return json_response(200, oauth.signing_key().key_set())


def configuration(oauth: OAuth, request: Request, now: float) -> Response:
    """/.well-known/openid-configuration, with the endpoints at the address it was asked at."""
    host = request.header("Host")
    base = f"http://{host}" if HOST.match(host) else ""
    document = {
        "issuer": ISSUER,
        "authorization_endpoint": f"{base}/o/oauth2/v2/auth",
        "token_endpoint": f"{base}/token",
        "userinfo_endpoint": f"{base}/v1/userinfo",
        "revocation_endpoint": f"{base}/revoke",
        "jwks_uri": f"{base}/oauth2/v3/certs",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile", *(scope for scope in TEXTS if scope not in IDENTITY)],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "grant_types_supported": [
            "authorization_code",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
        ],
    }
    return json_response(200, document)
