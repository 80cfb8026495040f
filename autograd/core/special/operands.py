"""Operands of special functions: what they may be, and which have no derivative."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from autograd.core.aliases import AnyNumber
from autograd.core.primitive import Interval, Primitive
from autograd.core.sweep import is_node

__all__ = [
    "ABOVE_ZERO",
    "ORDER",
    "REAL_ORDER",
    "SHAPE",
    "UNIT",
    "WITHOUT_POLES",
    "function_of",
    "integer",
    "nonnegative_integer",
    "unknown",
]

ORDER = Interval(0.0, ends="[)", whole=True)
UNIT = Interval(0.0, 1.0)
SHAPE = Interval(0.0, constant=True)
REAL_ORDER = Interval(0.0, ends="[)", constant=True)
ABOVE_ZERO = Interval(0.0, ends="(]")
WITHOUT_POLES = Interval(holes=Interval(high=0.0, ends="(]", whole=True))
"""The domain of Γ: all real numbers except 0, -1, -2, …"""


def function_of(row: Primitive) -> Callable[..., Any]:
    """The row as a function that refuses a node as an operand without a derivative."""
    reasons = {
        name: f"the order {name} has no derivative, so give an integer"
        if interval.whole
        else f"the derivative in {name} is not elementary, so give a number"
        for name, interval in zip(row.parameters, row.domain, strict=True)
        if interval.fixed
    }
    signature = inspect.signature(row)

    @wraps(row)
    def function(*operands: AnyNumber, **named: AnyNumber) -> AnyNumber:
        given = signature.bind(*operands, **named).arguments
        for name, reason in reasons.items():
            if is_node(given[name]):
                raise TypeError(f"{row.name}: {reason}, not a {type(given[name]).__name__}")
        return row(*given.values())

    function.__name__ = function.__qualname__ = row.name
    return function


def integer(n: AnyNumber) -> AnyNumber:
    """The order, or array of orders, if it is an integer."""
    if not np.all(np.isfinite(n) & (np.floor(n) == n)):
        raise ValueError("the order must be an integer")
    return n


def nonnegative_integer(n: AnyNumber) -> AnyNumber:
    """The same, if it is not negative."""
    if not np.all(np.greater_equal(n, 0)):
        raise ValueError("the order must not be negative")
    return integer(n)


def unknown(*operands: AnyNumber) -> float:
    """A derivative that is not elementary."""
    return math.nan
