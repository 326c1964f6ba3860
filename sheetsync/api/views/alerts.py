"""Alerts: what needs somebody, and the endpoint where a tenant's own programs are told of it."""

from __future__ import annotations

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from sheetsync import alerts
from sheetsync.api import etags
from sheetsync.api.base import Endpoint, differing
from sheetsync.api.filtering import filtered, number, one_of
from sheetsync.api.operations import operation
from sheetsync.api.serializers.alerts import (
    STATES,
    AlertSerializer,
    EndpointSerializer,
    NewEndpointSerializer,
    SigningSecretSerializer,
    TriedSerializer,
)
from sheetsync.models import Alert, AlertEndpoint
from sheetsync.models.alert_endpoint import OVERLAP, shown
from sheetsync.models.audit import record
from sheetsync.models.fields import atomic

KINDS = (Alert.Kind.FAILED.value, Alert.Kind.DEAD.value, Alert.Kind.NEEDS_OWNER.value)
EXAMPLE = {"url": "https://ops.example.com/hooks/sheetsync"}
SHOWN = {
    "id": 1, "url": "https://ops.example.com/hooks/sheetsync", "enabled": True, "problem": "", "failing_since": None,
    "delivered_at": "2026-11-22T08:00:07Z", "secret_made_at": "2026-11-01T08:00:00Z",
    "created_at": "2026-11-01T08:00:00Z",
}  # fmt: skip


class Alerts(Endpoint):
    """All alerts of the tenant."""

    @operation(
        "Alerts, the newest first",
        answers={200: AlertSerializer},
        paged=True,
        filters={
            "state": f"One of {', '.join(STATES)}, or several with commas.",
            "kind": f"One of {', '.join(KINDS)}, or several with commas.",
            "automation": "Only those of this automation.",
        },
        problems=(400,),
    )
    def get(self, request: Request) -> Response:
        """What is over is remembered for some months. An incident is one alert, however often it happened."""
        known = {
            "state": ("end__in", _ends),
            "kind": ("kind__in", one_of(*KINDS)),
            "automation": ("automation", number),
        }
        rows = filtered(self.own(Alert).exclude(told_at=None), request, known)
        return self.page(rows, lambda alert: AlertSerializer(alert).data)


def _ends(name: str, text: str) -> list[str]:
    return ["" if each == "open" else each for each in one_of(*STATES)(name, text)]


class OneAlert(Endpoint):
    """One alert."""

    @operation("One alert", answers={200: AlertSerializer, 304: None}, problems=(404,))
    def get(self, request: Request, pk: int) -> Response:
        """As it is."""
        return self.show(AlertSerializer(self.one(Alert, pk)).data)


class TenantsEndpoint(Endpoint):
    """What those about the tenant's endpoint share."""

    def found(self, *, lock: bool = False) -> AlertEndpoint | None:
        """The endpoint; None where there is none yet."""
        rows = self.own(AlertEndpoint)
        return (rows.select_for_update(no_key=True) if lock else rows).first()

    def there(self, *, lock: bool = False) -> AlertEndpoint:
        """The endpoint. Raises Http404 where there is none."""
        endpoint = self.found(lock=lock)
        if endpoint is None:
            raise Http404
        return endpoint


class OwnEndpoint(TenantsEndpoint):
    """Where the tenant is told of its alerts."""

    @operation("Where alerts are posted to", answers={200: EndpointSerializer, 304: None}, problems=(404,), gives=SHOWN)
    def get(self, request: Request) -> Response:
        """As it is, with what came of the last message. The secret is not shown again."""
        return self.show(EndpointSerializer(self.there()).data)

    @operation(
        "Have alerts posted to an address", body=EndpointSerializer,
        answers={200: EndpointSerializer, 201: NewEndpointSerializer}, problems=(400, 412), conditional=True,
        takes=EXAMPLE,
    )  # fmt: skip
    def put(self, request: Request) -> Response:
        """The first time, the answer (201) has the secret that messages are signed with, this once.

        Later the address is changed, or switched off and on again, and the secret stays. Whoever missed it asks for
        another one.
        """
        wanted = EndpointSerializer(data=request.data)
        with atomic(AlertEndpoint):
            # Of two who set it up at once, one finds the other's.
            type(self.tenant).objects.select_for_update(no_key=True).get(pk=self.tenant.pk)
            endpoint = self.found(lock=True)
            etags.expect(request, EndpointSerializer(endpoint).data if endpoint else None)
            wanted.is_valid(raise_exception=True)
            if endpoint is None:
                return self._made(wanted)
            return self.show(self._changed(endpoint, wanted))

    def _made(self, wanted: EndpointSerializer) -> Response:
        endpoint = AlertEndpoint(tenant=self.tenant, **wanted.validated_data)
        secret = endpoint.rotate()
        endpoint.save()
        record("alert_endpoint.created", endpoint)
        tag = etags.etag_of(EndpointSerializer(endpoint).data)
        return Response(EndpointSerializer(endpoint).data | {"secret": secret}, 201, headers={"ETag": tag})

    def _changed(self, endpoint: AlertEndpoint, wanted: EndpointSerializer) -> dict[str, object]:
        before = {"url": shown(endpoint.url), "enabled": endpoint.enabled}
        endpoint.url, endpoint.enabled = wanted.validated_data["url"], wanted.validated_data["enabled"]
        endpoint.problem, endpoint.failing_since = "", None
        endpoint.save(update_fields=["url", "enabled", "problem", "failing_since"])
        after = {"url": shown(endpoint.url), "enabled": endpoint.enabled}
        record("alert_endpoint.changed", endpoint, also=differing(before, after))
        return EndpointSerializer(endpoint).data

    @operation("Have alerts posted nowhere", answers={204: None}, problems=(404, 412), conditional=True)
    def delete(self, request: Request) -> Response:
        """What was not sent yet is not sent any more."""
        with atomic(AlertEndpoint):
            endpoint = self.there(lock=True)
            etags.expect(request, EndpointSerializer(endpoint).data)
            record("alert_endpoint.removed", endpoint)
            endpoint.delete()
        return Response(status=204)


class RotateEndpoint(TenantsEndpoint):
    """Another secret."""

    @operation(
        "Sign alerts with another secret", answers={201: SigningSecretSerializer}, problems=(404,), idempotent=True,
        secret=True, gives={"id": 1, "secret": "whsec_…", "both_sign_until": "2026-11-23T08:00:00Z"},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """It is in this answer and nowhere else. For a day the last one signs as well, so that nothing is missed."""
        with atomic(AlertEndpoint):
            endpoint = self.there(lock=True)
            secret = endpoint.rotate()
            endpoint.save(update_fields=["sealed", "rotated_at"])
            record("alert_endpoint.rotated", endpoint)
        until = endpoint.rotated_at + OVERLAP if endpoint.rotated_at else None
        given = {"id": endpoint.pk, "secret": secret, "both_sign_until": until}
        return Response(SigningSecretSerializer(given).data, 201)


class TestEndpoint(TenantsEndpoint):
    """Whether it takes messages."""

    @operation("Post a test message to the endpoint", answers={200: TriedSerializer}, problems=(400, 404, 409))
    def post(self, request: Request) -> Response:
        """A message of type `endpoint.test`, signed like any other. A problem says why it was not taken."""
        return Response({"works": True, "status": alerts.try_out(self.there())})
