"""Test primitives and functions of your own: where to look, and what must hold there.

The strategies of this room tell hypothesis (``pip install "pathgrad[test]"``) how to draw points, expressions, graphs
and arrays; its checks hold a row of the table of calculus, or any function of arrays, against measured slopes.  A
check runs hypothesis by itself, as hard as the active profile says, both in pytest and in a plain script; it says
nothing if all is well, and otherwise raises an ``AssertionError`` of one line.

>>> from autograd import exp, primitive
>>> @primitive(lambda x, out: -x * out)  # a factor 2 is missing
... def bell(x):
...     return exp(-x * x)
>>> check_primitive(bell)
Traceback (most recent call last):
AssertionError: bell: ∂/∂x at (1.0,): declared -0.3678794412, measured -0.735758882 ± ...
"""

from __future__ import annotations

import itertools
import math
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, NoReturn

import numpy as np

from autograd.arrays.tensor import Tensor
from autograd.checks.measurement import Measured, measured_slope
from autograd.checks.strategies import (
    Expression,
    Graph,
    Point,
    arrays,
    domain_of,
    evaluated,
    expressions,
    graphs,
    hole_between,
    inside,
    moved,
    points,
    variable_places,
)
from autograd.core.errors import EvaluationError
from autograd.core.primitive import PRIMITIVES, Primitive
from autograd.core.sweep import adjoints, tangents, topological_order
from autograd.core.value import Value
from autograd.transforms.gradients import hessian, hvp, jvp, vjp

# Below the strategies, which say what to install if it is not there.
# isort: split
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy

__all__ = [
    "Expression",
    "Graph",
    "arrays",
    "check_all_primitives",
    "check_function",
    "check_primitive",
    "expressions",
    "graphs",
    "points",
]

Array = np.ndarray[Any, Any]

# ---------------------------------------------------------------------------------------------------------------------
# Checks of primitives
# ---------------------------------------------------------------------------------------------------------------------


