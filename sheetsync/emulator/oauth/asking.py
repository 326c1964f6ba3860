"""An authorization request, checked: who asks for what, and where the answer goes. All of it is hostile."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sheetsync.emulator.oauth.clients import OAuthClient
from sheetsync.emulator.oauth.ledger import Ledger
from sheetsync.emulator.oauth.refusals import Blocked
from sheetsync.emulator.oauth.scopes import canonical, split, unknown

SINGLE = [
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "access_type",
    "prompt",
    "code_challenge",
    "code_challenge_method",
    "include_granted_scopes",
    "login_hint",
    "nonce",
]
PROMPTS = frozenset({"none", "consent", "select_account"})
METHODS = ("plain", "S256")
#: What RFC 7636 says of a challenge and a verifier.
CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """`named` are the scopes as asked for, `scopes` the same spelled out."""

    client: OAuthClient
    redirect_uri: str
    named: list[str]
    scopes: list[str]
    state: str | None
    offline: bool
    prompt: frozenset[str]
    challenge: str
    method: str
    nonce: str
    include_granted: bool
    hint: str


def parse(ledger: Ledger, query: Sequence[tuple[str, str]]) -> Asking:
    """The checked request. Raises Blocked; the redirect URI is judged before anything could be sent to it."""
    given = _single(query)
    client = _client(ledger, given)
    redirect_uri = _redirect(client, given)
    _check_response_type(given)
    named = _scopes(given)
    challenge, method = _challenge(given)
    return Asking(
        client=client,
        redirect_uri=redirect_uri,
        named=named,
        scopes=canonical(named),
        state=given.get("state"),
        offline=_one_of(given, "access_type", ("online", "offline")) == "offline",
        prompt=_prompt(given),
        challenge=challenge,
        method=method,
        nonce=given.get("nonce", ""),
        include_granted=_one_of(given, "include_granted_scopes", ("false", "true")) == "true",
        hint=given.get("login_hint", ""),
    )


def _single(query: Sequence[tuple[str, str]]) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in query:
        if name in given and name in SINGLE:
            raise Blocked("invalid_request", f"OAuth 2 parameters can only have a single value: {name}")
        given[name] = value
    return {name: value for name, value in given.items() if value}


def _client(ledger: Ledger, given: dict[str, str]) -> OAuthClient:
    if "client_id" not in given:
        raise Blocked("invalid_request", "Missing required parameter: client_id")
    client = ledger.clients.get(given["client_id"])
    if client is None:
        raise Blocked("invalid_client", "The OAuth client was not found.", 401)
    return client


def _redirect(client: OAuthClient, given: dict[str, str]) -> str:
    if "redirect_uri" not in given:
        raise Blocked("invalid_request", "Missing required parameter: redirect_uri")
    if given["redirect_uri"] not in client.redirect_uris:
        raise Blocked(
            "redirect_uri_mismatch",
            f"The redirect URI in the request, {given['redirect_uri']}, does not match the ones authorized for the "
            "OAuth client.",
        )
    return given["redirect_uri"]


def _check_response_type(given: dict[str, str]) -> None:
    if "response_type" not in given:
        raise Blocked("invalid_request", "Required parameter is missing: response_type")
    if given["response_type"] != "code":
        raise Blocked(
            "unsupported_response_type",
            f"This emulator answers response_type=code only, not {given['response_type']}.",
        )
    if "approval_prompt" in given:
        raise Blocked("invalid_request", "This emulator knows prompt=consent, not the older approval_prompt.")


def _scopes(given: dict[str, str]) -> list[str]:
    named = split(given.get("scope", ""))
    if not named:
        raise Blocked("invalid_request", "Missing required parameter: scope")
    wrong = unknown(named)
    if wrong:
        valid = ", ".join(name for name in named if name not in wrong)
        kept = f"valid=[{valid}], " if valid else ""
        raise Blocked("invalid_scope", f"Some requested scopes were invalid. {{{kept}invalid=[{', '.join(wrong)}]}}")
    return named


def _one_of(given: dict[str, str], name: str, known: tuple[str, str]) -> str:
    """One of two words, the first when absent. Python clients write True where others write true."""
    word = given.get(name, known[0])
    word = word.lower() if word.lower() in ("true", "false") else word
    if word not in known:
        raise Blocked("invalid_request", f"Invalid parameter value for {name}: Invalid {name}: {word}")
    return word


def _prompt(given: dict[str, str]) -> frozenset[str]:
    words = frozenset(given.get("prompt", "").split())
    wrong = sorted(words - PROMPTS)
    if wrong:
        raise Blocked("invalid_request", f"Invalid parameter value for prompt: Invalid prompt: {wrong[0]}")
    if "none" in words and len(words) > 1:
        raise Blocked("invalid_request", "Invalid parameter value for prompt: none stands alone.")
    return words


def _challenge(given: dict[str, str]) -> tuple[str, str]:
    challenge, method = given.get("code_challenge", ""), given.get("code_challenge_method", "plain")
    if method not in METHODS:
        raise Blocked("invalid_request", f"Invalid parameter value for code_challenge_method: {method}")
    if "code_challenge_method" in given and not challenge:
        raise Blocked("invalid_request", "Missing required parameter: code_challenge")
    if challenge and not CHALLENGE.match(challenge):
        raise Blocked("invalid_request", f"Invalid parameter value for code_challenge: {challenge}")
    return challenge, method if challenge else ""
