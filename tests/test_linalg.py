"""Linear algebra: NumPy's values, and derivatives to second order against differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from derivatives import check

from autograd import linalg
from autograd.tensor import Tensor

A = np.array([[2.0, -1.0, 0.5], [0.25, 3.0, 1.0], [-0.5, 0.75, 1.5]])
STACK = np.stack([A, A @ A / 4, A.T + 1.0])
POSITIVE = A @ A.T + np.eye(3)
POSITIVES = STACK @ np.swapaxes(STACK, -1, -2) + np.eye(3)
VECTOR, MATRIX = np.array([1.0, -2.0, 0.5]), np.array([[1.0, 2.0], [-1.0, 0.5], [0.25, 3.0]])

CASES: list[tuple[str, tuple[Any, ...]]] = [
    *[(name, (x,)) for name in ("inv", "det") for x in (A, STACK)],
    *[("solve", (a, b)) for a in (A, STACK) for b in (VECTOR, MATRIX)],
    *[("cholesky", (x,)) for x in (POSITIVE, POSITIVES)],
    *[("eigvalsh", (x,)) for x in (POSITIVE, POSITIVES)],
    *[("matrix_power", (A, n)) for n in (0, 1, 2, 5, -1, -3)],
    ("norm", (VECTOR,)),
]


@pytest.mark.parametrize(("name", "args"), CASES)
def test_values_are_numpys_under_both_names(name: str, args: Any) -> None:
    wanted = getattr(np.linalg, name)(*args)
    given = [Tensor(x) if isinstance(x, np.ndarray) else x for x in args]
    for found in (getattr(linalg, name)(*given), getattr(np.linalg, name)(*given)):
        assert type(found) is Tensor
        np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(getattr(linalg, name)(*args), wanted, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize(("name", "args"), CASES)
def test_derivatives(name: str, args: Any) -> None:
    f = getattr(linalg, name)
    if name in ("cholesky", "eigvalsh"):  # of symmetric matrices only
        check(lambda x: f((x + x.swapaxes(-1, -2)) / 2.0), *args)
    else:
        check(lambda *xs: f(*xs, *args[len(xs) :]), *[x for x in args if isinstance(x, np.ndarray)])


@pytest.mark.parametrize("x", [A, -A, STACK])
def test_slogdet(x: Any) -> None:
    for found in (linalg.slogdet(Tensor(x)), np.linalg.slogdet(Tensor(x)), linalg.slogdet(x)):
        np.testing.assert_array_equal(found.sign, np.linalg.slogdet(x).sign)
    np.testing.assert_allclose(linalg.slogdet(x).logabsdet, np.linalg.slogdet(x).logabsdet)
    check(lambda t: linalg.slogdet(t).logabsdet, x)


@pytest.mark.parametrize("x", [POSITIVE, POSITIVES])
def test_eigh(x: Any) -> None:
    values, vectors = np.linalg.eigh(Tensor(x))
    np.testing.assert_allclose((vectors * np.expand_dims(values, -2) @ vectors.swapaxes(-1, -2)).numpy(), x)
    check(lambda t: linalg.eigh((t + t.swapaxes(-1, -2)) / 2.0).eigenvectors, x)


def test_float32_is_kept() -> None:
    x = Tensor(POSITIVE.astype(np.float32))
    for f in (linalg.inv, linalg.det, linalg.cholesky, linalg.eigvalsh):
        y = f(x)
        x.grad = None
        y.backward(np.ones(y.shape))
        assert (y.dtype, x.grad.dtype) == (np.float32, np.float32)


def test_a_singular_matrix() -> None:
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        linalg.inv(Tensor(np.zeros((2, 2))))
