# SPDX-License-Identifier: Apache-2.0
"""The daemon as the commands see it: HTTP over a line to it, JSON both ways."""

import http.client
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode

from ephyrad.cli.errors import CommandError, ExitStatus
from ephyrad.cli.line import Line

# Taking on every node of a big cloud asks that cloud for its list first.
_TIMEOUT_SECONDS = 120.0
# Every node of a big cloud is read, and its BMC tried.
_PREFLIGHT_SECONDS = 1200.0
# Both clouds are read whole, and every history.
_REPORT_SECONDS = 600.0

# A name of the command line that is no UTF-8 goes on byte by byte: there is no such node.
_AS_IT_CAME = "surrogateescape"

Json = dict[str, Any]


class Daemon:
    """Asks the daemon at the other end of a line. Each method raises :class:`CommandError`."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def status(self) -> Json:
        return self._ask("GET", "/v1/status")

    def nodes(self, *, states: Sequence[str] = (), held: bool = False) -> list[Json]:
        query = [("state", state) for state in states] + ([("held", "true")] if held else [])
        found: list[Json] = self._ask("GET", f"/v1/nodes?{urlencode(query)}")["nodes"]
        return found

    def node(self, node: str) -> Json:
        return self._ask("GET", _of(node))

    def history(self, node: str) -> list[Json]:
        found: list[Json] = self._ask("GET", _of(node, "history"))["history"]
        return found

    def migrate(self, nodes: Sequence[str]) -> Json:
        return self._ask("POST", "/v1/migrations", {"nodes": list(nodes)})

    def migrate_all(self) -> Json:
        return self._ask("POST", "/v1/migrations", {"all": True})

    def migrate_strays(self) -> Json:
        return self._ask("POST", "/v1/migrations", {"strays": True})

    def return_nodes(self, nodes: Sequence[str]) -> Json:
        return self._ask("POST", "/v1/returns", {"nodes": list(nodes)})

    def strays(self) -> list[Json]:
        found: list[Json] = self._ask("GET", "/v1/strays")["strays"]
        return found

    def hold(self, node: str, reason: str) -> Json:
        return self._ask("POST", _of(node, "hold"), {"reason": reason})

    def release(self, node: str) -> Json:
        return self._ask("POST", _of(node, "release"), {})

    def abort(self, node: str) -> Json:
        return self._ask("POST", _of(node, "abort"), {})

    def rotate_key(self) -> Json:
        return self._ask("POST", "/v1/key/rotate", {})

    def preflight(self, nodes: Sequence[str], *, bmc: bool) -> Json:
        query = [("node", node) for node in nodes] + ([("bmc", "true")] if bmc else [])
        target = f"/v1/preflight?{urlencode(query, errors=_AS_IT_CAME)}"
        return self._ask("GET", target, seconds=_PREFLIGHT_SECONDS)

    def reclaims(self, limit: int) -> Json:
        return self._ask("GET", f"/v1/reclaim?limit={limit}")

    def rollouts(self) -> list[Json]:
        found: list[Json] = self._ask("GET", "/v1/rollouts")["rollouts"]
        return found

    def rollout(self, name: str) -> Json:
        return self._ask("GET", _rollout(name))

    def rollout_history(self, name: str) -> list[Json]:
        found: list[Json] = self._ask("GET", _rollout(name, "history"))["history"]
        return found

    def start_rollout(self, file: str, text: str) -> Json:
        return self._ask("POST", "/v1/rollouts", {"file": file, "text": text})

    def plan_rollout(self, file: str, text: str) -> Json:
        body = {"file": file, "text": text}
        return self._ask("POST", "/v1/rollouts/plan", body, seconds=_PREFLIGHT_SECONDS)

    def rollout_changes(self, file: str, text: str) -> list[Json]:
        body = {"file": file, "text": text}
        found: list[Json] = self._ask("POST", "/v1/rollouts/changes", body)["changes"]
        return found

    def apply_rollout(self, file: str, text: str) -> Json:
        return self._ask("POST", "/v1/rollouts/apply", {"file": file, "text": text})

    def pause_rollout(self, name: str, reason: str) -> Json:
        return self._ask("POST", _rollout(name, "pause"), {"reason": reason})

    def steer_rollout(self, name: str, verb: str) -> Json:
        """Have it resumed, stopped, approved or reversed."""
        return self._ask("POST", _rollout(name, verb), {})

    def report(self, rollout: str | None) -> Json:
        query = urlencode({} if rollout is None else {"rollout": rollout})
        return self._ask("GET", f"/v1/report?{query}", seconds=_REPORT_SECONDS)

    def environment(self) -> Json:
        return self._ask("GET", "/v1/environment")

    def plan(self, kinds: Sequence[str], names: Sequence[str]) -> list[Json]:
        found: list[Json] = self._ask("GET", _items("plan", kinds, names))["items"]
        return found

    def differences(self, kinds: Sequence[str], names: Sequence[str]) -> list[Json]:
        found: list[Json] = self._ask("GET", _items("diff", kinds, names))["differences"]
        return found

    def sync(self, kinds: Sequence[str], names: Sequence[str]) -> Json:
        chosen = {"kinds": list(kinds), "names": list(names)}
        body = {name: values for name, values in chosen.items() if values}
        return self._ask("POST", "/v1/environment/sync", body or {"all": True})

    def _ask(
        self,
        method: str,
        target: str,
        body: Mapping[str, Any] | None = None,
        *,
        seconds: float = _TIMEOUT_SECONDS,
    ) -> Json:
        content = None if body is None else json.dumps(body)
        headers = {"Accept": "application/json", **self._line.headers}
        if content is not None:
            headers["Content-Type"] = "application/json"
        connection = self._line.connection(seconds)
        try:
            # A daemon that refuses a long request answers before it has read all of it.
            with suppress(BrokenPipeError):
                connection.request(method, f"{self._line.prefix}{target}", content, headers)
            response = connection.getresponse()
            return _decoded(response.status, response.read(), self._line)
        except (OSError, http.client.HTTPException) as error:
            raise CommandError(
                ExitStatus.NO_DAEMON, _unreachable(self._line, error, seconds)
            ) from error
        finally:
            connection.close()


def _of(node: str, *parts: str) -> str:
    return "/".join(["/v1/nodes", quote(node, safe="", errors=_AS_IT_CAME), *parts])


def _rollout(name: str, *parts: str) -> str:
    return "/".join(["/v1/rollouts", quote(name, safe="", errors=_AS_IT_CAME), *parts])


def _items(what: str, kinds: Sequence[str], names: Sequence[str]) -> str:
    query = [("kind", kind) for kind in kinds] + [("name", name) for name in names]
    return f"/v1/environment/{what}?{urlencode(query, errors=_AS_IT_CAME)}"


def _decoded(status: int, content: bytes, line: Line) -> Json:
    try:
        answer: Json = json.loads(content)
        if status < 400:
            return answer
        message = str(answer["error"]["message"])
    except (ValueError, TypeError, KeyError) as error:
        raise CommandError(
            ExitStatus.NO_DAEMON,
            f"what serves {line.place} answers HTTP {status} but is not ephyrad: {line.cure}",
        ) from error
    raise CommandError(ExitStatus.REFUSED, message)


def _unreachable(line: Line, error: Exception, seconds: float) -> str:
    if words := line.unreachable(error):
        return words
    if isinstance(error, TimeoutError):
        return (
            f"ephyrad did not answer on {line.place} within {seconds:.0f} seconds; see its"
            " log, and `ephyra node list` for what it did"
        )
    return f"ephyrad cannot be asked on {line.place}: {error!r}"
