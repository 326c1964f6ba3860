"""batchUpdate kind setDataValidation."""

from __future__ import annotations

from sheetsync.emulator.batch.batching import Batch, Json
from sheetsync.emulator.batch.conditions import rule_of

RULE = "dataValidation"


def set_data_validation(batch: Batch, body: Json) -> None:
    """Keep a rule on every cell of the range, or clear it there when none is given.

    The rule is shown and not enforced: no document says that writes through the API are checked against it.
    """
    sheet, rect = batch.editable(body.get("range") or {})
    rule = rule_of(body["rule"]) if body.get("rule") else None
    for index in range(rect.top, rect.bottom):
        if rule is None and sheet.rows[index] is None:
            continue
        row = sheet.writable(index)
        extras = dict(row.extras or {})
        for column in range(rect.left, rect.right):
            kept = {name: item for name, item in extras.get(column, {}).items() if name != RULE}
            extras[column] = kept if rule is None else {**kept, RULE: rule}
        row.extras = {column: extra for column, extra in extras.items() if extra} or None
