"""``stack``: from numbers to arrays, within one graph; :mod:`autograd.arrays.item` leads in the other direction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.arrays.operands import stacked_operands

__all__ = ["stack"]


def stack(xs: Sequence[Any], axis: int = 0) -> Any:
    """Arrays of one shape, or numbers, side by side along a new axis.

    From Values it makes a Tensor of the same graph.

    >>> from autograd import Tensor, Value, linalg
    >>> stack([Tensor([1.0, 2.0]), [3.0, 4.0]]).shape
    (2, 2)
    >>> x, y = Value(3.0), Value(4.0)
    >>> length = linalg.norm(stack([x, y]))
    >>> length.backward()
    >>> float(length), x.grad, y.grad
    (5.0, 0.6, 0.8)
    """
    return stacked_operands(xs, axis)
