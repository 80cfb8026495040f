"""Comparison of a primitive with the value and the partials that SymPy finds from its formula."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from autograd.checks.primitive_at_point import PrimitiveAtPoint
from autograd.core.primitive import Primitive

__all__ = ["check_against_sympy"]

Evaluator: TypeAlias = Callable[[Sequence[float], float], "float | None"]
"""A function of the operands and of a small distance from them, which returns ``None`` if SymPy has no number there."""


def check_against_sympy(here: PrimitiveAtPoint) -> None:
    """Check that SymPy finds the same value and the same partials."""
    chosen = tuple((place, x) for place, x in enumerate(here.point) if place not in here.places)
    value, partials = _formulas(here.primitive, len(here.point), chosen)
    xs = [here.point[place] for place in here.places]
    tolerance = 1e-9 * max(1.0, abs(here.value))
    found = value(xs, 0.0)
    if found is not None and abs(found - here.value) > tolerance:
        here.fail(f"the value is {here.value:.10g}, by SymPy it is {found:.10g}")
    if not here.smooth or here.vertical:
        return
    for place, partial in zip(here.places, partials, strict=True):
        found, declared = partial(xs, 1e-25), here.slopes[place]
        if found is not None and not abs(found - declared) <= tolerance + 1e-8 * abs(found):
            here.fail(f"declared {declared:.10g}, by SymPy {found:.10g}", place)


@lru_cache(maxsize=128)
def _formulas(primitive: Primitive, n: int, chosen: tuple[tuple[int, float], ...]) -> tuple[Evaluator, list[Evaluator]]:
    """The value and the partials by SymPy; functions that always return ``None`` if SymPy cannot read the formula.

    Partials are evaluated a tiny distance beside the point.  They are the same there, but all signs and cases in the
    formula are decided.
    """

    def unknown(xs: Sequence[float], aside: float) -> None:
        return None

    fixed = dict(chosen)
    try:
        import sympy

        from autograd.dialects.symbolic import constant, expand, symbol

        symbols = {place: symbol(f"x{place}") for place in range(n) if place not in fixed}
        value = expand(primitive(*[symbols.get(i, constant(fixed.get(i, 0.0))) for i in range(n)]))
        partials = [sympy.sympify(value).diff(x) for x in symbols.values()]
    except Exception:  # a formula may raise anything when called with symbols; or SymPy is not installed
        return unknown, [unknown] * (n - len(fixed))
    return _evaluator(value, symbols), [_evaluator(partial, symbols) for partial in partials]


def _evaluator(formula: Any, symbols: Mapping[int, Any]) -> Evaluator:
    import sympy
    from mpmath import mp  # type: ignore[import-untyped]  # a dependency of SymPy

    unevaluable = sympy.sympify(formula).has(sympy.Derivative, sympy.Subs, sympy.DiracDelta)
    function = None if unevaluable else sympy.lambdify(list(symbols.values()), formula, "mpmath")

    def compute(xs: Sequence[float], aside: float) -> float | None:
        if function is None:
            return None
        try:
            with mp.workdps(300):  # digits may cancel, as in (sin(x) - x) / x**5 and log(2 - erfc(x))
                beside = [aside * (1.0 + k / math.pi) * (abs(x) or 1.0) for k, x in enumerate(xs)]
                return float(function(*[mp.mpf(x) + step for x, step in zip(xs, beside, strict=True)]))
        except (ArithmeticError, ValueError, TypeError, NameError):  # complex, or unknown to mpmath
            return None

    return compute
