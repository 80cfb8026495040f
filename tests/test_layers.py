"""Layers: the notes' matrices, shapes and names as in PyTorch, training and evaluation, and what is refused."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor, check_gradients, matmul, tanh
from nn.attention import scaled_dot_product_attention
from nn.layers import (
    AvgPool2d,
    BatchNorm1d,
    BatchNorm2d,
    Conv1d,
    Conv2d,
    Dropout,
    Embedding,
    Flatten,
    LayerNorm,
    Linear,
    Maxout,
    MaxPool2d,
    ReLU,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
)
from nn.losses import binary_cross_entropy, binary_cross_entropy_with_logits
from nn.module import Module

pytestmark = pytest.mark.same_in_both_modes

rng = np.random.default_rng(6)


def affine(weight: Any, bias: Any) -> Linear:
    """A layer with these parameters."""
    layer = Linear(np.shape(weight)[1], np.shape(weight)[0])
    layer.load_state_dict({"weight": weight, "bias": bias})
    return layer


# ---------------------------------------------------------------------------------------------------------------------
# The notes
# ---------------------------------------------------------------------------------------------------------------------


def test_shapes_in_the_vectorised_network() -> None:
    """W1 (3, 2), b1 for 3, W2 (1, 3), b2 for 1; m samples give (1, m) in the notes' columns, (m, 1) in rows."""
    net = Sequential(Linear(2, 3), Tanh(), Linear(3, 1))
    shapes = {name: p.shape for name, p in net.named_parameters()}
    assert shapes == {"0.weight": (3, 2), "0.bias": (3,), "2.weight": (1, 3), "2.bias": (1,)}
    x = rng.normal(size=(2, 5))  # m = 5 samples in columns
    p = {name: p.numpy() for name, p in net.named_parameters()}
    z1 = p["0.weight"] @ x + p["0.bias"][:, None]
    z2 = p["2.weight"] @ np.tanh(z1) + p["2.bias"][:, None]
    assert z2.shape == (1, 5)
    np.testing.assert_allclose(net(x.T).numpy().T, z2, rtol=1e-13)


def test_column_times_column_is_no_product() -> None:
    with pytest.raises(ValueError, match="matmul"):
        matmul(np.ones((2, 1)), np.ones((2, 1)))
    with pytest.raises(ValueError, match=r"\(2, 1\) does not fit"):
        Linear(2, 3)(np.ones((2, 1)))


def test_layers_without_activation_collapse_to_one() -> None:
    """W = W2 W1 and b = W2 b1 + b2."""
    first = affine([[1, 2], [3, 4], [5, 6]], [1, 0, -1])
    second = affine([[1, -1, 2]], [3])
    one = affine([[8, 10]], [2])
    np.testing.assert_array_equal(second.weight.numpy() @ first.weight.numpy(), one.weight.numpy())
    np.testing.assert_array_equal(second(first.bias.numpy()).numpy(), one.bias.numpy())
    x = rng.normal(size=(7, 2))
    np.testing.assert_allclose(Sequential(first, second)(x).numpy(), one(x).numpy(), rtol=1e-13)
    assert not np.allclose(Sequential(first, ReLU(), second)(x).numpy(), one(x).numpy())


@given(seed=st.integers(0, 2**32 - 1), n0=st.integers(1, 4), n1=st.integers(1, 4), m=st.integers(1, 6))
def test_vectorised_backpropagation(seed: int, n0: int, n1: int, m: int) -> None:
    """dZ2 = A2 - Y, dW2 = dZ2 A1ᵀ / m, dZ1 = W2ᵀ dZ2 ∘ g'(Z1), dW1 = dZ1 Xᵀ / m: the notes' samples in columns."""
    draw = np.random.default_rng(seed)
    net = Sequential(Linear(n0, n1, init="xavier", rng=draw), Tanh(), Linear(n1, 1, init="xavier", rng=draw))
    x, y = draw.normal(size=(n0, m)), draw.integers(0, 2, (1, m))
    w1, b1, w2, b2 = (p.numpy() for p in net.parameters())
    a1 = np.tanh(w1 @ x + b1[:, None])
    a2 = 1.0 / (1.0 + np.exp(-(w2 @ a1 + b2[:, None])))
    dz2 = a2 - y
    dz1 = w2.T @ dz2 * (1.0 - a1**2)
    wanted = [dz1 @ x.T / m, dz1.mean(1), dz2 @ a1.T / m, dz2.mean(1)]
    for loss in (
        binary_cross_entropy_with_logits(net(x.T), y.T),
        binary_cross_entropy(Sigmoid()(net(x.T)), y.T),
    ):
        net.zero_grad()
        loss.backward()
        for parameter, slope in zip(net.parameters(), wanted, strict=True):
            np.testing.assert_allclose(parameter.grad, slope, rtol=1e-9, atol=1e-12)


