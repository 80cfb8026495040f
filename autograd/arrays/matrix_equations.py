"""Equations with matrices, and factors of matrices, under the names of ``scipy.linalg``.

Square roots, LU factors, Sylvester's equation and equations with banded matrices are computed by SciPy (``pip install
"pathgrad[special]"``), which is imported when one of them is called.
"""
# mypy: disable-error-code="has-type"
# (rows refer to rows below them)

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from autograd.arrays.array_operation import array_operation
from autograd.arrays.functions import einsum, tril, triu
from autograd.arrays.linear_algebra import MATRIX, lengths, solve, solve_matrices
from autograd.arrays.operands import as_floats, to_numpy
from autograd.arrays.operations import expand_dims, gather, getitem, joined, squeeze, swapaxes
from autograd.arrays.signatures import takes_array, takes_two_arrays
from autograd.core.aliases import AnyArray
from autograd.core.rules import where

__all__ = ["lu", "lu_factor", "lu_solve", "solve_banded", "solve_sylvester", "solve_triangular", "sqrtm"]


def _scipy_linalg(function: str) -> Any:
    """``scipy.linalg``, for a function that needs it."""
    try:
        import scipy.linalg
    except ImportError:
        raise ImportError(f'{function} needs SciPy, which is not installed: pip install "pathgrad[special]"') from None
    return scipy.linalg


def _t(x: AnyArray) -> AnyArray:
    return swapaxes(x, -1, -2)


def _over(x: AnyArray, matrix: AnyArray) -> AnyArray:
    """``x`` times the inverse of a matrix."""
    return _t(solve_matrices(_t(matrix), _t(x)))


def _one(x: AnyArray) -> Any:
    """The identity matrix, as wide as ``x``."""
    return np.eye(x.shape[-1], dtype=x.dtype)


def _square(name: str, *xs: AnyArray) -> None:
    for x in xs:
        if len(set(lengths(x))) != 1:
            raise np.linalg.LinAlgError(f"{name} takes square matrices, not an array of shape {x.shape}")


# ---------------------------------------------------------------------------------------------------------------------
# Triangular and banded matrices
# ---------------------------------------------------------------------------------------------------------------------


@takes_two_arrays
def solve_triangular(
    a: AnyArray, b: AnyArray, trans: int | str = 0, lower: bool = False, unit_diagonal: bool = False
) -> AnyArray:
    """The x with ``a @ x = b``, where ``a`` is triangular; what stands in its other triangle is not read.

    Args:
        a: square matrices.
        b: a vector or matrices.
        trans: 1 or ``"T"`` for the equation ``a.T @ x = b``; 0 or ``"N"`` for the one above.
        lower: whether ``a`` is a lower triangle, not an upper one.
        unit_diagonal: whether the diagonal of ``a`` counts as 1, and is not read either.

    Raises:
        numpy.linalg.LinAlgError: if a number on the diagonal is 0.
        ValueError: if ``trans`` is something else.

    >>> solve_triangular(np.array([[2.0, 1.0], [9.0, 4.0]]), np.array([4.0, 8.0]))
    array([1., 2.])
    """
    if trans not in (0, 1, 2, "N", "T", "C"):
        raise ValueError(f'solve_triangular: trans is 0, 1, 2, "N", "T" or "C", not {trans!r}')
    a, b = as_floats(a), as_floats(b)
    _square("solve_triangular", a)
    offset = 1 if unit_diagonal else 0
    a = tril(a, -offset) if lower else triu(a, offset)
    a = a + _one(a) if unit_diagonal else a
    return solve(a if trans in (0, "N") else _t(a), b)


def _places(ab: AnyArray, shift: int, sign: int) -> tuple[Any, Any]:
    """For the number in row r and column j of bands, the row ``sign * r + shift + j`` of a matrix, and whether it is.

    Rows that do not exist are replaced by the last one.
    """
    rows, size = np.indices(ab.shape)[0], ab.shape[-1]
    places = sign * rows + shift + np.arange(size)
    return np.clip(places, 0, size - 1), (places >= 0) & (places < size)


def _transposed(ab: AnyArray, lower: int, upper: int) -> AnyArray:
    """The bands of the transposed matrix."""
    places, exist = _places(ab, -lower, 1)
    backward = np.arange(ab.shape[0])[::-1, None]
    return where(exist, gather(ab, backward * ab.shape[-1] + places), 0.0)


