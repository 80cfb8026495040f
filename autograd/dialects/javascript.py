"""The dialect of JavaScript: a primitive that is called with :class:`JavaScript` operands returns its own text.

``python -m autograd.generate`` writes these texts into ``rules.mjs``, a module with an object for each row, from which
the page of :func:`autograd.write_html` computes.  A row is there if JavaScript can express it, with operators, other
rows and the functions of its ``Math``.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from autograd.core.comparisons import COMPARISONS
from autograd.core.files import update
from autograd.core.primitive import PRIMITIVES, Primitive, dialect
from autograd.dialects import written
from autograd.dialects.infix import ATOM, CHOICE, EQUALITY, ORDER, SIGN, Text

__all__ = ["JavaScript", "row", "row_name", "table", "write"]


class JavaScript(Text):
    """An expression of JavaScript, with the operators of a number.

    Args:
        text: the expression.
        binding: how tightly it binds.

    >>> x, y = JavaScript("x"), JavaScript("y")
    >>> print((x + 1.0) * -y)
    (x + 1.0) * -y
    """

    def __bool__(self) -> NoReturn:
        raise TypeError("a branch in Python has no text in JavaScript: use where")

    def infix(self, symbol: str, other: JavaScript | float, binding: int) -> JavaScript:
        """This expression, the symbol, and another expression; the whole binds this tightly."""
        return JavaScript(f"{self.at(binding)} {symbol} {JavaScript.lift(other).at(binding + 1)}", binding)

    @classmethod
    def lift(cls, x: JavaScript | float) -> JavaScript:
        """A number as an expression; an expression is returned as it is."""
        if isinstance(x, JavaScript):
            return x
        text = repr(float(x)).replace("inf", "Infinity").replace("nan", "NaN")
        return JavaScript(text, SIGN if text.startswith("-") else ATOM)

    def __mod__(self, other: JavaScript | float) -> JavaScript:
        return _call("remainder", self, other)

    def __floordiv__(self, other: JavaScript | float) -> JavaScript:
        return _call("quotient", self, other)

    def __pow__(self, other: JavaScript | float) -> JavaScript:
        return _call("power", self, other)

    def __abs__(self) -> JavaScript:
        return _call("Math.abs", self)

    def __neg__(self) -> JavaScript:
        return JavaScript(f"-{self.at(ATOM)}", SIGN)  # never --x, which in JavaScript is a decrement

    def __eq__(self, other: JavaScript | float) -> JavaScript:  # type: ignore[override]  # an expression, not a bool
        return self.infix("===", other, EQUALITY)

    __hash__ = Text.__hash__


def _call(function: str, *operands: JavaScript | float) -> JavaScript:
    return JavaScript(f"{function}({', '.join(JavaScript.lift(operand).text for operand in operands)})")


_MATH = {"acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cos", "cosh", "exp", "expm1", "hypot", "log",
         "log10", "log1p", "log2", "sin", "sinh", "sqrt", "tan", "tanh"}  # fmt: skip
"""The functions that are the same in Python's ``math`` and in JavaScript's ``Math``."""

_WORDS = {
    "absolute": "Math.abs",
    "cbrt": "Math.cbrt",
    "floor": "Math.floor",
    "maximum": "larger",
    "minimum": "smaller",
    "power": "power",
    "sign": "sign",
}
"""The JavaScript functions of rows that are not the same in Python's ``math``; the last four are helpers below."""

_HELPERS = """\
// The table's rules for nan, for ties, for quotients rounded down and for powers of 1, which Math lacks.
const larger = (x, y) => (x > y || x !== x ? x : y);
const smaller = (x, y) => (x < y || x !== x ? x : y);
const sign = (x) => (x > 0 ? 1 : x < 0 ? -1 : 0 * Math.abs(x));
const remainder = (x, y) => {
  const rest = x % y;
  if (rest !== 0) return y < 0 !== rest < 0 ? rest + y : rest;
  return y < 0 ? -0 : 0;
};
const quotient = (x, y) => {
  if (y === 0) return x / y;
  const rest = x % y;
  const whole = (x - rest) / y - (rest !== 0 && y < 0 !== rest < 0 ? 1 : 0);
  const down = Math.floor(whole);
  if (down === 0 && whole < 0.5) return 0 * Math.sign(x / y);
  return whole - down > 0.5 ? down + 1 : down;
};
const power = (x, y) => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : Math.pow(x, y));
"""


