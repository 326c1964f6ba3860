"""The token endpoint for service accounts: verifies signed assertions, issues short-lived bearer tokens."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import crypt, exceptions
from google.auth import jwt as google_jwt

from .ids import Ids
from .wire import Request, Response, json_response

Json = dict[str, Any]
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE = "https://www.googleapis.com/auth/spreadsheets"
LIFETIME = 3599
SKEW = 300
EMAIL = "robot@sheets-emulator.iam.gserviceaccount.com"
ACCOUNT_FILE = "service-account.json"
BAD_TIMES = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
    "Check your iat and exp values in the JWT claim."
)


@dataclass(frozen=True, slots=True)
class Token:
    user: str
    expires: float


class Accounts:
    """The emulator's one service account and the tokens it gave out; `revoked` ends all grants and tokens."""

    def __init__(self, key_file: Path | None = None) -> None:
        self.tokens: dict[str, Token] = {}
        self.revoked = False
        self._private = _load_key(key_file) if key_file and key_file.exists() else _new_key()

    def account(self, url: str) -> Json:
        """The service-account file for google-auth, with the token endpoint of this emulator."""
        return {
            "type": "service_account",
            "project_id": "sheets-emulator",
            "private_key_id": "emulator",
            "private_key": self._private,
            "client_email": EMAIL,
            "client_id": "1",
            "token_uri": f"{url}/token",
        }

    def write_account(self, path: Path, url: str) -> Path:
        """Write that file, readable by its owner only."""
        path.touch(mode=0o600)
        path.write_text(json.dumps(self.account(url), indent=2) + "\n")
        return path

    def user_of(self, token: str, now: float) -> str | None:
        """The account behind a token issued here and still good."""
        found = self.tokens.get(token)
        return found.user if found is not None and now < found.expires and not self.revoked else None

    def issue(self, token: str, now: float) -> None:
        """Make a token good for the usual lifetime."""
        self.tokens[token] = Token(EMAIL, now + LIFETIME)

    def answer(self, request: Request, now: float, seed: str) -> Response:
        """POST /token. Errors are OAuth's shape: {"error", "error_description"}."""
        form = {name: parts[0] for name, parts in parse_qs(request.body.decode("utf-8", "replace")).items()}
        if form.get("grant_type") not in (GRANT, "refresh_token"):
            return _refusal("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")
        if self.revoked:
            return _refusal("invalid_grant", "Token has been expired or revoked.")
        if form["grant_type"] == "refresh_token":
            return self._refresh(form, now, seed)
        try:
            claims = google_jwt.decode(form.get("assertion", ""), verify=False)
        except (exceptions.GoogleAuthError, ValueError):
            return _refusal("invalid_grant", "Bad Request")
        return self._judge(form["assertion"], dict(claims), now, seed)

    def _refresh(self, form: dict[str, str], now: float, seed: str) -> Response:
        """A refresh token of any client is good until `revoked`; the reply brings no new one (recorded)."""
        if not form.get("client_id") or not form.get("client_secret"):
            return _refusal("invalid_client", "Unauthorized", status=401)
        if not form.get("refresh_token"):
            return _refusal("invalid_request", "Missing required parameter: refresh_token")
        return self._token(now, seed, scope=form.get("scope", SCOPE))

    def _judge(self, assertion: str, claims: Json, now: float, seed: str) -> Response:
        if claims.get("iss") != EMAIL:
            return _refusal("invalid_grant", "Invalid grant: account not found")
        if not _signed(assertion, self._private):
            return _refusal("invalid_grant", "Invalid JWT Signature.")
        if not str(claims.get("aud", "")).endswith("/token"):
            return _refusal("invalid_grant", "Invalid JWT: Failed audience check.")
        issued, expires = float(claims.get("iat", 0)), float(claims.get("exp", 0))
        if issued > now + SKEW or expires < now - SKEW or not 0 < expires - issued <= 3600:
            return _refusal("invalid_grant", BAD_TIMES)
        return self._token(now, seed)

    def _token(self, now: float, seed: str, **more: str) -> Response:
        token = Ids(seed).token()
        self.issue(token, now)
        reply = {"access_token": token, "expires_in": LIFETIME, **more, "token_type": "Bearer"}
        return json_response(200, reply)


def _signed(assertion: str, private: str) -> bool:
    """Is the RS256 signature made with our key?"""
    key = serialization.load_pem_private_key(private.encode(), None)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    head, _, signature = assertion.rpartition(".")
    header = google_jwt.decode_header(assertion)
    if header.get("alg") != "RS256":
        return False
    verifier = crypt.RSAVerifier.from_string(public)
    return bool(verifier.verify(head.encode(), base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))))


def _refusal(error: str, description: str, status: int = 400) -> Response:
    return json_response(status, {"error": error, "error_description": description})


def _new_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode()


def _load_key(path: Path) -> str:
    return str(json.loads(path.read_text())["private_key"])
