"""Which edge is wrong: every edge of a graph measured alone.

A gradient that is wrong comes from a local derivative that is wrong, or from an edge that is missing.  So the graph is
recorded once more, with the line of the user's code that made each node, and what every operation declares is held
against the differences of its own formula, with nothing else of the graph in between.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from autograd.arrays.array_operation import ArrayOperation
from autograd.arrays.operands import to_numpy
from autograd.arrays.tensor import Tensor
from autograd.checks.differences import Measured, measured_slope
from autograd.core.errors import user_line
from autograd.core.nested import entries
from autograd.core.primitive import Primitive
from autograd.core.sweep import adjoints, node_names, tangents, topological_order
from autograd.core.value import Value
from autograd.core.watching import Watcher, watch
from autograd.transforms.gradients import grad

__all__ = [
    "Recording",
    "agrees",
    "curvature_faults",
    "kinks",
    "nan_in_gradient",
    "nan_in_values",
    "slope_faults",
    "triangular",
]

Array = np.ndarray[Any, Any]
Fault = tuple[str, str]  # which edge of a node, and what is wrong with it

_ROUNDING = 64.0  # how many units in the last place a sweep may be off
_WORST = 8  # how many entries of an elementwise operation are measured: those that look worst
_SAMPLE = 64  # how many entries are drawn where looking at all would take long


class Recording:
    """The graph of one call of a function, and where in the user's code its nodes were made.

    Args:
        f: the function.
        leaves: its arguments, with new nodes for their entries.
        arguments: what the user calls these entries.

    Attributes:
        outputs: the nodes that the function returned.
        order: all nodes, parents before children.
    """

    def __init__(self, f: Callable[..., Any], leaves: Sequence[Any], arguments: Sequence[str]) -> None:
        lines = _Lines()
        before = watch(lines)
        try:
            output = f(*leaves)
        finally:
            watch(before)
        self.outputs = [node for node in entries(output) if isinstance(node, (Value, Tensor))]
        self.order = topological_order(*self.outputs)
        names = node_names(self.order)
        names.update(zip(entries(leaves), arguments, strict=True))
        self._places = {node: name + lines.by_node.get(node, "") for node, name in names.items()}

    def place(self, node: Any) -> str:
        """A node's name, and the file and line that made it."""
        return self._places[node]

    def operation(self, node: Any) -> str:
        """The operation of a node, and where it stands."""
        return f"{node.op.name} at {self.place(node)}" if node.op is not None else self.place(node)


class _Lines(Watcher):
    """Which line of the user's code made each node that is made in this thread meanwhile."""

    def __init__(self) -> None:
        self.by_node: dict[Any, str] = {}

    def made(self, node: Any) -> None:
        """Note the line that is being executed."""
        self.by_node[node] = user_line()


def agrees(
    measured: Measured, declared: float, tolerance: float, scale: float = 1.0, epsilon: float = 2.0**-52
) -> bool:
    """Whether a derivative is what was measured, but for a relative tolerance and for rounding at ``scale``.

    Where nothing could be measured, nothing disagrees.
    """
    if np.isnan(measured.value):
        return True
    size = max((abs(x) for x in (declared, measured.value) if np.isfinite(x)), default=0.0)
    slack = tolerance * size + _ROUNDING * epsilon * max(1.0, size, scale)
    return measured.admits(declared, slack)


# ---------------------------------------------------------------------------------------------------------------------
# Kinks, and numbers that are none
# ---------------------------------------------------------------------------------------------------------------------


def kinks(graph: Recording) -> tuple[str, ...]:
    """The nodes at whose operands the primitive is not smooth."""
    return tuple(graph.operation(node) for node in graph.order if _on_kink(node))


def _on_kink(node: Any) -> bool:
    op = node.op
    if not isinstance(op, Primitive) or op.kink is None:
        return False
    with np.errstate(all="ignore"):
        return bool(np.any(np.equal(op.kink(*map(to_numpy, node.operands)), 0.0)))


