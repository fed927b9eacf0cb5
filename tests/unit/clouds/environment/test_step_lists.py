# SPDX-License-Identifier: Apache-2.0
"""Deploy templates and runbooks, as Ironic of both releases gives them."""

from typing import Any

import pytest

from ephyrad.clouds.environment.mark import of as mark_of
from ephyrad.clouds.environment.port import Collection
from ephyrad.clouds.port import CloudReadError
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.outcomes import Done, Outcome, Refused, Underway, Unknown, Unreachable
from tests.unit.clouds.canned import Canned, Reply
from tests.unit.clouds.samples import RELEASES, sample

KEY = "170b48b8-ffed-4d00-9ce1-2b0c2c995150"
OTHER = "8de42e11-3e9c-4954-afcc-25f60c7e751d"
PATHS = {Kind.DEPLOY_TEMPLATE: "/deploy_templates", Kind.RUNBOOK: "/runbooks"}
NUMBERS = {Kind.DEPLOY_TEMPLATE: "priority", Kind.RUNBOOK: "order"}
BY_HAND = "to everybody: create the {} in the new cloud by hand"

kinds = pytest.mark.parametrize("kind", PATHS)


def step(kind: Kind, number: int = 1, name: str = "apply", **args: Any) -> dict[str, Any]:
    return {"interface": "bios", "step": name, "args": args, NUMBERS[kind]: number}


def shown(kind: Kind, **more: Any) -> dict[str, Any]:
    """Return what Ironic shows of one."""
    always: dict[str, Any] = {
        "uuid": KEY,
        "created_at": "2026-11-25T17:27:19+00:00",
        "updated_at": None,
        "name": "CUSTOM_GOLD",
        "extra": {},
        "links": [],
        "steps": [step(kind)],
    }
    if kind is Kind.RUNBOOK:
        always |= {"public": False, "owner": None, "disable_ramdisk": False}
        always |= {"description": None, "traits": []}
    return always | more


def item(kind: Kind, **fields: Any) -> Item:
    return Item(kind, KEY, "CUSTOM_GOLD", {"name": "CUSTOM_GOLD", "steps": [step(kind)]} | fields)


def of(server: Canned, kind: Kind) -> Collection:
    return server.environment().collections[kind]


def read(server: Canned, kind: Kind, **more: Any) -> Item:
    server.ironic("GET", f"{PATHS[kind]}/{KEY}", Reply(200, shown(kind, **more)))
    found = of(server, kind).item(KEY)
    assert found is not None
    return found


def sent(server: Canned, method: str, path: str) -> Any:
    (request,) = server.asked(method, f"/baremetal/v1{path}")
    return request.json


def patched(server: Canned, kind: Kind) -> dict[str, Any]:
    patch = sent(server, "PATCH", f"{PATHS[kind]}/{KEY}")
    assert {operation["op"] for operation in patch} == {"add"}
    return {operation["path"]: operation["value"] for operation in patch}


def mark(wanted: Item) -> dict[str, str]:
    return {"note": "carried from the old cloud", "digest": mark_of(wanted)}


# Reading


@kinds
def test_a_plain_one_is_its_name_and_its_steps(server: Canned, kind: Kind) -> None:
    assert read(server, kind) == item(kind)


@kinds
def test_the_mark_is_no_field(server: Canned, kind: Kind) -> None:
    digest = mark_of(item(kind))
    found = read(server, kind, extra={"rack": 7, "ephyrad": {"note": "n", "digest": digest}})

    assert (found.fields["extra"], found.mark) == ({"rack": 7}, item(kind).digest)


@kinds
@pytest.mark.parametrize(
    "extra", [None, {}, {"ephyrad": 1}, {"ephyrad": {"digest": None}}, {"ephyrad": {"digest": "d"}}]
)
def test_what_is_no_mark_is_none(server: Canned, kind: Kind, extra: object) -> None:
    assert read(server, kind, extra=extra) == item(kind)


@kinds
def test_steps_stand_in_the_order_in_which_they_are_taken(server: Canned, kind: Kind) -> None:
    first, second, third = step(kind, 1, "b"), step(kind, 2, "a"), step(kind, 2, "c")

    found = read(server, kind, steps=[third, first, second])

    assert found.fields["steps"] == [first, second, third]


