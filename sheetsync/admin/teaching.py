"""What empty lists say: what would stand there, and how the first one comes. For models without words of their own."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Words(NamedTuple):
    """That there is nothing, and what would make something."""

    title: str | Promise
    text: str | Promise


WORDS: dict[str, Words] = {
    "tenant": Words(
        _("No tenant yet"),
        _(
            "A tenant is one shop. Add it here, or with manage.py create_tenant. Then its page has links to connect "
            "its Google account and its shop, and the code that lets its own programs in."
        ),
    ),
    "source": Words(
        _("No source yet"),
        _(
            "A source says where a tenant's orders are: at Shopify or WooCommerce, behind a JSON API, in a file, or in "
            "this site's own tables. Add one here, or hand the shop's owner a link from the tenant's page."
        ),
    ),
    "googleaccount": Words(
        _("No Google account yet"),
        _(
            "Tabs are written with an account. Add the key of a service account here, or hand the tenant a link from "
            "its page, by which somebody lets us in."
        ),
    ),
    "automation": Words(
        _("No automation yet"),
        _(
            "An automation writes a source's orders to a tab: which orders, which columns, where to, and when. Its "
            "tenant needs a source and a Google account first."
        ),
    ),
    "column": Words(_("No column yet"), _("Columns are made on their automation's page.")),
    "syncattempt": Words(_("No attempt yet"), _("Each try of a run is a row here, with its worker and its error.")),
    "incident": Words(
        _("No incident"),
        _("What people or networks did to a tab while it was written stands here, with how it was put right."),
    ),
    "dirtyorder": Words(
        _("No order waits"), _("Orders that a shop reported stand here until a run has looked at them.")
    ),
    "webhookdelivery": Words(
        _("No webhook came yet"),
        _(
            "Shops report to the addresses on their source's page. What is genuine stands here for some days; what is "
            "not is refused, and leaves nothing."
        ),
    ),
    "privacyrequest": Words(
        _("Nobody asked yet"),
        _("Shops ask to forget a customer or a whole shop, or what is held of one; what came of it stands here."),
    ),
    "apitoken": Words(
        _("No token yet"),
        _("Tenants' programs come in with tokens. The first is given for an install code, made on the tenant's page."),
    ),
    "installcode": Words(
        _("No code yet"), _("Codes are made on their tenant's page. Each is exchanged once for an API token.")
    ),
    "oauthstate": Words(
        _("Nobody was sent to Google yet"), _("Tenants begin by the API, operators by a link from the tenant's page.")
    ),
    "installstate": Words(
        _("Nobody was sent to a shop yet"), _("Tenants begin by the API, operators by a link from the tenant's page.")
    ),
    "idempotencykey": Words(
        _("No answer is kept"), _("Answers to requests with an Idempotency-Key are kept for a day, to be given again.")
    ),
    "auditentry": Words(
        _("Nothing was done yet"), _("Whatever operators and tenants' programs change stands here, with who did it.")
    ),
    "stafftenant": Words(
        _("Nobody is restricted"),
        _("All of the staff see all tenants, as far as their permissions go. Add a tenant for somebody who shall not."),
    ),
    "alert": Words(
        _("Nothing needs anybody"),
        _(
            "When a run fails for good, an account needs its owner, or something about the site is not well for a "
            "while, it stands here until it is over. Whoever is named in ALERT_EMAILS gets mail, and tenants with an "
            "alert endpoint are told of what is theirs."
        ),
    ),
    "alertmessage": Words(
        _("Nothing was told yet"), _("Each mail and each webhook about an alert is a row here, until it has arrived.")
    ),
    "alertendpoint": Words(
        _("No tenant's programs are told of its alerts yet"),
        _(
            "Tenants set that up by the API: PUT alerts/endpoint, with the address to post to. To do it for one of "
            "them, add an endpoint here, and hand over the secret that its page shows once."
        ),
    ),
    "quotabucket": Words(
        _("No call to Google yet"), _("How far accounts have used up what Google allows stands here.")
    ),
    "pulse": Words(
        _("No sign of life"), _("Start manage.py run_scheduler and manage.py run_worker, or a cluster: they show here.")
    ),
    "hour": Words(
        _("No hour yet"), _("The scheduler sums up what ended in each hour, for the numbers of the console.")
    ),
    "totals": Words(_("Nothing counted yet"), _("Counting begins when /metrics is asked for the first time.")),
}


def taught(changes: Any) -> Words | None:
    """For a list that is empty, though nothing is filtered out; None for any other."""
    if changes.result_count or changes.query or changes.has_active_filters:
        return None
    return WORDS.get(changes.opts.model_name)
