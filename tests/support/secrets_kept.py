"""Where a text that was shown once might have been left behind."""

from __future__ import annotations

from django.apps import apps
from django.db import connection


def tables_with(text: str) -> list[str]:
    """Every table and column of the database, of whatever app, in which this text stands, or its beginning."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        for field in model._meta.concrete_fields:
            name = field.column
            where = f'CAST("{name}" AS text) LIKE %s'
            with connection.cursor() as cursor:
                cursor.execute(f'SELECT count(*) FROM "{table}" WHERE {where}', [f"%{text[:20]}%"])  # noqa: S608
                found += [f"{table}.{name}"] * bool(cursor.fetchone()[0])
    return found
