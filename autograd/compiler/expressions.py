"""Terms: expressions of a function, each of which is written once, and their derivatives.

A term is an input, a number, or a primitive of other terms.  It computes nothing.  Terms speak the table's language, so
a rule that is called with terms writes further ones: that is how the derivative of a function becomes terms as well,
from the partials in the table and nothing else.  :class:`Terms` holds all of them in an order in which they can be
computed, shares equal ones, computes what depends on no input, and leaves out what changes nothing.

A function that is computed for many samples at once has two kinds of terms.  Those that depend on the sample are
*lanes*, one number a sample; the others are *uniform*, one number for all samples, as weights are.  Where a lane was
computed from a uniform term, what flows back is the total over all samples.

>>> terms = Terms()
>>> w, x = terms.input("w"), terms.input("x", lane=True)
>>> loss = terms.total((w * x - 1.0) ** 2)
>>> [slope] = gradients(terms, [(loss, terms.constant(1.0))], [w])
>>> str(slope)
'total(2.0 * (w * x - 1.0) * x)'
"""

from __future__ import annotations

import math
import struct
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import reduce
from itertools import count
from typing import Any

import numpy as np

from autograd.core import rules
from autograd.core.comparisons import COMPARISONS
from autograd.core.primitive import PRIMITIVES, Primitive, dialect

__all__ = [
    "OPERATIONS",
    "TOTAL",
    "Term",
    "Terms",
    "computed",
    "dependent",
    "gradients",
    "in_table",
    "tangents",
]


TOTAL = Primitive("total", lambda x: x, [lambda x, out: 1.0], parameters=("x",))
"""The sum over all samples: the one primitive that makes a lane uniform."""

OPERATIONS = {**PRIMITIVES, **COMPARISONS, "total": TOTAL, "total_dot": TOTAL}
"""What instructions are called: rows of the table proper, as nobody can have declared further ones yet, and ours."""

_ADD, _MULTIPLY, _SUM = rules.add, rules.multiply, PRIMITIVES["sum"]


