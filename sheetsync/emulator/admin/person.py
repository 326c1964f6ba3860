"""`/_emulator/person`: people act, by requests, by the name of an act, or by lot. A ValueError says what to mend."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sheetsync.emulator.errors import invalid
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.options import Options, wrong
from sheetsync.emulator.people.acts import ACTS
from sheetsync.emulator.people.chance import CHANCES

if TYPE_CHECKING:
    from sheetsync.emulator.emulator import Emulator

Json = dict[str, Any]
AT_ONCE = 1_000


def act_now(emulator: Emulator, body: Json) -> Json:
    """A person edits now. -> the replies of raw requests, and what was done.

    - {"spreadsheetId", "requests"}: batchUpdate requests
    - {"act", "spreadsheetId", "sheetId" or "tab", …arguments}: one of the acts by its name
    - {"act": "random", "seed", "acts", "times", …}: acts by lot
    """
    with emulator.lock:
        before = emulator.person.count
        replies = editor(body)(emulator)
        done = emulator.person.count - before
        return {"replies": replies, "acts": [asdict(each) for each in emulator.person.acts][-done:] if done else []}


def acts(emulator: Emulator, body: Json) -> Json:
    """-> {"acts": […]}: all that persons did since the last reset."""
    return {"acts": [asdict(each) for each in emulator.person.acts]}


def editor(given: object) -> Callable[[Emulator], list[Json]]:
    """What a person is to do, checked; called, it does it and gives the replies of raw requests."""
    options = Options(given, "person")
    spreadsheet_id = options.text("spreadsheetId", None)
    if not options.has("act"):
        return _raw(options, spreadsheet_id)
    name = options.choice("act", None, ("random", *ACTS))
    where = options.text_or_none("tab"), options.whole_or_none("sheetId", None)
    arguments = _lots(options) if name == "random" else _arguments(options, name)
    options.done()

    def act(emulator: Emulator) -> list[Json]:
        sheet = _tab(emulator, spreadsheet_id, *where)
        if name != "random":
            getattr(emulator.person, name)(sheet, **arguments)
            return []
        somebody = emulator.person.random(arguments["seed"], arguments["acts"])
        for _ in range(arguments["times"]):
            somebody.act(sheet)
        return []

    return act


def _raw(options: Options, spreadsheet_id: str) -> Callable[[Emulator], list[Json]]:
    requests = options.given.get("requests") if options.has("requests") else None
    options.done()
    if not isinstance(requests, list) or not requests:
        raise wrong("requests", requests, f"give a list of batchUpdate requests, or an act: {', '.join(ACTS)}, random")
    return lambda emulator: emulator.person.do(spreadsheet_id, *requests)


def _lots(options: Options) -> Json:
    if options.whole("times", 1, 1) > AT_ONCE:
        raise wrong("times", options.given["times"], f"give {AT_ONCE} at most")
    drawn = options.choices("acts", CHANCES, CHANCES)
    return {"seed": options.whole("seed", None), "acts": drawn, "times": options.whole("times", 1, 1)}


def _arguments(options: Options, name: str) -> Json:
    """The arguments of an act, each of the type that its signature says; those with a default may be left out."""
    found: Json = {}
    for parameter in ACTS[name].parameters.values():
        required = parameter.default is inspect.Parameter.empty
        if options.has(parameter.name) or required:
            found[parameter.name] = READERS[parameter.annotation](options, parameter.name)
    return found


def _texts(options: Options, name: str) -> list[str]:
    value = options.given.get(name) if options.has(name) else None
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise wrong(name, value, "give a list of texts")
    return value


def _typed(options: Options, name: str) -> Any:
    value = options.given.get(name) if options.has(name) else None
    if name not in options.given or not isinstance(value, str | int | float | bool | None):
        raise wrong(name, value, "give a text, a number, true or false, or null")
    return value


READERS: dict[str, Callable[[Options, str], Any]] = {
    "int": lambda options, name: options.whole(name, None),
    "int | None": lambda options, name: options.whole_or_none(name, None),
    "bool": lambda options, name: options.flag(name, False),
    "str": lambda options, name: options.text(name, "" if name in options.given else None),
    "list[str]": _texts,
    "Any": _typed,
}


def _tab(emulator: Emulator, spreadsheet_id: str, title: str | None, sheet_id: int | None) -> Sheet:
    """The tab by its title or id, else the first. Raises ApiError when there is none."""
    book = emulator.store.books.get(spreadsheet_id)
    if book is None:
        raise invalid(f"spreadsheetId: {spreadsheet_id!r} is not possible; give the id of a file that exists")
    try:
        return book.sheets[0] if title is None and sheet_id is None else book.sheet(title=title, id=sheet_id)
    except KeyError:
        known = ", ".join(f"{sheet.title!r} ({sheet.id})" for sheet in book.sheets)
        raise invalid(f"there is no tab {title or sheet_id!r}; give one of {known}") from None
