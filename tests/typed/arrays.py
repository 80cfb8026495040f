"""Arrays: every result has a type that a checker knows, and none of them is ``Any``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import assert_type

from autograd import (
    Tensor,
    Value,
    array_operation,
    clip,
    concatenate,
    einsum,
    exp,
    grad,
    jacobian,
    linalg,
    linear,
    logsumexp,
    matmul,
    maximum,
    mean,
    no_grad,
    reshape,
    softmax,
    softmax_cross_entropy,
    split,
    stack,
    sum,
    tanh,
    tensordot,
    transpose,
    where,
)

Array = np.ndarray[Any, Any]


def normalized(x: Tensor) -> Tensor:
    return (x - mean(x, axis=0)) / (x.std(axis=0) + 1e-8)


def squares(x: Tensor) -> Tensor:
    return tanh(x) ** 2


def energy(x: Tensor, a: NDArray[np.float64]) -> Tensor:
    return 0.5 * sum(x * (a @ x))


def descend(p: Tensor, rate: float) -> None:
    p.data -= rate * p.grad
    p.grad = None


def scaled_back(g: Tensor, out: Tensor, x: Tensor, n: int) -> Tensor:
    return g * n


@array_operation(scaled_back)
def scaled(x: Array, n: int) -> Array:
    return x * n


def loss_of_a_net(inputs: NDArray[np.float64], w: Tensor, b: Tensor) -> Tensor:
    h = (inputs @ w + b).tanh()
    h = 2 / (h[0:1] * np.ones(3) - 1.0) + abs(-h) ** 2
    scores = softmax(linear(h, w.T), axis=-1)
    parts = split(concatenate([h, scores]), 3)
    assert_type(parts, list[Tensor])
    rows = [row.reshape(2, -1) for row in parts[0]]
    return softmax_cross_entropy(h, [0, 1, 2]).mean(axis=0) + linalg.norm(linalg.inv(w @ w.T)) + rows[0].max()


@no_grad()
def predict(x: Tensor, weight: Tensor) -> Tensor:
    return x @ weight


a: NDArray[np.float64] = np.array([[2.0, 1.0], [1.0, 3.0]])
m = Tensor([[1.0, 2.0], [3.0, 4.0]], label="m")
v = Tensor(np.array([1.0, -1.0]))
number = Value(2.0)

# Operators, with numbers, arrays and Values on either side
assert_type(m + m, Tensor)
assert_type(m * 2, Tensor)
assert_type(2.0 - m, Tensor)
assert_type(m / a, Tensor)
assert_type(m**2, Tensor)
assert_type(2**m, Tensor)
assert_type(-m, Tensor)
assert_type(abs(m), Tensor)
assert_type(m @ v, Tensor)
assert_type(m @ a, Tensor)
assert_type(m * number, Tensor)
assert_type(number * m, Tensor)
assert_type(np.float64(2.0) * m, Tensor)
assert_type(a * m, Tensor)
assert_type(a @ m, Tensor)
assert_type(a - m, Tensor)
assert_type(m[0], Tensor)
assert_type(m[:, 1], Tensor)
assert_type(m[np.array([0, 1]), [1, 0]], Tensor)

# Comparisons give arrays of bool
assert_type(m > 0, Array)
assert_type(m == m, Array)

# Functions of arrays
assert_type(exp(m), Tensor)
of_array: Array = exp(a)
assert_type(maximum(m, 0.0), Tensor)
assert_type(where(m > 1.5, m, 0.0), Tensor)
assert_type(sum(m), Tensor)
assert_type(sum(m, axis=0, keepdims=True), Tensor)
assert_type(mean(m, axis=(0, 1)), Tensor)
assert_type(reshape(m, (4,)), Tensor)
assert_type(transpose(m), Tensor)
assert_type(softmax(m, axis=1), Tensor)
assert_type(logsumexp(m, axis=-1), Tensor)
assert_type(matmul(m, v), Tensor)
assert_type(einsum("ij,j->i", m, v), Tensor)
assert_type(tensordot(m, v, 1), Tensor)
assert_type(concatenate([m, m]), Tensor)
assert_type(stack([v, v], axis=1), Tensor)
assert_type(split(v, 2), list[Tensor])
assert_type(normalized(m), Tensor)
assert_type(energy(v, a), Tensor)
of_numpy: Tensor = np.exp(m)  # a result of NumPy's functions is Any to type checkers

# Linear algebra
assert_type(linalg.inv(m), Tensor)
assert_type(linalg.det(m), Tensor)
assert_type(linalg.solve(m, v), Tensor)
assert_type(linalg.norm(v), Tensor)
assert_type(linalg.cholesky(m @ m.T + a), Tensor)

# Methods
assert_type(m.T, Tensor)
assert_type(m.sum(axis=1), Tensor)
assert_type(m.mean(), Tensor)
assert_type(m.max(axis=0), Tensor)
assert_type(m.reshape(1, 4), Tensor)
assert_type(m.exp().log(), Tensor)
assert_type(m.tanh(), Tensor)
assert_type(m.detach(), Tensor)

# Reading
assert_type(m.data, Array)
assert_type(m.numpy(), Array)
assert_type(m.shape, tuple[int, ...])
assert_type(len(m), int)
assert_type(v.sum().item(), float)
assert_type(float(v.sum().detach()), float)

# The gradient
loss = energy(v, a) + (m**2).sum()
loss.backward()
slope: Array = v.grad
descend(v, rate=0.1)
energy(v, a).backward()
with no_grad():
    assert_type(normalized(m), Tensor)
assert_type(predict(m, m), Tensor)
direction: Array = grad(energy)(np.array([1.0, 2.0]), a)
rows: Array = jacobian(squares)(np.array([1.0, 2.0]))

# An array operation of one's own
assert_type(scaled(v, 3), Tensor)


def reductions_with_options(x: Tensor, a: NDArray[np.float64]) -> None:
    assert_type(sum(x, 0, where=a > 0, initial=1.0, dtype=np.float32), Tensor)
    assert_type(sum(a, 0, where=a > 0, initial=1.0), Array)
    assert_type(mean(x, where=a > 0), Tensor)
    assert_type(x.mean(axis=0, where=[True, False]), Tensor)
    assert_type(x.std(correction=1, keepdims=True), Tensor)
    assert_type(x.max(initial=x.sum(), where=a > 0), Tensor)
    assert_type(clip(x, min=0.0), Tensor)
    assert_type(x.clip(max=a), Tensor)
