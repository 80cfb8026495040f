"""Figures of functions of one variable and their slopes: differences, tangents, activations, and sums of ReLUs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd
from autograd import elementwise_grad, maximum, relu, sigmoid
from pathgrad.figures.canvas import BLUE, GREEN, GREY, INK, RED, Grid, dress, numbers, panels, series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "ACTIVATION_CURVES",
    "RELU_UNITS",
    "activation",
    "activations",
    "cross_entropy",
    "cubic",
    "difference_errors",
    "difference_orders",
    "relu_approximation",
    "relu_sum",
    "tangent",
]

Function = Callable[[Any], Any]


def cubic(x: Any) -> Any:
    """4x³ - 2x² - 7x + 1, the function that the notes differentiate numerically."""
    return 4 * x**3 - 2 * x**2 - 7 * x + 1


# ---------------------------------------------------------------------------------------------------------------------
# Numerical differences, tangents and secants
# ---------------------------------------------------------------------------------------------------------------------

_DIFFERENCES: dict[str, dict[str, Any]] = {
    "forward": {"color": BLUE, "linewidth": 5.0, "alpha": 0.4},  # broad, so that the backward one shows on top of it
    "backward": {"color": RED, "linestyle": "--"},
    "central": {"color": GREEN},
}


def difference_errors(f: Function = cubic, low: float = -2.0, high: float = 2.0, h: float = 1e-4) -> Grid:
    """The errors of numerical differences over x (notes: numerical derivatives).

    The errors of the forward and backward differences grow with |f″| and are of order h.  The error of the central
    difference is of order h² and far smaller: for the notes' cubic it is 4h² = 4·10⁻⁸ at every x.  The others can be
    better only where f″ vanishes, near x = 1/6.

    The numbers are computed by :func:`autograd.difference_errors`.

    Args:
        f: a function of one number.
        low: the smallest x.
        high: the largest x.
        h: the step of the differences.

    Returns:
        An array of two axes: the errors, and their absolute values on a logarithmic scale.
    """
    xs = np.linspace(low, high, 401)
    rows = autograd.difference_errors(f, xs, h)
    axes = series(2, sharex=True)
    for name, style in _DIFFERENCES.items():
        errors = np.array([getattr(row, name) for row in rows])
        axes[0].plot(xs, errors, label=name, **style)
        axes[1].plot(xs, abs(errors), label=name, **style)
    axes[1].set_yscale("log")
    dress(axes[0], f"{_formula(f)}, h = {h:g}", "x", "difference quotient - f′(x)")
    dress(axes[1], "The same, absolute values", "x", "|error|, logarithmic", legend=None)
    return axes


def difference_orders(f: Function = cubic, x: float = 1.0, ax: Axes | None = None) -> Axes:
    """The errors of numerical differences over the step h (notes: numerical derivatives).

    On logarithmic scales, the forward and backward differences fall with slope 1, which means O(h), and the central
    difference with slope 2, which means O(h²).  For very small steps rounding dominates, which grows as 1/h.

    Args:
        f: a function of one number.
        x: the point.
        ax: axes to draw on, instead of new ones.
    """
    ax = ax or panels()[0, 0]
    steps = np.logspace(-12, -0.5, 93)
    rows = [autograd.difference_errors(f, [x], h)[0] for h in steps]
    for name, style in _DIFFERENCES.items():
        errors = np.array([abs(getattr(row, name)) for row in rows])
        ax.plot(steps, np.where(errors, errors, np.nan), label=name, **style)
    ax.set_xscale("log")
    ax.set_yscale("log")
    return dress(ax, f"{_formula(f)}, at x = {x:g}", "step h", "|difference quotient - f′(x)|", legend="lower right")


def tangent(f: Function = cubic, x0: float = 1.0, step: float = 0.5, ax: Axes | None = None) -> Axes:
    """A function, its tangent y = f′(x₀)(x - x₀) + y₀ and a secant (notes: the slope of the tangent).

    Near x₀ the tangent approximates the function, Δy ≈ f′(x₀)Δx.  The secant through x₀ and x₀ + h, whose slope is the
    forward difference, approaches the tangent as h shrinks.

    Args:
        f: a function of one number.
        x0: the point of the tangent.
        step: the step h of the secant.
        ax: axes to draw on, instead of new ones.
    """
    ax = ax or panels()[0, 0]
    y0, slope = autograd.value_and_grad(f)(float(x0))
    xs = np.linspace(x0 - 2 * step, x0 + 2 * step, 201)
    secant = autograd.forward_difference(f, float(x0), step)
    ax.plot(xs, numbers(f(xs)), color=INK, label=_formula(f))
    ax.plot(xs, slope * (xs - x0) + y0, color=BLUE, label=f"tangent, slope f′({x0:g}) = {slope:.4g}")
    ax.plot(xs, secant * (xs - x0) + y0, "--", color=RED, label=f"secant, h = {step:g}, slope {secant:.4g}")
    ax.plot([x0, x0 + step], numbers([y0, f(x0 + step)]), "o", color=RED)
    return dress(ax, f"Tangent and secant at x₀ = {x0:g}", "x", "f(x)")


def _formula(f: Function) -> str:
    return "f(x) = 4x³ - 2x² - 7x + 1" if f is cubic else "f(x)"


# ---------------------------------------------------------------------------------------------------------------------
# Activations
# ---------------------------------------------------------------------------------------------------------------------

ACTIVATION_CURVES: dict[str, Function] = {
    "sigmoid(z)": sigmoid,
    "tanh(z)": autograd.tanh,
    "ReLU: max(0, z)": relu,
    "leaky ReLU: max(0.1z, z)": lambda z: autograd.leaky_relu(z, 0.1),
    "ELU: z, or exp(z) - 1 below 0": autograd.elu,
    "maxout: max(-z/2, z - 1)": lambda z: maximum(-0.5 * z, z - 1.0),
}
"""The activations of the notes by name."""


def activation(
    f: Function, name: str | None = None, low: float = -5.0, high: float = 5.0, ax: Axes | None = None
) -> Axes:
    """A function and its slope; the line of the slope is interrupted where it jumps.

    Args:
        f: an elementwise function, such as the activations of :mod:`autograd`.
        name: the title; by default the name of the function.
        low: the smallest z.
        high: the largest z.
        ax: axes to draw on, instead of new ones.

    >>> ax = activation(autograd.softplus)
    >>> axis, value, slope = ax.get_lines()
    >>> float(slope.get_ydata()[400])  # the slope of softplus is the sigmoid, and sigmoid(0) = 1/2
    0.5
    """
    ax = ax or panels()[0, 0]
    zs = np.linspace(low, high, 801)
    slopes = elementwise_grad(f)(zs)
    jumps = abs(np.diff(slopes)) > 0.05 * (1.0 + np.ptp(slopes))  # between neighbours on the grid
    ax.axhline(0.0, color=GREY, linewidth=0.8)
    ax.plot(zs, numbers(f(zs)), color=BLUE, label="value")
    ax.plot(zs, np.where(np.append(jumps, False), np.nan, slopes), "--", color=RED, label="slope")
    return dress(ax, name or getattr(f, "__name__", None) or str(f), "z", "g(z), g′(z)")


def activations(functions: Mapping[str, Function] = ACTIVATION_CURVES) -> Grid:
    """Activation functions and their slopes (notes: activation functions).

    The slope of the sigmoid is at most 1/4 and that of tanh at most 1; far from 0 both vanish, because the functions
    are saturated.  ReLU and its variants have the slope 1 for all z > 0.

    Args:
        functions: the functions by title.

    Returns:
        An array of axes, one for each function, three in a row.
    """
    axes = series(len(functions), 3, size=(3.9, 3.0))
    for ax, (name, function) in zip(axes, functions.items(), strict=True):
        activation(function, name, ax=ax)
    return axes


def cross_entropy() -> Grid:
    """Squared error and cross entropy of a sigmoid neuron whose target is 1, and their slopes (notes: loss functions).

    With a = σ(z), the slope of ½(1 - a)² is -(1 - a)·a(1 - a): nearly 0 where the neuron is completely wrong, at z far
    below 0.  The slope of -log a is a - 1: the more wrong the neuron, the steeper the loss, with a slope of at most 1.
    """
    losses: dict[str, Function] = {
        "Squared error ½(1 - σ(z))²": lambda z: 0.5 * (1 - sigmoid(z)) ** 2,
        "Cross entropy -log σ(z)": lambda z: autograd.softplus(-z),
    }
    axes = series(2)
    for ax, (name, loss) in zip(axes, losses.items(), strict=True):
        activation(loss, name, ax=ax)
        ax.set_ylabel("loss, and its slope in z")
    return axes


# ---------------------------------------------------------------------------------------------------------------------
# Sums of ReLUs
# ---------------------------------------------------------------------------------------------------------------------

Unit = tuple[float, float, float]

RELU_UNITS: tuple[Unit, ...] = (
    (-1.0, -5.0, -7.7),
    (-1.0, -1.2, -1.3),
    (-1.0, 1.2, 1.0),
    (1.0, 1.2, -0.2),
    (1.0, 2.0, -1.1),
    (1.0, 5.0, -5.0),
)
"""The six units of the notes as (v, w, b); each adds v·ReLU(wx + b)."""


def relu_sum(x: Any, units: Sequence[Unit] = RELU_UNITS) -> Any:
    """The output of a layer of ReLUs, the sum of v·ReLU(wx + b) over its units.

    >>> round(relu_sum(-2.0), 10), round(relu_sum(0.5), 10)
    (-3.4, -1.2)
    """
    total = 0.0
    for v, w, b in units:
        total = total + v * relu(w * x + b)
    return total


def relu_approximation(
    units: Sequence[Unit] = RELU_UNITS,
    target: Function = lambda x: x**3 + x**2 - x - 1,
    target_name: str = "x³ + x² - x - 1",
    low: float = -2.0,
    high: float = 2.0,
) -> Grid:
    """A curve approximated by ReLUs (notes: non-linear functions from activations).

    Six units give seven straight pieces, with a kink where each unit starts.  Up to x = 1.6 the curve is within 0.44 of
    x³ + x² - x - 1; from x = 1 on it is straight, and the cubic departs from it, by 2.3 at x = 2.

    Args:
        units: (v, w, b) for each v·ReLU(wx + b).
        target: the curve to approximate.
        target_name: the formula of the target, for the legend.
        low: the smallest x.
        high: the largest x.

    Returns:
        An array of three axes: the units one by one, their sum with the target, and the difference of the two.
    """
    xs = np.linspace(low, high, 801)
    axes = series(3, size=(4.0, 3.4), sharex=True)
    for i, (v, w, b) in enumerate(units):
        dashes = "-" if v > 0 else "--"
        axes[0].plot(xs, v * relu(w * xs + b), dashes, color=_shade(i, len(units)), label=_unit_name(v, w, b))
    axes[1].plot(xs, target(xs), color=GREY, linewidth=3.0, alpha=0.6, label=target_name)
    axes[1].plot(xs, relu_sum(xs, units), color=BLUE, label=f"sum of {len(units)} ReLUs")
    kinks = np.array([-b / w for _, w, b in units if w and low <= -b / w <= high])
    axes[1].plot(kinks, relu_sum(kinks, units), "o", color=BLUE, markersize=4, label="kinks")
    axes[2].axhline(0.0, color=GREY, linewidth=0.8)
    axes[2].plot(xs, relu_sum(xs, units) - target(xs), color=RED)
    dress(axes[0], "The units", "x", "v·ReLU(wx + b)")
    dress(axes[1], "Their sum", "x", "y")
    dress(axes[2], "Sum minus target", "x", "error")
    return axes


def _unit_name(v: float, w: float, b: float) -> str:
    factor = {1.0: "+", -1.0: "-"}.get(v, f"{v:+g}·")
    return f"{factor}ReLU({w:g}x {'-' if b < 0 else '+'} {abs(b):g})"


def _shade(i: int, n: int) -> Any:
    """Colour i of n, from dark to light, so that the lines differ in brightness as well."""
    from matplotlib import colormaps

    return colormaps["viridis"](0.05 + 0.8 * i / max(1, n - 1))
