"""Every request the writer sends is one that Google's own discovery document describes."""

import importlib.resources
import json
import re

import pytest
from jsonschema import Draft202012Validator

from sheetsync.pipeline.records import HandEdits, Removed, RowsPer
from tests.support.wiring import COLUMNS, LINE_COLUMNS, SHEET, a_tab, orders_of, run_export


def schema_of(part):
    """A discovery schema as JSON Schema: closed objects, one kind per request, int64 as text or number."""
    if "$ref" in part:
        return {"$ref": "#/$defs/" + part["$ref"]}
    match part.get("type"):
        case "object":
            extra = part.get("additionalProperties")
            fields = {name: schema_of(field) for name, field in part.get("properties", {}).items()}
            return {
                "type": "object",
                "properties": fields,
                "additionalProperties": schema_of(extra) if extra else False,
            }
        case "array":
            return {"type": "array", "items": schema_of(part["items"])}
        case "string" if "enum" in part:
            return {"enum": part["enum"]}
        case "string":
            return {"type": ["string", "integer"] if "int64" in part.get("format", "") else "string"}
        case "integer":
            return {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1}
        case "any":
            return {}
        case kind:
            return {"type": kind}


class Discovery:
    """Google's description of the Sheets API, from the package that ships it."""

    def __init__(self):
        documents = importlib.resources.files("googleapiclient") / "discovery_cache" / "documents"
        self.document = json.loads((documents / "sheets.v4.json").read_text())
        self.schemas = {name: schema_of(part) for name, part in self.document["schemas"].items()}
        self.schemas["Request"] |= {"minProperties": 1, "maxProperties": 1}
        self.methods = list(self._methods(self.document))

    def _methods(self, resource):
        yield from resource.get("methods", {}).values()
        for child in resource.get("resources", {}).values():
            yield from self._methods(child)

    def problems(self, method, path, query, body):
        """What is wrong with one request; nothing for a good one."""
        found = next((each for each in self.methods if each["httpMethod"] == method and self._fits(each, path)), None)
        if found is None:
            return [f"no such method: {method} {path}"]
        known = self.document["parameters"].keys() | found.get("parameters", {}).keys()
        unknown = [f"unknown parameter {name}" for name, _ in query if name not in known]
        if "request" not in found:
            return unknown + (["a body where none belongs"] if body else [])
        schema = {"$ref": "#/$defs/" + found["request"]["$ref"], "$defs": self.schemas}
        return unknown + [error.message[:200] for error in Draft202012Validator(schema).iter_errors(body)]

    def _fits(self, method, path):
        pattern = re.sub(r"\\{\w+\\}", "[^/:]+", re.escape(method.get("flatPath", method["path"])))
        return re.fullmatch(pattern, path.lstrip("/"))


@pytest.fixture(scope="module")
def discovery():
    return Discovery()


@pytest.fixture
def problems(emulator, discovery):
    """Everything wrong with what was sent since the test began."""
    emulator.record = True
    return lambda: [
        problem
        for method, path, query, body in emulator.requests
        for problem in discovery.problems(method, path, query, body)
    ]


def test_a_first_export_sends_only_valid_requests(client, book, problems):
    run_export(client, book, orders_of("1", "2"))
    assert problems() == []


@pytest.mark.parametrize("removed", list(Removed))
def test_updates_and_removals_send_only_valid_requests(client, book, problems, removed):
    for orders in (orders_of("1", "2"), orders_of("2", customer=None), orders_of("1", "2", "3")):
        run_export(client, book, orders, removed=removed, hand_edits=HandEdits.REPAIR)
    assert problems() == []


def test_changed_columns_send_only_valid_requests(client, book, problems):
    lines = [{"id": "1", "lines": [{"id": "1", "sku": "a", "qty": 2}]}]
    run_export(client, book, orders_of("1"), columns=COLUMNS)
    run_export(client, book, lines, columns=LINE_COLUMNS, rows_per=RowsPer.LINE)
    run_export(client, book, orders_of("1"), columns=COLUMNS[::-1])
    assert problems() == []


def test_taking_over_an_empty_tab_sends_only_valid_requests(client, book, problems):
    run_export(client, book, orders_of("1"), tab=a_tab(client, book, title="Sheet1"))
    assert problems() == []


def test_putting_back_what_a_moved_column_cost_sends_only_valid_requests(emulator, client, book, problems):
    run_export(client, book, orders_of("1", "2"))
    sheet = emulator.spreadsheet(book).sheet(id=SHEET)
    emulator.person.insert_column(sheet, 5)
    emulator.person.type_text(sheet, 1, 5, "note")
    emulator.faults.add("before", ":batchUpdate", call=lambda _: emulator.person.move_column(sheet, 5, 3))
    run_export(client, book, orders_of("1", "2", customer="new"))
    emulator.person.insert_rows(sheet, 1)
    emulator.person.copy_row(sheet, 2, 1)
    run_export(client, book, orders_of("1", "2"))
    assert problems() == []


def test_the_check_itself_notices_a_wrong_request(emulator, client, book, discovery):
    body = {"requests": [{"updateCells": {"rowz": []}}]}
    assert discovery.problems("POST", f"/v4/spreadsheets/{book}:batchUpdate", [], body)
