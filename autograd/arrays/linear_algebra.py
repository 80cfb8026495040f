"""Linear algebra under the names of ``np.linalg``: more rows of the table of array operations.

The last two axes hold matrices; all axes before them are stacks of matrices.

A row has one output.  The results of a factorization, such as eigenvalues and eigenvectors, are therefore joined into
one array, one below the other, with one rule for their gradients; the public functions split it again.
"""
# mypy: disable-error-code="has-type"
# (rows refer to rows below them)

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import prod
from operator import index
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd.arrays import functions, operations
from autograd.arrays.array_operation import array_operation
from autograd.arrays.functions import cross, einsum, outer, split, tensordot, tril, triu
from autograd.arrays.operands import as_floats, to_numpy
from autograd.arrays.operations import (
    euclidean_norm,
    expand_dims,
    joined,
    kept,
    matmul,
    moveaxis,
    reduction,
    reshape,
    squeeze,
)
from autograd.arrays.signatures import takes_array, takes_sequence, takes_two_arrays
from autograd.core.aliases import AnyArray, Axis
from autograd.core.rules import absolute, convention, sign, square, where

__all__ = [
    "cholesky",
    "cond",
    "cross",
    "det",
    "diagonal",
    "eigh",
    "eigvalsh",
    "inv",
    "lstsq",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "multi_dot",
    "norm",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "tensordot",
    "tensorinv",
    "tensorsolve",
    "trace",
    "vecdot",
    "vector_norm",
]

# ---------------------------------------------------------------------------------------------------------------------
# Stacks of matrices
# ---------------------------------------------------------------------------------------------------------------------

MATRIX = (-2, -1)
"""The axes of a matrix."""


def lengths(x: AnyArray) -> tuple[int, int]:
    """The numbers of rows and columns of each matrix."""
    if x.ndim < 2:
        raise np.linalg.LinAlgError(f"matrices have two axes or more, but this has the shape {x.shape}")
    return x.shape[-2], x.shape[-1]


def _t(x: AnyArray) -> AnyArray:
    """Each matrix transposed."""
    return operations.swapaxes(x, -1, -2)


def _times_matrix(numbers: AnyArray, matrices: AnyArray) -> AnyArray:
    """Each matrix times its number."""
    return expand_dims(numbers, (-2, -1)) * matrices


def _symmetric(x: AnyArray) -> AnyArray:
    return (x + _t(x)) / 2.0


def _identity(x: AnyArray) -> AnyArray:
    """The identity matrix, as wide as ``x``; times a row of numbers, the matrix with these on its diagonal."""
    return np.eye(x.shape[-1], dtype=x.dtype)


def _diagonal_row(x: AnyArray) -> AnyArray:
    """The diagonal of each matrix, as a row."""
    return operations.sum(_identity(x) * x, -2, True)


# ---------------------------------------------------------------------------------------------------------------------
# Inverses and equations
# ---------------------------------------------------------------------------------------------------------------------


@array_operation(lambda g, out, x: -(_t(out) @ g @ _t(out)), jvps=[lambda t, out, x: -(out @ t @ out)], mixes=MATRIX)
def inv(x: AnyArray) -> AnyArray:
    """The inverse of matrices; raises ``LinAlgError`` if one is singular."""
    return np.linalg.inv(x)


@takes_array
def tensorinv(x: AnyArray, ind: int = 2) -> AnyArray:
    """The inverse of ``x`` as a linear map from arrays with its last axes to arrays with its first ``ind`` axes.

    Raises:
        ValueError: if ``ind`` is not positive.
        numpy.linalg.LinAlgError: if the map has no inverse.
    """
    if ind <= 0:
        raise ValueError(f"tensorinv: ind must be positive, not {ind}")
    x = as_floats(x)
    first, last = x.shape[:ind], x.shape[ind:]
    return reshape(inv(reshape(x, (prod(first), prod(last)))), last + first)


@array_operation(
    lambda g, out, a, b: -(solve_matrices(_t(a), g) @ _t(out)),
    lambda g, out, a, b: solve_matrices(_t(a), g),
    jvps=[lambda t, out, a, b: -solve_matrices(a, t @ out), lambda t, out, a, b: solve_matrices(a, t)],
    name="solve",
    mixes=MATRIX,
)
def solve_matrices(a: AnyArray, b: AnyArray) -> AnyArray:
    """The x with ``a @ x = b``, where ``b`` holds matrices."""
    return np.linalg.solve(a, b[(None,) * (a.ndim - b.ndim)])  # as many axes: NumPy 1 would see a stack of vectors


