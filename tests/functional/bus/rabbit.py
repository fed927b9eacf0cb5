# SPDX-License-Identifier: Apache-2.0
"""A RabbitMQ of the tests' own: plain processes on 127.0.0.1, everything below one directory."""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.functional.bus.until import until
from tests.harness.authority import issue

PASSWORD = "not-secret"
START_SECONDS = 60.0


def scripts() -> Path | None:
    """Where the package keeps the scripts that do not insist on the rabbitmq user."""
    found = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin"))
    return found[-1] if found and shutil.which("epmd") else None


def free_ports(count: int) -> Iterator[int]:
    """Ports nobody uses at this moment, below those the kernel gives to outgoing connections."""
    for port in random.sample(range(30000, 32700), 500):
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            yield port
            count -= 1
        if not count:
            return


class Rabbit:
    """One broker and the port mapper it needs; both end with :meth:`close`."""

    def __init__(self, home: Path) -> None:
        found = scripts()
        assert found is not None
        self._scripts = found
        self._home = home
        self.port, self.tls_port, self._dist_port, self._epmd_port = free_ports(4)
        self._epmd: subprocess.Popen[bytes] | None = None
        self._server: subprocess.Popen[bytes] | None = None
        home.mkdir(parents=True, exist_ok=True)
        (home / ".erlang.cookie").write_text("ephyradtests")
        (home / ".erlang.cookie").chmod(0o400)
        (home / "plugins").write_text("[].")
        issue(home)
        (home / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            f"listeners.ssl.1 = 127.0.0.1:{self.tls_port}\n"
            f"ssl_options.cacertfile = {home}/ca.pem\n"
            f"ssl_options.certfile = {home}/certificate.pem\n"
            f"ssl_options.keyfile = {home}/key.pem\n"
            "vm_memory_high_watermark.absolute = 1GB\n"
            "disk_free_limit.absolute = 50MB\n"
        )

    def start(self) -> None:
        """Start what does not run, and wait until it takes connections."""
        if self._epmd is None:
            self._epmd = self._run("epmd", "-port", str(self._epmd_port), "-address", "127.0.0.1")
            until("the port mapper listens", lambda: answers(self._epmd_port))
        self._server = self._run(str(self._scripts / "rabbitmq-server"))
        until("the broker listens", lambda: answers(self.port), START_SECONDS, 0.1)
        self.control("await_startup")
        if not (self._home / "user").exists():
            self.control("add_user", "tester", PASSWORD)
            self.control("set_permissions", "tester", ".*", ".*", ".*")
            (self._home / "user").touch()

    @property
    def authority(self) -> Path:
        """The certificate by which the broker's TLS port is trusted."""
        return self._home / "ca.pem"

    @property
    def runs(self) -> bool:
        """Whether it was started and not ended."""
        return self._server is not None

    def stop(self) -> None:
        """Stop the broker in good order; it can be started again and keeps what is durable."""
        if self._server is not None:
            self._server.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._server.wait(30)
            self.kill()

    def kill(self) -> None:
        """End the broker with SIGKILL."""
        server, self._server = self._server, None
        if server is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
            server.wait(10)
            until("the broker is gone", lambda: not answers(self.port))

    def close(self) -> None:
        """End everything."""
        self.stop()
        if self._epmd is not None:
            self._epmd.terminate()
            self._epmd.wait(10)

    def control(self, *words: str) -> str:
        """Run rabbitmqctl and return what it prints."""
        command = [str(self._scripts / "rabbitmqctl"), "-q", *words]
        done = subprocess.run(
            command, env=self._environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    def queues(self) -> dict[str, int]:
        """Each queue's messages, whether given out or not."""
        lines = self.control("list_queues", "name", "messages").splitlines()
        return {name: int(count) for name, count in (line.split("\t") for line in lines[1:])}

    def url(self, port: int | None = None, query: str = "") -> str:
        """The transport URL; `port` for one that stands before the broker."""
        return f"rabbit://tester:{PASSWORD}@127.0.0.1:{port or self.port}/{query}"

    def _run(self, *command: str) -> subprocess.Popen[bytes]:
        with (self._home / "output").open("ab") as output:
            return subprocess.Popen(
                command,
                env=self._environment(),
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def _environment(self) -> Mapping[str, str]:
        home = str(self._home)
        return os.environ | {
            "HOME": home,
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"ephyrad{self.port}@localhost",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "RABBITMQ_MNESIA_BASE": f"{home}/mnesia",
            "RABBITMQ_LOG_BASE": f"{home}/log",
            "RABBITMQ_CONFIG_FILE": f"{home}/rabbitmq",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{home}/plugins",
            "RABBITMQ_CONF_ENV_FILE": f"{home}/none",
            "RABBITMQ_PID_FILE": f"{home}/pid",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-kernel inet_dist_use_interface {127,0,0,1} +S 1:1 +sbwt none"
            ),
        }


def answers(port: int) -> bool:
    """Whether something takes connections there."""
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False
