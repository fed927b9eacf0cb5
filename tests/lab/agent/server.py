# SPDX-License-Identifier: Apache-2.0
"""The agents of all machines behind one port, and the switches for faults.

PUT  /                        the BMCs tell here what changed
GET  /agent/MACHINE/...       conductors ask and command here
GET  /http/CLOUD/...          files that a conductor publishes for its agents
GET  /control                 how every machine behaves
POST /control/MACHINE | all   how it shall behave: see behaviour.py
"""

import http.server
import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.lab import bmc
from tests.lab.agent.behaviour import behaviour
from tests.lab.agent.machine import Busy, Machine
from tests.lab.ports import CLOUDS
from tests.lab.settings import ADDRESS, Settings, from_environment


class Server(http.server.ThreadingHTTPServer):
    """All machines by id and by name."""

    daemon_threads = True

    def __init__(self, settings: Settings) -> None:
        super().__init__((ADDRESS, settings.shared_port("agent")), Handler)
        self.settings = settings
        known = bmc.machines(settings)
        self.by_id = {one.uuid: Machine(settings, one) for one in known}
        self.by_name = {one.name: self.by_id[one.uuid] for one in known}


class Handler(http.server.BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Commands are logged by the machines; the rest is noise."""

    def do_PUT(self) -> None:
        state = self._body()
        if machine := self.server.by_id.get(state.get("uuid")):
            machine.power_is(state.get("power_state"))
        self._reply(200, {})

    def do_POST(self) -> None:
        body = self._body()
        match self._parts():
            case ["control", name]:
                self._control(name, body)
            case ["agent", machine, _, "commands"] if machine in self.server.by_id:
                self._command(self.server.by_id[machine], body)
            case _:
                self._nothing()

    def do_GET(self) -> None:
        match self._parts():
            case ["http", *path]:
                self._file(path)
            case ["control"]:
                found = self.server.by_name.items()
                self._reply(
                    200, {name: {"power": one.power} | asdict(one.behaviour) for name, one in found}
                )
            case ["agent", machine, _, "commands"] if machine in self.server.by_id:
                self._reply(200, {"commands": self.server.by_id[machine].commands})
            case ["agent", machine, _, "commands", command] if machine in self.server.by_id:
                found_ones = self.server.by_id[machine].commands
                chosen = [one for one in found_ones if one["id"] == command]
                self._reply(200, chosen[0]) if chosen else self._nothing()
            case ["agent", _, _, "status"]:
                self._reply(200, {"started_at": 0, "version": "11.0.0"})
            case _:
                self._nothing()

    def do_HEAD(self) -> None:
        match self._parts():
            case ["http", *path]:
                self._file(path)
            case _:
                self.send_error(404)

    def _parts(self) -> list[str]:
        return urlsplit(self.path).path.strip("/").split("/")

    def _body(self) -> Any:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return json.loads(raw) if raw else {}

    def _reply(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _nothing(self) -> None:
        self._reply(404, {"faultstring": "no such thing"})

    def _control(self, name: str, body: Any) -> None:
        known = self.server.by_name
        chosen = list(known.values()) if name == "all" else [known[name]] if name in known else []
        try:
            wanted = behaviour(body)
        except ValueError as error:
            self._reply(400, {"faultstring": str(error)})
            return
        if not chosen and name != "all":
            self._nothing()
            return
        for machine in chosen:
            machine.behaviour = wanted
        self._reply(200, asdict(wanted))

    def _command(self, machine: Machine, body: Any) -> None:
        token = parse_qs(urlsplit(self.path).query).get("agent_token", [None])[0]
        if machine.token and token != machine.token:
            self._reply(401, {"faultstring": "Invalid agent_token"})
            return
        try:
            self._reply(200, machine.command(body["name"], body.get("params") or {}))
        except Busy:
            self._reply(409, {"faultstring": "Agent is busy"})

    def _file(self, path: list[str]) -> None:
        if path[0] not in CLOUDS or ".." in path:
            self.send_error(404)
            return
        # not resolved: the conductor may publish links into its image cache
        file = Path(self.server.settings.data, path[0], "ironic", "http", *path[1:])
        if not file.is_file():
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(file.stat().st_size))
        self.end_headers()
        if self.command == "GET":
            with file.open("rb") as source:
                shutil.copyfileobj(source, self.wfile)


def main() -> None:
    server = Server(from_environment())
    print("agents of", len(server.by_id), "machines on port", server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
