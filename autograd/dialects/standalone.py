"""Python source that needs nothing but ``math``, and follows IEEE arithmetic where ``math`` raises.

Where Python raises an error, as in ``1 / 0`` or ``math.exp(1000)``, the text calls a short function that gives the
infinity or nan of IEEE arithmetic instead.  Rows of the table that are formulas are called as functions, too.
"""

from __future__ import annotations

import math

from autograd.core.comparisons import COMPARISONS
from autograd.core.primitive import Primitive, dialect
from autograd.dialects.infix import ATOM, CHOICE, ORDER, SIGN
from autograd.dialects.python import Source

__all__ = ["Plain", "definitions"]

_SIGNED = "math.copysign(math.inf, x)"
_LOGARITHM = "-math.inf if x == {} else math.nan"
_INSTEAD: dict[str, dict[str, str]] = {
    **{name: {"ValueError": "math.nan"} for name in ("acos", "acosh", "asin", "cos", "sin", "sqrt", "tan")},
    **{name: {"OverflowError": "math.inf"} for name in ("cosh", "exp", "expm1")},
    **{name: {"ValueError": _LOGARITHM.format("0.0")} for name in ("log", "log2", "log10")},
    "log1p": {"ValueError": _LOGARITHM.format("-1.0")},
    "sinh": {"OverflowError": _SIGNED},
    "atanh": {"ValueError": f"{_SIGNED} if abs(x) == 1.0 else math.nan"},
    "pow": {
        "ValueError": f"math.nan if x != 0.0 else {_SIGNED} if y % 2.0 == 1.0 else math.inf",
        "OverflowError": "-math.inf if x < 0.0 and y % 2.0 == 1.0 else math.inf",
    },
}
"""Functions of ``math`` that raise, with what IEEE arithmetic has for each kind of error."""

_SAFE = frozenset({"asinh", "atan", "atan2", "erf", "erfc", "hypot", "tanh"})
"""Functions of ``math`` that never raise."""

_DIVIDE = """\
def {}(x, y):
    if y != 0.0:
        return x / y
    return math.nan if x != x or x == 0.0 else math.copysign(math.inf, x) * math.copysign(1.0, y)
"""
_OTHERS = {
    "remainder": "    return x % y if y != 0.0 else math.nan\n",
    "quotient": "    return x // y if y != 0.0 else {divide}(x, y)\n",
    "sign": "    return 1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0 * abs(x)\n",
    "floor": "    return float(math.floor(x)) if x - x == 0.0 and x != 0.0 else x\n",
    "cbrt": "    if x == 0.0 or x - x != 0.0:\n        return x\n    y = math.copysign(abs(x) ** (1.0 / 3.0), x)\n"
    "    return y - (y - x / y / y) / 3.0\n",
}
"""The bodies of other functions."""


class Plain(Source):
    """An expression of such source.

    Args:
        text: the expression.
        binding: how tightly it binds.
        called: the functions that it calls, beside those of ``math``: rows of the table, and names of those above.

    >>> x = Plain("x")
    >>> print(1.0 / x, x / 2.0)
    _divide(1.0, x) x / 2.0
    """

    def __init__(self, text: str, binding: int = ATOM, called: frozenset[Primitive | str] = frozenset()) -> None:
        super().__init__(text, binding)
        self.called = called

    @classmethod
    def lift(cls, x: Source | float) -> Plain:
        """A number as an expression; an expression is returned as it is."""
        if isinstance(x, Plain):
            return x
        if isinstance(x, Source):
            return Plain(x.text, x.binding)
        if not math.isfinite(x):
            return Plain("math.nan" if x != x else f"{'-' * (x < 0)}math.inf", SIGN)
        return Plain(repr(float(x)), SIGN if math.copysign(1.0, x) < 0 else ATOM)

    def infix(self, symbol: str, other: Source | float, binding: int) -> Plain:
        """This expression, the symbol, and another expression; the whole binds this tightly."""
        other = Plain.lift(other)
        if symbol == "/" and not _is_other_than_zero(other):
            return call("divide", self, other)
        if symbol in ("%", "//"):
            return call("remainder" if symbol == "%" else "quotient", self, other)
        found = super().infix(symbol, other, binding)
        return Plain(found.text, found.binding, self.called | other.called)

    def __neg__(self) -> Plain:
        return Plain(f"-{self.at(SIGN)}", SIGN, self.called)


