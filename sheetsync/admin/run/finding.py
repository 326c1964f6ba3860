"""How runs are found by what somebody types: by an index, whatever it is."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from sheetsync.admin.ids import row_id
from sheetsync.models import Automation, SyncRun

MOST = 20_000
"""Automations of one name. Where more have it, nearly any run is one of theirs, and the newest are found soon."""
MANY = 500
"""Automations of one name, from which on it is looked whether those of other names are fewer."""


def found(runs: QuerySet[SyncRun], automations: QuerySet[Automation], typed: str) -> QuerySet[SyncRun]:
    """By a run's id or a correlation id as they stand, else by words in the automation's name or its tenant's.

    The names are looked through first: there are a hundred times as many runs as automations. `runs` and `automations`:
    what the person may see.
    """
    term = typed.replace("\0", "").strip()
    if not term:
        return runs
    number = row_id(term)
    exactly = runs.filter(Q(correlation_id=term) | (Q() if number is None else Q(pk=number)))
    if exactly.exists():
        return exactly
    named = automations
    for word in term.split():
        named = named.filter(Q(name__icontains=word) | Q(tenant__name__icontains=word))
    # Their ids as they are: with a question within the question, PostgreSQL would sort all runs that there are.
    ids = _ids(named)
    if len(ids) > MANY and len(every := _ids(automations)) <= MOST and 2 * len(ids) > len(every):
        return runs.exclude(automation__in=sorted({*every} - {*ids}))  # fewer to send
    if len(ids) <= MOST:
        return runs.filter(automation__in=ids)
    for word in term.split():
        runs = runs.filter(Q(automation__name__icontains=word) | Q(automation__tenant__name__icontains=word))
    return runs


def _ids(automations: QuerySet[Automation]) -> list[int]:
    return list(automations.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
