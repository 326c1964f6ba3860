"""What was demanded is done when every tab has been looked at. Asked by the scheduler, at each of its looks."""

from __future__ import annotations

from sheetsync.models import Automation, DirtyOrder, PrivacyRequest
from sheetsync.models.fields import atomic
from sheetsync.models.privacy import BY_ITSELF, PrivacyKind, PrivacyStatus
from sheetsync.privacy import erasing

AT_ONCE = 100
NAMED = 5


def settle() -> int:
    """Note what is over, and what the rest waits for. -> how many are over. Safe beside workers, and to run twice."""
    # In no order: some that wait for a person must not keep the others waiting for ever.
    waiting = PrivacyRequest.objects.open().filter(kind__in=BY_ITSELF).order_by("?")
    return sum(_settled(pk) for pk in list(waiting.values_list("pk", flat=True)[:AT_ONCE]))


def _settled(pk: int) -> bool:
    with atomic(PrivacyRequest):
        free = PrivacyRequest.objects.open().select_for_update(skip_locked=True, no_key=True, of=("self",))
        request = free.filter(pk=pk).first()
        if request is None:
            return False
        if request.kind == PrivacyKind.FORGET_SHOP:
            erasing.erase(request)
        else:
            _finish(request)
    return request.status != PrivacyStatus.OPEN


def _finish(request: PrivacyRequest) -> None:
    """An order that waits to be looked at is crossed out with the commit that emptied its rows, and not before."""
    reports = DirtyOrder.objects.filter(automation__source=request.source_id, order_id__in=request.order_ids)
    left = list(Automation.objects.filter(pk__in=reports.order_by().values("automation")).order_by("pk")[: NAMED + 1])
    if left:
        more = ", and more" if len(left) > NAMED else ""
        request.note("waits for " + "; ".join(map(_why, left[:NAMED])) + more)
    else:
        orders = len(request.order_ids)
        request.finish(PrivacyStatus.DONE, f"every automation has looked at its {orders} orders: no row shows them")


def _why(automation: Automation) -> str:
    if automation.status != Automation.Status.ACTIVE:
        return f"automation {automation.name!r}, which is {automation.status}: activate it, or empty its tab by hand"
    if not automation.tenant.active:
        return f"automation {automation.name!r}, whose tenant is paused"
    return automation.hold() or f"automation {automation.name!r}, which has not run yet"
