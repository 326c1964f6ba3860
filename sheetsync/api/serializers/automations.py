"""Automations: declarative configuration, columns inline. What is wrong is told with its place, value and remedy."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils import timezone
from rest_framework import serializers

from sheetsync import cron
from sheetsync.api.serializers.fields import Moment, Own, Strict
from sheetsync.errors import BadColumn, BadFilter, BadSchedule
from sheetsync.models import Automation, Column, GoogleAccount, Source
from sheetsync.models.fields import choices_of
from sheetsync.pipeline.cells import ColumnType
from sheetsync.pipeline.columns import MAX_COLUMNS, columns_from
from sheetsync.pipeline.filters import MAX_FILTERS, Operator, filters_from
from sheetsync.pipeline.records import RowsPer

NEXT_TIMES = 5


class ColumnSerializer(Strict):
    """One managed column: exactly one of `path` and `template`. The uid finds it in the tab again."""

    uid = serializers.CharField(required=False, max_length=200)
    header = serializers.CharField(max_length=1_000)
    path = serializers.CharField(required=False, max_length=1_000, trim_whitespace=False)
    template = serializers.CharField(required=False, max_length=2_000, trim_whitespace=False)
    type = serializers.ChoiceField(choices_of(ColumnType), required=False)
    format = serializers.CharField(required=False, max_length=200, trim_whitespace=False)

    def to_representation(self, column: Column) -> dict[str, Any]:
        """What is not set is left out."""
        return column.definition()


class FilterSerializer(Strict):
    """One condition; all of an automation's must hold."""

    path = serializers.CharField(max_length=1_000, trim_whitespace=False)
    operator = serializers.ChoiceField(choices_of(Operator))
    value = serializers.JSONField(required=False, help_text="A scalar; a list for `in` and `not_in`.")


class AutomationSerializer(serializers.ModelSerializer[Automation]):
    """An automation as it is shown and as it is written."""

    source = Own(Source)  # type: ignore[assignment]
    account = Own(GoogleAccount, allow_null=True, required=False)
    columns = ColumnSerializer(many=True)
    filters = FilterSerializer(many=True, required=False)
    adopt = serializers.ListField(child=serializers.CharField(max_length=200), required=False, max_length=MAX_COLUMNS)
    next_run_at, walked_at = Moment(read_only=True, allow_null=True), Moment(read_only=True, allow_null=True)
    created_at = Moment(read_only=True)
    schedule = serializers.SerializerMethodField()
    tab_url = serializers.SerializerMethodField()

    class Meta:
        model = Automation
        fields = [
            "id", "name", "source", "account", "spreadsheet_id", "tab_title", "tab_url", "rows_per", "columns",
            "filters", "removed", "hand_edits", "adopt", "status", "problem", "webhooks_enabled", "cron",
            "schedule_enabled", "time_zone", "exact", "full_every_hours", "next_run_at", "walked_at", "schedule",
            "created_at",
        ]  # fmt: skip
        read_only_fields = ["id", "status", "problem"]

    def to_internal_value(self, data: Any) -> Any:
        """Raises ValidationError naming each field that is not there to be written."""
        if isinstance(data, Mapping):
            writable = [name for name, each in self.fields.items() if not each.read_only]
            if unknown := [name for name in data if name not in writable]:
                raise serializers.ValidationError(
                    {
                        str(name)[:100]: [f"It cannot be written: the fields are {', '.join(writable)}."]
                        for name in unknown
                    }
                )
        return super().to_internal_value(data)

    def get_schedule(self, automation: Automation) -> dict[str, Any] | None:
        """The cron in words, and its next times; null without one."""
        if not automation.cron:
            return None
        try:
            words = cron.describe(automation.cron)
            times = cron.upcoming(automation.cron, automation.zone, timezone.now(), NEXT_TIMES)
        except BadSchedule as error:
            return {"words": str(error), "next_times": []}
        moments = [time.isoformat().replace("+00:00", "Z") for time in times]
        return {"words": words, "time_zone": automation.zone, "next_times": moments}

    def get_tab_url(self, automation: Automation) -> str:
        """Where people look at it."""
        place = "" if automation.sheet_id is None else f"#gid={automation.sheet_id}"
        return f"https://docs.google.com/spreadsheets/d/{automation.spreadsheet_id}/edit{place}"

    def validate_columns(self, columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Each by itself first, so that the place of what is wrong is known."""
        _each(columns, lambda column: columns_from([column]))
        return columns

    def validate_filters(self, filters: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Likewise."""
        if len(filters) > MAX_FILTERS:
            raise serializers.ValidationError(f"{len(filters)} are too many: define at most {MAX_FILTERS}.")
        _each(filters, lambda each: filters_from([each]))
        return filters

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What belongs together, by the model's own rules, on a copy: what is refused changes nothing."""
        judged = copy.copy(self.instance) if self.instance else Automation(tenant=self.context["tenant"])
        for name, value in attrs.items():
            if name != "columns":
                setattr(judged, name, value)
        try:
            judged.clean()
        except DjangoValidationError as error:
            raise serializers.ValidationError(serializers.as_serializer_error(error)) from error
        self._judge_columns(attrs, judged)
        return attrs

    def _judge_columns(self, attrs: Mapping[str, Any], automation: Automation) -> None:
        """Together, and with rows per order or line, whichever of the two was changed."""
        if "columns" in attrs:
            definitions: Sequence[Mapping[str, Any]] = attrs["columns"]
        elif "rows_per" in attrs and self.instance is not None:
            definitions = [column.definition() for column in self.instance.columns.all()]
        else:
            return
        try:
            columns_from(definitions, RowsPer(automation.rows_per))
        except BadColumn as error:
            raise serializers.ValidationError({"columns": [str(error)]}) from error


def _each(values: Sequence[Any], judge: Callable[[Any], object]) -> None:
    """Raises ValidationError with a place for each that is refused."""
    errors: list[dict[str, Any]] = []
    for value in values:
        try:
            judge(value)
            errors.append({})
        except (BadColumn, BadFilter) as error:
            errors.append({"": [str(error).removeprefix("column 1, ").removeprefix("filter 1, ")]})
    if any(errors):
        raise serializers.ValidationError(errors)
