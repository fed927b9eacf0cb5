# SPDX-License-Identifier: Apache-2.0
"""CI's messages on a real broker: each is taken once, whatever happens in between."""

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import amqp
import pytest
from oslo_config import cfg

from ephyrad.bus.health import Condition
from ephyrad.bus.mailbox_settings import MailboxSettings
from ephyrad.bus.wire import LONGEST
from ephyrad.engine.reclaim.operations import ReclaimAsked
from ephyrad.reclaim.authentic import Credentials, signature
from ephyrad.reclaim.fate import ReclaimPolicy
from ephyrad.reclaim.letter import Letter, Trust
from tests.functional.bus.cable import Cable
from tests.functional.bus.memory import resident_mib
from tests.functional.bus.rabbit import Rabbit
from tests.functional.bus.until import until
from tests.functional.bus.wires import RawProperties, connected, properties
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import HMAC_KEY, Rig, rig
from tests.unit.reclaim.samples import mq_notifier

if TYPE_CHECKING:
    from ephyrad.bus.collector import Collector, Take

pytestmark = pytest.mark.rabbit

BURST = 10_000
NODE = "rack1-07"


def now() -> datetime:
    return datetime.now(UTC)


def told(number: int, **parameters: str) -> bytes:
    """What MQ Notifier sends of a build of that number."""
    body = mq_notifier(**(parameters or {"EPHYRA_NODES": NODE}))
    url = f"https://jenkins.example.com/job/metal/job/burn-in/{number}/"
    return json.dumps(body | {"url": url, "build_number": number}).encode()


@dataclass
class Ci:
    """One test's queue, journal and collectors; the exchange is there, as the plugin wants it."""

    rabbit: Rabbit
    settings: MailboxSettings
    made: Rig
    trust: Trust = field(default_factory=lambda: Trust(signed=False))
    collectors: list["Collector"] = field(default_factory=list)
    reclaims: ReclaimAsked = field(init=False)

    def __post_init__(self) -> None:
        self.use(self.made)

    def use(self, made: Rig) -> None:
        self.made = made
        self.reclaims = ReclaimAsked(
            made.engine.reclaimer, made.journal.reclaims, self._policy, now
        )

    def _policy(self) -> ReclaimPolicy:
        return ReclaimPolicy(Credentials((HMAC_KEY,)), amqp=self.trust)

    def start(self, take: "Take | None" = None, **changes: Any) -> "Collector":
        from ephyrad.bus.collector import Collector

        conf = cfg.ConfigOpts()
        conf([])
        one = Collector(replace(self.settings, **changes), take or self.reclaims.deliver, now, conf)
        self.collectors.append(one)
        one.start()
        return one

    def read(self, take: "Take | None" = None, **changes: Any) -> "Collector":
        """Start a collector, and wait until it reads."""
        one = self.start(take, **changes)
        until("it reads", lambda: one.status().condition is Condition.LISTENING)
        return one

    def publish(self, *bodies: bytes, **described: Any) -> None:
        """Publish as the plugin does; returns when the broker has them."""
        described = {
            "content_type": "application/json",
            "delivery_mode": 2,
            "app_id": "jenkins",
            "timestamp": int(now().timestamp()),
        } | described
        raw = described.pop("raw", None)
        with connected(self.rabbit) as connection:
            channel = connection.channel()
            for body in bodies:
                message = amqp.Message(body, **described) if raw is None else RawProperties(body)
                if raw is not None:
                    message.written = raw
                channel.basic_publish(
                    message, exchange=self.settings.exchange, routing_key="run.COMPLETED"
                )
            channel.close()

    def sent(
        self, body: bytes, name: str, key: bytes = HMAC_KEY, at: datetime | None = None
    ) -> None:
        header = {"X-Ephyra-Signature": signature(key, at or now(), name, body)}
        self.publish(body, application_headers=header)

    def taken(self) -> list[str]:
        """The builds' numbers of what is in the journal, each as often as it is there."""
        found = self.made.journal.reclaims.last(10 * BURST)
        return sorted(each.id.split("/")[-2] for each in found)

    def unread(self) -> int:
        return self.rabbit.queues().get(self.settings.queue, 0)

    def dead(self) -> list[tuple[bytes, str]]:
        """Take out what was put aside: its body and the reason."""
        found = []
        with connected(self.rabbit) as connection:
            channel = connection.channel()
            while message := channel.basic_get(self.settings.dead_letters, no_ack=True):
                reason = message.properties["application_headers"]["x-ephyra-reason"]
                body = message.body
                found.append((body if isinstance(body, bytes) else body.encode(), reason))
        return found


