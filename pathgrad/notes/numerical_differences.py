"""Derivatives as limits: the three difference quotients, the tangent, the directional derivative."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from autograd import Value, backward_difference, central_difference, forward_difference
from pathgrad.notes.example import Facts, Inputs, example
from pathgrad.notes.steps import linear, provided, slope


def cubic(x: Any) -> Any:
    """The test function of the notes."""
    return 4 * x**3 - 2 * x**2 - 7 * x + 1


DIFFERENCES = {"forward": forward_difference, "central": central_difference, "backward": backward_difference}


@example("numerical-differences-cubic")
def numerical_differences(inputs: Inputs) -> Facts:
    """Each difference in floats and in exact fractions, the derivative, and the formula of the error."""
    h = inputs["h"]
    rows = {}
    for x in inputs["x"]:
        exact = {f"{way}, exact": d(cubic, Fraction(x), Fraction(h)) for way, d in DIFFERENCES.items()}
        floats = {f"{way}, in floats": d(cubic, float(x), float(h)) for way, d in DIFFERENCES.items()}
        rows[x] = {"f'(x)": slope(cubic, float(x)), **exact, **floats}
    xs = [Fraction(x) for x in inputs["x"]]
    return {"errors": {way: error_formula(d, xs, Fraction(h)) for way, d in DIFFERENCES.items()}, "rows": rows}


def error_formula(difference: Callable[..., Any], xs: Sequence[Fraction], h: Fraction) -> str:
    """The error (p x + q) h + r h² of a difference: fitted at a few points, then checked exactly at all points."""

    def error(x: Fraction, h: Fraction) -> Fraction:
        exact: Fraction = difference(cubic, x, h) - Fraction(slope(cubic, float(x)))
        return exact

    zero, one = Fraction(0), Fraction(1)
    r = (error(zero, 2 * h) - 2 * error(zero, h)) / (2 * h * h)
    q = error(zero, h) / h - r * h
    p = error(one, h) / h - r * h - q
    holds = all(error(x, k * h) == (p * x + q) * k * h + r * (k * h) ** 2 for x in xs for k in (1, 2, 3))
    if p == q == 0:
        size = f"{float(r * h * h):g}".replace("e-0", "e-")
        return provided(holds, f"{r}h^2 = {size} (every x)")
    minus, p, q = ("-", -p, -q) if p < 0 else ("", p, q)
    return provided(holds, f"{minus}({linear(float(p), float(q))})h+{r}h^2")


@example("tangent-approximation")
def tangent(inputs: Inputs) -> Facts:
    """y = f'(x0)(x - x0) + y0, compared with f a small step away."""
    x0, dx = inputs["x0"], inputs["dx"]
    x = Value(x0, label="x")
    y = cubic(x)
    y.backward()
    return {
        f"f({x0})": y,
        f"f'({x0})": x.grad,
        f"f({x0 + dx})": cubic(x0 + dx),
        f"tangent({x0 + dx})": (x.grad or 0.0) * dx + y.data,
    }


def bowl(x: Any, y: Any) -> Any:
    """The function of two variables of the notes."""
    return x**2 / 20 + y**2


@example("directional-derivative")
def directional_derivative(inputs: Inputs) -> Facts:
    """The slope ∇f·u along a line through X0; it is largest, |∇f|, along the unit vector of ∇f."""
    x0, y0 = inputs["X0"]

    def along(u: Sequence[float]) -> float:
        return slope(lambda h: bowl(x0 + h * u[0], y0 + h * u[1]), 0.0)

    x, y = Value(x0, label="x"), Value(y0, label="y")
    bowl(x, y).backward()
    gradient = [x.grad or 0.0, y.grad or 0.0]
    steepest = [component / math.hypot(*gradient) for component in gradient]
    return {
        "D_u": along([float(Fraction(component)) for component in inputs["u"]]),
        "f_x": x.grad,
        "f_y": y.grad,
        "steepest direction": steepest,
        "steepest rate": along(steepest),
    }
