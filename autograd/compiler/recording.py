"""Recording: what a function of numbers computes, as expressions that can be computed again with other numbers.

The function is run with Values in place of numbers, so it may do whatever an eager computation may do: loops, lists,
networks with parameters.  Only what depends on the *size* of a number cannot be recorded, and raises: reading the
number, branching on it, assigning to it.  Comparisons are recorded, for use with :func:`autograd.where`.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from autograd.compiler.collector import paused
from autograd.compiler.expressions import Expression, ExpressionGraph
from autograd.core.aliases import Structure
from autograd.core.comparisons import COMPARISONS
from autograd.core.errors import GraphLeftError, hidden, user_line
from autograd.core.escaping import printable
from autograd.core.grad_mode import enable_grad
from autograd.core.nested import entries, rebuild
from autograd.core.scope import enter_scope, open_scopes, ways_to_stay
from autograd.core.sweep import Node, is_node, topological_order
from autograd.core.value import Value, parents_first, record
from autograd.core.watching import Watcher, current, watch

__all__ = ["Recording", "RecordingError", "is_recording", "record_function"]

__tracebackhide__ = hidden


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
        structure: the structure that it returned, nested lists, tuples and dicts, with ``None`` for each entry.
        shapes: for each entry the shape of the array; ``None`` for a number.
        captured: the Values from outside that it uses, such as the parameters of a network, with their expressions.
            These are leaves, Values that were computed from a Tensor, and those that a running transform has made.
    """

    graph: ExpressionGraph
    inputs: list[Expression]
    outputs: list[Expression]
    structure: Structure
    shapes: list[tuple[int, ...] | None]
    captured: dict[Value, Expression]

    def fingerprint(self) -> object:
        """Equal for two recordings of the same computation, before anything is added to the graph."""
        expressions = self.graph.expressions
        operations = [x.op for x in expressions], array("i", [len(x.operands) for x in expressions])
        operands = array("i", [y.index for x in expressions for y in x.operands])
        others = [(repr(x.number), x.name) for x in expressions if x.op is None]
        returned = self.structure, self.shapes, [x.index for x in self.outputs]
        return operations, operands, others, returned, [[id(leaf) for leaf in _leaves(x)] for x in self.captured]


def record_function(
    function: Callable[[list[Value]], Structure],
    names: Sequence[str],
    varying: Sequence[bool],
    numbers: Sequence[float],
) -> Recording:
    """Run a function once, with Values, and write down what it computes.

    Leaves that the function makes itself, as in ``total = Value(0.0)``, are constants.

    Args:
        function: takes a list with a Value for each input, and returns a structure of Values.
        names: the names of the inputs.
        varying: for each input whether it differs from sample to sample.
        numbers: for each input the number to run the function with.

    Raises:
        RecordingError: if the function cannot be recorded; it says why.
        GraphLeftError: if it reads a number with ``float()``, as ``math.sin`` does.
    """
    with paused():
        return _record(function, names, varying, numbers)


def _record(
    function: Callable[[list[Value]], Structure],
    names: Sequence[str],
    varying: Sequence[bool],
    numbers: Sequence[float],
) -> Recording:
    leaves = list(map(Value, numbers))
    with enter_scope(leaves) as scope, _watching() as watcher:
        try:
            structure = function(leaves)
        except Exception as error:
            watcher.raise_remembered()
            if isinstance(error, TypeError) and _WHOLE.search(str(error)):
                raise _count_error(error) from None
            raise
    watcher.raise_remembered()
    returned = list(entries(structure))
    shapes = [x.shape if _is_array_of_objects(x) else None for x in returned]
    results = [
        _result(x)
        for entry, shape in zip(returned, shapes, strict=True)
        for x in ([entry] if shape is None else entry.ravel().tolist())
    ]
    graph = ExpressionGraph()
    inputs = [graph.input(name, varies) for name, varies in zip(names, varying, strict=True)]
    known: dict[Any, Expression] = dict(zip(leaves, inputs, strict=True))
    captured = _write_down(graph, known, [x for x in results if isinstance(x, Value)], scope.made)
    outputs = [known[x] if isinstance(x, Value) else graph.constant(x) for x in results]
    return Recording(graph, inputs, outputs, rebuild(structure, [None] * len(returned)), shapes, captured)


_WHOLE = re.compile(r"^'[\w.]*Value' object cannot be interpreted as an integer|(indices must be|by non-int).*Value'?$")
"""What Python says where a Value stands for a whole number."""


