"""A Google Sheets v4 emulator, in process or over HTTP, for tests and for work without a network."""

from .emulator import Emulator
from .errors import ApiError
from .faults import ConnectionLost
from .latency import Latency
from .matching import Matcher
from .quotas import Quotas
from .weather import Weather
from .wire import CallRecord, Request, Response

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
