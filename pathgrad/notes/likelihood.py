"""Likelihood: how probable the data are, why its logarithm is minimised, and where sigmoid and softmax come from."""

# ruff: noqa: N802, N806 (the names are those of the notes)

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product
from typing import Any

from autograd import Value, exp, hessian, log, paths, prod, sigmoid, softmax
from autograd import sum as total
from nn.losses import binary_cross_entropy, categorical_cross_entropy
from pathgrad.notes.example import Facts, Inputs, example
from pathgrad.notes.steps import close, leaves, name, provided, slope, stationary_points
from pathgrad.notes.tables import apples, likelihood_points


@example("logistic-likelihood-loss")
def logistic_likelihood(inputs: Inputs) -> Facts:
    """The probability of each label, and minus the logarithm of their product, which is the cross entropy."""
    w, b = leaves(inputs, "w", "b")
    x, y = likelihood_points()
    outputs = [sigmoid(w * x_k + b) for x_k in x]
    P = [output if y_k else 1 - output for output, y_k in zip(outputs, y, strict=True)]
    likelihood = prod(P)
    loss, sum_form = -log(likelihood), binary_cross_entropy(outputs, y, reduction="sum")
    slopes = [paths(form, w).gradient for form in (loss, sum_form)]
    return {"P": P, "prod": likelihood, "loss": loss, "as a sum": sum_form, "dloss/dw": slopes}


def two_of_five(w: Any) -> Any:
    """The probability of the notes' two apples and three oranges, if w is the share of apples."""
    return prod([w if apple else 1 - w for apple in apples()])


@example("minimise-log-of-minus-product")
def log_of_minus_product(inputs: Inputs) -> Facts:
    """The minimum of -prod P is that of -log(prod P); log(-prod P) is undefined."""
    low, high = inputs["low"], inputs["high"]

    def lowest(f: Callable[[Any], Any]) -> float:
        places: list[float] = [low, *stationary_points(f, low, high), high]
        return min(places, key=f)

    return {
        "argmin -prod P": lowest(lambda w: -two_of_five(w)),
        "argmin -log(prod P)": lowest(lambda w: -log(two_of_five(w))),
        "log(-prod P)": provided(all(has_no_log(-two_of_five(w)) for w in (low, high)), "undefined, since -prod P < 0"),
    }


def has_no_log(x: float) -> bool:
    """Whether the engine refuses the logarithm."""
    try:
        log(Value(x, label="x"))
    except ValueError:
        return True
    return False


@example("log-properties")
def log_properties(inputs: Inputs) -> Facts:
    """The function that turns products into sums, and its values at the probabilities 1 and 0."""
    xs = [float(x) for x in inputs["x"]]
    pairs = list(product(xs, repeat=2))
    sums = close([log(a * b) for a, b in pairs], [log(a) + log(b) for a, b in pairs])
    small = [10.0**-k for k in range(300)]
    falls = close([log(p) - log(p / 10) for p in small], [log(10.0)] * len(small))
    return {
        "log(1)": log(Value(1.0)),
        "log(x1*x2)": provided(sums, "log x1 + log x2"),
        "x1<x2": provided(all(slope(log, x) > 0 for x in xs), "log x1 < log x2"),
        "log(0)": provided(falls and has_no_log(0.0), "-inf as a limit, and the loss +inf"),
    }


@example("likelihood-two-apples")
def two_apples(inputs: Inputs) -> Facts:
    """log P is log(n over k) minus the cross entropy of the draws; it has its maximum at w = k/n."""
    draws = apples()
    ways = math.comb(len(draws), int(draws.sum()))

    def log_P(w: Any) -> Any:
        return math.log(ways) - binary_cross_entropy([w] * len(draws), draws, reduction="sum")

    [w] = stationary_points(log_P, 0.0, 1.0)
    return {
        "w": w,
        "P at w": exp(log_P(w)),
        "log P at w": log_P(w),
        "d2logP/dw2": hessian(log_P)(w),
        "dlogP/dw at 0.5": slope(log_P, 0.5),
    }


@example("bernoulli")
def bernoulli(inputs: Inputs) -> Facts:
    """exp(-cross entropy) is the probability of the label; for several classes it is not a product over classes."""

    def P(t: int, y: float) -> float:
        return float(exp(-binary_cross_entropy(y, t)))

    ys, classes = ([float(y) for y in inputs[key]] for key in ("y", "classes"))
    labels = [[float(i == k) for i in range(len(classes))] for k in range(len(classes))]
    printed = [exp(-binary_cross_entropy(classes, t, reduction="sum")) for t in labels]
    right = [exp(-categorical_cross_entropy(classes, t)) for t in labels]
    return {
        "P(1|x)": provided(close([P(1, y) for y in ys], ys), "y"),
        "P(0|x)": provided(close([P(0, y) for y in ys], [1 - y for y in ys]), "1-y"),
        "sum over the classes of prod y_i^t_i (1-y_i)^(1-t_i)": total(printed),
        "sum over the classes of prod y_i^t_i": total(right),
    }


# ---------------------------------------------------------------------------------------------------------------------
# Bayes' theorem
# ---------------------------------------------------------------------------------------------------------------------


@example("bayes-sigmoid")
def bayes_sigmoid(inputs: Inputs) -> Facts:
    """The posterior of two classes, and the sigmoid of their log odds."""
    joint1, joint2 = (inputs[f"P(x|C{i})"] * inputs[f"P(C{i})"] for i in (1, 2))
    a = name("a", log(Value(joint1 / joint2, label="odds")))
    return {"a": a, "P(C1|x)": joint1 / (joint1 + joint2), "sigma(a)": sigmoid(a), "sigma(-a)": sigmoid(-a)}


@example("bayes-softmax")
def bayes_softmax(inputs: Inputs) -> Facts:
    """The posteriors of several classes, and the softmax of a_i = log p(x|C_i)P(C_i), invariant under a shift."""
    joint = [float(p) for p in inputs["joint"]]
    a = [math.log(p) for p in joint]
    return {
        "posterior": [p / sum(joint) for p in joint],
        "softmax": softmax(a).tolist(),
        "softmax(a + 100)": softmax([a_i + 100 for a_i in a]).tolist(),
    }