# ---------------------------------------------------------------------------------------------------------------------
# Layers
# ---------------------------------------------------------------------------------------------------------------------

LAYERS: list[tuple[Any, tuple[int, ...], tuple[int, ...]]] = [
    (lambda **o: Linear(4, 3, **o), (5, 4), (5, 3)),
    (lambda **o: Linear(4, 3, bias=False, **o), (2, 5, 4), (2, 5, 3)),
    (lambda **o: Maxout(4, 3, pieces=3, **o), (5, 4), (5, 3)),
    (lambda **o: Conv1d(2, 4, 3, groups=2, **o), (5, 2, 9), (5, 4, 7)),
    (lambda **o: Conv2d(2, 3, (3, 2), stride=2, padding=1, **o), (5, 2, 6, 7), (5, 3, 3, 4)),
    (lambda **o: Conv2d(1, 1, 2, bias=False, **o), (1, 3, 3), (1, 2, 2)),
]


@pytest.mark.parametrize(("make", "shape", "result"), LAYERS)
def test_layers_with_random_weights(make: Any, shape: Any, result: Any) -> None:
    x = rng.normal(size=shape)
    layer, same = make(rng=3), make(rng=3)
    assert layer(x).shape == result
    np.testing.assert_array_equal(layer(x).numpy(), same(x).numpy())
    small = make(rng=3, dtype=np.float32)
    assert {p.dtype for p in small.parameters()} == {np.dtype(np.float32)}
    assert small(x.astype(np.float32)).dtype == np.float32
    layer(x).sum().backward()
    assert all(p.grad is not None for p in layer.parameters())


def test_gradients_of_all_parameters_of_a_network() -> None:
    layers = [
        Conv2d(1, 2, 2, rng=0),
        BatchNorm2d(2),
        ReLU(),
        MaxPool2d(2),
        Flatten(),
        LayerNorm(8),
        Linear(8, 1, rng=1),
    ]
    net, x = Sequential(*layers), rng.normal(size=(3, 1, 5, 5))
    names, leaves = zip(*net.named_parameters(), strict=True)

    def loss(*numbers: Any) -> Any:
        twin = copy.deepcopy(net)
        for name, fresh in zip(names, numbers, strict=True):
            number, attribute = name.split(".")
            setattr(twin[int(number)], attribute, fresh)
        return (twin(x) ** 2).sum()

    check_gradients(loss, *[p.numpy() for p in leaves])


def test_initialisers_and_biases() -> None:
    layer = Linear(100, 200, init="he", rng=0)
    assert layer.weight.numpy().std() == pytest.approx(np.sqrt(2 / 100), rel=0.05)
    assert not layer.bias.numpy().any()
    assert np.abs(Linear(100, 200, rng=0).weight.numpy()).max() == pytest.approx(0.1, rel=1e-3)
    assert not Linear(2, 2, init="zeros").weight.numpy().any()
    assert np.abs(Conv2d(4, 50, 5, rng=0).weight.numpy()).max() == pytest.approx(0.1, rel=1e-3)


def test_zeros_leave_hidden_neurons_equal_for_ever() -> None:
    net = Sequential(Linear(2, 3, init="zeros"), Sigmoid(), Linear(3, 1, init="zeros"))
    x, y = rng.normal(size=(8, 2)), rng.integers(0, 2, (8, 1))
    for _ in range(100):
        net.zero_grad()
        binary_cross_entropy_with_logits(net(x), y).backward()
        for p in net.parameters():
            p.data -= 0.5 * p.grad
    rows = net[0].weight.numpy()
    assert (rows == rows[0]).all()
    assert rows.any()


def test_maxout_can_be_the_absolute_value() -> None:
    net = Maxout(1, 1)
    net.load_state_dict(
        {"pieces.0.weight": [[1.0]], "pieces.0.bias": [0.0], "pieces.1.weight": [[-1.0]], "pieces.1.bias": [0.0]}
    )
    assert net([[-3.0], [2.0]]).numpy().tolist() == [[3.0], [2.0]]


