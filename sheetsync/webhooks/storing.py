"""A genuine delivery becomes a row, orders to look at, and runs: all of them or none."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from sheetsync import privacy, trigger
from sheetsync.errors import RunRefused
from sheetsync.models import Automation, Source, SyncRun, WebhookDelivery
from sheetsync.models.fields import atomic
from sheetsync.models.privacy import Demand
from sheetsync.models.webhook import LONGEST_TOPIC, Verdict
from sheetsync.models.webhook_secrets import Platform as Name
from sheetsync.webhooks.platform import Delivery, Platform
from sheetsync.webhooks.shopify import demand_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What came of a delivery. `duplicate`: it came before, and this is what came of it then."""

    verdict: str
    runs: list[int]
    duplicate: bool


def store(source: Source, platform: Platform, delivery: Delivery) -> Stored:
    """One transaction, and nothing that waits for anybody but another delivery of the same shop.

    1. The key, which of several like this only one writes; the others wait here, and find what came of it.
    2. For each automation that runs on webhooks: the order, and a run that will look at it. For what is demanded for
       the sake of privacy: see `sheetsync.privacy`.
    3. What came of it.
    """
    order_id = platform.order_id(delivery)
    demand = demand_of(delivery, source) if platform.name == Name.SHOPIFY else None  # no other platform has any
    about = {"topic": platform.topic(delivery)[:LONGEST_TOPIC], "digest": delivery.digest}
    with atomic(WebhookDelivery):
        row, fresh = WebhookDelivery.objects.once(source, platform.key(delivery), **about)
        if not fresh and row.stands(repeatable=platform.repeatable):
            return Stored(verdict=row.verdict, runs=row.runs, duplicate=True)
        if demand is not None:
            verdict, runs = Verdict.ACCEPTED, _demanded(source, demand)
        elif order_id is not None:
            following = Automation.objects.filter(source=source, webhooks_enabled=True, status=Automation.Status.ACTIVE)
            runs = _asked(following.order_by("pk"), (order_id,), changed_at=platform.changed_at(delivery))
            verdict = Verdict.ACCEPTED if runs else Verdict.NO_AUTOMATION
        else:
            verdict, runs = Verdict.IGNORED, []
        row.judged(verdict, runs, again=not fresh)
    return Stored(verdict=verdict, runs=runs, duplicate=False)


def _demanded(source: Source, demand: Demand) -> list[int]:
    """Whether they run on webhooks or not, and what cannot run now does it when it can."""
    order_ids = privacy.take(source, demand)
    return _asked(privacy.concerned(source), order_ids, whenever=True) if order_ids else []


def _asked(
    automations: QuerySet[Automation],
    order_ids: tuple[str, ...],
    *,
    changed_at: datetime | None = None,
    whenever: bool = False,
) -> list[int]:
    """The runs that will look at them. `whenever`: even those that may not run now."""
    # All of them first: whoever locks several rows locks automations before runs, and those by their ids.
    found = list(automations.select_related("tenant", "account").select_for_update(of=("self",), no_key=True))
    runs = []
    for automation in found:
        try:
            asked = trigger.request_locked(
                automation, trigger=SyncRun.Trigger.WEBHOOK, order_ids=order_ids, changed_at=changed_at
            )
        except RunRefused as refusal:
            extra = {"action": "webhook_refused", "automation": automation.pk}
            log.info("a webhook starts nothing of automation %s: %s", automation.pk, refusal, extra=extra)
            if whenever:
                privacy.put_off(automation, order_ids)
        else:
            runs.append(asked.run.pk)
    return runs