def _count_error(error: TypeError) -> RecordingError:
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    line = user_line(place.tb_frame) if place is not None else ""
    return RecordingError(
        "a compiled function cannot count or index with one of its numbers, which are Values in it: fix the count "
        f"outside, as in compile(lambda x: f(x, 3)){line}"
    )


def _write_down(
    graph: ExpressionGraph, known: dict[Any, Expression], results: Sequence[Value], made: Container[int]
) -> dict[Value, Expression]:
    """Add the expressions of everything that the results depend on to ``known``; returns the captured Values."""
    captured: dict[Value, Expression] = {}
    inputs = set(known)
    given = {leaf for scope in tuple(open_scopes) for leaf in scope.leaves}  # by transforms that call this function

    ends: set[Node] = set()
    order: Sequence[Any] | None = None
    if results and all(x.op is None for x in given):
        order = parents_first(results)

    def stops(x: Node) -> bool:
        if x in inputs:
            return True
        if x in given or not all(isinstance(parent, Value) for parent in x.parents):
            ends.add(x)
            return True
        return False

    for node in topological_order(*results, stop=stops) if order is None else order:
        if node in known:
            continue
        if node.op is None or node in ends:
            leaves = _leaves(node)
            if not inputs.isdisjoint(leaves):
                raise RecordingError(
                    f"a compiled function computes with single numbers, but this one uses {node.parents[0]!r}, which "
                    "depends on its arguments"
                )
            if all(id(leaf) in made for leaf in leaves):
                known[node] = graph.constant(node.data)
            else:
                known[node] = captured[node] = graph.input(node.label or f"captured[{len(captured)}]")
        else:
            known[node] = graph.apply(node.op, [known[x] if isinstance(x, Value) else x for x in node.operands])
    return captured


def _leaves(node: Node) -> list[Node]:
    """The leaves that a node was computed from; itself if it is one."""
    return [x for x in topological_order(node) if not x.parents]


def _is_array_of_objects(x: Any) -> bool:
    """Whether a function returned an array of Values, and perhaps numbers."""
    return isinstance(x, np.ndarray) and x.dtype == object


def _result(x: Any) -> Value | float:
    """A number that a function returned."""
    if isinstance(x, Value):
        return x
    if is_node(x):
        raise RecordingError(f"a compiled function computes single numbers, Values, but it returned {x!r}")
    if isinstance(x, (Real, np.bool_)) or (isinstance(x, np.ndarray) and not x.ndim and x.dtype.kind in "biuf"):
        return float(x)
    raise RecordingError(f"a compiled function returns numbers, in nested lists, tuples and dicts, not {x!r}")


# ---------------------------------------------------------------------------------------------------------------------
# Watching the function
# ---------------------------------------------------------------------------------------------------------------------


class _RecordingWatcher(Watcher):
    """Records comparisons, and refuses what a recording cannot repeat.

    It remembers its first error, in case the function swallows it.
    """

    only_form = True

    def __init__(self) -> None:
        self._error: Exception | None = None

    def read(self, value: Value, how: str) -> None:
        if how in ("float()", "complex()"):
            self._raise(GraphLeftError(ways_to_stay(how) + user_line()))
        advice = "choose with autograd.where, and loop a fixed number of times"
        if how == ".detach()":
            advice = "take the constant as an argument of its own, and leave it out of argnums"
        self._raise(
            RecordingError(
                f"a compiled function cannot use the number of {_name(value)} for {how}{user_line()}: it is recorded "
                f"once for all numbers; {advice}"
            )
        )

    def write(self, value: Value, what: str) -> None:
        self._raise(
            RecordingError(
                f"a compiled function cannot assign to {what} of {_name(value)}{user_line()}: that would happen only "
                f"once, when it is recorded; return what is needed instead"
            )
        )

    def compare(self, relation: str, x: Value, y: Value | float) -> Value:
        return record(COMPARISONS[relation], (x, y))

    def _raise(self, error: Exception) -> None:
        self._error = self._error or error
        raise error

    def raise_remembered(self) -> None:
        """Raise the first error again, if there was one."""
        error, self._error = self._error, None
        if error is not None:
            try:
                raise error.with_traceback(None)
            finally:
                del error  # a frame that holds the error that it raises would keep the graph alive


def _name(value: Value) -> str:
    return printable(value.label or "", None) or ("an input" if value.op is None else f"a result of {value.op.name}")


@contextmanager
def _watching() -> Iterator[_RecordingWatcher]:
    watcher = _RecordingWatcher()
    before = watch(watcher)
    try:
        with enable_grad():
            yield watcher
    finally:
        watch(before)


def is_recording() -> bool:
    """Whether a function is being recorded in this thread."""
    return isinstance(current(), _RecordingWatcher)
