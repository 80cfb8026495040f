"""From text to a graph: ``y = 1/(x + t); x = v**2 + w`` becomes a graph of the named variables y, x, t, v, w.

The text is parsed, and each of its operations is looked up in the table of primitives.  It is never evaluated as Python
code, so a formula can only compute.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any
from unicodedata import normalize

from autograd.core.comparisons import COMPARISONS
from autograd.core.errors import EvaluationError, hidden
from autograd.core.primitive import PRIMITIVES
from autograd.core.rules import power, where
from autograd.core.value import Value
from autograd.explain.grammar import SIGMA, Grammar
from autograd.explain.latex_reader import LatexGrammar, is_latex
from autograd.explain.spelling import FormulaError, canonical, meant, quoted, short, tokens

__all__ = ["Definition", "FormulaError", "define", "definitions", "evaluate_number"]

__tracebackhide__ = hidden


_CONSTANTS = {"pi": math.pi, "π": math.pi, "e": math.e}

_FUNCTIONS = {
    "abs": "absolute", "max": "maximum", "min": "minimum", "pow": "power", "ln": "log", "atan2": "arctan2",
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh",
}  # fmt: skip
"""Other names of primitives, in Python's ``math`` and in mathematics."""

_LETTERS = {"beta", "gamma", "j0", "j1", "y0", "y1"}
"""Functions with names that formulas use for variables: each is a variable unless it is called, in LaTeX always."""


def _step(s: Value | float) -> Value | float:
    """1 from s = 0 on, else 0."""
    result: Value | float = where(COMPARISONS["greater_equal"](s, 0.0), 1.0, 0.0)
    return result


def _known() -> dict[str, Callable[..., Any]]:
    """Every function that a formula may call, by name; users add rows to the table."""
    others = {name: PRIMITIVES[meant] for name, meant in _FUNCTIONS.items()}
    return {**PRIMITIVES, **others, SIGMA: PRIMITIVES["sigmoid"], "step": _step}


