"""An act of a person: its name, what it takes, and the record of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from sheetsync.emulator.errors import ApiError
from sheetsync.emulator.grid.sheet import Sheet

if TYPE_CHECKING:
    from sheetsync.emulator.people.person import Person

Json = dict[str, Any]
P = ParamSpec("P")


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """What the person did, where and with what; where it was `refused`, with that reason, nothing changed."""

    what: str
    spreadsheet_id: str
    sheet_id: int | None
    arguments: Json
    refused: str = ""


ACTS: dict[str, inspect.Signature] = {}
"""The acts by name, each with what it takes after the tab."""


def act(method: Callable[Concatenate[Person, Sheet, P], None]) -> Callable[Concatenate[Person, Sheet, P], None]:
    """Makes a method an act: known by its name, recorded with its arguments, also where it is refused."""
    signature = inspect.signature(method)
    ACTS[method.__name__] = signature.replace(parameters=list(signature.parameters.values())[2:])

    def acted(self: Person, sheet: Sheet, /, *args: P.args, **kwargs: P.kwargs) -> None:
        arguments = dict(list(signature.bind(self, sheet, *args, **kwargs).arguments.items())[2:])
        with self.emulator.lock:
            where = self.emulator.book_of(sheet).id, sheet.id
            refused = ""
            try:
                method(self, sheet, *args, **kwargs)
            except ApiError as error:
                refused = error.message
                raise
            finally:
                self.note(method.__name__, *where, arguments, refused)

    return update_wrapper(acted, method)
