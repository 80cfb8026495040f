"""Specialization: a function recorded for arguments of one structure, with the operations for its derivatives."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from copy import copy
from functools import partial
from math import isnan
from threading import RLock
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from autograd.arrays.operands import to_numpy
from autograd.arrays.operations import reshape
from autograd.arrays.stacking import stack
from autograd.compiler.arguments import ArgumentSpec, EntrySpec, FlatInputs, NodeReader, OutputReader, blocks_of
from autograd.compiler.compiled_operation import CompiledOperation, Output
from autograd.compiler.derivatives import forward_mode, reverse_mode
from autograd.compiler.expressions import Expression
from autograd.compiler.program import Program
from autograd.compiler.recording import Recording, RecordingError, record_function
from autograd.compiler.sparsity import Pattern, SparseJacobian
from autograd.compiler.standalone import Interface
from autograd.core.aliases import Array, Structure
from autograd.core.errors import hidden
from autograd.core.nested import entries, rebuild
from autograd.core.rules import divide
from autograd.core.sweep import adjoints, receive, topological_order
from autograd.core.value import Value, data_of, number_of, receive_numbers

__all__ = ["Reduction", "Specialization"]

__tracebackhide__ = hidden

Reduction: TypeAlias = Literal["mean", "sum", "none"]


class _Derivatives(NamedTuple):
    """What an operation computes besides the value.

    Attributes:
        more: further operands, each as the inputs that it holds.
        outputs: makes the derivatives, with guards or without.
    """

    more: list[list[Expression]]
    outputs: Callable[[bool], list[Output]]


class _FirstRun(NamedTuple):
    """The run of a function that was recorded, to be compared with another one."""

    function: Callable[[list[Value]], Structure]
    numbers: list[Any]
    fingerprint: object


_NO_ROWS = np.empty((0, 1))


class Matrix(NamedTuple):
    """Derivatives as a program.

    Attributes:
        operation: computes the numbers of the matrix.
        pattern: where in the matrix they are.
        varying: whether there is a matrix for each sample.
        by_column: whether the operation takes a tangent, and computes the product of the matrix and this tangent.
    """

    operation: CompiledOperation
    pattern: Pattern
    varying: bool
    by_column: bool


class Specialization:
    """A function recorded for arguments of one structure.

    Args:
        function: the function, of one sample.
        spec: the structure of its arguments.
        keywords: the names of the last arguments, which are passed by keyword.
        reduction: how the values of the samples are combined.
        arguments: plain arguments to record the function with.
        threads: how many threads may share a large batch.

    Attributes:
        spec: the structure of the arguments.
        outputs: the numbers of the value.
        captured: the Values from outside that the function uses.
        first_run: the run that was recorded, until it has been compared with another one.
        version: the version of what it reads from outside; ``None`` if that changed while it was recorded.
    """

    version: int | None = None

    def __init__(
        self,
        function: Callable[..., Structure],
        spec: ArgumentSpec,
        keywords: Sequence[str],
        reduction: Reduction,
        arguments: Sequence[Structure],
        threads: int = 1,
    ) -> None:
        def of_numbers(leaves: list[Value]) -> Structure:
            arguments = spec.unflatten(leaves)
            split = len(arguments) - len(keywords)
            return function(*arguments[:split], **dict(zip(keywords, arguments[split:], strict=True)))

        self.spec, self._batched, self._threads = spec, any(spec.varying), threads
        recording = self._record(of_numbers, spec.example(arguments))
        first = _FirstRun(of_numbers, spec.first_numbers(arguments), recording.fingerprint())
        self.first_run: _FirstRun | None = first
        self._is_compared = self._differs = False
        if self._batched and spec.samples(arguments) > 1:  # the samples must not differ in more than their numbers
            another = spec.example(arguments, 1)
            self._compare(first, another)
            if all(spec.varying) and another != spec.example(arguments):
                self.first_run = None
        self._structure = recording.structure
        self.captured, parameters = list(recording.captured), list(recording.captured.values())
        self._crosses = any(x.op is not None for x in self.captured)  # whether Values were computed from a Tensor
        self._graph, self._inputs, self._parameters = recording.graph, recording.inputs, parameters
        self._per_sample = reduction == "none" and self._batched
        self.outputs = [self._reduced(x, reduction) for x in recording.outputs]
        self._selects = any(op is not None and op.selects for op in {x.op for x in self._graph.expressions})
        self._values = [EntrySpec("value", shape, self._per_sample) for shape in recording.shapes]
        self._entries = [[x._replace(varying=x.varying or self._per_sample) for x in part] for part in spec.entries]
        self._operations: dict[Hashable, CompiledOperation] = {}
        self._matrices: dict[Hashable, Matrix] = {}
        self._calls: dict[Hashable, Callable[..., Any] | None] = {}
        self._lock = RLock()

    def _record(self, function: Callable[[list[Value]], Structure], numbers: Sequence[float]) -> Recording:
        names = [name for entry in self.spec for name in entry.names()]
        varying = [entry.varying for entry in self.spec for _ in range(entry.size)]
        return record_function(function, names, varying, numbers)

    def _compare(self, first: _FirstRun, numbers: Sequence[float]) -> None:
        """Record the function again, and compare.

        Raises:
            RecordingError: if it has not done the same.
        """
        if self._differs or self._record(first.function, numbers).fingerprint() != first.fingerprint:
            self._differs = True
            raise RecordingError(
                "a compiled function must do the same each time, but running it twice recorded two different "
                "computations: pass what changes, such as random numbers, as an argument"
            )
        self._is_compared = True

    def check(self, arguments: Sequence[Structure]) -> None:
        """Compare a second recording with the first, and once more when there are other numbers to make it with."""
        first = self.first_run
        if first is not None:
            same = self.spec.first_numbers(arguments) == first.numbers
            if not (same and self._is_compared) or self._differs:
                self._compare(first, self.spec.example(arguments))
                self.first_run = first if same else None

    def _reduced(self, output: Expression, reduction: Reduction) -> Expression:
        if not self._batched or reduction == "none" or (reduction == "mean" and not output.varying):
            return output
        total = self._graph.total(output)
        return total if reduction == "sum" else self._graph.apply(divide, [total, self._graph.samples])

    # -- running ------------------------------------------------------------------------------------------------------

    def run(
        self, operation: CompiledOperation, arguments: Sequence[Structure], more: FlatInputs | None = None
    ) -> tuple[Any, OutputReader]:
        """Run the program of an operation.

        A nan in the outputs may come from a branch that was not taken.  The outputs are then computed again with
        guards, which are rarely needed and cost more than everything else.

        Args:
            operation: one of those below.
            arguments: plain arguments.
            more: the further operands.

        Returns:
            The value, and a reader of the other outputs.
        """
        outputs = OutputReader(*self._computed(operation, arguments, more))
        return self._value(outputs), outputs

    def _computed(
        self, operation: CompiledOperation, arguments: Sequence[Structure], more: FlatInputs | None
    ) -> tuple[Array, Array]:
        """All outputs of an operation: those that are computed once, and a row for each of the others."""
        uniform, varying = self.spec.flatten(arguments)
        if self.captured:
            uniform.append(list(map(number_of, self.captured)))
        if more is not None:
            uniform += more[0]
            varying = _stacked(varying, more[1])
        once, each = operation.program().run(uniform, varying)
        if operation.has_guards:
            with np.errstate(over="ignore"):  # a sum of squares is nan only if a number is
                has_nan = isnan(once.dot(once)) or (each.size and isnan(np.vdot(each, each)))
            if has_nan:
                once, each = operation.program(guarded=True).run(uniform, varying)
        return once, each

    def call(self, which: Sequence[int] | None, single: bool) -> Callable[..., Any] | None:
        """The value, and its gradient if some arguments are given, as a function of plain arguments.

        It returns ``None`` for arguments that it does not take.  There is no such function before the recording has
        been compared with another one, nor if Values are captured, or for arguments and values with a structure.
        """
        simple = self.first_run is None and not self.captured and self._is_number() and all(self.spec.is_entry)
        wanted = which or ()
        if not simple or self._per_sample or any(self.spec.varying[i] for i in wanted):
            return None
        key = None if which is None else tuple(which), single
        with self._lock:
            if key not in self._calls:
                operation = self.value() if which is None else self.gradient(which)
                entries = [(entry.varying, entry.shape) for entry in self.spec]
                self._calls[key] = operation.program().call(
                    entries, wanted, guarded=operation.has_guards, single=single
                )
            return self._calls[key]

    def sweep(self, arguments: Sequence[Structure], seed: Structure | None) -> tuple[Any, list[float]]:
        """The value, and the gradient of value times seed for the captured Values; see :meth:`seeds`."""
        call = self._backward_call()
        if call is not None:
            captured = np.array(data_of(self.captured), float)
            found = call(*arguments, captured, self._seeds_as_argument(arguments, seed))
            if found is not None:
                value, gradients = found
                return rebuild(self._structure, list(value)) if self._per_sample else value, gradients.tolist()
        value, outputs = self.run(self.backward(), arguments, self.seeds(seed))
        return value, outputs.rest()

    def _backward_call(self) -> Callable[..., Any] | None:
        """:meth:`backward` as a function of plain arguments, the captured numbers and the seeds, as in :meth:`call`."""
        if "backward" in self._calls:
            return self._calls["backward"]
        numbers = all(x.shape is None for x in self._values) if self._per_sample else self._is_number()
        if self.first_run is not None or not numbers or not all(self.spec.is_entry):
            return None
        with self._lock:
            if "backward" not in self._calls:
                entries = [(entry.varying, entry.shape) for entry in self.spec]
                more = (False, (len(self.captured),)), (self._per_sample, (len(self.outputs),))
                self._calls["backward"] = (
                    self.backward().program().call([*entries, *more], [len(entries)], guarded=True, single=True)
                )
            return self._calls["backward"]

    def _seeds_as_argument(self, arguments: Sequence[Structure], seed: Structure | None) -> Array:
        """The seeds as a further argument, which has a row for each sample if there is a value for each of them."""
        if not self._per_sample:
            return np.array(self.seeds(seed)[0][0], float)
        samples = len(arguments[self.spec.varying.index(True)])
        if type(seed) is list and len(seed) == len(self._values) and {float}.issuperset(map(type, seed)):
            return np.full((samples, len(seed)), seed)
        rows = self.seeds(seed)[1].T
        return np.repeat(rows, samples, axis=0) if len(rows) == 1 else np.ascontiguousarray(rows)

    def record(
        self, operation: CompiledOperation, arguments: Sequence[Structure], more: Sequence[Any] = ()
    ) -> tuple[Any, NodeReader]:
        """The same with nodes among the arguments, the further operands or the captured Values; returns nodes."""
        samples = self.spec.samples(arguments)
        found = operation.apply([*self.spec.packed(arguments), *self.captured, *more], samples)
        n_uniform = sum([not output.varying for output in operation.outputs(guarded=True)])
        outputs = NodeReader(found, n_uniform, samples)
        return self._value(outputs), outputs

    def _value(self, outputs: OutputReader | NodeReader) -> Any:
        return rebuild(self._structure, map(outputs.read, self._values))

    def _is_number(self) -> bool:
        """Whether the value is a single number."""
        return self._structure is None and self._values[0].shape is None

    def seeds(self, seed: Structure | None) -> FlatInputs:
        """The further operand of :meth:`backward`: ``seed``, in the structure of the value, or 1 if it is ``None``.

        Raises:
            TypeError: if there is no seed and the value is not a single number.
            ValueError: if the seed does not have the structure of the value.
        """
        if seed is None:
            self._single_output()
            return [(1.0,)], np.empty((0, 1))
        given = [to_numpy(x) for x in entries(seed)]
        if len(given) != len(self._values):
            raise ValueError(f"the value has {len(self._values)} numbers, but the seed has {len(given)}")
        rows: list[Array] = []
        for x, value in zip(given, self._values, strict=True):
            shape = value.shape or ()
            for_all = x.ndim == len(shape)
            if x.shape[not for_all :] != shape or (not for_all and not self._per_sample):
                raise ValueError(f"seeds are {self._kind_of_seeds()}, but the seed is {seed!r}")
            rows.append(x.astype(float).reshape(1 if for_all else len(x), value.size).T)
        if not self._per_sample:
            return [np.concatenate(rows).ravel()], np.empty((0, 1))
        samples = max([row.shape[1] for row in rows])
        return [], np.concatenate([np.broadcast_to(row, (len(row), samples)) for row in rows])

    def _kind_of_seeds(self) -> str:
        if any(value.shape is not None for value in self._values):
            return "numbers, and arrays of the shapes of the value"
        return f"numbers, {'one for each sample, or one for all' if self._per_sample else 'not arrays'}"

    def derivative(self, which: int, outputs: OutputReader | NodeReader) -> Structure:
        """The next derivative among the outputs, in the structure of the argument at position ``which``."""
        return self.spec.restore(which, [outputs.read(entry) for entry in self._entries[which]])

    def accumulate(self, gradients: Sequence[float]) -> None:
        """Add gradients of the captured Values to the ``.grad`` of the leaves that these were computed from."""
        if receive_numbers(self.captured, gradients):
            return
        found = dict(zip(self.captured, gradients, strict=True))
        if any(x.op is not None for x in found):  # computed from a Tensor: the sweep goes on from there
            found = adjoints(topological_order(*found), found)
        receive(reversed(found.items()))

    def program(self, which: Sequence[int] | None, name: str) -> Program:
        """The program of the value, or of the value and its gradient, as a function of this name."""
        operation = self.value() if which is None else self.gradient(which)
        program = copy(operation.program())  # which does not refer to the operation
        single = len(self._values) == 1
        values = [x._replace(name="value" if single else f"value_{i}") for i, x in enumerate(self._values)]
        slopes = [x._replace(name=f"d_{x.name}") for i in which or () for x in self._entries[i]]
        names = list(dict.fromkeys(re.split(r"\[", x, maxsplit=1)[0] for x in self.spec.names))
        program.interface = Interface(name, names, list(self.spec), list(self.captured), [*values, *slopes])
        program.exact = partial(operation.program, guarded=True)
        return program

    # -- operations, each made when it is first asked for -------------------------------------------------------------

    def value(self) -> CompiledOperation:
        """The value alone."""
        return self._operation("value", lambda: _Derivatives([], lambda guarded: []), has_guards=False)

    def gradient(self, which: Sequence[int]) -> CompiledOperation:
        """The value, and its gradient with respect to some arguments."""

        def make() -> _Derivatives:
            seeds = [(self._single_output(), self._graph.constant(1.0))]
            wanted = self._inputs_of(which)

            def outputs(guarded: bool) -> list[Output]:
                found = reverse_mode(self._graph, seeds, wanted, guarded=guarded)
                return [Output(x, to.varying) for x, to in zip(found, wanted, strict=True)]

            return _Derivatives([], outputs)

        return self._operation(("gradient", *which), make, self._selects)

    def backward(self) -> CompiledOperation:
        """The value, and the gradient of value times seed for the captured Values; the seeds are a further operand."""

        def make() -> _Derivatives:
            seeds = [self._graph.input(f"seed[{i}]", self._per_sample) for i in range(len(self.outputs))]
            pairs = list(zip(self.outputs, seeds, strict=True))

            def outputs(guarded: bool) -> list[Output]:
                found = reverse_mode(self._graph, pairs, self._parameters, guarded=guarded)
                return [Output(x, False) for x in found]

            return _Derivatives([seeds], outputs)

        return self._operation("backward", make)

    def hvp(self) -> CompiledOperation:
        """The value, and the rate of change of its gradient along tangents; these are further operands."""

        def make() -> _Derivatives:
            tangents = [self._graph.input(f"tangent of {x.name}", x.varying) for x in self._inputs]
            seeds = [(self._single_output(), self._graph.constant(1.0))]

            def outputs(guarded: bool) -> list[Output]:
                slopes = reverse_mode(self._graph, seeds, self._inputs, guarded=guarded)
                rates = dict(zip(self._inputs, tangents, strict=True))
                found = forward_mode(self._graph, rates, slopes, guarded=guarded)
                return [Output(x, to.varying) for x, to in zip(found, self._inputs, strict=True)]

            return _Derivatives(list(self._by_entry(tangents)), outputs)

        return self._operation("hvp", make)

    def matrix(self, kind: Literal["jacobian", "hessian"], which: Sequence[int]) -> Matrix:
        """The derivatives of the value, or of its gradient, with respect to some arguments.

        Raises:
            TypeError: if there is more than one number to take the Hessian of.
            ValueError: if the derivatives are one for each sample for some arguments only, or depend on two samples.
        """
        key = (kind, *which)
        with self._lock:
            if key not in self._matrices:
                self._matrices[key] = self._matrix(kind, which)
            return self._matrices[key]

    def _matrix(self, kind: str, which: Sequence[int]) -> Matrix:
        graph, wanted, per_sample = self._graph, self._inputs_of(which), self._per_sample
        varying = {self.spec.varying[i] or per_sample for i in which}
        if len(varying) > 1:
            raise ValueError("some of these arguments differ from sample to sample, and others do not: take one by one")
        if kind == "jacobian":
            jacobian = SparseJacobian(graph, lambda guarded: self.outputs, wanted, per_sample=per_sample)
        else:
            if varying == {True} and not per_sample:
                raise ValueError(
                    'a Hessian in arguments that differ from sample to sample needs reduction="none": each sample then '
                    "has a Hessian of its own"
                )
            output = self._single_output(each=True)

            def gradient(guarded: bool) -> list[Expression]:
                seeds = [(output, graph.constant(1.0))]
                return reverse_mode(graph, seeds, wanted, per_sample=per_sample, guarded=guarded)

            jacobian = SparseJacobian(graph, gradient, wanted, per_sample=per_sample, symmetric=True)
        return self._as_program(jacobian, key=(kind, *which), varying=True in varying)

    def _as_program(self, jacobian: SparseJacobian, key: Hashable, varying: bool) -> Matrix:
        """A program that computes all entries at once; or products with tangents, if that would be too long.

        Without a batch, the tangents stand in place of the samples.
        """
        by_column = jacobian.has_products and _is_long(jacobian)
        inputs, in_lanes = jacobian.pattern.shape[1], by_column and not self._batched
        tangents = [self._graph.input(f"tangent[{i}]", in_lanes) for i in range(inputs if by_column else 0)]

        def outputs(guarded: bool) -> list[Output]:
            found = jacobian.rates(tangents, guarded) if by_column else jacobian.entries(guarded)
            return [Output(x, varying or in_lanes) for x in found]

        has_guards = by_column or jacobian.symmetric or self._selects  # a zero in a tangent sends nothing
        more = [tangents] if by_column else []
        operation = self._operation(key, lambda: _Derivatives(more, outputs), has_guards, with_values=False)
        return Matrix(operation, jacobian.pattern, varying, by_column)

    def numbers(self, matrix: Matrix, arguments: Sequence[Structure], given: Sequence[Structure]) -> Any:
        """The numbers of a matrix; each is a row with a number for each sample, if it is varying.

        They are a Tensor if there are nodes among the given arguments, else an array.
        """
        samples = self.spec.samples(arguments)

        def computed(uniform: Sequence[Array] = (), varying: Array = _NO_ROWS) -> Any:
            lanes = varying.shape[1] if len(varying) else samples
            in_rows = matrix.varying or len(varying)
            if given is arguments:
                return self._computed(matrix.operation, arguments, (list(uniform), varying))[bool(in_rows)]
            more = [varying.ravel()] if len(varying) else uniform
            found = matrix.operation.apply([*self.spec.packed(given), *self.captured, *more], lanes)
            return reshape(found, (-1, lanes)) if in_rows else found

        if not matrix.by_column:
            return computed()
        tangents = matrix.pattern.tangents
        if self._batched:
            return matrix.pattern.decompressed(stack([computed([tangent]) for tangent in tangents.T], axis=1))
        return matrix.pattern.decompressed(computed(varying=tangents))

    def in_structure(self, kind: Literal["jacobian", "hessian"], which: Sequence[int], dense: Any, single: bool) -> Any:
        """A dense matrix in the structure of the value, or of the arguments, twice over."""
        columns = [entry for i in which for entry in self.spec.entries[i]]
        rows = self._values if kind == "jacobian" else columns
        found = (self._restored(which, blocks, single) for blocks in blocks_of(dense, rows, columns))
        return rebuild(self._structure, found) if kind == "jacobian" else self._restored(which, list(found), single)

    def _restored(self, which: Sequence[int], found: Sequence[Any], single: bool) -> Any:
        """Something for each number and array in some arguments, in the structure of these arguments."""
        parts: list[Structure] = []
        start = 0
        for i in which:
            stop = start + len(self.spec.entries[i])
            parts.append(self.spec.restore(i, found[start:stop]))
            start = stop
        return parts[0] if single else tuple(parts)

    def _inputs_of(self, which: Sequence[int]) -> list[Expression]:
        """The inputs that some arguments hold."""
        by_entry = self._by_entry(self._inputs)
        by_argument = [[x for _ in part for x in next(by_entry)] for part in self.spec.entries]
        return [x for i in which for x in by_argument[i]]

    def _single_output(self, each: bool = False) -> Expression:
        if len(self.outputs) != 1 or (self._per_sample and not each):
            what = f"{len(self.outputs)} numbers" if len(self.outputs) != 1 else "a number for each sample"
            raise TypeError(
                f"only a single number has a gradient, but the compiled function returns {what}: choose a reduction, "
                f"use jacobian, or give backward a seed"
            )
        return self.outputs[0]

    def _by_entry(self, inputs: Sequence[Expression]) -> Iterator[list[Expression]]:
        """Something for each number in the arguments, in a list for each number or array there."""
        fresh = iter(inputs)
        return ([next(fresh) for _ in range(entry.size)] for entry in self.spec)

    def _operation(
        self, key: Hashable, make: Callable[[], _Derivatives], has_guards: bool = True, with_values: bool = True
    ) -> CompiledOperation:
        operation = self._operations.get(key)
        if operation is not None:
            return operation
        with self._lock:
            if key not in self._operations:
                derivatives = make()
                values = [Output(x, self._per_sample) for x in self.outputs if with_values]
                self._operations[key] = CompiledOperation(
                    self._graph,
                    [*self._by_entry(self._inputs), *[[x] for x in self._parameters], *derivatives.more],
                    lambda guarded: [*values, *derivatives.outputs(guarded)],
                    self.outputs,
                    self._lock,
                    has_guards=has_guards,
                    threads=self._threads,
                )
            return self._operations[key]


def _is_long(jacobian: SparseJacobian) -> bool:
    """Whether a program of all entries takes too long to make, and is much longer than one for a vector."""
    return jacobian.work > max(20_000, 16 * jacobian.size)


def _stacked(rows: Array, more: Array) -> Array:
    """Rows with a number for each sample, followed by further ones; a single number there counts for all samples."""
    if not len(more) or not len(rows):
        return more if len(more) else rows
    samples = rows.shape[1]
    if more.shape[1] not in (1, samples):
        raise ValueError(f"there are {samples} samples, but {more.shape[1]} in the seed or vector")
    stacked = np.empty((len(rows) + len(more), samples))
    stacked[: len(rows)], stacked[len(rows) :] = rows, more
    return stacked
