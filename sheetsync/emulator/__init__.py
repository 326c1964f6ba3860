"""A Google Sheets v4 emulator, in process or over HTTP, for tests and for work without a network."""

from sheetsync.emulator.emulator import Emulator
from sheetsync.emulator.errors import ApiError
from sheetsync.emulator.misbehaviour.faults import ConnectionLost
from sheetsync.emulator.misbehaviour.latency import Latency
from sheetsync.emulator.misbehaviour.matching import Matcher
from sheetsync.emulator.misbehaviour.quotas import Quotas
from sheetsync.emulator.misbehaviour.weather import Weather
from sheetsync.emulator.wire import CallRecord, Request, Response

__all__ = [
    "ApiError",
    "CallRecord",
    "ConnectionLost",
    "Emulator",
    "Latency",
    "Matcher",
    "Quotas",
    "Request",
    "Response",
    "Weather",
]
