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

import inspect
import itertools
import math
import operator
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, NoReturn, TypeAlias, TypeVar

import numpy as np

from autograd import rules
from autograd.numerical import Measured, measured_slope
from autograd.primitive import PRIMITIVES, REAL, Interval, Primitive
from autograd.source import Source, source
from autograd.sweep import adjoints, tangents, topological_order
from autograd.tensor import Tensor
from autograd.transforms import hessian, hvp, jvp, vjp
from autograd.value import Value

try:
    from hypothesis import HealthCheck, Phase, given, reject, settings
    from hypothesis import strategies as st
    from hypothesis.errors import Unsatisfiable
    from hypothesis.extra import numpy as numpy_strategies
    from hypothesis.strategies import SearchStrategy
except ImportError:
    raise ImportError(
        'strategies and checks need hypothesis, which is not installed: pip install "pathgrad[test]"'
    ) from None

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
Point: TypeAlias = tuple[float, ...]
T = TypeVar("T")

# ---------------------------------------------------------------------------------------------------------------------
# Points of one primitive
# ---------------------------------------------------------------------------------------------------------------------

_REACH = 4.0
_MARGIN = 1e-6  # floats keep this far from the ends of the domain and from zero, where slopes overflow


def points(
    primitive: Primitive, kinks: bool | None = None, *, lattice: bool = False, reach: float = _REACH
) -> SearchStrategy[Point]:
    """Points of a primitive's domain: tuples of one float for each operand.

    A row of any number of operands gets points of each length that it takes.  Operands that choose, as conditions and
    orders do, are whole numbers.

    Args:
        primitive: a row of the table.
        kinks: ``False`` leaves out where the row declares that it has no derivative, its kinks and vertical tangents;
            ``True`` draws kinks alone: small whole numbers, ties, multiples, and zeros of the kink function wherever
            they are; ``None`` does not care.
        lattice: whether coordinates are multiples of 1/8 (finer in a narrow domain), which are on a kink or well away
            from it; otherwise they are any floats, but none within 1e-6 of an end of the domain, nor of 0 but for 0.
        reach: how far from zero the coordinates go, if the domain lets them.

    Raises:
        ValueError: if kinks are asked of a row that declares none.

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
def _points(primitive: Primitive, kinks: bool | None, lattice: bool, reach: float) -> SearchStrategy[Point]:
    coordinate = _lattice if lattice or kinks else _floats
    found = st.sampled_from(_arities(primitive)).flatmap(
        lambda n: st.tuples(*[coordinate(interval, reach) for interval in _domain(primitive, n)])
    )
    if kinks:
        return found.flatmap(lambda start: _kinks(primitive, start, reach)).filter(
            lambda point: all(map(_fits, point, _domain(primitive, len(point)))) and primitive.on_kink(point)
        )
    return found if kinks is None else found.filter(lambda point: _differentiable(primitive, point))


def _arities(primitive: Primitive) -> list[int]:
    """How many operands it takes: fixed, or for an n-ary row those numbers up to 10 or so that its formula accepts."""
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


def _domain(primitive: Primitive, n: int) -> tuple[Interval, ...]:
    return (REAL,) * n if primitive.variadic else primitive.domain


def _fits(x: float, interval: Interval) -> bool:
    """Whether it is in the interval, well away from its ends, and 0 or well away from that."""
    corners = (interval.low, interval.high, *_holes(interval, x - 1.0, x + 1.0), *([0.0] if x else []))
    return x in interval and (interval.whole or all(abs(x - corner) > _MARGIN for corner in corners))


def _holes(interval: Interval, low: float, high: float) -> list[float]:
    """The holes of an interval from ``low`` to ``high``; for a gap, the ends of it."""
    holes: Iterable[float] = ()
    if not isinstance(interval.holes, Interval):
        holes = interval.holes
    elif interval.holes.whole:
        holes = [float(k) for k in range(math.ceil(low), math.floor(high) + 1) if k in interval.holes]
    else:
        holes = interval.holes.low, interval.holes.high
    return [hole for hole in holes if low <= hole <= high]


def _inside(primitive: Primitive, point: Point) -> bool:
    return all(x in interval for x, interval in zip(point, _domain(primitive, len(point)), strict=True))


def _differentiable(primitive: Primitive, point: Point) -> bool:
    """Whether the row declares a derivative there: no kink, and no vertical tangent."""
    try:
        return not primitive.on_kink(point) and all(map(math.isfinite, _evaluated(primitive, point)[1]))
    except (ArithmeticError, ValueError):
        return False


def _evaluated(primitive: Primitive, point: Point) -> tuple[float, tuple[float, ...]]:
    """Value and slopes, as a graph records them; the slope in an operand that chooses is 0."""
    places = _places(primitive, len(point))
    y = primitive(*[Value(x) if place in places else x for place, x in enumerate(point)])
    return (y.data, y.slopes) if isinstance(y, Value) else (y, (0.0,) * len(point))


def _places(primitive: Primitive, n: int) -> list[int]:
    """The places of the operands that have a derivative, and do not only choose."""
    return [place for place, interval in enumerate(_domain(primitive, n)) if not interval.whole]


def _reached(interval: Interval, reach: float) -> tuple[float, float]:
    """The part of an interval that is within reach of zero, or else of the end that is closest to zero."""
    low, high = max(interval.low, -reach), min(interval.high, reach)
    if interval.low >= reach:
        high = min(interval.high, interval.low + 2 * reach)
    if interval.high <= -reach:
        low = max(interval.low, interval.high - 2 * reach)
    return low, high


@lru_cache(maxsize=1024)
def _lattice(interval: Interval, reach: float) -> SearchStrategy[float]:
    """Multiples of 1/8 inside of the interval, of a finer step if there are few; the plainest first."""
    low, high = _reached(interval, reach)
    if interval.whole:
        return _whole(interval)
    step, inside = 1 / 8, list[float]()
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
    return st.floats(low, high).map(lambda x: x + 0.0).filter(lambda x: _fits(x, interval))  # which makes 0.0 of -0.0


def _whole(interval: Interval) -> SearchStrategy[float]:
    low, high = _reached(interval, _REACH)
    inside = [float(k) for k in range(math.floor(low), math.ceil(high) + 1) if k in interval]
    return st.sampled_from(sorted(inside, key=lambda x: (abs(x), x < 0)))


@st.composite
def _kinks(draw: st.DrawFn, primitive: Primitive, start: Point, reach: float) -> Point:
    """Candidates: a zero of the kink function on a line along an axis, or numbers that are related to each other."""
    intervals = _domain(primitive, len(start))
    places = _places(primitive, len(start))
    if draw(st.booleans()):
        place = draw(st.sampled_from(places))
        end = _moved(start, place, draw(_lattice(intervals[place], 8 * reach)))
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


def _sign_change(primitive: Primitive, start: Point, end: Point) -> Point | None:
    """The point on the line between two where the kink function changes its sign, by bisection."""

    def kink(point: Point) -> float:
        return float(primitive.kink(*point)) if primitive.kink is not None else math.nan

    below, above = (start, end) if kink(start) < kink(end) else (end, start)
    if not kink(below) < 0.0 < kink(above) or _hole_between(primitive, start, end):
        return None
    while True:
        middle = tuple((x + y) / 2 + 0.0 for x, y in zip(below, above, strict=True))
        if middle in (below, above) or not kink(middle):
            return middle
        below, above = (middle, above) if kink(middle) < 0 else (below, middle)


def _hole_between(primitive: Primitive, start: Point, end: Point) -> bool:
    """Whether the way from one point to another leaves the domain."""
    intervals = _domain(primitive, len(start))
    return any(_holes(interval, min(x, y), max(x, y)) for x, y, interval in zip(start, end, intervals, strict=True))


def _moved(point: Point, place: int, x: float) -> Point:
    return (*point[:place], x, *point[place + 1 :])


# ---------------------------------------------------------------------------------------------------------------------
# Expressions
# ---------------------------------------------------------------------------------------------------------------------

_SMOOTH = (
    *(rules.add, rules.multiply, rules.subtract, rules.negative, rules.sin, rules.cos, rules.tanh, rules.sigmoid),
    *(rules.softplus, rules.arctan, rules.gelu, rules.sum_terms, rules.dot_product),
)
"""Rows that have a value and every derivative everywhere, and none of them large."""

_KINKED = (
    *(rules.maximum, rules.minimum, rules.relu, rules.absolute, rules.leaky_relu, rules.clip, rules.where),
)  # fmt: skip

_OPERATORS: dict[Primitive, Callable[..., Source]] = {
    rules.add: operator.add,
    rules.subtract: operator.sub,
    rules.multiply: operator.mul,
    rules.divide: operator.truediv,
    rules.mod: operator.mod,
    rules.floor_divide: operator.floordiv,
    rules.negative: operator.neg,
}

_numbers = st.integers(-16, 16).map(lambda k: k / 8)


def _rows(primitives: Iterable[Primitive] | None, kinks: bool | None) -> list[Primitive]:
    rows = [*_SMOOTH, *_KINKED] if primitives is None else list(primitives)
    if kinks is not False:
        return rows
    return [row for row in rows if row.kink is None and not any(interval.whole for interval in row.domain)]


def _few(primitive: Primitive) -> SearchStrategy[int]:
    """How many operands to give it in an expression or a graph."""
    return st.sampled_from([n for n in _arities(primitive) if 0 < n <= 4] or _arities(primitive)[-1:])


def _written(primitive: Primitive, operands: Sequence[Source]) -> Source:
    """A call as users of :mod:`autograd` write it."""
    if primitive in _OPERATORS:
        return _OPERATORS[primitive](*operands)
    name = f'PRIMITIVES["{primitive.name}"]' if primitive.variadic else primitive.name
    return Source(f"{name}({', '.join(operand.text for operand in operands)})")


@dataclass(frozen=True, repr=False)
class Expression:
    """A formula that can be called: with floats, Values, Tensors or SymPy's symbols, by position or by name.

    Printed it is Python source, and its ``repr`` is a function to paste.

    Attributes:
        variables: the names of its arguments.
        tree: the name of a variable, a constant, or a tuple of a row of the table and a tree for each operand.

    >>> f = Expression(("x", "y"), (rules.add, (rules.sin, (rules.multiply, "x", "y")), "x"))
    >>> f
    lambda x, y: sin(x * y) + x
    >>> f(0.0, y=2.0)
    0.0
    """

    variables: tuple[str, ...]
    tree: Any

    @property
    def __signature__(self) -> inspect.Signature:
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Signature([inspect.Parameter(name, kind) for name in self.variables])

    def __call__(self, *args: Any, **named: Any) -> Any:
        """The value of the formula.

        Raises:
            TypeError: if there is not one argument for each variable.
        """
        return _evaluate_tree(self.tree, self.__signature__.bind(*args, **named).arguments)

    def __str__(self) -> str:
        names = {name: Source(name) for name in self.variables}
        return str(_evaluate_tree(self.tree, names, lambda row, operands: _written(row, list(map(source, operands)))))

    def __repr__(self) -> str:
        return f"lambda {', '.join(self.variables)}: {self}"


def _evaluate_tree(tree: Any, values: Mapping[str, Any], call: Callable[..., Any] | None = None) -> Any:
    if isinstance(tree, str):
        return values[tree]
    if not isinstance(tree, tuple):
        return tree
    row, *operands = tree
    computed = [_evaluate_tree(operand, values, call) for operand in operands]
    return row(*computed) if call is None else call(row, computed)


def expressions(
    variables: Sequence[str] = ("x", "y"),
    primitives: Iterable[Primitive] | None = None,
    *,
    kinks: bool | None = None,
    max_leaves: int = 8,
) -> SearchStrategy[Expression]:
    """Random formulas in named variables, which shrink to the shortest that fails.

    Args:
        variables: the names of the variables; a formula has at least one of them in it, not always all.
        primitives: the rows to build from; if left out, some that have a value everywhere, and no large ones.
        kinks: ``False`` leaves out rows that are not smooth.
        max_leaves: how many variables and constants are written in a formula, about.

    >>> from hypothesis import find
    >>> find(expressions(), lambda f: "sin" in str(f) and "y" in str(f))
    lambda x, y: sin(y)
    """
    rows = _rows(primitives, kinks)

    def extended(inner: SearchStrategy[Any]) -> SearchStrategy[Any]:
        @st.composite
        def applied(draw: st.DrawFn) -> Any:
            row = draw(st.sampled_from(rows))
            others = [draw(inner | _numbers) for _ in range(draw(_few(row)) - 1)]
            others.insert(draw(st.integers(0, len(others))), draw(inner))
            return (row, *others)

        return applied()

    names = tuple(variables)
    trees = st.recursive(st.sampled_from(names), extended, max_leaves=max_leaves)
    return trees.map(lambda tree: Expression(names, tree))


# ---------------------------------------------------------------------------------------------------------------------
# Arrays
# ---------------------------------------------------------------------------------------------------------------------


def arrays(
    count: int = 1,
    *,
    dtype: Any = np.float64,
    elements: SearchStrategy[float] | None = None,
    min_dims: int = 0,
    max_dims: int = 2,
    min_side: int = 1,
    max_side: int = 3,
) -> SearchStrategy[tuple[Array, ...]]:
    """Groups of float arrays whose shapes are different, but broadcast against each other.

    Args:
        count: how many arrays there are in a group.
        dtype: ``float64`` or ``float32``.
        elements: where the numbers come from; if left out, they are multiples of 1/8 from -2 to 2.
        min_dims: the least number of axes.
        max_dims: the largest number of axes.
        min_side: the least length of an axis, where it is not 1 to be broadcast; with 0, there are empty arrays too.
        max_side: the largest length of an axis.

    >>> from hypothesis import find
    >>> find(arrays(2, max_dims=1), lambda group: group[0].size > group[1].size)
    (array([0., 0.]), array(0.))
    """
    numbers = _numbers if elements is None else elements

    @st.composite
    def group(draw: st.DrawFn) -> tuple[Array, ...]:
        sides = draw(st.lists(st.integers(min_side, max_side), min_size=min_dims, max_size=max_dims))
        shapes = []
        for _ in range(count):
            kept = sides[draw(st.just(0) | st.integers(0, len(sides) - min_dims)) :]
            shapes.append(tuple(1 if draw(st.booleans()) else side for side in kept))
        return tuple(draw(numpy_strategies.arrays(dtype, shape, elements=numbers)) for shape in shapes)

    return group()


# ---------------------------------------------------------------------------------------------------------------------
# Graphs
# ---------------------------------------------------------------------------------------------------------------------

_LIMIT = 50.0  # sin(1e9) has a derivative, but no digits of it


@dataclass(frozen=True, repr=False, eq=False)
class Graph:
    """A computation as data: leaves, and steps that use leaves and earlier steps any number of times.

    Its ``repr`` is Python that builds the same graph when it is pasted after ``from autograd import *``; printed, that
    stands on several lines.

    Attributes:
        kind: ``Value`` or ``Tensor``.
        leaves: the number or array of each leaf, by its name.
        steps: the row of the table and the operands of each step, by its name; operands are names and constants.

    >>> graph = Graph(Value, {"x": 0.5}, {"v1": (rules.sin, ("x",)), "v2": (rules.multiply, ("v1", "v1"))})
    >>> graph
    x = Value(0.5); v1 = sin(x); v2 = v1 * v1
    >>> graph.build()["v2"]
    Value(0.22984884706593015, op=multiply)
    """

    kind: type[Value] | type[Tensor]
    leaves: Mapping[str, Any]
    steps: Mapping[str, tuple[Primitive, tuple[str | float, ...]]]

    def run(self, leaves: Iterable[Any] | None = None, call: Callable[..., Any] | None = None) -> dict[str, Any]:
        """Everything that is computed, by name.

        Args:
            leaves: what to start from: numbers, arrays, nodes, symbols; the graph's own numbers if left out.
            call: what to make of a row and a list of operands, if not to call it.
        """
        given = self.leaves.values() if leaves is None else leaves
        results: dict[str, Any] = dict(zip(self.leaves, given, strict=True))
        for name, (row, operands) in self.steps.items():
            arguments = [results[x] if isinstance(x, str) else x for x in operands]
            results[name] = row(*arguments) if call is None else call(row, arguments)
        return results

    def __call__(self, *leaves: Any) -> Any:
        """The last result, as a function of the leaves."""
        return list(self.run(leaves).values())[-1]

    def build(self) -> dict[str, Any]:
        """The graph itself, new: its nodes by name, the leaves first and the output last."""
        return self.run(map(self.kind, self.leaves.values()))

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def __repr__(self) -> str:
        return "; ".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if any(getattr(x, "dtype", None) == np.float32 for x in self.leaves.values()):
            yield "import numpy as np"
        for name, x in self.leaves.items():
            data = repr(x.tolist() if isinstance(x, np.ndarray) else x)
            is_single = getattr(x, "dtype", None) == np.float32
            yield f"{name} = {self.kind.__name__}({f'np.array({data}, dtype=np.float32)' if is_single else data})"
        for name, (row, operands) in self.steps.items():
            written = _written(row, [Source(x) if isinstance(x, str) else source(x) for x in operands])
            yield f"{name} = {written}"


def graphs(
    kind: type[Value] | type[Tensor] = Value,
    primitives: Iterable[Primitive] | None = None,
    *,
    kinks: bool | None = None,
    max_steps: int = 8,
    dtype: Any = np.float64,
) -> SearchStrategy[Graph]:
    """Random graphs in which every result may be used any number of times, which shrink to the smallest that fails.

    All their numbers are finite and not above 50; the output depends on nearly all that is computed.

    Args:
        kind: the kind of the nodes, ``Value`` or ``Tensor``.  Tensors have shapes that broadcast against each other.
        primitives: the rows to build from; if left out, some that have a value everywhere, and no large ones.
        kinks: ``False`` leaves out rows that are not smooth.
        max_steps: how many rows may be applied.
        dtype: that of Tensors.

    >>> from hypothesis import find
    >>> find(graphs(), lambda graph: len(graph.build()["v1"].parents) == 2)
    x = Value(0.0); v1 = x + x
    """
    rows = _rows(primitives, kinks)
    place = st.integers(0, max_steps + 2)

    @st.composite
    def step(draw: st.DrawFn) -> tuple[Primitive, list[int | float]]:
        row = draw(st.sampled_from(rows))
        others: list[int | float] = [draw(place | place | _numbers) for _ in range(draw(_few(row)) - 1)]
        others.insert(draw(st.integers(0, len(others))), 0)  # the latest result
        return row, others

    if kind is Tensor:
        leaves: SearchStrategy[Sequence[Any]] = st.integers(1, 3).flatmap(lambda n: arrays(n, dtype=dtype))
    else:
        leaves = st.lists(_numbers, min_size=1, max_size=3)
    steps = st.lists(step(), min_size=1, max_size=max_steps)
    return st.tuples(leaves, steps).map(lambda drawn: _graph(kind, *drawn)).filter(_is_moderate)


def _graph(
    kind: type[Value] | type[Tensor], leaves: Sequence[Any], steps: list[tuple[Primitive, list[int | float]]]
) -> Graph:
    """The graph whose steps say how far back their operands are: so it shrinks by leaving out any of them."""
    n = len(leaves)
    placed = [
        (row, [n + k - 1 - x % (n + k) if isinstance(x, int) else x for x in operands])
        for k, (row, operands) in enumerate(steps)
    ]
    used = {x for _, operands in placed for x in operands if isinstance(x, int)}
    names = dict(zip([place for place in range(n) if place in used], "xyz", strict=False))
    names |= {n + k: f"v{k + 1}" for k in range(len(steps))}
    return Graph(
        kind,
        {names[place]: leaves[place] for place in range(n) if place in names},
        {
            names[n + k]: (row, tuple(names[x] if isinstance(x, int) else x for x in operands))
            for k, (row, operands) in enumerate(placed)
        },
    )


def _is_moderate(graph: Graph) -> bool:
    try:
        with np.errstate(all="ignore"):
            return all(bool(np.all(np.abs(x) <= _LIMIT)) for x in graph.run().values())
    except (ArithmeticError, ValueError):
        return False


# ---------------------------------------------------------------------------------------------------------------------
# Checks of primitives
# ---------------------------------------------------------------------------------------------------------------------


def check_primitive(
    primitive: Primitive, at: SearchStrategy[Point] | Iterable[Point] | None = None, *, takes_arrays: bool = True
) -> None:
    """Hold one row of the table against all that can be known of it.

    At points all over its domain, on its kinks and beside them: the value is finite; each partial is the slope that
    differences measure, and the one that SymPy finds, where SymPy is installed and can read the formula; so are the
    second derivatives.  On a kink a partial lies between the slopes around it, and a kink that is there is declared.
    Forward and reverse mode agree.  Arrays and Tensors get what numbers get.  To an operand that is not selected
    nothing flows.

    Args:
        primitive: a row of the table, one of your own too.
        at: where to check it, points or a strategy for them; if left out, all over the domain that it declares.
        takes_arrays: ``False`` for a row whose formula is for numbers alone.

    Raises:
        AssertionError: if something does not hold; it names the primitive, the operand and the point.
        TypeError: if ``primitive`` is not a row of the table.

    >>> from autograd import sigmoid
    >>> check_primitive(sigmoid)
    >>> check_primitive(sigmoid, [(0.0,), (1.0,)])
    """
    if not isinstance(primitive, Primitive):
        raise TypeError(f"check_primitive takes a row of the table, not {primitive!r}: use check_function for others")
    where = at if isinstance(at, SearchStrategy) else _everywhere(primitive) if at is None else st.sampled_from([*at])

    def holds(point: Point, other: Point) -> None:
        here = _Spot(primitive, point)
        for check in (_check_slopes, _check_modes, _check_second_order, _check_selection, _check_formula):
            check(here)
        if len(other) == len(point):
            there = _Spot(primitive, other)
            _check_between(here, there)
            if takes_arrays:
                _check_arrays(here, there)

    _search(primitive.name, holds, where, where)


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


_CLOSE = (-1e-6, -1e-12, 1e-12, 1e-6)


class _Spot:
    """A primitive at one point, with what it declares there."""

    def __init__(self, primitive: Primitive, point: Point) -> None:
        self.primitive = primitive
        self.point = point
        self.domain = _domain(primitive, len(point))
        self.places = _places(primitive, len(point))
        try:
            self.value, self.slopes = _evaluated(primitive, point)
        except OverflowError:
            reject()
        except (ArithmeticError, ValueError) as error:
            self.fail(f"no value, though it is in the domain: {getattr(error, 'reason', error)}")
        if not math.isfinite(self.value):
            self.fail(f"the value is {self.value}: say with domain= where it is finite")
        self.on_kink = primitive.on_kink(point)
        self.smooth = not self.on_kink and not self._beside_kink()
        self.vertical = any(math.isinf(slope) for slope in self.slopes)

    def fail(self, text: str, place: int | None = None) -> NoReturn:
        partial = "" if place is None else f"∂/∂{self.name(place)} "
        raise AssertionError(f"{self.primitive.name}: {partial}at {self.point}: {text}")

    def name(self, place: int) -> str:
        return f"x{place}" if self.primitive.variadic else self.primitive.parameters[place]

    def moved(self, place: int, x: float) -> Point:
        return _moved(self.point, place, x)

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

    def slope(self, place: int) -> Callable[[Point], float]:
        """The partial in one operand, as a function of points."""
        return lambda point: _evaluated(self.primitive, point)[1][place]

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
            steps = [step for step in _CLOSE if _inside(self.primitive, self.moved(place, self.point[place] + step))]
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
    found = [float(primitive.kink(*point)) for point in around if _inside(primitive, point)]
    return min(map(abs, found)) < 4e-6 or min(found) < 0 < max(found)


def _check_slopes(here: _Spot) -> None:
    """Each partial is the slope that differences measure; on a kink it lies between those around it."""
    for place in here.places:
        declared = here.slopes[place]
        if here.on_kink:
            low, high = _slopes_around(here, place)
            slack = 1e-3 * (1.0 + abs(declared))
            if math.isnan(declared) and max(-low, high) > 1e4:
                continue  # they have no bound there, and the row says that it has none
            if not low - slack <= declared <= high + slack:
                here.fail(f"declared {declared:.10g}, but around this kink it is {low:.6g} to {high:.6g}", place)
        elif here.smooth:
            tolerance = 1e-7 * _finite(declared) + 1e-9 * max(1.0, abs(here.value))
            measured = here.misfit(place, lambda point: here.primitive(*point), declared, tolerance, corners=False)
            if measured is not None and measured.kink:
                here.fail(f"a kink that is not declared: the slope is {measured}", place)
            if measured is not None:
                here.fail(f"declared {declared:.10g}, measured {measured}", place)


def _finite(x: float) -> float:
    return abs(x) if math.isfinite(x) else 0.0


def _slopes_around(here: _Spot, place: int) -> tuple[float, float]:
    """The least and the largest slope at smooth points close by: Clarke's generalised gradient."""
    near = 2.0**-16
    n = len(here.point)
    offsets = itertools.product((-near, 0.0, near), repeat=n) if n < 5 else np.kron(np.eye(n), [[near], [-near]])
    found = []
    for offset in offsets:
        point = tuple(float(x + offset[i]) if i in here.places else x for i, x in enumerate(here.point))
        if _inside(here.primitive, point) and not here.primitive.on_kink(point):
            beside = _Spot(here.primitive, point)
            found.append(beside.measured(place, lambda p: here.primitive(*p), near / 2).value)
    if not found:
        here.fail("on a kink, and so is all around it: kink= is to be zero where the formula is not smooth alone")
    return min(found), max(found)


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
            tolerance = 1e-6 * _finite(found) + 1e-8 * max(1.0, abs(here.slopes[first]))
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
        found, declared = partial(xs, 1e-14), here.slopes[place]
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

        from autograd.symbolic import constant, expand, symbol

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
            with mp.workdps(120):  # some may cancel, as in (sin(x) - x) / x**5
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
    if chosen or _hole_between(here.primitive, here.point, there.point):
        return

    def at(t: float) -> Point:
        return tuple([x if x == y else (1.0 - t) * x + t * y for x, y in zip(here.point, there.point, strict=True)])

    def state(t: float) -> tuple[float, ...]:
        value, slopes = _evaluated(here.primitive, at(t))
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
            f"{here.primitive.name}: {what} at {at(high)}: a kink that is not declared: it jumps from "
            f"{before[worst]:.6g} to {after[worst]:.6g}"
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
    measured = _slope(lambda *arrays: f(*map(Tensor, arrays)).numpy(), xs, steps)
    [seed] = _directions([measured], 1)
    scale = _scale(measured)

    found = _gradients(f, xs, seed)
    for place, (gradient, x) in enumerate(zip(found, xs, strict=True)):
        if gradient.shape != x.shape:
            _refuse(f, xs, f"the gradient of operand {place} has the shape {gradient.shape}")
    _compare(f, xs, "backward", _inner(found, steps), np.sum(measured * seed), 2e-5 * scale, 2e-5)

    leaves = [Tensor(x) for x in xs]
    y = f(*leaves)
    rate = tangents(topological_order(y), dict(zip(leaves, steps, strict=True)))[y]
    rate = np.zeros(y.shape) if rate is None else rate
    if rate.shape != y.shape:
        _refuse(f, xs, f"the rate of change has the shape {rate.shape}, the value {y.shape}")
    _compare(f, xs, "forward", rate, measured, 2e-5 * scale, 2e-5)
    _compare(f, xs, "forward against backward", np.sum(rate * seed), _inner(found, steps), 1e-9, 1e-9)
    if second:
        _check_function_again(f, xs, seed)


