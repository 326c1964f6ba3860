"""Models such as hosts have and the demo shop has not: odd keys, odd fields, relations that nobody may follow.

They live in a registry of their own, so that no migration is asked for; sources find them through functions, as they
find any QuerySet that a host prepares. `create_tables` makes their tables, outside of any transaction.
"""

# ruff: noqa: DJ008 - nobody looks at these

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.db.models.functions import Coalesce, Greatest
from django.test.utils import isolate_apps

from project.shop.models import Order

with isolate_apps("project.shop"):

    class Base(models.Model):
        objects: models.Manager[Any] = models.Manager()

        class Meta:
            abstract = True

    class Account(Base):
        name = models.CharField(max_length=50)
        password = models.CharField(max_length=50)
        boss = models.ForeignKey("self", models.CASCADE, null=True, related_name="team")

        class Meta:
            app_label = "shop"

    class Odd(Base):
        token = models.UUIDField(unique=True, default=uuid.uuid4)
        code = models.CharField(max_length=20, null=True, unique=True)  # noqa: DJ001 - hosts have such fields
        owner = models.ForeignKey(Account, models.CASCADE, related_name="odds")
        helper = models.ForeignKey(Account, models.CASCADE, null=True, related_name="helped")
        friends = models.ManyToManyField(Account, related_name="befriended")
        took = models.DurationField(null=True)
        facts = models.JSONField(null=True)
        blob = models.BinaryField(null=True)
        at = models.TimeField(null=True)
        day = models.DateField(null=True)
        when = models.DateTimeField(null=True)
        rate = models.FloatField(default=0)
        amount = models.DecimalField(max_digits=12, decimal_places=2, default=0)
        wide = models.DecimalField(max_digits=30, decimal_places=2, default=0)
        number = models.BigIntegerField(null=True)
        flag = models.BooleanField(null=True)
        address = models.GenericIPAddressField(null=True)
        kind = models.ForeignKey(ContentType, models.CASCADE, null=True, db_constraint=False, related_name="+")
        thing = GenericForeignKey("kind", "number")

        class Meta:
            app_label = "shop"

    class Part(Base):
        odd = models.ForeignKey(Odd, models.CASCADE, to_field="token")
        label = models.CharField(max_length=20, blank=True)

        class Meta:
            app_label = "shop"

    class Special(Odd):
        extra = models.CharField(max_length=20)

        class Meta:
            app_label = "shop"

    class Named(Base):
        name = models.CharField(max_length=40, primary_key=True)

        class Meta:
            app_label = "shop"

    class Unnamed(Base):
        id = models.UUIDField(primary_key=True, default=uuid.uuid4)
        rank = models.FloatField(default=0)

        class Meta:
            app_label = "shop"

    class Paired(Base):
        pk = models.CompositePrimaryKey("left", "right")
        left = models.IntegerField()
        right = models.IntegerField()

        class Meta:
            app_label = "shop"


TABLES = (Account, Odd, Part, Special, Named, Unnamed)


def create_tables():
    with connection.constraint_checks_disabled(), connection.schema_editor() as editor:
        for model in TABLES:
            editor.create_model(model)


def odds():
    return Odd.objects.all()


def counted_odds():
    return Odd.objects.annotate(parts=models.Count("part"))


def specials():
    return Special.objects.all()


def named():
    return Named.objects.all()


def unnamed():
    return Unnamed.objects.all()


def paired():
    return Paired.objects.all()


def sliced():
    return Odd.objects.all()[:5]


def as_values():
    return Odd.objects.values("owner")


def a_list():
    return []


def with_a_time_of_change():
    """Orders whose last change is told by other rows only, as django-oscar's is."""
    latest = models.Max("lines__order__updated_at")
    return Order.objects.annotate(
        changed=Greatest("placed_at", Coalesce(latest, "placed_at")),
        perhaps=latest,
        count=models.Max("lines__position"),
    )
