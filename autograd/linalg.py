"""Linear algebra under the names of ``np.linalg``: more rows of the table of array operations.

Matrices stand in the last two axes; all axes before them are stacks of matrices.
"""
# mypy: disable-error-code="has-type"
# (rows speak of rows further down)

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.arrays import expand_dims, matmul, squeeze, swapaxes
from autograd.composed import diagonal, einsum, norm, tril
from autograd.operation import operation

__all__ = ["cholesky", "det", "eigh", "eigvalsh", "inv", "matrix_power", "norm", "slogdet", "solve"]


def _t(x: Any) -> Any:
    """Each matrix transposed."""
    return swapaxes(x, -1, -2)


def _times_matrix(numbers: Any, matrices: Any) -> Any:
    """Each matrix times its number."""
    return expand_dims(numbers, (-2, -1)) * matrices


@operation(
    lambda g, out, x: -matmul(matmul(_t(out), g), _t(out)),
    jvps=[lambda t, out, x: -matmul(matmul(out, t), out)],
)
def inv(x: Any) -> Any:
    """The inverse of matrices; a singular one raises ``LinAlgError``."""
    return np.linalg.inv(x)


@operation(
    lambda g, out, a, b: -matmul(solve_matrices(_t(a), g), _t(out)),
    lambda g, out, a, b: solve_matrices(_t(a), g),
    jvps=[lambda t, out, a, b: -solve_matrices(a, matmul(t, out)), lambda t, out, a, b: solve_matrices(a, t)],
    name="solve",
)
def solve_matrices(a: Any, b: Any) -> Any:
    """The x with ``a @ x = b``, where ``b`` holds matrices."""
    return np.linalg.solve(a, b)


def solve(a: Any, b: Any) -> Any:
    """The x with ``a @ x = b``, where ``b`` is a vector or matrices; a singular ``a`` raises ``LinAlgError``."""
    return squeeze(solve_matrices(a, expand_dims(b, -1)), -1) if np.ndim(b) == 1 else solve_matrices(a, b)


@operation(
    lambda g, out, x: _times_matrix(g * out, _t(inv(x))),
    jvps=[lambda t, out, x: out * einsum("...ij,...ji->...", inv(x), t)],
)
def det(x: Any) -> Any:
    """The determinant; where that is zero, its derivative raises ``LinAlgError``."""
    return np.linalg.det(x)


@operation(
    lambda g, out, x: _times_matrix(g, _t(inv(x))),
    jvps=[lambda t, out, x: einsum("...ij,...ji->...", inv(x), t)],
)
def log_absolute_det(x: Any) -> Any:
    """log |det x|, also where the determinant itself would overflow."""
    return np.linalg.slogdet(x)[1]


class SlogdetResult(NamedTuple):
    """The sign of determinants, a plain array, and the logarithm of their absolute values."""

    sign: Any
    logabsdet: Any


def slogdet(x: Any) -> SlogdetResult:
    """The sign of the determinant, which has no derivative, and the logarithm of its absolute value."""
    return SlogdetResult(np.linalg.slogdet(x.detach().data if hasattr(x, "detach") else x)[0], log_absolute_det(x))


def _half_lower(x: Any) -> Any:
    """The lower triangle with half of the diagonal: what added to its transpose gives a symmetric ``x``."""
    return tril(x) * (1.0 - 0.5 * np.eye(x.shape[-1], dtype=x.dtype))


def _symmetric(x: Any) -> Any:
    return (x + _t(x)) / 2.0


def _cholesky_vjp(g: Any, out: Any, x: Any) -> Any:
    inner = _half_lower(matmul(_t(out), g))
    return _symmetric(solve(_t(out), _t(solve(_t(out), _t(inner)))))


def _cholesky_jvp(t: Any, out: Any, x: Any) -> Any:
    return matmul(out, _half_lower(solve(out, _t(solve(out, _symmetric(t))))))


@operation(_cholesky_vjp, jvps=[_cholesky_jvp])
def cholesky(x: Any) -> Any:
    """The lower triangular L with ``L @ L.T = x``; one that is not positive definite raises ``LinAlgError``."""
    return np.linalg.cholesky(x)


@operation(lambda g, out, x: _symmetric(g), jvps=[lambda t, out, x: _symmetric(t)])
def mirrored(x: Any) -> Any:
    """Symmetric matrices as their lower triangles say; the gradient counts both triangles evenly."""
    return np.tril(x) + np.swapaxes(np.tril(x, -1), -1, -2)


def _inverse_gaps(values: Any) -> Any:
    """1 / (λj - λi) beside the diagonal, 0 on it."""
    n = np.eye(values.shape[-1], dtype=values.dtype)
    return (1.0 - n) / (expand_dims(values, -2) - expand_dims(values, -1) + n)


def _eigenvectors_vjp(g: Any, out: Any, x: Any) -> Any:
    inner = _inverse_gaps(_eigenvalues(x, out)) * matmul(_t(out), g)
    return _symmetric(matmul(matmul(out, inner), _t(out)))


def _eigenvectors_jvp(t: Any, out: Any, x: Any) -> Any:
    inner = matmul(matmul(_t(out), _symmetric(t)), out)
    return matmul(out, _inverse_gaps(_eigenvalues(x, out)) * inner)


@operation(_eigenvectors_vjp, jvps=[_eigenvectors_jvp])
def eigenvectors(x: Any) -> Any:
    """The orthonormal eigenvectors of symmetric matrices, as columns; only the lower triangles are read."""
    return np.linalg.eigh(x)[1]


def _eigenvalues(x: Any, vectors: Any) -> Any:
    """vᵀ x v for each eigenvector: a vector's own change moves it sideways, which changes nothing."""
    return diagonal(matmul(matmul(_t(vectors), mirrored(x)), vectors), 0, -2, -1)


class EighResult(NamedTuple):
    """The eigenvalues in ascending order, and the eigenvectors as columns."""

    eigenvalues: Any
    eigenvectors: Any


def eigh(x: Any) -> EighResult:
    """Eigenvalues and eigenvectors of symmetric matrices, whose derivatives need the eigenvalues to be distinct.

    >>> from autograd.tensor import Tensor
    >>> x = Tensor([[2.0, 0.0], [0.0, 5.0]])
    >>> eigh(x).eigenvalues[1].backward()
    >>> print(abs(x.grad))
    [[0. 0.]
     [0. 1.]]
    """
    vectors = eigenvectors(x)
    return EighResult(_eigenvalues(x, vectors), vectors)


def eigvalsh(x: Any) -> Any:
    """The eigenvalues of symmetric matrices in ascending order."""
    return eigh(x).eigenvalues


def matrix_power(x: Any, n: int) -> Any:
    """The product of ``n`` times the matrix; of its inverse, if ``n`` is negative."""
    if n < 0:
        return matrix_power(inv(x), -n)
    if n == 0:
        return x * 0.0 + np.eye(x.shape[-1], dtype=x.dtype)
    half = matrix_power(x, n // 2) if n > 1 else None
    square = x if half is None else matmul(half, half)
    return matmul(square, x) if half is not None and n % 2 else square
