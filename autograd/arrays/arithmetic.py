"""Python's operators for arrays that record: each calls its row of the tables.  Comparisons read and record nothing."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from autograd.arrays import operations
from autograd.arrays.operands import index, operator_operand, read
from autograd.arrays.tensor_data import TensorData
from autograd.core import rules

__all__ = ["ArrayArithmetic"]

Binary = Callable[[Any, Any], Any]


def _left(function: Binary) -> Binary:
    def method(self: Any, other: Any) -> Any:
        other = operator_operand(other)
        return NotImplemented if other is NotImplemented else function(self, other)

    return method


def _right(function: Binary) -> Binary:
    def method(self: Any, other: Any) -> Any:
        other = operator_operand(other)
        return NotImplemented if other is NotImplemented else function(other, self)

    return method


def _comparison(compare: Binary) -> Binary:
    def method(self: Any, other: Any) -> Any:
        return compare(*read((self, other)))

    return method


class ArrayArithmetic(TensorData):
    """The operators of a Tensor."""

    __slots__ = ()

    __add__, __radd__ = _left(rules.add), _right(rules.add)
    __sub__, __rsub__ = _left(rules.subtract), _right(rules.subtract)
    __mul__, __rmul__ = _left(rules.multiply), _right(rules.multiply)
    __truediv__, __rtruediv__ = _left(rules.divide), _right(rules.divide)
    __pow__, __rpow__ = _left(rules.power), _right(rules.power)
    __mod__, __rmod__ = _left(rules.mod), _right(rules.mod)
    __floordiv__, __rfloordiv__ = _left(rules.floor_divide), _right(rules.floor_divide)
    __matmul__, __rmatmul__ = _left(operations.matmul), _right(operations.matmul)

    def __pos__(self) -> Any:
        return rules.positive(self)

    def __neg__(self) -> Any:
        return rules.negative(self)

    def __abs__(self) -> Any:
        return rules.absolute(self)

    def __getitem__(self, where: Any) -> Any:
        return operations.getitem(self, index(where))

    __lt__, __le__ = _comparison(operator.lt), _comparison(operator.le)
    __gt__, __ge__ = _comparison(operator.gt), _comparison(operator.ge)
    __eq__ = _comparison(operator.eq)
    __ne__ = _comparison(operator.ne)
    __hash__ = object.__hash__
