"""WooCommerce: the shop asks its owner, sends the keys to us by itself, and the browser back."""

from __future__ import annotations

from django.views.decorators.debug import sensitive_variables

from sheetsync.errors import BadSource, CallRefused, ClientRefused, ConsentDenied
from sheetsync.installing.storing import Begun, Connected, ShopRefused, answered, check_name, connect
from sheetsync.models import InstallState, Tenant
from sheetsync.outbound import check_url
from sheetsync.pipeline.records import RowsPer
from sheetsync.sources.woocommerce import WooCommerceConfig, install

KIND = InstallState.Kind.WOOCOMMERCE
LONGEST_NAME = 100
"""Of an app, as the shop's owner is shown it."""


def begin_woocommerce(tenant: Tenant, *, url: str, name: str, return_url: str, callback_url: str) -> Begun:
    """Begin to connect a shop, as a source of this name, or to connect that source again.

    Raises AddressRefused and ShopRefused naming the field, ClientRefused where this site has no https address.
    """
    home = _home(url)
    check_name(tenant, KIND, home, name)
    attempt, nonce = InstallState.objects.begin(tenant, kind=KIND, shop=home, name=name)
    try:
        authorize = install.authorize_url(home, _app_name(tenant), nonce, return_url, callback_url)
    except (BadSource, CallRefused) as error:  # the shop's address was looked at above: it is one of ours
        attempt.delete()
        raise ClientRefused(
            "Shops send keys to a public https address only, and this site is not called by one: an operator has to "
            "see to it. Until then, make keys in the shop and enter them as the credentials of a source."
        ) from error
    return Begun(url=authorize, state=nonce, attempt=attempt)


@sensitive_variables()
def take_woocommerce_keys(body: bytes) -> Connected:
    """Take the keys that a shop sent; good once, whatever comes of it. Raises BadReply, which tells no value,
    LinkRefused."""
    nonce, keys = install.keys_from(body)
    attempt = InstallState.objects.consume(KIND, nonce)
    with answered(attempt):
        return connect(attempt, {"consumer_key": keys.consumer_key, "consumer_secret": keys.consumer_secret})


def deny_woocommerce(nonce: str) -> None:
    """The shop's owner said no, as the browser tells. Raises LinkRefused, in any case."""
    attempt = InstallState.objects.consume(KIND, nonce)
    with answered(attempt):
        raise ConsentDenied("Access was not allowed on the shop's page, so nothing was connected.")


def _home(url: str) -> str:
    """The address of the shop's front page, which keys may be sent to."""
    home = WooCommerceConfig(url=url, rows_per=RowsPer.ORDER).home
    found = check_url(home, field="url")
    if found.scheme != "https":
        raise ShopRefused(f"url '{found.shown()}' is plain http, and keys go along: give an https address", field="url")
    if found.query is not None:
        raise ShopRefused(
            f"url '{found.shown()}' has a part after ?: give the address of the shop's front page alone", field="url"
        )
    return home


def _app_name(tenant: Tenant) -> str:
    """Whose orders they will be: the shop's owner may have been sent to that page by a stranger."""
    name = "".join(letter if letter.isprintable() else " " for letter in f"sheetsync for {tenant.name}")
    return name[:LONGEST_NAME].strip()
