"""The token endpoint: a code, a refresh token or a signed assertion becomes an access token; and revoke."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote_plus

from google.auth import exceptions
from google.auth import jwt as google_jwt

from sheetsync.emulator.oauth import identity
from sheetsync.emulator.oauth.accounts import EMAIL, ServiceAccount
from sheetsync.emulator.oauth.clients import OAuthClient
from sheetsync.emulator.oauth.ledger import LIFETIME, AccessToken, Code, RefreshToken
from sheetsync.emulator.oauth.refusals import Refusal, bad_grant, missing, revoked
from sheetsync.emulator.oauth.scopes import OPENID, SHEETS, canonical, split, unknown
from sheetsync.emulator.wire import Request, Response, json_response

if TYPE_CHECKING:
    from sheetsync.emulator.oauth.oauth import OAuth

Json = dict[str, Any]
Form = dict[str, str]
ASSERTION = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SKEW = 300
BAD_TIMES = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
    "Check your iat and exp values in the JWT claim."
)
NO_DELEGATION = (
    "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the "
    "scopes requested."
)


def answer(oauth: OAuth, request: Request, now: float) -> Response:
    """POST /token. Raises Refusal."""
    form = _form(request)
    grants = {"authorization_code": _from_code, "refresh_token": _from_refresh, ASSERTION: _from_assertion}
    act = grants.get(form.get("grant_type", ""))
    if act is None:
        raise Refusal("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")
    if oauth.revoked:
        raise revoked()
    reply = act(oauth, form, request, now)
    oauth.save()
    return json_response(200, reply, {"Cache-Control": "no-store"})


def _form(request: Request) -> Form:
    return {name: parts[0] for name, parts in parse_qs(request.body.decode("utf-8", "replace")).items()}


# -- who the client is


def _named(form: Form, request: Request) -> tuple[str, str]:
    """Client id and secret, from a Basic header or from the form; "" for what is not there."""
    scheme, _, coded = request.header("Authorization").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        name, colon, secret = base64.b64decode(coded, validate=True).decode().partition(":")
    except ValueError:
        colon = ""
    if not colon:
        raise Refusal("invalid_request", "Bad Request")
    return unquote_plus(name), unquote_plus(secret)


def _client(oauth: OAuth, form: Form, request: Request) -> OAuthClient:
    name, secret = _named(form, request)
    if not name:
        raise Refusal("invalid_request", "Could not determine client ID from request.")
    if not secret:
        raise Refusal("invalid_request", "client_secret is missing.")
    client = oauth.ledger.clients.get(name)
    if client is None:
        raise Refusal("invalid_client", "The OAuth client was not found.", 401)
    if not hmac.compare_digest(secret.encode(), client.client_secret.encode()):
        raise Refusal("invalid_client", "Unauthorized", 401)
    return client


# -- the authorization code


def _from_code(oauth: OAuth, form: Form, request: Request, now: float) -> Json:
    """A code is good once. A second use is refused; what came of the first stays good, for nobody has shown that
    Google takes it back."""
    client = _client(oauth, form, request)
    for name in ("code", "redirect_uri"):
        if not form.get(name):
            raise missing(name)
    if not form["code"].startswith("4/"):
        raise bad_grant("Malformed auth code.")
    code = oauth.ledger.codes.get(form["code"])
    if code is None or code.client_id != client.client_id or now >= code.expires:
        raise bad_grant()
    if form["redirect_uri"] != code.redirect_uri:
        raise Refusal("redirect_uri_mismatch", "Bad Request")
    _verify(code, form.get("code_verifier", ""))
    del oauth.ledger.codes[code.value]
    access = oauth.ledger.issue_access(
        code.email, client.client_id, client.project, code.scopes, now, offline=code.offline
    )
    renewal = oauth.ledger.issue_refresh(code.email, client, code.scopes, now) if code.renewable else None
    return _reply(oauth, client, access, now, renewal=renewal, nonce=code.nonce, first=True)


def _verify(code: Code, verifier: str) -> None:
    """PKCE: who redeems the code must know what its challenge was made of."""
    if not code.challenge:
        if verifier:
            raise bad_grant("code_verifier or verifier is not needed.")
        return
    if not verifier:
        raise bad_grant("Missing code verifier.")
    made = verifier
    if code.method == "S256":
        made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    if not hmac.compare_digest(made.encode(), code.challenge.encode()):
        raise bad_grant("Invalid code verifier.")


# -- the refresh token


def _from_refresh(oauth: OAuth, form: Form, request: Request, now: float) -> Json:
    """The reply brings no new refresh token (recorded); a narrower scope may be asked for, a wider one not."""
    stranger = _stranger(oauth, form, request, now)
    if stranger is not None:
        return stranger
    client = _client(oauth, form, request)
    if not form.get("refresh_token"):
        raise missing("refresh_token")
    token = oauth.ledger.live_refresh(form["refresh_token"], now)
    if token is None and oauth.ledger.remembered(form["refresh_token"], now):
        raise revoked()
    if token is None or token.client_id != client.client_id:
        raise bad_grant()
    scopes = canonical(split(form.get("scope", ""))) or token.scopes
    if not set(scopes) <= set(token.scopes):
        raise Refusal("invalid_scope", "Bad Request")
    token.used = now
    access = oauth.ledger.issue_access(token.email, client.client_id, client.project, scopes, now, offline=True)
    return _reply(oauth, client, access, now, renewal=token)


def _stranger(oauth: OAuth, form: Form, request: Request, now: float) -> Json | None:
    """Without strict_auth a client that was never registered here gets the robot's tokens for any refresh token."""
    name, secret = _named(form, request)
    if oauth.strict or name in oauth.ledger.clients:
        return None
    if not name or not secret:
        raise Refusal("invalid_client", "Unauthorized", status=401)
    if not form.get("refresh_token"):
        raise missing("refresh_token")
    robot = oauth.ledger.services[EMAIL]
    scope = form.get("scope", SHEETS)
    access = oauth.ledger.issue_access(robot.email, "", robot.project, split(scope), now)
    return {"access_token": access.value, "expires_in": LIFETIME, "scope": scope, "token_type": "Bearer"}


