# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from typing import Any

import pytest

from ephyrad.environment.decide import (
    Forget,
    Perform,
    Report,
    Rest,
    Seen,
    Settle,
    Step,
    Wait,
    decide,
)
from ephyrad.environment.effects import Effect
from ephyrad.environment.entries import Asked, Concluded, Forgotten, Intended, Troubled
from ephyrad.environment.item import Item, ItemId
from ephyrad.environment.kinds import Kind
from ephyrad.environment.policy import EnvironmentPolicy
from ephyrad.environment.problems import Cause, Problem
from ephyrad.environment.record import Record, evolve
from ephyrad.environment.translate import Wanted
from ephyrad.migration.outcomes import Done, Refused, Unknown, Unreachable
from tests.unit.environment.builders import (
    NOON,
    SECOND,
    asked,
    flavor,
    image,
    marked,
    nobody,
    record_of,
    seen,
    settled,
    tried,
)

POLICY = EnvironmentPolicy()
GOLD = flavor()
SILVER = flavor(ram=32)
KEY = Item(Kind.KEYPAIR, "ann/laptop", "laptop", {"public_key": "ssh-ed25519 AAAA"})
OTHER_KEY = replace(KEY, fields={"public_key": "ssh-ed25519 BBBB"})
DELETING = EnvironmentPolicy(deletions=frozenset({Kind.FLAVOR}))


def cause_of(step: Step) -> Cause | None:
    return step.problem.cause if isinstance(step, Report) else None


@pytest.mark.parametrize(
    ("record", "sighting", "expected"),
    [
        pytest.param(nobody(GOLD), seen(GOLD), Perform(Effect.CREATE), id="missing"),
        pytest.param(nobody(GOLD), seen(GOLD, GOLD), Rest(), id="equal, of whomever"),
        pytest.param(asked(GOLD), seen(GOLD, GOLD), Settle(GOLD.digest), id="equal, and asked for"),
        pytest.param(
            tried(GOLD, Effect.CREATE, Done()), seen(GOLD, GOLD), Settle(GOLD.digest), id="made"
        ),
        pytest.param(settled(GOLD), seen(GOLD, GOLD), Rest(), id="in step"),
        pytest.param(
            settled(SILVER),
            seen(GOLD, marked(SILVER)),
            Perform(Effect.AMEND),
            id="the old cloud changed it",
        ),
        pytest.param(
            nobody(GOLD),
            seen(GOLD, marked(SILVER)),
            Perform(Effect.AMEND),
            id="the mark tells it without the journal",
        ),
        pytest.param(
            tried(GOLD, Effect.AMEND, Unknown("time-out"), record=settled(SILVER)),
            seen(GOLD),
            Perform(Effect.CREATE),
            id="a key that was to be put in the place of another, in between",
        ),
        pytest.param(
            tried(GOLD, Effect.DELETE, Unknown("time-out"), record=settled(GOLD)),
            seen(GOLD),
            Perform(Effect.CREATE),
            id="deleted by us, and there again in the old cloud",
        ),
        pytest.param(
            tried(GOLD, Effect.CREATE),
            seen(GOLD, SILVER),
            Perform(Effect.AMEND),
            id="half made before a crash",
        ),
        pytest.param(
            settled(KEY),
            seen(replace(KEY, key="ann-2/laptop")),
            Perform(Effect.CREATE),
            id="a key whose owner in the new cloud is another one now",
        ),
        pytest.param(nobody(GOLD), seen(None), Rest(), id="in neither"),
        pytest.param(nobody(GOLD), seen(None, GOLD), Rest(), id="the new cloud's own"),
        pytest.param(settled(GOLD), seen(None), Forget(), id="gone from both"),
        pytest.param(
            record_of(GOLD, Troubled(NOON, Cause.OWNER, "why", "it")),
            seen(None),
            Forget(),
            id="a problem that is gone with its item",
        ),
        pytest.param(
            record_of(GOLD, Asked(NOON, "root"), Forgotten(NOON)),
            seen(None),
            Rest(),
            id="forgotten",
        ),
    ],
)
def test_what_is_done(record: Record, sighting: Seen, expected: Step) -> None:
    assert decide(record, sighting, POLICY) == expected


