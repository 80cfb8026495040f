"""The dialect of formulas as people write them: what the user wrote stays as it is, and derivatives are tidied up.

A formula is a sum of terms, and a term is a number times powers.  Sums and products drop zeros and ones and collect
equal factors; nothing is expanded or sorted.  What a graph computes is opaque to them: :func:`as_recorded` writes it in
the order of the operands, and a derivative has it as one factor.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache, cached_property
from itertools import combinations, product
from typing import Any, TypeAlias

from autograd.core.escaping import latex_text
from autograd.core.primitive import Primitive, dialect
from autograd.core.sweep import adjoints, topological_order
from autograd.core.value import Value
from autograd.dialects.infix import ATOM, CHOICE, EQUALITY, ORDER, PRODUCT, SIGN, SUM, Infix

__all__ = [
    "Formula",
    "exact_number",
    "name",
    "number",
    "row_slopes",
    "slope_formulas",
    "slopes_of_named",
    "value_formula",
]

Exponent: TypeAlias = "Fraction | Formula"


@dataclass(frozen=True)
class Part:
    """Something that is not taken apart: a name, a call, or what the user wrote.

    Attributes:
        text: the formula in one line.
        latex: the formula in LaTeX.
        binding: how tightly it binds.
        place: 0 for constants, which come first in a product, and 2 for what contains a call, which comes last.
    """

    text: str
    latex: str
    binding: int = ATOM
    place: int = field(default=2, compare=False)


@dataclass(frozen=True)
class Cases(Part):
    """``yes if condition, else no``."""

    condition: Part = field(kw_only=True)
    yes: Formula = field(kw_only=True, compare=False)
    no: Formula = field(kw_only=True, compare=False)


@dataclass(frozen=True)
class Term:
    """A number times powers of parts and of sums."""

    number: Fraction | float
    powers: tuple[tuple[Part | Formula, Exponent], ...] = ()


@dataclass(frozen=True)
class Formula(Infix):
    """A sum of terms, with the operators of a number.

    >>> x, y = name("x"), name("y")
    >>> print(2.0 * x * x - 0.0 * y, "|", -(1.0 / (x + y) ** 2.0))
    2*x**2 | -1/(x + y)**2
    """

    terms: tuple[Term, ...]

    def __str__(self) -> str:
        return self.part.text

    @cached_property
    def part(self) -> Part:
        """The whole formula as text and LaTeX."""
        if len(self.terms) == 1:
            return replace(_written_term(self.terms[0]), place=self.place)
        first, *others = [_at(_written_term(term), SUM) for term in self.terms or (Term(Fraction(0)),)]
        text, latex = first.text, first.latex
        for other in others:
            minus = other.text.startswith("-")
            text += f" {other.text[0]} {other.text[1:]}" if minus else f" + {other.text}"
            latex += f" - {other.latex.removeprefix('-').lstrip()}" if minus else f" + {other.latex}"
        return Part(text, latex, SUM if others else first.binding, self.place)

    @cached_property
    def place(self) -> int:
        """The place of the whole in a product, as for a :class:`Part`."""
        return max(
            (x.place for term in self.terms for power in term.powers for x in power if hasattr(x, "place")), default=0
        )

    @property
    def constant(self) -> Fraction | float | None:
        """The number that the formula is; ``None`` if it contains anything else."""
        if not self.terms:
            return Fraction(0)
        return self.terms[0].number if len(self.terms) == 1 and not self.terms[0].powers else None

    @classmethod
    def lift(cls, x: Formula | float) -> Formula:
        """A number as a formula; a formula is returned as it is."""
        return x if isinstance(x, Formula) else number(float(x))

    def infix(self, symbol: str, other: Formula | float, binding: int) -> Formula:
        """This formula, the symbol and the other one, tidied up if the symbol is + - * or /."""
        other = Formula.lift(other)
        match symbol:
            case "+":
                return _sum([*self.terms, *other.terms])
            case "-":
                return self + -other
            case "*":
                return _product(_factor(self), _factor(other))
            case "/":
                return _product(_factor(self), _power(_factor(other), Fraction(-1)))
            case "!=":
                return number(1.0)  # formulas describe a generic point
        return _joined(symbol, self.part, other.part, binding)

    def __neg__(self) -> Formula:
        return _sum([Term(-term.number, term.powers) for term in self.terms])

    def __mod__(self, other: Formula | float) -> Formula:
        return self.infix("%", other, PRODUCT)

    def __floordiv__(self, other: Formula | float) -> Formula:
        return self.infix("//", other, PRODUCT)

    def __pow__(self, exponent: Formula | float) -> Formula:
        lifted = Formula.lift(exponent)
        constant = lifted.constant
        return _product(_power(_factor(self), constant if isinstance(constant, Fraction) else lifted))


def name(text: str, latex: str | None = None) -> Formula:
    """A variable."""
    return _alone(Part(text, latex_text(text) if latex is None else latex, place=1))


def _alone(part: Part) -> Formula:
    return Formula((Term(Fraction(1), ((part, Fraction(1)),)),))


# ---------------------------------------------------------------------------------------------------------------------
# Numbers
# ---------------------------------------------------------------------------------------------------------------------

_NAMED = {
    "pi": (math.pi, r"\pi"),
    "e": (math.e, "e"),
    "log(2)": (math.log(2.0), r"\ln 2"),
    "log(10)": (math.log(10.0), r"\ln 10"),
    "sqrt(2)": (math.sqrt(2.0), r"\sqrt{2}"),
    "sqrt(pi)": (math.sqrt(math.pi), r"\sqrt{\pi}"),
    "sqrt(2*pi)": (math.sqrt(2.0 * math.pi), r"\sqrt{2 \pi}"),
}
"""Irrational numbers, with the floats that stand for them and differ from them by rounding."""


def number(x: float) -> Formula:
    """A float as the number that it stands for: 0.25 as 1/4, 3.141592653589793 as pi.

    >>> print(number(0.25), number(-math.pi / 2), number(2 / math.sqrt(math.pi)), number(0.123456), sep=", ")
    1/4, -pi/2, 2/sqrt(pi), 0.123456
    """
    found = exact_number(x)
    if found is None:
        return Formula((Term(x),))
    factor, base, exponent = found
    powers = ((Part(base, _NAMED[base][1], place=0), Fraction(exponent)),) if exponent else ()
    return Formula((Term(factor, powers),) if factor else ())


def exact_number(x: float) -> tuple[Fraction, str, int] | None:
    """The number that a float stands for: a simple fraction, or one times a well-known irrational number.

    Returns:
        The fraction, the irrational number, and its exponent: 1 or -1, or 0 for a fraction alone.  ``None`` if the
        float stands for nothing but itself.

    >>> exact_number(0.25), exact_number(2 / math.sqrt(math.pi))
    ((Fraction(1, 4), '1', 0), (Fraction(2, 1), 'sqrt(pi)', -1))
    """
    ratio = _simple_fraction(x)
    return (ratio, "1", 0) if ratio is not None else _multiples().get(x)


@cache
def _multiples() -> dict[float, tuple[Fraction, str, int]]:
    """Small multiples of irrational numbers and of their inverses, by the floats that are computed for them."""
    found: dict[float, tuple[Fraction, str, int]] = {}
    for (base, (known, _)), exponent in product(_NAMED.items(), (1, -1)):
        parts = range(1, 13 if base == "pi" else 3)
        for factor in sorted({Fraction(n, d) for n, d in product(parts, parts)}):
            for sign in (1, -1):
                x = sign * float(factor) * known**exponent
                inverse = 1.0 / (sign * float(1 / factor) * known**-exponent)
                for computed in (x, inverse):
                    found.setdefault(computed, (sign * factor, base, exponent))
    return found


def _simple_fraction(x: float) -> Fraction | None:
    """The fraction with a denominator up to 1000 that rounds to ``x``, if ``x`` is not too large for one."""
    if not math.isfinite(x) or abs(x) >= 1e15:
        return None
    ratio = Fraction(x).limit_denominator(1000)
    return ratio if float(ratio) == x else None


def _as_given(x: float) -> Part:
    """A constant of the user's: 0.5 stays 0.5, and pi/2 is found again."""
    decimal = f"{x:.6g}"
    return Part(decimal, decimal, ATOM if x >= 0 else SIGN) if float(decimal) == x else number(x).part


