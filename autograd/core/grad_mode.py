"""Whether computations are recorded, and how to switch recording off and on: ``no_grad`` and ``enable_grad``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["enable_grad", "grad_enabled", "no_grad"]

grad_enabled: ContextVar[bool] = ContextVar("grad_enabled", default=True)
"""Whether Tensors are recorded, in this thread or task."""


@contextmanager
def no_grad() -> Iterator[None]:
    """Compute Tensors without recording: inside of ``with no_grad():``, or in a function decorated with ``@no_grad()``.

    Values are always recorded: each takes only a few bytes.

    >>> from autograd import Tensor
    >>> x = Tensor([1.0, 2.0])
    >>> with no_grad():
    ...     y = x * 2
    >>> y.parents
    ()
    """
    with _set_to(False):
        yield


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
    with _set_to(True):
        yield


@contextmanager
def _set_to(enabled: bool) -> Iterator[None]:
    token = grad_enabled.set(enabled)
    try:
        yield
    finally:
        grad_enabled.reset(token)
