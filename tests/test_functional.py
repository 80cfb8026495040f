"""What is without state: activations of every kind of number, normalisation, dropout, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn.functional as F  # noqa: N812
from autograd import Tensor, Value, check_gradients
from nn import activations

rng = np.random.default_rng(5)

# ---------------------------------------------------------------------------------------------------------------------
# Activations
# ---------------------------------------------------------------------------------------------------------------------

DEFINITIONS: dict[str, Any] = {
    "relu": lambda x: max(0.0, x),
    "leaky_relu": lambda x: x if x > 0 else 0.01 * x,
    "elu": lambda x: x if x > 0 else math.exp(x) - 1.0,
    "gelu": lambda x: 0.5 * x * (1.0 + math.erf(x / math.sqrt(2.0))),
    "silu": lambda x: x / (1.0 + math.exp(-x)),
    "softplus": lambda x: math.log(1.0 + math.exp(x)),
    "softsign": lambda x: x / (1.0 + abs(x)),
    "logsigmoid": lambda x: -math.log(1.0 + math.exp(-x)),
    "hardtanh": lambda x: min(1.0, max(-1.0, x)),
    "sigmoid": lambda x: 1.0 / (1.0 + math.exp(-x)),
    "tanh": math.tanh,
}


@pytest.mark.parametrize("name", DEFINITIONS)
@given(x=st.floats(-15.0, 15.0))
def test_activations_of_numbers_values_and_tensors(name: str, x: float) -> None:
    f, wanted = getattr(F, name), pytest.approx(DEFINITIONS[name](x), rel=1e-9, abs=1e-9)
    v, t = Value(x), Tensor([x, x])
    assert f(x) == wanted
    y, z = f(v), f(t)
    y.backward()
    z.backward([1.0, 1.0])
    assert y.data == wanted
    np.testing.assert_allclose(z.numpy(), y.data, rtol=1e-14)
    np.testing.assert_allclose(t.grad, v.grad, rtol=1e-13, atol=1e-300)


@pytest.mark.parametrize("name", DEFINITIONS)
@pytest.mark.parametrize("x", [-1e4, 1e4])
def test_activations_of_large_numbers(name: str, x: float) -> None:
    limits = {"relu": (0.0, x), "leaky_relu": (-100.0, x), "elu": (-1.0, x), "gelu": (0.0, x), "silu": (0.0, x)}
    limits |= {"softplus": (0.0, x), "softsign": (-1e4 / 10001, 1e4 / 10001), "logsigmoid": (x, 0.0)}
    limits |= {"hardtanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}
    v = Value(x)
    y = getattr(F, name)(v)
    y.backward()
    assert y.data == pytest.approx(limits[name][x > 0], rel=1e-15)
    assert math.isfinite(v.grad)


def test_options_of_activations() -> None:
    assert F.leaky_relu(-2.0, 0.1) == -0.2
    assert F.elu(-1.0, alpha=2.0) == pytest.approx(2.0 * math.expm1(-1.0))
    assert F.softplus(1.0, beta=2.0) == pytest.approx(math.log1p(math.exp(2.0)) / 2.0)
    assert F.softplus(3.0, threshold=2.0) == 3.0
    assert F.softplus(25.0, threshold=math.inf) == pytest.approx(25.0 + math.exp(-25.0), rel=1e-16)
    assert F.hardtanh(0.7, -0.5, 0.5) == 0.5


@pytest.mark.parametrize(("x", "slope"), [(-1.0, 0.0), (1.0, 0.0), (0.0, 1.0)])
def test_on_its_bounds_hardtanh_is_flat(x: float, slope: float) -> None:
    v = Value(x)
    F.hardtanh(v).backward()
    assert v.grad == slope


def test_maxout_is_the_largest_of_its_pieces() -> None:
    w, b = [Value(1.0), Value(-2.0)], [Value(0.5), Value(3.0)]
    a = F.maxout(w[0] * 2.0 + b[0], w[1] * 2.0 + b[1])  # max(w₁x + b₁, w₂x + b₂) at x = 2: 2.5 and -1
    a.backward()
    assert (a.data, w[0].grad, b[0].grad) == (2.5, 2.0, 1.0)
    assert not w[1].grad
    pieces = [Tensor([1.0, 5.0]), Tensor([2.0, 3.0]), Tensor([0.0, 4.0])]
    y = F.maxout(*pieces)
    y.backward([1.0, 1.0])
    assert y.numpy().tolist() == [2.0, 5.0]
    assert [p.grad.tolist() for p in pieces] == [[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]]


# ---------------------------------------------------------------------------------------------------------------------
# Softmax
# ---------------------------------------------------------------------------------------------------------------------


def test_the_posterior_of_two_classes_is_a_sigmoid() -> None:
    """P(C1|x) = σ(a), where a is the logarithm of the odds: the notes' derivation, in numbers."""
    joint = [0.6 * 0.3, 0.2 * 0.7]
    a = math.log(joint[0] / joint[1])
    assert a == pytest.approx(0.251314428280906077685137730402, rel=1e-14)
    assert F.sigmoid(a) == pytest.approx(joint[0] / sum(joint), rel=1e-15) == pytest.approx(0.5625)
    assert F.sigmoid(-a) == pytest.approx(1.0 - F.sigmoid(a))


