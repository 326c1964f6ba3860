"""What the options of a source's configuration are called, and what they are for: by kind, in the order of the form."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _


class Words(NamedTuple):
    """`help`: for somebody who never saw it. `choices`: where only these are possible. `main`: not folded away."""

    label: Any
    help: Any = ""
    choices: dict[str, Any] | None = None
    main: bool = False


class KindWords(NamedTuple):
    """A kind of source in words."""

    label: Any
    about: Any
    secrets: Any
    options: dict[str, Words]


OVERLAP = Words(_("Look back (seconds)"), _("How far a run of changes looks back, so that nothing slips through."))

SHOPIFY = KindWords(
    _("Shopify"),
    _("A shop at Shopify, by an app of its own or by this site's."),
    _("Either an access token alone, or the app's client id and secret. Shopify's own settings of the app show them."),
    {
        "shop": Words(_("Shop"), _("Its permanent name, such as your-shop.myshopify.com."), main=True),
        "filter": Words(
            _("Search"),
            _("As above the admin's list of orders, such as financial_status:paid. Left empty, all orders."),
            main=True,
        ),
        "all_orders": Words(
            _("Older than 60 days too"), _("Only where the app has the scope read_all_orders."), main=True
        ),
        "api_version": Words(_("API version"), _("A quarter of a year that Shopify still supports.")),
        "page_size": Words(_("Orders a call"), _("1 to 250. Fewer where Shopify finds that too costly.")),
        "line_page_size": Words(_("Lines that come along"), _("With each order, 1 to 250; others are asked for.")),
        "overlap": OVERLAP,
    },
)
WOOCOMMERCE = KindWords(
    _("WooCommerce"),
    _("A shop made with WordPress and WooCommerce, by keys of its API."),
    _("In WordPress: WooCommerce, Settings, Advanced, REST API, Add key, with the permission Read."),
    {
        "url": Words(_("Address of the shop"), _("As browsers have it, such as https://shop.example."), main=True),
        "status": Words(
            _("Statuses"),
            _("Only orders in these, one a line, such as processing. Left empty, all but trash and drafts."),
            main=True,
        ),
        "fields": Words(_("Fields to ask for"), _("One a line, such as billing.email. Left empty, the usual ones.")),
        "refund_lines": Words(_("Lines of refunds too"), _("One more call for every order that has refunds.")),
        "per_page": Words(_("Orders a call"), _("2 to 100; fewer where the shop is slow.")),
        "rest_route": Words(_("Without pretty permalinks"), _("For shops where /wp-json/ does not work.")),
        "keys_in_query": Words(
            _("Keys in the address"), _("Only for hosts that take the header Authorization away: addresses are logged.")
        ),
    },
)
PAGINATORS = {
    "single_page": _("the list comes whole"),
    "header_link": _("a header Link with rel=next"),
    "json_link": _("an address in the page"),
    "cursor": _("a text in the page, sent as a parameter"),
    "header_cursor": _("a text in a header, sent as a parameter"),
    "page_number": _("page numbers"),
    "offset": _("counting orders"),
}
REST = KindWords(
    _("JSON API"),
    _("Any address that lists orders as JSON."),
    _(
        "One of four ways: a bearer token; a user name and password; or the value of the header or parameter that is "
        "named under “More options”."
    ),
    {
        "url": Words(_("Address of the list"), _("Such as https://shop.example/api/orders."), main=True),
        "items_path": Words(
            _("Where a page keeps its orders"),
            _("A path such as results or data.orders. Left empty, the page is the list."),
            main=True,
        ),
        "id_path": Words(_("What identifies an order"), _("A path inside of the order, such as id."), main=True),
        "lines_path": Words(
            _("Where an order keeps its lines"), _("Such as line_items. Needed for one row per line."), main=True
        ),
        "line_id_path": Words(_("What identifies a line"), _("Left empty, its position."), main=True),
        "paginator": Words(_("How pages follow each other"), choices=PAGINATORS, main=True),
        "params": Words(_("Parameters"), _("Sent with each call of the list.")),
        "headers": Words(_("Headers"), _("Sent with each call. No secrets here: those are further below.")),
        "lines_link_path": Words(_("Link to the lines"), _("Where an order keeps an address of its lines.")),
        "lines_url": Words(_("Address of the lines"), _("With {id} where the order's id belongs.")),
        "lines_items_path": Words(_("Where a page keeps its lines"), _("Left empty, as for orders.")),
        "order_url": Words(_("Address of one order"), _("With {id}. With it webhooks need no whole walk.")),
        "order_path": Words(_("Where that reply keeps it"), _("Left empty, the reply is the order.")),
        "next_path": Words(_("Next: path of the address"), _("For “an address in the page”.")),
        "cursor_path": Words(_("Next: path of the text"), _("For “a text in the page”.")),
        "cursor_header": Words(_("Next: header"), _("For “a text in a header”.")),
        "cursor_param": Words(_("Next: parameter"), _("The name under which that text is sent.")),
        "has_more_path": Words(_("Next: path of “more”"), _("A field that is false on the last page.")),
        "page_param": Words(_("Pages: parameter"), _("For “page numbers”.")),
        "base_page": Words(_("Pages: the first one's number")),
        "offset_param": Words(_("Counting: parameter"), _("For “counting orders”.")),
        "limit_param": Words(_("Orders a page: parameter"), _("Left empty, the page is as long as it likes.")),
        "limit": Words(_("Orders a page"), _("2 to 1,000.")),
        "total_path": Words(_("Path of the number of all orders")),
        "stable_by": Words(
            _("Sorted by"),
            _("For “page numbers” and “counting orders”: the parameters that sort the list by what never changes."),
        ),
        "since_param": Words(_("Changes: parameter"), _("Makes the list hold only what changed since a time.")),
        "since_format": Words(
            _("Changes: how a time is written"), choices={"iso": _("2026-01-31T12:00:00Z"), "unix": _("seconds")}
        ),
        "since_params": Words(_("Changes: more parameters"), _("They go along with it.")),
        "clock_header": Words(_("Changes: header with the shop's time")),
        "updated_path": Words(_("Changes: path of an order's time"), _("Instead of that header.")),
        "overlap": OVERLAP,
        "auth_header": Words(_("Name of the secret header"), _("Such as X-Api-Key; its value is further below.")),
        "auth_param": Words(_("Name of the secret parameter"), _("Likewise, for keys that go into the address.")),
    },
)
FILE = KindWords(
    _("File"),
    _("A file on this server that something else writes: JSON lines, JSON or CSV."),
    "",
    {
        "path": Words(_("Path of the file"), _("On the server, such as /srv/shop/orders.jsonl."), main=True),
        "id_path": Words(_("What identifies an order"), _("A path, or a column's name in CSV."), main=True),
        "lines_path": Words(_("Where an order keeps its lines"), main=True),
        "line_id_path": Words(_("What identifies a line"), _("Left empty, its position."), main=True),
        "format": Words(
            _("Format"),
            _("Where the name's ending does not tell."),
            choices={"": _("as the name says"), "jsonl": _("JSON lines"), "json": _("JSON"), "csv": _("CSV")},
        ),
        "delimiter": Words(
            _("Between columns (CSV)"),
            choices={",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("bar")},
        ),
        "on_bad": Words(
            _("A record that cannot be read"),
            choices={"stop": _("stops the run"), "skip": _("is left out and counted")},
        ),
    },
)
QUERYSET = KindWords(
    _("This site's own database"),
    _("A model of this very site, by Django."),
    "",
    {
        "model": Words(_("Model"), _("Such as shop.Order, or the dotted path of a function."), main=True),
        "fields": Words(
            _("Fields of an order"),
            _("That columns may read, one a line, such as customer.name. Left empty, the model's own plain ones."),
            main=True,
        ),
        "lines": Words(_("Lines"), _("The related name by which an order finds its lines, such as lines."), main=True),
        "line_fields": Words(_("Fields of a line"), _("As those of an order."), main=True),
        "updated": Words(
            _("Time of last change"), _("A field. With it runs can look at changed orders only."), main=True
        ),
        "filters": Words(
            _("Only orders with"), _("Lookups of Django, such as status__in, a list, or paid, yes or no.")
        ),
        "id_field": Words(_("What identifies an order"), _("A unique field.")),
        "line_id_field": Words(_("What identifies a line")),
        "lines_key": Words(_("What lines are called"), _("So that columns can say lines[*].sku.")),
        "ordering": Words(_("Order of the walk"), _("A field; with a minus sign from its end.")),
        "overlap": OVERLAP,
        "chunk": Words(_("Orders a query")),
        "using": Words(_("Database"), _("Where Django's router shall not choose.")),
    },
)
KIND_WORDS = {"shopify": SHOPIFY, "woocommerce": WOOCOMMERCE, "rest": REST, "queryset": QUERYSET, "file": FILE}

CREDENTIALS = {
    "bearer": _("Bearer token"),
    "username": _("User name"),
    "password": _("Password"),
    "header_value": _("Value of the secret header"),
    "param_value": _("Value of the secret parameter"),
    "client_id": _("Client id"),
    "client_secret": _("Client secret"),
    "access_token": _("Access token"),
    "expires_at": _("Access token ends (seconds since 1970)"),
    "refresh_token": _("Refresh token"),
    "refresh_expires_at": _("Refresh token ends (seconds since 1970)"),
    "consumer_key": _("Consumer key"),
    "consumer_secret": _("Consumer secret"),
}
NONE_NEEDED = _("Nothing is needed: the list is sorted so by itself.")
