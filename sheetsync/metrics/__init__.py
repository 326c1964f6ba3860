"""`/metrics`, for Prometheus. Needs `pip install sheetsync[metrics]` and SHEETSYNC["METRICS_TOKEN"].

Closed unless opened: without a token in the settings, or without prometheus-client, the address is not there. With
DEBUG, on a desk, no token is needed. That a request comes from this machine proves nothing: behind a proxy all do.
"""

from __future__ import annotations

from importlib.util import find_spec
from secrets import compare_digest

from django.conf import settings as django_settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sheetsync.conf import settings as conf


def available() -> bool:
    """Whether prometheus-client is installed."""
    return find_spec("prometheus_client") is not None


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The text format, or OpenMetrics for who asks for it. 401 without the token, 404 where there is nothing to see."""
    token = conf.METRICS_TOKEN
    if not available() or (token is None and not django_settings.DEBUG):
        raise Http404
    if token is not None and not _shows(request, token):
        return HttpResponse("Show the bearer token.\n", "text/plain", 401, headers={"WWW-Authenticate": "Bearer"})

    from prometheus_client.exposition import choose_encoder

    from sheetsync.metrics.families import Families

    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(Families()), content_type)


def _shows(request: HttpRequest, token: str) -> bool:
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    return compare_digest(shown.strip().encode(), token.encode()) and scheme.lower() == "bearer"