@pytest.mark.parametrize(
    ("record", "sighting", "cause", "words"),
    [
        pytest.param(
            nobody(GOLD), seen(GOLD, SILVER), Cause.CONFLICT, "differs at ram", id="another's"
        ),
        pytest.param(
            tried(GOLD, Effect.CREATE, Refused(409, "exists")),
            seen(GOLD, SILVER),
            Cause.CONFLICT,
            "ephyrad did not make",
            id="made by another just before",
        ),
        pytest.param(
            tried(GOLD, Effect.CREATE, Unreachable("no route")),
            seen(GOLD, SILVER),
            Cause.CONFLICT,
            "ephyrad did not make",
            id="made by people while ephyrad could not",
        ),
        pytest.param(
            tried(image(), Effect.CREATE, Unknown("timed out")),
            seen(image(), image(min_ram=64)),
            Cause.CONFLICT,
            "ephyrad did not make",
            id="made by people, since what ephyrad makes is marked at once",
        ),
        pytest.param(
            tried(image(min_ram=1), Effect.AMEND, Unknown("timed out"), record=settled(image())),
            seen(image(min_ram=1), image(min_ram=64)),
            Cause.CONFLICT,
            "ephyrad did not make",
            id="made anew by people, while ephyrad tried to amend the former",
        ),
        pytest.param(
            settled(GOLD),
            seen(GOLD, flavor(ram=1, mark=GOLD.digest)),
            Cause.CHANGED,
            "changed ram",
            id="people changed it",
        ),
        pytest.param(
            nobody(GOLD),
            seen(GOLD, flavor(ram=1, mark=GOLD.digest)),
            Cause.CHANGED,
            "changed ram",
            id="people changed it, without the journal",
        ),
        pytest.param(
            settled(GOLD), seen(GOLD), Cause.DELETED_THERE, "ask for it", id="people deleted it"
        ),
        pytest.param(
            settled(KEY),
            seen(replace(KEY, key="ann-2/laptop"), replace(OTHER_KEY, key="ann-2/laptop")),
            Cause.CONFLICT,
            "ephyrad did not make",
            id="what another owner has under the name of a key",
        ),
        pytest.param(
            settled(KEY), seen(KEY), Cause.DELETED_THERE, "ask for it", id="people deleted a key"
        ),
        pytest.param(
            settled(GOLD),
            seen(None, marked(GOLD)),
            Cause.DELETED_HERE,
            "deletions",
            id="deleted in the old cloud, and kept",
        ),
        pytest.param(
            nobody(GOLD),
            seen(Problem(Cause.OWNER, "no user")),
            Cause.OWNER,
            "no user",
            id="cannot be said in the new cloud's words",
        ),
        pytest.param(
            nobody(GOLD),
            seen(GOLD, lacking=(ItemId(Kind.IMAGE, "k"),)),
            Cause.MISSING,
            "image/k",
            id="needs another",
        ),
    ],
)
def test_what_is_reported(record: Record, sighting: Seen, cause: Cause, words: str) -> None:
    step = decide(record, sighting, POLICY)

    assert cause_of(step) is cause
    assert isinstance(step, Report)
    assert words in step.problem.reason


def test_what_people_deleted_is_made_again_when_asked_for() -> None:
    record = evolve(settled(GOLD), Asked(NOON, "root"))

    assert decide(record, seen(GOLD), POLICY) == Perform(Effect.CREATE)


def test_a_deletion_is_propagated_where_the_policy_says_so() -> None:
    sighting = seen(None, marked(GOLD))

    assert decide(settled(GOLD), sighting, DELETING) == Perform(Effect.DELETE)


@pytest.mark.parametrize(
    "found", [flavor(ram=1), flavor(ram=1, mark=GOLD.digest)], ids=["unmarked", "marked"]
)
def test_nothing_that_people_changed_is_deleted(found: Item) -> None:
    assert cause_of(decide(settled(GOLD), seen(None, found), DELETING)) is Cause.DELETED_HERE


def test_nothing_is_deleted_for_its_mark_alone() -> None:
    """The journal was lost, or another ephyrad carried it from another cloud."""
    sighting = seen(None, marked(GOLD))
    reported = decide(nobody(GOLD), sighting, DELETING)
    assert isinstance(reported, Report)
    problem = reported.problem
    told = record_of(GOLD, Troubled(NOON, problem.cause, problem.reason, "it"))

    assert problem.cause is Cause.DELETED_HERE
    assert "the journal does not know it" in problem.reason
    assert decide(told, sighting, DELETING) == reported
    assert decide(evolve(told, Asked(NOON, "root")), sighting, DELETING) == reported


