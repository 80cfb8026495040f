"""Losses: the notes' numbers, one formula for arrays and for single numbers, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import autograd
from autograd import Tensor, Value, check_gradients, grad, log, sigmoid, stack
from autograd.core.sweep import topological_order
from nn import losses
from nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    categorical_cross_entropy,
    cross_entropy,
    half_squared_error,
    hinge_loss,
    huber_loss,
    kl_div,
    l1_loss,
    l1_penalty,
    l2_penalty,
    mse_loss,
    nll_loss,
    smooth_l1_loss,
)

pytestmark = pytest.mark.same_in_both_modes

rng = np.random.default_rng(4)


def both(loss: Any, numbers: Any, *rest: Any, **options: Any) -> tuple[float, Any]:
    """The loss and its gradient, which must be the same of a Tensor and of Values."""
    tensor = Tensor(numbers)
    whole = loss(tensor, *rest, **options)
    whole.backward()
    values = [Value(x) for x in tensor.numpy().ravel().tolist()]
    nested = np.array(values, object).reshape(tensor.shape).tolist()
    single = loss(nested, *rest, **options)
    assert isinstance(single, Value)
    single.backward()
    assert whole.item() == pytest.approx(single.data, rel=1e-12, abs=1e-14)
    np.testing.assert_allclose(tensor.grad.ravel(), [x.grad or 0.0 for x in values], rtol=1e-12, atol=1e-14)
    return single.data, tensor.grad


# ---------------------------------------------------------------------------------------------------------------------
# The notes
# ---------------------------------------------------------------------------------------------------------------------

PREDICTED, WANTED = [0.7, 0.2, 0.1], [1, 0, 0]


def test_l1_of_the_notes_is_a_sum() -> None:
    loss, slope = both(l1_loss, PREDICTED, WANTED, reduction="sum")
    assert loss == pytest.approx(0.6, rel=1e-15)
    assert slope.tolist() == [-1.0, 1.0, 1.0]


def test_l2_of_the_notes_is_a_mean() -> None:
    loss, slope = both(mse_loss, PREDICTED, WANTED)
    assert loss == pytest.approx(0.14 / 3, rel=1e-14)
    np.testing.assert_allclose(slope, [-0.6 / 3, 0.4 / 3, 0.2 / 3], rtol=1e-14)
    assert both(mse_loss, PREDICTED, WANTED, reduction="sum")[0] == pytest.approx(0.14, rel=1e-14)


def test_half_of_the_square_has_the_error_for_a_slope() -> None:
    loss, slope = both(half_squared_error, PREDICTED, WANTED)
    assert loss == pytest.approx(0.07, rel=1e-14)
    np.testing.assert_allclose(slope, [-0.3, 0.2, 0.1], rtol=1e-14)


def test_cross_entropy_of_the_notes() -> None:
    loss, slope = both(categorical_cross_entropy, PREDICTED, WANTED)
    assert loss == pytest.approx(0.356674943938732378912638711241, rel=1e-15)
    np.testing.assert_allclose(slope, [-1 / 0.7, 0.0, 0.0], rtol=1e-15)


def test_binary_cross_entropy_of_the_notes() -> None:
    loss, slope = both(binary_cross_entropy, [0.9, 0.2], [1, 0])
    assert loss == pytest.approx(0.164252033486018028496898035575, rel=1e-14)
    np.testing.assert_allclose(slope, [-1 / 1.8, 1 / 1.6], rtol=1e-14)


def test_cross_entropy_has_a_minus() -> None:
    """Two of the notes' formulas lack it; minimising those would make the right answer as unlikely as can be."""
    y = Value(0.5)
    loss = binary_cross_entropy(y, 1)
    assert loss.data == pytest.approx(math.log(2.0), rel=1e-15)
    loss.backward()
    assert y.grad == -2.0  # more probability for the right answer is less loss