def _check_function_again(f: Callable[..., Any], xs: list[Array], seed: Array) -> None:
    """Reverse over reverse, and forward over reverse, against differences of the gradient."""
    steps, weights = _directions(xs, 2), _directions(xs, 3)
    measured = _slope(lambda *arrays: np.array(_inner(_gradients(f, arrays, seed), weights)), xs, steps)
    leaves = [Tensor(x) for x in xs]
    arrived = adjoints(topological_order(f(*leaves)), Tensor(seed))
    terms = [(arrived[x] * w).sum() for x, w in zip(leaves, weights, strict=True) if arrived.get(x) is not None]
    forward = reverse = 0.0
    if terms:
        total = sum(terms[1:], terms[0])
        order = topological_order(total)
        sent = adjoints(order, np.ones(()))
        reverse = _inner([_or_zeros(sent.get(x), x.shape) for x in leaves], steps)
        forward = float(_or_zeros(tangents(order, dict(zip(leaves, steps, strict=True)))[total], ()))
    scale = _scale(measured)
    _compare(f, xs, "second order, backward", reverse, measured, 2e-5 * scale, 2e-5)
    _compare(f, xs, "second order, forward against backward", forward, reverse, 1e-8, 1e-8)


def _gradients(f: Callable[..., Any], xs: Sequence[Array], seed: Array) -> list[Array]:
    """What ``seed`` at the output sends to each of the arrays."""
    leaves = [Tensor(x) for x in xs]
    arrived = adjoints(topological_order(f(*leaves)), seed)
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


def _compare(f: Any, xs: Sequence[Array], what: str, found: Any, wanted: Any, atol: float, rtol: float) -> None:
    if not np.allclose(found, wanted, rtol=rtol, atol=atol, equal_nan=True):
        _refuse(f, xs, f"{what}: {_shown(found)}, measured {_shown(wanted)}")


def _refuse(f: Any, xs: Sequence[Array], text: str) -> NoReturn:
    raise AssertionError(f"{_title(f)} at {', '.join(map(_shown, xs))}: {text}")


def _title(f: Any) -> str:
    return str(getattr(f, "name", None) or getattr(f, "__name__", None) or f)


def _shown(x: Any) -> str:
    return np.array2string(np.asarray(x), separator=", ", threshold=20, precision=10).replace("\n", "")
