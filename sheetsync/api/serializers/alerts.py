"""Alerts, and where a tenant wants to be told of them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from sheetsync.api.serializers.fields import Moment, Strict
from sheetsync.errors import AddressRefused
from sheetsync.models import Alert, AlertEndpoint
from sheetsync.outbound import check_url

STATES = ("open", "recovered", "closed")


class AlertSerializer(serializers.ModelSerializer[Alert]):
    """One incident, however often it happened."""

    state = serializers.ChoiceField(
        STATES, help_text="`closed`: it ended without a word, as when its automation pauses."
    )
    automation = serializers.IntegerField(source="automation_id", allow_null=True)
    account = serializers.IntegerField(source="account_id", allow_null=True)
    run = serializers.IntegerField(source="run_id", allow_null=True, help_text="The last one that failed.")
    opened_at, seen_at, closed_at = Moment(), Moment(), Moment(allow_null=True)

    class Meta:
        model = Alert
        fields = [
            "id", "kind", "state", "automation", "account", "subject", "run", "correlation_id", "error_type", "reason",
            "count", "opened_at", "seen_at", "closed_at",
        ]  # fmt: skip
        read_only_fields = fields


class EndpointSerializer(Strict, serializers.ModelSerializer[AlertEndpoint]):
    """An endpoint as it is shown and as it is written."""

    enabled = serializers.BooleanField(default=True)
    problem = serializers.CharField(
        read_only=True, help_text="What came of the last message, empty where it was taken. 410 Gone switches it off."
    )
    failing_since = Moment(read_only=True, allow_null=True)
    delivered_at = Moment(read_only=True, allow_null=True)
    secret_made_at = Moment(source="rotated_at", read_only=True, allow_null=True)
    created_at = Moment(read_only=True)

    class Meta:
        model = AlertEndpoint
        fields = ["id", "url", "enabled", "problem", "failing_since", "delivered_at", "secret_made_at", "created_at"]
        read_only_fields = ["id"]

    def validate_url(self, url: str) -> str:
        """Raises ValidationError with what is wrong with it."""
        try:
            check_url(url)
        except AddressRefused as error:
            raise serializers.ValidationError(str(error)) from error
        return url


class NewEndpointSerializer(EndpointSerializer):
    """The answer that made it: the only one with its secret."""

    secret = serializers.CharField(help_text="whsec_…: messages are signed with it. Keep it: nobody can show it again.")

    class Meta(EndpointSerializer.Meta):
        fields = [*EndpointSerializer.Meta.fields, "secret"]


class SigningSecretSerializer(serializers.Serializer[Any]):
    """A secret in the answer that made it: the only one with its text."""

    id = serializers.IntegerField(help_text="Of the endpoint.")
    secret = serializers.CharField(help_text="whsec_…: keep it, nobody can show it again.")
    both_sign_until = Moment(help_text="Until then messages are signed with the last secret as well.")


class TriedSerializer(serializers.Serializer[Any]):
    """Whether an endpoint takes messages."""

    works = serializers.BooleanField()
    status = serializers.IntegerField(help_text="What it answered.")
