"""What the operator of this house lets tenants call, and how much one call may cost."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from sheetsync.conf import settings as conf
from sheetsync.outbound.addresses import Address, is_metadata, is_public


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The settings `OUTBOUND_…`, as values."""

    allow: tuple[str | IPv4Network | IPv6Network, ...] = ()
    ports: tuple[int, ...] = (443,)
    http: bool = False
    ca_file: str | None = None
    seconds: float = 60.0
    connect_seconds: float = 10.0
    max_bytes: int = 16_777_216

    @classmethod
    def in_force(cls) -> Rules:
        """As the settings have it now."""
        return cls(
            allow=conf.OUTBOUND_ALLOW,
            ports=conf.OUTBOUND_PORTS,
            http=conf.OUTBOUND_HTTP,
            ca_file=conf.OUTBOUND_CA_FILE,
            seconds=conf.OUTBOUND_SECONDS,
            connect_seconds=conf.CONNECT_TIMEOUT,
            max_bytes=conf.OUTBOUND_MAX_BYTES,
        )

    def names(self, host: str) -> bool:
        """Whether the operator allowed this very name."""
        return host in self.allow

    def lists(self, address: Address) -> bool:
        """Whether the operator allowed the network of this address."""
        return any(address in entry for entry in self.allow if not isinstance(entry, str))

    def permit(self, host: str, address: Address) -> bool:
        """Whether a connection to this address may be made on behalf of this host."""
        if self.lists(address) or is_public(address):
            return True
        return self.names(host) and not is_metadata(address)
