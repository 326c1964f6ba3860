"""What an answer of Shopify means: a status tells little, for most errors come with 200 and a code inside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sheetsync.errors import BadReply, BadSource, RateLimited, ShopDenied, Unavailable
from sheetsync.outbound import Reply
from sheetsync.sources.shopify.questions import Question

LOCKED_SECONDS = 300.0
"""A shop is locked, or our calls are refused as suspicious: to come again soon makes it worse."""
OWN_TERMS = {"updated_at", "id", "created_at"}

PROTECTED = (
    "Shopify keeps fields of orders from this app: {fields}. They are left empty. Give the app the scopes read_orders "
    "and read_customers, and access to protected customer data (names, addresses, e-mail, phone) in its settings"
)

_NAME = re.compile(r"\w{1,60}", re.ASCII)
_REQUEST = re.compile(r"[\w-]{1,80}", re.ASCII)


class TokenRefused(ShopDenied):
    """The access token is not taken: it ran out, was replaced, or the app was removed."""


class TooCostly(BadReply):
    """One question asks for more at once than Shopify answers, whatever the time."""


def check_status(reply: Reply, shop: str) -> None:
    """Raises what a status means at Shopify; those that mean the same everywhere are left to `Reply.checked`."""
    match reply.status:
        case 401:
            raise TokenRefused(
                f"{shop} does not take the access token (401): it ran out, or the app was removed; connect it again"
            )
        case 402:
            raise ShopDenied(f"{shop} is frozen (402): its owner has to pay Shopify's bill first")
        case 403:
            raise ShopDenied(f"{shop} does not let this app read orders (403): give it the scope read_orders")
        case 404:
            raise ShopDenied(f"{shop} is no shop (404), or is closed: check the field shop")
        case 423:
            raise Unavailable(
                f"{shop} is locked (423): if that lasts, its owner has to ask Shopify why", retry_after=LOCKED_SECONDS
            )
        case 430:
            raise RateLimited(
                f"Shopify refused a call of {shop} as suspicious (430): trying again later", retry_after=LOCKED_SECONDS
            )


def check_errors(body: Any, question: Question, shop: str) -> None:
    """Raises what the errors in a reply mean, unless they only say that parts of records are kept back."""
    if not isinstance(body, dict):
        raise BadReply(f"{shop} gave a reply that is no object: is this the address of the Admin API?")
    errors = body.get("errors")
    if errors is None or errors == []:
        return
    if not isinstance(errors, list) or not all(isinstance(each, dict) for each in errors):
        raise BadReply(f"{shop} gave a reply with errors that are no list of objects")
    for code, error in _by_code(errors):
        if code != "ACCESS_DENIED":
            raise _meaning(code, error, shop, body)
        if not _is_kept_back(error, body.get("data"), question.record):
            raise ShopDenied(
                f"{shop} does not let this app read {_field(error)} (ACCESS_DENIED): give it the scope read_orders, "
                "for orders older than 60 days read_all_orders, and access to protected customer data"
            )


def kept_back(body: Mapping[str, Any]) -> list[str]:
    """The fields that a checked reply leaves empty because the app may not see them."""
    return sorted({_field(error) for error in body.get("errors") or ()})


def check_search(body: Mapping[str, Any], filter: str) -> None:
    """Raises BadSource for a filter of which Shopify ignores a part, and so would show other orders as well."""
    for warning in _warnings(body):
        name = _known(warning.get("field"))
        if name in OWN_TERMS and name not in filter:
            raise BadReply(f"Shopify does not search orders by {name}: check the field api_version")
        raise BadSource(f"filter {filter[:100]!r}: Shopify does not search orders by {name}: mend or remove it")


def _warnings(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    searches = [each for each in _list(_object(body.get("extensions")).get("search")) if isinstance(each, dict)]
    return [each for search in searches for each in _list(search.get("warnings")) if isinstance(each, dict)]


def _by_code(errors: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What has to be dealt with first comes first: what passes by itself, then what somebody must mend."""
    first = ("THROTTLED", "INTERNAL_SERVER_ERROR", "SHOP_INACTIVE", "MAX_COST_EXCEEDED")
    coded = [(_known(_object(each.get("extensions")).get("code")), each) for each in errors]
    yield from sorted(
        coded, key=lambda found: first.index(found[0]) if found[0] in first else 8 + (found[0] == "ACCESS_DENIED")
    )


def _meaning(code: str, error: Mapping[str, Any], shop: str, body: Mapping[str, Any]) -> Exception:
    match code:
        case "THROTTLED":
            return RateLimited(f"{shop} has used up its calls for the moment (THROTTLED)")
        case "INTERNAL_SERVER_ERROR":
            request = _object(error.get("extensions")).get("requestId")
            known = request if isinstance(request, str) and _REQUEST.fullmatch(request) else "unknown"
            return Unavailable(f"Shopify failed inside (INTERNAL_SERVER_ERROR), request {known}")
        case "SHOP_INACTIVE":
            return ShopDenied(f"{shop} is inactive (SHOP_INACTIVE): its owner has to open it again, or to close this")
        case "MAX_COST_EXCEEDED":
            return TooCostly(f"{shop} does not answer a question of this size (MAX_COST_EXCEEDED): make pages smaller")
    return BadReply(f"{shop} did not understand a question ({code}): check the field api_version")


def _is_kept_back(error: Mapping[str, Any], data: Any, record: int) -> bool:
    """Whether the error is about a part of a record that is there otherwise."""
    path = error.get("path")
    if not isinstance(path, list) or len(path) <= record:
        return False
    for step in path[:record]:
        if isinstance(data, dict) and isinstance(step, str):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and 0 <= step < len(data):
            data = data[step]
        else:
            return False
    return isinstance(data, dict)


def _field(error: Any) -> str:
    path = error.get("path") if isinstance(error, dict) else None
    names = [_known(step) for step in path if isinstance(step, str)] if isinstance(path, list) else []
    return names[-1] if names else "orders"


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _known(value: Any) -> str:
    """A name that the other side gave, if it is one; no other words of theirs get into a message."""
    return value if isinstance(value, str) and _NAME.fullmatch(value) else "unknown"
