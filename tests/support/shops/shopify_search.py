"""Shopify's search of orders: terms that must all hold, OR, parentheses, and - in front of what must not."""

from __future__ import annotations

import re
from datetime import datetime
from operator import eq, ge, gt, le, lt

TOKEN = re.compile(r"""\s*(\(|\)|OR\b|AND\b|-(?=[\w(])|[\w.]+:(?:>=|<=|>|<)?(?:'[^']*'|"[^"]*"|[^\s()]+)|[^\s()]+)""")
TERM = re.compile(r"([\w.]+):(>=|<=|>|<)?['\"]?([^'\"]*)['\"]?")
COMPARE = {">=": ge, "<=": le, ">": gt, "<": lt, None: eq}


def compiled(text):
    """(whether an order matches, the fields in it that Shopify does not know)."""
    tokens, unknown = [match[1] for match in TOKEN.finditer(text or "")], []
    matches = _any(tokens, unknown)
    assert not tokens, f"what is {tokens} in {text!r}?"
    return matches, unknown


def _any(tokens, unknown):
    choices = [_all(tokens, unknown)]
    while tokens and tokens[0] == "OR":
        tokens.pop(0)
        choices.append(_all(tokens, unknown))
    return lambda order: any(choice(order) for choice in choices)


def _all(tokens, unknown):
    terms = []
    while tokens and tokens[0] not in ("OR", ")"):
        if tokens[0] == "AND":
            tokens.pop(0)
            continue
        terms.append(_term(tokens, unknown))
    return lambda order: all(term(order) for term in terms)


def _term(tokens, unknown):
    token = tokens.pop(0)
    if token == "-":
        inner = _term(tokens, unknown)
        return lambda order: not inner(order)
    if token == "(":
        inner = _any(tokens, unknown)
        assert tokens.pop(0) == ")"
        return inner
    match = TERM.fullmatch(token)
    name, compare, value = match[1], COMPARE[match[2]], match[3]
    return _field(name, compare, value, unknown)


def _field(name, compare, value, unknown):
    if name == "updated_at":
        return lambda order: compare(order.indexed, datetime.fromisoformat(value))
    if name == "created_at":
        return lambda order: compare(order.created, datetime.fromisoformat(value))
    if name == "id":
        return lambda order: compare(int(order.id), int(value))
    if name == "tag":
        return lambda order: value in order.node["tags"]
    if name == "financial_status":
        return lambda order: order.node["displayFinancialStatus"].lower() == value
    unknown.append(name)
    return lambda order: True  # Shopify warns, and goes on as if the term were not there
