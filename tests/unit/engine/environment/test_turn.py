# SPDX-License-Identifier: Apache-2.0
"""An item's turn: the order of intent, effect and outcome, and what it does about trouble."""

import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ephyrad.engine.environment.people import KEPT, Rules
from ephyrad.engine.environment.uploads import Upload
from ephyrad.engine.turn import Queued, Waiting
from ephyrad.environment.entries import Asked, Intended
from ephyrad.environment.kinds import Kind
from ephyrad.environment.policy import EnvironmentPolicy
from ephyrad.environment.problems import Cause
from ephyrad.migration.identity import Account, By, Rule
from ephyrad.migration.outcomes import Refused, Unknown, Unreachable
from tests.harness.disk import FULL, disk
from tests.unit.engine.environment.rig import (
    DATA,
    Rig,
    flavor,
    id_of,
    image,
    keypair,
    rig,
    template,
)


def test_what_the_new_cloud_lacks_is_made_and_seen_there(made: Rig) -> None:
    item = made.old.put(flavor())

    made.carry(item)

    found = made.new.kept(item)
    assert found is not None
    assert (found.fields, found.mark) == (item.fields, item.digest)
    assert made.kinds_of_entries(item) == ["intent", "outcome", "in-step"]


def test_the_intent_is_durable_before_the_effect(made: Rig) -> None:
    item = made.old.put(flavor())
    before: list[object] = []

    def look(_: str) -> None:
        before.extend(entry for _, entry in made.journal.environment.history(id_of(item)))

    made.new.around = look
    made.carry(item)

    assert isinstance(before[0], Intended)


def test_what_is_equal_already_is_not_written_about(made: Rig) -> None:
    item = made.old.put(flavor())
    made.new.put(item)

    made.carry(item)

    assert made.kinds_of_entries(item) == []
    assert not [call for call in made.new.calls if not call.startswith("show")]


def test_an_image_gets_its_record_then_its_bytes_then_the_rest(made: Rig) -> None:
    item = made.old.put(image(), DATA)

    made.carry(item)

    assert made.new.images is not None
    assert made.new.images.data["1f"] == DATA
    found = made.new.kept(item)
    assert found is not None
    assert found.fields == item.fields
    changes = [call for call in made.new.calls if not call.startswith("show")]
    assert changes == ["create image", "upload image", "amend image"]
    assert made.engine.uploads.under_way() == []
    assert made.engine.uploads.carried == len(DATA)


def test_an_upload_under_way_says_how_far_it_is(made: Rig) -> None:
    item = made.old.put(image(), DATA)
    seen: list[Upload] = []

    def look(call: str) -> None:
        if call == "after upload image":
            seen.extend(made.engine.uploads.under_way())

    made.new.around = look
    made.carry(item)

    (upload,) = seen
    assert (upload.item, upload.size, upload.carried) == (id_of(item), len(DATA), len(DATA))


def test_nothing_is_done_to_what_nobody_asked_for(made: Rig) -> None:
    made.allow(kept=frozenset({Kind.IMAGE}))
    item = made.old.put(flavor())
    made.tell(item)

    made.carry(item)

    assert made.new.calls == []
    assert made.journal.environment.items_in_inbox() == ()


def test_what_somebody_asked_for_is_carried_once(made: Rig) -> None:
    made.allow(kept=frozenset())
    item = made.old.put(flavor())
    made.journal.environment.append_each([(id_of(item), Asked(made.clock.now(), "ann"))])
    made.carry(item)
    made.old.put(flavor(ram=128))
    made.carry(item)

    found = made.new.kept(item)
    assert found is not None
    assert found.fields == {"ram": 64}


def test_a_notification_is_dealt_with_in_the_same_commit(made: Rig) -> None:
    item = made.old.put(flavor())
    made.tell(item)

    made.run()

    assert made.new.kept(item)
    assert made.journal.environment.items_in_inbox() == ()


