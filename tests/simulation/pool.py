# SPDX-License-Identifier: Apache-2.0
"""Runs on all processors: processes of their own, which work ahead of whoever asks.

A run is a second of pure Python, so threads would not help; and a plugin that spreads tests over
processes would spread those that own a broker or a cloud as well.
"""

import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Protocol, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")

_CHUNK = 8


@contextmanager
def working_ahead(
    work: Callable[[Job], Result], jobs: Sequence[Job]
) -> Iterator[Callable[[Job], Result]]:
    """Give a function that returns the result of one of the jobs, or raises what it raised.

    `work` and the jobs have to be picklable; a job that stands alone is done in this process, where
    a debugger can see it.
    """
    if len(jobs) < 2:
        yield work
        return
    with _pool() as pool:
        results = {job: pool.submit(work, job) for job in jobs}
        try:
            yield lambda job: results.pop(job).result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


class Work(Protocol):
    """Does jobs side by side and returns their results in order, or raises what one raised."""

    def __call__(self, work: Callable[[Job], Result], jobs: Sequence[Job]) -> list[Result]: ...


@contextmanager
def workers() -> Iterator[Work]:
    """Give processes that stay, for many lots of jobs."""
    with _pool() as pool:

        def do(work: Callable[[Job], Result], jobs: Sequence[Job]) -> list[Result]:
            return list(pool.map(work, jobs, chunksize=_CHUNK))

        yield do


def _pool() -> ProcessPoolExecutor:
    """Return processes with a fresh interpreter each: nothing of this one is in their way.

    Whoever waits for one that dies, as where a module cannot be imported there, is told so: those
    of `multiprocessing.Pool` are replaced, and their jobs never end.
    """
    processors = len(os.sched_getaffinity(0))
    return ProcessPoolExecutor(processors, multiprocessing.get_context("spawn"), _strictly)


def _strictly() -> None:
    """Have warnings be errors, as the tests have it."""
    warnings.simplefilter("error")
