"""A whole state as plain values that can be compared: whatever an object keeps is in it, without being named here."""

from __future__ import annotations

from typing import Any

from sheetsync.emulator import Emulator

#: Which batch made a row (see Row.epoch): bookkeeping of the undo, and no part of the file.
NOT_STATE = {"epoch"}


def dump(value: Any) -> Any:
    """Lists of plain values: equal exactly when the states are, types and the order of maps included."""
    if value is None or type(value) is str:
        return value
    if type(value) in (bool, int, float):
        return [type(value).__name__, repr(value)]
    if type(value) is list:
        return ["list", *map(dump, value)]
    if type(value) is dict:
        return ["dict", *([dump(key), dump(each)] for key, each in value.items())]
    if type(value) in (set, frozenset):
        return [type(value).__name__, *sorted(map(dump, value), key=repr)]
    if isinstance(value, tuple):
        return [type(value).__name__, *map(dump, value)]
    return _dump_object(value)


def _dump_object(value: Any) -> Any:
    slots = [name for each in type(value).__mro__ for name in getattr(each, "__slots__", ())]
    state = {**{name: getattr(value, name) for name in slots}, **getattr(value, "__dict__", {})}
    if not state or callable(value):
        raise TypeError(f"{value!r} has no state that could be compared")
    return [type(value).__name__, *([name, dump(each)] for name, each in state.items() if name not in NOT_STATE)]


def dump_all(emulator: Emulator) -> Any:
    """All files of an emulator, and whatever else its snapshots keep."""
    sections = {name: give() for name, (give, _) in emulator.keeping.sections.items()}
    return [dump(emulator.store), dump(sections)]
