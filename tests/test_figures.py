"""Figures: each draws in silence, is labelled and whole, and shows the numbers that it speaks of."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value, elementwise_grad
from nn import init
from pathgrad import figures as plots
from pathgrad.notes.regularisation import polynomial_fit
from pathgrad.notes.tables import polynomial_points

pytestmark = pytest.mark.same_in_both_modes


@pytest.fixture(autouse=True)
def matplotlib(request: Any) -> None:
    if "without_matplotlib" not in request.node.name:
        pytest.importorskip("matplotlib")


def test_without_matplotlib_there_is_one_sentence(monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r'^figures need Matplotlib, .*: pip install "pathgrad\[plot\]"$'):
        plots.tangent()


def line(ax: Any, label: str) -> Any:
    """The points of the line with that label."""
    [found] = [each for each in ax.get_lines() if each.get_label() == label]
    return found.get_xydata()


# ---------------------------------------------------------------------------------------------------------------------
# All figures
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", plots.FIGURES)
def test_a_figure_draws_is_labelled_and_nothing_is_cut(name: str, tmp_path: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    axes = plots.FIGURES[name]()
    every = list(np.ravel(np.asarray(axes, dtype=object)))
    figure = every[0].figure
    file = plots.save(axes, tmp_path / f"{name}.png", dpi=60)  # warnings, as of letters that are missing, are errors
    assert file.read_bytes().startswith(b"\x89PNG")
    assert figure.axes == every

    grid = np.asarray(axes, dtype=object).reshape(-1, 1) if np.ndim(axes) < 2 else axes
    assert all(ax.get_title() for ax in (every if np.ndim(axes) < 2 else grid[0]))
    assert all(ax.get_xlabel() for ax in grid[-1])
    assert all(ax.get_ylabel() for ax in grid[:, 0])

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    page = figure.bbox
    titles = [ax.title.get_window_extent(renderer) for ax in every if ax.get_title()]
    for box in [*titles, *(ax.get_tightbbox(renderer) for ax in every)]:
        assert page.x0 - 1 <= box.x0 <= box.x1 <= page.x1 + 1
        assert page.y0 - 1 <= box.y0 <= box.y1 <= page.y1 + 1
    for i, box in enumerate(titles):
        assert not any(box.overlaps(other) for other in titles[:i])


@pytest.mark.parametrize("name", plots.FIGURES)
def test_a_figure_says_what_it_shows_and_where_the_notes_have_it(name: str) -> None:
    words = plots.FIGURES[name].__doc__
    assert words
    assert "(notes: " in words.partition("\n")[0]


def test_figures_leave_nothing_behind(tmp_path: Path) -> None:
    code = """
import sys, matplotlib
before = matplotlib.rcParams.copy()
from pathgrad import figures as plots
for name in ("tangent", "optimizers", "gates"):
    plots.save(plots.FIGURES[name](), sys.argv[1] + f"/{name}.svg")
