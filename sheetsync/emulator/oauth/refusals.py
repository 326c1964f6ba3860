"""OAuth's refusals: JSON of the token endpoint, a page for a person, or an error that travels back to the client.

Wordings are those of captured replies, except where a raise site says that it assumes.
"""

from __future__ import annotations

from sheetsync.emulator.wire import Response, json_response


class Refusal(Exception):
    """{"error", "error_description"} with a status."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status

    def response(self) -> Response:
        return json_response(self.status, {"error": self.error, "error_description": self.description})


class Blocked(Exception):
    """The authorization request is wrong: a person sees why, and nobody is sent anywhere."""

    def __init__(self, error: str, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.error = error
        self.reason = reason
        self.status = status


class SentBack(Exception):
    """The request is sound, the answer is no: the client hears it at its redirect URI."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


def bad_grant(description: str = "Bad Request") -> Refusal:
    return Refusal("invalid_grant", description)


def revoked() -> Refusal:
    return bad_grant("Token has been expired or revoked.")


def missing(parameter: str) -> Refusal:
    return Refusal("invalid_request", f"Missing required parameter: {parameter}")
