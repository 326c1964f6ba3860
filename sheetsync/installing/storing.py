"""What an attempt ends with: a source with sealed credentials, or the reason why there is none."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sheetsync import trigger
from sheetsync.errors import AddressRefused, BadSource, LinkRefused, SheetsyncError, ShopDenied
from sheetsync.models import InstallState, Source, Tenant
from sheetsync.models.audit import record
from sheetsync.models.fields import atomic, database_time
from sheetsync.outbound.urls import parse
from sheetsync.pipeline.records import RowsPer
from sheetsync.sources.woocommerce import WooCommerceConfig

log = logging.getLogger(__name__)

OPTION = {InstallState.Kind.SHOPIFY.value: "shop", InstallState.Kind.WOOCOMMERCE.value: "url"}
"""What of a source's configuration says which shop it is."""


class ShopRefused(BadSource):
    """A shop that cannot be connected as asked; `field` is what has to be changed."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class WrongShop(LinkRefused):
    """The answer is of another shop than the one that was to be connected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """An attempt to connect a shop. The browser goes to `url`; `attempt` tells later what became of it."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    attempt: InstallState


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """A source that has what it needs now. `created`: there was none of this name."""

    source: Source
    created: bool


def check_name(tenant: Tenant, kind: str, shop: str, name: str) -> None:
    """Raises ShopRefused where a source of this name is there already, and is another shop's."""
    known = Source.objects.filter(tenant=tenant, name=name).first()
    if known is not None and not is_of(known, kind, shop):
        raise ShopRefused(
            f"You have a source {name!r} already, and it is not of {shop}: choose another name.", field="name"
        )


def is_of(source: Source, kind: str, shop: str) -> bool:
    """Whether the source reads this very shop."""
    known = source.config.get(OPTION[kind]) if isinstance(source.config, dict) else None
    if source.kind != kind or not isinstance(known, str):
        return False
    if kind == InstallState.Kind.SHOPIFY:
        return known.lower() == shop
    return _front_page(known) == _front_page(shop) is not None


@contextmanager
def answered(attempt: InstallState) -> Iterator[None]:
    """Whatever refuses an attempt that was answered is written down with it."""
    try:
        yield
    except SheetsyncError as refusal:
        outcome = refusal.outcome if isinstance(refusal, LinkRefused) else InstallState.Outcome.FAILED.value
        attempt.end(outcome, str(refusal))
        extra = {"action": "install_refused", "install": attempt.pk}
        log.warning("connecting %s: %s", attempt.pk, type(refusal).__name__, extra=extra)
        raise


def connect(attempt: InstallState, credentials: Mapping[str, Any], more: Mapping[str, Any] | None = None) -> Connected:
    """Seal the credentials in the attempt's source, which is made where there is none, with `more` configuration.

    A source that is there keeps its configuration and the secrets of its webhooks, and its runs that the shop let in no
    more go on. Raises WrongShop.
    """
    config = {OPTION[attempt.kind]: attempt.shop, **(more or {})}
    with atomic(Source):
        rows = Source.objects.select_for_update(no_key=True)
        source, created = rows.get_or_create(
            tenant=attempt.tenant, name=attempt.name, defaults={"kind": attempt.kind, "config": config}
        )
        if not is_of(source, attempt.kind, attempt.shop):
            raise WrongShop(f"The name {attempt.name!r} was given to another source meanwhile: start again.")
        source.seal(credentials)
        source.connected_at = database_time(Source)
        source.save(update_fields=["sealed", "connected_at"])
        attempt.end(InstallState.Outcome.LINKED, source=source)
        record("source.connected" if created else "source.reconnected", source)
    trigger.put_back(source.automations.all(), ShopDenied)
    log.info("source %s connected", source.pk, extra={"action": "source_connected", "source": source.pk})
    return Connected(source=source, created=created)


def _front_page(url: str) -> str | None:
    try:
        return str(parse(WooCommerceConfig(url=url, rows_per=RowsPer.ORDER).home))
    except AddressRefused:
        return None
