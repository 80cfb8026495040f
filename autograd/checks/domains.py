"""The domain of a primitive: its points, its holes, and its value and slopes at a point."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TypeAlias

from autograd.core.primitive import REAL, Interval, Primitive
from autograd.core.value import Value

__all__ = [
    "DomainPoint",
    "domain_of",
    "evaluated",
    "hole_between",
    "holes_of",
    "is_in_domain",
    "moved",
    "variable_places",
]

DomainPoint: TypeAlias = tuple[float, ...]
"""One number for each operand of a primitive."""


def domain_of(primitive: Primitive, n: int) -> tuple[Interval, ...]:
    """The interval of each of ``n`` operands."""
    return (REAL,) * n if primitive.variadic else primitive.domain


def variable_places(primitive: Primitive, n: int) -> list[int]:
    """The places of the operands that have a derivative; the others choose, as conditions and orders do."""
    return [place for place, interval in enumerate(domain_of(primitive, n)) if not interval.fixed]


def is_in_domain(point: DomainPoint, primitive: Primitive) -> bool:
    """Whether each number lies in the interval of its operand."""
    return all(x in interval for x, interval in zip(point, domain_of(primitive, len(point)), strict=True))


def holes_of(interval: Interval, low: float, high: float) -> list[float]:
    """The holes of an interval between ``low`` and ``high``; for a gap, its ends."""
    holes: Iterable[float]
    if not isinstance(interval.holes, Interval):
        holes = interval.holes
    elif interval.holes.whole:
        holes = [float(k) for k in range(math.ceil(low), math.floor(high) + 1) if k in interval.holes]
    else:
        holes = interval.holes.low, interval.holes.high
    return [hole for hole in holes if low <= hole <= high]


def hole_between(primitive: Primitive, start: DomainPoint, end: DomainPoint) -> bool:
    """Whether the line from one point to another leaves the domain."""
    intervals = domain_of(primitive, len(start))
    return any(holes_of(interval, min(x, y), max(x, y)) for x, y, interval in zip(start, end, intervals, strict=True))


def moved(point: DomainPoint, place: int, x: float) -> DomainPoint:
    """The point with ``x`` as the number at ``place``."""
    return (*point[:place], x, *point[place + 1 :])


def evaluated(primitive: Primitive, point: DomainPoint) -> tuple[float, tuple[float, ...]]:
    """The value and the slopes that a graph records at a point; the slope in an operand that chooses is 0."""
    places = variable_places(primitive, len(point))
    y = primitive(*[Value(x) if place in places else x for place, x in enumerate(point)])
    return (y.data, y.slopes) if isinstance(y, Value) else (y, (0.0,) * len(point))
