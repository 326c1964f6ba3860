"""How a tenant's programs get in: an install code for the first token, and tokens for more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from sheetsync.api.base import Endpoint, Public
from sheetsync.api.operations import operation
from sheetsync.api.serializers.tokens import (
    ExchangeSerializer,
    NewTokenSerializer,
    RotateSerializer,
    ShownTokenSerializer,
    TokenSerializer,
)
from sheetsync.models import ApiToken, InstallCode
from sheetsync.models.audit import Actor, ActorKind, acting, record
from sheetsync.models.fields import atomic


def shown_once(token: ApiToken, text: str) -> Any:
    """The only answer that has the token itself."""
    return TokenSerializer(token).data | {"token": text}


class Exchange(Public):
    """The first token."""

    @operation(
        "Exchange an install code for a token",
        body=ExchangeSerializer,
        answers={201: ShownTokenSerializer},
        problems=(400, 403),
        takes={"code": "ssi_…", "name": "our shop's back office"},
    )
    def post(self, request: Request) -> Response:
        """Once: a code is good for one token, of scope `admin`. Should the reply get lost, ask for another code."""
        wanted = ExchangeSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        given = wanted.validated_data
        address = request.META.get("REMOTE_ADDR") or None
        with atomic(ApiToken):
            token, text = InstallCode.objects.exchange(given["code"], name=given["name"])
            actor = Actor(kind=ActorKind.TOKEN, label=str(token), request_id=self.request_id, address=address)
            with acting(actor):
                record("token.exchanged", token)
        return Response(shown_once(token, text), 201)


class Tokens(Endpoint):
    """All tokens of the tenant."""

    scope = "admin"

    @operation("Tokens, the newest first", answers={200: TokenSerializer}, paged=True, problems=(400,))
    def get(self, request: Request) -> Response:
        """Revoked ones are listed until they are forgotten."""
        return self.page(self.own(ApiToken), lambda token: TokenSerializer(token).data)

    @operation(
        "Make a further token",
        body=NewTokenSerializer,
        answers={201: ShownTokenSerializer},
        problems=(400,),
        idempotent=True,
        secret=True,
        takes={"name": "night job", "scope": "write", "days": 90},
    )
    def post(self, request: Request) -> Response:
        """Its text is in this answer and nowhere else. Should the answer get lost, revoke it and make another."""
        wanted = NewTokenSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        given = wanted.validated_data
        ttl = timedelta(days=given["days"]) if "days" in given else None
        with atomic(ApiToken):
            token, text = ApiToken.objects.mint(self.tenant, name=given["name"], scope=given["scope"], ttl=ttl)
            record("token.created", token)
        return Response(shown_once(token, text), 201)


class OneToken(Endpoint):
    """One token."""

    scope = "admin"

    @operation("One token", answers={200: TokenSerializer, 304: None}, problems=(404,))
    def get(self, request: Request, pk: int) -> Response:
        """When it was used last, and when it ends."""
        return self.show(TokenSerializer(self.one(ApiToken, pk)).data)

    @operation("Revoke a token", answers={204: None}, problems=(404,))
    def delete(self, request: Request, pk: int) -> Response:
        """From now on it opens nothing. The last of scope `admin` may go too: operators can give a new code."""
        with atomic(ApiToken):
            token = self.one(ApiToken, pk)
            if token.revoke():
                record("token.revoked", token)
        return Response(status=204)


class RotateToken(Endpoint):
    """A token's successor."""

    scope = "admin"

    def rows(self) -> QuerySet[ApiToken]:
        """With the tenant, whose row is locked next."""
        return self.own(ApiToken).select_related("tenant")

    @operation(
        "Replace a token by a new one",
        body=RotateSerializer,
        answers={201: ShownTokenSerializer},
        problems=(400, 404),
        idempotent=True,
        secret=True,
        takes={"overlap_hours": 48},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Of the same name and scope. The old one works on for a while, so that nothing stands still."""
        wanted = RotateSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        overlap = timedelta(hours=wanted.validated_data["overlap_hours"])
        with atomic(ApiToken):
            token, text = self.one(ApiToken, pk, self.rows()).rotate(overlap)
            record("token.rotated", token)
        return Response(shown_once(token, text), 201)
