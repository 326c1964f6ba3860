"""Google accounts that tenants linked: people's by OAuth, or service accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sheetsync.models.fields import Sealed, alias, atomic, one_of
from sheetsync.models.tenant import Tenant


class AccountKind(models.TextChoices):
    """How an account was linked."""

    OAUTH = "oauth", _("a person's account")
    SERVICE_ACCOUNT = "service_account", _("service account")


class AccountStatus(models.TextChoices):
    """Whether an account can be used."""

    ACTIVE = "active", _("active")
    NEEDS_OWNER = "needs_owner", _("its owner must act")


class GoogleAccount(Sealed):
    """One linked account. Its secrets are what google-auth reads: a service account's key, or an authorised user."""

    Kind = AccountKind
    Status = AccountStatus

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="accounts", verbose_name=_("tenant"))
    kind = models.CharField(_("kind"), max_length=20, choices=AccountKind.choices)
    subject = models.CharField(_("subject"), max_length=255, help_text=_("Google's lasting id of the account."))
    email = models.CharField(_("e-mail"), max_length=254)
    scopes = models.TextField(_("granted scopes"), blank=True, default="")
    status = models.CharField(_("status"), max_length=20, choices=AccountStatus.choices, default=AccountStatus.ACTIVE)
    problem = models.TextField(_("problem"), blank=True, default="")
    is_default = models.BooleanField(_("default"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    connected_at = models.DateTimeField(_("connected"), default=timezone.now)

    class Meta:
        verbose_name = _("Google account")
        verbose_name_plural = _("Google accounts")
        constraints = [
            one_of("kind", AccountKind.values, "account_kind_is_known"),
            one_of("status", AccountStatus.values, "account_status_is_known"),
            models.UniqueConstraint(fields=["tenant", "subject"], name="one_link_per_account"),
            models.UniqueConstraint(
                fields=["tenant"],
                condition=models.Q(is_default=True),
                name="one_default_account_per_tenant",
                violation_error_message=_("Another account of this tenant is its default: change that one first."),
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @classmethod
    def link_service_account(cls, tenant: Tenant, key: Mapping[str, Any]) -> GoogleAccount:
        """Store a service account's key file content for a tenant; its first account becomes the default.

        Linked again, the account gets the new key and is connected anew.
        """
        with atomic(cls):
            Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)  # of two first accounts one is the default
            account = cls.objects.filter(tenant=tenant, subject=key["client_email"]).first() or cls(tenant=tenant)
            account.kind, account.subject, account.email = (
                cls.Kind.SERVICE_ACCOUNT,
                key["client_email"],
                key["client_email"],
            )
            account.seal(key)
            account.is_default |= not cls.objects.filter(tenant=tenant, is_default=True).exists()
            account.status, account.problem, account.connected_at = cls.Status.ACTIVE, "", timezone.now()
            account.save()
        return account

    def make_default(self) -> None:
        """The account of all automations of its tenant that name none."""
        with atomic(GoogleAccount):
            Tenant.objects.select_for_update(no_key=True).get(pk=self.tenant_id)
            GoogleAccount.objects.filter(tenant=self.tenant_id, is_default=True).update(is_default=False)
            self._update(is_default=True)

    def flag(self, problem: str) -> None:
        """Its owner must act: no new runs until it is connected again."""
        self._update(status=self.Status.NEEDS_OWNER, problem=problem)

    def reconnect(self, secrets: Mapping[str, Any] | None = None) -> None:
        """It works again, perhaps with new secrets."""
        if secrets is not None:
            self.seal(secrets)
        self._update(status=self.Status.ACTIVE, problem="", sealed=self.sealed, connected_at=timezone.now())

    def _update(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)
        GoogleAccount.objects.using(alias(GoogleAccount)).filter(pk=self.pk).update(**values)