@takes_two_arrays
def solve(a: AnyArray, b: AnyArray) -> AnyArray:
    """The x with ``a @ x = b``, where ``b`` is a vector or matrices; raises ``LinAlgError`` if ``a`` is singular."""
    a, b = as_floats(a), as_floats(b)
    return squeeze(solve_matrices(a, expand_dims(b, -1)), -1) if b.ndim == 1 else solve_matrices(a, b)


@takes_two_arrays
def tensorsolve(a: AnyArray, b: AnyArray, axes: Sequence[int] | None = None) -> AnyArray:
    """The array x with ``tensordot(a, x, x.ndim) = b``, after the ``axes`` of ``a`` have been moved to its end."""
    a, b = as_floats(a), as_floats(b)
    if axes is not None:
        a = moveaxis(a, axes, range(-len(axes), 0))
    unknown = a.shape[b.ndim :]
    return reshape(solve(reshape(a, (b.size, prod(unknown))), operations.ravel(b)), unknown)


def _pinv_vjp(g: AnyArray, p: AnyArray, x: AnyArray, rcond: Any) -> AnyArray:
    rows, columns = _t(g) @ p @ _t(p), _t(p) @ p @ _t(g)
    return -(_t(p) @ g @ _t(p)) + (rows - x @ (p @ rows)) + (columns - (columns @ p) @ x)


def _pinv_jvp(t: AnyArray, p: AnyArray, x: AnyArray, rcond: Any) -> AnyArray:
    rows, columns = p @ _t(p) @ _t(t), _t(t) @ _t(p) @ p
    return -(p @ t @ p) + (rows - (rows @ x) @ p) + (columns - p @ (x @ columns))


@array_operation(_pinv_vjp, jvps=[_pinv_jvp], name="pinv", mixes=MATRIX)
def pseudoinverse(x: AnyArray, rcond: Any) -> AnyArray:
    """The pseudoinverse, of the rank that ``rcond`` leaves."""
    return np.linalg.pinv(x, rcond)


@takes_array
def pinv(x: AnyArray, rcond: float | None = None, hermitian: bool = False, *, rtol: float | None = None) -> AnyArray:
    """The pseudoinverse; its derivative is right as long as the rank does not change.

    Args:
        x: matrices.
        rcond: singular values up to this times the largest count as zero, by default 1e-15.  The derivative assumes
            that they are zero but for rounding errors.
        hermitian: whether the matrices are symmetric; it is then the pseudoinverse of ``(x + x.T) / 2``.
        rtol: another name of ``rcond``.

    Raises:
        ValueError: if both ``rcond`` and ``rtol`` are given.
    """
    if rcond is not None and rtol is not None:
        raise ValueError("pinv: rcond and rtol are names for the same argument, but both are given")
    x = as_floats(x)
    bound = rtol if rcond is None else rcond
    return pseudoinverse(_symmetric(x) if hermitian else x, 1e-15 if bound is None else bound)


def lstsq(a: AnyArray, b: AnyArray, rcond: float | None = None) -> tuple[Any, Any, int, Any]:
    """The least-squares solution: the shortest x among those that minimize ``‖b - a @ x‖²``, which is ``pinv(a) @ b``.

    Args:
        a: a matrix.
        b: a vector, or a matrix, whose columns are vectors.
        rcond: singular values up to this times the largest count as zero; by default, machine epsilon times the longer
            side of ``a``, and machine epsilon if it is not between 0 and 1.

    Returns:
        The solution x; ``‖b - a @ x‖²`` for each vector, or an empty array if ``a`` is not of full rank or not tall;
        the rank of ``a``; its singular values.

    Raises:
        numpy.linalg.LinAlgError: if ``a`` is not a single matrix.

    >>> lstsq([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]], [1.0, 3.0, 5.0])[0].round(12).tolist()
    [1.0, 2.0]
    """
    a, b = as_floats(a), as_floats(b)
    if a.ndim != 2:
        raise np.linalg.LinAlgError(f"lstsq takes one matrix, not an array of shape {a.shape}")
    epsilon = float(np.finfo(a.dtype).eps)
    if rcond is None:
        rcond = epsilon * max(a.shape)
    elif not 0 < rcond < 1:
        rcond = epsilon
    values = svdvals(a)
    known = to_numpy(values)
    rank = int(np.count_nonzero(known > rcond * np.max(known, initial=0.0)))
    x = pinv(a, rcond) @ b
    residuals = reshape(operations.sum(square(b - a @ x), 0), (-1,))
    return x, residuals if rank == a.shape[1] < a.shape[0] else residuals[:0], rank, values


