"""What Shopify sends about all shops of an app to one address: the sources are found by the shop and the signature."""

from __future__ import annotations

import logging

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from sheetsync.conf import settings as conf
from sheetsync.errors import CannotDecrypt
from sheetsync.models import Source
from sheetsync.models.source import unnoted
from sheetsync.webhooks import receive
from sheetsync.webhooks.platform import Delivery
from sheetsync.webhooks.shopify import SHOPIFY
from sheetsync.webhooks.storing import Stored, store

log = logging.getLogger(__name__)

NOT_NOW = (OperationalError, InterfaceError, CannotDecrypt)


@csrf_exempt
@never_cache
@transaction.non_atomic_requests
@sensitive_variables()
def compliance(request: HttpRequest) -> HttpResponse:
    """As `receive.receive`, for each source of the shop that the delivery is genuine for.

    Several tenants may have connected the same shop. Each gets all of it in a transaction of its own; where one cannot
    now, the answer asks to send it again, and the others know it by then.
    """
    if request.method != "POST":
        return receive.refused(405, "Webhooks are posted.", {"Allow": "POST"})
    try:
        body = receive.read_body(request)
    except UnreadablePostError:
        return receive.refused(400, "The body did not arrive.")
    if body is None:
        return receive.refused(413, f"The body has more than {conf.WEBHOOK_MAX_BYTES} bytes.")
    delivery = Delivery(headers=request.headers, body=body)
    try:
        found = [_stored(source, delivery) for source in _sources(delivery)]
    except NOT_NOW as error:
        found = [error]
    stored = [each for each in found if isinstance(each, Stored)]
    failed = [each for each in found if isinstance(each, Exception)]
    response = _answer(stored, failed)
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _sources(delivery: Delivery) -> list[Source]:
    """Those of this shop. For one that nobody connected, as much is computed as for another."""
    shop = delivery.word("X-Shopify-Shop-Domain")
    named = Source.objects.filter(kind="shopify", config__shop__iexact=shop) if shop else Source.objects.none()
    return list(named.annotate(quiet=unnoted()).order_by("pk")) or [receive.nobody()]


def _stored(source: Source, delivery: Delivery) -> Stored | Exception | None:
    """What came of it there; None where it is not genuine, and the error where it cannot be stored now."""
    try:
        accepted = SHOPIFY.secrets_of(source)
        signed = SHOPIFY.is_genuine(delivery, accepted or (SHOPIFY.decoy,))
        if source.pk is None or not accepted or not signed or not SHOPIFY.belongs(delivery, source):
            return None
        stored = store(source, SHOPIFY, delivery)
    except NOT_NOW as error:
        extra = {"action": "webhook_not_stored"}
        log.error("a demand to source %s was not stored: %s", source.pk, type(error).__name__, extra=extra)
        return error
    except IntegrityError:
        if Source.objects.filter(pk=source.pk).exists():
            raise
        return None  # it was removed meanwhile
    source.note_delivery()
    return stored


def _answer(stored: list[Stored], failed: list[Exception]) -> HttpResponse:
    if failed:
        return receive.refused(503, "Not now: send it again.", {"Retry-After": str(receive.RETRY_AFTER)})
    if not stored:
        return receive.refused(401, "The address or the signature is wrong.")
    runs = [run for each in stored for run in each.runs]
    duplicate = all(each.duplicate for each in stored)
    return JsonResponse({"verdict": stored[0].verdict, "runs": runs, "duplicate": duplicate})
