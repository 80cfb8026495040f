"""Derivatives of expressions, which are expressions again: reverse mode and forward mode, written down.

Both walk over the edges of the graph with the local derivatives that the table declares, as the sweeps of the eager
engine do.  Where a varying expression was computed from a uniform one, the gradient that flows back is summed over all
samples.

>>> graph = ExpressionGraph()
>>> w, x = graph.input("w"), graph.input("x", varying=True)
>>> loss = graph.total((w * x - 1.0) ** 2)
>>> [slope] = reverse_mode(graph, [(loss, graph.constant(1.0))], [w])
>>> str(slope)
'total(2.0 * (w * x - 1.0) * x)'
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from heapq import heappop, heappush
from typing import TypeAlias

from autograd.compiler.expressions import Expression, ExpressionGraph, reachable
from autograd.compiler.operations import TOTAL
from autograd.core import rules
from autograd.core.comparisons import COMPARISONS
from autograd.core.primitive import Primitive

__all__ = [
    "Arrivals",
    "ForwardMode",
    "ReverseMode",
    "forward_mode",
    "operands_of",
    "reverse_mode",
    "reverse_sweep",
    "users_of",
]

Slope: TypeAlias = Expression | float


def reverse_mode(
    graph: ExpressionGraph,
    seeds: Sequence[tuple[Expression, Expression]],
    wanted: Sequence[Expression],
    *,
    per_sample: bool = False,
    guarded: bool = False,
) -> list[Expression]:
    """The gradient of a weighted sum of outputs.

    Args:
        graph: the graph that the derivatives are added to.
        seeds: outputs, each with its weight: the derivative that the sweep starts with.  A weight of 0 sends nothing.
        wanted: the expressions to differentiate with respect to.
        per_sample: whether gradients of uniform expressions are kept for each sample, and not summed over all samples.
        guarded: whether the gradient of an operand that is not used, such as a branch that was not taken, is set to 0
            at every step.  Without guards it becomes nan if a slope further on is infinite.

    Returns:
        A derivative for each wanted expression.

    Raises:
        TypeError: if the partials of a user's primitive cannot be written as expressions.
    """
    given = [(output, seed, seed != 0.0) for output, seed in seeds]
    sweep = reverse_sweep(graph, given, wanted, per_sample=per_sample, guarded=guarded)
    return [sweep.total(x) for x in wanted]


def reverse_sweep(
    graph: ExpressionGraph,
    seeds: Sequence[tuple[Expression, Expression, Expression]],
    wanted: Sequence[Expression],
    *,
    per_sample: bool = False,
    guarded: bool = False,
    recorded: bool = False,
) -> Arrivals:
    """What :func:`reverse_mode` finds, and where anything has arrived at all.

    Args:
        graph: the graph that the derivatives are added to.
        seeds: outputs, each with its weight, and a number that is not 0 where the weight counts.
        wanted: the expressions to differentiate with respect to.
        per_sample: as for :func:`reverse_mode`.
        guarded: as for :func:`reverse_mode`.
        recorded: whether the result is going to be differentiated again.
    """
    return ReverseMode(graph, wanted, per_sample=per_sample, guarded=guarded, recorded=recorded).sweep(seeds)


class ReverseMode:
    """Reverse sweeps to the same expressions; arguments as for :func:`reverse_sweep`.

    A sweep visits only what its outputs depend on.
    """

    def __init__(
        self,
        graph: ExpressionGraph,
        wanted: Sequence[Expression],
        *,
        per_sample: bool = False,
        guarded: bool = False,
        recorded: bool = False,
    ) -> None:
        self._graph, self._per_sample, self._guarded, self._recorded = graph, per_sample, guarded, recorded
        self._depends = _depends_on(wanted, graph.expressions)

    def sweep(self, seeds: Sequence[tuple[Expression, Expression, Expression]]) -> Arrivals:
        """One sweep from these outputs, each with its weight, and a number that is not 0 where the weight counts."""
        graph, guarded, depends = self._graph, self._guarded, self._depends
        arrivals = Arrivals(graph, guarded)
        waiting: list[int] = []  # the negative indices of expressions at which something has arrived

        def send(x: Expression, gradient: Expression, live: Expression, varying: bool) -> None:
            """Send a gradient to ``x``, along an edge whose other end is ``varying`` or not."""
            if varying and not x.varying and not self._per_sample:
                gradient = graph.total(gradient)
                if live.varying:  # derivatives of derivatives for each sample cannot be computed from a total
                    live = graph.constant(1.0) if self._recorded and x.op else graph.total(live)
            if not arrivals.at(x) and x.op is not None and depends[x.index]:
                heappush(waiting, -x.index)
            arrivals.add(x, gradient, live)

        for output, seed, live in seeds:
            send(output, seed, live, seed.varying)
        while waiting:  # what uses an expression comes before it
            x = graph.expressions[-heappop(waiting)]
            gradient, live = arrivals.total(x), arrivals.live(x)
            for operand, slope in _edges(x, lambda y: depends[y.index]):
                sent = _sent(graph, gradient, live, slope, x, guarded)
                if sent is not None:
                    send(operand, *sent, varying=x.varying)
        return arrivals


def forward_mode(
    graph: ExpressionGraph,
    rates: Mapping[Expression, Expression],
    outputs: Sequence[Expression],
    *,
    guarded: bool = False,
    zeros_send: bool = False,
) -> list[Expression]:
    """How fast the outputs change.

    Args:
        graph: the graph that the derivatives are added to.
        rates: how fast some expressions change.
        outputs: the expressions to differentiate.
        guarded: as for :func:`reverse_mode`.
        zeros_send: whether a given rate of 0 counts as computed, so that with guards it becomes nan at an infinite
            slope.  A zero that the caller chose sends nothing.

    Returns:
        A rate of change for each output.

    Raises:
        TypeError: if the partials of a user's primitive cannot be written as expressions.
    """
    sweep = ForwardMode(graph, outputs, guarded=guarded, zeros_send=zeros_send).sweep(rates)
    return [sweep.total(output) for output in outputs]


class ForwardMode:
    """Forward sweeps to the same outputs; arguments as for :func:`forward_mode`.

    A sweep visits only what depends on the expressions that change.
    """

    def __init__(
        self, graph: ExpressionGraph, outputs: Sequence[Expression], *, guarded: bool = False, zeros_send: bool = False
    ) -> None:
        self._graph, self._guarded, self._zeros_send = graph, guarded, zeros_send
        self._users = users_of(outputs)

    def sweep(self, rates: Mapping[Expression, Expression]) -> Arrivals:
        """How fast all that the outputs are computed from changes, if some expressions change at these rates."""
        graph, arrivals = self._graph, Arrivals(self._graph, self._guarded)
        waiting: list[int] = []
        met: set[int] = {x.index for x in rates}

        def add(x: Expression, rate: Expression, live: Expression) -> None:
            if not arrivals.at(x):
                for user in self._users.get(x.index, ()):
                    if user not in met:
                        met.add(user)
                        heappush(waiting, user)
            arrivals.add(x, rate, live)

        for x, rate in rates.items():
            add(x, rate, graph.constant(1.0) if self._zeros_send else rate != 0.0)
        while waiting:  # operands come before what uses them
            x = graph.expressions[heappop(waiting)]
            for y, slope in _edges(x, arrivals.at):
                sent = _sent(graph, arrivals.total(y), arrivals.live(y), slope, x, self._guarded)
                if sent is not None:
                    rate, live = sent
                    if x.op is TOTAL:
                        rate, live = graph.total(rate), graph.total(live) if live.varying else live
                    add(x, rate, live)
        return arrivals


class Arrivals:
    """What has arrived at each expression so far: gradients in reverse mode, rates of change in forward mode."""

    def __init__(self, graph: ExpressionGraph, guarded: bool) -> None:
        self._graph = graph
        self._guarded = guarded
        self._one = graph.constant(1.0)
        self._contributions: defaultdict[int, list[Expression]] = defaultdict(list)
        self._live: defaultdict[int, list[Expression]] = defaultdict(list)

    def add(self, x: Expression, contribution: Expression, live: Expression) -> None:
        """Add a contribution, and a number that is not 0 where it counts."""
        self._contributions[x.index].append(contribution)
        if self._guarded:
            self._live[x.index].append(live)

    def at(self, x: Expression) -> bool:
        """Whether anything may have arrived at ``x``."""
        return x.index in self._contributions

    def total(self, x: Expression) -> Expression:
        """The sum of all contributions at ``x``."""
        if x.index not in self._contributions:
            return self._graph.constant(0.0)
        return self._graph.sum(self._contributions[x.index])

    def live(self, x: Expression) -> Expression:
        """A number that is not 0 where anything has arrived at ``x``; known only with guards."""
        if x.index not in self._contributions:
            return self._graph.constant(0.0)
        return _either(self._live[x.index]) if self._guarded else self._one


def _depends_on(sources: Iterable[Expression], expressions: Sequence[Expression]) -> list[bool]:
    """For each expression whether it depends on one of the sources."""
    depends = [False] * len(expressions)
    for x in sources:
        depends[x.index] = True
    for x in expressions:
        for y in x.operands:
            if depends[y.index]:
                depends[x.index] = True
                break
    return depends


def operands_of(outputs: Sequence[Expression]) -> Mapping[int, list[int]]:
    """The operands of an expression, by index, for all that the outputs are computed from."""
    return {x.index: [y.index for y in x.operands] for x in reachable(outputs)}


def users_of(outputs: Sequence[Expression]) -> Mapping[int, list[int]]:
    """The expressions that use an expression, by index, among all that the outputs are computed from."""
    users: defaultdict[int, list[int]] = defaultdict(list)
    for x in reachable(outputs):
        for index in {y.index for y in x.operands}:
            users[index].append(x.index)
    return users


def _edges(x: Expression, counts: Callable[[Expression], bool]) -> list[tuple[Expression, Slope]]:
    """The operands of ``x`` that count, each with the local derivative."""
    op = x.op
    assert op is not None
    try:
        if op.variadic:
            all_slopes = op.slopes(x.operands, x)
            return [(y, slope) for y, slope in zip(x.operands, all_slopes, strict=True) if counts(y)]
        slopes: list[tuple[Expression, Slope]] = []
        for y, partial in zip(x.operands, op.partials, strict=True):
            if counts(y):
                slopes.append((y, partial(*x.operands, x)))
    except Exception as error:
        raise _only_numbers(op, "partials take", error) from error
    if op.finite_outside:  # where the value is nan, so is every slope
        return [(y, rules.where(x == x, slope, x)) for y, slope in slopes]
    return slopes


def _sent(
    graph: ExpressionGraph, arrived: Expression, live: Expression, slope: Slope, x: Expression, guarded: bool
) -> tuple[Expression, Expression] | None:
    """What passes along an edge of ``x``: ``arrived`` times the slope, and where it counts; ``None`` for nothing.

    Without guards an operand that is not used receives 0, or nan if something infinite has arrived.
    """
    assert x.op is not None
    if isinstance(slope, Expression):
        product = _product(arrived, slope)
    else:
        product = arrived if slope == 1.0 else graph.apply(rules.multiply, (arrived, slope))
    if not x.op.selects:
        return (rules.where(live, product, 0.0) if guarded else product), live
    number = slope.number if isinstance(slope, Expression) else slope
    if number == 0 and x.op.kink is None:
        return None
    if not guarded:
        return (product if number else product + 0.0), live  # the sum turns -0.0 into 0.0
    passes = _both(live, _used(graph, slope, x))
    return rules.where(passes, product, 0.0), passes


def _used(graph: ExpressionGraph, slope: Slope, x: Expression) -> Expression:
    """1 where ``x``, which selects, uses the operand with this slope, else 0; on a kink it uses all of them."""
    op = x.op
    assert op is not None
    used = graph.apply(COMPARISONS["not_equal"], [slope, 0.0])
    if op.kink is None or used.number:
        return used
    try:
        on_kink = graph.apply(COMPARISONS["equal"], [op.kink(*x.operands), 0.0])
    except Exception as error:
        raise _only_numbers(op, "kink takes", error) from error
    return graph.apply(rules.maximum, [used, on_kink])


def _either(numbers: Sequence[Expression]) -> Expression:
    """Not 0 where one of the numbers, none of which is negative, is not 0."""
    always = [x for x in numbers if x.number]
    return always[0] if always else reduce(rules.maximum, dict.fromkeys(numbers))


def _both(one: Expression, other: Expression) -> Expression:
    """Not 0 where both numbers are not 0."""
    return other if one.number else one if other.number else one * other


def _only_numbers(op: Primitive, what: str, error: Exception) -> TypeError:
    return TypeError(
        f"the derivative of {op} cannot be compiled because its {what} only numbers: write them with functions of "
        f"autograd, for instance autograd.cos instead of math.cos ({error})"
    )


def _product(gradient: Expression, slope: Expression) -> Expression:
    """``gradient * slope``; uniform factors are multiplied first, which takes one multiplication for all samples."""
    if slope.op is rules.multiply and slope.varying and not gradient.varying:
        x, y = slope.operands
        if not (x.varying and y.varying):
            uniform, varying = (y, x) if x.varying else (x, y)
            return gradient * uniform * varying
    return gradient.graph.apply(rules.multiply, (gradient, slope))
