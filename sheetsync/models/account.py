"""Google accounts that tenants linked: people's by OAuth, or service accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from google.auth.credentials import Credentials

from sheetsync.conf import settings as conf
from sheetsync.errors import GrantRevoked
from sheetsync.models.alert import Alert
from sheetsync.models.fields import Sealed, alias, atomic, one_of
from sheetsync.models.tenant import Tenant
from sheetsync.sheets.credentials import credentials_from
from sheetsync.sheets.oauth import SHEETS, Client, Granted


class AccountKind(models.TextChoices):
    """How an account was linked."""

    OAUTH = "oauth", _("a person's account")
    SERVICE_ACCOUNT = "service_account", _("service account")


class AccountStatus(models.TextChoices):
    """Whether an account can be used."""

    ACTIVE = "active", _("active")
    NEEDS_OWNER = "needs_owner", _("its owner must act")
    UNLINKED = "unlinked", _("unlinked")


IDLE = (AccountStatus.NEEDS_OWNER.value, AccountStatus.UNLINKED.value)


def oauth_client() -> Client | None:
    """This site as it is registered at Google; None where it is not."""
    if not (conf.GOOGLE_CLIENT_ID and conf.GOOGLE_CLIENT_SECRET):
        return None
    return Client(
        id=conf.GOOGLE_CLIENT_ID,
        secret=conf.GOOGLE_CLIENT_SECRET,
        auth_url=conf.GOOGLE_AUTH_URL,
        token_url=conf.GOOGLE_TOKEN_URL,
    )


class AccountQuerySet(models.QuerySet["GoogleAccount"]):
    """The accounts that somebody asks for."""

    def linked(self) -> Self:
        """Without those that were unlinked, and are only remembered."""
        return self.exclude(status=AccountStatus.UNLINKED)

    def idle(self) -> Self:
        """Those that nothing may run with. Served by the index `idle_accounts`."""
        return self.filter(status__in=IDLE)

    def left_over(self) -> Self:
        """Unlinked ones whose grant at Google was not ended yet, or not for sure."""
        return self.filter(status=AccountStatus.UNLINKED).exclude(sealed="")

    def of_grant(self, subject: str, client_id: str) -> Self:
        """All links, of whatever tenant, that rest on one grant: Google knows one for each account and client."""
        return self.linked().filter(subject=subject, oauth_client=client_id)


class GoogleAccount(Sealed):
    """One linked account. Its secrets are what google-auth reads: a service account's key, or an authorised user.

    `scopes`: what was granted, with spaces between. `oauth_client`: the id of the client it was granted to. An unlinked
    account stays while automations name it, so that linking it again is all they need; and while its secrets are
    needed to end the grant.
    """

    Kind = AccountKind
    Status = AccountStatus

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="accounts", verbose_name=_("tenant"))
    kind = models.CharField(_("kind"), max_length=20, choices=AccountKind.choices)
    subject = models.CharField(_("subject"), max_length=255, help_text=_("Google's lasting id of the account."))
    email = models.CharField(_("e-mail"), max_length=254)
    scopes = models.TextField(_("granted scopes"), blank=True, default="")
    oauth_client = models.CharField(_("OAuth client"), max_length=200, blank=True, default="", editable=False)
    status = models.CharField(_("status"), max_length=20, choices=AccountStatus.choices, default=AccountStatus.ACTIVE)
    problem = models.TextField(_("problem"), blank=True, default="")
    is_default = models.BooleanField(_("default"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    connected_at = models.DateTimeField(_("connected"), default=timezone.now)

    objects = AccountQuerySet.as_manager()

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
            models.CheckConstraint(
                condition=~models.Q(status="unlinked", is_default=True), name="unlinked_account_is_no_default"
            ),
        ]
        indexes = [
            # For quota.hindered(): an account that several tenants linked has one quota.
            models.Index(fields=["subject"], name="accounts_of_subject"),
            # For automation.on_hold(): those few that nothing may run with.
            models.Index(fields=["tenant"], condition=models.Q(status__in=IDLE), name="idle_accounts"),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def hold(self) -> str:
        """Why nothing may run with it, and what to do; empty where all is well."""
        match self.status:
            case AccountStatus.NEEDS_OWNER:
                return f"Google account {self.email} must be connected again first: {self.problem}"
            case AccountStatus.UNLINKED:
                return f"Google account {self.email} was unlinked: link it again, or choose another one"
        return ""

    def has_scope(self, scope: str) -> bool:
        """Whether this was granted."""
        return scope in self.scopes.split()

    def credentials(self) -> Credentials:
        """What google-auth signs this account's calls with. Raises CannotDecrypt, GrantRevoked and ClientRefused."""
        return credentials_from(self.secrets(), oauth_client())

    @classmethod
    def link_service_account(cls, tenant: Tenant, key: Mapping[str, Any]) -> GoogleAccount:
        """Store a service account's key file content for a tenant; its first account becomes the default.

        Linked again, the account gets the new key and is connected anew.
        """
        email = key["client_email"]
        return cls._link(tenant, key, kind=cls.Kind.SERVICE_ACCOUNT, subject=email, email=email, scopes="")[0]

    @classmethod
    def link_person(cls, tenant: Tenant, granted: Granted, client_id: str) -> tuple[GoogleAccount, bool]:
        """Store what a person's consent gave, for a tenant. -> the account, and whether it is new.

        Linked again, the account gets the new grant and is connected anew; whatever names it stays.
        """
        needed = sorted(SHEETS & granted.scopes)
        secrets = {"client_id": client_id, "refresh_token": granted.refresh_token, "scopes": needed}
        return cls._link(
            tenant,
            {"type": "authorized_user", **secrets},
            kind=cls.Kind.OAUTH,
            subject=granted.subject,
            email=granted.email,
            scopes=" ".join(sorted(granted.scopes)),
            oauth_client=client_id,
        )

    @classmethod
    def _link(
        cls, tenant: Tenant, secrets: Mapping[str, Any], *, subject: str, **values: Any
    ) -> tuple[GoogleAccount, bool]:
        with atomic(cls):
            _lock(tenant.pk)  # of two first accounts one is the default
            found = cls.objects.filter(tenant=tenant, subject=subject).first()
            account = found or cls(tenant=tenant, subject=subject)
            for name, value in values.items():
                setattr(account, name, value)
            account.seal(secrets)
            account.is_default |= not cls.objects.filter(tenant=tenant, is_default=True).exists()
            account.status, account.problem, account.connected_at = cls.Status.ACTIVE, "", timezone.now()
            account.save()
            Alert.objects.recover(account=account)
        return account, found is None

    def make_default(self) -> None:
        """The account of all automations of its tenant that name none. Raises GrantRevoked for an unlinked one."""
        with atomic(GoogleAccount):
            _lock(self.tenant_id)
            if not GoogleAccount.objects.filter(pk=self.pk).linked().exists():
                raise GrantRevoked(f"Google account {self.email} was unlinked: link it again first")
            self._defaults().update(is_default=False)
            self._update(is_default=True)

    def flag(self, problem: str) -> bool:
        """Its owner must act: no new runs until it is connected again.

        False, with nothing done, where it was connected anew, or unlinked, since this was read: what was wrong then
        says nothing of the new grant.
        """
        as_read = GoogleAccount.objects.filter(pk=self.pk, connected_at=self.connected_at).linked()
        with atomic(GoogleAccount):
            if not as_read.update(status=self.Status.NEEDS_OWNER, problem=problem):
                return False
            Alert.objects.account_lost(self, problem)
        self.status, self.problem = self.Status.NEEDS_OWNER, problem
        return True

    def reconnect(self, secrets: Mapping[str, Any] | None = None) -> None:
        """It works again, perhaps with new secrets."""
        if secrets is not None:
            self.seal(secrets)
        with atomic(GoogleAccount):
            _lock(self.tenant_id)
            is_default = self.is_default or not self._defaults().exists()
            values = {"status": self.Status.ACTIVE, "problem": "", "sealed": self.sealed}
            self._update(**values, is_default=is_default, connected_at=timezone.now())
            Alert.objects.recover(account=self)

    def unlink(self) -> GoogleAccount | None:
        """Nothing may use it any more. -> the account that is the tenant's default instead, where it was that.

        That is the oldest other one, of those that work where there are any. The secrets stay until `forget`.
        """
        with atomic(GoogleAccount):
            _lock(self.tenant_id)
            others = GoogleAccount.objects.filter(tenant=self.tenant_id).linked().exclude(pk=self.pk)
            self._update(status=self.Status.UNLINKED, problem="", is_default=False)
            Alert.objects.dismiss(account=self)
            if self._defaults().exists():
                return None
            works = models.Case(models.When(status=self.Status.ACTIVE, then=0), default=1)
            heir = others.order_by(works, "created_at", "pk").first()
            if heir is not None:
                heir._update(is_default=True)
        return heir

    def forget(self) -> None:
        """Its grant is over: the secrets go, and, where nothing names the account, so does all the rest."""
        unlinked = GoogleAccount.objects.filter(pk=self.pk, connected_at=self.connected_at, status=self.Status.UNLINKED)
        with atomic(GoogleAccount):
            if unlinked.update(sealed=""):
                self.sealed = ""
                unlinked.filter(automations=None).delete()

    def _defaults(self) -> AccountQuerySet:
        return GoogleAccount.objects.filter(tenant=self.tenant_id, is_default=True)

    def _update(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)
        GoogleAccount.objects.using(alias(GoogleAccount)).filter(pk=self.pk).update(**values)


def _lock(tenant_id: int) -> None:
    """Of the accounts of one tenant, one person changes which there are and which is the default."""
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant_id)
