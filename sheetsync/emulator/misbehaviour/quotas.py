"""Calls per minute, reads and writes apart, per user and per project, with Google's 429 body (recorded)."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, fields
from typing import Any

from sheetsync.emulator.errors import ApiError
from sheetsync.emulator.options import Options

Json = dict[str, Any]
WINDOW = 60.0
PROJECT_NUMBER = "1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Quotas:
    """Google's defaults are 60 and 300 (documented); None counts nothing."""

    user_reads: int | None = 60
    user_writes: int | None = 60
    project_reads: int | None = 300
    project_writes: int | None = 300


def quotas_from(given: object, before: Quotas | None = None) -> Quotas | None:
    """From their JSON form: null means no quotas; what is not named stays as it was. Raises ValueError."""
    if given is None:
        return None
    options, old = Options(given, "quotas"), asdict(before or Quotas())
    found = {field.name: options.whole_or_none(field.name, old[field.name]) for field in fields(Quotas)}
    options.done()
    return Quotas(**found)


@dataclass(frozen=True, slots=True)
class Payer:
    """Whose calls are counted: those of one user of a project, or with user "" all of the project."""

    kind: str
    project: str
    user: str = ""


class Meter:
    """Counts the accepted calls of the last 60 seconds; a refused call is not counted.

    Google documents quotas per minute that are refilled every minute, and answers again a minute later. Whether its
    minute slides or is the clock's is not known; here it slides (assumed), which is the stricter.
    """

    def __init__(self, quotas: Quotas | None) -> None:
        self.quotas = quotas
        self._seen: dict[Payer, deque[float]] = {}

    def check(self, kind: str, user: str, now: float, project: str = "") -> None:
        """Raise the 429 when one more call of this kind is over a limit; otherwise count it."""
        if self.quotas is None or kind == "other":
            return
        limits: dict[Payer, int | None] = {
            Payer(kind, project, user): getattr(self.quotas, f"user_{kind}s"),
            Payer(kind, project): getattr(self.quotas, f"project_{kind}s"),
        }
        for payer, limit in limits.items():
            if limit is not None and len(self._window(payer, now)) >= limit:
                raise over_quota(kind, per_user=bool(payer.user), project=project)
        for payer in limits:
            self._window(payer, now).append(now)

    def _window(self, payer: Payer, now: float) -> deque[float]:
        window = self._seen.setdefault(payer, deque())
        while window and window[0] <= now - WINDOW:
            window.popleft()
        return window

    def used(self, now: float) -> list[Json]:
        """The calls of the last minute, by project and by user; a token from elsewhere is shown by its end."""
        counted = [(payer, len(self._window(payer, now))) for payer in list(self._seen)]
        return [
            {"project": _number(payer.project), "user": _shown(payer.user) or None, "kind": payer.kind, "calls": calls}
            for payer, calls in counted
            if calls
        ]

    def forget(self) -> None:
        """As if nobody had called in the last minute."""
        self._seen.clear()


def _shown(user: str) -> str:
    """A name; of a whole Authorization header only the end, since it is a secret elsewhere."""
    return f"…{user[-6:]}" if user.lower().startswith("bearer ") else user


def _number(project: str) -> str:
    """Projects of OAuth clients have their number for a name; all others share one."""
    return project if project.isdigit() else PROJECT_NUMBER


def over_quota(kind: str, *, per_user: bool = True, project: str = "") -> ApiError:
    """The recorded 429. It carries no Retry-After: absent in 130 of 130 recordings.

    On record is the limit per user. The project's message and limit name are quoted in public reports (opensheet 22,
    gargle 160, a check of googlesheets4).
    """
    name = kind.capitalize()
    what = f"{name} requests per minute" + (" per user" if per_user else "")
    limit = f"{name}RequestsPerMinutePer" + ("User" if per_user else "Project")
    detail = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": {
            "quota_metric": f"sheets.googleapis.com/{kind}_requests",
            "quota_limit": limit,
            "service": "sheets.googleapis.com",
            "consumer": f"projects/{_number(project)}",
        },
    }
    message = (
        f"Quota exceeded for quota metric '{name} requests' and limit '{what}' "
        f"of service 'sheets.googleapis.com' for consumer 'project_number:{_number(project)}'."
    )
    return ApiError(429, message, extra={"status": "RESOURCE_EXHAUSTED", "details": [detail]})
