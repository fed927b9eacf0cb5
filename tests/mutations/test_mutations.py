# SPDX-License-Identifier: Apache-2.0
"""Without the line that keeps it, each invariant has a test that fails."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

import pytest

from tests.mutations.catalogue import INVARIANTS, MUTATIONS
from tests.mutations.mutation import Mutation, NotFound, applied
from tests.mutations.overlay import CHECKOUT, FAILED, Overlay, Result

Mutated = Callable[[Mutation], Result]


@pytest.fixture(scope="module")
def overlays(tmp_path_factory: pytest.TempPathFactory) -> list[Overlay]:
    """One for each processor."""
    directory = tmp_path_factory.mktemp("mutations")
    return [Overlay(directory / str(n)) for n in range(len(os.sched_getaffinity(0)))]


@pytest.fixture(scope="module")
def mutated(overlays: list[Overlay], request: pytest.FixtureRequest) -> Iterator[Mutated]:
    """Run the tests of all mutations that are asked for, on all processors, ahead of the asker."""
    free: SimpleQueue[Overlay] = SimpleQueue()
    for overlay in overlays:
        free.put(overlay)

    def run(mutation: Mutation) -> Result:
        overlay = free.get()
        try:
            return overlay.run_mutated(mutation)
        finally:
            free.put(overlay)

    asked = [
        mutation
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.function is test_a_mutation_is_noticed
        if isinstance(mutation := item.callspec.params["mutation"], Mutation)
    ]
    with ThreadPoolExecutor(len(overlays)) as threads:
        results = {mutation: threads.submit(run, mutation) for mutation in asked}
        yield lambda mutation: results[mutation].result()
        threads.shutdown(cancel_futures=True)


def test_each_invariant_has_a_mutation() -> None:
    assert {mutation.invariant for mutation in MUTATIONS} == set(INVARIANTS)
    assert len({str(mutation) for mutation in MUTATIONS}) == len(MUTATIONS)


@pytest.mark.timeout(600)
def test_the_tests_pass_without_a_mutation(overlays: list[Overlay]) -> None:
    result = overlays[0].run(sorted({mutation.test for mutation in MUTATIONS}))

    assert result.status == 0, result.output


def test_what_is_tested_is_the_copy(overlays: list[Overlay]) -> None:
    assert CHECKOUT not in overlays[0].package().parents


@pytest.mark.timeout(600)
@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_a_mutation_is_noticed(mutation: Mutation, mutated: Mutated) -> None:
    result = mutated(mutation)

    assert result.status == FAILED, f"nothing failed at {mutation.place}\n{result.output}"
    assert mutation.words in result.output


def test_a_text_that_is_not_there_is_named() -> None:
    source = (CHECKOUT / MUTATIONS[0].path).read_text()

    with pytest.raises(NotFound, match=r"stands 0 times .*, not once: name the line that keeps I1"):
        applied(MUTATIONS[0], source.replace(MUTATIONS[0].text, ""))
    with pytest.raises(NotFound, match="stands 2 times"):
        applied(MUTATIONS[0], source * 2)


def test_the_checkout_is_left_alone(tmp_path: Path) -> None:
    before = (CHECKOUT / MUTATIONS[0].path).read_bytes()

    Overlay(tmp_path / "copy").run_mutated(MUTATIONS[0])

    assert (CHECKOUT / MUTATIONS[0].path).read_bytes() == before
