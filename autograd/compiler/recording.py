"""Recording: what a function of numbers computes, as expressions that can be computed again with other numbers.

The function is run with Values in place of numbers, so it may do whatever an eager computation may do: loops, lists,
networks with parameters.  Only what depends on the *size* of a number cannot be recorded, and raises: reading the
number, branching on it, assigning to it.  Comparisons are recorded, for use with :func:`autograd.where`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from autograd.compiler.expressions import Expression, ExpressionGraph
from autograd.core.aliases import Structure
from autograd.core.comparisons import COMPARISONS
from autograd.core.errors import user_line
from autograd.core.grad_mode import enable_grad
from autograd.core.nested import entries, rebuild
from autograd.core.sweep import Node, is_node, topological_order
from autograd.core.value import Value, record
from autograd.core.watching import Watcher, watch

__all__ = ["Recording", "RecordingError", "record_function"]


class RecordingError(TypeError):
    """A compiled function does something that cannot be recorded."""

    __module__ = "autograd"


@dataclass(frozen=True)
class Recording:
    """What a function computes.

    Attributes:
        graph: everything that it computes.
        inputs: the expressions of its arguments, in order.
        outputs: the expressions of the numbers that it returns, in order.
        structure: the structure that it returned, nested lists, tuples and dicts, with ``None`` for each number.
        captured: the Values from outside that it uses, such as the parameters of a network, with their expressions.
    """

    graph: ExpressionGraph
    inputs: list[Expression]
    outputs: list[Expression]
    structure: Structure
    captured: dict[Value, Expression]


def record_function(
    function: Callable[[list[Value]], Structure],
    names: Sequence[str],
    varying: Sequence[bool],
    numbers: Sequence[float],
) -> Recording:
    """Run a function with Values and write down what it computes.

    The function is run twice, the second time with other numbers.  This detects a function that does not do the same
    each time: one that draws random numbers, counts its calls, or has read a number.

    Args:
        function: takes a list with a Value for each input, and returns a structure of Values.
        names: the names of the inputs.
        varying: for each input whether it differs from sample to sample.
        numbers: for each input the number to run the function with.

    Raises:
        RecordingError: if the function cannot be recorded; it says why.
    """
    runs = [_Run(function, numbers), _Run(function, [x + 0.001 * (1.0 + abs(x)) for x in numbers])]
    constants = _constants(*runs)
    first, second = (run.recording(names, varying, constants) for run in runs)
    if _fingerprint(first) != _fingerprint(second):
        raise RecordingError(
            "a compiled function must do the same each time, but running it twice recorded two different "
            "computations: pass what changes, such as random numbers, as an argument"
        )
    return first


class _Run:
    """One run of a function with Values."""

    def __init__(self, function: Callable[[list[Value]], Structure], numbers: Iterable[float]) -> None:
        self.inputs = [Value(number) for number in numbers]
        with _watching():
            structure = function(self.inputs)
        self.results = [_result(x) for x in entries(structure)]
        self.structure = rebuild(structure, [None] * len(self.results))
        self.order: list[Node] = topological_order(*[x for x in self.results if isinstance(x, Value)])
        known = set(self.inputs)
        self.captured = [x for x in self.order if isinstance(x, Value) and x.op is None and x not in known]

    def recording(self, names: Iterable[str], varying: Iterable[bool], constants: Container[Value]) -> Recording:
        """The computation as expressions, where the Values in ``constants`` are numbers."""
        graph = ExpressionGraph()
        inputs = [graph.input(name, varies) for name, varies in zip(names, varying, strict=True)]
        known: dict[Any, Expression] = dict(zip(self.inputs, inputs, strict=True))
        captured: dict[Value, Expression] = {}
        for node in self.order:
            if node in known:
                continue
            if not isinstance(node, Value):
                raise RecordingError(f"a compiled function computes with single numbers, but this one uses {node!r}")
            if node in constants:
                known[node] = graph.constant(node.data)
            elif node.op is None:
                known[node] = captured[node] = graph.input(node.label or f"captured[{len(captured)}]")
            else:
                known[node] = graph.apply(node.op, [known[x] if isinstance(x, Value) else x for x in node.operands])
        outputs = [known[x] if isinstance(x, Value) else graph.constant(x) for x in self.results]
        return Recording(graph, inputs, outputs, self.structure, captured)


def _constants(first: _Run, second: _Run) -> set[Value]:
    """The leaves that a function creates in each run with the same number, as in ``total = Value(0.0)``."""
    pairs = zip(first.captured, second.captured, strict=False)
    return {leaf for x, y in pairs if x is not y and repr(x.data) == repr(y.data) for leaf in (x, y)}


def _result(x: Any) -> Value | float:
    """A number that a function returned."""
    if isinstance(x, Value):
        return x
    if is_node(x):
        raise RecordingError(f"a compiled function computes single numbers, Values, but it returned {x!r}")
    if isinstance(x, (Real, np.bool_)) or (isinstance(x, np.ndarray) and not x.ndim and x.dtype.kind in "biuf"):
        return float(x)
    raise RecordingError(f"a compiled function returns numbers, in nested lists, tuples and dicts, not {x!r}")


def _fingerprint(recording: Recording) -> object:
    """Equal for two recordings of the same computation; numbers are text, because nan does not equal itself."""
    graph = [(x.op, [y.index for y in x.operands], repr(x.number), x.name) for x in recording.graph.expressions]
    outputs = rebuild(recording.structure, [x.index for x in recording.outputs])
    return graph, outputs, list(map(id, recording.captured))


# ---------------------------------------------------------------------------------------------------------------------
# Watching the function
# ---------------------------------------------------------------------------------------------------------------------


class _RecordingWatcher(Watcher):
    """Records comparisons, and refuses what a recording cannot repeat."""

    only_form = True

    def read(self, value: Value, how: str) -> None:
        raise RecordingError(
            f"a compiled function cannot use the number of {_name(value)} for {how}{user_line()}: it is recorded "
            f"once for all numbers; choose with autograd.where, and loop a fixed number of times"
        )

    def write(self, value: Value, what: str) -> None:
        raise RecordingError(
            f"a compiled function cannot assign to {what} of {_name(value)}{user_line()}: that would happen only "
            f"once, when it is recorded; return what is needed instead"
        )

    def compare(self, relation: str, x: Value, y: Value | float) -> Value:
        return record(COMPARISONS[relation], (x, y))


def _name(value: Value) -> str:
    return value.label or ("an input" if value.op is None else f"a result of {value.op.name}")


@contextmanager
def _watching() -> Iterator[None]:
    before = watch(_RecordingWatcher())
    try:
        with enable_grad():
            yield
    finally:
        watch(before)
