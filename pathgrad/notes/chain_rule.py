"""Composite functions: draw the graph of the named variables, differentiate along each path, add."""

# ruff: noqa: N806 (the names are those of the notes)

from __future__ import annotations

import math
from collections.abc import Sequence

from autograd import Value, dot, exp, paths, sin, sqrt
from autograd import sum as total
from pathgrad.notes.example import Facts, Inputs, example
from pathgrad.notes.steps import leaves, name, provided


@example("chain-rule-single-path")
def single_path(inputs: Inputs) -> Facts:
    """w → v → x → y."""
    [w] = leaves(inputs, "w")
    v = name("v", exp(w))
    x = name("x", v**2)
    y = name("y", 1 / x)
    y.backward()
    return {"v": v, "x": x, "y": y, "dy/dw": w.grad, "paths": [paths(y, w)]}


@example("chain-rule-two-paths")
def two_paths(inputs: Inputs) -> Facts:
    """v → x → y and v → t → y."""
    [v] = leaves(inputs, "v")
    x = name("x", v**2)
    t = name("t", exp(v))
    y = name("y", 1 / (x + t))
    y.backward()
    return {"t": t, "x": x, "y": y, "dy/dv": v.grad, "paths": [paths(y, v)]}


@example("chain-rule-four-paths")
def four_paths(inputs: Inputs) -> Facts:
    """From w to y through x or t, directly or by way of v."""
    [w] = leaves(inputs, "w")
    v = name("v", exp(w))
    x = name("x", v**2 + w)
    t = name("t", sin((w + v) * math.pi))
    y = name("y", 1 / (x + t))
    y.backward()
    return {"v": v, "t": t, "x": x, "y": y, "dy/dw": w.grad, "paths": [paths(y, w)]}


@example("chain-rule-two-parameters")
def two_parameters(inputs: Inputs) -> Facts:
    """z(x, y) with x(t, u) and y(t, u): two paths to each parameter."""
    t, u = leaves(inputs, "t", "u")
    x = name("x", t + u)
    y = name("y", t * u)
    z = name("z", x**2 * y)
    z.backward()
    slopes = {"dz/dx": x.grad, "dz/dy": y.grad, "dz/dt": t.grad, "dz/du": u.grad}
    return {"x": x, "y": y, "z": z, **slopes, "paths": [paths(z, t), paths(z, u)]}


@example("affine-collapse-000")
def affine_collapse(inputs: Inputs) -> Facts:
    """An affine function of an affine function has the same slope everywhere: it is affine."""
    values, slopes = {}, set()
    for at in map(float, inputs["a"]):
        a = Value(at, label="a")
        b = name("b", 3 * a + 2)
        c = name("c", 5 * b + 4)
        c.backward()
        values[at] = c.data
        slopes.add(a.grad)
    formula = provided(len(slopes) == 1, f"{a.grad:g}*a + {values[0.0]:g}")
    return {"c": formula, "dc/da": a.grad, "c at a = 1": values[1.0], "paths": [paths(c, a)]}


@example("linear-collapse-004")
def linear_collapse(inputs: Inputs) -> Facts:
    """Two layers without activation are one: w' is the slope, b' the value at x = 0."""
    w1, b1, w2, b2 = leaves(inputs, "w1", "b1", "w2", "b2")
    x = Value(0.0, label="x")
    a1 = name("a1", w1 * x + b1)
    a2 = name("a2", w2 * a1 + b2)
    a2.backward()
    return {"w'": x.grad, "b'": a2}


@example("linear-model-gradient")
def linear_model_gradient(inputs: Inputs) -> Facts:
    """The gradient of the sum of squares of a linear model on the notes' table, compared with the notes' formula."""
    rows = [([1.0, *x], t) for x, t in zip(inputs["x"], inputs["t"], strict=True)]  # x_0 = 1

    def gradient(w: Sequence[float]) -> list[float]:
        weights = [Value(number, label=f"w{i}") for i, number in enumerate(w)]
        E = name("E", total((t - dot(weights, x)) ** 2 for x, t in rows))
        E.backward()
        return [weight.grad or 0.0 for weight in weights]

    def printed(w: Sequence[float]) -> list[float]:
        return [sum(-2 * (t - dot(w, x)) * x[i] for x, t in rows) for i in range(len(w))]

    holds = all(gradient(w) == printed(w) for w in (inputs["w"], [1.0, -2.0, 3.0], [-0.5, 0.25, 4.0]))
    return {"formula": provided(holds, "sum -2*(t-y)*x_i"), "at w = 0": gradient(inputs["w"])}


@example("momentum-magnitude-feature")
def momentum_magnitude(inputs: Inputs) -> Facts:
    """A derived feature, the length of a momentum, and its slope in each component."""
    p1, p2, p3 = (Value(x, label=f"p{i}") for i, x in enumerate(inputs["p"], start=1))
    p = name("p", sqrt(p1**2 + p2**2 + p3**2))
    p.backward()
    return {"p": p, "grad": [p1.grad, p2.grad, p3.grad]}
