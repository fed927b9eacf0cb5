# SPDX-License-Identifier: Apache-2.0
"""Runs on all processors: processes of their own, which work ahead of whoever asks.

A run is a second of pure Python, so threads would not help; and a plugin that spreads tests over
processes would spread those that own a broker or a cloud as well.
"""

import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


@contextmanager
def working_ahead(
    work: Callable[[Job], Result], jobs: Sequence[Job]
) -> Iterator[Callable[[Job], Result]]:
    """Give a function that returns the result of one of the jobs, or raises what it raised.

    `work` and the jobs have to be picklable; a job that stands alone is done in this process, where
    a debugger can see it.
    """
    processors = len(os.sched_getaffinity(0))
    if len(jobs) < 2 or processors < 2:
        yield work
        return
    # A fresh interpreter each: nothing of this process, its threads and patches, is in the way.
    with multiprocessing.get_context("spawn").Pool(processors, _strictly) as pool:
        results = {job: pool.apply_async(work, (job,)) for job in jobs}
        yield lambda job: results.pop(job).get()


def each(work: Callable[[Job], Result], jobs: Iterable[Job]) -> Iterator[tuple[Job, Result]]:
    """Do the jobs on all processors; give each with its result, in order."""
    todo = list(jobs)
    with working_ahead(work, todo) as result:
        for job in todo:
            yield job, result(job)


def _strictly() -> None:
    """Have warnings be errors, as the tests have it."""
    warnings.simplefilter("error")
