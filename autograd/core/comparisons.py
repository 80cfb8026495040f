"""Comparisons as primitives, so that a branch can be recorded and compiled: 1 where they hold, else 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.core.primitive import Primitive

__all__ = ["COMPARISONS"]


def _comparison(name: str, symbol: str, formula: Callable[[Any, Any], Any]) -> Primitive:
    """One comparison.  It is not a row of the table: it only ever chooses, so both partial derivatives are 0."""
    zero = lambda x, y, out: 0.0  # noqa: E731
    return Primitive(
        name, formula, [zero, zero], parameters=("x", "y"), array=getattr(np, name), symbol=symbol, selects=True
    )


COMPARISONS = {
    row.name: row
    for row in [
        _comparison("greater", ">", lambda x, y: x > y),
        _comparison("greater_equal", ">=", lambda x, y: x >= y),
        _comparison("less", "<", lambda x, y: x < y),
        _comparison("less_equal", "<=", lambda x, y: x <= y),
        _comparison("equal", "==", lambda x, y: x == y),
        _comparison("not_equal", "!=", lambda x, y: x != y),
    ]
}
"""The comparisons by NumPy's names."""
