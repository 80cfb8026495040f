"""Zeros that mean "not used" send nothing, at any order; zeros that were computed, times an infinity, are nan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from autograd import (
    Tensor,
    Value,
    checkpoint,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    linalg,
    logsumexp,
    max_pool1d,
    relu,
    softmax_cross_entropy,
    stack,
    vjp,
)

INF, NAN = np.inf, np.nan


@pytest.fixture(autouse=True)
def _silent() -> Any:
    with np.errstate(all="ignore"):
        yield


def gradient(f: Callable[[Any], Any], x: Any) -> Any:
    """The gradient by plain and by recorded sweeps, which must agree."""
    x = np.array(x, float)
    plain = grad(lambda t: np.sum(f(t)))(x)
    t = Tensor(x)
    np.sum(f(t)).backward(create_graph=True)
    np.testing.assert_array_equal(t.grad.numpy() if isinstance(t.grad, Tensor) else t.grad, plain)
    return plain


# ---------------------------------------------------------------------------------------------------------------------
# What is not used sends nothing
# ---------------------------------------------------------------------------------------------------------------------

W = np.array([[1.0, 2.0], [3.0, 4.0]])
ROWS = np.array([[True], [False]])

UNUSED: dict[str, tuple[Callable[[Any], Any], Any, Any, Any]] = {
    "a root": (lambda x: np.where(x > 0, np.sqrt(x), 0), [0, 4], [0, 0.25], [[0, 0], [0, -1 / 32]]),
    "a logarithm": (lambda x: np.where(x > 0, np.log(x), 0), [0, -1, 4], [0, 0, 0.25], np.diag([0, 0, -1 / 16])),
    "a reciprocal": (lambda x: np.where(x > 0, 1 / x, 0), [0, 4], [0, -1 / 16], np.diag([0, 1 / 32])),
    "first order is finite": (lambda x: np.where(x > 0, x**1.5, 0), [0, 4], [0, 3], np.diag([0, 0.375])),
    "below a relu": (lambda x: np.sqrt(relu(x)), [-1, 4], [0, 0.25], np.diag([0, -1 / 32])),
    "the smaller one": (lambda x: np.maximum(np.sqrt(x), 1.0), [0, 4], [0, 0.25], np.diag([0, -1 / 32])),
    "outside of a clip": (lambda x: np.clip(np.sqrt(x), 1.0, 3.0), [0, 4], [0, 0.25], np.diag([0, -1 / 32])),
    "an unread entry": (lambda x: np.sqrt(x)[1:], [0, 4], [0, 0.25], np.diag([0, -1 / 32])),
    "an index": (lambda x: np.sqrt(x)[[1, 1]], [0, 4], [0, 0.5], np.diag([0, -1 / 16])),
    "padding": (lambda x: np.pad(np.sqrt(x), 1)[2:], [0, 4], [0, 0.25], np.diag([0, -1 / 32])),
    "roots of padding": (lambda x: np.sqrt(np.pad(x, 1)), [4], [0.25], [[-1 / 32]]),
    "a sorted array": (lambda x: np.sort(np.sqrt(x))[-1], [4, 0], [0.25, 0], np.diag([-1 / 32, 0])),
    "a maximum": (lambda x: np.max(np.sqrt(x)), [4, 0], [0.25, 0], np.diag([-1 / 32, 0])),
    "a pool": (lambda x: max_pool1d(np.sqrt(x)[None, :], 2), [4, 0], [0.25, 0], np.diag([-1 / 32, 0])),
    "steps": (lambda x: np.floor(np.sqrt(x) + 0.5) * 3, [0, 4], [0, 0], np.zeros((2, 2))),
    "reshaped": (lambda x: np.reshape(np.sqrt(x), (2, 1)).T[0, 1], [0, 4], [0, 0.25], np.diag([0, -1 / 32])),
    "broadcast": (lambda x: np.where(ROWS, 1.0, np.ones((2, 1)) * x), [2.0, 3.0], [1, 1], np.zeros((2, 2))),
    "stacked": (lambda x: stack([np.sqrt(x), x])[1], [0, 4], [1, 1], np.zeros((2, 2))),
    "added to what is used": (lambda x: np.where(x > 0, np.sqrt(x), 0) + x, [0, 4], [1, 1.25], np.diag([0, -1 / 32])),
    "after what is used": (lambda x: x + np.where(x > 0, np.sqrt(x), 0), [0, 4], [1, 1.25], np.diag([0, -1 / 32])),
    "two factors": (
        lambda x: np.where(x > 0, np.sqrt(x) * np.where(x > 0, 1 / x, 0), 0),
        [0, 4],
        [0, -1 / 16],
        np.diag([0, 3 / 128]),
    ),
    "rows of a product": (
        lambda x: np.where(ROWS, np.sqrt(np.reshape(x, (2, 2))) @ W, 0),
        [1, 4, 0, 0],
        [1.5, 1.75, 0, 0],
        np.diag([-0.75, -7 / 32, 0, 0]),
    ),
    "a norm": (
        lambda x: np.where(ROWS[:, 0], np.sqrt(np.sum(np.reshape(x, (2, 2)) ** 2, 1)), 0),
        [3, 4, 0, 0],
        [0.6, 0.8, 0, 0],
        np.pad([[0.128, -0.096], [-0.096, 0.072]], (0, 2)),
    ),
    "a layer": (
        lambda x: autograd.linear(np.sqrt(np.reshape(x, (2, 2))), W)[0],
        [1, 4, 0, 0],
        [2, 1.5, 0, 0],
        np.diag([-1.0, -6 / 32, 0, 0]),
    ),
}


@pytest.mark.parametrize("name", UNUSED)
def test_what_is_not_used_sends_nothing(name: str) -> None:
    f, x, first, second = UNUSED[name]
    x = np.array(x, float)
    np.testing.assert_allclose(gradient(f, x), first, rtol=1e-12)
    np.testing.assert_allclose(hessian(lambda t: np.sum(f(t)))(x), second, rtol=1e-12)
    for i, unit in enumerate(np.eye(x.size)):
        np.testing.assert_allclose(jvp(lambda t: np.sum(f(t)), (x,), (unit,))[1], first[i], rtol=1e-12)
        (product,) = hvp(lambda t: np.sum(f(t)), (x,), (unit,))
        np.testing.assert_allclose(product, np.asarray(second)[i], rtol=1e-12)


def test_zeros_of_a_seed_and_of_a_tangent() -> None:
    x = np.array([0.0, 4.0])
    np.testing.assert_array_equal(jacobian(np.sqrt)(x), [[INF, 0.0], [0.0, 0.25]])
    np.testing.assert_array_equal(vjp(np.sqrt, x)[1](np.array([0.0, 1.0]))[0], [0.0, 0.25])
    np.testing.assert_array_equal(jvp(np.sqrt, (x,), (np.array([0.0, 1.0]),))[1], [0.0, 0.25])
    assert jvp(lambda x, y: autograd.sqrt(x) + y, (0.0, 1.0), (0.0, 1.0)) == (1.0, 1.0)
    t = Tensor(x)
    np.sqrt(t).backward([0.0, 1.0])
    np.testing.assert_array_equal(t.grad, [0.0, 0.25])
    t.grad = None
    np.sqrt(t).backward([0.0, 1.0], create_graph=True)
    np.testing.assert_array_equal(t.grad.numpy(), [0.0, 0.25])


def test_a_recorded_zero_in_a_seed_is_live() -> None:
    """The derivative is linear in its seed, and that derivative is not 0 where the seed is."""
    x = np.array([1.0, 4.0])
    slope = grad(lambda s: np.sum(vjp(np.sqrt, x)[1](s)[0]))(np.zeros(2))
    np.testing.assert_array_equal(slope, [0.5, 0.25])
    slope = grad(lambda s: np.sum(jvp(np.sqrt, (x,), (s,))[1]))(np.zeros(2))
    np.testing.assert_array_equal(slope, [0.5, 0.25])


def test_it_holds_across_from_arrays_to_numbers_and_back() -> None:
    def f(x: Any) -> Any:
        root = np.sqrt(x)
        kept = stack([root[0].value(), root[1].value()])
        return np.where(np.array([False, True]), kept, 0.0).sum().value()

    np.testing.assert_array_equal(grad(f)(np.array([0.0, 4.0])), [0.0, 0.25])
    np.testing.assert_array_equal(hessian(f)(np.array([0.0, 4.0])), [[0.0, 0.0], [0.0, -1 / 32]])


def test_it_holds_where_the_only_leaf_is_a_number() -> None:
    def f(x: Any) -> Any:
        pair = stack([x, x + 1.0])
        return np.where(np.array([False, True]), np.sqrt(pair), 3.0 * pair).sum().value()

    leaf = Value(0.0)
    f(leaf).backward()
    assert leaf.grad == grad(f)(0.0) == jvp(f, (0.0,), (1.0,))[1] == 3.5


def test_dropout_and_ignored_labels_are_not_used() -> None:
    x = np.array([0.0, 4.0, 4.0, 0.0])
    kept = nn.functional.dropout(np.ones(4), 0.5, rng=3) != 0
    assert set(kept.tolist()) == {True, False}
    x = np.where(kept, 4.0, 0.0)
    np.testing.assert_allclose(gradient(lambda t: nn.functional.dropout(np.sqrt(t), 0.5, rng=3), x), 0.5 * kept)

    def loss(t: Any) -> Any:
        return nn.functional.cross_entropy(np.log(t), [0, -100], ignore_index=-100)

    slopes = gradient(loss, [[0.5, 0.5], [0.0, 0.0]])
    np.testing.assert_allclose(slopes, [[-1.0, 1.0], [0.0, 0.0]])


def test_a_class_without_a_chance_adds_nothing_to_the_other_samples() -> None:
    logits = np.array([[0.0, 0.0], [-INF, NAN]])

    def loss(x: Any) -> Any:
        return np.where(np.array([True, False]), softmax_cross_entropy(x, [0, 1]), 0.0)

    np.testing.assert_allclose(gradient(loss, logits), [[-0.5, 0.5], [0.0, 0.0]])


def test_values_of_equal_eigenvalues() -> None:
    def values_only(a: Any) -> Any:
        return linalg.eigh(a).eigenvalues @ np.array([1.0, 1.0])

    np.testing.assert_allclose(gradient(values_only, np.eye(2)), np.eye(2), atol=1e-15)

    def singular_values(a: Any) -> Any:
        return linalg.svd(a).S @ np.array([1.0, 1.0])

    np.testing.assert_allclose(gradient(singular_values, np.eye(2)), np.eye(2), atol=1e-15)


# ---------------------------------------------------------------------------------------------------------------------
# What was computed, times an infinity, is nan
# ---------------------------------------------------------------------------------------------------------------------


def rebuilt(a: Any) -> Any:
    r = linalg.svd(a, full_matrices=False)
    return (r.U * r.S) @ r.Vh


COMPUTED: dict[str, tuple[Callable[[Any], Any], Any, Any]] = {
    "a square of a root": (lambda t: np.sqrt(t) ** 2, [0, 1], [NAN, 1]),
    "a product with a mask": (lambda t: np.sqrt(t) * np.array([0.0, 1.0]), [0, 4], [NAN, 0.25]),
    "on the kink of a relu": (lambda t: np.sqrt(relu(t)), [-1, 0, 4], [0, NAN, 0.25]),
    "logsumexp of a logarithm": (lambda p: logsumexp(np.log(p)), [0, 0.5, 0.5], [NAN, 1, 1]),
    "a product of a root": (lambda t: t * np.sqrt(t), [0, 1], [NAN, 1.5]),
    "equal singular values": (rebuilt, np.diag([1.0, 1.0]), np.full((2, 2), NAN)),
}


@pytest.mark.parametrize("name", COMPUTED)
def test_a_computed_zero_times_an_infinity_is_nan(name: str) -> None:
    f, x, wanted = COMPUTED[name]
    np.testing.assert_allclose(gradient(f, x), wanted)


def test_distinct_singular_values_rebuild_the_matrix() -> None:
    np.testing.assert_allclose(gradient(rebuilt, np.diag([1.0, 2.0, 3.0])), np.ones((3, 3)), rtol=1e-12)


# ---------------------------------------------------------------------------------------------------------------------
# Random compositions: the same derivatives as the function of the live part alone
# ---------------------------------------------------------------------------------------------------------------------

FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "sqrt": np.sqrt,
    "reciprocal": lambda x: 1.0 / x,
    "log": np.log,
    "square": np.square,
    "relu": relu,
    "exp": np.exp,
    "power": lambda x: x**1.5,
}


@given(
    st.lists(st.sampled_from([0.0, 1.0, 4.0, 2.0, 0.5]), min_size=4, max_size=4),
    st.lists(st.sampled_from(sorted(FUNCTIONS)), min_size=3, max_size=3),
    *[st.lists(st.booleans(), min_size=4, max_size=4)] * 2,
    st.permutations(range(4)),
)
def test_masked_compositions(x: Any, names: Any, outer: Any, inner: Any, places: Any) -> None:
    f, g, h = (FUNCTIONS[name] for name in names)
    x, outer, inner = np.array(x), np.array(outer), np.array(inner)

    def whole(z: Any) -> Any:
        return np.sum(np.where(outer, f(g(np.where(inner, h(z), 1.0))[places]), 0.0))

    live = [i for i in range(4) if inner[i] and outer[places.index(i)]]

    def part(z: Any) -> Any:
        return np.sum(f(g(h(z[live]))))

    np.testing.assert_allclose(grad(whole)(x), grad(part)(x), rtol=1e-9)
    np.testing.assert_allclose(hessian(whole)(x), hessian(part)(x), rtol=1e-9)
    for unit in np.eye(4):
        rates = jvp(whole, (x,), (unit,))[1], jvp(part, (x,), (unit,))[1]
        np.testing.assert_allclose(*rates, rtol=1e-9)


def test_coefficients_that_cancel_do_not_hide_an_entry() -> None:
    @autograd.array_operation(
        lambda g, out, x: np.concatenate([-g[:1], g[:-1] - g[1:], g[-1:]]),
        linear=True,
    )
    def steps(x: Any) -> Any:
        return x[1:] - x[:-1]

    factors = np.array([3.0, 1.0, 5.0, 7.0])

    def f(x: Any) -> Any:
        dead = np.where(np.array([True, True, True, False]), steps(x) * factors, 0.0)
        return np.sum(dead) + np.sum(np.where(x > 90, np.sqrt(x - 90), 0.0))

    x = np.array([0.0, 1.0, 3.0, 4.0, 90.0])
    np.testing.assert_array_equal(gradient(f, x), [-3.0, 2.0, -4.0, 5.0, 0.0])
    for i, unit in enumerate(np.eye(5)):
        assert jvp(f, (x,), (unit,))[1] == [-3.0, 2.0, -4.0, 5.0, 0.0][i]


def test_a_checkpoint_passes_it_on() -> None:
    f = checkpoint(lambda t: np.sqrt(t) * 2.0)
    np.testing.assert_allclose(gradient(lambda t: f(t)[1:], [0.0, 4.0]), [0.0, 0.5])


def test_numbers_say_the_same() -> None:
    root = autograd.sqrt
    for f in (lambda x: autograd.where(x > 0, root(x), 0.0), lambda x: autograd.maximum(root(x), 1.0)):
        x = Value(0.0)
        f(x).backward()
        assert x.grad == gradient(f, [0.0])[0] == 0.0
