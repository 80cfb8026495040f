"""Activation functions: their values and slopes, their saturation, and a cubic approximated by six ReLU units."""

# ruff: noqa: N802 (the names are those of the notes)

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

from autograd import (
    Value,
    affine,
    backward_difference,
    elu,
    exp,
    forward_difference,
    leaky_relu,
    maximum,
    paths,
    relu,
    sigmoid,
    tanh,
)
from pathgrad.notes.example import Facts, Inputs, example
from pathgrad.notes.steps import leaves, linear, name, provided, slope, stationary_points

Function = Callable[[Any], Any]


def values_and_slopes(g: Function, zs: list[str]) -> Facts:
    """The table of an activation function."""
    return {
        "value": {z: g(Value(float(z), label="z")) for z in zs},
        "derivative": {z: slope(g, float(z)) for z in zs},
    }


@example("activation-sigmoid")
def sigmoid_table(inputs: Inputs) -> Facts:
    """The sigmoid, written out as in the notes."""

    def g(z: Any) -> Any:
        return 1 / (1 + exp(-z))

    return {**values_and_slopes(g, inputs["z"]), "g'(0)": slope(g, 0.0)}


@example("activation-tanh")
def tanh_table(inputs: Inputs) -> Facts:
    """tanh, written out as in the notes."""
    return values_and_slopes(lambda z: (exp(z) - exp(-z)) / (exp(z) + exp(-z)), inputs["z"])


@example("activation-relu")
def relu_table(inputs: Inputs) -> Facts:
    """ReLU; at its kink the one-sided slopes differ, and any value between them is a subgradient."""
    left, right = backward_difference(relu, 0.0), forward_difference(relu, 0.0)
    kinked = left < right and left <= slope(relu, 0.0) <= right
    return {
        **values_and_slopes(relu, inputs["z"]),
        "g'(0)": provided(kinked, f"undefined; any value in [{left:g},{right:g}] is a subgradient"),
    }


@example("activation-leaky-relu-0.1")
@example("activation-leaky-relu-0.01")
def leaky_relu_table(inputs: Inputs) -> Facts:
    """Leaky ReLU, max(slope z, z)."""
    return values_and_slopes(lambda z: leaky_relu(z, float(inputs["slope"])), inputs["z"])


@example("activation-elu")
def elu_table(inputs: Inputs) -> Facts:
    """ELU, α(e^z - 1) below zero."""
    return values_and_slopes(lambda z: elu(z, float(inputs["alpha"])), inputs["z"])


@example("activation-maxout")
def maxout(inputs: Inputs) -> Facts:
    """The larger of two affine branches; only that branch gets a gradient."""
    w1, w2, x = ([Value(number, label=key) for number in inputs[key]] for key in ("w1", "w2", "x"))
    b1, b2 = leaves(inputs, "b1", "b2")
    branch1 = name("branch1", affine(w1, x, b1))
    branch2 = name("branch2", affine(w2, x, b2))
    y = name("maxout", maximum(branch1, branch2))
    y.backward()
    return {
        "branch1": branch1,
        "branch2": branch2,
        "value": y,
        "active": "branch 1" if branch1.grad else "branch 2",
        "dmaxout/dw1": [w.grad for w in w1],
        "dmaxout/dw2": [w.grad for w in w2],
        "dmaxout/dx": [x_i.grad for x_i in x],
    }


@example("activation-centre")
def centre(inputs: Inputs) -> Facts:
    """The values of both functions at 0."""
    [z] = leaves(inputs, "z")
    return {f"sigmoid({inputs['z']})": sigmoid(z), f"tanh({inputs['z']})": tanh(z)}


@example("activation-saturation")
def saturation(inputs: Inputs) -> Facts:
    """The slopes of both functions far from zero, which are almost 0."""
    return {f"{g.name}'": {str(z): slope(g, z) for z in inputs["z"]} for g in (sigmoid, tanh)}


# ---------------------------------------------------------------------------------------------------------------------
# The vanishing gradient
# ---------------------------------------------------------------------------------------------------------------------


@example("sigmoid-max-slope")
def largest_sigmoid_slope(inputs: Inputs) -> Facts:
    """The maximum of the slope by the notes' formula a(1 - a); the engine computes the slope there."""
    low, high = inputs["low"], inputs["high"]
    flat = stationary_points(lambda z: sigmoid(z) * (1 - sigmoid(z)), low, high)
    largest, where = max((slope(sigmoid, z), z) for z in (low, *flat, high))
    return {"largest slope": largest, "at x": where}


