"""The buttons of an automation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sheetsync import trigger
from sheetsync.admin.acts import Act
from sheetsync.admin.asking import AskingAct
from sheetsync.admin.careful import CarefulAct
from sheetsync.admin.trying import PREVIEW
from sheetsync.errors import RunRefused
from sheetsync.models import Automation, SyncRun


class WhichOrders(forms.Form):
    """Ids of orders."""

    order_ids = forms.CharField(
        label=gettext_lazy("Order ids"),
        widget=forms.Textarea({"rows": 8, "spellcheck": "false"}),
        help_text=gettext_lazy("One in each line, as the shop's own orders have them."),
    )

    def clean_order_ids(self) -> list[str]:
        """As texts, in their order. Raises ValidationError for what no order has."""
        found = [line.strip() for line in self.cleaned_data["order_ids"].splitlines() if line.strip()]
        try:
            return trigger.checked_ids(found)
        except RunRefused as error:
            raise ValidationError(str(error)) from error


def _run(automation: Automation, **values: Any) -> str:
    requested = trigger.request_run(automation, trigger=SyncRun.Trigger.MANUAL, **values)
    run = requested.run
    if not requested.created:
        text = _("run %(run)s of %(automation)s is %(status)s already: wait for it, or cancel it")
        named = {"run": run.pk, "automation": automation, "status": run.get_status_display()}
        raise RunRefused(text % named)
    return _("run %(run)s of %(automation)s was started") % {"run": run.pk, "automation": automation}


def _run_changes(automation: Automation) -> str:
    return _run(automation, mode=SyncRun.Mode.INCREMENTAL)


def _run_orders(automation: Automation, order_ids: list[str]) -> str:
    """No refusal where a run is active: it, or the one that follows, looks at them."""
    requested = trigger.request_run(automation, trigger=SyncRun.Trigger.MANUAL, order_ids=order_ids)
    if requested.created:
        return _("run %(run)s of %(automation)s was started") % {"run": requested.run.pk, "automation": automation}
    text = _("run %(run)s of %(automation)s is active: it looks at them, or the run that follows it")
    return text % {"run": requested.run.pk, "automation": automation}


def _pause(automation: Automation) -> str:
    trigger.pause(automation)
    return _("%(automation)s is paused: nothing of it runs") % {"automation": automation}


def _activate(automation: Automation) -> str:
    trigger.activate(automation)
    return _("%(automation)s is active") % {"automation": automation}


def _release_tab(automation: Automation) -> str:
    trigger.release_tab(automation)
    return _("%(automation)s has let its tab go: another automation may take it") % {"automation": automation}


def _is_active(automation: Automation) -> bool:
    return automation.status == Automation.Status.ACTIVE


ACTS = (
    Act(name="run_now", label=gettext_lazy("Run now"), do=_run, fits=_is_active),
    Act(name="run_changes", label=gettext_lazy("Run for changes"), do=_run_changes, fits=_is_active),
    AskingAct(
        name="run_orders", label=gettext_lazy("Run for some orders"), do=_run_orders, form=WhichOrders, fits=_is_active
    ),
    PREVIEW,
    Act(name="pause", label=gettext_lazy("Pause"), do=_pause, fits=_is_active),
    Act(name="activate", label=gettext_lazy("Activate"), do=_activate, fits=lambda each: not _is_active(each)),
    CarefulAct(
        name="release_tab",
        label=gettext_lazy("Release the tab"),
        do=_release_tab,
        fits=lambda each: not _is_active(each) and each.sheet_id is not None,
        question=gettext_lazy(
            "Another automation may then write to the tab. What is in it stays. When this one is activated again, it "
            "takes the tab back, if nobody else has it by then."
        ),
    ),
)
IN_LIST = tuple(act for act in ACTS if act.name in ("run_now", "run_changes", "pause", "activate"))
"""Those that ask nothing."""
