"""Overfitting polynomials, weight decay, dropout, and batch normalisation."""

# ruff: noqa: N806 (the names are those of the notes)

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from operator import mul
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autograd import Tensor, Value, concatenate, jacobian, mean, sign, var
from nn.aliases import Array
from nn.layers import BatchNorm1d, Dropout
from nn.losses import l1_penalty, l2_penalty, mse_loss
from pathgrad.notes.example import Facts, Inputs, example
from pathgrad.notes.steps import name, provided, slope
from pathgrad.notes.tables import polynomial_points


def polynomial_fit(x: ArrayLike, t: ArrayLike, degree: int, decay: float = 0.0) -> Array:
    """The coefficients w₀ ... w_M of the polynomial that minimises ½Σ(y(xᵢ) - tᵢ)² + ½λΣwⱼ².

    All residuals are linear in w, so one Gauss-Newton step with the engine's Jacobian is exact.

    Args:
        x: the points.
        t: the targets.
        degree: the degree M.
        decay: the weight decay λ.

    >>> polynomial_fit([0, 1, 2], [1, 3, 7], degree=2).round(9)
    array([1., 1., 1.])
    """
    powers = np.vander(np.asarray(x, float), degree + 1, increasing=True)

    def residuals(w: Any) -> Any:
        return concatenate([powers @ w - np.asarray(t, float), math.sqrt(decay) * w])

    start = np.zeros(degree + 1)
    step, *_ = np.linalg.lstsq(jacobian(residuals)(start), -residuals(start), rcond=None)
    fitted: Array = start + step
    return fitted


@example("polynomial-overfitting-table")
def overfitting(inputs: Inputs) -> Facts:
    """The polynomials of least squares: with the degree, the coefficients grow and the residuals shrink."""
    x, t = polynomial_points()
    fits = {degree: polynomial_fit(x, t, degree) for degree in inputs["M"]}
    residual = {M: math.sqrt(mse_loss(np.polyval(w[::-1], x), t)) for M, w in fits.items()}
    full = len(t) - 1  # as many coefficients as points
    rest = provided(residual.pop(full) < 1e-9, "none: it goes through all points")
    return {
        **{f"M={M}": w.tolist() for M, w in fits.items()},
        **{f"residual, M={M}": rms for M, rms in residual.items()},
        f"residual, M={full}": rest,
    }


# ---------------------------------------------------------------------------------------------------------------------
# Weight decay
# ---------------------------------------------------------------------------------------------------------------------


def penalise(penalty: Callable[..., Any], printed: Callable[[float], float], formula: str, inputs: Inputs) -> Facts:
    """A penalty on weights, and its gradient compared with a formula."""
    strength, m = inputs["lambda"], inputs["m"]
    w = [Value(number, label=f"w{i}") for i, number in enumerate(inputs["w"], 1)]
    Omega = name("Omega", penalty(w, strength, m))
    Omega.backward()

    def holds(w: float) -> bool:
        return math.isclose(slope(lambda w: penalty(w, strength, m), w), printed(w), rel_tol=1e-12)

    return {
        "Omega": Omega,
        "dOmega/dw": [w_i.grad for w_i in w],
        "formula": provided(all(map(holds, [*inputs["w"], 0.0])), formula),
    }


@example("weight-decay-l2")
def weight_decay(inputs: Inputs) -> Facts:
    """λ/2m times the squares of the weights; smaller weights also keep a gradient from growing through many layers."""
    strength, m = inputs["lambda"], inputs["m"]
    facts = penalise(l2_penalty, lambda w: strength / m * w, "lambda/m w", inputs)

    def through_layers(w: float) -> Callable[[Any], Any]:
        return lambda x: reduce(mul, [w] * inputs["layers"], x)

    growth = [slope(through_layers(float(w)), 1.0) for w in inputs["through"]]
    return facts | {"growth through the layers": growth}


@example("weight-decay-l1")
def l1_decay(inputs: Inputs) -> Facts:
    """λ/2m times their absolute values; the slope at 0 is 0."""
    strength, m = inputs["lambda"], inputs["m"]
    return penalise(l1_penalty, lambda w: strength / (2 * m) * sign(w), "lambda/(2m) sign(w)", inputs)


# ---------------------------------------------------------------------------------------------------------------------
# Layers that behave differently in training
# ---------------------------------------------------------------------------------------------------------------------


@example("dropout-inverted")
def dropout(inputs: Inputs) -> Facts:
    """Dropped numbers get no gradient; kept numbers are scaled by α = 1/keep_prob, forward and backward."""
    x = Tensor(np.array(inputs["A"], float), label="A")
    y = Dropout(keep=inputs["keep_prob"], rng=inputs["seed"])(x)
    y.backward(inputs["dA"])
    kept = y.numpy() != 0

    alpha, a = 1 / inputs["keep_prob"], Value(3.0, label="x")
    scaled = name("x'", alpha * a)
    (scaled**2).backward()
    return {
        "D": kept.astype(float).tolist(),
        "A": y.numpy().tolist(),
        "dA": x.grad.tolist(),
        "scaling": provided(a.grad == alpha * scaled.grad != scaled.grad, "dy/dx = alpha dy/dx'; dA = alpha dA'"),
    }


@example("batch-norm")
def batch_norm(inputs: Inputs) -> Facts:
    """A batch with mean 0 and variance 1, then scaled and shifted; no gradient reaches the bias of the layer before."""
    z, b = Tensor(np.array(inputs["z"], float)[:, None], label="z"), Tensor([0.0], label="b")
    plain, layer = BatchNorm1d(1, inputs["eps"], affine=False), BatchNorm1d(1, inputs["eps"])
    layer.load_state_dict(layer.state_dict() | {"weight": [inputs["gamma"]], "bias": [inputs["beta"]]})
    gamma, beta = layer.parameters()
    z_tilde = layer(z + b)
    z_tilde.backward(np.array(inputs["dz_tilde"], float)[:, None])
    return {
        "mu": mean(z),
        "var": var(z),
        "z_norm": plain(z).numpy().ravel().tolist(),
        "z_tilde": z_tilde.numpy().ravel().tolist(),
        "dgamma": gamma.grad.item(),
        "dbeta": beta.grad.item(),
        "db": provided(abs(b.grad.item()) < 1e-12, "0 up to rounding"),
    }
