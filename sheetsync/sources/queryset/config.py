"""What says which model holds the orders and what of them may be seen."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sheetsync.errors import BadSource
from sheetsync.pipeline.records import RowsPer

MAX_CHUNK = 900
"""SQLite may be built to take no more than 999 values in a query, and filters bring some of their own."""

NAMES_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class QuerysetConfig:
    """Written by the operator of the site, never by a tenant: it imports code and chooses tables.

    `model`: `app_label.Model`, or the dotted path of a model, or of a function that returns a QuerySet.
    `id_field`: a unique field, the order id.
    `fields`: dotted paths that columns may read, such as `customer.name`; without them the model's own plain fields.
    `filters`: lookups of the ORM that every order satisfies, such as `{"status__in": ["paid"]}`.
    `ordering`: a field to walk by, `-field` from its end; the primary key decides between equals.
    `lines`: the related name by which an order finds its lines; `line_fields` and `line_id_field` as for orders.
    `lines_key`: what the list of lines is called in an order, so that columns can say `lines[*].sku`.
    `updated`: the field with the time of last change, or an annotation of the function's QuerySet, for incremental
    walks, which look back `overlap` seconds: as long as a transaction may take from writing that time to its end.
    `chunk`: how many orders a query reads. `using`: the database, where the router shall not choose.
    """

    model: str
    rows_per: RowsPer
    id_field: str = "pk"
    fields: tuple[str, ...] | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)
    ordering: str = "pk"
    lines: str | None = None
    line_fields: tuple[str, ...] | None = None
    line_id_field: str = "pk"
    lines_key: str = "lines"
    updated: str | None = None
    overlap: int = 300
    chunk: int = 500
    using: str | None = None


def bad(option: str, value: Any, remedy: str) -> BadSource:
    """The error that names an option of the configuration, its value and the remedy."""
    shown = repr(value)
    return BadSource(f"{option} {shown if len(shown) <= 100 else shown[:100] + '…'}: {remedy}")


def hint(value: str, names: Iterable[str], what: str) -> str:
    """The names nearest to `value`, or what names there are."""
    known = sorted(set(names))
    if near := difflib.get_close_matches(value, known, n=3):
        return f"did you mean {' or '.join(near)}?"
    more = ", …" if len(known) > NAMES_SHOWN else ""
    return f"{what} {', '.join(known[:NAMES_SHOWN])}{more}" if known else f"{what} none"
