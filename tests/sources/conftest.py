"""The tables of models that the demo shop has not."""

from __future__ import annotations

import pytest

from tests.support import odd_models


@pytest.fixture(scope="session")
def odd_tables(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        odd_models.create_tables()
