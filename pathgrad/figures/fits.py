"""Figures of fitting: a line, polynomials that overfit, and the loss in training with batches of several sizes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor
from nn.data.sampling import batches
from nn.init import generator
from nn.optimizers import SGD
from pathgrad.figures.canvas import (
    BLUE,
    GREEN,
    GREY,
    INK,
    RED,
    SERIES,
    Grid,
    contours,
    draw_path,
    dress,
    panels,
    series,
)
from pathgrad.figures.descents import gradient_descent
from pathgrad.notes.regularisation import polynomial_fit
from pathgrad.notes.tables import polynomial_points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "batch_descent",
    "batch_sizes",
    "line_fit",
    "line_loss",
    "loss_curves",
    "loss_history",
    "noisy_line",
    "overfitting",
    "weight_decay",
]

# ---------------------------------------------------------------------------------------------------------------------
# Lines
# ---------------------------------------------------------------------------------------------------------------------


def line_fit(start: tuple[float, float] = (-1.0, 2.5), lr: float = 0.4, steps: int = 30) -> Grid:
    """A line through noisy points, found by descending their mean squared error (notes: regression).

    The error L(a, b) = 1/N Σ(yᵢ - (axᵢ + b))² is a bowl over the plane of slope a and intercept b.  Each step of the
    descent on the right is a line on the left.

    Args:
        start: the first a and b.
        lr: the learning rate.
        steps: the number of steps.

    Returns:
        An array of two axes.
    """
    rng = np.random.default_rng(1)
    x = np.linspace(-1.0, 1.5, 20)
    y = 1.5 * x + 0.5 + rng.normal(scale=0.3, size=x.size)

    def loss(a: Any, b: Any) -> Any:
        total: Any = sum((yi - (a * xi + b)) ** 2 for xi, yi in zip(x.tolist(), y.tolist(), strict=True))
        return total / x.size

    path = gradient_descent(lr).path(loss, start, steps)
    axes = series(2)
    axes[0].plot(x, y, "o", color=INK, markersize=4)
    for step, style in ((0, ":"), (1, "-."), (3, "--"), (steps, "-")):
        a, b = path[step]
        axes[0].plot(x, a * x + b, style, color=BLUE if step else GREEN, label=f"step {step}: {a:.2f}x + {b:.2f}")
    contours(axes[1], loss, (-2.0, 4.0, -2.0, 3.0))
    draw_path(axes[1], path[:, 0], path[:, 1])
    dress(axes[0], "The line y = ax + b", "x", "y")
    dress(axes[1], "The mean squared error L(a, b)", "a", "b", legend="lower left")
    return axes


# ---------------------------------------------------------------------------------------------------------------------
# Polynomials
# ---------------------------------------------------------------------------------------------------------------------


def overfitting(degrees: Sequence[int] = (0, 1, 3, 9)) -> Grid:
    """Polynomials of rising degree through ten points of a noisy sine (notes: overfitting).

    M = 0 and 1 are too simple, M = 3 fits well, and M = 9 goes through all ten points but oscillates wildly between
    them, with coefficients of up to a million.  The points are those of Bishop's textbook; the column M = 6 of the
    notes' table is M = 3.

    Args:
        degrees: M for each panel.
    """
    axes = series(len(degrees), size=(3.3, 3.0), sharex=True, sharey=True)
    for ax, degree in zip(axes, degrees, strict=True):
        w = polynomial_fit(*polynomial_points(), degree)
        _draw_fit(ax, w, f"M = {degree}")
    return axes


def weight_decay(logarithms: Sequence[float] = (-math.inf, -18.0, 0.0), degree: int = 9) -> Grid:
    """The effect of weight decay on the polynomial that overfits (notes: weight decay).

    Without weight decay (λ = 0), M = 9 goes through all points; a little, log λ = -18, keeps the coefficients small and
    the curve smooth; too much, λ = 1, flattens the curve.

    Args:
        logarithms: log λ for each panel.
        degree: the degree M.
    """
    axes = series(len(logarithms), size=(3.6, 3.0), sharex=True, sharey=True)
    for ax, logarithm in zip(axes, logarithms, strict=True):
        w = polynomial_fit(*polynomial_points(), degree, math.exp(logarithm))
        of = "λ = 0" if logarithm == -math.inf else f"log λ = {logarithm:g}"
        _draw_fit(ax, w, f"M = {degree}, {of}")
    return axes


def _draw_fit(ax: Axes, w: Grid, title: str) -> None:
    xs = np.linspace(0.0, 1.0, 401)
    ax.plot(xs, np.sin(2 * np.pi * xs), "--", color=GREEN, label="sin 2πx")
    ax.plot(xs, np.vander(xs, len(w), increasing=True) @ w, color=RED, label=f"fit, |w| ≤ {abs(w).max():.3g}")
    ax.plot(*polynomial_points(), "o", color=BLUE, markerfacecolor="white", label="data")
    ax.set_ylim(-1.6, 1.6)
    dress(ax, title, "x", "t", legend="upper right")


# ---------------------------------------------------------------------------------------------------------------------
# Loss curves
# ---------------------------------------------------------------------------------------------------------------------


def loss_curves(
    curves: Mapping[str, Sequence[float]], title: str = "Loss", x: str = "epoch", ax: Axes | None = None
) -> Axes:
    """Curves of numbers for each epoch or step, such as the losses on training data and on held-out data.

    Args:
        curves: the numbers by name.
        title: the title.
        x: the label of the horizontal axis.
        ax: axes to draw on, instead of new ones.

    >>> ax = loss_curves({"training": [1.0, 0.5, 0.25], "validation": [1.1, 0.7, 0.6]})
    >>> ax.get_lines()[0].get_xydata().tolist()
    [[1.0, 1.0], [2.0, 0.5], [3.0, 0.25]]
    """
    ax = ax or panels()[0, 0]
    for i, (name, losses) in enumerate(curves.items()):
        dashes = ("-", "--", "-.", ":")[i % 4]
        ax.plot(np.arange(1, len(losses) + 1), losses, dashes, color=SERIES[i % len(SERIES)], label=name)
    if all(loss > 0 for losses in curves.values() for loss in losses):
        ax.set_yscale("log")
    return dress(ax, title, x, "loss")


def loss_history(history: Mapping[str, Sequence[float]], title: str = "Loss", ax: Axes | None = None) -> Axes:
    """The training loss and, if measured, the validation loss of a training.

    Args:
        history: the :class:`nn.training.History`.
        title: the title.
        ax: axes to draw on, instead of new ones.

    >>> loss_history({"loss": [1.0, 0.5], "val_loss": [1.1, 0.7]}).get_legend_handles_labels()[1]
    ['training', 'validation']
    """
    names = {"loss": "training", "val_loss": "validation"}
    return loss_curves({names[name]: history[name] for name in names if name in history}, title, ax=ax)


def noisy_line(samples: int = 100, seed: int = 0) -> tuple[Grid, Grid]:
    """Inputs (x, 1) between -1.5 and 1.5, and targets 2x - 1 with normal noise of standard deviation 1/2."""
    rng = generator(seed)
    x = np.column_stack([rng.uniform(-1.5, 1.5, samples), np.ones(samples)])
    return x, x @ [2.0, -1.0] + rng.normal(0.0, 0.5, samples)


def line_loss(w: Any, x: Any, t: Any) -> Any:
    """The mean squared error of the line with the slope and intercept w."""
    return ((x @ w - t) ** 2).mean()


def batch_descent(size: int, epochs: int = 10, lr: float = 0.05, seed: int = 0) -> Grid:
    """Fit a line to :func:`noisy_line` from slope -1 and intercept 2, by gradient descent in batches.

    Args:
        size: the number of samples in a batch: all 100 for full-batch descent, 1 for stochastic descent.
        epochs: the number of passes over the samples.
        lr: the learning rate.
        seed: the seed of samples and batches.

    Returns:
        A row for the start and for every update: the number of epochs so far, the slope, the intercept, and the mean
        squared error over all samples.

    >>> [len(batch_descent(size)) - 1 for size in (100, 10, 1)]  # updates in 10 epochs
    [10, 100, 1000]
    """
    x, t = noisy_line(seed=seed)
    served = batches(x, t, size, rng=seed)
    w = Tensor([-1.0, 2.0], label="w")
    optimizer = SGD([w], lr=lr)
    rows = [(0.0, *w.data, line_loss(w.data, x, t))]
    for epoch in range(epochs):
        for i, batch in enumerate(served, 1):
            optimizer.zero_grad()
            line_loss(w, *batch).backward()
            optimizer.step()
            rows.append((epoch + i / len(served), *w.data, line_loss(w.data, x, t)))
    return np.array(rows)


def batch_sizes(sizes: Sequence[int] = (100, 10, 1)) -> Grid:
    """Full-batch, mini-batch and stochastic gradient descent of the same line (notes: batches and epochs).

    Full-batch descent takes one exact step per epoch.  Small batches take many steps, each in a slightly wrong
    direction: the loss falls sooner, and then fluctuates around the minimum, the more the smaller the batches are.

    Args:
        sizes: the numbers of samples in a batch, out of 100.

    Returns:
        An array of axes: the losses over the epochs, then for each size the path of the weights on the loss surface.
    """
    axes = series(len(sizes) + 1, size=(3.6, 3.4))
    x, t = noisy_line()
    slopes, intercepts = np.meshgrid(np.linspace(-1.6, 3.6, 81), np.linspace(-2.6, 2.6, 81))
    heights = np.mean((slopes[..., None] * x[:, 0] + intercepts[..., None] - t) ** 2, axis=-1)
    for i, (size, ax) in enumerate(zip(sizes, axes[1:], strict=True)):
        name = {len(x): "full batch", 1: "stochastic"}.get(size, "mini-batches")
        epochs, w, b, losses = batch_descent(size).T
        style: dict[str, Any] = {
            "color": SERIES[i % len(SERIES)],
            "marker": "o" if size == len(x) else "",
            "markersize": 3,
        }
        style["linewidth"] = 0.7 if size == 1 else 1.5
        axes[0].semilogy(epochs, losses, label=f"{name} ({size})", zorder=3 - i / len(sizes), **style)
        ax.contour(slopes, intercepts, heights, np.geomspace(0.3, 30.0, 10), colors=GREY, linewidths=0.6)
        ax.plot(w, b, **style)
        ax.plot(w[0], b[0], "s", color=INK, label="start")
        ax.plot(w[-1], b[-1], "D", color=INK, markerfacecolor="white", label=f"after {len(w) - 1} updates")
        dress(ax, f"{name.capitalize()} ({size})", "slope", "intercept", legend="upper right")
    dress(axes[0], "Loss over all samples", "epoch", "mean squared error, logarithmic")
    return axes
