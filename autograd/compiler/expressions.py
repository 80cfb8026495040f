"""Expressions: what a function computes, written down so that equal parts are written once.

An expression is an input, a constant, or a primitive of other expressions.  It computes nothing.  Expressions are one
more dialect of the table: a rule that is called with expressions returns expressions.  The derivative of a function
therefore becomes expressions as well, from the partials in the table alone.  :class:`ExpressionGraph` keeps all of
them in an order in which they can be computed, shares equal ones, folds constants, and leaves out operations that
change nothing.

When a function is computed for many samples at once, an expression is either *varying*, with one number for each
sample, or *uniform*, with one number for all samples, such as a weight.

>>> graph = ExpressionGraph()
>>> w, x = graph.input("w"), graph.input("x", varying=True)
>>> print(graph.total(w * x) - 1.0 * w)
w * total(x) - w
"""

from __future__ import annotations

import math
import struct
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import compress, count
from typing import Any, TypeAlias, final

from autograd.compiler.operations import TOTAL, evaluate
from autograd.core import rules
from autograd.core.comparisons import COMPARISONS
from autograd.core.primitive import PRIMITIVES, Primitive, dialect
from autograd.dialects.infix import ORDER
from autograd.dialects.python import Source

__all__ = ["Expression", "ExpressionGraph", "call_source", "reachable"]

_ADD, _MULTIPLY, _SUM = rules.add, rules.multiply, PRIMITIVES["sum"]
_CONDITIONS = frozenset(COMPARISONS.values())  # these give 1 or 0


@final
class Expression:
    """One expression; operators and rules add further ones to its graph.

    Attributes:
        graph: the graph that it belongs to.
        index: its position there; operands come before the expressions that use them.
        op: the primitive; ``None`` for an input and for a constant.
        operands: the operands of the primitive.
        number: the value of a constant; ``None`` otherwise.
        name: the name of an input.
        varying: whether it depends on the sample.
    """

    __slots__ = ("graph", "index", "name", "number", "op", "operands", "varying")

    def __init__(
        self,
        graph: ExpressionGraph,
        op: Primitive | None = None,
        operands: tuple[Expression, ...] = (),
        number: float | None = None,
        name: str = "",
        varying: bool = False,
    ) -> None:
        self.graph = graph
        self.index = len(graph.expressions)
        self.op = op
        self.operands = operands
        self.number = number
        self.name = name
        self.varying = varying

    def __add__(self, other: Operand) -> Expression:
        return self.graph.apply(rules.add, (self, other))

    def __radd__(self, other: Operand) -> Expression:
        return self.graph.apply(rules.add, (other, self))

    def __sub__(self, other: Operand) -> Expression:
        return self.graph.apply(rules.subtract, (self, other))

    def __rsub__(self, other: Operand) -> Expression:
        return self.graph.apply(rules.subtract, (other, self))

    def __mul__(self, other: Operand) -> Expression:
        return self.graph.apply(rules.multiply, (self, other))

    def __rmul__(self, other: Operand) -> Expression:
        return self.graph.apply(rules.multiply, (other, self))

    def __truediv__(self, other: Operand) -> Expression:
        return self.graph.apply(rules.divide, (self, other))

    def __rtruediv__(self, other: Operand) -> Expression:
        return self.graph.apply(rules.divide, (other, self))

    def __mod__(self, other: Operand) -> Expression:
        return self.graph.apply(rules.mod, (self, other))

    def __rmod__(self, other: Operand) -> Expression:
        return self.graph.apply(rules.mod, (other, self))

    def __floordiv__(self, other: Operand) -> Expression:
        return self.graph.apply(rules.floor_divide, (self, other))

    def __rfloordiv__(self, other: Operand) -> Expression:
        return self.graph.apply(rules.floor_divide, (other, self))

    def __pow__(self, other: Operand) -> Expression:
        return self.graph.apply(rules.power, (self, other))

    def __rpow__(self, other: Operand) -> Expression:
        return self.graph.apply(rules.power, (other, self))

    def __neg__(self) -> Expression:
        return self.graph.apply(rules.negative, (self,))

    def __pos__(self) -> Expression:
        return self

    def __abs__(self) -> Expression:
        return self.graph.apply(rules.absolute, (self,))

    def __gt__(self, other: Operand) -> Expression:
        return self.graph.apply(COMPARISONS["greater"], (self, other))

    def __ge__(self, other: Operand) -> Expression:
        return self.graph.apply(COMPARISONS["greater_equal"], (self, other))

    def __lt__(self, other: Operand) -> Expression:
        return self.graph.apply(COMPARISONS["less"], (self, other))

    def __le__(self, other: Operand) -> Expression:
        return self.graph.apply(COMPARISONS["less_equal"], (self, other))

    def __eq__(self, other: Any) -> Any:
        return self.graph.apply(COMPARISONS["equal"], (self, other))

    def __ne__(self, other: Any) -> Any:
        return self.graph.apply(COMPARISONS["not_equal"], (self, other))

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise TypeError("a rule branches on its operands: write it with autograd.where, so that it can be compiled")

    def __str__(self) -> str:
        """The whole expression written out, for small ones."""
        return str(self.source({}))

    def source(self, names: Mapping[int, str]) -> Source:
        """This expression as Python source; expressions whose index has a name are written as that name."""
        if self.index in names:
            return Source(names[self.index])
        if self.number is not None:
            return Source.lift(self.number)
        if self.op is None:
            return Source(self.name)
        return call_source(self.op, [x.source(names) for x in self.operands])


