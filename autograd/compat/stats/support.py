"""What all distributions share: their values outside of the support, and for parameters that are not valid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.arrays.operands import as_array
from autograd.compat.declaring import plain
from autograd.core.rules import where

__all__ = ["operands", "standardized", "supported"]


def operands(*xs: Any) -> list[Any]:
    """Numbers, nodes and nested lists as arrays and Tensors."""
    return [as_array(x) for x in xs]


def standardized(x: Any, loc: Any, scale: Any) -> tuple[Any, Any]:
    """(x - loc) / scale, and the scale; both are nan where the scale is not positive."""
    x, loc, scale = operands(x, loc, scale)
    scale = where(scale > 0, scale, np.nan)
    return (x - loc) / scale, scale


def supported(
    x: Any, valid: Any, inside: Callable[[Any], Any], f: Callable[[Any], Any], below: float, above: float, inner: float
) -> Any:
    """``f(x)`` inside of the support; outside of it a constant; nan for parameters that are not valid.

    Args:
        x: where.
        valid: whether the parameters are valid.
        inside: a function that tells whether numbers are in the support.
        f: a function of a point in the support.
        below: the value left of the support.
        above: the value right of it.
        inner: any point inside of the support.
    """
    numbers = plain(x)
    known = numbers == numbers
    within = np.where(known, inside(numbers), True)
    value = f(where(within, x, inner))
    outside = np.where(numbers < inner, below, above)
    return where(plain(valid), where(within, where(known, value, np.nan), outside), np.nan)
