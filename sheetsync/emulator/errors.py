"""Google's refusals, as exceptions that know their own JSON body.

The wordings are the recorded ones where a recording exists; `docs` for each raise site say which.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}

UNAUTHENTICATED = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
    "valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
)


class ApiError(Exception):
    """A refusal with a status code and Google's error object; `extra` is merged into that object."""

    def __init__(self, code: int, message: str, *, extra: Json | None = None, status: bool = True) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.extra = extra or {}
        self.has_status = status
        self.headers: dict[str, str] = {}

    def body(self) -> Json:
        error: Json = {"code": self.code, "message": self.message, **self.extra}
        if self.has_status and "status" not in error:
            error["status"] = STATUS.get(self.code, "UNKNOWN")
        return {"error": error}


class Refused(Exception):
    """A request inside a batch cannot be applied; the batch adds `Invalid requests[k].kind: ` in front."""


def invalid(message: str) -> ApiError:
    """A plain 400."""
    return ApiError(400, message)


def bad_payload(field: str, message: str) -> ApiError:
    """A 400 of the JSON-to-proto layer: its text comes once more as a BadRequest violation (recorded)."""
    violation = {"field": field, "description": message} if field else {"description": message}
    detail = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}
    return ApiError(400, message, extra={"status": "INVALID_ARGUMENT", "details": [detail]})


def unknown_name(name: str, at: str) -> ApiError:
    where = f" at '{at}'" if at else ""
    return bad_payload(at, f'Invalid JSON payload received. Unknown name "{name}"{where}: Cannot find field.')


def bad_mask(path: str) -> ApiError:
    """The 400 for a `fields` parameter that names no field of the reply."""
    text = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
    detail = {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{"field": path, "description": text}],
    }
    return ApiError(400, "Request contains an invalid argument.", extra={"details": [detail]})


def not_found() -> ApiError:
    return ApiError(404, "Requested entity was not found.")


def forbidden() -> ApiError:
    return ApiError(403, "The caller does not have permission")


def unauthenticated(drive: bool = True) -> ApiError:
    """The recorded 401 with its WWW-Authenticate header. `errors` is Drive's: public reports of Sheets have none."""
    detail = {
        "message": "Invalid Credentials",
        "domain": "global",
        "reason": "authError",
        "location": "Authorization",
        "locationType": "header",
    }
    error = ApiError(401, UNAUTHENTICATED, extra={"errors": [detail]} if drive else {})
    error.headers["WWW-Authenticate"] = 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
    return error


UNREGISTERED = (
    "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other "
    "form of API consumer identity to call this API."
)


def unregistered() -> ApiError:
    """A read without any token is refused like this, not as a 401 (measured on the live API by third parties)."""
    return ApiError(403, UNREGISTERED)


def file_not_found(file_id: str) -> ApiError:
    """Drive's 404; it carries `errors` and, on the recording, no `status`."""
    message = f"File not found: {file_id}."
    detail = {
        "message": message,
        "domain": "global",
        "reason": "notFound",
        "location": "fileId",
        "locationType": "parameter",
    }
    return ApiError(404, message, extra={"errors": [detail]}, status=False)
