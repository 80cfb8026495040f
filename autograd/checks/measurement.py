"""The slope of a function measured by differences, with a bound of the error.

A difference quotient has two errors.  Rounding moves the values of the function; divided by the step, this error falls
as the step grows.  Truncation is how far the function bends within the step; this error grows with the step.  Rounding
can be bounded, from the spacing of floats and from the roughness of neighbouring values.  Truncation cannot, since the
function is unknown.  So the steps begin at the spacing of floats and grow.  As long as a quotient agrees with all finer
ones, up to rounding, its truncation error is not larger than its rounding error.  This is Lepski's principle (O. V.
Lepskii, "On a problem of adaptive estimation in Gaussian white noise", 1991).  What Richardson's extrapolation finds
from still larger steps must agree with the fine ones too.  So no feature of the function is stepped over if it moves
the values at the fine steps by more than rounding, however narrow it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from autograd.core.aliases import Number

__all__ = ["Measured", "measured_slope"]


@dataclass(frozen=True)
class Measured:
    """A slope that was measured by differences.

    A diverging slope is ``inf`` or ``-inf``: the function jumps, or its tangent is vertical.  If the function has no
    value on one side, the slope on that side is ``nan``, and ``value`` is the slope on the other side.  A slope that
    changes too fast to be measured is ``nan`` as well, with an error of ``inf``.

    Attributes:
        value: the slope.
        error: a bound of its error, from truncation and rounding; ``inf`` if the slope changes too fast to be measured,
            ``nan`` if the function has no value on either side.
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
        if math.isnan(self.value):
            return "nothing, since the slope changes too fast" if math.isinf(self.error) else "nothing"
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


