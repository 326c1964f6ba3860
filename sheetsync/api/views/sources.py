"""Sources: set one up, try it, and see what can be read from it."""

from __future__ import annotations

from typing import Any

from django.db.models import ProtectedError, RestrictedError
from rest_framework.request import Request
from rest_framework.response import Response

from sheetsync import sampling, trigger
from sheetsync.api import etags
from sheetsync.api.base import Endpoint, differing
from sheetsync.api.filtering import filtered, text
from sheetsync.api.operations import operation
from sheetsync.api.problems import Problem
from sheetsync.api.serializers.answers import PathsSerializer, TestedSerializer
from sheetsync.api.serializers.sources import SourceSerializer
from sheetsync.conf import settings as conf
from sheetsync.errors import ShopDenied
from sheetsync.models import Source
from sheetsync.models.audit import record
from sheetsync.models.fields import atomic

EXAMPLE = {"name": "Orders", "kind": "rest", "config": {"url": "https://shop.example.com/api/orders"}}


class Sources(Endpoint):
    """All sources of the tenant."""

    @operation(
        "Sources, the newest first",
        answers={200: SourceSerializer},
        paged=True,
        filters={"kind": "Only sources of this kind."},
        problems=(400,),
    )
    def get(self, request: Request) -> Response:
        """A page of them."""
        rows = filtered(self.own(Source), request, {"kind": ("kind", text)})
        return self.page(rows, lambda source: SourceSerializer(source).data)

    @operation(
        "Set up a source", body=SourceSerializer, answers={201: SourceSerializer}, problems=(400,), idempotent=True,
        takes=EXAMPLE,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Checked, but not tried: that is `test`."""
        wanted = SourceSerializer(data=request.data, context={"tenant": self.tenant})
        wanted.is_valid(raise_exception=True)
        with atomic(Source):
            source = wanted.save(tenant=self.tenant)
            record("source.created", source)
        return self.show(SourceSerializer(source).data, 201)


class OneSource(Endpoint):
    """One source."""

    @operation("One source", answers={200: SourceSerializer, 304: None}, problems=(404,))
    def get(self, request: Request, pk: int) -> Response:
        """As it is."""
        return self.show(SourceSerializer(self.one(Source, pk)).data)

    @operation(
        "Change a source", body=SourceSerializer, answers={200: SourceSerializer}, problems=(400, 404, 409, 412),
        conditional=True, takes={"name": "Orders of the main shop"},
    )  # fmt: skip
    def patch(self, request: Request, pk: int) -> Response:
        """What is not named stays as it is. Runs that are going on see it at their next slice."""
        with atomic(Source):
            source = self.locked(pk)
            before = SourceSerializer(source).data
            etags.expect(request, before)
            wanted = SourceSerializer(source, data=request.data, partial=True, context={"tenant": self.tenant})
            wanted.is_valid(raise_exception=True)
            shown = SourceSerializer(wanted.save()).data
            record("source.changed", source, also=differing(before, shown))
        if "credentials" in request.data:
            trigger.put_back(source.automations.all(), ShopDenied)
        return self.show(shown)

    @operation("Remove a source", answers={204: None}, problems=(404, 409, 412), conditional=True)
    def delete(self, request: Request, pk: int) -> Response:
        """Refused while an automation reads it."""
        with atomic(Source):
            source = self.locked(pk)
            etags.expect(request, SourceSerializer(source).data)
            record("source.removed", source)
            try:
                source.delete()
            except (ProtectedError, RestrictedError):
                names = ", ".join(source.automations.values_list("name", flat=True)[:5])
                raise Problem("in-use", f"It is read by {names}: remove those first.", status=409) from None
        return Response(status=204)

    def locked(self, pk: int) -> Source:
        """For a change. Raises Problem for one that operators set up."""
        source = self.one(Source, pk, self.own(Source).select_for_update())
        if source.kind not in conf.TENANT_KINDS:
            raise Problem("managed", "Operators set this source up: ask them to change it.", status=409)
        return source


class TestSource(Endpoint):
    """Whether a source answers."""

    scope = "write"

    @operation("Try a source: connects, and shows one order", answers={200: TestedSerializer}, problems=(400, 404, 409))
    def post(self, request: Request, pk: int) -> Response:
        """Nothing is written anywhere."""
        source = self.one(Source, pk)
        rows = sampling.sample_widely(source, 1)
        order = rows[0].order if rows else None
        return Response({"works": True, "order_id": rows[0].order_id if rows else None, "order": order})


class SourcePaths(Endpoint):
    """What can be read from a source."""

    @operation(
        "The paths that a source's orders have, with examples", answers={200: PathsSerializer}, problems=(400, 404, 409)
    )
    def get(self, request: Request, pk: int) -> Response:
        """By a sample of the first orders; with columns to begin with."""
        rows = sampling.sample_widely(self.one(Source, pk))
        shown: dict[str, Any] = {"paths": sampling.catalogue(rows), "templates": {}}
        if rows:
            shown["templates"] = sampling.templates(rows[0])
        return Response(shown)