def check_primitive(
    primitive: Primitive,
    at: SearchStrategy[Point] | Iterable[Point | float] | None = None,
    *,
    takes_arrays: bool = True,
) -> None:
    """Hold one row of the table against all that can be known of it.

    At points all over its domain, on its kinks and beside them: the value is finite; each partial is the slope that
    differences measure, and the one that SymPy finds, where SymPy is installed and can read the formula; so are the
    second derivatives.  On a kink a partial lies between the slopes around it, and a kink that is there is declared.
    Forward and reverse mode agree.  Arrays and Tensors get what numbers get.  To an operand that is not selected
    nothing flows.

    Args:
        primitive: a row of the table, one of your own too.
        at: where to check it: points, which may be plain numbers if there is one operand, or a strategy for them; if
            left out, all over the domain that it declares.
        takes_arrays: ``False`` for a row whose formula is for numbers alone.

    Raises:
        AssertionError: if something does not hold; it names the primitive, the operand and the point.
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

    def holds(point: Point, other: Point) -> None:
        here = _Spot(primitive, point)
        for check in (_check_slopes, _check_kink, _check_second_order, _check_modes, _check_selection, _check_formula):
            check(here)
        if len(other) == len(point):
            there = _Spot(primitive, other)
            _check_between(here, there)
            if takes_arrays:
                _check_arrays(here, there)

    _search(primitive.name, holds, at, at)


def check_all_primitives(primitives: Iterable[Primitive] | None = None) -> None:
    """:func:`check_primitive` for every row of the table, those that you declared included.

    Args:
        primitives: the rows; the whole table if left out.

    Raises:
        AssertionError: if something does not hold, with a line for each row that is wrong.
    """
    failures = []
    for row in list(PRIMITIVES.values()) if primitives is None else primitives:
        try:
            check_primitive(row)
        except AssertionError as failure:
            failures.append(str(failure))
    if failures:
        raise AssertionError("\n".join(failures))


def _everywhere(primitive: Primitive) -> SearchStrategy[Point]:
    found = points(primitive, lattice=True) | points(primitive, reach=30.0)
    return found if primitive.kink is None else found | points(primitive, kinks=True)


def _search(name: str, claim: Callable[..., None], *where: SearchStrategy[Any]) -> None:
    """Look for a counterexample as hard as the active profile says, and report it in one line."""
    quiet = settings(
        deadline=None,
        database=None,  # it would take the failures of one primitive for those of another
        print_blob=False,
        report_multiple_bugs=False,
        phases=[phase for phase in settings().phases if phase is not Phase.explain],  # one line has no room for more
        suppress_health_check=list(HealthCheck),
    )
    try:
        quiet(given(*where)(claim))()
    except AssertionError as failure:
        raise AssertionError(str(failure)) from None
    except Unsatisfiable:
        raise AssertionError(f"{name}: no point was found to check it at: give some, or another domain") from None


def _finite(primitive: Primitive, point: Point) -> tuple[float, tuple[float, ...]]:
    """Value and slopes; the value must be finite, but may be too large for a float where Python says so."""
    try:
        value, slopes = evaluated(primitive, point)
    except OverflowError:
        reject()
    except (ArithmeticError, ValueError) as error:
        reason = error.reason if isinstance(error, EvaluationError) else error
        raise AssertionError(f"{primitive} at {point}: no value, though it is in the domain: {reason}") from None
    if not math.isfinite(value):
        raise AssertionError(f"{primitive} at {point}: the value is {value}: say with domain= where it is finite")
    return value, slopes


_CLOSE = (-1e-6, -1e-12, 1e-12, 1e-6)


class _Spot:
    """A primitive at one point, with what it declares there."""

    def __init__(self, primitive: Primitive, point: Point) -> None:
        self.primitive = primitive
        self.point = point
        self.domain = domain_of(primitive, len(point))
        self.places = variable_places(primitive, len(point))
        self.value, self.slopes = _finite(primitive, point)
        self.on_kink = primitive.on_kink(point)
        self.vertical = any(math.isinf(slope) for slope in self.slopes)

    @cached_property
    def smooth(self) -> bool:
        """Whether differences may be taken here: on no kink, and beside none."""
        return not self.on_kink and not self._beside_kink()

    def fail(self, text: str, place: int | None = None) -> NoReturn:
        what = str(self.primitive) if place is None else f"{self.primitive}: ∂/∂{self.name(place)}"
        raise AssertionError(f"{what} at {self.point}: {text}")

    def name(self, place: int) -> str:
        return f"x{place}" if self.primitive.variadic else self.primitive.parameters[place]

    def moved(self, place: int, x: float) -> Point:
        return moved(self.point, place, x)

    def measured(self, place: int, f: Callable[[Point], Any], within: float = math.inf) -> Measured:
        """The slope of a function of points in one coordinate, from points of the domain ``within`` some distance."""

        def function(x: float) -> Any:
            if x not in self.domain[place] or abs(x - self.point[place]) > within:
                raise ValueError
            return f(self.moved(place, x))

        return measured_slope(function, self.point[place])

    def misfit(
        self, place: int, f: Callable[[Point], Any], declared: float, tolerance: float, corners: bool
    ) -> Measured | None:
        """The measured slope, if it is clearly not the declared one, or if there is a corner and none is allowed.

        Large steps may all hit the same phase of something periodic, so small ones have to say the same.
        """
        found = []
        for within in (math.inf, 2.0**-10, 2.0**-20):
            slope = self.measured(place, f, within)
            cornered = slope.kink and not abs(slope.right - slope.left) <= tolerance
            fits = slope.admits(declared, tolerance + 9 * slope.error) or math.isinf(slope.error)
            if fits and (corners or not cornered):
                return None
            found.append(slope)
        return found[0]

    def value_at(self, point: Point) -> Any:
        """The value at another point."""
        return self.primitive(*point)

    def slope(self, place: int) -> Callable[[Point], float]:
        """The partial in one operand, as a function of points."""
        return lambda point: evaluated(self.primitive, point)[1][place]

    def function(self) -> tuple[Callable[..., Any], list[float]]:
        """The primitive as a function of those operands that have a derivative, and these operands."""

        def function(*xs: Any) -> Any:
            fresh = iter(xs)
            return self.primitive(*[next(fresh) if i in self.places else x for i, x in enumerate(self.point)])

        return function, [self.point[place] for place in self.places]

    def _beside_kink(self) -> bool:
        """Whether a kink that is declared is so close that differences would cross it.

        Then the kink function is next to nothing close by, or changes its sign there, or is no straight line even so
        close: from small and from tiny steps follow different slopes.
        """
        kink = self.primitive.kink
        if kink is None:
            return False
        for place in self.places:
            steps = [step for step in _CLOSE if inside(self.primitive, self.moved(place, self.point[place] + step))]
            if _near_kink(self.primitive, [self.moved(place, self.point[place] + step) for step in (*steps, 0.0)]):
                return True
            middle = float(kink(*self.point))
            slopes = [(float(kink(*self.moved(place, self.point[place] + step))) - middle) / step for step in steps]
            if max(slopes) - min(slopes) > 1e-3 + 0.1 * max(map(abs, slopes)) + 1e13 * math.ulp(middle):
                return True
        return False


def _near_kink(primitive: Primitive, around: Iterable[Point]) -> bool:
    """Whether the kink function is next to nothing at one of some points, or has both signs at them."""
    if primitive.kink is None:
        return False
    found = [float(primitive.kink(*point)) for point in around if inside(primitive, point)]
    return min(map(abs, found)) < 4e-6 or min(found) < 0 < max(found)


def _check_slopes(here: _Spot) -> None:
    """Each partial is the slope that differences measure."""
    for place in here.places if here.smooth else []:
        declared = here.slopes[place]
        tolerance = _relative(1e-7, declared) + 1e-9 * max(1.0, abs(here.value))
        measured = here.misfit(place, here.value_at, declared, tolerance, corners=False)
        if measured is not None and measured.kink:
            here.fail(f"a kink that is not declared: the slope is {measured}", place)
        if measured is not None:
            here.fail(f"declared {declared:.10g}, measured {measured}", place)


def _check_kink(here: _Spot) -> None:
    """On a kink each partial lies between the slopes around it; it may be nan where these have no bound."""
    for place, (low, high) in zip(here.places, _slopes_around(here), strict=True) if here.on_kink else []:
        declared = here.slopes[place]
        slack = 1e-3 * (1.0 + abs(declared))
        if not low - slack <= declared <= high + slack and not (math.isnan(declared) and max(-low, high) > 1e4):
            here.fail(f"declared {declared:.10g}, but around this kink it is {low:.6g} to {high:.6g}", place)


def _relative(tolerance: float, x: float) -> float:
    return tolerance * abs(x) if math.isfinite(x) else 0.0


def _slopes_around(here: _Spot) -> list[tuple[float, float]]:
    """For each partial the least and the largest slope at smooth points close by: Clarke's generalised gradient."""
    near = min([2.0**-16, *[abs(x) / 8 for x in here.point if x]])  # not beyond zero, where another singularity may be
    n = len(here.point)
    offsets: Iterable[Any] = np.kron(np.eye(n), [[near], [-near]])
    if n < 5:
        offsets = itertools.product(*[(-near, 0.0, near) if place in here.places else (0.0,) for place in range(n)])
    around = [tuple(float(x + step) for x, step in zip(here.point, offset, strict=True)) for offset in offsets]
    smooth = [_Spot(here.primitive, p) for p in around if inside(here.primitive, p) and not here.primitive.on_kink(p)]
    if not smooth:
        here.fail("on a kink, and so is all around it: kink= is to be zero where the formula is not smooth alone")
    found = [[spot.measured(place, here.value_at, near / 2).value for spot in smooth] for place in here.places]
    return [(min(slopes), max(slopes)) for slopes in found]


