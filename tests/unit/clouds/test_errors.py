# SPDX-License-Identifier: Apache-2.0
import json
from typing import Any

import pytest

from ephyrad.clouds.errors import LONGEST_MESSAGE, MASK, Answer, is_absence, outcome_of, words_of
from ephyrad.migration.outcomes import Done, Outcome, Refused, Underway, Unknown, Unreachable
from tests.unit.clouds.canned import Canned, Reply
from tests.unit.clouds.samples import sample

UUID = "45c7e253-f7ef-5e78-8c17-67a538c17247"
LOGIN = b"<html><title>Log in</title><body>Who are you?</body></html>"


def ironic_says(words: str) -> bytes:
    return json.dumps({"error_message": json.dumps({"faultstring": words})}).encode()


LOCKED = f"Node {UUID} is locked by host c1, please retry after the current operation is completed."
PASSING = f"Node {UUID} can not be updated while a state transition is in progress."
UNSERVED = "No valid host. Reason: No conductor service registered which supports driver d"
GONE = f"Node {UUID} could not be found."

# status, body, the outcome of a change; where it differs, that of a deletion
TABLE: list[tuple[int, bytes, Outcome, Outcome | None]] = [
    (200, b'{"uuid": "x"}', Done(), None),
    (201, b'{"uuid": "x"}', Done(), None),
    (204, b"", Done(), None),
    (202, b"", Underway(), None),
    (202, b"{}", Underway(), None),
    (200, b"", Unknown("HTTP 200 with a body that is not the expected JSON"), None),
    (200, LOGIN, Unknown("HTTP 200 with a body that is not the expected JSON"), None),
    (201, b'{"uuid": ', Unknown("HTTP 201 with a body that is not the expected JSON"), None),
    (201, b"[]", Unknown("HTTP 201 with a body that is not the expected JSON"), None),
    (202, LOGIN, Unknown("HTTP 202 with a body that is not the expected JSON"), None),
    (206, b"{}", Unknown("HTTP 206 with a body that is not the expected JSON"), None),
    (400, ironic_says("No."), Refused(400, "No."), None),
    (400, ironic_says(UNSERVED), Unreachable(UNSERVED), None),
    (403, ironic_says("Not you."), Refused(403, "Not you."), None),
    (404, ironic_says(GONE), Refused(404, GONE), Done()),
    (404, ironic_says("Not Found"), Refused(404, "Not Found"), None),
    (404, LOGIN, Refused(404, "Who are you?"), None),
    (404, b"", Refused(404, "Canned"), None),
    (406, ironic_says("Version."), Refused(406, "Version."), None),
    (409, ironic_says("Exists."), Refused(409, "Exists."), None),
    (409, ironic_says(LOCKED), Unreachable(LOCKED), None),
    (409, ironic_says(PASSING), Unreachable(PASSING), None),
    (413, b"", Refused(413, "Canned"), None),
    (401, b"", Unreachable("HTTP 401: Canned"), None),
    (408, b"", Unreachable("HTTP 408: Canned"), None),
    (429, b"", Unreachable("HTTP 429: Canned"), None),
    (503, ironic_says("No free worker."), Unreachable("HTTP 503: No free worker."), None),
    (500, ironic_says("'value'"), Unknown("HTTP 500: 'value'"), None),
    (502, b"<h1>Bad Gateway</h1>", Unknown("HTTP 502: Bad Gateway"), None),
    (504, b"\xff\xfe", Unknown("HTTP 504: \ufffd\ufffd"), None),
    (599, b"", Unknown("HTTP 599: Canned"), None),
]


@pytest.mark.parametrize(("status", "body", "change", "deletion"), TABLE)
def test_answers_become_outcomes(
    status: int, body: bytes, change: Outcome, deletion: Outcome | None
) -> None:
    answer = Answer(status, body, "Canned")

    assert outcome_of(answer) == change
    assert outcome_of(answer, deleted=UUID) == (deletion or change)


@pytest.mark.parametrize(("status", "body", "change", "deletion"), TABLE)
def test_answers_become_outcomes_on_the_way_through_the_libraries(
    server: Canned, status: int, body: bytes, change: Outcome, deletion: Outcome | None
) -> None:
    server.ironic("PUT", f"/nodes/{UUID}/states/provision", Reply(status, body))
    server.ironic("DELETE", f"/nodes/{UUID}", Reply(status, body))
    cloud = server.cloud()

    outcomes = cloud.provision(UUID, "manage"), cloud.delete_node(UUID)

    assert outcomes == (change, deletion or change)


