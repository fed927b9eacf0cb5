# SPDX-License-Identifier: Apache-2.0
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from ephyrad.clouds.connect import connect
from ephyrad.clouds.environment.keypairs import Keypairs
from ephyrad.clouds.port import CloudReadError
from ephyrad.clouds.settings import CloudSettings
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.facts import CloudName
from ephyrad.migration.outcomes import Done, Refused, Unreachable
from tests.unit.clouds.canned import Canned, Reply, Request

PATH = "/compute/v2.1/os-keypairs"


class Nova:
    """The keys of users, and which users were asked about."""

    def __init__(self, server: Canned, count: int) -> None:
        self.users = [f"user-{number}" for number in range(count)]
        self.keys: dict[str, list[dict[str, Any]]] = {user: [key("laptop")] for user in self.users}
        self.asked: list[str] = []
        self.down: set[str] = set()
        self._lock = threading.Lock()
        self._service = connect(CloudSettings(name=CloudName.OLD, session=server.session())).nova
        server.answer("GET", PATH, self._answer)

    def keypairs(self, **settings: Any) -> Keypairs:
        assert self._service is not None
        return Keypairs(self._service, lambda: self.users, **settings)

    def asked_now(self, act: Callable[[], object]) -> list[str]:
        self.asked.clear()
        act()
        return list(self.asked)

    def _answer(self, request: Request) -> Reply:
        user = request.query["user_id"]
        with self._lock:
            self.asked.append(user)
        if user in self.down:
            return Reply(503)
        shown = [{"keypair": each} for each in self.keys[user]]
        marker, limit = request.query.get("marker"), int(request.query["limit"])
        names = [each["keypair"]["name"] for each in shown]
        shown = shown[names.index(marker) + 1 :] if marker else shown
        body: dict[str, Any] = {"keypairs": shown[:limit]}
        if len(shown) >= limit:
            last = shown[limit - 1]["keypair"]["name"]
            link = f"http://elsewhere{PATH}?user_id={user}&limit={limit}&marker={last}"
            body["keypairs_links"] = [{"rel": "next", "href": link}]
        return Reply(200, body)


def key(name: str, public_key: str = "ssh-rsa A") -> dict[str, Any]:
    return {"name": name, "type": "ssh", "public_key": public_key, "fingerprint": "f0:0d"}


def test_every_user_is_asked_about_once(server: Canned) -> None:
    nova = Nova(server, 5)

    items = nova.keypairs().items()

    assert nova.asked == nova.users
    assert [item.key for item in items] == [f"{user}/laptop" for user in nova.users]
    assert items[0].fields == {"user_id": "user-0", **key("laptop")}


def test_of_many_users_those_are_asked_about_whose_answer_is_oldest(server: Canned) -> None:
    nova = Nova(server, 5)
    keypairs = nova.keypairs(per_sweep=2)

    assert nova.asked_now(keypairs.items) == nova.users
    assert nova.asked_now(keypairs.items) == ["user-0", "user-1"]
    assert nova.asked_now(keypairs.items) == ["user-2", "user-3"]
    assert nova.asked_now(lambda: keypairs.item("user-4/laptop")) == ["user-4"]
    assert nova.asked_now(keypairs.items) == ["user-0", "user-1"]
    assert len(keypairs.items()) == 5


def test_new_users_come_before_the_others(server: Canned) -> None:
    nova = Nova(server, 3)
    keypairs = nova.keypairs(per_sweep=2)
    keypairs.items()
    nova.users.append("user-9")
    nova.keys["user-9"] = [key("phone")]

    assert nova.asked_now(keypairs.items) == ["user-9", "user-0"]


def test_what_did_not_change_is_the_same_object(server: Canned) -> None:
    nova = Nova(server, 3)
    keypairs = nova.keypairs()
    before = keypairs.items()
    nova.keys["user-1"][0]["public_key"] = "ssh-rsa B"

    after = keypairs.items()

    assert [one is other for one, other in zip(before, after, strict=True)] == [True, False, True]
    assert after[1].fields["public_key"] == "ssh-rsa B"


def test_what_stands_on_a_later_page_is_seen_to_change(server: Canned) -> None:
    nova = Nova(server, 1)
    nova.keys["user-0"] = [key(name) for name in ("a", "b", "c")]
    keypairs = nova.keypairs(page_size=2)
    assert [item.name for item in keypairs.items()] == ["a", "b", "c"]

    nova.keys["user-0"][2] = key("d")

    assert [item.name for item in keypairs.items()] == ["a", "b", "d"]


@pytest.mark.parametrize("at_once", [1, 3])
def test_what_was_read_before_an_error_is_not_asked_for_again(server: Canned, at_once: int) -> None:
    nova = Nova(server, 50)
    keypairs = nova.keypairs(per_sweep=1, at_once=at_once)
    nova.down = {"user-20"}
    with pytest.raises(CloudReadError, match="HTTP 503"):
        keypairs.items()
    read = set(nova.asked) - nova.down
    assert len(read) < 49

    nova.down.clear()
    again = nova.asked_now(keypairs.items)

    assert set(again) == set(nova.users) - read
    assert len(keypairs.items()) == 50


