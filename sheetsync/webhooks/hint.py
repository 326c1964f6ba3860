"""Hints without a signature, as pretix sends them: their address holds what only the shop was told."""

from __future__ import annotations

from collections.abc import Sequence

from sheetsync.models import shown_once
from sheetsync.models.webhook_secrets import HINT_PREFIX
from sheetsync.models.webhook_secrets import Platform as Name
from sheetsync.webhooks.naming import named_order
from sheetsync.webhooks.platform import Delivery, Platform, id_in, member, same


def _is_genuine(delivery: Delivery, secrets: Sequence[str]) -> bool:
    """Of what was shown once, digests are kept."""
    given = shown_once.digest_of(delivery.capability[:200].encode(errors="replace").decode())
    return any(same(secret.encode(), given) for secret in secrets)


def _topic(delivery: Delivery) -> str:
    topic = id_in(member(delivery.payload, "action")) or id_in(member(delivery.payload, "type"))
    return topic[:100] if topic and topic.isascii() else ""


HINT = Platform(
    name=Name.HINT,
    decoy=shown_once.digest_of(HINT_PREFIX),
    is_genuine=_is_genuine,
    key=lambda delivery: f"hint:{delivery.digest}",
    topic=_topic,
    order_id=named_order,
    # Nothing tells a hint that is repeated from a second change of the same order.
    repeatable=True,
)
