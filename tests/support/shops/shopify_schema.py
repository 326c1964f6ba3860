"""The part of Shopify's Admin schema that orders are made of, and what a question to it costs.

Names, arguments and nullability are Shopify's (2026-10), so that a question is really parsed, validated and executed.
"""

from __future__ import annotations

from graphql import (
    FieldNode,
    GraphQLList,
    GraphQLNonNull,
    build_schema,
    get_named_type,
    is_leaf_type,
    value_from_ast_untyped,
)

SDL = """
scalar DateTime
scalar Decimal
scalar UnsignedInt64
scalar URL
enum OrderSortKeys { CREATED_AT ID UPDATED_AT PROCESSED_AT }
enum CountPrecision { AT_LEAST EXACT }
enum CurrencyCode { EUR USD }
enum CountryCode { DE US }
enum OrderDisplayFinancialStatus { PAID PENDING PARTIALLY_REFUNDED REFUNDED }
enum OrderDisplayFulfillmentStatus { FULFILLED UNFULFILLED PARTIALLY_FULFILLED }
enum OrderReturnStatus { NO_RETURN RETURNED }
enum OrderCancelReason { CUSTOMER FRAUD }
enum FulfillmentDisplayStatus { DELIVERED IN_TRANSIT }
interface Node { id: ID! }
type PageInfo { hasNextPage: Boolean! endCursor: String }
type MoneyV2 { amount: Decimal! currencyCode: CurrencyCode! }
type MoneyBag { shopMoney: MoneyV2! presentmentMoney: MoneyV2! }
type Attribute { key: String! value: String }
type TaxLine { title: String! priceSet: MoneyBag! }
type ShippingLine { title: String! code: String }
type CustomerEmailAddress { emailAddress: String! }
type CustomerPhoneNumber { phoneNumber: String! }
type Customer implements Node {
  id: ID! displayName: String! firstName: String lastName: String numberOfOrders: UnsignedInt64!
  defaultEmailAddress: CustomerEmailAddress defaultPhoneNumber: CustomerPhoneNumber
}
type MailingAddress implements Node {
  id: ID! name: String firstName: String lastName: String company: String address1: String address2: String
  zip: String city: String province: String provinceCode: String country: String countryCodeV2: CountryCode
  phone: String
}
type Refund implements Node { id: ID! createdAt: DateTime note: String totalRefundedSet: MoneyBag! }
type FulfillmentTrackingInfo { company: String number: String url: URL }
type Fulfillment implements Node {
  id: ID! createdAt: DateTime! displayStatus: FulfillmentDisplayStatus
  trackingInfo(first: Int): [FulfillmentTrackingInfo!]!
}
type LineItem implements Node {
  id: ID! name: String! title: String! variantTitle: String sku: String vendor: String quantity: Int!
  currentQuantity: Int! unfulfilledQuantity: Int! originalUnitPriceSet: MoneyBag! originalTotalSet: MoneyBag!
  discountedUnitPriceAfterAllDiscountsSet: MoneyBag! discountedTotalSet(withCodeDiscounts: Boolean): MoneyBag!
  taxLines(first: Int): [TaxLine!]! taxable: Boolean! requiresShipping: Boolean! isGiftCard: Boolean!
  customAttributes: [Attribute!]!
}
type LineItemConnection { nodes: [LineItem!]! pageInfo: PageInfo! }
type Order implements Node {
  id: ID! name: String! number: Int! confirmationNumber: String poNumber: String createdAt: DateTime!
  processedAt: DateTime! updatedAt: DateTime! closedAt: DateTime cancelledAt: DateTime cancelReason: OrderCancelReason
  displayFinancialStatus: OrderDisplayFinancialStatus displayFulfillmentStatus: OrderDisplayFulfillmentStatus!
  returnStatus: OrderReturnStatus! test: Boolean! currencyCode: CurrencyCode! taxesIncluded: Boolean!
  subtotalPriceSet: MoneyBag totalDiscountsSet: MoneyBag totalShippingPriceSet: MoneyBag! totalTaxSet: MoneyBag
  totalPriceSet: MoneyBag! currentTotalPriceSet: MoneyBag! totalReceivedSet: MoneyBag! totalRefundedSet: MoneyBag!
  netPaymentSet: MoneyBag! totalOutstandingSet: MoneyBag! paymentGatewayNames: [String!]! discountCodes: [String!]!
  shippingLine: ShippingLine sourceName: String customerLocale: String note: String tags: [String!]! email: String
  phone: String customer: Customer billingAddress: MailingAddress shippingAddress: MailingAddress
  customAttributes: [Attribute!]! refunds(first: Int): [Refund!]! fulfillments(first: Int): [Fulfillment!]!
  lineItems(first: Int, after: String): LineItemConnection!
}
type OrderConnection { nodes: [Order!]! pageInfo: PageInfo! }
type Count { count: Int! precision: CountPrecision! }
type Query {
  orders(first: Int, after: String, query: String, sortKey: OrderSortKeys, reverse: Boolean): OrderConnection!
  nodes(ids: [ID!]!): [Node]!
  order(id: ID!): Order
  ordersCount(query: String, limit: Int): Count
}
"""

SCHEMA = build_schema(SDL)
FREE = {"MoneyBag", "MoneyV2", "PageInfo", "Attribute"}


def cost(document, variables):
    """What is asked for at most, counted as Shopify's documentation once did: a point an object."""
    return _cost(document.definitions[0].selection_set, SCHEMA.query_type, variables)


def _cost(selections, parent, variables):
    return sum(_field_cost(each, parent, variables) for each in selections.selections)


def _field_cost(node, parent, variables):
    if not isinstance(node, FieldNode):
        return _cost(node.selection_set, SCHEMA.type_map[node.type_condition.name.value], variables)
    if node.name.value.startswith("__"):
        return 0
    field = parent.fields[node.name.value]
    named = get_named_type(field.type)
    if is_leaf_type(named):
        return 0
    inner = _cost(node.selection_set, named, variables)
    arguments = {each.name.value: value_from_ast_untyped(each.value, variables) for each in node.arguments or ()}
    if named.name.endswith("Connection"):
        return 2 + arguments.get("first", 1) * inner
    own = inner + (named.name not in FREE)
    if isinstance(field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type, GraphQLList):
        return own * (len(arguments["ids"]) if "ids" in arguments else arguments.get("first", 1))
    return own
