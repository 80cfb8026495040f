"""Checkpointed functions have the values and derivatives of the original functions, and do not keep their graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import (
    Tensor,
    Value,
    checkpoint,
    exp,
    grad,
    hessian,
    jvp,
    no_grad,
    once,
    recomputing,
    sin,
    tanh,
    topological_order,
)
from autograd.arrays.stacking import stack

RNG = np.random.default_rng(3)
W, X = RNG.normal(size=(3, 3)), RNG.normal(size=(2, 3))


def layer(x: Any, w: Any) -> Any:
    return tanh(x @ w) * x


def test_a_chain_of_arrays() -> None:
    def chain(step: Any, x: Any, w: Any) -> Any:
        for _ in range(3):
            x = step(x, w)
        return (x**2).sum()

    for argnums in (0, 1):
        plain = grad(lambda x, w: chain(layer, x, w), argnums)(X, W)
        np.testing.assert_allclose(grad(lambda x, w: chain(checkpoint(layer), x, w), argnums)(X, W), plain, rtol=1e-12)
    output = chain(checkpoint(layer), Tensor(X), Tensor(W))
    assert [n.op.name for n in topological_order(output) if n.op].count("checkpoint") == 3
    assert "tanh" not in {n.op.name for n in topological_order(output) if n.op}


@given(st.floats(-2, 2), st.floats(-2, 2))
def test_numbers_to_second_order(x: float, y: float) -> None:
    def f(p: dict[str, Any]) -> Any:
        return sin(p["x"]) * exp(p["y"]) + p["x"] ** 2

    at = {"x": x, "y": y}
    g = checkpoint(f)
    assert g({"x": Value(x), "y": Value(y)}).item() == f({"x": Value(x), "y": Value(y)}).item()
    assert grad(g)(at) == pytest.approx(grad(f)(at), rel=1e-12)
    ours, plain = hessian(g)(at), hessian(f)(at)
    assert [ours[i][j] for i in at for j in at] == pytest.approx([plain[i][j] for i in at for j in at], rel=1e-12)
    assert jvp(g, (at,), ({"x": 1.0, "y": -2.0},)) == pytest.approx(jvp(f, (at,), ({"x": 1.0, "y": -2.0},)), rel=1e-12)


def test_second_order_of_arrays_and_numbers_together() -> None:
    def f(x: Any, s: Any) -> Any:
        return (tanh(x * s) @ W).sum() * s

    g = checkpoint(f)
    for argnums in (0, 1):
        np.testing.assert_allclose(hessian(g, argnums)(X, 0.5), hessian(f, argnums)(X, 0.5), rtol=1e-10)
    one, other = jvp(grad(g), (X, 0.5), (X, 1.0)), jvp(grad(f), (X, 0.5), (X, 1.0))
    np.testing.assert_allclose(one[1], other[1], rtol=1e-10)


def test_captured_nodes_receive_their_gradients() -> None:
    w, v = Tensor(W), Value(2.0)
    scaled = w * 2.0
    y = checkpoint(lambda x: (layer(x, scaled) * v).sum().value())(Tensor(X))
    assert isinstance(y, Value)
    y.backward()
    again, twin = Tensor(W), Value(2.0)
    (layer(Tensor(X), again * 2.0) * twin).sum().backward()
    np.testing.assert_allclose(w.grad, again.grad, rtol=1e-12)
    assert v.grad == pytest.approx(twin.grad)


def test_refresh_runs_it_again() -> None:
    x = Value(2.0)
    y = checkpoint(lambda t: t * t)(x) + 1
    x.data = 3.0
    assert y.refresh().item() == 10.0
    y.backward()
    assert x.grad == 6.0


def test_results_that_depend_on_no_node_are_returned_unchanged() -> None:
    assert checkpoint(lambda x: 3.0)(Value(1.0)) == 3.0
    with no_grad():
        assert checkpoint(lambda x: x * 2)(Tensor(X)).parents == ()


def test_errors() -> None:
    with pytest.raises(TypeError, match="returns one node, not several"):
        checkpoint(lambda x: [x, x * 2])(Value(1.0))
    y = checkpoint(lambda x: (x * Tensor(RNG.normal(size=3))).sum())(Tensor(W[0]))
    with pytest.raises(RuntimeError, match="returned something else when it was called again"):
        y.backward()
    x = Tensor(W[0])
    y = checkpoint(lambda x: (x * x).sum())(x)
    x.data[0] = 9.0
    with pytest.raises(RuntimeError, match="was written to after checkpoint had used it"):
        y.backward()
    with pytest.raises(ZeroDivisionError):
        checkpoint(lambda x: 1 / x)(Value(0.0))


def test_stacked_numbers() -> None:
    assert grad(checkpoint(lambda v: (stack(v) ** 2).sum()))([1.0, 2.0]) == [2.0, 4.0]


def test_statistics_move_once() -> None:
    plain, checkpointed = nn.BatchNorm1d(2), nn.BatchNorm1d(2)
    x = Tensor([[1.0, 2.0], [3.0, 5.0]])
    (plain(x) ** 3).sum().backward()
    checkpoint(lambda t: (checkpointed(t) ** 3).sum())(x).backward()
    np.testing.assert_array_equal(plain.running_mean, checkpointed.running_mean)
    np.testing.assert_array_equal(plain.running_var, checkpointed.running_var)
    assert plain.num_batches_tracked == checkpointed.num_batches_tracked == 1
    assert not recomputing()


def test_random_numbers_are_drawn_once() -> None:
    dropout = nn.Dropout(0.5, rng=0)
    x = Tensor(np.ones(8))  # all losses with the same number of ones are equal, so only the gradient tells
    y = checkpoint(lambda t: (dropout(t) * t).sum())(x)
    state = dropout.rng.bit_generator.state
    for _ in range(2):
        x.grad = None
        y.backward()
        assert x.grad.sum() == pytest.approx(2 * y.item())
    assert dropout.rng.bit_generator.state == state
    kept = x.grad.copy()
    x.grad = None
    (nn.functional.dropout(x, rng=0) * x).sum().backward()
    np.testing.assert_array_equal(x.grad, kept)


def test_random_numbers_in_checkpoints_of_checkpoints() -> None:
    rng = np.random.default_rng(1)
    drawn: list[float] = []

    def draw() -> float:
        assert not recomputing()
        drawn.append(once(lambda: rng.normal()))  # not kept: the outer call keeps its result
        return drawn[-1]

    def inner(t: Any) -> Any:
        return sin(t * once(draw)) * once(draw)

    def outer(t: Any) -> Any:
        return checkpoint(inner)(t) * once(draw) + checkpoint(inner)(t * t)

    x = Value(0.7)
    y = checkpoint(outer)(x)
    assert len(drawn) == 5
    value = y.item()
    y.backward()
    assert len(drawn) == 5
    a, b, c, d, e = drawn
    assert value == pytest.approx(np.sin(0.7 * a) * b * c + np.sin(0.49 * d) * e)
    assert x.grad == pytest.approx(np.cos(0.7 * a) * a * b * c + np.cos(0.49 * d) * d * e * 1.4)
    assert y.refresh().item() == pytest.approx(value)
    assert len(drawn) == 5
    drawn.clear()
    assert once(draw) == drawn[0]
    with pytest.raises(ZeroDivisionError):
        checkpoint(lambda t: t * once(lambda: 1 / 0))(x)
    assert not recomputing()
