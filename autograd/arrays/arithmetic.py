"""Python's operators for arrays that record: each calls its row of the tables.  Comparisons read and record nothing."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from types import EllipsisType
from typing import Any, TypeAlias

import numpy as np

from autograd.arrays import operations
from autograd.arrays.operands import index, operator_operand, read
from autograd.arrays.signatures import Operand
from autograd.arrays.tensor_data import T, TensorData
from autograd.core import rules
from autograd.core.aliases import Array
from autograd.core.foreign_arrays import foreign_array

__all__ = ["ArrayArithmetic"]

Index: TypeAlias = "int | np.integer[Any] | slice | EllipsisType | Array | list[Any] | tuple[Any, ...] | None"
"""Any of NumPy's indices."""


def _left(function: Callable[[Any, Any], Any]) -> Callable[[T, Operand], T]:
    """The operator of a Tensor on the left."""

    def method(self: T, other: Operand) -> T:
        other = operator_operand(other)
        return NotImplemented if other is NotImplemented else function(self, other)

    return method


def _right(function: Callable[[Any, Any], Any]) -> Callable[[T, Operand], T]:
    """The operator of a Tensor on the right."""

    def method(self: T, other: Operand) -> T:
        other = operator_operand(other)
        return NotImplemented if other is NotImplemented else function(other, self)

    return method


def _comparison(compare: Callable[[Any, Any], Any]) -> Callable[[TensorData, Operand], Array]:
    """A comparison of the data."""

    def method(self: TensorData, other: Operand) -> Array:
        array = foreign_array(other)
        result: Array = compare(*read((self, other if array is NotImplemented else array)))
        return result

    return method


_equal, _not_equal = _comparison(operator.eq), _comparison(operator.ne)


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

    def __pos__(self: T) -> T:
        return rules.positive(self)  # type: ignore[no-any-return]

    def __neg__(self: T) -> T:
        return rules.negative(self)  # type: ignore[no-any-return]

    def __abs__(self: T) -> T:
        return rules.absolute(self)  # type: ignore[no-any-return]

    def __getitem__(self: T, where: Index) -> T:
        return operations.getitem(self, index(where))

    def __iter__(self: T) -> Iterator[T]:
        return (operations.getitem(self, i) for i in range(len(self)))

    __lt__, __le__ = _comparison(operator.lt), _comparison(operator.le)
    __gt__, __ge__ = _comparison(operator.gt), _comparison(operator.ge)

    def __eq__(self, other: Any) -> Array:  # type: ignore[override]  # an array, as in NumPy
        return _equal(self, other)

    def __ne__(self, other: Any) -> Array:  # type: ignore[override]
        return _not_equal(self, other)

    __hash__ = object.__hash__
