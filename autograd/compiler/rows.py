"""Rows: steps of one function that are alike, side by side.

Scalar code with loops does the same again and again, such as ``(x[i + 1] - x[i] ** 2) ** 2`` for each ``i``.  Written
out as straight-line code it is long, and each of its instructions computes one number.  :func:`side_by_side` finds the
steps that are alike and makes them rows: one step that computes many numbers, which lie side by side.

Two steps are alike if they do the same operation, depend on equally many steps before them, and have operands in the
same rows; all inputs together count as one row, and so do all constants.  The steps of a row are put in an order in
which their operands lie side by side, or are one and the same.  Operands that lie elsewhere are first copied to a row
of their own.  Constants are laid out beforehand.  A long sum runs along rows.

A row pays only if it is long enough.  Estimated times decide, step by step, so that a program without repetition stays
as it is.

Only the order in which a sum adds its terms differs from the program without rows.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.expressions import Expression, ExpressionGraph
from autograd.compiler.lowering import Assignment, Lowered, RowAssignment
from autograd.compiler.operations import ARITHMETIC, OPERATIONS, SUMS, split_sum

__all__ = ["side_by_side"]

Step: TypeAlias = Assignment | RowAssignment
Operand: TypeAlias = Expression | tuple[Expression, ...]
Places: TypeAlias = NDArray[np.int64]

LEAST = 8
"""The least number of steps in a row."""

# Times in nanoseconds, as far as they decide what is faster.
ROW, OPERAND, TERM = 8.0, 1.3, 0.15  # a row; each term of a sum; each number in it
ALONG, ADDED = 9.0, 0.05  # a sum along one row; each number in it
CALL, CALLED = 8.0, 1.5  # a function called for one number; for each number in a row
GATHER = 0.7  # a number copied from elsewhere
ALONE = 1.2  # arithmetic with one number, or a term of a sum

WORTH = 0.9  # rows must save a tenth of the time of a program

# A place is a row and a position in it, as one number.
SHIFT, MASK = 32, (1 << 32) - 1
NUMBERS, INPUTS, SINGLES = 0, 1, 2  # the constants, the inputs, and results that are in no row; rows come after these


def side_by_side(graph: ExpressionGraph, lowered: Lowered) -> Lowered:
    """The same program, with rows in place of steps that are alike.

    Args:
        graph: the graph of its expressions; copies are added to it.
        lowered: the program.  If rows would not make it faster, it is returned as it is.
    """
    if max(map(len, (lowered.phases[0], lowered.phases[2]))) < LEAST and not _long_sums(lowered):
        return lowered
    rows = _Rows(graph, lowered)
    before, lanes, after = lowered.phases
    phases = rows.phase(before), lanes, rows.phase(after)
    if rows.time > WORTH * rows.time_alone:
        return lowered
    return replace(lowered, phases=phases, blocks=rows.blocks)


def _long_sums(lowered: Lowered) -> bool:
    return any(len(step.operands) > LEAST for phase in (lowered.phases[0], lowered.phases[2]) for step in phase)


class _Group(NamedTuple):
    """Steps that are alike.

    Attributes:
        steps: the steps.
        places: for each step the places of its operands.
        products: how many products they add, if they are sums.
    """

    steps: list[Assignment]
    places: Places
    products: int

    @property
    def op(self) -> str:
        return self.steps[0].op

    @property
    def terms(self) -> int:
        """How many numbers a step adds; 1 for another operation."""
        return self.places.shape[1] - self.products if self.op in SUMS else 1

    @property
    def time_alone(self) -> float:
        """The time that the steps take one by one."""
        return len(self.steps) * (ALONE * self.terms if self.op in ARITHMETIC else CALL)

    @property
    def time_in_row(self) -> float:
        """The time that a step takes as a part of a row."""
        return TERM * self.terms if self.op in ARITHMETIC else CALLED


class _Plan(NamedTuple):
    """A way to compute the steps of a group as rows.

    Attributes:
        time: the estimated time.
        order: the order of the steps in the row.
        runs: the parts of the row, each of which is one instruction.
    """

    time: float
    order: Places
    runs: list[tuple[int, int]]


class _Rows:
    """Finds rows, phase by phase.

    Attributes:
        blocks: the expressions that have to lie side by side.
        time_alone: the estimated time of the program without rows.
        time: the estimated time with rows.
    """

    def __init__(self, graph: ExpressionGraph, lowered: Lowered) -> None:
        self.blocks: list[Sequence[Expression]] = []
        self.time_alone = self.time = 0.0
        self._graph, self._forward = graph, lowered.forward
        self._singles: list[Expression] = []
        self._rows: list[Sequence[Expression]] = [graph.expressions, lowered.uniform, self._singles]
        self._place = np.arange(len(graph.expressions))  # by index; this is the place of a constant already
        self._place[[x.index for x in lowered.uniform]] = _places(INPUTS, len(lowered.uniform))
        self._copies: dict[bytes, tuple[Expression, ...]] = {}  # rows of copies and of constants, by their places
        self._steps: list[Step] = []
        totals = [step.target for step in lowered.phases[1] if not step.target.varying]
        if lowered.phases[2] and len(totals) >= LEAST:
            self._lay_block(totals)
        else:
            for x in totals:
                self._lay_single(x)

    def phase(self, steps: Sequence[Any]) -> list[Step]:
        """The steps of a phase, which are assignments, with rows."""
        forward = [step for step in steps if step.target.index in self._forward]
        for part in (forward, steps[len(forward) :]):
            for level in _levels(part, len(self._place)):
                self._level(level)
        found, self._steps = self._steps, []
        return found

    # -- places --------------------------------------------------------------------------------------------------------

    def _lay_block(self, expressions: Sequence[Expression]) -> None:
        self._place[[x.index for x in expressions]] = _places(len(self._rows), len(expressions))
        self._rows.append(expressions)
        self.blocks.append(expressions)

    def _lay_single(self, x: Expression) -> None:
        self._place[x.index] = (SINGLES << SHIFT) + len(self._singles)
        self._singles.append(x)

    def _at(self, place: int) -> Expression:
        return self._rows[place >> SHIFT][place & MASK]

    # -- groups --------------------------------------------------------------------------------------------------------

    def _level(self, steps: Iterable[Assignment]) -> None:
        """Steps that do not depend on each other."""
        kinds: defaultdict[tuple[str, int], list[Assignment]] = defaultdict(list)
        for step in steps:
            kinds[step.op, len(step.operands)].append(step)
        alone: list[Assignment] = []
        for (op, n_operands), kind in kinds.items():
            if max(len(kind), n_operands) < LEAST or op not in OPERATIONS:
                alone += kind
                continue
            for group in self._groups(kind):
                if max(group.places.shape) < LEAST:
                    alone += group.steps
                    continue
                joined, others = _by_constants(group)
                alone += others if self._as_rows(joined) else group.steps
        for step in alone:
            time = (len(step.operands) if step.op in SUMS else 1) * ALONE if step.op in ARITHMETIC else CALL
            self.time_alone += time
            self.time += time
            self._lay_single(step.target)
        self._steps += alone

    def _groups(self, steps: Sequence[Assignment]) -> Iterator[_Group]:
        """Steps with one operation and equally many operands, by the rows in which the operands lie."""
        places, products = self._ordered(steps)
        for members in _equal(places >> SHIFT):
            yield _Group([steps[i] for i in members], places[members], products)

    def _ordered(self, steps: Sequence[Assignment]) -> tuple[Places, int]:
        """For each step the places of the operands, and how many products it adds.

        The places are in an order that depends on their rows as far as the operation allows.
        """
        op, operands = steps[0].op, [x.index for step in steps for x in step.operands]
        places = self._place[operands].reshape(len(steps), -1)
        if op not in SUMS:
            return np.sort(places) if op in ("add", "multiply") else places, 0
        n = len(split_sum(op, steps[0].operands)[0])
        x, y = np.sort([places[:, :n], places[:, n : 2 * n]], axis=0)
        is_number = x >> SHIFT == NUMBERS  # then the other factor comes first
        order = np.lexsort((np.where(is_number, x, y), np.where(is_number, y, x), y >> SHIFT, x >> SHIFT))
        x, y = np.take_along_axis(x, order, 1), np.take_along_axis(y, order, 1)
        return np.concatenate([x, y, np.sort(places[:, 2 * n :])], axis=1), n

    def _as_rows(self, group: _Group) -> bool:
        """Add rows for steps that are alike, if that is faster."""
        n, n_operands = group.places.shape
        limit = group.time_alone + GATHER * n  # rows that read single numbers have to gather them
        across = _across(group) if n >= LEAST and _least_time(group) < limit else None
        time = time_across = across.time if across is not None else math.inf
        parts: list[list[Places]] = []
        if group.op in SUMS and n_operands > LEAST and n * (ALONG + ADDED * group.terms) < min(limit, time_across):
            parts = [list(_parts(group, places)) for places in group.places]
            time = min(time, self._time_along(parts))
        if time >= limit:
            return False
        self.time_alone += group.time_alone
        self.time += time
        if across is not None and time == time_across:
            self._add_across(group, across)
        else:
            self._add_along(group, parts)
        return True

    # -- rows of many results ------------------------------------------------------------------------------------------

    def _add_across(self, group: _Group, plan: _Plan) -> None:
        places, targets = group.places[plan.order], [group.steps[i].target for i in plan.order.tolist()]
        self._lay_block(targets)
        for start, stop in plan.runs:
            operands = tuple([self._operand(column) for column in places[start:stop].T])
            if stop - start > 1:
                self._steps.append(RowAssignment(group.op, tuple(targets[start:stop]), operands))
            else:
                (step,) = plan.order[start:stop].tolist()
                self._steps.append(group.steps[step])

    def _operand(self, places: Places) -> Operand:
        """The expressions at these places, as an operand of a row."""
        first = int(places[0])
        if (places == first).all():
            return self._at(first)
        if not _is_scattered(places):
            start = first & MASK
            return tuple(self._rows[first >> SHIFT][start : start + len(places)])
        key = places.tobytes()
        if key not in self._copies:
            found = tuple(map(self._at, places.tolist()))
            self._copies[key] = copies = tuple(map(self._graph.copy, found))
            if places[0] >> SHIFT != NUMBERS:
                self.blocks.append(copies)
                self._steps.append(RowAssignment("positive", copies, (found,)))
        return self._copies[key]

    # -- sums along rows -----------------------------------------------------------------------------------------------

    def _time_along(self, sums: Iterable[Iterable[Places]]) -> float:
        """The time of sums along rows, each given by its parts."""
        time, known = 0.0, set(self._copies)
        for part in chain(*sums):
            if not _is_row(part):
                time += ALONE * len(part)
                continue
            time += ALONG + ADDED * len(part)
            for column in part.T:
                if _is_scattered(column) and (key := column.tobytes()) not in known:
                    known.add(key)
                    time += ROW + GATHER * len(part) if column[0] >> SHIFT != NUMBERS else 0.0
        return time

    def _add_along(self, group: _Group, sums: Iterable[Iterable[Places]]) -> None:
        for step, parts in zip(group.steps, sums, strict=True):
            pairs: list[Sequence[Operand]] = []
            addends: list[Operand] = []
            for part in parts:
                columns: list[list[Operand]]
                if _is_row(part):
                    columns = [[self._operand(column)] for column in part.T]
                else:
                    columns = [list(map(self._at, column.tolist())) for column in part.T]
                if len(columns) == 1:
                    addends += columns[0]
                else:
                    pairs += zip(*columns, strict=True)
            operands = (*[x for x, _ in pairs], *[y for _, y in pairs], *addends)
            self._steps.append(RowAssignment(step.op, (step.target,), operands))
            self._lay_single(step.target)


def _places(row: int, n: int) -> Places:
    """The first places of a row."""
    return (row << SHIFT) + np.arange(n)


def _equal(table: Places) -> list[list[int]]:
    """The rows of a table that are equal, by number."""
    found: defaultdict[bytes, list[int]] = defaultdict(list)
    width = table.itemsize * table.shape[1]
    for i, key in enumerate(np.ascontiguousarray(table).view(f"V{width}").ravel().tolist()):
        found[key].append(i)
    return list(found.values())


def _by_constants(group: _Group) -> tuple[_Group, Sequence[Assignment]]:
    """Steps that are alike, and those among them whose constants differ from those of all others, if they are few."""
    constants = group.places[:, group.places[0] >> SHIFT == NUMBERS]
    if not constants.size:
        return group, ()
    most, *others = sorted(_equal(constants), key=len, reverse=True)
    if len(most) < LEAST or len(group.steps) - len(most) >= LEAST:
        return group, ()
    joined = group._replace(steps=[group.steps[i] for i in most], places=group.places[most])
    return joined, [group.steps[i] for i in sorted(chain(*others))]


def _levels(steps: Iterable[Assignment], n: int) -> Iterable[list[Assignment]]:
    """The steps by the length of the longest chain of steps that they depend on; ``n`` is the number of expressions."""
    depth = [0] * n
    levels: defaultdict[int, list[Assignment]] = defaultdict(list)
    for step in steps:
        level = depth[step.target.index] = 1 + max([depth[x.index] for x in step.operands])
        levels[level].append(step)
    return [levels[level] for level in sorted(levels)]


def _is_scattered(places: Places) -> bool:
    """Whether numbers at these places have to be copied before a row can read them."""
    steps = places[1:] - places[:-1]
    side_by_side = places[0] >> SHIFT not in (NUMBERS, SINGLES) and (steps == 1).all()
    return not (side_by_side or (steps == 0).all())


def _is_row(part: Places) -> bool:
    """Whether terms of a sum become a row: not if they are few, or one term again and again, which has no length."""
    return len(part) >= LEAST and bool((part != part[0]).any())


def _least_time(group: _Group) -> float:
    """A time that no row for these steps beats: it has to copy what lies in no row."""
    places, n = group.places, len(group.steps)
    single = places.T[(places[0] >> SHIFT == SINGLES) & (places != places[0]).any(axis=0)]
    copies = len({column.tobytes() for column in single})
    return n * group.time_in_row + ROW + copies * (ROW + GATHER * n)


def _across(group: _Group) -> _Plan:
    """The fastest row that gives a number for each step of a group."""
    places, rows = group.places, group.places[0] >> SHIFT
    varying = [i for i, row in enumerate(rows) if row != NUMBERS]
    constant = [i for i, row in enumerate(rows) if row == NUMBERS and (places[:, i] != places[0, i]).any()]
    plans = [_planned(group, np.lexsort(places[:, [*constant, *varying[::-1]]].T), varying)]
    if len(varying) > 1:
        plans.append(_planned(group, np.lexsort(places[:, [*constant, *varying]].T), varying))
    if constant:
        plans.append(_planned(group, np.lexsort(places[:, [*varying[::-1], *constant]].T), varying))
    return min(plans, key=lambda plan: plan.time)


def _planned(group: _Group, order: Places, varying: Sequence[int]) -> _Plan:
    """The row for one order of the steps: in parts with operands side by side, or whole, with copies of operands."""
    places = group.places[order]
    n, each = len(order), group.time_in_row
    runs = _runs(places[:, varying])
    plans = [
        _Plan(
            n * each + len(parts) * (ROW + OPERAND * group.terms) + _time_of_copies(places, varying, parts),
            order,
            parts,
        )
        for parts in (runs, [(0, n)])
    ]
    return min(plans, key=lambda plan: plan.time)


def _time_of_copies(places: Places, columns: Iterable[int], runs: Sequence[tuple[int, int]]) -> float:
    """The time to copy operands that do not lie side by side, equal ones once."""
    copied: set[bytes] = set()
    time = 0.0
    for start, stop in runs:
        for column in columns:
            part = places[start:stop, column]
            if stop - start > 1 and _is_scattered(part) and (key := part.tobytes()) not in copied:
                copied.add(key)
                time += ROW + GATHER * (stop - start)
    return time


def _runs(places: Places) -> list[tuple[int, int]]:
    """The longest parts of a table, from the first row on, in which each column moves in equal steps."""
    n = len(places)
    steps = np.diff(places, axis=0)
    changes = (1 + np.flatnonzero((steps[1:] != steps[:-1]).any(axis=1))).tolist()
    good = ((steps == 0) | (steps == 1)).all(axis=1)
    runs = []
    start = 0
    for change in changes:  # from here on, the columns move in other steps
        if change == start + 1 and not good[start]:  # two rows that have nothing to do with each other
            runs.append((start, start + 1))
            start += 1
        elif change > start:
            runs.append((start, change + 1))
            start = change + 1
    if start < n:
        runs.append((start, n))
    return runs


def _parts(group: _Group, places: Places) -> Iterator[Places]:
    """The terms of one sum, in parts of one kind whose factors move in equal steps: a column for each factor."""
    n = group.products
    for terms in (np.stack([places[:n], places[n : 2 * n]], axis=1), places[2 * n :, None]):
        if not len(terms):
            continue
        kinds = terms >> SHIFT
        cuts = [0, *(1 + np.flatnonzero((kinds[1:] != kinds[:-1]).any(axis=1))).tolist(), len(terms)]
        for start, stop in pairwise(cuts):
            part = terms[start:stop]
            varying = [i for i, kind in enumerate(kinds[start]) if kind != NUMBERS]
            for first, last in _runs(part[:, varying]):
                yield part[first:last]
