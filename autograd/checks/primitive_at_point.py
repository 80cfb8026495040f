"""A primitive at one point, and the slopes that are measured around it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, NoReturn

import numpy as np
from hypothesis import reject

from autograd.checks.domains import DomainPoint, domain_of, evaluated, is_in_domain, moved, variable_places
from autograd.checks.measurement import Measured, measured_slope
from autograd.core.aliases import Number
from autograd.core.errors import EvaluationError, hidden
from autograd.core.primitive import Primitive

__all__ = ["PrimitiveAtPoint", "is_near_kink", "value_and_slopes"]

__tracebackhide__ = hidden

_CLOSE = (-1e-6, -1e-12, 1e-12, 1e-6)


def value_and_slopes(primitive: Primitive, point: DomainPoint) -> tuple[float, tuple[float, ...]]:
    """The value of a primitive, which must be finite, and its slopes; points at which it overflows are rejected."""
    try:
        value, slopes = evaluated(primitive, point)
    except OverflowError:
        reject()
    except (ArithmeticError, ValueError) as error:
        reason = error.reason if isinstance(error, EvaluationError) else error
        raise AssertionError(
            f"{primitive} at {point}: no value, though it is in the domain: {reason}: say with domain= where it has "
            "one, as in domain=Interval(0.0)"
        ) from None
    if not math.isfinite(value):
        raise AssertionError(f"{primitive} at {point}: the value is {value}: say with domain= where it is finite")
    return value, slopes


class PrimitiveAtPoint:
    """A primitive at one point, with its value and the slopes that it declares."""

    def __init__(self, primitive: Primitive, point: DomainPoint) -> None:
        self.primitive = primitive
        self.point = point
        self.domain = domain_of(primitive, len(point))
        self.places = variable_places(primitive, len(point))
        self.value, self.slopes = value_and_slopes(primitive, point)
        self.on_kink = primitive.on_kink(point)
        self.vertical = any(math.isinf(slope) for slope in self.slopes)

    @cached_property
    def smooth(self) -> bool:
        """Whether differences may be taken here: the point is neither on a kink nor beside one."""
        return not self.on_kink and not self._beside_kink()

    def fail(self, text: str, place: int | None = None) -> NoReturn:
        """Raise an ``AssertionError`` about the primitive, or about its partial in one operand."""
        what = str(self.primitive) if place is None else f"{self.primitive}: ∂/∂{self.name(place)}"
        raise AssertionError(f"{what} at {self.point}: {text}")

    def name(self, place: int) -> str:
        """The name of an operand."""
        return f"x{place}" if self.primitive.variadic else self.primitive.parameters[place]

    def moved(self, place: int, x: float) -> DomainPoint:
        """The point with another number at one place."""
        return moved(self.point, place, x)

    def measured(self, place: int, f: Callable[[DomainPoint], Number], within: float = math.inf) -> Measured:
        """The slope of a function of points in one coordinate, from points of the domain ``within`` some distance."""

        def along(x: float) -> Number:
            if x not in self.domain[place] or abs(x - self.point[place]) > within:
                raise ValueError
            return f(self.moved(place, x))

        return measured_slope(along, self.point[place])

    def misfit(
        self, place: int, f: Callable[[DomainPoint], Number], declared: float, tolerance: float, corners: bool
    ) -> Measured | None:
        """The measured slope, if it differs from the declared one, or shows a corner and none is allowed."""
        slope = self.measured(place, f)
        cornered = slope.kink and not abs(slope.right - slope.left) <= tolerance
        fits = slope.admits(declared, tolerance) or not math.isfinite(slope.error)
        return None if fits and (corners or not cornered) else slope

    def value_at(self, point: DomainPoint) -> float:
        """The value at another point."""
        value: float = self.primitive(*point)
        return value

    def slope(self, place: int) -> Callable[[DomainPoint], float]:
        """The partial in one operand, as a function of points."""
        return lambda point: evaluated(self.primitive, point)[1][place]

    def function(self) -> tuple[Callable[..., Any], list[float]]:
        """The primitive as a function of the operands that have a derivative, and the values of these operands."""

        def f(*xs: Any) -> Any:
            fresh = iter(xs)
            return self.primitive(*[next(fresh) if i in self.places else x for i, x in enumerate(self.point)])

        return f, [self.point[place] for place in self.places]

    def slopes_around(self) -> list[tuple[float, float]]:
        """The smallest and largest slope at smooth points nearby, for each partial: Clarke's generalised gradient."""
        near = min([2.0**-16, *[abs(x) / 8 for x in self.point if x]])  # another singularity may lie at zero
        n = len(self.point)
        offsets: Iterable[Any] = np.kron(np.eye(n), [[near], [-near]])
        if n < 5:
            offsets = itertools.product(*[(-near, 0.0, near) if place in self.places else (0.0,) for place in range(n)])
        around = [tuple(float(x + step) for x, step in zip(self.point, offset, strict=True)) for offset in offsets]
        points = [p for p in around if is_in_domain(p, self.primitive) and not self.primitive.on_kink(p)]
        smooth = [PrimitiveAtPoint(self.primitive, p) for p in points]
        if not smooth:
            self.fail("on a kink, and so is every nearby point: kink= must be zero only where f is not smooth")
        found = [[spot.measured(place, self.value_at, near / 2).value for spot in smooth] for place in self.places]
        return [(min(slopes), max(slopes)) for slopes in found]

    def _beside_kink(self) -> bool:
        """Whether a declared kink is so close that differences would cross it.

        Then the kink function is almost zero or changes its sign nearby, or it is not a straight line even there: its
        slopes from small and from tiny steps differ.
        """
        kink = self.primitive.kink
        if kink is None:
            return False
        for place in self.places:
            x = self.point[place]
            steps = [step for step in _CLOSE if is_in_domain(self.moved(place, x + step), self.primitive)]
            if is_near_kink(self.primitive, [self.moved(place, x + step) for step in (*steps, 0.0)]):
                return True
            middle = float(kink(*self.point))
            slopes = [(float(kink(*self.moved(place, x + step))) - middle) / step for step in steps]
            if max(slopes) - min(slopes) > 1e-3 + 0.1 * max(map(abs, slopes)) + 1e13 * math.ulp(middle):
                return True
        return False


def is_near_kink(primitive: Primitive, around: Iterable[DomainPoint]) -> bool:
    """Whether the kink function is almost zero at one of these points, or has both signs among them."""
    if primitive.kink is None:
        return False
    found = [float(primitive.kink(*point)) for point in around if is_in_domain(point, primitive)]
    return min(map(abs, found)) < 4e-6 or min(found) < 0 < max(found)