def test_the_posterior_of_several_classes_is_a_softmax() -> None:
    a = [math.log(joint) for joint in (0.18, 0.14, 0.08)]
    np.testing.assert_allclose(F.softmax(a), [0.45, 0.35, 0.2], rtol=1e-14)
    values = [Value(x) for x in a]
    y = F.softmax(values)
    np.testing.assert_allclose([p.item() for p in y], [0.45, 0.35, 0.2], rtol=1e-14)
    y[0].backward()
    np.testing.assert_allclose([v.grad for v in values], [0.45 * 0.55, -0.45 * 0.35, -0.45 * 0.2], rtol=1e-13)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
@pytest.mark.parametrize("dim", [0, 1, -1])
def test_softmax_of_values_is_that_of_arrays(name: str, dim: int) -> None:
    x, seed = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    tensor, values = Tensor(x), [[Value(entry) for entry in row] for row in x.tolist()]
    whole, single = getattr(F, name)(tensor, dim), getattr(F, name)(values, dim)
    np.testing.assert_allclose(whole.numpy(), np.vectorize(Value.item)(single), rtol=1e-13)
    whole.backward(seed)
    sum(s * y for row, ys in zip(seed.tolist(), single, strict=True) for s, y in zip(row, ys, strict=True)).backward()
    np.testing.assert_allclose(tensor.grad, [[v.grad for v in row] for row in values], rtol=1e-11, atol=1e-14)


def test_softmax_does_not_feel_a_shift_and_does_not_overflow() -> None:
    values = [Value(1e4), Value(1e4 + math.log(3.0)), Value(-1e4)]
    np.testing.assert_allclose([p.item() for p in F.softmax(values)], [0.25, 0.75, 0.0], rtol=1e-9)
    assert F.log_softmax(values)[2].item() == pytest.approx(-2e4 - math.log(4.0))


# ---------------------------------------------------------------------------------------------------------------------
# Normalisation
# ---------------------------------------------------------------------------------------------------------------------


def test_batch_normalisation_of_the_notes() -> None:
    """μ = 3 and σ² = 3.5 for z = 1, 2, 3, 6; and dγ = Σ dz̃ z_norm, dβ = Σ dz̃, and nothing for a bias before it."""
    z, gamma, beta, bias = Tensor([[1.0], [2.0], [3.0], [6.0]]), Tensor([2.0]), Tensor([1.0]), Tensor([0.0])
    norm = np.array(
        [-1.06904496764969753873821392352, -0.53452248382484876936910696176, 0.0, 1.60356745147454630810732088528]
    )
    wanted = np.array(
        [-1.13808993529939507747642784704, -0.069044967649697538738213923519, 1.0, 4.20713490294909261621464177056]
    )
    y = F.batch_norm(z + bias, None, None, gamma, beta, training=True, eps=0.0)
    np.testing.assert_allclose(y.numpy()[:, 0], wanted, rtol=1e-14)
    seed = np.array([[0.5], [-1.0], [2.0], [0.25]])
    y.backward(seed)
    assert gamma.grad[0] == pytest.approx(float(seed[:, 0] @ norm))
    assert (beta.grad[0], bias.grad[0]) == (1.75, pytest.approx(0.0, abs=1e-14))


