"""The table of calculus as a page of documentation: ``docs/primitives.md``, written from the table itself.

``python -m autograd.generate`` writes it, among other files.  SymPy turns the rules into formulas.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import sympy

from autograd.arrays.array_operation import ARRAY_OPERATIONS, ArrayOperation
from autograd.core.files import update
from autograd.core.primitive import PRIMITIVES, Primitive
from autograd.dialects.symbolic import exact, latex, symbol

__all__ = ["page", "write"]

_LONG = 400  # characters of LaTeX; a longer formula is unreadable in a table
FILE = Path(__file__).parent.parent.parent / "docs" / "primitives.md"

_HEAD = """\
# The table of calculus

Written by `python -m autograd.generate` from the rules themselves, with formulas as SymPy {sympy} prints them. Do not
edit it by hand.

Everything that can be differentiated is a row of the first table, an array operation in the second table, or composed
of these. In a derivative, *f* stands for the value of the row itself, which is already known.

At a *kink*, where the condition in the last column is zero, a row has no derivative in the ordinary sense; it takes the
subgradient that PyTorch and JAX take. Most rows are one of their smooth pieces there, to every order. A row marked
*average* has a slope that belongs to no piece, such as 1/2 at a tie; that is a convention of first order, and its own
derivative is nan. An operand that is *not selected* receives no gradient at all, not even 0 · nan, except on a kink.

## Primitives: number by number

| name | what it is | local derivatives | domain | kink where 0 |
|---|---|---|---|---|
"""

_ARRAYS = """
## Array operations

Elementwise operations on arrays are the rows above. These are the others, each with its own rule. All other functions
of `autograd` and `autograd.linalg` are composed of both tables and need no rules.

| name | what it is |
|---|---|
"""


def page() -> str:
    r"""The page, as Markdown.

    >>> next(line for line in page().splitlines() if line.startswith("| `exp`")).split(" | ")[2]
    '$\\partial f/\\partial x$ = $f$'
    """
    rows = [row for row in PRIMITIVES.values() if row.is_built_in]
    operations = [row for row in ARRAY_OPERATIONS.values() if _is_built_in(row)]
    return "".join(
        [_HEAD.format(sympy=sympy.__version__), *map(_line, rows), _ARRAYS, *map(_operation_line, operations)]
    )


def _is_built_in(operation: ArrayOperation[...]) -> bool:
    """Whether an operation is part of the library, and not declared by a user."""
    return all(inspect.unwrap(rule).__module__.startswith("autograd.") for rule in operation.vjps)


def _line(row: Primitive) -> str:
    name, what = f"`{row.name}`", _summary(row)
    if row.variadic:
        return _cells(name, what, "of any number of operands", "ℝ", "")
    operands = [symbol(parameter) for parameter in row.parameters]
    value = row.latex(*map(latex, operands))
    slopes = zip(operands, row.slopes(operands, symbol("f")), strict=True)
    kink = "" if row.kink is None else _formula(row.kink(*operands)) + " <br> *average*" * row.averages
    return _cells(
        name,
        f"{_math(f'f = {value}')} <br> {what}",
        " <br> ".join(rf"$\partial f/\partial {latex(x)}$ = {_formula(slope)}" for x, slope in slopes),
        " <br> ".join(str(interval) for interval in dict.fromkeys(row.domain)),
        kink,
    )


def _operation_line(row: ArrayOperation[...]) -> str:
    return _cells(f"`{row.name}`", _summary(row))


def _cells(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


def _math(text: str) -> str:
    return f"${text}$".replace("|", r"\vert ")  # a bar would end the cell


def _formula(expression: Any) -> str:
    text = latex(sympy.piecewise_fold(exact(expression)))
    return _math(text) if len(text) <= _LONG else "too long to print"


def _summary(row: Primitive | ArrayOperation[...]) -> str:
    """The first line of the documentation of a row, in Markdown."""
    line = (row.__doc__ or "").strip().splitlines()[0]
    return re.sub(r":\w+:`(\w+)`", r"`\1`", line).replace("``", "`").replace("|", "&#124;")


def write(check: bool = False) -> bool:
    """Write the page to its file; see :func:`autograd.core.files.update`.

    Each version of SymPy prints formulas in its own way, so a page that was written with another one is not compared.
    """
    if check and FILE.exists() and f"SymPy {sympy.__version__} prints" not in FILE.read_text(encoding="utf-8"):
        return True
    return update(FILE, page(), check)
