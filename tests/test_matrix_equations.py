"""Triangular, banded and Sylvester's equations, square roots and LU factors: SciPy's values, and their derivatives."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd.scipy.linalg as face
from autograd import concatenate, grad, linalg
from autograd.arrays.tensor import Tensor
from autograd.testing import agree, check_function

pytestmark = pytest.mark.same_in_both_modes

rng = np.random.default_rng(7)
A = rng.normal(size=(3, 3)) + 3.0 * np.eye(3)
B = rng.normal(size=(2, 2)) + 3.0 * np.eye(2)
Q = rng.normal(size=(3, 2))
VECTOR = Q[:, 0].copy()
STACK = np.stack([A, A.T, 2.0 * A])
S = np.array([[4.0, 1.0], [0.5, 3.0]])
SHAPES = [(3, 3), (2, 4), (4, 2), (1, 1), (1, 3), (3, 1), (2, 3, 3), (2, 4, 2), (2, 2, 3)]


@pytest.mark.parametrize("trans", [0, 1, 2, "N", "T", "C"])
@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("unit_diagonal", [False, True])
@pytest.mark.parametrize("b", [VECTOR, Q])
def test_triangular_equations(trans: Any, lower: bool, unit_diagonal: bool, b: Any) -> None:
    def f(a: Any, b: Any) -> Any:
        return linalg.solve_triangular(a, b, trans, lower, unit_diagonal)

    wanted = scipy.linalg.solve_triangular(A, b, trans, lower, unit_diagonal)
    np.testing.assert_allclose(f(A, b), wanted)
    np.testing.assert_allclose(f(Tensor(A), b).numpy(), wanted)
    unread = np.triu(A, 1) if lower else np.tril(A, -1)
    np.testing.assert_array_equal(f(np.where(unread != 0, np.nan, A), b), f(A, b))
    check_function(f, A, b)


def test_a_triangular_equation_reads_one_triangle() -> None:
    x = Tensor(A)
    linalg.solve_triangular(x, VECTOR, lower=True).sum().backward()
    np.testing.assert_array_equal(np.triu(x.grad, 1), 0.0)
    with pytest.raises(np.linalg.LinAlgError):
        linalg.solve_triangular(np.triu(A) - np.diag(np.diag(A)), VECTOR)
    with pytest.raises(np.linalg.LinAlgError, match="square"):
        linalg.solve_triangular(Q, VECTOR)
    with pytest.raises(ValueError, match="trans is 0, 1"):
        linalg.solve_triangular(A, VECTOR, trans="H")


@pytest.mark.parametrize("bands", [(1, 1), (0, 2), (2, 0), (0, 0), (2, 1), (3, 3)])
@pytest.mark.parametrize("columns", [None, 2])
def test_banded_equations(bands: tuple[int, int], columns: int | None) -> None:
    lower, upper = bands
    ab = rng.normal(size=(lower + upper + 1, 4))
    ab[upper] += 6.0
    b = rng.normal(size=4 if columns is None else (4, columns))
    np.testing.assert_allclose(linalg.solve_banded(bands, ab, b), scipy.linalg.solve_banded(bands, ab, b))
    check_function(lambda ab, b: linalg.solve_banded(bands, ab, b), ab, b)


def test_corners_of_bands_are_not_read() -> None:
    bands = Tensor([[7.0, 1.0, 1.0], [2.0, 2.0, 2.0]])
    y = linalg.solve_banded((0, 1), bands, VECTOR)
    y.sum().backward()
    assert bands.grad[0, 0] == 0.0
    with pytest.raises(ValueError, match=r"takes 1 \+ 1 \+ 1 diagonals .* \(2, 3\)"):
        linalg.solve_banded((1, 1), bands, VECTOR)
    with pytest.raises(np.linalg.LinAlgError):
        linalg.solve_banded((0, 1), np.zeros((2, 3)), VECTOR)


def test_sylvesters_equation() -> None:
    x = linalg.solve_sylvester(A, B, Q)
    np.testing.assert_allclose(A @ x + x @ B, Q)
    np.testing.assert_allclose(linalg.solve_sylvester(STACK, B, Q)[1], scipy.linalg.solve_sylvester(A.T, B, Q))
    check_function(linalg.solve_sylvester, A[:2, :2], B[:1, :1], Q[:2, :1])
    agree(linalg.solve_sylvester, A[:2, :2], B[:1, :1], Q[:2, :1], tolerance=1e-7)
    check_function(lambda a: linalg.solve_sylvester(a, B[:1, :1], Q[:2, :1]), STACK[:2, :2, :2])


def test_sylvesters_equation_without_a_unique_solution() -> None:
    for a, b in ((A, -A), (np.diag([1.0, 2.0]), np.array([[-2.0]])), (np.zeros((1, 1)), np.zeros((1, 1)))):
        with pytest.raises(np.linalg.LinAlgError, match="no unique solution"):
            linalg.solve_sylvester(a, b, np.ones((len(a), len(b))))
    with pytest.raises(np.linalg.LinAlgError, match="square"):
        linalg.solve_sylvester(Q, B, Q)


@pytest.mark.parametrize("x", [S, S.T @ S, np.eye(2), [[0.0, -1.0], [1.0, 0.0]], [[4.0, 1.0], [0.0, 4.0]]])
def test_square_roots(x: Any) -> None:
    x = np.asarray(x)
    root = linalg.sqrtm(x)
    np.testing.assert_allclose(root @ root, x, atol=1e-14)
    np.testing.assert_allclose(root, scipy.linalg.sqrtm(x).real, atol=1e-14)
    agree(linalg.sqrtm, x, truth=False, tolerance=1e-6)
    np.testing.assert_array_equal(linalg.sqrtm(np.stack([x, x]))[1], root)


def test_derivatives_of_square_roots() -> None:
    check_function(linalg.sqrtm, S)
    check_function(lambda x: linalg.sqrtm(x @ x), S)
    found = Tensor(S)
    linalg.sqrtm(found @ found).backward(np.array([[1.0, 2.0], [3.0, 4.0]]))  # the square root of a square
    np.testing.assert_allclose(found.grad, [[1.0, 2.0], [3.0, 4.0]])


def test_matrices_without_a_real_square_root() -> None:
    for x in (-np.eye(2), np.diag([1.0, -1e-3])):
        with pytest.raises(np.linalg.LinAlgError, match="complex"):
            linalg.sqrtm(x)
    with pytest.raises(np.linalg.LinAlgError, match="has no square root"):
        linalg.sqrtm(np.array([[0.0, 1.0], [0.0, 0.0]]))
    np.testing.assert_array_equal(linalg.sqrtm(np.diag([0.0, 4.0])), np.diag([0.0, 2.0]))
    with pytest.raises(np.linalg.LinAlgError, match="no unique solution"):
        grad(lambda x: linalg.sqrtm(x)[1, 1])(np.diag([0.0, 4.0]))
    with pytest.raises(np.linalg.LinAlgError, match="square"):
        linalg.sqrtm(Q)


@pytest.mark.parametrize("shape", SHAPES)
def test_lu_factors(shape: tuple[int, ...]) -> None:
    x = rng.normal(size=shape)
    for options in ({}, {"permute_l": True}, {"p_indices": True}):
        for found, wanted in zip(linalg.lu(x, **options), scipy.linalg.lu(x, **options), strict=True):
            np.testing.assert_allclose(found, wanted, atol=1e-14)
            assert found.shape == wanted.shape
    p, lower, upper = linalg.lu(Tensor(x))
    assert isinstance(p, np.ndarray)
    np.testing.assert_allclose((p @ lower @ upper).numpy(), x, atol=1e-14)
    check_function(lambda x: concatenate(linalg.lu(x)[1:], None), x)
    check_function(lambda x: concatenate(linalg.lu(x, permute_l=True), None), x)


@given(st.lists(st.sampled_from([0.0, 1.0, 2.0, -1.0, 0.5]), min_size=6, max_size=6), st.sampled_from([(2, 3), (3, 2)]))
@settings(max_examples=20)
def test_lu_factors_at_special_matrices(x: Any, shape: tuple[int, int]) -> None:
    matrix = np.array(x).reshape(shape)
    if np.linalg.matrix_rank(matrix[:, :2]) == 2:
        agree(lambda x: list(linalg.lu(x)[1:]), matrix, truth=False, tolerance=1e-6)
    else:
        with pytest.raises(np.linalg.LinAlgError):
            grad(lambda x: linalg.lu(x)[1].sum() + linalg.lu(x)[2].sum())(matrix)


def test_equations_by_lu_factors() -> None:
    for n in (1, 2, 5):
        a = rng.normal(size=(n, n))
        found, theirs = linalg.lu_factor(a), scipy.linalg.lu_factor(a)
        np.testing.assert_allclose(found[0], theirs[0])
        np.testing.assert_array_equal(found[1], theirs[1])
        for trans in (0, 1):
            for b in (np.ones(n), rng.normal(size=(n, 2))):
                np.testing.assert_allclose(linalg.lu_solve(theirs, b, trans), scipy.linalg.lu_solve(theirs, b, trans))
    for trans in (0, 1):
        check_function(lambda a, b, trans=trans: linalg.lu_solve(linalg.lu_factor(a), b, trans), A, VECTOR)
    for x in (Q, STACK):
        with pytest.raises(np.linalg.LinAlgError):
            linalg.lu_factor(x)


def test_float32_is_kept() -> None:
    a, b = Tensor(A.astype(np.float32)), Tensor(Q.astype(np.float32))
    results = [
        linalg.sqrtm(a @ a.T),
        linalg.solve_sylvester(a, B.astype(np.float32), b),
        linalg.solve_triangular(a, b),
        linalg.solve_banded((1, 1), a, b),
        *linalg.lu(a)[1:],
        linalg.lu_solve(linalg.lu_factor(a), b),
    ]
    for y in results:
        assert y.dtype == np.float32
        y.sum().backward()
        assert a.grad.dtype == np.float32


@pytest.mark.parametrize(
    ("name", "f"),
    [
        ("sqrtm", lambda: linalg.sqrtm(S)),
        ("solve_sylvester", lambda: linalg.solve_sylvester(A, B, Q)),
        ("solve_banded", lambda: linalg.solve_banded((1, 1), A, Q)),
        ("lu", lambda: linalg.lu(A)),
    ],
)
def test_without_scipy(name: str, f: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [name for name in sys.modules if name.partition(".")[0] == "scipy"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(ImportError, match=rf'^{name} needs SciPy, which is not installed: pip install "pathgrad'):
        f()


def test_scipys_names() -> None:
    positive = A @ A.T
    for lower in (False, True):
        np.testing.assert_allclose(face.cholesky(positive, lower), scipy.linalg.cholesky(positive, lower))
        np.testing.assert_allclose(face.cho_solve(face.cho_factor(positive, lower), Q), np.linalg.solve(positive, Q))
    check_function(lambda x, b: face.cho_solve(face.cho_factor(x @ x.T), b), A, VECTOR)
    for name in ("det", "inv", "norm", "svdvals", "expm"):
        np.testing.assert_allclose(getattr(face, name)(A), getattr(scipy.linalg, name)(A))
    assert set(face.__all__) <= set(dir(scipy.linalg))