# ---------------------------------------------------------------------------------------------------------------------
# Tidying up
# ---------------------------------------------------------------------------------------------------------------------


def _factor(formula: Formula) -> Term:
    """A formula as a term: a sum of several terms is one factor of it."""
    if len(formula.terms) == 1:
        return formula.terms[0]
    return Term(Fraction(1), ((formula, Fraction(1)),)) if formula.terms else Term(Fraction(0))


def _sum(terms: Sequence[Term]) -> Formula:
    """The sum of terms; those with equal factors are one term."""
    numbers: dict[Any, Fraction | float] = {}
    for term in terms:
        numbers[term.powers] = numbers.get(term.powers, Fraction(0)) + term.number
    collected = [Term(number, powers) for powers, number in numbers.items() if number]
    cases = [found for term in collected if (found := _cases_in(term))]
    for one, other in combinations(cases, 2):
        if one.condition == other.condition:
            return _merged(one.condition, collected)
    return Formula(tuple(collected))


def _cases_in(term: Term) -> Cases | None:
    """The first factor of a term that is given by cases."""
    return next((base for base, exponent in term.powers if isinstance(base, Cases) and exponent == 1), None)


def _merged(condition: Part, terms: Sequence[Term]) -> Formula:
    """The sum of terms, in which those with cases of this condition are one list of cases."""
    yes, no, rest = Formula(()), Formula(()), []
    for term in terms:
        cases = _cases_in(term)
        if cases is None or cases.condition != condition:
            rest.append(term)
        else:
            factor = Term(term.number, tuple(power for power in term.powers if power[0] is not cases))
            yes += _product(factor, _factor(cases.yes))
            no += _product(factor, _factor(cases.no))
    return _cases(_alone(condition), yes, no) + Formula(tuple(rest))