def test_likelihood_of_labelled_points() -> None:
    """-log of the product of P = σ(x), or 1 - σ(x) for the label 0, is the summed cross-entropy, in three ways."""
    w = Value(1.0, label="w")
    scores, labels = [w * x for x in (2, 3, 5)], [1, 0, 1]
    chances = [sigmoid(s) if label else 1 - sigmoid(s) for s, label in zip(scores, labels, strict=True)]
    wanted = [0.880797077977882444059729141302, 0.0474258731775667808788481517718, 0.993307149075715144440638019619]
    np.testing.assert_allclose([p.item() for p in chances], wanted, rtol=1e-14)
    product = chances[0] * chances[1] * chances[2]
    assert product.data == pytest.approx(0.0414929929281670337715267983784, rel=1e-14)
    three = [
        -log(product),
        binary_cross_entropy([sigmoid(s) for s in scores], labels, reduction="sum"),
        binary_cross_entropy_with_logits(scores, labels, reduction="sum"),
    ]
    slopes = []
    for loss in three:
        assert loss.data == pytest.approx(3.18223071110583262381906941395, rel=1e-14)
        w.grad = None
        loss.backward()
        slopes.append(w.grad)
    wanted = sum((1 / (1 + math.exp(-x)) - label) * x for x, label in zip((2, 3, 5), labels, strict=True))
    np.testing.assert_allclose(slopes, [wanted] * 3, rtol=1e-13)


def test_the_logarithm_of_minus_a_product_is_none() -> None:
    """One step of the notes minimises log(-∏P), which no real number is; what is meant is -log ∏P."""
    product = Value(0.9) * 0.8
    with pytest.raises(ValueError, match="log"):
        log(-product)
    assert (-log(product)).data == pytest.approx(-math.log(0.72))


def test_weight_decay_of_the_notes() -> None:
    loss, slope = both(l2_penalty, [0.5, -2.0], 0.7, 10)
    assert loss == pytest.approx(0.14875, rel=1e-14)
    np.testing.assert_allclose(slope, [0.035, -0.14], rtol=1e-14)
    loss, slope = both(l1_penalty, [0.5, -2.0], 0.7, 10)
    assert loss == pytest.approx(0.0875, rel=1e-14)
    np.testing.assert_allclose(slope, [0.035, -0.035], rtol=1e-14)
    w = Value(0.0)
    l1_penalty(w, 0.7).backward()
    assert w.grad == 0.0


def test_penalties_of_all_weights_of_a_network() -> None:
    first, second, third = Tensor([[1.0, 2.0]]), Tensor(np.float32([3.0]).reshape(1)), Value(4.0)
    penalty = l2_penalty({"layers": [first, second], "last": third}, 1.0)
    penalty.backward()
    assert penalty.item() == 15.0
    assert (first.grad.tolist(), second.grad.tolist(), third.grad) == ([[1.0, 2.0]], [3.0], 4.0)


def test_probabilities_of_ten_digits() -> None:
    """Those of the notes, some of which are rounded to 0: they have no share in the loss of another label."""
    y = [0.1, 0.0, 0.0, 0.0, 0.04, 0.8, 0.05, 0.0, 0.0, 0.01]
    loss, slope = both(categorical_cross_entropy, y, np.eye(10)[5])
    assert loss == pytest.approx(0.22314355131420975576629509031, rel=1e-14)
    np.testing.assert_allclose(slope, -np.eye(10)[5] / 0.8, rtol=1e-14)
    assert both(categorical_cross_entropy, [y], [5])[0] == loss


@pytest.mark.parametrize("target", [0, 1])
def test_behind_a_sigmoid_or_softmax_the_slope_is_output_minus_target(target: int) -> None:
    z = 0.3
    assert both(binary_cross_entropy_with_logits, [z], [target])[1] == pytest.approx(1 / (1 + math.exp(-z)) - target)
    powers = np.exp([z, -1.0, 2.0])
    wanted = powers / powers.sum() - np.eye(3)[target]
    np.testing.assert_allclose(both(cross_entropy, [z, -1.0, 2.0], target)[1], wanted, rtol=1e-13)


# ---------------------------------------------------------------------------------------------------------------------
# One formula for both
# ---------------------------------------------------------------------------------------------------------------------

