# SPDX-License-Identifier: Apache-2.0
from typing import Any

import pytest
from keystoneauth1.session import Session

from ephyrad.clouds.port import CloudSetupError
from ephyrad.clouds.settings import CloudSettings
from ephyrad.migration.facts import CloudName


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({}, "needs exactly one of `cloud`"),
        ({"cloud": "a", "session": Session()}, "needs exactly one of `cloud`"),
        (
            {"cloud": "a", "project_cloud": "b", "project_session": Session()},
            "two sources of a project-scoped token",
        ),
        ({"cloud": "a", "page_size": 0}, "page size"),
        ({"cloud": "a", "connections": 0}, "number of connections"),
        ({"cloud": "a", "read_timeout": 0.0}, "time-outs above 0"),
        ({"cloud": "a", "connect_timeout": -1.0}, "time-outs above 0"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any], complaint: str) -> None:
    with pytest.raises(CloudSetupError, match=complaint) as caught:
        CloudSettings(name=CloudName.OLD, **settings)

    assert str(caught.value).startswith("[old_cloud] ")


def test_settings_show_no_session() -> None:
    settings = CloudSettings(name=CloudName.NEW, session=Session(), project_session=Session())

    assert "ession" not in repr(settings)
