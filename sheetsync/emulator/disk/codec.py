"""The workbook's objects as JSON and back, for snapshots. Reading makes objects of known classes; no code runs.

JSON's own values stand for themselves. Anything else is an object with a tag, `"$"`: a tuple or set as `items`, a map
whose keys are not texts (or that has a `"$"` of its own) as `items` of pairs, an instance of a class of the modules
below as its attributes.
"""

from __future__ import annotations

from inspect import isclass, signature
from types import ModuleType
from typing import Any

from sheetsync.emulator.grid import a1, cells, metadata, ranges

Json = dict[str, Any]
TAG = "$"
PLAIN = frozenset((type(None), bool, int, float, str))
COLLECTIONS = {"tuple": tuple, "set": set, "frozenset": frozenset}


def _classes(*modules: ModuleType) -> dict[str, type]:
    found = [each for module in modules for each in vars(module).values() if isclass(each)]
    return {each.__name__: each for each in found if each.__module__ in {module.__name__ for module in modules}}


#: Every class of the modules that hold a workbook's state; a class of another module is not written.
CLASSES = _classes(a1, cells, metadata, ranges)
PARAMETERS = {name: frozenset(signature(each).parameters) for name, each in CLASSES.items()}


class DataError(Exception):
    """The data directory cannot be used as it is; the message says why and what to do."""


class Unknown(DataError):
    """An object that snapshots cannot hold, or one in a snapshot that this version does not know."""


def attributes(value: Any) -> Json:
    """All attributes of an object, those in slots included."""
    slots = [slot for each in type(value).__mro__ for slot in getattr(each, "__slots__", ())]
    fields = slots or list(getattr(value, "_fields", ()))
    return {**{name: getattr(value, name) for name in fields}, **getattr(value, "__dict__", {})}


def pack(value: Any) -> Any:
    """The value as JSON types. Raises Unknown for an object of a class that is not a workbook's."""
    kind = type(value)
    if kind in PLAIN:
        return value
    if kind is list:
        return [pack(each) for each in value]
    if kind is dict:
        if TAG not in value and all(type(key) is str for key in value):
            return {key: pack(each) for key, each in value.items()}
        return {TAG: "dict", "items": [[pack(key), pack(each)] for key, each in value.items()]}
    if COLLECTIONS.get(kind.__name__) is kind:
        return {TAG: kind.__name__, "items": [pack(each) for each in value]}
    if CLASSES.get(kind.__name__) is not kind:
        raise Unknown(f"A snapshot cannot hold a {kind.__name__}: define it in a module that codec.py knows.")
    return {TAG: kind.__name__, **{name: pack(each) for name, each in attributes(value).items()}}


def unpack(item: Json) -> Any:
    """What `pack` made an object of, for `json.loads(…, object_hook=unpack)`: the parts are unpacked already."""
    name = item.pop(TAG, None)
    if name is None:
        return item
    if name == "dict":
        return dict(item["items"])
    if name in COLLECTIONS:
        return COLLECTIONS[name](item["items"])
    if name not in CLASSES:
        raise Unknown(f"The snapshot holds a {name}, which this version of the emulator does not know.")
    return _made(name, item)


def _made(name: str, fields: Json) -> Any:
    """An instance; what a snapshot of an older version does not have keeps its default."""
    known = PARAMETERS[name]
    try:
        made = CLASSES[name](**{field: value for field, value in fields.items() if field in known})
        for field in fields.keys() - known:
            setattr(made, field, fields[field])
    except (TypeError, AttributeError) as error:
        raise Unknown(f"The snapshot's {name} does not fit this version of the emulator: {error}") from error
    return made