numbers = st.floats(-50.0, 50.0)
shares = st.floats(0.0, 1.0)
shapes = st.sampled_from([(1,), (3,), (2, 3), (4, 1)])
REDUCTIONS = st.sampled_from(["mean", "sum"])


@given(data=st.data(), shape=shapes, reduction=REDUCTIONS)
def test_numbers_give_what_arrays_give(data: Any, shape: Any, reduction: str) -> None:
    x, t = data.draw(arrays(float, shape, elements=numbers)), data.draw(arrays(float, shape, elements=numbers))
    p = data.draw(arrays(float, shape, elements=shares))
    for loss in (mse_loss, half_squared_error, l1_loss, huber_loss, smooth_l1_loss):
        both(loss, x, t, reduction=reduction)
    both(hinge_loss, x, np.where(t > 0, 1, -1), reduction=reduction)
    both(binary_cross_entropy_with_logits, x, p, reduction=reduction, weight=p + 1.0, pos_weight=2.0)
    both(binary_cross_entropy_with_logits, x, p, reduction=reduction)
    both(binary_cross_entropy, data.draw(arrays(float, shape, elements=shares)), p, reduction=reduction)
    both(kl_div, x, p, reduction=reduction)


@given(data=st.data(), samples=st.integers(1, 3), classes=st.integers(1, 4), reduction=REDUCTIONS)
def test_numbers_give_what_arrays_give_for_classes(data: Any, samples: int, classes: int, reduction: str) -> None:
    x = data.draw(arrays(float, (samples, classes), elements=numbers))
    labels = data.draw(arrays(int, samples, elements=st.integers(0, classes - 1)))
    p = data.draw(arrays(float, (samples, classes), elements=shares))
    weight = np.arange(1.0, classes + 1.0)
    for target in (labels, p):
        both(cross_entropy, x, target, reduction=reduction)
        both(cross_entropy, x, target, weight, label_smoothing=0.1, reduction=reduction)
        both(categorical_cross_entropy, p, target, reduction=reduction)
    both(nll_loss, x, labels, weight, reduction=reduction)
    both(nll_loss, x, labels, reduction=reduction)


def huber(error: float, delta: float) -> float:
    return 0.5 * error**2 if abs(error) <= delta else delta * (abs(error) - 0.5 * delta)


def binary(p: float, t: float, positive: float = 1.0) -> float:
    return -positive * t * math.log(p) - (1 - t) * math.log(1 - p)


FORMULAS: list[tuple[Any, dict[str, Any], Any]] = [
    (mse_loss, {}, lambda x, t: (x - t) ** 2),
    (half_squared_error, {}, lambda x, t: 0.5 * (x - t) ** 2),
    (l1_loss, {}, lambda x, t: abs(x - t)),
    (huber_loss, {}, lambda x, t: huber(x - t, 1.0)),
    (huber_loss, {"delta": 0.25}, lambda x, t: huber(x - t, 0.25)),
    (smooth_l1_loss, {}, lambda x, t: huber(x - t, 1.0)),
    (smooth_l1_loss, {"beta": 0.25}, lambda x, t: huber(x - t, 0.25) / 0.25),
    (smooth_l1_loss, {"beta": 0.0}, lambda x, t: abs(x - t)),
    (hinge_loss, {}, lambda x, t: max(0.0, 1.0 - t * x)),
    (hinge_loss, {"margin": 0.25}, lambda x, t: max(0.0, 0.25 - t * x)),
    (binary_cross_entropy, {}, binary),
    (binary_cross_entropy_with_logits, {}, lambda x, t: binary(1 / (1 + math.exp(-x)), t)),
    (binary_cross_entropy_with_logits, {"pos_weight": 3.0}, lambda x, t: binary(1 / (1 + math.exp(-x)), t, 3.0)),
    (kl_div, {}, lambda x, t: t * (math.log(t) - x)),
    (kl_div, {"log_target": True}, lambda x, t: math.exp(t) * (t - x)),
]


