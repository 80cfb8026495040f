"""Whether computations are recorded, and how to switch recording off and on: ``no_grad`` and ``enable_grad``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from autograd.core.watching import listeners

__all__ = ["enable_grad", "grad_enabled", "no_grad"]

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
