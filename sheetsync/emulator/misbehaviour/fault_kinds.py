"""What a planned fault is, which options each kind takes, and the answers that Google gives with a status."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sheetsync.emulator.errors import ApiError, forbidden, not_found, unauthenticated
from sheetsync.emulator.misbehaviour import matching
from sheetsync.emulator.misbehaviour.quotas import over_quota
from sheetsync.emulator.options import Options, wrong
from sheetsync.emulator.wire import Request, Response, html_response, json_response

Json = dict[str, Any]
STATUSES = (400, 401, 403, 404, 429, 500, 502, 503, "502-html")
MESSAGES = {500: "Internal error encountered.", 503: "The service is currently unavailable."}

#: A Google front end's own error page: HTML, not JSON (gspread issues 216 and 272).
FRONT_END_PAGE = (
    "<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n  <title>Error 502 (Server Error)!!1</title>\n"
    "  <p><b>502.</b> <ins>That's an error.</ins>\n"
    "  <p>The server encountered a temporary error and could not complete your request.<p>"
    "Please try again in 30 seconds.\n</html>\n"
)


@dataclass(eq=False, slots=True)
class Fault:
    """One planned misbehaviour: skip `after` matching calls, then act on the next `times`; `met` counts those."""

    id: int
    kind: str
    match: str | matching.Matcher | Callable[[Request], Any]
    after: int
    times: int
    options: Json
    met: int = 0
    released: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)

    def takes(self) -> bool:
        """A matching call arrives: is it one of those that are meant?"""
        if self.after > 0:
            self.after -= 1
            return False
        self.times -= 1
        self.met += 1
        return True

    def shown(self) -> Json:
        """Itself as a listing shows it; `left` are the calls that it still waits for."""
        options = {name: value for name, value in self.options.items() if not callable(value)}
        plan = {"id": self.id, "kind": self.kind, "match": matching.shown(self.match), "after": self.after}
        return {**plan, "left": self.times, "met": self.met, **options}


def _none(options: Options) -> Json:
    return {}


def _status(options: Options) -> Json:
    return {
        "status": options.choice("status", 503, STATUSES),
        "applied": options.flag("applied", False),
        "metric": options.choice("metric", None, ("read", "write")) if options.has("metric") else None,
        "per": options.choice("per", "user", ("user", "project")),
    }


def _late(options: Options) -> Json:
    return {"calls": options.whole_or_none("calls", None, 1), "name": options.text("name", "")}


def _hold(options: Options) -> Json:
    return {"name": options.text("name", "")}


def _slow(options: Options) -> Json:
    return {"seconds": options.number("seconds", 1)}


def _double(options: Options) -> Json:
    return {"reply": options.choice("reply", "first", ("first", "second"))}


def _person(options: Options) -> Json:
    call = options.given.get("call") if options.has("call") else None
    if not callable(call):
        raise wrong("call", call, "give a function that takes the emulator")
    return {"call": call, "apart": options.flag("apart", False)}


CHECKS: dict[str, Callable[[Options], Json]] = {
    "status": _status,
    "lose_reply": _none,
    "drop": _none,
    "late": _late,
    "double": _double,
    "hold": _hold,
    "slow": _slow,
    "before": _person,
    "after": _person,
    "expire_token": _none,
    "revoke_grant": _none,
}
KINDS = tuple(CHECKS)


def checked_options(kind: str, given: Mapping[str, Any]) -> Json:
    """The options of a kind, with its defaults. Raises ValueError, also for an unknown kind."""
    if not isinstance(kind, str) or kind not in CHECKS:
        raise ValueError(f"kind: unknown fault {kind!r}; give one of {', '.join(KINDS)}")
    options = Options(given, kind)
    checked = CHECKS[kind](options)
    options.done()
    return checked


def error_reply(status: int | str, metric: str = "write", *, per_user: bool = True) -> Response:
    """The body Google sends with a status; "502-html" is the front end's page."""
    if status in ("502-html", 502):
        return html_response(502, FRONT_END_PAGE)
    error = _refusal(int(status), metric, per_user)
    return json_response(error.code, error.body(), error.headers)


def _refusal(status: int, metric: str, per_user: bool) -> ApiError:
    if status == 429:
        # Drive and the token endpoint have other quotas, whose words are not known.
        return over_quota("write" if metric == "other" else metric, per_user=per_user)
    known = {401: unauthenticated, 403: forbidden, 404: not_found}
    if status in known:
        return known[status]()
    return ApiError(status, MESSAGES.get(status, "Request contains an invalid argument."))