_OPERATORS: dict[type[ast.AST], Callable[..., Value | float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: power, ast.Mod: operator.mod, ast.FloorDiv: operator.floordiv,
    ast.UAdd: operator.pos, ast.USub: operator.neg,
    ast.Lt: COMPARISONS["less"], ast.LtE: COMPARISONS["less_equal"],
    ast.Gt: COMPARISONS["greater"], ast.GtE: COMPARISONS["greater_equal"],
}  # fmt: skip


@dataclass(frozen=True)
class Definition:
    """One definition of a text of formulas.

    Attributes:
        name: the variable that is defined.
        text: its formula.
        uses: the names in the formula, including constants such as ``pi``.
    """

    name: str
    text: str
    uses: tuple[str, ...]
    _tree: ast.expr

    def __str__(self) -> str:
        return f"{self.name} = {self.text}"


def definitions(text: str) -> list[Definition]:
    """The definitions in a text, in the order in which they can be computed.

    Args:
        text: definitions ``name = formula`` in any order, separated by ``;`` or line breaks.  Besides Python's notation
            it may have products such as ``2x`` and ``(a + b)(b + 1)``, ``x²``, ``|x|``, ``√x``, the signs ``−``, ``×``
            and ``·``, ``σ(z)`` and ``step(s)``, simple LaTeX such as ``\\frac{1}{x^2}``, and
            ``p, q = softmax(a, b)``.  Names are those that are written, in any script: ``x₁`` and ``x1`` are two.

    Raises:
        FormulaError: if one is not a definition, uses a function that is not in the table, is defined twice, or depends
            on itself.

    >>> [str(definition) for definition in definitions("y = 1/x; x = exp(w)")]
    ['x = exp(w)', 'y = 1/x']
    """
    found: dict[str, Definition] = {}
    parts = [single for piece in _APART.split(canonical(text)) for single in _softmax(piece.strip()) if single]
    names = _written_names(parts)
    for part in parts:
        definition = _definition(part, names)
        if definition.name in found:
            first = short(found[definition.name])
            raise FormulaError(f"{definition.name} is defined twice: {first} and {short(definition)}")
        found[definition.name] = definition
    if not found:
        raise FormulaError('there is no formula: write one such as "y = x**2"')
    before = {name: [used for used in definition.uses if used in found] for name, definition in found.items()}
    try:
        return [found[name] for name in TopologicalSorter(before).static_order()]
    except CycleError as error:
        circle = " → ".join(error.args[1])
        raise FormulaError(f"the definitions depend on each other in a circle: {circle}") from None


def define(
    text: str, values: Mapping[str, float] | None = None, /, *, letters: bool = False, **more: float
) -> dict[str, Value]:
    """Build the graph of a text of definitions.

    Args:
        text: see :func:`definitions`; the functions are those of the table, the constants ``pi`` and ``e``.
        values: the values of the variables that the text does not define.
        letters: build the graph without numbers, to be shown in letters (``letters=True`` in :func:`paths` and
            :func:`draw`).  The variables that the text does not define hold nan, and so does what depends on them.
        more: further values, as keywords.

    Returns:
        All variables by name, as labelled nodes, the given ones first, then the defined ones in the order of
        computation.

    Raises:
        FormulaError: as :func:`definitions`, and if a variable has no value, a value is not used, a formula cannot be
            evaluated at the given values, or values are given with ``letters``.

    >>> graph = define("y = 1/x; x = v**2; v = exp(w)", w=0)
    >>> graph["y"].backward()
    >>> graph["w"].grad
    -2.0
    """
    ordered = definitions(text)
    nodes: dict[str, Value] = {}
    given = {**(values or {}), **more}
    if letters:
        if given:
            raise FormulaError(f"{next(iter(given))} is given a value in a graph of letters: leave it out")
        given = dict.fromkeys(variables(ordered), math.nan)
    for name, number in given.items():
        name = canonical(name)
        nodes[name] = _leaf(name, number)
    _check_names(ordered, nodes)
    for definition in ordered:
        nodes[definition.name] = _node(definition, nodes)
    return nodes


def variables(ordered: Iterable[Definition]) -> list[str]:
    """The variables that definitions use and do not define, in the order of the computation."""
    defined = {definition.name for definition in ordered}
    used = dict.fromkeys(name for definition in ordered for name in definition.uses)
    return [name for name in used if name not in defined and name not in _CONSTANTS]


def evaluate_number(text: str) -> float:
    """The value of a formula without variables.

    Raises:
        FormulaError: if the text is not such a formula, or has no value.

    >>> evaluate_number("pi/2")
    1.5707963267948966
    """
    tree = parse(canonical(text.strip()))
    names = [name for name in _names(tree) if name not in _CONSTANTS]
    if names:
        raise FormulaError(f"'{short(text)}' is not a number: it contains the variable {names[0]}")
    return float(_computed(text, tree, {}))


def free_names(ordered: Iterable[Definition], given: Iterable[str]) -> list[str]:
    """The variables of some definitions that are neither defined nor given."""
    ordered = list(ordered)
    known = {*given, *(definition.name for definition in ordered), *_CONSTANTS}
    return list(dict.fromkeys(name for definition in ordered for name in definition.uses if name not in known))


def parsed(formula: str, known: Iterable[str], derivatives: bool = False) -> ast.expr:
    """The syntax tree of a formula, after checking that it uses no other variables than those that are known.

    Args:
        formula: the formula.
        known: the variables.
        derivatives: whether ``dy/dx`` and ``∂y/∂x`` are names of derivatives between them.

    Raises:
        FormulaError: if it is not a formula, or uses another variable.
    """
    names = [*known]
    tree = parse(formula, names, derivatives)
    for name in _names(tree):
        if name not in (*names, *_CONSTANTS) and "/" not in name:
            hint = _hint(name, [*names, *_CONSTANTS])
            raise FormulaError(f"{quoted(formula)} uses {name}, which is not a variable of the definitions{hint}")
    return tree


# ---------------------------------------------------------------------------------------------------------------------
# Reading
# ---------------------------------------------------------------------------------------------------------------------

_APART = re.compile(r"(?<!\\)[;；]|\n")
"""What stands between definitions; a backslash before a semicolon makes a blank of LaTeX."""


def parse(formula: str, names: Collection[str] = (), derivatives: bool = False) -> ast.expr:
    """The syntax tree of a formula in text or in LaTeX, some of whose names are known.

    Raises:
        FormulaError: if it is not a formula, or calls a function that is not in the table.
    """
    try:
        if is_latex(formula):
            return LatexGrammar(formula, _known().keys() - _LETTERS, names, derivatives).whole()
        return Grammar(formula, _known(), names, derivatives).whole()
    except RecursionError:
        raise FormulaError("the formula is nested too deeply: split it into several definitions") from None


def _definition(text: str, names: Collection[str]) -> Definition:
    left, equals, formula = (part.strip() for part in text.replace("＝", "=").partition("="))
    if not equals or formula.startswith("="):
        raise FormulaError(f"{quoted(text)} is not a definition: write it as name = formula")
    name = _defined(left)
    if name is None:
        raise FormulaError(f"{quoted(text)} defines no variable: {left or 'nothing'} is not a name")
    if name in _known().keys() - _LETTERS and name != SIGMA:
        raise FormulaError(f"{quoted(text)} defines {name}, which is the name of a function: choose another")
    tree = parse(formula, names)
    return Definition(name, formula, tuple(dict.fromkeys(_names(tree))), tree)


def _defined(left: str) -> str | None:
    """The variable that the left side of a definition names; ``None`` if it is not a name."""
    try:
        tree = parse(left)
    except FormulaError:
        return None
    return tree.id if isinstance(tree, ast.Name) else None


def _written_names(parts: Iterable[str]) -> list[str]:
    """The names that stand in some definitions as they are, to which those in LaTeX may refer."""
    functions = _known().keys() - _LETTERS
    names = [token.text for part in parts for token in tokens(part) if token.kind == "name"]
    return list(dict.fromkeys(name for name in names if name not in functions and not name.endswith("_")))


def _softmax(text: str) -> list[str]:
    """``p, q = softmax(a, b)`` as a definition for each number; any other text as it is."""
    found = re.fullmatch(r"(\w+(?:\s*,\s*\w+)+)\s*=\s*\\?softmax\s*\(([\w\s,]+)\)", text)
    if not found:
        return [text]
    names, scores = ([part.strip() for part in group.split(",")] for group in found.groups())
    if len(names) != len(scores):
        raise FormulaError(f"{quoted(text)} defines {len(names)} numbers, but softmax takes {len(scores)}")
    total = " + ".join(f"exp({score})" for score in scores)
    return [f"{name} = exp({score})/({total})" for name, score in zip(names, scores, strict=True)]


def _names(tree: ast.expr) -> list[str]:
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in functions]


