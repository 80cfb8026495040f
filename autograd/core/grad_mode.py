"""Whether computations are recorded: ``no_grad`` and ``enable_grad``; and where gradients stop: ``stop_gradient``."""

from __future__ import annotations

from contextlib import ContextDecorator
from contextvars import ContextVar
from typing import Any, TypeVar

from autograd.core.blocks import Block
from autograd.core.nested import entries, rebuild
from autograd.core.watching import listeners

__all__ = ["enable_grad", "grad_enabled", "no_grad", "stop_gradient"]

S = TypeVar("S")

grad_enabled: ContextVar[bool] = ContextVar("grad_enabled", default=True)
"""Whether nodes are recorded, in this thread or task."""


class _Mode:
    """What an open block sets: whether nodes are recorded."""

    __slots__ = ("recorded",)

    def __init__(self, recorded: bool) -> None:
        self.recorded = recorded


class _Recording(Block[_Mode], ContextDecorator):
    """Sets inside of ``with`` whether nodes are recorded; the innermost block that is still open decides."""

    _here = ContextVar("modes", default=())

    def __init__(self, recorded: bool, everywhere: dict[Any, None]) -> None:
        super().__init__()
        self._recorded, self._everywhere = recorded, everywhere

    def _recreate_cm(self) -> _Recording:  # by which a decorated function gets a block for each call
        return _Recording(self._recorded, self._everywhere)

    def _entry(self) -> _Mode:
        return _Mode(self._recorded)

    def _changed(self) -> None:
        modes = self._here.get()
        grad_enabled.set(modes[-1].recorded if modes else True)


def no_grad() -> _Recording:
    """Compute without recording: inside of ``with no_grad():``, or in a function decorated with ``@no_grad()``.

    What is computed there is a leaf: it remembers no operands, and gradients stop at it.

    >>> from autograd import Tensor, Value
    >>> x, v = Tensor([1.0, 2.0]), Value(3.0)
    >>> with no_grad():
    ...     y, w = x * 2, v * 2
    >>> y.parents, w
    ((), Value(6.0))
    """
    return _Recording(False, listeners)


def enable_grad() -> _Recording:
    """Record again, inside of :func:`no_grad`.

    >>> from autograd import Tensor
    >>> x = Tensor([1.0, 2.0])
    >>> with no_grad(), enable_grad():
    ...     y = x * 2
    >>> y.parents == (x,)
    True
    """
    return _Recording(True, {})  # no node has to know


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