# ---------------------------------------------------------------------------------------------------------------------
# Determinants
# ---------------------------------------------------------------------------------------------------------------------


def _cofactors(x: AnyArray, determinant: AnyArray) -> AnyArray:
    """The derivative of the determinant: det(x) inv(x)ᵀ, or its limit where x is singular."""
    if np.all(determinant != 0):
        return _times_matrix(determinant, _t(inv(x)))
    if np.any(np.linalg.matrix_rank(to_numpy(x)) < x.shape[-1] - 1):
        return _t(_adjugate(x))
    s, u, v = _triples(singular_triples(x), x)
    orientation = np.sign(np.linalg.det(to_numpy(u) @ to_numpy(v)))
    others = operations.prod(where(_identity(x) == 1, 1.0, s), -1)  # for each singular value the product of all others
    return _times_matrix(orientation, (u * expand_dims(others, -2)) @ _t(v))


def _adjugate(x: AnyArray) -> AnyArray:
    """The transposed cofactors, by products and traces alone (Faddeev and LeVerrier).

    This loses digits for large matrices.  But it is a polynomial, so its derivatives of every order are right, also
    where several singular values are 0 and the singular vectors are not determined.
    """
    one = _identity(x)
    power = one + 0.0 * x
    for k in range(1, x.shape[-1]):
        product = x @ power
        power = product - _times_matrix(trace(product) / k, one)
    return power if x.shape[-1] % 2 else -power


@array_operation(
    lambda g, out, x: _times_matrix(g, _cofactors(x, out)),
    jvps=[lambda t, out, x: einsum("...ij,...ij->...", _cofactors(x, out), t)],
    mixes=MATRIX,
)
def det(x: AnyArray) -> AnyArray:
    """The determinant, with derivatives of every order, also where it is zero."""
    return np.linalg.det(x)


@array_operation(
    lambda g, out, x: _times_matrix(g, _t(inv(x))),
    jvps=[lambda t, out, x: einsum("...ij,...ji->...", inv(x), t)],
    mixes=MATRIX,
)
def log_absolute_det(x: AnyArray) -> AnyArray:
    """log |det x|, also where the determinant itself would overflow."""
    return np.linalg.slogdet(x)[1]


class SlogdetResult(NamedTuple):
    """The sign of determinants, a plain array, and the logarithm of their absolute values."""

    sign: Any
    logabsdet: Any


def slogdet(x: AnyArray) -> SlogdetResult:
    """The sign of the determinant, which has no derivative, and the logarithm of its absolute value."""
    return SlogdetResult(np.linalg.slogdet(to_numpy(x))[0], log_absolute_det(x))


# ---------------------------------------------------------------------------------------------------------------------
# Triangular factors
# ---------------------------------------------------------------------------------------------------------------------


def _half_lower(x: AnyArray) -> AnyArray:
    """The lower triangle with half of the diagonal; added to its transpose it gives a symmetric ``x``."""
    return tril(x) * (1.0 - 0.5 * _identity(x))


def _cholesky_vjp(g: AnyArray, out: AnyArray, x: AnyArray) -> AnyArray:
    inner = _half_lower(_t(out) @ g)
    return _symmetric(solve_matrices(_t(out), _t(solve_matrices(_t(out), _t(inner)))))


def _cholesky_jvp(t: AnyArray, out: AnyArray, x: AnyArray) -> AnyArray:
    return out @ _half_lower(solve_matrices(out, _t(solve_matrices(out, _symmetric(t)))))


@array_operation(_cholesky_vjp, jvps=[_cholesky_jvp], name="cholesky", mixes=MATRIX)
def lower_cholesky(x: AnyArray) -> AnyArray:
    """The lower triangular L with ``L @ L.T = (x + x.T) / 2``."""
    return np.linalg.cholesky(_symmetric(x))


