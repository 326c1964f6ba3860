"""Google accounts, and attempts to link one."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from sheetsync.api.serializers.fields import Moment, Own, Strict
from sheetsync.linking.consent import SCOPES
from sheetsync.models import GoogleAccount, OAuthState
from sheetsync.models.fields import database_time

SCOPE_HELP = (
    "`file`: spreadsheets that sheetsync makes for you, and no others; Google asks least of your person then. "
    "`spreadsheets`: all that the account has, needed to write into one that is there already."
)


class AccountSerializer(serializers.ModelSerializer[GoogleAccount]):
    """A linked account; its credentials are shown to nobody."""

    scopes = serializers.SerializerMethodField()
    created_at, connected_at = Moment(), Moment()

    class Meta:
        model = GoogleAccount
        fields = ["id", "kind", "email", "scopes", "status", "problem", "is_default", "created_at", "connected_at"]
        read_only_fields = fields

    def get_scopes(self, account: GoogleAccount) -> list[str]:
        """What was granted."""
        return account.scopes.split()


class NewLinkSerializer(Strict):
    """What shall be linked."""

    scope = serializers.ChoiceField(list(SCOPES), required=False, default="file", help_text=SCOPE_HELP)
    account = Own(GoogleAccount, required=False, help_text="To connect this account again; then no other one will do.")


class LinkSerializer(serializers.ModelSerializer[OAuthState]):
    """What became of an attempt to link an account."""

    account = serializers.IntegerField(source="account_id", allow_null=True)
    outcome, reason = serializers.SerializerMethodField(), serializers.SerializerMethodField()
    created_at, expires_at = Moment(), Moment()

    class Meta:
        model = OAuthState
        fields = ["id", "outcome", "reason", "account", "created_at", "expires_at"]
        read_only_fields = fields

    def get_outcome(self, link: OAuthState) -> str:
        """`pending`, `linked`, `denied`, `unticked` or `failed`."""
        return link.standing(database_time(OAuthState))[0]

    def get_reason(self, link: OAuthState) -> str:
        """What to do, where it was not linked."""
        return link.standing(database_time(OAuthState))[1]


class BegunSerializer(LinkSerializer):
    """An attempt that begins, with the address of Google's page."""

    url = serializers.CharField(read_only=True, help_text="Where a person's browser goes.")

    class Meta(LinkSerializer.Meta):
        fields = [*LinkSerializer.Meta.fields, "url"]
        read_only_fields = fields


class UnlinkSerializer(Strict):
    """`force`: also where automations lose their account by it."""

    force = serializers.BooleanField(required=False, default=False)


class UnlinkedSerializer(serializers.Serializer[Any]):
    """What an account leaves behind."""

    new_default = serializers.IntegerField(allow_null=True)
    stopped = serializers.ListField(child=serializers.CharField())
    settled = serializers.BooleanField(help_text="false: Google did not answer; the grant is ended later.")


class NewSpreadsheetSerializer(Strict):
    """A spreadsheet to be made."""

    title = serializers.CharField(max_length=200)
    tab = serializers.CharField(max_length=100, required=False, default="Orders")


class SpreadsheetSerializer(serializers.Serializer[Any]):
    """A spreadsheet that was made."""

    id = serializers.CharField()
    url = serializers.CharField()


class ReachSerializer(serializers.Serializer[Any]):
    """Whether exports can go to a spreadsheet."""

    writable = serializers.BooleanField()
    state = serializers.ChoiceField(["writable", "read_only", "not_shared", "gone", "unusable"])
    title = serializers.CharField(allow_blank=True)
    message = serializers.CharField(allow_blank=True)
