"""Whether computations are recorded: ``no_grad`` and ``enable_grad``; and where gradients stop: ``stop_gradient``."""

from __future__ import annotations

from contextlib import ContextDecorator
from contextvars import ContextVar
from typing import TypeVar

from autograd.core.nested import entries, rebuild
from autograd.core.watching import listeners

__all__ = ["enable_grad", "grad_enabled", "no_grad", "stop_gradient"]

S = TypeVar("S")

grad_enabled: ContextVar[bool] = ContextVar("grad_enabled", default=True)
"""Whether nodes are recorded, in this thread or task."""


_blocks: ContextVar[tuple[tuple[object, bool], ...]] = ContextVar("_blocks", default=())
"""The open blocks of this thread or task, outermost first, and what each of them sets."""


class _Recording(ContextDecorator):
    """Sets inside of ``with`` whether nodes are recorded; an interrupt at the block's end leaves it to ``__del__``.

    Blocks may then end in any order, so the innermost one that is still open decides.

    Attributes:
        recorded: whether they are.
    """

    def __init__(self, recorded: bool) -> None:
        self.recorded = recorded
        self._open: list[object] = []

    def _recreate_cm(self) -> _Recording:  # by which a decorated function gets a block for each call
        return _Recording(self.recorded)

    def __enter__(self) -> None:
        block = object()
        self._open.append(block)
        if not self.recorded:
            listeners[block] = None
        _blocks.set((*_blocks.get(), (block, self.recorded)))
        grad_enabled.set(self.recorded)

    def __exit__(self, *error: object) -> None:
        block = self._open[-1]
        left = tuple(entry for entry in _blocks.get() if entry[0] is not block)
        _blocks.set(left)
        grad_enabled.set(left[-1][1] if left else True)
        listeners.pop(block, None)
        self._open.pop()

    def __del__(self) -> None:
        while getattr(self, "_open", None):
            self.__exit__()


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
    return _Recording(False)


def enable_grad() -> _Recording:
    """Record again, inside of :func:`no_grad`.

    >>> from autograd import Tensor
    >>> x = Tensor([1.0, 2.0])
    >>> with no_grad(), enable_grad():
    ...     y = x * 2
    >>> y.parents == (x,)
    True
    """
    return _Recording(True)


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
