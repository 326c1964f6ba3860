"""A shop goes: its keys, and then what is held of it. The tabs stay, they are the merchant's own."""

from __future__ import annotations

from sheetsync.models import (
    Automation,
    DirtyOrder,
    Incident,
    PrivacyRequest,
    Source,
    SyncAttempt,
    SyncRun,
    WebhookDelivery,
)
from sheetsync.models.audit import record
from sheetsync.models.fields import atomic
from sheetsync.models.privacy import PrivacyKind, PrivacyStatus

OF_THE_APP = ("client_id", "client_secret")
"""What says which app it is: deliveries that come after an uninstallation are signed with it."""

UNINSTALLED = "the app was uninstalled from the shop: install it again, then activate this"


def disconnect(source: Source) -> None:
    """Delete what opens the shop, and pause what reads it. Locked in the order of everywhere: automations, runs."""
    with atomic(Source):
        automations = Automation.objects.filter(source=source).exclude(status=Automation.Status.DRAFT).order_by("pk")
        found = list(automations.select_for_update(of=("self",), no_key=True))
        mine = Automation.objects.filter(pk__in=[each.pk for each in found])
        mine.update(status=Automation.Status.PAUSED, problem=UNINSTALLED)
        SyncRun.objects.filter(automation__source=source).cancel()
        for automation in found:
            if automation.status == Automation.Status.ACTIVE:
                record("automation.paused", automation, also={"problem": ("", UNINSTALLED)})
        row = Source.objects.select_for_update(no_key=True).get(pk=source.pk)
        row.seal({name: value for name, value in row.secrets().items() if name in OF_THE_APP})
        row.save(update_fields=["sealed"])
        record("source.disconnected", row)


def erase(request: PrivacyRequest) -> None:
    """Delete what is held of the shop, once no run can write about it any more. Called in a transaction.

    Keys and secrets, what the shop reported, what runs noted in words, and where walks stopped. What it demanded for
    its customers stays, by ids: what was forgotten must not come back with the shop.
    """
    source = request.source
    automations = Automation.objects.filter(source=source)
    deliveries = WebhookDelivery.objects.filter(source=source)
    # Locked in the order in which a delivery locks them; then nobody asks for a run meanwhile.
    list(deliveries.order_by("pk").select_for_update(of=("self",)).values_list("pk"))
    list(automations.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk"))
    runs = SyncRun.objects.filter(automation__source=source)
    if runs.active().exists():
        request.note("waits for runs to stop")
        return
    runs.update(error="", warnings={}, checkpoint={}, waiting_for="")
    SyncAttempt.objects.filter(run__in=runs).update(error="", traceback="")
    Incident.objects.filter(run__in=runs).update(example="")
    automations.update(watermark={}, walked_at=None)
    DirtyOrder.objects.filter(automation__source=source).delete()
    deliveries.delete()
    Source.objects.filter(pk=source.pk).update(sealed="", renew_at=None, last_delivery_at=None)
    record("source.erased", source)
    for left in PrivacyRequest.objects.open().filter(source=source, kind=PrivacyKind.FORGET_CUSTOMER):
        left.finish(PrivacyStatus.FAILED, "the shop left before all rows were emptied: the merchant has to do it")
    request.finish(PrivacyStatus.DONE, "keys, secrets, deliveries and what runs noted are deleted; the tabs stay")
