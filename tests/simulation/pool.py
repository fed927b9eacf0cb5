# SPDX-License-Identifier: Apache-2.0
"""Runs on all processors: processes of their own, which work ahead of whoever asks.

A run is a second of pure Python, so threads would not help; and a plugin that spreads tests over
processes would spread those that own a broker or a cloud as well.
"""

import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
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
    # A fresh interpreter each: nothing of this process, its threads and patches, is in the way.
    with multiprocessing.get_context("spawn").Pool(_processors(), _strictly) as pool:
        results = {job: pool.apply_async(work, (job,)) for job in jobs}
        yield lambda job: results.pop(job).get()


class Work(Protocol):
    """Does jobs side by side and returns their results in order, or raises what one raised."""

    def __call__(self, work: Callable[[Job], Result], jobs: Sequence[Job]) -> list[Result]: ...


@contextmanager
def workers() -> Iterator[Work]:
    """Give processes that stay, for many lots of jobs."""
    with multiprocessing.get_context("spawn").Pool(_processors(), _strictly) as pool:

        def do(work: Callable[[Job], Result], jobs: Sequence[Job]) -> list[Result]:
            return pool.map(work, jobs, chunksize=_CHUNK)

        yield do


def _processors() -> int:
    return len(os.sched_getaffinity(0))


def _strictly() -> None:
    """Have warnings be errors, as the tests have it."""
    warnings.simplefilter("error")
