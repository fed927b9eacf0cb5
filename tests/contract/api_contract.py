# SPDX-License-Identifier: Apache-2.0
"""What the APIs answer to questions at their edges: the real ones, and so the simulated ones."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from keystoneauth1.adapter import Adapter
from keystoneauth1.session import Session

from ephyrad.clouds.errors import Answer, words_of
from ephyrad.migration.facts import CloudName

NOBODY = "00000000-0000-0000-0000-000000000000"
"""The UUID of nothing."""

Scope = Literal["system", "project"]
SCOPES: tuple[Scope, ...] = ("system", "project")


@dataclass(frozen=True)
class Question:
    """A request to a service at a microversion, and what both releases answer, or one of them."""

    service: str
    request: str
    status: int
    words: str = ""
    version: str | None = "1.82"
    scope: Scope = "system"
    json: Any = None
    data: str | None = None
    only: CloudName | None = None

    def __str__(self) -> str:
        return f"{self.only or ''} {self.scope} {self.service} {self.version} {self.request}"


_ABSENT = f"Node {NOBODY} could not be found."
_RETIRE = [{"op": "add", "path": "/retired", "value": True}]

QUESTIONS = [
    Question("baremetal", f"GET /v1/nodes/{NOBODY}", 404, _ABSENT),
    Question("baremetal", "GET /v1/nodes/no-such", 404, "Node no-such could not be found."),
    Question("baremetal", "GET /v1/nodes/a.json", 404, "Node a.json could not be found."),
    Question("baremetal", f"GET /v1/nodes?marker={NOBODY}", 404, _ABSENT),
    Question("baremetal", "GET /v1/nodes?limit=x", 400, "Expected an integer for limit: x"),
    Question("baremetal", "GET /v1/nodes?bogus=1", 400, "Unexpected arguments: bogus"),
    Question("baremetal", "GET /v1/nodes?fields=levitation", 500, "no attribute 'levitation'"),
    Question("baremetal", "GET /v1/nodes?fields=retired", 406, "not acceptable", version="1.60"),
    Question(
        "baremetal",
        "GET /v1/nodes?include_children=true",
        400,
        "Unexpected arguments: include_children",
        only=CloudName.OLD,
    ),
    Question(
        "baremetal",
        "GET /v1/nodes?include_children=true",
        406,
        "The minimal required API version should be 1.83",
        only=CloudName.NEW,
    ),
    Question("baremetal", "GET /v1/nodes", 406, version="1.999"),
    Question("baremetal", "GET /v1/levitation", 404),
    Question("baremetal", f"GET /v1/nodes/{NOBODY}/history?detail=true", 404, version="1.77"),
    Question("baremetal", f"GET /v1/nodes/{NOBODY}/history?detail=true", 404, _ABSENT),
    Question("baremetal", f"GET /v1/nodes/{NOBODY}/traits", 404, _ABSENT),
    Question("baremetal", f"GET /v1/ports?node={NOBODY}&detail=true", 404, _ABSENT),
    Question("baremetal", f"GET /v1/volume/targets?node={NOBODY}&detail=true", 404, _ABSENT),
    Question("baremetal", "GET /v1/ports?address=00:00:00:00:00:00&fields=node_uuid", 200),
    Question("baremetal", "GET /v1/drivers?limit=1", 400, "Unexpected arguments: limit"),
    Question("baremetal", "POST /v1/nodes", 500, "double quotes", data="{garbage"),
    Question("baremetal", "POST /v1/nodes", 400, "[] is not of type 'object'", json=[]),
    Question("baremetal", f"PATCH /v1/nodes/{NOBODY}", 404, _ABSENT, json=_RETIRE),
    Question(
        "baremetal",
        f"PUT /v1/nodes/{NOBODY}/states/provision",
        404,
        _ABSENT,
        json={"target": "manage"},
    ),
    Question(
        "baremetal",
        f"PUT /v1/nodes/{NOBODY}/states/power",
        404,
        _ABSENT,
        json={"target": "power off"},
    ),
    Question("baremetal", f"PUT /v1/nodes/{NOBODY}/maintenance", 404, _ABSENT, json={}),
    Question("baremetal", f"DELETE /v1/nodes/{NOBODY}/maintenance", 404, _ABSENT),
    Question("baremetal", f"PUT /v1/nodes/{NOBODY}/traits", 404, _ABSENT, json={"traits": []}),
    Question("baremetal", f"DELETE /v1/nodes/{NOBODY}", 404, _ABSENT),
    Question("baremetal", f"GET /v1/nodes?project={'0' * 32}", 200),
    Question(
        "baremetal", f"GET /v1/nodes?project={'0' * 32}", 200, scope="project", only=CloudName.OLD
    ),
    Question(
        "baremetal",
        f"GET /v1/nodes?project={'0' * 32}",
        403,
        "baremetal:node:list_all",
        scope="project",
        only=CloudName.NEW,
    ),
    Question(
        "baremetal",
        "GET /v1/conductors?limit=1",
        403,
        "baremetal:conductor:get",
        scope="project",
        only=CloudName.NEW,
    ),
    Question("baremetal", "GET /v1/conductors?limit=1", 200, scope="project", only=CloudName.OLD),
    Question(
        "compute",
        f"GET /servers/detail?all_tenants=1&node={NOBODY}",
        403,
        "os_compute_api:servers:detail",
        version="2.95",
    ),
    Question(
        "compute",
        f"GET /servers/detail?all_tenants=1&node={NOBODY}",
        200,
        version="2.95",
        scope="project",
    ),
    Question(
        "compute",
        "GET /servers/detail",
        406,
        "Version 2.999 is not supported by the API. Minimum is 2.1",
        version="2.999",
        scope="project",
    ),
    Question("compute", "GET /levitation", 404, version="2.95", scope="project"),
    Question(
        "placement",
        f"GET /resource_providers/{NOBODY}/inventories",
        404,
        f"No resource provider with uuid {NOBODY} found",
        version="1.39",
        scope="project",
    ),
    Question(
        "placement",
        f"GET /resource_providers/{NOBODY}/allocations",
        404,
        f"No resource provider with uuid {NOBODY} found",
        version="1.39",
        scope="project",
    ),
    Question(
        "placement",
        f"GET /resource_providers/{NOBODY}/inventories",
        404,
        version="1.39",
        only=CloudName.OLD,
    ),
    Question(
        "placement",
        f"GET /resource_providers/{NOBODY}/inventories",
        403,
        "placement:resource_providers:inventories:list",
        version="1.39",
        only=CloudName.NEW,
    ),
    Question(
        "placement",
        f"GET /resource_providers/{NOBODY}/inventories",
        406,
        "Unacceptable version header: 1.99",
        version="1.99",
        scope="project",
    ),
    Question("placement", "GET /levitation", 404, version="1.39", scope="project"),
    *(
        Question("identity", f"GET /{kind}?limit=1", 200, version=None, scope=scope)
        for kind in ("domains", "users", "projects")
        for scope in SCOPES
    ),
    Question("identity", "GET /users?domain_id=nosuch", 200, version=None),
    Question(
        "identity",
        "GET /users?marker=nosuch",
        404,
        "Marker nosuch could not be found.",
        version=None,
        only=CloudName.NEW,
    ),
    Question("identity", "GET /users?marker=nosuch", 200, version=None, only=CloudName.OLD),
    *(
        Question("compute", f"GET {path}", 403, f"os_compute_api:{rule}", version="2.95")
        for path, rule in (
            ("/os-keypairs?user_id=nosuch", "os-keypairs:index"),
            ("/os-aggregates", "os-aggregates:index"),
            ("/flavors/nosuch/os-flavor-access", "os-flavor-access"),
        )
    ),
    *(
        Question("compute", request, status, words, version=version, scope="project", json=json)
        for request, version, json, status, words in (
            (
                "GET /os-keypairs?user_id=x&marker=nosuch",
                *("2.95", None, 400, "Marker nosuch could not be found."),
            ),
            (
                "DELETE /os-keypairs/nosuch?user_id=x",
                *("2.95", None, 404, "Keypair nosuch not found for user x"),
            ),
            (
                "POST /os-keypairs",
                *("2.92", {"keypair": {"name": "a"}}, 400, "'public_key' is a required property"),
            ),
            (
                "POST /os-keypairs",
                *("2.91", {"keypair": {"name": "a@b", "public_key": "k"}}, 400, "name"),
            ),
            ("GET /flavors/nosuch", "2.95", None, 404, "Flavor nosuch could not be found."),
            (
                "GET /flavors/detail?is_public=None&marker=nosuch",
                *("2.95", None, 400, "marker [nosuch] not found"),
            ),
            (
                "POST /flavors/nosuch/os-extra_specs",
                *("2.85", {"extra_specs": {"hw:bogus": "1"}}, 404, "Flavor nosuch could not"),
            ),
            (
                "POST /flavors/nosuch/os-extra_specs",
                *("2.86", {"extra_specs": {"hw:bogus": "1"}}, 400, "Validation failed"),
            ),
            ("DELETE /os-aggregates/999999", "2.95", None, 404, "Aggregate 999999 could not be"),
        )
    ),
    Question(
        "compute",
        "POST /flavors",
        400,
        "rxtx_factor",
        version="2.102",
        scope="project",
        json={"flavor": {"name": "a", "ram": 1, "vcpus": 1, "disk": 0, "rxtx_factor": 1.0}},
        only=CloudName.NEW,
    ),
    Question("network", "GET /networks?limit=1", 200, version=None, scope="project"),
    Question("network", "GET /networks?limit=1", 200, version=None),
    Question(
        "network",
        "GET /networks?limit=1&marker=nosuch",
        404,
        "Network nosuch could not be found.",
        version=None,
        scope="project",
    ),
    Question("image", "GET /v2/images?limit=1", 200, version=None, scope="project"),
    Question("image", "GET /v2/images?limit=1", 403, "get_images", version=None),
    Question("image", "GET /v2/tasks?limit=1", 200, version=None, scope="project"),
    Question("image", f"GET /v2/images/{NOBODY}", 404, NOBODY, version=None),
    Question("image", f"GET /v2/images/{NOBODY}", 404, NOBODY, version=None, scope="project"),
]


class ApiContract(ABC):
    """The suite; a subclass says which cloud it is and how one gets at it."""

    @pytest.fixture
    @abstractmethod
    def sessions(self) -> Mapping[Scope, Session]:
        """A session of each scope."""

    @pytest.fixture
    @abstractmethod
    def cloud_name(self) -> CloudName:
        """Which cloud it is."""

    @pytest.mark.parametrize("question", QUESTIONS, ids=str)
    def test_it_answers_so(
        self, sessions: Mapping[Scope, Session], cloud_name: CloudName, question: Question
    ) -> None:
        if question.only not in (None, cloud_name):
            pytest.skip("the other release's answer")
        method, path = question.request.split()

        answer = _adapter(sessions, question).request(
            path,
            method,
            json=question.json,
            data=question.data,
            raise_exc=False,
            headers={"Content-Type": "application/json"},
        )

        words = words_of(Answer(answer.status_code, answer.content))
        assert (answer.status_code, question.words in words) == (question.status, True), words

    @pytest.mark.parametrize(
        ("service", "path"),
        [
            ("baremetal", "/v1/nodes"),
            ("compute", "/servers/detail"),
            ("placement", "/resource_providers"),
            ("image", "/v2/images"),
            ("identity", "/users"),
        ],
    )
    def test_it_knows_no_token_but_its_own(
        self, sessions: Mapping[Scope, Session], service: str, path: str
    ) -> None:
        url = sessions["project"].get_endpoint(service_type=service, interface="public")
        headers = {"X-Auth-Token": "nobody's"}

        answer = sessions["project"].get(
            f"{url}{path}", authenticated=False, headers=headers, raise_exc=False
        )

        assert answer.status_code == 401


def _adapter(sessions: Mapping[Scope, Session], question: Question) -> Adapter:
    return Adapter(
        sessions[question.scope],
        service_type=question.service,
        interface="public",
        default_microversion=question.version,
        # Found below an endpoint whose URL may name no version.
        min_version={"identity": "3", "network": "2.0"}.get(question.service),
    )
