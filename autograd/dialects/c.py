"""The table of calculus as C: a dialect in which every rule writes itself down for the compiler.

Called with :class:`C` operands, a rule returns its own text, as it does for :class:`~autograd.dialects.python.Source`.
``python -m autograd.generate`` writes that text into ``kernels.h``: the functions of one, two or three numbers that
the machine in ``lanes.c`` applies to all lanes of a batch.  No formula is written a second time by hand.

A row has a kernel if C can express it: with operators, with other rows, or with a function of C's ``math.h``.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from autograd.core import rules, special
from autograd.core.comparisons import COMPARISONS
from autograd.core.files import update
from autograd.core.primitive import PRIMITIVES, Primitive, dialect
from autograd.dialects.infix import ATOM, CHOICE, EQUALITY, ORDER, SIGN, Infix

__all__ = ["C", "kernels", "write"]


class C(Infix):
    """An expression of C, with the operators of a number.

    Args:
        form: its text, with a ``{}`` for each part.
        parts: each an expression, with how tightly it must bind to need no parentheses.
        binding: how tightly the whole binds.

    >>> x, y = C("x"), C("y")
    >>> print((x + 1.0) * -y)
    (x + 1.0) * -y
    """

    def __init__(self, form: str, *parts: tuple[C, int], binding: int = ATOM) -> None:
        self.form = form
        self.parts = parts
        self.binding = binding

    def __str__(self) -> str:
        return self.text({})

    def text(self, names: dict[C, str]) -> str:
        """The expression as text, where a part that has a name is called by it."""
        parts = []
        for part, needed in self.parts:
            text = names.get(part) or part.text(names)
            parts.append(text if part in names or part.binding >= needed else f"({text})")
        return self.form.format(*parts)

    def infix(self, symbol: str, other: Any, binding: int) -> C:
        """Two expressions with a symbol between."""
        return C(f"{{}} {symbol} {{}}", (self, binding), (_c(other), binding + 1), binding=binding)

    def lift(self, x: Any) -> C:
        """A number as an expression; an expression as it is."""
        return _c(x)

    def __mod__(self, other: Any) -> C:
        return _call("floored_remainder", self, other)

    def __floordiv__(self, other: Any) -> C:
        return _call("floored_quotient", self, other)

    def __neg__(self) -> C:
        return C("-{}", (self, ATOM), binding=SIGN)  # not --x, which in C counts down


def _c(x: Any) -> C:
    """A number as an expression; an expression as it is."""
    return x if isinstance(x, C) else C(repr(float(x)), binding=ATOM if x >= 0 else SIGN)


def _call(function: str, *operands: Any) -> C:
    places = ", ".join(["{}"] * len(operands))
    return C(f"{function}({places})", *((_c(operand), CHOICE) for operand in operands))


# ---------------------------------------------------------------------------------------------------------------------
# What C brings itself
# ---------------------------------------------------------------------------------------------------------------------

_MATH = {"acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cos", "cosh", "erf", "erfc", "exp", "expm1",
         "hypot", "lgamma", "log", "log10", "log1p", "log2", "pow", "sin", "sinh", "sqrt", "tan", "tanh"}  # fmt: skip
"""The functions that Python's ``math`` and C's ``math.h`` have in common, with one meaning."""

_WORDS = {
    "absolute": "fabs",
    "cbrt": "cbrt",
    "floor": "floor",
    "maximum": "larger",
    "minimum": "smaller",
    "sign": "sign",
}
"""What C calls the rows that are not Python's ``math``; the last three are helpers."""

