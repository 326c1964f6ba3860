"""Webhooks to tenants, by Standard Webhooks 1.0.0, through the door that guards all addresses tenants choose.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import hmac
import json
import logging
import time
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from http import HTTPStatus

from sheetsync.alerts.limits import within
from sheetsync.errors import CallRefused, CannotDecrypt, SheetsyncError
from sheetsync.models import AlertEndpoint, AlertMessage
from sheetsync.models.alert_message import LEASE, moment, new_id
from sheetsync.models.audit import SYSTEM, record
from sheetsync.models.fields import atomic, database_time
from sheetsync.models.webhook_secrets import standard_key
from sheetsync.outbound import Door, Rules
from sheetsync.outbound.reply import Reply

log = logging.getLogger(__name__)

AT_ONCE = 8
SECONDS = 15.0
"""For one call, whatever the other side does; well below the lease of its message."""
MAX_BYTES = 65_536
"""Of an answer, which nobody reads."""


def signed(secrets: Sequence[str], identity: str, at: int, body: bytes) -> dict[str, str]:
    """The headers of the specification: every secret signs, so a receiver may know the old one or the new one."""
    content = f"{identity}.{at}.".encode() + body
    marks = [b64encode(hmac.digest(standard_key(secret), content, "sha256")).decode() for secret in secrets]
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{mark}" for mark in marks),
    }


def send(url: str, secrets: Sequence[str], identity: str, body: bytes, rules: Rules | None = None) -> Reply:
    """One attempt. -> the reply, whatever its status. Raises AddressRefused, Unavailable, BadReply."""
    rules = rules or _rules()
    with Door(url, rules=rules) as door:
        return door.post(body=body, headers=signed(secrets, identity, int(time.time()), body))


def _rules() -> Rules:
    found = Rules.in_force()
    return replace(
        found,
        seconds=min(found.seconds, SECONDS),
        connect_seconds=min(found.connect_seconds, SECONDS),
        max_bytes=min(found.max_bytes, MAX_BYTES),
    )


def try_out(endpoint: AlertEndpoint) -> int:
    """Send a message that says it is a test, now. -> the answer's status. Raises SheetsyncError with the reason."""
    happened = moment(database_time(AlertEndpoint))
    body = json.dumps({"type": "endpoint.test", "timestamp": happened, "data": {"endpoint": endpoint.pk}})
    try:
        reply = send(endpoint.url, endpoint.signing(), new_id(), body.encode()).checked()
    except SheetsyncError as error:
        endpoint.fails(str(error))
        raise
    endpoint.works()
    return reply.status


def deliver() -> int:
    """Send some of what is due, all at once. -> how many messages that was, taken by their receivers or not"""
    taken = AlertMessage.objects.claim_webhooks(AT_ONCE)
    if not taken:
        return 0
    sent = [_job(message, _rules()) for message in taken]
    results = within(min(SECONDS * 2, LEASE.total_seconds() / 2), sent, "sheetsync-alert-webhook")
    for message, wrong in zip(taken, results, strict=True):
        _note(message, wrong)
    return len(taken)


def _job(message: AlertMessage, rules: Rules) -> partial[str]:
    """What needs the database is asked for here, not in the thread."""
    endpoint = message.endpoint
    assert endpoint is not None  # noqa: S101 - by the constraint of its table
    try:
        secrets = endpoint.signing()
    except CannotDecrypt as error:
        return partial(str, error)
    return partial(_attempt, endpoint.url, secrets, message.public_id, message.body.encode(), rules)


def _attempt(url: str, secrets: Sequence[str], identity: str, body: bytes, rules: Rules) -> str:
    try:
        reply = send(url, secrets, identity, body, rules)
        if reply.status == HTTPStatus.GONE:
            return GONE
        reply.checked()
    except CallRefused as error:
        return f"{error} (nothing was sent)"
    except SheetsyncError as error:
        return str(error)
    return ""


GONE = "it answered 410 Gone: nothing is sent there any more, until somebody switches it on again"


def _note(message: AlertMessage, wrong: str) -> None:
    """What came of it, on the message and on its endpoint."""
    endpoint = message.endpoint
    assert endpoint is not None  # noqa: S101 - by the constraint of its table
    if not wrong:
        AlertMessage.objects.delivered([message])
        endpoint.works()
        return
    extra = {"action": "webhook_not_sent", "alert": message.alert_id, "endpoint": endpoint.pk}
    log.warning("message %s to %s was not taken: %s", message.public_id, endpoint, wrong, extra=extra)
    if wrong != GONE:
        AlertMessage.objects.failed([message], wrong)
        endpoint.fails(wrong)
        return
    with atomic(AlertEndpoint):
        if not endpoint.fails(wrong, gone=True):
            AlertMessage.objects.failed([message], wrong)  # it has another address by now
            return
        record("alert_endpoint.switched_off", endpoint, also={"enabled": (True, False)}, actor=SYSTEM)
        waiting = AlertMessage.objects.pending().filter(endpoint=endpoint)
        AlertMessage.objects.failed([message], wrong, over=True)
        AlertMessage.objects.failed(list(waiting), "its endpoint was switched off", over=True)
