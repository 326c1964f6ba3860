"""The site's own orders: saved or deleted by any code of the site, they are looked at again within seconds.

    SHEETSYNC = {"WATCH": ["shop.Order", "shop.OrderLine.order"]}

names models whose rows are orders of a source of the kind `queryset`, and models whose rows belong to one, with the
foreign key that leads there. Whatever sends Django's signals is noticed. `update()`, `bulk_create()` and SQL send none:
for those, and for a process that is killed in the instant after its commit, there is the schedule.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured, ObjectDoesNotExist
from django.db import connections, transaction
from django.db.models import Field, Model
from django.db.models.signals import post_delete, post_save

from sheetsync import trigger
from sheetsync.conf import settings as conf
from sheetsync.errors import BadSource, RunRefused
from sheetsync.models import Automation, SyncRun
from sheetsync.sources.queryset import id_attribute, unique_names
from sheetsync.sources.registry import config_from

log = logging.getLogger(__name__)

Orders = dict[type[Model], dict[Any, dict[str, Any]]]
"""{model: {primary key: the values that may be the order's id}}"""

_KEPT = "_sheetsync_changed_orders"


def connect() -> None:
    """Listen to the models of the setting WATCH. What cannot be listened to, `manage.py check` tells."""
    try:
        entries = conf.WATCH
    except ImproperlyConfigured:
        return
    for entry in entries:
        try:
            model, path = model_and_path(entry)
        except LookupError:
            continue
        for signal in (post_save, post_delete):
            signal.connect(_listener(path), sender=model, weak=False, dispatch_uid=f"sheetsync {entry}")


def model_and_path(entry: str) -> tuple[type[Model], str]:
    """What an entry of WATCH names: the model, and the foreign key to the order, empty where it is the order itself.

    Raises LookupError with the remedy.
    """
    app, _, rest = entry.partition(".")
    name, _, path = rest.partition(".")
    try:
        model = apps.get_model(app, name)
    except (LookupError, ValueError):
        raise LookupError(f"{entry}: there is no such model: write app_label.Model") from None
    fields = {field.name for field in model._meta.concrete_fields if field.is_relation}
    if path and path not in fields:
        names = ", ".join(sorted(fields)) or "none"
        raise LookupError(f"{entry}: {name} has no foreign key {path!r}: those are {names}")
    return model, path


def _listener(path: str) -> Callable[..., None]:
    def changed(sender: type[Model], instance: Model, using: str, raw: bool = False, **_: object) -> None:
        """Nothing that goes wrong here is the business of who saves."""
        try:
            order = getattr(instance, path) if path else instance
        except ObjectDoesNotExist:
            return  # it is being deleted, and tells so itself
        if order is not None and not raw:
            _note(order, using)

    return changed


def _note(order: Model, using: str) -> None:
    """Keep what may be its id, which a deleted row forgets, until the transaction is over.

    What was kept by a transaction that was rolled back goes along with the next one: one look too many.
    """
    connection = connections[using]
    if not hasattr(connection, _KEPT):
        setattr(connection, _KEPT, {})
    kept: Orders = getattr(connection, _KEPT)
    model = order._meta.concrete_model or type(order)
    fields = (model._meta.get_field(name) for name in unique_names(model))
    values = {field.attname: getattr(order, field.attname) for field in fields if isinstance(field, Field)}
    kept.setdefault(model, {}).setdefault(order.pk, {}).update(values)
    transaction.on_commit(lambda: _tell(using), using=using, robust=True)


def _tell(using: str) -> None:
    """Ask for runs, once for all that one transaction changed."""
    orders: Orders = getattr(connections[using], _KEPT)
    changed = dict(orders)
    orders.clear()
    if changed:
        for automation in _automations():
            _ask(automation, changed)


def _automations() -> Iterable[Automation]:
    own = Automation.objects.filter(source__kind="queryset", status=Automation.Status.ACTIVE, webhooks_enabled=True)
    return own.filter(tenant__active=True).select_related("source").order_by("pk")


def _ask(automation: Automation, changed: Orders) -> None:
    try:
        model, attribute = id_attribute(config_from("queryset", automation.source.config))
        rows = changed.get(model._meta.concrete_model or model, {}).values()
        ids = [str(row[attribute]) for row in rows if row.get(attribute) not in (None, "")]
        for start in range(0, len(ids), trigger.MAX_ORDER_IDS):
            part = ids[start : start + trigger.MAX_ORDER_IDS]
            trigger.request_run(automation, trigger=SyncRun.Trigger.WEBHOOK, order_ids=part)
    except (BadSource, RunRefused) as error:
        extra = {"action": "own_orders_left", "automation": automation.pk}
        log.warning("automation %s does not look at changed orders: %s", automation.pk, error, extra=extra)