@pytest.mark.parametrize(("loss", "options", "formula"), FORMULAS)
@pytest.mark.parametrize("kind", [np.array, Tensor])
@given(data=st.data())
def test_a_loss_is_what_its_formula_says(loss: Any, options: Any, formula: Any, kind: Any, data: Any) -> None:
    between = st.floats(0.01, 0.99)
    x = data.draw(arrays(float, (2, 3), elements=between if loss is binary_cross_entropy else st.floats(-3.0, 3.0)))
    t = data.draw(arrays(float, (2, 3), elements=st.sampled_from([-1.0, 1.0]) if loss is hinge_loss else between))
    wanted = np.array([[formula(*pair) for pair in zip(*rows, strict=True)] for rows in zip(x, t, strict=True)])
    if "cross_entropy" in loss.__name__:
        weight = np.array(data.draw(st.lists(st.floats(0.5, 2.0), min_size=3, max_size=3)))
        options, wanted = options | {"weight": weight}, weight * wanted
    reductions = {"none": wanted, "sum": wanted.sum(), "mean": wanted.mean()}
    if loss is kl_div:
        reductions["batchmean"] = wanted.sum() / 2
    for reduction, number in reductions.items():
        found = loss(kind(x), t, reduction=reduction, **options)
        np.testing.assert_allclose(np.asarray(getattr(found, "data", found)), number, rtol=1e-9, atol=1e-12)
    usual = "sum" if loss is half_squared_error else "mean"
    assert loss(kind(x), t, **options).item() == pytest.approx(reductions[usual], rel=1e-9, abs=1e-12)


@given(data=st.data(), shape=st.sampled_from([(3,), (2, 3), (4, 3, 2), (2, 3, 1, 2)]), reduction=REDUCTIONS)
def test_cross_entropy_is_what_its_formula_says(data: Any, shape: tuple[int, ...], reduction: str) -> None:
    axis = min(1, len(shape) - 1)
    x = data.draw(arrays(float, shape, elements=st.floats(-5.0, 5.0)))
    labels = data.draw(arrays(int, (*shape[:axis], *shape[axis + 1 :]), elements=st.sampled_from([0, 1, 2, -100])))
    weight = np.array(data.draw(st.lists(st.floats(0.5, 2.0), min_size=3, max_size=3)))
    smoothing = data.draw(st.sampled_from([0.0, 0.25, 1.0]))
    total, divisor = 0.0, 0.0
    for place in np.ndindex(labels.shape):
        scores = np.moveaxis(x, axis, -1)[place].tolist()
        rest = math.log(math.fsum(map(math.exp, scores)))
        if (label := labels[place]) != -100:
            shares = [(1.0 - smoothing) * (k == label) + smoothing / 3.0 for k in range(3)]
            total += math.fsum(w * t * (rest - z) for w, t, z in zip(weight, shares, scores, strict=True))
            divisor += weight[label]
    wanted = total if reduction == "sum" else total / divisor if divisor else math.nan
    for scores in (x, Tensor(x)):
        found = cross_entropy(scores, labels, weight, reduction=reduction, label_smoothing=smoothing)
        assert found.item() == pytest.approx(wanted, rel=1e-12, abs=1e-12, nan_ok=True)


def test_of_many_classes_too() -> None:
    both(cross_entropy, rng.normal(size=(2, 100)), [3, 99])


def test_the_losses_one_by_one_keep_their_shape() -> None:
    x, t = [[0.5, 2.0], [1.0, 1.0]], [[1.0, 1.0], [1.0, 0.0]]
    wanted = [[0.25, 1.0], [0.0, 1.0]]
    assert mse_loss(Tensor(x), t, reduction="none").numpy().tolist() == wanted
    values = [[Value(entry) for entry in row] for row in x]
    assert mse_loss(values, t, reduction="none") == wanted
    assert isinstance(mse_loss(values[0][0], 1.0, reduction="none"), Value)
    assert [loss.item() for loss in cross_entropy(values, [0, 1], reduction="none")] == pytest.approx(
        cross_entropy(np.array(x), [0, 1], reduction="none").tolist()
    )


