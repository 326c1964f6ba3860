"""Acts that ask for something first, in a form, and acts whose outcome is a page to read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from sheetsync.admin.careful import SURE, Careful, CarefulAct, ShownOnce

Here = Callable[[str], str]
"""An address of this site, as the operator reaches it, of a path."""


class Shown(str):
    """What was done, in words that are kept in logs. `body`: what there is to see, as HTML that is safe."""

    body: str

    @classmethod
    def of(cls, done: str, body: str) -> Shown:
        """Both."""
        made = cls(done)
        made.body = body
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingAct(CarefulAct):
    """`form`: what is asked for; `do` gets what it cleaned, by name. `addressed`: `do` gets `here` as well."""

    form: type[forms.Form] = forms.Form
    addressed: bool = False


def asking_in_list(act: AskingAct) -> Callable[..., HttpResponse | None]:
    """The act as an action of the list, after its form."""

    def action(asking: Asking, request: HttpRequest, rows: models.QuerySet[Any]) -> HttpResponse | None:
        form = act.form(request.POST) if SURE in request.POST else act.form()
        if not form.is_valid():
            return asking.ask(request, act, list(rows), form)
        asking.perform(request, _told(act, request, form), rows)
        return None

    action.__name__ = act.name
    return admin.action(description=act.label, permissions=["operate"])(action)  # type: ignore[arg-type]


class Asking(Careful):
    """A page with such buttons, beside others."""

    def page_of(self, request: HttpRequest, act: CarefulAct, row: Any) -> HttpResponse | None:
        """The form, until it is filled in; then what came of the act."""
        if not isinstance(act, AskingAct):
            return super().page_of(request, act, row)
        asks = bool(act.form.base_fields or act.question)
        form = act.form(request.POST) if SURE in request.POST or not asks else act.form()
        if not form.is_valid():
            return self.ask(request, act, [row], form)
        return self._outcome(request, _told(act, request, form), row)

    def ask(
        self, request: HttpRequest, act: CarefulAct, rows: Sequence[Any], form: forms.Form | None = None
    ) -> HttpResponse:
        """The page with the question, and with what is to be filled in."""
        response = super().ask(request, act, rows)
        if isinstance(response, TemplateResponse) and response.context_data is not None:
            response.context_data |= {"form": form, "hint": act.hint if form is not None else ""}
        return response

    def _outcome(self, request: HttpRequest, act: CarefulAct, row: Any) -> HttpResponse:
        level, done = self._tried(request, act, row)
        page = self._page(row)
        shown: dict[str, Any] = {"done": str(done), "original": row, "page": page}
        if isinstance(done, ShownOnce):
            shown |= {"text": done.text, "what": act.what, "hint": act.hint}
            context = self._context(request, act.what, **shown)
            return TemplateResponse(request, "admin/sheetsync/shown_once.html", context)
        if isinstance(done, Shown):
            shown |= {"body": done.body, "what": act.label}
            return TemplateResponse(request, "admin/sheetsync/shown.html", self._context(request, act.label, **shown))
        self.message_user(request, done, level)
        return HttpResponseRedirect(page)


def _told(act: AskingAct, request: HttpRequest, form: forms.Form) -> AskingAct:
    """The same act, which knows what was filled in."""
    given: dict[str, Any] = dict(form.cleaned_data)
    if act.addressed:
        given["here"] = request.build_absolute_uri
    return replace(act, do=partial(act.do, **given))
