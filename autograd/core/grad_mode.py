"""Whether computations are recorded: ``no_grad`` and ``enable_grad``; and where gradients stop: ``stop_gradient``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from autograd.core.nested import entries, rebuild
from autograd.core.watching import listeners

__all__ = ["enable_grad", "grad_enabled", "no_grad", "stop_gradient"]

S = TypeVar("S")

grad_enabled: ContextVar[bool] = ContextVar("grad_enabled", default=True)
"""Whether nodes are recorded, in this thread or task."""


@contextmanager
def no_grad() -> Iterator[None]:
    """Compute without recording: inside of ``with no_grad():``, or in a function decorated with ``@no_grad()``.

    What is computed there is a leaf: it remembers no operands, and gradients stop at it.

    >>> from autograd import Tensor, Value
    >>> x, v = Tensor([1.0, 2.0]), Value(3.0)
    >>> with no_grad():
    ...     y, w = x * 2, v * 2
    >>> y.parents, w
    ((), Value(6.0))
    """
    block = object()
    listeners[block] = None
    token = grad_enabled.set(False)
    try:
        yield
    finally:
        grad_enabled.reset(token)
        del listeners[block]


@contextmanager
def enable_grad() -> Iterator[None]:
    """Record again, inside of :func:`no_grad`.

    >>> from autograd import Tensor
    >>> x = Tensor([1.0, 2.0])
    >>> with no_grad(), enable_grad():
    ...     y = x * 2
    >>> y.parents == (x,)
    True
    """
    token = grad_enabled.set(True)
    try:
        yield
    finally:
        grad_enabled.reset(token)


def stop_gradient(x: S) -> S:
    """The same numbers, as constants: every node is replaced by its ``detach()``.  The name is that of JAX.

    Args:
        x: a node, a number or an array, or nested lists, tuples and dicts of them.

    >>> from autograd import grad
    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
    """
    fresh: S = rebuild(x, [entry.detach() if hasattr(entry, "detach") else entry for entry in entries(x)])
    return fresh