@pytest.fixture
def ci(rabbit: Rabbit, tmp_path: Path) -> Iterator[Ci]:
    name = f"ci-{uuid.uuid4().hex[:8]}"
    made = rig(tmp_path / "state", Kind.IN_USE)
    settings = MailboxSettings(
        transport_url=rabbit.url(),
        exchange=name,
        queue=name,
        dead_letters=f"{name}-dead",
        look_seconds=0.5,
    )
    one = Ci(rabbit, settings, made)
    with connected(rabbit) as connection:
        connection.channel().exchange_declare(name, "topic", durable=True, auto_delete=False)
    yield one
    for collector in one.collectors:
        collector.stop()
    made.journal.close()


def all_read(ci: Ci, seconds: float = 60) -> None:
    until("all is acknowledged", lambda: ci.unread() == 0, seconds, 0.3)


def test_what_the_plugin_sends_is_taken_and_what_else_it_tells_is_ignored(ci: Ci) -> None:
    collector = ci.read(routing_keys=("#",))

    ci.publish(told(18), json.dumps(mq_notifier("STARTED", EPHYRA_NODES=NODE)).encode())

    until("both came", lambda: collector.status().taken == 2)
    [found] = ci.reclaims.last(9)
    assert (found.source, found.id) == (
        "https://jenkins.example.com/",
        "job/metal/job/burn-in/18/@81234",
    )
    assert [each.name for each in found.named] == [NODE]
    all_read(ci)
    assert ci.dead() == []


def test_a_message_that_comes_again_is_the_same(ci: Ci) -> None:
    collector = ci.read()

    ci.publish(told(18), told(18), told(19))

    until("all came", lambda: collector.status().taken == 3)
    assert ci.taken() == ["18", "19"]


def test_forged_late_and_unreadable_ones_are_put_aside_with_the_reason(ci: Ci) -> None:
    ci.trust = Trust()
    plain = json.dumps({"source": "ci", "id": "7", "nodes": [NODE]}).encode()
    collector = ci.read()

    ci.publish(told(18))
    ci.sent(plain, "7", key=b"x" * 32)
    ci.sent(plain, "8")
    ci.sent(plain, "7", at=now() - timedelta(hours=2))
    ci.sent(b"no json", "7")
    ci.sent(b'"' + b"x" * LONGEST + b'"', "7")
    ci.publish(plain, raw=properties(0x8000, b"\x02\xff\xfe"))
    ci.sent(plain, "7")

    until("all are dealt with", lambda: collector.status().taken + collector.status().dead == 8)
    found = ci.dead()
    says = [
        (told(18), "it has no header X-Ephyra-Signature: sign it"),
        (plain, "its signature is of no key that counts"),
        (plain, "the message is '7', and '8' was signed"),
        (plain, "its time is 720"),
        (b"no json", "the body is no JSON"),
        (b'"' + b"x" * 65535, f"it has {LONGEST + 2} bytes, and may have {LONGEST}"),
        (plain, "its AMQP properties cannot be read"),
    ]
    assert [body for body, _ in found] == [body for body, _ in says]
    for (_, reason), (_, begins) in zip(found, says, strict=True):
        assert reason.startswith(begins)
    assert [each.id for each in ci.reclaims.last(9)] == ["7"]
    assert ci.reclaims.refused().count == 7
    all_read(ci)


def test_what_cannot_be_put_aside_stays_in_its_queue(ci: Ci) -> None:
    collector = ci.read()
    with connected(ci.rabbit) as connection:
        connection.channel().queue_delete(ci.settings.dead_letters)
    # The broker refuses what is more than it may have.
    ci.rabbit.control(
        "set_policy",
        "full",
        f"^{ci.settings.dead_letters}$",
        '{"max-length": 0, "overflow": "reject-publish"}',
        "--apply-to",
        "queues",
    )

    ci.publish(b"no json", told(18))

    until("the good one came", lambda: collector.status().taken == 1)
    until("it says so", lambda: collector.status().condition is Condition.NOT_STORING)
    assert "cannot be put into the queue" in str(collector.status().cause)
    assert ci.unread() == 1
    ci.rabbit.control("clear_policy", "full")
    until("it is put aside", lambda: collector.status().dead == 1)
    assert [body for body, _ in ci.dead()] == [b"no json"]
    all_read(ci)


def test_a_connection_lost_between_the_journal_and_the_acknowledgement(ci: Ci) -> None:
    ci.read().stop()
    ci.publish(*map(told, range(100)))
    cuts = [10, 50]
    with Cable(ci.rabbit.port) as cable:
        came: list[bytes] = []

        def take(letters: Sequence[Letter]) -> Sequence[str | None]:
            useless = ci.reclaims.deliver(letters)
            came.extend(each.content for each in letters)
            if cuts and len(came) >= cuts[0]:
                del cuts[0]
                cable.cut()
            return useless

        collector = ci.start(take, transport_url=ci.rabbit.url(cable.port))

        until("all came", lambda: len(ci.taken()) == 100, 60)
        all_read(ci)
        collector.stop()
    print(f"{len(came) - 100} came twice")
    assert len(came) > 100
    assert ci.taken() == sorted(str(number) for number in range(100))