def test_a_lost_answer_is_looked_for_and_nothing_done_twice(made: Rig) -> None:
    item = made.old.put(flavor())
    made.new.lost.append("create flavor")

    made.carry(item, seconds=600)

    assert made.new.calls.count("create flavor") == 1
    assert made.kinds_of_entries(item) == ["intent", "outcome", "in-step"]


def test_a_change_of_ours_follows_the_old_clouds(made: Rig) -> None:
    item = made.old.put(flavor())
    made.carry(item)
    changed = made.old.put(flavor(ram=128))

    made.carry(changed)

    found = made.new.kept(changed)
    assert found is not None
    assert (found.fields, found.mark) == (changed.fields, changed.digest)


def test_what_is_refused_is_said_once_and_tried_again_after_an_hour(made: Rig) -> None:
    item = made.old.put(flavor())
    made.new.fails["create flavor"] = [Refused(403, "quota")] * 2

    made.carry(item, seconds=3000)
    record = made.journal.environment.record(id_of(item))
    assert record.problem is not None
    assert record.problem.cause is Cause.REFUSED
    assert made.kinds_of_entries(item) == ["intent", "outcome", "trouble"]

    made.run(8000)

    assert made.kinds_of_entries(item)[-1] == "in-step"
    assert made.new.calls.count("create flavor") == 3


def test_what_was_refused_is_not_tried_again_once_its_kind_is_not_kept(made: Rig) -> None:
    item = made.old.put(flavor())
    made.carry(item)
    made.old.put(flavor(ram=128))
    made.new.fails["amend flavor"].append(Refused(403, "Forbidden"))
    made.carry(item)
    made.allow(kept=frozenset())

    made.run(7200)
    made.engine.take_up()
    made.run(7200)

    assert made.new.calls.count("amend flavor") == 1
    assert made.new.kept(item) == replace(item, mark=item.digest)


def test_what_was_begun_is_ended_though_its_kind_is_not_kept_any_more(made: Rig) -> None:
    item = made.old.put(flavor())
    made.carry(item)
    made.old.put(flavor(ram=128))
    made.new.fails["amend flavor"].append(Unknown("timed out"))
    made.carry(item)
    made.allow(kept=frozenset())

    made.run(7200)

    assert made.new.calls.count("amend flavor") == 2
    found = made.new.kept(item)
    assert found is not None
    assert found.fields == {"ram": 128}


def test_a_busy_cloud_is_tried_again(made: Rig) -> None:
    item = made.old.put(flavor())
    made.new.fails["create flavor"] = [Unreachable("HTTP 503")] * 3

    made.carry(item, seconds=60)

    assert made.new.kept(item)
    assert made.journal.environment.record(id_of(item)).problem is None


def test_another_item_in_its_place_is_reported_and_left_alone(made: Rig) -> None:
    item = made.old.put(flavor())
    theirs = made.new.put(flavor(ram=1))

    made.carry(item)
    made.carry(item)

    assert made.new.kept(item) == theirs
    assert made.kinds_of_entries(item) == ["trouble"]


def test_a_key_whose_owner_is_nobody_waits_for_the_owner(made: Rig) -> None:
    item = made.old.put(keypair("ann-old"))
    made.old.users_ = [Account("ann-old", "ann", "Default")]
    made.carry(item)
    record = made.journal.environment.record(id_of(item))
    assert record.problem is not None
    assert record.problem.cause is Cause.OWNER

    made.new.users_ = [Account("ann-old", "ann", "Default")]
    made.clock.advance(10)
    made.carry(item)

    assert made.new.kept(item)


def test_the_keys_of_a_user_who_was_made_anew_are_carried_again(made: Rig) -> None:
    """The new cloud deleted and made the user: the id is another one, and nobody deleted a key."""
    made.tune(rules=Rules(user=Rule(By.NAME)))
    item = made.old.put(keypair("ann-old"))
    made.old.users_ = [Account("ann-old", "ann", "Default")]
    made.new.users_ = [Account("ann-1", "ann", "Default")]
    made.carry(item)
    made.new.users_ = [Account("ann-2", "ann", "Default")]
    made.clock.advance(KEPT + 1)

    for _ in range(2):
        made.carry(item)

    assert made.new.kept(keypair("ann-2"))
    assert made.new.calls.count("create keypair") == 2
    record = made.journal.environment.record(id_of(item))
    assert (record.problem, record.new_key) == (None, "ann-2/laptop")


