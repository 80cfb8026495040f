"""Lowering: from expressions to straight-line code.

1. :func:`lower` keeps the expressions that an output needs, fuses sums of products into one assignment each, and splits
   the assignments into three phases: before the samples, for each sample, and after all of them.
2. :func:`allocate_registers` gives every result a register, and reuses registers whose contents are no longer
   needed.
3. :func:`assemble` writes the assignments as instructions on registers.

Between the first two, :mod:`autograd.compiler.rows` joins assignments that are alike into rows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count
from typing import NamedTuple

from autograd.compiler.expressions import Expression, ExpressionGraph, reachable
from autograd.compiler.machine import Code, Instruction, Registers, Row
from autograd.compiler.operations import OPERATIONS, TOTAL, TOTALS, is_builtin, split_sum
from autograd.core import rules
from autograd.core.primitive import PRIMITIVES, Primitive

__all__ = [
    "Assignment",
    "Lowered",
    "RowAssignment",
    "allocate_registers",
    "assemble",
    "lower",
    "written",
]

_SUMS = frozenset({rules.add, PRIMITIVES["sum"], PRIMITIVES["dot"], PRIMITIVES["affine"]})
_PRODUCTS = frozenset({rules.multiply, rules.square})


class Assignment(NamedTuple):
    """An operation on expressions, whose result is an expression; registers are allocated later."""

    op: str
    target: Expression
    operands: tuple[Expression, ...]


class RowAssignment(NamedTuple):
    """One operation on many uniform expressions at once; becomes a :class:`~autograd.compiler.machine.Row`.

    Attributes:
        op: the operation.
        targets: the results.
        operands: for each operand one expression that counts for all results, or one for each of them.
    """

    op: str
    targets: tuple[Expression, ...]
    operands: tuple[Expression | tuple[Expression, ...], ...]


def written(step: Assignment | RowAssignment) -> Sequence[Expression]:
    """The expressions that a step computes."""
    return step.targets if isinstance(step, RowAssignment) else (step.target,)


def mentioned(step: Assignment | RowAssignment) -> Sequence[Expression]:
    """What a step computes, then what it reads; only the first of several expressions in one block."""
    if not isinstance(step, RowAssignment):
        return step.target, *step.operands
    found = [step.targets[0]]
    for operand in step.operands:
        if isinstance(operand, Expression):
            found.append(operand)
        else:  # only a copy reads what does not lie in one block
            found += operand if step.op == "positive" else operand[:1]
    return found


@dataclass(frozen=True)
class Lowered:
    """What a program computes, in order.

    Attributes:
        uniform: the uniform inputs, the number of samples first.
        varying: the varying inputs.
        once: the outputs that are computed once.
        each: the outputs that are computed for each sample.
        phases: the assignments before the samples, for each sample, and after all of them.
        forward: the indices of the expressions that the values need; the others belong to derivatives.
        primitives: the primitives that are not built in, each by a name of its own.
        blocks: expressions that lie side by side, because they are computed or read as rows.
    """

    uniform: list[Expression]
    varying: list[Expression]
    once: list[Expression]
    each: list[Expression]
    phases: tuple[Sequence[Assignment | RowAssignment], list[Assignment], Sequence[Assignment | RowAssignment]]
    forward: set[int]
    primitives: dict[str, Primitive]
    blocks: Sequence[Sequence[Expression]] = ()

    @property
    def outputs(self) -> list[Expression]:
        """All outputs."""
        return [*self.once, *self.each]

    @cached_property
    def constants(self) -> list[Expression]:
        """The constants that assignments or outputs use."""
        found: dict[Expression, None] = {}
        for x in chain(*[step.operands for step in chain(*self.phases)], self.outputs):
            if isinstance(x, tuple):  # all of a row or none are constants
                found.update(dict.fromkeys(x) if x[0].number is not None else ())
            elif x.number is not None:
                found[x] = None
        return list(found)


def lower(
    graph: ExpressionGraph,
    uniform: Sequence[Expression],
    varying: Sequence[Expression],
    once: Sequence[Expression],
    each: Sequence[Expression],
    values: Sequence[Expression],
) -> Lowered:
    """The assignments that compute the outputs; :class:`~autograd.compiler.program.Program` explains the arguments."""
    n, m = len(once), len(once) + len(each)
    found = [*once, *each, *values]
    declared = any(op is not None and not is_builtin(op) for op in {x.op for x in graph.expressions})
    if declared:
        found = _inlined(graph, found)
    once, each, values = found[:n], found[n:m], found[m:]
    needed = reachable([*once, *each])
    forward = {x.index for x in reachable(values)}
    primitives = _named_primitives(needed) if declared else {}
    assignments = _assignments(graph, needed, [*once, *each], primitives)
    assignments.sort(key=lambda assignment: assignment.target.index not in forward)  # values first
    return Lowered([graph.samples, *uniform], list(varying), once, each, _phases(assignments), forward, primitives)


# ---------------------------------------------------------------------------------------------------------------------
# Primitives that users declare
# ---------------------------------------------------------------------------------------------------------------------


def _inlined(graph: ExpressionGraph, outputs: Sequence[Expression]) -> list[Expression]:
    """The outputs, with primitives of users replaced by their formulas where these accept expressions."""
    fresh: dict[int, Expression] = {}
    for x in reachable(outputs):
        operands = [fresh[y.index] for y in x.operands]
        if x.op is None:
            fresh[x.index] = x
        elif x.op is TOTAL:
            fresh[x.index] = graph.total(operands[0])
        else:
            fresh[x.index] = _formula(graph, x.op, operands)
    return [fresh[x.index] for x in outputs]


def _formula(graph: ExpressionGraph, op: Primitive, operands: Sequence[Expression]) -> Expression:
    if not is_builtin(op):
        try:
            result = op.formula(*operands)
            return result if isinstance(result, Expression) else graph.constant(float(result))
        except Exception:  # the formula takes only numbers, or branches: the machine will call it with numbers
            pass
    return graph.apply(op, operands)


def _named_primitives(needed: Iterable[Expression]) -> dict[str, Primitive]:
    """The primitives that are not built in, by name; if a name is taken or reserved, a number is appended."""
    primitives: dict[str, Primitive] = {}
    for op in {x.op: None for x in needed}:
        if op is None or is_builtin(op):
            continue
        names = (f"{op.name}_{i}" if i > 1 else op.name for i in count(1))
        primitives[next(name for name in names if name not in OPERATIONS and name not in primitives)] = op
    return primitives


# ---------------------------------------------------------------------------------------------------------------------
# Assignments
# ---------------------------------------------------------------------------------------------------------------------


def _assignments(
    graph: ExpressionGraph,
    needed: Sequence[Expression],
    outputs: Sequence[Expression],
    primitives: Mapping[str, Primitive],
) -> list[Assignment]:
    """An assignment for each expression that is needed, except for those that are fused into another one."""
    names = {op: name for name, op in primitives.items()}
    uses = Counter([x.index for parent in needed for x in parent.operands])
    uses.update(2 * [x.index for x in outputs])  # an output is never used once only, so it is never fused
    fused: set[int] = set()
    assignments = []
    for x in reversed(needed):
        op = x.op
        if op is None or x.index in fused:
            continue
        if op in _SUMS:
            assignments.append(_fused_sum(graph, x, uses, fused))
        elif op is TOTAL and x.operands[0].op in _PRODUCTS and uses[x.operands[0].index] == 1:
            fused.add(x.operands[0].index)
            assignments.append(Assignment("total_dot", x, _factors(x.operands[0])))
        else:
            assignments.append(Assignment(names.get(op, op.name), x, x.operands))
    return assignments[::-1]


def _fused_sum(graph: ExpressionGraph, total: Expression, uses: Mapping[int, int], fused: set[int]) -> Assignment:
    """A sum, with the sums and products that only it needs, as one assignment."""
    singles: list[Expression] = []
    products: list[tuple[Expression, Expression]] = []
    stack = [total]
    while stack:
        x = stack.pop()
        if not (x is total or (uses[x.index] == 1 and x.varying == total.varying)):
            singles.append(x)
        elif x.op is rules.add:
            stack += x.operands[::-1]
            fused.add(x.index)
        elif x.op in _PRODUCTS:
            products.append(_factors(x))
            fused.add(x.index)
        elif x.op in _SUMS:
            pairs, addends = split_sum(x.op.name, x.operands)
            products += pairs
            stack += reversed(addends)
            fused.add(x.index)
        else:
            singles.append(x)
    if not products:
        return Assignment("add" if len(singles) == 2 else "sum", total, tuple(singles))
    addend, more = singles[:1], singles[1:]
    ones, others = zip(*products, *[(graph.constant(1.0), x) for x in more], strict=True)
    return Assignment("affine" if addend else "dot", total, (*ones, *others, *addend))


def _factors(product: Expression) -> tuple[Expression, Expression]:
    x, *others = product.operands
    return x, others[0] if others else x  # the square of x is x times x


def _phases(assignments: Iterable[Assignment]) -> tuple[list[Assignment], list[Assignment], list[Assignment]]:
    """Split assignments into those before the samples, those for each sample, and those that depend on a total."""
    before: list[Assignment] = []
    lanes: list[Assignment] = []
    after: list[Assignment] = []
    late: set[int] = set()
    for assignment in assignments:
        total = assignment.op in TOTALS
        if late and not late.isdisjoint([x.index for x in assignment.operands]):
            if assignment.target.varying:
                raise NotImplementedError("a number for each sample cannot be computed from a sum over all samples")
            late.add(assignment.target.index)
        elif total:
            late.add(assignment.target.index)
        if assignment.target.varying or total:
            lanes.append(assignment)
        elif assignment.target.index in late:
            after.append(assignment)
        else:
            before.append(assignment)
    return before, lanes, after


# ---------------------------------------------------------------------------------------------------------------------
# Registers
# ---------------------------------------------------------------------------------------------------------------------


_BLOCK = 8
"""The numbers in the longest vector.  Blocks begin a multiple of this after the first input, which is register 1."""


def allocate_registers(lowered: Lowered) -> dict[int, int]:
    """A register for every expression, by index.

    Uniform registers hold the inputs first, then the constants, then the outputs that are not in a block.
    """
    registers = {x.index: ~i for i, x in enumerate([*lowered.uniform, *lowered.constants])}
    block_of = {x.index: block for block in lowered.blocks for x in block}
    for x in lowered.outputs:
        if not x.varying and x.index not in registers and x.index not in block_of:
            registers[x.index] = ~len(registers)  # side by side, so that they are returned without a copy
    used = {True: len(lowered.varying), False: len(registers)}  # the number of lane and of uniform registers
    registers |= {x.index: i for i, x in enumerate(lowered.varying)}
    free: defaultdict[tuple[bool, int], list[int]] = defaultdict(list)  # by kind and size
    for x, ending in _lifetimes(lowered, block_of):
        if x.index in block_of and x.index not in registers:
            block = block_of[x.index]
            start = _take(free[False, _size(block)], used, False, _size(block))
            registers.update(zip([y.index for y in block], range(~start, ~start - len(block), -1), strict=True))
        elif x.index not in registers:
            start = _take(free[x.varying, 1], used, x.varying, 1)
            registers[x.index] = start if x.varying else ~start
        for x in ending:
            register = registers[x.index]
            free[x.varying, _size(block_of.get(x.index, (x,)))].append(register if x.varying else ~register)
    return registers


def _size(block: Sequence[Expression]) -> int:
    """The number of registers that a block takes; a single expression takes one."""
    return 1 if len(block) == 1 else -(-len(block) // _BLOCK) * _BLOCK


def _take(free: list[int], used: dict[bool, int], varying: bool, size: int) -> int:
    """The first of ``size`` registers: free ones, or new ones."""
    if free:
        return free.pop()
    start = used[varying] if size == 1 else 1 + -(-(used[varying] - 1) // _BLOCK) * _BLOCK
    used[varying] = start + size
    return start


def _lifetimes(
    lowered: Lowered, block_of: Mapping[int, Sequence[Expression]]
) -> Iterator[tuple[Expression, list[Expression]]]:
    """What each step writes, and what is not needed after it: expressions, or the first ones of blocks.

    A uniform number that the samples read is needed until the last instruction for them, and inputs, constants and
    outputs until the end.
    """
    before, lanes, _ = lowered.phases
    steps = list(chain(*lowered.phases))
    first, end = len(before), len(before) + len(lanes) - 1
    last: dict[Expression, int] = {}
    start_of = {index: block[0] for index, block in block_of.items()}
    for i, step in enumerate(steps):
        uniform_until = end if first <= i <= end else i
        for x in mentioned(step):
            last[start_of.get(x.index, x)] = i if x.varying else uniform_until
    for x in (*lowered.uniform, *lowered.constants, *lowered.outputs):
        last[start_of.get(x.index, x)] = len(steps)
    ending: defaultdict[int, list[Expression]] = defaultdict(list)
    for x, i in last.items():
        ending[i].append(x)
    for i, step in enumerate(steps):
        yield written(step)[0], ending[i]


def assemble(lowered: Lowered, registers: Mapping[int, int]) -> Code:
    """The assignments as instructions on these registers."""

    def row(operand: Sequence[Expression]) -> range:
        first = registers[operand[0].index]
        return range(first, first - len(operand), -1)

    def place(operand: Expression | Sequence[Expression], is_copied: bool) -> Registers:
        if isinstance(operand, Expression):
            return registers[operand.index]
        if is_copied:
            return tuple([registers[x.index] for x in operand])
        return row(operand)

    def instruction(step: Assignment | RowAssignment) -> Instruction | Row:
        if isinstance(step, RowAssignment):
            is_copied = step.op == "positive"
            return Row(step.op, row(step.targets), tuple([place(x, is_copied) for x in step.operands]))
        return Instruction(step.op, registers[step.target.index], tuple([registers[x.index] for x in step.operands]))

    before, lanes, after = (tuple(map(instruction, phase)) for phase in lowered.phases)
    return Code(
        before,
        lanes,  # type: ignore[arg-type]  # there are no rows among the instructions for lanes
        after,
        n_uniforms=-min(registers.values()),  # uniform registers are negative
        n_registers=1 + max(-1, *registers.values()),
        n_inputs=len(lowered.varying),
        outputs=tuple([registers[x.index] for x in lowered.each if x.varying]),
        primitives=lowered.primitives,
    )