def test_running_statistics_move_towards_those_of_the_batch() -> None:
    x = rng.normal(size=(5, 2, 3))
    mean, variance = np.zeros(2), np.ones(2)
    F.batch_norm(x, mean, variance, training=True, momentum=0.25)
    np.testing.assert_allclose(mean, 0.25 * x.mean((0, 2)))
    np.testing.assert_allclose(variance, 0.75 + 0.25 * x.var((0, 2), ddof=1))
    y = F.batch_norm(x, mean, variance)
    np.testing.assert_allclose(y[:, 1], (x[:, 1] - mean[1]) / math.sqrt(variance[1] + 1e-5))


@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 2), (2, 3, 2, 2)])
def test_gradients_of_normalisation(shape: tuple[int, ...]) -> None:
    x, weight, bias = rng.normal(size=shape), rng.normal(size=3), rng.normal(size=3)
    check_gradients(lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True), x, weight, bias)
    mean, variance = rng.normal(size=3), rng.uniform(1.0, 2.0, 3)
    check_gradients(lambda x, w, b: F.batch_norm(x, mean, variance, w, b), x, weight, bias)
    inner = shape[1:]
    check_gradients(lambda x, w: F.layer_norm(x, inner, w), x, rng.normal(size=inner))


def test_each_sample_is_normalised_alone() -> None:
    x = rng.normal(size=(3, 2, 4))
    y = F.layer_norm(x, (2, 4), eps=0.0)
    np.testing.assert_allclose(y.mean((1, 2)), 0.0, atol=1e-15)
    np.testing.assert_allclose(y.var((1, 2)), 1.0)


@pytest.mark.parametrize("large", [np.float64(1e200), np.float32(1e30)])
def test_numbers_whose_variance_overflows_are_not_normalised_to_zero(large: Any) -> None:
    x = np.array([[large, -large], [-large, large]])
    mean, variance = np.zeros(2), np.ones(2)
    for make in (np.array, Tensor):
        for normalise in (
            lambda x: F.batch_norm(x, mean, variance, training=True),
            lambda x: F.layer_norm(x, 2),
        ):
            with (
                np.errstate(over="ignore"),
                pytest.raises(OverflowError, match=r"as large as 1e\+\d+ overflows: scale"),
            ):
                normalise(make(x))
    assert (mean.tolist(), variance.tolist()) == ([0.0, 0.0], [1.0, 1.0])


# ---------------------------------------------------------------------------------------------------------------------
# Dropout
# ---------------------------------------------------------------------------------------------------------------------


def test_inverted_dropout_of_the_notes() -> None:
    """A D / keep_prob forward, and the same factor backward, for A = 1, 2, 3, 4 and the mask D = 1, 0, 1, 1."""

    def dropped(seed: int) -> Tensor:
        return F.dropout(a, p=0.25, rng=seed)

    a = Tensor([1.0, 2.0, 3.0, 4.0])
    seed = next(seed for seed in range(1000) if (dropped(seed).numpy() == 0).tolist() == [False, True, False, False])
    y = dropped(seed)
    y.backward([1.0, 1.0, 1.0, 1.0])
    np.testing.assert_allclose(y.numpy(), [4 / 3, 0.0, 4.0, 16 / 3], rtol=1e-15)
    np.testing.assert_allclose(a.grad, [4 / 3, 0.0, 4 / 3, 4 / 3], rtol=1e-15)
    single = F.dropout([Value(1.0), Value(2.0), Value(3.0), Value(4.0)], p=0.25, rng=seed)
    assert [v.item() for v in single] == y.numpy().tolist()


def test_dropout_keeps_the_expected_value() -> None:
    y = F.dropout(np.ones(100_000), p=0.9, rng=0)
    assert set(np.unique(y.round(12))) == {0.0, 10.0}
    assert abs(y.mean() - 1.0) < 5 * 3.0 / math.sqrt(100_000)  # one number has the standard deviation √(p / (1 - p))


def test_the_ends_of_dropout() -> None:
    x = rng.normal(size=(2, 3))
    assert F.dropout(x, training=False) is x
    assert (F.dropout(x, p=0.0) == x).all()
    assert (F.dropout(x, p=1.0) == 0.0).all()
    y = F.dropout(x.astype(np.float32), rng=1)
    assert y.dtype == np.float32
    assert (F.dropout(x, rng=3) == F.dropout(x, rng=3)).all()


