"""Conditions and validation rules: which kinds go where, how many values they take (discovery document)."""

from __future__ import annotations

from typing import Any

from sheetsync.emulator.errors import Refused

Json = dict[str, Any]
ONE, TWO, NONE, ANY, FEW = (1, 1), (2, 2), (0, 0), (1, 10_000), (0, 2)
VALIDATION, FORMATTING = "data validation", "conditional formatting"
BOTH = (VALIDATION, FORMATTING)

#: Condition type -> where it is supported, and the smallest and largest number of values.
TYPES: dict[str, tuple[tuple[str, ...], tuple[int, int]]] = {
    "NUMBER_GREATER": (BOTH, ONE),
    "NUMBER_GREATER_THAN_EQ": (BOTH, ONE),
    "NUMBER_LESS": (BOTH, ONE),
    "NUMBER_LESS_THAN_EQ": (BOTH, ONE),
    "NUMBER_EQ": (BOTH, ONE),
    "NUMBER_NOT_EQ": (BOTH, ONE),
    "NUMBER_BETWEEN": (BOTH, TWO),
    "NUMBER_NOT_BETWEEN": (BOTH, TWO),
    "TEXT_CONTAINS": (BOTH, ONE),
    "TEXT_NOT_CONTAINS": (BOTH, ONE),
    "TEXT_STARTS_WITH": ((FORMATTING,), ONE),
    "TEXT_ENDS_WITH": ((FORMATTING,), ONE),
    "TEXT_EQ": (BOTH, ONE),
    "TEXT_IS_EMAIL": ((VALIDATION,), NONE),
    "TEXT_IS_URL": ((VALIDATION,), NONE),
    "DATE_EQ": (BOTH, ONE),
    "DATE_BEFORE": (BOTH, ONE),
    "DATE_AFTER": (BOTH, ONE),
    "DATE_ON_OR_BEFORE": ((VALIDATION,), ONE),
    "DATE_ON_OR_AFTER": ((VALIDATION,), ONE),
    "DATE_BETWEEN": ((VALIDATION,), TWO),
    "DATE_NOT_BETWEEN": ((VALIDATION,), TWO),
    "DATE_IS_VALID": ((VALIDATION,), NONE),
    "ONE_OF_RANGE": ((VALIDATION,), ONE),
    "ONE_OF_LIST": ((VALIDATION,), ANY),
    "BLANK": ((FORMATTING,), NONE),
    "NOT_BLANK": ((FORMATTING,), NONE),
    "CUSTOM_FORMULA": (BOTH, ONE),
    "BOOLEAN": ((VALIDATION,), FEW),
}


def checked(condition: Json | None, purpose: str) -> Json:
    """The condition as it is kept. Raises for a kind that the purpose does not know or a wrong number of values."""
    kind = (condition or {}).get("type", "CONDITION_TYPE_UNSPECIFIED")
    if condition is None or kind == "CONDITION_TYPE_UNSPECIFIED":
        raise Refused("No condition type specified.")
    purposes, (least, most) = TYPES.get(kind, ((), NONE))
    if purpose not in purposes:
        raise Refused(f"Condition type {kind} is not supported for {purpose}.")
    values = condition.get("values") or []
    if not least <= len(values) <= most:
        raise Refused(f"Condition type {kind} takes {_counted(least, most)}, not {len(values)}.")
    if purpose == VALIDATION and any(value.get("relativeDate") for value in values):
        raise Refused("Relative dates are not supported in data validation.")
    return {"type": kind, "values": values} if values else {"type": kind}


def _counted(least: int, most: int) -> str:
    if least == most:
        return {0: "no values", 1: "one value", 2: "two values"}[least]
    return "at least one value" if least else "up to two values"


def rule_of(rule: Json) -> Json:
    """A DataValidationRule as replies show it: false and "" left out. Raises for a condition it cannot have."""
    shown: Json = {"condition": checked(rule.get("condition"), VALIDATION)}
    shown.update({name: rule[name] for name in ("inputMessage", "showCustomUi", "strict") if rule.get(name)})
    return shown
