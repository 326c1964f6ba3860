"""Tokens: all of them but what opens the door, which is shown once."""

from __future__ import annotations

from rest_framework import serializers

from sheetsync.api.serializers.fields import Moment, Strict
from sheetsync.models import ApiToken


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A token as a list shows it: by its name and its first characters."""

    created_at, expires_at = Moment(), Moment(allow_null=True)
    replaced_at, revoked_at = Moment(allow_null=True), Moment(allow_null=True)
    last_used_at = Moment(allow_null=True)

    class Meta:
        model = ApiToken
        fields = [
            "id", "name", "prefix", "scope", "created_at", "expires_at", "replaced_at", "revoked_at", "last_used_at",
        ]  # fmt: skip
        read_only_fields = fields


class ShownTokenSerializer(TokenSerializer):
    """A token in the answer that made it: the only one with its text."""

    token = serializers.CharField(read_only=True, help_text="Keep it: nobody can show it again.")

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "token"]
        read_only_fields = fields


class ExchangeSerializer(Strict):
    """An install code, and what the token shall be called."""

    code = serializers.CharField(max_length=200, help_text="ssi_…, as the operator gave it to you.")
    name = serializers.CharField(max_length=100, required=False, default="first token")


class NewTokenSerializer(Strict):
    """A further token. `days`: how long it lives; left out, as long as this site lets tokens live."""

    name = serializers.CharField(max_length=100)
    scope = serializers.ChoiceField(ApiToken.Scope.choices)
    days = serializers.IntegerField(required=False, min_value=1, max_value=3_650)


class RotateSerializer(Strict):
    """How long the old token lives on, so that programs can be given the new one one after the other."""

    overlap_hours = serializers.IntegerField(required=False, min_value=0, max_value=24 * 90, default=24)