@takes_array
def cholesky(x: AnyArray, upper: bool = False) -> AnyArray:
    """The lower triangular L with ``L @ L.T = x`` for symmetric matrices; with ``upper``, its transpose.

    It is the factor of ``(x + x.T) / 2``, as in JAX, whose gradient is symmetric.  NumPy reads one triangle alone,
    which makes a difference only for matrices that are not symmetric.

    Raises:
        numpy.linalg.LinAlgError: if a matrix is not positive definite.
    """
    return _t(lower_cholesky(x)) if upper else lower_cholesky(x)


def _tall_qr_vjp(g: AnyArray, out: AnyArray, x: AnyArray) -> AnyArray:
    (q, r), (gq, gr) = split(out, [x.shape[-2]], -2), split(g, [x.shape[-2]], -2)
    m = r @ _t(gr) - _t(gq) @ q  # its lower triangle does not contain the part of gr where r is always zero
    return _t(solve_matrices(r, _t(gq + q @ (tril(m) + _t(tril(m, -1))))))


def _tall_qr_jvp(t: AnyArray, out: AnyArray, x: AnyArray) -> AnyArray:
    q, r = split(out, [x.shape[-2]], -2)
    t = _t(solve_matrices(_t(r), _t(t)))  # t r⁻¹
    turned = _t(q) @ t
    stretch = triu(turned) + _t(tril(turned, -1))  # dr r⁻¹; the rest of qᵀ t r⁻¹ is antisymmetric and rotates q
    return joined(t - q @ stretch, stretch @ r, axis=-2)


@array_operation(_tall_qr_vjp, jvps=[_tall_qr_jvp], name="qr", mixes=MATRIX)
def tall_qr(x: AnyArray) -> AnyArray:
    """Q with orthonormal columns, and below it the upper triangular R, for matrices ``Q @ R`` that are not wide."""
    return np.concatenate(np.linalg.qr(x), axis=-2)


class QRResult(NamedTuple):
    """Orthonormal columns Q, and an upper triangular R."""

    Q: Any
    R: Any


def qr(x: AnyArray, mode: Literal["reduced", "complete", "r"] = "reduced") -> AnyArray:
    """Orthonormal columns Q and an upper triangular R with ``Q @ R = x``.

    Derivatives need as many first columns of ``x`` as Q has to be linearly independent; otherwise they raise
    ``LinAlgError``.

    Args:
        x: matrices.
        mode: ``"reduced"``; ``"r"`` for R alone; or ``"complete"`` for a square Q, which is differentiable only if the
            reduced Q is square too.

    Raises:
        NotImplementedError: if the mode is ``"complete"`` and the matrices are tall, since these do not determine all
            of Q; or if it is another mode.

    >>> from autograd.arrays.tensor import Tensor
    >>> x = Tensor([[3.0, 1.0], [4.0, 2.0]])
    >>> abs(qr(x).R[0, 0]).backward()  # the length of the first column
    >>> print(x.grad.round(12))
    [[0.6 0. ]
     [0.8 0. ]]
    """
    if mode not in ("reduced", "complete", "r"):
        raise NotImplementedError(f'qr does not support mode={mode!r}: use "reduced", "complete" or "r"')
    x = as_floats(x)
    m, n = lengths(x)
    if mode == "complete" and m > n:
        raise NotImplementedError(
            f'qr: {m} x {n} matrices do not determine all {m} columns of a complete Q: use mode="reduced"'
        )
    q, r = split(tall_qr(x[..., :m]), [m], -2)
    if m < n:  # Q comes from the first columns; the others are expressed in it
        r = joined(r, _t(q) @ x[..., m:], axis=-1)
    return r if mode == "r" else QRResult(q, r)


# ---------------------------------------------------------------------------------------------------------------------
# Eigenvalues and singular values
# ---------------------------------------------------------------------------------------------------------------------


def inverse_gaps(gaps: AnyArray, scale: AnyArray) -> AnyArray:
    """1 / gap for every two values, 0 on the diagonal: the closer two values, the faster their vectors rotate.

    A gap that rounding alone may have opened, relative to the ``scale`` of each matrix, counts as 0.
    """
    own = _identity(gaps)
    size = to_numpy(scale)
    closed = np.abs(to_numpy(gaps)) <= 4.0 * gaps.shape[-1] * np.finfo(size.dtype).eps * size
    return (1.0 - own) / where(closed & (own == 0), 0.0, gaps + own)


def largest_size(values: AnyArray) -> AnyArray:
    """The largest absolute value in each row of values."""
    return np.max(np.abs(to_numpy(values)), axis=-1, keepdims=True, initial=0.0)


