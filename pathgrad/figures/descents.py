"""Figures of gradient descent: on a curve with local minima, and optimizers side by side on a surface."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Value, elementwise_grad, jvp, sigmoid
from nn import functional
from nn.optimizers import SGD, Adagrad, Adam, Optimizer, RMSprop, trajectory
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
    numbers,
    panels,
    series,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "Descent",
    "adagrad",
    "adam",
    "adam_bias_correction",
    "batch_norm",
    "bowl",
    "bowl_adagrad",
    "bowl_adam",
    "bowl_momentum",
    "bowl_rmsprop",
    "directional_derivative",
    "double_well",
    "gradient_descent",
    "learning_rates",
    "local_minimum",
    "momentum",
    "on_a_curve",
    "on_a_surface",
    "optimizers",
    "rmsprop",
    "simple_network",
    "simple_network_error",
    "stationary_points",
]


@dataclass(frozen=True)
class Descent:
    """An optimizer with its options and a title.

    Attributes:
        name: the title.
        optimizer: a class of :mod:`nn.optimizers`.
        options: its options, including ``lr``.

    >>> gradient_descent(0.4).path(lambda x: x**2, 2.0, 2).round(10)
    array([2.  , 0.4 , 0.08])
    """

    name: str
    optimizer: Callable[..., Optimizer]
    options: Mapping[str, Any] = field(default_factory=dict)

    def path(self, f: Callable[..., Any], start: Any, steps: int) -> Grid:
        """The points that the optimizer visits, see :func:`nn.optimizers.trajectory`."""
        return np.asarray(trajectory(f, start, self.optimizer, steps, **self.options))


def gradient_descent(lr: float) -> Descent:
    """x ← x - αf′(x)."""
    return Descent(f"Gradient descent, α = {lr:g}", SGD, {"lr": lr})


def momentum(lr: float, beta: float = 0.9) -> Descent:
    """v ← βv - αf′(x), x ← x + v."""
    return Descent(f"Momentum, α = {lr:g}, β = {beta:g}", SGD, {"lr": lr, "momentum": beta, "velocity": True})


def adagrad(lr: float) -> Descent:
    """AdaGrad as in the notes, with ε = 10⁻⁸ outside the root."""
    return Descent(f"AdaGrad, α = {lr:g}", Adagrad, {"lr": lr, "eps": 1e-8})


def rmsprop(lr: float, gamma: float = 0.9) -> Descent:
    """RMSProp as in the notes, with ε = 10⁻⁸ inside the root; the notes leave γ open."""
    options = {"lr": lr, "alpha": gamma, "eps": 1e-8, "eps_inside": True}
    return Descent(f"RMSProp, α = {lr:g}, γ = {gamma:g}", RMSprop, options)


def adam(lr: float, betas: tuple[float, float] = (0.9, 0.999)) -> Descent:
    """Adam as in the notes, with ε = 10⁻⁸ inside the root; the notes leave β₁ and β₂ open."""
    return Descent(f"Adam, α = {lr:g}", Adam, {"lr": lr, "betas": betas, "eps": 1e-8, "eps_inside": True})


# ---------------------------------------------------------------------------------------------------------------------
# On a curve
# ---------------------------------------------------------------------------------------------------------------------


def double_well(x: Any) -> Any:
    """(x - 2)²(x + 3)² - 2(x - 2)²: a local minimum at 2, and a deeper one at -3.35."""
    return (x - 2) ** 2 * (x + 3) ** 2 - 2 * (x - 2) ** 2


def stationary_points(f: Callable[[Any], Any], low: float, high: float) -> list[tuple[float, str]]:
    """The points where the slope of a function changes its sign, each with its kind.

    They are bracketed on a grid of 1,000 points and then found by bisection.

    >>> [(round(x, 6), kind) for x, kind in stationary_points(lambda x: x**3 - 3 * x, -2.0, 2.0)]
    [(-1.0, 'maximum'), (1.0, 'minimum')]
    """
    slope = elementwise_grad(f)
    grid = np.linspace(low, high, 1000)
    rises = slope(grid) > 0
    changes = np.flatnonzero(np.diff(rises))
    left, right, rises_left = grid[changes], grid[changes + 1], rises[changes]
    for _ in range(60):
        middle = (left + right) / 2
        before = (slope(middle) > 0) == rises_left
        left, right = np.where(before, middle, left), np.where(before, right, middle)
    return [(float(x), "maximum" if rose else "minimum") for x, rose in zip(right, rises_left, strict=True)]


def on_a_curve(
    descents: Sequence[Descent],
    f: Callable[[Any], Any],
    start: float,
    steps: int,
    window: tuple[float, float],
    formula: str = "",
) -> Grid:
    """Descents of a function of one number: the points on its curve, and below them xₙ over the steps.

    In the upper panels the minima are named; in the lower ones they are solid lines, and maxima dotted lines.

    Args:
        descents: the descents, one for each column.
        f: a function of one number that takes arrays as well.
        start: the start of all descents.
        steps: the number of steps.
        window: the smallest and the largest x to draw.
        formula: the formula of the function, for the legend.

    Returns:
        An array of axes, of shape ``(2, len(descents))``.
    """
    axes = panels(2, len(descents), size=(4.3, 2.9))
    xs = np.linspace(*window, 601)
    marks = stationary_points(f, *window)
    minima = _minima(f, [x for x, kind in marks if kind == "minimum"])
    for (above, below), descent in zip(axes.T, descents, strict=True):
        path = descent.path(f, start, steps)
        above.plot(xs, numbers(f(xs)), color=INK, linewidth=1.0, label=f"f(x) = {formula}" if formula else "f(x)")
        _frame(above, window, _stretched(numbers(f(xs))))
        for x, name in minima:
            above.annotate(name, (x, f(x)), (0, -6), textcoords="offset points", ha="center", va="top", fontsize=8.5)
        draw_path(above, path, numbers(f(path)))
        dress(above, descent.name, "x", "f(x)", legend="upper center")
        for x, kind in marks:
            below.axhline(x, color=GREY, linewidth=0.9, linestyle="-" if kind == "minimum" else ":")
        furthest = float(abs(path).max())
        diverges = furthest > 2 * max(map(abs, window))
        if diverges:
            below.set_yscale("symlog", linthresh=10.0)
        _frame(below, (-0.5, steps + 0.5), (-10 * furthest, 10 * furthest) if diverges else window)
        draw_path(below, np.arange(steps + 1), path)
        below.xaxis.get_major_locator().set_params(integer=True)
        dress(below, "", "step n", "xₙ", legend=None)
    return axes


def _minima(f: Callable[[Any], Any], at: Sequence[float]) -> list[tuple[float, str]]:
    """Each minimum with its name: the deepest of several is the global one."""
    names = ["global minimum", *["local minimum"] * (len(at) - 1)] if len(at) > 1 else ["minimum"]
    return list(zip(sorted(at, key=f), names, strict=False))


def learning_rates(rates: Sequence[float] = (1.5, 0.4, 0.001)) -> Grid:
    """Gradient descent of x² from x = 2 with three learning rates (notes: gradient descent and its traps).

    Since xₙ = 2(1 - 2α)ⁿ, α = 1.5 diverges, α = 0.4 reaches the minimum after a few steps, and α = 0.001 has hardly
    moved after 20.

    Args:
        rates: α, one for each column.
    """
    return on_a_curve([gradient_descent(lr) for lr in rates], lambda x: x**2, 2.0, 20, (-5.0, 5.0), "x²")


def local_minimum() -> Grid:
    """Descents of a curve with two minima, from x = 3 (notes: the traps of gradient descent; momentum).

    f(x) = (x - 2)²(x + 3)² - 2(x - 2)² has a local minimum at 2 and the global one at -3.35.  With α = 0.02,
    gradient descent stays in the local one; with α = 0.045 it jumps out but never settles; with momentum it rolls over
    the hill and settles in the global minimum.
    """
    descents = [gradient_descent(0.02), gradient_descent(0.045), momentum(0.02)]
    return on_a_curve(descents, double_well, 3.0, 40, (-5.2, 3.4), "(x - 2)²(x + 3)² - 2(x - 2)²")


# ---------------------------------------------------------------------------------------------------------------------
# On a surface
# ---------------------------------------------------------------------------------------------------------------------


def bowl(x: Any, y: Any) -> Any:
    """x²/20 + y²: flat along x and steep along y."""
    return x**2 / 20 + y**2


def on_a_surface(
    descents: Sequence[Descent],
    f: Callable[[Any, Any], Any] = bowl,
    start: tuple[float, float] = (-7.0, 2.0),
    steps: int = 40,
    window: tuple[float, float, float, float] = (-8.5, 8.5, -4.5, 4.5),
    columns: int = 2,
) -> Grid:
    """Descents of a function of two numbers, side by side on its contours.

    The default is the comparison of the notes: the bowl x²/20 + y² from (-7, 2) in 40 steps.

    Args:
        descents: the descents, one for each panel.
        f: a function of two numbers that takes arrays as well.
        start: the start of all descents.
        steps: the number of steps.
        window: the smallest and the largest x, then the smallest and the largest y to draw.
        columns: the number of panels in a row.

    Returns:
        An array of axes.
    """
    axes = series(len(descents), columns, size=(4.8, 3.1))
    for ax, descent in zip(axes, descents, strict=True):
        _on_contours(ax, descent, f, start, steps, window)
    return axes


def _on_contours(
    ax: Axes,
    descent: Descent,
    f: Callable[[Any, Any], Any] = bowl,
    start: tuple[float, float] = (-7.0, 2.0),
    steps: int = 40,
    window: tuple[float, float, float, float] = (-8.5, 8.5, -4.5, 4.5),
) -> Grid:
    """Draw a descent on the contours of its function, and return its points."""
    contours(ax, f, window)
    path = descent.path(f, start, steps)
    draw_path(ax, path[:, 0], path[:, 1])
    dress(ax, descent.name, "x", "y", legend="upper right")
    return path


def optimizers() -> Grid:
    """All optimizers of the notes on the bowl x²/20 + y², from (-7, 2) in 40 steps (notes: optimizers).

    Gradient descent zigzags across the valley and moves slowly along it; momentum is faster and overshoots; the
    adaptive optimizers scale each coordinate separately and head for the minimum.  The last panel shows the value of
    the function over the steps.

    Returns:
        An array of six axes: the five descents, and the values over the steps.
    """
    descents = [gradient_descent(0.95), momentum(0.1), adagrad(1.5), rmsprop(0.3), adam(0.3)]
    axes = series(len(descents) + 1, 3, size=(4.8, 3.1))
    for ax, descent, colour, dashes in zip(axes, descents, SERIES, ("-", ":", "--", "-.", "-"), strict=False):
        path = _on_contours(ax, descent)
        axes[-1].semilogy(bowl(path[:, 0], path[:, 1]), dashes, color=colour, label=descent.name.partition(",")[0])
    dress(axes[-1], "The value of f over the steps", "step", "f(x, y), logarithmic", legend="lower left")
    return axes


def bowl_momentum() -> Grid:
    """Gradient descent and momentum on the bowl, with α = 0.95 and α = 0.1 (notes: momentum).

    The gradient points across the valley, not along it: gradient descent zigzags with the large rate, and
    does not get half the way with the small one.  Momentum gains speed along the valley and overshoots.
    """
    return on_a_surface([descent(lr) for lr in (0.95, 0.1) for descent in (gradient_descent, momentum)])


def bowl_adagrad() -> Grid:
    """Gradient descent and AdaGrad on the bowl, with α = 0.1, 0.95 and 1.5 (notes: AdaGrad).

    AdaGrad divides each coordinate by the root of its summed squared gradients: its first step is (α, -α) for any
    slopes, and with α = 1.5, where gradient descent diverges, it reaches the minimum.  As the sums grow, its steps
    shrink: with α = 0.1 it is slow.
    """
    return on_a_surface([descent(lr) for lr in (0.1, 0.95, 1.5) for descent in (gradient_descent, adagrad)])


def bowl_rmsprop() -> Grid:
    """AdaGrad and RMSProp on the bowl, with α = 0.01 (notes: RMSProp).

    RMSProp forgets old gradients, so its steps do not shrink like AdaGrad's: it gets further in the same 40 steps.  The
    notes leave γ open; here it is 0.9 and 0.99.
    """
    descents = [adagrad(0.01), rmsprop(0.01), rmsprop(0.01, 0.99)]
    return on_a_surface(descents, window=(-7.3, -5.5, 0.7, 2.3), columns=3)


def bowl_adam() -> Grid:
    """RMSProp and Adam on the bowl, with α = 0.3 (notes: Adam).

    Adam is momentum scaled as in RMSProp, with both means corrected for their start at 0.  The notes leave γ, β₁ and
    β₂ open; here they are 0.9, 0.9 and 0.999.
    """
    return on_a_surface([rmsprop(0.3), adam(0.3)])


def adam_bias_correction(lr: float = 0.3, betas: tuple[float, float] = (0.9, 0.999), steps: int = 40) -> Grid:
    """Adam on the bowl with and without the correction of its means for their start at 0 (notes: Adam).

    Both means start at 0 and are too small at first, the second one more so.  So without correction the first step is
    (1 - β₁)/√(1 - β₂) times as long: 3.16 times for β₁ = 0.9 and β₂ = 0.999.

    Args:
        lr: the learning rate.
        betas: β₁ and β₂.
        steps: the number of steps.

    Returns:
        An array of three axes: the two descents, and the lengths of their steps in x.
    """
    options = {"lr": lr, "betas": betas, "eps": 1e-8, "eps_inside": True}
    descents = [
        Descent(f"Adam, α = {lr:g}, corrected", Adam, options),
        Descent("The same without correction", Adam, options | {"bias_correction": "none"}),
    ]
    axes = series(3, size=(4.8, 3.1))
    for ax, descent, colour, dashes in zip(axes, descents, (BLUE, RED), ("o-", "^--"), strict=False):
        path = _on_contours(ax, descent, steps=steps)
        axes[2].plot(np.arange(1, steps + 1), np.abs(np.diff(path[:, 0])), dashes, color=colour, markersize=3)
    for curve, label in zip(axes[2].get_lines(), ("corrected", "not corrected"), strict=True):
        curve.set_label(label)
    dress(axes[2], "The lengths of the steps in x", "step", "|Δx|")
    return axes


def directional_derivative(
    f: Callable[[Any, Any], Any] = bowl,
    at: tuple[float, float] = (-5.0, 1.5),
    window: tuple[float, float, float, float] = (-8.5, 8.5, -4.5, 4.5),
) -> Grid:
    """The field -∇f, and the slope in every direction at one point (notes: the directional derivative).

    The arrows stand at right angles to the contours and are the longer, the closer these are.  The derivative in the
    direction u = (cos θ, sin θ) is ∇f·u: largest along ∇f, smallest along -∇f, and 0 along the contour.

    Args:
        f: a function of two numbers that takes arrays as well.
        at: the point.
        window: the smallest and the largest x, then the smallest and the largest y to draw.

    Returns:
        An array of two axes.
    """
    axes = series(2, size=(4.8, 3.1))
    contours(axes[0], f, window)
    x, y = np.meshgrid(np.linspace(*window[:2], 14)[1:-1], np.linspace(*window[2:], 9)[1:-1])
    along_x, along_y = elementwise_grad(f, (0, 1))(x, y)
    axes[0].quiver(x, y, -along_x, -along_y, color=BLUE, width=0.004)
    axes[0].plot(*at, "D", color=RED, markersize=6, label=f"({at[0]:g}, {at[1]:g})")
    angles = np.linspace(-180.0, 180.0, 361)
    slopes = [numbers(jvp(f, at, (np.cos(t), np.sin(t)))[1]) for t in np.radians(angles)]
    axes[1].plot(angles, slopes, color=INK, label="∇f·(cos θ, sin θ)")
    for place, colour, marker, name in (
        (np.argmax(slopes), RED, "^", "steepest ascent, along ∇f"),
        (np.argmin(slopes), GREEN, "v", "steepest descent, along -∇f"),
    ):
        axes[1].plot(angles[place], slopes[place], marker, color=colour, markersize=8, label=name)
    axes[1].axhline(0.0, color=GREY, linewidth=0.8)
    axes[1].set_xticks([-180, -90, 0, 90, 180])
    dress(axes[0], "-∇f on the contours of f", "x", "y", legend="upper right")
    dress(axes[1], f"The slopes at ({at[0]:g}, {at[1]:g})", "θ in degrees", "derivative", legend="upper left")
    return axes


def batch_norm(steps: int = 20) -> Grid:
    """The error of a linear neuron before and after its inputs are normalised (notes: batch normalisation).

    One input spreads five times as far as the other.  So the contours are long ellipses, and the rate that the steep
    direction allows is slow in the other.  After (z - μ)/√(σ² + ε) they are nearly circles, and the same share of the
    largest stable rate leads straight to the minimum.

    Args:
        steps: the number of steps of gradient descent.
    """
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(200, 2)) * (5.0, 1.0)
    target = inputs @ (0.4, 1.0) + rng.normal(scale=0.1, size=200)
    axes = series(2, size=(4.6, 3.4))
    for ax, x, name in ((axes[0], inputs, "as they are"), (axes[1], _normalised(inputs), "normalised")):

        def error(w1: Any, w2: Any, x: Grid = x) -> Any:
            w1, w2 = (w if isinstance(w, Value) else np.asarray(w)[..., None] for w in (w1, w2))
            total: Any = ((w1 * x[:, 0] + w2 * x[:, 1] - target) ** 2).sum(-1)
            return total / (2 * len(x))

        steepest = np.linalg.eigvalsh(x.T @ x / len(x))[-1]
        best = np.linalg.lstsq(x, target)[0]
        path = gradient_descent(1.5 / steepest).path(error, best + np.array([2.0, -2.0]), steps)
        contours(ax, error, (best[0] - 3, best[0] + 3, best[1] - 3, best[1] + 3))
        draw_path(ax, path[:, 0], path[:, 1])
        dress(ax, f"Inputs {name}", "w₁", "w₂", legend="upper right")
    return axes


def _normalised(x: Grid) -> Grid:
    """The columns with mean 0 and variance 1, as batch normalisation leaves them."""
    return numbers(functional.batch_norm(x, None, None, training=True))


def simple_network_error(w1: Any, w2: Any) -> Any:
    """½(1 - w₂σ(w₁))²: the error of a net with one sigmoid neuron and one linear one, for the input 1 and target 1."""
    return 0.5 * (1 - w2 * sigmoid(w1)) ** 2


def simple_network(start: tuple[float, float] = (1.0, 1.0), lr: float = 0.1, steps: int = 100) -> Grid:
    """The net with two weights that the notes train by hand (notes: training of a simple neural network).

    From (1, 1) the weights move to (1.0053, 1.0197), to (1.0104, 1.0382) and on into the valley where the output is the
    target 1, which they reach near (1.1002, 1.3328).

    Args:
        start: the initial weights.
        lr: the learning rate.
        steps: the number of steps.

    Returns:
        An array of two axes: the path of the weights on the error surface, and the error over the steps.
    """
    path = gradient_descent(lr).path(simple_network_error, start, steps)
    axes = series(2)
    (left, bottom), (right, top) = path.min(axis=0) - 0.1, path.max(axis=0) + 0.1
    contours(axes[0], simple_network_error, (left, right, bottom, top))
    draw_path(axes[0], path[:, 0], path[:, 1])
    axes[1].semilogy(simple_network_error(path[:, 0], path[:, 1]), "o-", color=BLUE, markersize=2.5)
    dress(axes[0], f"The weights, η = {lr:g}", "w₁", "w₂", legend="lower right")
    dress(axes[1], "The error E = ½(1 - w₂σ(w₁))²", "step", "E, logarithmic")
    return axes


# ---------------------------------------------------------------------------------------------------------------------
# Frames
# ---------------------------------------------------------------------------------------------------------------------


def _frame(ax: Axes, x: tuple[float, float], y: tuple[float, float]) -> None:
    ax.set_xlim(*x)
    ax.set_ylim(*y)


def _stretched(y: Grid) -> tuple[float, float]:
    """The range of the numbers with a margin, and with space for a name below."""
    low, high = float(y.min()), float(y.max())
    return low - 0.18 * (high - low), high + 0.05 * (high - low)
