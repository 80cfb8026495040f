"""The table of calculus as Python source: a dialect in which every rule writes itself down.

Called with :class:`Source` operands, a rule returns its own text.
"""

from __future__ import annotations

import ast
import inspect
from typing import Any

from autograd.core.primitive import Primitive, dialect
from autograd.dialects.infix import ATOM, CHOICE, EQUALITY, PRODUCT, SIGN, SUM, Infix

__all__ = ["Source", "source"]


class Source(Infix):
    """An expression of Python source, with the operators of a number.

    >>> x, y = Source("x"), Source("y")
    >>> print((x + 1.0) * -y)
    (x + 1.0) * -y
    """

    def __init__(self, text: str, binding: int = ATOM) -> None:
        self.text = text
        self.binding = binding

    def __str__(self) -> str:
        return self.text

    def at(self, binding: int) -> str:
        """Its text, in parentheses if it binds less tightly."""
        return self.text if self.binding >= binding else f"({self.text})"

    def infix(self, symbol: str, other: Any, binding: int) -> Source:
        """Two expressions with a symbol between; Python's comparisons would chain without parentheses."""
        return Source(f"{self.at(max(binding, SUM))} {symbol} {source(other).at(max(binding + 1, SUM))}", binding)

    def lift(self, x: Any) -> Source:
        """As :func:`source`."""
        return source(x)

    def __mod__(self, other: Any) -> Source:
        return self.infix("%", other, PRODUCT)

    def __floordiv__(self, other: Any) -> Source:
        return self.infix("//", other, PRODUCT)

    def __neg__(self) -> Source:
        return Source(f"-{self.at(SIGN)}", SIGN)


def source(x: Any) -> Source:
    """A number as an expression; an expression as it is."""
    return x if isinstance(x, Source) else Source(repr(x), ATOM if x >= 0 else SIGN)


_WRITTEN_OUT = {"maximum", "minimum"}
"""Rows whose formula is one line of Python, and a call to it would cost more than the line."""


@dialect(Source, rank=4)
def _write_call(op: Primitive, operands: tuple[Any, ...]) -> Source:
    if op.name == "where":  # written as a conditional expression, which leaves the branch not taken alone
        condition, x, y = map(source, operands)
        return Source(f"{x.at(EQUALITY)} if {condition.at(EQUALITY)} else {y}", CHOICE)
    if not op.library:
        return source(op.formula(*operands))
    if op.name in _WRITTEN_OUT:
        return _written_out(op.formula, operands)
    module, name = op.formula.__module__, op.formula.__name__
    if name == "<lambda>" or module.startswith("autograd"):
        module, name = module.rpartition(".")[2], op.name
    call = name if module == "builtins" else f"{module}.{name}"
    return Source(f"{call}({', '.join(source(operand).text for operand in operands)})")


def _written_out(formula: Any, operands: tuple[Any, ...]) -> Source:
    """What a Python function of one line returns, with these operands for its parameters."""
    tree = ast.parse(inspect.getsource(formula))
    (expression,) = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return) and node.value]
    given = dict(zip(inspect.signature(formula).parameters, operands, strict=True))

    class Substitute(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return ast.parse(source(given[node.id]).text, mode="eval").body

    return Source(ast.unparse(Substitute().visit(expression)), CHOICE)
