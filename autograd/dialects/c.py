"""The dialect of C: a primitive that is called with :class:`C` operands returns its own text.

``python -m autograd.generate`` writes these texts into two files.  A row has a kernel if C can express it, with
operators, other rows and the functions of ``math.h``.

- ``kernels.h``: functions of one, two or three numbers, which the machine in ``lanes.c`` applies to all lanes of a
  batch;
- ``rows.h``: functions of one operand and their slopes for numbers of either type, which ``nodes.c`` applies to arrays.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from autograd.core import rules
from autograd.core.comparisons import COMPARISONS
from autograd.core.files import update
from autograd.core.primitive import FLAT, PRIMITIVES, Interval, Primitive, dialect
from autograd.dialects.infix import ATOM, CHOICE, EQUALITY, ORDER, SIGN, Infix

__all__ = ["C", "array_kernels", "functions_of", "kernels", "write", "write_array_kernels"]


class C(Infix):
    """An expression of C, with the operators of a number.

    It keeps its parts, so that a part that occurs several times can be computed once.

    Args:
        form: its text, with a ``{}`` for each part.
        parts: expressions, each with how tightly it must bind; one that binds less tightly is put in parentheses.
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
        """The expression as text, in which the parts with a name are written as that name."""
        parts = []
        for part, needed in self.parts:
            text = names.get(part) or part.text(names)
            parts.append(text if part in names or part.binding >= needed else f"({text})")
        return self.form.format(*parts)

    def infix(self, symbol: str, other: C | float, binding: int) -> C:
        """This expression, the symbol, and another expression; the whole binds this tightly."""
        return C(f"{{}} {symbol} {{}}", (self, binding), (C.lift(other), binding + 1), binding=binding)

    @classmethod
    def lift(cls, x: C | float) -> C:
        """A number as an expression; an expression is returned as it is."""
        if isinstance(x, C):
            return x
        if not math.isfinite(x):
            return C("NAN" if x != x else f"{'-' * (x < 0)}INFINITY", binding=SIGN)
        return C(repr(float(x)), binding=ATOM if math.copysign(1.0, x) > 0 else SIGN)

    def __mod__(self, other: C | float) -> C:
        return _call("floored_remainder", self, other)

    def __floordiv__(self, other: C | float) -> C:
        return _call("floored_quotient", self, other)

    def __neg__(self) -> C:
        return C("-{}", (self, ATOM), binding=SIGN)  # never --x, which in C is a decrement


def _call(function: str, *operands: C | float) -> C:
    places = ", ".join(["{}"] * len(operands))
    return C(f"{function}({places})", *((C.lift(operand), CHOICE) for operand in operands))


# ---------------------------------------------------------------------------------------------------------------------
# The functions of C
# ---------------------------------------------------------------------------------------------------------------------

_MATH = {"acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cos", "cosh", "erf", "erfc", "exp", "expm1",
         "hypot", "lgamma", "log", "log10", "log1p", "log2", "pow", "sin", "sinh", "sqrt", "tan", "tanh"}  # fmt: skip
"""The functions that are the same in Python's ``math`` and in C's ``math.h``."""

_C_NAMES = {
    "absolute": "fabs",
    "cbrt": "cbrt",
    "floor": "floor",
    "maximum": "larger",
    "minimum": "smaller",
    "sign": "sign",
}
"""The C functions of rows that are not in Python's ``math``; the last three are among the helpers below."""

_HELPERS = """\
/* NumPy's rules for nan, for ties and for quotients rounded down, which math.h lacks. */

KERNEL double larger(double x, double y)
{
    const double z = x > y ? x : y;
    return x != x ? x : z;
}

KERNEL double smaller(double x, double y)
{
    const double z = x < y ? x : y;
    return x != x ? x : z;
}

KERNEL double sign(double x) { return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : 0.0 * fabs(x); }

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
    const double quotient = (x - remainder) / y - down; /* an integer, except for rounding */
    return quotient != 0.0 ? rint(quotient) : copysign(0.0, x / y);
}
"""


