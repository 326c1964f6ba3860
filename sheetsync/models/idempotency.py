"""Requests that may come twice: one of a tenant with the same Idempotency-Key is carried out once, and answered alike.

    with IdempotencyKey.objects.once(tenant, key, fingerprint) as once:
        if once.replay:
            return Response(once.replay.body, once.replay.status, once.replay.headers)
        response = work()
        once.keep(response)

The key, the answer and the work are one transaction: a crash leaves none of them, so nothing is ever half done under a
key. Rules, after draft-ietf-httpapi-idempotency-key-header and what Stripe does:

- Of two requests at once one does the work. The other waits for it and gets the same answer: most who repeat a request
  lost a reply that was under way, and are helped by it more than by an error. After a few seconds it is told that the
  key is in use (409), as the draft has it.
- The same key with another request is refused (422).
- Only successes are kept. What was refused has changed nothing, and may succeed when the request or the state of things
  is mended: so it can be sent again, under the same key, as at Stripe after a failed validation.
- An answer with a secret is never kept. Who repeats that request is told that it was done, and what was made, so that
  they can revoke it and ask again under a new key: a token that nobody has is worth less than one that is stored here.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from django.db import IntegrityError, OperationalError, connections, models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sheetsync.conf import settings as conf
from sheetsync.errors import BadRequestKey, DoneBefore, KeyInUse, KeyReused
from sheetsync.models.fields import alias, atomic, one_of
from sheetsync.models.tenant import Tenant

WAIT_SECONDS = 5.0
"""For another request with the same key. On SQLite writers wait for one another anyway, as long as its timeout says."""
MOST_BYTES = 64_000
"""Of an answer that is kept."""
KEPT_HEADERS = ("Location", "ETag")

_KEY = re.compile(r"[!-~]([ -~]{0,253}[!-~])?")
_LOCK_NOT_AVAILABLE = "55P03"


class Withheld(models.TextChoices):
    """Why the body of an answer was not kept."""

    NOT = "", _("it was kept")
    SECRET = "secret", _("it held a secret")
    LONG = "long", _("it was too long")


class Answer(Protocol):
    """What a view answers: Django REST framework's Response. `data` is plain JSON, as serializers give it."""

    status_code: int
    data: Any

    @property
    def headers(self) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The answer that was given the first time."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


class Once:
    """One request under its key: `replay` is what to answer, or None where the work is to be done now."""

    def __init__(self, row: IdempotencyKey, replay: Replay | None) -> None:
        self.replay = replay
        self._row = row

    def keep(self, answer: Answer, *, secret: bool = False, made: Any = None) -> None:
        """Remember what was answered. A refusal is not: it undoes the work, so that nothing is left of it.

        `secret`: the body is shown this once; `made` is what may be known of it, such as the id of a new token.
        """
        if not 200 <= answer.status_code < 300:
            transaction.set_rollback(True, using=alias(IdempotencyKey))
            return
        body = json.dumps(None if secret else answer.data)  # in ASCII: no database keeps half of a surrogate pair
        withheld = Withheld.SECRET if secret else Withheld.NOT
        if len(body) > MOST_BYTES:
            withheld = Withheld.LONG
        self._row.withheld = withheld
        self._row.body = json.dumps(made) if withheld else body
        self._row.status = answer.status_code
        self._row.headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
        self._row.save(update_fields=["withheld", "body", "status", "headers"])

    def forget_unless_kept(self) -> None:
        """Nothing is known of this request: the next one of its key does the work."""
        if self._row.status is None:
            self._row.delete()


