"""What Google's refusals taught, and what was counted, in plain numbers."""

from __future__ import annotations

import time

from sheetsync.models import QuotaBucket
from tests.admin.pages import page


def test_a_rate_that_was_cut_is_shown_as_far_as_it_has_come_back(operator):
    now = time.time()
    bucket = QuotaBucket.objects.create(
        name="account x write", subject="x", share=0.5, cut_at=now - 600, free_at=now + 90
    )
    text = operator.get(page(bucket)).text
    assert "60%" in text and "calls wait until" in text.lower()


def test_the_totals_are_shown_by_name(shop, operator):
    text = operator.get(page(shop.totals)).text
    assert "attempts failed" in text and "1,234" in text