def nan_in_values(graph: Recording) -> str:
    """Where the first number arose that is not finite, on the way to an output that is not."""
    node = next(output for output in graph.outputs if not _finite(to_numpy(output)))
    while bad := [parent for parent in node.parents if not _finite(to_numpy(parent))]:
        node = bad[0]
    number = to_numpy(node)[~np.isfinite(to_numpy(node))].flat[0]
    return f"the value is {number:g} from {graph.operation(node)} on"


def nan_in_gradient(graph: Recording, infinite: bool = False) -> str:
    """Where a sweep, backward or else forward, first meets a number that is none; or if asked for, an infinite one."""
    met: list[str] = []

    def pull(node: Any, gradient: Any) -> list[tuple[Any, Any]]:
        sent = list(node.pull(gradient))
        for place, (_, contribution) in enumerate(sent):
            wrong = np.isnan(contribution) | (infinite & np.isinf(contribution))
            if not met and np.any(wrong):
                number = np.asarray(contribution)[wrong].flat[0]
                met.append(f"{number:g} from {node.op.name}, argument {place + 1}, at {graph.place(node)}")
        return sent

    with np.errstate(all="ignore"):
        adjoints(graph.order, {output: np.ones_like(to_numpy(output))[()] for output in graph.outputs}, pull)
    if met:
        return f"the gradient is {met[0]} on"
    with np.errstate(all="ignore"):
        rates = tangents(
            graph.order, {leaf: np.ones_like(to_numpy(leaf))[()] for leaf in graph.order if leaf.op is None}
        )
    first = [node for node, rate in rates.items() if rate is not None and np.any(np.isnan(rate))]
    return (
        f"the rate of change is nan from {graph.operation(first[0])} on" if first else "a local slope has none itself"
    )


def _finite(x: Array) -> bool:
    return bool(np.all(np.isfinite(x)))


# ---------------------------------------------------------------------------------------------------------------------
# First derivatives
# ---------------------------------------------------------------------------------------------------------------------


def slope_faults(graph: Recording, tolerance: float) -> list[str]:
    """Every edge whose local derivative is not what is measured there, in words."""
    return _listed(graph, _slopes, tolerance)


def curvature_faults(graph: Recording, tolerance: float) -> list[str]:
    """Every edge whose local derivative has a wrong derivative, in words."""
    return _listed(graph, _curvatures, tolerance)


def _listed(graph: Recording, faults: Callable[[Any, float], Iterator[Fault]], tolerance: float) -> list[str]:
    with np.errstate(all="ignore"):
        return [
            f"{node.op.name}, {edge}, at {graph.place(node)}: {fault}"
            for node in graph.order
            if node.op is not None
            for edge, fault in faults(node, tolerance)
        ]


def _slopes(node: Any, tolerance: float) -> Iterator[Fault]:
    if isinstance(node, Tensor):
        if isinstance(node.op, ArrayOperation):
            yield from _rules(node, tolerance)
        else:
            yield from _elements(node, tolerance)
        return
    at = [float(operand) for operand in node.operands]
    for place, (operand, declared) in enumerate(zip(node.operands, node.slopes, strict=True)):
        if isinstance(operand, Value):
            measured = measured_slope(_along(node.op.formula, at, place), at[place])
            if not agrees(measured, declared, tolerance):
                yield f"argument {place + 1}", f"declared {declared!r}, measured {measured}"


def _along(f: Callable[..., Any], at: Sequence[Any], place: int) -> Callable[[Any], Any]:
    """A function of one operand, the others held fixed."""
    return lambda x: f(*at[:place], x, *at[place + 1 :])


