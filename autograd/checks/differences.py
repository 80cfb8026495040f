"""Numerical differences: the derivative as the notes introduce it, and how far it is off.

For a function f and a step h (the notes take 1e-4):

* forward:  (f(x + h) - f(x)) / h, with an error of order h;
* backward: (f(x) - f(x - h)) / h, with an error of order h;
* central:  (f(x + h) - f(x - h)) / 2h, with an error of order h², mostly the best of the three.

They work with any numbers that subtract and divide; with ``fractions.Fraction`` they are free of rounding.

:func:`measured_slope` chooses the step by itself, and says how far its result may be off.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.core.value import Value

__all__ = [
    "DifferenceErrors",
    "Measured",
    "backward_difference",
    "central_difference",
    "difference_errors",
    "forward_difference",
    "measured_slope",
]

Function = Callable[[Any], Any]


def forward_difference(f: Function, x: Any, h: Any = 1e-4) -> Any:
    """The slope of the secant from x to x + h.

    Args:
        f: a function of one number.
        x: where.
        h: the step, not zero.

    Raises:
        ValueError: if the step is zero.

    >>> forward_difference(lambda x: x**2, 3, h=1)
    7.0
    """
    return (f(x + _step(h)) - f(x)) / h


def backward_difference(f: Function, x: Any, h: Any = 1e-4) -> Any:
    """The slope of the secant from x - h to x; arguments as in :func:`forward_difference`.

    >>> backward_difference(lambda x: x**2, 3, h=1)
    5.0
    """
    return (f(x) - f(x - _step(h))) / h


def central_difference(f: Function, x: Any, h: Any = 1e-4) -> Any:
    """The slope of the secant from x - h to x + h; arguments as in :func:`forward_difference`.

    >>> central_difference(lambda x: x**2, 3, h=1)
    6.0
    >>> from fractions import Fraction
    >>> central_difference(lambda x: 4 * x**3, Fraction(1), Fraction(1, 10))
    Fraction(301, 25)
    """
    return (f(x + _step(h)) - f(x - h)) / (2 * h)


def _step(h: Any) -> Any:
    if h == 0:
        raise ValueError("a difference needs a step h that is not zero")
    return h


@dataclass(frozen=True)
class DifferenceErrors:
    """The errors of the three differences at one point.

    Attributes:
        x: the point.
        derivative: the derivative there, from the backward sweep.
        forward: forward difference minus derivative.
        central: central difference minus derivative.
        backward: backward difference minus derivative.
    """

    x: float
    derivative: float
    forward: float
    central: float
    backward: float


class _Errors(tuple[DifferenceErrors, ...]):
    """The rows, printed as a table."""

    def __str__(self) -> str:
        heads = ("x", "derivative", "forward", "central", "backward")
        lines = ["".join(f"{head:>14}" for head in heads)]
        lines += ["".join(f"{getattr(row, head):>14.6g}" for head in heads) for row in self]
        return "\n".join(lines)


def difference_errors(f: Function, xs: Iterable[float], h: float = 1e-4) -> tuple[DifferenceErrors, ...]:
    """How far the three differences are from the derivative, at each of some points.

    Args:
        f: a function of one number that takes a ``Value`` as well, for the derivative.
        xs: the points.
        h: the step.

    Returns:
        One :class:`DifferenceErrors` for each point; printed, they are a table.

    >>> print(difference_errors(lambda x: 4 * x**3 - 2 * x**2 - 7 * x + 1, [0.0, 1.0], h=0.1))
                 x    derivative       forward       central      backward
                 0            -7         -0.16          0.04          0.24
                 1             1          1.04          0.04         -0.96
    """
    return _Errors(_errors(f, xs, h))


def _errors(f: Function, xs: Iterable[float], h: float) -> Iterator[DifferenceErrors]:
    for x in xs:
        leaf = Value(x)
        output = f(leaf)
        if isinstance(output, Value):
            output.backward()
        exact = leaf.grad or 0.0
        differences = (
            difference(f, x, h) for difference in (forward_difference, central_difference, backward_difference)
        )
        yield DifferenceErrors(x, exact, *(difference - exact for difference in differences))


# ---------------------------------------------------------------------------------------------------------------------
# The step chosen, and the error stated
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    """A slope that was measured by differences.

    A slope that grows without end as the step shrinks is ``inf`` or ``-inf``: the function jumps, or its tangent is
    vertical.  On a side on which the function has no value the slope is ``nan``, and ``value`` is that of the other.

    Attributes:
        value: the slope.
        error: how far it may be off, from truncation and rounding; ``inf`` if nothing could be measured.
        left: the slope just left of the point.
        right: the slope just right of it.
        side_error: how far these two may be off.
    """

    value: float
    error: float
    left: float
    right: float
    side_error: float

    @property
    def kink(self) -> bool:
        """Whether the slopes on either side differ by more than they may be off."""
        if math.isnan(self.left) or math.isnan(self.right) or self.left == self.right:
            return False
        return abs(self.right - self.left) > self.side_error

    def __str__(self) -> str:
        if self.kink:
            return f"{self.left:.9g} on the left and {self.right:.9g} on the right"
        return f"{self.value:.9g}" + (f" ± {self.error:.1g}" if self.error else "")

    def admits(self, slope: float, tolerance: float = 0.0) -> bool:
        """Whether a slope fits what was measured; on a kink, whether it lies between those on either side.

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

