"""Deliveries of webhooks, signed as each platform signs them: apart from how we verify them."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import b64decode, b64encode
from dataclasses import dataclass, field, replace

JSON = "application/json"


@dataclass(frozen=True)
class Hook:
    """One POST."""

    path: str
    body: bytes
    headers: dict = field(default_factory=dict)
    content_type: str = JSON

    def but(self, **changes):
        """With other headers (None takes one away), or another body or path."""
        headers = self.headers | changes.pop("headers", {})
        return replace(self, headers={name: value for name, value in headers.items() if value is not None}, **changes)

    def send(self, client):
        return client.post(self.path, data=self.body, content_type=self.content_type, headers=self.headers)


def encoded(payload):
    return payload if isinstance(payload, bytes) else json.dumps(payload).encode()


def signed(key, text):
    return b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


def shopify(source, payload, secret, *, topic="orders/updated", delivery="w-1", shop="cactus.myshopify.com"):
    body = encoded(payload)
    headers = {
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-Sha256": signed(secret.encode(), body),
        "X-Shopify-Shop-Domain": shop,
        "X-Shopify-API-Version": "2026-10",
        "X-Shopify-Webhook-Id": delivery,
    }
    return Hook(f"/webhooks/{source.public_id}/shopify", body, headers)


def woocommerce(source, payload, secret, *, topic="order.updated", webhook="1", delivery="d-1"):
    body = encoded(payload)
    headers = {
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-Signature": signed(secret.encode(), body),
        "X-WC-Webhook-ID": webhook,
        "X-WC-Webhook-Delivery-ID": delivery,
    }
    return Hook(f"/webhooks/{source.public_id}/woocommerce", body, headers)


def standard(source, payload, secret, *, delivery="msg_1", moment=None):
    body = encoded(payload)
    moment = str(int(time.time()) if moment is None else moment)
    key = b64decode(secret.removeprefix("whsec_"))
    headers = {
        "webhook-id": delivery,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{signed(key, f'{delivery}.{moment}.'.encode() + body)}",
    }
    return Hook(f"/webhooks/{source.public_id}/standard", body, headers)


def hint(source, payload, capability):
    return Hook(f"/webhooks/{source.public_id}/hint/{capability}", encoded(payload))