def test_what_else_a_runbook_has(server: Canned) -> None:
    more = {"owner": "p", "disable_ramdisk": True, "description": "d", "traits": ["B", "A"]}

    found = read(server, Kind.RUNBOOK, **more)

    assert found == item(Kind.RUNBOOK, **more | {"traits": ["A", "B"]})
    assert read(server, Kind.RUNBOOK, public=True) == item(Kind.RUNBOOK, public=True)


def test_the_owner_of_a_public_runbook_means_nothing(server: Canned) -> None:
    found = read(server, Kind.RUNBOOK, public=True, owner="p")

    assert found == item(Kind.RUNBOOK, public=True)


def test_a_runbook_of_an_ironic_that_knows_no_traits_of_it(server: Canned) -> None:
    server.versions("1.1", "1.92")
    old = shown(Kind.RUNBOOK)
    del old["traits"], old["description"]
    server.ironic("GET", f"/runbooks/{KEY}", Reply(200, old))

    assert of(server, Kind.RUNBOOK).item(KEY) == item(Kind.RUNBOOK)


@kinds
def test_the_list_is_read_in_pages_with_all_details(server: Canned, kind: Kind) -> None:
    path = PATHS[kind]
    link = f"http://elsewhere{path}?limit=1&marker={KEY}"
    server.ironic(
        "GET",
        path,
        Reply(200, {path[1:]: [shown(kind)], "next": link}),
        Reply(200, {path[1:]: [shown(kind), shown(kind, uuid=OTHER)]}),
    )

    items = server.environment(page_size=1).collections[kind].items()

    assert [each.key for each in items] == [KEY, OTHER]
    first, second = server.asked("GET", f"/baremetal/v1{path}")
    assert first.query == {"detail": "true", "limit": "1"}
    assert second.query == {"detail": "true", "limit": "1", "marker": KEY}


@kinds
@pytest.mark.parametrize(
    ("malformed", "words"),
    [
        ({"name": None}, "name: a string was expected"),
        ({"steps": None}, "steps: a list of objects was expected"),
        ({"steps": ["x"]}, "steps: a list of objects was expected"),
        ({"extra": []}, "extra: an object was expected"),
    ],
)
def test_what_is_malformed_is_named(
    server: Canned, kind: Kind, malformed: dict[str, Any], words: str
) -> None:
    with pytest.raises(CloudReadError, match=f"Ironic of the new cloud: .* {KEY}: {words}"):
        read(server, kind, **malformed)


@kinds
@pytest.mark.parametrize(
    "key", ["CUSTOM_GOLD", "", "..", "c0ffee", f"{KEY}/steps", "{" + KEY + "}"]
)
def test_only_a_uuid_is_asked_for(server: Canned, kind: Kind, key: str) -> None:
    assert of(server, kind).item(key) is None
    assert not [each for each in server.requests if PATHS[kind] in each.path]


@kinds
@pytest.mark.parametrize("key", [KEY.upper(), KEY.replace("-", "")], ids=str)
def test_a_uuid_is_asked_for_as_it_was_made(server: Canned, kind: Kind, key: str) -> None:
    """Ironic keeps one in capital letters or without hyphens as it is (observed)."""
    server.ironic("GET", f"{PATHS[kind]}/{key}", Reply(200, shown(kind, uuid=key)))

    found = of(server, kind).item(key)

    assert found is not None
    assert found.key == key


@kinds
def test_one_that_is_spelt_otherwise_is_another(server: Canned, kind: Kind) -> None:
    """Ironic finds it, whose database takes capital letters for small ones."""
    server.ironic("GET", f"{PATHS[kind]}/{KEY.upper()}", Reply(200, shown(kind)))

    assert of(server, kind).item(KEY.upper()) is None


def test_one_that_is_not_there(server: Canned) -> None:
    words = f"Deploy template {KEY} could not be found."
    server.ironic("GET", f"/deploy_templates/{KEY}", Reply(404, {"faultstring": words}))

    assert of(server, Kind.DEPLOY_TEMPLATE).item(KEY) is None


