"""Quota buckets: how far the calls of an account and of a project have used up what Google allows, for all workers."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import FloatField, Func
from django.utils.translation import gettext_lazy as _

from sheetsync.errors import QuotaWait
from sheetsync.models.account import GoogleAccount
from sheetsync.models.fields import alias, atomic
from sheetsync.sheets.pacing import Kind, Level, Rate, Scope, take_places


class Clock(Func):
    """Seconds since 1970 by the database's clock, which all workers share."""

    output_field = FloatField()
    arity = 0
    template = "EXTRACT(EPOCH FROM CLOCK_TIMESTAMP())::double precision"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """SQLite counts in days since noon of a day in 4714 BC."""
        return super().as_sqlite(compiler, connection, template="((julianday('now') - 2440587.5) * 86400.0)", **context)


class Moment(Clock):
    """The same, once for a whole statement: a query that compares with it can use an index."""

    template = "EXTRACT(EPOCH FROM STATEMENT_TIMESTAMP())::double precision"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place for a call in a bucket: `rate` is the settings', `subject` whose account it is, empty for a project's."""

    bucket: str
    rate: Rate
    subject: str = ""


class BucketQuerySet(models.QuerySet["QuotaBucket"]):
    """Taking a place in several buckets at once."""

    def take(self, places: Sequence[Place], longest: float) -> float:
        """Take these places for one call, all or none, and return the seconds to wait before it.

        Raises QuotaWait, with nothing taken, where that would be more than `longest`. Either way an account's bucket
        says since when its next call need not wait: whoever looks for work passes over runs that could not call.
        """
        with self._locked(places) as (buckets, now):
            at, taken = take_places(_levels(buckets, places), now)
            fits = at - now <= longest
            if fits:
                for bucket, level in zip(buckets, taken, strict=True):
                    bucket.level = level
            next_at, _ = take_places(_levels(buckets, places), now)
            for bucket in buckets:
                bucket.say(next_at, now)
            self.bulk_update(buckets, ["arrival", "free_at"])
        if not fits:
            raise QuotaWait(_used_up(buckets, places, now), seconds=at - now)
        return at - now

    def refuse(self, place: Place, seconds: float) -> None:
        """Google refused a call that had a place here: nobody goes through for so long, and fewer from now on."""
        with self._locked([place]) as ((bucket,), now):
            bucket.level = bucket.level.refused(place.rate, now, seconds)
            bucket.say(bucket.level.free_at(place.rate, now), now)
            bucket.save(update_fields=["arrival", "free_at", "share", "cut_at"])

    @contextmanager
    def _locked(self, places: Sequence[Place]) -> Iterator[tuple[list[QuotaBucket], float]]:
        """A transaction with the buckets and the time; those that are not there yet are made.

        They are locked in the order of their names, and made with none of them locked, or two workers could wait for
        one another.
        """
        names = sorted(place.bucket for place in places)
        wanted = self.filter(name__in=names).order_by("name").annotate(now=Clock()).select_for_update()
        while True:
            with atomic(QuotaBucket):
                found = {bucket.name: bucket for bucket in wanted.all()}
                if len(found) == len(names):
                    buckets = [found[place.bucket] for place in places]
                    yield buckets, max(bucket.now for bucket in buckets)  # type: ignore[attr-defined]
                    return
            fresh = sorted(places, key=lambda place: place.bucket)
            self.bulk_create(
                [QuotaBucket(name=place.bucket, subject=place.subject) for place in fresh], ignore_conflicts=True
            )


class QuotaBucket(models.Model):
    """One counter of the generic cell rate algorithm, with what was learned from refusals: see `Level`.

    Times are in seconds since 1970 by the database's clock. `subject`: whose account it is, empty for a project's.
    `free_at`: when the account's next call could go, as the last one that had to wait found out.
    """

    name = models.CharField(_("name"), max_length=200, unique=True)
    subject = models.CharField(_("account"), max_length=255, blank=True, default="")
    arrival = models.FloatField(_("used up until"), default=0)
    free_at = models.FloatField(_("calls wait until"), default=0)
    share = models.FloatField(_("share of the rate after the last cut"), default=1)
    cut_at = models.FloatField(_("last cut"), default=0)

    objects = BucketQuerySet.as_manager()

    class Meta:
        verbose_name = _("quota bucket")
        verbose_name_plural = _("quota buckets")
        indexes = [
            # For waiting_accounts(): those few that have to wait now.
            models.Index(fields=["free_at"], name="waiting_accounts"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def level(self) -> Level:
        """As the arithmetic knows it."""
        return Level(arrival=self.arrival, share=self.share, cut_at=self.cut_at)

    @level.setter
    def level(self, level: Level) -> None:
        self.arrival, self.share, self.cut_at = level.arrival, level.share, level.cut_at

    def say(self, free_at: float, now: float) -> None:
        """Note when the account's next call can go; saving is the caller's."""
        # Not while nothing waits: an index that changes with each call would be written with each call.
        if self.subject and free_at > now:
            self.free_at = free_at


def _levels(buckets: Sequence[QuotaBucket], places: Sequence[Place]) -> list[tuple[Level, Rate]]:
    return [(bucket.level, place.rate) for bucket, place in zip(buckets, places, strict=True)]


def _used_up(buckets: Sequence[QuotaBucket], places: Sequence[Place], now: float) -> str:
    waits = [level.free_at(rate, now) for level, rate in _levels(buckets, places)]
    whose = "account" if places[waits.index(max(waits))].subject else "project"
    return f"the {whose}'s quota at Google is used up for the moment"


def waiting_accounts(patience: float) -> models.QuerySet[GoogleAccount]:
    """Accounts, of whatever tenant, whose next call has to wait longer than that."""
    waiting = QuotaBucket.objects.filter(free_at__gt=Moment() + patience)
    return GoogleAccount.objects.filter(subject__in=waiting.values("subject"))


def bucket_of(scope: Scope, key: str, kind: Kind) -> str:
    """A bucket's name. Digested: a key may be longer than a name, and come from a file that somebody uploaded."""
    return f"{scope} {hashlib.blake2b(key.encode(), digest_size=8).hexdigest()} {kind}"


