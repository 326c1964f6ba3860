"""A town of people with Google accounts, where nobody gets in without consent."""

from __future__ import annotations

import pytest

from tests.support.consenting import Town, client_settings, settle


@pytest.fixture
def town(world, settings):
    app = settle(world.emulator)
    settings.SHEETSYNC = settings.SHEETSYNC | client_settings(world.url, app)
    return Town(world.emulator, world.url, world.folder, world.key, app=app)


@pytest.fixture
def shop(town, transactional_db):
    return town.shop()


@pytest.fixture
def account(town, shop):
    return town.link(shop)