def test_a_200_may_say_nothing_where_the_service_is_known_for_it() -> None:
    lost = Unknown("HTTP 200 with a body that is not the expected JSON")

    assert outcome_of(Answer(200), mute=True) == Done()
    assert outcome_of(Answer(200, LOGIN), mute=True) == lost


def test_a_201_may_say_only_where_it_is_what_was_made() -> None:
    lost = Unknown("HTTP 201 with a body that is not the expected JSON")

    assert outcome_of(Answer(201, location="http://cloud/traits/CUSTOM_A")) == Done()
    assert outcome_of(Answer(201)) == lost
    assert outcome_of(Answer(201, LOGIN, location="http://portal/")) == lost


@pytest.mark.parametrize("status", [301, 302, 303, 305, 307, 308])
def test_a_redirect_is_not_followed(server: Canned, status: int) -> None:
    path = f"/nodes/{UUID}/states/provision"
    elsewhere = f"{server.url}/elsewhere"
    server.answer("PUT", "/elsewhere", Reply(202))
    server.ironic("PUT", path, Reply(status, b"", {"Location": elsewhere}))

    outcome = server.cloud().provision(UUID, "manage")

    expected = f"HTTP {status}: redirected to {elsewhere}; redirects are not followed"
    assert outcome == Unreachable(expected)
    assert server.asked("PUT", "/elsewhere") == []


@pytest.mark.parametrize(
    "recorded", sample("errors"), ids=lambda e: f"{e['cloud']}-{e['service']}-{e['what']}"
)
def test_recorded_errors_are_read(recorded: dict[str, Any]) -> None:
    expected = {
        "locked": Unreachable,
        "no conductor": Unreachable,
        "no token": Unreachable,
        "wrong password": Unreachable,
    }.get(recorded["what"], Refused)

    outcome = outcome_of(Answer(recorded["status"], recorded["body"].encode()))

    assert type(outcome) is expected
    words = words_of(Answer(recorded["status"], recorded["body"].encode()))
    assert words
    assert not set(words) & set("{}<>\n")
    assert "faultcode" not in words


@pytest.mark.parametrize(
    ("what", "absent"),
    [
        ("no such node", True),
        ("no such node, ports", True),
        ("no such provider", True),
        ("no such provider, allocations", True),
        ("wrong path", False),
        ("not all nodes", False),
    ],
)
def test_only_a_service_that_names_the_thing_says_that_it_is_absent(
    what: str, absent: bool
) -> None:
    answers = [
        Answer(one["status"], one["body"].encode())
        for one in sample("errors")
        if one["what"] == what
    ]

    assert len(answers) == 2
    for answer in answers:
        assert is_absence(answer, "00000000-0000-0000-0000-000000000000") is absent


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"error_message": "plain words"}', "plain words"),
        (b'{"error_message": {"faultstring": "not wrapped"}}', "not wrapped"),
        (b'{"conflictingRequest": {"code": 409, "message": "Nova\'s"}}', "Nova's"),
        (b'{"errors": [{"detail": "placement\'s\\n\\n "}]}', "placement's"),
        (b'{"error": {"message": "Keystone\'s"}}', "Keystone's"),
        (b'{"message": "a gate&#39;s"}', "a gate's"),
        (b"{}", "{}"),
        (b'{"one": 1}', '{"one": 1}'),
        (b"<style>b {}</style><b>bold</b>", "bold"),
        (b"", "no reason given"),
        (b"x" * 1000, "x" * (LONGEST_MESSAGE - 3) + "..."),
        (b"[" * 100_000, "[" * (LONGEST_MESSAGE - 3) + "..."),
    ],
)
def test_words_are_found_in_every_wrapping(body: bytes, words: str) -> None:
    assert words_of(Answer(400, body)) == words


def test_secrets_are_blotted_out_before_words_are_cut() -> None:
    body = b"x" * (LONGEST_MESSAGE - 6) + b"tell-no-one and tell-no"

    words = words_of(Answer(400, body), secrets=["tell-no", "tell-no-one"])

    assert words == "x" * (LONGEST_MESSAGE - 6) + MASK[:3] + "..."
