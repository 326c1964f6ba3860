"""The secrets by which webhooks are known: up to two of a platform, so that one follows the last without a gap.

They are sealed beside the source's credentials, in a member of their own. Of what is shown once, such as the address of
unsigned hints, only a digest is kept.
"""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from collections.abc import Callable, Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from sheetsync.errors import BadSource
from sheetsync.models import shown_once

MEMBER = "@webhooks"
"""Of what is sealed in a source. No kind's credentials have such a name: it is no name of a dataclass's field."""
MOST = 2

STANDARD_PREFIX = "whsec_"
HINT_PREFIX = "ssw_"
LONGEST, SHORTEST = 200, 6


class Platform(models.TextChoices):
    """How a delivery shows that it is genuine."""

    SHOPIFY = "shopify", _("Shopify")
    WOOCOMMERCE = "woocommerce", _("WooCommerce")
    STANDARD = "standard", _("Standard Webhooks")
    HINT = "hint", _("unsigned hints")


def standard_key(secret: str) -> bytes:
    """The bytes that sign, of `whsec_…`. Raises ValueError for what the specification does not allow."""
    try:
        key = b64decode(secret.removeprefix(STANDARD_PREFIX).encode("ascii"), validate=True)
    except (NoBase64, UnicodeEncodeError) as error:
        raise ValueError("it is no base64") from error
    if not 24 <= len(key) <= 64:
        raise ValueError(f"it has {len(key)} bytes, and may have 24 to 64")
    return key


def new_secret(platform: str, given: str | None) -> str:
    """What signs from now on: `given`, or one that is made here. Raises BadSource, which tells no secret."""
    if given is None:
        if platform not in _MADE:
            raise BadSource(f"webhook secret of {platform}: {Platform(platform).label} makes it: enter that one")
        return _MADE[platform]()
    if platform == Platform.HINT:
        raise BadSource("webhook secret of hint: it is made here, leave it out")
    if not SHORTEST <= len(given) <= LONGEST or not given.isprintable() or given.strip() != given:
        what = f"{SHORTEST} to {LONGEST} printable characters, without spaces around them"
        raise BadSource(f"webhook secret of {platform} [hidden]: write {what}")
    if platform == Platform.STANDARD:
        _check_standard(given)
    return given


def kept(platform: str, secret: str) -> str:
    """What is sealed of it."""
    return shown_once.digest_of(secret) if platform == Platform.HINT else secret


def of(opened: Mapping[str, Any]) -> dict[str, list[str]]:
    """{platform: its secrets, the newest first}, out of what was sealed in a source."""
    return {name: list(found) for name, found in opened.get(MEMBER, {}).items()}


def _check_standard(secret: str) -> None:
    try:
        standard_key(secret)
    except ValueError as error:
        raise BadSource(f"webhook secret of standard [hidden]: {error}: write whsec_ and base64") from error


def _standard() -> str:
    return STANDARD_PREFIX + b64encode(secrets.token_bytes(32)).decode()


_MADE: dict[str, Callable[[], str]] = {
    Platform.WOOCOMMERCE: lambda: secrets.token_urlsafe(32),
    Platform.STANDARD: _standard,
    Platform.HINT: lambda: shown_once.new_text(HINT_PREFIX),
}
