"""Shopify, by OAuth with this site's own app: the way to the shop's page, and what comes back from it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from django.views.decorators.debug import sensitive_variables

from sheetsync.conf import base_url
from sheetsync.conf import settings as conf
from sheetsync.errors import BadSource, ClientRefused, ConsentDenied
from sheetsync.installing.storing import Begun, Connected, ShopRefused, WrongShop, answered, check_name, connect
from sheetsync.models import InstallState, Tenant
from sheetsync.outbound import Rules
from sheetsync.sources.shopify import install
from sheetsync.sources.shopify.config import check_shop

KIND = InstallState.Kind.SHOPIFY


def begin_shopify(tenant: Tenant, *, shop: str, name: str, redirect_uri: str) -> Begun:
    """Begin to connect a shop, as a source of this name, or to connect that source again.

    Raises ClientRefused where this site has no app at Shopify, ShopRefused naming the field.
    """
    client_id, _ = _app()
    try:
        shop = check_shop(shop)
    except BadSource as error:
        raise ShopRefused(str(error), field="shop") from None
    check_name(tenant, KIND, shop, name)
    _check_redirect(redirect_uri)
    attempt, state = InstallState.objects.begin(tenant, kind=KIND, shop=shop, name=name)
    url = install.authorize_url(
        shop, client_id=client_id, scopes=install.SCOPES, redirect_uri=redirect_uri, state=state
    )
    return Begun(url=url, state=state, attempt=attempt)


@sensitive_variables()
def finish_shopify(
    parameters: Iterable[tuple[str, Sequence[str]]], *, rules: Rules | None = None, base_url: str | None = None
) -> Connected:
    """Take what the browser brought back from Shopify; good once, whatever comes of it.

    1. See that Shopify signed it, lately: what it did not sign uses nothing up.
    2. Take the attempt that the state belongs to: of many callers one gets it.
    3. See that it is the shop which was to be connected, trade the code for tokens, seal them in the source.

    `rules`, `base_url`: where the shop really is, for tests alone. Raises LinkRefused, ClientRefused, InstallRefused,
    ShopDenied, Retryable, BadReply.
    """
    client_id, client_secrets = _app()
    given = list(parameters)
    if denied := _denial(given):
        return _deny(denied)
    callback = install.verified(given, client_secrets, now=time.time())
    attempt = InstallState.objects.consume(KIND, callback.state)
    with answered(attempt):
        if callback.shop != attempt.shop:
            raise WrongShop(f"{callback.shop} answered, but {attempt.shop} is to be connected: start again.")
        granted = install.exchange(
            callback, client_id=client_id, client_secret=client_secrets[0], rules=rules, base_url=base_url
        )
        return connect(attempt, granted.credentials, {"all_orders": True} if granted.all_orders else None)


def _denial(parameters: Iterable[tuple[str, Sequence[str]]]) -> str:
    """The state of an answer that brings an error and no code, as OAuth has it. Empty for any other."""
    found = {name: values[-1] for name, values in parameters if values}
    return found.get("state", "") if found.get("error") and "code" not in found else ""


def _deny(state: str) -> Connected:
    attempt = InstallState.objects.consume(KIND, state)
    with answered(attempt):
        raise ConsentDenied("Access was not allowed on the shop's page, so nothing was connected.")


def _check_redirect(redirect_uri: str) -> None:
    try:
        base_url(redirect_uri)
    except ValueError as error:
        raise ClientRefused(
            f"Shopify sends nobody back to {redirect_uri[:200]!r}: an operator has to see to it that this site is "
            "called by an https address, and knows it."
        ) from error


def _app() -> tuple[str, tuple[str, ...]]:
    if conf.SHOPIFY_CLIENT_ID is None or not conf.SHOPIFY_CLIENT_SECRET:
        raise ClientRefused(
            "Shops at Shopify cannot be connected by one click here yet: an operator has to set "
            'SHEETSYNC["SHOPIFY_CLIENT_ID"] and SHEETSYNC["SHOPIFY_CLIENT_SECRET"]. Until then, make an app of your '
            "own and enter its client_id and client_secret as the credentials of a source."
        )
    return conf.SHOPIFY_CLIENT_ID, conf.SHOPIFY_CLIENT_SECRET
