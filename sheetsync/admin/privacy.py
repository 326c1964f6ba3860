"""What shops demanded for the sake of privacy, what was done, and what a person has still to do."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from sheetsync import privacy
from sheetsync.admin.acts import Act, Acting, in_list
from sheetsync.admin.display import short
from sheetsync.admin.history import BigTable, ReadOnly
from sheetsync.models import PrivacyRequest


def _answered(request: PrivacyRequest) -> str:
    privacy.answer(request)
    return _now("%(request)s: noted that the customer was told") % {"request": request}


def _waits_for_a_person(request: PrivacyRequest) -> bool:
    return request.kind == PrivacyRequest.Kind.TELL_CUSTOMER and request.status == PrivacyRequest.Status.OPEN


ACTS = (Act(name="done", label=_("The customer was told"), do=_answered, fits=_waits_for_a_person),)


@admin.register(PrivacyRequest)
class PrivacyRequestAdmin(BigTable, ReadOnly, Acting):
    """Open ones that are due first are those to look at. Found by an order's id only on their pages."""

    acts = ACTS
    actions = [in_list(act) for act in ACTS]
    list_display = ["__str__", "source", "tenant", "status", "short_outcome", "due_at", "received_at"]
    list_filter = ["status", "kind", "due_at"]
    list_select_related = ["source__tenant"]
    search_fields = ["=customer_id", "=reference", "source__name", "source__tenant__name"]
    ordering = ["-pk"]
    fields = [
        ("source", "tenant"),
        ("kind", "status"),
        ("customer_id", "reference"),
        "order_ids",
        "outcome",
        ("received_at", "due_at", "finished_at"),
    ]
    readonly_fields = ["tenant"]

    @admin.display(description=_("tenant"))
    def tenant(self, request: PrivacyRequest) -> str:
        """Whose shop it is."""
        return str(request.source.tenant)

    @admin.display(description=_("outcome"))
    def short_outcome(self, request: PrivacyRequest) -> str:
        """Its beginning."""
        return short(request.outcome, 80)
