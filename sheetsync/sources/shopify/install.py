"""Connecting a shop by OAuth: where its owner is sent, whether the answer is Shopify's, and the first tokens.

    url = install.authorize_url(shop, client_id=…, scopes=install.SCOPES, redirect_uri=…, state=nonce)
    callback = install.verified(request.GET.lists(), [client_secret], now=time.time())
    granted = install.exchange(callback, client_id=…, client_secret=client_secret)

No views, nothing stored: that `callback.state` is a nonce which was given to this very browser, the caller checks.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from sheetsync.errors import Permanent
from sheetsync.outbound import Door, Rules
from sheetsync.sources.shopify.config import LONGEST_SHOP, SHOP, check_shop
from sheetsync.sources.shopify.keys import FORM, TOKEN_PATH, granted

SCOPES = ("read_orders", "read_customers")
ALL_ORDERS = "read_all_orders"
"""The scope for orders older than 60 days; Shopify has to approve it first."""

OLDEST = 86_400
AHEAD = 600
"""Seconds that a callback may be old, and that Shopify's clock may be ahead of ours."""
MOST_PARAMETERS = 30
LONGEST_VALUE = 2_000

_HMAC = re.compile(r"[0-9a-f]{64}", re.ASCII)
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_CODE = re.compile(r"[\x21-\x7e]{1,500}")
_STATE = re.compile(r"[\x21-\x7e]{1,500}")


class InstallRefused(Permanent):
    """An answer to an installation that is not taken; the words are the same for all that a stranger could try."""


@dataclass(frozen=True, slots=True)
class Callback:
    """What Shopify said through the browser, and signed. `state`: what the caller gave on the way there."""

    shop: str
    code: str = field(repr=False)
    state: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Granted:
    """What an installation gives: `credentials` for a source of the kind shopify, and the scopes that go with them."""

    credentials: Mapping[str, Any] = field(repr=False)
    scopes: tuple[str, ...]

    @property
    def all_orders(self) -> bool:
        """Whether the source may be configured with `all_orders`."""
        return ALL_ORDERS in self.scopes


def authorize_url(shop: str, *, client_id: str, scopes: Sequence[str], redirect_uri: str, state: str) -> str:
    """Where to send the shop's owner. Raises BadSource for what is no shop: it would be anybody's page."""
    asked = {"client_id": client_id, "scope": ",".join(scopes), "redirect_uri": redirect_uri, "state": state}
    return f"https://{check_shop(shop)}/admin/oauth/authorize?{urlencode(asked)}"


def verified(parameters: Iterable[tuple[str, Sequence[str]]], secrets: Sequence[str], *, now: float) -> Callback:
    """The callback of these query parameters, each with all of its values, if Shopify signed it just now.

    `secrets`: the client secret, and for a while after a rotation the old one too. Raises InstallRefused.
    """
    given = _single(parameters)
    signature = given.pop("hmac", "")
    given.pop("signature", None)
    message = "&".join(f"{name}={value}" for name, value in sorted(map(_escaped, given.items())))
    if not _HMAC.fullmatch(signature) or not _signed(message, signature, secrets):
        raise _refused()
    timestamp = given.get("timestamp", "")
    if not _TIMESTAMP.fullmatch(timestamp) or not now - OLDEST <= int(timestamp) <= now + AHEAD:
        raise InstallRefused("the answer of Shopify is too old: begin to connect the shop once more")
    shop, code, state = given.get("shop", ""), given.get("code", ""), given.get("state", "")
    if len(shop) > LONGEST_SHOP or not SHOP.fullmatch(shop) or not _CODE.fullmatch(code) or not _STATE.fullmatch(state):
        raise _refused()
    return Callback(shop.lower(), code, state)


def exchange(
    callback: Callback,
    *,
    client_id: str,
    client_secret: str,
    rules: Rules | None = None,
    base_url: str | None = None,
) -> Granted:
    """The first tokens, for the code of a verified callback, which is good once. They expire and can be renewed.

    `base_url`: where the shop really is, for tests alone. Raises ShopDenied, Retryable, BadReply.
    """
    form = {"client_id": client_id, "client_secret": client_secret, "code": callback.code, "expiring": "1"}
    with Door(base_url or f"https://{check_shop(callback.shop)}/", rules=rules, field="shop") as door:
        reply = door.post(TOKEN_PATH, body=urlencode(form).encode(), content_type=FORM)
    tokens = granted(reply, callback.shop, now=time.time())
    scope = reply.json().get("scope")
    scopes = tuple(each for each in scope.split(",") if each) if isinstance(scope, str) else ()
    return Granted({"client_id": client_id, "client_secret": client_secret, **tokens}, scopes)


def _single(parameters: Iterable[tuple[str, Sequence[str]]]) -> dict[str, str]:
    """Each parameter once: of one that stands twice, another reader might take the other value."""
    found: dict[str, str] = {}
    for name, given in parameters:
        if (
            len(given) != 1
            or name in found
            or len(found) == MOST_PARAMETERS
            or len(name) + len(given[0]) > LONGEST_VALUE
        ):
            raise _refused()
        found[name] = given[0]
    return found


def _escaped(pair: tuple[str, str]) -> tuple[str, str]:
    """As Shopify does it before it signs, so that no value can pass for two parameters."""
    name, value = (text.replace("%", "%25").replace("&", "%26") for text in pair)
    return name.replace("=", "%3D"), value


def _signed(message: str, signature: str, secrets: Sequence[str]) -> bool:
    """Every secret is tried, so that the time tells nothing of which one it was."""
    body = message.encode("utf-8", "surrogatepass")
    matched = False
    for secret in filter(None, secrets):
        expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        matched |= hmac.compare_digest(expected, signature)
    return matched


def _refused() -> InstallRefused:
    return InstallRefused("this is no answer of Shopify to an installation: begin to connect the shop once more")