def _product(*factors: Term) -> Formula:
    """The product of terms; equal factors are one power."""
    total: Fraction | float = Fraction(1)
    exponents: dict[Part | Formula, Exponent] = {}
    for factor in factors:
        total = total * factor.number
        for base, exponent in factor.powers:
            so_far = exponents.get(base, Fraction(0))
            both = isinstance(so_far, Fraction) and isinstance(exponent, Fraction)
            exponents[base] = so_far + exponent if both else _plus(so_far, exponent)  # type: ignore[operator]
    powers = sorted(((b, e) for b, e in exponents.items() if e), key=lambda power: power[0].place)
    return Formula((Term(total, tuple(powers)),)) if total else Formula(())


def _plus(one: Exponent, other: Exponent) -> Exponent:
    """The sum of two exponents."""
    total = _exponent(one) + _exponent(other)
    return total.constant if isinstance(total.constant, Fraction) else total


def _exponent(exponent: Exponent) -> Formula:
    return exponent if isinstance(exponent, Formula) else Formula((Term(exponent),) if exponent else ())


def _power(base: Term, exponent: Exponent) -> Term:
    """A power of a term; only whole exponents are passed on to its factors."""
    if exponent == 1:
        return base
    if isinstance(exponent, Fraction) and exponent.denominator == 1 and (base.number or exponent > 0):
        powers = [(b, e * exponent) for b, e in base.powers if isinstance(e, Fraction)]
        if len(powers) == len(base.powers):
            return Term(base.number ** int(exponent), tuple(powers))
    whole = base.powers[0][0] if base.number == 1 and len(base.powers) == 1 and base.powers[0][1] == 1 else None
    return Term(Fraction(1), ((whole or Formula((base,) if base.number else ()), exponent),))


# ---------------------------------------------------------------------------------------------------------------------
# Writing
# ---------------------------------------------------------------------------------------------------------------------


def _part(x: Part | Formula) -> Part:
    return x.part if isinstance(x, Formula) else x


def _at(part: Part, binding: int) -> Part:
    """In parentheses if it binds less tightly than this."""
    if part.binding >= binding:
        return part
    return Part(f"({part.text})", rf"\left({part.latex}\right)", place=part.place)


def _joined(symbol: str, left: Part, right: Part, binding: int) -> Formula:
    """Two formulas with an operator between them."""
    needed = max(binding, SUM)  # a comparison of a comparison is in parentheses
    x, y = _at(left, needed), _at(right, max(binding + 1, SUM))
    close = symbol in ("*", "/")
    text = f"{x.text}{symbol}{y.text}" if close else f"{x.text} {symbol} {y.text}"
    latex = {
        "*": _side_by_side([x.latex, y.latex]),
        "/": rf"\frac{{{left.latex}}}{{{right.latex}}}",
        "%": rf"{x.latex} \bmod {y.latex}",
        "//": rf"\left\lfloor\frac{{{left.latex}}}{{{right.latex}}}\right\rfloor",
        ">=": rf"{x.latex} \ge {y.latex}",
        "<=": rf"{x.latex} \le {y.latex}",
    }.get(symbol, f"{x.latex} {symbol} {y.latex}")
    bound = SUM if symbol in ("%", "//") else binding  # -x // y is (-x) // y
    return _alone(Part(text, latex, bound, max(1, left.place, right.place)))


