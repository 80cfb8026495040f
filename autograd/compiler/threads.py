"""Threads that share the work of one call.

They are started when they are first needed, and kept.  A process that was forked has none of them, and starts its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache

__all__ = ["cores", "shared"]


def cores() -> int:
    """The number of processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def _pool(workers: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(workers, "pathgrad")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)


def shared(job: Callable[[int], None], threads: int) -> None:
    """Call ``job(0)`` ... ``job(threads - 1)``, the first of them in this thread, and wait for all of them.

    Raises:
        Exception: the first error of a job, by its number, when all have ended.

    >>> done = [0, 0, 0]
    >>> shared(lambda i: done.__setitem__(i, i * i), 3)
    >>> done
    [0, 1, 4]
    """
    others: list[Future[None]] = []
    try:
        for i in range(1, threads):
            others.append(_pool(threads - 1).submit(job, i))
        job(0)
    finally:
        wait(others)
    for other in others:
        other.result()
