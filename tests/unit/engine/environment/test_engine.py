# SPDX-License-Identifier: Apache-2.0
"""Three doors to one road."""

from tests.unit.engine.environment.rig import Rig, flavor, image


def test_a_notification_of_what_is_followed_wakes_it(made: Rig) -> None:
    item = made.old.put(flavor())

    made.tell(item)

    assert made.turn()
    assert made.new.kept(item)


def test_one_of_what_nobody_follows_wakes_nobody(made: Rig) -> None:
    made.allow(kept=frozenset())

    made.tell(made.old.put(flavor()))

    assert not made.turn()


def test_at_the_start_what_waits_in_the_inbox_is_taken_up(made: Rig) -> None:
    item = made.old.put(flavor())
    made.tell(item)
    again = made.restarted()

    again.engine.take_up()
    again.run()

    assert again.new.kept(item)
    again.journal.close()


def test_more_uploads_are_heeded_at_once(made: Rig) -> None:
    made.tune(uploads=0)
    item = made.old.put(image("1f", b"bytes"), b"bytes")
    made.carry(item)
    assert not made.turn()

    made.tune(uploads=1)
    made.engine.retuned()
    made.run()

    assert made.kinds_of_entries(item)[-1] == "in-step"


def test_its_threads_start_and_stop(made: Rig) -> None:
    made.allow(kept=frozenset())
    made.engine.start()

    assert made.engine.alive()
    made.engine.stop()
