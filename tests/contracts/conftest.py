"""The contracts' own asserts tell as much as those of a test file."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.contracts.contract", "tests.contracts.over_http")
