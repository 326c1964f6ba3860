"""Automations: what is exported to where, and when; with their columns, and the orders that wait to be looked at."""

from __future__ import annotations

from collections.abc import Iterable, Set
from datetime import datetime, timedelta
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sheetsync import cron
from sheetsync.conf import settings as conf
from sheetsync.errors import BadColumn, BadFilter, BadSchedule
from sheetsync.models.account import GoogleAccount
from sheetsync.models.fields import atomic, choices_of, database_time, one_of, valid_time_zone
from sheetsync.models.source import Source
from sheetsync.models.tenant import Tenant
from sheetsync.pipeline import columns as pipeline_columns
from sheetsync.pipeline.cells import ColumnType
from sheetsync.pipeline.filters import filters_from
from sheetsync.pipeline.records import HandEdits, Removed, RowsPer

HOURS_OF_A_YEAR = 8_760

PLANNED = ("next_slot_at", "next_run_at")
"""What `plan_next_run` sets."""


def on_hold(path: str = "") -> Q:
    """Whose Google account its owner has to connect again, or has unlinked: nothing of theirs runs meanwhile.

    `path`: how an automation is reached, such as "automation__". Not written down on automations, so that connecting
    the account again, or choosing another default, is all it takes, and a person's own pause stays a pause.
    """
    idle = GoogleAccount.objects.idle()
    few = Q(**{f"{path}tenant__in": idle.values("tenant")})  # said first: for most rows it is all that is looked at
    named = Q(**{f"{path}account__in": idle.values("pk")})
    default = idle.filter(is_default=True).values("tenant")
    return few & (named | Q(**{f"{path}account": None, f"{path}tenant__in": default}))


class AutomationStatus(models.TextChoices):
    """Only an active automation runs."""

    DRAFT = "draft", _("draft")
    ACTIVE = "active", _("active")
    PAUSED = "paused", _("paused")


class AutomationQuerySet(models.QuerySet["Automation"]):
    """The automations a scheduler asks for."""

    def scheduled(self, now: datetime) -> Self:
        """Scheduled for `now` or before, and free to run. Served by the index `due_automations`."""
        due = self.filter(
            status=Automation.Status.ACTIVE, schedule_enabled=True, next_run_at__lte=now, tenant__active=True
        )
        return due.exclude(on_hold())

    def of_account(self, account: GoogleAccount) -> Self:
        """Those that write with this account: they name it, or it is their tenant's default."""
        named = Q(account=account)
        return self.filter(tenant=account.tenant_id).filter(named | Q(account=None) if account.is_default else named)

    def due(self, now: datetime) -> Self:
        """Those of them that are in no other scheduler's hands, the longest due first."""
        unlocked = Q(scheduler_locked_until__isnull=True) | Q(scheduler_locked_until__lte=now)
        return self.scheduled(now).filter(unlocked).order_by("next_run_at")

    def claim_due(self, now: datetime, lease: timedelta, most: int) -> list[int]:
        """Take the automations that are due longest, for so long. -> their ids; no two schedulers get the same.

        Nobody waits for a row here: a process that froze in a transaction may never let it go.
        """
        with atomic(Automation):
            free = self.due(now).select_for_update(of=("self",), no_key=True, skip_locked=True)
            ids = list(free.values_list("pk", flat=True)[:most])
            self.filter(pk__in=ids).update(scheduler_locked_until=now + lease)
        return ids