class KeyQuerySet(models.QuerySet["IdempotencyKey"]):
    """Claiming keys."""

    @contextmanager
    def once(self, tenant: Tenant, key: str, fingerprint: str) -> Iterator[Once]:
        """Carry a request out once. What is done inside is one transaction with what is kept of the answer.

        Raises KeyReused, KeyInUse or DoneBefore where there is nothing to do and nothing to replay.
        """
        with atomic(IdempotencyKey):
            once = self._claim(tenant, key, fingerprint)
            yield once
            if once.replay is None and not transaction.get_rollback(using=alias(IdempotencyKey)):
                once.forget_unless_kept()

    def _claim(self, tenant: Tenant, key: str, fingerprint: str) -> Once:
        """Insert the key's row, or find it: whose insert waits for another's sees how that ended."""
        while True:
            if row := self._first(tenant, key, fingerprint):
                return Once(row, None)
            found = self.filter(tenant=tenant, key=key)
            # It may be forgotten between two looks: then it is ours to insert.
            if (known := found.first()) and not found.filter(expires_at__lte=Now()).delete()[0]:
                return Once(known, known.answer_to(fingerprint))

    def _first(self, tenant: Tenant, key: str, fingerprint: str) -> IdempotencyKey | None:
        """None where there is one already."""
        row = IdempotencyKey(tenant=tenant, key=key, fingerprint=fingerprint)
        row.expires_at = Now() + timedelta(hours=conf.KEEP_ANSWERS_HOURS)
        try:
            with atomic(IdempotencyKey), _patience(WAIT_SECONDS):
                row.save(force_insert=True)
        except IntegrityError:
            return None
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != _LOCK_NOT_AVAILABLE:
                raise
            text = f"Another request with the Idempotency-Key {key!r} is still being worked on: try again in a moment."
            raise KeyInUse(text, retry_after=1) from error
        return row


class IdempotencyKey(models.Model):
    """A key that a tenant's program gave a request of its, and how that was answered; known for a day.

    `status` is empty only inside the transaction that does the work.
    """

    tenant = models.ForeignKey(
        Tenant, models.CASCADE, related_name="request_keys", db_index=False, verbose_name=_("tenant")
    )
    key = models.CharField(_("key"), max_length=255)
    fingerprint = models.CharField(max_length=64, editable=False)
    status = models.PositiveSmallIntegerField(_("status"), null=True, editable=False)
    headers = models.JSONField(default=dict, editable=False)
    body = models.TextField(blank=True, default="", editable=False)
    withheld = models.CharField(_("body"), max_length=10, choices=Withheld.choices, blank=True, default="")
    created_at = models.DateTimeField(_("created"), db_default=Now())
    expires_at = models.DateTimeField(_("expires"))

    objects = KeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key"], name="one_request_per_key"),
            models.CheckConstraint(
                condition=Q(status__isnull=True) | Q(status__gte=200, status__lt=300), name="only_successes_are_kept"
            ),
            one_of("withheld", Withheld.values, "withheld_is_known"),
        ]
        indexes = [
            # For retention.prune(): the oldest first.
            models.Index(fields=["expires_at"], name="request_keys_by_end"),
        ]

    def __str__(self) -> str:
        return self.key

    def answer_to(self, fingerprint: str) -> Replay:
        """What this request was answered. Raises KeyReused for another request, DoneBefore where it was not kept."""
        if fingerprint != self.fingerprint:
            raise KeyReused(
                f"The Idempotency-Key {self.key!r} was used for another request, at {self._time()}: take a new one for "
                "each request, and the same only to repeat it unchanged."
            )
        body, headers, status = json.loads(self.body), dict(self.headers), self.status or 0
        if not self.withheld:
            return Replay(status=status, body=body, headers=headers)
        why = (
            "its answer held a secret, which is shown once. If that answer was lost, revoke what was made, and ask "
            "again with a new Idempotency-Key"
            if self.withheld == Withheld.SECRET
            else "its answer was too long to be kept: read what was made at its own address"
        )
        text = f"This request was carried out at {self._time()}, and is not repeated: {why}."
        raise DoneBefore(text, status=status, location=headers.get("Location", ""), made=body)

    def _time(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M} UTC"


def clean_key(header: str) -> str:
    """The key in the header, with or without the quotes that the draft asks for. Raises BadRequestKey."""
    key = header.strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not _KEY.fullmatch(key):
        raise BadRequestKey("Idempotency-Key: write 1 to 255 printable ASCII characters, such as a UUID.")
    return key


def fingerprint_of(method: str, path: str, query: str, body: bytes) -> str:
    """What makes a request the same request: byte for byte, so a program repeats what it sent."""
    head = json.dumps([method.upper(), path, query]).encode()
    return hashlib.sha256(head + b"\n" + body).hexdigest()


@contextmanager
def _patience(seconds: float) -> Iterator[None]:
    """PostgreSQL waits for locks for ever unless told otherwise; told for a transaction, so it is told back."""
    connection = connections[alias(IdempotencyKey)]
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        (before,) = cursor.fetchone()
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{seconds * 1000:.0f}ms"])
        yield
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [before])
