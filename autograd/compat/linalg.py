"""Functions of ``scipy.linalg`` under SciPy's names."""

from __future__ import annotations

from typing import Any

from autograd.arrays import linear_algebra
from autograd.arrays.linear_algebra import det, eigvalsh, inv, norm, solve, svdvals
from autograd.arrays.matrix_equations import (
    lu,
    lu_factor,
    lu_solve,
    solve_banded,
    solve_sylvester,
    solve_triangular,
    sqrtm,
)
from autograd.arrays.matrix_functions import eigvals, expm

__all__ = [
    "cho_factor",
    "cho_solve",
    "cholesky",
    "det",
    "eigvals",
    "eigvalsh",
    "expm",
    "inv",
    "lu",
    "lu_factor",
    "lu_solve",
    "norm",
    "solve",
    "solve_banded",
    "solve_sylvester",
    "solve_triangular",
    "sqrtm",
    "svdvals",
]


def cholesky(a: Any, lower: bool = False) -> Any:
    """The upper triangular U with ``U.T @ U = a``; if ``lower``, the lower triangular L with ``L @ L.T = a``."""
    return linear_algebra.cholesky(a, upper=not lower)


def cho_factor(a: Any, lower: bool = False) -> tuple[Any, bool]:
    """A factor for :func:`cho_solve`; SciPy's holds any numbers in its other triangle, and this one 0."""
    return cholesky(a, lower), lower


def cho_solve(c_and_lower: tuple[Any, bool], b: Any) -> Any:
    """The x with ``a @ x = b``, given what :func:`cho_factor` returned for ``a``."""
    factor, lower = c_and_lower
    inner = solve_triangular(factor, b, trans=0 if lower else 1, lower=lower)
    return solve_triangular(factor, inner, trans=1 if lower else 0, lower=lower)
