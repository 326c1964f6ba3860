"""WooCommerce (class-wc-webhook.php): signed with a secret of the webhook's own; nothing is ever sent twice."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from datetime import UTC

from sheetsync.models.webhook_secrets import Platform as Name
from sheetsync.webhooks.platform import Delivery, Platform, composed, member, number_in, same, signature_of, time_in

_ENCODED = re.compile(r"&(?:amp|lt|gt|quot|#0*(?:34|38|39|60|62)|#x0*(?:22|26|27|3c|3e));", re.IGNORECASE)
_PING = re.compile(rb"webhook_id=[0-9]{1,20}")


def _is_genuine(delivery: Delivery, secrets: Sequence[str]) -> bool:
    given = delivery.header("X-WC-Webhook-Signature")
    return any(same(signature_of(_decoded(secret).encode(), delivery.body), given) for secret in secrets)


def _decoded(secret: str) -> str:
    """What signs: WordPress takes the secret for HTML (wp_specialchars_decode with ENT_QUOTES), once."""
    return _ENCODED.sub(lambda found: html.unescape(found[0]), secret)


def _key(delivery: Delivery) -> str:
    """The delivery id is no key: it is made of the webhook and the second, and eight orders were seen to share one.

    It is part of the key all the same. An order that is deleted, restored and deleted again is reported with the same
    body, which holds no more than its id.
    """
    names = ("X-WC-Webhook-ID", "X-WC-Webhook-Topic", "X-WC-Webhook-Delivery-ID")
    return f"woocommerce:{composed(*(delivery.header(name) for name in names), delivery.digest)}"


def _topic(delivery: Delivery) -> str:
    return delivery.word("X-WC-Webhook-Topic")


def _order_id(delivery: Delivery) -> str | None:
    return number_in(member(delivery.payload, "id")) if _topic(delivery).startswith("order.") else None


def _is_ping(delivery: Delivery) -> bool:
    """Sent when a webhook is saved. Anything but exactly 200 shows its owner an error."""
    return not delivery.header("X-WC-Webhook-Signature") and _PING.fullmatch(delivery.body) is not None


WOOCOMMERCE = Platform(
    name=Name.WOOCOMMERCE,
    decoy="nobody-has-this-one",
    is_genuine=_is_genuine,
    key=_key,
    topic=_topic,
    order_id=_order_id,
    changed_at=lambda delivery: time_in(member(delivery.payload, "date_modified_gmt"), UTC),
    is_ping=_is_ping,
)
