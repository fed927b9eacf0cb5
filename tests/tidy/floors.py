# SPDX-License-Identifier: Apache-2.0
"""The floors of the house, and who may import what.

floor 3  cmd cli api conf service   the process: signals, options, HTTP, the command
         metrics drawing web
         testing                    the simulated clouds, for tests alone
floor 2  engine                     the turn, the sweep, recovery, the order of effects
floor 1  bmc bus clouds journal     gateways, unknown to each other
         prometheus secrets
floor 0  migration environment      pure: no clock, no I/O, no threads, no configuration
         rollout reclaim
"""

import sys
from collections.abc import Iterator

from tests.tidy.source import Source, Use, imports, uses

FLOORS = {
    "migration": 0,
    "environment": 0,
    "rollout": 0,
    "reclaim": 0,
    "bmc": 1,
    "clouds": 1,
    "bus": 1,
    "journal": 1,
    "secrets": 1,
    "prometheus": 1,
    "engine": 2,
    "cmd": 3,
    "cli": 3,
    "api": 3,
    "conf": 3,
    "metrics": 3,
    "osc": 3,
    "drawing": 3,
    "web": 3,
    "service": 3,
    "testing": 3,
}

BESIDE = {"environment": "migration", "rollout": "migration"}
"""Packages of floor 0 that stand on another one of it."""

# What each floor may import of ours, and what to do when that is not enough.
ADVICE = {
    0: ("migration/", "take it as an argument: a fact, a policy, a moment"),
    1: ("its own package and floor 0", "let engine/ bring the two together"),
    2: ("engine/, floor 1 and floor 0", "let service.py hand it down"),
    3: ("any floor", ""),
}

# Which packages may import a library (or this part of it), and what the others do instead.
OWNERS = {
    "amqp": ({"bus"}, "go through bus/"),
    "bcrypt": ({"api"}, "go through api/http_basic.py"),
    "cheroot": ({"api", "testing"}, "go through api/"),
    "cliff": ({"cli", "cmd"}, "go through cli/"),
    "cotyledon": (set[str](), "use what service.py hands down"),
    "cryptography": ({"secrets"}, "go through secrets/"),
    "flask": ({"api", "web"}, "go through api/"),
    "keystoneauth1": ({"clouds"}, "go through clouds/"),
    "keystoneauth1.exceptions.auth_plugins": ({"clouds", "conf"}, "let conf/ explain the options"),
    "keystoneauth1.loading": ({"clouds", "conf"}, "let conf/ register the options"),
    "keystonemiddleware": ({"conf"}, "ask api/caller.py who the caller is"),
    "kombu": ({"bus"}, "go through bus/"),
    "openstack": ({"clouds"}, "go through clouds/"),
    "oslo_config": ({"cmd", "conf", "service"}, "take a frozen dataclass of options"),
    "oslo_log": ({"cmd", "conf", "service"}, "use logging, which oslo.log sets up"),
    "oslo_messaging": ({"bus"}, "go through bus/"),
    "oslo_policy": ({"api", "conf"}, "ask api/caller.py what the caller may do"),
    "oslo_utils": ({"clouds"}, "go through clouds/"),
    "oslo_service": ({"cmd", "service"}, "let cmd/ choose the backend"),
    "prometheus_client": ({"metrics"}, "go through metrics/"),
    "requests": ({"clouds"}, "go through clouds/"),
    "rich": ({"cli"}, "go through cli/"),
    "sdnotify": ({"cmd", "service"}, "let service.py tell systemd"),
    "sqlite3": ({"journal"}, "go through journal/"),
    "sqlite_utils": ({"journal"}, "go through journal/"),
    "stevedore": ({"cli"}, "go through cli/"),
    "transitions": ({"migration"}, "go through migration/"),
    "urllib3": ({"clouds", "prometheus", "testing"}, "go through clouds/ or prometheus/"),
    "werkzeug": ({"api", "web"}, "go through api/"),
    "yaml": ({room for room, floor in FLOORS.items() if floor}, "decode it on a higher floor"),
}