def test_users_are_asked_about_side_by_side(server: Canned) -> None:
    nova = Nova(server, 20)

    items = nova.keypairs(at_once=4).items()

    assert sorted(nova.asked) == sorted(nova.users)
    assert [item.key for item in items] == [f"{user}/laptop" for user in nova.users]


LEAVE = """
import threading
from ephyrad.clouds.environment.keypairs import Keypairs

asked = threading.Event()

class Nova:
    def ask(self, path, params):
        asked.set()
        threading.Event().wait()

keypairs = Keypairs(Nova(), lambda: map(str, range(9)), at_once=4)
threading.Thread(target=keypairs.items, daemon=True).start()
asked.wait()
"""


def test_the_process_ends_though_users_are_to_be_asked_about() -> None:
    subprocess.run([sys.executable, "-c", LEAVE], check=True, timeout=20)


def test_a_user_who_is_gone_has_no_keys(server: Canned) -> None:
    nova = Nova(server, 3)
    keypairs = nova.keypairs()
    keypairs.items()

    nova.users.remove("user-1")

    assert [item.key for item in keypairs.items()] == ["user-0/laptop", "user-2/laptop"]


def test_whose_keys_are_changed_here_is_asked_about(server: Canned) -> None:
    nova = Nova(server, 4)
    keypairs = nova.keypairs(per_sweep=1)
    keypairs.items()
    item = Item(Kind.KEYPAIR, "user-3/x", "x", {"user_id": "user-3", **key("x")})
    server.answer("POST", PATH, Reply(201, {"keypair": {}}))
    server.answer("DELETE", f"{PATH}/laptop", Reply(204))

    assert keypairs.create(item) == Done()
    assert nova.asked_now(keypairs.items) == ["user-3"]
    assert keypairs.delete("user-2/laptop") == Done()
    assert nova.asked_now(keypairs.items) == ["user-2"]


def test_the_fingerprint_is_novas_to_say(server: Canned) -> None:
    nova = Nova(server, 1)
    server.answer("POST", PATH, Reply(201, {"keypair": {}}))
    item = Item(Kind.KEYPAIR, "user-0/x", "x", {"user_id": "user-0", **key("x")})

    nova.keypairs().create(item)

    (request,) = server.asked("POST", PATH)
    body = {"name": "x", "type": "ssh", "public_key": "ssh-rsa A", "user_id": "user-0"}
    assert request.json == {"keypair": body}


def test_words_about_a_key_pair_are_not_blotted_out(server: Canned) -> None:
    nova = Nova(server, 1)
    words = "Key pair 'x' already exists."
    server.answer("POST", PATH, Reply(409, {"conflictingRequest": {"code": 409, "message": words}}))
    item = Item(Kind.KEYPAIR, "user-0/x", "x", {"user_id": "user-0", **key("x")})

    assert nova.keypairs().create(item) == Refused(409, words)


def test_nothing_is_deleted_that_cannot_be_seen(server: Canned) -> None:
    nova = Nova(server, 1)
    nova.down = {"user-0"}

    outcome = nova.keypairs().delete("user-0/laptop")

    assert isinstance(outcome, Unreachable)
    assert [request for request in server.requests if request.method == "DELETE"] == []


@pytest.mark.parametrize("name", ["a/b", "ä", " a", "a ", "a\tb", "a:b", "x" * 256])
def test_a_name_that_nova_takes_no_more_is_told(server: Canned, name: str) -> None:
    nova = Nova(server, 1)
    nova.keys["user-0"] = [key(name)]

    (item,) = nova.keypairs().items()

    assert item.key == f"user-0/{name}"
    assert item.trouble is not None
    assert "under another name" in item.trouble
    assert nova.keypairs().item(item.key) == item


def test_a_key_pair_without_a_key_is_told(server: Canned) -> None:
    nova = Nova(server, 1)
    nova.keys["user-0"] = [key("a") | {"public_key": None}]

    (item,) = nova.keypairs().items()

    assert item.trouble is not None
    assert "import it again" in item.trouble


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"keypairs": None},
        {"keypairs": [{}]},
        {"keypairs": [{"keypair": {"name": "a"}}]},
        {"keypairs": [], "keypairs_links": [{"href": "x"}]},
    ],
)
def test_an_answer_of_another_shape_cannot_be_read(server: Canned, body: object) -> None:
    nova = Nova(server, 1)
    server.answer("GET", PATH, Reply(200, body))

    with pytest.raises(CloudReadError, match=r"Nova of the old cloud: GET /os-keypairs"):
        nova.keypairs().items()
