"""A program as text: its assignments as lines of Python, for people to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from autograd.compiler.expressions import call_source
from autograd.compiler.lowering import Assignment, Lowered
from autograd.compiler.operations import OPERATIONS, SUMS, TOTALS, split_sum
from autograd.core.primitive import Primitive

__all__ = ["listing"]


def listing(lowered: Lowered) -> str:
    """A line for each assignment, under a title for each phase, and what the program returns."""
    names: dict[int, str] = {}
    taken = {x.name for x in (*lowered.uniform, *lowered.varying)}
    fresh = (f"v{i}" for i in count(1) if f"v{i}" not in taken)
    lines = []
    for title, phase in zip(("once:", "for each sample:", "once:"), lowered.phases, strict=True):
        lines += [title, *_lines(lowered, phase, names, fresh)] if phase else []
    once, each = (", ".join([str(x.source(names)) for x in outputs]) for outputs in (lowered.once, lowered.each))
    returned = " and for each sample ".join(filter(None, [once, each]))
    return "\n".join([*lines, f"return {returned}"])


def _lines(lowered: Lowered, phase: Sequence[Assignment], names: dict[int, str], fresh: Iterator[str]) -> Iterator[str]:
    """The lines of a phase; each target gets a fresh name."""
    backward = False
    for assignment in phase:
        index = assignment.target.index
        if not backward and index not in lowered.forward:
            backward = True
            yield "    # backward"
        text = _right_hand_side(assignment, lowered.rows, names)
        names[index] = next(fresh)
        yield f"    {names[index]} = {text}"


def _right_hand_side(assignment: Assignment, rows: Mapping[str, Primitive], names: Mapping[int, str]) -> str:
    op = assignment.op
    operands = [x.source(names) for x in assignment.operands]
    if op in SUMS:
        products, addends = split_sum(op, operands)
        return " + ".join([*map(str, addends), *[str(x * y) for x, y in products]])
    if op in TOTALS:
        return f"total({operands[0] * operands[1] if len(operands) > 1 else operands[0]})"
    return str(call_source(rows.get(op) or OPERATIONS[op], operands))
