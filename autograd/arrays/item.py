"""``Item``: the number in a Tensor of one element, as a Value of the same graph.

:mod:`autograd.arrays.stacking` leads in the other direction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograd.arrays import operations
from autograd.core.primitive import Primitive
from autograd.core.value import Value
from autograd.core.watching import tell_made

__all__ = ["Item", "only_number"]


class Item(Value):
    """The number in a Tensor of one element: here a graph of arrays continues as a graph of numbers."""

    __slots__ = ()

    @classmethod
    def of(cls, tensor: Any) -> Item:
        """The number of a Tensor, recorded."""
        node = cls(tensor._single("value"))
        node._connect(_ITEM, (tensor,), (1.0,), False)
        tell_made(node)
        return node

    @property
    def parents(self) -> tuple[Any, ...]:
        """The Tensor, its only operand."""
        return self.operands

    @property
    def partials(self) -> tuple[float, ...]:
        """The local derivative, which is 1."""
        return (1.0,)

    def pull(self, gradient: Any, careful: bool = False) -> Iterator[tuple[Any, Any]]:
        """The gradient, as an array of the shape of the Tensor."""
        tensor: Any = self.operands[0]
        if isinstance(gradient, Value):
            yield tensor, operations.astype(operations.reshape(gradient, tensor.shape), tensor.dtype)
        else:
            yield tensor, np.full(tensor.shape, gradient, tensor.dtype)

    def push(self, tangents: Mapping[Any, Any], careful: bool = False) -> Any:
        """The rate of change of the Tensor, as a number."""
        rate = tangents.get(self.operands[0])
        return None if rate is None else only_number(rate)

    def recompute(self, fresh: Mapping[Any, Any]) -> tuple[float, Any]:
        """The number of the Tensor when its data is as in ``fresh``, and the local derivative."""
        return fresh[self.operands[0]].item(), ((1.0,), False)

    def fields(self) -> tuple[Any, ...]:
        """Everything that this node holds except its operands, for pickling."""
        return self._held(), self.label

    @classmethod
    def from_fields(cls, fields: tuple[Any, ...], operands: Sequence[Any]) -> Item:
        """The node with these :meth:`fields` and operands."""
        node = cls.of(*operands)
        grad, node.label = fields
        node._hold(grad)
        return node


def only_number(x: Any) -> Any:
    """The number in an array of one element, or in a Tensor as a Value of the same graph."""
    return x.item() if isinstance(x, (np.ndarray, np.generic)) else x.value()


_ITEM = Primitive("value", float, [lambda x, out: 1.0], parameters=["x"])
