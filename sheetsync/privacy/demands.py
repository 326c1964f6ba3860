"""A demand comes in: it is stored with what it is about, and what can be done at once is done with it."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from sheetsync.errors import Permanent
from sheetsync.models import Automation, DirtyOrder, PrivacyRequest, Source
from sheetsync.models.audit import record
from sheetsync.models.fields import atomic
from sheetsync.models.privacy import Demand, PrivacyKind, PrivacyStatus
from sheetsync.privacy import erasing

MOST_ORDERS = 10_000
"""Of one customer. A shop that names more means something else, and a person has to look at it."""
NAMED = 20


def take(source: Source, demand: Demand) -> tuple[str, ...]:
    """Store it and do what can be done now. -> the orders that a run has to look at. Called in a transaction.

    The same demand come again while it is open is the same row, and does nothing more. A shop does not wait until all
    that is held of it is deleted: the scheduler does that.
    """
    request, fresh = PrivacyRequest.objects.once(source, demand)
    if not fresh:
        return ()
    record("privacy.asked", request, also={"kind": (None, str(demand.kind)), "orders": (None, len(demand.order_ids))})
    if demand.kind == PrivacyKind.TELL_CUSTOMER:
        request.note(_held(source, demand))
    elif demand.kind == PrivacyKind.UNINSTALLED:
        erasing.disconnect(source)
        request.finish(PrivacyStatus.DONE, "the access token is deleted, and the automations are paused")
    elif demand.kind == PrivacyKind.FORGET_SHOP:
        erasing.disconnect(source)
        request.note("its automations are paused; the rest waits for the scheduler")
    elif not demand.order_ids:
        request.finish(PrivacyStatus.DONE, "it names no order")
    elif len(demand.order_ids) > MOST_ORDERS:
        many = (
            f"{len(demand.order_ids):,} orders of one customer: at most {MOST_ORDERS:,} rows are emptied by themselves"
        )
        request.finish(PrivacyStatus.FAILED, f"{many}; empty them by hand")
    else:
        return demand.order_ids
    return ()


def concerned(source: Source) -> QuerySet[Automation]:
    """The automations that have a tab which may show its orders, or may get one any moment. In the order of locks."""
    may_show = Q(sheet_id__isnull=False) | Q(status=Automation.Status.ACTIVE)
    return Automation.objects.filter(may_show, source=source).order_by("pk")


def put_off(automation: Automation, order_ids: tuple[str, ...]) -> None:
    """It cannot run now: its first run looks at these orders."""
    DirtyOrder.objects.bulk_create(DirtyOrder(automation=automation, order_id=each) for each in order_ids)


def answer(request: PrivacyRequest) -> None:
    """An operator has told the customer what is held. Raises Permanent for any other demand, and one that is over."""
    with atomic(PrivacyRequest):
        current = PrivacyRequest.objects.select_for_update(no_key=True, of=("self",)).get(pk=request.pk)
        if current.kind != PrivacyKind.TELL_CUSTOMER:
            raise Permanent(f"{request}: sheetsync sees to it by itself; only what is to be told needs a person")
        if current.status != PrivacyStatus.OPEN:
            raise Permanent(f"{request} is {current.status} already")
        current.finish(PrivacyStatus.DONE, f"told by an operator; {current.outcome}")
    request.refresh_from_db()


def _held(source: Source, demand: Demand) -> str:
    """Where rows of the orders may stand: sheetsync keeps no orders of its own."""
    tabs = concerned(source).filter(sheet_id__isnull=False)[: NAMED + 1]
    names = [f"{each.name!r} (tab {each.tab_title!r} of spreadsheet {each.spreadsheet_id})" for each in tabs]
    more = ", and more" if len(names) > NAMED else ""
    if not names or not demand.order_ids:
        return "no tab holds rows of its orders" if demand.order_ids else "it names no order"
    return f"rows of its {len(demand.order_ids)} orders may be in {', '.join(names[:NAMED])}{more}"
