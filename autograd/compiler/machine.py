"""Straight-line code, and what a machine that runs it must provide.

A batch of samples is computed instruction by instruction, each for all samples at once.  A *lane* is the position of
one sample.  A *lane register* holds one number for each lane, a *uniform register* one number for all of them.  The
register number tells them apart: ``r >= 0`` is a lane register, ``r < 0`` the uniform register ``~r``.

Without a batch there is one lane, and all numbers are uniform.  Many of them are often computed in the same way, such
as the terms of a long sum.  They lie in registers side by side, and a :class:`Row` computes them at once.

To add a compile target, write a class with the methods of :class:`Machine` and put it into ``MACHINES`` in
:mod:`autograd.compiler.program`, before the machines that it should take precedence over.
:class:`~autograd.compiler.numpy_machine.NumPyMachine` is the shortest example.  It can run any code, so another machine
need not support everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, Protocol, TypeAlias

from autograd.compiler.operations import OPERATIONS, split_sum
from autograd.core.aliases import Array
from autograd.core.primitive import Primitive

__all__ = ["Code", "Instruction", "Machine", "Registers", "Row", "one_by_one"]

Registers: TypeAlias = int | range | tuple[int, ...]
"""One register, registers side by side, or registers anywhere."""


class Instruction(NamedTuple):
    """An operation on registers, whose result goes into a register.

    Attributes:
        op: the name of a row of the table, of a comparison, or of an entry of ``Code.primitives``; or ``total`` or
            ``total_dot``, the sum over all samples of a lane register or of the product of two, which goes into a
            uniform register.
        out: the register that is written.
        operands: the registers that are read.  ``sum`` adds all of them; ``dot`` has all first factors and then all
            second factors; ``affine`` is the same with an addend at the end.
    """

    op: str
    out: int
    operands: tuple[int, ...]


class Row(NamedTuple):
    """One operation on many uniform registers, whose results go into registers that lie side by side.

    It does the work of an instruction for each of its results, at once; see :func:`one_by_one`.

    Attributes:
        op: the name of a row of the table, of a comparison or of a sum, as in an :class:`Instruction`.
        out: the registers that are written.  None of them is read.
        operands: for each operand one register that counts for all results, or a range with a register for each.  If
            only one register is written, the operation is a sum, and ranges among its operands have any length: all
            their numbers are added, or those of two ranges are multiplied and then added.  Only ``positive``, which
            copies numbers, may read registers that do not lie side by side.
    """

    op: str
    out: range
    operands: tuple[Registers, ...]

    def read(self) -> Iterator[int]:
        """All registers that it reads."""
        return (register for x in self.operands for register in ([x] if isinstance(x, int) else x))


def one_by_one(row: Row) -> Iterator[Instruction]:
    """The instructions whose work a row does.

    >>> list(one_by_one(Row("multiply", range(~4, ~6, -1), (~0, range(~1, ~3, -1)))))
    [Instruction(op='multiply', out=-5, operands=(-1, -2)), Instruction(op='multiply', out=-6, operands=(-1, -3))]
    >>> list(one_by_one(Row("dot", range(~4, ~5, -1), (~0, range(~1, ~3, -1)))))
    [Instruction(op='dot', out=-5, operands=(-1, -1, -2, -3))]
    """
    op, outs, operands = row
    if len(outs) > 1:
        for i, out in enumerate(outs):
            yield Instruction(op, out, tuple([x if isinstance(x, int) else x[i] for x in operands]))
        return
    products, addends = split_sum(op, operands)
    pairs = [pair for product in products for pair in zip(*_of_one_length(*product), strict=True)]
    firsts, seconds = zip(*pairs, strict=True) if pairs else ((), ())
    yield Instruction(op, outs[0], (*firsts, *seconds, *Row(op, outs, tuple(addends)).read()))


def _of_one_length(x: Registers, y: Registers) -> tuple[Sequence[int], Sequence[int]]:
    """Two operands that are multiplied, as registers of one length."""
    length = max([len(z) for z in (x, y) if not isinstance(z, int)], default=1)
    one, other = ([z] * length if isinstance(z, int) else z for z in (x, y))
    return one, other


@dataclass(frozen=True)
class Code:
    """Instructions on uniform registers, then instructions for every lane, then again on uniform registers.

    Attributes:
        before: instructions and rows that do not depend on the samples.
        lanes: instructions for every lane; the totals are among them.
        after: instructions and rows that depend on totals.
        n_uniforms: the number of uniform registers.
        n_registers: the number of lane registers.
        n_inputs: the number of lane registers that hold inputs at the start; they come first.
        outputs: the lane registers whose contents are returned.
        primitives: primitives that are not built in, by the names that instructions use.
    """

    before: tuple[Instruction | Row, ...]
    lanes: tuple[Instruction, ...]
    after: tuple[Instruction | Row, ...]
    n_uniforms: int
    n_registers: int
    n_inputs: int
    outputs: tuple[int, ...]
    primitives: Mapping[str, Primitive] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Instruction | Row]:
        """All instructions and rows in order."""
        yield from self.before
        yield from self.lanes
        yield from self.after

    def primitive(self, op: str) -> Primitive:
        """The primitive that an instruction names."""
        return self.primitives.get(op) or OPERATIONS[op]


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
