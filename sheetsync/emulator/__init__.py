"""A Google Sheets v4 emulator, in process or over HTTP, for tests and for work without a network."""

from .emulator import Emulator
from .errors import ApiError
from .faults import ConnectionLost
from .quotas import Quotas
from .wire import CallRecord, Request, Response

__all__ = ["ApiError", "CallRecord", "ConnectionLost", "Emulator", "Quotas", "Request", "Response"]
