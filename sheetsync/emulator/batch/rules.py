"""batchUpdate kinds about conditional formats: a list per tab, stored and shown, not drawn."""

from __future__ import annotations

from sheetsync.emulator.batch.batching import Batch, Json
from sheetsync.emulator.batch.conditions import FORMATTING, checked
from sheetsync.emulator.errors import Refused
from sheetsync.emulator.grid.colors import with_styles
from sheetsync.emulator.grid.ranges import FormatRule, grid_range
from sheetsync.emulator.grid.sheet import Sheet

POINTS = ("minpoint", "midpoint", "maxpoint")
#: What a conditional format may set (discovery document; underline is offered by the product).
TEXT = ("bold", "italic", "strikethrough", "underline", "foregroundColor", "foregroundColorStyle")


def add_rule(batch: Batch, body: Json) -> None:
    """Insert a rule at an index of the tab's list, by default in front."""
    sheet, rule = _read(batch, body.get("rule") or {})
    index = body.get("index", 0)
    if not 0 <= index <= len(sheet.rules):
        raise Refused(f"Invalid conditional format index: {index}. The sheet has {len(sheet.rules)} rules.")
    sheet.rules.insert(index, rule)


def update_rule(batch: Batch, body: Json) -> Json:
    """Replace the rule at an index, or move it to `newIndex`, where it then is."""
    if "rule" in body:
        sheet, rule = _read(batch, body["rule"])
        index, old = _find(sheet, body)
        sheet.rules[index] = rule
        reply = {"newRule": rule_json(sheet, rule), "newIndex": index, "oldRule": rule_json(sheet, old)}
    else:
        sheet = batch.sheet(body)
        index, rule = _find(sheet, body)
        target = body.get("newIndex", 0)
        if not 0 <= target < len(sheet.rules):
            raise Refused(f"No conditional format on sheet: {sheet.id} at index: {target}")
        sheet.rules.insert(target, sheet.rules.pop(index))
        reply = {"newRule": rule_json(sheet, rule), "newIndex": target, "oldIndex": index}
    return {"updateConditionalFormatRule": {name: item for name, item in reply.items() if item != 0}}


def delete_rule(batch: Batch, body: Json) -> Json:
    sheet = batch.sheet(body)
    index, rule = _find(sheet, body)
    del sheet.rules[index]
    return {"deleteConditionalFormatRule": {"rule": rule_json(sheet, rule)}}


def _find(sheet: Sheet, body: Json) -> tuple[int, FormatRule]:
    """The refusal is quoted from use."""
    index = body.get("index", 0)
    if not 0 <= index < len(sheet.rules):
        raise Refused(f"No conditional format on sheet: {sheet.id} at index: {index}")
    return index, sheet.rules[index]


def rule_json(sheet: Sheet, rule: FormatRule) -> Json:
    return {"ranges": [grid_range(sheet.id, span) for span in rule.spans], **rule.rest}


def _read(batch: Batch, rule: Json) -> tuple[Sheet, FormatRule]:
    """A rule from a request: its tab and what is kept. Raises for a rule that cannot be."""
    ranges = rule.get("ranges") or []
    if not ranges:
        raise Refused("ConditionalFormatRule.ranges must hold at least one range.")
    places = [batch.kept(each) for each in ranges]
    if any(sheet is not places[0][0] for sheet, _ in places):
        raise Refused("All ranges of a conditional format must be on the same sheet.")
    return places[0][0], FormatRule(spans=tuple(span for _, span in places), rest=_kind(rule))


def _kind(rule: Json) -> Json:
    if "booleanRule" in rule:
        return {"booleanRule": _boolean(rule["booleanRule"])}
    if "gradientRule" in rule:
        return {"gradientRule": _gradient(rule["gradientRule"])}
    raise Refused("One of booleanRule and gradientRule must be specified.")


def _boolean(rule: Json) -> Json:
    style = rule.get("format") or {}
    text = style.get("textFormat") or {}
    wrong = [name for name in style if name not in ("backgroundColor", "backgroundColorStyle", "textFormat")]
    wrong += [f"textFormat.{name}" for name in text if name not in TEXT]
    if wrong:
        raise Refused(f"A conditional format cannot set {wrong[0]}.")
    shown = with_styles(style, ("backgroundColor",))
    if text:
        shown["textFormat"] = with_styles(text, ("foregroundColor",))
    return {"condition": checked(rule.get("condition"), FORMATTING), "format": shown}


def _gradient(rule: Json) -> Json:
    """Both ends are required, a midpoint is not; the wordings are measured."""
    for name in ("minpoint", "maxpoint"):
        rule = {**rule, name: rule.get(name) or {}}
    return {name: _point(rule[name]) for name in POINTS if name in rule}


def _point(point: Json) -> Json:
    """A value on MIN or MAX is dropped, on the other kinds it is required (measured)."""
    kind = point.get("type", "INTERPOLATION_POINT_TYPE_UNSPECIFIED")
    if kind == "INTERPOLATION_POINT_TYPE_UNSPECIFIED":
        raise Refused("No interpolationPointType specified.")
    shown = with_styles(point, ("color",))
    if kind in ("MIN", "MAX"):
        shown.pop("value", None)
    elif not point.get("value"):
        raise Refused("InterpolationPoint.value is required.")
    return shown
