"""Install codes and API tokens: made, watched, taken back. What opens a door is shown once and is nowhere else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sheetsync.admin.careful import Careful, CarefulAct, ShownOnce, carefully_in_list
from sheetsync.admin.display import link, when
from sheetsync.admin.history import OfTenants, ReadOnly
from sheetsync.models import ApiToken, InstallCode, Tenant
from sheetsync.models.audit import current_actor, record
from sheetsync.models.fields import atomic

OVERLAP = timedelta(days=2)
"""For which a token that was rotated here works on: time to put the new one in its place."""


def _mint_code(tenant: Tenant) -> ShownOnce:
    with atomic(InstallCode):
        code, text = InstallCode.objects.mint(tenant, by=current_actor().label)
        record("install_code.created", code)
    done = _("%(code)s was made for %(tenant)s; it can be exchanged once, until %(until)s")
    return ShownOnce.of(done % {"code": code, "tenant": tenant, "until": when(code.expires_at)}, text)


def _withdraw(code: InstallCode) -> str:
    with atomic(InstallCode):
        if not code.withdraw():
            return _("%(code)s could not be exchanged any more anyway") % {"code": code}
        record("install_code.withdrawn", code)
    return _("%(code)s is withdrawn: nobody can exchange it any more") % {"code": code}


def _revoke(token: ApiToken) -> str:
    with atomic(ApiToken):
        last = token.is_last_admin()
        if not token.revoke():
            return _("%(token)s was revoked before") % {"token": token}
        record("token.revoked", token)
    if last:
        return _(
            "%(token)s is revoked. It was the last one of its tenant that may manage tokens: "
            "give the tenant an install code if it needs another"
        ) % {"token": token}
    return _("%(token)s is revoked: it opens nothing any more") % {"token": token}


def _rotate(token: ApiToken) -> ShownOnce:
    with atomic(ApiToken):
        new, text = token.rotate(OVERLAP)
        record("token.rotated", new)
    until = when(token.expires_at) if token.expires_at else ""
    done = _("%(new)s takes the place of %(old)s, which works until %(until)s")
    return ShownOnce.of(done % {"new": new, "old": token, "until": until}, text)


MINT_CODE = CarefulAct(
    name="mint_code",
    label=gettext_lazy("Make an install code"),
    do=_mint_code,
    needs="sheetsync.add_installcode",
    fits=lambda tenant: tenant.active,
    what=gettext_lazy("Install code"),
    hint=gettext_lazy(
        "Hand it to the tenant by a way that others do not read. Whoever has it first can do everything for this "
        "tenant: if it got into wrong hands, withdraw it in the list of install codes."
    ),
)
WITHDRAW = CarefulAct(
    name="withdraw",
    label=gettext_lazy("Withdraw"),
    do=_withdraw,
    fits=lambda code: not code.used_at and code.expires_at > timezone.now(),
    question=gettext_lazy("Nobody will be able to exchange it any more."),
)
REVOKE = CarefulAct(
    name="revoke",
    label=gettext_lazy("Revoke"),
    do=_revoke,
    fits=lambda token: not token.revoked_at,
    question=gettext_lazy("Programs that use it are refused from the next call on. This cannot be undone."),
)
ROTATE = CarefulAct(
    name="rotate",
    label=gettext_lazy("Rotate"),
    do=_rotate,
    fits=lambda token: _state(token) == "live" and not token.replaced_at,
    question=gettext_lazy(
        "You will be shown a new token of the same name and scope. The old one works for two more days, so that the "
        "tenant's programs can change over."
    ),
    what=gettext_lazy("API token"),
    hint=gettext_lazy("Hand it to the tenant by a way that others do not read."),
)


def _state(row: ApiToken | InstallCode) -> str:
    """A word for where it is in its life."""
    if getattr(row, "revoked_at", None):
        return "revoked"
    if getattr(row, "used_at", None):
        return "used"
    if row.expires_at and row.expires_at <= timezone.now():
        return "expired"
    return "replaced" if getattr(row, "replaced_at", None) else "live"


class InUse(admin.SimpleListFilter):
    """What still opens a door."""

    title = gettext_lazy("in use")
    parameter_name = "in_use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Yes or no."""
        return [("yes", gettext_lazy("yes")), ("no", gettext_lazy("no"))]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        """By the rule that the door goes by."""
        live = (rows.live() if rows.model is ApiToken else rows.unused()).values("pk")  # type: ignore[attr-defined]
        if self.value() is None:
            return rows
        return rows.filter(pk__in=live) if self.value() == "yes" else rows.exclude(pk__in=live)


class Secretive(OfTenants, ReadOnly, Careful):
    """Rows that stand for a secret: nothing on their pages, and no question to their lists, tells of it."""

    hidden = ("digest",)
    states: Any = {
        "live": gettext_lazy("in use"),
        "replaced": gettext_lazy("replaced"),
        "expired": gettext_lazy("expired"),
        "revoked": gettext_lazy("revoked"),
        "used": gettext_lazy("used"),
    }

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """A list filtered by what the digest begins with would tell it letter by letter."""
        return lookup.split("__")[0] not in self.hidden and super().lookup_allowed(lookup, value, request)

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: Any) -> str:
        """In words."""
        return str(self.states[_state(row)])


@admin.register(ApiToken)
class ApiTokenAdmin(Secretive):
    """Who may come in, how far, and when they last did. Tenants make tokens themselves; the first comes from a code."""

    acts = (ROTATE, REVOKE)
    actions = [carefully_in_list(REVOKE)]
    list_display = ["name", "tenant", "beginning", "scope", "state", "last_used_at", "expires_at"]
    list_filter = [InUse, "scope"]
    list_select_related = ["tenant"]
    search_fields = ["name", "=prefix", "tenant__name"]
    ordering = ["-pk"]
    fields = [
        ("name", "tenant"),
        ("beginning", "scope", "state"),
        ("created_at", "expires_at"),
        ("replaced_at", "revoked_at"),
        "last_used_at",
    ]
    readonly_fields = ["beginning", "state"]

    @admin.display(description=gettext_lazy("begins with"), ordering="prefix")
    def beginning(self, token: ApiToken) -> str:
        """What is shown of it, as it may be found in somebody's configuration."""
        return f"{token.prefix}…"


@admin.register(InstallCode)
class InstallCodeAdmin(Secretive):
    """What was handed out to tenants, and what became of it. They are made on the tenant's page."""

    acts = (WITHDRAW,)
    actions = [carefully_in_list(WITHDRAW)]
    list_display = ["__str__", "tenant", "state", "created_by", "created_at", "expires_at", "used_at"]
    list_filter = [InUse]
    list_select_related = ["tenant"]
    search_fields = ["tenant__name", "created_by"]
    ordering = ["-pk"]
    fields = [("tenant", "state"), ("created_by", "created_at", "expires_at"), ("used_at", "exchanged_for")]
    readonly_fields = ["state", "exchanged_for"]

    @admin.display(description=gettext_lazy("exchanged for"))
    def exchanged_for(self, code: InstallCode) -> str:
        """The token, as long as it is remembered."""
        return link(code.token)
