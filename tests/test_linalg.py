"""Linear algebra: NumPy's values, and derivatives to second order against differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import hessian, hvp, linalg
from autograd.arrays import matrix_equations
from autograd.arrays.operands import to_numpy
from autograd.arrays.tensor import Tensor
from autograd.core.sweep import tangents, topological_order
from autograd.testing import agree, check_function

pytestmark = pytest.mark.same_in_both_modes

A = np.array([[2.0, -1.0, 0.5], [0.25, 3.0, 1.0], [-0.5, 0.75, 1.5]])
STACK = np.stack([A, A @ A / 4, [[1.7, 0.3, -0.6], [0.9, -1.4, 0.45], [-0.35, 0.8, 2.2]]])
POSITIVE = A @ A.T + np.eye(3)
POSITIVES = STACK @ np.swapaxes(STACK, -1, -2) + np.eye(3)
VECTOR, MATRIX = np.array([1.0, -2.0, 0.5]), np.array([[1.0, 2.0], [-1.0, 0.5], [0.25, 3.0]])
TALL, WIDE = STACK[..., :2], STACK[:, :2]
NONE = np.zeros((0, 3, 2))
MATRICES = [A, STACK, MATRIX, MATRIX.T, TALL, WIDE, NONE]
ORDERS = ["fro", "nuc", 2, -2, 1, -1, np.inf, -np.inf]
TENSOR = np.random.default_rng(1).normal(size=(2, 3, 3, 2))

Case = tuple[str, tuple[Any, ...], dict[str, Any]]
CASES: list[Case] = [
    *[(name, (x,), {}) for name in ("inv", "det") for x in (A, STACK)],
    *[("solve", (a, b), {}) for a in (A, STACK) for b in (VECTOR, MATRIX)],
    *[("tensorsolve", (TENSOR, MATRIX.T), {}), ("tensorsolve", (TENSOR, MATRIX), {"axes": (2, 0)})],
    *[("tensorinv", (TENSOR,), {}), ("tensorinv", (TENSOR.reshape(6, 2, 3),), {"ind": 1})],
    *[("cholesky", (x,), {}) for x in (POSITIVE, POSITIVES)],
    *[("eigvalsh", (x,), {}) for x in (POSITIVE, POSITIVES)],
    *[("eigvalsh", (x,), {"UPLO": "U"}) for x in (POSITIVE, POSITIVES)],
    *[(name, (x,), {}) for name in ("pinv", "svdvals") for x in MATRICES],
    *[("svd", (x,), {"compute_uv": False}) for x in (MATRIX, WIDE)],
    *[("qr", (x,), {"mode": "r"}) for x in MATRICES],
    *[("cond", (x, p), {}) for x in (A, STACK) for p in (None, *ORDERS)],
    *[("cond", (x, p), {}) for x in (MATRIX, WIDE) for p in (None, 2, -2)],
    *[("matrix_norm", (x,), {"ord": ord}) for x in (A, TALL) for ord in ORDERS],
    *[("matrix_norm", (WIDE,), {"ord": ord, "keepdims": True}) for ord in ("nuc", -1)],
    *[("norm", (x,), {"ord": ord}) for x in (A, MATRIX) for ord in (None, *ORDERS)],
    *[("norm", (TENSOR,), {"ord": ord, "axis": (3, 1), "keepdims": ord == 1}) for ord in ORDERS],
    *[("norm", (VECTOR,), {"ord": ord}) for ord in (None, 2, 1, 0, 3, 0.5, -1, -2.5, np.inf, -np.inf)],
    *[("norm", (TENSOR,), {"ord": ord, "axis": -1, "keepdims": ord == 1}) for ord in (None, 2, 1, 3, -1, np.inf)],
    *[("vector_norm", (TENSOR,), {"ord": ord, "axis": axis}) for ord in (2, 3) for axis in (None, 0, (0, 2, 3))],
    *[("matrix_power", (A, n), {}) for n in (0, 1, 2, 5, -1, -3)],
    *[("trace", (STACK,), {}), ("trace", (STACK,), {"offset": 1}), ("diagonal", (WIDE,), {"offset": -1})],
    *[("vecdot", (STACK, VECTOR), {}), ("vecdot", (STACK, A), {"axis": 0}), ("matrix_transpose", (WIDE,), {})],
    *[("cross", (A, VECTOR), {}), ("outer", (VECTOR, VECTOR[:2]), {})],
    *[("matmul", (A, STACK), {}), ("tensordot", (A, STACK), {"axes": 1})],
]


def case_name(case: Case) -> str:
    name, args, options = case
    shown = [str(x.shape) if isinstance(x, np.ndarray) else str(x) for x in (*args, *options.values())]
    return f"{name}-{','.join(shown)}"


each_case = pytest.mark.parametrize(("name", "args", "options"), CASES, ids=map(case_name, CASES))


def with_matrices(name: str, args: Any, options: Any) -> Callable[..., Any]:
    """The function of the arrays among the arguments; it sees symmetric matrices only, if it reads but a triangle."""

    def f(*xs: Any) -> Any:
        if name in ("cholesky", "eigvalsh"):
            xs = tuple((x + x.swapaxes(-1, -2)) / 2.0 for x in xs)
        return getattr(linalg, name)(*xs, *args[len(xs) :], **options)

    return f


@each_case
def test_values_are_numpys_under_both_names(name: str, args: Any, options: Any) -> None:
    if not hasattr(np.linalg, name):
        pytest.skip(f"this NumPy has no {name}")
    if name == "solve" and args[1].ndim < args[0].ndim > 2 and np.__version__ < "2":
        pytest.skip("NumPy 1 takes the second operand for a stack of vectors")
    wanted = getattr(np.linalg, name)(*args, **options)
    given = [Tensor(x) if isinstance(x, np.ndarray) else x for x in args]
    for found in (getattr(linalg, name)(*given, **options), getattr(np.linalg, name)(*given, **options)):
        assert type(found) is Tensor
        assert found.shape == np.shape(wanted)
        np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(getattr(linalg, name)(*args, **options), wanted, rtol=1e-10, atol=1e-12)
    lists = [x.tolist() if isinstance(x, np.ndarray) and x.size else x for x in args]
    np.testing.assert_allclose(getattr(linalg, name)(*lists, **options), wanted, rtol=1e-10, atol=1e-12)


@each_case
def test_derivatives(name: str, args: Any, options: Any) -> None:
    check_function(with_matrices(name, args, options), *[x for x in args if isinstance(x, np.ndarray)])


@each_case
def test_float32_is_kept(name: str, args: Any, options: Any) -> None:
    leaves = [Tensor(x.astype(np.float32)) for x in args if isinstance(x, np.ndarray)]
    y = with_matrices(name, args, options)(*leaves)
    assert y.dtype == np.float32
    y.backward(np.ones(y.shape), create_graph=True)
    assert {x.grad.dtype for x in leaves} == {np.dtype(np.float32)}


def test_every_function_has_a_case() -> None:
    tested = {"slogdet", "eigh", "lstsq", "matrix_rank", "multi_dot", "eigvals", "expm"}
    tested |= set(matrix_equations.__all__)
    assert set(linalg.__all__) == {name for name, _, _ in CASES} | tested


# ---------------------------------------------------------------------------------------------------------------------
# Functions of several results
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [A, -A, STACK])
def test_slogdet(x: Any) -> None:
    for found in (linalg.slogdet(Tensor(x)), np.linalg.slogdet(Tensor(x)), linalg.slogdet(x)):
        np.testing.assert_array_equal(found.sign, np.linalg.slogdet(x).sign)
    np.testing.assert_allclose(linalg.slogdet(x).logabsdet, np.linalg.slogdet(x).logabsdet)
    check_function(lambda t: linalg.slogdet(t).logabsdet, x)


@pytest.mark.parametrize("x", [POSITIVE, POSITIVES, np.zeros((0, 2, 2)), np.zeros((0, 0))])
@pytest.mark.parametrize("triangle", ["L", "U"])
def test_eigh(x: Any, triangle: Any) -> None:
    values, vectors = np.linalg.eigh(Tensor(x), UPLO=triangle)
    np.testing.assert_allclose((vectors * np.expand_dims(values, -2) @ vectors.swapaxes(-1, -2)).numpy(), x)
    for part in ("eigenvalues", "eigenvectors"):
        check_function(lambda t, part=part: getattr(linalg.eigh((t + t.swapaxes(-1, -2)) / 2.0, triangle), part), x)


def test_functions_of_symmetric_matrices_are_those_of_the_symmetric_part() -> None:
    symmetric = (A + A.T) / 2.0
    lopsided = POSITIVE + np.tril(np.full(POSITIVE.shape, 0.125), -1) - np.triu(np.full(POSITIVE.shape, 0.125), 1)
    for x in (A, Tensor(A)):
        for triangle in ("L", "U"):
            np.testing.assert_allclose(to_numpy(linalg.eigvalsh(x, triangle)), np.linalg.eigvalsh(symmetric))
    for y in (lopsided, Tensor(lopsided)):
        np.testing.assert_allclose(to_numpy(linalg.cholesky(y)), np.linalg.cholesky(POSITIVE))
        np.testing.assert_allclose(to_numpy(linalg.cholesky(y, upper=True)), np.linalg.cholesky(POSITIVE).T)


@pytest.mark.parametrize("lopsided", [0.0, 0.25])
def test_the_slope_in_every_single_entry_is_the_measured_one(lopsided: float) -> None:
    x = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.25], [0.5, 0.25, 2.0]])
    x[0, 1] += lopsided
    for f in (
        linalg.cholesky,
        lambda t: linalg.cholesky(t, upper=True),
        linalg.eigvalsh,
        lambda t: list(linalg.eigh(t)),
    ):
        agree(f, x)


@pytest.mark.parametrize("x", [*MATRICES, np.zeros((0, 3)), np.zeros((3, 0)), np.zeros((0, 0))])
def test_qr(x: Any) -> None:
    wanted = np.linalg.qr(x)
    for found in (linalg.qr(Tensor(x)), np.linalg.qr(Tensor(x))):
        np.testing.assert_allclose(found.Q.numpy(), wanted[0], atol=1e-14)
        np.testing.assert_allclose(found.R.numpy(), wanted[1], atol=1e-14)
    check_function(lambda t: linalg.qr(t).Q, x)
    check_function(lambda t: linalg.qr(t).R, x)
    check_function(lambda t: linalg.qr(t).Q @ linalg.qr(t).R, x)


@pytest.mark.parametrize("x", [A, STACK, MATRIX.T, WIDE])
def test_complete_qr_where_it_is_determined(x: Any) -> None:
    found, wanted = np.linalg.qr(Tensor(x), "complete"), np.linalg.qr(x, "complete")
    np.testing.assert_allclose(found.Q.numpy(), wanted[0], atol=1e-14)
    np.testing.assert_allclose(found.R.numpy(), wanted[1], atol=1e-14)


@pytest.mark.parametrize("x", [*MATRICES, np.zeros((0, 3)), np.zeros((3, 0)), np.zeros((0, 0))])
def test_svd(x: Any) -> None:
    wanted = np.linalg.svd(x, full_matrices=False)
    for found in (linalg.svd(Tensor(x), False), np.linalg.svd(Tensor(x), full_matrices=False)):
        for ours, numpys in zip(found, wanted, strict=True):
            np.testing.assert_allclose(ours.numpy(), numpys, atol=1e-14)
    for part in ("U", "S", "Vh"):
        check_function(lambda t, part=part: getattr(linalg.svd(t, False), part), x)

    def rebuilt(t: Any) -> Any:
        u, s, vh = linalg.svd(t, False)
        return (u * np.expand_dims(s, -2)) @ vh

    np.testing.assert_allclose(rebuilt(Tensor(x)).numpy(), x, atol=1e-14)
    check_function(rebuilt, x)


def test_full_svd_of_square_matrices() -> None:
    for ours, numpys in zip(np.linalg.svd(Tensor(STACK)), np.linalg.svd(STACK), strict=True):
        np.testing.assert_allclose(ours.numpy(), numpys, atol=1e-14)


LOW_RANK = MATRIX @ np.array([[1.0, 0.0, 2.0, -1.0], [0.5, 1.0, -1.0, 0.25]])


@pytest.mark.parametrize("b", [VECTOR, MATRIX, A[:, :1], A[:, :0]])
@pytest.mark.parametrize("a", [A, MATRIX, A[:2].T @ A[:2], LOW_RANK, np.zeros((3, 0)), np.zeros((3, 2))])
def test_lstsq(a: Any, b: Any) -> None:
    wanted = np.linalg.lstsq(a, b, rcond=None)
    for found in (linalg.lstsq(Tensor(a), Tensor(b)), np.linalg.lstsq(Tensor(a), b), linalg.lstsq(a, b)):
        for ours, numpys in zip(found, wanted, strict=True):
            ours = ours.numpy() if isinstance(ours, Tensor) else ours
            assert np.shape(ours) == np.shape(numpys)
            np.testing.assert_allclose(ours, numpys, rtol=1e-10, atol=1e-12)
    if wanted[2] == min(a.shape):  # derivatives keep to matrices of that rank
        check_function(lambda a, b: linalg.lstsq(a, b)[0], a, b)
        check_function(lambda a, b: linalg.lstsq(a, b)[1], a, b)


def test_lstsq_drops_small_singular_values() -> None:
    a = np.diag([1.0, 1e-3, 1e-17])
    for rcond in (None, -1, 0.0, 1e-2):
        for ours, numpys in zip(linalg.lstsq(a, VECTOR, rcond), np.linalg.lstsq(a, VECTOR, rcond), strict=True):
            np.testing.assert_allclose(ours, numpys)


# ---------------------------------------------------------------------------------------------------------------------
# Where values meet, or are zero
# ---------------------------------------------------------------------------------------------------------------------


def gradient(f: Callable[[Any], Any], x: Any) -> Any:
    t = Tensor(x)
    f(t).backward()
    return t.grad


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (lambda x: linalg.svdvals(x).sum(), np.eye(3)),
        (lambda x: linalg.eigvalsh(x).sum(), np.eye(3)),
        (lambda x: linalg.norm(x, "nuc"), np.eye(3)),
        (lambda x: linalg.norm(x, 2), np.eye(3) / 3.0),  # several largest share the slope, as always with max
        (lambda x: linalg.norm(x, -2), np.eye(3) / 3.0),
        (lambda x: linalg.cond(x), np.zeros((3, 3))),
        (lambda x: linalg.pinv(x).sum(), -np.ones((3, 3))),
    ],
)
def test_equal_singular_values(f: Any, slope: Any) -> None:
    if f(np.eye(3)).ndim == 0:
        np.testing.assert_allclose(gradient(f, np.eye(3)), slope, atol=1e-12)
    t = Tensor(np.eye(3))
    y = f(t)
    np.testing.assert_allclose(tangents(topological_order(y), {t: A})[y], np.sum(slope * A), atol=1e-12)


def test_equal_values_have_slopes_forward() -> None:
    t = Tensor(np.eye(3))
    for f in (linalg.svdvals, linalg.eigvalsh):
        y = f(t)
        np.testing.assert_allclose(np.sum(tangents(topological_order(y), {t: A})[y]), np.trace(A))


@pytest.mark.parametrize("shape", [(3, 3), (3, 2), (2, 3)])
def test_singular_values_at_zero(shape: Any) -> None:
    slope = gradient(lambda x: linalg.svdvals(x).sum(), np.zeros(shape))
    np.testing.assert_allclose(np.linalg.svd(slope, compute_uv=False), np.ones(min(shape)))


def test_pinv_of_constant_rank() -> None:
    for x, rcond in ((A, 0.5), (STACK, np.array([0.5, 1e-15, 0.5])), (STACK, None)):
        wanted = np.linalg.pinv(x, 1e-15 if rcond is None else rcond)
        np.testing.assert_allclose(np.linalg.pinv(Tensor(x), rcond=rcond).numpy(), wanted)
    check_function(lambda b, c: linalg.pinv(b @ c, 1e-10), MATRIX, MATRIX.T)
    check_function(lambda b, c: linalg.lstsq(b @ c, VECTOR, 1e-10)[0], MATRIX, MATRIX.T)


SINGULAR = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [0.0, 1.0, -1.0]])


def test_determinant_of_a_singular_matrix() -> None:
    assert np.linalg.det(SINGULAR) == 0
    wanted = [[-10.0, 2.0, 2.0], [5.0, -1.0, -1.0], [0.0, 0.0, 0.0]]  # the cofactors, by hand
    np.testing.assert_allclose(gradient(linalg.det, SINGULAR), wanted, atol=1e-13)
    check_function(linalg.det, SINGULAR)
    check_function(linalg.det, np.stack([SINGULAR, A, np.diag([1.0, 0.0, -2.0])]))
    check_function(linalg.det, np.zeros((1, 1)))
    check_function(linalg.det, np.diag([1.0, 0.0, 0.0]), second=False)
    check_function(linalg.det, np.zeros((3, 3)), second=False)


@pytest.mark.parametrize("ord", [None, 2, 1, 0, 3, 1.5, 0.5, -1, np.inf, -np.inf])
def test_norms_at_the_origin(ord: Any) -> None:
    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(gradient(lambda x: linalg.norm(x, ord), np.zeros(3)), np.zeros(3))
        found = gradient(lambda x: linalg.norm(x, ord), np.array([0.0, 2.0]))
    smallest = ord in (0, -1, -np.inf)  # which |x2| does not reach, while x1 is zero
    np.testing.assert_allclose(found, [0.0, 0.0 if smallest else 1.0])


@pytest.mark.parametrize("ord", [None, 2, 1, 3, 1.5, 0.5, np.inf])
def test_the_slope_of_a_norm_at_the_origin_has_no_derivative(ord: Any) -> None:
    for f in (lambda x: linalg.norm(x, ord), lambda x: linalg.norm(x, ord) ** 2):
        assert np.isnan(hessian(f)(np.zeros(2))).any(axis=1).all()
        assert np.isnan(hvp(f, [np.zeros(2)], [np.array([1.0, 2.0])])[0]).all()


def test_norms_of_other_rows_keep_their_second_derivatives() -> None:
    x = np.array([[0.0, 0.0], [3.0, 4.0]])
    second = hessian(lambda x: np.sum(linalg.norm(x, axis=1)))(x)
    assert np.isnan(second[0, :, 0]).all()
    np.testing.assert_allclose(second[1, :, 1], [[16 / 125, -12 / 125], [-12 / 125, 9 / 125]])
    np.testing.assert_array_equal(second[1, :, 0], np.zeros((2, 2)))


@pytest.mark.parametrize(("ord", "second"), [(2, 0.5), (3, 0.0), (4, 0.0), (1, np.nan), (1.5, np.nan), (0.5, np.nan)])
def test_the_second_derivative_of_a_norm_where_one_number_is_zero(ord: float, second: float) -> None:
    np.testing.assert_equal(hessian(lambda x: linalg.norm(x, ord))(np.array([0.0, 2.0]))[0, 0], second)


def test_condition_numbers_without_end() -> None:
    for x in (np.zeros((2, 2)), np.diag([1.0, 0.0]), np.stack([np.zeros((2, 2)), np.eye(2)])):
        for p in (2, -2):
            np.testing.assert_array_equal(linalg.cond(Tensor(x), p).numpy(), np.linalg.cond(x, p))


# ---------------------------------------------------------------------------------------------------------------------
# Norms of everything that NumPy takes
# ---------------------------------------------------------------------------------------------------------------------


@given(
    shape=st.lists(st.integers(1, 3), max_size=3).map(tuple),
    ord=st.sampled_from([None, 0, 1, -1, 2, -2, 3, 0.5, -1.5, np.inf, -np.inf, "fro", "f", "nuc", "no"]),
    axis=st.sampled_from([None, 0, -1, 3, (0,), (0, 1), (-1, 0), (2, 1), (0, 0), (0, 1, 2), ()]),
    keepdims=st.booleans(),
    seed=st.integers(0, 99),
)
def test_norm_is_numpys(shape: Any, ord: Any, axis: Any, keepdims: bool, seed: int) -> None:
    x = np.random.default_rng(seed).integers(-2, 3, shape).astype(float)
    try:
        with np.errstate(divide="ignore"):  # of |x|**-1 where x is 0
            wanted = np.linalg.norm(x, ord, axis, keepdims)
    except ValueError as error:  # AxisError is one
        with pytest.raises(type(error)):
            np.linalg.norm(Tensor(x), ord, axis, keepdims)
        return
    found = np.linalg.norm(Tensor(x), ord, axis, keepdims)
    assert found.shape == np.shape(wanted)
    np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-12, atol=1e-12)


# ---------------------------------------------------------------------------------------------------------------------
# Products, readers, errors
# ---------------------------------------------------------------------------------------------------------------------


CHAIN = [A, MATRIX, MATRIX.T, A[:, :1]]


@pytest.mark.parametrize("xs", [CHAIN, CHAIN[:2], [VECTOR, *CHAIN], [*CHAIN[:3], VECTOR], [VECTOR, A, VECTOR]])
def test_multi_dot(xs: Any) -> None:
    found = np.linalg.multi_dot([*map(Tensor, xs)])
    np.testing.assert_allclose(found.numpy(), np.linalg.multi_dot(xs))
    assert found.shape == np.shape(np.linalg.multi_dot(xs))
    check_function(lambda *xs: linalg.multi_dot(xs), *xs)


def test_multi_dot_takes_the_cheapest_order() -> None:
    xs = [Tensor(np.ones(shape)) for shape in [(9, 1), (1, 9), (9, 1), (1, 9)]]
    products = [node.shape for node in topological_order(linalg.multi_dot(xs)) if node.op is not None]
    assert products == [(1, 1), (1, 9), (9, 9)] or products == [(1, 1), (9, 1), (9, 9)]


def test_matrix_rank_is_a_plain_number() -> None:
    assert np.linalg.matrix_rank(Tensor(SINGULAR)) == linalg.matrix_rank(SINGULAR) == 2
    np.testing.assert_array_equal(np.linalg.matrix_rank(Tensor(STACK), tol=2.0), np.linalg.matrix_rank(STACK, 2.0))


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda x: linalg.inv(x * 0.0), np.linalg.LinAlgError, "Singular"),
        (lambda x: linalg.cholesky(-x), np.linalg.LinAlgError, "positive definite"),
        (lambda x: gradient(lambda t: linalg.qr(t, "r").sum(), x.numpy() * 0.0), np.linalg.LinAlgError, "Singular"),
        (lambda x: np.linalg.svd(x[:2]), NotImplementedError, r"2 x 3 matrices .* use full_matrices=False"),
        (lambda x: np.linalg.svd(x, hermitian=True), NotImplementedError, r"takes \(x, full_matrices, compute_uv\)"),
        (lambda x: np.linalg.svd(x[0]), np.linalg.LinAlgError, "two-dimensional"),
        (lambda x: np.linalg.qr(x[:, :2], "complete"), NotImplementedError, 'use mode="reduced"'),
        (lambda x: np.linalg.qr(x, "raw"), NotImplementedError, "qr does not support mode='raw': use \"reduced\""),
        (lambda x: np.linalg.qr(x[0]), np.linalg.LinAlgError, r"two axes or more, but this has the shape \(3,\)"),
        (lambda x: np.linalg.eigh(x, "no"), ValueError, "UPLO"),
        (lambda x: np.linalg.eig(x), NotImplementedError, "np.linalg.eig does not support Tensors"),
        (lambda x: np.linalg.cond(x[:0]), np.linalg.LinAlgError, r"empty matrices, of shape \(0, 3\)"),
        (lambda x: np.linalg.cond(x[0]), np.linalg.LinAlgError, "two axes or more"),
        (lambda x: np.linalg.cond(x, "no"), ValueError, '"fro", "nuc", 2, -2, 1, -1, inf or -inf for ord, not \'no\''),
        (lambda x: np.linalg.cond(x * 0.0, 1), np.linalg.LinAlgError, "Singular"),
        (lambda x: np.linalg.norm(x, 3), ValueError, '"fro", "nuc", 2, -2, 1, -1, inf or -inf for ord, not 3'),
        (lambda x: np.linalg.norm(x[0], "fro"), ValueError, "a number for ord, not 'fro'"),
        (lambda x: np.linalg.norm(x[None], 2), ValueError, "one axis or two, not 3: say which"),
        (lambda x: np.linalg.lstsq(x[None], x), np.linalg.LinAlgError, "lstsq takes one matrix"),
        (lambda x: np.linalg.tensorinv(x, 0), ValueError, "ind must be positive"),
        (lambda x: linalg.multi_dot([x]), ValueError, r"two matrices or more, not arrays of shapes \[\(3, 3\)\]"),
        (lambda x: linalg.multi_dot([x, x[0], x]), ValueError, "two matrices or more"),
        (lambda x: linalg.vecdot(x, x[:, :1]), ValueError, "mismatch"),
        (lambda x: linalg.norm(np.array([1j])), TypeError, "real numbers, not an array of complex128"),
    ],
)
def test_errors(call: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        call(Tensor(A))


@pytest.mark.parametrize(
    "matrix",
    [
        np.zeros((2, 2)),
        np.zeros((3, 3)),
        np.outer([1.0, 2.0, 3.0], [1.0, -1.0, 2.0]),
        np.diag([1.0, 2.0, 0.0, 0.0]),
        np.diag([1.0, 2.0, 3.0, 0.0]),
    ],
    ids=["zeros 2", "zeros 3", "rank 1 of 3", "rank 2 of 4", "rank 3 of 4"],
)
def test_second_derivatives_of_det_at_singular_matrices(matrix: Any) -> None:
    sympy = pytest.importorskip("sympy")
    n = len(matrix)
    entries = sympy.symbols(f"x0:{n * n}")
    determinant = sympy.Matrix(n, n, entries).det(method="berkowitz")
    second = sympy.lambdify(entries, sympy.hessian(determinant, entries))(*matrix.ravel())
    found = hessian(linalg.det)(matrix).reshape(n * n, n * n)
    np.testing.assert_allclose(found, np.array(second, float), atol=1e-12)
