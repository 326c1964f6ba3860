"""Where shops send a person's browser back to, and where WooCommerce sends keys. All of it may come from anybody."""

from __future__ import annotations

import logging
from http import HTTPStatus

from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from sheetsync import installing
from sheetsync.api.pages import page, title_of
from sheetsync.errors import BadReply, ClientRefused, LinkRefused, NeedsOwner, Permanent, Retryable, SheetsyncError
from sheetsync.models import InstallState
from sheetsync.models.install_state import ShopKind
from sheetsync.sources.shopify.install import InstallRefused
from sheetsync.sources.woocommerce.install import MOST_BYTES

log = logging.getLogger(__name__)

LONGEST = 200


@require_GET
@never_cache
@transaction.non_atomic_requests
@sensitive_variables()
def shopify_callback(request: HttpRequest) -> HttpResponse:
    """Finish what was begun through the API. The answer is good once: a page that is loaded again says so."""
    try:
        connected = installing.finish_shopify(request.GET.lists())
    except ClientRefused as refusal:
        return page(request, _("Not set up"), str(refusal), HTTPStatus.SERVICE_UNAVAILABLE)
    except (LinkRefused, InstallRefused, NeedsOwner, BadReply) as refusal:
        return page(request, title_of(refusal, _("Not connected")), str(refusal), HTTPStatus.BAD_REQUEST)
    except Retryable:
        words = _("Shopify did not answer. Start again in a moment.")
        return page(request, _("Not connected"), words, HTTPStatus.SERVICE_UNAVAILABLE)
    except SheetsyncError as refusal:
        extra = {"action": "install_failed"}
        log.error("a shop was not connected: %s", type(refusal).__name__, exc_info=refusal, extra=extra)
        words = _("Something went wrong here. Start again in a moment.")
        return page(request, _("Not connected"), words, HTTPStatus.INTERNAL_SERVER_ERROR)
    source = connected.source
    return _connected(request, source.config["shop"], source.name, source.tenant.name)


@require_GET
@never_cache
@transaction.non_atomic_requests
@sensitive_variables()
def woocommerce_return(request: HttpRequest) -> HttpResponse:
    """The person is back from the shop, which has sent the keys before, or was told no."""
    nonce, success = (request.GET.get(name, "")[:LONGEST] for name in ("user_id", "success"))
    attempt = InstallState.objects.of_state(ShopKind.WOOCOMMERCE, nonce)
    if attempt is not None and attempt.standing()[0] == InstallState.Outcome.LINKED:
        return _connected(request, attempt.shop, attempt.name, attempt.tenant.name)
    try:
        if attempt is None or success == "0":
            installing.deny_woocommerce(nonce)
    except LinkRefused as refusal:
        return page(request, title_of(refusal, _("Not connected")), str(refusal), HTTPStatus.BAD_REQUEST)
    words = _("The shop has sent no keys that could be taken. Start again, or make keys in the shop by hand.")
    return page(request, _("Not connected"), words, HTTPStatus.BAD_REQUEST)


@csrf_exempt  # a shop sends it, not a browser; only the nonce in it makes it one of ours
@require_POST
@never_cache
@transaction.non_atomic_requests
@sensitive_variables()
def woocommerce_keys(request: HttpRequest) -> HttpResponse:
    """A shop sends its keys. One answer to all nonces that are not good: it tells nobody which there are."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not str(length).isdecimal() or int(str(length)[:20]) > MOST_BYTES:
        return _answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"Keys come in at most {MOST_BYTES} bytes.")
    try:
        installing.take_woocommerce_keys(request.read(MOST_BYTES + 1))
    except UnreadablePostError:
        return _answer(HTTPStatus.BAD_REQUEST, "The body did not arrive.")
    except LinkRefused:
        return _answer(HTTPStatus.FORBIDDEN, "Nobody waits for these keys, or not any more: start again.")
    except Permanent as refusal:
        return _answer(HTTPStatus.BAD_REQUEST, str(refusal))
    except OperationalError as error:
        extra = {"action": "keys_not_taken"}
        log.error("keys of a shop were not taken: %s", type(error).__name__, extra=extra)
        return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "Not now: start again in a moment.")
    return _answer(HTTPStatus.OK, "connected")  # WooCommerce takes any other status for a failure


def _connected(request: HttpRequest, shop: str, name: str, tenant: str) -> HttpResponse:
    # Whose it is now: somebody may have been sent here by a stranger.
    words = _("%(shop)s is connected for %(tenant)s, as %(name)s. You can close this page.")
    return page(request, _("Connected"), words % {"shop": shop, "tenant": tenant, "name": name}, HTTPStatus.OK)


def _answer(status: HTTPStatus, detail: str) -> HttpResponse:
    return JsonResponse({"detail": detail}, status=status)