def measured_slope(f: Callable[[float], Number], x: float) -> Measured:
    """The slope of a function of one number, measured with the steps that suit it, and a bound of the error.

    The bound holds for the function that ``f`` computes, if it is smooth near ``x`` or has a kink at ``x``.  Waves that
    are smaller than its rounding errors are taken for these, and a constant in it that is rounded is part of it.

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
    samples = _Samples(f, x)
    found, settled = _measured(samples, samples.finest_step())
    if x == 0 and not settled:  # the scale of the function is unknown, and finer than expected
        finer, _ = _measured(samples, _TINY)
        if finer.error < (1e-3 * abs(finer.value) if math.isinf(found.value) else found.error):
            return finer
    return found


_RATIO = 8.0  # from one step to the next larger one
_FINE = 2.0**-60  # the finest step at 0, where floats have no spacing
_TINY = 2.0**-1000  # if that is too coarse; quotients of still smaller steps lose digits
_BEYOND = 4  # so many steps are taken beyond those that agree, for the extrapolation
_CLEAR = 8  # so many times its rounding error a change must be to say something
_FEW = 3  # so many quotients may agree by chance
_BENT = 1 / 16  # the bend of a function may change by so much up to the largest step
_EPSILON = 2.0**-52
_OFFSETS = (0.0, 1.13, 1.94, 3.27, 4.08, 5.39, 6.22, 7.51, 8.64)  # uneven, so that not all values are rounded alike


def _measured(samples: _Samples, step: float) -> tuple[Measured, bool]:
    """The slope measured with steps from this one on, and whether more than a few of them agree on every side."""
    samples.noise, noise = max(samples.roughness(8 * step, step, side) for side in (-1, 1)), -1.0
    while samples.noise > 1.5 * noise:  # noise that one side finds counts for all
        noise = samples.noise
        left, right, central = (_limit(samples, *ends, step) for ends in ((-1, 0), (0, 1), (-1, 1)))
    sides = [side for side in (left, right) if side.quotients]
    if not sides:
        return Measured(math.nan, math.nan, math.nan, math.nan, math.nan), True
    settled = all(side.agreeing > _FEW for side in sides)
    if samples.is_noise():
        return Measured(math.nan, math.inf, math.nan, math.nan, math.inf), settled
    found = Measured(central.value, central.error, left.value, right.value, sum(side.error for side in sides))
    candidates = [limit for limit in (central, *sides) if limit.quotients]
    telling = [limit for limit in candidates if not limit.is_hidden() and math.isfinite(limit.error)]
    best = min(telling or candidates, key=lambda limit: limit.error)
    return found if found.kink else replace(found, value=best.value, error=best.error), settled


def _limit(samples: _Samples, left: int, right: int, step: float) -> _Limit:
    """The limit of quotients from this step on; f may be rough at the finest steps, if it rounds x itself."""
    finest = _Limit(samples, left, right, step)
    if math.isinf(finest.error):
        for start in (step * _RATIO, step * _RATIO**2):
            limit = _Limit(samples, left, right, start)
            if math.isfinite(limit.value):
                return limit
    return finest


class _Samples:
    """The values of a function around a point, and how far rounding moves them."""

    def __init__(self, f: Callable[[float], Number], x: float) -> None:
        self.f, self.x = f, x
        value = f(x)
        self.widest = max(1.0, abs(x)) / 4
        self.noise = 0.0
        self._kind = type(value) if isinstance(value, np.floating) else np.float64
        self._values = {x: float(value) if math.isfinite(value) else math.nan}

    def value(self, x: float) -> float:
        """The value of the function, or ``nan`` where it has none."""
        if x not in self._values:
            try:
                with np.errstate(all="ignore"):
                    value = float(self.f(x))
            except (ArithmeticError, ValueError):
                value = math.nan
            self._values[x] = value if math.isfinite(value) else math.nan
        return self._values[x]

    def finest_step(self) -> float:
        """The distance to the next float; a larger step where smaller ones do not change the value."""
        step = math.ulp(self.x) if self.x else _FINE
        if step < _FINE and all(self.value(self.x + t * _FINE) == self.value(self.x) for t in (-1.0, -0.7, 0.6, 1.0)):
            step = _FINE
        return step

    def roughness(self, start: float, spacing: float, side: int) -> float:
        """How far values scatter around a smooth curve: twice their distance from the cubic through four neighbours.

        The cubic is that of the fourth differences, with which J. J. Moré and S. M. Wild estimate noise ("Estimating
        computational noise", 2011).
        """
        at = [self.x + side * (start + offset * spacing) for offset in _OFFSETS]
        values = [self.value(x) for x in at]
        if len(set(at)) < len(at):
            return 0.0
        u = [(x - at[0]) / spacing for x in at]
        for order in range(1, 5):
            values = [(b - a) / (u[i + order] - u[i]) for i, (a, b) in enumerate(pairwise(values))]
        off = max(abs(d * math.prod(u[i + 2] - u[i + k] for k in (0, 1, 3, 4))) for i, d in enumerate(values))
        return 2 * off if math.isfinite(off) else 0.0

    def listen(self, step: float, disagreement: float, side: int) -> None:
        """Look for noise where quotients begin to disagree, by an amount of the size of that noise."""
        found = self.roughness(8 * step, step / 4, side)
        if 16 * found >= disagreement >= found / 1024:
            self.noise = max(self.noise, 2 * found)

    def is_noise(self) -> bool:
        """Whether the values are little but noise."""
        return self.noise > 2**-10 * max(abs(value) for value in self._values.values() if not math.isnan(value))

    def rounding(self, value: float) -> float:
        """A bound of the rounding error in a value of the function."""
        return self.noise + 2.0 * float(np.spacing(self._kind(abs(value))))

    def quotient(self, step: float, left: int, right: int) -> tuple[float, float]:
        """The difference quotient between ``x + left * step`` and ``x + right * step``, and its rounding error."""
        start, end = self.x + left * step, self.x + right * step
        below, above = self.value(start), self.value(end)
        if math.isnan(below) or math.isnan(above) or math.isinf(end - start):
            return math.nan, math.nan
        rounding = self.rounding(below) + self.rounding(above)
        if left and right:  # start and end are rounded, so that x may not lie in the middle
            off = abs(math.fsum((start / 2, end / 2, -self.x)))
            rounding += 2 * off * abs((below - self.value(self.x)) + (above - self.value(self.x))) / step
        return (above - below) / (end - start), rounding / (end - start)


class _Parabola:
    """The bend of a function at a point, on which all steps of a central quotient must agree.

    A change that is the same on both sides cancels in a central quotient.  Without this test, the quotient would step
    over a feature of the function that is symmetric about the point.
    """

    def __init__(self, samples: _Samples) -> None:
        self.samples = samples
        self.low, self.high = -math.inf, math.inf
        self._before = (0.0, math.nan, math.nan)

    def reaches(self, step: float) -> bool:
        """Whether the bend between the last step and this one is that of all finer steps; a kink does not count."""
        (left, below), (right, above) = (self.samples.quotient(step, *ends) for ends in ((-1, 0), (0, 1)))
        last, opening, bound = self._before
        self._before = step, right - left, below + above
        bend = (right - left - opening) / (step - last)
        slack = (below + above + bound) / (step - last) + abs(bend) * _BENT
        if math.isnan(slack):  # the first step
            return True
        self.low, self.high = max(self.low, bend - slack), min(self.high, bend + slack)
        return self.low <= self.high


class _Limit:
    """The limit of difference quotients as their step shrinks, and a bound of its error.

    Attributes:
        quotients: difference quotients, with the smallest step first.
        bounds: bounds of their rounding errors.
        agreeing: how many of them agree, from the first one on.
        value: the limit; ``nan`` if there is none.
        error: a bound of its error.
    """

    def __init__(self, samples: _Samples, left: int, right: int, step: float) -> None:
        self.quotients: list[float] = []
        self.bounds: list[float] = []
        self.agreeing = 0
        self._collect(samples, left, right, step)
        order = 1 if 0 in (left, right) else 2  # the truncation error is a series of powers of step**order
        if self._diverges():
            self.value, self.error = math.copysign(math.inf, self.quotients[0]), 0.0
        else:
            self.value, self.error = self._extrapolated([_RATIO ** (order * k) for k in (1, 2, 3)])

    def _collect(self, samples: _Samples, left: int, right: int, step: float) -> None:
        low, high, last, beyond = -math.inf, math.inf, 0.0, 0
        parabola = _Parabola(samples) if left and right else None
        while step <= samples.widest and not self._is_enough(beyond):
            quotient, bound = samples.quotient(step, left, right)
            if math.isnan(quotient) or (parabola is not None and not parabola.reaches(step)):
                return
            self.quotients.append(quotient)
            self.bounds.append(bound)
            gap = max(low - (quotient + bound), (quotient - bound) - high)
            if not beyond and gap <= 0:
                low, high = max(low, quotient - bound), min(high, quotient + bound)
                self.agreeing += 1
            else:
                grows = gap * step > 2 * last  # what noise or a jump nearby does to the values does not grow
                if left + right and (not beyond or (beyond < _BEYOND and not grows)):
                    samples.listen(step, (gap + bound) * step, left + right)
                beyond += grows or not beyond
                last = (gap + bound) * step
            step *= _RATIO

    def is_hidden(self) -> bool:
        """Whether the function changes, but at no step by much more than rounding: quotients then agree by chance."""
        pairs = zip(self.quotients, self.bounds, strict=True)
        return any(self.quotients) and all(abs(quotient) <= _CLEAR * bound for quotient, bound in pairs)

    def _is_enough(self, beyond: int) -> bool:
        """Whether larger steps add nothing."""
        if beyond:
            return beyond >= _BEYOND and (self.agreeing > _FEW or len(self.bounds) > 4 * _FEW)
        latest = self.bounds[-_FEW - 1 :]  # with relative rounding errors only, bounds stop to shrink
        return len(latest) > _FEW and all(b > a / 2 for a, b in pairwise(latest))

    def _diverges(self) -> bool:
        """Whether the quotients grow steadily down to the smallest step, by more than their rounding errors."""
        changes = [a - b for a, b in pairwise(self.quotients)]
        rounding = [a + b for a, b in pairwise(self.bounds)]
        first = next((i for i, change in enumerate(changes) if abs(change) > rounding[i]), len(changes))
        sign = math.copysign(1.0, self.quotients[0]) if self.quotients else 1.0
        found = [sign * change for change in changes[first : first + 8]]
        if first >= _FEW or len(found) < 8 or any(x <= y for x, y in zip(found, rounding[first:], strict=False)):
            return False
        a, b, c, d = [sign * quotient for quotient in self.quotients[first : first + 4]]
        steady = min(a, b, c, d) > 0 and a / b > 0.9 * (b / c) and b / c > 0.9 * (c / d)
        return steady and all(x > 0.98 * y for x, y in pairwise(found))

    def _extrapolated(self, factors: Sequence[float]) -> tuple[float, float]:
        """The best of Richardson's extrapolations that agree with the quotients of small steps.

        Each factor says how much one power of the step shrinks from one step to the next smaller one.
        """
        value, error = self._finest()
        fine, slack, best = value, error, (error, value)
        row, start = self.quotients, max(0, self.agreeing - 6)
        for factor in factors:
            better = [a + (a - b) / (factor - 1) for a, b in pairwise(row)]
            for k in range(start, min(self.agreeing + 1, len(better) - 1)):
                if abs(row[k] - row[k + 1]) > abs(row[k + 1] - row[k + 2]) + 2 * self.bounds[k]:
                    continue  # the quotients do not converge as the step shrinks
                x = better[k]
                error = 2 * max(abs(x - row[k]), abs(x - better[k + 1])) + 1.5 * self.bounds[k] + 4 * _EPSILON * abs(x)
                if error < best[0] and abs(x - fine) <= error + slack:
                    best = error, x
            row = better
        error, value = best
        return value, error

    def _finest(self) -> tuple[float, float]:
        """The limit from quotients that agree, or from the smallest steps if the truncation error prevails there."""
        if not self.quotients:
            return math.nan, math.nan
        if self.agreeing > 1:  # at the largest of these steps the truncation error may equal the bound, or cancel
            beside = 1 if self.agreeing == len(self.quotients) else 2
            best = min(range(max(1, self.agreeing - beside)), key=self.bounds.__getitem__)
            return self.quotients[best], 2 * self.bounds[best]
        changes = [abs(a - b) for a, b in pairwise(self.quotients[:4])]
        if len(changes) == 3 and 4 * changes[0] <= 2 * changes[1] <= changes[2]:
            return self.quotients[0], changes[0] + self.bounds[0]
        return math.nan, math.inf
