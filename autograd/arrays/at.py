"""``x.at[index]``: an array with other numbers at some places, in place of ``x[index] = values``."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arrays.functions import concatenate
from autograd.arrays.operands import as_array, index, to_numpy
from autograd.arrays.operations import broadcast_to, gather, put, ravel

__all__ = ["At"]


class At:
    """What ``x.at`` is; its methods return new nodes, as in JAX, and leave ``x`` as it is."""

    def __init__(self, x: Any, place: Any = ...) -> None:
        self._x, self._place = x, index(place)

    def __getitem__(self, place: Any) -> At:
        return At(self._x, place)

    def set(self, values: Any) -> Any:
        """``x`` with these values at the index; the last one counts where a place is named twice."""
        x, source = self._x, np.arange(self._x.size).reshape(self._x.shape)
        shape = source[self._place].shape
        values = ravel(broadcast_to(as_array(values), shape))
        source[self._place] = x.size + np.arange(values.size).reshape(shape)
        return gather(concatenate([x, values], None), source)

    def add(self, values: Any) -> Any:
        """``x`` with these values added at the index; all count where a place is named twice."""
        shape = to_numpy(self._x)[self._place].shape
        return self._x + put(broadcast_to(as_array(values), shape), self._place, self._x.shape)

    def multiply(self, values: Any) -> Any:
        """``x`` multiplied by these values at the index."""
        return self.set(self._x[self._place] * as_array(values))
