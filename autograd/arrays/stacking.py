"""``stack``: from numbers to arrays, within one graph; :mod:`autograd.arrays.item` leads in the other direction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

from autograd.arrays.operands import stacked_operands
from autograd.arrays.signatures import Operand
from autograd.arrays.tensor import Tensor
from autograd.core.aliases import Array, ArrayLike

__all__ = ["stack"]


@overload
def stack(xs: Sequence[ArrayLike], axis: int = 0) -> Array: ...  # type: ignore[overload-overlap]
@overload
def stack(xs: Sequence[Operand], axis: int = 0) -> Tensor: ...
def stack(xs: Sequence[Any], axis: int = 0) -> Any:
    """Arrays of one shape, or numbers, side by side along a new axis.

    From Values it makes a Tensor of the same graph.

    >>> from autograd import Value, linalg
    >>> stack([Tensor([1.0, 2.0]), [3.0, 4.0]]).shape
    (2, 2)
    >>> x, y = Value(3.0), Value(4.0)
    >>> length = linalg.norm(stack([x, y]))
    >>> length.backward()
    >>> length.item(), x.grad, y.grad
    (5.0, 0.6, 0.8)
    """
    return stacked_operands(xs, axis)
