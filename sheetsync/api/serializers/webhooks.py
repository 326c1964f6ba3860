"""Webhooks of a source: where they are sent, and what they are known by."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from sheetsync.api.serializers.fields import Moment, Strict
from sheetsync.models.webhook_secrets import LONGEST, Platform


class PlatformSerializer(serializers.Serializer[Any]):
    """One way in which a shop may report."""

    platform = serializers.ChoiceField(Platform.values)
    address = serializers.CharField(
        allow_null=True,
        help_text="To paste into the shop. Null for `hint`: its address is shown once, when it is made.",
    )
    secrets = serializers.IntegerField(help_text="How many secrets are accepted: two while one follows the other.")


class WebhooksSerializer(serializers.Serializer[Any]):
    """All ways in which a source's shop may report."""

    last_delivery_at = Moment(allow_null=True, help_text="When the last genuine webhook came, to the minute.")
    silenced = serializers.ListField(
        child=serializers.CharField(),
        help_text="Topics of webhooks that the shop has switched off, as seen when all orders were last looked at.",
    )
    platforms = PlatformSerializer(many=True)


class NewSecretSerializer(Strict):
    """A secret that the shop has made. Left out, one is made here."""

    secret = serializers.CharField(required=False, max_length=LONGEST, trim_whitespace=False)


class ShownSecretSerializer(serializers.Serializer[Any]):
    """A secret in the answer that made it: the only one with its text."""

    id = serializers.IntegerField(help_text="Of the source.")
    platform = serializers.ChoiceField(Platform.values)
    address = serializers.CharField(help_text="To paste into the shop. Of `hint` it is the secret: keep it.")
    secret = serializers.CharField(
        allow_null=True, help_text="Keep it: nobody can show it again. Null where it is yours, or in the address."
    )
    secrets = serializers.IntegerField(help_text="How many are accepted now.")