def _check_modes(here: _Spot) -> None:
    """Forward mode is the transpose of reverse mode."""
    if here.on_kink or here.vertical or not here.places:
        return
    f, xs = here.function()
    direction = _direction(len(xs))
    backward = float(np.dot(vjp(f, *xs)[1](1.0), direction))
    forward = jvp(f, xs, direction)[1]
    if not _agree(forward, backward, here.slopes):
        here.fail(f"the slope along {direction} is {forward:.10g} in forward mode, {backward:.10g} in reverse mode")


def _check_second_order(here: _Spot) -> None:
    """Each partial of each partial, by the sweep over the sweep, is the slope of the partial."""
    if not here.smooth or here.vertical or not 0 < len(here.places) <= 4:
        return
    f, xs = here.function()
    direction = _direction(len(xs))
    rows = hessian(f, range(len(xs)))(*xs)
    for row, pushed, first in zip(rows, hvp(f, xs, direction), here.places, strict=True):
        for found, second in zip(row, here.places, strict=True):
            tolerance = _relative(1e-6, found) + 1e-8 * max(1.0, abs(here.slopes[first]))
            measured = here.misfit(second, here.slope(first), found, tolerance, corners=True)
            if measured is not None:
                here.fail(f"its ∂/∂{here.name(second)} is {found:.10g}, measured {measured}", first)
        pulled = float(np.dot(row, direction))
        if not _agree(pushed, pulled, row):
            here.fail(f"its slope along {direction} is {pushed:.10g} forward, {pulled:.10g} in reverse mode", first)


