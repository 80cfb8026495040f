"""Optimizers on a bowl, from gradient descent to Adam; and the state of AdaGrad, RMSProp and Adam."""

# ruff: noqa: N806 (the names are those of the notes)

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from autograd import Value
from nn.optimizers import SGD, Adagrad, Adam, Optimizer, RMSprop, trajectory
from pathgrad.notes.example import Facts, Inputs, example
from pathgrad.notes.numerical_differences import bowl
from pathgrad.notes.steps import close, provided


@example("optimizer-first-steps")
def first_steps(inputs: Inputs) -> Facts:
    """AdaGrad's first step is α in each coordinate, up to ε; gradient descent follows the steepest direction."""

    def first(optimizer: Callable[..., Optimizer], **options: Any) -> Any:
        start, then = trajectory(bowl, inputs["start"], optimizer, 1, lr=inputs["alpha"], **options)
        return (then - start).tolist()

    return {
        "AdaGrad's step": first(Adagrad, eps=inputs["eps"]),
        "AdaGrad's step, eps inside the root": first(Adagrad, eps=inputs["eps"], eps_inside=True),
        "step of gradient descent": first(SGD),
    }


# ---------------------------------------------------------------------------------------------------------------------
# Forty steps
# ---------------------------------------------------------------------------------------------------------------------


def descend(optimizer: Callable[..., Optimizer], inputs: Inputs, **options: Any) -> Facts:
    """The first step on the bowl, and points on the way."""
    rows = inputs["n"]
    points = trajectory(bowl, inputs["start"], optimizer, max(rows), lr=inputs["alpha"], **options)
    return {"first step": (points[1] - points[0]).tolist(), **{f"X_{n}": points[n].tolist() for n in rows}}


@example("bowl-gd-0.1")
@example("bowl-gd-0.95")
@example("bowl-gd-1.5")
def gradient_descent(inputs: Inputs) -> Facts:
    """A slow descent along the valley, a zigzag across it, and divergence."""
    return descend(SGD, inputs)


@example("bowl-momentum-0.1")
@example("bowl-momentum-0.95")
def momentum(inputs: Inputs) -> Facts:
    """Momentum like that of a rolling ball: v is the step itself."""
    return descend(SGD, inputs, momentum=inputs["beta"], velocity=True)


@example("bowl-adagrad-0.01")
@example("bowl-adagrad-0.1")
@example("bowl-adagrad-0.95")
@example("bowl-adagrad-1.5")
def adagrad(inputs: Inputs) -> Facts:
    """AdaGrad: equal steps along and across the valley, which shrink over time."""
    return descend(Adagrad, inputs, eps=inputs["eps"])


@example("bowl-rmsprop-0.01-gamma0.9")
@example("bowl-rmsprop-0.3-gamma0.9")
@example("bowl-rmsprop-0.01-gamma0.99")
@example("bowl-rmsprop-0.3-gamma0.99")
def rmsprop(inputs: Inputs) -> Facts:
    """RMSProp: steps that do not shrink over time."""
    return descend(RMSprop, inputs, alpha=inputs["gamma"], eps=inputs["eps"], eps_inside=True)


@example("bowl-adam-0.3")
def adam(inputs: Inputs) -> Facts:
    """Adam: momentum and RMSProp combined."""
    return descend(Adam, inputs, betas=inputs["betas"], eps=inputs["eps"], eps_inside=True)


# ---------------------------------------------------------------------------------------------------------------------
# The state of the adaptive optimizers
# ---------------------------------------------------------------------------------------------------------------------


def fed(optimizer: Callable[..., Optimizer], gradients: list[float], **options: Any) -> Iterator[dict[str, float]]:
    """The state after each step for a parameter with these gradients, and the step itself."""
    x = Value(0.0, label="x")
    descent = optimizer([x], lr=1.0, **options)
    for gradient in gradients:
        before = x.data
        descent.zero_grad()
        (gradient * x).backward()
        descent.step()
        yield {**descent.state[x], "step": x.data - before}


def discounted(rate: float, terms: list[float]) -> float:
    """The notes' sum (1 - rate) Σ rate^((n-1)-i) terms_i."""
    n = len(terms)
    return (1 - rate) * sum(rate ** (n - 1 - i) * term for i, term in enumerate(terms))


def partial_sums(of: Callable[[list[float]], float], terms: list[float]) -> list[float]:
    """The partial sums of the terms."""
    return [of(terms[:n]) for n in range(1, len(terms) + 1)]


@example("adagrad-accumulator")
def adagrad_accumulator(inputs: Inputs) -> Facts:
    """AdaGrad adds up the squares of all gradients."""
    gradients = inputs["gradients"]
    states = list(fed(Adagrad, gradients, eps=0.0))
    g = [state["G"] for state in states]
    return {
        "g": g,
        "steps / alpha": [state["step"] for state in states],
        "g_n": provided(g == partial_sums(sum, [f**2 for f in gradients]), "sum_{i=0}^{n-1} f_x(x_i)^2"),
    }


@example("rmsprop-accumulator")
def rmsprop_accumulator(inputs: Inputs) -> Facts:
    """RMSProp discounts them by a factor γ in each step."""
    gamma, gradients = inputs["gamma"], inputs["gradients"]
    g = [state["G"] for state in fed(RMSprop, gradients, alpha=gamma)]
    closed = partial_sums(partial(discounted, gamma), [f**2 for f in gradients])
    return {"g": g, "g_n": provided(close(g, closed), "(1-gamma) sum_{i=0}^{n-1} gamma^((n-1)-i) f_x(x_i)^2")}


@example("adam-bias-correction")
def bias_correction(inputs: Inputs) -> Facts:
    """Adam divides by 1 - β₁ⁿ, the sum of the weights of its mean."""
    b1, gradients = inputs["beta1"], inputs["gradients"]
    states = list(fed(Adam, gradients, betas=(b1, inputs["beta2"])))
    M, Mh = [state["M"] for state in states], [state["M_hat"] for state in states]
    weights = partial_sums(partial(discounted, b1), [1.0] * len(gradients))

    recursion = [0.0]
    for n, gradient in enumerate(gradients, 1):
        recursion.append((b1 * (1 - b1 ** (n - 1)) * recursion[-1] + (1 - b1) * gradient) / (1 - b1**n))

    in_box = next(fed(Adam, gradients, betas=(b1, inputs["beta2"]), bias_correction="printed"))
    return {
        "M": M,
        "Mh": Mh,
        "recursion": recursion[1:],
        "M_n": provided(close(M, partial_sums(partial(discounted, b1), gradients)), "(1-b1) sum b1^((n-1)-i) grad_i"),
        "geometric sum": provided(close(weights, [1 - b1**n for n in range(1, len(weights) + 1)]), "1-b1^n"),
        "first step by the box": in_box["step"],
    }