class Term:
    """One expression; what is computed with it is written down as further terms.

    Attributes:
        terms: where it is written.
        place: its place there; operands come before what is computed from them.
        op: the primitive; ``None`` of an input and of a number.
        operands: what it is a primitive of.
        number: the number that it is, if it is one.
        name: what an input is called.
        lane: whether it depends on the sample.
    """

    __slots__ = ("lane", "name", "number", "op", "operands", "place", "terms")

    def __init__(
        self,
        terms: Terms,
        op: Primitive | None = None,
        operands: tuple[Term, ...] = (),
        number: float | None = None,
        name: str = "",
        lane: bool = False,
    ) -> None:
        self.terms = terms
        self.place = len(terms.all)
        self.op = op
        self.operands = operands
        self.number = number
        self.name = name
        self.lane = lane

    def __add__(self, other: Any) -> Any:
        return rules.add(self, other)

    def __radd__(self, other: Any) -> Any:
        return rules.add(other, self)

    def __sub__(self, other: Any) -> Any:
        return rules.subtract(self, other)

    def __rsub__(self, other: Any) -> Any:
        return rules.subtract(other, self)

    def __mul__(self, other: Any) -> Any:
        return rules.multiply(self, other)

    def __rmul__(self, other: Any) -> Any:
        return rules.multiply(other, self)

    def __truediv__(self, other: Any) -> Any:
        return rules.divide(self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return rules.divide(other, self)

    def __mod__(self, other: Any) -> Any:
        return rules.mod(self, other)

    def __rmod__(self, other: Any) -> Any:
        return rules.mod(other, self)

    def __floordiv__(self, other: Any) -> Any:
        return rules.floor_divide(self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return rules.floor_divide(other, self)

    def __pow__(self, other: Any) -> Any:
        return rules.power(self, other)

    def __rpow__(self, other: Any) -> Any:
        return rules.power(other, self)

    def __neg__(self) -> Any:
        return rules.negative(self)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return rules.absolute(self)

    def __gt__(self, other: Any) -> Any:
        return COMPARISONS["greater"](self, other)

    def __ge__(self, other: Any) -> Any:
        return COMPARISONS["greater_equal"](self, other)

    def __lt__(self, other: Any) -> Any:
        return COMPARISONS["less"](self, other)

    def __le__(self, other: Any) -> Any:
        return COMPARISONS["less_equal"](self, other)

    def __eq__(self, other: Any) -> Any:
        return COMPARISONS["equal"](self, other)

    def __ne__(self, other: Any) -> Any:
        return COMPARISONS["not_equal"](self, other)

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise TypeError("a rule branches on its operands: write it with autograd.where, so that it can be compiled")

    def __str__(self) -> str:
        """The whole expression written out; for small ones."""
        from autograd.compiler.listing import expression

        return str(expression(self))


class Terms:
    """All terms of a function, in an order in which they can be computed.

    Attributes:
        all: the terms.
        samples: an input, the number of samples.
    """

    def __init__(self) -> None:
        self.all: list[Term] = []
        self._found: dict[Any, Term] = {}
        self._names: set[str] = set()
        self.samples = self.input("samples")

    def input(self, name: str, lane: bool = False) -> Term:
        """A new input; if its name is taken, it gets a number as well."""
        free = (other for i in count(2) if (other := f"{name}_{i}") not in self._names)
        self._names.add(name := next(free) if name in self._names else name)
        return self._enter(Term(self, name=name, lane=lane))

    def constant(self, number: float) -> Term:
        """A number as a term."""
        key = struct.pack("d", number)  # tells -0.0 from 0.0, and nan is itself
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._enter(Term(self, number=float(number)))
        return found

    def apply(self, op: Primitive, operands: Iterable[Any]) -> Term:
        """A primitive of terms and numbers: the term that says so, or one that says the same with less."""
        terms = tuple([x if isinstance(x, Term) else self.constant(x) for x in operands])
        numbers = [x.number for x in terms if x.number is not None]
        if len(numbers) == len(terms) and op is not TOTAL:
            with suppress(ArithmeticError, ValueError):  # then it is the program that says so, if it gets there
                return self.constant(computed(op, numbers))
        simpler = _simplified(op, terms)
        if simpler is not None:
            return simpler
        places = [x.place for x in terms]
        key = (op, *(sorted(places) if op is _ADD or op is _MULTIPLY else places))
        found = self._found.get(key)
        if found is None:
            lane = op is not TOTAL and any(x.lane for x in terms)
            found = self._found[key] = self._enter(Term(self, op, terms, lane=lane))
        return found

    def sum(self, addends: Sequence[Term]) -> Term:
        """The sum of any number of terms; one that occurs several times is multiplied."""
        counts = Counter([x.place for x in addends])
        distinct = [self.apply(_MULTIPLY, [float(n), self.all[place]]) for place, n in counts.items()]
        if len(distinct) == 1:
            return distinct[0]
        return self.apply(_ADD if len(distinct) == 2 else _SUM, distinct)

    def total(self, x: Term) -> Term:
        """The sum of a term over all samples; factors that are the same for all samples are taken out of it."""
        if not x.lane:
            inverse = x.op is rules.divide and x.operands[1] is self.samples
            return x.operands[0] if inverse else self.apply(_MULTIPLY, [x, self.samples])
        if x.op is _MULTIPLY:
            one, other = x.operands
            if not (one.lane and other.lane):
                lane, factor = (one, other) if one.lane else (other, one)
                return self.apply(_MULTIPLY, [factor, self.total(lane)])
        if x.op is rules.negative:
            return self.apply(rules.negative, [self.total(x.operands[0])])
        return self.apply(TOTAL, [x])

    def _enter(self, term: Term) -> Term:
        self.all.append(term)
        return term


@dialect(Term, rank=6)
def _write(op: Primitive, operands: tuple[Any, ...]) -> Term:
    terms: Terms = next(x.terms for x in operands if isinstance(x, Term))
    return terms.apply(op, operands)


# ---------------------------------------------------------------------------------------------------------------------
# Less to compute
# ---------------------------------------------------------------------------------------------------------------------


def in_table(op: Primitive) -> bool:
    """Whether a primitive is one of the table proper or ours, not a user's."""
    return OPERATIONS.get(op.name) is op


def computed(op: Primitive, numbers: Sequence[float]) -> float:
    """What a primitive is of plain numbers, in IEEE arithmetic.

    Raises:
        ArithmeticError or ValueError: if it is a user's, and its formula refuses these numbers.
    """
    try:
        return float(op.formula(*numbers))
    except (ArithmeticError, ValueError) as error:
        try:
            with np.errstate(all="ignore"):
                return float(op(*map(np.float64, numbers)))
        except (ArithmeticError, ValueError):
            names = op.parameters or [f"x{i}" for i in range(len(numbers))]
            at = ", ".join([f"{name} = {number!r}" for name, number in zip(names, numbers, strict=True)])
            raise type(error)(f"{op}: {error} at {at}") from None


def _simplified(op: Primitive, operands: tuple[Term, ...]) -> Term | None:
    """A term that is there already and is exactly the same, also where operands are infinite or nan."""
    x = operands[0] if operands else None
    if op is rules.positive:
        return x
    if op is _MULTIPLY:
        return _product(*operands)
    if op in (rules.divide, rules.power) and operands[1].number == 1.0:
        return x
    if op is rules.power and operands[1].number == 2.0:
        return rules.square(operands[0])  # type: ignore[no-any-return]
    if op is rules.negative and operands[0].op is rules.negative:
        return operands[0].operands[0]
    if op is rules.where:
        condition, x, y = operands
        if x is y or condition.number:
            return x
        return y if condition.number == 0.0 else None
    return None


def _product(x: Term, y: Term) -> Term | None:
    """A product by 1, or of a power of two with a number times something else, if the two numbers multiply exactly."""
    if y.number is not None:
        x, y = y, x
    if x.number == 1.0:
        return y
    if x.number and y.op is _MULTIPLY:
        for factor, other in y.operands, y.operands[::-1]:
            if factor.number is not None and abs(math.frexp(x.number)[0]) == 0.5:
                number = x.number * factor.number
                return x.terms.apply(_MULTIPLY, [number, other]) if number / x.number == factor.number else None
    return None


# ---------------------------------------------------------------------------------------------------------------------
# Derivatives
# ---------------------------------------------------------------------------------------------------------------------


def dependent(terms: Sequence[Term], sources: Iterable[Term]) -> list[bool]:
    """For each term whether it depends on one of the sources."""
    depends = [False] * len(terms)
    for term in sources:
        depends[term.place] = True
    for term in terms:
        if term.operands and not depends[term.place]:
            depends[term.place] = any(depends[x.place] for x in term.operands)
    return depends


def gradients(
    terms: Terms,
    seeds: Sequence[tuple[Term, Term]],
    wanted: Sequence[Term],
    *,
    per_sample: bool = False,
    guarded: bool = False,
) -> list[Term]:
    """The derivatives of outputs, each times its seed and added up, with respect to the wanted terms.

    This is the backward sweep, written down: from each term, from the last to the first, its gradient times the local
    derivative goes to each operand.

    Args:
        terms: where everything is written.
        seeds: outputs, each with the derivative to start with.
        wanted: the terms to differentiate with respect to.
        per_sample: whether the gradients of uniform terms are wanted sample by sample, and not added up.
        guarded: whether nothing at all flows on where something was not selected.  Otherwise it is a gradient of 0, and
            makes ``0 * inf`` further down if a branch that was not taken has an infinite slope.
    """
    forward = terms.all[: 1 + max([output.place for output, _ in seeds], default=-1)]
    depends = dependent(forward, [term for term in wanted if term.place < len(forward)])
    arrived: dict[int, list[Term]] = {}
    reached: dict[int, list[Term]] = {}  # numbers that are not 0 where something has arrived

    def send(term: Term, contribution: Term, arrives: Term, added_up: bool) -> None:
        arrived.setdefault(term.place, []).append(terms.total(contribution) if added_up else contribution)
        reached.setdefault(term.place, []).append(terms.total(arrives) if added_up and arrives.lane else arrives)

    always = terms.constant(1.0)
    for output, seed in seeds:
        send(output, seed, always, seed.lane and not output.lane and not per_sample)
    for term in reversed(forward):
        if term.place not in arrived or not any(depends[x.place] for x in term.operands):
            continue
        gradient, arrives = terms.sum(arrived[term.place]), _any(reached[term.place])
        for operand, slope in _edges(term, depends):
            contribution = _flow(gradient, slope, term)
            if contribution is not None:
                passes = arrives
                if guarded:
                    contribution = rules.where(arrives, contribution, 0.0)
                    passes = arrives * (slope != 0.0) if term.op and term.op.selects else arrives
                send(operand, contribution, passes, term.lane and not operand.lane and not per_sample)
    return [terms.sum(arrived[x.place]) if x.place in arrived else terms.constant(0.0) for x in wanted]


def tangents(terms: Terms, seeds: Mapping[Term, Term], outputs: Sequence[Term]) -> list[Term]:
    """How fast the outputs change when some terms change as fast as the seeds say: forward mode, written down."""
    forward = terms.all[: 1 + max(output.place for output in outputs)]
    depends = dependent(forward, seeds)
    needed = _needed(forward, outputs)
    rates: dict[int, Term] = {term.place: seed for term, seed in seeds.items()}
    for term in forward:
        if term.place in rates or not (depends[term.place] and needed[term.place]):
            continue
        flows = [_flow(rates[x.place], slope, term) for x, slope in _edges(term, depends) if x.place in rates]
        rate = terms.sum([flow for flow in flows if flow is not None])
        rates[term.place] = terms.total(rate) if term.op is TOTAL else rate
    return [rates.get(output.place, terms.constant(0.0)) for output in outputs]


def _needed(terms: Sequence[Term], outputs: Iterable[Term]) -> list[bool]:
    """For each term whether an output depends on it."""
    needed = [False] * len(terms)
    for output in outputs:
        needed[output.place] = True
    for term in reversed(terms):
        if needed[term.place]:
            for x in term.operands:
                needed[x.place] = True
    return needed


def _any(conditions: Sequence[Term]) -> Any:
    """A condition that holds where one of some conditions does."""
    always = [x for x in conditions if x.number]
    return always[0] if always else reduce(rules.maximum, dict.fromkeys(conditions))


def _edges(term: Term, depends: Sequence[bool]) -> list[tuple[Term, Any]]:
    """The operands that matter, each with the local derivative in it."""
    op = term.op
    assert op is not None
    try:
        if op.variadic:
            slopes = op.slopes(term.operands, term)
            return [(x, slope) for x, slope in zip(term.operands, slopes, strict=True) if depends[x.place]]
        return [
            (x, partial(*term.operands, term))
            for x, partial in zip(term.operands, op.partials, strict=True)
            if depends[x.place]
        ]
    except Exception as error:
        raise TypeError(
            f"the derivative of {op} cannot be compiled, for its partials take numbers only: write them with the "
            f"functions of autograd, as autograd.cos for math.cos ({error})"
        ) from error


def _flow(gradient: Term, slope: Any, term: Term) -> Any:
    """What an edge carries, ``gradient * slope``; where the operand is not selected, nothing, not even ``0 * nan``."""
    selects = term.op is not None and term.op.selects
    number = slope.number if isinstance(slope, Term) else slope
    if number is not None:
        return None if selects and number == 0 else gradient * number
    if not selects:
        return _times(gradient, slope)
    if slope.op is rules.where:
        condition, x, y = slope.operands
        x, y = _flow(gradient, x, term), _flow(gradient, y, term)
        return rules.where(condition, 0.0 if x is None else x, 0.0 if y is None else y)
    return rules.where(slope != 0.0, gradient * slope, 0.0)


def _times(gradient: Term, slope: Term) -> Any:
    """Their product; factors that all samples share are multiplied first, and once."""
    if slope.op is _MULTIPLY and slope.lane and not gradient.lane:
        x, y = slope.operands
        if not (x.lane and y.lane):
            shared, lane = (y, x) if x.lane else (x, y)
            return gradient * shared * lane
    return gradient * slope