@dialect(C, rank=4)
def _write_call(op: Primitive, operands: tuple[C | float, ...]) -> C:
    if op.name == "where":
        condition, x, y = map(C.lift, operands)
        if not EQUALITY <= condition.binding <= ORDER:
            condition = condition.infix("!=", 0.0, EQUALITY)
        return C("{} ? {} : {}", (condition, EQUALITY), (x, EQUALITY), (y, CHOICE), binding=CHOICE)
    if op.name in COMPARISONS:
        x, y = map(C.lift, operands)
        return x.infix(op.symbol, y, EQUALITY if op.name in ("equal", "not_equal") else ORDER)
    if not op.library:
        return C.lift(op.formula(*operands))
    if op.formula.__module__ == "math" and op.formula.__name__ in _MATH:
        return _call(op.formula.__name__, *operands)
    if op.name in _C_NAMES:
        return _call(_C_NAMES[op.name], *operands)
    raise NotImplementedError(f"C has no function {op.name}")


# ---------------------------------------------------------------------------------------------------------------------
# kernels.h
# ---------------------------------------------------------------------------------------------------------------------


def kernels() -> str:
    """The text of ``kernels.h``: a function for each row that C can express, and three lists, by number of operands."""
    functions: dict[str, str] = {}
    names: dict[int, list[str]] = {1: [], 2: [], 3: []}
    for name, (parameters, formula) in _expressible().items():
        functions[name] = _function(f"kernel_{name}", parameters, formula)
        names[len(parameters)].append(name)
    lists = [_list(f"KERNELS_{count}", rows) for count, rows in names.items()]
    head = "/* Written from the table by `python -m autograd.generate`: change the table, not this file. */\n"
    return "\n".join([head, _HELPERS, "/* The table. */\n", *functions.values(), *lists])


def functions_of(names: Iterable[str]) -> list[str]:
    """Definitions in C of helpers and of rows of the table by their names; that of a row has an underscore appended."""
    ops = [PRIMITIVES[name] for name in names if name in PRIMITIVES]
    rows = [_function(f"{op.name}_", op.parameters, C.lift(op(*map(C, op.parameters)))) for op in ops]
    called = {*names, *re.findall(r"\w+(?=\()", "".join(rows))}
    helpers = [part for part in _HELPERS.split("\n\n")[1:] if re.findall(r"\w+(?=\()", part)[0] in called]
    return [text.strip("\n").replace("KERNEL ", "static ") + "\n" for text in (*helpers, *rows)]


def _expressible() -> dict[str, tuple[tuple[str, ...], C]]:
    """The parameters and the formula of every comparison and every row of the table that can be written in C."""
    formulas = {}
    for op in (*COMPARISONS.values(), *_rows()):
        try:
            formulas[op.name] = op.parameters, C.lift(op(*map(C, op.parameters)))
        except NotImplementedError:
            continue
    return formulas


def _rows() -> list[Primitive]:
    """The rows of the table, without those that users have declared."""
    return [op for op in PRIMITIVES.values() if not op.variadic and op.is_built_in]


def _function(name: str, parameters: tuple[str, ...], formula: C) -> str:
    """A C function that computes every common subexpression once."""
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
    return f"KERNEL double {name}({signature})\n{{\n{''.join(lines)}    return {formula.text(names)};\n}}\n"


def _list(macro: str, names: list[str]) -> str:
    return _macro(f"{macro}(K)", [f"K({name})" for name in names])


def _macro(name: str, items: list[str]) -> str:
    return " \\\n    ".join([f"#define {name}", *items]) + "\n"


def write(check: bool = False) -> bool:
    """Write ``kernels.h``, or check it; see :func:`autograd.core.files.update`."""
    return update(Path(__file__).parent.parent / "compiler" / "native" / "kernels.h", kernels(), check)


# ---------------------------------------------------------------------------------------------------------------------
# rows.h
# ---------------------------------------------------------------------------------------------------------------------

