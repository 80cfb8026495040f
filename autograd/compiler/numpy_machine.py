"""The NumPy machine, which runs any straight-line code: without a C compiler, and with primitives of users."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, groupby
from typing import Any, ClassVar, NamedTuple

import numpy as np

from autograd.compiler.machine import Code, Instruction, Registers, Row
from autograd.compiler.operations import SUMS, evaluate, is_builtin, split_sum
from autograd.core.aliases import Array
from autograd.core.primitive import Primitive

__all__ = ["NumPyMachine"]


class NumPyMachine:
    """A machine that calls NumPy once or a few times for each row, and for each instruction for lanes.

    Args:
        code: the code to run; see :class:`~autograd.compiler.machine.Machine` for the arguments of :meth:`run`.

    >>> double_and_add = Code((), (Instruction("dot", 1, (~0, 0)), Instruction("total", ~1, (1,))), (), 2, 2, 1, (1,))
    >>> uniforms, outputs = np.array([2.0, 0.0]), np.empty((1, 3))
    >>> NumPyMachine(double_and_add).run(uniforms, np.array([[1.0, 2.0, 3.0]]), outputs, 3)
    >>> outputs.tolist(), float(uniforms[1])
    ([[2.0, 4.0, 6.0]], 12.0)
    """

    name: ClassVar[str] = "NumPy"

    @classmethod
    def supports(cls, code: Code) -> bool:
        """Always true: NumPy, or the formula of a primitive, computes everything."""
        return True

    def __init__(self, code: Code) -> None:
        self.code = code
        self.n_uniforms = code.n_uniforms
        self._before, self._after = _split(code.before), _split(code.after)

    def run(self, uniforms: Array, inputs: Array, outputs: Array, samples: int) -> None:
        """Run the code for a batch; see :class:`~autograd.compiler.machine.Machine`."""
        code = self.code
        self._run_uniform(self._before, uniforms)
        if code.lanes:
            registers = np.empty((code.n_registers, samples))
            registers[: code.n_inputs] = inputs
            with np.errstate(all="ignore"):
                for instruction in code.lanes:
                    self._run_lanes(instruction, uniforms, registers)
            outputs[:] = registers[list(code.outputs)]
        elif code.outputs:
            outputs[:] = inputs[list(code.outputs)]
        self._run_uniform(self._after, uniforms)

    def _run_uniform(self, steps: Sequence[Row | _Singles], uniforms: Array) -> None:
        """Run rows with NumPy, and instructions with Python's floats, which are faster than NumPy's."""
        for step in steps:
            if isinstance(step, Row):
                with np.errstate(all="ignore"):
                    self._run_row(step, uniforms)
                continue
            numbers = dict(zip(step.read, uniforms[[~r for r in step.read]].tolist(), strict=True))
            for op, out, operands in step.instructions:
                numbers[out] = evaluate(self.code.primitive(op), [numbers[r] for r in operands])
            uniforms[[~r for r in step.written]] = [numbers[r] for r in step.written]

    def _run_row(self, row: Row, uniforms: Array) -> None:
        out = _place(row.out)
        operands = [uniforms[_place(x)] for x in row.operands]
        if row.op not in SUMS:
            uniforms[out] = self.code.primitive(row.op)(*operands)
            return
        products, addends = split_sum(row.op, operands)
        total: Any = addends[0] if row.op == "affine" else 0.0
        if len(row.out) > 1:
            terms = chain((x * y for x, y in products), addends if row.op == "sum" else ())
        else:
            both = (x @ y if np.ndim(x) == np.ndim(y) == 1 else np.sum(x * y) for x, y in products)
            terms = chain(both, map(np.sum, addends) if row.op == "sum" else ())
        for term in terms:
            total = total + term
        uniforms[out] = total

    def _run_lanes(self, instruction: Instruction, uniforms: Array, registers: Array) -> None:
        """Run one instruction for all lanes."""
        op, out, operands = instruction
        if op == "total":
            uniforms[~out] = registers[operands[0]].sum()
        elif op == "total_dot":
            uniforms[~out] = registers[operands[0]] @ registers[operands[1]]
        elif op in ("dot", "affine"):
            pairs, addends = split_sum(op, operands)
            total = _sum_of_products(pairs, uniforms, registers)
            for addend in addends:
                total = total + _read(addend, uniforms, registers)
            registers[out] = total
        else:
            registers[out] = _elementwise(self.code.primitive(op), [_read(r, uniforms, registers) for r in operands])


class _Singles(NamedTuple):
    """Instructions that follow one another, with the registers that they read before they write them, and write."""

    instructions: Sequence[Instruction]
    read: Sequence[int]
    written: Sequence[int]


def _split(steps: Iterable[Instruction | Row]) -> list[Row | _Singles]:
    """The rows, and the instructions between them."""
    found: list[Row | _Singles] = []
    for is_row, part in groupby(steps, key=lambda step: isinstance(step, Row)):
        if is_row:
            found += part  # type: ignore[arg-type]
            continue
        instructions: Any = list(part)
        read: dict[int, None] = {}
        written: dict[int, None] = {}
        for _, out, operands in instructions:
            read.update(dict.fromkeys([r for r in operands if r not in written]))
            written[out] = None
        found.append(_Singles(instructions, list(read), list(written)))
    return found


def _place(operand: Registers) -> Any:
    """Where an operand of a row lies among the uniform registers."""
    if isinstance(operand, int):
        return ~operand
    if isinstance(operand, range):
        return slice(~operand[0], ~operand[-1] + 1)
    return [~r for r in operand]


def _read(register: int, uniforms: Array, registers: Array) -> Any:
    """The contents of a register: an array, or one number."""
    return registers[register] if register >= 0 else uniforms[~register]


def _elementwise(row: Primitive, operands: list[Any]) -> Any:
    """A primitive of arrays and numbers.

    The formula of a user's primitive may take only single numbers, or mean something else for arrays, so it is called
    for each sample, unless the user has given a formula for arrays.
    """
    if is_builtin(row) or row.array is not None:
        return row(*operands)
    samples = zip(*[column.tolist() for column in np.broadcast_arrays(*operands)], strict=True)
    return [evaluate(row, numbers) for numbers in samples]


def _sum_of_products(pairs: Sequence[tuple[int, int]], uniforms: Array, registers: Array) -> Any:
    """A sum of products; those of a uniform and a lane register, which are most, as one matrix product."""
    ordered = [(a, b) if a < 0 else (b, a) for a, b in pairs]
    weights = [~a for a, b in ordered if a < 0 <= b]
    total = uniforms[weights] @ registers[[b for a, b in ordered if a < 0 <= b]] if weights else 0.0
    for a, b in ordered:
        if not a < 0 <= b:
            total = total + _read(a, uniforms, registers) * _read(b, uniforms, registers)
    return total
