"""The edge at fault: every edge of a graph is measured by itself.

A wrong gradient comes from a wrong local derivative, or from a missing edge.  So the local derivatives that each
operation declares are compared with differences of its own formula, without the rest of the graph.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from autograd.arrays.array_operation import ArrayOperation
from autograd.arrays.operands import to_numpy
from autograd.arrays.tensor import Tensor
from autograd.checks.measurement import Measured, measured_slope
from autograd.checks.tracing import TracedGraph
from autograd.core.aliases import Array
from autograd.core.primitive import Primitive
from autograd.core.sweep import is_node, tangents, topological_order
from autograd.core.value import Value, number_of
from autograd.explain.graph import on_kink
from autograd.transforms.gradients import grad

__all__ = ["agrees", "curvature_faults", "slope_faults"]

Fault: TypeAlias = tuple[str, str]
"""An edge of a node, and what is wrong with it, in words."""

_ROUNDING = 64.0  # how many units in the last place a sweep may be off
_WORST = 8  # how many entries of an elementwise operation are measured: those that look worst
_SAMPLE = 64  # how many entries are drawn where checking all of them would take long


def agrees(
    measured: Measured, declared: float, tolerance: float, scale: float = 0.0, epsilon: float = 2.0**-52
) -> bool:
    """Whether a derivative is what was measured, up to a relative tolerance and to rounding at ``scale``.

    A slope that could not be measured agrees with everything.
    """
    if np.isnan(measured.value):
        return True
    size = max((abs(x) for x in (declared, measured.value) if np.isfinite(x)), default=0.0)
    slack = tolerance * size + _ROUNDING * epsilon * max(size, scale)
    return measured.admits(declared, slack)


# ---------------------------------------------------------------------------------------------------------------------
# First derivatives
# ---------------------------------------------------------------------------------------------------------------------


def slope_faults(graph: TracedGraph, tolerance: float) -> list[str]:
    """The edges whose local derivative is not the measured one, in words."""
    return _listed(graph, _slopes, tolerance)


def curvature_faults(graph: TracedGraph, tolerance: float) -> list[str]:
    """The edges whose local derivative has a wrong derivative itself, in words."""
    return _listed(graph, _curvatures, tolerance)


def _listed(graph: TracedGraph, faults_of: Callable[[Any, float], Iterator[Fault]], tolerance: float) -> list[str]:
    with np.errstate(all="ignore"):
        return [
            f"{node.op.name}, {edge}, at {graph.place(node)}: {fault}"
            for node in graph.order
            if node.op is not None
            for edge, fault in faults_of(node, tolerance)
        ]


def _slopes(node: Any, tolerance: float) -> Iterator[Fault]:
    if isinstance(node, Tensor):
        if isinstance(node.op, ArrayOperation):
            yield from _array_slopes(node, tolerance)
        else:
            yield from _elementwise_slopes(node, tolerance)
        return
    at = list(map(number_of, node.operands))
    for place, (operand, declared) in enumerate(zip(node.operands, node.slopes, strict=True)):
        if isinstance(operand, Value):
            measured = measured_slope(_along(node.op.formula, at, place), at[place])
            if not agrees(measured, declared, tolerance):
                yield f"argument {place + 1}", f"declared {declared!r}, measured {measured}"


def _along(f: Callable[..., Any], at: Sequence[Any], place: int) -> Callable[[Any], Any]:
    """The function of one operand, the others held fixed."""
    return lambda x: f(*at[:place], x, *at[place + 1 :])


def _elementwise_slopes(node: Any, tolerance: float) -> Iterator[Fault]:
    """The worst entry of each operand of an elementwise operation."""
    columns = [np.broadcast_to(to_numpy(x).astype(float), node.shape) for x in node.operands]
    for place, operand in enumerate(node.operands):
        if not is_node(operand):
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
    """The entries at which a rough difference is farthest from the declared slope."""
    h = 1e-5 * np.maximum(1.0, abs(x))
    try:
        off = abs((f(x + h) - f(x - h)) / (2 * h) - declared) / (1e-9 + abs(declared))
    except (ArithmeticError, ValueError):  # a step left the domain
        off = np.zeros(x.shape)
    order = np.argsort(-np.nan_to_num(off, nan=np.inf).ravel(), kind="stable")[:_WORST]
    return [tuple(map(int, np.unravel_index(i, x.shape))) for i in order]


@dataclass
class _Isolated:
    """An array operation applied to new leaves, with a random direction for each of them."""

    node: Any
    operands: list[Any]  # Tensors, and constants
    steps: list[Any]
    weights: Array  # of the entries of the output, whose weighted sum is one number

    @classmethod
    def of(cls, node: Any) -> _Isolated:
        rng = np.random.default_rng(0)
        operands = [Tensor(to_numpy(x).astype(float)) if is_node(x) else x for x in node.operands]
        isolated = node.op(*operands, **node.options)
        steps = [_direction(rng, x) if isinstance(x, Tensor) else None for x in operands]
        return cls(isolated, operands, steps, _direction(rng, isolated))

    def places(self) -> list[int]:
        return [place for place, step in enumerate(self.steps) if step is not None]

    def value(self, place: int, s: float) -> float:
        """The weighted output after the operand at ``place`` has moved by ``s`` steps."""
        moved = list(map(to_numpy, self.operands))
        moved[place] = moved[place] + s * self.steps[place]
        return float(np.sum(self.weights * self.node.op.forward(*moved, **self.node.options)))


def _direction(rng: np.random.Generator, like: Any) -> Array:
    """Random numbers, none of them close to zero, in the shape of ``like``."""
    return np.asarray(rng.uniform(0.5, 1.5, like.shape) * rng.choice([-1.0, 1.0], like.shape))


def _array_slopes(node: Any, tolerance: float) -> Iterator[Fault]:
    """Compare the vjp and the jvp of an array operation with differences along a random direction of each operand."""
    isolated = _Isolated.of(node)
    pulled = [contribution for _, contribution in isolated.node.pull(isolated.weights)]
    for place, gradient in zip(isolated.places(), pulled, strict=True):
        step = isolated.steps[place]
        measured = measured_slope(partial(isolated.value, place), 0.0)
        rate = isolated.node.push({isolated.operands[place]: step})
        for rule, terms in (("vjp", gradient * step), ("jvp", isolated.weights * rate)):
            declared = float(np.sum(terms))
            if not agrees(measured, declared, tolerance, float(np.sum(abs(terms)))):
                along = "along a random direction"
                yield f"argument {place + 1}", f"its {rule} gives {declared:.9g} {along}, measured {measured}"


# ---------------------------------------------------------------------------------------------------------------------
# Second derivatives
# ---------------------------------------------------------------------------------------------------------------------


def _curvatures(node: Any, tolerance: float) -> Iterator[Fault]:
    if isinstance(node.op, ArrayOperation):
        yield from _array_curvatures(node, tolerance)
    elif not on_kink(node):
        nodes = [place for place, x in enumerate(node.operands) if is_node(x)]
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
            if not agrees(measured, declared, max(tolerance, 1e-5), 1.0):
                with_respect = f"its derivative in argument {other + 1}"
                yield f"argument {place + 1}", f"{with_respect} is {declared!r}, but measured {measured}"


def _partial(op: Primitive, at: list[float], place: int, other: int, x: Any) -> Any:
    """The local derivative in one operand as a node, with ``x`` for another operand."""
    moved = [*at[:other], x, *at[other + 1 :]]
    out = op(*moved)
    found = op.partials[0](moved, out)[place] if op.variadic else op.partials[place](*moved, out)
    return found + 0.0 * x  # a node even if the partial is a constant


def _measured_partial(op: Primitive, at: list[float], place: int, other: int, x: float) -> float:
    moved = [*at[:other], x, *at[other + 1 :]]
    return measured_slope(_along(op.formula, moved, place), moved[place]).value


def _array_curvatures(node: Any, tolerance: float) -> Iterator[Fault]:
    """Compare the derivatives of an array operation's vjp with differences of differences of its values."""
    isolated = _Isolated.of(node)
    sent = [contribution for _, contribution in isolated.node.pull(Tensor(isolated.weights))]
    for place, contribution in zip(isolated.places(), sent, strict=True):
        along = (contribution * isolated.steps[place]).sum()
        rate = tangents(topological_order(along), {isolated.operands[place]: isolated.steps[place]})[along]
        declared = 0.0 if rate is None else rate.item()
        measured = measured_slope(partial(_measured_step, isolated, place), 0.0)
        if not agrees(measured, declared, max(tolerance, 1e-5), 1.0):
            yield f"argument {place + 1}", f"its vjp changes by {declared:.9g} along a random step, measured {measured}"


def _measured_step(isolated: _Isolated, place: int, s: float) -> float:
    return measured_slope(partial(isolated.value, place), s).value
