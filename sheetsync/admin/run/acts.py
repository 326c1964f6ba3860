"""The buttons of a run."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sheetsync import trigger
from sheetsync.admin.acts import Act, in_list
from sheetsync.admin.asking import AskingAct, asking_in_list
from sheetsync.admin.careful import CarefulAct, carefully_in_list
from sheetsync.errors import RunRefused
from sheetsync.models import SyncRun
from sheetsync.models.run import DEFAULT_PRIORITY, WEBHOOK_PRIORITY


def _retry(run: SyncRun) -> str:
    trigger.retry(run)
    return _("run %(run)s is tried again, from where it stopped") % {"run": run.pk}


def _replay(run: SyncRun) -> str:
    return _("run %(new)s was started, like run %(run)s") % {"new": trigger.replay(run).pk, "run": run.pk}


class Priority(forms.Form):
    """Of a run, in words."""

    priority = forms.TypedChoiceField(
        label=gettext_lazy("Priority"),
        coerce=int,
        choices=[
            (50, gettext_lazy("before all others")),
            (WEBHOOK_PRIORITY, gettext_lazy("as orders that a shop reported")),
            (DEFAULT_PRIORITY, gettext_lazy("as usual")),
            (-50, gettext_lazy("after all others")),
        ],
        initial=50,
        widget=forms.RadioSelect,
    )


def _prioritize(run: SyncRun, priority: int) -> str:
    trigger.prioritize(run, priority)
    return _("run %(run)s has priority %(priority)s now") % {"run": run.pk, "priority": priority}


def _cancel(run: SyncRun) -> str:
    if not trigger.cancel(run):
        text = _("run %(run)s is %(status)s: only a run that waits or runs can be stopped")
        raise RunRefused(text % {"run": run.pk, "status": run.get_status_display()})
    return _("run %(run)s is stopped, at its next batch where it is running") % {"run": run.pk}


CANCEL = CarefulAct(
    name="cancel",
    label=gettext_lazy("Cancel"),
    do=_cancel,
    fits=lambda run: run.is_active,
    question=gettext_lazy("What is in the tab already stays; the rest comes with the next run."),
)
PRIORITIZE = AskingAct(
    name="prioritize",
    label=gettext_lazy("Change priority"),
    do=_prioritize,
    form=Priority,
    fits=lambda run: run.is_active,
)
RETRY = Act(name="retry", label=gettext_lazy("Retry"), do=_retry, fits=lambda run: run.status == SyncRun.Status.FAILED)
REPLAY = Act(name="replay", label=gettext_lazy("Replay"), do=_replay, fits=lambda run: not run.is_active)
ACTS = (RETRY, REPLAY, CANCEL, PRIORITIZE)
ACTIONS = [in_list(RETRY), in_list(REPLAY), carefully_in_list(CANCEL), asking_in_list(PRIORITIZE)]
