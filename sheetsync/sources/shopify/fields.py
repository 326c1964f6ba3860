"""What columns can read of an order: one table gives both the question to Shopify and the reading of its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sheetsync.errors import BadRecord
from sheetsync.sources.shopify import values
from sheetsync.sources.shopify.values import Read


@dataclass(frozen=True, slots=True)
class Field:
    """`name`: for columns. `key`: what Shopify calls it. `inner`: what is asked of it, where it is an object."""

    name: str
    key: str
    read: Read = values.text
    inner: str = ""

    @property
    def asked(self) -> str:
        return f"{self.key} {{ {self.inner} }}" if self.inner else self.key


Fields = tuple[Field, ...]

MONEY = "shopMoney { amount }"
RARE = 5
"""How many refunds and fulfillments come with an order; one that has as many or more is asked for the others."""
MANY = 200


def asked(fields: Fields) -> str:
    """The selection of these fields."""
    return " ".join(each.asked for each in fields)


def read(fields: Fields, node: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a node by our names; None for what is not told. Raises BadRecord for what is no such value."""
    found = {}
    for each in fields:
        value = node.get(each.key)
        try:
            found[each.name] = None if value is None else each.read(value)
        except BadRecord as error:
            raise BadRecord(f"{each.name}: {error}") from None
    return found


def _money(name: str, key: str) -> Field:
    return Field(name, key, values.money, MONEY)


def _one(name: str, key: str, fields: Fields) -> Field:
    return Field(name, key, lambda value: read(fields, values.an_object(value)), asked(fields))


def _every(fields: Fields) -> Callable[[Any], list[dict[str, Any]]]:
    return lambda value: [read(fields, values.an_object(each)) for each in values.a_list(value)]


_ATTRIBUTES = Field("attributes", "customAttributes", values.attributes, "key value")

_ADDRESS: Fields = (
    Field("name", "name"),
    Field("first_name", "firstName"),
    Field("last_name", "lastName"),
    Field("company", "company"),
    Field("address1", "address1"),
    Field("address2", "address2"),
    Field("zip", "zip"),
    Field("city", "city"),
    Field("province", "province"),
    Field("province_code", "provinceCode"),
    Field("country", "country"),
    Field("country_code", "countryCodeV2"),
    Field("phone", "phone"),
)

_CUSTOMER: Fields = (
    Field("id", "id", values.gid("Customer")),
    Field("name", "displayName"),
    Field("first_name", "firstName"),
    Field("last_name", "lastName"),
    Field("email", "defaultEmailAddress", values.inside("emailAddress"), "emailAddress"),
    Field("phone", "defaultPhoneNumber", values.inside("phoneNumber"), "phoneNumber"),
    Field("orders", "numberOfOrders", values.whole),
)

_REFUND: Fields = (
    Field("id", "id", values.gid("Refund")),
    Field("created_at", "createdAt"),
    Field("note", "note"),
    _money("total", "totalRefundedSet"),
)

_TRACKING: Fields = (Field("company", "company"), Field("number", "number"), Field("url", "url"))

_FULFILLMENT: Fields = (
    Field("id", "id", values.gid("Fulfillment")),
    Field("created_at", "createdAt"),
    Field("status", "displayStatus", values.word),
    Field("tracking", "trackingInfo", _every(_TRACKING), asked(_TRACKING)),
)

LINE: Fields = (
    Field("id", "id", values.gid("LineItem")),
    Field("name", "name"),
    Field("title", "title"),
    Field("variant", "variantTitle"),
    Field("sku", "sku"),
    Field("vendor", "vendor"),
    Field("quantity", "quantity", values.whole),
    Field("current_quantity", "currentQuantity", values.whole),
    Field("unfulfilled_quantity", "unfulfilledQuantity", values.whole),
    _money("unit_price", "originalUnitPriceSet"),
    _money("total", "originalTotalSet"),
    _money("discounted_unit_price", "discountedUnitPriceAfterAllDiscountsSet"),
    _money("discounted_total", "discountedTotalSet"),
    Field("tax", "taxLines", values.sum_of("priceSet"), f"priceSet {{ {MONEY} }}"),
    Field("taxable", "taxable", values.yes_or_no),
    Field("requires_shipping", "requiresShipping", values.yes_or_no),
    Field("gift_card", "isGiftCard", values.yes_or_no),
    _ATTRIBUTES,
)

REFUNDS = _every(_REFUND)
FULFILLMENTS = _every(_FULFILLMENT)
RARE_LISTS = {"refunds": asked(_REFUND), "fulfillments": asked(_FULFILLMENT)}

_LISTS: Fields = (Field("refunds", "refunds", REFUNDS), Field("fulfillments", "fulfillments", FULFILLMENTS))

PLAIN: Fields = (
    Field("id", "id", values.gid("Order")),
    Field("name", "name"),
    Field("number", "number", values.whole),
    Field("confirmation_number", "confirmationNumber"),
    Field("po_number", "poNumber"),
    Field("created_at", "createdAt"),
    Field("processed_at", "processedAt"),
    Field("updated_at", "updatedAt"),
    Field("closed_at", "closedAt"),
    Field("cancelled_at", "cancelledAt"),
    Field("cancel_reason", "cancelReason", values.word),
    Field("financial_status", "displayFinancialStatus", values.word),
    Field("fulfillment_status", "displayFulfillmentStatus", values.word),
    Field("return_status", "returnStatus", values.word),
    Field("test", "test", values.yes_or_no),
    Field("currency", "currencyCode"),
    Field("taxes_included", "taxesIncluded", values.yes_or_no),
    _money("subtotal", "subtotalPriceSet"),
    _money("discounts", "totalDiscountsSet"),
    _money("shipping", "totalShippingPriceSet"),
    _money("tax", "totalTaxSet"),
    _money("total", "totalPriceSet"),
    _money("current_total", "currentTotalPriceSet"),
    _money("received", "totalReceivedSet"),
    _money("refunded", "totalRefundedSet"),
    _money("net_payment", "netPaymentSet"),
    _money("outstanding", "totalOutstandingSet"),
    Field("payment_gateways", "paymentGatewayNames", values.texts),
    Field("discount_codes", "discountCodes", values.texts),
    Field("shipping_method", "shippingLine", values.inside("title"), "title"),
    Field("source", "sourceName"),
    Field("locale", "customerLocale"),
    Field("note", "note"),
    Field("tags", "tags", values.texts),
    Field("email", "email"),
    Field("phone", "phone"),
    _one("customer", "customer", _CUSTOMER),
    _one("billing_address", "billingAddress", _ADDRESS),
    _one("shipping_address", "shippingAddress", _ADDRESS),
    _ATTRIBUTES,
)

ORDER: Fields = PLAIN + _LISTS
"""All of an order but its lines."""
