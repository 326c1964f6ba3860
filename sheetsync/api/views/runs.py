"""Runs: watch them, and mend what failed. They are asked for at their automation."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from sheetsync import trigger
from sheetsync.api.base import Endpoint
from sheetsync.api.filtering import filtered, moment, number, one_of
from sheetsync.api.operations import operation
from sheetsync.api.problems import Problem
from sheetsync.api.serializers.runs import ReplaySerializer, RunDetailSerializer, RunSerializer
from sheetsync.models import SyncRun
from sheetsync.models.audit import record

FILTERS = {
    "automation": ("automation", number),
    "status": ("status__in", one_of(*SyncRun.Status.values)),
    "trigger": ("trigger__in", one_of(*SyncRun.Trigger.values)),
    "mode": ("mode__in", one_of(*SyncRun.Mode.values)),
    "created_after": ("created_at__gte", moment),
    "created_before": ("created_at__lt", moment),
}
FILTER_WORDS = {
    "automation": "Only runs of this automation.",
    "status": "Only runs in one of these states, separated by commas.",
    "trigger": "Only runs that were asked for in one of these ways, separated by commas.",
    "mode": "Only runs of one of these modes, separated by commas.",
    "created_after": "Only runs that were asked for at this time or later.",
    "created_before": "Only runs that were asked for before this time.",
}


class Runs(Endpoint):
    """All runs of the tenant."""

    @operation(
        "Runs, the newest first", answers={200: RunSerializer}, paged=True, filters=FILTER_WORDS, problems=(400,)
    )
    def get(self, request: Request) -> Response:
        """A page of them."""
        return self.page(filtered(self.own(SyncRun), request, FILTERS), lambda run: RunSerializer(run).data)


class RunEndpoint(Endpoint):
    """What those for one run share."""

    def rows(self) -> QuerySet[SyncRun]:
        """With what happened to them."""
        return self.own(SyncRun).prefetch_related("attempt_log", "incidents")

    def detail(self, pk: int) -> Any:
        """As it is shown."""
        return RunDetailSerializer(self.one(SyncRun, pk, self.rows())).data


class OneRun(RunEndpoint):
    """One run."""

    @operation("One run, with its attempts", answers={200: RunDetailSerializer, 304: None}, problems=(404,))
    def get(self, request: Request, pk: int) -> Response:
        """To watch it, send the ETag back as If-None-Match: while nothing has happened the answer is a 304."""
        return self.show(self.detail(pk))


class RetryRun(RunEndpoint):
    """A failed run goes on."""

    @operation("Try a failed run again, from where it stopped", answers={200: RunDetailSerializer}, problems=(404, 409))
    def post(self, request: Request, pk: int) -> Response:
        """With as many attempts again."""
        run = self.one(SyncRun, pk)
        trigger.retry(run)
        record("run.retried", run)
        return self.show(self.detail(pk))


class CancelRun(RunEndpoint):
    """A run stops."""

    @operation("Stop a run, at its next batch", answers={200: RunDetailSerializer}, problems=(404, 409))
    def post(self, request: Request, pk: int) -> Response:
        """What was written stays."""
        run = self.one(SyncRun, pk)
        if not trigger.cancel(run):
            raise Problem("refused", f"run {pk} is {run.status}: only one that waits or runs is stopped", status=409)
        record("run.canceled", run)
        return self.show(self.detail(pk))


class ReplayRun(RunEndpoint):
    """A finished run once more, as a new one."""

    @operation(
        "A new run like a finished one",
        body=ReplaySerializer,
        answers={201: RunDetailSerializer},
        problems=(400, 404, 409),
        idempotent=True,
        takes={"attempt": 2},
    )
    def post(self, request: Request, pk: int) -> Response:
        """The old one stays as it is."""
        wanted = ReplaySerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        run = self.one(SyncRun, pk)
        replay = trigger.replay(run, wanted.validated_data.get("attempt"))
        record("run.replayed", replay)
        return self.show(self.detail(replay.pk), 201)
