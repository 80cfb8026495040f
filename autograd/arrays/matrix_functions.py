"""More linear algebra: the eigenvalues of matrices that are not symmetric, and the exponential of a matrix."""
# mypy: disable-error-code="has-type"
# (rows refer to rows below them)

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.arrays.array_operation import array_operation
from autograd.arrays.functions import split
from autograd.arrays.linear_algebra import MATRIX, inverse_gaps, largest_size, solve_matrices, used
from autograd.arrays.operands import as_floats, to_numpy
from autograd.arrays.operations import joined, squeeze, sum, swapaxes
from autograd.arrays.signatures import takes_array
from autograd.core.aliases import AnyArray

__all__ = ["eigvals", "expm"]


def _t(x: AnyArray) -> AnyArray:
    return swapaxes(x, -1, -2)


def _sideways(change: AnyArray, vectors: AnyArray) -> AnyArray:
    """The part of a change that keeps the length of each vector."""
    return change - vectors * sum(vectors * change, -2, True)


def _eig_vjp(g: AnyArray, out: AnyArray, x: AnyArray, live: AnyArray | None = None) -> AnyArray:
    (values, vectors), (to_values, to_vectors) = split(out, [1], -2), split(g, [1], -2)
    turn = _t(vectors) @ _sideways(to_vectors, vectors) * inverse_gaps(values - _t(values), largest_size(values))
    inner = np.eye(x.shape[-1], dtype=x.dtype) * to_values + used(turn, live, 1)
    return solve_matrices(_t(vectors), inner @ _t(vectors))


def _eig_jvp(t: AnyArray, out: AnyArray, x: AnyArray) -> AnyArray:
    values, vectors = split(out, [1], -2)
    inner = solve_matrices(vectors, t @ vectors)
    turn = inner * inverse_gaps(values - _t(values), largest_size(values))
    diagonal = sum(np.eye(x.shape[-1], dtype=x.dtype) * inner, -2, True)
    return joined(diagonal, _sideways(vectors @ turn, vectors), axis=-2)


@array_operation(_eig_vjp, jvps=[_eig_jvp], name="eig", mixes=MATRIX, sees_live=True)
def real_eigenpairs(x: AnyArray) -> AnyArray:
    """The eigenvalues as a row, each above its eigenvector; all must be real."""
    values, vectors = np.linalg.eig(x)
    if np.iscomplexobj(values):
        if np.any(values.imag):
            raise np.linalg.LinAlgError("a matrix has complex eigenvalues, and nodes hold real numbers")
        values, vectors = values.real, vectors.real
    return np.concatenate([values[..., None, :], vectors], axis=-2)


@takes_array
def eigvals(x: AnyArray) -> AnyArray:
    """The eigenvalues of matrices with real eigenvalues, in NumPy's order; second derivatives need distinct ones.

    For symmetric matrices, :func:`eigvalsh` is better.

    Raises:
        numpy.linalg.LinAlgError: if an eigenvalue is complex, or in a derivative if the eigenvectors are linearly
            dependent.

    >>> from autograd.arrays.tensor import Tensor
    >>> x = Tensor([[2.0, 1.0], [0.0, 3.0]])
    >>> eigvals(x)[0].backward()
    >>> print(x.grad + 0.0)
    [[ 1.  0.]
     [-1.  0.]]
    """
    return squeeze(split(real_eigenpairs(as_floats(x)), [1], -2)[0], -2)


_PADE = [1.0]
for _k in range(13):
    _PADE.append(_PADE[-1] * (13 - _k) / ((26 - _k) * (_k + 1)))


@takes_array
def expm(x: AnyArray) -> AnyArray:
    """The exponential of matrices, 1 + x + x²/2 + …, by scaling, a Padé approximant and squaring.

    All steps are products and one equation, so derivatives of every order hold, also where eigenvalues are equal.

    >>> expm(np.array([[0.0, 1.0], [0.0, 0.0]]))
    array([[1., 1.],
           [0., 1.]])
    """
    x = as_floats(x)
    size = np.max(np.sum(np.abs(to_numpy(x)), axis=-2), initial=0.0)
    if not math.isfinite(size):
        return x * np.nan
    halvings = max(0, math.ceil(math.log2(size / 5.37))) if size > 0 else 0
    x = x / 2.0**halvings
    one: Any = np.eye(x.shape[-1], dtype=x.dtype)
    x2 = x @ x
    x4 = x2 @ x2
    x6 = x4 @ x2
    c = _PADE
    odd = x @ (x6 @ (c[13] * x6 + c[11] * x4 + c[9] * x2) + c[7] * x6 + c[5] * x4 + c[3] * x2 + c[1] * one)
    even = x6 @ (c[12] * x6 + c[10] * x4 + c[8] * x2) + c[6] * x6 + c[4] * x4 + c[2] * x2 + c[0] * one
    result = solve_matrices(even - odd, even + odd)
    for _ in range(halvings):
        result = result @ result
    return result
