"""Checks a request body against the messages, as Google's JSON layer does before any request is applied."""

from __future__ import annotations

import json
import re
from typing import Any

from .errors import ApiError, bad_mask, bad_payload, unknown_name
from .masks import Mask
from .messages import MESSAGES, REFUSED_KINDS

PROTO_TYPES = {
    "int": "TYPE_INT32",
    "num": "TYPE_DOUBLE",
    "str": "TYPE_STRING",
    "bool": "TYPE_BOOL",
}
INT32 = 2**31


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
        check_mask(fields[name].rstrip("*"), below, here)


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
        if item is not None and kind != "any":
            _check_field(kind, item, f"{path}.{snake(name)}" if path else snake(name))


def _check_field(kind: str, item: Any, path: str) -> None:
    if kind == "rows":
        check_values(item, path)
    elif kind == "CellData*":
        for index, cell in enumerate(_list(item, path)):
            _check_cell(cell, path, index)
    elif kind.endswith("*"):
        for index, each in enumerate(_list(item, path)):
            _check_field(kind[:-1], each, f"{path}[{index}]")
    elif kind == "Request":
        check_request(item, path)
    elif kind in MESSAGES:
        check(kind, item, path)
    else:
        _check_scalar(kind, item, path)


def _check_cell(cell: Any, path: str, index: int) -> None:
    """The hot path: almost every cell of a batch is one typed value and nothing else."""
    if type(cell) is dict and len(cell) == 1:
        entered = cell.get("userEnteredValue")
        if type(entered) is dict and len(entered) == 1:
            text = entered.get("stringValue")
            if type(text) is str:
                return
            value = entered.get("numberValue")
            if type(value) is int or type(value) is float:
                return
    check("CellData", cell, f"{path}[{index}]")


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


def _list(item: Any, path: str) -> list[Any]:
    if not isinstance(item, list):
        raise _invalid_value(path, "type.googleapis.com/google.protobuf.ListValue", item)
    return item


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