def _elements(node: Any, tolerance: float) -> Iterator[Fault]:
    """An elementwise operation: of each operand the entry that is worst."""
    columns = [np.broadcast_to(to_numpy(x).astype(float), node.shape) for x in node.operands]
    for place, operand in enumerate(node.operands):
        if not isinstance(operand, (Value, Tensor)):
            continue
        leaf = Tensor(columns[place])
        ((_, declared),) = _along(node.op, columns, place)(leaf).pull(np.ones(node.shape))
        found = []
        for index in _suspects(_along(node.op, columns, place), columns[place], declared):
            at = [column[index] for column in columns]
            measured = measured_slope(_along(node.op, at, place), float(at[place]))
            if not agrees(measured, float(declared[index]), tolerance):
                found.append((abs(measured.value - declared[index]), index, measured))
        if found:
            _, index, measured = max(found, key=lambda fault: np.nan_to_num(fault[0]))
            entry = f", entry [{', '.join(map(str, index))}]" if index else ""
            yield f"argument {place + 1}{entry}", f"declared {float(declared[index])!r}, measured {measured}"


def _suspects(f: Callable[[Any], Any], x: Array, declared: Array) -> list[tuple[int, ...]]:
    """The entries at which a rough difference is farthest from what is declared."""
    h = 1e-5 * np.maximum(1.0, abs(x))
    try:
        off = abs((f(x + h) - f(x - h)) / (2 * h) - declared) / (1e-9 + abs(declared))
    except (ArithmeticError, ValueError):  # some step left the domain
        off = np.zeros(x.shape)
    order = np.argsort(-np.nan_to_num(off, nan=np.inf).ravel(), kind="stable")[:_WORST]
    return [tuple(map(int, np.unravel_index(i, x.shape))) for i in order]


@dataclass
class _Alone:
    """An array operation with leaves of its own for operands, and a random direction of each of them."""

    node: Any
    operands: list[Any]  # Tensors, and constants
    steps: list[Any]
    weights: Array  # of the output: with these it becomes one number

    @classmethod
    def of(cls, node: Any) -> _Alone:
        rng = np.random.default_rng(0)
        operands = [Tensor(to_numpy(x).astype(float)) if isinstance(x, (Value, Tensor)) else x for x in node.operands]
        alone = node.op(*operands, **node.options)
        steps = [_direction(rng, x) if isinstance(x, Tensor) else None for x in operands]
        for place, step in enumerate(steps):
            if step is not None and _reads_one_triangle(node, operands, place):
                steps[place] = step + np.swapaxes(step, -1, -2)
        return cls(alone, operands, steps, _direction(rng, alone))

    def places(self) -> list[int]:
        return [place for place, step in enumerate(self.steps) if step is not None]

    def value(self, place: int, s: float) -> float:
        """The weighted output when the operand at ``place`` has gone ``s`` steps."""
        moved = list(map(to_numpy, self.operands))
        moved[place] = moved[place] + s * self.steps[place]
        return float(np.sum(self.weights * self.node.op.forward(*moved, **self.node.options)))


def _direction(rng: np.random.Generator, like: Any) -> Array:
    """Random numbers, none of them close to zero."""
    return np.asarray(rng.uniform(0.5, 1.5, like.shape) * rng.choice([-1.0, 1.0], like.shape))


def triangular(graph: Recording) -> tuple[str, ...]:
    """The operations that read one triangle of a symmetric matrix alone, as Cholesky's does."""
    return tuple(
        graph.operation(node)
        for node in graph.order
        if isinstance(node.op, ArrayOperation)
        and any(_reads_one_triangle(node, node.operands, place) for place in range(len(node.operands)))
    )


def _reads_one_triangle(node: Any, operands: Sequence[Any], place: int) -> bool:
    """Whether an operation takes symmetric matrices for granted."""
    numbers = list(map(to_numpy, operands))
    x, value = numbers[place], _along(partial(node.op.forward, **node.options), numbers, place)
    if x.ndim < 2 or x.shape[-1] != x.shape[-2] or not np.array_equal(x, np.swapaxes(x, -1, -2)):
        return False
    whole = value(x)
    unchanged = []
    for triangle in (np.tril, np.triu):
        try:
            unchanged.append(np.array_equal(value(triangle(x)), whole))
        except (ArithmeticError, ValueError):
            unchanged.append(False)
    return sum(unchanged) == 1


