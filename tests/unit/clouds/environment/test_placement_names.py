# SPDX-License-Identifier: Apache-2.0
import pytest

from ephyrad.clouds.environment.port import Collection
from ephyrad.clouds.port import CloudReadError
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.outcomes import Done, Refused, Unknown
from tests.unit.clouds.canned import Canned, Reply

GOLD = "CUSTOM_GOLD"
AT = {Kind.TRAIT: "/placement/traits", Kind.RESOURCE_CLASS: "/placement/resource_classes"}
LISTS = {
    Kind.TRAIT: {"traits": ["CUSTOM_B", GOLD, "CUSTOM_A"]},
    Kind.RESOURCE_CLASS: {
        "resource_classes": [
            {"name": name, "links": []} for name in ("VCPU", "CUSTOM_B", GOLD, "CUSTOM_A")
        ]
    },
}
ABSENT = {
    Kind.TRAIT: f"No such trait(s): {GOLD}.",
    Kind.RESOURCE_CLASS: f"No such resource class {GOLD}.",
}
kinds = pytest.mark.parametrize("kind", AT)


def refusal(status: int, words: str) -> Reply:
    return Reply(status, {"errors": [{"status": status, "detail": words}]})


def of(server: Canned, kind: Kind) -> Collection:
    return server.environment().collections[kind]


@kinds
def test_only_what_people_named_is_an_item(server: Canned, kind: Kind) -> None:
    server.answer("GET", AT[kind], Reply(200, LISTS[kind]))

    items = of(server, kind).items()

    assert items == [Item(kind, name, name, {}) for name in ("CUSTOM_A", "CUSTOM_B", GOLD)]


def test_placement_is_asked_for_the_traits_that_people_named(server: Canned) -> None:
    server.answer("GET", AT[Kind.TRAIT], Reply(200, {"traits": []}))

    of(server, Kind.TRAIT).items()

    (request,) = server.asked("GET", AT[Kind.TRAIT])
    assert request.query == {"name": "startswith:CUSTOM_"}


@kinds
@pytest.mark.parametrize("body", [{}, {"traits": None, "resource_classes": [{}]}, {"traits": [1]}])
def test_a_list_of_another_shape_cannot_be_read(server: Canned, kind: Kind, body: object) -> None:
    server.answer("GET", AT[kind], Reply(200, body))

    with pytest.raises(CloudReadError, match="unexpected answer"):
        of(server, kind).items()


@kinds
@pytest.mark.parametrize("answer", [Reply(204), Reply(200, {"name": GOLD, "links": []})])
def test_a_name_that_is_there(server: Canned, kind: Kind, answer: Reply) -> None:
    server.answer("GET", f"{AT[kind]}/{GOLD}", answer)

    assert of(server, kind).item(GOLD) == Item(kind, GOLD, GOLD, {})


@kinds
def test_a_name_that_is_not_there(server: Canned, kind: Kind) -> None:
    server.answer("GET", f"{AT[kind]}/{GOLD}", refusal(404, ABSENT[kind]))

    assert of(server, kind).item(GOLD) is None


@kinds
def test_a_404_of_somebody_else_says_nothing(server: Canned, kind: Kind) -> None:
    with pytest.raises(CloudReadError, match="HTTP 404"):
        of(server, kind).item(GOLD)


@kinds
@pytest.mark.parametrize("key", ["HW_CPU_X86_VMX", "VCPU", "", "CUSTOM_", "CUSTOM_a", "CUSTOM_A/B"])
def test_what_nobody_named_is_not_asked_for(server: Canned, kind: Kind, key: str) -> None:
    assert of(server, kind).item(key) is None
    assert not [each for each in server.requests if each.path.startswith(AT[kind])]


@kinds
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Reply(201, b"", {"Location": f"http://somewhere/{GOLD}"}), Done()),
        (Reply(204, b"", {"Location": f"http://somewhere/{GOLD}"}), Done()),
        (Reply(201), Unknown("HTTP 201 with a body that is not the expected JSON")),
        (refusal(409, "Try again."), Refused(409, "Try again.")),
    ],
)
def test_a_name_is_put(server: Canned, kind: Kind, answer: Reply, outcome: object) -> None:
    server.answer("PUT", f"{AT[kind]}/{GOLD}", answer)

    assert of(server, kind).create(Item(kind, GOLD, GOLD, {})) == outcome


@kinds
def test_there_is_nothing_to_amend(server: Canned, kind: Kind) -> None:
    item = Item(kind, GOLD, GOLD, {})

    assert of(server, kind).amend(item, item) == Done()


@kinds
@pytest.mark.parametrize("status", [204, 404, 409])
def test_a_name_is_deleted_where_nothing_has_it(server: Canned, kind: Kind, status: int) -> None:
    words = ABSENT[kind] if status == 404 else "in use"
    answer = Reply(204) if status == 204 else refusal(status, words)
    server.answer("DELETE", f"{AT[kind]}/{GOLD}", answer)

    outcome = of(server, kind).delete(GOLD)

    assert outcome == (Refused(409, "in use") if status == 409 else Done())
