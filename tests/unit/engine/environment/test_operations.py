# SPDX-License-Identifier: Apache-2.0
"""What operators ask about the environment."""

from dataclasses import replace

import pytest

from ephyrad.engine.answers import Complaint, OperationError
from ephyrad.engine.environment.operations import EnvironmentAsked
from ephyrad.engine.environment_answers import DifferenceAnswer, ProblemAnswer, TransferAnswer
from ephyrad.environment.kinds import Kind
from ephyrad.migration.document import MASK
from ephyrad.migration.identity import Account
from ephyrad.migration.outcomes import Refused
from tests.unit.engine.environment.rig import DATA, Rig, flavor, id_of, image, keypair, template


@pytest.fixture
def asked(made: Rig) -> EnvironmentAsked:
    made.allow(kept=frozenset())
    return EnvironmentAsked(made.engine)


def todo(made: EnvironmentAsked, *names: str) -> dict[str, str]:
    return {each.name: each.todo for each in made.environment_plan((), names)}


def test_a_plan_says_what_would_be_done_and_does_nothing(
    made: Rig, asked: EnvironmentAsked
) -> None:
    made.new.put(made.old.put(flavor("1")))
    made.old.put(flavor("2"))
    made.old.put(flavor("3"))
    made.new.put(flavor("3", ram=1))
    made.old.put(image(), DATA)

    assert todo(asked) == {
        "flavor-1": "in-step",
        "flavor-2": "create",
        "flavor-3": "problem",
        "image-1f": "create",
    }
    assert not [call for call in made.new.calls if call.startswith(("create", "show"))]
    assert made.journal.environment.records() == []
    assert not made.turn()


def test_a_plan_is_for_kinds_and_for_names_or_keys(made: Rig, asked: EnvironmentAsked) -> None:
    made.old.put(flavor("1"))
    made.old.put(flavor("2"))
    made.old.put(image(), DATA)

    assert [each.key for each in asked.environment_plan(["image"], ())] == ["1f"]
    assert [each.key for each in asked.environment_plan((), ["flavor-2", "1f"])] == ["2", "1f"]
    assert [each.key for each in asked.environment_plan(["flavor"], ["2"])] == ["2"]


def test_an_image_that_waits_only_for_its_kernel_is_to_be_made_too(
    made: Rig, asked: EnvironmentAsked
) -> None:
    made.old.put(image("k", b"kernel"), b"kernel")
    made.old.put(image("i", properties={"kernel_id": "k"}), DATA)
    made.old.put(image("j", properties={"kernel_id": "nowhere"}), DATA)

    assert todo(asked) == {"image-k": "create", "image-i": "create", "image-j": "problem"}


@pytest.mark.parametrize("names", [["nothing"], ["flavor-1", "nothing"]])
def test_what_nobody_is_called_is_told_and_nothing_begun(
    made: Rig, asked: EnvironmentAsked, names: list[str]
) -> None:
    made.old.put(flavor("1"))

    with pytest.raises(OperationError, match="nothing called nothing: check") as caught:
        asked.environment_sync((), names, by="ann")

    assert caught.value.complaint is Complaint.NOT_FOUND
    assert not made.turn()


def test_a_cloud_that_cannot_be_read_is_told(made: Rig, asked: EnvironmentAsked) -> None:
    made.new.unreadable.add("list flavor")

    with pytest.raises(OperationError, match="503; nothing was compared") as caught:
        asked.environment_plan(["flavor"], ())

    assert caught.value.complaint is Complaint.UNAVAILABLE


def test_a_kind_that_a_cloud_lacks_is_left_out_unless_it_is_named(
    made: Rig, asked: EnvironmentAsked
) -> None:
    del made.old.collections[Kind.RUNBOOK]
    made.old.put(flavor())

    assert todo(asked) == {"flavor-7": "create"}
    with pytest.raises(OperationError, match="the old cloud has no runbooks"):
        asked.environment_plan(["runbook"], ())
    runbook = {each.kind: each for each in asked.environment_status().kinds}["runbook"]
    assert "the old cloud has no runbooks" in str(runbook.error)


def test_what_is_asked_for_is_carried_though_its_kind_is_not_kept(
    made: Rig, asked: EnvironmentAsked
) -> None:
    one, two = made.old.put(flavor("1")), made.old.put(flavor("2"))

    answer = asked.environment_sync((), ["flavor-1"], by="ann")
    made.run()

    assert [each.name for each in answer.asked] == ["flavor-1"]
    assert made.new.kept(one)
    assert made.new.kept(two) is None
    assert made.kinds_of_entries(one) == ["asked", "intent", "outcome", "in-step"]


def test_what_is_asked_for_brings_what_it_needs(made: Rig, asked: EnvironmentAsked) -> None:
    made.old.put(image("k", b"kernel"), b"kernel")
    item = made.old.put(image("i", properties={"kernel_id": "k"}), DATA)

    answer = asked.environment_sync((), ["image-i"], by="ann")
    made.run(30)

    assert {each.key for each in answer.asked} == {"k", "i"}
    assert answer.problems == ()
    # To wait for what is on its way is no trouble.
    assert "trouble" not in made.kinds_of_entries(item)
    assert made.kinds_of_entries(item)[-1] == "in-step"


def test_what_needs_nothing_is_counted_and_what_cannot_be_is_named(
    made: Rig, asked: EnvironmentAsked
) -> None:
    made.new.put(made.old.put(flavor("1")))
    made.old.put(flavor("2"))
    made.new.put(flavor("2", ram=1))

    answer = asked.environment_sync(["flavor"], (), by="ann")

    assert answer.asked == ()
    assert answer.in_step == 1
    assert [(each.name, each.cause) for each in answer.problems] == [("flavor-2", "conflict")]
    assert not made.turn()