_TYPED = {
    r"\bdouble\b": "REAL",
    rf"\b(?:{'|'.join(sorted({*_MATH, 'cbrt', 'copysign', 'fabs', 'floor', 'fmod', 'rint'}))})(?=\()": r"MATH(\g<0>)",
    r"\b(?:larger|smaller|sign|floored_\w+|(?:values|sent|quick)_\w+)(?=\()": r"NAME(\g<0>)",
    r"(?<![\w.])\d+(?:\.\d*)?(?:e[-+]?\d+)?(?![\w.])": r"NUMBER(\g<0>)",
}
"""What is written in C for ``double``, and how for a type that is chosen when the file is included."""


_VECTORS = {222: {"cos", "exp", "log", "pow", "sin"}, 235: _MATH - {"lgamma", "sqrt"} | {"cbrt"}}
"""Functions of which glibc has vector versions, by its first version that has them; see vectors.h."""


def array_kernels() -> str:
    """The text of ``rows.h``: for rows of one operand their value, and what a gradient sends to the operand.

    A row has a value there only if NumPy would pass over memory several times to compute it.  A kernel is used only
    where its functions have vector versions, or else NumPy is faster.
    """
    functions: dict[str, str] = {}
    lists: dict[str, list[str]] = {f"{kind}_{need}": [] for kind in ("VALUES", "SENT") for need in (0, *_VECTORS)}
    for op in (op for op in _rows() if len(op.parameters) == 1):
        for kind, (parameters, formula) in _of_arrays(op).items():
            name = f"{kind.lower()}_{op.name}"
            text = _function(name, parameters, formula)
            called = set(re.findall(r"\w+(?=\()", text)) & _MATH - {"sqrt"}
            need = next((need for need, known in {0: set(), **_VECTORS}.items() if called <= known), None)
            if need is not None:
                functions[name] = text
                if kind == "SENT" and op.quick:
                    x, out = C(op.parameters[0]), C("out")
                    functions[f"quick_{op.name}"] = _function(
                        f"quick_{op.name}", (*op.parameters, "out"), C.lift(op.quick[0](x, out))
                    )
                lists[f"{kind}_{need}"].append(f"{'QUICK' if op.quick else 'K'}({op.name})")
    head = "/* Written from the table by `python -m autograd.generate`: change the table, not this file.\n\n"
    head += "   REAL is a type, NUMBER a constant of it, MATH a function of math.h, NAME one of this file.\n"
    head += "   A number in the name of a list is the version of glibc with the vector functions that it needs. */\n"
    texts = [_of_any_type(text) for text in (_HELPERS, *functions.values())]
    flat = f"#define FLAT {_of_any_type(str(FLAT))} /* below this slope, the quick formula of a row is not used */\n"
    return "\n".join([head, flat, *texts, *[_macro(f"{name}(K, QUICK)", rows) for name, rows in lists.items()]])


def _of_arrays(op: Primitive) -> Mapping[str, tuple[tuple[str, ...], C]]:
    """The formula of a row of one operand and of what a gradient g sends there, as far as C can express them."""
    x, out, g = C(op.parameters[0]), C("out"), C("g")
    found = {}
    try:
        if not op.library and op.domain == (Interval(),) and "(" in str(op(x)):
            found["VALUES"] = op.parameters, op(x)
        slope = op.partials[0](x, out)
        if slope != 1.0:  # a factor of 1 is left out
            if op.finite_outside:
                slope = rules.where(out != out, out, slope)
            sent = g * slope
            found["SENT"] = ("g", *op.parameters, "out"), sent + 0.0 if op.selects else sent
    except NotImplementedError:
        pass
    return found


def _of_any_type(text: str) -> str:
    for pattern, replacement in _TYPED.items():
        text = re.sub(pattern, replacement, text)
    return text


def write_array_kernels(check: bool = False) -> bool:
    """Write ``rows.h``, or check it; see :func:`autograd.core.files.update`."""
    return update(Path(__file__).parent.parent / "arrays" / "native" / "rows.h", array_kernels(), check)
