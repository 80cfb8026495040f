"""Exercises on the chain rule: a few named variables, small whole factors, and the solution along each path.

>>> task = exercise(seed=4)
>>> print(task.question)
Find dy/dw at w = 1 for
  y = log(w) + t
  t = 2*u - v
  u = w*v
  v = w**2
>>> print(judge(task, "1/w + 2*v + 2*w*2*w")[1])
dy/dw: wrong
✓ 1/w      is the path w → y
✓ 2*v      is the path w → u → t → y
✓ 2*w*2*w  is the path w → v → u → t → y
✗ the path w → v → t → y is missing

The same seed, level and number of paths always make the same exercise.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from autograd import FormulaError, Paths, check_claim, define, evaluate_number
from autograd import paths as paths_between

__all__ = ["LEVELS", "Exercise", "exercise", "judge", "latex_sheet", "text_sheet"]

_LARGEST = 9  # of the factors along a path
_MOST_PATHS = 8


@dataclass(frozen=True)
class Level:
    """How hard an exercise is.

    Attributes:
        inner: how many variables there are between w and y.
        paths: the numbers of paths to choose from.
        points: the values of w to choose from.
        one: formulas of one variable, each as text and in LaTeX.
        two: formulas of two variables.
    """

    inner: tuple[int, ...]
    paths: tuple[int, ...]
    points: tuple[int, ...]
    one: tuple[tuple[str, str], ...]
    two: tuple[tuple[str, str], ...]


_POLYNOMIALS = (
    ("{a}**2", "{a}^2"),
    ("{a}**2 + 1", "{a}^2 + 1"),
    ("{a}**3", "{a}^3"),
    ("3*{a} - 1", "3{a} - 1"),
    ("2*{a} + 1", "2{a} + 1"),
)
_FUNCTIONS = (
    ("exp({a})", "e^{{{a}}}"),
    ("sin({a})", r"\sin {a}"),
    ("log({a})", r"\ln {a}"),
    ("1/{a}", r"\frac{{1}}{{{a}}}"),
)
_SUMS = (
    ("{a} + {b}", "{a} + {b}"),
    ("{a}*{b}", "{a}{b}"),
    ("{a}**2 + {b}", "{a}^2 + {b}"),
    ("2*{a} - {b}", "2{a} - {b}"),
    ("({a} - {b})**2", "({a} - {b})^2"),
)
_QUOTIENTS = (
    ("1/({a} + {b})", r"\frac{{1}}{{{a} + {b}}}"),
    ("{a}/{b}", r"\frac{{{a}}}{{{b}}}"),
    ("exp({a}) + {b}", "e^{{{a}}} + {b}"),
    ("log({a}) + {b}", r"\ln {a} + {b}"),
    ("{a}*exp({b})", "{a}e^{{{b}}}"),
)

LEVELS = {
    1: Level((1, 2), (1, 2), (-1, 1, 2), _POLYNOMIALS, _SUMS),
    2: Level((2, 3), (2, 3, 4), (0, 1), (*_POLYNOMIALS, *_FUNCTIONS), (*_SUMS, *_QUOTIENTS)),
    3: Level((4, 5), (4, 5, 6), (0, 1), (*_POLYNOMIALS, *_FUNCTIONS), (*_SUMS, *_QUOTIENTS)),
}
"""The levels by number: polynomials; all functions; and longer graphs."""


@dataclass(frozen=True)
class Exercise:
    """A problem on the chain rule with its solution.

    Attributes:
        seed: the seed that makes it.
        text: the definitions, as :func:`autograd.define` takes them.
        formulas: the definitions in LaTeX.
        at: the value of w.
        found: the paths from w to y.
    """

    seed: int
    text: str
    formulas: tuple[str, ...]
    at: int
    found: Paths

    @property
    def answer(self) -> int:
        """The derivative dy/dw."""
        return round(self.found.gradient)

    @property
    def question(self) -> str:
        """The problem as text."""
        return f"Find dy/dw at w = {self.at} for\n  " + self.text.replace("; ", "\n  ")

    @property
    def solution(self) -> str:
        """The table of the paths.  Its formulas need SymPy, its numbers do not."""
        return self.found.table()


def exercise(seed: int, *, level: int = 2, paths: int | None = None) -> Exercise:
    """An exercise in which every factor along every path is a whole number.

    Args:
        seed: any whole number.
        level: 1 for polynomials, 2 for all functions, 3 for longer graphs.
        paths: the number of paths, from 1 to 8; by default one that suits the level.

    Raises:
        ValueError: if there is no such level, or the number of paths is out of range.

    >>> exercise(7, level=1, paths=2).found.count
    2
    """
    if level not in LEVELS:
        raise ValueError(f"the levels are 1, 2 and 3, not {level}")
    if paths is not None and not 1 <= paths <= _MOST_PATHS:
        raise ValueError(f"the number of paths must be from 1 to {_MOST_PATHS}, not {paths}")
    rng = random.Random(f"{seed} {level} {paths}")
    wanted = paths or rng.choice(LEVELS[level].paths)
    return next(task for _ in count() if (task := _attempt(rng, seed, LEVELS[level], wanted)))


def _attempt(rng: random.Random, seed: int, level: Level, wanted: int) -> Exercise | None:
    """A random graph, unless it has other paths than wanted, an unused variable or a factor that is not small."""
    inner = rng.sample(["v", "x", "t", "u", "z", "s"], rng.choice((*level.inner, max(2, wanted.bit_length() + 1))))
    known, uses = ["w"], {"w": 1}
    lines: list[tuple[str, str]] = []
    for name in [*inner, "y"]:
        operands = rng.sample(known, min(len(known), rng.choice((1, 2, 2))))
        formula, latex = rng.choice(level.one if len(operands) == 1 else level.two)
        names = dict(zip("ab", operands, strict=False))
        lines.insert(0, (f"{name} = {formula.format(**names)}", f"{name} = {latex.format(**names)}"))
        uses[name] = sum(uses[operand] for operand in operands)
        known.append(name)
    if uses["y"] != wanted or not _all_used(known, lines):
        return None
    text, at = "; ".join(line for line, _ in lines), rng.choice(level.points)
    try:
        graph = define(text, w=at)
    except FormulaError:  # outside of a domain
        return None
    found = paths_between(graph["y"], "w")
    if not all(_small(node.data) for node in graph.values()) or not all(map(_small, _factors(found))):
        return None
    if any(path.product == 0 for path in found):
        return None
    return Exercise(seed, text, tuple(latex for _, latex in lines), at, found)


def _all_used(names: Sequence[str], lines: Sequence[tuple[str, str]]) -> bool:
    """Whether every variable but y stands in some formula."""
    used = {name for line, _ in lines for name in re.findall(r"\b[a-z]\b", line.partition(" = ")[2])}
    return used >= set(names[:-1])


def _factors(found: Paths) -> Iterator[float]:
    return (partial for path in found for partial in path.partials)


def _small(x: float) -> bool:
    return abs(x) <= _LARGEST and abs(x - round(x)) < 1e-9


# ---------------------------------------------------------------------------------------------------------------------
# The answer
# ---------------------------------------------------------------------------------------------------------------------


def judge(task: Exercise, claim: str) -> tuple[bool, str]:
    """Whether a claim about dy/dw is right, and what :func:`autograd.check_claim` found about it.

    It is compared at the point of the exercise; a formula in variables must hold at other points, too.

    Raises:
        FormulaError: if the claim cannot be read.

    >>> task = exercise(7, level=1, paths=2)
    >>> judge(task, str(task.answer))[0], judge(task, str(task.answer + 1))[0]
    (True, False)
    """
    found = check_claim(task.text, "y", {"w": claim}, w=task.at)
    for step in found if found else ():
        if not _is_number(step.text) and not check_claim(task.text, "y", {"w": step.text}):
            return False, f"{step.text} is right at w = {task.at}, but not as a formula"
    return bool(found), str(found)


def _is_number(claim: str) -> bool:
    try:
        evaluate_number(claim)
    except FormulaError:
        return False
    return True


# ---------------------------------------------------------------------------------------------------------------------
# Sheets
# ---------------------------------------------------------------------------------------------------------------------


def text_sheet(tasks: Sequence[Exercise]) -> str:
    """Exercises as text, and their solutions after them."""
    questions = [f"{i}. {task.question}" for i, task in enumerate(tasks, 1)]
    solutions = [f"{i}. {task.solution}" for i, task in enumerate(tasks, 1)]
    return "\n\n".join([*questions, "Solutions", *solutions])


def latex_sheet(tasks: Sequence[Exercise]) -> str:
    r"""Exercises as a LaTeX document, with their solutions on a page of their own.

    Without SymPy the solutions have numbers only.

    >>> print(latex_sheet([exercise(1)]).splitlines()[5])
    \item Find $\frac{dy}{dw}$ at $w = 1$ for \[ y = t^2 + 1 \qquad t = w + x \qquad x = w^3 \]
    """
    questions = [
        rf"\item Find $\frac{{dy}}{{dw}}$ at $w = {task.at}$ for \[ " + r" \qquad ".join(task.formulas) + r" \]"
        for task in tasks
    ]
    solutions = [rf"\item {_latex_solution(task)}" for task in tasks]
    return "\n".join(
        [
            r"\documentclass{article}",
            r"\usepackage{amsmath}",
            r"\allowdisplaybreaks",
            r"\begin{document}",
            r"\begin{enumerate}",
            *questions,
            r"\end{enumerate}",
            r"\newpage",
            r"\section*{Solutions}",
            r"\begin{enumerate}",
            *solutions,
            r"\end{enumerate}",
            r"\end{document}",
        ]
    )


def _latex_solution(task: Exercise) -> str:
    """Each path with its symbols, formulas, numbers and product, and the sum of the products."""
    lines = []
    for path in task.found:
        edges = [*zip(path.edges, path.names, path.names[1:], strict=False)][::-1]  # from y backwards, as it is written
        symbols = " ".join(rf"\frac{{\partial {child}}}{{\partial {parent}}}" for _, parent, child in edges)
        numbers = r" \cdot ".join(_factor(partial) for partial in path.partials[::-1])
        formulas = [edge.expression for edge, _, _ in edges]
        if None in formulas:
            lines.append(f"{symbols} &= {numbers} = {round(path.product)}")
        else:
            from sympy import latex

            lines.append(f"{symbols} &= " + " ".join(rf"\left({latex(formula)}\right)" for formula in formulas))
            lines.append(f"&= {numbers} = {round(path.product)}")
    products = " + ".join(_factor(path.product) for path in task.found)
    lines.append(rf"\frac{{dy}}{{dw}} &= {products} = {task.answer}")
    return "\\begin{align*}\n" + " \\\\\n".join(lines) + "\n\\end{align*}"


def _factor(x: float) -> str:
    return f"{round(x)}" if x >= 0 else f"({round(x)})"
