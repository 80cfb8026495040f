"""How the tables of this package are written: numbers, the symbols of derivatives, and columns.

Two symbols are kept apart: dy/dw is the derivative along all paths, and ∂y/∂x the local derivative on one edge.
"""

from __future__ import annotations

import math
import textwrap
import unicodedata
from collections.abc import Sequence
from itertools import zip_longest
from typing import TypeAlias

from autograd.explain.extras import symbolic
from autograd.explain.graph import Edge

__all__ = ["Row", "aligned", "count_text", "local_symbol", "number_text", "total_symbol"]

Row: TypeAlias = tuple[str, ...]

_NARROW = 8  # the width below which no column of a table is broken
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def number_text(x: float) -> str:
    """A number with six digits.

    >>> number_text(-0.0), number_text(2 / 3)
    ('0', '0.666667')
    """
    return f"{x + 0.0:.6g}"  # + 0.0 writes minus zero as 0


def count_text(n: int) -> str:
    """A whole number: exactly if it has at most 100 digits, else with six.

    >>> count_text(2**20), count_text(2**100_000)
    ('1,048,576', 'about 9.99002e+30102')
    """
    if n < 10**100:
        return f"{n:,}"
    exponent = int(math.log10(n))
    shown = n // 10 ** (exponent - 20)  # 21 digits
    return f"about {shown / 1e20:.6g}e+{exponent}"


def total_symbol(of: str, by: str, latex: bool = False) -> str:
    """The symbol of a derivative along all paths: dy/dw."""
    return rf"\frac{{d{_latex_name(of)}}}{{d{_latex_name(by)}}}" if latex else f"d{of}/d{by}"


def local_symbol(edge: Edge, parent: str, child: str, latex: bool = False) -> str:
    """The symbol of a local derivative: ∂y/∂x, or ∂₂y for the second operand of y if x is also another one."""
    if edge.operand is not None and sum(node is edge.parent for node in edge.child.parents) > 1:
        place = str(edge.operand + 1)
        return rf"\partial_{{{place}}} {_latex_name(child)}" if latex else f"∂{place.translate(_SUBSCRIPTS)}{child}"
    if latex:
        return rf"\frac{{\partial {_latex_name(child)}}}{{\partial {_latex_name(parent)}}}"
    return f"∂{child}/∂{parent}"


def _latex_name(name: str) -> str:
    dialect = symbolic()
    return str(dialect.latex(dialect.symbol(name)))


def aligned(rows: Sequence[Row], width: int | None = None) -> list[str]:
    """Columns of equal width, without those that are empty below their head.

    Args:
        rows: the cells of each row; the first row is the head.
        width: the width of the terminal; the cells of wider tables are broken into lines.

    >>> aligned([("path", "", "product"), ("w → y", "", "3")])
    ['path   product', 'w → y  3']
    """
    columns = [column for column in zip(*rows, strict=True) if any(column[1:])]
    widths = [max(map(_width, column)) for column in columns]
    while width and sum(widths) + 2 * (len(widths) - 1) > width and max(widths) > _NARROW:
        widths[widths.index(max(widths))] -= 1
    lines = []
    for row in zip(*columns, strict=True):
        broken = [textwrap.wrap(cell, w) for cell, w in zip(row, widths, strict=True)]
        for parts in zip_longest(*broken, fillvalue="") if any(broken) else [row]:
            padded = [part + " " * (w - _width(part)) for part, w in zip(parts, widths, strict=True)]
            lines.append("  ".join(padded).rstrip())
    return lines


def _width(text: str) -> int:
    """The width of a text on a terminal, where Korean letters are two wide."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)
