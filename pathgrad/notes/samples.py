"""Learning from samples: their number, the loss of several samples, ten classes, and batches."""

# ruff: noqa: N802, N803, N806 (the names are those of the notes)

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from autograd import Tensor, Value, exp, sigmoid
from nn.data import steps_per_epoch
from nn.layers import Flatten
from nn.losses import binary_cross_entropy, categorical_cross_entropy, mse_loss
from nn.neuron import Neuron
from nn.optimizers import SGD, trajectory
from pathgrad.notes.example import Facts, Inputs, example
from pathgrad.notes.steps import close, leaves, provided
from pathgrad.notes.tables import digit_probabilities, line_points

# ---------------------------------------------------------------------------------------------------------------------
# The number of samples
# ---------------------------------------------------------------------------------------------------------------------


@example("curse-of-dimensionality")
def curse_of_dimensionality(inputs: Inputs) -> Facts:
    """A grid over the unit cube, with the spacing d along each axis."""
    d, n = inputs["d"], inputs["n"]
    grid = product(np.arange(0.0, 1.0, d), repeat=n)
    return {"points": sum(1 for _ in grid), "d^n as scanned": d**n}


@example("hoeffding-bound")
def hoeffding(inputs: Inputs) -> Facts:
    """The bound as printed, and with the factor 2; without the factor it fails for a single toss of a coin."""

    def printed(eps: float, N: int, N_hyp: int = 1) -> float:
        bound: float = N_hyp * exp(-2 * eps**2 * N)
        return bound

    as_printed = printed(inputs["eps"], inputs["N"], inputs["N_hyp"])
    eps, N = inputs["coin"]["eps"], inputs["coin"]["N"]
    far = sum(math.comb(N, heads) for heads in range(N + 1) if abs(Fraction(heads, N) - Fraction(1, 2)) > eps)
    return {
        "as printed": as_printed,
        "for both sides": 2 * as_printed,
        "coin": {"P": far / 2**N, "as printed": printed(eps, N), "for both sides": 2 * printed(eps, N)},
    }


# ---------------------------------------------------------------------------------------------------------------------
# Several samples at once
# ---------------------------------------------------------------------------------------------------------------------


@example("line-fit-mse")
def line_fit(inputs: Inputs) -> Facts:
    """The line of least squares, by gradient descent."""
    xs, ys = line_points()

    def L(a: Any, b: Any) -> Any:
        return mse_loss([a * x + b for x in xs], ys)

    a, b = trajectory(L, (0.0, 0.0), SGD, inputs["n"], lr=inputs["alpha"])[-1].tolist()
    at_zero = [Value(0.0, label="a"), Value(0.0, label="b")]
    L(*at_zero).backward()
    return {"a": a, "b": b, "L": L(Value(a), Value(b)), "gradient at (0, 0)": [leaf.grad for leaf in at_zero]}


@example("cost-two-samples-mean")
def mean_cost(inputs: Inputs) -> Facts:
    """The gradient of the mean of two losses is the mean of their gradients."""
    neuron = Neuron(2, "sigmoid", init=lambda shape, rng: inputs["w"])

    def dw1(*samples: int) -> float:
        neuron.zero_grad()
        outputs = [neuron(inputs["x"][i]) for i in samples]
        binary_cross_entropy(outputs, [inputs["t"][i] for i in samples]).backward()
        gradient: float = neuron.weights[0].grad
        return gradient

    both, first, second = dw1(0, 1), dw1(0), dw1(1)
    holds = close([both], [(first + second) / 2])
    return {"dw1_1": first, "dw1_2": second, "dJ/dw1": both, "dw1": provided(holds, "1/2*(dw1_1+dw1_2)")}


@example("two-sample-gradient-sum")
def summed_error(inputs: Inputs) -> Facts:
    """The gradient of a sum of errors is the sum that separate sweeps accumulate in the leaves."""
    weights = w1, w2 = leaves(inputs, "w1", "w2")

    def NN(x: float) -> Any:
        return w2 * sigmoid(w1 * x)

    def gradient(*sweeps: list[int]) -> list[float]:
        for w in weights:
            w.grad = None
        for samples in sweeps:
            outputs, targets = [NN(inputs["x"][i]) for i in samples], [inputs["t"][i] for i in samples]
            mse_loss(outputs, targets, reduction="sum").backward()
        return [w.grad or 0.0 for w in weights]

    together, in_turn = gradient([0, 1]), gradient([0], [1])
    return {
        "dE/dw": together,
        "dE1/dw": gradient([0]),
        "dE2/dw": gradient([1]),
        "statement": provided(close(together, in_turn), "true (linearity)"),
    }


# ---------------------------------------------------------------------------------------------------------------------
# Ten classes, and batches
# ---------------------------------------------------------------------------------------------------------------------


@example("digit-probabilities")
def digits(inputs: Inputs) -> Facts:
    """The output of a network for an image, and its loss; a probability of 0 for a wrong class costs nothing."""
    y = Tensor(digit_probabilities(), label="y")
    label = int(np.argmax(y.numpy()))
    L = categorical_cross_entropy(y, label)
    L.backward()
    [features] = Flatten(start_dim=0)(np.zeros(inputs["image"])).shape
    return {
        "sum": y.sum(),
        "likeliest": label,
        f"cross entropy if the label is {label}": L,
        "dL/dy": y.grad.tolist(),
        "features": features,
    }


@example("epoch-arithmetic")
def epoch(inputs: Inputs) -> Facts:
    """The number of minibatches in an epoch."""
    return {"iterations": steps_per_epoch(inputs["N"], inputs["batch"])}
