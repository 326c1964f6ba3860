"""Attempts to connect a shop."""

from __future__ import annotations

from rest_framework import serializers

from sheetsync.api.serializers.fields import Moment, Strict
from sheetsync.models import InstallState
from sheetsync.models.fields import database_time

NAME_HELP = "What the source is called. A source of this shop that has the name already is connected again."


class NewShopifySerializer(Strict):
    """A shop at Shopify."""

    shop = serializers.CharField(max_length=100, help_text="Its permanent name: your-shop.myshopify.com.")
    name = serializers.CharField(max_length=200, help_text=NAME_HELP)


class NewWooCommerceSerializer(Strict):
    """A shop with WooCommerce."""

    url = serializers.CharField(max_length=2_000, help_text="The address of its front page, with https://.")
    name = serializers.CharField(max_length=200, help_text=NAME_HELP)


class ShopLinkSerializer(serializers.ModelSerializer[InstallState]):
    """What became of an attempt to connect a shop."""

    source = serializers.IntegerField(  # type: ignore[assignment]
        source="source_id", allow_null=True, help_text="The source, once it is linked."
    )
    outcome, reason = serializers.SerializerMethodField(), serializers.SerializerMethodField()
    created_at, expires_at = Moment(), Moment()

    class Meta:
        model = InstallState
        fields = ["id", "kind", "shop", "name", "outcome", "reason", "source", "created_at", "expires_at"]
        read_only_fields = fields

    def get_outcome(self, attempt: InstallState) -> str:
        """`pending`, `linked`, `denied` or `failed`."""
        return self._standing(attempt)[0]

    def get_reason(self, attempt: InstallState) -> str:
        """What to do, where it was not linked."""
        return self._standing(attempt)[1]

    def _standing(self, attempt: InstallState) -> tuple[str, str]:
        return attempt.standing(database_time(InstallState))


class BegunShopSerializer(ShopLinkSerializer):
    """An attempt that begins, with the address of the shop's page."""

    url = serializers.CharField(read_only=True, help_text="Where the browser of the shop's owner goes.")

    class Meta(ShopLinkSerializer.Meta):
        fields = [*ShopLinkSerializer.Meta.fields, "url"]
        read_only_fields = fields
