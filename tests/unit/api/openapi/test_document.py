# SPDX-License-Identifier: Apache-2.0
"""The document is one of OpenAPI's, says what there is, and is served."""

from pathlib import Path
from typing import Any

import openapi_spec_validator

from ephyrad.api.app import create_app
from ephyrad.api.openapi.document import document
from tests.fakes.operations import FakeOperations
from tests.unit.api.asking import ask

API = ("/v1/", "/healthcheck", "/metrics")
"""What the API's paths begin with; all else is pages for people."""


def operations() -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    }


def test_it_is_a_document_of_openapi() -> None:
    openapi_spec_validator.validate(document())


def test_every_route_is_described_and_no_other() -> None:
    app = create_app(FakeOperations(), max_body=1)
    routes = {
        f"{method} {rule.rule.replace('<', '{').replace('>', '}')}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(API)
    }

    assert set(operations()) == routes


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [each["operationId"] for each in operations().values()]

    assert len(set(names)) == len(names)
    assert operations()["GET /v1/nodes/{node}/history"]["operationId"] == "getNodesNodeHistory"


def test_errors_have_one_schema() -> None:
    refused = {"$ref": "#/components/responses/Refused"}

    for operation in operations().values():
        for status, answer in operation["responses"].items():
            of_health = operation["operationId"].startswith("getHealthcheck") and status == "503"
            assert answer == refused or status == "200" or of_health


def test_whoever_asks_gets_it(path: Path) -> None:
    answer = ask(path, "GET", "/v1/openapi.json")

    assert answer.status == 200
    assert answer.body == document()