print("matplotlib.pyplot" in sys.modules, matplotlib.rcParams.copy() == before)
"""
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("False True\n", "")


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_same_figure_is_the_same_file(kind: str, tmp_path: Path) -> None:
    files = [plots.save(plots.tangent(), tmp_path / f"{i}.{kind}") for i in range(2)]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_notebook_shows_a_small_picture() -> None:
    figure = plots.optimizers()[0].figure
    picture = figure._repr_png_()
    assert picture.startswith(b"\x89PNG")
    assert picture == figure._repr_png_()
    assert len(picture) < 60_000


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"must end in \.png, \.svg or \.pdf, not '.*figure\.docx'"):
        plots.save(plots.tangent(), tmp_path / "figure.docx")
    with pytest.raises(FileNotFoundError, match="does not exist: make it first"):
        plots.save(plots.tangent(), tmp_path / "nowhere" / "figure.png")
    assert list(tmp_path.iterdir()) == []


def test_a_figure_is_drawn_on_axes_that_are_given() -> None:
    axes = plots.panels(1, 2)[0]
    for draw, ax in zip([plots.tangent, plots.difference_orders], axes, strict=True):
        assert draw(ax=ax) is ax
    assert plots.activation(autograd.tanh, ax=axes[0]) is axes[0]
    assert plots.loss_curves({"a": [2.0, 1.0]}, ax=axes[1]) is axes[1]


# ---------------------------------------------------------------------------------------------------------------------
# Curves and slopes
# ---------------------------------------------------------------------------------------------------------------------


def test_difference_errors_of_the_cubic() -> None:
    h = 1e-4
    signed, absolute = plots.difference_errors()
    x, forward = line(signed, "forward").T
    np.testing.assert_allclose(forward, (12 * x - 2) * h + 4 * h**2, atol=1e-10)
    np.testing.assert_allclose(line(signed, "backward")[:, 1], -(12 * x - 2) * h + 4 * h**2, atol=1e-10)
    np.testing.assert_allclose(line(signed, "central")[:, 1], 4 * h**2, atol=1e-10)
    np.testing.assert_allclose(line(absolute, "forward")[:, 1], abs(forward))


def test_a_curve_of_errors_shows_below_one_of_the_same_size() -> None:
    for ax in [*plots.difference_errors(), plots.difference_orders()]:
        forward, backward = (curve for curve in ax.get_lines() if curve.get_label() in ("forward", "backward"))
        assert forward.get_linewidth() > 2 * backward.get_linewidth()
        assert forward.get_zorder() <= backward.get_zorder()


def test_the_function_of_the_notes_is_named() -> None:
    formula = "f(x) = 4x³ - 2x² - 7x + 1"
    assert formula in plots.difference_errors()[0].get_title()
    assert formula in plots.difference_orders().get_title()
    assert [len(line(plots.tangent(), formula))] == [len(line(plots.tangent(abs), "f(x)"))]
    assert formula not in plots.difference_orders(abs).get_title()


def test_difference_orders_are_one_and_two() -> None:
    ax = plots.difference_orders()
    for name, order in {"forward": 1, "backward": 1, "central": 2}.items():
        h, error = line(ax, name).T
        middle = (h > 1e-4) & (h < 1e-2)
        slope, _ = np.polyfit(np.log(h[middle]), np.log(error[middle]), 1)
        assert slope == pytest.approx(order, abs=0.02)


def test_tangent_and_secant() -> None:
    ax = plots.tangent(lambda x: x**2, x0=1.0, step=0.5)
    x, y = line(ax, "tangent, slope f′(1) = 2").T
    np.testing.assert_allclose(y, 2 * x - 1, atol=1e-12)
    x, y = line(ax, "secant, h = 0.5, slope 2.5").T
    np.testing.assert_allclose(y, 2.5 * x - 1.5, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "value", "slope"),
    [
        ("sigmoid(z)", lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
        ("tanh(z)", np.tanh, lambda z: 1 / np.cosh(z) ** 2),
        ("ReLU: max(0, z)", lambda z: np.maximum(0, z), lambda z: 1.0 * (z > 0)),
        ("leaky ReLU: max(0.1z, z)", lambda z: np.maximum(0.1 * z, z), lambda z: np.where(z > 0, 1, 0.1)),
        (
            "ELU: z, or exp(z) - 1 below 0",
            lambda z: np.where(z > 0, z, np.exp(z) - 1),
            lambda z: np.exp(np.minimum(z, 0)),
        ),
        ("maxout: max(-z/2, z - 1)", lambda z: np.maximum(-z / 2, z - 1), lambda z: np.where(z > 2 / 3, 1, -0.5)),
    ],
)
def test_activations_and_their_slopes(name: str, value: Any, slope: Any) -> None:
    [ax] = [ax for ax in plots.activations() if ax.get_title() == name]
    z, drawn = line(ax, "value").T
    np.testing.assert_allclose(drawn, value(z), atol=1e-12)
    z, drawn = line(ax, "slope").T
    seen = ~np.isnan(drawn)
    assert (~seen).sum() == (name.startswith(("ReLU", "leaky", "maxout")))  # open where it jumps, and only there
    np.testing.assert_allclose(drawn[seen], slope(z[seen]), atol=1e-12)


def test_the_slope_of_the_sigmoid_is_a_quarter_at_most() -> None:
    slope = line(plots.activations()[0], "slope")
    assert slope[slope[:, 1].argmax()].tolist() == [0.0, 0.25]


def test_cross_entropy_is_steep_where_the_squared_error_is_flat() -> None:
    squared, entropy = plots.cross_entropy()
    z, slope = line(entropy, "slope").T
    a = 1 / (1 + np.exp(-z))
    np.testing.assert_allclose(slope, a - 1, atol=1e-12)
    np.testing.assert_allclose(line(squared, "slope")[:, 1], -((1 - a) ** 2) * a, atol=1e-12)


def test_six_relus_draw_the_cubic() -> None:
    # the seven pieces, written out by hand
    by_hand = {-2.0: -3.4, -1.54: -0.548, -1.0: 0.0, 0.0: -1.0, 0.5: -1.2, 1.0: -0.3, 1.5: 3.2, 2.0: 6.7}
    units, total, error = plots.relu_approximation()
    for x, y in by_hand.items():
        assert plots.relu_sum(x) == pytest.approx(y, abs=1e-12)
    x, y = error.get_lines()[-1].get_xydata().T
    assert (x[abs(y).argmax()], abs(y).max()) == (2.0, pytest.approx(2.3))
    assert abs(y[x <= 1.6]).max() == pytest.approx(0.432531369555748216, abs=1e-4)
    assert len(units.get_lines()) == 6
    kinks = line(total, "kinks")[:, 0]
    np.testing.assert_allclose(sorted(kinks), [-1.54, -13 / 12, -5 / 6, 1 / 6, 0.55, 1.0])


# ---------------------------------------------------------------------------------------------------------------------
# Descents
# ---------------------------------------------------------------------------------------------------------------------

# computed from the formulas of the notes in double precision, outside of this package
BOWL = {
    "Gradient descent, α = 0.1": (-4.682802309987764, 0.00026584559915698326),
    "Gradient descent, α = 0.95": (-0.12913417973333843, 0.029561765882869087),
    "Gradient descent, α = 1.5": (-0.01051610874924004, 2199023255552.0),
    "Momentum, α = 0.1, β = 0.9": (0.9608825061708781, 0.2320586766444439),
    "Momentum, α = 0.95, β = 0.9": (-0.8502988229145052, 0.2431533091811391),
    "AdaGrad, α = 0.01": (-6.887669661694357, 1.8885493053934446),
    "AdaGrad, α = 0.1": (-5.909335406033783, 1.0143937068222173),
    "AdaGrad, α = 0.95": (-0.5254101724679958, 2.4009072124572934e-09),
    "AdaGrad, α = 1.5": (-0.034373539730639814, 5.952766592299484e-23),
    "RMSProp, α = 0.01, γ = 0.9": (-6.513553798943444, 1.5254778376550004),
    "RMSProp, α = 0.01, γ = 0.99": (-5.870173422561775, 0.9810288876268032),
    "RMSProp, α = 0.3, γ = 0.9": (-0.0065627028769726925, 8.051106867219913e-16),
    "Adam, α = 0.3": (0.7014739258595327, -0.09601972154842275),
}


@pytest.mark.parametrize("name", ["optimizers", "bowl-momentum", "bowl-adagrad", "bowl-rmsprop", "bowl-adam"])
def test_the_ends_of_the_descents_of_the_bowl(name: str) -> None:
    axes = plots.FIGURES[name]()
    for ax in axes[:5] if name == "optimizers" else axes:
        path = ax.get_lines()[0].get_xydata()
        assert path[0].tolist() == [-7.0, 2.0]
        if ax.get_title() == "Gradient descent, α = 1.5":
            assert path[-1] == pytest.approx([-7 * 0.85**2, 2 * (-2) ** 2])
            assert "leaves at step 2" in [text.get_text() for text in ax.get_legend().get_texts()]
        else:
            assert len(path) == 41
            assert path[-1] == pytest.approx(BOWL[ax.get_title()], rel=1e-9, abs=1e-12)


def test_the_last_panel_of_the_optimizers_compares_the_values_of_all() -> None:
    *descents, values = plots.optimizers()
    for ax in descents:
        name = ax.get_title().partition(",")[0]
        x, y = BOWL[ax.get_title()]
        assert line(values, name)[0].tolist() == [0.0, 7**2 / 20 + 2**2]
        assert line(values, name)[40] == pytest.approx([40.0, x**2 / 20 + y**2])


def test_a_descent_that_leaves_the_picture_goes_on() -> None:
    descent = plots.gradient_descent(1.5)
    assert descent.path(plots.bowl, (-7, 2), 40)[-1] == pytest.approx(BOWL[descent.name])


def test_learning_rates_on_the_parabola() -> None:
    axes = plots.learning_rates()
    for ax, alpha in zip(axes[1], (1.5, 0.4, 0.001), strict=True):
        n, x = max((each.get_xydata() for each in ax.get_lines()), key=len).T
        np.testing.assert_allclose(x, 2 * (1 - 2 * alpha) ** n, rtol=1e-12)
    assert axes[1, 0].get_yscale() == "symlog"
    assert axes[1, 1].get_yscale() == "linear"


def test_the_traps_of_the_double_well() -> None:
    axes = plots.local_minimum()
    stuck, bouncing, rolling = (max((each.get_ydata() for each in ax.get_lines()), key=len) for ax in axes[1])
    assert stuck[-1] == pytest.approx(2.0, abs=1e-9)
    assert bouncing[1] == pytest.approx(-0.6)
    assert np.ptp(bouncing[20:]) > 2.0
    assert rolling[1:5] == pytest.approx([1.4, 0.31328, -0.43609945617596416, -1.27349952521884711])
    assert rolling[-1] == pytest.approx(-3.1894392208702786)
    heights = {each.get_ydata()[0] for each in axes[1, 0].get_lines() if len(each.get_ydata()) == 2}
    assert sorted(heights) == pytest.approx([(-7 - math.sqrt(41)) / 4, (-7 + math.sqrt(41)) / 4, 2.0])


def test_minima_are_named() -> None:
    wells = [(text.get_text(), text.xy[0]) for text in plots.local_minimum()[0, 0].texts]
    assert wells == [("global minimum", pytest.approx((-7 - math.sqrt(41)) / 4)), ("local minimum", pytest.approx(2.0))]
    assert [text.get_text() for ax in plots.learning_rates()[0] for text in ax.texts] == ["minimum"] * 3


def test_stationary_points() -> None:
    found = plots.stationary_points(plots.double_well, -5.0, 3.0)
    by_hand = [((-7 - math.sqrt(41)) / 4, "minimum"), ((-7 + math.sqrt(41)) / 4, "maximum"), (2.0, "minimum")]
    assert found == [(pytest.approx(x), kind) for x, kind in by_hand]
    assert plots.stationary_points(lambda x: 2 * x, -1.0, 1.0) == []
    assert plots.stationary_points(abs, -1.0, 2.0) == [(pytest.approx(0.0, abs=1e-12), "minimum")]
    on_the_grid = plots.stationary_points(lambda x: -((x - 1) ** 2), 0.0, 999.0)
    assert on_the_grid == [(pytest.approx(1.0), "maximum")]


def test_the_net_that_is_trained_by_hand() -> None:
    weights, error = plots.simple_network()
    path = weights.get_lines()[0].get_xydata()
    assert path[1] == pytest.approx([1.00528770927842667, 1.01966119332414818])
    assert path[64] == pytest.approx([1.09835676326294365, 1.32711410458283473])
    assert path[100] == pytest.approx([1.10005800469875581, 1.33223441778925094])
    assert error.get_lines()[0].get_ydata()[[0, 100]] == pytest.approx([0.0361647440642566341, 1.07270669724800675e-07])


# ---------------------------------------------------------------------------------------------------------------------
# Signals through layers
# ---------------------------------------------------------------------------------------------------------------------


def test_gradients_vanish_along_a_chain() -> None:
    chain, net = plots.vanishing_gradients()
    sigmoid, relu = line(chain, "sigmoid"), line(chain, "ReLU")
    assert sigmoid[[0, 1, 9], 1] == pytest.approx(
        [0.196611933241481853, 0.0431291600624223311, 2.78476717581758635e-07]
    )
    assert relu[:, 1].tolist() == [1.0] * 10
    assert (sigmoid[:, 1] <= line(chain, "(1/4)ⁿ")[:, 1]).all()
    first, last = line(net, "sigmoid, Xavier")[[0, 9], 1]
    assert first < 0.25**8 * last
    first, last = line(net, "ReLU, He")[[0, 9], 1]
    assert 0.1 < first / last < 10


def test_the_gradients_of_a_net_are_those_of_back_propagation() -> None:
    def weights(shape: Any, rng: Any) -> Any:
        return rng.normal(size=shape)

    rng = np.random.default_rng(3)
    x = rng.normal(size=(100, 4))
    w1, w2 = rng.normal(size=(4, 4)), rng.normal(size=(4, 4))
    a1 = np.tanh(x @ w1.T)
    a2 = np.tanh(a1 @ w2.T)
    delta2 = (1 - a2**2) / a2.size
    delta1 = delta2 @ w2 * (1 - a1**2)
    by_hand = [abs(delta1.T @ x).mean(), abs(delta2.T @ a1).mean()]
    assert plots.layer_gradients(autograd.tanh, weights, layers=2, units=4, rng=3) == pytest.approx(by_hand)


def test_initialisers_saturate_collapse_or_spread() -> None:
    axes = plots.activation_histograms()
    ends = [axes[0, i].patches[0].get_data().values[[0, -1]].sum() for i in range(5)]
    middle = [axes[1, i].patches[0].get_data().values[[14, 15]].sum() for i in range(1, 5)]
    assert min(ends) > 0.5
    assert min(middle) > 0.9
    for ax in axes.flat:
        assert ax.patches[0].get_data().values.sum() == pytest.approx(1.0)
    assert [text.get_text() for text in axes[2, 4].texts] == ["std 0.1"]


def test_he_keeps_what_xavier_loses_under_relu() -> None:
    spread = {
        name: [a.std() for a in plots.layer_activations(how, autograd.relu)]
        for name, how in plots.RELU_INITIALISERS.items()
    }
    he, xavier = spread["He, √(2/n)"], spread["Xavier, 1/√n"]
    assert he[4] / he[0] > 0.8
    assert xavier[4] / xavier[0] == pytest.approx(he[4] / he[0] * 0.5**2)  # the same numbers, a layer a factor of √½


def test_histograms_of_any_activation() -> None:
    def everything_zero(shape: Any, rng: Any) -> Any:
        return init.zeros(shape)

    axes = plots.activation_histograms({"zeros": everything_zero}, autograd.tanh, layers=2)
    assert axes.shape == (1, 2)
    assert axes[0, 0].patches[0].get_data().values[0] == 1.0


# ---------------------------------------------------------------------------------------------------------------------
# Boundaries
# ---------------------------------------------------------------------------------------------------------------------


def regions(ax: Any, *points: tuple[float, float]) -> list[int]:
    """In which region, counted from the lowest level, points lie."""
    filled = ax.collections[0]
    return [next(i for i, path in enumerate(filled.get_paths()) if path.contains_point(p)) for p in points]


CORNERS = [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_gates_divide_the_corners() -> None:
    truth = {"OR": [0, 1, 1, 1], "AND": [0, 0, 0, 1], "NAND": [1, 1, 1, 0], "XOR": [0, 1, 1, 0]}
    for ax in plots.gates():
        name = ax.get_title().partition(":")[0]
        assert regions(ax, *CORNERS) == truth[name]
        ones = {tuple(point) for point in line(ax, "class 1").tolist()}
        assert ones == {corner for corner, bit in zip(CORNERS, truth[name], strict=True) if bit}
        for each in ax.get_lines():
            if each.get_label() == "boundary":
                sums = {round(3 * x + 3 * y, 9) for x, y in each.get_xydata()}
                assert sums <= ({2.0} if name == "OR" else {4.0} if name != "XOR" else {2.0, 4.0})


def test_the_perceptron_of_the_notes_step_by_step() -> None:
    axes = plots.perceptron_steps()
    assert [ax.get_title() for ax in axes] == [
        "w = (-12, 2, 3)",
        "w = (-11, 4, 5)",
        "w = (-12, 0, 5)",
        "w = (-11, 2, 7)",
    ]
    assert [line(ax, "misclassified").tolist() for ax in axes[:3]] == [[[2, 2]], [[4, 0]], [[2, 2]]]
    assert [regions(ax, (2, 2), (4, 0)) for ax in axes] == [[0, 0], [1, 1], [0, 0], [1, 0]]


def test_a_perceptron_that_never_ends_is_cut_off() -> None:
    axes = plots.perceptron_steps(CORNERS, [-1, 1, 1, -1], (0, 0, 0))
    assert len(axes) == 16


def test_logistic_regression_has_six_of_ten() -> None:
    ax = plots.logistic_regression()
    zeros, ones = line(ax, "class 0"), line(ax, "class 1")
    right = regions(ax, *zeros).count(0) + regions(ax, *ones).count(1)
    assert (len(zeros), len(ones), right) == (5, 5, 6)
    assert plots.logistic_weights() == pytest.approx(
        [-1.54298066336906416, -0.474798604358723667, 0.973147314069699917]
    )


def test_a_trained_net_divides_the_moons() -> None:
    ax = plots.trained_boundary()
    zeros, ones = line(ax, "class 0"), line(ax, "class 1")
    assert len(zeros) == len(ones) == 100
    assert regions(ax, *zeros).count(0) + regions(ax, *ones).count(1) >= 198


@pytest.mark.parametrize(
    "classifier",
    [
        lambda x, y: x - y,
        lambda x, y: 1.0 if x > y else -1.0,  # a branch, which arrays cannot take
        lambda x, y: Value(x) - Value(y),
        lambda x, y: [x, y, 0][0] - y if np.ndim(x) == 0 else None,
    ],
    ids=["arrays", "branch", "Values", "numbers"],
)
def test_any_classifier_has_a_boundary(classifier: Any) -> None:
    ax = plots.decision_boundary(classifier, window=(0, 1, 0, 1), resolution=21)
    assert regions(ax, (0.2, 0.8), (0.8, 0.2)) == [0, 1]


def test_classes_by_number_have_regions_of_their_own() -> None:
    points, labels = [[0.5, 0], [1.5, 0], [2.5, 0]], [0, 1, 2]
    ax = plots.decision_boundary(lambda x, y: np.floor(x), points, labels, levels=[0.5, 1.5], window=(0, 3, -1, 1))
    assert regions(ax, *map(tuple, points)) == [0, 1, 2]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (([[0, 0], [1, 1]], [1]), "needs a label for each point, not 1 for 2"),
        (([[0, 0, 0]], [1]), r"needs a row \(x, y\) for each point, not an array of shape \(1, 3\)"),
        (((), ()), "without points needs a window"),
        ((CORNERS, [0, 0, 0, 1], ()), "needs at least one level"),
    ],
)
def test_what_no_boundary_can_be_drawn_of(arguments: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        plots.decision_boundary(lambda x, y: x, *arguments)


# ---------------------------------------------------------------------------------------------------------------------
# Fits
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("degree", "printed"),
    [
        (0, ["0.19"]),
        (1, ["0.82", "-1.27"]),
        (3, ["0.31", "7.99", "-25.43", "17.37"]),
    ],
)
def test_polynomials_have_the_coefficients_of_the_notes(degree: int, printed: list[str]) -> None:
    assert [f"{w:.2f}" for w in polynomial_fit(*polynomial_points(), degree)] == printed


def test_the_polynomial_that_overfits() -> None:
    exact = [0.349486, 232.368426225, -5321.82877642767857, 48568.3143510294643, -231639.3111590859375]
    exact += [640042.30716305625, -1061800.624406784375, 1042400.30039656875, -557683.066064702009, 125201.452086120536]
    assert polynomial_fit(*polynomial_points(), 9) == pytest.approx(exact, rel=1e-7)
    ax = plots.overfitting()[3]
    curve = line(ax, "fit, |w| ≤ 1.06e+06")
    x, t = polynomial_points()
    np.testing.assert_allclose(np.interp(x, *curve.T), t, atol=2e-2)
    assert curve[:, 1].max() > 3.0


def test_weight_decay_against_the_normal_equations() -> None:
    mpmath = pytest.importorskip("mpmath")
    x, t = polynomial_points()
    with mpmath.workdps(50):
        powers = mpmath.matrix([[mpmath.mpf(a) ** j for j in range(10)] for a in x])
        normal = powers.T * powers + mpmath.mpf(math.exp(-18)) * mpmath.eye(10)
        exact = [float(w) for w in mpmath.lu_solve(normal, powers.T * mpmath.matrix(t))]
    assert polynomial_fit(x, t, 9, math.exp(-18)) == pytest.approx(exact, rel=1e-9)
    assert [ax.get_title() for ax in plots.weight_decay()] == ["M = 9, λ = 0", "M = 9, log λ = -18", "M = 9, log λ = 0"]


def test_a_full_batch_descends_as_the_closed_form_says() -> None:
    x, t = plots.noisy_line()
    hessian, best = 2 * x.T @ x / len(x), np.linalg.lstsq(x, t, rcond=None)[0]
    rows = plots.batch_descent(100)
    shrink = np.linalg.matrix_power(np.eye(2) - 0.05 * hessian, 10)
    assert rows[-1, 1:3] == pytest.approx(best + shrink @ (np.array([-1.0, 2.0]) - best))
    assert rows[:, 0].tolist() == list(range(11))
    assert rows[-1, 3] == pytest.approx(np.mean((x @ rows[-1, 1:3] - t) ** 2))


def test_small_batches_are_quicker_and_less_steady() -> None:
    losses = {size: plots.batch_descent(size)[:, 3] for size in (100, 10, 1)}
    assert {size: len(each) - 1 for size, each in losses.items()} == {100: 10, 10: 100, 1: 1000}
    after_two_epochs = [losses[size][200 // size] for size in (1, 10, 100)]
    assert after_two_epochs == sorted(after_two_epochs)
    assert (np.diff(losses[100]) < 0).all()
    assert losses[1][500:].std() > 5 * losses[10][50:].std()
    loss, *ways = plots.batch_sizes()
    for ax, each, size in zip(ways, loss.get_lines(), (100, 10, 1), strict=True):
        assert each.get_ydata().tolist() == losses[size].tolist()
        assert ax.get_lines()[0].get_xydata().tolist() == plots.batch_descent(size)[:, 1:3].tolist()


def test_loss_curves_of_a_history() -> None:
    ax = plots.loss_curves({"training": [1.0, 0.1], "validation": [1.5, 0.5]}, title="XOR")
    assert line(ax, "validation").tolist() == [[1, 1.5], [2, 0.5]]
    assert (ax.get_yscale(), ax.get_title(), ax.get_xlabel()) == ("log", "XOR", "epoch")
    assert plots.loss_curves({"training": [1.0, 0.0]}).get_yscale() == "linear"


def test_the_slope_that_is_drawn_is_that_of_the_engine() -> None:
    ax = plots.activation(autograd.gelu, "gelu", -3.0, 3.0)
    z, slope = line(ax, "slope").T
    assert ax.get_title() == "gelu"
    assert slope.tolist() == elementwise_grad(autograd.gelu)(z).tolist()


# ---------------------------------------------------------------------------------------------------------------------
# Probabilities, lines, margins and networks
# ---------------------------------------------------------------------------------------------------------------------


def test_two_apples_of_five_are_most_likely_at_two_fifths() -> None:
    for ax in plots.likelihood():
        [[w, _]] = line(ax, "largest at w = 0.4")
        assert w == pytest.approx(0.4, abs=1e-9)


def test_the_probability_of_a_class_is_a_sigmoid() -> None:
    ax = plots.bayes_sigmoid(means=(2.0, -0.5), spread=0.7, prior=0.3)[1]
    np.testing.assert_allclose(line(ax, "Bayes' theorem"), line(ax, "σ(a)"), rtol=1e-12)


def test_the_loss_of_the_digit_and_its_slopes() -> None:
    _, probabilities, slopes = plots.digit()
    assert "0.223" in slopes.get_title()  # -log 0.8
    y = [bar.get_height() for bar in probabilities.patches]
    assert sum(y) == pytest.approx(1.0)
    wanted = [p - (k == 5) for k, p in enumerate(y)]
    assert [bar.get_height() for bar in slopes.patches] == pytest.approx(wanted, abs=1e-12)


def test_the_slope_in_a_direction_is_steepest_along_the_gradient() -> None:
    ax = plots.directional_derivative()[1]
    [[_, up]], [[_, down]] = line(ax, "steepest ascent, along ∇f"), line(ax, "steepest descent, along -∇f")
    size = math.hypot(-5.0 / 10, 2 * 1.5)
    assert (up, down) == pytest.approx((size, -size), rel=1e-4)


def test_without_correction_the_first_step_of_adam_is_too_long() -> None:
    ax = plots.adam_bias_correction()[2]
    right, wrong = line(ax, "corrected"), line(ax, "not corrected")
    assert right[0, 1] == pytest.approx(0.3, rel=1e-6)
    assert wrong[0, 1] / right[0, 1] == pytest.approx((1 - 0.9) / math.sqrt(1 - 0.999), rel=1e-4)


def test_normalised_inputs_are_learnt_in_fewer_steps() -> None:
    slow, fast = plots.batch_norm()

    def remaining(ax: Any) -> float:
        path = ax.get_lines()[0].get_xydata()
        (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
        return float(np.hypot(*(path[-1] - ((left + right) / 2, (bottom + top) / 2))))

    assert remaining(fast) < 1e-3 < 0.1 < remaining(slow)


def test_the_line_is_that_of_least_squares() -> None:
    first, second = plots.line_fit(steps=200)
    x, y = first.get_lines()[0].get_xydata().T
    assert second.get_lines()[0].get_xydata()[-1] == pytest.approx(np.polyfit(x, y, 1), rel=1e-6)


def test_the_widest_margin() -> None:
    rng = np.random.default_rng(0)
    angles = np.linspace(0, 2 * np.pi, 20_000)
    directions = np.stack([np.cos(angles), np.sin(angles)])
    for _ in range(20):
        below, above = rng.normal(size=(5, 2)), rng.normal(size=(4, 2)) + rng.choice([-5.0, 5.0], 2)
        w, b = plots.widest_margin([*below, *above], [-1] * 5 + [1] * 4)
        assert (above @ w + b).min() == pytest.approx(1.0)
        assert (below @ w + b).max() == pytest.approx(-1.0)
        widest = np.max((above @ directions).min(0) - (below @ directions).max(0)) / 2
        assert widest <= 1 / np.linalg.norm(w) == pytest.approx(widest, rel=1e-3)
    with pytest.raises(ValueError, match="no line separates"):
        plots.widest_margin([[0, 0], [1, 1], [0, 1], [1, 0]], [1, 1, -1, -1])


def test_each_edge_of_the_margin_passes_through_the_support_vectors_of_its_class() -> None:
    ax = plots.margin()
    support = line(ax, "support vectors")
    for start, end in [each.get_xydata() for each in ax.get_lines() if each.get_linestyle() == "--"]:
        along_x, along_y = (end - start) / np.linalg.norm(end - start)
        distances = abs((support - start) @ [along_y, -along_x])
        assert sorted(distances) == pytest.approx([0.0, 0.0, 2 * 0.894427191, 2 * 0.894427191], abs=1e-9)


def test_after_the_sigmoid_a_line_separates_xor() -> None:
    inputs, _, outputs = plots.planes()
    for ax, separable in ((inputs, False), (outputs, True)):
        zeros, ones = line(ax, "XOR = 0"), line(ax, "XOR = 1")
        assert (max(zeros.sum(1)) < min(ones.sum(1))) == separable


def test_a_diagram_has_a_line_for_each_weight_and_dropout_leaves_none_at_a_dropped_neuron() -> None:
    assert [len(ax.get_lines()) for ax in plots.network_diagrams()] == [2 * 3 + 3, 2 * 4 + 4 * 4 + 4 * 4 + 4]
    whole, step, _ = plots.dropout()
    assert "0" not in [text.get_text() for text in whole.texts]
    assert "0" in [text.get_text() for text in step.texts]
