"""Automations: configure them, try them, switch them on and off, and let them run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from sheetsync import linking, sampling, trigger
from sheetsync.api import etags
from sheetsync.api.base import Endpoint, differing
from sheetsync.api.filtering import filtered, number, one_of
from sheetsync.api.operations import operation
from sheetsync.api.problems import Problem, invalid
from sheetsync.api.serializers.answers import PreviewSerializer
from sheetsync.api.serializers.automations import AutomationSerializer, ColumnSerializer, FilterSerializer
from sheetsync.api.serializers.fields import Strict
from sheetsync.api.serializers.runs import RunNowSerializer, RunSerializer
from sheetsync.export import Job
from sheetsync.models import Automation, SyncRun
from sheetsync.models.audit import record
from sheetsync.models.fields import atomic, choices_of
from sheetsync.pipeline.columns import columns_from
from sheetsync.pipeline.filters import filters_from
from sheetsync.pipeline.records import RowsPer

EXAMPLE = {
    "name": "Paid orders",
    "source": 1,
    "spreadsheet_id": "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms",
    "tab_title": "Orders",
    "rows_per": "order",
    "columns": [
        {"header": "Order", "path": "@order_id"},
        {"header": "City", "path": "customer.address.city"},
        {"header": "Total", "path": "total", "type": "currency"},
    ],
    "filters": [{"path": "status", "operator": "eq", "value": "paid"}],
    "cron": "0 6 * * 1-5",
    "schedule_enabled": True,
}
FILTERS = {"status": ("status__in", one_of(*Automation.Status.values)), "source": ("source", number)}
FILTER_WORDS = {
    "status": "Only those in one of these states, separated by commas.",
    "source": "Only those of this source.",
}


class NewPreviewSerializer(Strict):
    """Columns and filters to try before they are saved; what is left out is taken from the automation."""

    limit = serializers.IntegerField(required=False, min_value=1, max_value=50, default=5)
    rows_per = serializers.ChoiceField(choices_of(RowsPer), required=False)
    columns = ColumnSerializer(many=True, required=False)
    filters = FilterSerializer(many=True, required=False)


class AutomationEndpoint(Endpoint):
    """What those for automations share."""

    def rows(self) -> QuerySet[Automation]:
        """With all that is shown of them."""
        return self.own(Automation).select_related("tenant").prefetch_related("columns")

    def shape(self, automation: Automation) -> Any:
        """As it is shown."""
        return AutomationSerializer(automation, context={"tenant": self.tenant}).data

    def shown(self, pk: int, status: int = 200) -> Response:
        """As it is in the database now."""
        return self.show(self.shape(self.one(Automation, pk, self.rows())), status)

    def locked(self, pk: int) -> Automation:
        """For a change: whoever asks for its runs waits meanwhile."""
        return self.one(Automation, pk, self.rows().select_for_update(no_key=True, of=("self",)))


class Automations(AutomationEndpoint):
    """All automations of the tenant."""

    @operation(
        "Automations, the newest first", answers={200: AutomationSerializer}, paged=True, filters=FILTER_WORDS,
        problems=(400,),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """A page of them."""
        return self.page(filtered(self.rows(), request, FILTERS), self.shape)

    @operation(
        "Make an automation, as a draft", body=AutomationSerializer, answers={201: AutomationSerializer},
        problems=(400,), idempotent=True, takes=EXAMPLE,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """It writes nothing until it is activated."""
        wanted = AutomationSerializer(data=request.data, context={"tenant": self.tenant})
        wanted.is_valid(raise_exception=True)
        values = dict(wanted.validated_data)
        columns = values.pop("columns")
        with atomic(Automation):
            automation = Automation(tenant=self.tenant, **values)
            automation.plan_next_run()
            automation.save()
            automation.set_columns(columns)
            record("automation.created", automation)
        return self.shown(automation.pk, 201)


class OneAutomation(AutomationEndpoint):
    """One automation."""

    @operation("One automation", answers={200: AutomationSerializer, 304: None}, problems=(404,))
    def get(self, request: Request, pk: int) -> Response:
        """With its schedule in words and its next times."""
        return self.shown(pk)

    @operation(
        "Change an automation", body=AutomationSerializer, answers={200: AutomationSerializer},
        problems=(400, 404, 412), conditional=True, takes={"cron": "*/15 * * * *", "schedule_enabled": True},
    )  # fmt: skip
    def patch(self, request: Request, pk: int) -> Response:
        """What is not named stays as it is; `columns` and `filters` are replaced whole."""
        with atomic(Automation):
            automation = self.locked(pk)
            before = self.shape(automation)
            etags.expect(request, before)
            wanted = AutomationSerializer(automation, data=request.data, partial=True, context={"tenant": self.tenant})
            wanted.is_valid(raise_exception=True)
            self._change(automation, wanted.validated_data)
            after = self.shape(self.one(Automation, pk, self.rows()))
            record("automation.changed", automation, also=differing(before, after))
        return self.show(after)

    def _change(self, automation: Automation, values: Mapping[str, Any]) -> None:
        fields = [name for name in values if name != "columns"]
        changed = {name for name in fields if getattr(automation, name) != values[name]}
        for name in fields:
            setattr(automation, name, values[name])
        automation.save(update_fields=changed | automation.follow(changed))
        if "columns" in values:
            automation.set_columns(values["columns"])

    @operation("Remove an automation", answers={204: None}, problems=(404, 412), conditional=True)
    def delete(self, request: Request, pk: int) -> Response:
        """Its runs stop and are forgotten. The tab stays as it is, and is nobody's from then on."""
        with atomic(Automation):
            automation = self.locked(pk)
            etags.expect(request, self.shape(automation))
            record("automation.removed", automation)
            automation.delete()
        return Response(status=204)


