"""Recording a function of numbers: what it computes, as terms that can be computed again with other numbers.

The function is run with Values in place of numbers, so it may do whatever an eager computation may: loops, lists,
networks with parameters of their own.  Only what depends on the *size* of a number cannot be recorded, and is refused:
reading it, branching on it, assigning to it.  Comparisons are recorded, to be used with :func:`autograd.where`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from autograd.compiler.expressions import Term, Terms
from autograd.core.comparisons import COMPARISONS
from autograd.core.errors import user_line
from autograd.core.nested import entries, rebuild
from autograd.core.sweep import is_node, topological_order
from autograd.core.value import Value, record
from autograd.core.watching import Watcher, watch

__all__ = ["Recorded", "RecordingError", "recorded"]


class RecordingError(TypeError):
    """A function does something that cannot be recorded."""

    __module__ = "autograd"


@dataclass(frozen=True)
class Recorded:
    """What a function computes.

    Attributes:
        terms: all of it.
        inputs: the terms of its arguments, in order.
        outputs: the terms of what it returns, in order.
        structure: that of what it returned, nested lists, tuples and dicts, with ``None`` for each number.
        captured: the Values from outside that it computes with, such as the parameters of a network, with their terms.
    """

    terms: Terms
    inputs: list[Term]
    outputs: list[Term]
    structure: Any
    captured: dict[Value, Term]


class _Refusing(Watcher):
    """Refuses what a recording could not repeat."""

    only_form = True

    def read(self, value: Value, how: str) -> None:
        raise RecordingError(
            f"a function that is compiled cannot use the number of {_name(value)} for {how}{user_line()}: it is "
            f"recorded once for all numbers; choose with autograd.where, and loop a fixed number of times"
        )

    def write(self, value: Value, what: str) -> None:
        raise RecordingError(
            f"a function that is compiled cannot assign to {what} of {_name(value)}{user_line()}: that would "
            f"happen once, when it is recorded, and never again; return what is needed instead"
        )

    def compare(self, relation: str, x: Value, y: Value | float) -> Any:
        return record(COMPARISONS[relation], (x, y))


def _name(value: Value) -> str:
    return value.label or ("an input" if value.op is None else f"a result of {value.op.name}")


@contextmanager
def _watched() -> Iterator[None]:
    before = watch(_Refusing())
    try:
        yield
    finally:
        watch(before)


def recorded(
    function: Callable[[list[Value]], Any], names: Sequence[str], lanes: Sequence[bool], numbers: Sequence[float]
) -> Recorded:
    """Run a function with Values and write down what it computes.

    It is run twice, the second time with other numbers, so that a function that is not the same each time, which draws
    random numbers, counts its calls or has got hold of a number, is found out and not repeated wrongly.

    Args:
        function: takes the Values of all inputs, as they come, and returns a structure of Values.
        names: what the inputs are called.
        lanes: for each input whether it differs from sample to sample.
        numbers: for each input a number, to run the function with.

    Raises:
        RecordingError: if the function cannot be recorded, and why.
    """
    runs = [_Run(function, numbers), _Run(function, [x + 0.001 * (1.0 + abs(x)) for x in numbers])]
    constants = _constants(*runs)
    first, second = (run.written(names, lanes, constants) for run in runs)
    if _form(first) != _form(second):
        raise RecordingError(
            "a function that is compiled must do the same each time, but running it twice recorded two different "
            "computations: pass what changes, such as random numbers, as an argument"
        )
    return first


class _Run:
    """A function, run once with Values."""

    def __init__(self, function: Callable[[list[Value]], Any], numbers: Iterable[float]) -> None:
        self.inputs = [Value(number) for number in numbers]
        with _watched():
            structure = function(self.inputs)
        self.results = [_result(x) for x in entries(structure)]
        self.structure = rebuild(structure, [None] * len(self.results))
        self.order = topological_order(*[x for x in self.results if isinstance(x, Value)])
        known = set(self.inputs)
        self.captured = [x for x in self.order if x not in known and isinstance(x, Value) and x.op is None]

    def written(self, names: Iterable[str], lanes: Iterable[bool], constants: Container[Value]) -> Recorded:
        """It as terms."""
        terms = Terms()
        inputs = [terms.input(name, lane) for name, lane in zip(names, lanes, strict=True)]
        known: dict[Any, Term] = dict(zip(self.inputs, inputs, strict=True))
        captured: dict[Value, Term] = {}
        for node in self.order:
            if node in known:
                continue
            if not isinstance(node, Value):
                raise RecordingError(
                    f"a compiled function computes with single numbers, but this one leads through {node!r}"
                )
            if node in constants:
                known[node] = terms.constant(node.data)
            elif node.op is None:
                known[node] = captured[node] = terms.input(node.label or f"captured[{len(captured)}]")
            else:
                known[node] = terms.apply(node.op, [known[x] if is_node(x) else x for x in node.operands])
        outputs = [known[x] if isinstance(x, Value) else terms.constant(x) for x in self.results]
        return Recorded(terms, inputs, outputs, self.structure, captured)


def _constants(first: _Run, second: _Run) -> set[Value]:
    """The leaves that a function makes anew each time, with the same number, as in ``total = Value(0.0)``."""
    pairs = zip(first.captured, second.captured, strict=False)
    return {leaf for x, y in pairs if x is not y and repr(x.data) == repr(y.data) for leaf in (x, y)}


def _result(x: Any) -> Value | float:
    if isinstance(x, Value):
        return x
    if is_node(x):
        raise RecordingError(f"a compiled function computes single numbers, Values, but it returned {x!r}")
    if isinstance(x, (Real, np.bool_)) or (isinstance(x, np.ndarray) and not x.ndim and x.dtype.kind in "biuf"):
        return float(x)
    raise RecordingError(f"a compiled function returns numbers, in nested lists, tuples and dicts, but there is {x!r}")


def _form(recording: Recorded) -> Any:
    """What two recordings of the same computation have in common; numbers as text, for nan is not itself."""
    terms = [(x.op, [y.place for y in x.operands], repr(x.number), x.name) for x in recording.terms.all]
    outputs = rebuild(recording.structure, [x.place for x in recording.outputs])
    return terms, outputs, list(map(id, recording.captured))
