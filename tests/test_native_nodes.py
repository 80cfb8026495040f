"""Array nodes in C find what Python finds; without a compiler, Python is compared with itself."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import PRIMITIVES, Primitive, Tensor, Value, linear, no_grad, relu, softmax_cross_entropy, stack, tanh
from autograd.arrays.native_nodes import is_compiled
from autograd.core import sweep
from autograd.core.watching import Watcher, listeners, watch
from nn.functional import cross_entropy

UNARY = [row for row in PRIMITIVES.values() if len(row.parameters) == 1]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -3.0, 4.2, 20.0, 1e-8, 5e-324, 1e8, np.inf, -np.inf, np.nan]


@contextmanager
def in_python() -> Iterator[None]:
    """Operations are recorded by Python in this context."""
    token = object()
    listeners[token] = None
    try:
        yield
    finally:
        del listeners[token]


def swept_by_python(output: Tensor, seed: Any) -> None:
    sweep.backward(output, np.array(seed, output.dtype))


def agree(f: Callable[..., Tensor], *data: Any) -> None:
    """The value and the gradients of a function, recorded and swept by C and by Python."""
    leaves, others = [[Tensor(x) for x in data] for _ in range(2)]
    with np.errstate(all="ignore"):
        y = f(*leaves)
        with in_python():
            z = f(*others)
        seed = np.random.default_rng(0).uniform(0.5, 1.5, y.shape)
    y.backward(seed)
    swept_by_python(z, seed)
    tolerance = 1e-5 if y.dtype == np.float32 else 1e-12
    pairs = [(y.numpy(), z.numpy()), *[(a.grad, b.grad) for a, b in zip(leaves, others, strict=True)]]
    for found, expected in pairs:
        assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance * 1e-3)


@pytest.mark.parametrize("row", UNARY, ids=str)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_row_of_one_operand(row: Primitive, dtype: Any) -> None:
    special = np.array([x for x in SPECIAL if dtype is np.float64 or not 0 < abs(x) < 1e-30], dtype)
    moderate = np.random.default_rng(1).normal(size=(13, 11)).astype(dtype)  # 143: two blocks and a part of one
    for x in (special, moderate, 3 * moderate, moderate[:0], moderate[0, 0]):
        agree(row, x)
    for x in special:
        agree(row, x.reshape(1))


def test_the_slope_of_tanh_keeps_its_digits() -> None:
    x = Tensor(np.linspace(-30, 30, 257))
    tanh(x).backward(np.ones(257))
    np.testing.assert_allclose(x.grad, 1 / np.cosh(np.linspace(-30, 30, 257)) ** 2, rtol=1e-12)


SHAPES = [(4, 3, 2), (1, 1, 1), (1, 5, 1), (5, 1, 3), (100, 2, 16), (0, 3, 2), (3, 0, 2), (3, 2, 0), (65, 130, 33)]


@pytest.mark.parametrize(("samples", "inputs", "outputs"), SHAPES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_affine_maps(samples: int, inputs: int, outputs: int, dtype: Any) -> None:
    draw = np.random.default_rng(2)
    x, weight, bias = (
        draw.normal(size=shape).astype(dtype) for shape in ((samples, inputs), (outputs, inputs), (outputs,))
    )
    agree(linear, x, weight, bias)
    agree(linear, x, weight)
    agree(lambda weight, bias: linear(x, weight, bias), weight, bias)
    agree(lambda x: linear(x, weight, bias), x)
    agree(linear, np.asfortranarray(x), np.asfortranarray(weight), bias)
    agree(linear, x.reshape(samples, 1, inputs), weight, bias)
    agree(lambda weight, bias: linear(np.repeat(x, 2, axis=1)[:, ::2], weight, bias), weight, bias)


def test_one_operand_twice_and_two_types() -> None:
    x = np.random.default_rng(3).normal(size=(3, 3))
    agree(lambda x: linear(x, x), x)
    agree(lambda x: linear(x, x, x[0]), x)
    agree(lambda x, weight: linear(x, weight, np.arange(3)), x, x.astype(np.float32))
    agree(lambda x: relu(x) * tanh(x) + tanh(relu(x)) - tanh(x), x)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_cross_entropy_of_labels(reduction: Any, dtype: Any) -> None:
    draw = np.random.default_rng(4)
    for samples, classes in ((7, 3), (1, 1), (1, 10), (65, 2)):
        logits, labels = 5 * draw.normal(size=(samples, classes)).astype(dtype), draw.integers(0, classes, samples)
        for x in (logits, logits + 800, np.asfortranarray(logits)):
            agree(lambda x, labels=labels: cross_entropy(x, labels, reduction=reduction), x)
    agree(lambda x: cross_entropy(x, np.array([2, 0], np.int16), reduction=reduction), logits[:2].repeat(2, 1))
    agree(lambda x: cross_entropy(x, np.array([-100, 1]), reduction=reduction), logits[:2])


@pytest.mark.parametrize("special", [np.inf, -np.inf, np.nan, 1e308, -1e308])
def test_the_cross_entropy_of_special_logits(special: float) -> None:
    logits = np.random.default_rng(5).normal(size=(4, 3))
    logits[1, 0] = logits[2] = special
    for label in range(3):
        agree(lambda x, label=label: softmax_cross_entropy(x, np.full(4, label)), logits)


def test_a_label_out_of_range_is_an_error() -> None:
    logits = Tensor(np.zeros((2, 3)))
    for wrong in ([0, 3], [-1, 0], [2**62, 0]):
        with pytest.raises(IndexError, match="0 <= n < 3"):
            softmax_cross_entropy(logits, np.array(wrong))
        with pytest.raises(IndexError, match="not one of the classes"):
            cross_entropy(logits, np.array(wrong))


def test_later_writes_to_constants_do_not_reach_the_graph() -> None:
    x, labels = np.array([[1.0, 2.0]]), np.array([1])
    weight = Tensor([[1.0, 0.0], [0.0, 1.0]])
    loss = cross_entropy(linear(x, weight), labels)
    x[:], labels[:] = 100.0, 0
    loss.backward()
    p = np.exp([1.0, 2.0]) / np.exp([1.0, 2.0]).sum()
    np.testing.assert_allclose(weight.grad, np.outer(p - [0, 1], [1.0, 2.0]))


@pytest.mark.parametrize("changed", ["assigned", "written", "interior", "output"])
@pytest.mark.parametrize("f", [tanh, relu, autograd.sin, lambda x: linear(x, x), lambda x: x * 2, lambda x: x.sum(0)])
def test_a_write_between_the_passes_is_an_error(changed: str, f: Any) -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    inner = tanh(x)
    y = f(inner)
    if changed == "assigned":
        x.data = x.data + 1.0
    elif changed == "written":
        x.data[0, 0] = 5.0
    elif changed == "interior":
        inner.data[0, 0] = 5.0
    else:
        y.data[:] = 5.0
    with pytest.raises(RuntimeError, match="was written to"):
        y.backward(np.ones(y.shape))
    assert x.grad is None


def test_data_that_was_only_read_is_no_change() -> None:
    x = Tensor([1.0, 2.0])
    y = tanh(x)
    assert x.data[0] + y.data[0] > 1
    y.backward([1.0, 1.0])
    assert x.grad is not None


def test_no_array_belongs_to_two_nodes() -> None:
    a, b = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    y = a + b
    seed = np.ones(2)
    y.backward(seed)
    held = [seed, y.grad, a.grad, b.grad]
    assert not any(np.shares_memory(x, z) for i, x in enumerate(held) for z in held[:i] if x is not y.grad)
    a.grad += 1
    np.testing.assert_array_equal(b.grad, 1.0)
    before = a.grad
    y.backward(seed)
    np.testing.assert_array_equal(before, 2.0)  # what a caller holds does not change
    np.testing.assert_array_equal(a.grad, 3.0)


def test_sums_of_contributions_change_no_other_gradient() -> None:
    x = Tensor([0.5, -0.5])
    h = tanh(x)
    y = tanh(h) + tanh(h) + relu(h) + h
    y.backward([1.0, 1.0])
    slope = 2 * (1 - np.tanh(h.numpy()) ** 2) + (h.numpy() > 0) + 1
    np.testing.assert_allclose(h.grad, slope)
    np.testing.assert_array_equal(y.grad, 1.0)


def test_nan_is_swept_once_more_with_masks() -> None:
    x = Tensor([0.0, 4.0])
    autograd.where(x.numpy() > 0, autograd.sqrt(x), 0.0).sum().backward()
    np.testing.assert_array_equal(x.grad, [0.0, 0.25])


def test_other_kinds_of_nodes_are_swept_by_python() -> None:
    v = Value(0.5)
    t = Tensor([1.0, 2.0])
    y = (tanh(stack([v, v])) * relu(t)).sum()
    y.backward()
    assert v.grad == pytest.approx(3 * (1 - np.tanh(0.5) ** 2))
    z = y.value() ** 2
    z.backward()
    assert t.grad is not None


def test_a_long_chain_and_a_wide_graph() -> None:
    x = Tensor([0.1])
    y = x
    for _ in range(20_000):
        y = relu(y)
    y.backward()
    assert x.grad[0] == 1
    leaves = [Tensor([1.0]) for _ in range(2000)]
    sum(leaves).backward()  # type: ignore[union-attr]
    assert all(leaf.grad[0] == 1 for leaf in leaves)
    assert len({id(leaf.grad) for leaf in leaves}) == 2000


def test_nothing_is_recorded_without_gradients_and_watchers_are_told() -> None:
    x = Tensor([[1.0, 2.0]])
    with no_grad():
        assert tanh(x).op is linear(x, x).op is None
    made: list[Any] = []

    class Collect(Watcher):
        def made(self, node: Any) -> None:
            made.append(node)

    before = watch(Collect())
    try:
        nodes = [tanh(x), linear(x, x)]
    finally:
        watch(before)
    assert [id(node) for node in made] == [id(node) for node in nodes]


def test_a_subclass_and_a_redeclared_row_are_left_to_python() -> None:
    class Special(Tensor):
        pass

    x = Special([1.0, 2.0])
    tanh(x).backward([1.0, 1.0])
    np.testing.assert_allclose(x.grad, 1 - np.tanh([1.0, 2.0]) ** 2)


@pytest.mark.skipif(not is_compiled(), reason="the C code is not compiled here")
def test_references_are_counted() -> None:
    w, x, labels = Tensor(np.ones((3, 3))), np.ones((2, 3)), np.array([0, 2])

    def step() -> None:
        h = tanh(linear(x, w))
        loss = cross_entropy(linear(h, w) + h, labels)
        loss.backward()
        w.grad = None
        with pytest.raises(IndexError):
            cross_entropy(h, labels + 5)

    for _ in range(20):
        step()
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(200):
        step()
    gc.collect()
    assert sys.getallocatedblocks() - before < 100