def used(x: AnyArray, live: AnyArray | None, start: int, stop: int | None = None) -> AnyArray:
    """``x``, or 0 for a matrix that got no live gradient in these rows: it is not used.

    Without this the vectors of two equal values would spoil the gradient also if only the values are used.
    """
    return x if live is None else where(live[..., start:stop, :].any(MATRIX, keepdims=True), x, 0.0)


def _eigh_vjp(
    g: AnyArray,
    out: AnyArray,
    x: AnyArray,
    UPLO: str,  # noqa: N803 (NumPy's name)
    live: AnyArray | None = None,
) -> AnyArray:
    (values, vectors), (to_values, to_vectors) = split(out, [1], -2), split(g, [1], -2)
    turn = used((_t(vectors) @ to_vectors) * inverse_gaps(values - _t(values), largest_size(values)), live, 1)
    return _symmetric(vectors @ (_identity(x) * to_values + turn) @ _t(vectors))


def _eigh_jvp(t: AnyArray, out: AnyArray, x: AnyArray, UPLO: str) -> AnyArray:  # noqa: N803
    values, vectors = split(out, [1], -2)
    inner = _t(vectors) @ _symmetric(t) @ vectors
    turn = inner * inverse_gaps(values - _t(values), largest_size(values))
    return joined(_diagonal_row(inner), vectors @ turn, axis=-2)


@array_operation(_eigh_vjp, jvps=[_eigh_jvp], name="eigh", mixes=MATRIX, sees_live=True)
def eigenpairs(x: AnyArray, UPLO: Literal["L", "U"] = "L") -> AnyArray:  # noqa: N803
    """The eigenvalues of ``(x + x.T) / 2`` as a row, each above its eigenvector."""
    values, vectors = np.linalg.eigh(_symmetric(x), UPLO)
    return np.concatenate([values[..., None, :], vectors], axis=-2)


class EighResult(NamedTuple):
    """The eigenvalues in ascending order, and the eigenvectors as columns."""

    eigenvalues: Any
    eigenvectors: Any


def eigh(x: AnyArray, UPLO: Literal["L", "U"] = "L") -> EighResult:  # noqa: N803
    """Eigenvalues and orthonormal eigenvectors of symmetric matrices.

    They are those of ``(x + x.T) / 2``, as in JAX, whose gradient is symmetric.  NumPy reads the triangle ``UPLO``
    alone, which makes a difference only for matrices that are not symmetric.  Derivatives of eigenvectors, and second
    derivatives, need distinct eigenvalues.

    >>> from autograd.arrays.tensor import Tensor
    >>> x = Tensor([[2.0, 0.0], [0.0, 5.0]])
    >>> eigh(x).eigenvalues[1].backward()
    >>> print(abs(x.grad))
    [[0. 0.]
     [0. 1.]]
    """
    values, vectors = split(eigenpairs(x, UPLO), [1], -2)
    return EighResult(squeeze(values, -2), vectors)


@takes_array
def eigvalsh(x: AnyArray, UPLO: Literal["L", "U"] = "L") -> AnyArray:  # noqa: N803
    """The eigenvalues of symmetric matrices in ascending order: those of ``(x + x.T) / 2``, as for :func:`eigh`."""
    return eigh(x, UPLO).eigenvalues


def _triples(packed: AnyArray, x: AnyArray) -> list[Any]:
    """Singular values, left and right singular vectors, or their gradients, split from one array."""
    return split(packed, [1, 1 + x.shape[-2]], -2)


def _beside(vectors: AnyArray, x: AnyArray) -> AnyArray:
    """The part of the columns of ``x`` that is perpendicular to all of these orthonormal vectors."""
    return x - vectors @ (_t(vectors) @ x)


def _svd_vjp(g: AnyArray, out: AnyArray, x: AnyArray, live: AnyArray | None = None) -> AnyArray:
    (s, u, v), (gs, gu, gv) = _triples(out, x), _triples(g, x)
    gaps = inverse_gaps((s - _t(s)) * (s + _t(s)), largest_size(s) ** 2)
    turn_u, turn_v = _t(u) @ gu, _t(v) @ gv
    rows = 1 + u.shape[-2]
    inner = used((turn_u - _t(turn_u)) * gaps * s, live, 1, rows)
    inner = inner + used(_t(s) * ((turn_v - _t(turn_v)) * gaps), live, rows)
    total = u @ (_identity(s) * gs + inner) @ _t(v)
    if u.shape[-2] > s.shape[-1]:
        total = total + used(_beside(u, gu) / s, live, 1, rows) @ _t(v)
    if v.shape[-2] > s.shape[-1]:
        total = total + u @ _t(used(_beside(v, gv) / s, live, rows))
    return total