def operations(loss: Value) -> list[str]:
    """The operations of a graph in the order in which they were done."""
    return [node.op.name for node in topological_order(loss) if node.op is not None]


def test_the_graph_of_numbers_is_the_formula() -> None:
    y, h, z = Value(0.5), Value(0.9), [Value(1.0), Value(2.0)]
    assert operations(half_squared_error(y, 1)) == ["subtract", "square", "multiply"]
    assert operations(mse_loss(z, [0, 0])) == ["subtract", "square", "subtract", "square", "sum", "divide"]
    wanted = ["log", "multiply", "subtract", "log", "multiply", "add", "negative"]
    assert operations(binary_cross_entropy(h, 1)) == wanted  # -(t log h + (1 - t) log(1 - h))
    assert sorted(operations(categorical_cross_entropy([h, 1 - h], 0)))[:2] == ["log", "log"]


def test_values_may_be_targets() -> None:
    x, t = Value(3.0), Value(1.0)
    loss = mse_loss([x], [t])
    loss.backward()
    assert (loss.data, x.grad, t.grad) == (4.0, 4.0, -4.0)
    t = [Value(0.25), Value(0.75)]
    cross_entropy([0.0, 1.0], t).backward()
    np.testing.assert_allclose([ti.grad for ti in t], [math.log1p(math.e), math.log1p(1 / math.e)])


@pytest.mark.parametrize(
    "loss",
    [
        lambda x, t: mse_loss(x, t),
        lambda x, t: huber_loss(x, t, delta=0.7),
        lambda x, t: smooth_l1_loss(x, t, beta=0.3),
        lambda x, t: l1_loss(x, t),
        lambda x, t: binary_cross_entropy(sigmoid(x), sigmoid(t)),
        lambda x, t: binary_cross_entropy_with_logits(x, sigmoid(t), pos_weight=3.0),
        lambda x, t: cross_entropy(x, sigmoid(t), [1.0, 2.0, 0.5], label_smoothing=0.2),
        lambda x, t: categorical_cross_entropy(sigmoid(x), sigmoid(t)),
        lambda x, t: kl_div(x, sigmoid(t), reduction="batchmean"),
        lambda x, t: kl_div(x, t, log_target=True),
    ],
)
def test_gradients_in_both_operands(loss: Any) -> None:
    check_gradients(loss, rng.normal(size=(2, 3)), rng.normal(size=(2, 3)), order=2)


def test_float32_stays_float32() -> None:
    x = Tensor(np.float32([[0.25, 0.5]]))
    for loss in (
        mse_loss(x, [[1, 0]]),
        huber_loss(x, [[1.0, 0.0]]),
        cross_entropy(x, [1], [1.0, 2.0], label_smoothing=0.1),
        binary_cross_entropy(x, [[1, 0]], [0.5, 2.0]),
        binary_cross_entropy_with_logits(x, [[1, 0]], pos_weight=[2.0, 3.0]),
        categorical_cross_entropy(x, [[0.0, 1.0]]),
        l2_penalty([x], 0.1, 3),
    ):
        loss.backward()
        assert (loss.dtype, x.grad.dtype) == (np.float32, np.float32)


# ---------------------------------------------------------------------------------------------------------------------
# Extremes
# ---------------------------------------------------------------------------------------------------------------------


def test_certainty_in_a_wrong_answer_costs_100() -> None:
    p = [0.0, 1.0, 0.0, 1.0]
    loss, slope = both(binary_cross_entropy, p, [1, 0, 0, 1], reduction="sum")
    assert loss == 200.0
    assert np.isfinite(slope).all()
    assert both(categorical_cross_entropy, [1.0, 0.0], 1)[0] == 100.0
    assert float(binary_cross_entropy(np.float32([0.0]), np.float32([1.0]))) == 100.0


