"""Checks a request body against the messages, as Google's JSON layer does before any request is applied."""

from __future__ import annotations

import json
import math
import re
from functools import cache
from typing import Any

from sheetsync.emulator.api.masks import Mask
from sheetsync.emulator.api.messages import MESSAGES, REFUSED_KINDS
from sheetsync.emulator.errors import ApiError, bad_mask, bad_payload, unknown_name

PROTO_TYPES = {
    "int": "TYPE_INT32",
    "num": "TYPE_DOUBLE",
    "str": "TYPE_STRING",
    "bool": "TYPE_BOOL",
}
INT32 = 2**31
QUOTED = {"int": re.compile(r"-?[0-9]{1,20}"), "num": re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")}
NUMBERS = (int, float)
PLAIN_ROW = {"values"}
#: The unions inside messages, under the names of the REST reference.
ONEOFS = {
    "ColorStyle": ("kind", ("rgbColor", "themeColor")),
    "ConditionValue": ("value", ("relativeDate", "userEnteredValue")),
    "ConditionalFormatRule": ("rule", ("booleanRule", "gradientRule")),
    "DataFilter": ("filter", ("a1Range", "developerMetadataLookup", "gridRange")),
    "DeveloperMetadataLocation": ("location", ("dimensionRange", "sheetId", "spreadsheet")),
    "ExtendedValue": ("value", ("boolValue", "errorValue", "formulaValue", "numberValue", "stringValue")),
    "updateCells": ("area", ("range", "start")),
    "updateConditionalFormatRule": ("instruction", ("newIndex", "rule")),
}


@cache
def snake(name: str) -> str:
    """Error paths are printed in proto's spelling: userEnteredValue -> user_entered_value."""
    return re.sub(r"[A-Z]", lambda match: "_" + match.group().lower(), name)


def check_mask(message: str, mask: Mask, path: str = "") -> None:
    """Refuse a `fields` parameter that names a field the reply message does not have."""
    fields = MESSAGES.get(message)
    if fields is None:
        return
    for name, below in mask.items():
        here = f"{path}.{name}" if path else name
        if name == "*":
            continue
        if name not in fields:
            raise bad_mask(here)
        check_mask(fields[name].strip("*<>"), below, here)


def check(message: str, value: Any, path: str = "") -> None:
    """Raise Google's 400 when `value` does not fit the message. Nulls are allowed anywhere (proto3 JSON)."""
    if value is None:
        return
    if not isinstance(value, dict):
        raise _invalid_value(path, f"type.googleapis.com/google.apps.sheets.v4.{message}", value)
    fields = MESSAGES[message]
    for name, item in value.items():
        kind = fields.get(name)
        if kind is None:
            raise unknown_name(name, path)
        if kind[-1] == "*" and item is not None and (kind != "CellData*" or type(item) is not list):
            item = value[name] = _flat(item)  # lists of cells are spared: they are most of what comes
        elif type(item) is dict and name == "fields":
            item = value[name] = _mask_text(item)
        elif type(item) is str and kind in QUOTED:
            item = value[name] = _unquoted(kind, item)
        if item is not None and kind != "any":
            _check_field(kind, item, f"{path}.{snake(name)}" if path else snake(name))
    if message == "CellData" and value.get("pivotTable"):
        raise ApiError(400, f"Invalid {path}.pivot_table: this emulator does not write pivot tables.")
    if message in ONEOFS:
        _check_oneof(*ONEOFS[message], value, path)


def _check_oneof(name: str, members: tuple[str, ...], value: dict[str, Any], path: str) -> None:
    """Of the members of a union one may be set; the wording is measured for conditional format rules."""
    present = [member for member in value if member in members and value[member] is not None]
    if len(present) > 1:
        text = f"Invalid value at '{path}' (oneof), oneof field '{name}' is already set. Cannot set '{present[1]}'"
        raise bad_payload(path, text)


def _check_field(kind: str, item: Any, path: str) -> None:
    if kind == "rows":
        check_values(item, path)
    elif kind == "RowData*":
        for index, row in enumerate(item):
            if type(row) is not dict or row.keys() != PLAIN_ROW or not _are_plain(row["values"]):
                check("RowData", row, f"{path}[{index}]")
    elif kind == "CellData*":
        for index, cell in enumerate(item):
            if not _are_plain([cell]):
                check("CellData", cell, f"{path}[{index}]")
    elif kind.endswith("*"):
        for index, each in enumerate(item):
            _check_field(kind[:-1], each, f"{path}[{index}]")
    elif kind.startswith("<"):
        _check_map(kind[1:-1], item, path)
    elif kind == "Request":
        check_request(item, path)
    elif kind in MESSAGES:
        check(kind, item, path)
    else:
        _check_scalar(kind, item, path)


def _check_map(kind: str, item: Any, path: str) -> None:
    if not isinstance(item, dict):
        raise _invalid_value(path, "Map", item)
    for key, each in item.items():
        _check_field(kind, each, f"{path}[{key}]")


def _are_plain(cells: Any) -> bool:
    """The hot path: almost every row of a batch is values, and almost every cell one typed value or none."""
    if type(cells) is not list:
        return False
    for cell in cells:
        if type(cell) is not dict or len(cell) > 1:
            return False
        if cell:
            entered = cell.get("userEnteredValue")
            if type(entered) is not dict or len(entered) != 1:
                return False
            if type(entered.get("stringValue")) is not str and type(entered.get("numberValue")) not in NUMBERS:
                return False
    return True


def check_request(request: Any, path: str) -> None:
    """One element of `requests`: exactly one kind, known, and one that this emulator can apply."""
    if not isinstance(request, dict):
        raise _invalid_value(path, "type.googleapis.com/google.apps.sheets.v4.Request", request)
    kinds = [kind for kind, body in request.items() if body is not None]
    for kind in kinds:
        if kind not in REFUSED_KINDS and (kind not in MESSAGES or not kind[0].islower()):
            raise unknown_name(kind, path)
    if not kinds:
        raise ApiError(400, f"Invalid {path}: No request set.")
    if len(kinds) > 1:
        text = f"Invalid value at '{path}' (oneof), oneof field 'kind' is already set. Cannot set '{kinds[1]}'"
        raise bad_payload(path, text)
    kind = kinds[0]
    if kind in REFUSED_KINDS:
        raise ApiError(400, f"Invalid {path}.{kind}: this emulator does not apply {kind} requests.")
    check(kind, request[kind], f"{path}.{snake(kind)}")


def check_values(rows: Any, path: str) -> None:
    """`values` must be a list of lists of scalars; the wording is recorded."""
    if not isinstance(rows, list):
        raise _invalid_value(path, "type.googleapis.com/google.protobuf.ListValue", rows)
    for index, row in enumerate(rows):
        if not isinstance(row, list):
            raise _invalid_value(f"{path}[{index}]", "type.googleapis.com/google.protobuf.ListValue", row)
        for column, item in enumerate(row):
            if isinstance(item, dict | list):
                raise ApiError(400, f"Invalid {path}[{index}][{column}]: {_proto_text(item)}")


def _flat(item: Any) -> list[Any]:
    """A repeated field: what is no list counts as its one element, and a list inside it as more of its elements.

    So does Google's JSON layer (its `ProtoWriter::Lookup` in protobuf): Google's samples send `"values": {…}`, and
    pygsheets `"requests": [[…]]`.
    """
    if not isinstance(item, list):
        return [item]
    if list not in map(type, item):
        return item
    return [each for part in item for each in (_flat(part) if isinstance(part, list) else [part])]


def _mask_text(item: Any) -> Any:
    """A FieldMask as the message it is, `{"paths": […]}`, as Google's own samples send it."""
    paths = item.get("paths") if isinstance(item, dict) and len(item) == 1 else None
    return ",".join(paths) if isinstance(paths, list) and all(isinstance(each, str) for each in paths) else item


def _unquoted(kind: str, text: str) -> int | float | str:
    """A number in quotes counts as the number (proto3's JSON mapping); NaN and Infinity, which it knows too, do not."""
    if not QUOTED[kind].fullmatch(text):
        return text
    number = int(text) if kind == "int" else float(text)
    return number if abs(number) < math.inf else text


def _check_scalar(kind: str, item: Any, path: str) -> None:
    if "|" in kind:
        if item not in kind.split("|"):
            raise _invalid_value(path, f"type.googleapis.com/google.apps.sheets.v4.{path.split('.')[-1]}", item)
    elif not _fits(kind, item):
        raise _invalid_value(path, PROTO_TYPES[kind], item)


def _fits(kind: str, item: Any) -> bool:
    if kind == "str":
        return isinstance(item, str)
    if kind == "bool":
        return isinstance(item, bool)
    if isinstance(item, bool) or not isinstance(item, int | float):
        return False
    return kind == "num" or (float(item).is_integer() and -INT32 <= item < INT32)


def _invalid_value(path: str, type_name: str, value: Any) -> ApiError:
    shown = value if isinstance(value, int | float) and not isinstance(value, bool) else json.dumps(value)
    return bad_payload(path, f"Invalid value at '{path}' ({type_name}), {shown}")


def _proto_text(item: Any) -> str:
    return "struct_value" if isinstance(item, dict) else "list_value"
