"""The settings: one dict, `SHEETSYNC`, in the host's settings; every key may be left out.

    from sheetsync.conf import settings as conf
    conf.MAX_ROWS_PER_BATCH

Each attribute reads Django's settings when it is asked, so `override_settings` and late configuration work.
Each default stands beside the rule that a given value must obey; `manage.py check` applies all rules.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Generic, TypeVar, overload
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")
FERNET_KEY = re.compile(r"[A-Za-z0-9_-]{43}=")  # 32 bytes in url-safe base64
HOW_TO_MAKE_A_KEY = "`python -m sheetsync genkey` makes a key."
TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{20,}=*")  # as it stands in a header, RFC 6750
DISPATCHERS = ("django_q", "polling", "inline")
LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
HOST_NAME = re.compile(rf"(?!(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)$){LABEL}(?:\.{LABEL})*")
"""Lower case and punycode. One that ends in a number is an address in a form of its own, as 127.1 and 0x7f.1 are."""
MAIL = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+")
DOTTED_PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+")


def count(value: object) -> int:
    """A whole number from 1 up. Raises ValueError with the remedy, as all rules here do."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError("Give a whole number, 1 or more.")
    return value


def seconds(value: object) -> float:
    """A positive, finite number of seconds."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ValueError("Give a number of seconds above 0.")
    return float(value)


def seconds_or_none_at_all(value: object) -> float:
    """A finite number of seconds, 0 for none."""
    return 0.0 if value == 0 and not isinstance(value, bool) else seconds(value)


def count_or_none(value: object) -> int | None:
    """A whole number from 1 up, or None for no limit."""
    try:
        return None if value is None else count(value)
    except ValueError:
        raise ValueError("Give a whole number, 1 or more, or None for no limit.") from None


def rate(value: object) -> float | None:
    """Calls a minute, or None where calls are not to be paced."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ValueError("Give a number of calls a minute above 0, or None for no pacing.")
    return float(value)


def yes_or_no(value: object) -> bool:
    """True or False, and not what is only like one of them."""
    if not isinstance(value, bool):
        raise ValueError("Give True or False.")
    return value


def words(value: object) -> tuple[str, ...]:
    """Names."""
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) and each for each in value):
        raise ValueError('Give a list of names, such as ["file"].')
    return tuple(value)


def bearer_token(value: object) -> str | None:
    """What a caller has to show, or None. Never shown."""
    if value is None:
        return None
    if not isinstance(value, str) or not TOKEN.fullmatch(value):
        raise ValueError("Give a random text of 20 characters or more, letters and digits, or None.")
    return value


def one_word(value: object) -> str | None:
    """A text without spaces, or None. Never shown."""
    if value is None:
        return None
    if not isinstance(value, str) or not value.isprintable() or not value or value.split() != [value]:
        raise ValueError("Give it as it was shown to you, without spaces around it, or None.")
    return value


def one_or_two_words(value: object) -> tuple[str, ...]:
    """Secrets of which the older is still accepted, the newest first: a list, or a text with a comma. Never shown."""
    if value in (None, (), []):
        return ()
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")]
    given = tuple(value) if isinstance(value, list | tuple) else ()
    try:
        found = tuple(filter(None, map(one_word, given)))
    except ValueError:
        found = ()
    if not 0 < len(found) == len(given) <= 2:
        raise ValueError("Give it as it was shown to you, without spaces around it; or two, the newer first; or None.")
    return found


def file_path(value: object) -> str | None:
    """A path as text, or None. A missing file is found when it is opened: images are built without keys."""
    if value is None:
        return None
    if not isinstance(value, str | os.PathLike) or not os.fspath(value):
        raise ValueError("Give the path of a JSON key file, or None.")
    return os.fsdecode(value)


def certificate_file(value: object) -> str | None:
    """Like `file_path`, with another remedy."""
    try:
        return file_path(value)
    except ValueError:
        raise ValueError("Give the path of a file of certificates in PEM format, or None.") from None