KILLED = """
import os, signal, sys
from pathlib import Path
from datetime import UTC, datetime, timedelta
from oslo_config import cfg
from oslo_service import backend
backend.init_backend(backend.BackendType.THREADING)
from ephyrad.bus.collector import Collector
from ephyrad.bus.mailbox_settings import MailboxSettings
from ephyrad.journal.journal import Journal
from ephyrad.reclaim.message import decode
from ephyrad.secrets.keys import KeyRing

url, name, state = sys.argv[1:]
journal = Journal.open(Path(state), KeyRing.open(Path(state) / "keys"))

def take(letters):
    found = [decode(letter.headers, letter.content) for letter in letters]
    journal.reclaims.take_all(found, datetime.now(UTC))
    os.kill(os.getpid(), signal.SIGKILL)

conf = cfg.ConfigOpts()
conf([])
settings = MailboxSettings(
    transport_url=url, exchange=name, queue=name, dead_letters=f"{name}-dead"
)
collector = Collector(settings, take, lambda: datetime.now(UTC), conf)
collector.start()
collector._thread.join()
"""


def test_killed_between_the_journal_and_the_acknowledgement(ci: Ci, tmp_path: Path) -> None:
    ci.read().stop()
    ci.publish(told(18), told(19))
    ci.made.journal.close()
    arguments = (ci.rabbit.url(), ci.settings.queue, str(tmp_path / "state"))
    done = subprocess.run(
        [sys.executable, "-c", KILLED, *arguments], capture_output=True, check=False, timeout=60
    )
    assert done.returncode == -9, done.stderr
    assert ci.unread() == 2

    ci.use(ci.made.with_journal(tmp_path / "state"))
    # Of what came together all is there, or nothing.
    assert ci.taken() in (["18"], ["18", "19"])
    collector = ci.read()

    until("both came", lambda: collector.status().taken == 2)
    assert ci.taken() == ["18", "19"]
    all_read(ci)


def test_a_burst(ci: Ci) -> None:
    """None is lost, none is taken twice, and memory stays flat."""
    collector = ci.read()
    ci.publish(*map(told, range(BURST, BURST + 100)))
    until("the first came", lambda: collector.status().taken == 100)
    before, begun = resident_mib(), time.monotonic()

    ci.publish(*(told(n) for n in range(BURST) for _ in range(1 + (n % 10 == 0))))

    until("all came", lambda: collector.status().taken == 100 + BURST + BURST // 10, 120)
    more = resident_mib() - before
    print(f"{BURST} in {time.monotonic() - begun:.1f} s, {more:.1f} MiB more")
    assert ci.taken() == sorted(str(number) for number in range(BURST + 100))
    assert more < 24
    all_read(ci)


@pytest.mark.slow
def test_a_broker_that_restarts(ci: Ci) -> None:
    collector = ci.read()
    ci.publish(*map(told, range(50)))
    until("they came", lambda: collector.status().taken == 50)

    ci.rabbit.stop()
    until("it is down", lambda: collector.status().condition is Condition.DOWN)
    ci.rabbit.start()

    until("it reads again", lambda: collector.status().condition is Condition.LISTENING, 60)
    ci.publish(*map(told, range(50, 60)))
    until("all came", lambda: len(ci.taken()) == 60)
    all_read(ci)


def test_a_queue_that_is_deleted_is_made_again(ci: Ci) -> None:
    ci.read()
    with connected(ci.rabbit) as connection:
        connection.channel().queue_delete(ci.settings.queue)

    bound = f"{ci.settings.exchange}\t{ci.settings.queue}"
    found = ("list_bindings", "source_name", "destination_name")
    until("it is there again", lambda: bound in ci.rabbit.control(*found), step=0.3)
    ci.publish(told(18))
    until("it came", lambda: ci.taken() == ["18"])


def test_over_tls(ci: Ci) -> None:
    query = f"?ssl=true&ssl_ca_file={ci.rabbit.authority}"

    collector = ci.read(transport_url=ci.rabbit.url(ci.rabbit.tls_port, query))

    ci.publish(told(18))
    until("it came", lambda: collector.status().taken == 1)


def test_named_nodes_go_their_way(ci: Ci) -> None:
    """The whole way, over the simulated clouds: from the exchange to a node that has arrived."""
    from tests.unit.engine.test_reclaim import DECLARED, HOUR

    made = ci.made
    made.operations.rollouts.start(DECLARED, by="ann")
    made.run(120)
    name = made.operations.nodes()[0].name or ""
    collector = ci.read()

    ci.publish(told(18, EPHYRA_NODES=name))

    until("it came", lambda: collector.status().taken == 1)
    made.run(HOUR)
    assert [each.state for each in made.operations.nodes()] == ["compute-ready"]
    [found] = ci.reclaims.last(1)
    assert [each.fate for each in found.named] == ["given"]
