"""Acts that are asked about first, and acts whose outcome is shown once: in the answer itself, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise

from sheetsync.admin.acts import Act, Acting

SURE = "sure"
"""What a form posts that was shown the question."""


class ShownOnce(str):
    """What was done, in words that are kept in logs. `text` is what only the one who asked may see, this once."""

    text: str

    @classmethod
    def of(cls, done: str, text: str) -> ShownOnce:
        """Both."""
        made = cls(done)
        made.text = text
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class CarefulAct(Act):
    """`question`: asked before, nothing where none is. `what`: the kind of text that `do`, a ShownOnce, shows."""

    question: str | Promise = ""
    what: str | Promise = ""
    hint: str | Promise = ""


def carefully_in_list(act: CarefulAct) -> Callable[..., HttpResponse | None]:
    """The act as an action of the list, after its question."""

    def action(acting: Careful, request: HttpRequest, rows: models.QuerySet[Any]) -> HttpResponse | None:
        if SURE not in request.POST:
            return acting.ask(request, act, list(rows))
        acting.perform(request, act, rows)
        return None

    action.__name__ = act.name
    return admin.action(description=act.label, permissions=["operate"])(action)  # type: ignore[arg-type]


class Careful(Acting):
    """A page with such buttons, beside others."""

    @transaction.non_atomic_requests
    def act_view(self, request: HttpRequest, object_id: str, act: Act) -> HttpResponse:
        """What a button posts to, and the form with the question again."""
        if request.method != "POST" or not isinstance(act, CarefulAct):
            return super().act_view(request, object_id, act)
        if not self.has_operate_permission(request):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        page = self.page_of(request, act, row) if row is not None else None
        return page or super().act_view(request, object_id, act)

    def page_of(self, request: HttpRequest, act: CarefulAct, row: Any) -> HttpResponse | None:
        """What is shown before the act, or of it. None where it is done like any other."""
        if act.question and SURE not in request.POST:
            return self.ask(request, act, [row])
        if act.what:
            return self._show(request, act, row) or HttpResponseRedirect(self._page(row))
        return None

    def ask(self, request: HttpRequest, act: CarefulAct, rows: Sequence[Any]) -> HttpResponse:
        """The page with the question; it posts what brought us here once more, and that somebody is sure."""
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        hidden = [("action", act.name), *((ACTION_CHECKBOX_NAME, str(row.pk)) for row in rows)] if chosen else []
        asked = {"question": act.question, "rows": rows, "hidden": [*hidden, (SURE, "yes")], "label": act.label}
        asked["back"] = request.get_full_path() if chosen else self._page(rows[0])
        return TemplateResponse(request, "admin/sheetsync/question.html", self._context(request, act.label, **asked))

    def _show(self, request: HttpRequest, act: CarefulAct, row: Any) -> HttpResponse | None:
        """The page with the text. None where it was refused, which a message tells."""
        level, done = self._tried(request, act, row)
        if not isinstance(done, ShownOnce):
            self.message_user(request, done, level)
            return None
        shown = {"done": str(done), "text": done.text, "what": act.what, "hint": act.hint}
        shown |= {"original": row, "page": self._page(row)}
        return TemplateResponse(request, "admin/sheetsync/shown_once.html", self._context(request, act.what, **shown))

    def _page(self, row: Any) -> str:
        return reverse(f"admin:{self._name()}", args=[row.pk], current_app=self.admin_site.name)

    def _context(self, request: HttpRequest, title: Any, **more: Any) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **more}
