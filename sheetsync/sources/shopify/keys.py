"""The access token, and a new one where it runs out: once for all processes that find it so at the same time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from functools import partial
from typing import Any
from urllib.parse import urlencode

from sheetsync.conf import settings as conf
from sheetsync.errors import BadReply, ShopDenied
from sheetsync.outbound import Door, Reply
from sheetsync.sources.base import Renewal, Secrets, Surroundings
from sheetsync.sources.shopify.config import ShopifyConfig, ShopifyCredentials, check_credentials, check_shop
from sheetsync.sources.shopify.replies import check_status

TOKEN_PATH = "/admin/oauth/access_token"  # noqa: S105 - a path
FORM = "application/x-www-form-urlencoded"
MARGIN = 300
"""Seconds before its end from which a token is replaced: a page must not be asked for with one that runs out."""
LONGEST_LIFE = 10 * 365 * 86_400

_TOKEN = re.compile(r"[\x21-\x7e]{1,1000}")
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)

Send = Callable[[str, bytes, str], Reply]
"""Sends a body of that type to a path, once."""


class Keys:
    """The credentials in force. `renew` has them replaced: see Surroundings; None where nothing keeps them."""

    def __init__(
        self,
        credentials: ShopifyCredentials | None,
        shop: str,
        send: Send,
        renew: Callable[[Renewal], Secrets] | None,
    ) -> None:
        self._now = check_credentials(credentials)
        self._shop, self._send, self._renew = shop, send, renew

    def token(self) -> str:
        """One that lasts for a while. Raises ShopDenied where there is none to be had, Retryable."""
        known = self._now.access_token
        if known is not None and (not self._now.renewable or not _ends_soon(self._now.expires_at)):
            return known
        return self.renewed()

    def renewed(self) -> str:
        """Another one, for one that ran out or was refused. Raises ShopDenied, Retryable."""
        if not self._now.renewable:
            raise ShopDenied(
                f"{self._shop} does not take the access token any more, and there is no client_id and client_secret "
                "to get another one with: connect the shop again"
            )
        secrets = self._renew(self._renewal) if self._renew else self._renewal(asdict(self._now))
        self._now = _credentials(secrets)
        if self._now.access_token is None:
            raise ShopDenied(f"{self._shop} has no access token: connect the shop again")
        return self._now.access_token

    def _renewal(self, secrets: Secrets) -> Secrets:
        """New credentials for these. A refresh token is good once: this is never sent twice."""
        known = _credentials(secrets)
        if known.refresh_expires_at is not None and known.refresh_expires_at <= time.time():
            raise ShopDenied(f"nobody used {self._shop} for too long, and its access ran out: connect the shop again")
        app = {"client_id": known.client_id or "", "client_secret": _newest(known.client_secret or "")}
        form = dict(app)
        if known.refresh_token:
            form |= {"grant_type": "refresh_token", "refresh_token": known.refresh_token}
        else:
            form |= {"grant_type": "client_credentials"}
        reply = self._send(TOKEN_PATH, urlencode(form).encode(), FORM)
        return {**secrets, **app, **granted(reply, self._shop, now=time.time())}


def unused_until(credentials: ShopifyCredentials | None) -> float | None:
    """When a refresh token ends that nobody used; None for credentials without one."""
    return credentials.refresh_expires_at if credentials and credentials.refresh_token else None


def renew_tokens(config: ShopifyConfig, given: Surroundings, base_url: str | None = None) -> None:
    """Replace the tokens of a shop that nobody reads for now. Raises ShopDenied, Retryable.

    `base_url`: where the shop really is, for tests alone.
    """
    shop = check_shop(config.shop)
    with Door(base_url or f"https://{shop}/", rules=given.rules, field="shop") as door:
        Keys(given.credentials, shop, partial(_posted, door), given.renew).renewed()


def _posted(door: Door, path: str, body: bytes, content_type: str) -> Reply:
    return door.post(path, body=body, content_type=content_type)


def granted(reply: Reply, shop: str, *, now: float) -> dict[str, Any]:
    """The credentials that a token reply holds. Raises ShopDenied, Retryable, BadReply, which tell none of them."""
    if reply.status in (400, 401):
        raise ShopDenied(
            f"{shop} gives no access token for these credentials ({reply.status}): check client_id and client_secret, "
            "and connect the shop again"
        )
    check_status(reply, shop)
    body = reply.checked().json()
    token = body.get("access_token") if isinstance(body, Mapping) else None
    if not _is_token(token):
        raise BadReply(f"{shop} gave a reply without an access token")
    found = {"access_token": token, "expires_at": _end(body.get("expires_in"), now)}
    if _is_token(refresh := body.get("refresh_token")):
        found |= {"refresh_token": refresh, "refresh_expires_at": _end(body.get("refresh_token_expires_in"), now)}
    return found


def _credentials(secrets: Secrets) -> ShopifyCredentials:
    known = {each.name for each in fields(ShopifyCredentials)}
    return check_credentials(ShopifyCredentials(**{name: secrets[name] for name in known if name in secrets}))


def _newest(client_secret: str) -> str:
    """That of this site's own app may be about to be replaced by another one."""
    known = conf.SHOPIFY_CLIENT_SECRET
    return known[0] if client_secret in known else client_secret


def _is_token(value: Any) -> bool:
    return isinstance(value, str) and bool(_TOKEN.fullmatch(value))


def _end(seconds: Any, now: float) -> int | None:
    if isinstance(seconds, str) and _SECONDS.fullmatch(seconds):
        seconds = int(seconds)
    if isinstance(seconds, bool) or not isinstance(seconds, int) or seconds < 0:
        return None
    return int(now) + min(seconds, LONGEST_LIFE)


def _ends_soon(expires_at: int | None) -> bool:
    return expires_at is not None and expires_at - MARGIN <= time.time()