@pytest.mark.parametrize(
    ("newest", "kinds"),
    [
        ("1.65", {Kind.DEPLOY_TEMPLATE}),
        ("1.82", {Kind.DEPLOY_TEMPLATE}),
        ("1.91", {Kind.DEPLOY_TEMPLATE}),
        ("1.92", {Kind.DEPLOY_TEMPLATE, Kind.RUNBOOK}),
    ],
)
def test_an_older_ironic_has_no_runbooks(server: Canned, newest: str, kinds: set[Kind]) -> None:
    server.versions("1.1", newest)

    assert server.environment().collections.keys() & PATHS.keys() == kinds


@pytest.mark.parametrize("release", RELEASES)
def test_recorded_answers_are_read(server: Canned, release: str) -> None:
    recorded = sample(f"{release}-environment")
    for kind, path in PATHS.items():
        if path[1:] in recorded:
            server.ironic("GET", path, Reply(200, recorded[path[1:]]))

            (found,) = of(server, kind).items()

            assert (found.name, found.fields["extra"]) == ("CUSTOM_GOLD", {"rack": 1})
            assert found.trouble is not None


# Masks


@kinds
@pytest.mark.parametrize(
    ("args", "where"),
    [
        ({"password": "******"}, "password"),
        ({"note": "x password=****** y"}, "note"),
        ({"settings": [{"value": "v"}, {"secret": "******"}]}, r"settings\[1\].secret"),
    ],
)
def test_a_mask_is_trouble_and_is_never_written(
    server: Canned, kind: Kind, args: dict[str, Any], where: str
) -> None:
    found = read(server, kind, steps=[step(kind, **args)])

    assert found.trouble is not None
    assert f"(bios.apply: {where.replace(chr(92), '')})" in found.trouble
    assert BY_HAND.format(str(kind).replace("-", " ")) in found.trouble
    untroubled = Item(found.kind, found.key, found.name, found.fields)
    expected = Refused(0, found.trouble)
    assert of(server, kind).create(untroubled) == expected
    assert of(server, kind).amend(untroubled, item(kind)) == expected
    assert {each.method for each in server.requests if PATHS[kind] in each.path} == {"GET"}


@kinds
def test_stars_elsewhere_are_no_mask(server: Canned, kind: Kind) -> None:
    found = read(server, kind, extra={"stars": "******"}, steps=[step(kind, rating="*****")])

    assert found.trouble is None


# Writing


@kinds
def test_it_is_made_with_its_uuid_and_a_mark(server: Canned, kind: Kind) -> None:
    wanted = item(kind, extra={"rack": 7})
    server.ironic("POST", PATHS[kind], Reply(201, shown(kind)))

    assert of(server, kind).create(wanted) == Done()

    body = sent(server, "POST", PATHS[kind])
    assert body["extra"] == {"rack": 7, "ephyrad": mark(wanted)}
    assert (body["uuid"], body["name"], body["steps"]) == (KEY, "CUSTOM_GOLD", [step(kind)])
    assert not {"owner", "description", "traits"} & body.keys()


def test_a_runbook_is_given_its_traits_when_it_is_there(server: Canned) -> None:
    wanted = item(Kind.RUNBOOK, owner="p", description="d", traits=["CUSTOM_A"])
    server.ironic("POST", "/runbooks", Reply(201, shown(Kind.RUNBOOK)))
    server.ironic("PUT", f"/runbooks/{KEY}/traits", Reply(204))

    assert of(server, Kind.RUNBOOK).create(wanted) == Done()

    body = sent(server, "POST", "/runbooks")
    assert (body["owner"], body["description"], "traits" in body) == ("p", "d", False)
    assert sent(server, "PUT", f"/runbooks/{KEY}/traits") == {"traits": ["CUSTOM_A"]}


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (503, Unknown("half of it is done: HTTP 503: Canned")),
        (400, Refused(400, "half of it is done: Canned")),
        (202, Underway()),
    ],
)
def test_half_of_it_is_not_nothing(server: Canned, status: int, outcome: Outcome) -> None:
    server.ironic("POST", "/runbooks", Reply(201, shown(Kind.RUNBOOK)))
    server.ironic("PATCH", f"/runbooks/{KEY}", Reply(200, shown(Kind.RUNBOOK)))
    server.ironic("PUT", f"/runbooks/{KEY}/traits", Reply(status))
    wanted = item(Kind.RUNBOOK, traits=["CUSTOM_A"])

    assert of(server, Kind.RUNBOOK).create(wanted) == outcome
    assert of(server, Kind.RUNBOOK).amend(wanted, item(Kind.RUNBOOK)) == outcome


