"""Where to look for mistakes: random points of primitives, random expressions, arrays and graphs, for hypothesis.

They are exported by :mod:`autograd.testing`, and need ``pip install "pathgrad[test]"``.
"""

from __future__ import annotations

import inspect
import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np

from autograd.arrays.tensor import Tensor
from autograd.core import rules
from autograd.core.primitive import REAL, Interval, Primitive
from autograd.core.value import Value
from autograd.dialects.python import Source

try:
    from hypothesis import strategies as st
    from hypothesis.extra import numpy as numpy_strategies
    from hypothesis.strategies import SearchStrategy
except ImportError:
    raise ImportError(
        'strategies and checks need hypothesis, which is not installed: pip install "pathgrad[test]"'
    ) from None

__all__ = ["Expression", "Graph", "arrays", "expressions", "graphs", "points"]

Array = np.ndarray[Any, Any]
Point: TypeAlias = tuple[float, ...]

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
        lambda n: st.tuples(*[coordinate(interval, reach) for interval in domain_of(primitive, n)])
    )
    if kinks:
        return found.flatmap(lambda start: _kinks(primitive, start, reach)).filter(
            lambda point: all(map(_fits, point, domain_of(primitive, len(point)))) and primitive.on_kink(point)
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


def domain_of(primitive: Primitive, n: int) -> tuple[Interval, ...]:
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


def inside(primitive: Primitive, point: Point) -> bool:
    return all(x in interval for x, interval in zip(point, domain_of(primitive, len(point)), strict=True))


def _differentiable(primitive: Primitive, point: Point) -> bool:
    """Whether the row declares a derivative there: no kink, and no vertical tangent."""
    try:
        return not primitive.on_kink(point) and all(map(math.isfinite, evaluated(primitive, point)[1]))
    except (ArithmeticError, ValueError):
        return False


def evaluated(primitive: Primitive, point: Point) -> tuple[float, tuple[float, ...]]:
    """Value and slopes, as a graph records them; the slope in an operand that chooses is 0."""
    places = variable_places(primitive, len(point))
    y = primitive(*[Value(x) if place in places else x for place, x in enumerate(point)])
    return (y.data, y.slopes) if isinstance(y, Value) else (y, (0.0,) * len(point))


def variable_places(primitive: Primitive, n: int) -> list[int]:
    """The places of the operands that have a derivative, and do not only choose."""
    return [place for place, interval in enumerate(domain_of(primitive, n)) if not interval.whole]


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


def _sign_change(primitive: Primitive, start: Point, end: Point) -> Point | None:
    """The point on the line between two where the kink function changes its sign, by bisection."""

    def kink(point: Point) -> float:
        return float(primitive.kink(*point)) if primitive.kink is not None else math.nan

    below, above = (start, end) if kink(start) < kink(end) else (end, start)
    if not kink(below) < 0.0 < kink(above) or hole_between(primitive, start, end):
        return None
    while True:
        middle = tuple((x + y) / 2 + 0.0 for x, y in zip(below, above, strict=True))
        if middle in (below, above) or not kink(middle):
            return middle
        below, above = (middle, above) if kink(middle) < 0 else (below, middle)


def hole_between(primitive: Primitive, start: Point, end: Point) -> bool:
    """Whether the way from one point to another leaves the domain."""
    intervals = domain_of(primitive, len(start))
    return any(_holes(interval, min(x, y), max(x, y)) for x, y, interval in zip(start, end, intervals, strict=True))


def moved(point: Point, place: int, x: float) -> Point:
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
        return str(
            _evaluate_tree(self.tree, names, lambda row, operands: _written(row, list(map(Source.lift, operands))))
        )

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
            written = _written(row, [Source(x) if isinstance(x, str) else Source.lift(x) for x in operands])
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
