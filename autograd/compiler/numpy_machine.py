"""Straight-line code over lanes, and the machine that runs it with NumPy.

A batch of samples is computed instruction by instruction, each for all samples at once: a *lane register* holds one
number a sample, a *uniform register* one number for all.  Register numbers tell them apart: ``r >= 0`` is a lane
register, ``r < 0`` the uniform register ``~r``.

:class:`autograd.compiler.native_machine.Machine` runs the same code natively; this one is for machines without a
compiler, and for primitives that have no kernel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.expressions import OPERATIONS, computed, in_table
from autograd.core.primitive import Primitive

__all__ = ["Code", "Instruction", "NumPyMachine"]

Array = np.ndarray[Any, Any]


class Instruction(NamedTuple):
    """One step: a primitive of registers, into a register.

    ``op`` is a row of the table, a comparison, or one of ``total`` and ``total_dot``, the sum over all samples of a
    lane register and of the product of two, which go into a uniform one.  The operands of ``sum`` are its terms, those
    of ``dot`` all first and then all second factors, ``affine`` has the addend after them.
    """

    op: str
    out: int
    operands: tuple[int, ...]


@dataclass(frozen=True)
class Code:
    """Instructions on uniform registers, then those for every sample, then again on uniform registers.

    Attributes:
        before: instructions that do not depend on the samples.
        lanes: instructions for each sample; totals are among them.
        after: instructions that depend on totals.
        n_uniforms: how many uniform registers there are.
        n_registers: how many lane registers.
        n_inputs: how many of these, the first ones, are inputs.
        outputs: the lane registers that are handed out.
        rows: the primitives that are not of the table, by the names that instructions call them.
    """

    before: tuple[Instruction, ...]
    lanes: tuple[Instruction, ...]
    after: tuple[Instruction, ...]
    n_uniforms: int
    n_registers: int
    n_inputs: int
    outputs: tuple[int, ...]
    rows: Mapping[str, Primitive] = field(default_factory=dict)

    def row(self, op: str) -> Primitive:
        """The primitive of an instruction."""
        return self.rows.get(op) or OPERATIONS[op]


class NumPyMachine:
    """Runs code with NumPy, one call or a few an instruction.

    >>> double_and_add = Code((), (Instruction("dot", 1, (~0, 0)), Instruction("total", ~1, (1,))), (), 2, 2, 1, (1,))
    >>> uniforms, outputs = np.array([2.0, 0.0]), np.empty((1, 3))
    >>> NumPyMachine(double_and_add).run(uniforms, np.array([[1.0, 2.0, 3.0]]), outputs, 3)
    >>> outputs.tolist(), float(uniforms[1])
    ([[2.0, 4.0, 6.0]], 12.0)
    """

    name = "NumPy"

    def __init__(self, code: Code) -> None:
        self.code = code
        self.n_uniforms = code.n_uniforms  # numbers in the array of uniform registers

    def run(self, uniforms: Array, inputs: Array, outputs: Array, samples: int) -> None:
        """Compute.

        Args:
            uniforms: the uniform registers, inputs and constants among them; results are left in them.
            inputs: a row for each input, with a number for each sample.
            outputs: the same for the outputs, to be filled.
            samples: how many there are.
        """
        code = self.code
        self._run_uniform(code.before, uniforms)
        if code.lanes:
            registers = np.empty((code.n_registers, samples))
            registers[: code.n_inputs] = inputs
            with np.errstate(all="ignore"):
                for instruction in code.lanes:
                    self._step(instruction, uniforms, registers)
            outputs[:] = registers[list(code.outputs)]
        elif code.outputs:
            outputs[:] = inputs[list(code.outputs)]
        self._run_uniform(code.after, uniforms)

    def _run_uniform(self, instructions: Sequence[Instruction], uniforms: Array) -> None:
        """Instructions on single numbers, with Python's floats, which are faster than NumPy's."""
        if not instructions:
            return
        numbers: list[float] = uniforms.tolist()
        for op, out, operands in instructions:
            numbers[~out] = computed(self.code.row(op), [numbers[~r] for r in operands])
        uniforms[:] = numbers

    def _step(self, instruction: Instruction, uniforms: Array, registers: Array) -> None:
        """One instruction for all samples."""
        op, out, operands = instruction
        if op == "total":
            uniforms[~out] = registers[operands[0]].sum()
        elif op == "total_dot":
            uniforms[~out] = registers[operands[0]] @ registers[operands[1]]
        elif op in ("dot", "affine"):
            half = len(operands) // 2
            total = _products(operands[:half], operands[half : 2 * half], uniforms, registers)
            registers[out] = total + _number(operands[-1], uniforms, registers) if op == "affine" else total
        else:
            registers[out] = _elementwise(self.code.row(op), [_number(r, uniforms, registers) for r in operands])


def _elementwise(row: Primitive, operands: list[Any]) -> Any:
    if in_table(row) or row.array is not None:
        return row(*operands)
    # A primitive of the user's, whose formula may be for single numbers, or be another one for arrays.
    samples = zip(*[column.tolist() for column in np.broadcast_arrays(*operands)], strict=True)
    return [computed(row, numbers) for numbers in samples]


def _number(register: int, uniforms: Array, registers: Array) -> Any:
    return registers[register] if register >= 0 else uniforms[~register]


def _products(ones: Sequence[int], others: Sequence[int], uniforms: Array, registers: Array) -> Any:
    """The sum of products; those of a weight and a lane, which are most, as one product with a matrix."""
    pairs = [(a, b) if a < 0 else (b, a) for a, b in zip(ones, others, strict=True)]
    weights = [~a for a, b in pairs if a < 0 <= b]
    total = uniforms[weights] @ registers[[b for a, b in pairs if a < 0 <= b]] if weights else 0.0
    for a, b in pairs:
        if not a < 0 <= b:
            total = total + _number(a, uniforms, registers) * _number(b, uniforms, registers)
    return total