def encryption_keys(value: object) -> tuple[str, ...]:
    """Fernet keys, the newest first: a list, or a text with commas, as environments carry it. Never shown."""
    if isinstance(value, str):
        value = [part for part in value.split(",") if part.strip()]
    if not isinstance(value, list | tuple):
        raise ValueError(f"Give a list of keys, newest first. {HOW_TO_MAKE_A_KEY}")
    keys = tuple(key.strip() if isinstance(key, str) else "" for key in value)
    for number, key in enumerate(keys, start=1):
        if not FERNET_KEY.fullmatch(key):
            raise ValueError(f"Number {number} of {len(keys)} is no key. {HOW_TO_MAKE_A_KEY}")
    return keys


def dispatcher(value: object) -> str:
    """How workers learn of a run: one of the names, or the dotted path of a host's own."""
    if not isinstance(value, str) or not (value in DISPATCHERS or DOTTED_PATH.fullmatch(value)):
        raise ValueError(f"Give one of {', '.join(DISPATCHERS)}, or a dotted path such as shop.sync.ring.")
    return value


def addresses_of_people(value: object) -> tuple[str, ...] | None:
    """E-mail addresses, a list or a text with commas; None for those of ADMINS."""
    if value is None:
        return None
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) and MAIL.fullmatch(each) for each in value):
        raise ValueError('Give a list of e-mail addresses, such as ["ops@example.com"], or None for those of ADMINS.')
    return tuple(value)


def allowed_hosts(value: object) -> tuple[str | IPv4Network | IPv6Network, ...]:
    """Host names and networks that tenants may reach though they are not public."""
    if not isinstance(value, list | tuple):
        raise ValueError('Give a list of host names and networks, such as ["shop.internal", "10.1.0.0/16"].')
    return tuple(_host_or_network(entry) for entry in value)


def _host_or_network(entry: object) -> str | IPv4Network | IPv6Network:
    text = entry.strip().lower() if isinstance(entry, str) else ""
    try:
        network = ip_network(text)
    except ValueError as error:
        if len(text) > 253 or not HOST_NAME.fullmatch(text):
            raise ValueError(f"{entry!r} is no host name, without scheme and port, and no network: {error}.") from None
        return text
    if not network.prefixlen:
        raise ValueError(f"{entry!r} is every address there is: name the hosts that are meant.")
    return network


def ports(value: object) -> tuple[int, ...]:
    """TCP ports."""
    numbers = tuple(value) if isinstance(value, list | tuple) else ()
    if not numbers or not all(type(number) is int and 0 < number < 65_536 for number in numbers):
        raise ValueError("Give a list of port numbers, such as [443, 8443].")
    return numbers


def base_url(value: object) -> str:
    """An address without a trailing slash: https, or plain http where it never leaves this machine."""
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        complete = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # urlsplit's own words, about brackets and ports, give no remedy
        complete = False
    if not complete or parts.query or parts.fragment:
        raise ValueError("Give an address such as https://sheets.googleapis.com.")
    if parts.scheme == "http" and not _is_loopback(str(parts.hostname)):
        raise ValueError("Use https; plain http, which shows orders and tokens to the network, is for loopback only.")
    return parts.geturl().rstrip("/")


def base_url_or_none(value: object) -> str | None:
    """Like `base_url`, or None where nobody knows it."""
    return None if value is None else base_url(value)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Setting(Generic[T]):
    """One key of the dict: its default and its rule. Reading it on an instance gives the value in force."""

    def __init__(self, default: T, rule: Callable[[object], T]) -> None:
        self.default = default
        self.rule = rule

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Setting[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object | None, owner: type) -> Setting[T] | T:
        if instance is None:
            return self
        given = given_settings()
        if self.name not in given:
            return self.default
        try:
            return self.rule(given[self.name])
        except ValueError as error:
            raise ImproperlyConfigured(f"SHEETSYNC[{self.name!r}] cannot be used: {error}") from error