@example("vanishing-quarter-power")
def quarter_powers(inputs: Inputs) -> Facts:
    """The largest gradient through n sigmoids in a row: each is evaluated at 0, where its slope is largest."""

    def steepest_chain(n: int) -> Function:
        def chain(z: Any) -> Any:
            for _ in range(n):
                z = sigmoid(z) - 0.5  # centred, so that the next one is evaluated at 0 as well
            return z

        return chain

    return {str(n): slope(steepest_chain(n), 0.0) for n in inputs["n"]}


@example("sigmoid-derivative-wrt-weight")
def slope_in_the_weight(inputs: Inputs) -> Facts:
    """σ(s) with s = wx: the slope in s is at most 1/4, the slope in w is x times that."""
    w, x = leaves(inputs, "w", "x")
    s = name("s", w * x)
    sigmoid(s).backward()
    return {"dsigma/ds": s.grad, "dsigma/dw": w.grad}


@example("vanishing-chain-depth")
def chain_depth(inputs: Inputs) -> Facts:
    """The gradients through 1, 2, … sigmoids, and through as many ReLUs."""
    n = inputs["n"]

    def through(activation: Function, depth: int) -> tuple[Value, float | None]:
        h_0 = h = Value(inputs["h_0"], label="h0")
        for k in range(1, depth + 1):
            h = name(f"h{k}", activation(h))
        h.backward()
        return h, h_0.grad

    return {
        "h_n, dh_n/dh_0": [through(sigmoid, depth) for depth in range(1, n + 1)],
        f"bound (1/4)^{n}": slope(sigmoid, 0.0) ** n,
        "relu": through(relu, n)[1],
    }


# ---------------------------------------------------------------------------------------------------------------------
# Six ReLU units approximate a cubic
# ---------------------------------------------------------------------------------------------------------------------


def units(x: Any) -> list[Any]:
    """The inputs of the six units."""
    return [-5 * x - 7.7, -1.2 * x - 1.3, 1.2 * x + 1, 1.2 * x - 0.2, 2 * x - 1.1, 5 * x - 5]


def Z(x: Any) -> Any:
    """The sum of their outputs."""
    n1, n2, n3, n4, n5, n6 = map(relu, units(x))
    return -n1 - n2 - n3 + n4 + n5 + n6


def target(x: Any) -> Any:
    """The target."""
    return x**3 + x**2 - x - 1


@example("relu-basis-six")
def relu_basis(inputs: Inputs) -> Facts:
    """Z and its target, the kinks and the straight pieces between them, and the largest deviation."""
    x = Value(0.0, label="x")
    kinks = sorted(-unit.data / paths(unit, x).gradient for unit in units(x))
    facts: Facts = {
        "Z": {x: Z(Value(float(x), label="x")) for x in inputs["x"]},
        "x^3 + x^2 - x - 1": {x: target(float(x)) for x in inputs["x"]},
        "kinks": kinks,
        "pieces": [piece(low, high) for low, high in pairwise([-math.inf, *kinks, math.inf])],
    }
    facts["largest error on [-2, 2]"], facts["at x"] = largest_error(-2.0, 2.0, kinks)
    facts["largest error on [-1.5, 1.5]"], facts["there at x"] = largest_error(-1.5, 1.5, kinks)
    facts["largest error on [-2, 1.6]"], _ = largest_error(-2.0, 1.6, kinks)
    return facts


def piece(low: float, high: float) -> str:
    """Z between two kinks, evaluated in the middle: ``1/6..0.55: -1.2``."""
    x = (max(low, -9.0) + min(high, 9.0)) / 2
    k = slope(Z, x)
    if low == -math.inf:
        interval = f"x<{_exact(high)}"
    elif high == math.inf:
        interval = f"x>{_exact(low)}"
    else:
        interval = f"{_exact(low)}..{_exact(high)}"
    return f"{interval}: {linear(k, Z(x) - k * x)}"


def _exact(x: float) -> str:
    """A number as a short decimal if possible, otherwise as a fraction."""
    fraction = Fraction(x).limit_denominator(1000)
    return f"{x:g}" if 100 % fraction.denominator == 0 else str(fraction)


def largest_error(low: float, high: float, kinks: list[float]) -> tuple[float, float]:
    """The largest |Z - target| and its place: an end, a kink, or a point where the slopes agree."""

    def error(x: Any) -> Any:
        return Z(x) - target(x)

    corners = [low, *(kink for kink in kinks if low < kink < high), high]
    smooth = [x for a, b in pairwise(corners) for x in stationary_points(error, a, b, cells=16)]
    return max((abs(error(x)), x) for x in corners + smooth)
