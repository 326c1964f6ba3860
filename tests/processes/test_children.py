"""Nothing that a test starts is left behind, whatever became of it."""

from __future__ import annotations

import pytest

from tests.support.processes import Children, until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PARENT = "import subprocess, time; subprocess.Popen(['sleep', '600']); print('ready', flush=True); time.sleep(600)"


@pytest.mark.parametrize("fate", ["kill", "freeze", "end"])
def test_a_child_is_gone_with_its_own_children_when_its_test_is_over(child_environment, tmp_path, fate):
    with Children(child_environment, tmp_path) as children:
        child = children.python(PARENT)
        child.says("ready")
        assert len(child.family()) == 2
        getattr(child, fate)()
    assert not child.family()


def test_a_child_that_ends_too_early_is_shown_with_what_it_said(child_environment, tmp_path):
    with Children(child_environment, tmp_path) as children, pytest.raises(AssertionError, match="ZeroDivisionError"):
        children.python("1 / 0").says("ready")


def test_waiting_in_vain_says_for_what():
    with pytest.raises(AssertionError, match="in vain: a miracle"):
        until(lambda: False, "a miracle", seconds=0.1)