def test_nothing_that_ephyrad_did_not_make_is_deleted() -> None:
    assert decide(nobody(GOLD), seen(None, GOLD), DELETING) == Rest()
    assert decide(asked(GOLD), seen(None, GOLD), DELETING) == Forget()


class TestImages:
    WANTED = image()

    def test_bytes_follow_the_record(self) -> None:
        record = tried(self.WANTED, Effect.CREATE, Done())

        step = decide(record, seen(self.WANTED, image("queued", mark="m")), POLICY)

        assert step == Perform(Effect.UPLOAD)

    def test_a_queued_image_of_others_gets_no_bytes(self) -> None:
        step = decide(nobody(self.WANTED), seen(self.WANTED, image("queued")), POLICY)

        assert cause_of(step) is Cause.CONFLICT

    def test_bytes_that_are_being_taken_in_are_waited_for(self) -> None:
        record = tried(self.WANTED, Effect.UPLOAD)

        step = decide(record, seen(self.WANTED, image("saving", mark="m")), POLICY)

        assert step == Wait("the new cloud to take its bytes in", NOON + POLICY.look_again)

    def test_bytes_that_are_taken_in_for_ever_are_reported(self) -> None:
        record = tried(self.WANTED, Effect.UPLOAD)
        late = POLICY.fills_for.total_seconds()

        step = decide(record, seen(self.WANTED, image("saving", mark="m"), after=late), POLICY)

        assert cause_of(step) is Cause.STUCK
        assert isinstance(step, Report)
        assert "glance-manage db purge" in step.problem.reason
        # It may come to an end all the same.
        assert step.again is not None

    def test_bytes_that_are_taken_in_by_no_try_of_the_journal_are_reported(self) -> None:
        found = image("saving", mark=self.WANTED.digest)

        step = decide(nobody(self.WANTED), seen(self.WANTED, found), POLICY)

        assert cause_of(step) is Cause.STUCK

    @pytest.mark.parametrize("mark", [None, "m"])
    def test_other_bytes_are_never_overwritten(self, mark: str | None) -> None:
        found = image(hash="sha512:bb", mark=mark)

        step = decide(settled(self.WANTED), seen(self.WANTED, found), POLICY)

        assert cause_of(step) is Cause.BYTES

    def test_hashes_of_two_algorithms_do_not_tell_that_bytes_differ(self) -> None:
        found = image(hash="sha256:bb", mark="m")

        step = decide(settled(self.WANTED), seen(self.WANTED, found), POLICY)

        assert isinstance(step, Report)
        assert step.problem.cause is Cause.BYTES
        assert "hashing_algorithm" in step.problem.reason
        assert "delete" not in step.problem.reason

    def test_what_else_differs_is_amended_once_the_bytes_are_there(self) -> None:
        wanted = image(visibility="public")
        record = tried(wanted, Effect.UPLOAD, Done())

        step = decide(record, seen(wanted, image(visibility="private", mark="m")), POLICY)

        assert step == Perform(Effect.AMEND)

    def test_an_unfinished_image_is_known_without_the_journal(self) -> None:
        wanted = image(visibility="public")
        waiting = image(visibility="private", os_hidden=True, mark=wanted.digest)

        assert decide(nobody(wanted), seen(wanted, waiting), POLICY) == Perform(Effect.AMEND)

    @pytest.mark.parametrize(
        "fields", [{"os_hidden": False}, {"visibility": "shared"}, {"protected": True}], ids=str
    )
    def test_an_image_that_people_changed_is_not_taken_for_unfinished(
        self, fields: dict[str, Any]
    ) -> None:
        wanted = image(visibility="public")
        left: dict[str, Any] = {"visibility": "private", "os_hidden": True, "mark": wanted.digest}

        step = decide(nobody(wanted), seen(wanted, image(**{**left, **fields})), POLICY)

        assert cause_of(step) is Cause.CHANGED