# ---------------------------------------------------------------------------------------------------------------------
# The rest, and what is refused
# ---------------------------------------------------------------------------------------------------------------------


def test_classes_in_rows() -> None:
    assert F.one_hot([[1], [0]], 3).tolist() == [[[0, 1, 0]], [[1, 0, 0]]]
    assert F.one_hot([2, 0]).dtype == np.int64


def test_embedding_adds_up_what_is_named_twice() -> None:
    table = Tensor(np.arange(6.0).reshape(3, 2))
    y = F.embedding([[2, 0], [2, 2]], table)
    assert y.numpy()[0].tolist() == [[4.0, 5.0], [0.0, 1.0]]
    y.backward(np.ones(y.shape))
    assert table.grad.tolist() == [[1.0, 1.0], [0.0, 0.0], [3.0, 3.0]]


X = np.zeros((4, 3))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: F.gelu(1.0, approximate="erf"), ValueError, 'approximate must be "none" or "tanh", not \'erf\''),
        (lambda: F.hardtanh(1.0, 1.0, -1.0), ValueError, "min_val must not exceed max_val"),
        (lambda: F.maxout(), TypeError, "at least one piece"),
        (lambda: F.softmax("abc"), TypeError, "softmax takes Tensors, arrays, Values and real numbers, not str"),
        (lambda: F.softmax([[Value(1.0)], [1.0, 2.0]]), ValueError, "the same length"),
        (lambda: F.batch_norm(X[0], None, None, training=True), ValueError, r"\(N, C\) .*, not \(3,\)"),
        (lambda: F.batch_norm(X, None, None), ValueError, "running_mean and running_var outside training"),
        (lambda: F.batch_norm(X, np.zeros(2), None), ValueError, r"running_mean has shape \(2,\), but .* 3 channels"),
        (
            lambda: F.batch_norm(X, [0.0] * 3, [1.0] * 3, training=True),
            TypeError,
            "running_mean must be an array",
        ),
        (lambda: F.batch_norm(X[:1], None, None, training=True), ValueError, r"two or more numbers .* \(1, 3\)"),
        (lambda: F.batch_norm([[Value(1.0)], [1.0]], None, None, training=True), TypeError, "autograd.stack"),
        (lambda: F.layer_norm(X, 4), ValueError, r"\(4, 3\) do not match normalized_shape \(4,\)"),
        (lambda: F.layer_norm(X, 3, np.ones(1)), ValueError, r"weight has shape \(1,\)"),
        (lambda: F.dropout(X, 1.5), ValueError, "p must be a probability between 0 and 1, not 1.5"),
        (lambda: F.one_hot([]), ValueError, "num_classes must be given"),
        (lambda: F.one_hot([3], 3), IndexError, "0 <= n < 3"),
        (lambda: F.embedding([0.5], X), TypeError, "whole numbers, not of float64"),
        (lambda: F.embedding([-1], X), IndexError, "row -1 is out of range for a table of 4 rows"),
    ],
)
def test_bad_input_has_one_sentence(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as refusal:
        call()
    assert "\n" not in str(refusal.value)


def test_modules_are_their_functions() -> None:
    x = rng.normal(size=(2, 3))
    for kind, wanted in (
        (activations.ReLU(), F.relu(x)),
        (activations.LeakyReLU(0.2), F.leaky_relu(x, 0.2)),
        (activations.ELU(alpha=0.5), F.elu(x, 0.5)),
        (activations.GELU("tanh"), F.gelu(x, "tanh")),
        (activations.Tanh(), np.tanh(x)),
        (activations.Softplus(beta=2), F.softplus(x, 2)),
        (activations.Softmax(dim=0), F.softmax(x, 0)),
        (activations.Hardtanh(-0.1, 0.1), np.clip(x, -0.1, 0.1)),
    ):
        np.testing.assert_array_equal(kind(x), wanted)
    for wrong in (lambda: activations.ReLU(0.1), lambda: activations.LeakyReLU(slope=0.1)):
        with pytest.raises(TypeError, match=r"ReLU(\.__init__)?\(\)"):
            wrong()
