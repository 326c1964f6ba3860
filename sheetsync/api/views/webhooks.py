"""Webhooks of a source: where the shop sends them, and secrets that follow one another without a gap."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from sheetsync.api.base import Endpoint
from sheetsync.api.operations import operation
from sheetsync.api.problems import Problem, invalid
from sheetsync.api.serializers.webhooks import NewSecretSerializer, ShownSecretSerializer, WebhooksSerializer
from sheetsync.conf import settings as conf
from sheetsync.errors import BadSource
from sheetsync.models import Source
from sheetsync.models.fields import atomic
from sheetsync.models.webhook_secrets import MOST, Platform


class WebhookEndpoint(Endpoint):
    """What those for webhooks share."""

    def address(self, source: Source, platform: str, *more: str) -> str:
        """Where the shop sends them, as the caller reaches this site."""
        path = reverse(f"sheetsync:webhook-{platform}", args=[str(source.public_id), *more])
        return self.request.build_absolute_uri(path)

    def locked(self, pk: int, platform: str) -> Source:
        """For a change. Raises Http404, and Problem for a platform that there is not or a source of the operators'."""
        source = self.one(Source, pk, self.own(Source).select_for_update(no_key=True))
        if platform not in Platform.values:
            known = ", ".join(Platform.values)
            raise Problem("not-found", f"There is no such platform: platforms are {known}.", status=404)
        if source.kind not in conf.TENANT_KINDS:
            raise Problem("managed", "Operators set this source up: ask them to change it.", status=409)
        return source


class SourceWebhooks(WebhookEndpoint):
    """All platforms."""

    @operation(
        "How a source's shop may report changes", answers={200: WebhooksSerializer, 304: None}, problems=(400, 404),
        gives={
            "last_delivery_at": "2026-11-22T08:00:07Z",
            "silenced": [],
            "platforms": [
                {
                    "platform": "woocommerce",
                    "address": "https://sync.example/webhooks/0c3c6a5e-6f0e-4d3b-9a55-0b1e3a1e7f10/woocommerce",
                    "secrets": 1,
                }
            ],
        },
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> Response:
        """Addresses to paste into the shop, how many secrets are accepted of each platform, and when the last came."""
        source = self.one(Source, pk)
        at = source.last_delivery_at
        return self.show(
            {
                "last_delivery_at": at and at.isoformat().replace("+00:00", "Z"),
                "silenced": source.silenced,
                "platforms": [self._platform(source, platform) for platform in Platform.values],
            }
        )

    def _platform(self, source: Source, platform: str) -> dict[str, Any]:
        address = None if platform == Platform.HINT else self.address(source, platform)
        return {"platform": platform, "address": address, "secrets": len(source.webhook_secrets(platform))}


class SourceWebhook(WebhookEndpoint):
    """One platform."""

    @operation(
        "Accept another secret of webhooks", body=NewSecretSerializer, answers={201: ShownSecretSerializer},
        problems=(400, 404, 409), idempotent=True, secret=True, takes={},
        gives={
            "id": 1,
            "platform": "standard",
            "address": "https://sync.example/webhooks/0c3c6a5e-6f0e-4d3b-9a55-0b1e3a1e7f10/standard",
            "secret": "whsec_…",
            "secrets": 2,
        },
    )  # fmt: skip
    def post(self, request: Request, pk: int, platform: str) -> Response:
        """Beside the one that was accepted so far, until that is retired. It is in this answer and nowhere else."""
        wanted = NewSecretSerializer(data=request.data)
        with atomic(Source):
            source = self.locked(pk, platform)
            wanted.is_valid(raise_exception=True)
            given = wanted.validated_data.get("secret")
            if len(source.webhook_secrets(platform)) >= MOST:
                remedy = f"retire it first, by DELETE sources/{pk}/webhooks/{platform}/old"
                raise Problem("refused", f"An old secret of {platform} is still accepted: {remedy}.", status=409)
            try:
                made = source.rotate_webhook_secret(platform, given)
            except BadSource as error:
                raise invalid("secret", str(error)) from None
        return Response(self._shown(source, platform, made, given), 201)

    def _shown(self, source: Source, platform: str, made: str, given: str | None) -> dict[str, Any]:
        hint = platform == Platform.HINT
        return {
            "id": source.pk,
            "platform": platform,
            "address": self.address(source, platform, *([made] if hint else [])),
            "secret": None if hint or given is not None else made,
            "secrets": len(source.webhook_secrets(platform)),
        }


class OldWebhookSecret(WebhookEndpoint):
    """The older of two."""

    @operation("No longer accept the older secret of webhooks", answers={204: None}, problems=(404, 409))
    def delete(self, request: Request, pk: int, platform: str) -> Response:
        """Once the shop signs with the new one. The only one that there is stays."""
        with atomic(Source):
            source = self.locked(pk, platform)
            if not source.retire_webhook_secret(platform):
                raise Problem("not-found", f"No older secret of {platform} is accepted.", status=404)
        return Response(status=204)
