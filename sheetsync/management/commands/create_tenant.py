"""`manage.py create_tenant`: a new tenant, and the install code with which its programs get in."""

from __future__ import annotations

import getpass
import json
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from sheetsync.errors import TokenRefused
from sheetsync.models import ApiToken, InstallCode, Tenant
from sheetsync.models.audit import Actor, ActorKind, acting, record
from sheetsync.models.fields import alias, atomic

CODE_DAYS = 7
TOKEN_NAME = "command line"  # noqa: S105 - what the token is called
OPTIONS = {"name": "NAME", "time_zone": "--time-zone", "platform": "--platform", "external_id": "--external-id"}
"""A field of the tenant -> how it is called on the command line."""


class Command(BaseCommand):
    """What is shown is shown once: it goes to standard output, and nowhere else."""

    help = "Create a tenant and print an install code for it, or with --token its first API token. Shown this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who it is, and what to print."""
        parser.add_argument("name", help="what people call the tenant")
        parser.add_argument("--platform", default="", help="where its shop is, such as shopify")
        parser.add_argument("--external-id", help="what the platform calls the shop; one tenant per platform and id")
        parser.add_argument("--time-zone", default="UTC", help="an IANA name such as Europe/Berlin (default: UTC)")
        parser.add_argument(
            "--existing",
            action="store_true",
            help="if there is a tenant of this platform and external id, leave it as it is and print a code for it",
        )
        shown = parser.add_mutually_exclusive_group()
        shown.add_argument("--code", action="store_true", help="print an install code (the default)")
        shown.add_argument("--token", action="store_true", help="print an API token with all scopes instead")
        parser.add_argument("--days", type=int, help=f"how long it is good for (default: a code {CODE_DAYS})")
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, **options: Any) -> None:
        """Tenant and code come to be together or not at all."""
        if options["existing"] and not options["external_id"]:
            raise CommandError("--existing: say by --external-id which tenant is meant; a name may be many tenants'")
        with acting(Actor(kind=ActorKind.OPERATOR, label=_who())), atomic(Tenant):
            tenant, created = self._tenant(options)
            try:
                made, text = (_token if options["token"] else _code)(tenant, options["days"])
            except TokenRefused as error:
                raise CommandError(_words(error)) from error
        self._print(tenant, created, made, text, options)

    def _tenant(self, options: dict[str, Any]) -> tuple[Tenant, bool]:
        """-> the tenant, and whether it is new"""
        for option in ("name", "platform", "external_id"):
            if not (options[option] or "").isprintable():
                raise CommandError(f"{OPTIONS[option]} {options[option]!r}: write printable characters only")
        of_shop = {"platform": options["platform"], "external_id": options["external_id"] or None}
        known = Tenant.objects.filter(**of_shop).first() if of_shop["external_id"] else None
        if known and options["existing"]:
            return known, False
        if known:
            raise CommandError(
                f"--external-id {options['external_id']}: tenant {known.pk}, {known.name!r}, is this shop already. "
                "With --existing it is left as it is, and gets another code."
            )
        tenant = Tenant(name=options["name"].strip(), time_zone=options["time_zone"], **of_shop)
        try:
            tenant.full_clean(exclude=["max_concurrent_runs"])
        except ValidationError as error:
            raise CommandError("\n".join(_complaints(error))) from error
        try:
            with atomic(Tenant):
                tenant.save(using=alias(Tenant))
        except IntegrityError as error:
            raise CommandError(
                f"--external-id {options['external_id']}: was created this very moment, elsewhere"
            ) from error
        record("tenant.created", tenant)
        return tenant, True

    def _print(
        self, tenant: Tenant, created: bool, made: ApiToken | InstallCode, text: str, options: dict[str, Any]
    ) -> None:
        until = made.expires_at.isoformat(timespec="seconds") if made.expires_at else None
        kind = "api_token" if options["token"] else "install_code"
        if options["json"]:
            about = {"tenant": tenant.pk, "name": tenant.name, "created": created, kind: text, "expires_at": until}
            self.stdout.write(json.dumps(about, ensure_ascii=False))
            return
        self.stdout.write(f"tenant {tenant.pk}, {tenant.name}, {'was created' if created else 'was there already'}")
        self.stdout.write(f"{kind.replace('_', ' ')}, shown this once, good until {until or 'it is revoked'}:")
        self.stdout.write(text)


def _code(tenant: Tenant, days: int | None) -> tuple[InstallCode, str]:
    made = InstallCode.objects.mint(tenant, ttl=_span(CODE_DAYS if days is None else days), by=_who())
    record("install_code.created", made[0])
    return made


def _token(tenant: Tenant, days: int | None) -> tuple[ApiToken, str]:
    made = ApiToken.objects.first_of(tenant, TOKEN_NAME, None if days is None else _span(days))
    record("token.created", made[0])
    return made


def _span(days: int) -> timedelta:
    """Raises CommandError for what no calendar has."""
    if not 0 < days <= 100_000:
        raise CommandError(f"--days {days}: write a number of days from 1 up")
    return timedelta(days=days)


def _words(error: TokenRefused) -> str:
    return f"--days: {error}" if error.field == "ttl" else str(error)


def _complaints(error: ValidationError) -> list[str]:
    return [f"{OPTIONS.get(field, field)}: {' '.join(texts)}" for field, texts in error.message_dict.items()]


def _who() -> str:
    """The name at the machine's door; in a container there may be none."""
    try:
        return f"{getpass.getuser()} at the command line"
    except (OSError, KeyError):
        return "the command line"
