"""Random points of the domain of a primitive, also on its kinks."""

from __future__ import annotations

import math
import operator
from fractions import Fraction
from functools import lru_cache

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from autograd.checks.domains import DomainPoint, domain_of, evaluated, hole_between, holes_of, moved, variable_places
from autograd.core.primitive import Interval, Primitive

__all__ = ["arities", "points"]

_REACH = 4.0
_MARGIN = 1e-6  # floats keep this far from the ends of the domain and from zero, where slopes overflow


def points(
    primitive: Primitive, kinks: bool | None = None, *, lattice: bool = False, reach: float = _REACH
) -> SearchStrategy[DomainPoint]:
    """Points of a primitive's domain: tuples of one float for each operand.

    For a row of any number of operands, points have any length that it accepts.  Operands that choose, as conditions
    and orders do, are whole numbers.

    Args:
        primitive: a row of the table.
        kinks: ``False`` leaves out the points at which the row declares no derivative, its kinks and vertical tangents;
            ``True`` draws only kinks: small whole numbers, ties, multiples, and zeros of the kink function anywhere;
            ``None`` draws all kinds of points.
        lattice: whether coordinates are multiples of 1/8 (finer in a narrow domain), which are on a kink or well away
            from it.  Otherwise they are any floats, but 1e-6 away from the ends of the domain, and exactly 0 or 1e-6
            away from it.
        reach: the largest distance of coordinates from zero, where the domain allows it.

    Raises:
        ValueError: if ``kinks=True`` and the row declares no kink.

    >>> from hypothesis import find
    >>> from autograd import divide, maximum
    >>> find(points(divide), lambda point: True)
    (0.0, 1.0)
    >>> find(points(maximum, kinks=True), lambda point: point[0] != 0)
    (1.0, 1.0)
    """
    if kinks and primitive.kink is None:
        raise ValueError(f"{primitive.name} declares no kink: give kink= where it is declared, or ask for other points")
    return _points(primitive, kinks, lattice, reach)


@lru_cache(maxsize=1024)
def _points(primitive: Primitive, kinks: bool | None, lattice: bool, reach: float) -> SearchStrategy[DomainPoint]:
    coordinate = _lattice if lattice or kinks else _floats
    found = st.sampled_from(arities(primitive)).flatmap(
        lambda n: st.tuples(*[coordinate(interval, reach) for interval in domain_of(primitive, n)])
    )
    if kinks:
        return found.flatmap(lambda start: _kinks(primitive, start, reach)).filter(
            lambda point: all(map(_fits, point, domain_of(primitive, len(point)))) and primitive.on_kink(point)
        )
    return found if kinks is None else found.filter(lambda point: _differentiable(primitive, point))


def arities(primitive: Primitive) -> list[int]:
    """The numbers of operands that a row accepts; of a row of any number, those from 0 to 11."""
    if not primitive.variadic:
        return [len(primitive.parameters)]
    accepted = [n for n in range(12) if _accepts(primitive, n)]
    if not accepted:
        raise ValueError(f"{primitive.name} takes no number of operands from 0 to 11: give the points to check it at")
    return accepted


def _accepts(primitive: Primitive, n: int) -> bool:
    try:
        primitive(*[1.0] * n)
    except ArithmeticError:
        return True
    except (ValueError, TypeError, LookupError):
        return False
    return True


def _fits(x: float, interval: Interval) -> bool:
    """Whether ``x`` is in the interval and well away from its ends and holes, and is 0 or well away from 0."""
    corners = (interval.low, interval.high, *holes_of(interval, x - 1.0, x + 1.0), *([0.0] if x else []))
    return x in interval and (interval.whole or all(abs(x - corner) > _MARGIN for corner in corners))


def _differentiable(primitive: Primitive, point: DomainPoint) -> bool:
    """Whether the row declares a derivative at a point: no kink and no vertical tangent."""
    try:
        return not primitive.on_kink(point) and all(map(math.isfinite, evaluated(primitive, point)[1]))
    except (ArithmeticError, ValueError):
        return False


def _reached(interval: Interval, reach: float) -> tuple[float, float]:
    """The part of an interval within reach of zero, or of its end that is closest to zero."""
    low, high = max(interval.low, -reach), min(interval.high, reach)
    if interval.low >= reach:
        high = min(interval.high, interval.low + 2 * reach)
    if interval.high <= -reach:
        low = max(interval.low, interval.high - 2 * reach)
    return low, high


@lru_cache(maxsize=1024)
def _lattice(interval: Interval, reach: float) -> SearchStrategy[float]:
    """Multiples of 1/8 in the interval, or of a finer step if these are few; the simplest first."""
    low, high = _reached(interval, reach)
    if interval.whole:
        return _whole(interval)
    step = 1 / 8
    inside: list[float] = []
    while len(inside) < 4 and step > 1e-6 * (high - low):
        multiples = [k * step for k in range(math.floor(low / step), math.ceil(high / step) + 1)]
        inside = [x for x in multiples if x in interval and low <= x <= high and x not in (interval.low, interval.high)]
        step /= 8
    return st.sampled_from(sorted(inside, key=lambda x: (Fraction(x).denominator, abs(x), x < 0)))


@lru_cache(maxsize=1024)
def _floats(interval: Interval, reach: float) -> SearchStrategy[float]:
    low, high = _reached(interval, reach)
    if interval.whole:
        return _whole(interval)
    # Adding 0.0 turns -0.0 into 0.0.
    return st.floats(low, high).map(lambda x: x + 0.0).filter(lambda x: _fits(x, interval))


def _whole(interval: Interval) -> SearchStrategy[float]:
    low, high = _reached(interval, _REACH)
    inside = [float(k) for k in range(math.floor(low), math.ceil(high) + 1) if k in interval]
    return st.sampled_from(sorted(inside, key=lambda x: (abs(x), x < 0)))


@st.composite
def _kinks(draw: st.DrawFn, primitive: Primitive, start: DomainPoint, reach: float) -> DomainPoint:
    """A candidate for a kink: a zero of the kink function on a line along an axis, or numbers related to each other."""
    intervals = domain_of(primitive, len(start))
    places = variable_places(primitive, len(start))
    if draw(st.booleans()):
        place = draw(st.sampled_from(places))
        end = moved(start, place, draw(_lattice(intervals[place], 8 * reach)))
        found = _sign_change(primitive, start, end)
        if found is not None:
            return found
    small = st.sampled_from([0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0])
    related = [draw(small)]
    while len(related) < len(places):
        tie = st.sampled_from(related)
        related.append(draw(tie | small | st.builds(operator.mul, tie, st.integers(-3, 3))) + 0.0)
    fresh = iter(draw(st.permutations(related)))
    return tuple(next(fresh) if place in places else x for place, x in enumerate(start))


def _sign_change(primitive: Primitive, start: DomainPoint, end: DomainPoint) -> DomainPoint | None:
    """The point between two others where the kink function changes its sign, by bisection."""

    def kink(point: DomainPoint) -> float:
        return float(primitive.kink(*point)) if primitive.kink is not None else math.nan

    below, above = (start, end) if kink(start) < kink(end) else (end, start)
    if not kink(below) < 0.0 < kink(above) or hole_between(primitive, start, end):
        return None
    while True:
        middle = tuple((x + y) / 2 + 0.0 for x, y in zip(below, above, strict=True))
        if middle in (below, above) or not kink(middle):
            return middle
        below, above = (middle, above) if kink(middle) < 0 else (below, middle)
