"""Errors stand beside the field that they are about: the words of what refuses a value begin with its name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

Placed = tuple[str, str]
"""The field, and the words without its place."""


def placed(
    error: ValidationError, known: Iterable[str], place: Callable[[str], Placed], already: Collection[str] = ()
) -> Any:
    """The same, but what is about the whole row, or about a field that the form has not, is where `place` says.

    Not where something is said `already`: it would be the same in other words.
    """
    names = {*known, NON_FIELD_ERRORS}
    if not hasattr(error, "error_dict"):
        error = ValidationError({NON_FIELD_ERRORS: error})
    found: dict[str, list[ValidationError]] = {}
    for name, errors in error.error_dict.items():
        for each in errors:
            if name in names - {NON_FIELD_ERRORS}:
                found.setdefault(name, []).append(each)
                continue
            for text in each.messages:
                where, words = place(text)
                where = where if where in names else NON_FIELD_ERRORS
                if where not in already:
                    found.setdefault(where, []).append(ValidationError(words))
    return ValidationError(found)