def _svd_jvp(t: AnyArray, out: AnyArray, x: AnyArray) -> AnyArray:
    s, u, v = _triples(out, x)
    gaps = inverse_gaps((s - _t(s)) * (s + _t(s)), largest_size(s) ** 2)
    inner = _t(u) @ t @ v
    du = u @ ((inner * s + _t(inner * s)) * gaps)
    dv = v @ ((_t(s) * inner + _t(_t(s) * inner)) * gaps)
    if u.shape[-2] > s.shape[-1]:
        du = du + _beside(u, t @ v) / s
    if v.shape[-2] > s.shape[-1]:
        dv = dv + _beside(v, _t(t) @ u) / s
    return joined(_diagonal_row(inner), du, dv, axis=-2)


@array_operation(_svd_vjp, jvps=[_svd_jvp], name="svd", mixes=MATRIX, sees_live=True)
def singular_triples(x: AnyArray) -> AnyArray:
    """The singular values as a row, each above its left and its right singular vector."""
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return np.concatenate([s[..., None, :], u, np.swapaxes(vh, -1, -2)], axis=-2)


class SVDResult(NamedTuple):
    """Left singular vectors as columns, singular values in descending order, right singular vectors as rows."""

    U: Any
    S: Any
    Vh: Any


def svd(x: AnyArray, full_matrices: bool = True, compute_uv: bool = True) -> AnyArray:
    """Singular values and vectors: ``(U * S) @ Vh = x``, where U has orthonormal columns and Vh orthonormal rows.

    Derivatives of singular vectors, and second derivatives, need singular values that are distinct and not zero.

    Args:
        x: matrices.
        full_matrices: whether U and Vh are both square, which is differentiable only if ``x`` is square too.
        compute_uv: whether to return all three, or the singular values alone.

    Raises:
        NotImplementedError: if ``full_matrices`` is true and ``x`` is not square, and so does not determine U and Vh.

    >>> from autograd.arrays.tensor import Tensor
    >>> u, s, vh = svd(Tensor([[0.0, 2.0], [3.0, 0.0], [0.0, 0.0]]), full_matrices=False)
    >>> u.shape, s.numpy(), vh.shape
    ((3, 2), array([3., 2.]), (2, 2))
    """
    x = as_floats(x)
    s, u, v = _triples(singular_triples(x), x)
    values = squeeze(s, -2)
    if not compute_uv:
        return values
    m, n = lengths(x)
    if full_matrices and m != n:
        raise NotImplementedError(
            f"svd: {m} x {n} matrices do not determine all of the full U and Vh: use full_matrices=False"
        )
    return SVDResult(u, values, _t(v))


@takes_array
def svdvals(x: AnyArray) -> AnyArray:
    """The singular values in descending order; equal ones each have the slope along their own vectors."""
    return svd(x, compute_uv=False)


def matrix_rank(x: AnyArray, tol: float | None = None) -> AnyArray:
    """The number of singular values larger than ``tol``, an integer, which has no derivative."""
    return np.linalg.matrix_rank(to_numpy(x), tol)


# ---------------------------------------------------------------------------------------------------------------------
# Norms
# ---------------------------------------------------------------------------------------------------------------------


def _largest(sizes: Any, axis: Axis, keepdims: bool = False) -> Any:
    """The largest of numbers that are not negative; 0 if there are no numbers."""
    return (operations.max if sizes.size else operations.sum)(sizes, axis, keepdims)


def _p_norm_slope(x: Any, out: Any, axis: Axis, p: float) -> Any:
    """sign(x) (|x| / out)^(p - 1); 0 by convention at the origin, and at the cusp of |x|^p for p < 1."""
    length = where(out != 0, out, 1.0)
    if p > 1:
        slope = sign(x) * (absolute(x) / length) ** (p - 1.0)
    else:
        sizes = absolute(where(x != 0, x, 1.0))
        slope = where(x != 0, sign(x) * (sizes / length) ** (p - 1.0), convention(0.0, x))
    return where(out != 0, slope, convention(0.0, out))


