"""Connect a shop by one click of its owner; see how it goes."""

from __future__ import annotations

from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from sheetsync import installing
from sheetsync.api.base import Endpoint
from sheetsync.api.operations import operation
from sheetsync.api.serializers.shops import (
    BegunShopSerializer,
    NewShopifySerializer,
    NewWooCommerceSerializer,
    ShopLinkSerializer,
)
from sheetsync.models import InstallState


class ShopLinkEndpoint(Endpoint):
    """What those that begin share."""

    def address(self, name: str) -> str:
        """Of one of our pages, as the caller reaches this site."""
        return self.request.build_absolute_uri(reverse(f"sheetsync:{name}"))

    def begun(self, begun: installing.Begun) -> Response:
        """The attempt, and where its browser goes."""
        return Response(ShopLinkSerializer(begun.attempt).data | {"url": begun.url}, 201)


class ShopifyLinks(ShopLinkEndpoint):
    """Begin to connect a shop at Shopify."""

    @operation(
        "Connect a shop at Shopify, or connect one again", body=NewShopifySerializer,
        answers={201: BegunShopSerializer}, problems=(400, 409), idempotent=True, secret=True,
        takes={"shop": "your-shop.myshopify.com", "name": "Main shop"},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Send the browser of the shop's owner to `url`, where they install this site's app. Then ask for the link."""
        wanted = NewShopifySerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        callback = self.address("shopify-callback")
        return self.begun(installing.begin_shopify(self.tenant, **wanted.validated_data, redirect_uri=callback))


class WooCommerceLinks(ShopLinkEndpoint):
    """Begin to connect a shop with WooCommerce."""

    @operation(
        "Connect a shop with WooCommerce, or connect one again", body=NewWooCommerceSerializer,
        answers={201: BegunShopSerializer}, problems=(400, 409), idempotent=True, secret=True,
        takes={"url": "https://shop.example.com", "name": "Main shop"},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Send the browser of the shop's owner to `url`, where they allow keys to be made. Then ask for the link."""
        wanted = NewWooCommerceSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        addresses = {"return_url": self.address("woocommerce-return"), "callback_url": self.address("woocommerce-keys")}
        return self.begun(installing.begin_woocommerce(self.tenant, **wanted.validated_data, **addresses))


class OneShopLink(Endpoint):
    """What became of it."""

    @operation(
        "What became of an attempt to connect a shop", answers={200: ShopLinkSerializer, 304: None}, problems=(404,)
    )
    def get(self, request: Request, pk: int) -> Response:
        """`pending` until the shop's owner has answered on the shop's page; then `source` is what came of it."""
        return self.show(ShopLinkSerializer(self.one(InstallState, pk)).data)
