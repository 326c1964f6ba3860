"""Refusals of the API that are about who calls, not about what."""

from __future__ import annotations

from typing import Any

from sheetsync.emulator.errors import ApiError

Json = dict[str, Any]
INSUFFICIENT = "Request had insufficient authentication scopes."


def scope_insufficient(service: str, method: str) -> ApiError:
    """The 403 of a token whose scopes do not reach (captured); Drive adds its `errors` as ever."""
    detail = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
        "metadata": {"service": service, "method": method},
    }
    extra: Json = {"status": "PERMISSION_DENIED", "details": [detail]}
    if service == "drive.googleapis.com":
        one = {"message": "Insufficient Permission", "domain": "global", "reason": "insufficientPermissions"}
        extra = {"errors": [one], **extra}
    error = ApiError(403, INSUFFICIENT, extra=extra)
    error.headers["WWW-Authenticate"] = 'Bearer realm="https://accounts.google.com/", error="insufficient_scope"'
    return error


def insufficient_file_permissions() -> ApiError:
    """Drive's 403 for somebody who sees a file and may not do this to it (quoted in use)."""
    message = "The user does not have sufficient permissions for this file."
    one = {"message": message, "domain": "global", "reason": "insufficientFilePermissions"}
    return ApiError(403, message, extra={"errors": [one]}, status=False)
