"""From text to a graph: ``y = 1/(x + t); x = v**2 + w`` becomes a graph of the named variables y, x, t, v, w.

The text is parsed, and each of its operations is looked up in the table of primitives.  It is never evaluated as Python
code, so a formula can only compute.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from typing import Any
from unicodedata import normalize

from autograd.core.comparisons import COMPARISONS
from autograd.core.errors import EvaluationError
from autograd.core.primitive import PRIMITIVES
from autograd.core.rules import power, where
from autograd.core.value import Value

__all__ = ["Definition", "FormulaError", "define", "definitions", "evaluate_number"]


class FormulaError(ValueError):
    """An error in a formula; the message is one sentence."""

    __module__ = "autograd"


_CONSTANTS = {"pi": math.pi, "π": math.pi, "e": math.e}

_FUNCTIONS = {
    "abs": "absolute", "max": "maximum", "min": "minimum", "pow": "power", "ln": "log", "atan2": "arctan2",
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh",
}  # fmt: skip
"""Other names of primitives, in Python's ``math`` and in mathematics."""

_SIGMA = "σ"
"""The sigmoid where it is called; alone it is a variable, such as a standard deviation."""


def _step(s: Value | float) -> Value | float:
    """1 from s = 0 on, else 0."""
    result: Value | float = where(COMPARISONS["greater_equal"](s, 0.0), 1.0, 0.0)
    return result


def _known() -> dict[str, Callable[..., Any]]:
    """Every function that a formula may call, by name; users add rows to the table."""
    others = {name: PRIMITIVES[meant] for name, meant in _FUNCTIONS.items()}
    return {**PRIMITIVES, **others, _SIGMA: PRIMITIVES["sigmoid"], "step": _step}


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
            it may have products such as ``(a + b)(b + 1)``, ``σ(z)`` and ``step(s)``, simple LaTeX such as
            ``\\frac{1}{x^2}``, and ``p, q = softmax(a, b)``.

    Raises:
        FormulaError: if one is not a definition, uses a function that is not in the table, is defined twice, or depends
            on itself.

    >>> [str(definition) for definition in definitions("y = 1/x; x = exp(w)")]
    ['x = exp(w)', 'y = 1/x']
    """
    found: dict[str, Definition] = {}
    parts = normalize("NFKC", text).replace("\n", ";").split(";")  # as Python does with names
    for part in (single for piece in parts for single in _softmax(piece.strip())):
        if part:
            definition = _definition(part)
            if definition.name in found:
                raise FormulaError(f"{definition.name} is defined twice: {found[definition.name]} and {definition}")
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
        All variables by name, as labelled nodes: the given ones first, then the defined ones in the order of
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
        name = normalize("NFKC", name)
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
    tree = _parse(normalize("NFKC", text.strip()))
    names = [name for name in _names(tree) if name not in _CONSTANTS]
    if names:
        raise FormulaError(f"{text!r} is not a number: it contains the variable {names[0]}")
    return float(_computed(text, tree, {}))


def free_names(ordered: Iterable[Definition], given: Iterable[str]) -> list[str]:
    """The variables of some definitions that are neither defined nor given."""
    ordered = list(ordered)
    known = {*given, *(definition.name for definition in ordered), *_CONSTANTS}
    return list(dict.fromkeys(name for definition in ordered for name in definition.uses if name not in known))


def parsed(formula: str, known: Iterable[str]) -> ast.expr:
    """The syntax tree of a formula, after checking that it uses no other variables than those that are known.

    Raises:
        FormulaError: if it is not a formula, or uses another variable.
    """
    known = [*known, *_CONSTANTS]
    tree = _parse(formula)
    for name in _names(tree):
        if name not in known:
            raise FormulaError(
                f'"{formula}" uses {name}, which is not a variable of the definitions{meant(name, known)}'
            )
    return tree


# ---------------------------------------------------------------------------------------------------------------------
# Reading
# ---------------------------------------------------------------------------------------------------------------------


def _definition(text: str) -> Definition:
    name, equals, formula = (part.strip() for part in text.partition("="))
    if not equals or formula.startswith("="):
        raise FormulaError(f'"{text}" is not a definition: write it as name = formula')
    if not name.isidentifier():
        raise FormulaError(f'"{text}" defines no variable: {name or "nothing"} is not a name')
    if name in _known() and name != _SIGMA:
        raise FormulaError(f'"{text}" defines {name}, which is the name of a function: choose another')
    tree = _parse(formula)
    return Definition(name, formula, tuple(dict.fromkeys(_names(tree))), tree)


def _parse(formula: str) -> ast.expr:
    """Parse a formula by Python's own grammar, and refuse everything else before anything is computed."""
    try:
        tree = ast.parse(_with_products(_without_latex(formula)), mode="eval").body
        for node in ast.walk(tree):
            _check(node, formula)
    except SyntaxError as error:
        place = f"at character {error.offset}" if 0 < (error.offset or 0) <= len(formula) else "at its end"
        reason = "its brackets or operators do not fit together"
        raise FormulaError(f'"{formula}" is not a formula: {reason} ({place})') from None
    except (RecursionError, MemoryError):
        raise FormulaError("the formula is nested too deeply: split it into several definitions") from None
    except ValueError as error:
        if isinstance(error, FormulaError):
            raise
        raise FormulaError(f"{formula!r} is not a formula: {error}") from None
    return tree