@reduction(_p_norm_slope)
def p_norm(x: AnyArray, p: float, axis: Axis = None, keepdims: bool = False) -> AnyArray:
    """(Σ|x|ᵖ)^(1/p), without overflow."""
    sizes = np.abs(x)
    with np.errstate(all="ignore"):
        scale = np.max(sizes, axis=axis, keepdims=True, initial=0.0)
        scale = np.where((scale > 0) & np.isfinite(scale), scale, np.ones_like(scale))
        total = np.sum((sizes / scale) ** p, axis=axis, keepdims=True) ** (1.0 / p) * scale
    return total if keepdims else np.squeeze(total, tuple(range(x.ndim)) if axis is None else axis)


@takes_array
def vector_norm(x: AnyArray, ord: float | str | None = 2, axis: Axis = None, keepdims: bool = False) -> AnyArray:
    """The norm of vectors along one axis, several, or all: (Σ|x|ᵖ)^(1/p) with p = ``ord``.

    For p = inf and -inf it is the largest and the smallest |x|, for p = 0 the count of numbers that are not zero.  At
    the origin, where the norm has a kink, slopes are taken as 0.

    Raises:
        ValueError: if ``ord`` is a string, which only norms of matrices have.

    >>> from autograd.arrays.tensor import Tensor
    >>> x = Tensor([3.0, -4.0])
    >>> vector_norm(x).backward()
    >>> print(x.grad)
    [ 0.6 -0.8]
    """
    if isinstance(ord, str):
        raise ValueError(f"a norm of vectors takes a number for ord, not {ord!r}")
    x = as_floats(x)
    if ord is None or ord == 2:
        return euclidean_norm(x, axis, keepdims)
    sizes = absolute(x)
    if ord == np.inf:
        return _largest(sizes, axis, keepdims)
    if ord == -np.inf:
        return operations.min(sizes, axis, keepdims)
    if ord == 0:
        return operations.sum(where(x != 0, 1.0, 0.0 * x), axis, keepdims)
    if ord == 1:
        return operations.sum(sizes, axis, keepdims)
    return p_norm(x, ord, axis, keepdims)


@takes_array
def matrix_norm(x: AnyArray, ord: float | str | None = "fro", keepdims: bool = False) -> AnyArray:
    """The norm of matrices, by their elements or by their effect on vectors.

    Args:
        x: matrices.
        ord: ``"fro"``, the square root of Σx²; ``"nuc"``, the sum of the singular values; 2 and -2, the largest and
            the smallest singular value; 1 and -1, the largest and the smallest Σ|x| of a column; inf and -inf,
            of a row.
        keepdims: whether to keep the last two axes, with length 1.

    Raises:
        ValueError: if ``ord`` is anything else.
    """
    x = as_floats(x)
    if keepdims:
        return expand_dims(matrix_norm(x, ord), (-2, -1))
    if ord is None or ord in ("fro", "f"):
        return euclidean_norm(x, (-2, -1))
    if ord == "nuc":
        return operations.sum(svdvals(x), -1)
    if ord in (2, -2):
        sizes = svdvals(x)
    elif ord in (1, -1):
        sizes = operations.sum(absolute(x), -2)
    elif ord in (np.inf, -np.inf):
        sizes = operations.sum(absolute(x), -1)
    else:
        raise ValueError(f'a norm of matrices takes "fro", "nuc", 2, -2, 1, -1, inf or -inf for ord, not {ord!r}')
    return _largest(sizes, -1) if ord > 0 else operations.min(sizes, -1)


@takes_array
def norm(x: AnyArray, ord: float | str | None = None, axis: Axis = None, keepdims: bool = False) -> AnyArray:
    """The norm of vectors along one axis, or of matrices in two.

    Args:
        x: an array; without ``axis`` but with ``ord``, it must have one or two axes.
        ord: as in :func:`vector_norm` or :func:`matrix_norm`; by default the square root of Σx².
        axis: one axis or a pair.
        keepdims: whether to keep these axes, with length 1.

    Raises:
        ValueError: if there are neither one nor two axes, or no norm of this ``ord``.
    """
    x = as_floats(x)
    if axis is None and ord is None:
        return euclidean_norm(x, None, keepdims)
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (index(axis),)
    if len(axes) == 1:
        return vector_norm(x, ord, axes, keepdims)
    if len(axes) != 2:
        raise ValueError(f"a norm of vectors or matrices needs one axis or two, not {len(axes)}: say which by axis=")
    size = matrix_norm(moveaxis(x, axes, (-2, -1)), ord)
    return reshape(size, kept(x.shape, axes)) if keepdims else size


