"""Affine maps and losses: values as their definitions say, derivatives against differences, and what is refused."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from autograd import Value, grad, hessian
from autograd.arrays.labels import one_hot, pick
from autograd.arrays.linear_maps import linear
from autograd.arrays.losses import (
    huber,
    label_cross_entropy,
    nll,
    sigmoid_cross_entropy,
    softmax_cross_entropy,
    softmin,
)
from autograd.arrays.tensor import Tensor
from autograd.core.sweep import topological_order
from autograd.testing import check_function
from nn.functional import huber_loss

pytestmark = pytest.mark.same_in_both_modes

rng = np.random.default_rng(11)
X, W, B = rng.normal(size=(3, 4)), rng.normal(size=(2, 4)), rng.normal(size=2)
C = rng.normal(size=(2, 3, 4))
F32 = np.float32


def gradients_in_float32(f: Any, *operands: np.ndarray) -> None:
    """The value, the gradients and their gradients keep float32."""
    leaves = [Tensor(x.astype(F32)) for x in operands]
    y = f(*leaves)
    y.backward(np.ones(y.shape), create_graph=True)
    assert {y.dtype, *(x.grad.dtype for x in leaves)} == {np.dtype(F32)}
    assert np.asarray(f(*[x.astype(F32) for x in operands])).dtype == F32
    for x in leaves:
        x.grad = None


# ---------------------------------------------------------------------------------------------------------------------
# Affine maps
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 4), (2, 1, 2, 4), (0, 4), (2, 0, 4)])
@pytest.mark.parametrize("bias", [[], [B]], ids=["", "bias"])
def test_linear(shape: tuple[int, ...], bias: list[Any]) -> None:
    x = rng.normal(size=shape)
    wanted = np.empty((*shape[:-1], 2))
    for place in np.ndindex(wanted.shape):
        wanted[place] = sum(x[place[:-1]] * W[place[-1]]) + (B[place[-1]] if bias else 0.0)
    for found in (linear(x, W, *bias), linear(Tensor(x), Tensor(W), *map(Tensor, bias)).numpy()):
        np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=1e-13)
    check_function(linear, x, W, *bias)


@given(data=st.data(), leading=array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
def test_linear_of_any_size(data: Any, leading: tuple[int, ...]) -> None:
    inside, outside = data.draw(st.integers(0, 3)), data.draw(st.integers(0, 3))
    x, weight, bias = np.ones((*leading, inside)), np.ones((outside, inside)), np.ones(outside)
    np.testing.assert_array_equal(linear(x, weight, bias), np.full((*leading, outside), inside + 1.0))
    check_function(linear, x, weight, bias)


def test_linear_is_one_node_and_writes_to_no_operand() -> None:
    x, weight, bias = Tensor(X), Tensor(W), Tensor(B)
    y = linear(x, weight, bias)
    assert y.parents == (x, weight, bias)
    assert y.op.name == "linear"
    y.backward(np.ones(y.shape))
    for leaf, before in ((x, X), (weight, W), (bias, B)):
        np.testing.assert_array_equal(leaf.data, before)


def test_linear_of_parts_that_are_not_contiguous() -> None:
    check_function(lambda x, w: linear(x.T, w[:, ::2], B), rng.normal(size=(2, 3)), W)
    np.testing.assert_allclose(linear(C.T, C[0, :2, :2]), np.einsum("kji,oi->kjo", C.T, C[0, :2, :2]))


def test_linear_in_float32() -> None:
    gradients_in_float32(linear, X, W, B)
    assert linear(Tensor(X.astype(F32)), W.astype(F32), B).dtype == np.float64  # as of NumPy's sum


# ---------------------------------------------------------------------------------------------------------------------
# Classes
# ---------------------------------------------------------------------------------------------------------------------


def test_one_hot() -> None:
    np.testing.assert_array_equal(one_hot([[1], [0]], 2), [[[0.0, 1.0]], [[1.0, 0.0]]])
    np.testing.assert_array_equal(one_hot(np.uint8(2), 3), [0.0, 0.0, 1.0])
    assert one_hot([1], 2).dtype == np.float64
    assert one_hot([1], 2, F32).dtype == F32
    assert one_hot([], 3).shape == (0, 3)


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_pick(axis: int) -> None:
    labels = rng.integers(0, C.shape[axis], np.delete(C.shape, axis))
    found = pick(C, labels, axis)
    rows = np.moveaxis(C, axis, -1)
    for place in np.ndindex(labels.shape):
        assert found[place] == rows[place][labels[place]]
    np.testing.assert_array_equal(nll(C, labels, axis), -found)
    np.testing.assert_array_equal(pick(Tensor(C), labels, axis).numpy(), found)
    check_function(lambda x: pick(x, labels, axis) ** 2, C)
    check_function(lambda x: nll(x, labels, axis) ** 2, C)


def test_labels_are_as_they_were() -> None:
    x, labels = Tensor(X), np.array([0, 1, 2])
    losses = [pick(x, labels), nll(x, labels), softmax_cross_entropy(x, labels)]
    before = [loss.numpy() for loss in losses]
    labels[...] = 3
    for loss, was in zip(losses, before, strict=True):
        np.testing.assert_array_equal(loss.op(*loss.operands, **loss.options).numpy(), was)


# ---------------------------------------------------------------------------------------------------------------------
# Cross-entropy
# ---------------------------------------------------------------------------------------------------------------------


def cross_entropy(logits: Any, targets: Any) -> float:
    """-Σ t log(exp(x) / Σ exp(x)) of a single sample, as it is defined."""
    total = math.fsum(map(math.exp, logits))
    return -math.fsum(t * math.log(math.exp(x) / total) for x, t in zip(logits, targets, strict=True))


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2])
def test_softmax_cross_entropy(axis: int) -> None:
    labels = rng.integers(0, C.shape[axis], np.delete(C.shape, axis))
    shares = rng.uniform(0.0, 1.0, C.shape)
    rows, parts = np.moveaxis(C, axis, -1), np.moveaxis(shares, axis, -1)
    of_labels, of_shares = softmax_cross_entropy(C, labels, axis), softmax_cross_entropy(C, shares, axis)
    for place in np.ndindex(labels.shape):
        hot = np.arange(rows.shape[-1]) == labels[place]
        assert of_labels[place] == pytest.approx(cross_entropy(rows[place], hot), rel=1e-13)
        assert of_shares[place] == pytest.approx(cross_entropy(rows[place], parts[place]), rel=1e-13)
    check_function(lambda x: softmax_cross_entropy(x, labels, axis), C)
    check_function(lambda x, t: softmax_cross_entropy(x, t, axis), C, shares)


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("of_labels", [True, False])
def test_softmax_cross_entropy_summed_over_the_samples(of_labels: bool, axis: int) -> None:
    targets = rng.integers(0, C.shape[axis], np.delete(C.shape, axis)) if of_labels else rng.uniform(0.0, 1.0, C.shape)
    total = softmax_cross_entropy(C, targets, axis, 2.5)
    assert total == pytest.approx(math.fsum(softmax_cross_entropy(C, targets, axis).ravel()) / 2.5, rel=1e-13)
    check_function(lambda x: softmax_cross_entropy(x, targets, axis, 2.5), C)


@pytest.mark.parametrize("logits", [X[0], X, X.T, np.zeros((0, 4)), np.zeros((2, 0, 3, 1))], ids=lambda x: str(x.shape))
def test_softmax_cross_entropy_of_other_shapes(logits: np.ndarray) -> None:
    labels = np.zeros(logits.shape[:-1], int)
    once = one_hot(labels, logits.shape[-1])
    found = softmax_cross_entropy(logits, labels)
    assert found.shape == labels.shape
    np.testing.assert_allclose(found, softmax_cross_entropy(logits, once), rtol=1e-13)
    check_function(lambda x: softmax_cross_entropy(x, labels), logits)
    check_function(softmax_cross_entropy, logits, once)


def test_cross_entropies_are_single_nodes() -> None:
    x, t = Tensor(X), Tensor(np.abs(X))
    assert softmax_cross_entropy(x, [0, 1, 2]).parents == (x,)
    assert softmax_cross_entropy(x, t).parents == (x, t)
    assert sigmoid_cross_entropy(x, t).parents == (x, t)
    assert huber(x, t).parents == (x, t)


@pytest.mark.parametrize("dtype", [np.float64, F32])
def test_softmax_cross_entropy_of_large_logits(dtype: Any) -> None:
    logits = Tensor(np.array([[1e4, -1e4, 0.0], [1e4, -1e4, 0.0], [1e4, 1e4, 1e4], [-1e4, -1e4, -1e4]], dtype))
    labels = [0, 1, 2, 0]
    third = 1.0 / 3.0
    slopes = [[0.0, 0.0, 0.0], [1.0, -1.0, 0.0], [third, third, third - 1.0], [third - 1.0, third, third]]
    for targets in (labels, one_hot(labels, 3, dtype)):
        logits.grad = None
        loss = softmax_cross_entropy(logits, targets)
        loss.backward(np.ones(4))
        np.testing.assert_allclose(loss.numpy(), [0.0, 2e4, math.log(3.0), math.log(3.0)], rtol=1e-6)
        np.testing.assert_allclose(logits.grad, slopes, rtol=1e-6, atol=1e-7)
        assert loss.dtype == logits.grad.dtype == dtype


def test_softmax_cross_entropy_where_classes_are_impossible() -> None:
    logits = Tensor([[0.0, -np.inf, 0.0]])
    for targets in ([2], [[0.0, 0.0, 1.0]], Tensor([[0.0, 0.0, 1.0]])):
        logits.grad = None
        loss = softmax_cross_entropy(logits, targets)
        loss.backward([1.0])
        assert loss.item() == pytest.approx(math.log(2.0), rel=1e-15)
        np.testing.assert_array_equal(logits.grad, [[0.5, 0.0, -0.5]])
    assert softmax_cross_entropy(logits, [1]).item() == np.inf


def test_a_sample_without_a_gradient_sends_nothing() -> None:
    logits = Tensor([[np.nan, 1.0], [0.0, 0.0]])
    loss = softmax_cross_entropy(logits, [0, 0])
    loss.backward([0.0, 2.0])
    np.testing.assert_array_equal(logits.grad, [[0.0, 0.0], [-1.0, 1.0]])


SHAPES = array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)


@given(logits=arrays(float, SHAPES, elements=st.floats(-30.0, 30.0)))
def test_sigmoid_cross_entropy(logits: np.ndarray) -> None:
    targets = 0.25 + (np.arange(logits.size).reshape(logits.shape) % 7) / 10
    found = sigmoid_cross_entropy(logits, targets)
    for place in np.ndindex(logits.shape):
        x, t = logits[place], targets[place]
        up, down = math.log1p(math.exp(-x)), math.log1p(math.exp(x))
        assert np.asarray(found)[place] == pytest.approx(t * up + (1.0 - t) * down, rel=1e-12)
    check_function(sigmoid_cross_entropy, logits, targets)


@pytest.mark.parametrize("dtype", [np.float64, F32])
def test_sigmoid_cross_entropy_of_large_logits(dtype: Any) -> None:
    logits = Tensor(np.array([1e4, -1e4, 1e4, -1e4, 0.0, 30.0], dtype))
    loss = sigmoid_cross_entropy(logits, [1, 0, False, True, True, 1])
    loss.backward(np.ones(6))
    np.testing.assert_allclose(loss.numpy(), [0.0, 0.0, 1e4, 1e4, math.log(2.0), math.exp(-30.0)], rtol=1e-6)
    np.testing.assert_allclose(logits.grad, [0.0, 0.0, 1.0, -1.0, -0.5, 0.0], atol=1e-7)
    assert loss.dtype == logits.grad.dtype == dtype


# ---------------------------------------------------------------------------------------------------------------------
# The others
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delta", [0.5, 1.0, 2.0])
def test_huber(delta: float) -> None:
    errors = np.array([-3.0, -0.3, 0.0, 0.25, 4.0])
    wanted = [0.5 * e * e if abs(e) <= delta else delta * (abs(e) - 0.5 * delta) for e in errors]
    np.testing.assert_allclose(huber(X[0, :1] + errors, X[0, :1] + 0.0 * errors, delta), wanted, atol=1e-15)
    check_function(lambda x, t: huber(x, t, delta), errors, np.zeros(5))


@pytest.mark.parametrize("delta", [0.5, 1.0])
def test_at_its_bounds_huber_is_the_parabola_to_every_order(delta: float) -> None:
    ends = np.array([delta, -delta])
    np.testing.assert_array_equal(grad(lambda x: np.sum(huber(x, np.zeros(2), delta)))(ends), ends)
    np.testing.assert_array_equal(hessian(lambda x: np.sum(huber(x, np.zeros(2), delta)))(ends), np.eye(2))

    def of_a_value(x: Value) -> Value:
        return huber_loss([x], [0.0], delta=delta)

    for x in ends.tolist():
        assert grad(of_a_value)(x) == x
        assert grad(grad(of_a_value))(x) == 1.0


def test_huber_without_an_end_is_half_the_square() -> None:
    np.testing.assert_array_equal(huber([3.0, -1e6], [1, 0], np.inf), [2.0, 0.5e12])
    check_function(lambda x, t: huber(x, t, np.inf), X, X[::-1])


@pytest.mark.parametrize("axis", [0, -1])
def test_softmin(axis: int) -> None:
    np.testing.assert_allclose(softmin(X, axis), np.exp(-X) / np.exp(-X).sum(axis=axis, keepdims=True), rtol=1e-13)
    check_function(lambda x: softmin(x, axis), X)


def test_by_default_the_classes_are_along_the_last_axis() -> None:
    labels = rng.integers(0, 4, (2, 3))
    hot = np.eye(4)[labels]
    powers = np.exp(-C)
    np.testing.assert_allclose(softmin(C), powers / powers.sum(axis=2, keepdims=True), rtol=1e-13)
    np.testing.assert_array_equal(nll(C, labels), -(C * hot).sum(axis=2))
    np.testing.assert_array_equal(pick(C, labels), (C * hot).sum(axis=2))
    for targets in (labels, hot):
        found = softmax_cross_entropy(C, targets)
        for place in np.ndindex(2, 3):
            assert found[place] == pytest.approx(cross_entropy(C[place], hot[place]), rel=1e-13)


def test_by_default_huber_is_linear_from_an_error_of_one() -> None:
    np.testing.assert_array_equal(huber([0.5, 1.0, 3.0], [0.0, 0.0, 0.0]), [0.125, 0.5, 2.5])
    check_function(huber, np.array([0.5, 1.5, -3.0]), np.zeros(3))


LOSSES = {
    "labels": lambda x: softmax_cross_entropy(x, [0, 1, 3]),
    "integer targets": lambda x: sigmoid_cross_entropy(x, np.ones((3, 4), int)),
    "pick": lambda x: pick(x, [0, 1, 3]),
    "nll": lambda x: nll(x, [0, 1, 3]),
    "softmin": softmin,
    "huber": lambda x: huber(x, np.zeros((3, 4), bool)),
}


@pytest.mark.parametrize("f", LOSSES.values(), ids=LOSSES)
def test_losses_in_float32(f: Any) -> None:
    gradients_in_float32(f, X)


@pytest.mark.parametrize("f", [softmax_cross_entropy, sigmoid_cross_entropy, huber])
def test_targets_in_float32(f: Any) -> None:
    gradients_in_float32(f, X, np.abs(X))


@pytest.mark.parametrize("f", LOSSES.values(), ids=LOSSES)
def test_a_graph_travels(f: Any) -> None:
    y = f(Tensor(X))
    again = pickle.loads(pickle.dumps(y))
    y.backward(np.ones(y.shape))
    again.backward(np.ones(y.shape))
    [x, *_], [other, *_] = topological_order(y), topological_order(again)
    np.testing.assert_array_equal(x.grad, other.grad)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda x: linear(x, B), ValueError, r"weight of shape \(out, in\), not \(2,\)"),
        (lambda x: linear(x, X.T), ValueError, r"\(3, 4\) does not fit a weight \(out, in\) of shape \(4, 3\)"),
        (lambda x: linear(2.0, W), ValueError, r"x of shape \(\)"),
        (lambda x: linear(x, W, X[0]), ValueError, r"bias of shape \(4,\) does not fit a weight of shape \(2, 4\)"),
        (lambda x: linear(x, W, 1.0), ValueError, r"bias of shape \(\)"),
        (lambda x: linear(Value(1.0), W), TypeError, "real numbers, not Value"),
        (lambda x: linear(np.ones((3, 4), complex), W), TypeError, "real numbers, not an array of complex128"),
        (lambda x: linear(["a"], W), TypeError, "real numbers, not list"),
        (lambda x: one_hot([0, 3, 5], 3), IndexError, "one_hot: .* 0 <= n < 3, but the one at 1 is 3"),
        (lambda x: one_hot([[0], [-1]], 3), IndexError, r"the one at \(1, 0\) is -1"),
        (lambda x: one_hot([0], 0), IndexError, "0 <= n < 0, but the one at 0 is 0"),
        (lambda x: one_hot([1.0], 2), ValueError, "whole numbers .* the one at 0 is 1.0"),
        (lambda x: one_hot(x, 2), TypeError, "not a Tensor"),
        (lambda x: one_hot([0], 2.5), TypeError, "integer"),
        (lambda x: pick(x, [0, 1, 4]), IndexError, "pick: .* 0 <= n < 4, but the one at 2 is 4"),
        (lambda x: pick(x, [0, 1]), ValueError, r"labels of shape \(3,\), one for each sample, not \(2,\)"),
        (lambda x: pick(x, [0, 1, 2], 2), np.exceptions.AxisError, "axis 2"),
        (lambda x: nll(x, [0, 1, -1]), IndexError, "nll: .* the one at 2 is -1"),
        (lambda x: nll(x, [0.0, 1.0, 2.0]), ValueError, "nll: .* the one at 0 is 0.0"),
        (lambda x: softmax_cross_entropy(x, [0, 9, 1]), IndexError, "the one at 1 is 9"),
        (lambda x: softmax_cross_entropy(x, [[0, 1, 2]]), ValueError, r"labels of shape \(3,\)"),
        (lambda x: softmax_cross_entropy(x, [0, 1], 0), ValueError, r"labels of shape \(4,\)"),
        (lambda x: softmax_cross_entropy(x, [0.0, 1.0, 2.0]), ValueError, r"probabilities .* \(3, 4\), not \(3,\)"),
        (lambda x: softmax_cross_entropy(x, Tensor(X[0])), ValueError, r"probabilities .* \(3, 4\), not \(4,\)"),
        (lambda x: softmax_cross_entropy(x[0, 0], 0), np.exceptions.AxisError, "axis -1"),
        (lambda x: sigmoid_cross_entropy(x, X[0]), ValueError, r"\(3, 4\) and \(4,\)"),
        (lambda x: huber(x, X.T), ValueError, r"huber: .* the same shape, not \(3, 4\) and \(4, 3\)"),
        (lambda x: huber(x, x, 0.0), ValueError, "delta must be greater than 0, not 0.0"),
        (lambda x: huber(x, x, float("nan")), ValueError, "delta must be greater than 0, not nan"),
        (lambda x: Tensor(np.ones((2, 3), np.float16)), TypeError, "not of float16"),
    ],
)
def test_errors(call: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        call(Tensor(X))


# ---------------------------------------------------------------------------------------------------------------------
# What a loss keeps for its gradient
# ---------------------------------------------------------------------------------------------------------------------


def test_a_loss_that_forgot_what_it_kept_has_the_same_gradient() -> None:
    logits, labels = rng.normal(size=(5, 3)), np.array([0, 2, 1, 1, 0])
    powers = np.exp(logits)
    true = (powers / powers.sum(axis=1, keepdims=True) - np.eye(3)[labels]) / 5
    loss = label_cross_entropy(Tensor(logits), labels, 1, 5.0)
    for y in (loss, copy.deepcopy(loss), pickle.loads(pickle.dumps(loss)), loss.refresh()):
        x = y.parents[0]
        x.grad = None
        y.backward()
        np.testing.assert_allclose(x.grad, true, rtol=1e-13)
        x.grad = None
        y.backward(create_graph=True)
        np.testing.assert_allclose(x.grad.numpy(), true, rtol=1e-13)
        x.grad = None


def test_what_a_loss_keeps_is_not_what_it_hands_out() -> None:
    x = Tensor(rng.normal(size=(4, 3)))
    loss = label_cross_entropy(x, np.array([0, 1, 2, 2]), 1, 1.0)
    loss.backward()
    first = x.grad.copy()
    x.grad *= 7.0
    x.grad = None
    loss.backward()
    np.testing.assert_array_equal(x.grad, first)


def test_a_mean_of_losses_is_their_sum_divided() -> None:
    labels = np.array([[0, 1], [3, 2]])

    def mean(x: Any) -> Any:
        return label_cross_entropy(x, labels, 2, 4.0)

    x = rng.normal(size=(2, 2, 4))
    np.testing.assert_allclose(mean(x), label_cross_entropy(x, labels, 2).mean())
    check_function(mean, x)


def test_a_sample_whose_gradient_is_zero_sends_nothing() -> None:
    x = Tensor([[np.nan, 0.0], [0.0, 0.0], [np.inf, 0.0]])
    with np.errstate(invalid="ignore"):
        losses = label_cross_entropy(x, np.array([0, 1, 0]), 1)
    losses.backward([0.0, 1.0, 0.0])
    np.testing.assert_array_equal(x.grad, [[0.0, 0.0], [0.5, -0.5], [0.0, 0.0]])
