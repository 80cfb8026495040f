"""Figures of classifiers in the plane: regions, boundaries, and the steps of a perceptron."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import grad, hessian, no_grad, sigmoid
from nn.aliases import Random
from nn.data import gate, moons
from nn.init import generator
from nn.layers import Linear, Sequential, Tanh
from nn.losses import binary_cross_entropy_with_logits
from nn.optimizers import Adam
from nn.perceptron import AND, NAND, OR, XOR, Perceptron, TwoLayers
from pathgrad.figures.canvas import AMBER, BLUE, GREEN, INK, PURPLE, RED, Grid, dress, numbers, panels, series
from pathgrad.notes.tables import logistic_regression_table, perceptron_points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "decision_boundary",
    "gates",
    "logistic_regression",
    "logistic_weights",
    "margin",
    "perceptron_steps",
    "trained_boundary",
    "widest_margin",
]

Classifier = Callable[[Any, Any], Any]

_CLASSES = ((BLUE, "o"), (RED, "^"), (GREEN, "s"), (AMBER, "D"), (PURPLE, "v"))


def decision_boundary(
    f: Classifier,
    points: Any = (),
    labels: Any = (),
    levels: Iterable[float] = (0.0,),
    window: Sequence[float] | None = None,
    resolution: int = 201,
    ax: Axes | None = None,
) -> Axes:
    """The regions of a classifier in the plane, and data points by their labels.

    Args:
        f: the classifier, a function of two numbers that returns one.  It is called with arrays first, and point by
            point if it does not accept them.
        points: a row for each point.
        labels: the class of each point.
        levels: the values of ``f`` between one class and the next: 0 for a score, 0.5 for a probability, 0.5, 1.5, ...
            for the number of a class.
        window: the smallest and the largest x, then the smallest and the largest y; by default a margin around the
            points.
        resolution: the number of grid points along each axis.
        ax: axes to draw on, instead of new ones.

    Raises:
        ValueError: if the points do not have two coordinates, the number of labels differs, or there is neither a point
            nor a window, or no level.

    >>> ax = decision_boundary(lambda x, y: y - x**2, [[0, 1], [1, 0]], [1, 0])
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['class 0', 'class 1']
    """
    at, classes = np.asarray(points, float) if len(points) else np.empty((0, 2)), np.asarray(labels)
    if at.ndim != 2 or at.shape[1] != 2:
        raise ValueError(f"a decision boundary needs a row (x, y) for each point, not an array of shape {at.shape}")
    if len(at) != len(classes):
        raise ValueError(f"a decision boundary needs a label for each point, not {len(classes)} for {len(at)}")
    levels = sorted(levels)
    if not levels:
        raise ValueError("a decision boundary needs at least one level between two classes")
    window = _around(at) if window is None else window
    ax = ax or panels()[0, 0]
    _draw_regions(ax, f, levels, window, resolution)
    _draw_points(ax, at, classes)
    return dress(ax, "Decision boundary", "x", "y")


def _draw_regions(
    ax: Axes, f: Classifier, levels: Sequence[float], window: Sequence[float], resolution: int = 201
) -> None:
    left, right, bottom, top = window
    x, y = np.meshgrid(np.linspace(left, right, resolution), np.linspace(bottom, top, resolution))
    heights = _everywhere(f, x, y)
    colours = [_CLASSES[i % len(_CLASSES)][0] for i in range(len(levels) + 1)]
    ax.contourf(x, y, heights, [-np.inf, *levels, np.inf], colors=colours, alpha=0.18)
    if any(heights.min() < level < heights.max() for level in levels):
        ax.contour(x, y, heights, levels, colors=INK, linewidths=1.2)
    ax.set_xlim(left, right)
    ax.set_ylim(bottom, top)


def _draw_points(ax: Axes, points: Grid, labels: Grid) -> None:
    for i, label in enumerate(np.unique(labels)):
        colour, marker = _CLASSES[i % len(_CLASSES)]
        at = points[labels == label]
        ax.plot(*at.T, marker, color=colour, markeredgecolor="white", markersize=7, label=f"class {label}")


def _around(points: Grid, margin: float = 0.15) -> tuple[float, ...]:
    """A window around points, with a margin of this fraction of their extent."""
    if not len(points):
        raise ValueError("a decision boundary without points needs a window, (x_min, x_max, y_min, y_max)")
    low, high = points.min(axis=0), points.max(axis=0)
    added = margin * (high - low) + 0.1
    (left, bottom), (right, top) = low - added, high + added
    return left, right, bottom, top


def _everywhere(f: Classifier, x: Grid, y: Grid) -> Grid:
    """The classifier at all points of a grid: at once if it takes arrays, otherwise point by point."""
    try:
        heights = numbers(f(x, y))
    except (TypeError, ValueError):  # such as a branch on an array
        heights = np.empty(0)
    if heights.shape == x.shape:
        return heights
    return np.array([numbers(f(a, b)) for a, b in zip(x.flat, y.flat, strict=True)]).reshape(x.shape)


# ---------------------------------------------------------------------------------------------------------------------
# Perceptrons
# ---------------------------------------------------------------------------------------------------------------------


def gates() -> Grid:
    """The gates OR, AND and NAND as perceptrons, and XOR as two layers (notes: perceptrons and gates).

    For each of the first three, one line separates the corners of the square.  For XOR no line does: its second layer
    selects the points above the line of OR and below the line of NAND.
    """
    titles = ("OR: 3x₁ + 3x₂ > 2", "AND: 3x₁ + 3x₂ > 4", "NAND: 3x₁ + 3x₂ < 4", "XOR: OR and NAND")
    axes = series(4, size=(3.1, 3.3), sharex=True, sharey=True)
    machines: list[Perceptron | TwoLayers] = [OR, AND, NAND, XOR]
    for ax, title, machine in zip(axes, titles, machines, strict=True):
        name, _, _ = title.partition(":")
        _draw_regions(ax, _bit_of(machine), [0.5], (-0.6, 1.6) * 2, resolution=89)
        for line in machine.hidden if isinstance(machine, TwoLayers) else [machine]:
            ax.plot(*line.boundary_points((0.5, 0.5)).T, color=INK, linewidth=1.2, label="boundary")
        _draw_points(ax, *gate(name.lower()))
        dress(ax, title, "x₁", "x₂", legend=None)
    axes[0].figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return axes


def _bit_of(machine: Perceptron | TwoLayers) -> Classifier:
    return lambda x, y: machine.bit([x, y])


def _score_of(machine: Perceptron) -> Classifier:
    w0, w1, w2 = machine.weights
    return lambda x, y: w0 + w1 * x + w2 * y


def perceptron_steps(
    points: Any = None, labels: Any = None, start: Sequence[float] = (-12, 2, 3), rng: Random = 0
) -> Grid:
    """The boundary of a perceptron after each update (notes: the perceptron's learning rule).

    In each step a misclassified point, circled in the figure, is added to the weights or subtracted from them.  The
    two points of the notes take (-12, 2, 3) to (-11, 4, 5), (-12, 0, 5) and (-11, 2, 7), where both are correct.

    Args:
        points: a row for each point; by default those of the notes.
        labels: +1 or -1 for each point.
        start: the initial weights, starting with the bias.
        rng: a generator, a seed or ``None``, to choose among the points on the wrong side.

    Returns:
        An array of axes: one for each update (at most 15), with its point circled, and one for the end.
    """
    if points is None:
        points, labels = perceptron_points()
    points, labels = np.asarray(points, float), np.asarray(labels)
    trace = Perceptron(start).learn(points, labels, rng, max_updates=15)
    machines = [*(Perceptron(step.before) for step in trace.steps), Perceptron(trace.weights)]
    axes = series(len(machines), 4, size=(3.2, 3.4))
    window = _around(points, margin=1.0)
    for ax, machine, step in zip_longest(axes, machines, trace.steps):
        _draw_regions(ax, _score_of(machine), [0.0], window)
        _draw_points(ax, points, labels)
        if step:
            ax.plot(*step.x[1:], "o", color=INK, markerfacecolor="none", markersize=15, label="misclassified")
        weights = ", ".join(f"{w:g}" for w in machine.weights)
        dress(ax, f"w = ({weights})", "x₁", "x₂", legend="upper right")
    return axes


def logistic_weights() -> Grid:
    """The weights (w₀, w₁, w₂) of least cross entropy for the notes' table of labels, by Newton's method.

    >>> logistic_weights().round(5)
    array([-1.54298, -0.4748 ,  0.97315])
    """
    x, labels = logistic_regression_table()
    inputs = np.column_stack([np.ones(len(x)), x])

    def loss(w: Any) -> Any:
        return binary_cross_entropy_with_logits(inputs @ w, labels, reduction="sum")

    w = np.zeros(3)
    for _ in range(10):
        w = w - np.linalg.solve(hessian(loss)(w), grad(loss)(w))
    return w


def logistic_regression(ax: Axes | None = None) -> Axes:
    """Logistic regression on the notes' table of ten labelled points (notes: recap, logistic regression).

    The line where σ(w·x) = 1/2, for the weights of least cross entropy.  Only six points are on their side of it: no
    line separates these labels, although the notes show a model that reproduces them exactly.
    """
    w0, w1, w2 = logistic_weights()
    x, labels = logistic_regression_table()
    ax = decision_boundary(lambda a, b: sigmoid(w0 + w1 * a + w2 * b), x, labels, [0.5], ax=ax)
    return dress(ax, "Logistic regression: σ(w·x) = 1/2", "x₁", "x₂", legend="upper left")


def trained_boundary(points: Any = None, labels: Any = None, units: int = 16, steps: int = 300, rng: int = 0) -> Axes:
    """The boundary that a net with one hidden layer learns for data of two classes (notes: neural networks).

    A hidden layer of tanh neurons separates what a line cannot, such as two moons.

    Args:
        points: a row for each point; by default two moons.
        labels: 0 or 1 for each point.
        units: the number of neurons in the hidden layer.
        steps: the number of steps of Adam.
        rng: a seed.
    """
    if points is None:
        points, labels = moons(200, noise=0.15, rng=rng)
    start = generator(rng)
    net = Sequential(Linear(2, units, rng=start), Tanh(), Linear(units, 1, rng=start))
    optimizer = Adam(net.parameters(), lr=0.05)
    for _ in range(steps):
        optimizer.zero_grad()
        binary_cross_entropy_with_logits(net(points)[:, 0], labels).backward()
        optimizer.step()
    with no_grad():
        ax = decision_boundary(
            lambda x, y: sigmoid(net(np.stack([x.ravel(), y.ravel()], 1))).reshape(x.shape), points, labels, [0.5]
        )
    return dress(ax, f"A net with {units} hidden neurons", "x₁", "x₂")


# ---------------------------------------------------------------------------------------------------------------------
# The margin
# ---------------------------------------------------------------------------------------------------------------------

_TWO_CLASSES = ((0.5, 2.5), (1.5, 3.0), (1.0, 1.5), (2.0, 3.5), (2.5, 0.5), (3.5, 1.0), (3.0, 1.5), (4.0, 2.0))


def widest_margin(points: Any, labels: Any) -> tuple[Grid, float]:
    """The line w·x + b = 0 that separates two classes with the widest margin, scaled so that the nearest have ±1.

    The widest gap lies between two points, or between a point and a line through two points of the other class, so one
    of these directions is the best.

    Args:
        points: a row (x, y) for each point.
        labels: 1 or -1 for each point.

    Raises:
        ValueError: if no line separates the classes.

    >>> w, b = widest_margin([[0.0, 0.0], [2.0, 0.0]], [-1, 1])
    >>> w.tolist(), b
    ([1.0, 0.0], -1.0)
    """
    x, t = np.asarray(points, float), np.asarray(labels)
    above, below = x[t > 0], x[t < 0]
    between = (above[:, None] - below).reshape(-1, 2)
    along = np.concatenate([(each[:, None] - each).reshape(-1, 2) for each in (above, below)])
    across = along @ [[0.0, 1.0], [-1.0, 0.0]]
    directions = np.concatenate([between, across, -across])
    directions = directions[np.any(directions != 0, axis=1)]
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    low, high = (below @ directions.T).max(axis=0), (above @ directions.T).min(axis=0)
    best = np.argmax(high - low)
    if not high[best] > low[best]:
        raise ValueError("no line separates the two classes")
    scale = 2.0 / (high[best] - low[best])
    return directions[best] * scale, float(-scale * (high[best] + low[best]) / 2.0)


def margin(points: Any = _TWO_CLASSES, labels: Any = (1, 1, 1, 1, -1, -1, -1, -1), ax: Axes | None = None) -> Axes:
    """The line with the widest margin between two classes, and the points on its edges (notes: the margin).

    A line that passes close to the training data may fail on new data.  The support vector machine leaves as much room
    as possible: 1/|w| on each side, if the nearest points have w·x + b = ±1.

    Args:
        points: a row for each point.
        labels: 1 or -1 for each point.
        ax: axes to draw on, instead of new ones.
    """
    at, t = np.asarray(points, float), np.asarray(labels)
    w, b = widest_margin(at, t)
    scores = at @ w + b
    ax = ax or panels()[0, 0]
    window = _around(at)
    _draw_regions(ax, lambda x, y: w[0] * x + w[1] * y + b, [0.0], window)
    for edge in (-1.0, 1.0):
        line = Perceptron([b - edge, *w]).boundary_points(at.mean(axis=0), 2.0 * float(np.ptp(at)))
        ax.plot(*line.T, "--", color=INK, linewidth=1.0)
    _draw_points(ax, at, t)
    near = at[np.isclose(np.abs(scores), 1.0)]
    ax.plot(*near.T, "o", markersize=13, markerfacecolor="none", markeredgecolor=INK, label="support vectors")
    return dress(ax, f"Margin 1/|w| = {1.0 / np.linalg.norm(w):.3g} on each side", "x₁", "x₂", legend="upper right")