def _direction(n: int) -> list[float]:
    return [(-1.0) ** k * (1.0 + k / 4) for k in range(n)]


def _agree(found: float, wanted: float, terms: Iterable[float]) -> bool:
    return abs(found - wanted) <= 1e-11 * (1.0 + max(map(abs, terms), default=0.0))


def _check_selection(here: _Spot) -> None:
    """Along the edge to an operand that is not selected flows nothing, not even a nan from inf times 0."""
    if not here.primitive.selects:
        return
    leaves = [Value(x) for x in here.point]
    y = here.primitive(*[leaf if place in here.places else leaf.data for place, leaf in enumerate(leaves)])
    for seed in (math.inf, Value(math.inf)):
        sent = adjoints(topological_order(y), seed) if isinstance(y, Value) else {}
        for place in here.places:
            arrived = sent.get(leaves[place])
            if here.slopes[place] == 0 and arrived is not None:
                here.fail(f"not selected, but the gradient inf sends {arrived} to it", place)


def _check_formula(here: _Spot) -> None:
    """Value and partials are what SymPy makes of the formula."""
    chosen = tuple((place, x) for place, x in enumerate(here.point) if place not in here.places)
    value, partials = _formulas(here.primitive, len(here.point), chosen)
    xs = [here.point[place] for place in here.places]
    tolerance = 1e-9 * max(1.0, abs(here.value))
    found = value(xs, 0.0)
    if found is not None and abs(found - here.value) > tolerance:
        here.fail(f"the value is {here.value:.10g}, by SymPy it is {found:.10g}")
    if not here.smooth or here.vertical:
        return
    for place, partial in zip(here.places, partials, strict=True):
        found, declared = partial(xs, 1e-25), here.slopes[place]
        if found is not None and not abs(found - declared) <= tolerance + 1e-8 * abs(found):
            here.fail(f"declared {declared:.10g}, by SymPy {found:.10g}", place)


@lru_cache(maxsize=128)
def _formulas(primitive: Primitive, n: int, chosen: tuple[tuple[int, float], ...]) -> tuple[Any, list[Any]]:
    """The value and the partials by SymPy, as functions of numbers and of how far to step aside.

    They give ``None`` where SymPy has no number.  Just beside a point the partials are the same, but none of the signs
    and cases in a formula, which may be smooth as a whole, is undecided.
    """

    def unknown(xs: Sequence[float], aside: float) -> None:
        return None

    fixed = dict(chosen)
    try:
        import sympy

        from autograd.dialects.symbolic import constant, expand, symbol

        symbols = {place: symbol(f"x{place}") for place in range(n) if place not in fixed}
        value = expand(primitive(*[symbols.get(i, constant(fixed.get(i, 0.0))) for i in range(n)]))
        partials = [sympy.sympify(value).diff(x) for x in symbols.values()]
    except Exception:  # whatever a formula raises that is not meant for symbols; or SymPy is not there
        return unknown, [unknown] * (n - len(fixed))
    return _computed(value, symbols), [_computed(partial, symbols) for partial in partials]


def _computed(formula: Any, symbols: Mapping[int, Any]) -> Callable[[Sequence[float], float], float | None]:
    import sympy
    from mpmath import mp  # type: ignore[import-untyped]  # SymPy brings it

    has_none = sympy.sympify(formula).has(sympy.Derivative, sympy.Subs, sympy.DiracDelta)
    function = None if has_none else sympy.lambdify(list(symbols.values()), formula, "mpmath")

    def compute(xs: Sequence[float], aside: float) -> float | None:
        if function is None:
            return None
        try:
            with mp.workdps(200):  # some may cancel, as in (sin(x) - x) / x**5
                beside = [aside * (1.0 + k / math.pi) * (abs(x) or 1.0) for k, x in enumerate(xs)]
                return float(function(*[mp.mpf(x) + step for x, step in zip(xs, beside, strict=True)]))
        except (ArithmeticError, ValueError, TypeError, NameError):  # complex, or not known to mpmath
            return None

    return compute


