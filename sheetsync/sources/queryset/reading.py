"""Asking the database: one short query at a time, its faults told apart by what the caller can do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DataError, InterfaceError, OperationalError, ProgrammingError, connections
from django.db.models import QuerySet

from sheetsync.errors import BadSource, Unavailable
from sheetsync.sources.queryset.places import Selection

Row = tuple[Any, ...]


def rows_of(query: QuerySet[Any], selection: Selection, alias: str) -> list[Row]:
    """What one query finds, read to its end, as plain tuples: a model's instances would cost several times as much."""
    with asking(alias):
        return list(query.values_list(*selection.lookups))


@contextmanager
def asking(alias: str) -> Iterator[None]:
    """Raises Unavailable where the database does not answer, BadSource where it does not know what is asked for."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        connections[alias].close_if_unusable_or_obsolete()
        # SQLite says the same of a missing column as of a full disk, but for the code.
        if getattr(error.__cause__, "sqlite_errorname", "") == "SQLITE_ERROR":
            raise _misfit(alias, error) from error
        raise Unavailable(f"the database {alias!r} does not answer: {_first_line(error)}") from error
    except (DataError, ProgrammingError, OverflowError, ValueError) as error:  # Python's own: a filter's odd value
        raise _misfit(alias, error) from error


def _misfit(alias: str, error: Exception) -> BadSource:
    return BadSource(
        f"the database {alias!r} refuses the query ({_first_line(error)}): run manage.py migrate, or correct "
        "fields and filters of this source"
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
