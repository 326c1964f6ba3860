"""HTTP to the Sheets API, through gspread's HTTPClient: one call at a time, paced, timed out, its errors typed.

gspread's own BackOffHTTPClient is not used: it repeats writes after a 5xx, which duplicates, and never gives up on a
permanent 503. Here a read is repeated a few times; a write never is, for only the commit protocol may decide that.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import google.auth.exceptions
import google.auth.transport.requests
import gspread
import requests
import requests.auth
from google.auth.credentials import Credentials

from sheetsync.errors import (
    AccessDenied,
    AmbiguousOutcome,
    GrantRevoked,
    QuotaWait,
    RateLimited,
    RequestRefused,
    SheetsyncError,
    SpreadsheetGone,
    Unavailable,
)
from sheetsync.sheets.oauth import refusal_of
from sheetsync.sheets.pacing import Kind, Pacer, Scope, Unpaced

GOOGLE = "https://sheets.googleapis.com"
SCOPES = ("https://www.googleapis.com/auth/spreadsheets",)
TIMEOUT = (10.0, 190.0)
"""Seconds to connect and to wait for a reply. Google works up to 180 s on a call; gspread's default is no timeout."""

READ_TRIES = 4
LIMITED_TRIES = 5
LONGEST_PAUSE = 30.0

Query = Sequence[tuple[str, str]]


class BearerToken(requests.auth.AuthBase):
    """Signs requests with a credential's access token, refreshed when it is about to expire.

    google-auth's AuthorizedSession does more than that: after each refresh it also asks another Google host for the
    account's "allowed locations" (2.62), which no spreadsheet needs and an emulator cannot answer.
    """

    def __init__(self, credentials: Credentials) -> None:
        self.credentials = credentials
        self._transport = google.auth.transport.requests.Request()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        self.prepare()
        request.headers["Authorization"] = f"Bearer {self.credentials.token}"
        return request

    def prepare(self) -> None:
        """Get a new token where the old one is about to expire. Raises google-auth's RefreshError, TransportError."""
        if not self.credentials.valid:
            self.refresh()

    def refresh(self) -> None:
        """Get a new token. Raises google-auth's RefreshError and TransportError."""
        self.credentials.refresh(self._transport)


class Gateway(gspread.HTTPClient):
    """gspread's client with a base URL of our own and without its exceptions: every response comes back as it is.

    gspread imports its URL constants by name, so patching them has no effect; and its APIError cannot be built from a
    body that is not Sheets-shaped.
    """

    def __init__(
        self, credentials: Credentials | None, *, session: requests.Session | None = None, base_url: str = GOOGLE
    ) -> None:
        super().__init__(None, session=session or requests.Session())  # type: ignore[arg-type]
        self.token = BearerToken(credentials) if credentials else None
        self.base_url = base_url.rstrip("/")
        self.set_timeout(TIMEOUT)

    def prepare(self) -> None:
        """See to a token that lasts for the next call. Raises what google-auth raises."""
        if self.token is not None:
            self.token.prepare()

    def request(  # type: ignore[override]
        self,
        method: str,
        endpoint: str,
        params: Query = (),
        data: bytes | None = None,
        **_: Any,
    ) -> requests.Response:
        """Send and return the response, whatever its status. Raises what requests and google-auth raise."""
        response = self._send(method, endpoint, params, data)
        if response.status_code == HTTPStatus.UNAUTHORIZED and self.token is not None:
            # A token can die before its time. Nothing was applied, so one more try with a fresh one is safe.
            self.token.refresh()
            response = self._send(method, endpoint, params, data)
        return response

    def _send(self, method: str, endpoint: str, params: Query, data: bytes | None) -> requests.Response:
        url = self.base_url + endpoint.removeprefix(GOOGLE)
        headers = {"Content-Type": "application/json"} if data is not None else None
        return self.session.request(
            method, url, params=list(params), data=data, headers=headers, timeout=self.timeout, auth=self.token
        )


@dataclass(slots=True)
class Traffic:
    """What was sent and received: calls and body bytes, reads and writes apart, retries included."""

    calls: dict[Kind, int] = field(default_factory=lambda: {"read": 0, "write": 0})
    bytes_out: int = 0
    bytes_in: int = 0