class Automation(models.Model):
    """A durable export: source + filters + columns + destination tab + triggers.

    `watermark`: where the next incremental walk begins (`since`), for which `shape`, and at which of the tab's commits.
    `walked_at`: when all orders were last looked at.
    `sheet_id` is the tab's own id (gid), empty until the tab is ours: it is set when the account has proved that it can
    write there, and no two automations ever have the same tab. `problem` is what its owner has to mend. `unsettled`: a
    call of an earlier worker may yet arrive; who opens the tab next takes its number first. `next_run_at` is when its
    run is due: `next_slot_at`, which its cron names, and a little later. `scheduler_locked_until`: a scheduler is busy
    with it, or died over it.
    """

    Status = AutomationStatus

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="automations", verbose_name=_("tenant"))
    name = models.CharField(_("name"), max_length=200)
    source = models.ForeignKey(Source, models.RESTRICT, related_name="automations", verbose_name=_("source"))
    account = models.ForeignKey(
        GoogleAccount,
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="automations",
        verbose_name=_("Google account"),
        help_text=_("Left empty, the tenant's default account."),
    )
    spreadsheet_id = models.CharField(
        _("spreadsheet id"),
        max_length=200,
        # It stands in the addresses of all calls: nothing else may be in it.
        validators=[
            RegexValidator(
                r"\A[A-Za-z0-9_-]+\Z", _("This is no id: it stands in the spreadsheet's address, after /d/.")
            )
        ],
    )
    tab_title = models.CharField(_("tab"), max_length=100, default="Orders")
    sheet_id = models.PositiveIntegerField(_("tab id"), null=True, blank=True, editable=False)
    rows_per = models.CharField(
        _("one row per"), max_length=10, choices=choices_of(RowsPer), default=RowsPer.ORDER.value
    )
    filters = models.JSONField(_("filters"), default=list, blank=True)
    removed = models.CharField(
        _("removed orders"), max_length=10, choices=choices_of(Removed), default=Removed.CLEAR.value
    )
    hand_edits = models.CharField(
        _("hand edits"), max_length=10, choices=choices_of(HandEdits), default=HandEdits.KEEP.value
    )
    adopt = models.JSONField(
        _("adopt"), default=list, blank=True, help_text=_("Headers by which the rows of a filled tab are taken over.")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=AutomationStatus.choices, default=AutomationStatus.DRAFT
    )
    webhooks_enabled = models.BooleanField(_("run on webhooks"), default=True)
    cron = models.CharField(_("cron"), max_length=cron.MAX_EXPRESSION, blank=True, default="")
    schedule_enabled = models.BooleanField(_("schedule on"), default=False)
    time_zone = models.CharField(
        _("time zone"), max_length=64, blank=True, default="", help_text=_("Left empty, the tenant's.")
    )
    exact = models.BooleanField(
        _("on the minute"),
        default=False,
        help_text=_("Else it starts minutes late, always by as much, so that not all start at once."),
    )
    next_slot_at = models.DateTimeField(_("next time of the schedule"), null=True, blank=True, editable=False)
    next_run_at = models.DateTimeField(_("next run"), null=True, blank=True, editable=False)
    full_every_hours = models.PositiveSmallIntegerField(
        _("all orders every"),
        default=24,
        validators=[MaxValueValidator(HOURS_OF_A_YEAR)],
        help_text=_("Hours. Runs of the schedule in between look only at changed orders. 0: always all."),
    )
    watermark = models.JSONField(default=dict, blank=True, editable=False)
    walked_at = models.DateTimeField(_("all orders looked at"), null=True, blank=True, editable=False)
    scheduler_locked_until = models.DateTimeField(null=True, blank=True, editable=False)
    unsettled = models.BooleanField(default=False, editable=False)
    problem = models.TextField(_("problem"), blank=True, default="", editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = AutomationQuerySet.as_manager()

    class Meta:
        verbose_name = _("automation")
        verbose_name_plural = _("automations")
        constraints = [
            one_of("status", AutomationStatus.values, "automation_status_is_known"),
            one_of("rows_per", RowsPer, "rows_per_is_known"),
            one_of("removed", Removed, "removed_policy_is_known"),
            one_of("hand_edits", HandEdits, "hand_edits_policy_is_known"),
            models.UniqueConstraint(
                fields=["spreadsheet_id", "sheet_id"],
                condition=Q(sheet_id__isnull=False),
                name="one_automation_per_tab",
            ),
        ]
        indexes = [
            # For AutomationQuerySet.due(): what is due is found without looking at what is not.
            models.Index(
                fields=["next_run_at"],
                condition=Q(status="active", schedule_enabled=True),
                name="due_automations",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> str:
        """The time zone its cron is meant in."""
        return self.time_zone or self.tenant.time_zone

    def google_account(self) -> GoogleAccount | None:
        """The account that it writes with: its own, or the tenant's default; None where nothing is linked."""
        if self.account_id is not None:
            return self.account
        return GoogleAccount.objects.filter(tenant=self.tenant_id, is_default=True).first()

    def hold(self) -> str:
        """Why nothing of it runs though it is active, and what to do; empty where its Google account works."""
        account = self.google_account()
        if account is None:
            return f"automation {self.name!r} has no Google account: link one, or choose a default"
        return account.hold

    @property
    def lateness(self) -> timedelta:
        """By how much its runs come after the times of its cron. Raises BadSchedule."""
        if self.exact or self.pk is None:
            return timedelta()
        window = timedelta(seconds=conf.SPREAD_SECONDS)
        return cron.offset(str(self.pk), window, cron.minimum_interval(self.cron))

    def wants_all(self, now: datetime) -> bool:
        """Whether a run of the schedule looks at all orders: it is time again, or nobody can tell what changed."""
        every = timedelta(hours=self.full_every_hours)
        return not self.watermark or self.walked_at is None or self.walked_at <= now - every

    def plan_next_run(self, after: datetime | None = None) -> None:
        """Set the next time by the cron, or to nothing where no schedule is on. Raises BadSchedule.

        Whoever saves it saves the fields PLANNED.
        """
        self.next_slot_at = self.next_run_at = None
        if self.schedule_enabled and self.cron:
            after = after or database_time(type(self))
            self.next_slot_at = cron.next_after(self.cron, self.zone, after)
            self.next_run_at = self.next_slot_at + self.lateness

    def follow(self, changed: Set[str]) -> set[str]:
        """Bring along what depends on changed fields. -> what is to be saved besides. Raises BadSchedule."""
        follows: set[str] = set()
        if changed & {"spreadsheet_id", "tab_title"}:
            self.sheet_id = None  # it lets its old tab go, and has to prove that it can write to the new one
            follows.add("sheet_id")
        if changed & {"cron", "schedule_enabled", "time_zone", "exact"}:
            self.plan_next_run()
            follows.update(PLANNED)
        return follows

    def slot_for(self, now: datetime) -> datetime | None:
        """The time of the schedule that a run started now is for. Raises BadSchedule.

        Times that were missed become one: the first of those within CATCH_UP_SECONDS. None where none is as young.
        """
        earliest = now - timedelta(seconds=conf.CATCH_UP_SECONDS)
        slot = self.next_slot_at or self.next_run_at
        if slot is None or slot >= earliest:
            return slot
        slot = cron.next_after(self.cron, self.zone, earliest)
        return slot if slot <= now else None

    def pipeline_columns(self) -> tuple[pipeline_columns.Column, ...]:
        """The columns as the pipeline uses them. Raises BadColumn."""
        definitions = [column.definition() for column in self.columns.all()]
        return pipeline_columns.columns_from(definitions, RowsPer(self.rows_per))

    def set_columns(self, definitions: Iterable[dict[str, Any]]) -> None:
        """Put these columns in the place of the old ones. Raises BadColumn before anything is changed."""
        checked = pipeline_columns.columns_from(list(definitions), RowsPer(self.rows_per))
        self.columns.all().delete()
        Column.objects.bulk_create(
            Column(
                automation=self,
                position=position,
                uid=column.uid,
                header=column.header,
                path=column.path or "",
                template=column.template or "",
                type=column.type,
                format=column.format or "",
            )
            for position, column in enumerate(checked, start=1)
        )

    def clean(self) -> None:
        """Raises ValidationError naming the field."""
        for name in ("source", "account"):
            owner = getattr(self, name, None)
            if owner is not None and owner.tenant_id != self.tenant_id:
                raise ValidationError({name: _("It belongs to another tenant: choose one of this tenant's own.")})
        if self.time_zone:
            try:
                valid_time_zone(self.time_zone)
            except ValidationError as error:
                raise ValidationError({"time_zone": error.messages}) from error
        if not isinstance(self.filters, list):
            raise ValidationError({"filters": _("Write a list of conditions; an empty one takes all orders.")})
        if self.schedule_enabled and not self.cron:
            raise ValidationError({"cron": _("Write a cron expression, or switch the schedule off.")})
        try:
            if self.cron and (self.time_zone or self.tenant_id is not None):
                cron.check(self.cron, self.zone, timedelta(seconds=conf.MINIMUM_INTERVAL_SECONDS))
            filters_from(self.filters)
        except BadSchedule as error:
            raise ValidationError({"cron": str(error)}) from error
        except BadFilter as error:
            raise ValidationError({"filters": str(error)}) from error


class Column(models.Model):
    """One managed column. The uid finds it in the tab again, whatever its header is by then."""

    automation = models.ForeignKey(Automation, models.CASCADE, related_name="columns", verbose_name=_("automation"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    uid = models.CharField(_("uid"), max_length=pipeline_columns.MAX_UID)
    header = models.CharField(_("header"), max_length=pipeline_columns.MAX_HEADER)
    path = models.CharField(_("path"), max_length=500, blank=True, default="")
    template = models.CharField(_("template"), max_length=1_000, blank=True, default="")
    type = models.CharField(_("type"), max_length=20, choices=choices_of(ColumnType), default=ColumnType.TEXT.value)
    format = models.CharField(_("number format"), max_length=pipeline_columns.MAX_FORMAT, blank=True, default="")

    class Meta:
        verbose_name = _("column")
        verbose_name_plural = _("columns")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["automation", "uid"], name="one_column_per_uid"),
            one_of("type", ColumnType, "column_type_is_known"),
            models.CheckConstraint(
                condition=(Q(path="") & ~Q(template="")) | (~Q(path="") & Q(template="")),
                name="column_has_path_or_template",
                violation_error_message=_("Give a path or a template, one of the two."),
            ),
        ]

    def __str__(self) -> str:
        return self.header

    def definition(self) -> dict[str, Any]:
        """As `columns_from` reads it."""
        names = ("uid", "header", "path", "template", "type", "format")
        return {name: getattr(self, name) for name in names if getattr(self, name)}

    def clean(self) -> None:
        """Raises ValidationError with the pipeline's own words; a column without a uid gets one."""
        self.uid = self.uid or pipeline_columns.default_uid(self.path or self.template)
        try:
            pipeline_columns.columns_from([self.definition()])
        except BadColumn as error:
            raise ValidationError(str(error)) from error


class DirtyOrder(models.Model):
    """An order that changed and has not been looked at since. Only ever added, and deleted by ids read before."""

    automation = models.ForeignKey(Automation, models.CASCADE, related_name="dirty_orders")
    order_id = models.CharField(_("order id"), max_length=512)
    changed_at = models.DateTimeField(
        _("changed"), null=True, blank=True, help_text=_("By the shop's clock, where it told.")
    )
    seen_at = models.DateTimeField(_("seen"), auto_now_add=True)

    class Meta:
        verbose_name = _("dirty order")
        verbose_name_plural = _("dirty orders")

    def __str__(self) -> str:
        return self.order_id
