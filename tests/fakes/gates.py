# SPDX-License-Identifier: Apache-2.0
"""Gates whose verdicts a test gives."""

from ephyrad.rollout.gate_run import GateRun
from ephyrad.rollout.verdict import Verdict


class FakeGates:
    """Every run goes on until `end` gives its verdict; `begun` has all that were begun."""

    def __init__(self) -> None:
        self.begun: list[GateRun] = []
        self._verdicts: dict[str, Verdict | None] = {}

    def start(self) -> None:
        pass

    def stop(self) -> None:
        self._verdicts.clear()

    def begin(self, run: GateRun) -> None:
        if run.id not in self._verdicts:
            self.begun.append(run)
            self._verdicts[run.id] = None

    def result(self, run_id: str) -> Verdict | None:
        return self._verdicts.get(run_id)

    def is_known(self, run_id: str) -> bool:
        return run_id in self._verdicts

    def forget(self, run_id: str) -> None:
        self._verdicts.pop(run_id, None)

    def end(self, verdict: Verdict) -> None:
        """End every run that goes on."""
        self._verdicts = dict.fromkeys(self._verdicts, verdict)
