"""Specialization: a function recorded for arguments of one structure, and the programs for its derivatives."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from math import isnan
from threading import RLock
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

import numpy as np

from autograd.arrays.operands import to_numpy
from autograd.compiler.arguments import ArgumentSpec, EntrySpec, FlatInputs, OutputReader
from autograd.compiler.derivatives import forward_mode, reverse_mode
from autograd.compiler.expressions import Expression
from autograd.compiler.program import Program
from autograd.compiler.recording import record_function
from autograd.core.aliases import Array, Structure
from autograd.core.nested import entries, rebuild
from autograd.core.rules import divide
from autograd.core.value import Value

__all__ = ["Reduction", "Specialization"]

Reduction: TypeAlias = Literal["mean", "sum", "none"]


class _Derivatives(NamedTuple):
    """What a program computes besides the value.

    Attributes:
        inputs: further inputs of the program.
        outputs: the derivatives, each with whether it is wanted for each sample.
    """

    inputs: list[Expression]
    outputs: list[tuple[Expression, bool]]


class _ProgramFactory(Protocol):
    """A method of :class:`Specialization` that makes a program, once."""

    def __call__(self, *, guarded: bool = ...) -> Program: ...


class Specialization:
    """A function recorded for arguments of one structure.

    Args:
        function: the function, of one sample.
        spec: the structure of its arguments.
        keywords: the names of the last arguments, which are passed by keyword.
        reduction: how the values of the samples are combined.

    Attributes:
        spec: the structure of the arguments.
        structure: the structure of the value.
        outputs: the numbers of the value.
        captured: the Values from outside that the function uses.
    """

    def __init__(
        self, function: Callable[..., Structure], spec: ArgumentSpec, keywords: Sequence[str], reduction: Reduction
    ) -> None:
        def of_numbers(leaves: list[Value]) -> Structure:
            arguments = spec.unflatten(leaves)
            split = len(arguments) - len(keywords)
            return function(*arguments[:split], **dict(zip(keywords, arguments[split:], strict=True)))

        names = [name for entry in spec for name in entry.names()]
        varying = [entry.varying for entry in spec for _ in range(entry.size)]
        recording = record_function(of_numbers, names, varying, spec.example())
        self.spec, self.structure = spec, recording.structure
        self.captured, self._parameters = list(recording.captured), list(recording.captured.values())
        self._graph, self._inputs = recording.graph, recording.inputs
        self._batched = any(spec.varying)
        self._per_sample = reduction == "none" and self._batched
        self.outputs = [self._reduced(x, reduction) for x in recording.outputs]
        self._selects = any(x.op is not None and x.op.selects for x in self._graph.expressions)
        self._value_entry = EntrySpec("value", None, self._per_sample)
        self._entries = [[x._replace(varying=x.varying or self._per_sample) for x in part] for part in spec.entries]
        self._programs: dict[Hashable, Program] = {}
        self._lock = RLock()

    def _reduced(self, output: Expression, reduction: Reduction) -> Expression:
        if not self._batched or reduction == "none" or (reduction == "mean" and not output.varying):
            return output
        total = self._graph.total(output)
        return total if reduction == "sum" else self._graph.apply(divide, [total, self._graph.samples])

    # -- running ------------------------------------------------------------------------------------------------------

    def run(
        self, program: _ProgramFactory, arguments: Sequence[Structure], more: FlatInputs | None = None
    ) -> tuple[Any, OutputReader]:
        """Run a program.

        A nan in the outputs may come from a branch that was not taken.  The outputs are then computed again with
        guards, which are rarely needed and cost more than everything else.

        Args:
            program: one of the methods below.
            arguments: canonical arguments.
            more: the further inputs of the program.

        Returns:
            The value, and a reader of the other outputs.
        """
        uniform, varying = self.spec.flatten(arguments)
        uniform.append([leaf.data for leaf in self.captured])
        if more is not None:
            uniform += more[0]
            varying = _stacked(varying, more[1])
        once, each = program().run(uniform, varying)
        if self._selects and isnan(np.vdot(once, once) + np.vdot(each, each)):
            guarded = program(guarded=True)
            if guarded is not program():
                once, each = guarded.run(uniform, varying)
        outputs = OutputReader(once, each)
        if self.structure is None:  # a single number
            return outputs.read(self._value_entry), outputs
        return rebuild(self.structure, [outputs.read(self._value_entry) for _ in self.outputs]), outputs

    def seeds(self, seed: Structure | None) -> FlatInputs:
        """The further inputs of :meth:`backward`: ``seed``, in the structure of the value, or 1 if it is ``None``.

        Raises:
            TypeError: if there is no seed and the value is not a single number.
            ValueError: if the seed does not have the structure of the value.
        """
        if seed is None:
            self._single_output()
            return [(1.0,)], np.empty((0, 1))
        given = [to_numpy(x) for x in entries(seed)]
        if len(given) != len(self.outputs):
            raise ValueError(f"the value has {len(self.outputs)} numbers, but the seed has {len(given)}")
        if any(x.ndim > self._per_sample for x in given):
            kind = "one for each sample, or one for all" if self._per_sample else "not arrays"
            raise ValueError(f"seeds are numbers, {kind}, but the seed is {seed!r}")
        if not self._per_sample:
            return [list(map(float, given))], np.empty((0, 1))
        return [], np.array(np.broadcast_arrays(*given), float).reshape(len(given), -1 if given else 0)

    def derivative(self, which: int, outputs: OutputReader) -> Structure:
        """The next derivative among the outputs, in the structure of the argument at position ``which``."""
        return self.spec.restore(which, [outputs.read(entry) for entry in self._entries[which]])

    # -- programs, each made when it is first asked for ---------------------------------------------------------------

    def value(self, *, guarded: bool = False) -> Program:
        """The value alone, which needs no guards."""
        return self._program("value", lambda: _Derivatives([], []))

    def gradient(self, which: Sequence[int], *, guarded: bool = False) -> Program:
        """The value, and its gradient with respect to some arguments."""

        def make() -> _Derivatives:
            output = self._single_output()
            return _Derivatives([], [x for i in which for x in self._derivatives(output, i, guarded)])

        return self._program(("gradient", guarded, *which), make)

    def jacobian(self, which: int, *, guarded: bool = False) -> Program:
        """The derivatives of each number of the value with respect to one argument."""

        def make() -> _Derivatives:
            return _Derivatives([], [x for output in self.outputs for x in self._derivatives(output, which, guarded)])

        return self._program(("jacobian", guarded, which), make)

    def backward(self, *, guarded: bool = False) -> Program:
        """The value, and the gradient of value times seed for the captured Values; the seeds are further inputs."""

        def make() -> _Derivatives:
            seeds = [self._graph.input(f"seed[{i}]", self._per_sample) for i in range(len(self.outputs))]
            pairs = list(zip(self.outputs, seeds, strict=True))
            found = reverse_mode(self._graph, pairs, self._parameters, guarded=guarded)
            return _Derivatives(seeds, [(x, False) for x in found])

        return self._program(("backward", guarded), make)

    def hvp(self, *, guarded: bool = False) -> Program:
        """The value, and the rate of change of its gradient along tangents; these are further inputs."""

        def make() -> _Derivatives:
            tangents = [self._graph.input(f"tangent of {x.name}", x.varying) for x in self._inputs]
            seeds = [(self._single_output(), self._graph.constant(1.0))]
            slopes = reverse_mode(self._graph, seeds, self._inputs, guarded=guarded)
            rates = dict(zip(self._inputs, tangents, strict=True))
            found = forward_mode(self._graph, rates, slopes, guarded=guarded)
            return _Derivatives(tangents, [(x, to.varying) for x, to in zip(found, self._inputs, strict=True)])

        return self._program(("hvp", guarded), make)

    def _derivatives(self, output: Expression, which: int, guarded: bool) -> list[tuple[Expression, bool]]:
        """The derivatives of an output with respect to an argument, as in :class:`_Derivatives`."""
        start = sum(entry.size for i in range(which) for entry in self.spec.entries[i])
        varying = [entry.varying for entry in self._entries[which] for _ in range(entry.size)]
        wanted = self._inputs[start : start + len(varying)]
        seeds = [(output, self._graph.constant(1.0))]
        found = reverse_mode(self._graph, seeds, wanted, per_sample=self._per_sample, guarded=guarded)
        return list(zip(found, varying, strict=True))

    def _single_output(self) -> Expression:
        if len(self.outputs) != 1 or self._per_sample:
            what = f"{len(self.outputs)} numbers" if len(self.outputs) != 1 else "a number for each sample"
            raise TypeError(
                f"only a single number has a gradient, but the compiled function returns {what}: choose a reduction, "
                f"use jacobian, or give backward a seed"
            )
        return self.outputs[0]

    def _program(self, key: Hashable, make: Callable[[], _Derivatives]) -> Program:
        program = self._programs.get(key)
        if program is not None:
            return program
        with self._lock:
            if key not in self._programs:
                derivatives = make()
                outputs = [*((x, self._per_sample) for x in self.outputs), *derivatives.outputs]
                inputs = [*self._inputs, *self._parameters, *derivatives.inputs]
                self._programs[key] = Program(
                    self._graph,
                    uniform=[x for x in inputs if not x.varying],
                    varying=[x for x in inputs if x.varying],
                    once=[x for x, for_each in outputs if not for_each],
                    each=[x for x, for_each in outputs if for_each],
                    values=self.outputs,
                )
            return self._programs[key]


def _stacked(rows: Array, more: Array) -> Array:
    """Rows with a number for each sample, followed by further ones; a single number there counts for all samples."""
    if not len(more):
        return rows
    samples = rows.shape[1]
    if more.shape[1] not in (1, samples):
        raise ValueError(f"there are {samples} samples, but {more.shape[1]} in the seed or vector")
    return np.concatenate([rows, np.broadcast_to(more, (len(more), samples))])