@dialect(JavaScript, rank=4)
def _write_call(op: Primitive, operands: tuple[JavaScript | float, ...]) -> JavaScript:
    if op.name == "where":
        condition, x, y = map(JavaScript.lift, operands)
        if not EQUALITY <= condition.binding <= ORDER:  # nan is a condition that holds, in Python
            condition = condition.infix("!==", 0.0, EQUALITY)
        return JavaScript(f"{condition.at(EQUALITY)} ? {x.at(EQUALITY)} : {y.at(CHOICE)}", CHOICE)
    if op.name in COMPARISONS:
        x, y = map(JavaScript.lift, operands)
        equality = {"equal": "===", "not_equal": "!=="}.get(op.name)
        return x.infix(equality or op.symbol, y, EQUALITY if equality else ORDER)
    if not op.library:
        return JavaScript.lift(op.formula(*operands))
    if op.formula.__module__ == "math" and op.formula.__name__ in _MATH:
        return _call(f"Math.{op.formula.__name__}", *operands)
    if op.name in _WORDS:
        return _call(_WORDS[op.name], *operands)
    raise NotImplementedError(f"JavaScript has no function {op.name}")


# ---------------------------------------------------------------------------------------------------------------------
# rules.mjs
# ---------------------------------------------------------------------------------------------------------------------


def row_name(op: Primitive, count: int) -> str:
    """The name of a row in JavaScript: that of the primitive, and for one of any number of operands their number too.

    >>> row_name(PRIMITIVES["sin"], 1), row_name(PRIMITIVES["sum"], 3)
    ('sin', 'sum/3')
    """
    return f"{op.name}/{count}" if op.variadic else op.name


def row(op: Primitive, count: int) -> str | None:
    """A row of the table as an object of JavaScript: its value, its slopes, and where it has a kink.

    Args:
        op: the row.
        count: the number of its operands.

    Returns:
        The text; ``None`` if JavaScript cannot express it.

    >>> row(PRIMITIVES["square"], 1)
    '{ value: (x0) => x0 * x0, slopes: (x0, out) => [2.0 * x0], operands: ["x"], partials: ["2*x"] }'
    >>> row(PRIMITIVES["erf"], 1)
    """
    names = [f"x{place}" for place in range(count)]
    operands, out = list(map(JavaScript, names)), JavaScript("out")
    try:
        value = op.formula(*operands) if op.variadic else op(*operands)
        slopes = [JavaScript.lift(slope).text for slope in op.slopes(operands, out)]
        kink = None if op.kink is None else op.kink(*operands)
        remarks = list(_remarks(op))
    except (NotImplementedError, TypeError, ValueError, AttributeError):  # also rows of users, which may be anything
        return None
    listed = f"[{', '.join(slopes)}]"
    if op.finite_outside:
        listed = f"out === out ? {listed} : [{', '.join(['NaN'] * count)}]"
    parts = [f"value: ({', '.join(names)}) => {JavaScript.lift(value)}",
             f"slopes: ({', '.join([*names, 'out'])}) => {listed}"]  # fmt: skip
    if kink is not None:
        parts.append(f"kink: ({', '.join(names)}) => {JavaScript.lift(kink)}")
    return f"{{ {', '.join([*parts, *remarks])} }}"


def _remarks(op: Primitive) -> Iterator[str]:
    """What else the page must know of a row."""
    if not op.variadic:
        *names, out = [written.name(name) for name in (*op.parameters, "out")]
        texts = list(map(str, written.row_slopes(op, names, out)))
        yield f"operands: {json.dumps(op.parameters, ensure_ascii=False)}"
        yield f"partials: {json.dumps(texts, ensure_ascii=False)}"
    if op.selects:
        yield "selects: true"
    if op.symbol != op.name:
        yield f"symbol: {json.dumps(op.symbol, ensure_ascii=False)}"
    defaults = [parameter.default for parameter in op.__signature__.parameters.values()]
    if given := [float(default) for default in defaults if default is not inspect.Parameter.empty]:
        yield f"defaults: {given}"


def table() -> str:
    """The text of ``rules.mjs``: every comparison and every row of the table that JavaScript can express."""
    rows = [op for op in PRIMITIVES.values() if not op.variadic and op.is_built_in]
    written = {op.name: row(op, len(op.parameters)) for op in (*rows, *COMPARISONS.values())}
    lines = [f"  {name}: {text},\n" for name, text in written.items() if text is not None]
    missing = [name for name, text in written.items() if text is None]
    return "".join([
        "// Written from the table by `python -m autograd.generate`: change the table, not this file.\n\n",
        _HELPERS,
        "\n// The table: the value of each row, its slopes, and a function that is 0 on its kink.\n",
        "export const RULES = {\n",
        *lines,
        "};\n\n// The rows that JavaScript cannot express.\n",
        f"export const MISSING = {json.dumps(missing)};\n",
    ])  # fmt: skip


def write(check: bool = False) -> bool:
    """Write ``rules.mjs``, or check it; see :func:`autograd.core.files.update`."""
    return update(Path(__file__).parent.parent / "pictures" / "page" / "rules.mjs", table(), check)
