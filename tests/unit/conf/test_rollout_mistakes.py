# SPDX-License-Identifier: Apache-2.0
"""Mistakes that operators make with rollout files, and the exact answer that each gets."""

import pytest

from ephyrad.conf.errors import ConfigurationError
from ephyrad.conf.rollout_file import read

NAME = "name: r\n"
BASE = NAME + 'nodes: {name: "n*"}\n'
GATE = BASE + "waves: [{name: a, gates: [g]}]\ngates:\n  g: "

FILES = [
    (
        "",
        (
            "line 1, column 1: the file has no name: add it\n"
            "line 1, column 1: the file has no nodes: add it"
        ),
    ),
    (
        "- a",
        (
            "line 1, column 1: the file must hold keys and values: it may have name,"
            " nodes, exclude, direction, order, waves, limits, floors, windows, drain, reclaim,"
            " deadlines, budget, gates"
        ),
    ),
    ("nodes: {name: a}", "line 1, column 1: the file has no name: add it"),
    (
        "name: spring rollout\nnodes: {name: a}",
        (
            "line 1, column 7: name must be letters, digits, dots, - and _, at most 63,"
            " first a letter or digit: 'spring rollout' is not"
        ),
    ),
    ("name: 2026\nnodes: {name: a}", "line 1, column 7: name must be text: put it in quotes"),
    (
        NAME + "nodes: [n1]",
        "line 2, column 9: a selection of nodes must hold keys and values: say name: n1",
    ),
    (
        NAME + "nodes: {}",
        'line 2, column 8: nodes names nothing: say name: "*" if every node is meant',
    ),
    (NAME + "nodes: []", "line 2, column 8: nodes is empty: fill it in, or remove it"),
    (
        NAME + "nodes: {name: []}",
        "line 2, column 15: name of nodes is empty: fill it in, or remove it",
    ),
    (
        NAME + "nodes: {name: *-db-*}",
        (
            "line 2, column 15: this is not YAML (did not find expected alphabetic or"
            " numeric character): a text that begins with * must be in quotes"
        ),
    ),
    (
        NAME + "nodes: {resource_clas: a}",
        "line 2, column 9: nodes has no resource_clas: did you mean resource_class?",
    ),
    (
        NAME + "nodes: {extra: {rack: 1}}",
        "line 2, column 9: nodes has no extra: did you mean extra.KEY?",
    ),
    (
        NAME + "nodes: {owner: 12345678}",
        "line 2, column 16: owner of nodes must be text: put it in quotes",
    ),
    (
        NAME + "nodes: {extra.keep: yes}",
        "line 2, column 21: extra.keep of nodes must be text: put it in quotes",
    ),
    (
        NAME + "nodes: {trait: custom_gpu}",
        (
            "line 2, column 16: trait of nodes: custom_gpu fits no trait, as they are in"
            " capitals: say CUSTOM_GPU"
        ),
    ),
    (
        NAME + "nodes: {name: a}\nexclude: {name: a}",
        (
            "line 3, column 1: exclude names what nodes names, so that nothing of it is"
            " left: remove one"
        ),
    ),
    (
        NAME + "nodes: {name: a, name: b}",
        "line 2, column 18: nodes has name twice: put both into one",
    ),
    (BASE + "wave: []", "line 3, column 1: the file has no wave: did you mean waves?"),
    (
        BASE + "direction: backward",
        (
            "line 3, column 12: direction must be one of forward, back, not backward: did"
            " you mean back?"
        ),
    ),
    (
        BASE + "order: [idle, rack]",
        (
            "line 3, column 15: a key of order: a node has no key rack: say extra.rack or"
            " properties.rack for a key of its own"
        ),
    ),
    (BASE + "order: [name, idle, name]", "line 3, column 21: order has name twice: remove one"),
    (
        BASE + "waves: [{name: a, size: 0}]",
        "line 3, column 25: size of a wave is 0: say 1 or more, or remove it",
    ),
    (
        BASE + "waves: [{name: a, size: 150%}]",
        "line 3, column 25: size of a wave is 150%: say more than 0% and at most 100%",
    ),
    (
        BASE + "waves: [{name: a, size: few}]",
        (
            "line 3, column 25: size of a wave must be a number or a percentage, as 3 or"
            " 10%, not few: correct it"
        ),
    ),
    (BASE + "waves: [{size: 3}]", "line 3, column 9: a wave has no name: add it"),
    (
        BASE + "waves:\n  - {name: a}\n  - {name: b, size: 3}",
        (
            "line 5, column 5: wave b would never begin, as wave a takes all that are"
            " left: make that one smaller, or remove this one"
        ),
    ),
    (
        BASE + "waves:\n  - {name: a, size: 60%}\n  - {name: b, size: 40%}\n  - {name: c}",
        (
            "line 6, column 5: wave c would never begin, as wave b takes all that are"
            " left: make that one smaller, or remove this one"
        ),
    ),
    (
        BASE + "waves:\n  - {name: a, size: 1}\n  - {name: a}",
        "line 5, column 6: wave a is there twice: rename one",
    ),
    (
        BASE + 'waves: [{name: a, wait_for_owners: "no"}]',
        (
            "line 3, column 36: wait_for_owners of a wave must be true or false, not no:"
            " write it without quotes"
        ),
    ),
    (
        BASE + "waves: [{name: a, gates: [boot]}]\ngates:\n  boots: {approval: }",
        (
            "line 3, column 27: wave a names the gate boot, which gates has not: did you"
            " mean boots?\n"
            "line 5, column 3: no wave names the gate boots: add it to gates of a wave, or"
            " remove it"
        ),
    ),
    (
        BASE + "gates: {go: {approval: {}}}",
        ("line 3, column 9: no wave names the gate go: add it to gates of a wave, or remove it"),
    ),
    (
        BASE + "waves: [{name: a, gates: [g, g]}]\ngates: {g: {approval: }}",
        "line 3, column 30: wave a names the gate g twice: remove one",
    ),
    (
        BASE + "limits: {in_flight: 0}",
        "line 3, column 21: in_flight of limits is 0: say 1 or more, or remove it",
    ),
    (
        BASE + 'limits: {in_flight: "20"}',
        ("line 3, column 21: in_flight of limits must be a number, not text: remove the quotes"),
    ),
    (
        BASE + "limits: {in_flight: 010}",
        (
            "line 3, column 21: in_flight of limits must be a whole number, as 5, not 010:"
            " correct it"
        ),
    ),
    (
        BASE + "limits: {starts: 30}",
        ("line 3, column 18: starts of limits must hold keys and values: it may have count, per"),
    ),
    (
        BASE + "limits: {starts: {count: 30, per: 60}}",
        (
            "line 3, column 35: per of starts of limits is 60 without a unit: say 60s,"
            " 60m, 60h or 60d"
        ),
    ),
    (
        BASE + "limits: {per: {rack: 5}}",
        (
            "line 3, column 16: a key in per of limits: a node has no key rack: say"
            " extra.rack or properties.rack for a key of its own"
        ),
    ),
    (
        BASE + "limits: {per: {name: 5}}",
        (
            "line 3, column 16: a key in per of limits is name, which no two nodes share:"
            " use in_flight of limits"
        ),
    ),
    (
        BASE + "floors: {old: {baremetal: 2, baremetal: 3}}",
        "line 3, column 30: old of floors has baremetal twice: remove one",
    ),
    (
        BASE + "floors: {odl: {baremetal: 2}}",
        "line 3, column 10: floors has no odl: did you mean old?",
    ),
    (
        BASE + "floors: {baremetal: 2}",
        "line 3, column 10: floors has no baremetal: it may have old, new",
    ),
    (
        BASE + "floors: {old: {baremetal: 0}}",
        "line 3, column 27: baremetal of old of floors is 0: say 1 or more, or remove it",
    ),
    (BASE + "windows: [{from: 22:00}]", "line 3, column 11: a window has no to: add it"),
    (
        BASE + "windows: [{from: 22, to: 06:00}]",
        (
            "line 3, column 18: from of a window must be a time from 00:00 to 23:59, not"
            " 22: correct it"
        ),
    ),
    (
        BASE + "windows: [{from: 22:00, to: 25:00}]",
        (
            "line 3, column 29: to of a window must be a time from 00:00 to 23:59, not"
            " 25:00: correct it"
        ),
    ),
    (
        BASE + "windows: [{days: [monday], from: 22:00, to: 6:00}]",
        (
            "line 3, column 19: a day in days of a window must be of mon, tue, wed, thu,"
            " fri, sat, sun, or as mon-fri, not monday: did you mean mon?"
        ),
    ),
    (
        BASE + "windows: [{from: 22:00, to: 6:00, zone: Europe/Berlni}]",
        (
            "line 3, column 41: zone of a window: the tz database has no Europe/Berlni:"
            " did you mean Europe/Berlin?"
        ),
    ),
    (
        BASE + "windows: [{from: 22:00, to: 6:00, zone: CEST}]",
        ("line 3, column 41: zone of a window: the tz database has no CEST: did you mean EST?"),
    ),
    (
        BASE + "windows: [{from: 22:00, to: 6:00}, {to: 06:00, from: 22:00}]",
        "line 3, column 36: this window is there already: remove one",
    ),
    (
        BASE + "drain: [{nodes: {owner: a}, policy: release}]",
        ("line 3, column 29: policy release has no notice: say how long before, as notice: 2d"),
    ),
    (
        BASE + "drain: [{policy: wait, notice: 2d}]",
        ("line 3, column 24: notice is for policy release alone, and this is wait: remove one"),
    ),
    (
        BASE + "drain: [{policy: release, notice: 2d}]",
        (
            "line 3, column 10: policy release deletes instances, so it needs nodes: say"
            ' {name: "*"} for all'
        ),
    ),
    (
        BASE + "drain: [{policy: wait}, {nodes: {owner: a}, policy: reclaim}]",
        (
            "line 3, column 25: a rule before this one has no nodes and so fits all: put"
            " that one last"
        ),
    ),
    (
        BASE
        + "drain: [{nodes: {owner: a}, policy: release, notice: 20d}]\ndeadlines: {drain: 14d}",
        (
            "line 3, column 46: notice is not over when drain of deadlines holds the node:"
            " shorten the one, or lengthen the other"
        ),
    ),
    (
        BASE + "drain: {policy: delete}",
        "line 3, column 8: drain must be a list: put - before each value",
    ),
    (
        BASE + "drain: [{policy: delete}]",
        (
            "line 3, column 18: policy of a rule of drain must be one of wait, reclaim,"
            " release, not delete: did you mean release?"
        ),
    ),
    (
        BASE + "deadlines: {drain: two weeks}",
        (
            "line 3, column 20: drain of deadlines must be a duration, as 90s, 15m, 2h, 3d"
            " or 1h30m, not two weeks: correct it"
        ),
    ),
    (
        BASE + "deadlines: {drain: 1.5h}",
        (
            "line 3, column 20: drain of deadlines must be a duration, as 90s, 15m, 2h, 3d"
            " or 1h30m, not 1.5h: correct it"
        ),
    ),
    (
        BASE + "deadlines: {rollout: 0d}",
        "line 3, column 22: rollout of deadlines is 0d: say 1s or more, or remove it",
    ),
    (
        BASE + "deadlines: {rollout: 9999d}",
        "line 3, column 22: rollout of deadlines is 9999d, over 3650d: make it shorter",
    ),
    (
        BASE + "budget: {held: 0}",
        "line 3, column 16: held of budget is 0: say 1 or more, or remove it",
    ),
    (
        BASE + "budget: {held: 101%}",
        "line 3, column 16: held of budget is 101%: say more than 0% and at most 100%",
    ),
    (
        BASE + "budget: {in_a_row: 10%}",
        ("line 3, column 20: in_a_row of budget must be a whole number, as 5, not 10%: correct it"),
    ),
    (
        BASE + "budget: {held: -1}",
        (
            "line 3, column 16: held of budget must be a number or a percentage, as 3 or"
            " 10%, not -1: correct it"
        ),
    ),
    (
        GATE + "{command: /bin/true, within: 1h}",
        "line 5, column 16: command of gate g must be a list of words: say [/bin/true]",
    ),
    (
        GATE + "{command: [smoke.sh], within: 1h}",
        (
            "line 5, column 17: command of gate g: smoke.sh is no absolute path: say where"
            " it is, as /usr/local/bin/smoke.sh"
        ),
    ),
    (
        GATE + "{command: [/bin/smoke, 3], within: 1h}",
        "line 5, column 29: a word in command of gate g must be text: put it in quotes",
    ),
    (
        GATE + "{command: [/bin/smoke]}",
        ("line 5, column 6: gate g has no within: say how long its command may take, as 1h"),
    ),
    (
        GATE + "{boot: {image: i, flavor: f, within: 5m}, approval: {}}",
        (
            "line 5, column 6: gate g must have one of command, prometheus, boot,"
            " approval, and no other of them: correct it"
        ),
    ),
    (
        GATE + "{boot: {image: i, within: 5m}}",
        "line 5, column 13: boot of gate g has no flavor: add it",
    ),
    (
        GATE + "{boot: {image: i, flavor: f}, within: 5m}",
        "line 5, column 13: boot of gate g has no within: add it",
    ),
    (
        GATE + "{boot: {image: i, flavor: f, within: 5m, port: 70000}}",
        (
            "line 5, column 53: port of boot of gate g is 70000, but may be 65535 at most:"
            " make it smaller"
        ),
    ),
    (
        GATE + '{prometheus: {url: "prometheus:9090", query: up, at_least: 1, within: 5m}}',
        (
            "line 5, column 25: url of prometheus of gate g must begin with http:// or"
            " https:// and a host: correct it"
        ),
    ),
    (
        GATE + '{prometheus: {url: "http://p:9090", query: up, within: 5m}}',
        "line 5, column 19: prometheus of gate g has no bound: add at_least or at_most",
    ),
    (
        GATE
        + '{prometheus: {url: "http://p:9090/api/v1/query", query: up, at_least: 1, within: 5m}}',
        (
            "line 5, column 25: url of prometheus of gate g must be the server's alone:"
            " remove what follows its path"
        ),
    ),
    (
        GATE + '{prometheus: {url: "http://u:p@p:9090", query: up, at_least: 1, within: 5m}}',
        (
            "line 5, column 25: url of prometheus of gate g has a user or password, which"
            " would be shown: remove it"
        ),
    ),
    (
        GATE
        + '{prometheus: {url: "http://p:9090", query: up, at_least: 2, at_most: 1, within: 5m}}',
        (
            "line 5, column 53: at_least of prometheus of gate g is over its at_most, so"
            " nothing could pass: correct one"
        ),
    ),
    (
        GATE + '{prometheus: {url: "http://p:9090", query: up, at_most: .inf, within: 5m}}',
        (
            "line 5, column 62: at_most of prometheus of gate g must be a number, as 0.01,"
            " not .inf: correct it"
        ),
    ),
    (
        GATE + "{}",
        (
            "line 5, column 6: gate g must have one of command, prometheus, boot,"
            " approval, and no other of them: correct it"
        ),
    ),
    (
        GATE + "approval",
        (
            "line 5, column 6: gate g must hold keys and values: it may have command,"
            " prometheus, boot, approval, within"
        ),
    ),
    (
        BASE + "limits:\n\tin_flight: 3",
        "line 4, column 1: this is not YAML (a tab): indent with spaces",
    ),
    (
        NAME + "nodes: {name: a",
        (
            "line 3, column 1: this is not YAML (did not find expected ',' or '}'): keys"
            " in braces have commas between them, and end with }"
        ),
    ),
    (
        NAME + "nodes: &n {name: a}\n<<: *n",
        ("line 3, column 1: the file cannot be merged with another by <<: write the keys out"),
    ),
]


@pytest.mark.parametrize(("text", "answer"), FILES)
def test_a_mistake_in_a_file_is_told_with_its_place_and_its_cure(text: str, answer: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(text, "FILE")

    assert str(caught.value).splitlines() == [
        f"rollout file FILE, {line}" for line in answer.splitlines()
    ]


def test_each_answer_has_a_cure() -> None:
    answers = [line for _, answer in FILES for line in answer.splitlines()]

    assert [
        line for line in answers if len(line.split(": ")) < 3 and "did you mean" not in line
    ] == []


def test_a_list_of_what_is_compared_with_each_other_has_its_bound() -> None:
    text = "name: r\nnodes:\n" + "- {name: a}\n" * 1001

    with pytest.raises(ConfigurationError, match="nodes has 1001 entries, over 1000: "):
        read(text, "FILE")


def test_after_twenty_mistakes_the_others_are_counted() -> None:
    text = BASE + "".join(f"key{number}: 1\n" for number in range(25))

    with pytest.raises(ConfigurationError) as caught:
        read(text, "FILE")

    lines = str(caught.value).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "rollout file FILE: 5 more mistakes: correct these first"
