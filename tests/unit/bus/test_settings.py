# SPDX-License-Identifier: Apache-2.0
import pytest

from ephyrad.bus.settings import PRIORITIES, BusSettings
from ephyrad.migration.facts import CloudName

URL = "rabbit://user:secret@host/"


def test_the_transport_url_is_not_shown() -> None:
    settings = BusSettings(cloud=CloudName.OLD, transport_url=URL)

    assert "secret" not in repr(settings)


def test_a_pool_is_one_queue() -> None:
    settings = BusSettings(cloud=CloudName.OLD, transport_url=URL, pool="ephyra")

    assert settings.queues == ("ephyra",)


def test_a_topic_is_a_queue_for_each_priority_whatever_the_exchange() -> None:
    settings = BusSettings(
        cloud=CloudName.OLD, transport_url=URL, ironic_topics=("ephyra",), nova_topics=("ephyra",)
    )

    assert settings.queues == tuple(f"ephyra.{priority}" for priority in PRIORITIES)
    assert settings.feeds == (("ironic", "ephyra"), ("nova", "ephyra"))


def test_glance_is_listened_to_where_a_topic_of_it_is_named() -> None:
    settings = BusSettings(cloud=CloudName.OLD, transport_url=URL, glance_topics=("ephyra",))

    assert settings.feeds[-1] == ("glance", "ephyra")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("ironic_versioned_notifications", "versioned_notifications")),
        ({"pool": "ephyra"}, ()),
        ({"ironic_topics": ("ephyra",), "nova_topics": ("ephyra",)}, ()),
        ({"ironic_topics": ("ephyra",), "nova_topics": ("notifications",)}, ("notifications",)),
    ],
)
def test_default_topics_without_a_pool_are_shared(
    changes: dict[str, object], expected: tuple[str, ...]
) -> None:
    settings = BusSettings(cloud=CloudName.OLD, transport_url=URL, **changes)  # type: ignore[arg-type]

    assert settings.shared_topics == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 0),
        ({"pool": "ephyra"}, 1),
        ({"ironic_topics": ("ephyra",), "nova_topics": ("notifications",)}, len(PRIORITIES)),
    ],
)
def test_queues_of_shared_topics_are_not_its_own(changes: dict[str, object], expected: int) -> None:
    settings = BusSettings(cloud=CloudName.OLD, transport_url=URL, **changes)  # type: ignore[arg-type]

    assert len(settings.own_queues) == expected
    assert all(name.startswith("ephyra") for name in settings.own_queues)
