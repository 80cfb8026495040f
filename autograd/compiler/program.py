"""A program: terms as straight-line code that is run again and again.

What is written down as terms is made into instructions: only those that an output needs, sums of products as one
instruction each, each number kept in a register no longer than somebody needs it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler import native_machine
from autograd.compiler.expressions import OPERATIONS, TOTAL, Term, Terms, in_table
from autograd.compiler.numpy_machine import Code, Instruction, NumPyMachine
from autograd.core import rules
from autograd.core.primitive import PRIMITIVES, Primitive

__all__ = ["Program", "Stats", "Step"]

Array = np.ndarray[Any, Any]

_DOT, _AFFINE, _SUM = PRIMITIVES["dot"], PRIMITIVES["affine"], PRIMITIVES["sum"]
_SUMS = (rules.add, _SUM, _DOT, _AFFINE)
_PRODUCTS = (rules.multiply, rules.square)


@dataclass(frozen=True)
class Stats:
    """The size of a program.

    Attributes:
        nodes: the nodes of the function's graph, inputs and numbers not counted.
        instructions: how many there are; those for each sample count once.
        uniforms: registers for a number that all samples share, inputs and constants among them.
        registers: registers for a number of each sample.
        bytes: the memory of all registers for one sample.
        machine: what runs it, "native" or "NumPy".
    """

    nodes: int
    instructions: int
    uniforms: int
    registers: int
    bytes: int
    machine: str


class Step(NamedTuple):
    """An instruction of terms, which have no registers yet."""

    op: str
    out: Term
    operands: tuple[Term, ...]


class Program:
    """Straight-line code that computes some terms; print it to read it.

    Args:
        terms: where everything is written.
        uniforms: the inputs that are the same for all samples.
        lanes: the inputs that each sample has its own of.
        once: what to compute that is the same for all samples.
        each: what to compute for each sample.
        values: the outputs that are no derivatives, all if left out; what they need comes first.

    >>> terms = Terms()
    >>> w, x = terms.input("w"), terms.input("x", lane=True)
    >>> program = Program(terms, [w], [x], [terms.total(w * x)], [(w - 1.0) * x])
    >>> print(program)
    once:
        v1 = w - 1.0
    for each sample:
        v2 = total(x)
        v3 = v1 * x
    once:
        v4 = w * v2
    return v4 and for each sample v3
    >>> program.run([[2.0]], np.array([[1.0, 2.0, 3.0]]))
    (array([12.]), array([[1., 2., 3.]]))
    """

    def __init__(
        self,
        terms: Terms,
        uniforms: Sequence[Term],
        lanes: Sequence[Term],
        once: Sequence[Term],
        each: Sequence[Term],
        values: Sequence[Term] | None = None,
    ) -> None:
        values = [*once, *each] if values is None else values
        found = _inlined(terms, [*once, *each, *values])
        self.once, self.each = found[: len(once)], found[len(once) : len(once) + len(each)]
        self.nodes = sum(x.op is not None for x in _reachable(values))
        self.forward = {x.place for x in _reachable(found[len(once) + len(each) :])}
        outputs = [*self.once, *self.each]
        self.rows = _rows(outputs)
        steps = sorted(_steps(terms, outputs, self.rows), key=lambda step: step.out.place not in self.forward)
        self.phases = _phases(steps)
        self.inputs = [terms.samples, *uniforms, *lanes]
        self._fixed = [terms.samples, *uniforms, *_constants(self.phases, outputs)]
        registers = _registers(self.phases, self._fixed, lanes, outputs)
        before, during, after = (
            tuple(
                [
                    Instruction(op, registers[out.place], tuple([registers[x.place] for x in operands]))
                    for op, out, operands in phase
                ]
            )
            for phase in self.phases
        )
        self.code = Code(
            before,
            during,
            after,
            n_uniforms=1 + max(~r for r in registers.values()),
            n_registers=1 + max([-1, *registers.values()]),
            n_inputs=len(lanes),
            outputs=tuple([registers[x.place] for x in self.each if x.lane]),
            rows=self.rows,
        )
        self.machine = _machine(self.code)
        self._start = np.zeros(self.machine.n_uniforms)
        self._start[: len(self._fixed)] = [0.0 if x.number is None else x.number for x in self._fixed]
        self._once = _selection([~registers[x.place] for x in self.once])
        self._shared = [(i, ~registers[x.place]) for i, x in enumerate(self.each) if not x.lane]

    def run(self, uniforms: Iterable[Any], lanes: Any) -> tuple[Array, Array]:
        """Compute with these inputs.

        Args:
            uniforms: the uniform inputs, numbers in any number of parts.
            lanes: a row for each other input, with a number for each sample.

        Returns:
            What is computed once, and a row for each thing that is computed for each sample.
        """
        samples = lanes.shape[1]
        registers = self._start.copy()
        registers[0] = samples
        start = 1
        for part in uniforms:
            stop = start + len(part)
            registers[start:stop] = part
            start = stop
        each = np.empty((len(self.code.outputs), samples))
        self.machine.run(registers, lanes, each, samples)
        for place, register in self._shared:
            each = np.insert(each, place, registers[register], axis=0)
        return registers[self._once], each

    def stats(self) -> Stats:
        """How large it is."""
        code = self.code
        return Stats(
            nodes=self.nodes,
            instructions=len(code.before) + len(code.lanes) + len(code.after),
            uniforms=code.n_uniforms,
            registers=code.n_registers,
            bytes=8 * (code.n_uniforms + code.n_registers),
            machine=self.machine.name,
        )

    def __str__(self) -> str:
        from autograd.compiler.listing import listing

        return listing(self)


def _machine(code: Code) -> Any:
    """The native machine, if there is a kernel for everything."""
    operations = {instruction.op for phase in (code.before, code.lanes, code.after) for instruction in phase}
    return (
        native_machine.Machine(code)
        if operations and all(map(native_machine.supports, operations))
        else NumPyMachine(code)
    )


# ---------------------------------------------------------------------------------------------------------------------
# From terms to steps
# ---------------------------------------------------------------------------------------------------------------------


def _reachable(outputs: Iterable[Term]) -> list[Term]:
    """What the outputs are computed from, in the order in which it was written."""
    found = {x.place: x for x in outputs}
    stack = list(found.values())
    while stack:
        for x in stack.pop().operands:
            if x.place not in found:
                found[x.place] = x
                stack.append(x)
    return [found[place] for place in sorted(found)]


def _inlined(terms: Terms, outputs: Sequence[Term]) -> list[Term]:
    """The outputs, with primitives that users declared written out by their formulas, where these allow it."""
    fresh: dict[int, Term] = {}
    needed = _reachable(outputs)
    if all(x.op is None or in_table(x.op) for x in needed):
        return list(outputs)
    for term in needed:
        operands = [fresh[x.place] for x in term.operands]
        if term.op is None:
            fresh[term.place] = term
        elif term.op is TOTAL:
            fresh[term.place] = terms.total(operands[0])
        else:
            fresh[term.place] = _formula(terms, term.op, operands)
    return [fresh[x.place] for x in outputs]


def _formula(terms: Terms, op: Primitive, operands: Sequence[Term]) -> Term:
    if not in_table(op):
        try:
            result = op.formula(*operands)
            return result if isinstance(result, Term) else terms.constant(float(result))
        except Exception:  # it calls what takes only numbers, or branches: the machine calls it as it is
            pass
    return terms.apply(op, operands)


def _rows(outputs: Sequence[Term]) -> dict[str, Primitive]:
    """The primitives that are not of the table, each with a name of its own."""
    rows: dict[str, Primitive] = {}
    for op in [x.op for x in _reachable(outputs) if x.op and not in_table(x.op)]:
        names = (f"{op.name}_{i}" if i > 1 else op.name for i in count(1))
        next(name for name in names if name not in OPERATIONS and rows.setdefault(name, op) is op)
    return rows


def _steps(terms: Terms, outputs: Sequence[Term], rows: Mapping[str, Primitive]) -> list[Step]:
    """What to compute, in order: sums of products become one step, and the parts that nobody else needs none."""
    needed = _reachable(outputs)
    own = {op: name for name, op in rows.items()}
    uses = Counter([x.place for term in needed for x in term.operands] + [x.place for x in outputs] * 2)
    absorbed: set[int] = set()
    steps = []
    for term in reversed(needed):
        if term.op is None or term.place in absorbed:
            continue
        if term.op in _SUMS:
            steps.append(_sum(terms, term, uses, absorbed))
        elif term.op is TOTAL and term.operands[0].op in _PRODUCTS and uses[term.operands[0].place] == 1:
            absorbed.add(term.operands[0].place)
            steps.append(Step("total_dot", term, _factors(term.operands[0])))
        else:
            steps.append(Step(own.get(term.op, term.op.name), term, term.operands))
    return steps[::-1]


def _sum(terms: Terms, total: Term, uses: Mapping[int, int], absorbed: set[int]) -> Step:
    """A sum, and the sums and products that only it needs, as one step."""
    singles: list[Term] = []
    products: list[tuple[Term, Term]] = []
    stack = [total]
    while stack:
        x = stack.pop()
        own = x is total or (uses[x.place] == 1 and x.lane == total.lane)
        if own and x.op in _SUMS:
            halves = len(x.operands) // 2 if x.op in (_DOT, _AFFINE) else 0
            products += zip(x.operands[:halves], x.operands[halves : 2 * halves], strict=True)
            stack += reversed(x.operands[2 * halves :])
        elif own and x.op in _PRODUCTS:
            products.append(_factors(x))
        else:
            singles.append(x)
            continue
        absorbed.add(x.place)
    if not products:
        return Step("add" if len(singles) == 2 else "sum", total, tuple(singles))
    addend, more = singles[:1], singles[1:]
    ones, others = zip(*products, *[(terms.constant(1.0), x) for x in more], strict=True)
    return Step("affine" if addend else "dot", total, (*ones, *others, *addend))


def _factors(product: Term) -> tuple[Term, Term]:
    x, *others = product.operands
    return x, others[0] if others else x  # the square of x is x times x


def _phases(steps: Iterable[Step]) -> tuple[list[Step], list[Step], list[Step]]:
    """What comes before the samples, what is done for each, and what waits for a total."""
    before: list[Step] = []
    lanes: list[Step] = []
    after: list[Step] = []
    late: set[int] = set()
    for step in steps:
        total = step.op in ("total", "total_dot")
        if total or not late.isdisjoint([x.place for x in step.operands]):
            late.add(step.out.place)
        phase = lanes if step.out.lane or total else after if step.out.place in late else before
        phase.append(step)
    return before, lanes, after


def _constants(phases: Iterable[Iterable[Step]], outputs: Iterable[Term]) -> list[Term]:
    """The numbers that occur."""
    used = {x.place: x for steps in phases for step in steps for x in step.operands} | {x.place: x for x in outputs}
    return [x for x in used.values() if x.number is not None]


def _selection(places: list[int]) -> Any:
    """These places of an array; as a slice, which copies nothing, if they follow each other."""
    first = places[0] if places else 0
    follow = places == list(range(first, first + len(places)))
    return slice(first, first + len(places)) if follow else np.array(places, int)


def _registers(
    phases: Sequence[Sequence[Step]], fixed: Sequence[Term], lanes: Sequence[Term], outputs: Iterable[Term]
) -> dict[int, int]:
    """A register for everything; one is used again when nobody needs what was in it.

    What the samples read stays until the last of them is done.
    """
    steps = [step for phase in phases for step in phase]
    first_lane, end_of_lanes = len(phases[0]), len(phases[0]) + len(phases[1]) - 1
    last: dict[Term, int] = {}
    for i, step in enumerate(steps):
        for x in step.operands:
            last[x] = i if x.lane or not first_lane <= i <= end_of_lanes else end_of_lanes
    last.update(dict.fromkeys([*fixed, *outputs], len(steps)))
    ending: dict[int, list[Term]] = defaultdict(list)
    for x, i in last.items():
        ending[i].append(x)

    registers = {x.place: ~i for i, x in enumerate(fixed)} | {x.place: i for i, x in enumerate(lanes)}
    for x in outputs:
        if not x.lane:  # one after the other, to be handed out without a copy
            registers.setdefault(x.place, ~(len(registers) - len(lanes)))
    free: dict[bool, list[int]] = {True: [], False: []}
    used = {True: len(lanes), False: len(registers) - len(lanes)}
    for i, step in enumerate(steps):
        kind = step.out.lane
        if step.out.place not in registers:
            if not free[kind]:
                free[kind].append(used[kind])
                used[kind] += 1
            register = free[kind].pop()
            registers[step.out.place] = register if kind else ~register
        for x in ending[i]:
            free[x.lane].append(registers[x.place] if x.lane else ~registers[x.place])
    return registers