def _hint(name: str, known: Collection[str]) -> str:
    """What to write instead of an unknown name."""
    if name in _known().keys() - _LETTERS:
        return f": an argument of a function stands in parentheses, as in {name}(x)"
    folded = normalize("NFKC", name)
    if folded != name and folded in known:
        return f': Python writes the keyword {name} as {folded}, so give the values as {{"{name}": …}}'
    factors = next(((name[:k], name[k:]) for k in range(1, len(name)) if {name[:k], name[k:]} <= {*known}), None)
    return f": write {factors[0]}*{factors[1]} for a product" if factors else meant(name, known)


# ---------------------------------------------------------------------------------------------------------------------
# Computing
# ---------------------------------------------------------------------------------------------------------------------


def _leaf(name: str, number: float) -> Value:
    try:
        return Value(number, label=name)
    except TypeError as error:
        raise FormulaError(f"{name}: {error}") from None


def _check_names(ordered: list[Definition], given: Mapping[str, Value]) -> None:
    """Every name has exactly one value, and every given value is used."""
    defined = {definition.name: definition for definition in ordered}
    for definition in ordered:
        for name in definition.uses:
            if name not in defined and name not in given and name not in _CONSTANTS:
                hint = _hint(name, [*defined, *given, *_CONSTANTS])
                uses = f"{quoted(definition)} uses {name}"
                raise FormulaError(f"{uses}, which is neither defined nor given a value{hint}")
    used = {name for definition in ordered for name in definition.uses}
    for name in given:
        if name in defined:
            raise FormulaError(f"{name} is given a value and defined as well: {short(defined[name])}")
        if name not in used:
            raise FormulaError(f"{name} is given a value, but no formula uses it{meant(name, used)}")


def _node(definition: Definition, nodes: Mapping[str, Value]) -> Value:
    result = _computed(str(definition), definition._tree, nodes)
    if not isinstance(result, Value):
        return Value(result, label=definition.name)
    node = +result if result.label else result  # "y = x" is a second variable, not a second name of the first
    node.label = definition.name
    return node


def _computed(text: str, tree: ast.expr, nodes: Mapping[str, Value]) -> Value | float:
    try:
        result: Value | float = compute(tree, nodes)
        return result
    except RecursionError:
        raise FormulaError("the formula is nested too deeply: split it into several definitions") from None
    except (ArithmeticError, ValueError, TypeError) as error:
        reason = error.reason if isinstance(error, EvaluationError) else error
        raise FormulaError(f"{quoted(text)} has no value here: {reason}") from None


def compute(tree: ast.expr, values: Mapping[str, Any]) -> Any:
    """The value of a syntax tree with numbers, arrays, nodes or symbols for its variables."""
    chain = []
    while isinstance(tree, ast.BinOp):  # a sum of many terms leans to the left, and needs no recursion
        chain.append(tree)
        tree = tree.left
    result = _operand(tree, values)
    for node in reversed(chain):
        result = _OPERATORS[type(node.op)](result, compute(node.right, values))
    return result


def _operand(tree: ast.expr, values: Mapping[str, Any]) -> Any:
    match tree:
        case ast.Constant(value=number):
            return float(number)  # type: ignore[arg-type]  # the grammar knows only numbers
        case ast.Name(id=name):
            return values[name] if name in values else _CONSTANTS[name]
        case ast.UnaryOp(op=op, operand=x):
            return _OPERATORS[type(op)](compute(x, values))
        case ast.Compare(left=x, ops=[op], comparators=[y]):
            return _OPERATORS[type(op)](compute(x, values), compute(y, values))
        case ast.Call(func=ast.Name(id=name), args=args):
            return _known()[name](*(compute(x, values) for x in args))
    raise TypeError(f"{type(tree).__name__} is not a part of formulas")
