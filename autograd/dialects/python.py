"""The dialect of Python source: a primitive that is called with :class:`Source` operands returns its own text."""

from __future__ import annotations

from autograd.core.primitive import Primitive, dialect
from autograd.dialects.infix import ATOM, CHOICE, EQUALITY, PRODUCT, SIGN, SUM, Text

__all__ = ["Source"]


class Source(Text):
    """An expression of Python source, with the operators of a number.

    Args:
        text: the expression.
        binding: how tightly it binds.

    >>> x, y = Source("x"), Source("y")
    >>> print((x + 1.0) * -y)
    (x + 1.0) * -y
    """

    def infix(self, symbol: str, other: Source | float, binding: int) -> Source:
        """This expression, the symbol, and another expression; the whole binds this tightly."""
        needed = max(binding, SUM)  # a comparison of a comparison needs parentheses: in Python, x < y < z is a chain
        left, right = self.at(needed), Source.lift(other).at(max(binding + 1, SUM))
        return Source(f"{left} {symbol} {right}", binding)

    @classmethod
    def lift(cls, x: Source | float) -> Source:
        """A number as an expression; an expression is returned as it is."""
        return x if isinstance(x, Source) else Source(repr(x), ATOM if x >= 0 else SIGN)

    def __mod__(self, other: Source | float) -> Source:
        return self.infix("%", other, PRODUCT)

    def __floordiv__(self, other: Source | float) -> Source:
        return self.infix("//", other, PRODUCT)

    def __neg__(self) -> Source:
        return Source(f"-{self.at(SIGN)}", SIGN)


@dialect(Source, rank=4)
def _write_call(op: Primitive, operands: tuple[Source | float, ...]) -> Source:
    if not op.library:
        return Source.lift(op.formula(*operands))
    lifted = [Source.lift(x) for x in operands]
    if op.name == "where":  # a conditional expression evaluates only the branch that is taken
        condition, x, y = lifted
        return Source(f"{x.at(EQUALITY)} if {condition.at(EQUALITY)} else {y}", CHOICE)
    if op.name in ("maximum", "minimum"):  # the expression is faster than a call; x != x if x is nan
        a, b = (operand.at(SUM) for operand in lifted)
        return Source(f"{a} if {a} {'>' if op.name == 'maximum' else '<'} {b} or {a} != {a} else {b}", CHOICE)
    return Source(f"{_function(op)}({', '.join(operand.text for operand in lifted)})")


def _function(op: Primitive) -> str:
    """The function that computes a row of the table: of Python or its ``math``, else the row itself."""
    module, name = op.formula.__module__, op.formula.__name__
    if module == "builtins":
        return name
    return f"math.{name}" if module == "math" else f"{op.home}.{op.name}"
