"""The addresses of the app: `path("", include("sheetsync.urls"))` in a site's own."""

from django.urls import include, path

from sheetsync import health
from sheetsync.api.callback import google_callback
from sheetsync.api.shop_callbacks import shopify_callback, woocommerce_keys, woocommerce_return
from sheetsync.metrics import metrics

app_name = "sheetsync"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("google/callback", google_callback, name="google-callback"),
    path("shops/shopify/callback", shopify_callback, name="shopify-callback"),
    path("shops/woocommerce/keys", woocommerce_keys, name="woocommerce-keys"),
    path("shops/woocommerce/return", woocommerce_return, name="woocommerce-return"),
    path("webhooks/", include("sheetsync.webhooks.urls")),
    path("api/v1/", include("sheetsync.api.urls")),
]
