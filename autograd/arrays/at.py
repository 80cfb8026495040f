"""``x.at[index]``: an array with other numbers at some places, in place of ``x[index] = values``.

PyTorch's ``scatter``, ``scatter_add``, ``scatter_reduce`` and ``index_add`` are :meth:`At.set`, :meth:`At.add`,
:meth:`At.multiply`, :meth:`At.max` and :meth:`At.min` of an index, as is JAX's ``segment_sum``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.arrays.functions import concatenate
from autograd.arrays.operands import as_array, index, to_numpy
from autograd.arrays.operations import broadcast_to, gather, max, min, prod, put, ravel

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
        """``x`` multiplied by these values at the index; all count where a place is named twice."""
        return self._combined(values, prod)

    def max(self, values: Any) -> Any:
        """The largest of ``x`` and these values at the index; among equal ones the gradient is shared."""
        return self._combined(values, max)

    def min(self, values: Any) -> Any:
        """The smallest of ``x`` and these values at the index; among equal ones the gradient is shared."""
        return self._combined(values, min)

    def _combined(self, values: Any, reduce: Callable[..., Any]) -> Any:
        """``x`` where each place of the index holds what a reduction makes of its number and all values for it."""
        x, source = self._x, np.arange(self._x.size).reshape(self._x.shape)
        places = source[self._place]
        values = ravel(broadcast_to(as_array(values), places.shape))
        order = np.argsort(places, axis=None, kind="stable")
        named, starts, counts = np.unique(places.ravel()[order], return_index=True, return_counts=True)
        everything, found, total = concatenate([x, values], None), [x], x.size
        for count in np.unique(counts):  # the places that get as many values, together
            of_these = counts == count
            rows = x.size + order[starts[of_these, None] + np.arange(count)]
            found.append(reduce(gather(everything, np.column_stack([named[of_these], rows])), 1))
            source.flat[named[of_these]] = total + np.arange(len(rows))
            total += len(rows)
        return gather(concatenate(found, None), source)
