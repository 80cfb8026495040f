"""The operations of a program: the rows of the table, the comparisons, and totals over all samples.

Instructions refer to operations by name.  The names in :data:`OPERATIONS` are reserved; a primitive that a user
declares gets a name that is not among them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

from autograd.core.comparisons import COMPARISONS
from autograd.core.primitive import PRIMITIVES, Primitive

__all__ = ["ARITHMETIC", "OPERATIONS", "SUMS", "TOTAL", "TOTALS", "evaluate", "is_builtin", "split_sum"]

T = TypeVar("T")

TOTAL = Primitive("total", lambda x: x, [lambda x, out: 1.0], parameters=("x",))
"""The sum over all samples: the only primitive with a varying operand and a uniform result."""

SUMS = frozenset({"sum", "dot", "affine"})
"""The operations that add up any number of operands, or of products of two."""

ARITHMETIC = frozenset({"add", "subtract", "multiply", "negative", "positive", "square", *SUMS})
"""The operations that take no longer than a few multiplications and additions; other ones are calls of functions."""

TOTALS: Mapping[str, int] = {"total": 1, "total_dot": 2}
"""The sums over all samples, of one operand or of the product of two, each with the number of its operands."""

OPERATIONS: Mapping[str, Primitive] = {
    **{op.name: op for op in PRIMITIVES.values() if op.is_built_in},
    **COMPARISONS,
    **dict.fromkeys(TOTALS, TOTAL),
}
"""The primitives by the names that instructions use."""


def is_builtin(op: Primitive) -> bool:
    """Whether a primitive is one of :data:`OPERATIONS`, and not declared by a user."""
    return OPERATIONS.get(op.name) is op


def evaluate(op: Primitive, numbers: Sequence[float]) -> float:
    """The value of a primitive at plain numbers, in IEEE arithmetic.

    Raises:
        ArithmeticError or ValueError: if the formula of a user's primitive refuses these numbers.

    >>> from autograd import log
    >>> evaluate(log, [0.0])
    -inf
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


def split_sum(op: str, operands: Sequence[T]) -> tuple[list[tuple[T, T]], Sequence[T]]:
    """The operands of a sum: the pairs that it multiplies, and those that it adds as they are.

    >>> split_sum("affine", ["w", "v", "x", "y", "b"])
    ([('w', 'x'), ('v', 'y')], ['b'])
    >>> split_sum("sum", ["x", "y"])
    ([], ['x', 'y'])
    """
    n = len(operands) // 2 if op in ("dot", "affine") else 0
    return list(zip(operands[:n], operands[n : 2 * n], strict=True)), operands[2 * n :]
