# SPDX-License-Identifier: Apache-2.0
"""What is said of a trial and its node."""

import pytest

from ephyrad.migration.facts import (
    CloudName,
    ComputeFacts,
    NodeFacts,
    ProviderFacts,
    Provision,
)
from ephyrad.migration.identity import Account
from ephyrad.rollout.boot_verdict import (
    Return,
    Standing,
    chosen,
    is_free,
    is_nowhere,
    of_failure,
    returned,
    standing,
)
from ephyrad.rollout.trial import Trial, mark_of, name_of
from ephyrad.rollout.verdict import Result, Verdict

RETRIED = "Exceeded maximum number of retries. Exhausted all hosts available"
"""Of a build that failed on 2026.2, which has no node then."""


@pytest.mark.parametrize(
    ("status", "task", "expected"),
    [
        ("BUILD", "scheduling", Standing.BUILDING),
        ("BUILD", None, Standing.BUILDING),
        ("UNKNOWN", None, Standing.BUILDING),
        ("ACTIVE", "spawning", Standing.BUILDING),
        ("ACTIVE", None, Standing.UP),
        ("ACTIVE", "deleting", Standing.FAILED),
        ("BUILD", "deleting", Standing.FAILED),
        ("SHUTOFF", None, Standing.FAILED),
        ("ERROR", None, Standing.FAILED),
        ("DELETED", None, Standing.FAILED),
        ("REBORN", None, Standing.FAILED),
    ],
)
def test_only_active_with_nothing_more_to_do_is_up(
    status: str, task: str | None, expected: Standing
) -> None:
    assert standing(Trial("u", "run", status, task)) is expected


@pytest.mark.parametrize(
    ("node", "fault", "expected"),
    [
        (None, "No valid host was found. No such host", True),
        (None, RETRIED, False),
        (None, None, False),
        ("n", "No valid host was found.", False),
    ],
)
def test_a_build_that_failed_is_not_one_that_was_put_nowhere(
    node: str | None, fault: str | None, expected: bool
) -> None:
    assert is_nowhere(Trial("u", "run", "ERROR", node=node, fault=fault)) is expected


@pytest.mark.parametrize(
    ("trial", "node", "words"),
    [
        (
            Trial("u", "run", "ERROR", fault=RETRIED),
            NodeFacts("n", "n", Provision.ERROR, last_error="HTTP 401"),
            (
                f"instance u on node n is ERROR: {RETRIED} Ironic says of the node, which is"
                " error: HTTP 401"
            ),
        ),
        (Trial("u", "run", "SHUTOFF"), None, "instance u on node n is SHUTOFF"),
        (
            Trial("u", "run", "ACTIVE", "deleting"),
            NodeFacts("n", "n", Provision.ACTIVE),
            "instance u on node n is ACTIVE, and is being deleted",
        ),
    ],
)
def test_a_failure_names_the_node_and_what_ironic_says(
    trial: Trial, node: NodeFacts | None, words: str
) -> None:
    assert of_failure(trial, "n", node) == Verdict(Result.FAIL, words)


OFFERS = (Account("id-1", "one"), Account("id-2", "two"), Account("id-3", "two"))


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("id-2", "id-2"),
        ("one", "id-1"),
        (
            "two",
            "the new cloud has 2 of the image name two: name one by id (id-2, id-3)",
        ),
        ("three", "the new cloud has no image three: correct the gate's image"),
    ],
)
def test_a_thing_is_named_by_id_or_by_a_name_of_its_own(wanted: str, expected: str) -> None:
    found = chosen(CloudName.NEW, "image", wanted, OFFERS)

    assert expected == (found.words if isinstance(found, Verdict) else found)


def facts(
    reserved: int = 0, consumers: tuple[str, ...] = (), servers: tuple[str, ...] = ()
) -> ComputeFacts:
    return ComputeFacts(servers, ProviderFacts({"CUSTOM_A": (1, reserved)}, consumers))


@pytest.mark.parametrize(
    ("seen", "resources", "expected"),
    [
        (facts(), {"CUSTOM_A"}, True),
        (facts(), {"CUSTOM_B", "CUSTOM_A"}, True),
        (facts(), set[str](), True),
        (facts(), {"CUSTOM_B"}, False),
        (facts(reserved=1), {"CUSTOM_A"}, False),
        (facts(consumers=("s",)), {"CUSTOM_A"}, False),
        (facts(servers=("s",)), {"CUSTOM_A"}, False),
        (ComputeFacts((), None), {"CUSTOM_A"}, False),
        (None, {"CUSTOM_A"}, False),
    ],
)
def test_a_node_is_free_where_placement_offers_it_and_nobody_has_it(
    seen: ComputeFacts | None, resources: set[str], expected: bool
) -> None:
    assert is_free(seen, resources) is expected


@pytest.mark.parametrize(
    ("state", "instance", "expected"),
    [
        (Provision.CLEANING, None, Return.GIVEN_BACK),
        (Provision.CLEAN_WAIT, None, Return.GIVEN_BACK),
        (Provision.AVAILABLE, None, Return.GIVEN_BACK),
        (Provision.AVAILABLE, "s", Return.GOING_ON),
        (Provision.DELETING, None, Return.GOING_ON),
        (Provision.ACTIVE, "s", Return.GOING_ON),
        (Provision.UNKNOWN, None, Return.GOING_ON),
        (Provision.CLEAN_FAILED, None, Return.SPOILT),
        (Provision.ERROR, None, Return.SPOILT),
    ],
)
def test_a_node_is_given_back_when_it_is_cleaned(
    state: Provision, instance: str | None, expected: Return
) -> None:
    assert returned(NodeFacts("n", "n", state, instance_uuid=instance)) is expected


def test_a_node_that_is_not_there_any_more_is_nobodys_trouble() -> None:
    assert returned(None) is Return.GIVEN_BACK


def test_marks_are_no_longer_than_nova_takes_and_tell_runs_apart() -> None:
    long = ["\u00e4" * 300, "\u00e4" * 301]

    assert mark_of("a run") == "a run"
    assert len({mark_of(each) for each in long}) == 2
    assert max(len(mark_of(each)) for each in long) <= 255
    assert name_of(long[0]).startswith("ephyra-gate-")
    assert len(name_of(long[0])) < 63
