"""Runs, with their attempts and incidents."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from sheetsync.api.serializers.fields import Moment, Strict
from sheetsync.models import Incident, SyncAttempt, SyncRun
from sheetsync.models.progress import report_of


class RunSerializer(serializers.ModelSerializer[SyncRun]):
    """A run as a list shows it."""

    automation = serializers.IntegerField(source="automation_id")
    replay_of = serializers.IntegerField(source="replay_of_id", allow_null=True)
    progress = serializers.SerializerMethodField()
    slot, ready_from, created_at = Moment(allow_null=True), Moment(source="next_attempt_at"), Moment()
    started_at, finished_at = Moment(allow_null=True), Moment(allow_null=True)
    cancel_requested_at = Moment(allow_null=True)

    class Meta:
        model = SyncRun
        fields = [
            "id", "automation", "trigger", "mode", "status", "priority", "correlation_id", "slot", "attempts",
            "max_attempts", "ready_from", "waiting_for", "progress", "error_type", "error", "created_at", "started_at",
            "finished_at", "cancel_requested_at", "replay_of", "replay_of_attempt",
        ]  # fmt: skip
        read_only_fields = fields

    def get_progress(self, run: SyncRun) -> dict[str, Any]:
        """How far it is: `orders` of `total` (null where nobody knows), and what it counted."""
        return {
            "orders": report_of(run.counters, run.warnings).orders,
            "total": run.total_orders,
            **{name: run.counters.get(name, 0) for name in ("rows", "inserted", "updated", "unchanged", "removed")},
        }


class AttemptSerializer(serializers.ModelSerializer[SyncAttempt]):
    """One try. What a program of ours would print stays with the operators."""

    started_at, finished_at = Moment(), Moment(allow_null=True)

    class Meta:
        model = SyncAttempt
        fields = ["number", "started_at", "finished_at", "outcome", "error_type", "error", "calls", "rows", "written"]
        read_only_fields = fields


class IncidentSerializer(serializers.ModelSerializer[Incident]):
    """What happened to the sheet meanwhile."""

    seen_at, resolved_at = Moment(), Moment(allow_null=True)

    class Meta:
        model = Incident
        fields = ["kind", "count", "example", "seen_at", "resolved_at"]
        read_only_fields = fields


class RunDetailSerializer(RunSerializer):
    """A run with everything that happened to it."""

    warnings = serializers.SerializerMethodField()
    attempt_log = AttemptSerializer(many=True)
    incidents = IncidentSerializer(many=True)

    class Meta(RunSerializer.Meta):
        fields = [*RunSerializer.Meta.fields, "warnings", "attempt_log", "incidents"]
        read_only_fields = fields

    def get_warnings(self, run: SyncRun) -> list[dict[str, Any]]:
        """What was strange in the data: `kind`, `count` and one `example`."""
        tally = report_of(run.counters, run.warnings).warnings
        return [{"kind": kind, "count": n, "example": tally.examples[kind]} for kind, n in tally.counts.items()]


class RunNowSerializer(Strict):
    """What a run shall do: look at all orders, at those that changed since last time, or just at these."""

    mode = serializers.ChoiceField(
        [SyncRun.Mode.FULL.value, SyncRun.Mode.INCREMENTAL.value],
        required=False,
        help_text="An incremental run looks at all orders where nobody can tell what changed.",
    )

    order_ids = serializers.ListField(
        child=serializers.CharField(max_length=512, trim_whitespace=False), required=False, max_length=10_000
    )
    priority = serializers.IntegerField(required=False, min_value=-100, max_value=100)


class ReplaySerializer(Strict):
    """Which attempt the new run is like; left out, the last one."""

    attempt = serializers.IntegerField(required=False, min_value=1, max_value=32_767)
