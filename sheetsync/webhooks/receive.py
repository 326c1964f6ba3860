"""One delivery from the first byte to the answer: size, signature, one transaction. See docs/webhooks.md."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from sheetsync.conf import settings as conf
from sheetsync.errors import CannotDecrypt
from sheetsync.models import Source
from sheetsync.models.source import unnoted
from sheetsync.webhooks.platform import Delivery, Platform
from sheetsync.webhooks.storing import store

log = logging.getLogger(__name__)

RETRY_AFTER = 5
LONGEST_PLACE = 200


def view(platform: Platform) -> Any:
    """What `urls.py` names: plain Django, and one function for sync and async hosts, which give it a thread.

    A transaction of the host's around it would put off the commit until after the answer.
    """

    @csrf_exempt
    @never_cache
    @transaction.non_atomic_requests
    @sensitive_variables()
    def webhook(request: HttpRequest, public_id: str, capability: str = "") -> HttpResponse:
        try:
            response = receive(platform, request, public_id, capability)
        except (OperationalError, InterfaceError, CannotDecrypt) as error:
            extra = {"action": "webhook_not_stored"}
            log.error("a webhook of source %.40r was not stored: %s", public_id, type(error).__name__, extra=extra)
            response = refused(503, "Not now: send it again.", {"Retry-After": str(RETRY_AFTER)})
        # Django logs the address of whatever it answers with an error, and addresses of hints are secrets.
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response

    return webhook


@sensitive_variables()
def receive(platform: Platform, request: HttpRequest, public_id: str, capability: str = "") -> HttpResponse:
    """The answer to a delivery. Whatever is wrong with it, that is below 500, and nothing is written.

    1. Nothing is read of what is too large, and nothing is parsed before it is known to be genuine.
    2. One answer to all that is not, whether it is the source that is unknown or the signature that is wrong.
    3. What is genuine is stored, and answered alike whenever it comes again.
    """
    if request.method != "POST":
        return refused(405, "Webhooks are posted.", {"Allow": "POST"})
    try:
        body = read_body(request)
    except UnreadablePostError:
        return refused(400, "The body did not arrive.")
    if body is None:
        return refused(413, f"The body has more than {conf.WEBHOOK_MAX_BYTES} bytes.")
    place = request.GET.get("order", "")[:LONGEST_PLACE]
    delivery = Delivery(headers=request.headers, body=body, capability=capability, order_at=place)
    if platform.is_ping(delivery):
        return JsonResponse({"verdict": "ping", "runs": []})
    source = _genuine(platform, delivery, public_id)
    if source is None:
        return refused(401, "The address or the signature is wrong.")
    try:
        stored = store(source, platform, delivery)
    except IntegrityError:
        if Source.objects.filter(pk=source.pk).exists():
            raise
        return refused(401, "The address or the signature is wrong.")  # it was removed meanwhile
    source.note_delivery()
    return JsonResponse({"verdict": stored.verdict, "runs": stored.runs, "duplicate": stored.duplicate})


def read_body(request: HttpRequest) -> bytes | None:
    """The body as it was signed; None where it is too large, by what it says or by what comes."""
    most = conf.WEBHOOK_MAX_BYTES
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not str(length).isdecimal() or int(str(length)[:20]) > most:
        return None
    body = request.read(most + 1)
    return body if len(body) <= most else None


def _genuine(platform: Platform, delivery: Delivery, public_id: str) -> Source | None:
    """The source, where the delivery is its shop's. As much is computed for one that there is not."""
    source = _found(public_id)
    accepted = platform.secrets_of(source or nobody())
    signed = platform.is_genuine(delivery, accepted or (platform.decoy,))
    if source is None or not accepted or not signed:
        return None
    return source if platform.belongs(delivery, source) else None


def _found(public_id: str) -> Source | None:
    try:
        wanted = uuid.UUID(public_id)
    except ValueError:
        wanted = uuid.UUID(int=0)
    return Source.objects.annotate(quiet=unnoted()).filter(public_id=wanted).first()


def nobody() -> Source:
    """A source without a secret of any platform, which takes as long to open as another."""
    nobody = Source(tenant_id=0)
    if conf.ENCRYPTION_KEYS:
        nobody.seal({"": ""})
    return nobody


def refused(status: int, why: str, headers: dict[str, str] | None = None) -> HttpResponse:
    """The answer to what is not taken."""
    return JsonResponse({"detail": why}, status=status, headers=headers)
