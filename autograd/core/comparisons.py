"""Comparisons as primitives, so that a condition can be recorded and compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.core.primitive import Formula, Primitive

__all__ = ["COMPARISONS"]


def _zero(x: object, y: object, out: object) -> float:
    return 0.0


def _difference(x: Any, y: Any) -> Any:
    """0 where the comparison jumps."""
    return x - y


def _comparison(name: str, symbol: str, formula: Formula) -> Primitive:
    """One comparison; it is not a row of the table, because it serves only as a condition and has no derivative."""
    return Primitive(
        name,
        formula,
        [_zero, _zero],
        parameters=("x", "y"),
        array=getattr(np, name),
        sympy=lambda sympy, x, y: sympy.Rel(x, y, symbol),
        symbol=symbol,
        selects=True,
        kink=_difference,
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
"""The comparisons by their names in NumPy."""
