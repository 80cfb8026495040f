"""A program as text: its assignments as lines of Python, for people to read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from autograd.compiler.expressions import Expression, call_source
from autograd.compiler.lowering import Assignment, Lowered, RowAssignment, written
from autograd.compiler.operations import OPERATIONS, SUMS, TOTALS, split_sum
from autograd.core.primitive import Primitive
from autograd.dialects.python import Source

__all__ = ["listed", "listing", "steps_as_boxes"]

_PHASES = ("once", "for each sample", "once")


def listing(lowered: Lowered) -> str:
    """A line for each assignment, under a title for each phase, and what the program returns.

    A row is written as one array, and parts of it as slices.
    """
    lines: list[str] = []
    for phase, part, target, text in listed(lowered):
        lines += [f"{phase}:"] * bool(phase) + [f"    # {part}"] * bool(part)
        lines.append(f"    {target} = {text}" if target else text)
    return "\n".join(lines)


def listed(lowered: Lowered) -> list[tuple[str, str, str, str]]:
    """The assignments as cells: the phase and the part that begin here, the target and the right-hand side.

    The last row is what the program returns.
    """
    names = _Names(lowered)
    rows = [row for title, phase in zip(_PHASES, lowered.phases, strict=True)
            for row in _assignments(lowered, title, phase, names)]  # fmt: skip
    once, each = (", ".join(names.outputs(outputs)) for outputs in (lowered.once, lowered.each))
    return [*rows, ("", "", "", f"return {' and for each sample '.join(filter(None, [once, each]))}")]


def steps_as_boxes(lowered: Lowered) -> tuple[dict[str, list[str]], list[tuple[str, str, str]]]:
    """The inputs and assignments as boxes with lines of text, and an arrow from each to those that read it."""
    names = _Names(lowered)
    boxes: dict[str, list[str]] = {}
    holder: dict[int, str] = {}  # the box that an expression is in
    arrows: dict[tuple[str, str, str], None] = {}
    for title, phase in zip(_PHASES, lowered.phases, strict=True):
        for step in phase:
            key = f"s{written(step)[0].index}"
            for operand in step.operands:
                for x in operand if isinstance(operand, tuple) else (operand,):
                    if x.number is None and x.index not in holder:  # an input
                        holder[x.index] = f"i{x.index}"
                        boxes[f"i{x.index}"] = [x.name]
                    if x.number is None:
                        arrows[holder[x.index], key, ""] = None
            text = _right_hand_side(step, lowered.primitives, names)
            boxes[key] = [names.fresh(written(step)), f"= {text}", title]
            holder |= {x.index: key for x in written(step)}
    return boxes, list(arrows)


def _assignments(
    lowered: Lowered, title: str, phase: Sequence[Assignment | RowAssignment], names: _Names
) -> Iterator[tuple[str, str, str, str]]:
    """The rows of a phase; each target gets a fresh name."""
    backward = False
    for step in phase:
        index = written(step)[0].index
        begins = not backward and index not in lowered.forward and index not in names.copies
        backward = backward or begins
        text = _right_hand_side(step, lowered.primitives, names)
        yield title, "backward" * begins, names.fresh(written(step)), text
        title = ""


def _right_hand_side(step: Assignment | RowAssignment, primitives: Mapping[str, Primitive], names: _Names) -> str:
    op = step.op
    operands = [names.source(x) for x in step.operands]
    if op in SUMS:
        products, addends = split_sum(op, operands)
        terms: list[Source] = [*addends, *[x * y for x, y in products]]
        if isinstance(step, RowAssignment) and len(step.targets) == 1:  # what lies in rows is added up
            pairs, singles = split_sum(op, step.operands)
            rows = [*[isinstance(x, tuple) for x in singles], *[tuple in map(type, pair) for pair in pairs]]
            terms = [Source(f"sum({x})") if row else x for x, row in zip(terms, rows, strict=True)]
        return " + ".join(map(str, terms))
    if op in TOTALS:
        return f"total({operands[0] * operands[1] if len(operands) > 1 else operands[0]})"
    if op == "positive":  # a copy, which gives a row to what lies elsewhere
        return str(operands[0])
    return str(call_source(primitives.get(op) or OPERATIONS[op], operands))


_ENTRY = re.compile(r"(.*\[(?:-?\d+, )*)(\d+)\]")  # an entry of an array: all up to its last index, and this index
_SHOWN = 6  # parts of a row that is written out; more are cut
_LONG = 8  # entries among the outputs that are written as a slice


class _Names:
    """The names of expressions: those of inputs, and fresh ones for results, one for all results of a block.

    Attributes:
        copies: the indices of copies, which belong neither to the values nor to the derivatives.
    """

    def __init__(self, lowered: Lowered) -> None:
        taken = {x.name for x in (*lowered.uniform, *lowered.varying)}
        self._fresh = (f"v{i}" for i in count(1) if f"v{i}" not in taken)
        self._names: dict[int, str] = {}
        self._blocks = {x.index: block for block in lowered.blocks for x in block}
        self._whole: dict[str, str] = {}  # the names of blocks, by how they would be written as slices
        rows = [step for step in (*lowered.phases[0], *lowered.phases[2]) if isinstance(step, RowAssignment)]
        self.copies = {x.index for step in rows if step.op == "positive" for x in step.targets}

    def fresh(self, targets: Sequence[Expression]) -> str:
        """Name the results of a step and the other results of its block; returns how the former are written."""
        block = self._blocks.get(targets[0].index)
        if block is None:
            self._names[targets[0].index] = name = next(self._fresh)
            return name
        if targets[0].index not in self._names:
            name = next(self._fresh)
            self._names |= {x.index: f"{name}[{i}]" for i, x in enumerate(block)}
            self._whole[f"{name}[0:{len(block)}]"] = name
        return self._row(targets)

    def source(self, operand: Expression | tuple[Expression, ...]) -> Source:
        """An operand as Python source."""
        return Source(self._row(operand)) if isinstance(operand, tuple) else operand.source(self._names)

    def outputs(self, outputs: Sequence[Expression]) -> Iterator[str]:
        """Each output, or slices of many."""
        for part in _parts([str(x.source(self._names)) for x in outputs]):
            yield from [self._joined(part)] if len(part) >= _LONG else part

    def _row(self, expressions: Sequence[Expression]) -> str:
        parts = list(map(self._joined, _parts([str(x.source(self._names)) for x in expressions])))
        if len(parts) == 1:
            return parts[0]
        if len(parts) > _SHOWN:
            parts[_SHOWN - 2 : -1] = ["..."]
        return f"r_[{', '.join(parts)}]"

    def _joined(self, entries: Sequence[str]) -> str:
        """Entries that follow one another, as a slice."""
        found = _ENTRY.fullmatch(entries[0])
        if found is None or len(entries) == 1:
            return entries[0]
        array, first = found[1], int(found[2])
        text = f"{array}{first}:{first + len(entries)}]"
        return self._whole.get(text, text)


def _parts(names: Sequence[str]) -> list[list[str]]:
    """Names of entries, split wherever one is not the entry after the one before it."""
    parts: list[list[str]] = []
    expected = None
    for name in names:
        found = _ENTRY.fullmatch(name)
        if parts and name == expected:
            parts[-1].append(name)
        else:
            parts.append([name])
        expected = f"{found[1]}{int(found[2]) + 1}]" if found else None
    return parts