def _raised(base: Part, exponent: Part) -> Part:
    x = _at(base, ATOM)
    below = f"{{{x.latex}}}" if "^" in x.latex and x is base else x.latex  # LaTeX refuses a second exponent
    place = max(base.place, exponent.place)
    return Part(f"{x.text}**{_at(exponent, SIGN).text}", f"{below}^{{{exponent.latex}}}", SIGN, place)


def _side_by_side(factors: Sequence[str]) -> str:
    """A product in LaTeX; a dot separates digits."""
    text = ""
    for factor in factors:
        text += (r" \cdot " if factor[:1].isdigit() else " ") + factor if text else factor
    return text


def _written_term(term: Term) -> Part:
    """A term as a fraction, whose denominator has the powers with negative exponents."""
    above, below = _fraction(term)
    over, under = _times(above), _times(below)
    if below:
        top, bottom = _at(over, PRODUCT), _at(under, ATOM if len(below) > 1 else SIGN)
        over = Part(f"{top.text}/{bottom.text}", rf"\frac{{{over.latex}}}{{{under.latex}}}", PRODUCT)
    if term.number < 0:
        over = _at(over, PRODUCT)
        return Part(f"-{over.text}", f"- {over.latex}", PRODUCT)
    return over


def _times(factors: Sequence[Part]) -> Part:
    """A product, or the one factor as it is."""
    if len(factors) == 1:
        return factors[0]
    inner = [_at(x, SIGN) for x in factors] or [Part("1", "1")]
    return Part("*".join(x.text for x in inner), _side_by_side([x.latex for x in inner]), PRODUCT)


def _fraction(term: Term) -> tuple[list[Part], list[Part]]:
    """The factors above and below the line, without the sign."""
    above, below = [], []
    size = abs(term.number)
    if isinstance(size, Fraction):
        above += [_digits(size.numerator)] if size.numerator != 1 else []
        below += [_digits(size.denominator)] if size.denominator != 1 else []
    else:
        above.append(Part(f"{size:.6g}", f"{size:.6g}"))
    for base, exponent in term.powers:
        part = _part(base)
        if isinstance(exponent, Formula):
            above.append(_raised(part, exponent.part))
        else:
            size = abs(exponent)
            (above if exponent > 0 else below).append(part if size == 1 else _raised(part, _written_term(Term(size))))
    return above, below


def _digits(whole: int) -> Part:
    return Part(str(whole), str(whole), place=0)


# ---------------------------------------------------------------------------------------------------------------------
# Calls of primitives
# ---------------------------------------------------------------------------------------------------------------------

_SPELLINGS = {"absolute": "abs", "maximum": "max", "minimum": "min"}


@dialect(Formula, rank=4)
def _write_call(op: Primitive, operands: tuple[Formula | float, ...]) -> Formula:
    lifted = [Formula.lift(x) for x in operands]
    if op.name == "where":
        return _cases(*lifted)
    if op.name == "power":
        return lifted[0] ** lifted[1]
    if op.name == "convention":
        return lifted[0]
    written_out = op.inline or op.name in _OPERATORS
    return Formula.lift(op.formula(*lifted)) if written_out else _call(op, [x.part for x in lifted])


def _call(op: Primitive, operands: Sequence[Part]) -> Formula:
    text = f"{_SPELLINGS.get(op.name, op.name)}({', '.join(_at(x, CHOICE + 1).text for x in operands)})"
    return _alone(Part(text, op.latex(*(x.latex for x in operands))))


def _cases(condition: Formula, x: Formula, y: Formula) -> Formula:
    """``x if condition, else y``; cases in the last case are further cases of the same list."""
    if condition.constant is not None or x == y:
        return x if condition.constant else y
    first, test = _at(x.part, CHOICE + 1), condition.part
    if test.binding not in (EQUALITY, ORDER):  # any number may be a condition
        inner = _at(test, SUM)
        test = Part(f"{inner.text} != 0", rf"{inner.latex} \ne 0", EQUALITY)
    text = f"{first.text} if {test.text}, "
    latex = rf"{first.latex} & \text{{if }} {test.latex} \\ "
    if y.part.binding == CHOICE:
        start, end = r"\begin{cases} ", r" \end{cases}"
        rest = Part(y.part.text, y.part.latex.removeprefix(start).removesuffix(end))
    else:
        rest = Part(f"else {y.part.text}", rf"{y.part.latex} & \text{{else}}")
    latex = rf"\begin{{cases}} {latex}{rest.latex} \end{{cases}}"
    return _alone(Cases(text + rest.text, latex, CHOICE, condition=condition.part, yes=x, no=y))