def _power_hint(node: ast.BinOp) -> str:
    """How to write the power at hand, if it is simple."""
    simple = all(isinstance(x, (ast.Name, ast.Constant)) for x in (node.left, node.right))
    base, exponent = (ast.unparse(node.left), ast.unparse(node.right)) if simple else ("x", "2")
    return f"write a power as {base}**{exponent}, not {base}^{exponent}"


def _with_products(formula: str) -> str:
    """Products without a sign, as in ``(a + b)(b + 1)`` and ``2(x + 1)``.

    Raises:
        FormulaError: after a division, where it is unclear what is divided by.
    """
    written = re.sub(r"\)\s*\((?!\s*\))|(?<![\w.])[\d.]+\s*\((?!\s*\))", lambda found: f"{found[0][:-1]}*(", formula)
    if written != formula and any(
        isinstance(node, ast.BinOp)
        and isinstance(node.op, (ast.Div, ast.FloorDiv, ast.Mod))
        and isinstance(node.right, ast.Call)
        and not isinstance(node.right.func, ast.Name)
        for node in ast.walk(ast.parse(formula, mode="eval"))
    ):
        raise FormulaError(f'"{formula}": write the * of the product after the division sign, and parentheses')
    return written


_BRACES = r"\s*\{([^{}]*)\}"
_LATEX_BRACES = [
    (rf"\\frac{_BRACES}{_BRACES}", r"((\1)/(\2))"),
    (rf"\\sqrt{_BRACES}", r"sqrt(\1)"),
    (rf"\^{_BRACES}", r"**(\1)"),
    (r"_\{(\w+)\}", r"_\1"),
]
_LATEX_WORDS = {"left": "", "right": "", "cdot": "*", "times": "*", "sigma": _SIGMA, "ln": "log"}


def _without_latex(formula: str) -> str:
    r"""LaTeX in Python's notation; only where there is a command of LaTeX is ^ a power.

    >>> _without_latex(r"\frac{1}{x^{2}} + \sigma(z)")
    '((1)/(x**(2))) + σ(z)'
    """
    if "\\" not in formula:
        return formula
    before = None
    while formula != before:
        before = formula
        for pattern, plain in _LATEX_BRACES:
            formula = re.sub(pattern, plain, formula)
    return re.sub(r"\\([A-Za-z]+)", lambda found: _LATEX_WORDS.get(found[1], found[1]), formula).replace("^", "**")