_HELPERS = """\
/* What NumPy says and math.h does not: the rules for nan, for ties and for quotients rounded down. */

KERNEL double larger(double x, double y)
{
    const double z = x >= y ? x : y;
    return x != x ? x : z;
}

KERNEL double smaller(double x, double y)
{
    const double z = x <= y ? x : y;
    return x != x ? x : z;
}

KERNEL double sign(double x) { return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : 0.0 * x; }

KERNEL double floored_remainder(double x, double y)
{
    const double remainder = fmod(x, y);
    if (remainder != 0.0)
        return (y < 0.0) != (remainder < 0.0) ? remainder + y : remainder;
    return copysign(remainder, y);
}

KERNEL double floored_quotient(double x, double y)
{
    if (y == 0.0)
        return x / y;
    const double remainder = fmod(x, y);
    const double down = remainder != 0.0 && (y < 0.0) != (remainder < 0.0) ? 1.0 : 0.0;
    const double quotient = (x - remainder) / y - down; /* whole, but for rounding */
    return quotient != 0.0 ? rint(quotient) : copysign(0.0, x / y);
}
"""


@dialect(C, rank=4)
def _write_call(op: Primitive, operands: tuple[Any, ...]) -> C:
    if op.name == "where":
        condition, x, y = map(_c, operands)
        if not EQUALITY <= condition.binding <= ORDER:
            condition = condition.infix("!=", 0.0, EQUALITY)
        return C("{} ? {} : {}", (condition, EQUALITY), (x, EQUALITY), (y, CHOICE), binding=CHOICE)
    if op.name in COMPARISONS:
        x, y = map(_c, operands)
        return x.infix(op.symbol, y, EQUALITY if op.name in ("equal", "not_equal") else ORDER)
    if not op.library:
        return _c(op.formula(*operands))
    name = op.formula.__name__ if op.formula.__module__ == "math" else ""
    word = name if name in _MATH else _WORDS.get(op.name)
    if word is None:
        raise NotImplementedError(f"C has no function {op.name}")
    return _call(word, *operands)


# ---------------------------------------------------------------------------------------------------------------------
# kernels.h
# ---------------------------------------------------------------------------------------------------------------------


def kernels() -> str:
    """The text of ``kernels.h``: a function for each row of the table that C can say, and lists of them by operands."""
    functions: dict[str, str] = {}
    names: dict[int, list[str]] = {1: [], 2: [], 3: []}
    for name, (parameters, formula) in _expressible().items():
        functions[name] = _function(name, parameters, formula)
        names[len(parameters)].append(name)
    lists = [_list(f"KERNELS_{count}", rows) for count, rows in names.items()]
    head = "/* Written from the table by `python -m autograd.generate`: change the table, not this file. */\n"
    return "\n".join([head, _HELPERS, "/* The table. */\n", *functions.values(), *lists])


def _expressible() -> dict[str, tuple[tuple[str, ...], C]]:
    """Parameters and formula of each comparison, and of each row of this package that can be written in C."""
    homes = {rules.__name__, special.__name__}
    rows = [op for op in PRIMITIVES.values() if not op.variadic and op.partials[0].__module__ in homes]
    formulas = {}
    for op in (*COMPARISONS.values(), *rows):
        try:
            formulas[op.name] = op.parameters, _c(op(*map(C, op.parameters)))
        except NotImplementedError:
            continue
    return formulas


def _function(name: str, parameters: tuple[str, ...], formula: C) -> str:
    """A C function in which what is needed more than once is computed once."""
    uses: Counter[C] = Counter()
    order: list[C] = []

    def visit(expression: C) -> None:
        uses[expression] += 1
        if uses[expression] == 1:
            for part, _ in expression.parts:
                visit(part)
            order.append(expression)

    visit(formula)
    lines = []
    names: dict[C, str] = {}
    for expression in order:
        if uses[expression] > 1 and expression.parts:
            text = expression.text(names)
            names[expression] = f"t{len(names) + 1}"
            lines.append(f"    const double {names[expression]} = {text};\n")
    signature = ", ".join(f"double {parameter}" for parameter in parameters)
    return f"KERNEL double kernel_{name}({signature})\n{{\n{''.join(lines)}    return {formula.text(names)};\n}}\n"


def _list(macro: str, names: list[str]) -> str:
    return f"#define {macro}(K) \\\n    " + " \\\n    ".join(f"K({name})" for name in names) + "\n"


def write(check: bool = False) -> bool:
    """Write ``kernels.h``; with ``check``, only say whether it is as the table has it."""
    return update(Path(__file__).parent.parent / "compiler" / "native" / "kernels.h", kernels(), check)
