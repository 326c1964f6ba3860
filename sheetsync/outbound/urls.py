"""What can be told of an address from its text: one strict reading of it, which is the one that is called.

Parsers of URLs disagree about backslashes, tabs, `@`, odd digits and dots, and such a disagreement is how a check is
passed by. So whatever could be read in two ways is refused, and what is called is put together anew from the parts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import NoReturn
from urllib.parse import quote, urljoin

import idna

from sheetsync.conf import HOST_NAME
from sheetsync.errors import AddressRefused
from sheetsync.outbound.addresses import parsed
from sheetsync.outbound.discretion import without_keys
from sheetsync.outbound.rules import Rules

LONGEST = 2_000
PORTS = {"https": 443, "http": 80}

_PARTS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<place>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?")
_PLACE = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]*)(?::(?P<port>[1-9][0-9]{0,4}))?")
_KEPT = "%!$&'()*+,/:;=?@[]~"


@dataclass(frozen=True, slots=True)
class Url:
    """An address in parts: `host` in lower case and punycode, or an IP address without brackets."""

    scheme: str
    host: str
    port: int
    path: str
    query: str | None

    @property
    def origin(self) -> tuple[str, str, int]:
        """What must stay the same for keys to be sent along."""
        return self.scheme, self.host, self.port

    @property
    def site(self) -> str:
        """The origin as text."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == PORTS[self.scheme] else f":{self.port}")

    def __str__(self) -> str:
        return self.site + self.path + ("" if self.query is None else f"?{self.query}")

    def shown(self) -> str:
        """For messages and logs: queries and the paths of webhooks may hold keys."""
        return without_keys(str(self))


def check_url(url: str, *, rules: Rules | None = None, field: str = "url") -> Url:
    """The address, if nothing in its text speaks against calling it. Raises AddressRefused.

    A name says nothing about where it leads: that is checked when it is called, see `connecting`.
    """
    rules = rules or Rules.in_force()
    found = parse(url, field=field)
    address = parsed(found.host)
    allowed = rules.names(found.host) or (address is not None and rules.lists(address))
    if found.scheme == "http" and not rules.http:
        _refuse(field, found.shown(), "is plain http, which shows orders and keys on the way", "give its https address")
    if address is not None and not rules.permit(found.host, address):
        _refuse(field, found.shown(), "is no public address", f"give one, or {_ask(found.host)}")
    if address is None and "." not in found.host and not allowed:
        _refuse(field, found.shown(), "has a host without a dot", f"give its full name, or {_ask(found.host)}")
    if found.port not in rules.ports and not allowed:
        ports = ", ".join(map(str, sorted(rules.ports)))
        _refuse(field, found.shown(), f"names the port {found.port}", f"use one of {ports}, or {_ask(found.host)}")
    return found


def _ask(host: str) -> str:
    return f"ask the operator to put {host!r} into OUTBOUND_ALLOW"


def parse(url: str, *, field: str = "url") -> Url:
    """The parts of an address, whoever it belongs to. Raises AddressRefused for what has more than one reading."""
    known = url if isinstance(url, str) else ""
    if len(known) > LONGEST:
        _refuse(field, roughly(known), f"has {len(known):,} characters", f"give one of at most {LONGEST:,}")
    if not known.isprintable() or any(letter.isspace() or letter == "\\" for letter in known):
        _refuse(
            field, roughly(known), "has a blank, a backslash or an invisible character", "take it out, or write %20"
        )
    if "#" in known:
        _refuse(field, roughly(known), "has a part after #, which is never sent", "take it out")
    match = _PARTS.fullmatch(known)
    if not match or match["scheme"].lower() not in PORTS:
        _refuse(field, roughly(known), "does not begin with https://", "give the whole address")
    scheme = match["scheme"].lower()
    if "@" in match["place"]:
        _refuse(field, roughly(known), "has a user or password in it", "put them into the fields for credentials")
    place = _PLACE.fullmatch(match["place"])
    if not place or int(place["port"] or 1) > 65_535:
        _refuse(field, roughly(known), "has no host and port that can be told apart", "write host or host:port")
    host = _host(place["host"], field, roughly(known))
    query = match["query"]
    return Url(
        scheme,
        host,
        int(place["port"] or PORTS[scheme]),
        quote(match["path"] or "/", safe=_KEPT),
        query if query is None else quote(query, safe=_KEPT),
    )


def _host(text: str, field: str, known: str) -> str:
    if text.startswith("["):
        address = parsed(text[1:-1])
        if not isinstance(address, IPv6Address) or address.scope_id:
            _refuse(field, known, "has no IPv6 address in its brackets", "write one, without a zone")
        return str(address)
    if isinstance(address := parsed(text), IPv4Address):
        return str(address)
    host = text.lower()
    if not host.isascii() or "xn--" in host:
        host = _punycode(host, field, known)
    if host.endswith("."):
        _refuse(field, known, "has a host that ends in a dot", "take the dot out")
    if len(host) > 253 or not HOST_NAME.fullmatch(host):
        _refuse(field, known, "has no usual host", "give a name, or an address as four numbers")
    return host


def _punycode(host: str, field: str, known: str) -> str:
    """As browsers look it up. UTS 46 also makes plain digits and dots of fancy ones: what comes out is looked at again.

    Python's own codec follows the older standard, by which straße.example is strasse.example: somebody else's.
    """
    try:
        return idna.encode(host[:254], uts46=True).decode()
    except idna.IDNAError:
        _refuse(field, known, "has a host that is no international name", "write it as the registrar does")


def same_origin(one: str, other: str) -> bool:
    """Whether scheme, host and port are the same. False where one of them is no address at all."""
    try:
        return parse(one).origin == parse(other).origin
    except AddressRefused:
        return False


def follow(base: Url, link: str, *, field: str = "next") -> Url:
    """The address of a link that a reply from `base` held, which may be relative. Raises AddressRefused.

    It must be of the same origin, because keys are sent along.
    """
    if not link.isprintable() or any(letter.isspace() or letter == "\\" for letter in link):
        _refuse(field, roughly(link), "has a blank, a backslash or an invisible character", "mend it at its source")
    try:
        joined = urljoin(str(base), link)
    except ValueError:
        _refuse(field, roughly(link), "is no link", "mend it at its source")
    found = parse(joined.partition("#")[0], field=field)
    if found.origin != base.origin:
        _refuse(
            field,
            found.shown(),
            f"leads away from {base.site}, and keys are for one place only",
            f"if it is right, give {found.site} as the address to begin with",
        )
    return found


def roughly(url: str) -> str:
    """A text that should be an address, without what may be secret in it: userinfo, query, all that is odd."""
    known = re.split(r"[?#]", url, maxsplit=1)[0]
    known = re.sub(r"^([A-Za-z][A-Za-z0-9+.-]*:)?[/\\]*.*@", r"\1//[secret]@", known, flags=re.DOTALL)
    known = without_keys(known)
    known = known if len(known) <= 100 else known[:100] + "…"
    return "".join(letter if letter.isprintable() else f"<U+{ord(letter):04X}>" for letter in known)


def _refuse(field: str, shown: str, problem: str, remedy: str) -> NoReturn:
    raise AddressRefused(f"{field} '{shown}' {problem}: {remedy}", field=field)
