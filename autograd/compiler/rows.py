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
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, count, pairwise
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
Member: TypeAlias = tuple[Assignment, list[int]]

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
SHIFT = 32
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
        self._fresh_row, self._fresh_single, self._fresh_number = count(SINGLES + 1), count(), count()
        self._place: dict[int, int] = {}  # by the index of an expression
        self._expression: dict[int, Expression] = {}  # by place
        self._copies: dict[bytes, tuple[Expression, ...]] = {}  # rows of copies and of constants, by their places
        self._steps: list[Step] = []
        self._lay(lowered.uniform, INPUTS)
        totals = [step.target for step in lowered.phases[1] if not step.target.varying]
        if lowered.phases[2] and len(totals) >= LEAST:
            self._lay_block(totals)
        else:
            for x in totals:
                self._lay([x], SINGLES, next(self._fresh_single))

    def phase(self, steps: Sequence[Any]) -> list[Step]:
        """The steps of a phase, which are assignments, with rows."""
        forward = [step for step in steps if step.target.index in self._forward]
        for part in (forward, steps[len(forward) :]):
            for level in _levels(part):
                self._level(level)
        found, self._steps = self._steps, []
        return found

    # -- places --------------------------------------------------------------------------------------------------------

    def _lay(self, expressions: Iterable[Expression], row: int, start: int = 0) -> None:
        for place, x in enumerate(expressions, (row << SHIFT) + start):
            self._place[x.index], self._expression[place] = place, x

    def _lay_block(self, expressions: Sequence[Expression]) -> None:
        self.blocks.append(expressions)
        self._lay(expressions, next(self._fresh_row))

    def _places(self, expressions: Iterable[Expression]) -> list[int]:
        found = []
        for x in expressions:
            if x.index not in self._place:  # it is a constant
                self._lay([x], NUMBERS, next(self._fresh_number))
            found.append(self._place[x.index])
        return found

    # -- groups --------------------------------------------------------------------------------------------------------

    def _level(self, steps: Iterable[Assignment]) -> None:
        """Steps that do not depend on each other."""
        alike: defaultdict[object, list[Member]] = defaultdict(list)
        for step in steps:
            places = self._ordered(step)
            alike[(step.op, *[place >> SHIFT for place in places])].append((step, places))
        alone: list[Member] = []
        for members in alike.values():
            joined, others = _by_constants(members)
            alone += others if self._as_rows(joined) else members
        for step, places in alone:
            time = (len(places) if step.op in SUMS else 1) * ALONE if step.op in ARITHMETIC else CALL
            self.time_alone += time
            self.time += time
            self._lay([step.target], SINGLES, next(self._fresh_single))
            self._steps.append(step)

    def _ordered(self, step: Assignment) -> list[int]:
        """The places of the operands, in an order that depends on their rows as far as the operation allows."""
        places = self._places(step.operands)
        if step.op not in SUMS:
            return sorted(places) if step.op in ("add", "multiply") else places
        products, addends = split_sum(step.op, places)
        ordered = sorted([(x, y) if x <= y else (y, x) for x, y in products], key=_by_rows)
        return [*[x for x, _ in ordered], *[y for _, y in ordered], *sorted(addends)]

    def _as_rows(self, members: Sequence[Member]) -> bool:
        """Add rows for steps that are alike, if that is faster."""
        step, places = members[0]
        if max(len(members), len(places)) < LEAST or step.op not in OPERATIONS:
            return False
        products = len(split_sum(step.op, places)[0]) if step.op in SUMS else 0
        group = _Group([step for step, _ in members], np.array([places for _, places in members]), products)
        across = _across(group) if len(group.steps) >= LEAST else None
        long = group.op in SUMS and group.places.shape[1] > LEAST
        parts = [list(_parts(group, places)) for places in group.places] if long else []
        time_across = across.time if across is not None else math.inf
        time_along = self._time_along(parts) if long else math.inf
        time = min(time_across, time_along)
        if time >= group.time_alone + GATHER * len(group.steps):  # rows that read single numbers have to gather them
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
        if (places == places[0]).all():
            return self._expression[int(places[0])]
        found = tuple(map(self._expression.__getitem__, places.tolist()))
        if not _is_scattered(places):
            return found
        key = places.tobytes()
        if key not in self._copies:
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
            if len(part) < LEAST:
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
                if len(part) >= LEAST:
                    columns = [[self._operand(column)] for column in part.T]
                else:
                    columns = [[self._expression[place] for place in column.tolist()] for column in part.T]
                if len(columns) == 1:
                    addends += columns[0]
                else:
                    pairs += zip(*columns, strict=True)
            operands = (*[x for x, _ in pairs], *[y for _, y in pairs], *addends)
            self._steps.append(RowAssignment(step.op, (step.target,), operands))
            self._lay([step.target], SINGLES, next(self._fresh_single))


def _by_constants(
    members: Sequence[Member],
) -> tuple[Sequence[Member], Sequence[Member]]:
    """Steps that are alike, and those among them whose constants differ from those of all others, if they are few."""
    constants = [[place for place in places if place >> SHIFT == NUMBERS] for _, places in members]
    (most, number), *_ = Counter(map(tuple, constants)).most_common(1)
    if not most or number < LEAST or len(members) - number >= LEAST:
        return members, ()
    return (
        [member for member, numbers in zip(members, constants, strict=True) if tuple(numbers) == most],
        [member for member, numbers in zip(members, constants, strict=True) if tuple(numbers) != most],
    )


def _levels(steps: Iterable[Assignment]) -> Iterable[list[Assignment]]:
    """The steps by the length of the longest chain of steps that they depend on."""
    depth: dict[int, int] = {}
    levels: defaultdict[int, list[Assignment]] = defaultdict(list)
    for step in steps:
        level = depth[step.target.index] = 1 + max([depth.get(x.index, 0) for x in step.operands], default=0)
        levels[level].append(step)
    return [levels[level] for level in sorted(levels)]


def _by_rows(product: tuple[int, int]) -> tuple[int, ...]:
    """How to sort products: by the rows of the factors, then by their places there, constants last."""
    x, y = product
    return (x >> SHIFT, y >> SHIFT, y, x) if x >> SHIFT == NUMBERS else (x >> SHIFT, y >> SHIFT, x, y)


def _is_scattered(places: Places) -> bool:
    """Whether numbers at these places have to be copied before a row can read them."""
    steps = places[1:] - places[:-1]
    side_by_side = places[0] >> SHIFT not in (NUMBERS, SINGLES) and (steps == 1).all()
    return not (side_by_side or (steps == 0).all())


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
    n, each = len(order), TERM * group.terms if group.op in ARITHMETIC else CALLED
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
