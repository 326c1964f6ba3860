"""More rows than the one shop has."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from sheetsync.models import Incident, SyncAttempt, SyncRun


def run_of(automation, **values):
    """A run that has failed, unless told otherwise."""
    now = timezone.now()
    ended = {"status": "failed", "attempts": 1, "started_at": now - timedelta(seconds=90), "finished_at": now}
    owner = {"automation": automation, "tenant": automation.tenant}
    return SyncRun.objects.create(**{"trigger": "manual", "max_attempts": 5, **owner, **ended, **values})


def waiting_run_of(automation, **values):
    return run_of(automation, status="pending", finished_at=None, **values)


def copy_of(row, number):
    """One more row like this one, but for what has to be unique."""
    unique = {"subject": f"s{number}", "is_default": False, "name": f"n{number}", "uid": f"u{number}"}
    unique |= {"kind": f"kind{number}"} if isinstance(row, Incident) else {}
    unique |= {"number": number + 2} if isinstance(row, SyncAttempt) else {}
    unique |= {"digest": f"{number:064}", "key": f"k{number}", "about": f"{number}"}
    unique |= {"public_id": f"{number:032}", "sheet_id": 100 + number, "user_key": f"{number}"}
    names = {field.attname for field in row._meta.concrete_fields} - {"id"}
    return type(row).objects.create(**{name: unique.get(name, getattr(row, name)) for name in names})
