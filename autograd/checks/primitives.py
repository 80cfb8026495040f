"""Checks of rows of the table of calculus, at points of their domain.  :mod:`autograd.testing` has an example."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from autograd.arrays.tensor import Tensor
from autograd.checks.domains import DomainPoint, hole_between
from autograd.checks.primitive_at_point import PrimitiveAtPoint, is_near_kink, value_and_slopes
from autograd.checks.search import search
from autograd.checks.strategies.points import points
from autograd.checks.sympy_formulas import check_against_sympy
from autograd.core.errors import hidden
from autograd.core.primitive import PRIMITIVES, Primitive
from autograd.core.sweep import adjoints, tangents, topological_order
from autograd.core.value import Value
from autograd.transforms.gradients import hessian, hvp, jvp, vjp

__all__ = ["check_all_primitives", "check_primitive"]

__tracebackhide__ = hidden


def check_primitive(
    primitive: Primitive,
    at: SearchStrategy[DomainPoint] | Iterable[DomainPoint | float] | None = None,
    *,
    takes_arrays: bool = True,
) -> None:
    """Check one row of the table in every respect that can be tested.

    The following must hold at points all over its domain, on its kinks and beside them.

    * The value is finite.
    * Each partial is the slope that differences measure, and the one that SymPy finds, if SymPy is installed and can
      read the formula.  The same holds for the second derivatives, without SymPy.
    * On a kink, a partial lies between the slopes around it; every kink is declared.
    * Forward and reverse mode agree.
    * Arrays and Tensors give the same numbers as single numbers do.
    * An operand that is not selected receives no gradient.

    Args:
        primitive: a row of the table, built in or your own.
        at: where to check it: points, which may be plain numbers if there is one operand, or a strategy for points; by
            default, the whole domain that it declares.
        takes_arrays: ``False`` for a row whose formula takes only single numbers.

    Raises:
        AssertionError: if a check fails; it names the primitive, the operand and the point.
        TypeError: if ``primitive`` is not a row of the table.

    >>> from autograd import sigmoid
    >>> check_primitive(sigmoid)
    >>> check_primitive(sigmoid, [0.0, 700.0])
    """
    if not isinstance(primitive, Primitive):
        raise TypeError(f"check_primitive takes a row of the table, not {primitive!r}: use check_function for others")
    if at is None:
        at = _everywhere(primitive)
    elif not isinstance(at, SearchStrategy):
        at = st.sampled_from([point if isinstance(point, tuple) else (point,) for point in at])

    def holds(point: DomainPoint, other: DomainPoint) -> None:
        here = PrimitiveAtPoint(primitive, point)
        for check in (_check_slopes, _check_kink, _check_second_order, _check_modes, _check_selection):
            check(here)
        check_against_sympy(here)
        if len(other) == len(point):
            there = PrimitiveAtPoint(primitive, other)
            _check_between(here, there)
            if takes_arrays:
                _check_arrays(here, there)

    search(primitive.name, holds, at, at)


def check_all_primitives(primitives: Iterable[Primitive] | None = None) -> None:
    """Apply :func:`check_primitive` to every row of the table, including rows that you declared.

    Args:
        primitives: the rows; by default, the whole table.

    Raises:
        AssertionError: if a check fails, with one line for each row that fails.
    """
    failures = []
    for row in list(PRIMITIVES.values()) if primitives is None else primitives:
        try:
            check_primitive(row)
        except AssertionError as failure:
            failures.append(str(failure))
    if failures:
        raise AssertionError("\n".join(failures))


_DECLARE_KINK = "declare it with kink=, a function of the operands that is zero exactly there"


def _everywhere(primitive: Primitive) -> SearchStrategy[DomainPoint]:
    found = points(primitive, lattice=True) | points(primitive, reach=30.0)
    return found if primitive.kink is None else found | points(primitive, kinks=True)


def _check_slopes(here: PrimitiveAtPoint) -> None:
    """Check that each partial is the slope that differences measure."""
    if not here.smooth:
        return
    for place in here.places:
        declared = here.slopes[place]
        tolerance = _relative(1e-7, declared)
        measured = here.misfit(place, here.value_at, declared, tolerance, corners=False)
        if measured is not None and measured.kink:
            here.fail(f"a kink that is not declared: the slope is {measured}; {_DECLARE_KINK}", place)
        if measured is not None:
            here.fail(f"declared {declared:.10g}, measured {measured}", place)


def _check_kink(here: PrimitiveAtPoint) -> None:
    """Check that on a kink, each partial lies between the slopes around it; it may be nan where these diverge."""
    if not here.on_kink:
        return
    for place, (low, high) in zip(here.places, here.slopes_around(), strict=True):
        declared = here.slopes[place]
        slack = 1e-3 * (1.0 + abs(declared))
        if not low - slack <= declared <= high + slack and not (math.isnan(declared) and max(-low, high) > 1e4):
            here.fail(f"declared {declared:.10g}, but around this kink it is {low:.6g} to {high:.6g}", place)


def _relative(tolerance: float, x: float) -> float:
    return tolerance * abs(x) if math.isfinite(x) else 0.0


def _check_modes(here: PrimitiveAtPoint) -> None:
    """Check that forward and reverse mode give the same slope along a direction."""
    if here.on_kink or here.vertical or not here.places:
        return
    f, xs = here.function()
    direction = _direction(len(xs))
    backward = float(np.dot(vjp(f, *xs)[1](1.0), direction))
    forward = jvp(f, xs, direction)[1]
    if not _agree(forward, backward, here.slopes):
        here.fail(f"the slope along {direction} is {forward:.10g} in forward mode, {backward:.10g} in reverse mode")


def _check_second_order(here: PrimitiveAtPoint) -> None:
    """Check that the derivatives of each partial, by a sweep over the sweep, are its measured slopes."""
    if not here.smooth or here.vertical or not 0 < len(here.places) <= 4:
        return
    f, xs = here.function()
    direction = _direction(len(xs))
    rows = hessian(f, range(len(xs)))(*xs)
    for row, pushed, first in zip(rows, hvp(f, xs, direction), here.places, strict=True):
        for found, second in zip(row, here.places, strict=True):
            tolerance = _relative(1e-6, found)
            measured = here.misfit(second, here.slope(first), found, tolerance, corners=True)
            if measured is not None:
                here.fail(f"its ∂/∂{here.name(second)} is {found:.10g}, measured {measured}", first)
        pulled = float(np.dot(row, direction))
        if not _agree(pushed, pulled, row):
            here.fail(f"its slope along {direction} is {pushed:.10g} forward, {pulled:.10g} in reverse mode", first)


def _direction(n: int) -> list[float]:
    return [(-1.0) ** k * (1.0 + k / 4) for k in range(n)]


def _agree(found: float, wanted: float, terms: Iterable[float]) -> bool:
    return found == wanted or abs(found - wanted) <= 1e-11 * (1.0 + max(map(abs, terms), default=0.0))


def _check_selection(here: PrimitiveAtPoint) -> None:
    """Check that an operand that is not selected receives no gradient, not even nan from inf times 0."""
    if not here.primitive.selects or here.primitive.on_kink(here.point):
        return
    leaves = [Value(x) for x in here.point]
    y = here.primitive(*[leaf if place in here.places else leaf.data for place, leaf in enumerate(leaves)])
    for seed in (math.inf, Value(math.inf)):
        sent = adjoints(topological_order(y), seed) if isinstance(y, Value) else {}
        for place in here.places:
            arrived = sent.get(leaves[place])
            if here.slopes[place] == 0 and arrived is not None:
                here.fail(f"not selected, but the gradient inf sends {arrived} to it", place)


def _check_between(here: PrimitiveAtPoint, there: PrimitiveAtPoint) -> None:
    """Check that neither value nor slopes jump on the line between two points, except at a declared kink.

    The line is halved again and again, and the half with the larger difference is kept.  Without a jump the difference
    shrinks to zero; at a pole it grows.
    """
    chosen = any(interval.fixed and x != y for x, y, interval in zip(here.point, there.point, here.domain, strict=True))
    if chosen or hole_between(here.primitive, here.point, there.point):
        return

    def at(t: float) -> DomainPoint:
        return tuple([x if x == y else (1.0 - t) * x + t * y for x, y in zip(here.point, there.point, strict=True)])

    def state(t: float) -> tuple[float, ...]:
        value, slopes = value_and_slopes(here.primitive, at(t))
        return value, *slopes

    low, high = 0.0, 1.0
    before, after = (here.value, *here.slopes), (there.value, *there.slopes)
    bound = 1e6 * (1.0 + max(map(abs, before + after)))
    while (middle := (low + high) / 2) not in (low, high):
        between = state(middle)
        if max(_differences(before, between)) > max(_differences(between, after)):
            high, after = middle, between
        else:
            low, before = middle, between
        jump = max(_differences(before, after))
        size = max(map(abs, before + after))
        if not jump > 1e-6 * (1.0 + size) or not size < bound:
            return
    if not is_near_kink(here.primitive, [at(max(low - 1e-6, 0.0)), at(low), at(high), at(min(high + 1e-6, 1.0))]):
        worst = _differences(before, after).index(jump)
        what = "the value" if worst == 0 else f"∂/∂{here.name(worst - 1)}"
        raise AssertionError(
            f"{here.primitive}: {what} at {at(high)}: a kink that is not declared: it jumps from {before[worst]:.6g} "
            f"to {after[worst]:.6g}; {_DECLARE_KINK}"
        )


def _differences(xs: Sequence[float], ys: Sequence[float]) -> list[float]:
    return [abs(x - y) for x, y in zip(xs, ys, strict=True)]


def _check_arrays(*spots: PrimitiveAtPoint) -> None:
    """Check that arrays and Tensors give the same values, gradients and rates of change as single numbers."""
    here = spots[0]
    if not here.point:
        return
    columns = [np.array(column) for column in zip(*[spot.point for spot in spots], strict=True)]
    leaves = [Tensor(x) if place in here.places else x for place, x in enumerate(columns)]
    try:
        with np.errstate(all="ignore"):
            out, y = here.primitive(*columns), here.primitive(*leaves)
    except (TypeError, ValueError) as error:
        here.fail(f"its formula takes no arrays ({error}): write it with the functions of autograd, or give array=")
    for spot, found, recorded in zip(spots, np.asarray(out), y.data, strict=True):
        for number, what in ((found, "an array"), (recorded, "a Tensor")):
            if not _same(number, spot.value):
                spot.fail(f"the value is {spot.value:.10g}, but in {what} {number:.10g}")
    order = topological_order(y)
    gradients = adjoints(order, np.ones(y.shape))
    for place in here.places:
        pulled, pushed = gradients[leaves[place]], tangents(order, {leaves[place]: np.ones(y.shape)})[y]
        for index, spot in enumerate(spots):
            for slopes, mode in ((pulled, "backward"), (pushed, "forward")):
                found = 0.0 if slopes is None else slopes[index]
                if not _same(found, spot.slopes[place]):
                    spot.fail(f"{spot.slopes[place]:.10g}, but {mode} over Tensors {found:.10g}", place)


def _same(found: float, wanted: float) -> bool:
    return bool(np.isclose(found, wanted, rtol=1e-9, atol=1e-12, equal_nan=True))
