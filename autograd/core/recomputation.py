"""What a function must not repeat when it is computed again, as a checkpoint does during a sweep."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

__all__ = ["Recomputation", "once", "recomputing"]

R = TypeVar("R")


class Recomputation:
    """What a function computed with :func:`once` in its first run, for all later runs."""

    def __init__(self) -> None:
        self._results: list[Any] = []

    @contextmanager
    def run(self, again: bool) -> Iterator[None]:
        """Inside, the function runs: for the first time, or again."""
        token = _runs.set((*_runs.get(), _Run(self._results, again)))
        try:
            yield
        finally:
            _runs.reset(token)


class _Run:
    """One run of a function: the results of its calls of ``once``, and how many of them it has asked for."""

    def __init__(self, results: list[Any], again: bool) -> None:
        self.results, self.again, self.asked = results, again, 0

    def known(self) -> list[Any]:
        """The result of the next call in a list, which is empty if it is not known."""
        return self.results[self.asked : self.asked + 1]

    def take(self, result: Any) -> None:
        """Go on to the next call."""
        self.results[self.asked : self.asked + 1] = [result]
        self.asked += 1


_runs: ContextVar[tuple[_Run, ...]] = ContextVar("runs", default=())
"""The runs of this thread or task, outermost first: a checkpointed function may call others."""


def recomputing() -> bool:
    """Whether a function is being computed again, as a :func:`autograd.checkpoint` does during a sweep.

    A function with side effects, such as a layer that counts its calls or keeps statistics, asks this in order not to
    repeat them.  For random numbers there is :func:`autograd.once`.

    >>> recomputing()
    False
    """
    return any(run.again for run in _runs.get())


def once(compute: Callable[[], R]) -> R:
    """Call a function; while a :func:`autograd.checkpoint` computes again, return what it returned the first time.

    A checkpointed function must return the same when it is computed again, so it draws its random numbers in this way.
    They are kept until the graph is freed.

    Args:
        compute: a function without arguments, whose result is plain data.

    >>> from random import random
    >>> from autograd import Value, checkpoint
    >>> x = Value(1.0)
    >>> y = checkpoint(lambda t: t * once(random))(x)
    >>> y.backward()
    >>> x.grad == y.item()
    True
    """
    runs = _runs.get()
    results = [result for run in runs for result in run.known()]
    result: R
    if results:
        result = results[0]
    else:
        token = _runs.set(())
        try:
            result = compute()
        finally:
            _runs.reset(token)
    for run in runs:
        run.take(result)
    return result
