"""Figures of networks: their neurons as a diagram, dropout, and what two layers do to the plane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import sigmoid
from nn import functional
from pathgrad.figures.canvas import BLUE, GREY, INK, RED, Grid, dress, numbers, panels, series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["dropout", "network", "network_diagrams", "planes"]


def network(sizes: Sequence[int] = (2, 3, 1), kept: Sequence[Any] | None = None, ax: Axes | None = None) -> Axes:
    """A network as a diagram: a circle for each neuron, and a line for each weight (notes: a neural network).

    Args:
        sizes: the number of neurons in each layer, the inputs first.
        kept: for each layer, which neurons are kept; by default all.
        ax: axes to draw on, instead of new ones.

    >>> len(network((2, 3, 1)).lines)  # as many as weights
    9
    """
    ax = ax or panels()[0, 0]
    columns = [np.arange(n) - (n - 1) / 2 for n in sizes]
    masks = [np.ones(n, bool) for n in sizes] if kept is None else [np.asarray(mask, bool) for mask in kept]
    for k, (left, right) in enumerate(pairwise(columns)):
        for i, y in enumerate(left):
            for j, z in enumerate(right):
                used = masks[k][i] and masks[k + 1][j]
                ax.plot([k, k + 1], [-y, -z], color=GREY if used else "#EEEEEE", linewidth=0.9, zorder=1)
    for k, column in enumerate(columns):
        colour = BLUE if k == 0 else RED if k == len(columns) - 1 else INK
        ax.scatter(
            np.full(len(column), k), -column, s=320, zorder=2, edgecolors=colour,
            facecolors=["white" if mask else "#DDDDDD" for mask in masks[k]],
        )  # fmt: skip
        name = "x" if k == 0 else "y" if k == len(columns) - 1 else "h"
        for i, y in enumerate(column):
            text = name if len(column) == 1 else f"{name}{_below(i + 1)}"
            ax.text(k, -y, text if masks[k][i] else "0", ha="center", va="center", fontsize=9, zorder=3)
    dress(ax, "-".join(map(str, sizes)), "layer", "neuron", legend=None)
    ax.set_xticks(range(len(sizes)))
    ax.set_yticks([])
    ax.grid(visible=False)
    ax.margins(0.15)
    return ax


def _below(n: int) -> str:
    """The number as subscript."""
    return str(n).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def network_diagrams(shallow: Sequence[int] = (2, 3, 1), deep: Sequence[int] = (2, 4, 4, 4, 1)) -> Grid:
    """The notes' 2-3-1 network, and a deep one (notes: shallow and deep networks).

    Each line is a weight: the matrix W⁽¹⁾ of the 2-3-1 network has a row for each of the three hidden neurons.

    Args:
        shallow: the neurons in each layer of the first network.
        deep: the neurons in each layer of the second.
    """
    axes = series(2)
    for ax, sizes, name in zip(axes, (shallow, deep), ("Shallow", "Deep"), strict=True):
        network(sizes, ax=ax)
        ax.set_title(f"{name}: {'-'.join(map(str, sizes))}", fontsize=11)
    return axes


def dropout(sizes: Sequence[int] = (3, 6, 6, 1), p: float = 0.5, steps: int = 2) -> Grid:
    """A network, and what dropout leaves of it in different steps (notes: dropout).

    In each step every hidden neuron is left out with probability p, and the others are divided by 1 - p, so that the
    mean of each stays what it is.  In a test nothing is left out.

    Args:
        sizes: the number of neurons in each layer, the inputs first.
        p: the probability.
        steps: how many steps to show.
    """
    rng = np.random.default_rng(0)
    axes = series(1 + steps, size=(3.4, 3.4))
    network(sizes, ax=axes[0])
    axes[0].set_title("In a test", fontsize=11)
    for step, ax in enumerate(axes[1:], 1):
        hidden = [numbers(functional.dropout(np.ones(n), p, rng=rng)) > 0 for n in sizes[1:-1]]
        network(sizes, [np.ones(sizes[0]), *hidden, np.ones(sizes[-1])], ax)
        ax.set_title(f"Training step {step}, p = {p:g}", fontsize=11)
    return axes


def planes(
    weights: Sequence[Sequence[float]] = ((6.0, 5.0), (-5.0, -6.0)), bias: Sequence[float] = (-2.5, 7.5)
) -> Grid:
    """What a layer does to the plane: x, then s = Wx + b, then y = σ(s) (notes: XOR with two layers).

    No line separates the two classes of XOR among the inputs x.  The map to s is linear, and none does there either.
    The bend of the sigmoid moves the points so that one does among the outputs y, which a second layer then draws.

    Args:
        weights: W, two rows of two numbers.
        bias: b, two numbers.

    Returns:
        An array of three axes.
    """
    line = np.linspace(-0.25, 1.25, 61)
    corners, classes = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float), np.array([0, 1, 1, 0])

    def s(x: Grid) -> Grid:
        return np.asarray(x @ np.transpose(weights) + np.asarray(bias))

    axes = series(3, size=(3.6, 3.4))
    maps: list[Callable[[Grid], Grid]] = [lambda x: x, s, lambda x: numbers(sigmoid(s(x)))]
    for ax, f, name in zip(axes, maps, ("x", "s", "y"), strict=True):
        for level in np.linspace(-0.25, 1.25, 7):
            for points in (np.stack([line, 0 * line + level], 1), np.stack([0 * line + level, line], 1)):
                ax.plot(*f(points).T, color=GREY, linewidth=0.6)
        for label, colour, marker in ((0, BLUE, "o"), (1, RED, "^")):
            at = f(corners[classes == label])
            ax.plot(*at.T, marker, color=colour, markersize=8, markeredgecolor="white", label=f"XOR = {label}")
        title = {"x": "The inputs x", "s": "s = Wx + b", "y": "y = σ(s)"}[name]
        dress(ax, title, f"{name}₁", f"{name}₂", legend=None)
    axes[0].figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    ends = np.array([-0.05, 1.05])
    axes[2].plot(ends, 1.5 - ends, "--", color=INK)
    axes[2].set_ylim(-0.1, 1.15)
    return axes