class ActivateAutomation(AutomationEndpoint):
    """Switch on."""

    @operation("Let an automation run", answers={200: AutomationSerializer}, problems=(400, 404, 409, 503))
    def post(self, request: Request, pk: int) -> Response:
        """At the times of its schedule, on webhooks and when asked to. Google is asked whether it can write there."""
        self._prove(self.one(Automation, pk, self.rows().select_related("account")))
        with atomic(Automation):
            automation = self.locked(pk)
            trigger.activate(automation)
            record("automation.activated", automation)
        return self.shown(pk)

    def _prove(self, automation: Automation) -> None:
        """Raises ValidationError where its account cannot write to its spreadsheet, with what to do."""
        account = automation.google_account()
        if account is None or account.hold:
            remedy = account.hold if account else "link a Google account, or choose one"
            raise Problem("owner-must-act", f"It has nobody to write with: {remedy}.", status=409)
        found = linking.reachable(account, automation.spreadsheet_id)
        if not found.writable:
            raise invalid("spreadsheet_id", found.message)


class PauseAutomation(AutomationEndpoint):
    """Switch off."""

    @operation("Let an automation rest", answers={200: AutomationSerializer}, problems=(404,))
    def post(self, request: Request, pk: int) -> Response:
        """What waits is canceled, what runs stops at its next batch."""
        automation = self.one(Automation, pk)
        trigger.pause(automation)
        record("automation.paused", automation)
        return self.shown(pk)


class RunAutomation(AutomationEndpoint):
    """Run now."""

    @operation(
        "Run an automation now", body=RunNowSerializer, answers={202: RunSerializer}, problems=(400, 404, 409),
        idempotent=True, takes={"order_ids": ["1001", "1002"]},
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        """All orders, those that changed, or just these. 409 with the active run's id where there is one."""
        wanted = RunNowSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        automation = self.one(Automation, pk)
        ids = wanted.validated_data.get("order_ids", ())
        with atomic(SyncRun):
            found = trigger.request_run(
                automation,
                trigger=SyncRun.Trigger.MANUAL,
                order_ids=ids,
                mode=SyncRun.Mode(wanted.validated_data.get("mode", SyncRun.Mode.FULL)),
                priority=wanted.validated_data.get("priority"),
            )
            if not found.created and not ids:
                text = f"run {found.run.pk} of this automation is {found.run.status}: watch that one, or cancel it"
                raise Problem("run-active", text, status=409, extra={"run": found.run.pk})
            record("run.requested", found.run)
        return Response(RunSerializer(found.run).data, 202)


class PreviewAutomation(AutomationEndpoint):
    """What would be written."""

    scope = "read"

    @operation(
        "The first rows as they would be written", body=NewPreviewSerializer, answers={200: PreviewSerializer},
        problems=(400, 404, 409),
        takes={"limit": 3, "columns": EXAMPLE["columns"]},
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        """Nothing is written, and no tab is needed. Columns that no sampled order has are named with the nearest."""
        wanted = NewPreviewSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        automation = self.one(Automation, pk, self.rows().select_related("source", "tenant"))
        given = wanted.validated_data
        rows_per = RowsPer(given.get("rows_per", automation.rows_per))
        definitions = given.get("columns") or [column.definition() for column in automation.columns.all()]
        job = Job(
            columns=columns_from(definitions, rows_per),
            rows_per=rows_per,
            filters=filters_from(given.get("filters", automation.filters)),
        )
        return Response(sampling.previewed(job, automation.source, given["limit"], automation.zone))
