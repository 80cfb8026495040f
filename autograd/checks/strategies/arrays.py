"""Random arrays."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_strategies
from hypothesis.strategies import SearchStrategy

from autograd.checks.strategies.rows import numbers
from autograd.core.aliases import Array

__all__ = ["arrays"]


def arrays(
    count: int = 1,
    *,
    dtype: npt.DTypeLike = np.float64,
    elements: SearchStrategy[float] | None = None,
    min_dims: int = 0,
    max_dims: int = 2,
    min_side: int = 1,
    max_side: int = 3,
) -> SearchStrategy[tuple[Array, ...]]:
    """Groups of float arrays of different shapes that broadcast against each other.

    Args:
        count: the number of arrays in a group.
        dtype: ``float64`` or ``float32``.
        elements: a strategy for the numbers; by default, multiples of 1/8 from -2 to 2.
        min_dims: the smallest number of axes.
        max_dims: the largest number of axes.
        min_side: the smallest length of an axis, unless it is 1 and broadcasts; 0 allows empty arrays.
        max_side: the largest length of an axis.

    >>> from hypothesis import find
    >>> find(arrays(2, max_dims=1), lambda group: group[0].size > group[1].size)
    (array([0., 0.]), array(0.))
    """
    if not isinstance(count, int):
        raise TypeError(f"count is the number of arrays, not {count!r}: write a type as dtype=…")
    drawn = (numbers if elements is None else elements).map(partial(_representable, np.dtype(dtype)))

    @st.composite
    def group(draw: st.DrawFn) -> tuple[Array, ...]:
        sides = draw(st.lists(st.integers(min_side, max_side), min_size=min_dims, max_size=max_dims))
        shapes = []
        for _ in range(count):
            kept = sides[draw(st.just(0) | st.integers(0, len(sides) - min_dims)) :]
            shapes.append(tuple(1 if draw(st.booleans()) else side for side in kept))
        return tuple(draw(numpy_strategies.arrays(dtype, shape, elements=drawn)) for shape in shapes)

    return group()


def _representable(dtype: np.dtype[Any], x: float) -> float:
    """The number, after checking that it does not overflow."""
    with np.errstate(over="ignore"):
        if np.isfinite(x) and np.isinf(dtype.type(x)):
            raise ValueError(
                f"elements drew {x:g}, which is infinite in {dtype}: stay within ±{np.finfo(dtype).max:.3g}, as "
                f"floats(width={8 * dtype.itemsize}) does"
            )
    return x
