"""What operators do to rows: buttons on a row's page and actions of its list; by POST only, and logged."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import DatabaseError, models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sheetsync.admin.auditing import Audited, operator
from sheetsync.errors import SheetsyncError
from sheetsync.models.audit import acting

log = logging.getLogger(__name__)

MOST_MESSAGES = 10
"""Of one kind: of the hundreds that a list may give, nobody reads more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that is done to a row.

    `do` returns what has happened, in words, and raises SheetsyncError where that is refused. `fits` says for which
    rows the button is worth showing; `do` judges for itself, for the row may have changed since the page was made.
    `needs`: a permission beside that to change the row, such as "sheetsync.add_installcode".
    """

    name: str
    label: str | Promise
    do: Callable[..., str]
    fits: Callable[[Any], bool] = lambda row: True
    needs: str = ""


def in_list(act: Act) -> Callable[..., None]:
    """The act as an action of the list, for `actions`."""

    def action(page: Acting, request: HttpRequest, rows: models.QuerySet[Any]) -> None:
        page.perform(request, act, rows)

    action.__name__ = act.name
    return admin.action(description=act.label, permissions=["operate"])(action)  # type: ignore[arg-type]


class Acting(Audited):
    """A page with buttons. Who has the model's change permission may press them, even where no field can be edited."""

    acts: Sequence[Act] = ()
    change_form_template = "admin/sheetsync/change_form.html"

    def has_operate_permission(self, request: HttpRequest, row: Any = None) -> bool:
        """The buttons' permission, apart from `has_change_permission`, which history denies to everybody."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    def may(self, request: HttpRequest, act: Act, row: Any = None) -> bool:
        """Whether somebody may use this act."""
        return self.has_operate_permission(request, row) and (not act.needs or request.user.has_perm(act.needs))

    def get_urls(self) -> list[URLPattern]:
        """An address for each act, before Django's own, the last of which takes everything."""
        view = self.admin_site.admin_view(self.pressed)
        own = [path(f"<path:object_id>/{act.name}/", view, {"act": act}, name=self._name(act)) for act in self.acts]
        return own + super().get_urls()

    @transaction.non_atomic_requests
    def pressed(self, request: HttpRequest, object_id: str, act: Act) -> HttpResponse:
        """What a button posts to, closed to whoever may not use the act."""
        if request.method == "POST" and not self.may(request, act):
            raise PermissionDenied
        return self.act_view(request, object_id, act)

    # Not one transaction, whatever the host says: pausing a tenant takes two, and the second waits for workers.
    @transaction.non_atomic_requests
    def act_view(self, request: HttpRequest, object_id: str, act: Act) -> HttpResponse:
        """What a button posts to. It leads back to the row's page, with a message."""
        page = reverse(f"admin:{self._name()}", args=[object_id], current_app=self.admin_site.name)
        if request.method != "POST":
            # Whoever had to log in after pressing a button comes here by GET.
            text = _("Nothing was done: go back to the page and press the button there.")
            return HttpResponseNotAllowed(["POST"], format_html('<p>{} <a href="{}">{}</a></p>', text, page, act.label))
        if not self.has_operate_permission(request):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        self.perform(request, act, [row])
        filters: dict[str, Any] = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        return HttpResponseRedirect(add_preserved_filters(filters, page))

    @transaction.non_atomic_requests
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Django overlooks actions that somebody may not use. We say so."""
        asked_for = request.POST.getlist("action")
        if any(act.name in asked_for and not self.may(request, act) for act in self.acts):
            raise PermissionDenied
        return super().changelist_view(request, extra_context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With a button for each act that fits the row."""
        row = context["original"]
        if row is not None and self.has_operate_permission(request, row):
            context["buttons"] = [
                self._button(act, row) for act in self.acts if act.fits(row) and self.may(request, act)
            ]
        return super().render_change_form(request, context, *args, **kwargs)

    def perform(self, request: HttpRequest, act: Act, rows: Iterable[Any]) -> None:
        """Do it to each row and say what came of it."""
        outcomes = [self._tried(request, act, row) for row in rows]
        for level in (messages.SUCCESS, messages.ERROR):
            texts = [text for reached, text in outcomes if reached == level]
            for text in texts[:MOST_MESSAGES]:
                self.message_user(request, text, level)
            if (rest := len(texts) - MOST_MESSAGES) > 0:
                more = ngettext("and %(count)d more like this", "and %(count)d more like these", rest)
                self.message_user(request, more % {"count": rest}, level)

    def _tried(self, request: HttpRequest, act: Act, row: Any) -> tuple[int, str]:
        try:
            with acting(operator(request)):
                done = act.do(row)
        except SheetsyncError as error:
            return messages.ERROR, str(error)
        except ObjectDoesNotExist:
            return messages.ERROR, _("%(row)s has been deleted meanwhile.") % {"row": row}
        except DatabaseError:
            log.exception("%s of %s failed", act.name, row, extra={"action": "admin_act_failed"})
            text = _(
                "%(act)s: the database was too busy for %(row)s, or refused it. Try again; the log has the details."
            )
            return messages.ERROR, text % {"act": act.label, "row": row}
        self.log_act(request, row, act.name, f"{act.label}: {done}")
        return messages.SUCCESS, done

    def _button(self, act: Act, row: Any) -> dict[str, Any]:
        name = f"admin:{self._name(act)}"
        return {"label": act.label, "url": reverse(name, args=[quote(row.pk)], current_app=self.admin_site.name)}

    def _name(self, act: Act | None = None) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{act.name if act else 'change'}"