def _check_between(here: _Spot, there: _Spot) -> None:
    """On the way from one point to another neither value nor slopes jump, other than at a kink that is declared.

    Of the two halves of the way the one with the larger difference is taken, again and again.  Where nothing jumps the
    difference shrinks to nothing; at a pole it grows.
    """
    chosen = any(interval.whole and x != y for x, y, interval in zip(here.point, there.point, here.domain, strict=True))
    if chosen or hole_between(here.primitive, here.point, there.point):
        return

    def at(t: float) -> Point:
        return tuple([x if x == y else (1.0 - t) * x + t * y for x, y in zip(here.point, there.point, strict=True)])

    def state(t: float) -> tuple[float, ...]:
        value, slopes = _finite(here.primitive, at(t))
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
    if not _near_kink(here.primitive, [at(max(low - 1e-6, 0.0)), at(low), at(high), at(min(high + 1e-6, 1.0))]):
        worst = _differences(before, after).index(jump)
        what = "the value" if worst == 0 else f"∂/∂{here.name(worst - 1)}"
        raise AssertionError(
            f"{here.primitive}: {what} at {at(high)}: a kink that is not declared: it jumps from {before[worst]:.6g} "
            f"to {after[worst]:.6g}"
        )


def _differences(xs: Sequence[float], ys: Sequence[float]) -> list[float]:
    return [abs(x - y) for x, y in zip(xs, ys, strict=True)]


def _check_arrays(*spots: _Spot) -> None:
    """Arrays and Tensors get number by number what numbers get: values, gradients and rates of change."""
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


# ---------------------------------------------------------------------------------------------------------------------
# Checks of functions of arrays
# ---------------------------------------------------------------------------------------------------------------------

_STEP = 1e-5


def check_function(f: Callable[..., Any], *operands: Any, second: bool = True) -> None:
    """Hold the derivatives of a function of arrays against differences: backward, forward, and of the second order.

    Use it for array operations of your own, and for anything that is computed with Tensors.  It follows one direction,
    the same on every run: a gradient that is wrong anywhere is wrong in almost every direction, and one direction costs
    two evaluations however many numbers there are.

    Args:
        f: a function that takes Tensors and returns one; it must be smooth where it is checked.
        operands: the arrays to check it at; or a strategy for groups of them, such as ``arrays(2)``.
        second: whether to check the derivatives of the derivatives too.

    Raises:
        AssertionError: if something does not hold; it names the function, and what differs.
        TypeError: if the function does not return a Tensor.

    >>> from autograd import sin
    >>> check_function(lambda x, y: sin(x @ y), np.ones((2, 3)), np.ones(3))
    >>> check_function(lambda x, y: sin(x * y), arrays(2))
    """
    if len(operands) == 1 and isinstance(operands[0], SearchStrategy):
        _search(_title(f), lambda group: _check_function(f, group, second), operands[0])
    else:
        _check_function(f, operands, second)


def _check_function(f: Callable[..., Any], operands: Iterable[Any], second: bool) -> None:
    xs = [np.asarray(x, float) for x in operands]
    steps = _directions(xs)
    measured = _slope(lambda *arrays: _called(f, list(map(Tensor, arrays))).numpy(), xs, steps)
    [seed] = _directions([measured], 1)
    scale = _scale(measured)

    found = _gradients(f, xs, seed)
    for place, (gradient, x) in enumerate(zip(found, xs, strict=True)):
        if gradient.shape != x.shape:
            _refuse(f, xs, f"the gradient of operand {place} has the shape {gradient.shape}")
    _compare(f, xs, ("backward", _inner(found, steps)), ("measured", np.sum(measured * seed)), 2e-5, scale)

    leaves = [Tensor(x) for x in xs]
    y = _called(f, leaves)
    rate = tangents(topological_order(y), dict(zip(leaves, steps, strict=True)))[y]
    rate = np.zeros(y.shape) if rate is None else rate
    if rate.shape != y.shape:
        _refuse(f, xs, f"the rate of change has the shape {rate.shape}, the value {y.shape}")
    _compare(f, xs, ("forward", rate), ("measured", measured), 2e-5, scale)
    _compare(f, xs, ("forward", np.sum(rate * seed)), ("backward", _inner(found, steps)), 1e-9)
    if second:
        _check_function_again(f, xs, seed)