def _reply(
    oauth: OAuth,
    client: OAuthClient,
    access: AccessToken,
    now: float,
    *,
    renewal: RefreshToken | None,
    nonce: str = "",
    first: bool = False,
) -> Json:
    reply: Json = {"access_token": access.value, "expires_in": LIFETIME}
    if renewal is not None and first:
        reply["refresh_token"] = renewal.value
    reply |= {"scope": " ".join(access.scopes), "token_type": "Bearer"}
    if OPENID in access.scopes:
        reply["id_token"] = identity.id_token(oauth, client, access, now, nonce)
    if renewal is not None and renewal.ends is not None:
        # 604799 on the exchange (captured); what is left of it on a refresh (assumed).
        reply["refresh_token_expires_in"] = max(0, int(renewal.ends - now) - 1)
    return reply


# -- the service account


def _from_assertion(oauth: OAuth, form: Form, request: Request, now: float) -> Json:
    """A service account's reply names no scope (recorded)."""
    assertion = form.get("assertion", "")
    try:
        claims = dict(google_jwt.decode(assertion, verify=False))
        account = oauth.ledger.services.get(str(claims.get("iss", "")))
        if account is None:
            raise bad_grant("Invalid grant: account not found")
        if not account.signed(assertion):
            raise bad_grant("Invalid JWT Signature.")
        _judge(account, claims, now)
    except (exceptions.GoogleAuthError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise bad_grant() from error
    scopes = split(str(claims.get("scope", "")))
    if not scopes or unknown(scopes):
        raise Refusal("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
    access = oauth.ledger.issue_access(account.email, "", account.project, canonical(scopes), now)
    return {"access_token": access.value, "expires_in": LIFETIME, "token_type": "Bearer"}


def _judge(account: ServiceAccount, claims: Json, now: float) -> None:
    if not str(claims.get("aud", "")).endswith("/token"):
        raise bad_grant("Invalid JWT: Failed audience check.")
    issued, expires = float(claims.get("iat", 0)), float(claims.get("exp", 0))
    if issued > now + SKEW or expires < now - SKEW or not 0 < expires - issued <= 3600:
        raise bad_grant(BAD_TIMES)
    if claims.get("sub") not in (None, account.email):
        raise Refusal("unauthorized_client", NO_DELEGATION, 401)


# -- revoke


def revoke(oauth: OAuth, request: Request, now: float) -> Response:
    """POST /revoke: ends the grant that the token, of either kind, belongs to. Raises Refusal."""
    value = _form(request).get("token") or request.param("token") or ""
    if not value:
        raise missing("token")
    found = oauth.ledger.live_refresh(value, now) or oauth.ledger.live_access(value, now)
    if found is None or oauth.revoked:
        raise Refusal("invalid_token", "Token expired or revoked")
    if not found.client_id:
        raise Refusal("invalid_request", "Token is not revocable.")
    oauth.ledger.revoke(found.email, found.client_id, now)
    oauth.save()
    return json_response(200, {})