def _softmax(text: str) -> list[str]:
    """``p, q = softmax(a, b)`` as a definition for each number; any other text as it is."""
    found = re.fullmatch(r"(\w+(?:\s*,\s*\w+)+)\s*=\s*\\?softmax\s*\(([\w\s,]+)\)", text)
    if not found:
        return [text]
    names, scores = ([part.strip() for part in group.split(",")] for group in found.groups())
    if len(names) != len(scores):
        raise FormulaError(f'"{text}" defines {len(names)} numbers, but softmax takes {len(scores)}')
    total = " + ".join(f"exp({score})" for score in scores)
    return [f"{name} = exp({score})/({total})" for name, score in zip(names, scores, strict=True)]


def _check(node: ast.AST, formula: str) -> None:
    if isinstance(node, ast.Call):
        _check_call(node, formula)
    elif isinstance(node, ast.Constant):
        if type(node.value) not in (int, float):
            raise FormulaError(f'"{formula}": {node.value!r} is not a real number')
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitXor):
        raise FormulaError(f'"{formula}": {_power_hint(node)}')
    elif isinstance(node, ast.Compare) and len(node.ops) > 1:
        raise FormulaError(f'"{formula}": write one comparison at a time')
    elif isinstance(node, (ast.expr, ast.operator, ast.unaryop, ast.cmpop)) and not isinstance(
        node, (ast.BinOp, ast.UnaryOp, ast.Compare, ast.Name, *_OPERATORS)
    ):
        raise FormulaError(f'"{formula}": only numbers, names, operators and functions are allowed')


def _check_call(node: ast.Call, formula: str) -> None:
    known = _known()
    if not isinstance(node.func, ast.Name) or node.keywords or any(isinstance(x, ast.Starred) for x in node.args):
        raise FormulaError(f'"{formula}": call a function as name(x, …)')
    if node.func.id == "softmax":
        raise FormulaError(f'"{formula}": softmax gives several numbers: write p1, p2 = softmax(z1, z2)')
    if node.func.id not in known:
        raise FormulaError(f'"{formula}": {node.func.id} is not a function of the table{meant(node.func.id, known)}')


def _names(tree: ast.expr) -> list[str]:
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in functions]


def meant(name: str, known: Iterable[str]) -> str:
    """A hint for an unknown name: the known one that is closest, or nothing."""
    close = get_close_matches(name, known, 1)
    return f": did you mean {close[0]}?" if close else ""


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
                hint = meant(name, [*defined, *given])
                raise FormulaError(f'"{definition}" uses {name}, which is neither defined nor given a value{hint}')
    used = {name for definition in ordered for name in definition.uses}
    for name in given:
        if name in defined:
            raise FormulaError(f"{name} is given a value and defined as well: {defined[name]}")
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
        raise FormulaError(f'"{text}" has no value here: {reason}') from None


def compute(tree: ast.expr, values: Mapping[str, Any]) -> Any:
    """The value of a syntax tree with numbers, arrays, nodes or symbols for its variables."""

    def of(part: ast.expr) -> Any:
        return compute(part, values)

    match tree:
        case ast.Constant(value=number):
            return float(number)  # type: ignore[arg-type]  # _check accepts only numbers
        case ast.Name(id=name):
            return values[name] if name in values else _CONSTANTS[name]
        case ast.UnaryOp(op=op, operand=x):
            return _OPERATORS[type(op)](of(x))
        case ast.BinOp(left=x, op=op, right=y):
            return _OPERATORS[type(op)](of(x), of(y))
        case ast.Compare(left=x, ops=[op], comparators=[y]):
            return _OPERATORS[type(op)](of(x), of(y))
        case ast.Call(func=ast.Name(id=name), args=args):
            return _known()[name](*map(of, args))
    raise FormulaError(f"{ast.unparse(tree)} is not a formula")
