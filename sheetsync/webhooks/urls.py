"""The addresses under `/webhooks/`. Whose a delivery is, its address says, never its body: but for what Shopify
sends about all shops of an app to one address."""

from django.urls import path

from sheetsync.webhooks.compliance import compliance
from sheetsync.webhooks.hint import HINT
from sheetsync.webhooks.receive import view
from sheetsync.webhooks.shopify import SHOPIFY
from sheetsync.webhooks.standard import STANDARD
from sheetsync.webhooks.woocommerce import WOOCOMMERCE

urlpatterns = [
    path("shopify/compliance", compliance, name="webhook-shopify-compliance"),
    path("<str:public_id>/shopify", view(SHOPIFY), name="webhook-shopify"),
    path("<str:public_id>/woocommerce", view(WOOCOMMERCE), name="webhook-woocommerce"),
    path("<str:public_id>/standard", view(STANDARD), name="webhook-standard"),
    path("<str:public_id>/hint/<str:capability>", view(HINT), name="webhook-hint"),
]
