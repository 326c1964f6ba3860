"""Alerts: what needs somebody, since when, and who was told. What is open comes first."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import F, Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sheetsync.admin.careful import Careful, CarefulAct, carefully_in_list
from sheetsync.admin.display import NOTHING, badge, link, list_link, short, table, together
from sheetsync.admin.history import BigTable, OfTenants, ReadOnly
from sheetsync.admin.remedies import remedy_for
from sheetsync.admin.times import ago, exactly
from sheetsync.alerts.words import remedy
from sheetsync.errors import RunRefused
from sheetsync.models import Alert, AlertMessage

_STATES = {
    "open": ("✖", gettext_lazy("open"), "bad"),
    "recovered": ("✔", gettext_lazy("recovered"), "good"),
    "closed": ("■", gettext_lazy("closed"), "off"),
}
_MESSAGES = {
    "delivered": ("✔", gettext_lazy("delivered"), "good"),
    "waiting": ("…", gettext_lazy("waiting"), "waiting"),
    "failing": ("▲", gettext_lazy("not taken yet"), "waiting"),
    "given_up": ("✖", gettext_lazy("given up"), "bad"),
}


def _state_of(message: AlertMessage) -> str:
    return badge(*_MESSAGES[message.state])


def _row(message: AlertMessage) -> tuple[object, ...]:
    by = link(message.endpoint, short(message.endpoint.host, 30)) if message.endpoint else message.get_channel_display()
    told = link(message, message.get_event_display())
    return told, by, _state_of(message), message.attempts, short(message.error, 120) or NOTHING


def _dismiss(alert: Alert) -> str:
    if not alert.end_as(Alert.End.CLOSED):
        raise RunRefused(_("%(alert)s is not open any more") % {"alert": alert})
    return _("%(alert)s is dismissed; the next failure opens another one") % {"alert": alert}


DISMISS = CarefulAct(
    name="dismiss",
    label=gettext_lazy("Dismiss"),
    do=_dismiss,
    fits=lambda alert: not alert.closed_at,
    question=gettext_lazy(
        "Nobody is told of that. Alerts end by themselves when all is well again: dismiss one only where that will "
        "not come, as for a run that nobody is going to mend. The next failure opens another one."
    ),
)


class State(admin.SimpleListFilter):
    """What is open, and what is over."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The words of the badges."""
        return [(name, word) for name, (_sign, word, _kind) in _STATES.items()]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        """By how it ended."""
        if self.value() not in _STATES:
            return rows
        return rows.filter(end="" if self.value() == "open" else self.value())


