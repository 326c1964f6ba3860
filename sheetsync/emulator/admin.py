"""`/_emulator/…`: faults, a person's edits, the list of calls and a reset, for tests in other processes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from .api import parse_body
from .errors import ApiError, invalid, not_found
from .person import OWNER
from .wire import Request, Response, json_response

if TYPE_CHECKING:
    from .emulator import Emulator

Json = dict[str, Any]
PREFIX = "/_emulator/"
OPTIONS = ("status", "applied", "calls", "name", "seconds", "reply", "metric")


def handles(request: Request) -> bool:
    return request.path.startswith(PREFIX)


def answer(emulator: Emulator, request: Request) -> Response:
    """Dispatch on `METHOD name`; 404 for anything else."""
    try:
        act = ACTS.get(f"{request.method} {request.path.removeprefix(PREFIX)}")
        if act is None:
            raise not_found()
        return json_response(200, act(emulator, parse_body(request)))
    except ApiError as error:
        return json_response(error.code, error.body())


def _add_fault(emulator: Emulator, body: Json) -> Json:
    """{"kind", "match", "after", "times", …options}; before and after take "spreadsheetId" and "requests"."""
    options = {name: body[name] for name in OPTIONS if name in body}
    if body.get("kind") in ("before", "after"):
        options["call"] = _edit(body.get("spreadsheetId", ""), body.get("requests") or [])
    try:
        emulator.faults.add(
            body.get("kind", ""),
            body.get("match", ":batchUpdate"),
            body.get("after", 0),
            body.get("times", 1),
            **options,
        )
    except ValueError as error:
        raise invalid(str(error)) from error
    return {}


def _edit(spreadsheet_id: str, requests: list[Json]) -> Callable[[Emulator], None]:
    def act(emulator: Emulator) -> None:
        emulator.act(spreadsheet_id, requests, OWNER)

    return act


def _clear_faults(emulator: Emulator, body: Json) -> Json:
    emulator.faults.clear()
    return {}


def _held(emulator: Emulator, body: Json) -> Json:
    """-> {"held": [names]}: who is in another process sees here that a call has arrived."""
    return {"held": emulator.faults.held()}


def _release(emulator: Emulator, body: Json) -> Json:
    emulator.faults.release(body.get("name"))
    return {}


def _person(emulator: Emulator, body: Json) -> Json:
    """{"spreadsheetId", "requests"}: a person edits now."""
    return {"replies": emulator.act(body.get("spreadsheetId", ""), body.get("requests") or [], OWNER)}


def _spreadsheets(emulator: Emulator, body: Json) -> Json:
    """{"title", "rows", "columns", "tab", "time_zone"} -> {"spreadsheetId"}: a file of the person's."""
    known = {name: body[name] for name in ("rows", "columns", "tab", "time_zone") if name in body}
    return {"spreadsheetId": emulator.create_spreadsheet(body.get("title", "Untitled"), **known)}


def _calls(emulator: Emulator, body: Json) -> Json:
    return {"calls": [asdict(call) for call in list(emulator.calls)]}


def _forbid(emulator: Emulator, body: Json) -> Json:
    emulator.forbid(body.get("spreadsheetId", ""), body.get("forbidden", True))
    return {}


def _revoke(emulator: Emulator, body: Json) -> Json:
    """{"revoked": true|false}: end all grants, or bring them back."""
    emulator.accounts.revoked = body.get("revoked", True)
    return {}


def _reset(emulator: Emulator, body: Json) -> Json:
    emulator.reset()
    return {}


ACTS: dict[str, Callable[[Emulator, Json], Json]] = {
    "POST faults": _add_fault,
    "DELETE faults": _clear_faults,
    "GET held": _held,
    "POST release": _release,
    "POST person": _person,
    "POST spreadsheets": _spreadsheets,
    "POST forbid": _forbid,
    "POST revoke": _revoke,
    "GET calls": _calls,
    "POST reset": _reset,
}