_OPERATORS = {
    "add": ("+", SUM), "subtract": ("-", SUM), "multiply": ("*", PRODUCT), "divide": ("/", PRODUCT),
    "mod": ("%", PRODUCT), "floor_divide": ("//", PRODUCT), "greater": (">", ORDER), "greater_equal": (">=", ORDER),
    "less": ("<", ORDER), "less_equal": ("<=", ORDER), "equal": ("==", EQUALITY),
}  # fmt: skip


def as_recorded(op: Any, operands: Sequence[Part]) -> Part:
    """An operation as the user wrote it: nothing is tidied up."""
    if op.name in _OPERATORS:
        symbol, binding = _OPERATORS[op.name]
        left, right = operands
        return _joined(symbol, left, right, binding).part
    if op.name == "power":
        return _raised(*operands)
    if op.name == "negative":
        inner = _at(operands[0], SIGN)
        return Part(f"-{inner.text}", f"-{inner.latex}", SIGN, inner.place)
    if op.inline or op.name in ("where", "convention"):
        return _write_call(op, tuple(map(_alone, operands))).part
    return _call(op, operands).part


# ---------------------------------------------------------------------------------------------------------------------
# Formulas of a graph
# ---------------------------------------------------------------------------------------------------------------------


def _operands(node: Value, parts: Mapping[Value, Part]) -> list[Part]:
    return [parts[x] if isinstance(x, Value) else _as_given(x) for x in node.operands]


def _parts(order: Sequence[Value], names: Mapping[Value, Formula], output: Value) -> dict[Value, Part]:
    """Every node of a topological order as it was written, in the named nodes."""
    parts: dict[Value, Part] = {}
    for node in order:
        known = node in names and (node is not output or node.op is None)
        parts[node] = names[node].part if known else as_recorded(node.op, _operands(node, parts))
    return parts


def _order(output: Value, names: Mapping[Value, Formula]) -> list[Value]:
    return topological_order(output, stop=lambda node: node is not output and node in names)


def value_formula(output: Value, names: Mapping[Value, Formula]) -> Formula:
    """A node as it was written, in the named nodes.

    >>> x, y = Value(1.0), Value(2.0)
    >>> print(value_formula((y - x) ** 2 / 2, {x: name("x"), y: name("y")}))
    (y - x)**2/2
    """
    return _alone(_parts(_order(output, names), names, output)[output])


def slopes_of_named(output: Value, names: Mapping[Value, Formula]) -> dict[Value, Formula]:
    """∂output/∂u for every named node u that the output is made of; the others are held fixed.

    This is the backward sweep, with formulas in place of numbers.

    >>> from autograd import tanh
    >>> x, y = Value(1.0), Value(2.0)
    >>> z = tanh(3 * x - y)
    >>> print(*slopes_of_named(z, {x: name("x"), y: name("y"), z: name("z")}).values(), sep=", ")
    3*(1 - z**2), -(1 - z**2)
    """
    order = _order(output, names)
    parts = _parts(order, names, output)

    def pull(node: Value, gradient: Formula) -> Iterator[tuple[Value, Formula]]:
        if node is output or node not in names:
            for operand, slope in zip(node.operands, _slopes(node, parts, names), strict=True):
                if isinstance(operand, Value):
                    yield operand, gradient * slope

    found = adjoints(order, Formula((Term(Fraction(1)),)), pull)
    return {node: slope for node, slope in found.items() if node in names and node is not output and slope is not None}


def slope_formulas(node: Value, names: Mapping[Value, Formula]) -> list[Formula]:
    """The local derivative of a node in each of its operands."""
    return _slopes(node, _parts([*node.parents, node], names, node), names) if node.op is not None else []


def _slopes(node: Value, parts: Mapping[Value, Part], names: Mapping[Value, Formula]) -> list[Formula]:
    """As a textbook writes them, in the name of the node if it has one."""
    if node.op is None:
        return []
    operands = [_alone(parts[x]) if isinstance(x, Value) else number(x) for x in node.operands]
    return row_slopes(node.op, operands, _alone(parts[node]), names.get(node))


def row_slopes(op: Primitive, operands: Sequence[Formula], out: Formula, name: Formula | None = None) -> list[Formula]:
    """The partial derivatives of a row as a textbook writes them, where its value is ``out``.

    Args:
        op: the row.
        operands: its operands.
        out: its value, as a formula of the operands or as a name.
        name: the name of the value, if it has one that is not ``out``.
    """
    if not op.textbook:
        return [Formula.lift(slope) for slope in op.slopes(operands, out)]
    return [Formula.lift(partial(*operands, out if name is None else name)) for partial in op.textbook]
