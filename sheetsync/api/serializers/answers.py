"""Answers that are no rows: what they hold, for the schema. The views make them as they are."""

from __future__ import annotations

from functools import cache
from typing import Any

from rest_framework import serializers

from sheetsync.api.serializers.fields import Moment


class ProblemError(serializers.Serializer[Any]):
    """One thing that is wrong with what was sent."""

    pointer = serializers.CharField(help_text="Where (RFC 6901).", allow_blank=True)
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """Problem details (RFC 9457)."""

    type = serializers.CharField(help_text="A lasting word, such as urn:sheetsync:problem:not-found.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(allow_blank=True)
    request_id = serializers.CharField(allow_blank=True)
    errors = ProblemError(many=True, required=False)  # type: ignore[assignment]
    run = serializers.IntegerField(required=False, help_text="The run that is active already.")
    automations = serializers.ListField(child=serializers.CharField(), required=False)
    outcome = serializers.CharField(required=False)
    location = serializers.CharField(required=False, allow_blank=True)
    made = serializers.JSONField(required=False, help_text="What an earlier request of this key made.")


class TestedSerializer(serializers.Serializer[Any]):
    """Whether a source answers."""

    works = serializers.BooleanField()
    order_id = serializers.CharField(allow_null=True)
    order = serializers.JSONField(allow_null=True, help_text="One order as it comes; null where there is none.")


class PathSerializer(serializers.Serializer[Any]):
    """One path and what is there in a sampled order."""

    path = serializers.CharField()
    example = serializers.JSONField(allow_null=True)


class PathsSerializer(serializers.Serializer[Any]):
    """What can be read from a source."""

    paths = PathSerializer(many=True)
    templates = serializers.JSONField(
        help_text="Columns to begin with: `order`, `line` and `accounting` (a row per order), each a list."
    )


class WarningSerializer(serializers.Serializer[Any]):
    """Something strange in the data."""

    kind = serializers.CharField()
    count = serializers.IntegerField()
    example = serializers.CharField(allow_blank=True)


class UnknownPathSerializer(serializers.Serializer[Any]):
    """A column of which no sampled order has anything."""

    pointer = serializers.CharField()
    path = serializers.CharField()
    nearest = serializers.ListField(child=serializers.CharField())


class PreviewSerializer(serializers.Serializer[Any]):
    """Rows as they would be written."""

    headers = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField(child=serializers.JSONField(allow_null=True)))
    warnings = WarningSerializer(many=True)
    unknown_paths = UnknownPathSerializer(many=True)


class FreshnessSerializer(serializers.Serializer[Any]):
    """When an automation's tab equalled the shop last."""

    automation = serializers.IntegerField()
    completed_at = Moment(allow_null=True)
    age_seconds = serializers.FloatField(allow_null=True)


class MetricsSerializer(serializers.Serializer[Any]):
    """Runs in figures."""

    days = serializers.IntegerField()
    runs = serializers.IntegerField()
    finished = serializers.IntegerField()
    completed = serializers.IntegerField()
    retries = serializers.IntegerField()
    success_rate = serializers.FloatField(allow_null=True)
    average_seconds = serializers.FloatField(allow_null=True)
    rows_written = serializers.IntegerField()
    automations = FreshnessSerializer(many=True)


@cache
def page_of(serializer: type[serializers.BaseSerializer[Any]]) -> type[serializers.Serializer[Any]]:
    """A page of a list."""
    name = serializer.__name__.replace("Serializer", "PageSerializer")
    fields = {
        "__doc__": "A page of a list.",
        "next": serializers.CharField(allow_null=True, help_text="The address of the next page."),
        "previous": serializers.CharField(allow_null=True),
        "results": serializer(many=True),
    }
    return type(name, (serializers.Serializer,), fields)