@dataclass(slots=True)
class SharedPacer:
    """The pacer of one account, shared by every worker through the database.

    `rates`: of each kind of call, for the account and for the project whose quota it uses too. A wait of more than
    `longest` seconds raises QuotaWait instead: a worker has better things to do. `sleep` may raise.
    """

    subject: str
    project: str
    rates: Mapping[Kind, Mapping[Scope, Rate]]
    longest: float
    sleep: Callable[[float], object] = time.sleep
    refused: bool = False
    """Whether Google said no in spite of the pace: others use the same quota."""

    def take(self, kind: Kind) -> None:
        """Return once a call of this kind may be sent. Raises QuotaWait."""
        places = [self._place(scope, kind) for scope in self.rates.get(kind, {})]
        if not places:
            return
        wait = QuotaBucket.objects.using(alias(QuotaBucket)).take(places, self.longest)
        if wait:
            self.sleep(wait)

    def back_off(self, kind: Kind, seconds: float, scope: Scope = "account") -> None:
        """Google refused for this quota: nobody sends a call of this kind for so long, or longer. Raises QuotaWait."""
        self.refused = True
        if scope in self.rates.get(kind, {}):
            QuotaBucket.objects.using(alias(QuotaBucket)).refuse(self._place(scope, kind), seconds)
            return
        if seconds > self.longest:
            raise QuotaWait("Google asks to wait", seconds=seconds)
        self.sleep(seconds)

    def _place(self, scope: Scope, kind: Kind) -> Place:
        mine = scope == "account"
        name = bucket_of(scope, self.subject if mine else self.project, kind)
        return Place(bucket=name, rate=self.rates[kind][scope], subject=self.subject if mine else "")
