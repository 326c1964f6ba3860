"""The tenant itself, and how its exports are doing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Avg, Count, F, Max, Q, Sum
from django.db.models.functions import Coalesce
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from sheetsync.api import etags
from sheetsync.api.base import Endpoint, differing
from sheetsync.api.filtering import number
from sheetsync.api.operations import operation
from sheetsync.api.problems import invalid
from sheetsync.api.serializers.answers import MetricsSerializer
from sheetsync.api.serializers.fields import Moment, Strict
from sheetsync.models import Automation, SyncAttempt, SyncRun, Tenant
from sheetsync.models.audit import record
from sheetsync.models.automation import PLANNED
from sheetsync.models.fields import atomic, database_time

DAYS, MOST_DAYS = 7, 90


class TenantSerializer(Strict, serializers.ModelSerializer[Tenant]):
    """What a tenant is called, and by which clock its schedules go."""

    created_at = Moment(read_only=True)

    class Meta:
        model = Tenant
        fields = ["id", "name", "platform", "external_id", "time_zone", "active", "max_concurrent_runs", "created_at"]
        read_only_fields = ["id", "platform", "external_id", "active", "max_concurrent_runs"]


class OwnTenant(Endpoint):
    """The tenant that the token belongs to."""

    @operation("The tenant of this token", answers={200: TenantSerializer, 304: None})
    def get(self, request: Request) -> Response:
        """As it is."""
        return self.show(TenantSerializer(self.tenant).data)

    @operation(
        "Change the tenant's name or time zone", body=TenantSerializer, answers={200: TenantSerializer},
        problems=(400, 412), conditional=True, takes={"time_zone": "Europe/Berlin"},
    )  # fmt: skip
    def patch(self, request: Request) -> Response:
        """Schedules without a time zone of their own are planned anew."""
        with atomic(Tenant):
            # Locked in this order everywhere: automations first.
            automations = list(self.own(Automation).select_for_update(no_key=True).order_by("pk"))
            tenant = Tenant.objects.select_for_update(no_key=True).get(pk=self.tenant.pk)
            before = TenantSerializer(tenant).data
            etags.expect(request, before)
            wanted = TenantSerializer(tenant, data=request.data, partial=True)
            wanted.is_valid(raise_exception=True)
            after = TenantSerializer(wanted.save()).data
            if before["time_zone"] != after["time_zone"]:
                self._plan_anew(tenant, automations)
            record("tenant.changed", tenant, also=differing(before, after))
        return self.show(after)

    def _plan_anew(self, tenant: Tenant, automations: list[Automation]) -> None:
        for automation in automations:
            automation.tenant = tenant
            if automation.cron and not automation.time_zone:
                automation.plan_next_run()
                automation.save(update_fields=PLANNED)


class Metrics(Endpoint):
    """How the tenant's exports are doing."""

    @operation(
        "Runs in figures, and how fresh each tab is", answers={200: MetricsSerializer}, problems=(400,),
        filters={"days": f"Of how many days, up to {MOST_DAYS}; {DAYS} if left out."},
        gives={
            "days": 7, "runs": 42, "finished": 41, "completed": 40, "success_rate": 0.976, "retries": 2,
            "average_seconds": 12.5, "rows_written": 1830,
            "automations": [{"automation": 1, "completed_at": "2026-11-22T08:00:07Z", "age_seconds": 71.2}],
        },
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Runs that have been forgotten by now do not count: completed ones are kept for a week, failed ones longer."""
        days = self._days(request)
        now = database_time(SyncRun)
        runs = self.own(SyncRun).filter(created_at__gte=now - timedelta(days=days))
        found = runs.aggregate(
            runs=Count("pk"),
            finished=Count("pk", filter=Q(finished_at__isnull=False)),
            completed=Count("pk", filter=Q(status=SyncRun.Status.COMPLETED)),
            retries=Coalesce(Sum(F("attempts") - 1, filter=Q(attempts__gt=1)), 0),
            average=Avg(F("finished_at") - F("started_at"), filter=Q(status=SyncRun.Status.COMPLETED)),
        )
        average: timedelta | None = found.pop("average")
        judged = runs.filter(status__in=[SyncRun.Status.COMPLETED, SyncRun.Status.FAILED, SyncRun.Status.DEAD]).count()
        written = SyncAttempt.objects.filter(run__in=runs).aggregate(rows=Coalesce(Sum("written"), 0))
        return Response(
            {
                "days": days,
                **found,
                "success_rate": round(found["completed"] / judged, 3) if judged else None,
                "average_seconds": round(average.total_seconds(), 3) if average else None,
                "rows_written": written["rows"],
                "automations": [self._freshness(row, now) for row in self._automations()],
            }
        )

    def _days(self, request: Request) -> int:
        days = number("days", request.query_params.get("days", str(DAYS)))
        if not 1 <= days <= MOST_DAYS:
            raise invalid("days", f"{days} is out of 1-{MOST_DAYS}.")
        return days

    def _automations(self) -> Any:
        completed = Max("runs__finished_at", filter=Q(runs__status=SyncRun.Status.COMPLETED))
        return self.own(Automation).annotate(completed_at=completed).values("pk", "completed_at").order_by("pk")

    def _freshness(self, row: dict[str, Any], now: Any) -> dict[str, Any]:
        at = row["completed_at"]
        return {
            "automation": row["pk"],
            "completed_at": at and at.isoformat().replace("+00:00", "Z"),
            "age_seconds": at and round((now - at).total_seconds(), 1),
        }