def test_an_image_waits_for_its_kernel(made: Rig) -> None:
    kernel = image("k", b"kernel")
    item = made.old.put(image(properties={"kernel_id": "k"}), DATA)
    made.carry(item)
    assert made.new.kept(item) is None

    made.old.put(kernel, b"kernel")
    made.carry(kernel, seconds=10)

    assert made.kinds_of_entries(item)[-1] == "in-step"


def test_an_image_whose_kernel_cannot_be_carried_says_so(made: Rig) -> None:
    kernel = made.old.put(image("k", b"kernel"), b"other bytes")
    item = made.old.put(image(properties={"kernel_id": "k"}), DATA)

    made.carry(kernel, item, seconds=300)

    assert made.journal.environment.record(id_of(kernel)).pending
    problem = made.journal.environment.record(id_of(item)).problem
    assert problem is not None
    assert problem.cause is Cause.MISSING


def test_an_image_that_waits_for_its_kernel_looks_for_it_seldom_and_goes_on_at_once(
    made: Rig,
) -> None:
    item = made.old.put(image(properties={"kernel_id": "k"}), DATA)
    made.carry(item, seconds=600)
    looks = made.new.calls.count("show image")
    kernel = made.old.put(image("k", b"kernel"), b"kernel")

    made.carry(kernel)

    # Each look shows the image and its kernel.
    assert looks <= 12
    assert made.kinds_of_entries(item)[-1] == "in-step"


@pytest.mark.parametrize("count", [2, 3])
def test_templates_that_swap_their_names_come_by_them(made: Rig, count: int) -> None:
    keys = [f"{number}-a" for number in range(count)]
    made.carry(*(made.old.put(template(key, f"CUSTOM_{key[0]}")) for key in keys))
    swapped = [template(key, f"CUSTOM_{(int(key[0]) + 1) % count}") for key in keys]
    for each in swapped:
        made.old.put(each)

    made.carry(*swapped, seconds=120)

    for each in swapped:
        found = made.new.kept(each)
        assert found is not None
        assert (found.name, found.mark) == (each.name, each.digest)


def test_a_template_whose_name_people_use_is_not_called_otherwise(made: Rig) -> None:
    item = made.old.put(template("1-a", "CUSTOM_X"))
    made.carry(item)
    made.new.put(template("2-a", "CUSTOM_Y"))
    made.old.put(template("1-a", "CUSTOM_Y"))

    made.carry(item, seconds=600)

    found = made.new.kept(item)
    assert found is not None
    assert found.name == "CUSTOM_X"
    problem = made.journal.environment.record(id_of(item)).problem
    assert problem is not None
    assert "CUSTOM_Y is in use" in problem.reason


def test_no_more_images_are_uploaded_at_once_than_allowed(made: Rig) -> None:
    made.tune(uploads=1)
    one, two = made.old.put(image("1"), DATA), made.old.put(image("2"), DATA)
    ends: list[object] = []

    def while_busy(call: str) -> None:
        if call == "before upload image" and not ends:
            made.engine.wake([id_of(two)])
            made.turn()
            ends.append(made.engine.crew.end_of(str(id_of(two))))

    made.new.around = while_busy
    made.carry(one)

    assert ends == [Queued()]
    for item in (one, two):
        assert made.kinds_of_entries(item)[-1] == "in-step"


def test_an_upload_is_broken_off_when_the_daemon_stops(made: Rig) -> None:
    item = made.old.put(image(), DATA)

    def stop(call: str) -> None:
        if call == "before upload image":
            made.engine.crew.halt()

    made.new.around = stop
    made.carry(item)

    assert made.new.images is not None
    assert made.new.images.data == {}
    assert made.old.images is not None
    assert made.old.images.closed == 1
    assert made.kinds_of_entries(item) == ["intent", "outcome", "intent", "outcome"]
    again = made.restarted()
    again.new.around = lambda _: None
    again.engine.take_up()
    again.run(60)
    assert again.new.images is not None
    assert again.new.images.data["1f"] == DATA
    again.journal.close()


