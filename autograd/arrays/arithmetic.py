"""Python's operators for arrays that record: each calls its row of the table; comparisons read and record nothing."""

from __future__ import annotations

import operator
from collections.abc import Callable
from numbers import Number
from typing import Any

import numpy as np

from autograd.arrays import operations
from autograd.core import rules
from autograd.core.value import Value, number_of

__all__ = ["ArrayOperators"]

Binary = Callable[[Any, Any], Any]


def _known(x: Any) -> Any:
    """What an operator works with; sequences as arrays, and anything foreign as ``NotImplemented``."""
    if isinstance(x, (ArrayOperators, Number, np.ndarray, np.generic, Value)):
        return x
    return np.asarray(x) if isinstance(x, (list, tuple)) else NotImplemented


def _index(index: Any) -> Any:
    """An index that later writes do not reach: lists and arrays in it are copied."""
    if isinstance(index, tuple):
        return tuple(map(_index, index))
    if isinstance(index, ArrayOperators):
        raise TypeError("a Tensor of floats is no index: take an array of whole numbers or bool")
    return np.array(index, None if np.size(index) else int) if isinstance(index, (list, np.ndarray)) else index


def _left(function: Binary) -> Binary:
    def method(self: Any, other: Any) -> Any:
        other = _known(other)
        return NotImplemented if other is NotImplemented else function(self, other)

    return method


def _right(function: Binary) -> Binary:
    def method(self: Any, other: Any) -> Any:
        other = _known(other)
        return NotImplemented if other is NotImplemented else function(other, self)

    return method


def _comparison(compare: Binary) -> Binary:
    def method(self: Any, other: Any) -> Any:
        if isinstance(other, (ArrayOperators, Value)):
            other = other._read() if isinstance(other, ArrayOperators) else number_of(other)
        return compare(self._read(), other)

    return method


class ArrayOperators:
    """The operators of an array; whoever inherits them is recorded by the rows of the tables."""

    __slots__ = ()

    _data: np.ndarray[Any, Any]
    _read: Callable[[], np.ndarray[Any, Any]]

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

    def __getitem__(self, index: Any) -> Any:
        return operations.getitem(self, _index(index))

    __lt__, __le__ = _comparison(operator.lt), _comparison(operator.le)
    __gt__, __ge__ = _comparison(operator.gt), _comparison(operator.ge)
    __eq__ = _comparison(operator.eq)
    __ne__ = _comparison(operator.ne)
    __hash__ = object.__hash__

    def __float__(self) -> float:
        return float(self._single("float"))

    def __int__(self) -> int:
        return int(self._single("int"))

    def __bool__(self) -> bool:
        return bool(self._single("bool"))

    def _single(self, wanted: str) -> Any:
        if self._data.size != 1:
            raise TypeError(f"{wanted}() reads a single number, not a Tensor of shape {self._data.shape}")
        return self._read().item()

    def __len__(self) -> int:
        if not self._data.shape:
            raise TypeError("len() of a Tensor without axes: it holds a single number")
        return len(self._data)
