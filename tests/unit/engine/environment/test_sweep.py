# SPDX-License-Identifier: Apache-2.0
"""The sweep finds by lists alone what needs something."""

import logging
import threading
import time

import pytest

from ephyrad.engine.environment.people import KEPT, Rules
from ephyrad.engine.environment.sweep import EnvironmentSweep
from ephyrad.environment.kinds import Kind
from ephyrad.environment.problems import Cause
from ephyrad.migration.identity import Account, By, Rule
from tests.unit.engine.environment.rig import DATA, Rig, flavor, id_of, image, keypair


def test_what_needs_something_is_found_without_a_notification(made: Rig) -> None:
    made.new.put(made.old.put(flavor("1")))
    lacking = made.old.put(flavor("2"))
    made.engine.sweep.sweep()
    made.new.calls.clear()

    made.run()

    assert made.new.kept(lacking)
    assert made.new.calls.count("show flavor") == 2


def test_what_is_in_step_costs_two_lists(made: Rig) -> None:
    for number in range(20):
        made.carry(made.old.put(flavor(str(number))))
    made.old.calls.clear()
    made.new.calls.clear()

    made.engine.sweep.sweep()
    made.run()

    assert made.old.calls.count("list flavor") == made.new.calls.count("list flavor") == 1
    assert not [call for call in made.new.calls + made.old.calls if call == "show flavor"]


def test_only_kinds_that_are_kept_are_compared(made: Rig) -> None:
    made.allow(kept=frozenset({Kind.FLAVOR}))

    made.engine.sweep.sweep()

    assert made.old.calls == ["list flavor"]


def test_items_are_carried_in_the_order_of_their_kinds(made: Rig) -> None:
    made.old.put(image(), DATA)
    made.old.put(flavor())
    made.engine.sweep.sweep()

    made.run()

    changes = [call for call in made.new.calls if call.startswith("create")]
    assert changes == ["create flavor", "create image"]


def test_a_problem_that_was_told_wakes_nobody(made: Rig) -> None:
    item = made.old.put(flavor())
    made.new.put(flavor(ram=1))
    made.engine.sweep.sweep()
    made.run()

    made.engine.sweep.sweep()

    assert not made.turn()
    standing = (made.engine.standings.of(Kind.FLAVOR).items or {})[id_of(item)]
    assert standing.cause is Cause.CONFLICT


def test_what_the_old_cloud_has_no_more_is_deleted_only_where_the_journal_knows_it(
    made: Rig,
) -> None:
    known, marked = made.old.put(flavor("1")), flavor("2")
    made.carry(known)
    made.new.collections[Kind.FLAVOR].create(marked)
    theirs = made.new.put(flavor("3"))
    made.old.collections[Kind.FLAVOR].kept.clear()
    made.allow(deletions=frozenset({Kind.FLAVOR}))

    made.engine.sweep.sweep()
    made.run()

    assert made.new.kept(known) is None
    assert made.new.kept(marked)
    problem = made.journal.environment.record(id_of(marked)).problem
    assert problem is not None
    assert "the journal does not know it" in problem.reason
    assert made.new.kept(theirs) == theirs


def test_what_the_old_cloud_may_only_hide_is_not_taken_for_deleted(made: Rig) -> None:
    """Who lost the role of an administrator is told that others' images are not there."""
    item, other = made.old.put(flavor()), flavor("8")
    made.carry(item)
    made.old.collections[Kind.FLAVOR].kept.clear()
    made.old.put(other)
    made.old.hides = "Nova of the old cloud: private flavors may be there"
    made.allow(deletions=frozenset({Kind.FLAVOR}))

    made.engine.sweep.sweep()
    made.run()

    assert made.new.kept(other)
    standing = (made.engine.standings.of(Kind.FLAVOR).items or {})[id_of(item)]
    assert (standing.cause, standing.why) == (Cause.UNREACHABLE, made.old.hides)

    made.carry(item, seconds=3600)

    assert made.new.kept(item)
    problem = made.journal.environment.record(id_of(item)).problem
    assert problem is not None
    assert problem.cause is Cause.UNREACHABLE
    assert "private flavors may be there" in problem.reason

    made.old.hides = None
    made.engine.sweep.sweep()
    made.run()

    assert made.new.kept(item) is None


def test_the_keys_of_a_user_who_is_gone_are_not_said_to_be_deleted(
    made: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nova keeps them, and a list of keys has only those of Keystone's users."""
    made.tune(rules=Rules(user=Rule(By.NAME)))
    made.allow(deletions=frozenset({Kind.KEYPAIR}))
    item = made.old.put(keypair("ann"))
    made.old.users_ = made.new.users_ = [Account("ann", "ann", "Default")]
    made.carry(item)
    made.old.users_ = []
    made.clock.advance(KEPT + 1)
    monkeypatch.setattr(made.old.collections[Kind.KEYPAIR], "items", list)

    made.engine.sweep.sweep()
    made.run()

    assert made.new.kept(item)
    looks = made.old.calls.count("show keypair")
    made.engine.sweep.sweep()
    made.run()

    assert made.old.calls.count("show keypair") == looks
    (standing,) = (made.engine.standings.of(Kind.KEYPAIR).items or {}).values()
    assert standing.cause is Cause.OWNER
    assert "the old cloud has no user ann" in standing.why


def test_a_list_that_cannot_be_read_is_told_once_and_other_kinds_go_on(
    made: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    made.old.unreadable.add("list flavor")
    item = made.old.put(image(), DATA)

    for _ in range(2):
        made.engine.sweep.sweep()
    made.run()

    assert made.new.kept(item)
    (said,) = [each.message for each in caplog.records]
    assert said.startswith("flavors cannot be compared: the old cloud: list flavor: HTTP 503;")
    assert "503" in str(made.engine.standings.of(Kind.FLAVOR).error)

    made.old.unreadable.clear()
    made.engine.sweep.sweep()

    assert made.engine.standings.of(Kind.FLAVOR).error is None


def test_what_ephyrad_stumbles_over_in_one_kind_keeps_it_from_no_other(
    made: Rig, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = made.old.put(image(), DATA)
    monkeypatch.setattr(made.old.collections[Kind.FLAVOR], "items", lambda: [None])
    woken, seen = threading.Event(), list[str]()

    def wake(text: str) -> None:
        seen.append(text)
        woken.set()

    sweep = EnvironmentSweep(
        made.engine.comparer,
        made.engine.standings,
        wake,
        policy=lambda: made.tuning.policy,
        interval=lambda: 300.0,
    )

    sweep.start()
    assert woken.wait(10)
    sweep.stop()

    assert seen == [str(id_of(item))]
    assert "flavors failed by an error of ephyrad's own" in caplog.text
    assert "see its log" in str(made.engine.standings.of(Kind.FLAVOR).error)


def test_ten_thousand_keys_in_step_are_compared_in_little_time(made: Rig) -> None:
    accounts = [Account(f"u{number}", f"u{number}", "Default") for number in range(1000)]
    made.old.users_ = made.new.users_ = accounts
    for account in accounts:
        for number in range(10):
            made.new.put(made.old.put(keypair(account.id, f"k{number}")))
    began = time.process_time()

    made.engine.sweep.sweep()

    # Some 0.1 s; what is to be kept out is a second look at each.
    assert time.process_time() - began < 2.0
    assert not made.turn()
