"""What came in, and what a platform has to say about it."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property
from typing import Any

from sheetsync.models import Source
from sheetsync.outbound import parse_json

LONGEST_HEADER = 4_096
LONGEST_ID = 512
EARLIEST = datetime(1971, 1, 1, tzinfo=UTC)
AHEAD = timedelta(minutes=5)
"""How far a shop's clock may be ahead of ours."""

_CLEAN = re.compile(r"[!-~]{1,200}")


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One request. `capability`: what its address holds, where that is all that shows where it comes from. `order_at`:
    where the body says which order it is about, where the address tells."""

    headers: Mapping[str, str]
    body: bytes
    capability: str = ""
    order_at: str = ""

    def header(self, name: str) -> str:
        """Empty where there is none, or one that nobody needs as long."""
        found = self.headers.get(name, "")
        return found if len(found) <= LONGEST_HEADER else ""

    def word(self, name: str) -> str:
        """A header that is one word of ASCII; empty for any other."""
        found = self.header(name)
        return found if _CLEAN.fullmatch(found) else ""

    @cached_property
    def digest(self) -> str:
        """Of the body."""
        return hashlib.sha256(self.body).hexdigest()

    @cached_property
    def payload(self) -> Any:
        """The body as JSON, ids to their last digit; None where it is none, or has two readings."""
        try:
            return parse_json(self.body.decode())
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """How one platform reports.

    `is_genuine(delivery, secrets)`: whether one of these signed it. `decoy`: a secret of its kind that nobody has, for
    sources that do not exist. `belongs(delivery, source)`: whether it is about this source's shop. `key`: the same for
    the same delivery. `changed_at`: when its order was changed, by the shop's clock. `is_ping`: asks only whether
    anybody is here, and shows nothing. `repeatable`: the same body may be sent for another change.
    """

    name: str
    decoy: str
    is_genuine: Callable[[Delivery, Sequence[str]], bool]
    key: Callable[[Delivery], str]
    topic: Callable[[Delivery], str]
    order_id: Callable[[Delivery], str | None]
    belongs: Callable[[Delivery, Source], bool] = lambda delivery, source: True
    secrets: Callable[[Source], Sequence[str]] | None = None
    changed_at: Callable[[Delivery], datetime | None] = lambda delivery: None
    is_ping: Callable[[Delivery], bool] = lambda delivery: False
    repeatable: bool = False

    def secrets_of(self, source: Source) -> Sequence[str]:
        """Those that are accepted now. Raises CannotDecrypt."""
        return self.secrets(source) if self.secrets else source.webhook_secrets(self.name)


def signature_of(key: bytes, signed: bytes) -> bytes:
    """HMAC-SHA256, as it stands in a header."""
    return b64encode(hmac.digest(key, signed, "sha256"))


def same(ours: bytes, theirs: str) -> bool:
    """Compared in a time that tells nothing, as texts: another spelling of the same bytes is none."""
    return hmac.compare_digest(ours, theirs.encode(errors="replace"))


def composed(*parts: str) -> str:
    """One key of several texts, however long, of which none can be shifted into its neighbour."""
    return hashlib.sha256("\n".join(f"{len(part)}:{part}" for part in parts).encode(errors="replace")).hexdigest()


def id_in(value: Any) -> str | None:
    """An id as text; None for what cannot be one."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID or not value.isprintable():
        return None
    return value


def number_in(value: Any) -> str | None:
    """An id of a platform whose orders have numbers."""
    found = id_in(value)
    return found if found and re.fullmatch(r"[1-9][0-9]{0,19}", found) else None


def time_in(value: Any, zone: tzinfo | None = None) -> datetime | None:
    """A time as text; None for what is none, or too far ahead to be one. `zone`: of one that names none."""
    try:
        found = datetime.fromisoformat(value[:40]) if isinstance(value, str) else None
    except ValueError:
        return None
    if found is None or (found.tzinfo is None and zone is None):
        return None
    found = found if found.tzinfo else found.replace(tzinfo=zone)
    return found if EARLIEST < found < datetime.now(UTC) + AHEAD else None


def member(payload: Any, path: str) -> Any:
    """What stands at `data.order.id`; None where nothing does."""
    for name in path.split("."):
        payload = payload.get(name) if isinstance(payload, dict) else None
    return payload
