"""The rows of the table from which random expressions and graphs are built, and how their calls are written."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from autograd.checks.strategies.points import arities
from autograd.core import rules
from autograd.core.primitive import Primitive
from autograd.dialects.python import Source

__all__ = ["call_in_python", "numbers", "operand_counts", "rows"]

_SMOOTH = (
    rules.add,
    rules.multiply,
    rules.subtract,
    rules.negative,
    rules.sin,
    rules.cos,
    rules.tanh,
    rules.sigmoid,
    rules.softplus,
    rules.arctan,
    rules.gelu,
    rules.sum_terms,
    rules.dot_product,
)
"""Rows with a value and all derivatives everywhere, none of them large."""

_KINKED = (rules.maximum, rules.minimum, rules.relu, rules.absolute, rules.leaky_relu, rules.clip, rules.where)

_OPERATORS: dict[Primitive, Callable[..., Source]] = {
    rules.add: operator.add,
    rules.subtract: operator.sub,
    rules.multiply: operator.mul,
    rules.divide: operator.truediv,
    rules.mod: operator.mod,
    rules.floor_divide: operator.floordiv,
    rules.negative: operator.neg,
}

numbers = st.integers(-16, 16).map(lambda k: k / 8)
"""Multiples of 1/8 from -2 to 2."""


def rows(primitives: Iterable[Primitive] | None, kinks: bool | None) -> list[Primitive]:
    """The given rows, or the usual ones; with ``kinks=False`` only those that are smooth."""
    found = [*_SMOOTH, *_KINKED] if primitives is None else list(primitives)
    if kinks is not False:
        return found
    return [row for row in found if row.kink is None and not any(interval.fixed for interval in row.domain)]


def operand_counts(primitive: Primitive) -> SearchStrategy[int]:
    """How many operands a row gets in an expression or a graph."""
    return st.sampled_from([n for n in arities(primitive) if 0 < n <= 4] or arities(primitive)[-1:])


def call_in_python(primitive: Primitive, operands: Sequence[Source]) -> Source:
    """A call of a row in Python, as users of :mod:`autograd` write it."""
    if primitive in _OPERATORS:
        return _OPERATORS[primitive](*operands)
    name = f'PRIMITIVES["{primitive.name}"]' if primitive.variadic else primitive.name
    return Source(f"{name}({', '.join(operand.text for operand in operands)})")
