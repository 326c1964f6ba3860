"""Which calls are meant: by method, path, kind, what a batch asks for, file and account."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sheetsync.emulator.api.sheets import match as route_of
from sheetsync.emulator.api.sheets import parse_body
from sheetsync.emulator.batch.kinds import KINDS
from sheetsync.emulator.errors import ApiError
from sheetsync.emulator.options import Options, wrong
from sheetsync.emulator.wire import Request

if TYPE_CHECKING:
    from sheetsync.emulator.emulator import Emulator

Json = dict[str, Any]
CALL_KINDS = ("read", "write", "other")


@dataclass(frozen=True, kw_only=True, slots=True)
class Matcher:
    """All that is given must hold; one that is given nothing matches every call.

    `path` is a regular expression, searched in the path. `kind` is read, write or other. `request` is the kind of a
    request inside a batchUpdate, such as insertDimension. `account` is an e-mail address.
    """

    method: str | None = None
    path: str | None = None
    kind: str | None = None
    request: str | None = None
    spreadsheet_id: str | None = None
    account: str | None = None

    def __post_init__(self) -> None:
        if self.kind is not None and self.kind not in CALL_KINDS:
            raise wrong("match.kind", self.kind, f"give one of {', '.join(CALL_KINDS)}")
        if self.request is not None and self.request not in KINDS:
            raise wrong(
                "match.request", self.request, "give a batchUpdate kind that the emulator knows, such as addSheet"
            )
        try:
            re.compile(self.path or "")
        except re.error as error:
            raise wrong("match.path", self.path, f"give a regular expression ({error})") from error

    def fits(self, request: Request, emulator: Emulator) -> bool:
        """Cheapest first: a body is parsed only when all else holds."""
        return (
            self.method in (None, request.method)
            and (self.path is None or re.search(self.path, request.path) is not None)
            and self._fits_route(request)
            and self.account in (None, self.account and emulator.account_of(request))
            and (self.request is None or _asks_for(request, self.request))
        )

    def _fits_route(self, request: Request) -> bool:
        if self.kind is not None and self.kind != kind_of(request):
            return False
        return self.spreadsheet_id is None or self.spreadsheet_id == spreadsheet_of(request)

    def shown(self) -> Json:
        """What was given, with the names that the admin endpoint takes."""
        given = {name: value for name, value in asdict(self).items() if value is not None}
        return {"spreadsheetId" if name == "spreadsheet_id" else name: value for name, value in given.items()}


def kind_of(request: Request) -> str:
    """read, write or other, as it is counted."""
    found = route_of(request)
    return "other" if found is None else found[0].kind


def spreadsheet_of(request: Request) -> str:
    """The file that a call is about, "" for none."""
    found = route_of(request)
    return "" if found is None else found[1].get("id", "")


Match = str | Matcher | Mapping[str, Any] | Callable[[Request], Any]


def matcher_from(given: object) -> Matcher:
    """A matcher from its JSON form. Raises ValueError."""
    options = Options(given, "match")
    names = {"spreadsheet_id" if name == "spreadsheetId" else name: name for name in FIELDS}
    found = {field: options.text_or_none(name) for field, name in names.items()}
    options.done()
    return Matcher(**found)


FIELDS = ("method", "path", "kind", "request", "spreadsheetId", "account")


def checked(match: object) -> str | Matcher | Callable[[Request], Any]:
    """What `faults.add` takes: a part of the path, a matcher or its JSON form, or a predicate. Raises ValueError."""
    if isinstance(match, str | Matcher) or callable(match):
        return match
    if isinstance(match, Mapping):
        return matcher_from(match)
    raise wrong("match", match, f"give a part of the path, or an object with some of {', '.join(FIELDS)}")


def fits(match: str | Matcher | Callable[[Request], Any], request: Request, emulator: Emulator) -> bool:
    if isinstance(match, str):
        return match in request.path
    return match.fits(request, emulator) if isinstance(match, Matcher) else bool(match(request))


def shown(match: str | Matcher | Callable[[Request], Any]) -> str | Json:
    """How a listing shows it; a predicate by its name."""
    if isinstance(match, Matcher):
        return match.shown()
    return match if isinstance(match, str) else getattr(match, "__name__", "a predicate")


def _asks_for(request: Request, kind: str) -> bool:
    """Does the batch contain such a request? A body that does not even hold the word is not parsed."""
    if not request.path.endswith(":batchUpdate") or f'"{kind}"'.encode() not in request.body:
        return False
    try:
        requests = parse_body(request).get("requests")
    except ApiError:
        return False
    given = requests if isinstance(requests, list) else []
    return any(isinstance(each, dict) and each.get(kind) is not None for each in given)