def _check_function_again(f: Callable[..., Any], xs: list[Array], seed: Array) -> None:
    """Reverse over reverse, and forward over reverse, against differences of the gradient."""
    steps, weights = _directions(xs, 2), _directions(xs, 3)
    measured = _slope(lambda *arrays: np.array(_inner(_gradients(f, arrays, seed), weights)), xs, steps)
    leaves = [Tensor(x) for x in xs]
    arrived = adjoints(topological_order(_called(f, leaves)), Tensor(seed))
    terms = [(arrived[x] * w).sum() for x, w in zip(leaves, weights, strict=True) if arrived.get(x) is not None]
    forward = reverse = 0.0
    if terms:
        total = sum(terms[1:], terms[0])
        order = topological_order(total)
        sent = adjoints(order, np.ones(()))
        reverse = _inner([_or_zeros(sent.get(x), x.shape) for x in leaves], steps)
        forward = float(_or_zeros(tangents(order, dict(zip(leaves, steps, strict=True)))[total], ()))
    _compare(f, xs, ("second order, backward", reverse), ("measured", measured), 2e-5, _scale(measured))
    _compare(f, xs, ("second order, forward", forward), ("backward", reverse), 1e-8)


def _called(f: Callable[..., Any], leaves: Sequence[Tensor]) -> Tensor:
    y = f(*leaves)
    if not isinstance(y, Tensor):
        raise TypeError(f"{_title(f)} returned {type(y).__name__}, not a Tensor: compute it with functions of autograd")
    return y


def _gradients(f: Callable[..., Any], xs: Sequence[Array], seed: Array) -> list[Array]:
    """What ``seed`` at the output sends to each of the arrays."""
    leaves = [Tensor(x) for x in xs]
    arrived = adjoints(topological_order(_called(f, leaves)), seed)
    return [_or_zeros(arrived.get(x), x.shape) for x in leaves]


def _or_zeros(found: Any, shape: tuple[int, ...]) -> Array:
    return np.zeros(shape) if found is None else found


def _slope(f: Callable[..., Array], xs: Sequence[Array], steps: Sequence[Array]) -> Array:
    """The derivative along ``steps``, by a central difference of fourth order."""

    def at(k: float) -> Array:
        return np.asarray(f(*[x + k * _STEP * step for x, step in zip(xs, steps, strict=True)]))

    return np.asarray((8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / (12.0 * _STEP))


def _directions(xs: Sequence[Array], seed: int = 0) -> list[Array]:
    """Random arrays of the same shapes, the same on every run."""
    rng = np.random.default_rng(zlib.crc32(repr([x.shape for x in xs]).encode()) + seed)
    return [rng.uniform(0.5, 1.5, x.shape) * rng.choice([-1.0, 1.0], x.shape) for x in xs]


def _inner(xs: Sequence[Array], ys: Sequence[Array]) -> float:
    return float(sum(np.sum(x * y) for x, y in zip(xs, ys, strict=True)))


def _scale(measured: Array) -> float:
    return float(np.max(np.abs(measured), initial=1.0))


def _compare(
    f: Any, xs: Sequence[Array], found: tuple[str, Any], wanted: tuple[str, Any], tolerance: float, scale: float = 1.0
) -> None:
    if not np.allclose(found[1], wanted[1], rtol=tolerance, atol=tolerance * scale, equal_nan=True):
        _refuse(f, xs, f"{found[0]} {_shown(found[1])}, {wanted[0]} {_shown(wanted[1])}")


def _refuse(f: Any, xs: Sequence[Array], text: str) -> NoReturn:
    raise AssertionError(f"{_title(f)} at {', '.join(map(_shown, xs))}: {text}")


def _title(f: Any) -> str:
    return str(getattr(f, "name", None) or getattr(f, "__name__", None) or f)


def _shown(x: Any) -> str:
    return np.array2string(np.asarray(x), separator=", ", threshold=20, precision=10).replace("\n", "")
