"""The misbehaviour of an emulator that is about its callers: weather over their calls, and the end of their tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, cast

from sheetsync.emulator.errors import ApiError
from sheetsync.emulator.misbehaviour.faults import Faults
from sheetsync.emulator.misbehaviour.matching import Match
from sheetsync.emulator.misbehaviour.weather import Weather
from sheetsync.emulator.oauth import Accounts, OAuth
from sheetsync.emulator.oauth.access import Caller
from sheetsync.emulator.people.chance import CHANCES
from sheetsync.emulator.wire import Request

if TYPE_CHECKING:
    pass

if TYPE_CHECKING:
    from sheetsync.emulator.emulator import Emulator


class Misbehaving:
    """What an Emulator can be made to do to those who call it."""

    clock: Callable[[], float]
    faults: Faults
    oauth: OAuth
    _caller: Callable[[Request, float], Caller]
    _expired: set[str]

    @cached_property
    def accounts(self) -> Accounts:
        """Short ways to service accounts; people and OAuth clients are in `oauth`."""
        return Accounts(self.oauth)

    def weather(
        self, seed: int, rates: Mapping[str, float] | None = None, match: Match = "", acts: Iterable[str] = CHANCES
    ) -> Weather:
        """From now on calls meet faults and persons at these rates, as the seed has it; it follows any weather before.

        `rates` are probabilities by name, `weather.RATES`; `acts` are what persons do. Raises ValueError.
        """
        weather = Weather(cast("Emulator", self), seed, rates, match, acts)
        self.faults.weather, before = weather, self.faults.weather
        if before is not None:
            before.stop()
        return weather

    def account_of(self, request: Request) -> str:
        """The account that a call is made for, "" when its token is no good."""
        try:
            return self._caller(request, self.clock()).email
        except ApiError:
            return ""

    def expire_token(self, request: Request) -> None:
        """From now on the token that this call carries is good for nothing."""
        self._expired.add(request.header("Authorization").partition(" ")[2])

    def revoke_grant(self, request: Request) -> None:
        """The token of this call has expired, and there will be no other.

        A person's grant is gone for good; service accounts have none, so there all end, till `accounts.revoked` is
        False again.
        """
        token = self.oauth.live(request.header("Authorization").partition(" ")[2], self.clock())
        self.expire_token(request)
        if token is not None and token.client_id:
            self.oauth.revoke(token.email, token.client_id)
        else:
            self.accounts.revoked = True
