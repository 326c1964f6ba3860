"""Rows to claim, with no spreadsheet behind them, and nobody who is told of them."""

from __future__ import annotations

import pytest

from tests.support.making import Maker


@pytest.fixture
def make(settings):
    """make.tenant(), make.automation(tenant)."""
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": "polling"}
    return Maker()
