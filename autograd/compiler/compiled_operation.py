"""A program as an operation on nodes, which is differentiated when a sweep arrives.

A compiled function that is called with nodes records one node for all that it computes.  The derivatives of its
expressions are expressions too, so the gradient that a sweep asks for is a program as well; and if the sweep is
recorded, that program is again such an operation.  This gives derivatives of every order.

A program takes and returns numbers that are *uniform*, one for all samples, or *varying*, one for each sample.  An
operand or a result is *packed* into one array: its uniform numbers, then for each varying one a row with all samples.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from itertools import chain
from threading import RLock
from typing import Any, NamedTuple, NoReturn

import numpy as np

from autograd.arrays.array_operation import ArrayOperation
from autograd.arrays.functions import concatenate
from autograd.arrays.operands import read, to_numpy
from autograd.arrays.tensor import new_node
from autograd.compiler.collector import paused
from autograd.compiler.derivatives import forward_mode, reverse_sweep
from autograd.compiler.expressions import Expression, ExpressionGraph
from autograd.compiler.program import Program
from autograd.core.aliases import Array
from autograd.core.liveness import Masked, with_mask
from autograd.core.sweep import is_node

__all__ = ["CompiledOperation", "Output"]


class Output(NamedTuple):
    """A result of a program.

    Attributes:
        expression: what is computed.
        varying: whether it is wanted for each sample; a uniform number is then repeated.
    """

    expression: Expression
    varying: bool


class CompiledOperation(ArrayOperation[...]):
    """Some expressions of a graph, as a function of some of its inputs.

    Args:
        graph: the graph of the expressions.
        operands: for each operand the inputs that it holds.
        outputs: makes the outputs, with guards or without; see :func:`~autograd.compiler.derivatives.reverse_mode`.
        values: the expressions that are values, not derivatives.
        lock: held while the graph grows.
        has_guards: whether guards change anything.
        n_marks: how many of the last outputs are *marks*: for each of the others a number that is not 0 where a
            gradient has arrived.  They have no derivatives.
        threads: how many threads may share a large batch.
    """

    def __init__(
        self,
        graph: ExpressionGraph,
        operands: Sequence[Sequence[Expression]],
        outputs: Callable[[bool], Sequence[Output]],
        values: Sequence[Expression],
        lock: RLock,
        *,
        has_guards: bool = True,
        n_marks: int = 0,
        threads: int = 1,
    ) -> None:
        super().__init__(self._computed, (), (), "compiled", sees_live=True)
        self.operands = list(operands)
        self._counts = [(sum([not x.varying for x in part]), sum([x.varying for x in part])) for part in operands]
        self._graph, self._lock = graph, lock
        self.has_guards = has_guards
        self._threads = threads
        self._make_outputs, self._values, self._n_marks = outputs, list(values), n_marks
        self._outputs: dict[bool, list[Output]] = {}
        self._programs: dict[bool, Program] = {}
        self._derived: dict[Hashable, CompiledOperation] = {}

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "the graph of a compiled function cannot be pickled: pickle plain numbers, x.item() or x.numpy(), or "
            "compute it with the function itself, which compiled.function is"
        )

    # -- the programs --------------------------------------------------------------------------------------------------

    def outputs(self, guarded: bool) -> list[Output]:
        """The outputs, made when they are first asked for."""
        guarded = guarded and self.has_guards
        with self._lock:
            if guarded not in self._outputs:
                self._outputs[guarded] = list(self._make_outputs(guarded))
            return self._outputs[guarded]

    def program(self, guarded: bool = False) -> Program:
        """The program that computes the outputs, made when it is first asked for."""
        guarded = guarded and self.has_guards
        program = self._programs.get(guarded)
        if program is not None:
            return program
        with self._lock, paused():
            if guarded not in self._programs:
                outputs, inputs = self.outputs(guarded), list(chain(*self.operands))
                self._programs[guarded] = Program(
                    self._graph,
                    uniform=[x for x in inputs if not x.varying],
                    varying=[x for x in inputs if x.varying],
                    once=[x.expression for x in outputs if not x.varying],
                    each=[x.expression for x in outputs if x.varying],
                    values=self._values,
                    threads=self._threads,
                )
            return self._programs[guarded]

    # -- the operation -------------------------------------------------------------------------------------------------

    def apply(self, operands: Sequence[Any], samples: int) -> Any:
        """The packed outputs: a Tensor if there are nodes among the packed operands, else an array."""
        data = self._computed(*read(operands), samples=samples)
        if any(map(is_node, operands)):
            return new_node(self, data, tuple(operands), {"samples": samples})
        return data

    def _computed(self, *operands: Any, samples: int) -> Array:
        uniform: list[Sequence[float] | Array] = []
        varying = [np.empty((0, samples))]
        for x, (n_uniform, n_varying) in zip(operands, self._counts, strict=True):
            numbers: Any = (x,) if type(x) is float else np.ravel(x)
            uniform.append(numbers[:n_uniform])
            if n_varying:
                varying.append(numbers[n_uniform:].reshape(n_varying, samples))
        once, each = self.program(guarded=True).run(uniform, np.concatenate(varying))
        return np.concatenate([once, each.ravel()])

    def pull_all(
        self, places: Sequence[int], gradient: Any, out: Any, operands: Sequence[Any], options: dict[str, Any]
    ) -> list[Any]:
        """The contributions of a gradient to the operands at these places; ``None`` for an operand that is not used."""
        samples: int = options["samples"]
        live = options.get("live")
        given = [gradient] if live is None else [gradient, live.astype(float)]
        recorded = any(map(is_node, [*operands, gradient]))
        reverse = self._reverse(tuple(places), live is not None, recorded)
        found = reverse.apply([*operands, *given], samples)
        counts = [self._counts[place] for place in places]
        n_uniform, n_varying = (sum(numbers) for numbers in zip(*counts, strict=True))
        if not reverse._n_marks:
            return _pieces(found, counts, 0, n_uniform, samples)
        start = 2 * n_uniform
        marks = _pieces(to_numpy(found), counts, n_uniform, start + n_varying * samples, samples)
        sent = [
            with_mask(x, mark != 0) for x, mark in zip(_pieces(found, counts, 0, start, samples), marks, strict=True)
        ]
        return sent if "live" in options else [x.data if isinstance(x, Masked) else x for x in sent]

    def push(self, rates: Sequence[Any], out: Any, operands: Sequence[Any], options: dict[str, Any]) -> Any:
        """The rate of change of the result, given those of the operands."""
        places = tuple([place for place, rate in enumerate(rates) if rate is not None])
        return self._forward(places).apply([*operands, *[rates[place] for place in places]], options["samples"])

    # -- its derivatives, made when they are first asked for -----------------------------------------------------------

    def _reverse(self, places: tuple[int, ...], masked: bool, recorded: bool) -> CompiledOperation:
        """The gradients at some operands, and a mark for each of them unless all are live.

        The last operand is the gradient of the output; after it comes the mask of this gradient, if there is one.
        """

        def make() -> CompiledOperation:
            outputs, wanted = self.outputs(True), list(chain(*[self.operands[place] for place in places]))
            seeds = [self._graph.input("seed", output.varying) for output in outputs]
            live = [self._graph.input("live", output.varying) for output in outputs] if masked else []
            always = [self._graph.constant(1.0)] * len(outputs)
            given = list(zip([output.expression for output in outputs], seeds, live or always, strict=True))
            given = given[: len(given) - self._n_marks]
            sweep = reverse_sweep(self._graph, given, wanted, guarded=True, recorded=recorded)
            gradients = [Output(sweep.total(x), x.varying) for x in wanted]
            marks = [Output(sweep.live(x), x.varying) for x in wanted]
            if all(mark.expression.number for mark in marks):
                marks = []
            more = [sorted(part, key=lambda x: x.varying) for part in (seeds, live) if part]
            return self._derivative(more, [*gradients, *marks], len(marks))

        return self._made(("reverse", masked, recorded, *places), make)

    def _forward(self, places: tuple[int, ...]) -> CompiledOperation:
        """The rates of change of the outputs, given those of some operands as last operands."""

        def make() -> CompiledOperation:
            outputs, changing = self.outputs(True), [self.operands[place] for place in places]
            rates = [[self._graph.input("rate", x.varying) for x in inputs] for inputs in changing]
            given = dict(zip(chain(*changing), chain(*rates), strict=True))
            found = forward_mode(
                self._graph, given, [output.expression for output in outputs], guarded=True, zeros_send=True
            )
            changes = [Output(x, output.varying) for x, output in zip(found, outputs, strict=True)]
            return self._derivative(rates, changes, self._n_marks)

        return self._made(("forward", places), make)

    def _derivative(
        self, more: Sequence[Sequence[Expression]], outputs: Sequence[Output], n_marks: int
    ) -> CompiledOperation:
        return CompiledOperation(
            self._graph,
            [*self.operands, *more],
            lambda guarded: outputs,
            self._values,
            self._lock,
            has_guards=False,
            n_marks=n_marks,
            threads=self._threads,
        )

    def _made(self, key: Hashable, make: Callable[[], CompiledOperation]) -> CompiledOperation:
        with self._lock:
            if key not in self._derived:
                self._derived[key] = make()
            return self._derived[key]


def _pieces(found: Any, counts: Sequence[tuple[int, int]], start: int, row: int, samples: int) -> list[Any]:
    """What packed outputs hold for some operands, each packed: uniform numbers from ``start`` on, rows from ``row`` on.

    For each operand, ``counts`` has how many uniform and how many varying numbers it has.
    """
    pieces: list[Any] = []
    for n_uniform, n_varying in counts:
        stop, end = start + n_uniform, row + n_varying * samples
        if n_uniform and n_varying:
            pieces.append(concatenate([found[start:stop], found[row:end]]))
        else:
            pieces.append(found[start:stop] if n_uniform else found[row:end])
        start, row = stop, end
    return pieces
