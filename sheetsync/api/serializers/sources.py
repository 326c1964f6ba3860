"""Sources: where orders come from."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils import timezone
from rest_framework import serializers

from sheetsync.api.serializers.fields import Moment, Strict
from sheetsync.conf import settings as conf
from sheetsync.errors import BadSource, CallRefused
from sheetsync.models import Source
from sheetsync.sources.registry import KINDS, credentials_from


class SourceSerializer(Strict, serializers.ModelSerializer[Source]):
    """A source as it is shown and as it is written. What is secret in it can be written, and is never shown."""

    config = serializers.DictField(required=False)
    credentials = serializers.DictField(
        required=False,
        write_only=True,
        help_text="What the shop wants to be shown, in the place of what is kept. It is sealed, and never shown again.",
    )
    has_credentials = serializers.SerializerMethodField()
    created_at = Moment(read_only=True)
    managed = serializers.SerializerMethodField(
        help_text="Whether operators set it up: then it cannot be changed here."
    )

    class Meta:
        model = Source
        fields = [
            "id", "name", "kind", "config", "credentials", "has_credentials", "public_id", "managed", "created_at",
        ]  # fmt: skip
        read_only_fields = ["id", "public_id"]

    def get_managed(self, source: Source) -> bool:
        """Kinds that read the server's own files or tables are the operators'."""
        return source.kind not in conf.TENANT_KINDS

    def get_has_credentials(self, source: Source) -> bool:
        """Whether any are kept."""
        return bool(source.sealed)

    def to_representation(self, source: Source) -> dict[str, Any]:
        """Where the operators' sources look is their business."""
        shown = super().to_representation(source)
        return shown | ({"config": None} if shown["managed"] else {})

    def validate_kind(self, kind: str) -> str:
        """Raises ValidationError for a kind that tenants do not set up themselves."""
        if kind not in conf.TENANT_KINDS:
            known = ", ".join(conf.TENANT_KINDS) or "none"
            raise serializers.ValidationError(
                f"{kind[:40]!r} is no kind that you can set up yourself; those are: {known}."
            )
        return kind

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """By the kind's own rules. Raises ValidationError naming the field of the configuration."""
        judged = self.instance or Source(tenant=self.context["tenant"])
        made = Source(
            tenant=self.context["tenant"],
            kind=attrs.get("kind", judged.kind),
            config=attrs.get("config", judged.config),
            name=attrs.get("name", judged.name),
        )
        made.sealed = judged.sealed
        if "credentials" in attrs:
            _judge_credentials(made.kind, attrs["credentials"])
            made.seal(attrs.pop("credentials"))
            attrs |= {"sealed": made.sealed, "renew_at": made.renew_at, "connected_at": timezone.now()}
        twins = Source.objects.filter(tenant=made.tenant, name=made.name).exclude(pk=judged.pk)
        if "name" in attrs and twins.exists():
            raise serializers.ValidationError(
                {"name": [f"You have a source {made.name!r} already: choose another name."]}
            )
        try:
            made.clean()
        except DjangoValidationError as error:
            raise _placed(error) from error
        return attrs


def _placed(error: DjangoValidationError) -> serializers.ValidationError:
    """The same, with the option of the configuration that an address or a header stands in, where that is known."""
    refusal = error.__cause__
    if isinstance(refusal, CallRefused) and refusal.field:
        return serializers.ValidationError({"config": {refusal.field: [str(refusal)]}})
    return serializers.ValidationError(serializers.as_serializer_error(error))


def _judge_credentials(kind: str, credentials: dict[str, Any]) -> None:
    """By their names and types. Raises ValidationError, which tells no value, and no name that may be a value."""
    type_ = KINDS[kind].credentials
    known = [each.name for each in fields(type_)] if type_ else []
    if any(name not in known for name in credentials):
        takes = f"names are {', '.join(known)}" if known else "this kind takes none"
        raise serializers.ValidationError({"credentials": [f"There is a name in it that there is not: {takes}."]})
    try:
        credentials_from(kind, credentials)
    except BadSource as error:
        raise serializers.ValidationError({"credentials": [str(error)]}) from None