class SheetsClient:
    """One account's calls to the Sheets API. Not thread-safe: build one per thread, process and account."""

    def __init__(
        self,
        gateway: Gateway,
        pacer: Pacer | None = None,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
        read_tries: int = READ_TRIES,
    ) -> None:
        self.gateway = gateway
        self.read_tries = read_tries
        self.pacer = pacer or Unpaced()
        self.traffic = Traffic()
        self._sleep = sleep
        self._jitter = jitter

    def connect(self) -> None:
        """See to an access token and call nothing. Raises GrantRevoked, ClientRefused and Unavailable."""
        with _typed("read", self.gateway.base_url):
            self.gateway.prepare()

    def read(self, method: str, path: str, *, params: Query = (), body: Mapping[str, Any] | None = None) -> Any:
        """The JSON reply of a call that changes nothing; repeated a few times while the service is unavailable."""
        return json.loads(self.read_text(method, path, params=params, body=body))

    def read_text(self, method: str, path: str, *, params: Query = (), body: Mapping[str, Any] | None = None) -> str:
        """Like `read`, but the reply's text, for replies too large to be parsed at once."""
        data = None if body is None else json.dumps(body).encode()
        for attempt in range(1, self.read_tries):
            try:
                return self._call("read", method, path, params, data).decode()
            except Unavailable:
                self._sleep(self._pause(attempt))
        return self._call("read", method, path, params, data).decode()

    def batch_update(self, spreadsheet_id: str, body: bytes, params: Query = ()) -> Any:
        """Send one `spreadsheets.batchUpdate` and return its reply.

        Raises AmbiguousOutcome where no clean reply came: then nobody knows yet whether it was, or will be, applied.
        """
        return self._write(f"/v4/spreadsheets/{spreadsheet_id}:batchUpdate", body, params)

    def create(self, body: bytes, params: Query = ()) -> Any:
        """Send one `spreadsheets.create` and return its reply. Raises AmbiguousOutcome as `batch_update` does."""
        return self._write("/v4/spreadsheets", body, params)

    def _write(self, path: str, body: bytes, params: Query) -> Any:
        text = self._call("write", "post", path, params, body)
        try:
            return json.loads(text)
        except ValueError as error:
            raise AmbiguousOutcome("the reply to a write was not JSON") from error

    def _call(self, kind: Kind, method: str, path: str, params: Query, data: bytes | None) -> bytes:
        refusal: RateLimited | None = None
        try:
            for attempt in range(1, LIMITED_TRIES):
                try:
                    return self._send(kind, method, path, params, data)
                except RateLimited as error:
                    # Nothing was applied, so even a write may be sent again. Google names no Retry-After (130 of 130).
                    refusal = error
                    self.pacer.back_off(kind, error.retry_after or self._pause(attempt), error.scope)
            return self._send(kind, method, path, params, data)
        except QuotaWait as wait:
            if refusal is None:
                raise
            raise QuotaWait(str(refusal), seconds=wait.seconds) from refusal  # Google's words say which quota it is

    def _send(self, kind: Kind, method: str, path: str, params: Query, data: bytes | None) -> bytes:
        self.connect()  # a new token takes seconds, and an account that gets none is to take no place in a bucket
        self.pacer.take(kind)
        self.traffic.calls[kind] += 1
        self.traffic.bytes_out += len(data or b"")
        with _typed(kind, self.gateway.base_url):
            response = self.gateway.request(method, path, params=params, data=data)
            content = response.content
        self.traffic.bytes_in += len(content)
        if not response.ok:
            raise _error(kind, response)
        return content

    def _pause(self, attempt: int) -> float:
        return min(LONGEST_PAUSE, 2.0**attempt) * (0.5 + self._jitter() / 2)


@contextmanager
def _typed(kind: Kind, address: str) -> Iterator[None]:
    """What google-auth, requests and the network raise, as our own errors."""
    try:
        yield
    except google.auth.exceptions.RefreshError as error:
        raise refusal_of(error) from error
    except (requests.ConnectTimeout, google.auth.exceptions.TransportError) as error:
        raise Unavailable(f"cannot reach {address}: {error}") from error
    except (requests.RequestException, OSError) as error:
        raise _no_reply(kind, f"{type(error).__name__}: {error}") from error


def _no_reply(kind: Kind, reason: str) -> SheetsyncError:
    if kind == "write":
        return AmbiguousOutcome(f"no clean reply to a write: {reason}")
    return Unavailable(f"no reply from the Sheets API: {reason}")


def _error(kind: Kind, response: requests.Response) -> SheetsyncError:
    status, message = response.status_code, _message(response)
    match status:
        case HTTPStatus.TOO_MANY_REQUESTS:
            return RateLimited(message, retry_after=_retry_after(response), scope=_whose_quota(response))
        case HTTPStatus.UNAUTHORIZED:
            return GrantRevoked(f"{message} Connect the account again.")
        case HTTPStatus.FORBIDDEN:
            return AccessDenied(f"{message}: share the spreadsheet with this account as an editor")
        case HTTPStatus.NOT_FOUND:
            return SpreadsheetGone(f"{message} The spreadsheet was deleted, or its id is wrong.")
        case HTTPStatus.REQUEST_TIMEOUT:
            return _no_reply(kind, message)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _no_reply(kind, f"HTTP {status}: {message}")
    return RequestRefused(message, status=status)


def _message(response: requests.Response) -> str:
    # A Google front end may answer HTML, and the OAuth endpoint {"error": "text"}: neither is Sheets-shaped.
    try:
        return str(response.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return response.text[:200].strip() or f"HTTP {response.status_code}"


def _whose_quota(response: requests.Response) -> Scope:
    """Older shapes of the reply name no limit, as those of a front end: they are about the caller, most likely."""
    try:
        details = response.json()["error"]["details"]
        limits = [str(detail["metadata"]["quota_limit"]) for detail in details if "metadata" in detail]
    except (ValueError, KeyError, TypeError):
        return "account"
    return "project" if any(limit.endswith("PerProject") for limit in limits) else "account"


def _retry_after(response: requests.Response) -> float | None:
    value = response.headers.get("Retry-After", "")
    return min(float(value), LONGEST_PAUSE) if value.isdigit() else None
