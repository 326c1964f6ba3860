"""Addresses and messages of admin pages."""

from __future__ import annotations

from django.contrib.messages import get_messages
from django.urls import reverse


def listing(model) -> str:
    return reverse(f"admin:sheetsync_{model._meta.model_name}_changelist")


def adding(model) -> str:
    return reverse(f"admin:sheetsync_{model._meta.model_name}_add")


def page(row, what="change") -> str:
    return reverse(f"admin:sheetsync_{row._meta.model_name}_{what}", args=[row.pk])


def press(client, row, act):
    """What the button on the row's page does."""
    return client.post(page(row, act))


def surely(client, row, act, **given):
    """The same, with the question answered and the form filled in."""
    return client.post(page(row, act), {"sure": "yes", **given})


def surely_tick(client, rows, act, **given):
    """What the action of the list does, with its question answered."""
    data = {"action": act, "_selected_action": [row.pk for row in rows], "index": 0, "sure": "yes"}
    return client.post(listing(type(rows[0])), data | given)


def tick(client, rows, act):
    """What the action of the list does with these rows."""
    data = {"action": act, "_selected_action": [row.pk for row in rows], "index": 0}
    return client.post(listing(type(rows[0])), data)


def told(response) -> list[str]:
    """The messages that the next page would show, errors marked."""
    return [f"{message.level_tag}: {message}" for message in get_messages(response.wsgi_request)]


def sent_by(response) -> dict:
    """What the browser sends for the form of a page as it is, without its inlines."""
    form = response.context["adminform"].form
    found = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in found.items() if isinstance(value, str | int) and value is not False}


def errors(response) -> str:
    """All that a refused form complains of."""
    assert response.status_code == 200, response.status_code
    context = response.context
    found = [context["adminform"].errors, *(each.formset.errors for each in context["inline_admin_formsets"])]
    return str([*found, [each.formset.non_form_errors() for each in context["inline_admin_formsets"]]])
