# SPDX-License-Identifier: Apache-2.0
"""Every route demands a rule, or stands among the few that are open; no rule is for nothing."""

import re

from ephyrad.api.app import create_app
from ephyrad.api.caller import route_of
from ephyrad.api.policies import OPEN, list_rules, rules_by_route
from tests.fakes.operations import FakeOperations
from tests.tidy.source import ROOT


def test_no_route_lacks_a_rule_and_no_rule_a_route() -> None:
    app = create_app(FakeOperations(), max_body=1)
    routes = {
        route_of(method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }

    assert routes == OPEN | set(rules_by_route()), "see ephyrad/api/policies.py"


def test_every_rule_that_code_asks_for_is_there() -> None:
    known = {rule.name for rule in list_rules()}

    for path in sorted((ROOT / "ephyrad").rglob("*.py")):
        asked = re.findall(r"""\b(?:may|demand)\(\s*["'](.+?)["']""", path.read_text())
        assert set(asked) <= known, path


def test_every_rule_is_in_the_documentation() -> None:
    text = (ROOT / "docs/policy.rst").read_text()

    assert [rule.name for rule in list_rules() if f"``{rule.name}``" not in text] == []
