"""Standard Webhooks 1.0.0: id, time and body are signed together, perhaps by several secrets.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from sheetsync.models.webhook_secrets import Platform as Name
from sheetsync.models.webhook_secrets import standard_key
from sheetsync.webhooks.naming import named_order
from sheetsync.webhooks.platform import Delivery, Platform, id_in, member, same, signature_of

TOLERANCE = 300
"""Seconds, both ways: as the reference implementation has it."""
MOST_SIGNATURES = 16

_TIME = re.compile(r"[0-9]{1,12}")


def _is_genuine(delivery: Delivery, secrets: Sequence[str]) -> bool:
    identity, moment = delivery.word("webhook-id"), delivery.header("webhook-timestamp")
    signed = f"{identity}.{moment}.".encode(errors="replace") + delivery.body
    given = [each for each in delivery.header("webhook-signature").split(" ") if each.startswith("v1,")]
    ours = [b"v1," + signature_of(standard_key(secret), signed) for secret in secrets]
    known = any(same(mine, theirs) for mine in ours for theirs in given[:MOST_SIGNATURES])
    return known and bool(identity) and _is_recent(moment)


def _is_recent(moment: str) -> bool:
    return _TIME.fullmatch(moment) is not None and abs(time.time() - int(moment)) <= TOLERANCE


def _topic(delivery: Delivery) -> str:
    topic = id_in(member(delivery.payload, "type"))
    return topic[:100] if topic and topic.isascii() else ""


STANDARD = Platform(
    name=Name.STANDARD,
    decoy="whsec_" + "bm9ib2R5LWhhcy10aGlzLW9uZS1hdC1hbGwtZXZlci0=",
    is_genuine=_is_genuine,
    key=lambda delivery: f"standard:{delivery.word('webhook-id')}",
    topic=_topic,
    order_id=named_order,
)
