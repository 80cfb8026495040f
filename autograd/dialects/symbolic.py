"""The dialect of SymPy: values and derivatives as formulas.

A primitive that is called with SymPy's symbols returns a formula.  A primitive that SymPy does not have, such as
``sigmoid``, is shown by its name, is differentiated by its row in the table, and is written out by :func:`expand`.

SymPy is optional: ``pip install "pathgrad[symbolic]"``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from autograd.core.escaping import latex_text
from autograd.core.primitive import Primitive, dialect
from autograd.core.sweep import adjoints, topological_order
from autograd.core.value import Value
from autograd.dialects.written import exact_number

try:
    import sympy
    from sympy.printing.conventions import split_super_sub
    from sympy.printing.latex import greek_letters_set, other_symbols, tex_greek_dictionary, translate
except ImportError:
    raise ImportError('formulas need SymPy, which is not installed: pip install "pathgrad[symbolic]"') from None

__all__ = [
    "constant",
    "exact",
    "expand",
    "expression",
    "latex",
    "local_derivatives",
    "slope_formulas",
    "symbol",
    "text",
]

_SCRIPTED = re.compile(r"[^\W_]+(?:[_^](?:[^\W_]|\{[\w,()\[\]+\-]*\}))+")  # a name that is LaTeX already, as w_{1,2}


def symbol(name: str) -> Any:
    """A SymPy symbol for a real number."""
    return sympy.Symbol(name, real=True)


def constant(x: float) -> Any:
    """A float as the exact number that it stands for: 3.0 as 3, 0.25 as 1/4, 3.141592653589793 as π.

    >>> constant(2.0), constant(-0.5), constant(math.pi / 2), text(constant(0.123456))
    (2, -1/2, pi/2, '0.123456')
    """
    if not math.isfinite(x):
        return sympy.nan if math.isnan(x) else sympy.oo * (1 if x > 0 else -1)
    found = exact_number(x)
    if found is not None:
        factor, base, exponent = found
        return sympy.Rational(*factor.as_integer_ratio()) * _number(base) ** exponent
    return sympy.Float(x)


@cache
def _number(text: str) -> Any:
    return sympy.sympify(text, {"e": sympy.E})


class _Named(sympy.Function):  # type: ignore[misc]
    """A call of a primitive that formulas show by its name."""

    op: Primitive

    def fdiff(self, argindex: int = 1) -> Any:
        """The partial derivative in one operand, from the table."""
        return exact(self.op.partials[argindex - 1](*self.args, self))

    def _latex(self, printer: Any, exp: Any = None) -> str:
        text = self.op.latex(*[printer.doprint(arg) for arg in self.args])
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


@cache
def _named(op: Primitive) -> Any:
    """The class of the calls of a primitive, as SymPy has a class for each function."""
    return type(op.name, (_Named,), {"op": op})


@dialect(sympy.Basic, rank=3)
def _write_call(op: Primitive, operands: tuple[Any, ...]) -> Any:
    arguments = [x if isinstance(x, sympy.Basic) else constant(float(x)) for x in operands]
    if op.inline:
        return op.formula(*arguments)
    if op.sympy is None:
        return _named(op)(*arguments)
    if isinstance(op.sympy, str):
        return getattr(sympy, op.sympy)(*arguments)
    return op.sympy(sympy, *arguments)


def exact(expression: Any) -> Any:
    """A formula whose floats, such as that in ``2.0 * x``, are replaced by exact numbers; see :func:`constant`."""
    if not isinstance(expression, sympy.Basic):
        return constant(float(expression))
    return expression.xreplace({number: constant(float(number)) for number in expression.atoms(sympy.Float)})


def text(formula: Any) -> str:
    """A formula as one line of text, in the notation of Python and SymPy."""
    return str(sympy.sstr(formula, full_prec=False))


def latex(formula: Any) -> str:
    """A formula in LaTeX."""
    return str(sympy.latex(formula, symbol_names={x: _latex_name(x.name) for x in formula.atoms(sympy.Symbol)}))


def _latex_name(name: str) -> str:
    """A name in LaTeX, as SymPy writes it, except that ``what`` is a name of its own and not a w with a hat.

    A name of several letters is upright, since italic letters side by side are a product.

    The names of a network are written as in the notes: the layer above, with the sample in parentheses.

    >>> _latex_name("what"), _latex_name("alpha_1"), _latex_name("z[1](2)_3")
    ('\\\\mathrm{what}', '\\\\alpha_{1}', 'z_{3}^{[1](2)}')
    >>> print(_latex_name(r"\\input{x}"), _latex_name("w_{1,2}"))
    \\mathrm{\\backslash{}input\\{x\\}} w_{1,2}
    """
    layered = re.fullmatch(r"(\w+?)(\[\d+\](?:\(\d+\))?)(?:_\{?([\d,]+)\}?)?", name)
    if layered:
        letter, above, below = layered.groups()
        return f"{_upright(letter)}{f'_{{{below}}}' * bool(below)}^{{{above}}}"
    if "{" in name and _SCRIPTED.fullmatch(name):
        return name
    base, above, below = split_super_sub(name)
    text = _upright(base)
    for sign, parts in ("^", above), ("_", below):
        if parts:
            text += f"{sign}{{{' '.join(map(_latex_word, parts))}}}"
    return text


def _upright(word: str) -> str:
    written = _latex_word(word)
    return rf"\mathrm{{{written}}}" if len(word) > 1 and not _is_known(word) else written


def _latex_word(word: str) -> str:
    return str(translate(word)) if _is_known(word) else latex_text(word)


def _is_known(word: str) -> bool:
    """Whether LaTeX has a symbol of this name."""
    return word in tex_greek_dictionary or word.lower() in greek_letters_set or word in other_symbols


def expand(formula: Any) -> Any:
    """Replace the primitives that a formula shows by name by their own formulas.

    >>> from autograd import sigmoid
    >>> expand(sigmoid(sympy.Symbol("x", positive=True)))
    1/(1 + exp(-x))
    """
    while named := formula.atoms(_Named):
        # Innermost first, so that cases are decided as soon as they depend on numbers alone.
        inner = [f for f in named if not any(x.has(_Named) for x in f.args)]
        formula = formula.xreplace({f: exact(f.op.formula(*f.args)) for f in inner})
    return formula


# ---------------------------------------------------------------------------------------------------------------------
# Formulas of a graph
# ---------------------------------------------------------------------------------------------------------------------


def _formulas(order: list[Value], names: Mapping[Value, str]) -> dict[Value, Any]:
    """A formula for every node of a topological order; the nodes in ``names`` and the leaves are symbols."""
    formulas: dict[Value, Any] = {}
    for node in order:
        if node in names or node.op is None:
            formulas[node] = symbol(names.get(node) or node.label or f"v{len(formulas)}")
        else:
            formulas[node] = exact(node.op(*_operands(node, formulas)))
    return formulas


def _operands(node: Value, formulas: Mapping[Value, Any]) -> list[Any]:
    """The formulas of the operands of a node."""
    return [formulas[x] if isinstance(x, Value) else constant(x) for x in node.operands]


def expression(output: Value, names: Mapping[Value, str] | None = None) -> Any:
    """The formula of a node in terms of the nodes in ``names``, or of the leaves.

    >>> from autograd import exp
    >>> w = Value(0.0, label="w")
    >>> expression(1 / exp(w) ** 2)
    exp(-2*w)
    """
    within = {node: name for node, name in (names or {}).items() if node is not output}
    order = topological_order(output, stop=within.__contains__)
    for node in order:
        if not isinstance(node, Value):
            raise TypeError(f"formulas need a graph of Values, but this one contains {node!r}")
    return _formulas(order, within)[output]


def local_derivatives(output: Value, names: Mapping[Value, str]) -> dict[Value, Any]:
    """∂output/∂u as a formula, for every node u in ``names`` that the output depends on; the others are held fixed.

    This is the backward sweep, with formulas in place of numbers.

    >>> from autograd import sin
    >>> x, t = Value(1.0, label="x"), Value(0.0, label="t")
    >>> list(local_derivatives(1 / (x + t), {x: "x", t: "t"}).values())
    [-1/(t + x)**2, -1/(t + x)**2]
    """
    within = {node: name for node, name in names.items() if node is not output}
    order = topological_order(output, stop=within.__contains__)
    formulas = _formulas(order, within)

    def pull(node: Value, gradient: Any) -> Iterator[tuple[Value, Any]]:
        if node.op is not None and node not in within:
            slopes = node.op.slopes(_operands(node, formulas), formulas[node])
            for operand, slope in zip(node.operands, slopes, strict=True):
                if isinstance(operand, Value):
                    yield operand, gradient * exact(slope)

    return {node: d for node, d in adjoints(order, sympy.Integer(1), pull).items() if node in within and d is not None}


def slope_formulas(node: Value, names: Mapping[Value, str]) -> list[Any]:
    """The local derivative of a node in each of its operands, as a formula in the names of the operands."""
    if node.op is None:
        return []
    operands = [symbol(names[x]) if isinstance(x, Value) else constant(x) for x in node.operands]
    return [exact(slope) for slope in node.op.slopes(operands, exact(node.op(*operands)))]
