"""The slope of a function measured by differences, with the step that suits it and a bound of the error."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from autograd.core.aliases import Number

__all__ = ["Measured", "measured_slope"]


@dataclass(frozen=True)
class Measured:
    """A slope that was measured by differences.

    A diverging slope is ``inf`` or ``-inf``: the function jumps, or its tangent is vertical.  If the function has no
    value on one side, the slope on that side is ``nan``, and ``value`` is the slope on the other side.

    Attributes:
        value: the slope.
        error: a bound of its error, from truncation and rounding; ``inf`` if nothing could be measured.
        left: the slope just left of the point.
        right: the slope just right of it.
        side_error: a bound of the error of their difference.
    """

    value: float
    error: float
    left: float
    right: float
    side_error: float

    @property
    def kink(self) -> bool:
        """Whether the slopes on both sides differ by more than their error."""
        if math.isnan(self.left) or math.isnan(self.right) or self.left == self.right:
            return False
        return abs(self.right - self.left) > self.side_error

    def __str__(self) -> str:
        if self.kink:
            return f"{self.left:.9g} on the left and {self.right:.9g} on the right"
        return f"{self.value:.9g}" + (f" ± {self.error:.1g}" if self.error else "")

    def admits(self, slope: float, tolerance: float = 0.0) -> bool:
        """Whether a slope fits what was measured; on a kink, whether it lies between the slopes on both sides.

        >>> slope = measured_slope(abs, 0.0)
        >>> slope.kink, slope.admits(0.5), slope.admits(1.5)
        (True, True, False)
        """
        if slope == self.value or abs(slope - self.value) <= self.error + tolerance:
            return True
        low, high = sorted((self.left, self.right))
        slack = self.side_error + tolerance
        return self.kink and low - slack <= slope <= high + slack


_RATIO = 4.0  # from one step to the next smaller one
_STEPS = 24
_EPSILON = 2.0**-52  # the relative distance of neighbouring floats

# The rounding error in the values of a function is estimated at points so close together that a smooth function is a
# cubic there.  Their distances are uneven, so that the values are not all rounded alike.
_SPACING = 1e-9
_OFFSETS = np.array([1.0, 2.13, 2.94, 4.27, 5.08, 6.39, 7.22, 8.51])
_CUBICS = np.vander(_OFFSETS, 4)
_RESIDUE = np.eye(len(_OFFSETS)) - _CUBICS @ np.linalg.pinv(
    _CUBICS
)  # maps values to their distance from the best cubic


def measured_slope(f: Callable[[float], Number], x: float) -> Measured:
    """The slope of a function of one number, measured with the step that suits it, and a bound of the error.

    A step that is too large has a truncation error, and a step that is too small a rounding error.  The step starts at
    about a tenth of the scale of ``x`` and shrinks.  The change of the slope from step to step bounds the truncation
    error, and the scatter of the function's values at close neighbours bounds the rounding error.  The step with the
    smallest sum of both is taken.

    Args:
        f: a function of one number.  Where it raises ``ArithmeticError`` or ``ValueError`` or is not finite, it has no
            value; smaller steps are then taken, or steps to the other side.
        x: the point.

    Returns:
        A :class:`Measured`: the slope, its error, and the slopes on both sides.

    Raises:
        ValueError: if ``x`` is not finite.

    >>> slope = measured_slope(math.sin, 1.0)
    >>> abs(slope.value - math.cos(1.0)) <= slope.error < 1e-10
    True
    >>> measured_slope(math.sqrt, 0.0).right
    inf
    """
    if not math.isfinite(x):
        raise ValueError(f"a slope is measured at a finite number, not at {x}")
    value = f(x)
    middle = float(value)
    epsilon = float(np.finfo(value.dtype).eps) if isinstance(value, np.floating) else _EPSILON
    found = _measured(f, x, middle, epsilon, max(1.0, abs(x)))
    rough = math.isinf(found.value) or not found.error <= 1e-6 * max(abs(found.value), abs(middle))
    if 0.0 < abs(x) < 1.0 and rough:
        finer = _measured(f, x, middle, epsilon, abs(x))  # the function may vary on the scale of x
        found = min(found, finer, key=lambda each: (math.isinf(each.value), each.error))
    return found


def _measured(f: Callable[[float], Number], x: float, middle: float, epsilon: float, scale: float) -> Measured:
    scale = 2.0 ** min(1023, math.ceil(math.log2(scale)))  # a power of two, so that x + h is exact
    noise = max(epsilon * abs(middle), _roughness(f, x, _SPACING * scale))
    left, right, central = _Limit((4.0, 16.0)), _Limit((4.0, 16.0)), _Limit((16.0,))
    for k in range(_STEPS):
        h = scale * _RATIO ** -(k + 2)
        if x + h == x or noise / h > max(central.error, min(left.error, right.error)):
            break  # smaller steps only add rounding error
        after, before = x + h, x - h
        above, below = _value(f, after), _value(f, before)
        bend = abs((above - middle) - (middle - below)) / h * (epsilon * (abs(x) + h) / h)  # x + h may be rounded
        rounding = 4 * noise / h + (bend if math.isfinite(bend) else 0.0)
        right.add((above - middle) / (after - x), rounding)
        left.add((middle - below) / (x - before), rounding)
        central.add((above - below) / (after - before), rounding)
    for limit in (left, right, central):
        limit.end()
    best = min(central, left, right, key=lambda limit: limit.error) if math.isinf(central.error) else central
    side_error = sum(side.error for side in (left, right) if not math.isnan(side.value))
    return Measured(best.value, best.error, left.value, right.value, side_error)


def _value(f: Callable[[float], Number], x: float) -> float:
    """The value of the function, or ``nan`` where it has none."""
    try:
        with np.errstate(all="ignore"):
            value = float(f(x))
    except (ArithmeticError, ValueError):
        return math.nan
    return value if math.isfinite(value) else math.nan


def _roughness(f: Callable[[float], Number], x: float, spacing: float) -> float:
    """How far the values of the function scatter around a smooth curve, on the rougher side that has values."""
    found = []
    for side in (-spacing, spacing):
        values = np.array([_value(f, x + offset * side) for offset in _OFFSETS])
        found.append(4.0 * float(np.max(abs(_RESIDUE @ (values - values[0])))))
    return max((rough for rough in found if not math.isnan(rough)), default=0.0)


class _Limit:
    """The limit of differences as their step shrinks, by Richardson's extrapolation, and a bound of its error.

    The error of a difference is a sum of powers of the step.  Each factor says how much one of these powers shrinks
    from one step to the next; two differences then combine to one that is free of it.
    """

    def __init__(self, factors: Sequence[float]) -> None:
        self.value, self.error = math.nan, math.inf
        self._factors = factors
        self._row: list[float] = []  # the latest difference, then without the first power, then without the second
        self._changes: list[float] = []
        self._growing = 0  # how many times in a row the difference has grown

    def add(self, difference: float, rounding: float) -> None:
        """Add the difference of the next smaller step, and its rounding error."""
        if math.isnan(difference):
            self._row.clear()
            self._changes.clear()
            self._growing = 0
            return
        row = [difference]
        for factor, coarser in zip(self._factors, self._row, strict=False):
            row.append(row[-1] + (row[-1] - coarser) / (factor - 1))
        if len(row) == len(self._row):
            self._changes.append(abs(row[-1] - self._row[-1]))
        if len(self._changes) > 1:  # a single one may be small by chance
            error = max(self._changes[-1], self._changes[-2] / 16) + rounding + 8 * _EPSILON * abs(row[-1])
            if error < self.error:
                self.value, self.error = row[-1], error
        if self._row and abs(difference) > rounding:
            self._growing = self._growing + 1 if difference / (self._row[0] or math.inf) > 1.005 else 0
        self._row = row

    def end(self) -> None:
        """End after the smallest step: differences that are still growing have no finite limit."""
        if self._growing > 8:
            self.value, self.error = math.copysign(math.inf, self._row[0]), 0.0
