"""What all endpoints share. Nothing of it is taken from the host's settings of Django REST framework."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.db import models
from django.http import Http404, HttpRequest
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sheetsync.api import etags, problems
from sheetsync.api.authentication import ScopePermission, TokenAuthentication
from sheetsync.api.isolation import watched
from sheetsync.api.pagination import NewestFirst
from sheetsync.api.parsing import JSONParser
from sheetsync.api.throttling import PerToken
from sheetsync.logs import correlated
from sheetsync.models import ApiToken, Tenant
from sheetsync.models.audit import Actor, ActorKind, acting
from sheetsync.models.fields import alias
from sheetsync.models.run import new_correlation_id

M = TypeVar("M", bound=models.Model)

REQUEST_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


class Plain(JSONRenderer):
    """JSON as it is, whatever the host prefers."""

    compact = True
    ensure_ascii = False
    strict = True


class Public(APIView):
    """An endpoint for callers without a token."""

    authentication_classes: Any = ()
    permission_classes: Any = ()
    throttle_classes: Any = (PerToken,)
    parser_classes: Any = (JSONParser,)
    renderer_classes: Any = (Plain,)
    content_negotiation_class: Any = DefaultContentNegotiation
    metadata_class: Any = None
    versioning_class: Any = None
    schema: Any = None  # the host's own schema is about the host's own API

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """With an id that goes through logs, runs and audit; the caller's own, where it sent a fit one."""
        made = super().initialize_request(request, *args, **kwargs)
        given = request.headers.get("X-Request-ID", "")
        self.request_id = given if REQUEST_ID.fullmatch(given) else new_correlation_id()
        made.request_id = self.request_id  # type: ignore[attr-defined] # for what sees only the request
        return made

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who calls has been found out by now; from here on only their own rows are touched."""
        super().initial(request, *args, **kwargs)
        self._enter(correlated(self.request_id))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Every answer says which request it belongs to."""
        self._leave()
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in {"X-Request-ID": getattr(request, "request_id", ""), **HEADERS}.items():
            response.headers.setdefault(name, value)
        return response

    def get_exception_handler(self) -> Callable[..., Response]:
        """Ours, not the host's."""
        return problems.answer

    def _enter(self, context: Any) -> None:
        self._entered = [*getattr(self, "_entered", []), context]
        context.__enter__()

    def _leave(self) -> None:
        while entered := getattr(self, "_entered", []):
            entered.pop().__exit__(None, None, None)


class Endpoint(Public):
    """An endpoint of a tenant: every row that it touches is found through `own`."""

    authentication_classes = (TokenAuthentication,)
    permission_classes = (ScopePermission,)
    scope: str | None = None
    """What a token needs for all of it; None: `read` to read, else `write`."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """In debug mode, what belongs to others cannot even be read by mistake."""
        super().initial(request, *args, **kwargs)
        self._enter(watched(self.tenant.pk))
        self._enter(acting(self._actor()))

    def _actor(self) -> Actor:
        address = self.request.META.get("REMOTE_ADDR") or None
        label = str(self.token)
        return Actor(kind=ActorKind.TOKEN, label=label, request_id=self.request_id, address=address)

    @property
    def token(self) -> ApiToken:
        """What the caller showed."""
        return self.request.user.token  # type: ignore[no-any-return, union-attr]

    @property
    def tenant(self) -> Tenant:
        """Whose rows these are."""
        return self.token.tenant

    def own(self, model: type[M]) -> models.QuerySet[M]:
        """The tenant's rows of a model: where every queryset of the API begins."""
        return model._default_manager.using(alias(model)).filter(tenant=self.tenant)

    def one(self, model: type[M], pk: int, rows: models.QuerySet[M] | None = None) -> M:
        """That row of the tenant's. Raises Http404, be it unknown or another tenant's."""
        found = (self.own(model) if rows is None else rows).filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def page(self, rows: models.QuerySet[M], shape: Callable[[M], Any]) -> Response:
        """One page of them, the newest first."""
        paginator = NewestFirst()
        found = paginator.paginate_queryset(rows, self.request, self) or []
        return paginator.get_paginated_response([shape(row) for row in found])

    def show(self, representation: Any, status: int = 200) -> Response:
        """With its ETag; 304 where the caller has it already."""
        return etags.shown(self.request, representation, status)


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """{name: (old, new)} of two representations, for the history."""
    return {name: (before[name], after[name]) for name in after if before.get(name) != after[name]}