def _bands_vjp(g: AnyArray, out: AnyArray, ab: AnyArray, b: AnyArray, lower: int, upper: int) -> AnyArray:
    sent = solve_bands(_transposed(ab, lower, upper), g, upper, lower)
    places, exist = _places(ab, -upper, 1)
    return where(exist, -einsum("rjc,jc->rj", getitem(sent, places), out), 0.0)


def _bands_jvp(t: AnyArray, out: AnyArray, ab: AnyArray, b: AnyArray, lower: int, upper: int) -> AnyArray:
    places, exist = _places(ab, upper, -1)
    rows = np.arange(ab.shape[0])[:, None]
    coefficients = where(exist, gather(t, rows * ab.shape[-1] + places), 0.0)
    return -solve_bands(ab, einsum("ri,ric->ic", coefficients, getitem(out, places)), lower, upper)


@array_operation(
    _bands_vjp,
    lambda g, out, ab, b, lower, upper: solve_bands(_transposed(ab, lower, upper), g, upper, lower),
    jvps=[_bands_jvp, lambda t, out, ab, b, lower, upper: solve_bands(ab, t, lower, upper)],
    name="solve_banded",
    mixes=MATRIX,
)
def solve_bands(ab: AnyArray, b: AnyArray, lower: int, upper: int) -> AnyArray:
    """The x with ``a @ x = b``, where ``a`` has these numbers of diagonals and ``b`` is a matrix."""
    return _scipy_linalg("solve_banded").solve_banded((lower, upper), ab, b)


def solve_banded(l_and_u: Sequence[int], ab: Any, b: Any) -> Any:
    """The x with ``a @ x = b``, where ``a`` has few diagonals; it needs SciPy.

    Args:
        l_and_u: how many diagonals of ``a`` stand below the main one, and how many above it.
        ab: the diagonals as rows, the uppermost first: ``ab[u + i - j, j]`` is ``a[i, j]``.
        b: a vector or a matrix.

    Raises:
        numpy.linalg.LinAlgError: if ``a`` is singular.
        ValueError: if the shapes do not fit.

    >>> bands = [[0.0, 1.0, 1.0], [2.0, 2.0, 2.0]]  # 2 on the diagonal, and 1 above it
    >>> solve_banded((0, 1), bands, [3.0, 3.0, 2.0])
    array([1., 1., 1.])
    """
    lower, upper = l_and_u
    ab, b = as_floats(ab), as_floats(b)
    if ab.ndim != 2 or b.ndim not in (1, 2) or b.shape[0] != ab.shape[1] or lower + upper + 1 != ab.shape[0]:
        raise ValueError(
            f"solve_banded takes {lower} + {upper} + 1 diagonals of length n and b of length n, not arrays of shapes "
            f"{ab.shape} and {b.shape}"
        )
    x = solve_bands(ab, expand_dims(b, -1) if b.ndim == 1 else b, lower, upper)
    return squeeze(x, -1) if b.ndim == 1 else x


# ---------------------------------------------------------------------------------------------------------------------
# Sylvester's equation, and square roots
# ---------------------------------------------------------------------------------------------------------------------


def _sylvester(a: Any, b: Any, q: Any) -> Any:
    """The solution for single matrices; SciPy's own is wrong without a word where there is none."""
    values, others = np.linalg.eigvals(a), np.linalg.eigvals(b)
    sizes = np.max(np.abs(values), initial=0.0) + np.max(np.abs(others), initial=0.0)
    smallest = np.min(np.abs(values[:, None] + others), initial=np.inf)
    if not smallest > (len(a) + len(b)) * np.finfo(q.dtype).eps * sizes:
        raise np.linalg.LinAlgError(
            "solve_sylvester: an eigenvalue of the first matrix is minus one of the second, or as good as that, so the "
            "equation has no unique solution"
        )
    return _scipy_linalg("solve_sylvester").solve_sylvester(a, b, q)


@array_operation(
    lambda g, out, a, b, q: -(solve_sylvester(_t(a), _t(b), g) @ _t(out)),
    lambda g, out, a, b, q: -(_t(out) @ solve_sylvester(_t(a), _t(b), g)),
    lambda g, out, a, b, q: solve_sylvester(_t(a), _t(b), g),
    jvps=[
        lambda t, out, a, b, q: -solve_sylvester(a, b, t @ out),
        lambda t, out, a, b, q: -solve_sylvester(a, b, out @ t),
        lambda t, out, a, b, q: solve_sylvester(a, b, t),
    ],
    name="solve_sylvester",
    mixes=MATRIX,
)
def sylvester(a: AnyArray, b: AnyArray, q: AnyArray) -> AnyArray:
    """The x with ``a @ x + x @ b = q``."""
    return np.vectorize(_sylvester, signature="(m,m),(n,n),(m,n)->(m,n)")(a, b, q)


def solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    """The x with ``a @ x + x @ b = q`` (Sylvester's equation); it needs SciPy.

    Args:
        a: m x m matrices.
        b: n x n matrices.
        q: m x n matrices.

    Raises:
        numpy.linalg.LinAlgError: if the equation has no unique solution, as an eigenvalue of ``a`` is minus one of
            ``b``; or if ``a`` or ``b`` is not square.

    >>> solve_sylvester([[1.0, 0.0], [0.0, 2.0]], [[3.0]], [[4.0], [10.0]])
    array([[1.],
           [2.]])
    """
    a, b, q = as_floats(a), as_floats(b), as_floats(q)
    _square("solve_sylvester", a, b)
    return sylvester(a, b, q)


def _real_root(x: Any) -> Any:
    """The principal square root of a single matrix, if there is one and it is real."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SciPy doubts some roots; those that are wrong raise below
        root = np.asarray(_scipy_linalg("sqrtm").sqrtm(x))
        tiny = 1e3 * len(x) * np.finfo(x.dtype).eps
        if np.iscomplexobj(root):
            if not np.all(np.abs(root.imag) <= tiny * np.max(np.abs(root), initial=0.0)):
                raise np.linalg.LinAlgError("sqrtm: a square root is complex, and nodes hold real numbers")
            root = root.real
        rest, size = np.abs(root @ root - x), np.max(np.abs(root), initial=0.0) ** 2
    if not np.all(rest <= tiny * len(x) * size):
        raise np.linalg.LinAlgError("sqrtm: a singular matrix has no square root")
    return root.astype(x.dtype)


@array_operation(
    lambda g, out, x: solve_sylvester(_t(out), _t(out), g),
    jvps=[lambda t, out, x: solve_sylvester(out, out, t)],
    name="sqrtm",
    mixes=MATRIX,
)
def real_root(x: AnyArray) -> AnyArray:
    """The principal square root of matrices."""
    return np.vectorize(_real_root, signature="(n,n)->(n,n)")(x)


@takes_array
def sqrtm(x: AnyArray) -> AnyArray:
    """The principal square root of matrices: the r with ``r @ r = x`` whose eigenvalues are not negative.

    It needs SciPy.  Derivatives solve Sylvester's equation, ``r @ dr + dr @ r = dx``.

    Raises:
        numpy.linalg.LinAlgError: if there is none, or it is complex; in a derivative, if the matrix is singular.

    >>> sqrtm(np.array([[4.0, 1.0], [0.0, 4.0]]))
    array([[2.  , 0.25],
           [0.  , 2.  ]])
    """
    x = as_floats(x)
    _square("sqrtm", x)
    return real_root(x)


# ---------------------------------------------------------------------------------------------------------------------
# Gauss's elimination
# ---------------------------------------------------------------------------------------------------------------------


def _lu_parts(packed: AnyArray, x: AnyArray) -> tuple[Any, Any, Any]:
    """The square upper part of L, the rest of L, and U, or their gradients, of tall matrices ``x``."""
    m, n = lengths(x)
    return packed[..., :n, :n], packed[..., n:m, :n], packed[..., m:, :n]


def _permutation(packed: AnyArray, x: AnyArray) -> Any:
    m, n = lengths(x)
    return to_numpy(packed)[..., :m, n:]


def _lu_vjp(g: AnyArray, out: AnyArray, x: AnyArray) -> AnyArray:
    (top, rest, u), (to_top, to_rest, to_u) = _lu_parts(out, x), _lu_parts(g, x)
    below = _over(to_rest, _t(u))
    inner = tril(_t(top) @ to_top, -1) + triu((to_u - _t(rest) @ below) @ _t(u))
    return _permutation(out, x) @ joined(_over(solve_matrices(_t(top), inner), _t(u)), below, axis=-2)


def _lu_jvp(t: AnyArray, out: AnyArray, x: AnyArray) -> AnyArray:
    top, rest, u = _lu_parts(out, x)
    p, n = _permutation(out, x), x.shape[-1]
    t = _t(p) @ t
    inner = _over(solve_matrices(top, t[..., :n, :]), u)
    du = triu(inner) @ u
    moved = joined(top @ tril(inner, -1), _over(t[..., n:, :] - rest @ du, u), du, axis=-2)
    return joined(moved, np.zeros((*moved.shape[:-1], p.shape[-1]), x.dtype), axis=-1)


@array_operation(_lu_vjp, jvps=[_lu_jvp], name="lu", mixes=MATRIX)
def tall_lu(x: AnyArray) -> AnyArray:
    """L, and to the right of it P, and below both U, for matrices ``P @ L @ U`` that are not wide."""
    p, l, u = np.vectorize(_scipy_linalg("lu").lu, signature="(m,n)->(m,m),(m,n),(n,n)")(x)  # noqa: E741 (its name)
    m, n = lengths(x)
    packed = np.zeros((*x.shape[:-2], m + n, n + m), x.dtype)
    packed[..., :m, :n], packed[..., :m, n:], packed[..., m:, :n] = l, p, u
    return packed


def lu(a: Any, permute_l: bool = False, *, p_indices: bool = False) -> tuple[Any, ...]:
    """A permutation P, a lower triangle L with 1 on its diagonal, and an upper triangle U with ``P @ L @ U = a``.

    It needs SciPy.  Derivatives need as many first columns as U has rows to be linearly independent, and hold as long
    as the permutation does not change.

    Args:
        a: matrices of any shape.
        permute_l: whether to return ``P @ L`` and U.
        p_indices: whether to return in place of P the rows of L in their order: ``L[p] @ U = a``.

    Returns:
        P, which is a plain array and has no derivative, L and U; or as above.

    Raises:
        numpy.linalg.LinAlgError: in a derivative, if these columns are linearly dependent.

    >>> from autograd.arrays.tensor import Tensor
    >>> p, l, u = lu(Tensor([[2.0, 4.0], [4.0, 2.0]]))
    >>> u.numpy()
    array([[4., 2.],
           [0., 3.]])
    """
    a = as_floats(a)
    m, n = lengths(a)
    packed = tall_lu(a[..., :m])
    first = a[..., :m]
    top, rest, u = _lu_parts(packed, first)
    p, factor = _permutation(packed, first), joined(top, rest, axis=-2)
    if m < n:  # the factors come from the first columns; the others follow
        u = joined(u, solve_matrices(factor, _t(p) @ a[..., m:]), axis=-1)
    if permute_l:
        return p @ factor, u
    return np.argmax(p, axis=-1) if p_indices else p, factor, u


def lu_factor(a: Any) -> tuple[Any, Any]:
    """The factors L and U of a square matrix in one array, and the rows that were swapped, for :func:`lu_solve`.

    Raises:
        numpy.linalg.LinAlgError: if it is not a square matrix.
    """
    a = as_floats(a)
    _square("lu_factor", a)
    if a.ndim != 2:
        raise np.linalg.LinAlgError(f"lu_factor takes one matrix, not an array of shape {a.shape}")
    p, factor, u = lu(a)
    order, swaps = list(range(len(p))), []
    for place, row in enumerate(np.argmax(p, axis=0).tolist()):
        swaps.append(order.index(row))
        order[place], order[swaps[-1]] = order[swaps[-1]], order[place]
    return tril(factor, -1) + u, np.array(swaps, np.intp)


def lu_solve(lu_and_piv: tuple[Any, Any], b: Any, trans: Literal[0, 1, 2] = 0) -> Any:
    """The x with ``a @ x = b``, given what :func:`lu_factor` returned for ``a``; with ``trans``, ``a.T @ x = b``.

    >>> lu_solve(lu_factor([[1.0, 2.0], [3.0, 4.0]]), [5.0, 11.0]).round(12)
    array([1., 2.])
    """
    packed, swaps = as_floats(lu_and_piv[0]), lu_and_piv[1]
    b, order = as_floats(b), np.arange(len(packed))
    for place, row in enumerate(swaps):
        order[[place, row]] = order[[row, place]]
    if trans:
        inner = solve_triangular(packed, b, 1)
        return solve_triangular(packed, inner, 1, lower=True, unit_diagonal=True)[np.argsort(order)]
    return solve_triangular(packed, solve_triangular(packed, b[order], lower=True, unit_diagonal=True))
