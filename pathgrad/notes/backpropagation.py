"""The chain rule through networks: two paths from h1, a neuron and its loss, and the formulas for any depth."""

# ruff: noqa: N806 (the names are those of the notes)

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from autograd import Value, dot, log, paths, sigmoid
from autograd import sum as total
from pathgrad.notes.example import Facts, Inputs, example
from pathgrad.notes.steps import difference, leaves, name, plain, provided


@example("nn-diamond-gradients")
def diamond(inputs: Inputs) -> Facts:
    """x_t → h1 → (h2, h3) → y → E: two paths from w1, one from each other weight."""
    x_t, y_t, w1, w2, w3, w4, w5 = leaves(inputs, "x_t", "y_t", "w1", "w2", "w3", "w4", "w5")
    s1 = name("s1", x_t * w1)
    h1 = name("h1", sigmoid(s1))
    s2 = name("s2", h1 * w2)
    h2 = name("h2", sigmoid(s2))
    s3 = name("s3", h1 * w3)
    h3 = name("h3", sigmoid(s3))
    s4 = name("s4", h2 * w4 + h3 * w5)
    y = name("y", +s4)  # a separate variable, because the notes write the factor ∂y/∂s4 = 1
    E = name("E", (y_t - y) ** 2 / 2)
    E.backward()
    weights = [w1, w2, w3, w4, w5]
    nodes = [x_t, y_t, *weights, s1, h1, s2, h2, s3, h3, s4, y, E]
    return {
        **{f"dE/d{w.label}": w.grad for w in weights},
        "nodes": {node.label: node for node in nodes},
        "paths": [paths(E, w) for w in weights],
    }


@example("bce-sigmoid-dz")
def cross_entropy_behind_sigmoid(inputs: Inputs) -> Facts:
    """L = -y log a - (1-y) log(1-a) of a = σ(wx + b)."""
    w, b = leaves(inputs, "w", "b")
    x, y = inputs["x"], inputs["y"]
    z = name("z", w * x + b)
    a = name("a", sigmoid(z))
    L = name("L", -y * log(a) - (1 - y) * log(1 - a))
    L.backward()
    slopes = {"dL/da": a.grad, "dL/dz": z.grad, "dL/dw": w.grad, "dL/db": b.grad}
    return {"a": a, **slopes, "paths": [paths(L, w), paths(L, b)]}


@example("single-neuron-logistic-gradients")
def single_neuron(inputs: Inputs) -> Facts:
    """A neuron with two inputs; ``dz`` is dL/dz, as in the code of the notes."""
    w1, w2, b = leaves(inputs, "w1", "w2", "b")
    x1, x2, t = inputs["x1"], inputs["x2"], inputs["t"]
    z = name("z", w1 * x1 + w2 * x2 + b)
    y = name("y", sigmoid(z))
    L = name("L", -(t * log(y) + (1 - t) * log(1 - y)))
    L.backward()
    return {
        "z": z,
        "y": y,
        "L": L,
        "dL/dy": y.grad,
        "dy/dz": paths(y, z).gradient,
        "dz": z.grad,
        "dw1": w1.grad,
        "dw2": w2.grad,
        "db": b.grad,
        "paths": [paths(L, leaf) for leaf in (w1, w2, b)],
    }


Weights = list[list[Value]]


@example("backprop-general-formulas")
def general_formulas(inputs: Inputs) -> Facts:
    """The notes' formulas for three layers of weights, compared with the sweep and with central differences."""
    rng, units = random.Random(inputs["seed"]), inputs["units"]
    x, t = ([rng.uniform(0, 1) for _ in range(n)] for n in (units[0], units[-1]))
    net = [[[Value(rng.uniform(-1, 1)) for _ in range(n)] for _ in range(m)] for n, m in pairwise(units)]

    def error() -> Value:
        o = activations(net, x)[-1]
        return name("E", 0.5 * total((t_k - o_k) ** 2 for t_k, o_k in zip(t, o, strict=True)))

    error().backward()
    deviations, formulas_hold = [], True
    for w, printed in printed_gradients(net, x, t):
        measured = difference(error, w)
        deviations += [abs(printed - measured), abs((w.grad or 0.0) - measured)]
        formulas_hold &= math.isclose(printed, w.grad or 0.0, rel_tol=1e-12)
    return {
        "largest deviation from central differences": max(deviations),
        "E": provided(formulas_hold, "0.5*sum_k (t_k-o_k)**2"),
    }


def activations(net: list[Weights], x: list[float]) -> list[list[Any]]:
    """The inputs, then the outputs of each layer of a sigmoid net."""
    layers: list[list[Any]] = [x]
    for weights in net:
        layers.append([sigmoid(dot(row, layers[-1])) for row in weights])
    return layers


def printed_gradients(net: list[Weights], x: list[float], targets: list[float]) -> Iterator[tuple[Value, float]]:
    """Every weight with dE/dw by the notes' formulas: p → i → j → k are the layers from the input to the output."""
    w_ip, w_ji, w_kj = net
    h_p, h_i, h_j, o_k = (list(map(plain, layer)) for layer in activations(net, x))
    d_k = [-(t - o) * o * (1 - o) for t, o in zip(targets, o_k, strict=True)]
    d_j = [dot(d_k, map(plain, w_j)) * h * (1 - h) for h, w_j in zip(h_j, zip(*w_kj, strict=True), strict=True)]
    d_i = [dot(d_j, map(plain, w_i)) * h * (1 - h) for h, w_i in zip(h_i, zip(*w_ji, strict=True), strict=True)]
    for weights, ds, hs in ((w_kj, d_k, h_j), (w_ji, d_j, h_i), (w_ip, d_i, h_p)):
        for row, d in zip(weights, ds, strict=True):
            yield from ((w, d * h) for w, h in zip(row, hs, strict=True))
