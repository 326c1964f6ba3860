"""`manage.py rekey`: seal every stored secret anew under the newest key, so that an older key can be taken away."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sheetsync import crypto
from sheetsync.errors import CannotDecrypt
from sheetsync.models import GoogleAccount, OAuthState, Source


class Command(BaseCommand):
    """Row by row, each change conditional on what was read: safe beside a running site, and to run again."""

    help = "Encrypt all stored secrets under the first of SHEETSYNC['ENCRYPTION_KEYS']; then older keys may be removed."

    def handle(self, **options: Any) -> None:
        """Raises CommandError, after all others are done, for secrets that no key opens."""
        changed, unopened = 0, []
        for model in (GoogleAccount, OAuthState, Source):
            for row in model.objects.exclude(sealed="").order_by("pk").iterator():
                try:
                    changed += _rekeyed(row)
                except CannotDecrypt as error:
                    unopened.append(f"{model._meta.verbose_name} {row.pk}: {error}")
        self.stdout.write(f"{changed} secrets are sealed under the newest key now")
        if unopened:
            raise CommandError("Keep the older keys: these secrets could not be opened.\n" + "\n".join(unopened))


def _rekeyed(row: GoogleAccount | OAuthState | Source) -> int:
    if not crypto.needs_rotation(row.sealed):
        return 0
    # Somebody may put in new secrets meanwhile: those are under the newest key already, and must not be undone.
    same = type(row).objects.filter(pk=row.pk, sealed=row.sealed)
    return same.update(sealed=crypto.rotate(row.sealed))
