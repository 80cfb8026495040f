"""A claimed formula, read and split into the terms that it adds up."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import TypeAlias, TypeGuard

import numpy as np

from autograd.core.aliases import Array
from autograd.core.errors import hidden
from autograd.explain.latex_reader import is_latex
from autograd.explain.parser import FormulaError, compute, parse, parsed
from autograd.explain.samples import Samples
from autograd.explain.spelling import canonical, quoted

__all__ = ["Reading", "Symbol", "Term", "name_in", "parts_of", "readings", "steps_of"]

__tracebackhide__ = hidden

_DIGITS = 3  # a decimal number of so many significant digits may be rounded


Symbol: TypeAlias = tuple[str, str, bool]
"""A derivative: of which variable, in which one, and whether it is the local one."""

Factors: TypeAlias = tuple[tuple[ast.expr, bool], ...]
"""The syntax tree of each factor of a product, and whether it is a divisor."""


@dataclass(frozen=True)
class Term:
    """A product of factors.

    Attributes:
        text: as it was written, as far as possible.
        sign: 1 or -1.
        factors: the syntax tree of each factor, and whether it is a divisor.
        reading: the formula that it is a term of.
    """

    text: str
    sign: int
    factors: Factors
    reading: Reading

    @property
    def is_number(self) -> bool:
        """Whether it contains no variable, constant or derivative by name."""
        return not any(isinstance(node, ast.Name) for tree, _ in self.factors for node in ast.walk(tree))

    @cached_property
    def values(self) -> Array:
        """Its value at each point."""
        with np.errstate(all="ignore"):
            values = [self.reading.computed(tree) for tree, _ in self.factors]
            factors = [1 / x if below else x for x, (_, below) in zip(values, self.factors, strict=True)]
            return np.broadcast_to(self.sign * prod(factors, start=np.ones(())), self.reading.count)

    def splits(self) -> Iterator[list[Term]]:
        """The sums that this term is when one of its factors, which is a sum, is multiplied out."""
        for place, (tree, below) in enumerate(self.factors):
            if _is_sum(tree) and not below:
                rest = self.factors[:place], self.factors[place + 1 :]
                yield [self._with(sign, part, *rest) for sign, part in _addends(tree)]

    def _with(self, sign: int, part: ast.expr, before: Factors, after: Factors) -> Term:
        """The term with one of its factors replaced by a part of it; a part alone stays as it was written."""
        own, factors = _factors(part)
        sign *= self.sign
        found = Term("", sign * own, (*before, *factors, *after), self.reading)
        alone = not before and not after
        text = self.reading.source(part) if alone else found._written()
        minus = (sign if alone else sign * own) < 0
        return replace(found, text="-" * minus + text)

    def _written(self) -> str:
        text = ""
        for tree, below in self.factors:
            source = self.reading.source(tree)
            if not isinstance(tree, (ast.Name, ast.Constant, ast.Call)) and not _is_power(tree):
                source = f"({source})"
            text += ("/" if below else "*" if text else "") + source
        return text if not text.startswith("/") else "1" + text


class Reading:
    """A claimed formula with one meaning for each derivative in it.

    Attributes:
        text: the formula, in text.
        tree: its syntax tree.
        values: the values of its variables and of the derivatives in it.
        count: the number of points.
        symbols: the output and input of each derivative, and whether it is the local one, by its name in the tree.
    """

    def __init__(self, text: str, tree: ast.expr, samples: Samples, symbols: Mapping[str, Symbol]) -> None:
        self.text = text
        self.tree = tree
        self.symbols = symbols
        self.values = {**samples.values, **{name: derivative_of(*s, samples) for name, s in symbols.items()}}
        self.count = samples.count

    @property
    def variables(self) -> list[str]:
        """The variables and derivatives in it."""
        return [node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name) and node.id in self.values]

    @cached_property
    def whole(self) -> Term:
        """The formula as one term."""
        sign, factors = _factors(self.tree)
        return Term(self.source(self.tree), sign, factors, self)

    def terms(self) -> list[Term]:
        """The terms that the formula adds up."""
        return next(self.whole.splits()) if _is_sum(self.tree) else [self.whole]

    def computed(self, tree: ast.expr) -> Array:
        """The values of a part of the formula.

        Raises:
            FormulaError: if numbers in it are too large, or a function cannot be called like this.
        """
        try:
            return np.asarray(compute(tree, self.values), dtype=float)
        except (ArithmeticError, ValueError, TypeError) as error:
            raise FormulaError(f"{quoted(self.source(tree))} has no value: {error}") from None

    def source(self, tree: ast.expr) -> str:
        """A part of the formula as it was written."""
        return self.text[tree.col_offset : tree.end_col_offset]

    def rounding(self) -> float:
        """How much the value may change if every long decimal number in the formula is rounded."""
        change = 0.0
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, float):
                written = self.source(node).lower()
                digits, _, exponent = written.partition("e")
                if "." in digits and len(digits.replace(".", "").lstrip("0")) >= _DIGITS:
                    number = node.value
                    start = float(compute(self.tree, self.values))
                    node.value = number + 0.51 * 10.0 ** (int(exponent or 0) - len(digits.partition(".")[2]))
                    change += abs(float(compute(self.tree, self.values)) - start)
                    node.value = number
        return change


def readings(claim: str, samples: Samples) -> list[Reading]:
    """A claim with d read as the derivative along all paths; then, if that differs, as the local one.

    Raises:
        FormulaError: if the claim is not a formula in the variables of the samples.
    """
    text, tree = _read(claim, samples)
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and "/" in node.id}
    symbols = {name: parts_of(name) for name in sorted(found)}
    for name, (_, *variables) in symbols.items():
        for unknown in (variable for variable in variables if variable not in samples.names):
            raise FormulaError(f"{quoted(text)} contains {name}, but {unknown} is not a variable of the definitions")
    readings = []
    for local in [False, True] if any(sign == "d" for sign, _, _ in symbols.values()) else [False]:
        read_as = {name: (top, bottom, local or sign == "∂") for name, (sign, top, bottom) in symbols.items()}
        readings.append(Reading(text, tree, samples, read_as))
    return readings


def name_in(text: str, samples: Samples) -> str | None:
    """The variable or derivative that a text names, such as w1 or dy/dw1; ``None`` if it is another formula."""
    tree = parse(canonical(text).strip(), samples.names, derivatives=True)
    return tree.id if isinstance(tree, ast.Name) else None


def parts_of(derivative: str) -> tuple[str, str, str]:
    """The sign of a derivative, its output and its input: ``∂y/∂x`` as ∂, y, x."""
    top, bottom = derivative.split("/")
    return top[0], top[1:], bottom[1:]


def _read(claim: str, samples: Samples) -> tuple[str, ast.expr]:
    """A claim and its syntax tree; a claim in LaTeX becomes text, of which single terms can be shown.

    Raises:
        FormulaError: if the claim is not a formula in the variables of the samples.
    """
    text = canonical(claim).strip()
    tree = parsed(text, samples.names, derivatives=True)
    if not is_latex(text):
        return text, tree
    text = ast.unparse(tree)
    return text, parsed(text, samples.names, derivatives=True)


def derivative_of(output: str, input: str, local: bool, samples: Samples) -> Array:
    """A derivative between two variables: the local one, or the one along all paths."""
    zero = np.zeros(samples.count)
    if local and output != input:
        return samples.partials.get((input, output), zero)
    return samples.flows(input).get(output, zero)


def steps_of(text: str) -> list[str]:
    """The formulas of a chain ``a = b = c``, also as LaTeX's ``aligned``."""
    layout = r"\\(begin|end)\{(aligned|align\*?|equation\*?)\}|&(?=\s*=)|\\\\(?=\s*(?:&?\s*=|$))"
    text = re.sub(layout, " ", text.strip().strip("$"))
    return [part.strip() for part in re.split(r"(?<![<>=!])=(?!=)", text)]


def _addends(tree: ast.expr, sign: int = 1) -> Iterator[tuple[int, ast.expr]]:
    later = []
    while _is_sum(tree):  # a sum of many terms leans to the left, and needs no recursion
        later.append((sign if isinstance(tree.op, ast.Add) else -sign, tree.right))
        tree = tree.left
    yield sign, tree
    for sign, right in reversed(later):
        yield from _addends(right, sign)


def _factors(tree: ast.expr, below: bool = False) -> tuple[int, Factors]:
    """The sign and the factors of a product."""
    if isinstance(tree, ast.UnaryOp):
        sign, factors = _factors(tree.operand, below)
        return (-sign if isinstance(tree.op, ast.USub) else sign), factors
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, (ast.Mult, ast.Div)):
        one, left = _factors(tree.left, below)
        other, right = _factors(tree.right, below != isinstance(tree.op, ast.Div))
        return one * other, left + right
    return 1, ((tree, below),)


def _is_sum(tree: ast.expr) -> TypeGuard[ast.BinOp]:
    return isinstance(tree, ast.BinOp) and isinstance(tree.op, (ast.Add, ast.Sub))


def _is_power(tree: ast.expr) -> bool:
    return isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Pow)
