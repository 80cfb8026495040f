"""What all distributions share: their values outside of the support, and for parameters that are not valid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.arrays.operands import as_array
from autograd.compat.declaring import plain
from autograd.core.rules import where

__all__ = ["operands", "or_nan", "standardized", "supported"]


def operands(*xs: Any) -> list[Any]:
    """Numbers, nodes and nested lists as arrays and Tensors."""
    return [as_array(x) for x in xs]


def or_nan(valid: Any, parameter: Any) -> Any:
    """A parameter where it is valid, and elsewhere nan, whose slope is nan too."""
    return where(valid, parameter, parameter * np.nan)


def standardized(x: Any, loc: Any, scale: Any) -> tuple[Any, Any]:
    """(x - loc) / scale, and the scale; both are nan where the scale is not positive."""
    x, loc, scale = operands(x, loc, scale)
    scale = or_nan(scale > 0, scale)
    return (x - loc) / scale, scale


def supported(
    x: Any, valid: Any, inside: Callable[[Any], Any], f: Callable[[Any], Any], below: float, above: float, inner: float
) -> Any:
    """``f(x)`` inside of the support, and a constant outside of it.

    Args:
        x: where.
        valid: whether the parameters are valid; if not, ``f`` must be nan, as it is by :func:`or_nan`.
        inside: a function that tells whether numbers are in the support.
        f: a function of a point in the support.
        below: the value left of the support.
        above: the value right of it.
        inner: any point inside of the support.
    """
    numbers = plain(x)
    within = np.asarray(inside(numbers) | np.isnan(numbers) | ~np.asarray(valid))  # what is nan comes from f
    return where(within, f(where(within, x, inner)), np.where(numbers < inner, below, above))