@admin.register(Alert)
class AlertAdmin(BigTable, ReadOnly, OfTenants, Careful):
    """One incident a row. What may yet pass by itself is not shown."""

    acts = (DISMISS,)
    actions = [carefully_in_list(DISMISS)]
    list_display = ["badge", "about", "short_reason", "since", "count", "whose", "told_whom"]
    list_display_links = ["badge"]
    list_filter = [State, "kind"]
    list_select_related = ["automation", "account", "tenant"]
    date_hierarchy = "opened_at"
    search_fields = ["subject", "=correlation_id", "tenant__name"]
    search_help_text = gettext_lazy("Name of the automation, e-mail of the account, correlation id or tenant")
    fieldsets = [
        (None, {"fields": ["badge", "about", "tenant_link", "reason", "what_to_do"]}),
        (gettext_lazy("When"), {"fields": [("first", "last", "ended"), "count"]}),
        (gettext_lazy("Connected with"), {"fields": ["run_link", "error_type", "correlation_id"]}),
        (gettext_lazy("Who was told"), {"fields": ["messages"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Those that people are told of, with what was sent of them."""
        told = super().get_queryset(request).filter(told_at__isnull=False)
        return told.prefetch_related(
            Prefetch("messages", AlertMessage.objects.select_related("endpoint").order_by("pk"))
        )

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """The open ones first, on every database; then what ended last."""
        return [F("closed_at").desc(nulls_first=True), "-pk"]

    @admin.display(description=gettext_lazy("state"), ordering="end")
    def badge(self, alert: Alert) -> str:
        """What is wrong, or how that ended."""
        sign, word, kind = _STATES[alert.state]
        return badge(sign, word if alert.closed_at else alert.get_kind_display(), kind)

    @admin.display(description=gettext_lazy("about"), ordering="subject")
    def about(self, alert: Alert) -> str:
        """What needs somebody, with a link to it."""
        row = alert.automation or alert.account
        return link(row, short(str(row), 50)) if row else _("the site: %(finding)s") % {"finding": alert.finding}

    @admin.display(description=gettext_lazy("tenant"), ordering="tenant__name")
    def whose(self, alert: Alert) -> str:
        """The beginning of its name."""
        return short(str(alert.tenant), 30) if alert.tenant else NOTHING

    @admin.display(description=gettext_lazy("since"), ordering="opened_at")
    def since(self, alert: Alert) -> str:
        """How long ago it began."""
        return ago(alert.opened_at)

    @admin.display(description=gettext_lazy("since"))
    def first(self, alert: Alert) -> str:
        """When it began."""
        return exactly(alert.opened_at)

    @admin.display(description=gettext_lazy("seen last"))
    def last(self, alert: Alert) -> str:
        """When it happened last."""
        return exactly(alert.seen_at)

    @admin.display(description=gettext_lazy("ended"))
    def ended(self, alert: Alert) -> str:
        """When it was over."""
        return exactly(alert.closed_at)

    @admin.display(description=gettext_lazy("reason"))
    def short_reason(self, alert: Alert) -> str:
        """Its beginning."""
        return short(alert.reason, 60)

    @admin.display(description=gettext_lazy("what to do"))
    def what_to_do(self, alert: Alert) -> str:
        """In words."""
        if alert.noun != "automation" or not alert.error_type:
            return remedy(alert)
        dead = alert.kind == Alert.Kind.DEAD
        then = _("Then replay the last run.") if dead else _("Then retry the last run.")
        return f"{remedy_for(alert.error_type).do} {then}"

    @admin.display(description=gettext_lazy("told"))
    def told_whom(self, alert: Alert) -> str:
        """By which ways, and whether it got there."""
        states = {(each.channel, each.state): each for each in alert.messages.all()}
        return together(f"{each.channel}: {_MESSAGES[each.state][1]}" for each in states.values())

    @admin.display(description=gettext_lazy("messages"))
    def messages(self, alert: Alert) -> str:
        """A row for each, with what came of it."""
        head = [_("what"), _("by"), _("state"), _("attempts"), _("error")]
        return table((_row(message) for message in alert.messages.all()), head)

    @admin.display(description=gettext_lazy("tenant"))
    def tenant_link(self, alert: Alert) -> str:
        """Whose it is."""
        return link(alert.tenant)

    @admin.display(description=gettext_lazy("last run"))
    def run_link(self, alert: Alert) -> str:
        """The run that failed last, with its attempts and its buttons."""
        return link(alert.run)


@admin.register(AlertMessage)
class AlertMessageAdmin(BigTable, ReadOnly, OfTenants, admin.ModelAdmin):  # type: ignore[type-arg]
    """The outbox: what is to be sent, what was, and what nobody took."""

    list_display = ["__str__", "badge", "about", "endpoint_host", "attempts", "short_error", "whose"]
    list_filter = ["channel", "event"]
    list_select_related = ["alert", "tenant", "endpoint"]
    search_fields = ["=public_id", "alert__subject", "tenant__name"]
    search_help_text = gettext_lazy("Message id (webhook-id), subject of the alert or tenant")
    ordering = ["-pk"]
    fields = [
        ("badge", "event", "channel"),
        ("alert_link", "endpoint_link"),
        "public_id",
        ("attempts", "attempted_at", "next_attempt_at"),
        ("delivered_at", "given_up_at"),
        "error",
        "body",
    ]

    @admin.display(description=gettext_lazy("state"))
    def badge(self, message: AlertMessage) -> str:
        """How far it is."""
        return _state_of(message)

    @admin.display(description=gettext_lazy("alert"))
    def about(self, message: AlertMessage) -> str:
        """What it tells of, in short."""
        return short(str(message.alert), 50)

    @admin.display(description=gettext_lazy("to"))
    def endpoint_host(self, message: AlertMessage) -> str:
        """Where it goes, in short."""
        return short(message.endpoint.host, 30) if message.endpoint else _("operators")

    @admin.display(description=gettext_lazy("tenant"), ordering="tenant__name")
    def whose(self, message: AlertMessage) -> str:
        """The beginning of its name."""
        return short(str(message.tenant), 30) if message.tenant else NOTHING

    @admin.display(description=gettext_lazy("error"))
    def short_error(self, message: AlertMessage) -> str:
        """Its beginning."""
        return short(message.error, 60) or NOTHING

    @admin.display(description=gettext_lazy("alert"))
    def alert_link(self, message: AlertMessage) -> str:
        """What it tells of."""
        return link(message.alert)

    @admin.display(description=gettext_lazy("endpoint"))
    def endpoint_link(self, message: AlertMessage) -> str:
        """Where it goes."""
        return link(message.endpoint)


def messages_of(endpoint: Any) -> str:
    """The list of what was sent to an endpoint."""
    return list_link(AlertMessage, endpoint__id__exact=endpoint.pk)