# The standard library's part that does nothing but compute.
PURE = frozenset(
    """
    __future__ abc base64 bisect collections contextlib copy dataclasses datetime decimal enum
    fnmatch fractions functools hashlib heapq hmac ipaddress itertools json math operator re string
    textwrap types typing urllib.parse uuid
    """.split()
)

# Impure names that stand in pure modules or among the built-ins.
IMPURE = {
    "datetime.date.today": "take the moment as an argument",
    "datetime.datetime.now": "take the moment as an argument",
    "datetime.datetime.today": "take the moment as an argument",
    "datetime.datetime.utcnow": "take the moment as an argument",
    "uuid.getnode": "take the identity as an argument",
    "uuid.uuid1": "take the identity as an argument",
    "uuid.uuid4": "take the identity as an argument",
    "eval": "decide with match",
    "exec": "decide with match",
    "input": "take it as an argument",
    "open": "take the content as an argument",
}


def violations(source: Source) -> Iterator[str]:
    """What the file imports or uses against the floors, one line each."""
    room = _room(source.module)
    if room is None:
        yield from _outside_the_rooms(source)
        return
    for use in imports(source):
        if use.name.split(".")[0] == "ephyrad":
            yield from _ours(source, room, use)
        elif FLOORS[room] == 0:
            yield from _pure(source, use)
        else:
            yield from _foreign(source, room, use)
    if FLOORS[room] == 0:
        yield from _impure_uses(source)


def _room(module: str) -> str | None:
    """The part of the house a module belongs to: "clouds" for ephyrad.clouds.ironic."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in FLOORS else None


def _outside_the_rooms(source: Source) -> Iterator[str]:
    if source.module == "ephyrad":
        for use in imports(source):
            if use.name.split(".")[0] not in sys.stdlib_module_names:
                yield (
                    f"{source.path}:{use.line} imports {use.name}: the package itself may only "
                    "import the standard library; instead import where it is used"
                )
    else:
        yield (
            f"{source.path}:1 stands on no floor; instead put it into a package of FLOORS, or add "
            "its own there, in tests/tidy/floors.py"
        )


def _ours(source: Source, room: str, use: Use) -> Iterator[str]:
    target = _room(use.name)
    floor = FLOORS[room]
    may, instead = ADVICE[floor]
    place = f"{source.path}:{use.line} imports {use.name}"
    if target in (None, room, BESIDE.get(room)):
        return
    if target == "testing":
        yield f"{place}: floor {floor} may only leave testing/ to tests; instead use the real thing"
    elif FLOORS[target] >= floor < FLOORS["service"]:
        yield f"{place}: floor {floor} may only import {may}; instead {instead}"


def _foreign(source: Source, room: str, use: Use) -> Iterator[str]:
    owned = _longest(use.name, OWNERS)
    place = f"{source.path}:{use.line} imports {use.name}"
    if owned:
        owners, instead = OWNERS[owned]
        if room not in owners:
            where = ", ".join(sorted(owners)) or "nobody"
            floor = FLOORS[room]
            yield f"{place}: floor {floor} may only leave {owned} to {where}; instead {instead}"
    elif use.name.split(".")[0] not in sys.stdlib_module_names:
        yield (
            f"{place}: floor {FLOORS[room]} may only use libraries that have an owner; instead add "
            "it to OWNERS in tests/tidy/floors.py and to requirements.txt"
        )


def _pure(source: Source, use: Use) -> Iterator[str]:
    allowed = _longest(use.name, PURE | {"transitions"})
    if not allowed:
        yield (
            f"{source.path}:{use.line} imports {use.name}: floor 0 may only import transitions and "
            "the pure standard library; instead take what is needed as an argument"
        )


def _impure_uses(source: Source) -> Iterator[str]:
    for use in uses(source):
        if use.name in IMPURE:
            yield (
                f"{source.path}:{use.line} uses {use.name}: floor 0 may only compute; "
                f"instead {IMPURE[use.name]}"
            )


def _longest(name: str, known: frozenset[str] | dict[str, tuple[set[str], str]]) -> str:
    """The longest leading part of a dotted name that is known, "" if none is."""
    parts = name.split(".")
    leads = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((lead for lead in leads if lead in known), "")
