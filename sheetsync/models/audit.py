"""Who changed what: rows that are added and never changed, and are forgotten when their time is over.

    with acting(Actor(kind=ActorKind.TOKEN, label="ci (sst_abcdefgh…)", request_id=...)):
        record("automation.paused", automation)
        record("automation.updated", automation, before=as_it_was, after=automation, fields=["name", "cron"])

Call `record` in the transaction of the change itself, so that both are there or neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from ipaddress import ip_address
from math import isfinite
from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sheetsync.logs import current_correlation_id, scrub
from sheetsync.models.fields import alias, one_of
from sheetsync.models.tenant import Tenant

LONGEST = 1_000
"""Characters of one value. A history is no backup."""
MOST = 100
"""Entries of one list or object, for the same reason."""

HIDDEN = "[hidden]"
NEVER_SHOWN = frozenset({"sealed", "digest", "password"})
"""Fields of which only is kept that they changed."""
TELLING = ("token", "secret", "passw", "api_key", "apikey", "private_key", "credential", "authorization", "signature")
"""In the name of a field, or of a member of its JSON: its value is left out."""


class ActorKind(models.TextChoices):
    """Who does things."""

    OPERATOR = "operator", _("operator")
    TOKEN = "token", _("API token")
    SYSTEM = "system", _("sheetsync itself")


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Whoever acts. `label`: an operator's user name, or a token's name and visible beginning."""

    kind: ActorKind
    label: str = ""
    request_id: str = ""
    address: str | None = None


SYSTEM = Actor(kind=ActorKind.SYSTEM)
_actor: ContextVar[Actor] = ContextVar("sheetsync_actor", default=SYSTEM)


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Whatever is recorded inside was done by this actor."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


def current_actor() -> Actor:
    """Whoever is acting; sheetsync itself where nobody is."""
    return _actor.get()


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """What can be asked of the history, and nothing that changes it."""

    def about(self, row: models.Model) -> AuditQuerySet:
        """What happened to one row. Served by the index `audit_of_object`."""
        return self.filter(object_type=row._meta.model_name, object_id=str(row.pk))

    def update(self, **values: Any) -> int:
        """Refused."""
        raise TypeError("The audit history is only added to.")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refused."""
        raise TypeError("The audit history is only added to; `manage.py prune` forgets it in time.")

    def forget(self) -> None:
        """For retention alone, which takes what is past its time."""
        super().delete()


class AuditEntry(models.Model):
    """One act. `tenant` is empty for what operators did to the whole site, and when the tenant is gone."""

    Actor = ActorKind

    tenant = models.ForeignKey(
        Tenant,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="audit_log",
        db_index=False,
        verbose_name=_("tenant"),
    )
    at = models.DateTimeField(_("when"), db_default=Now())
    actor_kind = models.CharField(_("kind of actor"), max_length=10, choices=ActorKind.choices)
    actor = models.CharField(_("who"), max_length=200, blank=True, default="")
    action = models.CharField(_("what"), max_length=80)
    object_type = models.CharField(_("kind of object"), max_length=40, blank=True, default="")
    object_id = models.CharField(_("object's id"), max_length=40, blank=True, default="")
    object_label = models.CharField(_("object"), max_length=200, blank=True, default="")
    changes = models.JSONField(_("changes"), default=dict, blank=True)
    request_id = models.CharField(_("request id"), max_length=64, blank=True, default="")
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        constraints = [
            one_of("actor_kind", ActorKind.values, "actor_kind_is_known"),
            models.CheckConstraint(condition=~models.Q(action=""), name="audit_entry_says_what"),
        ]
        indexes = [
            # For retention.prune(): the oldest first.
            models.Index(fields=["at"], name="audit_by_age"),
            # For a tenant's own history, the newest first, in the API and the admin.
            models.Index(fields=["tenant", "-id"], name="audit_of_tenant"),
            # For AuditQuerySet.about().
            models.Index(fields=["object_type", "object_id"], name="audit_of_object"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_label}".rstrip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Once."""
        if self.pk is not None:
            raise TypeError("The audit history is only added to.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refused."""
        raise TypeError("The audit history is only added to; `manage.py prune` forgets it in time.")


def record(
    action: str,
    row: models.Model | None = None,
    *,
    tenant: Tenant | None = None,
    before: models.Model | None = None,
    after: models.Model | None = None,
    fields: Iterable[str] = (),
    also: Mapping[str, tuple[Any, Any]] | None = None,
    actor: Actor | None = None,
) -> AuditEntry:
    """Add an entry: a dotted word such as `automation.paused`, what it was done to, and what changed of it.

    `before` and `after` are compared in these `fields` and no others; left out, a row was made or is gone. `also`: what
    else differs, {name: (old, new)}, such as an automation's columns. The tenant is the row's own unless one is given.
    The actor is whoever is `acting`.
    """
    actor = actor or current_actor()
    entry = AuditEntry(
        tenant_id=tenant.pk if tenant else _tenant_of(row),
        actor_kind=actor.kind,
        actor=_text(actor.label, 200),
        action=action,
        object_type=row._meta.model_name or "" if row else "",
        object_id=str(row.pk) if row else "",
        object_label=_text(str(row), 200) if row else "",
        changes=changes(before, after, fields) | _differing(also or {}),
        request_id=(actor.request_id or current_correlation_id())[:64],
        address=_valid(actor.address),
    )
    entry.save(using=alias(AuditEntry))
    return entry


def changes(before: models.Model | None, after: models.Model | None, fields: Iterable[str]) -> dict[str, list[Any]]:
    """{field: [old, new]} of what differs. Secrets are left out: of those it only says that they changed."""
    return _differing({name: (_value(before, name), _value(after, name)) for name in fields})


def _differing(pairs: Mapping[str, tuple[Any, Any]]) -> dict[str, list[Any]]:
    return {name: [_shown(name, old), _shown(name, new)] for name, (old, new) in pairs.items() if old != new}


def _value(row: models.Model | None, name: str) -> Any:
    return getattr(row, _attribute(row, name)) if row else None


def _attribute(row: models.Model, name: str) -> str:
    """Where the value is: of a relation the id, which asks the database nothing."""
    return str(getattr(row._meta.get_field(name), "attname", name))


def _valid(address: str | None) -> str | None:
    """Behind a socket of its own a server knows no address, or a name."""
    try:
        return str(ip_address(address)) if address else None
    except ValueError:
        return None


def _tenant_of(row: models.Model | None) -> int | None:
    return row.pk if isinstance(row, Tenant) else getattr(row, "tenant_id", None)


def _shown(name: str, value: Any) -> Any:
    """As JSON, without secrets and not too long."""
    if value is None or isinstance(value, bool):
        return value
    if name in NEVER_SHOWN or any(word in name.lower() for word in TELLING):
        return HIDDEN if value else value
    if isinstance(value, int) or (isinstance(value, float) and isfinite(value)):
        return value
    if isinstance(value, Mapping):
        return {_text(str(key)): _shown(str(key), each) for key, each in list(value.items())[:MOST]}
    if isinstance(value, list | tuple):
        return [_shown(name, each) for each in value[:MOST]]
    return _text(value.isoformat() if isinstance(value, datetime | date) else str(value))


def _text(text: str, longest: int = LONGEST) -> str:
    """Without secrets, not too long, and without what no database keeps."""
    kept = scrub(text).replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()
    return kept if len(kept) <= longest else f"{kept[: longest - 1]}…"
