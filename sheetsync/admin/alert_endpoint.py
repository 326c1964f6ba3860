"""Where tenants are told of their alerts: an address, and secrets that are shown once."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sheetsync.admin.alert import messages_of
from sheetsync.admin.careful import Careful, CarefulAct, ShownOnce
from sheetsync.admin.display import badge, short
from sheetsync.admin.history import OfTenants
from sheetsync.admin.sealing import Sealing
from sheetsync.admin.times import exactly
from sheetsync.alerts import try_out
from sheetsync.models import AlertEndpoint
from sheetsync.models.audit import record
from sheetsync.models.fields import atomic


def _rotate(endpoint: AlertEndpoint) -> ShownOnce:
    with atomic(AlertEndpoint):
        row = AlertEndpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)
        secret = row.rotate()
        row.save(update_fields=["sealed", "rotated_at"])
        record("alert_endpoint.rotated", row)
    done = _("%(endpoint)s: messages are signed with a new secret, and for a day with the last one as well")
    return ShownOnce.of(done % {"endpoint": endpoint}, secret)


def _test(endpoint: AlertEndpoint) -> str:
    return _("%(endpoint)s took a test message: it answered %(status)s") % {
        "endpoint": endpoint,
        "status": try_out(endpoint),
    }


ROTATE = CarefulAct(
    name="rotate",
    label=gettext_lazy("New secret"),
    do=_rotate,
    what=gettext_lazy("Secret of the endpoint"),
    hint=gettext_lazy("Hand it to the tenant by a way that others do not read: whoever has it can sign such messages."),
)
TEST = CarefulAct(name="test", label=gettext_lazy("Send a test message"), do=_test)


@admin.register(AlertEndpoint)
class AlertEndpointAdmin(OfTenants, Sealing, Careful):
    """One a tenant. Tenants set theirs up by the API; here it can be done for them."""

    acts = (TEST, ROTATE)
    list_display = ["shown", "badge", "whose", "delivered", "failing"]
    list_display_links = ["shown"]
    list_filter = ["enabled"]
    list_select_related = ["tenant"]
    search_fields = ["tenant__name"]
    ordering = ["tenant__name", "pk"]
    autocomplete_fields = ["tenant"]
    readonly_fields = ["shown", "badge", "problem", "failing", "delivered", "secret", "messages"]
    fieldsets = [
        (None, {"fields": ["tenant", "url", "enabled"]}),
        (
            gettext_lazy("Does it work?"),
            {"fields": ["badge", "problem", ("failing", "delivered"), "secret", "messages"]},
        ),
    ]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Addresses are long."""
        if db_field.name == "url":
            kwargs["widget"] = AdminTextInputWidget(attrs={"class": "vLargeTextField"})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Its secrets are sealed for its tenant, so it stays there."""
        return [*self.readonly_fields, "tenant"] if obj else list(self.readonly_fields)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Of a new one nothing is known yet. Who may only look does not see what in the address may be a key."""
        if obj is None:
            return self.fieldsets[:1]
        if self.has_change_permission(request, obj):
            return self.fieldsets
        return [(None, {"fields": ["tenant", "shown", "enabled"]}), *self.fieldsets[1:]]

    def save_model(self, request: HttpRequest, obj: AlertEndpoint, form: Any, change: bool) -> None:
        """A new one has a secret at once, which the button shows; one that is changed has no problem any more."""
        if not change:
            obj.rotate()
            obj.save()
            return
        obj.problem, obj.failing_since = "", None
        obj.save(update_fields=["url", "enabled", "problem", "failing_since"])

    @admin.display(description=gettext_lazy("address"), ordering="url")
    def shown(self, endpoint: AlertEndpoint) -> str:
        """Without what in it may be a key."""
        return short(str(endpoint), 60)

    @admin.display(description=gettext_lazy("tenant"), ordering="tenant__name")
    def whose(self, endpoint: AlertEndpoint) -> str:
        """The beginning of its name."""
        return short(str(endpoint.tenant), 40)

    @admin.display(description=gettext_lazy("state"))
    def badge(self, endpoint: AlertEndpoint) -> str:
        """Whether messages are taken there."""
        if not endpoint.enabled:
            return badge("■", _("switched off"), "off")
        if endpoint.problem:
            return badge("✖", _("messages are not taken"), "bad")
        if endpoint.delivered_at is None:
            return badge("…", _("nothing was sent yet"), "waiting")
        return badge("✔", _("works"), "good")

    @admin.display(description=gettext_lazy("failing since"), ordering="failing_since")
    def failing(self, endpoint: AlertEndpoint) -> str:
        """When it began."""
        return exactly(endpoint.failing_since)

    @admin.display(description=gettext_lazy("delivered last"), ordering="delivered_at")
    def delivered(self, endpoint: AlertEndpoint) -> str:
        """When it took the last one."""
        return exactly(endpoint.delivered_at)

    @admin.display(description=gettext_lazy("secret"))
    def secret(self, endpoint: AlertEndpoint) -> str:
        """That there is one, and since when."""
        return format_html(_("made {time}; it is not shown again"), time=exactly(endpoint.rotated_at))

    @admin.display(description=gettext_lazy("messages"))
    def messages(self, endpoint: AlertEndpoint) -> str:
        """What was sent there."""
        return messages_of(endpoint) if endpoint.pk else ""