# ---------------------------------------------------------------------------------------------------------------------
# Training and evaluation
# ---------------------------------------------------------------------------------------------------------------------


def test_options_that_are_numpy_s_numbers_leave_float32() -> None:
    x, number = Tensor(np.float32([[1.0, 2.0], [3.0, 5.0]])), np.float64(0.125)
    for layer in (
        BatchNorm1d(2, eps=number, momentum=number, dtype=np.float32),
        LayerNorm(2, eps=number, dtype=np.float32),
        Dropout(number, rng=0),
    ):
        assert (layer(x).dtype, layer.eval()(x).dtype) == (np.float32, np.float32)


def test_batch_normalisation_learns_and_remembers() -> None:
    norm = BatchNorm1d(3)
    x = rng.normal(2.0, 3.0, (50, 3))
    for _ in range(200):
        y = norm(x).numpy()
    np.testing.assert_allclose((y.mean(0), y.var(0)), ([0.0] * 3, [1.0] * 3), atol=1e-5)
    np.testing.assert_allclose(norm.running_mean, x.mean(0), rtol=1e-6)
    np.testing.assert_allclose(norm.running_var, x.var(0, ddof=1), rtol=1e-6)
    before = norm.state_dict()
    alone = norm.eval()(x[:1]).numpy()
    np.testing.assert_allclose(alone, (x[:1] - x.mean(0)) / np.sqrt(x.var(0, ddof=1) + 1e-5), rtol=1e-5)
    assert list(before) == ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
    assert before["num_batches_tracked"] == 200
    for name, array in norm.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_without_momentum_the_running_mean_is_the_mean_of_the_batches() -> None:
    norm = BatchNorm1d(2, momentum=None, affine=False)
    batches = [rng.normal(size=(4, 2)) for _ in range(3)]
    for batch in batches:
        norm(batch)
    np.testing.assert_allclose(norm.running_mean, np.mean([batch.mean(0) for batch in batches], 0))
    assert norm.parameters() == []


def test_dropout_acts_in_training_only() -> None:
    net = Sequential(Dropout(keep=0.8, rng=0), Dropout(0.5, rng=1))
    x = np.ones((50, 50))
    share = (net(x) != 0).mean()
    assert abs(share - 0.4) < 5 * np.sqrt(0.4 * 0.6 / x.size)
    np.testing.assert_array_equal(net.eval()(x), x)
    assert (net[0].p, net[1].p) == (pytest.approx(0.2), 0.5)


def test_masks_differ_from_call_to_call_and_repeat_from_a_seed() -> None:
    x = np.ones(100)
    first, second = Dropout(rng=5), Dropout(rng=5)
    one, two = first(x), first(x)
    assert (one != two).any()
    np.testing.assert_array_equal([second(x), second(x)], [one, two])


# ---------------------------------------------------------------------------------------------------------------------
# Names
# ---------------------------------------------------------------------------------------------------------------------


def test_how_layers_are_written() -> None:
    net = Sequential(
        Conv2d(1, 8, 3, padding=1, rng=0), BatchNorm2d(8), MaxPool2d(2, stride=2), Dropout(0.1), Softmax(dim=1)
    )
    assert repr(net).splitlines() == [
        "Sequential(",
        "  (0): Conv2d(1, 8, kernel_size=(3, 3), stride=1, padding=1, dilation=1, groups=1, bias=True)",
        "  (1): BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True)",
        "  (2): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)",
        "  (3): Dropout(p=0.1)",
        "  (4): Softmax(dim=1)",
        ")",
    ]
    assert repr(Flatten()) == "Flatten(start_dim=1, end_dim=-1)"
    assert repr(Embedding(3, 2)) == "Embedding(3, 2)"
    assert repr(LayerNorm((2, 3), bias=False)) == "LayerNorm((2, 3), eps=1e-05, elementwise_affine=True, bias=False)"


def test_sequences_of_modules() -> None:
    shared = Linear(2, 2, rng=0)
    net = Sequential(shared, Tanh(), shared)
    assert [name for name, _ in net.named_parameters()] == ["0.weight", "0.bias"]
    x = rng.normal(size=(3, 2))
    np.testing.assert_array_equal(net(x).numpy(), shared(tanh(shared(x))).numpy())
    assert net[1:][1] is shared
    assert list(Sequential()(x)[0]) == list(x[0])
    nested = Sequential(Sequential(Linear(2, 1)), Sigmoid())
    assert list(nested.state_dict()) == ["0.0.weight", "0.0.bias"]


