"""A program: expressions as straight-line code, which a machine runs again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.compiler.arguments import EntrySpec
from autograd.compiler.expressions import Expression, ExpressionGraph, reachable
from autograd.compiler.listing import listed, listing, steps_as_boxes
from autograd.compiler.lowering import Lowered, allocate_registers, assemble, lower
from autograd.compiler.machine import Machine
from autograd.compiler.native_machine import NativeMachine, is_compiled
from autograd.compiler.numpy_machine import NumPyMachine
from autograd.compiler.rows import side_by_side
from autograd.compiler.standalone import Interface, c_source, python_source
from autograd.core.aliases import Array
from autograd.core.display import InNotebook, diagram, html_table

__all__ = ["MACHINES", "Program", "Stats", "machines", "running_on"]

MACHINES: Sequence[type[Machine]] = (NativeMachine, NumPyMachine)
"""The machines, in order of preference: a program runs on the first one that supports its code."""

_SHOWN = 200  # assignments that a notebook lists
_DRAWN = 40  # inputs and assignments that a notebook draws

_only: ContextVar[str | None] = ContextVar("only", default=None)


def machines() -> list[str]:
    """The names of the machines that can be had here."""
    return [machine.name for machine in MACHINES if machine is not NativeMachine or is_compiled()]


@contextmanager
def running_on(name: str) -> Iterator[None]:
    """Inside, new programs run on the machine of this name, or on one after it if that does not support their code."""
    token = _only.set(name)
    try:
        yield
    finally:
        _only.reset(token)


def _candidates() -> Sequence[type[Machine]]:
    names = [machine.name for machine in MACHINES]
    only = _only.get()
    return MACHINES[names.index(only) :] if only in names else MACHINES


@dataclass(frozen=True)
class Stats:
    """The size of a program.

    Attributes:
        nodes: the number of operations in the function's graph; inputs and constants do not count.
        instructions: the number of instructions; those for each sample count once.
        uniforms: the number of registers for numbers that all samples share, inputs and constants included.
        registers: the number of registers for numbers of each sample.
        bytes: the memory of all registers for one sample.
        machine: the name of the machine that runs it, "native" or "NumPy".
    """

    nodes: int
    instructions: int
    uniforms: int
    registers: int
    bytes: int
    machine: str


class Program(InNotebook):
    """Straight-line code that computes some expressions; print it to read it.

    Args:
        graph: the graph of all these expressions.
        uniform: the inputs that all samples share.
        varying: the inputs that each sample has its own of.
        once: the outputs that are the same for all samples.
        each: the outputs that each sample gets; uniform ones are repeated.
        values: the outputs that are values, not derivatives; all by default.  They are computed first.
        threads: how many threads may share a large batch; a machine may have only one.

    Attributes:
        interface: how the compiled function that it belongs to is called; ``None`` if it belongs to none.
        exact: gives the program that is run if this one returns nan, which may come from a branch that is not taken;
            ``None`` if it is this one.
        lowered: the assignments.
        code: the instructions on registers.
        machine: the machine that runs them.

    >>> graph = ExpressionGraph()
    >>> w, x = graph.input("w"), graph.input("x", varying=True)
    >>> program = Program(graph, [w], [x], [graph.total(w * x)], [(w - 1.0) * x])
    >>> print(program)
    once:
        v1 = w - 1.0
    for each sample:
        v2 = total(x)
        v3 = v1 * x
    once:
        v4 = w * v2
    return v4 and for each sample v3
    >>> program.run([[2.0]], np.array([[1.0, 2.0, 3.0]]))
    (array([12.]), array([[1., 2., 3.]]))
    """

    def __init__(
        self,
        graph: ExpressionGraph,
        uniform: Sequence[Expression],
        varying: Sequence[Expression],
        once: Sequence[Expression],
        each: Sequence[Expression],
        values: Sequence[Expression] | None = None,
        threads: int = 1,
    ) -> None:
        values = [*once, *each] if values is None else values
        self._what = graph, uniform, varying, once, each, values
        self.lowered = side_by_side(graph, lower(*self._what))
        registers = allocate_registers(self.lowered)
        self.code = assemble(self.lowered, registers)
        self.machine = next(machine(self.code) for machine in _candidates() if machine.supports(self.code))
        self._values = values
        self.interface: Interface | None = None
        self.exact: Callable[[], Program] | None = None
        if isinstance(self.machine, NativeMachine):
            self.machine.threads = threads
        self._start = np.zeros(self.machine.n_uniforms)  # the uniform registers before the inputs are filled in
        for x in self.lowered.constants:
            self._start[~registers[x.index]] = x.number
        self._outputs = [~registers[x.index] for x in self.lowered.once]
        self._once = _selection(self._outputs)
        self._repeated = [(i, ~registers[x.index]) for i, x in enumerate(self.lowered.each) if not x.varying]

    def run(self, uniform: Iterable[Sequence[float] | Array], varying: Array) -> tuple[Array, Array]:
        """Compute the outputs.

        Args:
            uniform: the uniform inputs, split into any number of parts.
            varying: a row for each varying input, with a number for each sample.

        Returns:
            The outputs that are computed once; and a row for each output that is computed for each sample.
        """
        samples = varying.shape[1]
        registers = self._start.copy()
        registers[0] = samples
        start = 1
        for part in uniform:
            stop = start + len(part)
            registers[start:stop] = part
            start = stop
        each = np.empty((len(self.code.outputs), samples))
        self.machine.run(registers, varying, each, samples)
        for place, register in self._repeated:
            each = np.insert(each, place, registers[register], axis=0)
        return registers[self._once], each

    def call(
        self,
        arguments: Sequence[tuple[bool, tuple[int, ...] | None]],
        wanted: Sequence[int],
        *,
        guarded: bool,
        single: bool,
    ) -> Callable[..., Any] | None:
        """The program as a function of plain arguments; see ``NativeMachine.call``.

        ``None`` if another machine runs it, or if an output for each sample is the same for all of them.
        """
        if not isinstance(self.machine, NativeMachine) or self._repeated:
            return None
        start = self._start[: len(self.lowered.uniform) + len(self.lowered.constants)]
        return self.machine.call(start, self._outputs, arguments, wanted, guarded=guarded, single=single)

    def python(self, *, limit: int | None = 1000) -> str:
        """The program as a function in Python, which needs nothing but ``math``.

        The function takes the arguments of the compiled function, and returns the value, then each derivative: numbers,
        lists in place of arrays, and a tuple if there are several.  Of samples it takes sequences and returns lists.
        Captured Values become constants.  Infinities and nan are those of IEEE arithmetic.  Results differ from those
        of the program by no more than the rounding of sums and of functions such as ``exp``.

        Args:
            limit: the most lines that the text may have; ``None`` for any number.

        Raises:
            ValueError: if the text would be longer.
            NotImplementedError: if a row of the table has no function in Python's ``math``.

        >>> from autograd import compile, exp
        >>> f = compile(lambda x, y: exp(x * y))
        >>> print(f.program(1.0, 2.0, argnums=("x", "y")).python().partition("\\n\\n\\n")[2])
        def _exp(x):
            try:
                return math.exp(x)
            except OverflowError:
                return math.inf
        <BLANKLINE>
        <BLANKLINE>
        def f(x, y):
            v1 = x * y
            v2 = _exp(v1)
            v3 = v2 * y
            v4 = v2 * x
            return v2, v3, v4
        <BLANKLINE>
        """
        return python_source(self._one_by_one(), self._interface(), limit)

    def c(self, *, limit: int | None = 1000) -> str:
        """The program as a function in C99, which needs nothing but ``math.h``.

        Numbers are passed as ``double``, and arrays as pointers to their numbers in C order.  Samples lie one after the
        other, and their number is the first argument.  A value that is a single number is returned; everything else is
        written to where the last arguments point, in the order of :meth:`python`.

        Args:
            limit: as in :meth:`python`.

        Raises:
            ValueError: if the text would be longer.
            NotImplementedError: if a row of the table has no function in ``math.h``.

        >>> from autograd import compile, exp
        >>> f = compile(lambda x, y: exp(x * y))
        >>> print(f.program(1.0, 2.0, argnums=("x", "y")).c())
        #include <math.h>
        #include <stddef.h>
        <BLANKLINE>
        double f(double x, double y, double *d_x, double *d_y)
        {
            const double v1 = x * y;
            const double v2 = exp(v1);
            const double v3 = v2 * y;
            const double v4 = v2 * x;
            *d_x = v3;
            *d_y = v4;
            return v2;
        }
        <BLANKLINE>
        """
        return c_source(self._one_by_one(), self._interface(), limit)

    def _one_by_one(self) -> Lowered:
        """The assignments without rows, of the program whose results are always right."""
        return lower(*(self if self.exact is None else self.exact())._what)

    def _interface(self) -> Interface:
        """How it is called as a function: as the compiled function, or else with one argument for each input."""
        if self.interface is not None:
            return self.interface
        _, uniform, varying, once, each, _ = self._what
        entries = [EntrySpec(x.name, None, x.varying) for x in (*uniform, *varying)]
        results = [EntrySpec(f"out{i}", None, i > len(once)) for i in range(1, len(once) + len(each) + 1)]
        return Interface("f", [entry.name for entry in entries], entries, (), results)

    def stats(self) -> Stats:
        """The size of the program."""
        code = self.code
        return Stats(
            nodes=sum(x.op is not None for x in reachable(self._values)),
            instructions=len(list(code)),
            uniforms=code.n_uniforms,
            registers=code.n_registers,
            bytes=8 * (code.n_uniforms + code.n_registers),
            machine=self.machine.name,
        )

    def __repr__(self) -> str:
        stats = self.stats()
        return f"<Program of {stats.instructions} instructions for {stats.nodes} operations, run by {stats.machine}>"

    def __str__(self) -> str:
        return listing(self.lowered)

    def _forms(self) -> dict[str, str]:
        rows = [("", "", "result", "formula"), *listed(self.lowered)]
        more = [("", "", "", f"… {len(rows) - _SHOWN:,} more")] * (len(rows) > _SHOWN)
        table = html_table([*rows[:_SHOWN], *more], repr(self).strip("<>"))
        boxes, arrows = steps_as_boxes(self.lowered)
        drawn = diagram(boxes, arrows, title=repr(self).strip("<>")) if len(boxes) <= _DRAWN else ""
        return {"html": f"{table}\n{drawn}".strip(), "svg": drawn}


def _selection(places: list[int]) -> slice | Array:
    """An index for these places of an array: a slice, which copies nothing, if they are consecutive."""
    first = places[0] if places else 0
    if places == list(range(first, first + len(places))):
        return slice(first, first + len(places))
    return np.array(places, int)
