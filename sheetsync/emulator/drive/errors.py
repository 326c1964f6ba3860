"""Drive's refusals. Unlike those of Sheets they always carry `errors`, and most carry no `status` (recorded)."""

from __future__ import annotations

from sheetsync.emulator.errors import ApiError, bad_payload


def refused(code: int, message: str, reason: str, location: str = "", kind: str = "parameter") -> ApiError:
    """One refusal in Drive's envelope."""
    detail = {"message": message, "domain": "global", "reason": reason}
    if location:
        detail |= {"location": location, "locationType": kind}
    return ApiError(code, message, extra={"errors": [detail]}, status=False)


def invalid_value(parameter: str, message: str = "Invalid Value") -> ApiError:
    """A query parameter that Drive cannot use; mostly it says no more than this (measured)."""
    return refused(400, message, "invalid", parameter)


def invalid_type(field: str, kind: str, value: str) -> ApiError:
    """A query parameter that is no number or flag: the JSON layer's refusal, with `errors` besides (measured)."""
    error = bad_payload(field, f"Invalid value at '{field}' ({kind}), \"{value}\"")
    error.extra["errors"] = [{"message": error.message, "reason": "invalid"}]
    return error


def required(parameter: str, message: str = "") -> ApiError:
    return refused(400, message or f"Required parameter: {parameter}", "required", parameter)


def unknown_field(name: str) -> ApiError:
    """A `fields` mask that names a field which no such resource has (measured)."""
    return refused(400, f"Invalid field selection {name}", "invalidParameter", "fields")


def unsupported_conversion() -> ApiError:
    """An export in a format that no spreadsheet has (measured)."""
    return refused(400, "The requested conversion is not supported.", "badRequest", "convertTo")


def permission_not_found(permission_id: str) -> ApiError:
    return refused(404, f"Permission not found: {permission_id}.", "notFound", "permissionId")


def not_here(what: str) -> ApiError:
    """What Drive does and this emulator does not."""
    return refused(400, f"this emulator does not {what}.", "badRequest")
