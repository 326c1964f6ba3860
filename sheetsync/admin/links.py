"""Links that operators hand to people: to let us in at Google or at a shop, for the first time or again.

Each is good once, for some minutes, and shown once. Whoever opens it decides on a page of Google's or of the shop's.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sheetsync import installing, linking
from sheetsync.admin.asking import AskingAct, Here
from sheetsync.admin.careful import ShownOnce
from sheetsync.conf import settings as conf
from sheetsync.errors import BadSource
from sheetsync.installing.storing import OPTION
from sheetsync.linking.consent import Scope
from sheetsync.models import GoogleAccount, InstallState, Source, Tenant

LINK = gettext_lazy("Link")
HINT = gettext_lazy(
    "Send it to the person whose account or shop it is, by a way that others do not read: whoever opens it first "
    "decides what is connected."
)
AGAIN_HINT = gettext_lazy("Send it to its owner. No other account and no other shop can be connected by it.")
SHOPS = tuple(InstallState.Kind)


class HowMuch(forms.Form):
    """What a Google account is asked for."""

    scope = forms.ChoiceField(
        label=gettext_lazy("Access"),
        choices=[
            ("file", gettext_lazy("Spreadsheets that sheetsync makes")),
            ("spreadsheets", gettext_lazy("All spreadsheets of the account")),
        ],
        widget=forms.RadioSelect,
        initial="file",
    )


class WhichShop(forms.Form):
    """A shop that is to be connected."""

    kind = forms.ChoiceField(label=gettext_lazy("Platform"), choices=InstallState.Kind.choices)
    shop = forms.CharField(
        label=gettext_lazy("Shop"),
        max_length=2_000,
        help_text=gettext_lazy("At Shopify its permanent name, your-shop.myshopify.com; at WooCommerce its address."),
    )
    name = forms.CharField(
        label=gettext_lazy("Name of the source"),
        max_length=200,
        help_text=gettext_lazy("A new one, or that of a source of this shop, which is connected again."),
    )


def _shown(what: Any, url: str) -> ShownOnce:
    text = _("%(what)s: this link is good once, for %(minutes)d minutes")
    return ShownOnce.of(text % {"what": what, "minutes": conf.OAUTH_STATE_MINUTES}, url)


def _link_google(tenant: Tenant, scope: Scope, here: Here) -> ShownOnce:
    begun = linking.begin(tenant, redirect_uri=here(reverse("sheetsync:google-callback")), scope=scope)
    return _shown(tenant, begun.url)


def _reconnect_google(account: GoogleAccount, here: Here) -> ShownOnce:
    redirect_uri = here(reverse("sheetsync:google-callback"))
    begun = linking.begin(account.tenant, redirect_uri=redirect_uri, account=account)
    return _shown(account, begun.url)


def _connect_shop(tenant: Tenant, kind: str, shop: str, name: str, here: Here) -> ShownOnce:
    if kind == InstallState.Kind.SHOPIFY:
        callback = here(reverse("sheetsync:shopify-callback"))
        begun = installing.begin_shopify(tenant, shop=shop, name=name, redirect_uri=callback)
    else:
        addresses = {"return_url": "woocommerce-return", "callback_url": "woocommerce-keys"}
        places = {key: here(reverse(f"sheetsync:{place}")) for key, place in addresses.items()}
        begun = installing.begin_woocommerce(tenant, url=shop, name=name, **places)
    return _shown(tenant, begun.url)


def _reconnect_shop(source: Source, here: Here) -> ShownOnce:
    shop = source.config.get(OPTION.get(source.kind)) if isinstance(source.config, dict) else None
    if not isinstance(shop, str):
        raise BadSource(_("%(source)s does not say which shop it is of") % {"source": source})
    return _connect_shop(source.tenant, source.kind, shop, source.name, here)


LINK_GOOGLE = AskingAct(
    name="link_google",
    label=gettext_lazy("Link a Google account"),
    do=_link_google,
    needs="sheetsync.add_googleaccount",
    form=HowMuch,
    addressed=True,
    what=LINK,
    hint=HINT,
)
RECONNECT_GOOGLE = AskingAct(
    name="reconnect_link",
    label=gettext_lazy("Link to connect it again"),
    do=_reconnect_google,
    fits=lambda account: account.kind == GoogleAccount.Kind.OAUTH,
    addressed=True,
    what=LINK,
    hint=AGAIN_HINT,
)
CONNECT_SHOP = AskingAct(
    name="connect_shop",
    label=gettext_lazy("Connect a shop"),
    do=_connect_shop,
    needs="sheetsync.add_source",
    form=WhichShop,
    addressed=True,
    what=LINK,
    hint=HINT,
)
RECONNECT_SHOP = AskingAct(
    name="reconnect_link",
    label=gettext_lazy("Link to connect the shop again"),
    do=_reconnect_shop,
    fits=lambda source: source.kind in SHOPS,
    addressed=True,
    what=LINK,
    hint=AGAIN_HINT,
)
