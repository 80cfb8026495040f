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

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import TypeAlias

from autograd.compiler.expressions import Expression, ExpressionGraph
from autograd.compiler.operations import TOTAL
from autograd.core import rules

__all__ = ["forward_mode", "reverse_mode"]

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
        seeds: outputs, each with its weight: the derivative that the sweep starts with.
        wanted: the expressions to differentiate with respect to.
        per_sample: whether gradients of uniform expressions are kept for each sample, and not summed over all samples.
        guarded: whether the gradient of a branch that was not taken is set to 0 at every step.  Without guards it is 0
            at the branch itself, and becomes ``0 * inf`` if a slope further on is infinite.

    Returns:
        A derivative for each wanted expression.

    Raises:
        TypeError: if the partials of a user's primitive cannot be written as expressions.
    """
    forward = graph.expressions[: 1 + max([output.index for output, _ in seeds], default=-1)]
    depends = _depends_on([x for x in wanted if x.index < len(forward)], forward)
    sweep = _ReverseSweep(graph, per_sample)
    always = graph.constant(1.0)
    for output, seed in seeds:
        sweep.send(output, seed, always, varying=seed.varying)
    for x in reversed(forward):
        if not sweep.has_reached(x) or not any(depends[y.index] for y in x.operands):
            continue
        gradient, reached = sweep.gradient(x), sweep.condition(x)
        for operand, slope in _edges(x, depends):
            contribution = _flow(gradient, slope, x)
            if contribution is None:
                continue
            passes = reached
            if guarded:
                contribution = rules.where(reached, contribution, 0.0)
                passes = reached * (slope != 0.0) if x.op and x.op.selects else reached
            sweep.send(operand, contribution, passes, varying=x.varying)
    return [sweep.gradient(x) for x in wanted]


class _ReverseSweep:
    """What has arrived at each expression so far."""

    def __init__(self, graph: ExpressionGraph, per_sample: bool) -> None:
        self._graph = graph
        self._per_sample = per_sample
        self._contributions: dict[int, list[Expression]] = {}
        self._conditions: dict[int, list[Expression]] = {}  # numbers that are not 0 where a contribution has arrived

    def send(self, x: Expression, contribution: Expression, condition: Expression, varying: bool) -> None:
        """Send a contribution to ``x``, along an edge whose other end is ``varying`` or not."""
        if varying and not x.varying and not self._per_sample:
            contribution = self._graph.total(contribution)
            condition = self._graph.total(condition) if condition.varying else condition
        self._contributions.setdefault(x.index, []).append(contribution)
        self._conditions.setdefault(x.index, []).append(condition)

    def has_reached(self, x: Expression) -> bool:
        """Whether anything has arrived at ``x``."""
        return x.index in self._contributions

    def gradient(self, x: Expression) -> Expression:
        """The sum of all contributions at ``x``."""
        if not self.has_reached(x):
            return self._graph.constant(0.0)
        return self._graph.sum(self._contributions[x.index])

    def condition(self, x: Expression) -> Expression:
        """A number that is not 0 where anything has arrived at ``x``."""
        conditions = self._conditions[x.index]
        always = [condition for condition in conditions if condition.number]
        return always[0] if always else reduce(rules.maximum, dict.fromkeys(conditions))


def forward_mode(
    graph: ExpressionGraph, rates: Mapping[Expression, Expression], outputs: Sequence[Expression]
) -> list[Expression]:
    """How fast the outputs change.

    Args:
        graph: the graph that the derivatives are added to.
        rates: how fast some expressions change.
        outputs: the expressions to differentiate.

    Returns:
        A rate of change for each output.

    Raises:
        TypeError: if the partials of a user's primitive cannot be written as expressions.
    """
    forward = graph.expressions[: 1 + max(output.index for output in outputs)]
    depends, needed = _depends_on(rates, forward), _needed_by(outputs, forward)
    found: dict[int, Expression] = {x.index: rate for x, rate in rates.items()}
    for x in forward:
        if x.index in found or not (depends[x.index] and needed[x.index]):
            continue
        flows = [_flow(found[y.index], slope, x) for y, slope in _edges(x, depends) if y.index in found]
        rate = graph.sum([flow for flow in flows if flow is not None])
        found[x.index] = graph.total(rate) if x.op is TOTAL else rate
    return [found.get(output.index, graph.constant(0.0)) for output in outputs]


def _depends_on(sources: Iterable[Expression], expressions: Sequence[Expression]) -> list[bool]:
    """For each expression whether it depends on one of the sources."""
    depends = [False] * len(expressions)
    for x in sources:
        depends[x.index] = True
    for x in expressions:
        if x.operands and not depends[x.index]:
            depends[x.index] = any(depends[y.index] for y in x.operands)
    return depends


def _needed_by(outputs: Iterable[Expression], expressions: Sequence[Expression]) -> list[bool]:
    """For each expression whether one of the outputs depends on it."""
    needed = [False] * len(expressions)
    for output in outputs:
        needed[output.index] = True
    for x in reversed(expressions):
        if needed[x.index]:
            for y in x.operands:
                needed[y.index] = True
    return needed


def _edges(x: Expression, depends: Sequence[bool]) -> list[tuple[Expression, Slope]]:
    """The operands of ``x`` that ``depends`` marks, each with the local derivative."""
    op = x.op
    assert op is not None
    try:
        if op.variadic:
            slopes = op.slopes(x.operands, x)
            return [(y, slope) for y, slope in zip(x.operands, slopes, strict=True) if depends[y.index]]
        return [
            (y, partial(*x.operands, x)) for y, partial in zip(x.operands, op.partials, strict=True) if depends[y.index]
        ]
    except Exception as error:
        raise TypeError(
            f"the derivative of {op} cannot be compiled because its partials take only numbers: write them with "
            f"functions of autograd, for instance autograd.cos instead of math.cos ({error})"
        ) from error


def _flow(gradient: Expression, slope: Slope, x: Expression) -> Expression | None:
    """``gradient * slope`` for an operand of ``x``; nothing, not even ``0 * nan``, where ``x`` does not select it."""
    selects = x.op is not None and x.op.selects
    number = slope.number if isinstance(slope, Expression) else slope
    if number is not None:
        return None if selects and number == 0 else gradient * number
    assert isinstance(slope, Expression)
    if not selects:
        return _product(gradient, slope)
    graph = gradient.graph
    if slope.op is rules.where:
        condition, *branches = slope.operands
        flows = [_flow(gradient, branch, x) for branch in branches]
        return graph.apply(rules.where, [condition, *[0.0 if flow is None else flow for flow in flows]])
    return graph.apply(rules.where, [slope != 0.0, gradient * slope, 0.0])


def _product(gradient: Expression, slope: Expression) -> Expression:
    """``gradient * slope``; uniform factors are multiplied first, which takes one multiplication for all samples."""
    if slope.op is rules.multiply and slope.varying and not gradient.varying:
        x, y = slope.operands
        if not (x.varying and y.varying):
            uniform, varying = (y, x) if x.varying else (x, y)
            return gradient * uniform * varying
    return gradient * slope