Operand: TypeAlias = Expression | float


def call_source(op: Primitive, operands: Sequence[Source]) -> Source:
    """A primitive of operands as Python source: a formula if the primitive is inline, otherwise a call."""
    if op.name in COMPARISONS:
        x, y = operands
        return x.infix(op.symbol, y, ORDER)
    if op.inline:
        return Source.lift(op.formula(*operands))
    return Source(f"{op.name}({', '.join(map(str, operands))})")


class ExpressionGraph:
    """All expressions of a function, in an order in which they can be computed.

    Attributes:
        expressions: all of them.
        samples: an input, the number of samples.
    """

    def __init__(self) -> None:
        self.expressions: list[Expression] = []
        self._known: dict[Hashable, Expression] = {}  # by what they compute, so that equal ones are shared
        self._names: set[str] = set()
        self.samples = self.input("samples")

    def input(self, name: str, varying: bool = False) -> Expression:
        """A new input; if its name is taken, a number is appended."""
        free = (other for i in count(2) if (other := f"{name}_{i}") not in self._names)
        self._names.add(name := next(free) if name in self._names else name)
        return self._append(Expression(self, name=name, varying=varying))

    def constant(self, number: float) -> Expression:
        """A constant; equal numbers give the same expression."""
        number = float(number)
        key: Hashable = number
        if not number or number != number:
            key = struct.pack("d", number)  # distinguishes -0.0 from 0.0, and equates nan with itself
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._append(Expression(self, number=number))
        return found

    def apply(self, op: Primitive, operands: Iterable[Operand]) -> Expression:
        """A primitive of expressions and numbers; simplified where that changes no result, not even by rounding."""
        xs: list[Expression] = []
        indices: list[int] = []
        numbers, varying = 0, False
        for x in operands:
            if type(x) is not Expression:
                x = self.constant(x)
            if x.number is not None:
                numbers += 1
            if x.varying:
                varying = True
            xs.append(x)
            indices.append(x.index)
        if numbers == len(xs) and op is not TOTAL:
            with suppress(ArithmeticError, ValueError):  # the program raises if it really computes this
                return self.constant(evaluate(op, [x.number for x in xs if x.number is not None]))
        simplify = (_SIMPLER_WITH_NUMBERS if numbers else _SIMPLER).get(op)
        if simplify is not None and (simpler := simplify(*xs)) is not None:
            return simpler
        if op is _ADD or op is _MULTIPLY:
            indices.sort()
        key = (op, *indices)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = Expression(self, op, tuple(xs), None, "", varying and op is not TOTAL)
            self.expressions.append(found)
        return found

    def sum(self, addends: Sequence[Expression]) -> Expression:
        """The sum of any number of expressions; repeated ones are multiplied by their count."""
        if len(addends) == 1:
            return addends[0]
        if len(addends) == 2 and addends[0] is not addends[1]:
            return self.apply(_ADD, addends)
        counts = Counter([x.index for x in addends])
        distinct = [self.apply(_MULTIPLY, [float(n), self.expressions[index]]) for index, n in counts.items()]
        if len(distinct) == 1:
            return distinct[0]
        return self.apply(_ADD if len(distinct) == 2 else _SUM, distinct)

    def total(self, x: Expression) -> Expression:
        """The sum of an expression over all samples; uniform factors are moved in front of it."""
        if not x.varying:
            if x.op is rules.divide and x.operands[1] is self.samples:
                return x.operands[0]
            return self.apply(_MULTIPLY, [x, self.samples])
        if x.op is _MULTIPLY:
            one, other = x.operands
            if not (one.varying and other.varying):
                varying, factor = (one, other) if one.varying else (other, one)
                return self.apply(_MULTIPLY, [factor, self.total(varying)])
        if x.op is rules.negative:
            return self.apply(rules.negative, [self.total(x.operands[0])])
        return self.apply(TOTAL, [x])

    def copy(self, x: Expression) -> Expression:
        """Another expression for the same number, which is shared with nothing."""
        if x.number is not None:
            return self._append(Expression(self, number=x.number))
        return self._append(Expression(self, rules.positive, (x,), varying=x.varying))

    def _append(self, x: Expression) -> Expression:
        self.expressions.append(x)
        return x


