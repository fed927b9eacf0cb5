# SPDX-License-Identifier: Apache-2.0
"""Random requests, such as the document allows and such as it forbids, to the real application.

Behind it is the real engine with a real journal, over two simulated clouds. Whatever is asked, the
answer is not 500, and what the document says that it is. The requests are the same each time.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode

from ephyrad.api.app import create_app
from ephyrad.api.openapi.document import document
from ephyrad.api.openapi.routes import ROUTES
from ephyrad.conf import rollout_file
from ephyrad.engine.port import Operations
from tests.fakes.environment import FakeEnvironment
from tests.simulation.fleet import Kind
from tests.unit.api import described
from tests.unit.engine.rig import TOKEN, Rig, rig

IN_ALL = 2000
ALLOWED, FORBIDDEN = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
CASES = {ALLOWED: 34, FORBIDDEN: 46}
# Where nothing may be said, nothing can be said wrongly.
ASKED_FOR = [(ALLOWED, name) for name in ROUTES] + [
    (FORBIDDEN, name) for name, route in ROUTES.items() if route.body or route.query
]
NODES = ["n0", "n1", "n2", "n3", "n4", "n5"]
FILES = [
    f"name: {name}\nnodes: {{resource_class: baremetal.gold}}\nlimits: {{in_flight: {limit}}}\n"
    for name in ("spring", "autumn")
    for limit in (1, 2)
]
HEADERS = {"Authorization": f"Bearer {TOKEN.decode()}"}

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


@dataclass
class Asked:
    """The application, asked by a user of this machine, and what it was asked so far."""

    app: Wsgi
    count: int = 0
    routes: set[tuple[GenerationMode, str]] = field(default_factory=set)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.count += 1
        return self.app({**environ, "X_REMOTE_UID": 0}, start_response)


class WithItems(FakeEnvironment):
    """The engine's operations, and some items of the environment, which it has no clouds for."""

    def __init__(self, made: Rig) -> None:
        super().__init__()
        self._operations = made.operations

    def __getattr__(self, name: str) -> Any:
        return getattr(self._operations, name)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    made = rig(tmp_path_factory.mktemp("random") / "journal", *[Kind.IDLE, Kind.IN_USE] * 3)
    made.operations.migrate(NODES[:3], by="ann")
    made.operations.rollouts.start(rollout_file.read(FILES[0], "spring.yaml"), by="ann")
    made.run(2 * 3600)
    return Asked(create_app(cast(Operations, WithItems(made)), max_body=200_000))


@pytest.mark.parametrize(
    ("mode", "route"), ASKED_FOR, ids=lambda each: getattr(each, "value", each)
)
def test_whatever_is_asked_is_answered_as_described(
    asked: Asked, mode: GenerationMode, route: str
) -> None:
    method, path = route.split()
    operation = SCHEMA[path][method]

    @seed(1)
    @settings(
        max_examples=CASES[mode],
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans(), data=st.data())
    def ask(case: Case[Any], known: bool, data: st.DataObject) -> None:
        if known:
            _name_what_there_is(case, data)
        answer = case.call(app=asked, headers=HEADERS)
        assert answer.status_code != 500
        if path != "/metrics":
            described.check(method, path, answer.status_code, answer.json())

    ask()
    asked.routes.add((mode, route))


def test_there_were_as_many_as_we_say(asked: Asked) -> None:
    if asked.routes != set(ASKED_FOR):
        pytest.skip("only a part of them was asked")

    assert asked.count >= IN_ALL


def _name_what_there_is(case: Case[Any], data: st.DataObject) -> None:
    """Let a request be for a node and a rollout that there is."""
    names = {"node": st.sampled_from(NODES), "name": st.sampled_from(["spring", "autumn"])}
    for name in case.path_parameters:
        case.path_parameters[name] = data.draw(names[name])
    body: Any = case.body
    if not isinstance(body, dict):
        return
    if "nodes" in body:
        body["nodes"] = data.draw(st.lists(names["node"], min_size=1, max_size=3))
    if "text" in body:
        body["text"] = data.draw(st.sampled_from(FILES))


SCHEMA = schemathesis.openapi.from_dict(document())