def _is_other_than_zero(x: Plain) -> bool:
    """Whether an expression is a number that Python can divide by."""
    try:
        return float(x.text) != 0.0
    except ValueError:
        return False


def call(function: Primitive | str, *operands: Plain) -> Plain:
    """A call of a function that :func:`definitions` writes."""
    name = function if isinstance(function, str) else function.name
    called = frozenset([function]).union(*(operand.called for operand in operands))
    return Plain(f"_{name}({', '.join(operand.text for operand in operands)})", ATOM, called)


@dialect(Plain, rank=5)
def _write_call(op: Primitive, operands: tuple[Plain | float, ...]) -> Plain:
    lifted = [Plain.lift(x) for x in operands]
    called: frozenset[Primitive | str] = frozenset().union(*(operand.called for operand in lifted))
    if op.name in COMPARISONS:
        return lifted[0].infix(op.symbol, lifted[1], ORDER)
    if op.inline:
        return Plain.lift(op.formula(*lifted))
    if op.name in ("where", "maximum", "minimum"):
        condition, x, y = lifted if op.name == "where" else _chosen(op.name, *lifted)
        return Plain(f"{x.at(ORDER)} if {condition.at(ORDER)} else {y.text}", CHOICE, called)
    if not op.library:
        return call(op, *lifted)
    name = op.formula.__name__
    if op.formula.__module__ == "math" and name in _SAFE:
        return Plain(f"math.{name}({', '.join(operand.text for operand in lifted)})", ATOM, called)
    if op.formula.__module__ == "math" and name in _INSTEAD:
        return call(name, *lifted)
    if op.name in _OTHERS:
        return call(op.name, *lifted)
    if op.name == "absolute":
        return Plain(f"abs({lifted[0].text})", ATOM, called)
    raise NotImplementedError(f"Python's math has no function for {op.name}")


def _chosen(name: str, x: Plain, y: Plain) -> tuple[Plain, Plain, Plain]:
    """The condition for the first of two operands, and the operands; a nan is chosen."""
    sign = ">" if name == "maximum" else "<"
    return Plain(f"{x.at(ORDER + 1)} {sign} {y.at(ORDER + 1)} or {x.at(ORDER + 1)} != {x.at(ORDER + 1)}"), x, y


def definitions(called: frozenset[Primitive | str]) -> list[str]:
    """The definitions of functions that texts call, and of those that these call, each after what it calls."""
    found: dict[Primitive | str, str] = {}

    def define(function: Primitive | str) -> None:
        if function in found:
            return
        if isinstance(function, Primitive):
            formula = Plain.lift(function.formula(*map(Plain, function.parameters)))
            for other in sorted(formula.called, key=str):
                define(other)
            signature = f"def _{function.name}({', '.join(function.parameters)}):\n"
            found[function] = f"{signature}    return {formula.text}\n"
        else:
            if function == "quotient":
                define("divide")
            found[function] = _definition(function)

    for function in sorted(called, key=str):
        define(function)
    return list(found.values())


def _definition(name: str) -> str:
    if name == "divide":
        return _DIVIDE.format("_divide")
    if name in _OTHERS:
        parameters = "x, y" if name in ("remainder", "quotient") else "x"
        return f"def _{name}({parameters}):\n{_OTHERS[name].replace('{divide}', '_divide')}"
    parameters = "x, y" if name == "pow" else "x"
    handlers = "".join(f"    except {error}:\n        return {text}\n" for error, text in _INSTEAD[name].items())
    return f"def _{name}({parameters}):\n    try:\n        return math.{name}({parameters})\n{handlers}"
