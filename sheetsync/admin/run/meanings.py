"""What the kinds of incidents and warnings mean, in words. The words of a kind itself are for logs and programs."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

INCIDENTS: dict[str, str | Promise] = {
    "cells_edited": _("Cells that sheetsync keeps were edited by hand; they were written again."),
    "columns_displaced": _("A column was moved in the moment of a write. What was hit has been put back."),
    "columns_moved": _("Somebody moved one of our columns. It was found again, and nothing has to be done."),
    "commit_refused": _("Another worker had written first, so nothing was written twice."),
    "reply_lost": _("Google did not answer to a write, which had arrived. It was not sent again."),
    "row_copied": _("Somebody copied a row. The copy is theirs, and is left alone from now on."),
    "row_displaced": _("Rows moved in the moment of a write. The rows that it hit were written again."),
    "rows_moved": _("People moved, added or deleted rows between two writes. They were found again."),
    "wrong_row_deleted": _(
        "Rows moved in the moment of a deletion, and another row went. It is written again; what people wrote beside "
        "it is in the spreadsheet's version history."
    ),
}

WARNINGS: dict[str, str | Promise] = {
    "bad_record": _("Orders that could not be read were left out."),
    "characters_replaced": _("Characters that no cell can hold were replaced."),
    "date_out_of_range": _("Dates that Sheets does not know went in as text."),
    "met_again": _("An order came a second time in one walk; the later version counts."),
    "not_a_boolean": _("Values that are neither true nor false went in as text."),
    "not_a_date": _("Values that are no date went in as text."),
    "not_a_link": _("Values that are no web address went in as text."),
    "not_a_number": _("Values that are no number went in as text."),
    "not_an_integer": _("Values that are no whole number went in as text."),
    "number_out_of_range": _("Numbers too large for Sheets went in as text."),
    "protected_data": _("The shop hides data of its customers from this app."),
    "removal_skipped": _("Records could not be read, so no order was taken for removed."),
    "source_empty": _("The source gave no order at all: more likely a fault than an empty shop. Nothing was removed."),
    "text_cut": _("Texts longer than a cell can hold were cut."),
    "too_many_digits": _("Numbers with more digits than Sheets keeps went in as text."),
    "unwritable": _("Values that cannot be written at all were left out, with a note in their cells."),
}


def of_incident(kind: str) -> str:
    """In words; empty for a kind that a later version brought."""
    return str(INCIDENTS.get(kind, ""))


def of_warning(kind: str) -> str:
    """In words; empty for a kind that a later version brought."""
    return str(WARNINGS.get(kind, ""))