def _rules(node: Any, tolerance: float) -> Iterator[Fault]:
    """An array operation: its vjp and its jvp against differences along a random direction of each operand."""
    alone = _Alone.of(node)
    pulled = [contribution for _, contribution in alone.node.pull(alone.weights)]
    for place, gradient in zip(alone.places(), pulled, strict=True):
        step = alone.steps[place]
        measured = measured_slope(partial(alone.value, place), 0.0)
        rate = alone.node.push({alone.operands[place]: step})
        for rule, terms in (("vjp", gradient * step), ("jvp", alone.weights * rate)):
            declared = float(np.sum(terms))
            if not agrees(measured, declared, tolerance, float(np.sum(abs(terms)))):
                along = "along a random direction"
                yield f"argument {place + 1}", f"its {rule} gives {declared:.9g} {along}, measured {measured}"


# ---------------------------------------------------------------------------------------------------------------------
# Second derivatives
# ---------------------------------------------------------------------------------------------------------------------


def _curvatures(node: Any, tolerance: float) -> Iterator[Fault]:
    if isinstance(node.op, ArrayOperation):
        yield from _rules_of_rules(node, tolerance)
    elif not _on_kink(node):
        nodes = [place for place, x in enumerate(node.operands) if isinstance(x, (Value, Tensor))]
        shape = node.shape if isinstance(node, Tensor) else ()
        columns = [np.broadcast_to(to_numpy(x).astype(float), shape) for x in node.operands]
        indices = list(np.ndindex(shape))
        for index in random.Random(0).sample(indices, min(len(indices), _SAMPLE)):
            found = list(_scalar_curvatures(node.op, [float(x[index]) for x in columns], nodes, tolerance))
            yield from found
            if found:
                return


def _scalar_curvatures(op: Primitive, at: list[float], nodes: list[int], tolerance: float) -> Iterator[Fault]:
    for place in nodes:
        for other in nodes:
            declared = grad(partial(_partial, op, at, place, other))(at[other])
            measured = measured_slope(partial(_measured_partial, op, at, place, other), at[other])
            if not agrees(measured, declared, max(tolerance, 1e-5)):
                with_respect = f"its derivative in argument {other + 1}"
                yield f"argument {place + 1}", f"{with_respect} is {declared!r}, but measured {measured}"


def _partial(op: Primitive, at: list[float], place: int, other: int, x: Any) -> Any:
    """The local derivative in one operand as a node, when another operand is ``x``."""
    moved = [*at[:other], x, *at[other + 1 :]]
    out = op(*moved)
    found = op.partials[0](moved, out)[place] if op.variadic else op.partials[place](*moved, out)
    return found + 0.0 * x  # a node, also where the partial is a constant


def _measured_partial(op: Primitive, at: list[float], place: int, other: int, x: float) -> float:
    moved = [*at[:other], x, *at[other + 1 :]]
    return measured_slope(_along(op.formula, moved, place), moved[place]).value


def _rules_of_rules(node: Any, tolerance: float) -> Iterator[Fault]:
    """An array operation: the derivatives of its vjp, against differences of differences of its values."""
    alone = _Alone.of(node)
    sent = [contribution for _, contribution in alone.node.pull(Tensor(alone.weights))]
    for place, contribution in zip(alone.places(), sent, strict=True):
        along = (contribution * alone.steps[place]).sum()
        rate = tangents(topological_order(along), {alone.operands[place]: alone.steps[place]})[along]
        declared = 0.0 if rate is None else float(rate)
        measured = measured_slope(partial(_measured_step, alone, place), 0.0)
        if not agrees(measured, declared, max(tolerance, 1e-5)):
            yield f"argument {place + 1}", f"its vjp changes by {declared:.9g} along a random step, measured {measured}"


def _measured_step(alone: _Alone, place: int, s: float) -> float:
    return measured_slope(partial(alone.value, place), s).value
