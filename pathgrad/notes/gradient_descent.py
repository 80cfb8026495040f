"""Gradient descent: the learning rate, local minima, and momentum."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from autograd import Value
from nn.optimizers import SGD, trajectory
from pathgrad.notes.example import Facts, Inputs, example
from pathgrad.notes.numerical_differences import bowl
from pathgrad.notes.steps import provided, slope, stationary_points


def quadratic(x: Any) -> Any:
    """The function of the notes' first tables, which print only its derivative 2x."""
    return x**2


def double_well(x: Any) -> Any:
    """Two minima; the one at x = 2 is local."""
    return (x - 2) ** 2 * (x + 3) ** 2 - 2 * (x - 2) ** 2


def descend(f: Callable[[Any], Any], inputs: Inputs, momentum: float = 0.0) -> list[float]:
    """From x_0 to x_n by the loop of the notes, where v is the last step."""
    options = {"lr": inputs["alpha"], "momentum": momentum, "velocity": True}
    visited: list[float] = trajectory(f, inputs["x0"], SGD, inputs["n"], **options).tolist()
    return visited


@example("gd-quadratic-1.5")
@example("gd-quadratic-0.4")
@example("gd-quadratic-0.001")
def descend_quadratic(inputs: Inputs) -> Facts:
    """A learning rate that is too large, a good one, and one that is too small."""
    return {"x": descend(quadratic, inputs)}


@example("gd-double-well-0.02")
@example("gd-double-well-0.02-reprint")
@example("gd-double-well-0.045")
def descend_double_well(inputs: Inputs) -> Facts:
    """One learning rate ends in the local minimum; the other leaves it but never converges."""
    return {"x": descend(double_well, inputs)}


@example("momentum-double-well")
def momentum(inputs: Inputs) -> Facts:
    """With momentum, the same small learning rate leaves the local minimum."""
    return {"x": descend(double_well, inputs, inputs["beta"])}


@example("gradient-descent-stability")
def stability(inputs: Inputs) -> Facts:
    """On x² a step multiplies x by 1 - α f'(1); it converges while that factor lies between -1 and 1."""

    def factor(alpha: float) -> float:
        return float(trajectory(quadratic, 1.0, SGD, 1, lr=abs(alpha), maximize=alpha < 0)[1])

    limit = 2 / slope(quadratic, 1.0)
    at_the_limits = abs(factor(0.0)) == abs(factor(limit)) == 1
    inside = all(abs(factor(limit * k / 100)) < 1 for k in range(1, 100))
    outside = all(abs(factor(alpha)) > 1 for alpha in (-0.01 * limit, 1.01 * limit))
    return {
        "factor": [factor(alpha) for alpha in inputs["alpha"]],
        "converges for": provided(at_the_limits and inside and outside, f"0<alpha<{limit:g}"),
    }


@example("double-well-critical-points")
def critical_points(inputs: Inputs) -> Facts:
    """The stationary points, their kinds, and the largest learning rate 2/f'' that converges there."""
    points = stationary_points(double_well, inputs["low"], inputs["high"])

    # f' = (x - 2)(a x² + b x + c): the coefficients follow from the engine's slopes at three points.
    at = {x: Fraction(slope(double_well, x)) / (x - 2) for x in (-1, 0, 1)}
    a, b, c = (at[1] + at[-1]) / 2 - at[0], (at[1] - at[-1]) / 2, at[0]
    curvatures = [slope(lambda x: (x - 2) * (float(a) * x**2 + float(b) * x + float(c)), x) for x in points]

    values = [float(double_well(x)) for x in points]
    return {
        "x": points,
        "x, exact": exact_roots(a, b, c, points),
        "f": values,
        "f''": curvatures,
        "type": [point_type(f, curvature, min(values)) for f, curvature in zip(values, curvatures, strict=True)],
        "largest alpha that converges": [2 / curvature if curvature > 0 else "(maximum)" for curvature in curvatures],
    }


def exact_roots(a: Fraction, b: Fraction, c: Fraction, points: list[float]) -> list[str]:
    """The roots of a x² + b x + c, and 2, by the notes' formula, compared with the points found."""
    b, c = b / a, c / a
    denominator = 2 * math.lcm(b.denominator, c.denominator)
    middle, radicand = -b / 2, (b * b - 4 * c) * denominator**2 / 4
    root = f"sqrt({radicand})/{denominator}"
    exact = {
        f"{middle} - {root}": float(middle) - math.sqrt(radicand) / denominator,
        f"{middle} + {root}": float(middle) + math.sqrt(radicand) / denominator,
        "2": 2.0,
    }
    return [
        provided(math.isclose(point, root, rel_tol=1e-12), text)
        for point, (text, root) in zip(points, exact.items(), strict=False)
    ]


def point_type(f: float, curvature: float, lowest: float) -> str:
    """The kind of a stationary point."""
    if curvature < 0:
        return "local maximum"
    return "global minimum" if f == lowest else f"local minimum (f={round(f, 9) + 0.0:g})"


@example("gradient-quadratic-bowl")
def bowl_gradient(inputs: Inputs) -> Facts:
    """The gradient of x²/20 + y² at the start of the notes' two-dimensional runs."""
    x, y = Value(inputs["x"], label="x"), Value(inputs["y"], label="y")
    f = bowl(x, y)
    f.backward()
    return {"f": f, "grad": [x.grad, y.grad]}


@example("gd-update-rule-2")
def update_rule(inputs: Inputs) -> Facts:
    """Both derivatives must be taken at the old point; check which update of the notes does that."""
    w0, w1, eta = inputs["w0"], inputs["w1"], inputs["eta"]

    def error(w0: Any, w1: Any) -> Any:
        return (w0 * w1 - 1) ** 2  # the weights are multiplied, so that the order matters

    def d0(w0: float, w1: float) -> float:
        return slope(lambda w: error(w, w1), w0)

    def d1(w0: float, w1: float) -> float:
        return slope(lambda w: error(w0, w), w1)

    rule = [w0 - eta * d0(w0, w1), w1 - eta * d1(w0, w1)]  # as the notes write it

    simultaneous = trajectory(error, [w0, w1], SGD, 1, lr=eta)[1].tolist()

    new_w0 = w0 - eta * d0(w0, w1)
    in_turn = [new_w0, w1 - eta * d1(new_w0, w1)]
    return {"rule": provided(simultaneous == rule != in_turn, "simultaneous update")}


@example("gd-print-statement-bug")
def print_statement(inputs: Inputs) -> Facts:
    """Run the notes' line, and the line that they mean."""
    row = (0, inputs["xp"])
    try:
        result = inputs["template"] % row
    except TypeError as error:
        result = f"TypeError: {error}"
    mended = inputs["template"].replace("0", "%i")
    return {
        "result": result,
        "correct": provided(mended % row == f"x_{row[0]} = {row[1]}", f'print("{mended}" %(0, xp))'),
    }
