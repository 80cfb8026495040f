"""``convolve`` as HIPS autograd has it: along some axes, with sums of products along others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.arrays.functions import pad, tensordot
from autograd.arrays.operands import as_array
from autograd.arrays.operations import gather, transpose

__all__ = ["convolve"]

Axes = Sequence[Sequence[int]]


def convolve(A: Any, B: Any, axes: Axes | None = None, dot_axes: Axes | None = None, mode: str = "full") -> Any:  # noqa: N803
    """The convolution Σ A[k] B[n - k] along pairs of axes, for all pairs of entries along the other axes.

    Args:
        A: an array.
        B: an array.
        axes: the axes of A and those of B along which to convolve; by default all axes.
        dot_axes: the axes of A and those of B along which products are summed; by default none.
        mode: ``"full"``; ``"same"`` for the middle of it in the size of A; ``"valid"`` for where both overlap fully.

    Returns:
        An array with the other axes of A, the other axes of B, and the axes of the convolution.

    Raises:
        ValueError: if the mode is another word, or in the mode valid neither array is the larger one along all axes.

    >>> convolve(np.array([1.0, 2.0]), np.array([1.0, 1.0, 1.0]))
    array([1., 3., 3., 2.])
    """
    a, b = as_array(A), as_array(B)
    conv_a, conv_b = ([list(range(a.ndim))] * 2) if axes is None else [list(part) for part in axes]
    dot_a, dot_b = ([], []) if dot_axes is None else [list(part) for part in dot_axes]
    lengths = [(a.shape[i], b.shape[j]) for i, j in zip(conv_a, conv_b, strict=True)]
    if mode == "valid" and any(m < n for m, n in lengths) and any(m > n for m, n in lengths):
        raise ValueError("convolve: in the mode valid one array must be the larger one along all axes")
    windows = _windows(b, conv_b, [m for m, _ in lengths], [_places(m, n, mode) for m, n in lengths])
    # windows has, in place of each axis of the convolution, the places n, and at the end the numbers k of each.
    inner = range(b.ndim, b.ndim + len(conv_b))
    product = tensordot(a, windows, ([*conv_a, *dot_a], [*inner, *dot_b]))
    rest_a = a.ndim - len(conv_a) - len(dot_a)
    rest_b = [j for j in range(b.ndim) if j not in dot_b]
    order = [rest_a + i for i, j in enumerate(rest_b) if j not in conv_b]
    order += [rest_a + rest_b.index(j) for j in conv_b]
    return transpose(product, [*range(rest_a), *order])


def _places(m: int, n: int, mode: str) -> range:
    """The places of the full convolution of arrays of these lengths that a mode keeps."""
    if mode == "full":
        return range(m + n - 1)
    if mode == "same":
        return range((n - 1) // 2, (n - 1) // 2 + m)
    if mode == "valid":
        return range(min(m, n) - 1, max(m, n))
    raise ValueError(f'convolve has the modes "full", "same" and "valid", not {mode!r}')


def _windows(b: Any, axes: Sequence[int], widths: Sequence[int], places: Sequence[range]) -> Any:
    """b[n - k] for all places n along its axes, and for all k along new last axes; 0 outside of b."""
    around = [(0, 0)] * b.ndim
    for axis, width in zip(axes, widths, strict=True):
        around[axis] = (width - 1, width - 1)
    padded = pad(b, around)
    found = np.arange(padded.size).reshape(padded.shape)
    for axis, width, kept in zip(axes, widths, places, strict=True):
        at = np.array(kept)[:, None] + (width - 1) - np.arange(width)
        found = np.moveaxis(np.take(found, at, axis), axis + 1, -1)
    return gather(padded, found)
