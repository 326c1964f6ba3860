"""Not more than so many calls a minute: counted in the database, so that it holds for all processes together."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from sheetsync.api.authentication import Bearer
from sheetsync.conf import settings as conf
from sheetsync.errors import QuotaWait
from sheetsync.models import QuotaBucket
from sheetsync.models.fields import alias
from sheetsync.models.quota import Place
from sheetsync.sheets.pacing import Rate


class PerToken(BaseThrottle):
    """A bucket for each token; callers without one share a bucket for each address.

    A cache would be quicker, but the one that Django has without being asked is each process's own.
    """

    def __init__(self) -> None:
        self._wait: float | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Take a place, or say how long to wait."""
        per_minute = conf.API_CALLS_PER_MINUTE
        if per_minute is None:
            return True
        rate = Rate(per_minute=per_minute, burst=max(1, round(per_minute / 4)))
        try:
            QuotaBucket.objects.using(alias(QuotaBucket)).take([Place(bucket=_name(request), rate=rate)], longest=0)
        except QuotaWait as wait:
            self._wait = wait.seconds
            return False
        return True

    def wait(self) -> float | None:
        """Seconds, for Retry-After."""
        return self._wait


def _name(request: Request) -> str:
    if isinstance(request.user, Bearer):
        return f"api token {request.user.pk}"
    return f"api address {request.META.get('REMOTE_ADDR', '')}"[:200]
