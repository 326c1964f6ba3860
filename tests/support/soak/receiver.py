"""A receiver of webhooks: remembers each delivery, and asks for a run, in one transaction."""

from __future__ import annotations

import json

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from sheetsync import trigger
from sheetsync.errors import RunRefused
from sheetsync.models import Automation, SyncRun
from sheetsync.models.fields import atomic

MAKE = "CREATE TABLE soak_delivery (key text PRIMARY KEY, run bigint NOT NULL)"
DROP = "DROP TABLE soak_delivery"
KNOWN = "SELECT run FROM soak_delivery WHERE key = %s"
KEEP = "INSERT INTO soak_delivery (key, run) VALUES (%s, %s)"


@csrf_exempt
@require_POST
def receive(request: HttpRequest, automation_id: int) -> JsonResponse:
    """202 with the run that will look at the orders; 409 where none may run. A delivery that came before is answered
    as it was then."""
    body = json.loads(request.body)
    automation = Automation.objects.get(pk=automation_id)
    try:
        return JsonResponse({"run": _stored(automation, body["key"], body["orders"])}, status=202)
    except RunRefused as refusal:
        return JsonResponse({"refused": str(refusal)}, status=409)


def _stored(automation: Automation, key: str, order_ids: list[str]) -> int:
    with atomic(SyncRun), connection.cursor() as cursor:
        cursor.execute(KNOWN, [key])
        if known := cursor.fetchone():
            run: int = known[0]
            return run
        run = trigger.request_run(automation, trigger=SyncRun.Trigger.WEBHOOK, order_ids=order_ids).run.pk
        cursor.execute(KEEP, [key, run])
    return run
