"""Pages of lists without an end: a database that counted a million rows for each page would do nothing else."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from sheetsync.admin.display import grouped

MOST = 10_000
"""Rows that are counted, and that pages lead to. Nobody turns two hundred of them: who looks for more filters."""

FEW = 1_000
"""So many rows are remembered by their ids: to find rare ones among a million takes long enough once."""


class FirstRows(Paginator):  # type: ignore[type-arg]
    """Of so many rows; `more`: whether there are others, which the list says below its pages."""

    more = False

    @property
    def most(self) -> str:
        """How many that are, as people read it."""
        return grouped(MOST)

    @cached_property
    def count(self) -> int:
        """Of all rows, or of the first so many; the database stops looking there."""
        rows = self.object_list
        if not isinstance(rows, QuerySet):
            return len(rows)
        found = list(rows.order_by().values_list("pk", flat=True)[: MOST + 1])
        self.more = len(found) > MOST
        if len(found) <= FEW:
            self.object_list = rows.filter(pk__in=found)
        return min(len(found), MOST)


class Found(ChangeList):
    """Rows that were found when they were counted are not looked for again."""

    def get_results(self, request: HttpRequest) -> None:
        """Where one page holds them all, Django asks once more for all."""
        super().get_results(request)
        if not self.multi_page:
            self.result_list = self.paginator.object_list


class BigTable:
    """A list that may have a million rows."""

    show_full_result_count = False
    show_facets: ClassVar[ShowFacets] = ShowFacets.NEVER  # a count for each choice of each filter
    list_per_page = 50
    paginator: Any = FirstRows

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """A list that looks once."""
        return Found

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any], *args: Any, **kwargs: Any) -> Any:
        """Not on all of a list that nobody has counted: who ticks all means those that they were told of."""
        if request.POST.get("select_across", "0") not in ("", "0"):
            pages = FirstRows(queryset, self.list_per_page)
            if pages.count and pages.more:
                text = _("Nothing was done: these are more than %(most)s rows. Filter the list first.")
                messages.error(request, text % {"most": pages.most})
                return HttpResponseRedirect(request.get_full_path())
        return super().response_action(request, queryset, *args, **kwargs)  # type: ignore[misc]