def reachable(outputs: Sequence[Expression]) -> list[Expression]:
    """Everything that the outputs are computed from, in the order of the graph."""
    if not outputs:
        return []
    expressions = outputs[0].graph.expressions
    is_needed = bytearray(1 + max([x.index for x in outputs]))
    for x in outputs:
        is_needed[x.index] = True
    for i in range(len(is_needed) - 1, -1, -1):  # operands come before what uses them
        if is_needed[i]:
            for y in expressions[i].operands:
                is_needed[y.index] = True
    return list(compress(expressions, is_needed))


@dialect(Expression, rank=6)
def _apply(op: Primitive, operands: tuple[Any, ...]) -> Expression:
    graph: ExpressionGraph = next(x.graph for x in operands if isinstance(x, Expression))
    return graph.apply(op, operands)


# ---------------------------------------------------------------------------------------------------------------------
# Simplification
# ---------------------------------------------------------------------------------------------------------------------


# For some rows a function that finds a simpler expression with exactly the same value, also where operands are infinite
# or nan; it returns ``None`` where there is none.  Some can find one only if a number is among the operands.


def _simpler_quotient(x: Expression, y: Expression) -> Expression | None:
    return x if y.number == 1.0 else None


def _simpler_power(x: Expression, y: Expression) -> Expression | None:
    return x.graph.apply(rules.square, [x]) if y.number == 2.0 else _simpler_quotient(x, y)


def _simpler_negative(x: Expression) -> Expression | None:
    return x.operands[0] if x.op is rules.negative else None


def _simpler_choice(condition: Expression, x: Expression, y: Expression) -> Expression | None:
    if x is y or condition.number:
        return x
    if condition.op in _CONDITIONS and x.number == 1.0 and y is condition.graph.constant(0.0):
        return condition
    if x.op is rules.where and x.operands[0] is condition and x.operands[2] is y:  # chosen in the same way already
        return x
    return y if condition.number == 0.0 else None


def _simpler_product(x: Expression, y: Expression) -> Expression | None:
    """A product with 1, or c (d y) as (c d) y where c is a power of two and c d is exact; else ``None``."""
    if y.number is not None:
        x, y = y, x
    if x.number == 1.0:
        return y
    if x.number and y.op is _MULTIPLY:
        for factor, other in y.operands, y.operands[::-1]:
            if factor.number is not None and abs(math.frexp(x.number)[0]) == 0.5:
                number = x.number * factor.number
                return x.graph.apply(_MULTIPLY, [number, other]) if number / x.number == factor.number else None
    return None


_SIMPLER: dict[Primitive, Callable[..., Expression | None]] = {
    rules.positive: lambda x: x,
    rules.negative: _simpler_negative,
    rules.where: _simpler_choice,
}
_SIMPLER_WITH_NUMBERS: dict[Primitive, Callable[..., Expression | None]] = {
    **_SIMPLER,
    rules.multiply: _simpler_product,
    rules.divide: _simpler_quotient,
    rules.power: _simpler_power,
}
