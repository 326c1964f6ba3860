"""From the configuration to a QuerySet of all its orders, every option checked before anything is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldError, ValidationError
from django.db import connections
from django.db.models import Model, QuerySet
from django.utils.module_loading import import_string

from sheetsync.sources.queryset.config import QuerysetConfig, bad, hint
from sheetsync.sources.queryset.ids import Ids
from sheetsync.sources.queryset.places import names_in


def opened(config: QuerysetConfig) -> QuerySet[Any]:
    """All orders that `config` means, in no order. Raises BadSource."""
    orders = _orders(config.model)
    if len(orders.model._meta.pk_fields) > 1:
        raise bad("model", config.model, "its primary key has several columns: choose a model with one")
    if config.using is not None:
        if config.using not in connections.databases:
            raise bad("using", config.using, hint(config.using, connections.databases, "the databases are"))
        orders = orders.using(config.using)
    return _filtered(orders, config.filters).order_by()


def id_attribute(config: QuerysetConfig) -> tuple[type[Model], str]:
    """The model of the orders, and the attribute of one that is its id. Raises BadSource."""
    model = _orders(config.model).model
    field = Ids("id_field", config.id_field, model, unique=True).place.field
    return model, model._meta.pk.attname if field is None else field.attname


def _orders(path: str) -> QuerySet[Any]:
    found = _model(path) or _imported(path)
    if isinstance(found, type) and issubclass(found, Model):
        if found._meta.abstract or found._meta.swapped:
            raise bad("model", path, "it has no table of its own: name the model that has one")
        return found._default_manager.all()
    if isinstance(found, type) or not callable(found):
        raise bad("model", path, "it is no model and no function: write app_label.Model or a dotted path to either")
    orders = found()
    if not isinstance(orders, QuerySet):
        raise bad("model", path, f"the function returns a {type(orders).__name__}: let it return a QuerySet")
    query = orders.query
    if query.is_sliced or query.combinator or query.distinct_fields or query.values_select:
        remedy = "no slice, union(), distinct(fields) or values()"
        raise bad(
            "model", path, f"its QuerySet cannot be filtered any more: let it be one of whole models, with {remedy}"
        )
    return orders


def _model(path: str) -> type[Model] | None:
    try:
        return apps.get_model(path)
    except (LookupError, ValueError):
        return None


def _imported(path: str) -> Any:
    try:
        return import_string(path)
    except ImportError as error:
        labels = [model._meta.label for model in apps.get_models()]
        raise bad("model", path, f"{hint(path, labels, 'models are')} ({error})") from None


def _filtered(orders: QuerySet[Any], filters: Mapping[str, Any]) -> QuerySet[Any]:
    for lookup, value in filters.items():
        # Q takes names that begin with _ for options of its own.
        if lookup.startswith("_"):
            raise bad("filters", lookup, "a lookup begins with the name of a field")
        try:
            orders.filter(**{lookup: value})
        except FieldError as error:
            names = names_in(orders.model, orders.query.annotations)
            raise bad("filters", lookup, f"{hint(lookup.split('__')[0], names, 'fields are')} ({error})") from None
        except ValidationError as error:
            raise bad(f"filters {lookup!r}:", value, "; ".join(error.messages)) from None
        except (TypeError, ValueError) as error:
            raise bad(f"filters {lookup!r}:", value, str(error)) from None
    return orders.filter(**filters)
