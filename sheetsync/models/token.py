"""API tokens: what a tenant's programs show to be let in. Shown once and kept as digests, see `shown_once`.

Whether a token still counts is judged by the database's clock. Whoever makes tokens of a tenant locks it first, so that
names and numbers hold; an install code is locked before both.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Self

from django.db import OperationalError, models
from django.db.models import BooleanField, ExpressionWrapper, F, Q
from django.db.models.functions import Coalesce, Least, Now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from sheetsync.conf import settings as conf
from sheetsync.errors import TokenRefused
from sheetsync.models import shown_once
from sheetsync.models.fields import atomic, database_time, one_of
from sheetsync.models.tenant import Tenant

log = logging.getLogger(__name__)

TOUCH_EVERY = timedelta(minutes=1)
MOST_TOKENS = 100
"""That a tenant has in use at once."""
LONGEST_LIFE, LONGEST_OVERLAP = timedelta(days=3_650), timedelta(days=90)
LONGEST_NAME = 100


class Scope(models.TextChoices):
    """What a token is for; each includes the ones before it. Tokens are managed by `admin`."""

    READ = "read", _("read")
    WRITE = "write", _("write")
    ADMIN = "admin", _("admin")


class TokenQuerySet(models.QuerySet["ApiToken"]):
    """Making tokens and knowing them again."""

    def live(self) -> Self:
        """Those that open the door now, unless their tenant is paused."""
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=Now()), revoked_at=None)

    @sensitive_variables()
    def authenticate(self, text: str) -> ApiToken | None:
        """The token that this is, with its tenant; None where it is unknown, expired, revoked, or of a paused tenant.

        One query, the same for all of these, by the index of the digest: how long it takes tells nothing of other
        tokens. The log says what was wrong, for whoever holds a token of theirs and wonders.
        """
        if not shown_once.is_whole(shown_once.TOKEN, text):
            return None
        over = ExpressionWrapper(Q(expires_at__lte=Now()), BooleanField())
        unnoticed = ExpressionWrapper(_unnoticed(), BooleanField())
        known = self.filter(digest=shown_once.digest_of(text)).annotate(over=over, unnoticed=unnoticed)
        token = known.select_related("tenant").first()
        wrong = "unknown" if token is None else token._wrong()
        if wrong:
            log.info("token %s refused: %s", token or "", wrong, extra={"action": "token_refused"})
            return None
        return token

    def mint(self, tenant: Tenant, *, name: str, scope: str, ttl: timedelta | None = None) -> tuple[ApiToken, str]:
        """A new token, and its text, which nobody can see again. Raises TokenRefused naming the field.

        `ttl`: how long it lives; None, as long as SHEETSYNC["TOKEN_DAYS"] lets it.
        """
        name, lifetime = clean_name(name), _lifetime(ttl)
        if scope not in Scope.values:
            raise TokenRefused(f"scope {scope!r}: write one of {', '.join(Scope.values)}.", field="scope")
        with atomic(ApiToken):
            now = _lock(tenant.pk)
            # A name is free again when its token has expired.
            dead = self.filter(tenant=tenant, name=name, replaced_at=None, expires_at__lte=now)
            dead.update(replaced_at=now)
            if name in self._names(tenant):
                raise TokenRefused(
                    f"name {name!r}: a token of this name is in use; choose another, or rotate or revoke that one.",
                    field="name",
                )
            return _make(tenant, name, scope, now, lifetime)

    def first_of(self, tenant: Tenant, name: str, ttl: timedelta | None = None) -> tuple[ApiToken, str]:
        """What an install code is exchanged for: all scopes, and a name that is free, with a number where it was not.

        Who lost the reply to a first code comes with a second one: the token that they never saw must not stop them.
        """
        lifetime = _lifetime(ttl)
        with atomic(ApiToken):
            now = _lock(tenant.pk)
            taken, number, free = self._names(tenant), 1, name
            while free in taken:
                number += 1
                free = f"{name[: LONGEST_NAME - 8]} {number}"
            return _make(tenant, free, Scope.ADMIN, now, lifetime)

    def _names(self, tenant: Tenant) -> set[str]:
        """Of tokens that are neither revoked nor replaced: what `one_token_per_name` counts."""
        return set(self.filter(tenant=tenant, replaced_at=None, revoked_at=None).values_list("name", flat=True))


class ApiToken(models.Model):
    """A bearer token of a tenant. `replaced_at`: since when a newer token has its name; it may live on for a while."""

    Scope = Scope

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="tokens", verbose_name=_("tenant"))
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    prefix = models.CharField(_("begins with"), max_length=shown_once.VISIBLE, editable=False)
    scope = models.CharField(_("scope"), max_length=10, choices=Scope.choices)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    replaced_at = models.DateTimeField(_("replaced"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    objects = TokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [
            one_of("scope", Scope.values, "token_scope_is_known"),
            models.CheckConstraint(condition=~Q(name=""), name="token_has_a_name"),
            models.UniqueConstraint(
                fields=["tenant", "name"],
                condition=Q(revoked_at__isnull=True, replaced_at__isnull=True),
                name="one_token_per_name",
            ),
            # So that one index finds all that are dead.
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(expires_at__isnull=False, expires_at__lte=F("revoked_at")),
                name="revoked_token_has_expired",
            ),
        ]
        indexes = [
            # For retention.prune(): the longest dead first.
            models.Index(fields=["expires_at"], name="tokens_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def allows(self, scope: str) -> bool:
        """Whether it is for that; each scope includes the ones before it."""
        return Scope.values.index(self.scope) >= Scope.values.index(scope)

    def is_last_admin(self) -> bool:
        """Whether its tenant, without it, needs a new install code to manage tokens.

        Worth saying when it is revoked, and no reason to refuse: one that leaked has to go at once.
        """
        others = ApiToken.objects.live().filter(tenant=self.tenant_id, scope=Scope.ADMIN).exclude(pk=self.pk)
        return self.scope == Scope.ADMIN and not others.exists()

    def touch(self) -> None:
        """Note that it was used: once a minute, and not at all rather than wait for somebody or fail."""
        if not getattr(self, "unnoticed", True):
            return
        try:
            with atomic(ApiToken):
                free = ApiToken.objects.filter(_unnoticed(), pk=self.pk)
                ids = list(free.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True))
                ApiToken.objects.filter(pk__in=ids).update(last_used_at=Now())
        except OperationalError:
            extra = {"action": "token_use_not_noted"}
            log.warning("the database was too busy to note that token %s was used", self, extra=extra)

    def revoke(self) -> bool:
        """From now on it opens nothing. -> whether it was not revoked before"""
        with atomic(ApiToken):
            now = database_time(ApiToken)
            end = Least(Coalesce("expires_at", now), now)
            revoked = ApiToken.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=now, expires_at=end)
            self.refresh_from_db(fields=["revoked_at", "expires_at"])
        return bool(revoked)

    def rotate(self, overlap: timedelta) -> tuple[ApiToken, str]:
        """A new token of this name and scope, that lives as long; this one lives on for `overlap`. Raises TokenRefused.

        Of two who rotate it at once one does.
        """
        if not timedelta() <= overlap <= LONGEST_OVERLAP:
            raise TokenRefused(f"overlap: write 0 to {LONGEST_OVERLAP.days} days.", field="overlap")
        with atomic(ApiToken):
            now = _lock(self.tenant_id)
            end, lifetime = min(self.expires_at or now + overlap, now + overlap), self._renewed()
            current = ApiToken.objects.live().filter(pk=self.pk, replaced_at=None)
            if not current.update(replaced_at=now, expires_at=end):
                raise TokenRefused(f"token {self} is not in use any more, or was replaced already: take the newer one.")
            self.refresh_from_db(fields=["replaced_at", "expires_at"])
            return _make(self.tenant, self.name, self.scope, now, lifetime)

    def _renewed(self) -> timedelta | None:
        """How long the next one lives: as long as this one, unless the setting was changed since."""
        lived = self.expires_at - self.created_at if self.expires_at else None
        return min((each for each in (lived, _longest()) if each), default=None)

    def _wrong(self) -> str:
        """Why it does not count, as `authenticate` found it."""
        if self.revoked_at:
            return "revoked"
        if self.over:  # type: ignore[attr-defined]
            return "expired"
        return "" if self.tenant.active else "its tenant is paused"


def clean_name(name: str) -> str:
    """As it is kept. Raises TokenRefused."""
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > LONGEST_NAME or not cleaned.isprintable():
        raise TokenRefused(
            f"name {name[:40]!r}: write 1 to {LONGEST_NAME} printable characters, so that you can tell tokens apart.",
            field="name",
        )
    return cleaned


@sensitive_variables("text")
def _make(tenant: Tenant, name: str, scope: str, now: datetime, lifetime: timedelta | None) -> tuple[ApiToken, str]:
    if ApiToken.objects.live().filter(tenant=tenant).count() >= MOST_TOKENS:
        raise TokenRefused(f"{MOST_TOKENS} tokens are in use, as many as may be: revoke some first.")
    text = shown_once.new_text(shown_once.TOKEN)
    token = ApiToken.objects.create(
        tenant=tenant,
        name=name,
        digest=shown_once.digest_of(text),
        prefix=text[: shown_once.VISIBLE],
        scope=scope,
        created_at=now,
        expires_at=now + lifetime if lifetime else None,
    )
    return token, text


def _longest() -> timedelta | None:
    return timedelta(days=conf.TOKEN_DAYS) if conf.TOKEN_DAYS else None


def _lifetime(ttl: timedelta | None) -> timedelta | None:
    """Raises TokenRefused for one that is longer than the setting lets it, or none at all."""
    longest = _longest() or LONGEST_LIFE
    if ttl is not None and not timedelta() < ttl <= longest:
        raise TokenRefused(f"a token lives for at least a moment and at most {longest.days} days.", field="ttl")
    return ttl or _longest()


def _unnoticed() -> Q:
    return Q(last_used_at__isnull=True) | Q(last_used_at__lt=Now() - TOUCH_EVERY)


def _lock(tenant_id: int) -> datetime:
    """Whoever makes tokens of a tenant does it one after the other. -> the database's time, from then on"""
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant_id)
    return database_time(ApiToken)
