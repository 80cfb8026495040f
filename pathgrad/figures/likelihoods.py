"""Figures of probabilities: what the notes derive losses and activations from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd
from autograd import log, sigmoid
from pathgrad.figures.canvas import BLUE, GREY, INK, RED, Grid, dress, numbers, series
from pathgrad.figures.descents import stationary_points
from pathgrad.notes.tables import apples, digit_probabilities

if TYPE_CHECKING:
    pass

__all__ = ["bayes_sigmoid", "digit", "likelihood"]

_FIVE = ("11111", "10000", "11110", "00001", "00001", "10001", "01110")


def likelihood(draws: Sequence[int] | None = None) -> Grid:
    """The probability of drawing 2 apples among 5 fruits, and its logarithm (notes: maximum likelihood).

    Both are largest for the same share w of apples, since the logarithm rises with its argument: where the derivative
    k/w - (n - k)/(1 - w) of the logarithm is 0, at w = k/n.

    Args:
        draws: n fruits, 1 for an apple and 0 for another; by default those of the notes.

    Returns:
        An array of two axes.
    """
    fruits = np.asarray(apples() if draws is None else draws)
    found, drawn = int(fruits.sum()), len(fruits)

    def P(w: Any) -> Any:  # noqa: N802 (the notes' name)
        return math.comb(drawn, found) * w**found * (1 - w) ** (drawn - found)

    axes = series(2)
    w = np.linspace(0.001, 0.999, 400)
    for ax, f, name in ((axes[0], P, "P(w)"), (axes[1], lambda w: log(P(w)), "log P(w)")):
        [(best, _)] = stationary_points(f, 0.001, 0.999)
        ax.plot(w, numbers(f(w)), color=INK)
        ax.plot(best, numbers(f(best)), "D", color=RED, label=f"largest at w = {best:.4g}")
        ax.axvline(best, color=GREY, linewidth=0.8, linestyle=":")
        dress(ax, f"{name} for {found} apples of {drawn}", "w, the share of apples", name, legend="lower center")
    return axes


def bayes_sigmoid(means: tuple[float, float] = (1.0, -1.0), spread: float = 1.0, prior: float = 0.5) -> Grid:
    """Two classes, and the probability of one of them given x, which is a sigmoid (notes: Bayes' theorem).

    With a = log(P(x|C₁)P(C₁) / P(x|C₂)P(C₂)), Bayes' theorem says P(C₁|x) = σ(a).  For two normal distributions of the
    same spread, a is a straight line in x.

    Args:
        means: the means of both classes.
        spread: the standard deviation of both.
        prior: P(C₁).

    Returns:
        An array of two axes.
    """
    x = np.linspace(min(means) - 3.5 * spread, max(means) + 3.5 * spread, 400)
    height = 1.0 / (spread * math.sqrt(2.0 * math.pi))
    first, second = (
        share * height * np.exp(-0.5 * ((x - mean) / spread) ** 2)
        for share, mean in zip((prior, 1.0 - prior), means, strict=True)
    )
    axes = series(2)
    axes[0].plot(x, first, color=BLUE, label="P(x|C₁) P(C₁)")
    axes[0].plot(x, second, "--", color=RED, label="P(x|C₂) P(C₂)")
    axes[1].plot(x, first / (first + second), color=BLUE, linewidth=4.0, alpha=0.4, label="Bayes' theorem")
    axes[1].plot(x, numbers(sigmoid(np.log(first / second))), "--", color=INK, label="σ(a)")
    dress(axes[0], "Two classes", "x", "probability density")
    dress(axes[1], "The probability of the first", "x", "P(C₁|x)", legend="upper left")
    return axes


def digit(label: int = 5) -> Grid:
    """An image of a digit, the ten probabilities of a network, and the slopes of its loss (notes: several classes).

    The loss is -log yₖ for the true digit k.  Its slope in zᵢ is yᵢ - tᵢ: the score of the true digit is pushed up, and
    all others down by their probabilities.

    Args:
        label: the true digit.

    Returns:
        An array of three axes.
    """
    y = digit_probabilities()
    z = np.where(y > 0, np.log(np.maximum(y, 1e-300)), -100.0)  # scores that give these probabilities
    loss, slopes = autograd.value_and_grad(lambda z: autograd.softmax_cross_entropy(z[None, :], [label]).sum())(z)
    axes = series(3, size=(3.6, 3.2))
    axes[0].imshow(_image(), cmap="Greys")
    axes[1].bar(range(10), y, color=[RED if k == label else BLUE for k in range(10)])
    axes[2].bar(range(10), slopes, color=[RED if k == label else BLUE for k in range(10)])
    axes[2].axhline(0.0, color=INK, linewidth=0.8)
    dress(axes[0], "28 x 28 = 784 numbers", "column", "row")
    dress(axes[1], "Softmax of ten scores", "digit", "probability yₖ")
    dress(axes[2], f"The loss is {float(numbers(loss)):.3f}", "digit", "slope yₖ - tₖ")
    for ax in axes[1:]:
        ax.set_xticks(range(10))
    return axes


def _image() -> Grid:
    """A 5 on 28 rows and columns."""
    small = np.array([[float(pixel) for pixel in row] for row in _FIVE])
    image = np.zeros((28, 28))
    image[3:24, 6:21] = np.kron(small, np.ones((3, 3)))
    return image