def test_a_cloud_that_cannot_be_read_is_reported_after_a_while_and_waited_for(
    made: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    item = made.old.put(flavor())
    made.new.unreadable.add("show flavor")
    made.carry(item, seconds=1200)
    record = made.journal.environment.record(id_of(item))
    assert record.problem is not None
    assert record.problem.cause is Cause.UNREACHABLE
    assert made.kinds_of_entries(item) == ["trouble"]
    assert len(caplog.records) == 1

    made.new.unreadable.clear()
    made.run(60)

    assert made.kinds_of_entries(item)[-1] == "in-step"
    assert made.journal.environment.record(id_of(item)).problem is None


def test_no_cloud_is_asked_while_nothing_can_be_written(tmp_path: Path) -> None:
    with disk() as below:
        made = rig(tmp_path)
        item = made.old.put(flavor())
        below.writes = FULL
        made.carry(item)
        made.old.calls.clear()
        made.carry(item)
        asked, end = list(made.old.calls), made.engine.crew.end_of(str(id_of(item)))
        effects = [call for call in made.new.calls if call.startswith("create")]
        below.writes = 0
        made.run(60)
        made.journal.close()

    assert asked == effects == []
    assert isinstance(end, Waiting)
    assert "the disk is full" in end.what
    assert made.new.kept(item)


def test_what_is_asked_in_the_middle_of_an_effect_leads_to_another_look(made: Rig) -> None:
    item = made.old.put(flavor())

    def ask(call: str) -> None:
        if call == "after create flavor":
            asked = Asked(made.clock.now(), "ann")
            made.journal.environment.append_each([(id_of(item), asked)])

    made.new.around = ask
    made.carry(item)

    assert made.kinds_of_entries(item) == ["intent", "asked", "outcome", "in-step"]
    assert not made.journal.environment.record(id_of(item)).asked


def test_no_effect_rests_on_what_was_seen_long_ago(made: Rig) -> None:
    item = made.old.put(flavor())
    append, slow = made.journal.environment.append, [120.0]

    def slowly(*args: object, **rest: object) -> object:
        made.clock.advance(slow.pop() if slow else 0.0)
        return append(*args, **rest)  # type: ignore[arg-type]

    made.journal.environment.append = slowly  # type: ignore[method-assign,assignment]
    made.carry(item)

    assert "create flavor" not in made.new.calls


def test_what_was_deleted_is_deleted_where_the_policy_says_so(made: Rig) -> None:
    item = made.old.put(flavor())
    made.carry(item)
    del made.old.collections[Kind.FLAVOR].kept[item.key]
    made.carry(item)
    assert made.new.kept(item)

    made.tune(policy=EnvironmentPolicy(frozenset(Kind), deletions=frozenset({Kind.FLAVOR})))
    made.carry(item)

    assert made.new.kept(item) is None
    assert made.journal.environment.record(id_of(item)).is_blank


def test_bytes_that_are_not_those_of_the_hash_are_reported_and_no_image_is_shown(made: Rig) -> None:
    item = made.old.put(image(), b"other bytes")

    made.carry(item)

    record = made.journal.environment.record(id_of(item))
    assert record.problem is not None
    assert record.problem.cause is Cause.REFUSED
    found = made.new.kept(item)
    assert found is not None
    assert (found.fields["status"], found.fields["visibility"]) == ("queued", "private")


def test_a_kind_that_a_cloud_lacks_is_said(made: Rig) -> None:
    del made.new.collections[Kind.RUNBOOK]
    item = made.old.put(flavor())
    text = "runbook/1"

    end = made.engine.turns.take(text)

    assert isinstance(end, Waiting)
    assert "the new cloud has no runbooks" in end.what
    assert end.again - made.clock.now() == timedelta(seconds=30)
    assert made.old.kept(item)
