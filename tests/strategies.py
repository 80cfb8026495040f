"""Where to test a primitive: points inside its domain, points on its kinks, and random graphs of primitives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from autograd import PRIMITIVES, Interval, Primitive

Point = tuple[float, ...]

fewer = settings(max_examples=settings().max_examples // 4)
"""For a slow test: a quarter of the examples that the profile asks for."""

REACH = 4.0
"""How far from zero the coordinates go."""

# ---------------------------------------------------------------------------------------------------------------------
# Points of one primitive
# ---------------------------------------------------------------------------------------------------------------------


def arities(op: Primitive) -> SearchStrategy[int]:
    """How many operands to give it: fixed, or for an n-ary row what 0 to 5 terms or pairs need."""
    if not op.variadic:
        return st.just(len(op.parameters))
    terms = st.integers(0, 5)
    return {"dot": terms.map(lambda n: 2 * n), "affine": terms.map(lambda n: 2 * n + 1)}.get(op.name, terms)


def switches(op: Primitive) -> set[int]:
    """The places of operands that choose and do not count: they are whole, and have no derivative to speak of."""
    return {place for place, interval in enumerate(op.domain) if interval.whole}


def _points(op: Primitive, coordinate: Any) -> SearchStrategy[Point]:
    """Points whose coordinates come from ``coordinate(interval)`` for each operand's interval."""

    def of_arity(n: int) -> SearchStrategy[Point]:
        intervals = op.domain if not op.variadic else (Interval(),) * n
        return st.tuples(*[_whole(x) if x.whole else coordinate(x) for x in intervals])

    return arities(op).flatmap(of_arity)


def _whole(interval: Interval) -> SearchStrategy[float]:
    return st.sampled_from([float(k) for k in range(-int(REACH), int(REACH) + 1) if k in interval])


def lattice_points(op: Primitive) -> SearchStrategy[Point]:
    """Points of the domain whose coordinates are multiples of 1/8: they are exactly on a kink, or well away from it."""

    def coordinate(interval: Interval) -> SearchStrategy[float]:
        steps = [k / 8 for k in range(-int(8 * REACH), int(8 * REACH) + 1)]
        return st.sampled_from([x for x in steps if x in interval and x not in (interval.low, interval.high)])

    return _points(op, coordinate)


@cache
def smooth_points(op: Primitive) -> SearchStrategy[Point]:
    """Lattice points at which the primitive has a derivative in the ordinary sense."""
    return lattice_points(op).filter(lambda point: not op.on_kink(point) and not vertical(op, point))


def vertical(op: Primitive, point: Sequence[float]) -> bool:
    """Whether the tangent is vertical there, as that of the cube root at 0."""
    return op.name == "cbrt" and point[0] == 0


@cache
def float_points(op: Primitive, reach: float = 30.0) -> SearchStrategy[Point]:
    """Any floats of the domain up to ``reach``, close to its ends and to zero too, where the primitive is smooth."""

    def coordinate(interval: Interval) -> SearchStrategy[float]:
        low, high = max(interval.low, -reach), min(interval.high, reach)
        corners = (interval.low, interval.high, 0.0)
        return st.floats(low, high).filter(lambda x: x in interval and all(abs(x - c) > 1e-6 for c in corners))

    return _points(op, coordinate).filter(lambda point: not op.on_kink(point))


@cache
def kink_points(op: Primitive) -> SearchStrategy[Point]:
    """Points at which the primitive is not smooth: zeros, ones, small integers, ties and multiples."""
    small = st.sampled_from([0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0])

    @st.composite
    def related(draw: Any) -> Point:
        point = [draw(small)]
        while len(point) < len(op.parameters):
            tie = st.sampled_from(point)
            point.append(draw(tie | small | st.builds(lambda x, k: k * x, tie, st.integers(-3, 3))))
        return tuple(draw(st.permutations(point)))

    def inside(point: Point) -> bool:
        return all(x in interval for x, interval in zip(point, op.domain, strict=True))

    return related().filter(lambda point: inside(point) and op.on_kink(point))


# ---------------------------------------------------------------------------------------------------------------------
# Graphs of primitives
# ---------------------------------------------------------------------------------------------------------------------

SMOOTH = ("add", "subtract", "multiply", "negative", "sin", "cos", "tanh", "sigmoid", "softplus", "arctan", "gelu")
"""Primitives to build graphs of that have a value and every derivative everywhere, and none of them large."""

KINKED = ("maximum", "minimum", "relu", "absolute", "leaky_relu", "clip", "where", "sum", "dot")


@dataclass(frozen=True)
class Recipe:
    """A computation as data: numbers to start from, then primitives applied to what stands before them or to constants.

    ``steps`` holds the name of a primitive and its operands: an ``int`` is the place of an earlier result (so results
    are shared), a ``float`` is a constant.
    """

    leaves: tuple[float, ...]
    steps: tuple[tuple[str, tuple[int | float, ...]], ...]

    def run(self, leaves: Sequence[Any], call: Any = lambda op, operands: op(*operands)) -> list[Any]:
        """All results of the computation, started from these leaves: floats, Values, ..."""
        results = list(leaves)
        for name, operands in self.steps:
            results.append(call(PRIMITIVES[name], [results[x] if isinstance(x, int) else x for x in operands]))
        return results


@st.composite
def recipes(draw: Any, names: Sequence[str] = SMOOTH + KINKED, max_steps: int = 8) -> Recipe:
    """Random computations over the named primitives, each result of which may be used any number of times."""
    numbers = st.integers(-16, 16).map(lambda k: k / 8)
    leaves = draw(st.lists(numbers, min_size=1, max_size=3).map(tuple))
    steps: list[tuple[str, tuple[int | float, ...]]] = []
    for _ in range(draw(st.sampled_from(range(1, max_steps + 1)))):
        name = draw(st.sampled_from(names))
        arity = min(draw(arities(PRIMITIVES[name]).filter(bool)), 4)
        latest = len(leaves) + len(steps) - 1  # one operand at least, so that the last result depends on nearly all
        others = st.sampled_from(range(latest + 1)) | st.sampled_from(range(latest + 1)) | numbers
        operands = [latest, *[draw(others) for _ in range(arity - 1)]][:arity]
        steps.append((name, tuple(draw(st.permutations(operands)))))
    return Recipe(leaves, tuple(steps))
