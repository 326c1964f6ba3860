"""The addresses of the app: `path("", include("sheetsync.urls"))` in a site's own."""

from django.urls import path

from sheetsync import health

app_name = "sheetsync"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
