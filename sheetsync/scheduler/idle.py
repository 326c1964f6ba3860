"""Credentials that end when nobody uses them are renewed in time, so that a source may rest for months."""

from __future__ import annotations

import logging
from datetime import timedelta

from sheetsync.errors import SheetsyncError
from sheetsync.models import Source

log = logging.getLogger(__name__)

AGAIN = timedelta(days=1)
"""After a renewal that came to nothing. Half of their life is left then, which is some forty days at Shopify."""
MOST = 20


def freshen() -> int:
    """Renew what is due. -> how many were tried. Any number of schedulers may do this: each source is one's at a time.

    Not part of a look at the clock, which would wait for shops.
    """
    tried = 0
    while tried < MOST and (source := Source.objects.claim_idle(AGAIN)) is not None:
        tried += 1
        _freshen(source)
    return tried


def _freshen(source: Source) -> None:
    try:
        source.freshen()
    except SheetsyncError as error:
        extra = {"action": "not_renewed", "source": source.pk}
        log.warning("source %s: its credentials were not renewed: %s", source.pk, error, extra=extra)
    else:
        log.info("source %s: its credentials were renewed", source.pk, extra={"action": "renewed", "source": source.pk})
