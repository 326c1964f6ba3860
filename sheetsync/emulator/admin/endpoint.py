"""`/_emulator/…`: misbehaviour, files, access, the list of calls and a reset, for tests in other processes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sheetsync.emulator.admin import misbehaviour as admin_misbehaviour
from sheetsync.emulator.api.sheets import parse_body
from sheetsync.emulator.errors import ApiError, Refused, invalid
from sheetsync.emulator.grid.limits import check_cells, check_columns
from sheetsync.emulator.oauth.acts import ACTS as OAUTH_ACTS
from sheetsync.emulator.options import Options
from sheetsync.emulator.wire import Request, Response, json_response

if TYPE_CHECKING:
    from sheetsync.emulator.emulator import Emulator

Json = dict[str, Any]
PREFIX = "/_emulator/"


def handles(request: Request) -> bool:
    return request.path.startswith(PREFIX)


def answer(emulator: Emulator, request: Request) -> Response:
    """Dispatch on `METHOD name`, or `METHOD name/` with an id; 404 for anything else, 400 for what cannot be done."""
    name = request.path.removeprefix(PREFIX)
    act, given = ACTS.get(f"{request.method} {name}"), ""
    if act is None:
        name, _, given = name.rpartition("/")
        act = ACTS.get(f"{request.method} {name}/")
    try:
        if act is None:
            raise ApiError(404, f"{request.method} {request.path} is not known; known are {', '.join(ACTS)}")
        body = parse_body(request)
        return json_response(200, act(emulator, {**body, "id": given} if given else body))
    except ApiError as error:
        return json_response(error.code, error.body())
    except (ValueError, Refused) as error:
        return json_response(400, invalid(str(error)).body())


def _spreadsheets(emulator: Emulator, body: Json) -> Json:
    """{"title", "rows", "columns", "tab", "time_zone"} -> {"spreadsheetId"}: a file of the person's."""
    options = Options(body)
    rows, columns = options.whole("rows", 1000, 1), options.whole("columns", 26, 1)
    check_columns(columns)
    check_cells(rows * columns)
    texts = {name: options.text(name, None) for name in ("tab", "time_zone") if options.has(name)}
    title = options.text("title", "Untitled")
    options.done()
    return {"spreadsheetId": emulator.create_spreadsheet(title, rows=rows, columns=columns, **texts)}


def _calls(emulator: Emulator, body: Json) -> Json:
    return {"calls": [asdict(call) for call in list(emulator.calls)]}


def _forbid(emulator: Emulator, body: Json) -> Json:
    """{"spreadsheetId", "forbidden": true|false}: take a file away from the callers, or give it back."""
    options = Options(body)
    emulator.forbid(options.text("spreadsheetId", None), options.flag("forbidden", True))
    options.done()
    return {}


def _revoke(emulator: Emulator, body: Json) -> Json:
    """{"revoked": true|false}: end all grants, or bring them back."""
    emulator.accounts.revoked = Options(body).flag("revoked", True)
    return {}


def _compact(emulator: Emulator, body: Json) -> Json:
    """Write a snapshot now; without a data directory there is nothing to write."""
    emulator.compact()
    return {}


def _reset(emulator: Emulator, body: Json) -> Json:
    emulator.reset()
    return {}


ACTS: dict[str, Callable[[Emulator, Json], Json]] = {
    **admin_misbehaviour.SWITCHES,
    "POST spreadsheets": _spreadsheets,
    "POST forbid": _forbid,
    "POST revoke": _revoke,
    "GET calls": _calls,
    "POST compact": _compact,
    "POST reset": _reset,
    **OAUTH_ACTS,
}