def test_what_somebody_deleted_in_the_new_cloud_is_made_again_where_asked_for(
    made: Rig, asked: EnvironmentAsked
) -> None:
    item = made.old.put(flavor())
    asked.environment_sync(["flavor"], (), by="ann")
    made.run()
    del made.new.collections[Kind.FLAVOR].kept[item.key]
    assert todo(asked) == {"flavor-7": "problem"}

    asked.environment_sync(["flavor"], (), by="ann")
    made.run()

    assert made.new.kept(item)


def test_what_was_refused_is_tried_at_once_where_asked_for(
    made: Rig, asked: EnvironmentAsked
) -> None:
    item = made.old.put(flavor())
    made.new.fails["create flavor"] = [Refused(403, "quota")]
    asked.environment_sync(["flavor"], (), by="ann")
    made.run()
    assert todo(asked) == {"flavor-7": "problem"}

    asked.environment_sync(["flavor"], (), by="ann")
    made.run()

    assert made.new.kept(item)


def test_differences_have_both_values(made: Rig, asked: EnvironmentAsked) -> None:
    made.old.put(flavor("1", extra_specs={"a": "1", "b": "2"}))
    made.new.put(flavor("1", extra_specs={"a": "1", "b": "3"}, ram=1))
    made.old.put(flavor("2"))
    made.new.put(made.old.put(flavor("3")))

    assert asked.environment_diff(["flavor"], ()) == [
        DifferenceAnswer("flavor", "1", "flavor-1", "extra_specs/b", "2", "3"),
        DifferenceAnswer("flavor", "1", "flavor-1", "ram", 64, 1),
        DifferenceAnswer("flavor", "2", "flavor-2", "", {"ram": 64}, None),
    ]


def test_differences_show_no_secrets(made: Rig, asked: EnvironmentAsked) -> None:
    """Ironic of 2023.1 shows those that stand within lists."""
    args = {"disks": [{"name": "sda", "password": "hunter2"}], "size": 7}
    one, two = template("1", "CUSTOM_A"), template("2", "CUSTOM_B")
    steps = [{"step": "lock", "args": args}]
    made.old.put(replace(one, fields={"name": one.name, "steps": steps}))
    made.new.put(replace(one, fields={"name": one.name, "steps": []}))
    made.old.put(replace(two, fields={"name": two.name, "steps": steps}))

    found = asked.environment_diff(["deploy-template"], ())

    assert [each.path for each in found] == ["steps", ""]
    assert "hunter2" not in str(found)
    assert found[0].old[0]["args"] == {"disks": [{"name": "sda", "password": MASK}], "size": 7}


def test_a_kind_that_is_named_twice_is_compared_once(made: Rig, asked: EnvironmentAsked) -> None:
    item = made.old.put(flavor())

    answer = asked.environment_sync(["flavor", "flavor"], (), by="ann")
    made.run()

    assert [each.name for each in answer.asked] == ["flavor-7"]
    assert made.new.kept(item)


def test_the_status_counts_and_groups_what_has_the_same_reason(
    made: Rig, asked: EnvironmentAsked
) -> None:
    made.allow(kept=frozenset({Kind.KEYPAIR}))
    made.old.users_ = [Account("ann", "ann", "Default"), Account("bob", "bob", "Default")]
    made.new.users_ = made.old.users_[1:]
    for name in ("laptop", "desk"):
        made.old.put(keypair("ann", name))
    made.old.put(keypair("bob"))
    made.engine.sweep.sweep()

    before = {each.kind: each for each in asked.environment_status().kinds}["keypair"]
    made.run()
    status = asked.environment_status()

    assert (before.in_step, before.to_do, before.problems, before.kept) == (0, 1, 2, True)
    after = {each.kind: each for each in status.kinds}
    keypairs = after["keypair"]
    assert (keypairs.in_step, keypairs.to_do, keypairs.problems) == (1, 0, 2)
    assert after["flavor"].in_step is None
    (problem,) = status.problems
    assert problem == ProblemAnswer("keypair", "unknown-owner", problem.reason, ("desk", "laptop"))


def test_the_status_has_what_is_on_its_way(made: Rig, asked: EnvironmentAsked) -> None:
    made.old.put(image(), DATA)
    seen: list[TransferAnswer] = []

    def look(call: str) -> None:
        if call == "after upload image":
            seen.extend(asked.environment_status().transfers)

    made.new.around = look
    asked.environment_sync(["image"], (), by="ann")
    made.run()

    (transfer,) = seen
    assert (transfer.key, transfer.carried, transfer.size) == ("1f", len(DATA), len(DATA))
    assert asked.environment_status().transfers == ()


def test_a_comparison_does_not_undo_what_a_turn_saw_after_it_began(
    made: Rig, asked: EnvironmentAsked
) -> None:
    item = made.old.put(flavor())
    asked.environment_sync(["flavor"], (), by="ann")
    lists = made.new.collections[Kind.FLAVOR].items

    def slowly() -> object:
        found = lists()
        made.clock.advance(1)
        made.run()
        return found

    made.new.collections[Kind.FLAVOR].items = slowly  # type: ignore[method-assign,assignment]
    asked.environment_plan(["flavor"], ())

    items = made.engine.standings.of(Kind.FLAVOR).items or {}
    assert items[id_of(item)].todo == "in-step"
