"""The judge of the race finds what is wrong, and does not blame where it cannot know."""

from __future__ import annotations

from tests.support.judging import Judge, Look

FREE = {1: 9, 2: 9}


def look(worker, at, run=0, tenant=1, priority=0, until=None, **values):
    """A look of one tick, and what was taken is settled at once, or at `until`."""
    end = (at + 1) if until is None else until
    return Look(worker, at, at, at + 0.4, at + 0.5, run, tenant, priority, settling=end, settled=end, **values)


def test_a_run_taken_before_a_more_urgent_one_is_found():
    assert len(Judge([look("a", 1, 1), look("a", 3, 2, tenant=2, priority=5)], FREE).out_of_priority()) == 1


def test_the_more_urgent_one_first_is_right():
    judge = Judge([look("a", 1, 1, priority=5), look("a", 3, 2)], FREE)
    assert judge.out_of_priority() == [] and judge.judged == 1


def test_an_urgent_run_of_a_tenant_without_room_may_wait():
    looks = [look("a", 0, 1, tenant=2, until=5), look("b", 2, 2), look("a", 7, 3, tenant=2, priority=5)]
    assert Judge(looks, {1: 9, 2: 1}).out_of_priority() == []


def test_an_urgent_run_in_anothers_hand_may_wait():
    # The other one looked before, found no room a moment later, and put it back.
    looks = [look("b", 0.9), look("a", 1, 1), look("c", 1.2, 3, tenant=2), look("b", 4, 2, tenant=2, priority=5)]
    assert Judge(looks, {1: 9, 2: 1}).out_of_priority() == []


def test_a_tenant_served_twice_while_another_waits_is_found():
    looks = [look("a", 1, 1), look("b", 3, 2), look("a", 5, 3, tenant=2)]
    assert len(Judge(looks, FREE).out_of_turn()) == 1


def test_tenants_in_turn_are_right():
    looks = [look("a", 1, 1), look("b", 3, 2, tenant=2), look("a", 5, 3), look("a", 7, 4, tenant=2)]
    judge = Judge(looks, FREE)
    assert judge.out_of_turn() == [] and judge.judged == 5


def test_two_who_looked_at_the_same_moment_may_serve_one_tenant_both():
    assert Judge([look("a", 1, 1), look("b", 1.1, 2), look("a", 5, 3, tenant=2)], FREE).out_of_turn() == []


def test_a_younger_run_first_is_found():
    assert len(Judge([look("a", 1, 8), look("a", 3, 7)], FREE).out_of_age()) == 1


def test_too_many_at_once_are_found_by_their_times_and_by_what_was_seen():
    assert len(Judge([look("a", 1, 1, until=9), look("b", 3, 2, until=9)], {1: 1}).too_many_at_once()) == 1
    assert len(Judge([look("a", 1, 1, alongside=2)], {1: 1}).too_many_at_once()) == 1
