"""Where people see the tab that an automation writes to."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from sheetsync.conf import settings as conf
from sheetsync.models import Automation

GOOGLE = "https://docs.google.com"


def tab_address(automation: Automation) -> str:
    """At Google, or in an emulator on this machine; of a tab that is still to be made, the spreadsheet's."""
    site = conf.SHEETS_URL if _is_loopback(urlsplit(conf.SHEETS_URL).hostname or "") else GOOGLE
    page = f"{site}/spreadsheets/d/{quote(automation.spreadsheet_id, safe='')}/edit"
    if automation.sheet_id is None:
        return page
    return f"{page}?gid={automation.sheet_id}#gid={automation.sheet_id}"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
