"""A second shop beside the first: each row once more, with a mark in every text that has no fixed words."""

from __future__ import annotations

import copy
import uuid

from django.db import models

from sheetsync.admin.staff import path_to_tenant

MARK = "ZEBRA"
EXACT = {"sealed", "cron", "time_zone", "kind", "object_type", "path", "format", "uid", "action", "platform"}
"""Texts that mean something to the program."""


def neighbours_of(rows):
    """{row of the one shop: the same of the other}."""
    twins, left = {}, [row for row in rows if path_to_tenant(type(row))]
    while left:
        row = next(row for row in left if all(each in twins for each in _needed(row, left)))
        twins[row] = _twin(row, twins)
        left.remove(row)
    return twins


def _needed(row, left):
    return [each for each in left if each != row and each in _related(row)]


def _related(row):
    return [getattr(row, field.name) for field in row._meta.concrete_fields if field.is_relation]


def _twin(row, twins):
    twin = copy.copy(row)
    twin._state = models.base.ModelState()
    twin.pk = None
    for field in row._meta.concrete_fields:
        if not field.primary_key:
            setattr(twin, field.name, _other(field, getattr(row, field.name), twins))
    twin.save(force_insert=True)
    return twin


def _other(field, value, twins):
    if field.is_relation:
        return twins.get(value)
    if field.name == "sealed":
        return ""
    if isinstance(value, uuid.UUID):
        return uuid.uuid4()
    free = isinstance(field, models.CharField | models.TextField) and not field.choices and field.name not in EXACT
    return f"{MARK}-{value}"[: field.max_length] if free and value else value
