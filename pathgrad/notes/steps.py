"""Functions that several chapters use.  Every derivative is computed by the engine."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from autograd import Tensor, Value, central_difference

__all__ = ["close", "difference", "leaves", "linear", "name", "plain", "provided", "slope", "stationary_points"]

Function = Callable[[Any], Any]


def leaves(inputs: Mapping[str, Any], *labels: str) -> list[Value]:
    """The given numbers as Values that carry their names.

    >>> leaves({"w1": "1/2", "x": 3}, "w1", "x")
    [Value(0.5, label='w1'), Value(3.0, label='x')]
    """
    return [Value(float(Fraction(inputs[label])), label) for label in labels]


def name(label: str, node: Value) -> Value:
    """Give an intermediate variable its name in the notes."""
    node.label = label
    return node


def plain(x: Any) -> float:
    """The number of a Value or of a Tensor, and any other number as a float.

    >>> plain(Value(2.0)), plain(Fraction(1, 2))
    (2.0, 0.5)
    """
    return x.item() if isinstance(x, (Tensor, Value)) else float(x)


def slope(f: Function, x: float) -> float:
    """The derivative of ``f`` at ``x``, computed by the backward sweep.

    >>> slope(lambda x: x**2, 3.0)
    6.0
    """
    leaf = Value(x, "x")
    f(leaf).backward()
    return leaf.grad or 0.0


def difference(f: Callable[[], Any], w: Value, h: float = 1e-5) -> float:
    """The central difference of the result of ``f`` with respect to a weight that it reads.

    >>> w = Value(3.0)
    >>> round(difference(lambda: w**2, w), 6), w.data
    (6.0, 3.0)
    """
    kept = w.data

    def f_at(number: float) -> float:
        w.data = number
        return plain(f())

    try:
        return central_difference(f_at, kept, h)
    finally:
        w.data = kept


def stationary_points(f: Function, low: float, high: float, cells: int = 64) -> list[float]:
    """The points between ``low`` and ``high`` where the slope of ``f`` changes its sign, found by bisection.

    The slope is evaluated in the middle of each of ``cells`` equal parts, never at the ends.

    >>> [round(x, 9) for x in stationary_points(lambda x: x**3 - 12 * x, -5.0, 5.0)]
    [-2.0, 2.0]
    """
    middles = [low + (high - low) * (i + 0.5) / cells for i in range(cells)]
    rising = [slope(f, x) > 0 for x in middles]
    ends = zip(middles, middles[1:], rising, rising[1:], strict=False)
    return [_turn(f, a, b, up) for a, b, up, then in ends if up != then]


def _turn(f: Function, low: float, high: float, rising: bool) -> float:
    for _ in range(60):
        middle = (low + high) / 2
        if (slope(f, middle) > 0) == rising:
            low = middle
        else:
            high = middle
    return high


def linear(k: float, m: float, variable: str = "x") -> str:
    """``k x + m`` as the notes write it.

    >>> linear(6.2, 9.0), linear(-1.2, -1.0), linear(0.0, -1.2)
    ('6.2x+9', '-1.2x-1', '-1.2')
    """
    k, m = round(k, 9), round(m, 9) + 0.0
    if k == 0:
        return f"{m:g}"
    return f"{k:g}{variable}" + (f"{m:+g}" if m else "")


def close(found: Sequence[float], expected: Sequence[float]) -> bool:
    """Whether two lists of numbers agree up to rounding.

    >>> close([0.1 + 0.2], [0.3]), close([0.3001], [0.3])
    (True, False)
    """
    return all(math.isclose(x, y, rel_tol=1e-12) for x, y in zip(found, expected, strict=True))


def provided(holds: bool, statement: str) -> str:
    """The statement if it holds, otherwise its negation.

    >>> provided(1 + 1 == 2, "f = g"), provided(1 + 1 == 3, "f = g")
    ('f = g', 'not so: f = g')
    """
    return statement if holds else f"not so: {statement}"
