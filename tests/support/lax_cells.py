"""Laxities of what a cell holds after a write. See `lax.py`."""

from __future__ import annotations

import unicodedata

from tests.support.lax import LAX, change_texts, makes_a_tab, written


@LAX.requests("texts-arrive-as-texts")
def runs_formulas(call, requests):
    return change_texts(requests, lambda text: {"formulaValue" if text[:1] == "=" else "stringValue": text})


@LAX.requests("texts-arrive-as-texts")
def eats_apostrophes(call, requests):
    return change_texts(requests, lambda text: {"stringValue": text.removeprefix("'")})


@LAX.requests("texts-arrive-as-texts")
def takes_zeros_off_numbers(call, requests):
    def typed(text):
        return {"numberValue": int(text)} if text.isdecimal() and text[0] == "0" else {"stringValue": text}

    return change_texts(requests, typed)


@LAX.requests("spaces-arrive-as-they-are")
def strips_texts(call, requests):
    return change_texts(requests, lambda text: {"stringValue": text.strip(" ")})


@LAX.requests("scripts-arrive-as-they-are")
def normalises_texts(call, requests):
    return change_texts(requests, lambda text: {"stringValue": unicodedata.normalize("NFC", text)})


@LAX.requests("longest-text")
def cuts_texts_that_are_too_long(call, requests):
    return change_texts(requests, lambda text: {"stringValue": text[:50_000]})


@LAX.requests("large-body", "longest-text")
def cuts_texts_after_a_thousand_characters(call, requests):
    return change_texts(requests, lambda text: {"stringValue": text[:1_000]})


@LAX.calls("longest-text")
def counts_bytes_not_characters(call):
    texts = [cell.get("userEnteredValue", {}).get("stringValue", "") for cell in written(call.requests)]
    too_long = any(len(text.encode()) > 50_000 for text in texts)
    return call.refuse("Your input contains more than the maximum of 50000 characters.") if too_long else call.passed()


@LAX.requests("numbers-arrive-exactly")
def rounds_numbers(call, requests):
    for cell in written(requests):
        value = cell.get("userEnteredValue", {})
        if "numberValue" in value:
            value["numberValue"] = float(f"{value['numberValue']:.10g}")
    return requests


@LAX.requests("absent-value-empties")
def leaves_cells_that_get_no_value(call, requests):
    for request in requests:
        body = request.get("updateCells", {})
        if not makes_a_tab(requests) and body.get("rows") and body["rows"][0]["values"][0] == {}:
            del body["rows"][0]["values"][0]
            body["start"]["columnIndex"] += 1
    return requests


@LAX.requests("formats-and-notes-stay")
def loses_notes_in_a_write_of_values(call, requests):
    for request in requests:
        body = request.get("updateCells", {})
        body["fields"] = body["fields"].replace("userEnteredValue", "userEnteredValue,note", 1) if body else ""
        if body["fields"].count("note") > 1:
            body["fields"] = body["fields"].removesuffix(",note")
    return requests
