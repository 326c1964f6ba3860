"""Fields that do not depend on the host's settings, and rows that must be the tenant's own."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django.db import models
from rest_framework import ISO_8601, serializers

from sheetsync.models.fields import alias


class Moment(serializers.DateTimeField):
    """2026-11-22T08:00:00Z."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format=ISO_8601, input_formats=[ISO_8601], default_timezone=UTC, **kwargs)


class Own(serializers.PrimaryKeyRelatedField):  # type: ignore[type-arg]
    """A row of the tenant's, by its id. Another tenant's is as unknown as one that never was."""

    default_error_messages = {"does_not_exist": "There is no such {what} of yours: {pk_value}."}

    def __init__(self, model: type[models.Model], **kwargs: Any) -> None:
        self.model = model
        super().__init__(queryset=model._default_manager.none(), **kwargs)

    def get_queryset(self) -> Any:
        """Where the search for it begins."""
        return self.model._default_manager.using(alias(self.model)).filter(tenant=self.context["tenant"])

    def to_internal_value(self, data: Any) -> Any:
        """Raises ValidationError for what is no id, is unknown or is not the tenant's."""
        if isinstance(data, bool) or not isinstance(data, int) or not 0 < data < 2**63:
            self.fail("incorrect_type", data_type=type(data).__name__)
        found = self.get_queryset().filter(pk=data).first()
        if found is None:
            self.fail("does_not_exist", what=self.model._meta.verbose_name, pk_value=data)
        return found


class Strict(serializers.Serializer):  # type: ignore[type-arg]
    """Fields that it does not know, or that cannot be written, are errors: they would be passed over silently else."""

    def to_internal_value(self, data: Any) -> Any:
        """Raises ValidationError naming each such field."""
        writable = [name for name, each in self.fields.items() if not each.read_only]
        if isinstance(data, dict) and (others := [name for name in data if name not in writable]):
            words = f"the fields are {', '.join(writable)}."
            why = {name: "It cannot be written" if name in self.fields else "There is no such field" for name in others}
            raise serializers.ValidationError({str(name)[:100]: [f"{why[name]}: {words}"] for name in others})
        return super().to_internal_value(data)