def given_settings() -> Mapping[str, object]:
    """The host's dict as it is now, empty where there is none. ImproperlyConfigured if it is no dict."""
    given = getattr(django_settings, "SHEETSYNC", {})
    if not isinstance(given, Mapping):
        raise ImproperlyConfigured("SHEETSYNC must be a dict of settings.")
    return given


class Settings:
    """Every setting there is."""

    SHEETS_URL = Setting("https://sheets.googleapis.com", base_url)
    CREDENTIALS_FILE = Setting[str | None](None, file_path)  # a service account's key

    # The OAuth client by which people link their accounts, from the Google Cloud console.
    GOOGLE_CLIENT_ID = Setting[str | None](None, one_word)
    GOOGLE_CLIENT_SECRET = Setting[str | None](None, one_word)
    GOOGLE_AUTH_URL = Setting("https://accounts.google.com/o/oauth2/v2/auth", base_url)
    GOOGLE_TOKEN_URL = Setting("https://oauth2.googleapis.com/token", base_url)
    GOOGLE_REVOKE_URL = Setting("https://oauth2.googleapis.com/revoke", base_url)
    DRIVE_URL = Setting("https://www.googleapis.com", base_url)
    OAUTH_STATE_MINUTES = Setting(
        10, count
    )  # between the click on "link" and the answer from Google's or a shop's page

    # The app of this site by which shops at Shopify are connected, from Shopify's Dev Dashboard.
    SHOPIFY_CLIENT_ID = Setting[str | None](None, one_word)
    SHOPIFY_CLIENT_SECRET = Setting[tuple[str, ...]]((), one_or_two_words)  # while it is being rotated, both

    ENCRYPTION_KEYS = Setting[tuple[str, ...]]((), encryption_keys)  # for secrets in the database, newest first
    DISPATCH = Setting("django_q", dispatcher)

    CONNECT_TIMEOUT = Setting(10.0, seconds)
    # A call lives at most 180 s at Google. Who hangs up earlier does not know whether a write was applied.
    READ_TIMEOUT = Setting(190.0, seconds)

    # A lease is renewed four times in its length. A killed worker's run goes on when its lease has ended and the
    # scheduler has looked.
    LEASE_SECONDS = Setting(20.0, seconds)
    SLICE_SECONDS = Setting(60.0, seconds)  # how long a run keeps a worker before others may come first
    LONGEST_WAIT_SECONDS = Setting(5.0, seconds)  # for a quota; a run that has to wait longer frees its worker
    SCHEDULER_SECONDS = Setting(1.0, seconds)  # between two looks of the scheduler
    POLL_SECONDS = Setting(0.5, seconds)  # between two looks of a polling worker that found nothing
    RING_AGAIN_SECONDS = Setting(30.0, seconds)  # after which a doorbell that nobody answered is rung again

    MINIMUM_INTERVAL_SECONDS = Setting(300.0, seconds)  # between two times of a schedule
    SPREAD_SECONDS = Setting(300.0, seconds_or_none_at_all)  # over which schedules of the same time are spread
    CATCH_UP_SECONDS = Setting(86_400.0, seconds)  # a time missed for longer than this is not made up for

    API_CALLS_PER_MINUTE = Setting[float | None](600.0, rate)  # of one token
    # Kinds of sources that tenants may set up themselves: those that leave the house through the guarded door.
    TENANT_KINDS = Setting[tuple[str, ...]](("rest", "shopify", "woocommerce"), words)
    WATCH = Setting[tuple[str, ...]]((), words)  # own models whose changed orders are looked at within seconds
    WATCH_ISOLATION = Setting(False, yes_or_no)  # raise where the API asks for more than one tenant's rows: for tests

    # A shop that changes an order three times within this gets one run; the first change is waited for no longer.
    WEBHOOK_DEBOUNCE_SECONDS = Setting(2.0, seconds_or_none_at_all)
    # Of a webhook's body. Shopify's example has 1.1 kB a line; the largest order known here has 1,114 lines.
    WEBHOOK_MAX_BYTES = Setting(4_194_304, count)

    MAX_ATTEMPTS = Setting(5, count)
    RETRY_BASE_SECONDS = Setting(10.0, seconds)
    RETRY_CAP_SECONDS = Setting(900.0, seconds)

    KEEP_COMPLETED_DAYS = Setting(7, count)  # after which finished runs are forgotten
    KEEP_FAILED_DAYS = Setting(90, count)
    KEEP_AUDIT_DAYS = Setting(365, count)
    KEEP_DELIVERIES_DAYS = Setting(7, count)  # for how long a webhook that comes again is known
    KEEP_ANSWERS_HOURS = Setting(24, count)  # for how long a request with an Idempotency-Key is known again
    TOKEN_DAYS = Setting[int | None](365, count_or_none)  # how long an API token lives, and none longer; None: for ever

    LATE_SECONDS = Setting(300.0, seconds)  # after which a ready run, or a due schedule, that waits is worth a warning
    STUCK_SECONDS = Setting(3_600.0, seconds)  # and so is a run that takes longer than this
    # Who is told when something needs a person: see docs/alerts.md.
    ALERT_EMAILS = Setting[tuple[str, ...] | None](None, addresses_of_people)  # None: whom Django's ADMINS names
    ALERT_AFTER_SECONDS = Setting(120.0, seconds)  # for which something about the site is not well before mail is sent
    KEEP_ALERTS_DAYS = Setting(90, count)  # after they ended, with what was sent of them
    SITE_URL = Setting[str | None](None, base_url_or_none)  # of this site, for links in mail: https://sync.example.com

    METRICS_TOKEN = Setting[str | None](None, bearer_token)  # who shows it may read /metrics
    METRICS_PER_AUTOMATION = Setting(False, yes_or_no)  # a series for each automation, with its id

    MAX_GROUPS_PER_BATCH = Setting(300, count)
    MAX_ROWS_PER_BATCH = Setting(1_200, count)
    MAX_BYTES_PER_BATCH = Setting(1_200_000, count)

    # Google allows 60 and 60 a minute per account: with this burst no minute ever sees more than 59.
    READS_PER_MINUTE = Setting[float | None](54.0, rate)
    WRITES_PER_MINUTE = Setting[float | None](54.0, rate)
    BURST = Setting(6, count)
    # And 300 and 300 a minute for all accounts of a project together.
    PROJECT_READS_PER_MINUTE = Setting[float | None](270.0, rate)
    PROJECT_WRITES_PER_MINUTE = Setting[float | None](270.0, rate)
    PROJECT_BURST = Setting(25, count)

    # Addresses that tenants choose: sources and webhooks. Only public ones are called, and those that are allowed here.
    OUTBOUND_ALLOW = Setting[tuple[str | IPv4Network | IPv6Network, ...]]((), allowed_hosts)
    OUTBOUND_PORTS = Setting[tuple[int, ...]]((80, 443, 8000, 8080, 8443), ports)  # an allowed host has all
    OUTBOUND_HTTP = Setting(False, yes_or_no)  # plain http, which shows orders and keys to the network, is called too
    OUTBOUND_CA_FILE = Setting[str | None](None, certificate_file)  # certificates trusted beside the public ones
    OUTBOUND_SECONDS = Setting(60.0, seconds)  # for one call, from looking the host up to the last byte of the reply
    OUTBOUND_MAX_BYTES = Setting(16_777_216, count)  # of a reply's body, unpacked

    def __iter__(self) -> Iterator[Setting[object]]:
        return (item for item in vars(type(self)).values() if isinstance(item, Setting))


settings = Settings()
