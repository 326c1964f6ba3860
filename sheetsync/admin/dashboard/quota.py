"""Which accounts are busiest: how far their calls have used up what Google allows, and what its refusals cut."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from sheetsync.admin.dashboard.scope import Scope
from sheetsync.conf import settings as conf
from sheetsync.models import GoogleAccount, QuotaBucket, Tenant
from sheetsync.sheets.pacing import GROWTH, Rate

LOOKED_AT = 40


@dataclass(frozen=True, slots=True)
class Usage:
    """Of one bucket: calls of one kind of an account, or of a project where no account is named.

    `used`: of what may be sent at once. `share`: the part of the rate that is in use, after cuts. `free_at`: when the
    next call may go, where it has to wait.
    """

    account: GoogleAccount | None
    kind: str
    used: float
    share: float
    free_at: datetime | None


def busiest(scope: Scope, now: datetime, most: int) -> list[Usage]:
    """The fullest first. Whoever is restricted sees those of their tenants' accounts, and no project's."""
    if not (scope.sees(QuotaBucket) and scope.sees(GoogleAccount)):
        return []
    at = now.timestamp()
    buckets = QuotaBucket.objects.filter(Q(arrival__gt=at) | Q(cut_at__gt=at - 1 / GROWTH))
    theirs = scope.rows(GoogleAccount.objects.linked())
    if scope.tenants is not None:
        buckets = buckets.exclude(subject="").filter(subject__in=theirs.values("subject"))
    # Several tenants may have linked one account; it has one quota, and is named once.
    first = theirs.filter(subject=OuterRef("subject")).order_by("pk")
    named = {f"account_{name}": Subquery(first.values(name)[:1]) for name in ("pk", "email", "tenant__name")}
    found = buckets.annotate(**named).order_by("-arrival")[:LOOKED_AT]
    return sorted((_usage(bucket, at) for bucket in found), key=lambda each: (-each.used, each.share))[:most]


def _usage(bucket: Any, at: float) -> Usage:
    whose, *_, kind = bucket.name.split()
    share, rate = bucket.level.share_at(at), _rate(whose, kind)
    account = _account(bucket) if bucket.account_pk else None
    if rate is None:
        return Usage(account, kind, 0.0, share, None)
    free_at, cut = bucket.level.free_at(rate, at), rate.cut_to(share)
    used = max(0.0, min(1.0, (bucket.arrival - at) / (cut.slack + cut.interval)))
    return Usage(account, kind, used, share, datetime.fromtimestamp(free_at, UTC) if free_at > at else None)


def _account(bucket: Any) -> GoogleAccount:
    tenant = Tenant(name=bucket.account_tenant__name)
    return GoogleAccount(pk=bucket.account_pk, email=bucket.account_email, tenant=tenant)


def _rate(whose: str, kind: str) -> Rate | None:
    """What the settings say; None where calls are not paced."""
    mine = whose == "account"
    name = f"{'' if mine else 'PROJECT_'}{'READS' if kind == 'read' else 'WRITES'}_PER_MINUTE"
    per_minute = getattr(conf, name)
    return Rate(per_minute=per_minute, burst=conf.BURST if mine else conf.PROJECT_BURST) if per_minute else None