# How rough the values of a function are is seen at points so close to each other that a smooth function is a cubic
# there, but for its rounding.  Their distances are uneven, lest the rounding be the same at all of them.
_SPACING = 1e-9
_OFFSETS = np.array([1.0, 2.13, 2.94, 4.27, 5.08, 6.39, 7.22, 8.51])
_CUBICS = np.vander(_OFFSETS, 4)
_RESIDUE = np.eye(len(_OFFSETS)) - _CUBICS @ np.linalg.pinv(_CUBICS)  # what is left of values without the best cubic


def measured_slope(f: Callable[[float], Any], x: float) -> Measured:
    """The slope of a function of one number, with the step that suits it, and a bound of the error.

    Too large a step has a truncation error, too small a one a rounding error.  So the step shrinks from about a tenth
    of the scale of ``x`` on.  What the slope changes by from step to step bounds the first error.  The second follows
    from how rough the values of the function are among close neighbours.  The step with the smallest sum of both is
    taken.

    Args:
        f: a function of one number; where it raises ``ArithmeticError`` or ``ValueError`` or is not finite, it has no
            value, and smaller steps or those to the other side are taken.
        x: where.

    Returns:
        A :class:`Measured`: the slope, how far it may be off, and the slopes on either side.

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
    middle = f(x)
    epsilon = float(np.finfo(middle.dtype).eps) if isinstance(middle, np.floating) else _EPSILON
    found = _measured(f, x, float(middle), epsilon, max(1.0, abs(x)))
    rough = math.isinf(found.value) or not found.error <= 1e-6 * max(abs(found.value), abs(middle))
    if 0.0 < abs(x) < 1.0 and rough:
        finer = _measured(f, x, float(middle), epsilon, abs(x))  # what happens here may happen at the scale of x
        found = min(found, finer, key=lambda each: (math.isinf(each.value), each.error))
    return found


def _measured(f: Callable[[float], Any], x: float, middle: float, epsilon: float, scale: float) -> Measured:
    scale = 2.0 ** min(1023, math.ceil(math.log2(scale)))  # of a power of two, so that x + h is exact
    noise = max(epsilon * abs(middle), _roughness(f, x, _SPACING * scale))
    left, right, central = _Limit((4.0, 16.0)), _Limit((4.0, 16.0)), _Limit((16.0,))
    for k in range(_STEPS):
        h = scale * _RATIO ** -(k + 2)
        if x + h == x or noise / h > max(central.error, min(left.error, right.error)):
            break  # smaller steps only make it worse
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


def _value(f: Callable[[float], Any], x: float) -> float:
    """The value of the function, ``nan`` where it has none."""
    try:
        with np.errstate(all="ignore"):
            value = float(f(x))
    except (ArithmeticError, ValueError):
        return math.nan
    return value if math.isfinite(value) else math.nan


def _roughness(f: Callable[[float], Any], x: float, spacing: float) -> float:
    """How much the values of the function are off from a smooth curve, on the better side of a kink."""
    found = []
    for side in (-spacing, spacing):
        values = np.array([_value(f, x + offset * side) for offset in _OFFSETS])
        found.append(4.0 * float(np.max(abs(_RESIDUE @ (values - values[0])))))
    return max((rough for rough in found if not math.isnan(rough)), default=0.0)


class _Limit:
    """The limit of differences as their step shrinks, extrapolated, and how far it may be off.

    The error of a difference is a sum of powers of the step, and each of the factors says how much one of them shrinks
    from a step to the next: from two differences follows one without it (Richardson's extrapolation).
    """

    def __init__(self, factors: Sequence[float]) -> None:
        self.value, self.error = math.nan, math.inf
        self._factors = factors
        self._row: list[float] = []  # the latest difference, then without the first error, then without the second
        self._changes: list[float] = []
        self._growing = 0  # how many steps in a row made the difference larger

    def add(self, difference: float, rounding: float) -> None:
        """Take in the difference of the next smaller step, whose rounding error is known."""
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
        """Say that no smaller step follows: differences that went on growing until now have no finite limit."""
        if self._growing > 8:
            self.value, self.error = math.copysign(math.inf, self._row[0]), 0.0
