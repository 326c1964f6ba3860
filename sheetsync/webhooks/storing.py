"""A genuine delivery becomes a row, orders to look at, and runs: all of them or none."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from sheetsync import trigger
from sheetsync.errors import RunRefused
from sheetsync.models import Automation, Source, SyncRun, WebhookDelivery
from sheetsync.models.fields import atomic
from sheetsync.models.webhook import LONGEST_TOPIC, Verdict
from sheetsync.webhooks.platform import Delivery, Platform

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
    2. For each automation that runs on webhooks: the order, and a run that will look at it.
    3. What came of it.
    """
    order_id = platform.order_id(delivery)
    about = {"topic": platform.topic(delivery)[:LONGEST_TOPIC], "digest": delivery.digest}
    with atomic(WebhookDelivery):
        row, fresh = WebhookDelivery.objects.once(source, platform.key(delivery), **about)
        if not fresh and row.stands(repeatable=platform.repeatable):
            return Stored(verdict=row.verdict, runs=row.runs, duplicate=True)
        runs = [] if order_id is None else _asked(source, order_id)
        verdict = Verdict.IGNORED if order_id is None else Verdict.ACCEPTED if runs else Verdict.NO_AUTOMATION
        row.judged(verdict, runs, again=not fresh)
    return Stored(verdict=verdict, runs=runs, duplicate=False)


def _asked(source: Source, order_id: str) -> list[int]:
    """The runs that will look at it."""
    active = Automation.objects.filter(source=source, webhooks_enabled=True, status=Automation.Status.ACTIVE)
    # All of them first: whoever locks several rows locks automations before runs, and those by their ids.
    found = list(active.order_by("pk").select_for_update(of=("self",), no_key=True))
    runs = []
    for automation in found:
        try:
            asked = trigger.request_run(automation, trigger=SyncRun.Trigger.WEBHOOK, order_ids=[order_id])
        except RunRefused as refusal:
            extra = {"action": "webhook_refused", "automation": automation.pk}
            log.info("a webhook starts nothing of automation %s: %s", automation.pk, refusal, extra=extra)
        else:
            runs.append(asked.run.pk)
    return runs