class TestPatience:
    def test_the_next_try_comes_later_each_time(self) -> None:
        record = tried(GOLD, Effect.CREATE, Unreachable("busy"))
        again = Intended(NOON, "1", Effect.CREATE, "it", "7", GOLD.digest)
        third = evolve(evolve(record, again), Concluded(NOON, "1", Unreachable("busy")))

        assert decide(record, seen(GOLD, after=0.5), POLICY) == Wait(
            "the next try to create it in the new cloud", NOON + SECOND
        )
        assert decide(record, seen(GOLD, after=1), POLICY) == Perform(Effect.CREATE)
        assert decide(third, seen(GOLD, after=1.5), POLICY) == Wait(
            "the next try to create it in the new cloud", NOON + 2 * SECOND
        )

    def test_a_call_that_may_still_be_done_is_not_made_again_at_once(self) -> None:
        record = tried(GOLD, Effect.CREATE, Unknown("timed out"))

        assert isinstance(decide(record, seen(GOLD, after=60), POLICY), Wait)
        assert decide(record, seen(GOLD, after=75), POLICY) == Perform(Effect.CREATE)

    def test_a_refusal_is_reported_and_tried_again_much_later(self) -> None:
        record = tried(GOLD, Effect.CREATE, Refused(403, "quota"))

        step = decide(record, seen(GOLD, after=60), POLICY)

        assert step == Report(
            Problem(
                Cause.REFUSED,
                "could not create it in the new cloud: quota (HTTP 403): mend what it names, and"
                " ask for it anew",
            ),
            NOON + POLICY.retry_refused,
        )
        assert decide(record, seen(GOLD, after=3600), POLICY) == Perform(Effect.CREATE)

    def test_what_ephyrad_itself_gave_up_has_no_status(self) -> None:
        record = tried(GOLD, Effect.CREATE, Refused(0, "wrong bytes"))

        step = decide(record, seen(GOLD), POLICY)

        assert isinstance(step, Report)
        assert "wrong bytes: mend" in step.problem.reason

    def test_a_refusal_of_what_was_wanted_before_says_nothing(self) -> None:
        record = tried(SILVER, Effect.CREATE, Refused(400, "no such ram"))

        assert decide(record, seen(GOLD, after=1), POLICY) == Perform(Effect.CREATE)

    def test_whoever_asks_has_it_tried_at_once(self) -> None:
        record = evolve(tried(GOLD, Effect.CREATE, Refused(403, "quota")), Asked(NOON, "root"))

        assert decide(record, seen(GOLD, after=1), POLICY) == Perform(Effect.CREATE)

    def test_what_is_tried_in_vain_for_long_is_reported(self) -> None:
        record = tried(GOLD, Effect.CREATE, Unreachable("no route"))
        for tries in range(2, 9):
            at = NOON + tries * 200 * SECOND
            record = evolve(record, Intended(at, "1", Effect.CREATE, "it", "7", GOLD.digest))
            record = evolve(record, Concluded(at, "1", Unreachable("no route")))

        step = decide(record, seen(GOLD, after=8 * 200 + 1), POLICY)

        assert cause_of(step) is Cause.UNREACHABLE
        assert isinstance(step, Report)
        assert "in 8 tries: no route" in step.problem.reason
        assert step.again is not None

    def test_an_upload_that_broke_off_is_begun_again_soon(self) -> None:
        wanted = image()
        record = tried(wanted, Effect.UPLOAD, Unknown("connection reset"))

        step = decide(record, seen(wanted, image("queued", mark="m"), after=1), POLICY)

        assert step == Perform(Effect.UPLOAD)


def test_an_equal_item_with_a_problem_is_settled() -> None:
    record = evolve(settled(GOLD), Troubled(NOON, Cause.CHANGED, "why", "it"))

    assert decide(record, seen(GOLD, GOLD), POLICY) == Settle(GOLD.digest)


def test_equal_changes_in_both_clouds_are_taken_note_of() -> None:
    both = flavor(ram=128)

    assert decide(settled(GOLD), seen(both, replace(both, mark="m")), POLICY) == Settle(both.digest)


def _template(password: str, **more: str) -> Item:
    steps = [{"step": "deploy", "args": {"password": password, **more}}]
    return Item(Kind.DEPLOY_TEMPLATE, "1f", "CUSTOM_GOLD", {"steps": steps})


MASKED = Wanted(_template("******", note="n"), trouble="make it by hand")


def test_what_is_masked_is_to_be_made_by_hand() -> None:
    for found in (None, _template("hush", note="m")):
        step = decide(nobody(_template("")), seen(MASKED, found), POLICY)

        assert step == Report(Problem(Cause.UNFIT, "make it by hand"))


def test_what_was_made_by_hand_is_no_problem_any_more() -> None:
    made = _template("hush", note="n")
    record = record_of(made, Troubled(NOON, Cause.UNFIT, "make it by hand", "it"))

    assert decide(nobody(made), seen(MASKED, made), POLICY) == Rest()
    assert decide(record, seen(MASKED, made), POLICY) == Settle(made.digest)
    assert decide(settled(made), seen(MASKED, made), POLICY) == Rest()