@takes_array
def cond(x: AnyArray, p: float | str | None = None) -> AnyArray:
    """The condition number of matrices: the factor by which a relative error can grow in solving with them.

    Args:
        x: matrices.
        p: the ``ord`` of the :func:`matrix_norm` in ``norm(x) * norm(inv(x))``; by default 2; -2 for its reciprocal.

    Raises:
        numpy.linalg.LinAlgError: if a matrix is empty; or if it is singular or not square, and ``p`` is neither 2 nor
            -2.
    """
    x = as_floats(x)
    if 0 in lengths(x):
        raise np.linalg.LinAlgError(f"cond: empty matrices, of shape {x.shape}, have no condition number")
    if p is not None and p not in (2, -2):
        return matrix_norm(x, p) * matrix_norm(inv(x), p)
    s = svdvals(x)
    largest, smallest = operations.max(s, -1), operations.min(s, -1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = smallest / largest if p == -2 else largest / smallest
    return where(np.isnan(ratio), np.inf, ratio)  # 0 / 0, for the zero matrix


# ---------------------------------------------------------------------------------------------------------------------
# Products, and other functions applied to each matrix
# ---------------------------------------------------------------------------------------------------------------------


@takes_array
def matrix_power(x: AnyArray, n: int) -> AnyArray:
    """The matrix to the power ``n``; for negative ``n``, a power of its inverse."""
    x = as_floats(x)
    if n < 0:
        return matrix_power(inv(x), -n)
    if n == 0:
        return x * 0.0 + _identity(x)
    if n == 1:
        return x
    half = matrix_power(x, n // 2)
    return half @ half @ x if n % 2 else half @ half


@takes_sequence
def multi_dot(xs: AnyArray) -> AnyArray:
    """The product of several matrices, in the order that needs the fewest multiplications.

    The first may be a vector, which counts as a row; so may the last, which counts as a column.

    Raises:
        ValueError: if there are fewer than two, or one is not a matrix.

    >>> multi_dot([np.ones(100), np.ones((100, 100)), np.ones((100, 1))])
    array([10000.])
    """
    xs = [as_floats(x) for x in xs]
    inside = [x.ndim for x in xs[1:-1]]
    if len(xs) < 2 or {*inside, 2} != {2} or not {xs[0].ndim, xs[-1].ndim} <= {1, 2}:
        raise ValueError(f"multi_dot takes two matrices or more, not arrays of shapes {[x.shape for x in xs]}")
    lengths: list[int] = [1 if xs[0].ndim == 1 else xs[0].shape[0], *[x.shape[0] for x in xs[1:]]]
    lengths.append(1 if xs[-1].ndim == 1 else xs[-1].shape[1])

    @cache
    def cheapest(i: int, j: int) -> tuple[int, int]:
        """The number of multiplications for the product of i up to j, and the matrix after which to split it."""
        return min(((work(i, k, j), k) for k in range(i, j)), default=(0, i))

    def work(i: int, k: int, j: int) -> int:
        return cheapest(i, k)[0] + cheapest(k + 1, j)[0] + lengths[i] * lengths[k + 1] * lengths[j + 1]

    def product(i: int, j: int) -> Any:
        k = cheapest(i, j)[1]
        return xs[i] if i == j else product(i, k) @ product(k + 1, j)

    return product(0, len(xs) - 1)


@takes_two_arrays
def vecdot(x: AnyArray, y: AnyArray, axis: int = -1) -> AnyArray:
    """The inner products of vectors along an axis."""
    x, y = moveaxis(as_floats(x), axis, -1), moveaxis(as_floats(y), axis, -1)
    return squeeze(expand_dims(x, -2) @ expand_dims(y, -1), (-2, -1))


@takes_array
def matrix_transpose(x: AnyArray) -> AnyArray:
    """Each matrix transposed."""
    return _t(x)


@takes_array
def diagonal(x: AnyArray, offset: int = 0) -> AnyArray:
    """A diagonal of each matrix."""
    return functions.diagonal(x, offset, -2, -1)


@takes_array
def trace(x: AnyArray, offset: int = 0) -> AnyArray:
    """The sum along a diagonal of each matrix."""
    return functions.trace(x, offset, -2, -1)
