"""An alert in words, for mail and for the console: what, why, and what to do about it."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from sheetsync.conf import settings as conf
from sheetsync.models import Alert

LONGEST_LINE = 300


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """What tenants wrote, without line ends and other characters by which it could pass for something else."""
    printable = "".join(each if each.isprintable() else " " for each in text)
    line = " ".join(printable.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def headline(alert: Alert) -> str:
    """What is wrong, or was."""
    names = {"subject": one_line(alert.subject, 100), "tenant": one_line(str(alert.tenant or ""), 100)}
    if alert.kind == Alert.Kind.WEDGED:
        return _("the site is not well: %(subject)s") % names
    if alert.kind == Alert.Kind.NEEDS_OWNER:
        return _("%(subject)s (%(tenant)s) needs its owner") % names
    return _("%(subject)s (%(tenant)s) fails") % names


def remedy(alert: Alert) -> str:
    """What to do about it."""
    if alert.account_id:
        return _("Ask its owner to connect the account again: the account's page has the button.")
    return {
        Alert.Kind.FAILED: _("Mend what the reason says, then press Retry on the page of its last run."),
        Alert.Kind.DEAD: _("All attempts were used up. See whether the cause is over, then replay its last run."),
        Alert.Kind.NEEDS_OWNER: _("Its owner has to mend what the reason says; then retry its last run."),
        Alert.Kind.WEDGED: _("Do what the reason says. Runs wait meanwhile, and none is lost."),
    }[Alert.Kind(alert.kind)]


def address(alert: Alert | None = None) -> str:
    """Of an alert's page in the admin, or of the list of those that are open; empty where nobody can tell."""
    if conf.SITE_URL is None:
        return ""
    try:
        if alert is None:
            return conf.SITE_URL + reverse("admin:sheetsync_alert_changelist")
        return conf.SITE_URL + reverse("admin:sheetsync_alert_change", args=[alert.pk])
    except NoReverseMatch:  # a site without an admin
        return ""
