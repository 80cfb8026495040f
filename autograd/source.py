"""The table of calculus as Python source: a dialect in which every rule writes itself down.

Call a rule with :class:`Source` operands and it returns its own text.  From that text ``python -m autograd.source``
writes the operators of ``Value`` (the marked part of ``value.py``), so that the most travelled lines of the project
cost no call into the table and still are no second copy of it.
"""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from typing import Any

from autograd.primitive import PRIMITIVES, REAL, Primitive, dialect

__all__ = ["Source", "operators", "write"]

_SUM, _PRODUCT, _SIGN, _ATOM = range(4)  # how tightly an expression binds


class Source:
    """An expression of Python source, with the operators of a number.

    >>> x, y = Source("x"), Source("y")
    >>> print((x + 1.0) * -y)
    (x + 1.0) * -y
    """

    def __init__(self, text: str, binding: int = _ATOM) -> None:
        self.text = text
        self.binding = binding

    def __str__(self) -> str:
        return self.text

    def _at(self, binding: int) -> str:
        return self.text if self.binding >= binding else f"({self.text})"

    def _infix(self, symbol: str, other: Any, binding: int) -> Source:
        return Source(f"{self._at(binding)} {symbol} {source(other)._at(binding + 1)}", binding)

    def __add__(self, other: Any) -> Source:
        return self._infix("+", other, _SUM)

    def __radd__(self, other: Any) -> Source:
        return source(other) + self

    def __sub__(self, other: Any) -> Source:
        return self._infix("-", other, _SUM)

    def __rsub__(self, other: Any) -> Source:
        return source(other) - self

    def __mul__(self, other: Any) -> Source:
        return self._infix("*", other, _PRODUCT)

    def __rmul__(self, other: Any) -> Source:
        return source(other) * self

    def __truediv__(self, other: Any) -> Source:
        return self._infix("/", other, _PRODUCT)

    def __rtruediv__(self, other: Any) -> Source:
        return source(other) / self

    def __mod__(self, other: Any) -> Source:
        return self._infix("%", other, _PRODUCT)

    def __floordiv__(self, other: Any) -> Source:
        return self._infix("//", other, _PRODUCT)

    def __pos__(self) -> Source:
        return self

    def __neg__(self) -> Source:
        return Source(f"-{self._at(_SIGN)}", _SIGN)

    def __gt__(self, other: Any) -> Source:
        return Source(f"{self._at(_SUM)} > {source(other)._at(_SUM)}", -1)

    def __lt__(self, other: Any) -> Source:
        return Source(f"{self._at(_SUM)} < {source(other)._at(_SUM)}", -1)

    def __ne__(self, other: Any) -> Any:
        return Source(f"{self._at(_SUM)} != {source(other)._at(_SUM)}", -1)

    def __ge__(self, other: Any) -> Source:
        return Source(f"{self._at(_SUM)} >= {source(other)._at(_SUM)}", -1)


def source(x: Any) -> Source:
    """A number as an expression; an expression as it is."""
    return x if isinstance(x, Source) else Source(repr(x), _ATOM if x >= 0 else _SIGN)


@dialect(Source, rank=4)
def _write_call(op: Primitive, operands: tuple[Any, ...]) -> Source:
    if op.name == "where":  # written as a conditional expression, which leaves the branch not taken alone
        condition, x, y = map(source, operands)
        return Source(f"{x._at(-1)} if {condition._at(-1)} else {y}", -2)
    if not op.native:
        return source(op.formula(*operands))
    module, name = op.formula.__module__, op.formula.__name__
    if name == "<lambda>" or module.startswith("autograd"):
        module, name = module.rpartition(".")[2], op.name
    call = name if module == "builtins" else f"{module}.{name}"
    return Source(f"{call}({', '.join(source(operand).text for operand in operands)})")


# ---------------------------------------------------------------------------------------------------------------------
# The operators of Value
# ---------------------------------------------------------------------------------------------------------------------

_BINARY = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide",
    "pow": "power", "mod": "mod", "floordiv": "floor_divide",
}  # fmt: skip
_UNARY = {"pos": "positive", "neg": "negative", "abs": "absolute"}

_BEGIN = "    # <operators: written from the table by `python -m autograd.source`>\n"
_END = "\n    # </operators>\n"


def operators() -> str:
    """The source of all operators of ``Value``, each with the formula and the partials of its row in the table."""
    methods = [lines for method, name in _BINARY.items() for lines in _binary(method, PRIMITIVES[name])]
    methods += [_unary(method, PRIMITIVES[name]) for method, name in _UNARY.items()]
    return "\n\n".join("\n".join(lines) for lines in methods) + "\n"


def _binary(method: str, op: Primitive) -> tuple[list[str], list[str]]:
    dx, dy = op.slopes([Source("x"), Source("y")], Source("out"))
    left = [
        f"def __{method}__(self, other: Any) -> Value:",
        "    x = self._data",
        "    if isinstance(other, Value):",
        "        y = other._data",
        *_step(8, op, "self, other", dx, dy),
        "    y = _operand(other)",
        "    if y is NotImplemented:",
        "        return NotImplemented",
        *_step(4, op, "self, y", dx, 0.0),
    ]
    right = [
        f"def __r{method}__(self, other: Any) -> Value:",
        "    x = _operand(other)",
        "    if x is NotImplemented:",
        "        return NotImplemented",
        "    y = self._data",
        *_step(4, op, "x, self", 0.0, dy),
    ]
    return left, right


def _unary(method: str, op: Primitive) -> list[str]:
    x = Source("x")
    (dx,) = op.slopes([x], Source("out"))
    return [
        f"def __{method}__(self) -> Value:",
        "    x = self._data",
        f"    return _node(rules.{op.name}, {op(x)}, self, None, {dx}, 0.0)",
    ]


def _step(indent: int, op: Primitive, operands: str, dx: Any, dy: Any) -> list[str]:
    """Compute and record; what Python's arithmetic refuses is left to the table, which knows what to say of it."""
    formula = str(op(Source("x"), Source("y")))
    if all(interval == REAL for interval in op.domain):
        lines = [f"return _node(rules.{op.name}, {formula}, {operands}, {dx}, {dy})"]
    else:
        lines = [
            "try:",
            f"    out = {formula}",
            *(f"    {name} = {slope}" for name, slope in (("dx", dx), ("dy", dy)) if slope),
            "except (ArithmeticError, ValueError):",
            f"    return record(rules.{op.name}, ({operands}))",
            f"return _node(rules.{op.name}, out, {operands}, {'dx' if dx else dx}, {'dy' if dy else dy})",
        ]
    return [" " * indent + line for line in lines]


def write(check: bool = False) -> bool:
    """Write the operators into ``value.py``; with ``check``, only say whether they stand there as they should."""
    file = Path(__file__).with_name("value.py")
    text = file.read_text(encoding="utf-8")
    head, mark, rest = text.partition(_BEGIN)
    body, end, tail = rest.partition(_END)
    if not (mark and end):
        raise ValueError(f"{file} has no part marked {_BEGIN.strip()!r} … {_END.strip()!r}")
    current = textwrap.indent(operators(), "    ")
    if not check and body != current:
        file.write_text(head + mark + current + end + tail, encoding="utf-8")
    return body == current


if __name__ == "__main__":
    if not write(check="--check" in sys.argv) and "--check" in sys.argv:
        sys.exit("the operators of Value are not what the table says: run python -m autograd.source")
