# SPDX-License-Identifier: Apache-2.0
"""What is shown of a node under way when something breaks: never its secrets."""

import io
import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from oslo_config import cfg
from oslo_log import formatters, log

from ephyrad.bus.envelope import decode
from ephyrad.conf.load import load
from ephyrad.engine import turn
from ephyrad.journal.journal import Journal
from ephyrad.migration.facts import CloudName, Notification
from ephyrad.migration.next_step import next_step
from ephyrad.migration.policy import Policy
from ephyrad.secrets.keys import KeyRing
from tests.harness.spellings import spellings
from tests.simulation.fleet import Kind
from tests.unit.bus.samples import names, sample
from tests.unit.engine.rig import Rig, rig

CANARY = "c4nary-7f3e9b52d1c8"
MINIMAL = Path(__file__).parents[3] / "docs/minimal.conf"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Rig]:
    """One idle node, asked for."""
    found = rig(tmp_path, Kind.IDLE)
    found.operations.migrate([found.fleet[0].name], by="ann")
    with closing(found.journal):
        yield found


@pytest.fixture
def logged() -> Iterator[Callable[[], str]]:
    """All that is logged at DEBUG, as oslo.log writes it with debug = true."""
    conf = cfg.ConfigOpts()
    log.register_options(conf)
    conf([], default_config_files=[], default_config_dirs=[])
    conf.set_override("debug", True)
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatters.ContextFormatter(config=conf))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written.getvalue
    root.removeHandler(handler)
    root.setLevel(level)


class BrokenError(Exception):
    """A mistake of ephyrad's own."""


def breaking(call: Callable[..., Any]) -> Callable[..., Any]:
    """Break after the call was made, with all that it was given and returned at hand."""

    def broken(*arguments: Any, **more: Any) -> Any:
        result = call(*arguments, **more)
        raise BrokenError(f"after {call.__name__}") from ValueError(type(result).__name__)

    return broken


Owner = Callable[[Rig], object]
PLACES: list[tuple[Owner, str]] = [
    (lambda made: made.old, "records"),
    (lambda made: made.new, "create_node"),
    (lambda made: made.new, "create_part"),
    (lambda made: made.journal, "document"),
    (lambda made: made.journal, "append"),
    (lambda made: made.journal._cipher, "encrypt"),
    (lambda made: made.journal._cipher, "decrypt"),
    (lambda _: turn, "next_step"),
    (lambda _: turn, "perform"),
]


@pytest.mark.parametrize("place", PLACES, ids=[name for _, name in PLACES])
def test_the_trace_of_a_mistake_in_any_layer_repeats_no_secret(
    made: Rig,
    logged: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    place: tuple[Owner, str],
) -> None:
    owner, name = place
    monkeypatch.setattr(owner(made), name, breaking(getattr(owner(made), name)))

    # As a worker of the crew does.
    try:
        made.run(3 * 3600)
    except BrokenError:
        logging.getLogger("ephyrad").exception("its turn failed")

    told = logged()
    assert f"BrokenError: after {name}" in told
    assert "Traceback" in told
    password = made.fleet[0].password
    assert [word for word in spellings(password) if word.decode() in told] == []


def test_nothing_that_is_shown_of_what_is_read_and_decided_has_a_secret(
    made: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []

    def watched(*arguments: Any) -> Any:
        step = next_step(*arguments)
        shown.extend(map(repr, (*arguments, step)))
        return step

    monkeypatch.setattr(turn, "next_step", watched)
    uuid = made.fleet[0].uuid
    shown += [repr(made.old.records(uuid)), repr(made.old.node(uuid))]
    made.run(3 * 3600)
    shown += map(repr, (made.journal, made.engine, made.operations.node(uuid)))
    shown += map(repr, made.operations.history(uuid))

    assert any("Keep(" in text for text in shown)
    assert [text for text in shown if made.fleet[0].password in text] == []


def test_nothing_that_is_shown_of_the_settings_has_a_password(tmp_path: Path) -> None:
    path = tmp_path / "ephyrad.conf"
    text = MINIMAL.read_text()
    path.write_text(text.replace("OLD-PASSWORD", CANARY).replace("NEW-PASSWORD", CANARY))

    _, settings = load(["--config-file", str(path)])

    assert "rabbit://" in (settings.old_bus.transport_url if settings.old_bus else "")
    shown = [repr(settings), repr(settings.old_bus), repr(settings.new_cloud), repr(Policy())]
    assert [text for text in shown if CANARY in text] == []


def everywhere(value: object) -> object:
    """Put the canary beside every key, and in place of every context."""
    match value:
        case dict():
            more = {"driver_info": {"ipmi_password": CANARY}, "auth_token": CANARY}
            return {**{name: everywhere(below) for name, below in value.items()}, **more}
        case list():
            return [everywhere(below) for below in value]
        case _:
            return value


@pytest.mark.parametrize(("release", "name"), names())
def test_nothing_but_what_is_needed_of_a_notification_is_stored_or_logged(
    tmp_path: Path, logged: Callable[[], str], release: str, name: str
) -> None:
    body = everywhere(sample(release, name))
    assert isinstance(body, dict)
    found = decode(CloudName(release), body)
    cut = decode(CloudName(release), {**body, "message_id": None})

    with closing(Journal.open(tmp_path, KeyRing.open(tmp_path / "key"))) as journal:
        if isinstance(found, Notification):
            journal.receive([found])
        logging.getLogger("ephyrad").debug("%r %r", found, cut)
        content = (
            b"".join(path.read_bytes() for path in tmp_path.glob("journal.sqlite*"))
            + logged().encode()
        )

    assert type(found).__name__.encode() in content
    assert [word for word in spellings(CANARY) if word in content] == []
