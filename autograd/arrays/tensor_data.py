"""``TensorData``: the array that a Tensor holds, and how a write to it is noticed.

The arrays that operations read and compute are never written to.  Arrays that come in are copied: by the constructor,
by every assignment to ``.data``, and for constant operands.  Arrays that go out are copied too: ``.data`` returns a
copy, which may be written to.  When the data is read next, a comparison of the two shows whether that copy was changed;
if so, a new array takes the place of the old one.  A node keeps the arrays that it read, so nothing was changed as long
as its operands still hold the same arrays.

Data that is never read through ``.data`` costs nothing.  Assigning to it, as ``p.data -= step`` does, drops the copy.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, repeat
from typing import Any, TypeVar, overload

import numpy as np

from autograd.core.aliases import Array, ArrayLike
from autograd.core.handover import hand_over, setting
from autograd.core.scope import leave_graph

__all__ = ["T", "TensorData"]


class TensorData:
    """The data of a Tensor: its base class, by which the modules that :class:`Tensor` builds on recognise it."""

    __slots__ = (
        "_data",  # never written to
        "_lent",  # the copy that .data returned, which may have been written to; None if there is none
    )

    _data: Array
    _lent: Array | None

    @property
    def data(self) -> Array:
        """The array itself.  It may be written to after a sweep, as in ``p.data -= rate * p.grad``.

        A write between a computation and its sweep is an error, which the sweep reports.  Assigning copies the array;
        shape and dtype stay the same.
        """
        if self._lent is None:
            self._lent = self._data.copy()
        return self._lent

    @data.setter
    def data(self, data: TensorData | ArrayLike) -> None:
        hand_over(self.assigning([self], [data]))

    @staticmethod
    def assigning(nodes: Sequence[Any], arrays: Iterable[Any]) -> Iterator[None]:
        """Assign to the ``data`` of each of these nodes, in :func:`~autograd.core.handover.hand_over`."""
        fresh = [node._fresh(data) for node, data in zip(nodes, arrays, strict=True)]
        return chain(setting(nodes, "_data", fresh), setting(nodes, "_lent", repeat(None)))

    def _fresh(self, data: TensorData | ArrayLike) -> Array:
        """A copy of an array that may take the place of the data."""
        fresh = np.array(data._read() if isinstance(data, TensorData) else data, self.dtype)
        if fresh.shape != self.shape:
            raise ValueError(f"data of shape {self.shape} cannot be replaced by an array of shape {fresh.shape}")
        return fresh

    def _read(self) -> Array:
        """The present data, in an array that is never written to: a different array after every change."""
        if self._lent is not None:
            bits = f"u{self._data.itemsize}"
            if not np.array_equal(self._data.view(bits), self._lent.view(bits)):
                self._data = self._lent.copy()
        return self._data

    def numpy(self) -> Array:
        """A copy of the data."""
        return self._read().copy()

    def tolist(self) -> Any:
        """The numbers in nested lists, one for each axis; a plain number if there are no axes."""
        return self._read().tolist()

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of its axes."""
        shape: tuple[int, ...] = self._data.shape
        return shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """``float32`` or ``float64``."""
        dtype: np.dtype[Any] = self._data.dtype
        return dtype

    @property
    def ndim(self) -> int:
        """The number of its axes."""
        return self._data.ndim

    @property
    def size(self) -> int:
        """The number of its elements."""
        return self._data.size

    def dim(self) -> int:
        """The number of its axes, as :attr:`ndim`; PyTorch's name."""
        return self._data.ndim

    def numel(self) -> int:
        """The number of its elements, as :attr:`size`; PyTorch's name."""
        return self._data.size

    def __len__(self) -> int:
        if not self._data.shape:
            raise TypeError("len() of a Tensor without axes: it holds a single number")
        return len(self._data)

    def item(self) -> float:
        """The number of a Tensor of one element, as a plain number.

        >>> from autograd.arrays.tensor import Tensor
        >>> Tensor([2.0]).item()
        2.0
        """
        return self._single("item")

    def __float__(self) -> float:
        number = self._single("float")
        leave_graph(self, "float()")  # type: ignore[arg-type]  # every TensorData is a Tensor
        return number

    def __complex__(self) -> complex:
        number = self._single("complex")
        leave_graph(self, "complex()")  # type: ignore[arg-type]
        return complex(number)

    def __int__(self) -> int:
        return int(self._single("int"))

    def __trunc__(self) -> int:
        return int(self._single("trunc"))

    def __floor__(self) -> int:
        return math.floor(self._single("floor"))

    def __ceil__(self) -> int:
        return math.ceil(self._single("ceil"))

    @overload
    def __round__(self, ndigits: None = None) -> int: ...

    @overload
    def __round__(self, ndigits: int) -> float: ...

    def __round__(self, ndigits: Any = None) -> Any:
        return round(self._single("round"), ndigits)

    def __format__(self, spec: str) -> str:
        return format(self._single("format"), spec) if spec else repr(self)

    def __bool__(self) -> bool:
        return bool(self._single("bool"))

    def _single(self, wanted: str) -> float:
        if self._data.size != 1:
            raise TypeError(f"{wanted}() reads a single number, not a Tensor of shape {self._data.shape}")
        return float(self._read().item())


T = TypeVar("T", bound=TensorData)
"""A Tensor, in the signatures of functions that return a Tensor if they are given one."""
