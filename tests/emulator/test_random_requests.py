"""Any one request, drawn at random: applied whole, or refused with a reason and nothing changed."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, example, given, settings

from sheetsync.emulator import Emulator
from tests.emulator import invariants
from tests.emulator.dump import dump_all
from tests.emulator.examples import area, furnished
from tests.emulator.random_requests import requests
from tests.emulator.support import Client

TRIALS = int(os.environ.get("SHEETSYNC_TRIALS", "250"))


@settings(max_examples=TRIALS, deadline=None, suppress_health_check=list(HealthCheck))
@given(requests())
@example({"copyPaste": {"source": area(1, 3, 2, 3), "destination": area(5, 0, 6, 3)}})
@example({"copyPaste": {"source": area(1, 0, 1, 3), "destination": area(5, 0, 6, 3)}})
@example({"insertRange": {"range": {}, "shiftDimension": "COLUMNS"}})
@example({"insertRange": {"range": {}, "shiftDimension": "ROWS"}})
def test_any_request_is_applied_whole_or_refused(request: dict[str, Any]) -> None:
    emulator = Emulator()
    client = furnished(Client(emulator, emulator.create_spreadsheet("Shop", rows=10, columns=5, tab="Orders")))
    before = dump_all(emulator)
    response = client.batch(request)
    assert response.status == 200 or dump_all(emulator) == before, response.body
    assert response.status in (200, 400), response.body
    invariants.check(emulator.spreadsheet(client.id))
    assert client.send("GET", "", includeGridData="true").status == 200