def test_scores_of_any_size() -> None:
    loss, slope = both(cross_entropy, [[1e4, -1e4], [1e4, -1e4]], [0, 1], reduction="sum")
    assert (loss, slope.tolist()) == (2e4, [[0.0, 0.0], [1.0, -1.0]])
    loss, slope = both(binary_cross_entropy_with_logits, [1e4, -1e4, 1e4, -1e4], [1, 0, 0, 1], reduction="sum")
    assert (loss, slope.tolist()) == (2e4, [0.0, 0.0, 1.0, -1.0])


def test_classes_that_are_ruled_out_cost_nothing_unless_they_are_right() -> None:
    x = Tensor([[math.log(0.5), math.log(0.5), -math.inf]])
    loss = nll_loss(x, [0], [1.0, 2.0, 3.0])
    loss.backward()
    assert loss.item() == pytest.approx(math.log(2.0))
    assert x.grad.tolist() == [[-1.0, 0.0, 0.0]]


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int64])
def test_labels_of_any_whole_type(dtype: Any) -> None:
    x, labels = rng.normal(size=(3, 2)), [1, 0, 1]
    assert cross_entropy(x, np.array(labels, dtype)) == cross_entropy(x, labels)


def test_labels_to_be_ignored() -> None:
    x = [[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]
    wanted = both(cross_entropy, [x[0], x[2]], [1, 0])[0]
    loss, slope = both(cross_entropy, x, [1, -100, 0])
    assert loss == pytest.approx(wanted)
    assert slope[1].tolist() == [0.0, 0.0]
    assert both(cross_entropy, x, [1, 9, 0], ignore_index=9)[0] == pytest.approx(wanted)
    assert both(cross_entropy, x, [1, 1, 0], ignore_index=0)[0] == pytest.approx(cross_entropy(x[:2], [1, 1]))
    assert cross_entropy([[2.0], [3.0]], [0, -100]) == 0.0  # of a single class


def test_labels_to_be_ignored_by_the_loss_of_a_linear_map() -> None:
    x, w = rng.normal(size=(3, 4)), rng.normal(size=(2, 4))
    wanted = cross_entropy(x[::2] @ w.T, [1, 0])
    assert losses.linear_cross_entropy(x, w, [1, -100, 0]) == pytest.approx(wanted)
    assert losses.linear_cross_entropy(x, w, [1, 7, 0], ignore_index=7) == pytest.approx(wanted)
    with pytest.raises(ValueError, match="do not fit a matrix of shape"):
        losses.linear_cross_entropy(x[0], np.stack([w, w]), [1])


def test_the_clamp_of_a_probability_is_exact() -> None:
    assert losses.binary_cross_entropy([math.exp(-100.5)], [1.0]) == 100.0
    assert losses.binary_cross_entropy([math.exp(-99.5)], [1.0]) == pytest.approx(99.5)


# ---------------------------------------------------------------------------------------------------------------------
# What is refused
# ---------------------------------------------------------------------------------------------------------------------

NUMBERS, CLASSES = np.zeros(2), np.zeros((2, 3))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: mse_loss(NUMBERS, [1.0]), ValueError, r"mse_loss: .* the same shape, not \(2,\) and \(1,\)"),
        (lambda: mse_loss(NUMBERS, NUMBERS, reduction="max"), ValueError, "mean, sum, none, not 'max'"),
        (lambda: cross_entropy(CLASSES, [0, 1], reduction="batchmean"), ValueError, "not 'batchmean'"),
        (lambda: kl_div(NUMBERS, NUMBERS, reduction="average"), ValueError, "none, batchmean, not 'average'"),
        (
            lambda: mse_loss("ab", NUMBERS),
            TypeError,
            "takes Tensors, arrays, Values and real numbers, not str",
        ),
        (lambda: mse_loss([[1.0], [1.0, 2.0]], NUMBERS), ValueError, "the same length"),
        (lambda: mse_loss(Tensor(NUMBERS), [Value(1.0), 2.0]), TypeError, "not both: make a Tensor of Values"),
        (lambda: huber_loss(NUMBERS, NUMBERS, delta=0.0), ValueError, "delta must be positive, not 0.0"),
        (lambda: smooth_l1_loss(NUMBERS, NUMBERS, beta=-1.0), ValueError, "beta must not be negative"),
        (
            lambda: hinge_loss(NUMBERS, Tensor([1.0, 0.0])),
            ValueError,
            "hinge_loss: targets must be 1 or -1, but the number at 1 is 0",
        ),
        (lambda: binary_cross_entropy([0.5, 1.5], [1, 0]), ValueError, "between 0 and 1, but the number at 1 is 1.5"),
        (lambda: binary_cross_entropy([2.0, -1.0], [1, 0]), ValueError, "the number at 0 is 2.0"),
        (lambda: binary_cross_entropy([0.5, math.nan], [1, 0]), ValueError, "the number at 1 is nan"),
        (lambda: binary_cross_entropy(Value(-0.5), 1), ValueError, "but the number is -0.5"),
        (lambda: binary_cross_entropy_with_logits(NUMBERS, [2, 0]), ValueError, "the number at 0 is 2"),
        (lambda: binary_cross_entropy(NUMBERS, NUMBERS, [1.0] * 3), ValueError, r"weight of shape \(3,\) does not"),
        (lambda: categorical_cross_entropy([[0.5, -0.5]], [0]), ValueError, r"the number at \(0, 1\) is -0.5"),
        (lambda: cross_entropy(CLASSES, [0, 3]), IndexError, "the label 3 at 1 is not one of the classes 0 to 2"),
        (lambda: cross_entropy(CLASSES, [4, 3]), IndexError, "the label 4 at 0 is not one of the classes 0 to 2"),
        (lambda: cross_entropy(CLASSES, [-1, 0]), IndexError, "the label -1 at 0"),
        (lambda: cross_entropy(CLASSES[0], 5), IndexError, "the label 5 is not one of"),
        (lambda: nll_loss(CLASSES, [0.0, 1.0]), TypeError, "labels must be an array of whole numbers, .* float64"),
        (lambda: cross_entropy(CLASSES, Tensor([0.0, 1.0])), TypeError, "whole numbers, not a Tensor"),
        (
            lambda: cross_entropy(CLASSES, [0, 1, 2]),
            ValueError,
            r"labels of shape \(2,\) or .*, not \(3,\)",
        ),
        (lambda: cross_entropy(CLASSES, ["a", "b"]), TypeError, "cross_entropy takes .* not list"),
        (lambda: cross_entropy(CLASSES, [0, 1], [1.0]), ValueError, r"weight must have shape \(3,\)"),
        (
            lambda: cross_entropy(CLASSES, [0, 1], label_smoothing=2.0),
            ValueError,
            "label_smoothing must be between 0",
        ),
        (lambda: cross_entropy(1.0, 0), ValueError, "not a single number"),
        (lambda: l2_penalty([1.0], -1.0), ValueError, "strength must be >= 0"),
        (lambda: l1_penalty([1.0], 1.0, samples=0), ValueError, "samples >= 1"),
        (lambda: l1_penalty(["w"], 1.0), TypeError, "l1_penalty takes"),
        (lambda: losses.MSELoss(reduction="max"), ValueError, "reduction must be one of"),
        (
            lambda: losses.HuberLoss(beta=1.0),
            TypeError,
            r"HuberLoss.__init__\(\) got an unexpected keyword argument 'beta'",
        ),
    ],
)
def test_bad_input_has_one_sentence(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as refusal:
        call()
    assert "\n" not in str(refusal.value)


# ---------------------------------------------------------------------------------------------------------------------
# As modules
# ---------------------------------------------------------------------------------------------------------------------

MODULES = {
    losses.MSELoss: mse_loss,
    losses.L1Loss: l1_loss,
    losses.SmoothL1Loss: smooth_l1_loss,
    losses.HuberLoss: huber_loss,
    losses.KLDivLoss: kl_div,
    losses.BCELoss: binary_cross_entropy,
    losses.BCEWithLogitsLoss: binary_cross_entropy_with_logits,
    losses.CrossEntropyLoss: cross_entropy,
}


@pytest.mark.parametrize("kind", MODULES)
def test_modules_are_their_functions(kind: Any) -> None:
    x, t = rng.uniform(size=(2, 3)), rng.uniform(size=(2, 3))
    for reduction in ("mean", "sum"):
        assert kind(reduction=reduction)(x, t) == MODULES[kind](x, t, reduction=reduction)
    assert kind().parameters() == []


def test_modules_keep_their_options() -> None:
    loss = losses.CrossEntropyLoss([1.0, 3.0], label_smoothing=0.1)
    x, labels = rng.normal(size=(4, 2)), [0, 1, 1, 0]
    assert loss(x, labels) == cross_entropy(x, labels, [1.0, 3.0], label_smoothing=0.1)
    assert "label_smoothing=0.1" in repr(loss)
    assert losses.HingeLoss(margin=2.0)([1.0], [1]) == 1.0
    assert losses.NLLLoss()(np.log([[0.5, 0.5]]), [0]) == pytest.approx(math.log(2.0))


def test_a_tensor_made_of_values_leads_back_to_them() -> None:
    z = [Value(1.0), Value(2.0)]
    cross_entropy(stack(z), 1).backward()
    slopes = [zi.grad for zi in z]
    assert slopes == pytest.approx(both(cross_entropy, [1.0, 2.0], 1)[1].tolist())


@pytest.mark.parametrize("f", [cross_entropy, losses.nll_loss])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_a_mean_of_nothing_is_nan_and_says_so_without_an_error(f: Any, reduction: Any) -> None:
    numbers = [[1.0, 2.0, 0.0], [0.5, -1.0, 3.0]]
    for labels, weight in (([-100, -100], None), ([0, 1], [0.0, 0.0, 1.0])):
        x, values = Tensor(numbers), [list(map(Value, row)) for row in numbers]
        for scores in (x, values):
            loss = f(scores, labels, weight, reduction=reduction)
            total = autograd.sum(loss) if reduction == "none" else loss
            number = total.item() if isinstance(total, (Tensor, Value)) else float(total)
            assert math.isnan(number) if reduction == "mean" else number == 0.0
            if isinstance(total, (Tensor, Value)):
                total.backward()
        slopes = [x.grad] if x.grad is not None else []
        assert all(np.isnan(g).all() or not g.any() for g in slopes)


@pytest.mark.parametrize("f", [cross_entropy, losses.nll_loss])
def test_a_sample_that_is_left_out_may_hold_anything(f: Any) -> None:
    for bad in (-math.inf, math.nan, math.inf):
        x = Tensor([[1.0, 2.0, 0.0], [bad, math.nan, bad]])
        alone = Tensor([[1.0, 2.0, 0.0]])
        values = [[Value(1.0), Value(2.0), Value(0.0)], [Value(bad), Value(math.nan), Value(bad)]]
        losses_ = [f(x, [0, -100]), f(alone, [0]), f(values, [0, -100])]
        for loss in losses_:
            loss.backward()
        assert [loss.item() for loss in losses_] == pytest.approx([losses_[1].item()] * 3)
        np.testing.assert_allclose(x.grad, [alone.grad[0].tolist(), [0.0, 0.0, 0.0]])
        assert [z.grad for z in values[0]] == pytest.approx(alone.grad[0].tolist())


@pytest.mark.parametrize("f", [losses.mse_loss, losses.l1_loss, binary_cross_entropy, kl_div, huber_loss])
def test_the_mean_of_an_empty_batch_is_nan(f: Any) -> None:
    x = Tensor(np.zeros((0, 2)))
    loss = f(x, np.zeros((0, 2)))
    loss.backward()
    assert math.isnan(loss.item())
    assert x.grad.shape == (0, 2)


@pytest.mark.parametrize("delta", [0.5, 1.0])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_on_its_bounds_the_huber_loss_of_numbers_is_the_parabola_to_second_order(delta: float, sign: float) -> None:
    def loss(x: Value) -> Value:
        return losses.huber_loss([x], [0.0], reduction="sum", delta=delta)

    assert grad(loss)(sign * delta) == sign * delta
    assert grad(grad(loss))(sign * delta) == 1.0