def test_networks_are_copied_and_pickled() -> None:
    net = Sequential(Linear(2, 3, rng=0), BatchNorm1d(3), Dropout(0.5, rng=0), Linear(3, 1, rng=1))
    x = rng.normal(size=(6, 2))
    net(x)
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        np.testing.assert_array_equal(twin(x).numpy(), copy.deepcopy(net)(x).numpy())
        assert not {*map(id, twin.parameters())} & {*map(id, net.parameters())}


@pytest.mark.parametrize(
    ("start", "end", "shape"),
    [(1, -1, (2, 60)), (0, -1, (120,)), (1, 2, (2, 12, 5)), (-2, -1, (2, 3, 20)), (1, 1, (2, 3, 4, 5))],
)
def test_flatten(start: int, end: int, shape: tuple[int, ...]) -> None:
    x = Tensor(np.arange(120.0).reshape(2, 3, 4, 5))
    np.testing.assert_array_equal(Flatten(start, end)(x).numpy(), x.numpy().reshape(shape))


# ---------------------------------------------------------------------------------------------------------------------
# What is refused
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: Linear(0, 3), TypeError, "in_features must be a positive whole number, not 0"),
        (lambda: Linear(2, 2.5), TypeError, "out_features must be a positive whole number, not 2.5"),
        (lambda: Linear(2, 3, init="hee"), ValueError, "no initialiser 'hee'"),
        (lambda: Linear(2, 3, dtype=np.int64), TypeError, "float32 or float64"),
        (lambda: Linear(2, 3)(np.zeros((4, 3))), ValueError, r"x of shape \(4, 3\) does not fit"),
        (lambda: Conv2d(3, 4, 3, groups=2), ValueError, "cannot be divided into 2 groups"),
        (lambda: Conv2d(3, 4, 0), TypeError, "kernel_size must be a positive whole number"),
        (
            lambda: MaxPool2d(),
            TypeError,
            r"MaxPool2d.__init__\(\) missing a required argument: 'kernel_size'",
        ),
        (lambda: AvgPool2d(2, size=3), TypeError, r"AvgPool2d.__init__\(\) got an unexpected keyword argument 'size'"),
        (
            lambda: BatchNorm1d(3)(np.zeros((2, 3, 4, 4))),
            ValueError,
            "takes an array with 2 or 3 axes, not 4",
        ),
        (lambda: BatchNorm1d(3)(np.zeros((2, 4))), ValueError, "running_mean has shape"),
        (lambda: Dropout(1.5), ValueError, "p is a probability, not 1.5"),
        (lambda: Dropout(keep=-0.5), ValueError, "keep is a probability, not -0.5"),
        (lambda: Dropout(rng="seed"), TypeError, "rng must be"),
        (lambda: Flatten(3)(np.zeros((2, 2))), ValueError, r"Flatten\(.*\) cannot flatten shape \(2, 2\)"),
        (lambda: Sequential(Linear(2, 2), tanh), TypeError, r"such as ReLU\(\), but number 1 is"),
        (lambda: Sequential(Linear), TypeError, "number 0 is <class"),
        (lambda: Embedding(3, 2)([3]), IndexError, "row 3 is out of range"),
    ],
)
def test_bad_input_has_one_sentence(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as refusal:
        call()
    assert "\n" not in str(refusal.value)


def test_a_refused_batch_changes_no_statistics() -> None:
    norm = BatchNorm1d(3)
    before = norm.state_dict()
    with pytest.raises(ValueError, match="two or more numbers"):
        norm(np.zeros((1, 3)))
    for name, array in norm.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_every_layer_is_a_module() -> None:
    assert all(issubclass(kind, Module) for kind in (Linear, Maxout, Conv1d, BatchNorm1d, Dropout, ReLU, Sequential))


def test_heads_of_queries_are_divided_among_those_of_keys() -> None:
    q, k = np.ones((1, 3, 4)), np.ones((2, 5, 4))
    with pytest.raises(ValueError, match="enable_gqa: 1 heads of queries cannot be divided among 2 of keys or values"):
        scaled_dot_product_attention(q, k, k, enable_gqa=True)
