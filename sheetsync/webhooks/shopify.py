"""Shopify: signed with the client secret of the app. After a rotation the old one may sign for up to an hour.

https://shopify.dev/docs/apps/build/webhooks/subscribe/https#step-2-validate-the-origin-of-your-webhook-to-ensure-its-coming-from-shopify
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sheetsync.conf import settings as conf
from sheetsync.models import Source
from sheetsync.models.privacy import WHOLE_SHOP, Demand, PrivacyKind
from sheetsync.models.webhook_secrets import Platform as Name
from sheetsync.webhooks.platform import Delivery, Platform, composed, member, number_in, same, signature_of, time_in

_GID = "gid://shopify/Order/"
_POINTERS = {"refunds/create": "order_id", "orders/edited": "order_edit.order_id"}
"""Topics whose body is no order, and where it says which one they are about."""
_DEMANDS = {
    "customers/redact": (PrivacyKind.FORGET_CUSTOMER, "orders_to_redact"),
    "customers/data_request": (PrivacyKind.TELL_CUSTOMER, "orders_requested"),
    "shop/redact": (PrivacyKind.FORGET_SHOP, ""),
    "app/uninstalled": (PrivacyKind.UNINSTALLED, ""),
}
"""What each means, and where it names orders."""


def _secrets(source: Source) -> Sequence[str]:
    """A client secret among the credentials of an installed app signs its webhooks too.

    While that of this site's own app is being rotated, the old and the new one do. That the source has one of them is
    what shows that it is of this app: its client id is no secret.
    """
    installed = source.secrets().get("client_secret")
    kept = (installed,) if isinstance(installed, str) and installed else ()
    both = conf.SHOPIFY_CLIENT_SECRET if installed in conf.SHOPIFY_CLIENT_SECRET else kept
    return (*source.webhook_secrets(Name.SHOPIFY), *both)


def _is_genuine(delivery: Delivery, secrets: Sequence[str]) -> bool:
    given = delivery.header("X-Shopify-Hmac-Sha256")
    return any(same(signature_of(secret.encode(), delivery.body), given) for secret in secrets)


def _belongs(delivery: Delivery, source: Source) -> bool:
    """One app has one secret for all the shops that installed it."""
    shop = source.config.get("shop") if source.kind == "shopify" and isinstance(source.config, dict) else None
    return not isinstance(shop, str) or delivery.header("X-Shopify-Shop-Domain").lower() == shop.lower()


def _key(delivery: Delivery) -> str:
    given = delivery.word("X-Shopify-Webhook-Id")
    return f"shopify:{given}" if given else f"shopify:{composed(_topic(delivery), delivery.digest)}"


def _topic(delivery: Delivery) -> str:
    return delivery.word("X-Shopify-Topic")


def _order_id(delivery: Delivery) -> str | None:
    topic, payload = _topic(delivery), delivery.payload
    if topic in _POINTERS:
        return number_in(member(payload, _POINTERS[topic]))
    if topic.startswith("returns/"):
        payload = member(payload, "order")
    elif not topic.startswith("orders/"):
        return None
    # The gid is text on its whole way here; a number may have gone through something that reads numbers as floats.
    return _of_gid(member(payload, "admin_graphql_api_id")) or number_in(member(payload, "id"))


def _changed_at(delivery: Delivery) -> datetime | None:
    whole = _topic(delivery).startswith("orders/")
    return time_in(member(delivery.payload, "updated_at")) if whole else None


def _was_before(delivery: Delivery, source: Source) -> bool:
    """Sent again for hours, word that the app was uninstalled may come when it is there again, with new keys."""
    sent = time_in(delivery.header("X-Shopify-Triggered-At"))
    return sent is not None and source.connected_at is not None and sent < source.connected_at


def _of_gid(value: object) -> str | None:
    return number_in(value.removeprefix(_GID)) if isinstance(value, str) and value.startswith(_GID) else None


def demand_of(delivery: Delivery, source: Source) -> Demand | None:
    """What Shopify demands for the sake of people's privacy; None for all else, and for what makes no sense.

    The whole shop is only that of a source which reads it by its keys. Of the customer it takes ids and nothing else.
    https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance
    """
    kind, place = _DEMANDS.get(_topic(delivery), (None, ""))
    if kind == PrivacyKind.UNINSTALLED and _was_before(delivery, source):
        return None
    if kind is None or (kind in WHOLE_SHOP and source.kind != "shopify"):
        return None
    named = member(delivery.payload, place) if place else []
    if not isinstance(delivery.payload, dict) or not isinstance(named, list):
        return None
    found = (_of_gid(each) or number_in(each) for each in named)
    return Demand(
        kind=kind,
        order_ids=tuple(dict.fromkeys(filter(None, found))),
        customer_id=number_in(member(delivery.payload, "customer.id")) or "",
        reference=number_in(member(delivery.payload, "data_request.id")) or "",
    )


SHOPIFY = Platform(
    name=Name.SHOPIFY,
    decoy="shpss_nobody-has-this-one",
    is_genuine=_is_genuine,
    belongs=_belongs,
    secrets=_secrets,
    key=_key,
    topic=_topic,
    order_id=_order_id,
    changed_at=_changed_at,
)