@kinds
def test_nothing_more_is_tried_after_a_refusal(server: Canned, kind: Kind) -> None:
    words = "A runbook with name CUSTOM_GOLD already exists."
    answer = Reply(409, {"faultstring": words})
    server.ironic("POST", PATHS[kind], answer)
    server.ironic("PATCH", f"{PATHS[kind]}/{KEY}", answer)
    wanted = item(kind, traits=["CUSTOM_A"])

    assert of(server, kind).create(wanted) == Refused(409, words)
    assert of(server, kind).amend(wanted, item(kind)) == Refused(409, words)
    assert not server.asked("PUT", f"/baremetal/v1{PATHS[kind]}/{KEY}/traits")


@kinds
def test_only_what_differs_is_amended(server: Canned, kind: Kind) -> None:
    wanted = item(kind, steps=[step(kind, 9)], extra={"rack": 8})
    server.ironic("PATCH", f"{PATHS[kind]}/{KEY}", Reply(200, shown(kind)))

    assert of(server, kind).amend(wanted, item(kind, extra={"shelf": 1})) == Done()

    assert patched(server, kind) == {
        "/steps": [step(kind, 9)],
        "/extra": {"rack": 8, "ephyrad": mark(wanted)},
    }


@pytest.mark.parametrize(
    ("wanted", "found", "operations"),
    [
        ({"public": True}, {"owner": "p"}, {"/public": True}),
        ({"owner": "p"}, {"public": True}, {"/public": False, "/owner": "p"}),
        ({"owner": "p"}, {"owner": "q"}, {"/public": False, "/owner": "p"}),
        ({}, {"owner": "q"}, {"/public": False, "/owner": None}),
        ({}, {"public": True}, {"/public": False, "/owner": None}),
        ({}, {"description": "d"}, {"/description": None}),
        ({"disable_ramdisk": True}, {}, {"/disable_ramdisk": True}),
    ],
)
def test_a_public_runbook_has_no_owner(
    server: Canned, wanted: dict[str, Any], found: dict[str, Any], operations: dict[str, Any]
) -> None:
    server.ironic("PATCH", f"/runbooks/{KEY}", Reply(200, shown(Kind.RUNBOOK)))

    of(server, Kind.RUNBOOK).amend(item(Kind.RUNBOOK, **wanted), item(Kind.RUNBOOK, **found))

    made = patched(server, Kind.RUNBOOK)
    del made["/extra"]
    assert made == operations


def test_traits_are_taken_away(server: Canned) -> None:
    server.ironic("PATCH", f"/runbooks/{KEY}", Reply(200, shown(Kind.RUNBOOK)))
    server.ironic("PUT", f"/runbooks/{KEY}/traits", Reply(204))
    found = item(Kind.RUNBOOK, traits=["CUSTOM_A"])

    assert of(server, Kind.RUNBOOK).amend(item(Kind.RUNBOOK), found) == Done()

    assert sent(server, "PUT", f"/runbooks/{KEY}/traits") == {"traits": []}


@kinds
def test_nothing_is_written_to_an_ironic_that_is_down(server: Canned, kind: Kind) -> None:
    collection = of(server, kind)
    server.stop()

    assert isinstance(collection.create(item(kind)), Unreachable)


@kinds
def test_it_is_deleted(server: Canned, kind: Kind) -> None:
    server.ironic("DELETE", f"{PATHS[kind]}/{KEY}", Reply(204))

    assert of(server, kind).delete(KEY) == Done()
