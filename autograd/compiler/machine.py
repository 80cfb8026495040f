"""Straight-line code, and what a machine that runs it must provide.

A batch of samples is computed instruction by instruction, each for all samples at once.  A *lane* is the position of
one sample.  A *lane register* holds one number for each lane, a *uniform register* one number for all of them.  The
register number tells them apart: ``r >= 0`` is a lane register, ``r < 0`` the uniform register ``~r``.

To add a compile target, write a class with the methods of :class:`Machine` and put it into ``MACHINES`` in
:mod:`autograd.compiler.program`, before the machines that it should take precedence over.
:class:`~autograd.compiler.numpy_machine.NumPyMachine` is the shortest example.  It can run any code, so another machine
need not support everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, Protocol

from autograd.compiler.operations import OPERATIONS
from autograd.core.aliases import Array
from autograd.core.primitive import Primitive

__all__ = ["Code", "Instruction", "Machine"]


class Instruction(NamedTuple):
    """An operation on registers, whose result goes into a register.

    Attributes:
        op: the name of a row of the table, of a comparison, or of an entry of ``Code.rows``; or ``total`` or
            ``total_dot``, the sum over all samples of a lane register or of the product of two, which goes into a
            uniform register.
        out: the register that is written.
        operands: the registers that are read.  ``sum`` adds all of them; ``dot`` has all first factors and then all
            second factors; ``affine`` is the same with an addend at the end.
    """

    op: str
    out: int
    operands: tuple[int, ...]


@dataclass(frozen=True)
class Code:
    """Instructions on uniform registers, then instructions for every lane, then again on uniform registers.

    Attributes:
        before: instructions that do not depend on the samples.
        lanes: instructions for every lane; the totals are among them.
        after: instructions that depend on totals.
        n_uniforms: the number of uniform registers.
        n_registers: the number of lane registers.
        n_inputs: the number of lane registers that hold inputs at the start; they come first.
        outputs: the lane registers whose contents are returned.
        rows: primitives that are not built in, by the names that instructions use.
    """

    before: tuple[Instruction, ...]
    lanes: tuple[Instruction, ...]
    after: tuple[Instruction, ...]
    n_uniforms: int
    n_registers: int
    n_inputs: int
    outputs: tuple[int, ...]
    rows: Mapping[str, Primitive] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Instruction]:
        """All instructions in order."""
        yield from self.before
        yield from self.lanes
        yield from self.after

    def row(self, op: str) -> Primitive:
        """The primitive that an instruction names."""
        return self.rows.get(op) or OPERATIONS[op]


class Machine(Protocol):
    """Runs straight-line code.  An instance runs one code, any number of times and in several threads at once.

    Attributes:
        name: the name that :class:`~autograd.compiler.program.Stats` reports.
        n_uniforms: the length of the array of uniform registers, at least ``code.n_uniforms``; a machine may use the
            registers beyond those of the code for itself.
    """

    name: ClassVar[str]
    n_uniforms: int

    @classmethod
    def supports(cls, code: Code) -> bool:
        """Whether this machine can run the code."""
        ...

    def __init__(self, code: Code) -> None: ...

    def run(self, uniforms: Array, inputs: Array, outputs: Array, samples: int, /) -> None:
        """Run the code for a batch.

        Args:
            uniforms: the uniform registers, ``n_uniforms`` float64 numbers, with inputs and constants filled in;
                results are left in them.
            inputs: a row for each input, with a float64 number for each sample.
            outputs: a row for each output, which this call fills.
            samples: the number of samples.
        """
        ...
