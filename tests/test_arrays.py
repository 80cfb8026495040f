"""Array operations: NumPy's values, and derivatives in both directions and to second order against differences."""

from __future__ import annotations

import copy
import inspect
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, basic_indices, integer_array_indices

from autograd import PRIMITIVES, GraphLeftError, Value, grad, hessian, hvp, jvp, linalg, relu, rules
from autograd.arrays import functions, methods_writer, operations, reductions, stacking, statistics
from autograd.arrays.array_operation import ARRAY_OPERATIONS
from autograd.arrays.stacking import stack
from autograd.arrays.tensor import Tensor
from autograd.testing import agree, check_function

pytestmark = pytest.mark.same_in_both_modes

rng = np.random.default_rng(7)


def numbers(*shape: int) -> np.ndarray:
    """Distinct numbers without a zero, far enough from each other for differences."""
    n = int(np.prod(shape, dtype=int))
    return (rng.permutation(n) + 1.0 + rng.uniform(-0.2, 0.2, n)).reshape(shape) * 0.3 - 0.31 * (n // 2)


V, W, M, N, C = numbers(4), numbers(4), numbers(3, 4), numbers(4, 2), numbers(2, 3, 4)
S, E = np.array(0.75), np.zeros((0, 3))
K = numbers(3, 3, 4)
COUNTED = np.indices(K.shape).sum(0) % 3 != 0
PICKS = np.argsort(numbers(3, 4), axis=1)

AXES = [{}, {"axis": 0}, {"axis": -1}, {"axis": (0, 2)}, {"axis": (-1, 0), "keepdims": True}, {"keepdims": True}]
WHERE = ["sum", "mean", "prod", "var", "std", "nansum", "nanmean", "nanprod", "nanvar", "nanstd"]
INITIAL = ["sum", "prod", "max", "min", "nansum", "nanprod", "nanmax", "nanmin"]
REDUCTIONS = ["sum", "mean", "prod", "max", "min", "var", "std", "nansum", "nanmean", "ptp"]

CASES: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    *[(name, (C,), options) for name in REDUCTIONS for options in AXES],
    *[(name, (V,), {}) for name in REDUCTIONS],
    *[(name, (C[:, ::2, ::-1].T,), {"axis": 1}) for name in REDUCTIONS],  # not contiguous
    *[(name, (S,), {}) for name in ("sum", "mean", "prod", "max", "min")],
    *[(name, (E,), {"axis": 0}) for name in ("sum", "prod", "nansum")],
    *[(name, (M,), {"ddof": 1, "axis": 1}) for name in ("var", "std")],
    *[
        (name, (K, *axis), {"where": COUNTED, **options})
        for name in WHERE
        for axis, options in (((), {}), ((0,), {}), ((-1,), {"keepdims": True}), (((0, 2),), {}))
    ],
    *[(name, (C,), {"initial": -0.3, **options}) for name in INITIAL for options in AXES],
    *[(name, (C,), {"initial": 0.1, "where": C[0] > 0, **options}) for name in INITIAL for options in AXES],
    *[(name, (E,), {"initial": 0.7, "axis": 0}) for name in INITIAL],
    *[(name, (C,), {"correction": 2, "axis": (0, 1)}) for name in ("var", "std")],
    *[(name, (M,), {"mean": M.mean(1, keepdims=True).astype(np.float32), "axis": 1}) for name in ("var", "std")],
    *[("median", (x,), options) for x in (V, M, C) for options in ({}, {"axis": 0}, {"axis": -1, "keepdims": True})],
    ("median", (C,), {"axis": (0, 2), "keepdims": True}),
    ("average", (M,), {}),
    ("average", (M, 1, W**2), {}),
    ("average", (M, None, M**2), {}),
    ("average", (C, (2, 0), numbers(4, 2) ** 2), {"keepdims": True}),
    *[(name, (C, axis), {}) for name in ("cumsum", "cumprod") for axis in (None, 0, -1)],
    *[("diff", (C,), options) for options in ({}, {"n": 2}, {"axis": 0}, {"n": 0})],
    *[("diff", (V,), options) for options in ({"prepend": 1.0}, {"append": [1.0, 2.0]}, {"n": 2, "prepend": W})],
    ("trapezoid", (M,), {}),
    ("trapezoid", (M, None, 0.5, 0), {}),
    ("trapezoid", (M, W), {}),
    ("trapezoid", (M, numbers(3)), {"axis": 0}),
    ("reshape", (C, (4, -1)), {}),
    ("reshape", (S, (1, 1)), {}),
    ("ravel", (C.T,), {}),
    *[("transpose", (C, axes), {}) for axes in (None, (1, 2, 0), (-1, 0, 1))],
    ("swapaxes", (C, 0, -1), {}),
    ("moveaxis", (C, 0, -1), {}),
    ("moveaxis", (C, (0, 1), (-1, 0)), {}),
    ("rollaxis", (C, 2), {}),
    ("squeeze", (numbers(1, 3, 1),), {}),
    ("squeeze", (numbers(1, 3, 1),), {"axis": -1}),
    ("expand_dims", (M, (0, -1)), {}),
    ("broadcast_to", (V, (2, 3, 4)), {}),
    *[("flip", (C, axis), {}) for axis in (None, 0, (1, -1))],
    ("fliplr", (M,), {}),
    ("flipud", (M,), {}),
    *[("rot90", (M, k), {}) for k in (1, 2, -1)],
    *[("roll", (C, 2, axis), {}) for axis in (None, 1)],
    ("roll", (C, (1, -2), (0, 2)), {}),
    *[("tile", (M, reps), {}) for reps in (2, (2, 1), (2, 1, 3))],
    *[("repeat", (M, 2), {"axis": axis}) for axis in (None, 1)],
    ("repeat", (V, [0, 1, 2, 1]), {}),
    *[("pad", (M, width), {}) for width in (1, (1, 2), ((1, 2),), ((0, 1), (2, 0)))],
    ("pad", (M, 1), {"constant_values": 7.0}),
    *[("pad", (M[:1, None], 1), {}), ("pad", (M[:, :1], 1), {})],  # axes of length 1
    *[("pad", (M, 1), {"mode": mode}) for mode in ("edge", "reflect", "symmetric", "wrap")],
    *[(name, (x, k), {}) for name in ("tril", "triu") for x, k in ((M, 0), (C, 1), (M, -1))],
    *[("diag", (x, k), {}) for x in (V, M) for k in (0, 1, -1)],
    *[("diagonal", (C, *where), {}) for where in ((), (1,), (0, 1, 2))],
    *[("trace", (C, *where), {}) for where in ((), (1, 1, 2))],
    ("take", (V, [0, 0, 3]), {}),
    ("take", (M, np.array([[0, 0], [2, -1]])), {"axis": 1}),
    *[("take", (V, [5, -7, 1]), {"mode": mode}) for mode in ("wrap", "clip")],
    ("take_along_axis", (M, PICKS, 1), {}),
    *[("sort", (M, axis), {}) for axis in (None, 0, -1)],
    ("clip", (M, -0.5, 0.5), {}),
    ("clip", (M, None, 0.5), {}),
    ("clip", (M,), {"min": -0.5, "max": 0.5}),
    ("nan_to_num", (M,), {}),
    ("where", (M > 0, M, 2.0), {}),
    ("concatenate", ([M, N.T, M],), {}),
    ("concatenate", ([M, np.ones((3, 1)), M],), {"axis": -1}),
    ("concatenate", ([M, V],), {"axis": None}),
    *[("stack", ([M, M, M + 1],), {"axis": axis}) for axis in (0, 1, -1)],
    *[(name, (xs,), {}) for name in ("vstack", "hstack", "dstack") for xs in ([V, W], [M, M * M], [C, C])],
    ("hstack", ([S, V],), {}),
    *[("matmul", pair, {}) for pair in ((V, W), (M, V), (V, N), (M, N), (C, N), (V, numbers(2, 4, 3)), (C, W))],
    ("matmul", (numbers(2, 1, 3, 4), numbers(5, 4, 2)), {}),
    *[("dot", pair, {}) for pair in ((V, W), (M, V), (M, N), (C, N), (M, numbers(2, 4, 3)), (S, M), (V, S))],
    *[("inner", pair, {}) for pair in ((V, W), (M, V), (C, M), (S, M))],
    *[("outer", pair, {}) for pair in ((V, W), (M, N))],
    *[("vdot", pair, {}) for pair in ((V, W), (M, M + 1))],
    *[("tensordot", (C, C, axes), {}) for axes in (0, 3, (2, 2), ([0, 2], [0, -1]))],
    ("tensordot", (C, numbers(3, 4, 2)), {}),
    *[("kron", pair, {}) for pair in ((V, W), (M, N), (V, M))],
    *[("cross", (numbers(*a), numbers(*b)), options) for a, b, options in (((3,), (3,), {}), ((2, 3), (3,), {}))],
    ("cross", (numbers(3, 2), numbers(3, 2)), {"axis": 0}),
    ("cross", (numbers(3, 2), numbers(2, 3)), {"axisa": 0, "axisc": 0}),
    ("einsum", (M, [0, 1], N, [1, 2], [2, 0]), {}),
    ("einsum", (M, [0, 1], N, [1, 2]), {"optimize": True}),
    ("einsum", ("ij,jk", M, N), {"optimize": "greedy"}),
    *[
        ("einsum", (subscripts, *operands), {})
        for subscripts, *operands in (
            ("ij,jk->ik", M, N),
            ("ij,jk", M, N),
            ("ji", M),
            ("i,i", V, W),
            ("ii", M[:, :3]),
            ("ii->i", M[:, :3]),
            ("ij->", M),
            ("ij,k->i", M, V),
            ("iij,j->i", numbers(3, 3, 2), numbers(2)),
            ("...ij,...jk->...ik", C, N),
            ("b...,...", C, M),
            ("i, j, k -> kji", V, numbers(2), numbers(3)),
            ("...", S),
        )
    ],
]


def floats(args: Any) -> list[np.ndarray]:
    """All arrays of floats among the arguments."""
    found = []
    for x in args:
        if isinstance(x, np.ndarray) and x.dtype.kind == "f":
            found.append(x)
        elif isinstance(x, list):
            found += floats(x)
    return found


def put_in(args: Any, xs: Any) -> list[Any]:
    """The arguments with others for the arrays of floats, taken in order from the iterator ``xs``."""
    if isinstance(args, (list, tuple)) and floats(args):
        return [put_in(x, xs) if isinstance(x, list) else next(xs) if floats([x]) else x for x in args]
    return args


def ours(name: str) -> Any:
    modules = (operations, reductions, functions, statistics, stacking)
    return next(getattr(module, name) for module in modules if name in module.__all__)


def case_name(case: Any) -> str:
    name, args, options = case
    shown = [str(x.shape) for x in floats(args)] + [str(x) for x in args if not floats([x])]
    return f"{name}-{','.join(shown)}-{options}"[:60]


each_case = pytest.mark.parametrize(("name", "args", "options"), CASES, ids=map(case_name, CASES))


@each_case
def test_values_are_numpys_under_both_names(name: str, args: Any, options: Any) -> None:
    if not hasattr(np, name):
        pytest.skip(f"this NumPy has no {name}")
    wanted = getattr(np, name)(*args, **options)
    if name == "cross" and np.ndim(args[0]) == 1:
        wanted = np.array(wanted)
    given = put_in(args, map(Tensor, floats(args)))
    for found in (ours(name)(*given, **options), getattr(np, name)(*given, **options)):
        assert type(found) is Tensor
        np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-13, atol=1e-13)
        assert found.shape == np.shape(wanted)
    np.testing.assert_allclose(ours(name)(*args, **options), wanted, rtol=1e-13, atol=1e-13)


@each_case
def test_derivatives(name: str, args: Any, options: Any) -> None:
    check_function(lambda *xs: ours(name)(*put_in(args, iter(xs)), **options), *floats(args))


@each_case
def test_float32_is_kept(name: str, args: Any, options: Any) -> None:
    leaves = [Tensor(x.astype(np.float32)) for x in floats(args)]
    y = ours(name)(*put_in(args, iter(leaves)), **options)
    assert y.dtype == np.float32
    y.backward(np.ones(y.shape), create_graph=True)
    assert {x.grad.dtype for x in leaves} == {np.dtype(np.float32)}


UNUSED = np.array([[1.0, np.nan, 3.0, 4.5], [np.inf, 2.0, 7.0, -np.inf], [np.inf, np.nan, np.nan, -np.inf]])
"""Numbers, some of which are not finite; all of those in the last row."""


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, of empty slices
@pytest.mark.parametrize("name", [*WHERE, "max", "min", "nanmax", "nanmin"])
def test_numbers_that_do_not_count_are_not_used(name: str) -> None:
    counted = np.isfinite(UNUSED)
    counted[0, 2] = False
    options: dict[str, Any] = {"initial": 0.5} if name in INITIAL else {}
    found = agree(lambda x: ours(name)(x, 1, where=counted, **options)[:2], UNUSED)
    np.testing.assert_array_equal(found.gradient.reshape(UNUSED.shape)[~counted], 0.0)
    assert np.isfinite(found.gradient).all()
    wanted = getattr(np, name)(np.where(counted, UNUSED, 0.0), 1, where=counted, **options)
    np.testing.assert_allclose(ours(name)(Tensor(UNUSED), 1, where=counted, **options).numpy(), wanted)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_numpys_order_of_arguments() -> None:
    x = Tensor(C)
    for found, wanted in (
        (np.sum(x, 0, None, None, True), np.sum(C, 0, None, None, True)),
        (np.sum(x, 0, None, None, False, 2.0, C > 0), np.sum(C, 0, None, None, False, 2.0, C > 0)),
        (np.max(x, 0, None, True, 0.2, C > 0), np.max(C, 0, None, True, 0.2, C > 0)),
        (np.std(x, 0, None, None, 1), np.std(C, 0, None, None, 1)),
        (np.var(x, 0, None, None, 1, True), np.var(C, 0, None, None, 1, True)),
        (np.median(x, 0, None, False, True), np.median(C, 0, None, False, True)),
        (np.quantile(x, 0.3, 0, None, False, "hazen"), np.quantile(C, 0.3, 0, None, False, method="hazen")),
        (np.clip(x, None, 0.5, None), np.clip(C, None, 0.5, None)),
        (np.take(x, [1], 2, None, "wrap"), np.take(C, [1], 2, None, "wrap")),
        (np.concatenate([x, C], 1, None), np.concatenate([C, C], 1, None)),
        (np.average(x, 0, None, True)[1], np.average(C, 0, None, True)[1]),
    ):
        np.testing.assert_array_equal(np.shape(found), wanted.shape)
        np.testing.assert_allclose(found.data if isinstance(found, Tensor) else found, wanted, rtol=1e-12)


def test_the_type_to_compute_in() -> None:
    x = Tensor(C.astype(np.float32))
    for call in (
        lambda x: np.sum(x, 0, float),
        lambda x: np.cumsum(x, 0, float),
        lambda x: np.trace(x, 0, 1, 2, float),
        lambda x: np.mean(x, dtype=float),
        lambda x: np.std(x, 1, float),
        lambda x: np.nanmean(x, dtype=float),
        lambda x: np.concatenate([x, x], dtype=float),
        lambda x: np.vstack([x, x], dtype=float),
    ):
        found = call(x)
        assert found.dtype == np.float64
        np.testing.assert_allclose(found.numpy(), call(x.numpy()), rtol=1e-13)
        found.sum().backward()
        assert x.grad.dtype == np.float32


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: np.sum(x, 0, int), TypeError, "float32 or float64, not int64"),
        (lambda x: np.sum(x, where=[0, 1, 1, 0]), TypeError, "bools, such as x > 0, not int64"),
        (lambda x: np.sum(x, out=np.zeros(())), NotImplementedError, r"with out= does not .* y = np.sum\(...\)"),
        (lambda x: np.sum(x, 0, None, np.zeros(4)), NotImplementedError, r"with out= does not .* y = np.sum\(...\)"),
        (lambda x: np.exp(x, np.zeros((3, 4))), NotImplementedError, r"with out= does not .* y = np.exp\(...\)"),
        (lambda x: np.exp(x, where=M > 0), NotImplementedError, r"np.where\(condition, np.exp\(...\), otherwise\)"),
        (lambda x: np.exp(x, dtype=np.float32), NotImplementedError, r"np.exp\(...\).astype\(dtype\)"),
        (lambda x: np.add.reduce(x), NotImplementedError, "use np.sum"),
        (lambda x: M.T.dot(x), GraphLeftError, r"a @ t or np.dot\(a, t\) for a.dot\(t\)"),
        (lambda x: np.r_[x[0], 1.0], GraphLeftError, "autograd.stack, array, r_ and c_ to join"),
        (lambda x: np.unique(x), NotImplementedError, "for its value alone read t.data"),
        (lambda x: np.nextafter(x, 3.0), NotImplementedError, "or read t.data"),
        (lambda x: np.max(x, where=M > 0), ValueError, "needs initial="),
        (lambda x: np.std(x, ddof=1, correction=1), ValueError, "two names for one number"),
        (lambda x: np.clip(x, 0.0, max=1.0), ValueError, "not as both"),
        (lambda x: np.average(x, 0, [1.0]), ValueError, "do not fit axis=0"),
        (lambda x: np.ravel(x, "F"), NotImplementedError, r"takes \(x\)"),
    ],
)
def test_arguments_that_are_refused(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(Tensor(M))


def test_every_function_of_numpy_has_a_case() -> None:
    lists = {"array_split", "split", "hsplit", "vsplit", "dsplit", "meshgrid"}
    tested = {name for name, _, _ in CASES} | lists | {"astype", "logsumexp", "softmax", "log_softmax", "partition"}
    assert {*operations.__all__, *reductions.__all__, *functions.__all__, *stacking.__all__} == tested - {
        *statistics.__all__
    }


# ---------------------------------------------------------------------------------------------------------------------
# Functions that NumPy does not have, or has elsewhere, or that return several arrays
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", AXES)
def test_logsumexp(options: Any) -> None:
    wanted = np.log(np.sum(np.exp(C), **options))
    found = operations.logsumexp(C, **options)
    np.testing.assert_allclose(found, wanted, rtol=1e-13)
    assert found.shape == wanted.shape
    check_function(lambda x: operations.logsumexp(x, **options), C)


def test_logsumexp_and_softmax_at_the_ends() -> None:
    x = Tensor([1000.0, 1000.0, -1e308, -np.inf])
    y = operations.logsumexp(x)
    y.backward()
    assert y.item() == pytest.approx(1000.0 + np.log(2.0), abs=1e-12)
    np.testing.assert_array_equal(x.grad, [0.5, 0.5, 0.0, 0.0])
    np.testing.assert_array_equal(operations.softmax(x).numpy(), [0.5, 0.5, 0.0, 0.0])
    np.testing.assert_allclose(operations.log_softmax(x).numpy()[:2], [-np.log(2.0)] * 2)
    none = Tensor([-np.inf, -np.inf])
    total = operations.logsumexp(none)
    total.backward()
    assert total.item() == -np.inf
    np.testing.assert_array_equal(none.grad, [0.0, 0.0])


def test_by_default_softmax_is_along_the_last_axis() -> None:
    wanted = np.exp(C) / np.sum(np.exp(C), axis=2, keepdims=True)
    np.testing.assert_allclose(operations.softmax(C), wanted, rtol=1e-13)
    np.testing.assert_allclose(operations.log_softmax(C), np.log(wanted), rtol=1e-12)


@pytest.mark.parametrize("axis", [0, -1, (0, 2), None])
def test_softmax(axis: Any) -> None:
    wanted = np.exp(C) / np.sum(np.exp(C), axis=axis, keepdims=True)
    np.testing.assert_allclose(operations.softmax(C, axis), wanted, rtol=1e-13)
    np.testing.assert_allclose(operations.log_softmax(C, axis), np.log(wanted), rtol=1e-12)
    check_function(lambda x: operations.softmax(x, axis), C)
    check_function(lambda x: operations.log_softmax(x, axis), C)


@pytest.mark.parametrize("ord", [None, 1, 2, 3, 1.5, np.inf, -np.inf])
@pytest.mark.parametrize("options", [{"axis": 0}, {"axis": -1, "keepdims": True}])
def test_norm_of_vectors(ord: Any, options: Any) -> None:
    found = np.linalg.norm(Tensor(M), ord, **options)
    np.testing.assert_allclose(found.numpy(), np.linalg.norm(M, ord, **options))
    check_function(lambda x: linalg.norm(x, ord, **options), M)


@pytest.mark.parametrize(("x", "ord"), [(M, None), (M, "fro"), (V, 2), (C, None)])
def test_norm_of_everything(x: Any, ord: Any) -> None:
    np.testing.assert_allclose(np.linalg.norm(Tensor(x), ord).numpy(), np.linalg.norm(x, ord))
    check_function(lambda t: linalg.norm(t, ord), x)


@pytest.mark.parametrize("x", [M, C])
def test_norm_of_matrices(x: Any) -> None:
    found = linalg.matrix_norm(x)
    np.testing.assert_allclose(found, np.linalg.matrix_norm(x))
    assert found.shape == x.shape[:-2]
    check_function(linalg.matrix_norm, x)


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0, -1.0, 3.0])
def test_a_factor_is_the_slope(factor: float) -> None:
    for f in (lambda x: factor * x, lambda x: x * np.float64(factor), lambda x: x / (1.0 / factor)):
        np.testing.assert_allclose(grad(lambda x, f=f: np.sum(f(x)))(V), np.full(4, factor), rtol=1e-15)


def test_norm_at_the_origin() -> None:
    x = Tensor(np.zeros(3))
    linalg.norm(x).backward()
    np.testing.assert_array_equal(x.grad, np.zeros(3))
    assert jvp(linalg.norm, (np.zeros(3),), (np.ones(3),))[1] == 0.0  # without a warning


@pytest.mark.parametrize("x", [[0.6, 0.8], [0.0, -1.0], [1.0]])
def test_the_gradient_of_a_norm_is_the_unit_vector(x: list[float]) -> None:
    for length in (1.0, 2.0, 0.25):
        np.testing.assert_array_equal(grad(linalg.norm)(length * np.array(x)), x)


SPLITS = [
    ("split", (C, 2, 2)),
    ("split", (C, [1, 3], -1)),
    ("array_split", (V, 3)),
    ("array_split", (M, [0, 5], 1)),
    ("vsplit", (M, 3)),
    ("hsplit", (M, 2)),
    ("hsplit", (V, [1])),
    ("dsplit", (C, 2)),
    ("meshgrid", (V, W[:2])),
    ("meshgrid", (V, W[:2], W[:3])),
]


@pytest.mark.parametrize(("name", "args"), SPLITS, ids=lambda x: x if isinstance(x, str) else "")
def test_functions_that_return_several(name: str, args: Any) -> None:
    wanted = getattr(np, name)(*args)
    given = put_in(args, map(Tensor, floats(args)))
    for found in (ours(name)(*given), getattr(np, name)(*given)):
        assert len(found) == len(wanted)
        for a, b in zip(found, wanted, strict=True):
            np.testing.assert_array_equal(a.numpy(), b)
    for place in range(len(wanted)):
        check_function(lambda *xs, place=place: ours(name)(*put_in(args, iter(xs)))[place] ** 2, *floats(args))


def test_meshgrid_by_matrix_indices() -> None:
    for a, b in zip(np.meshgrid(Tensor(V), Tensor(W), indexing="ij"), np.meshgrid(V, W, indexing="ij"), strict=True):
        np.testing.assert_array_equal(a.numpy(), b)


def test_partition() -> None:
    part = np.partition(Tensor(M), 1, axis=1)
    np.testing.assert_array_equal(np.sort(part.numpy()[:, :2]), np.sort(M)[:, :2])
    check_function(lambda x: functions.partition(x, 1) ** 2, M)


def test_astype() -> None:
    x = Tensor(M)
    y = x.astype(np.float32)
    (y * y).sum().backward()
    assert (y.dtype, x.grad.dtype) == (np.float32, np.float64)
    np.testing.assert_allclose(x.grad, 2 * M, rtol=1e-6)
    with pytest.raises(TypeError, match="float32 or float64, not complex128"):
        x.astype(complex)
    whole = x.astype(np.int64)  # a staircase, as int(x) is: its derivative is 0
    assert (type(whole), whole.dtype) == (np.ndarray, np.int64)
    np.testing.assert_array_equal(whole, M.astype(np.int64))


# ---------------------------------------------------------------------------------------------------------------------
# Ties, zeros and nan
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("f", [reductions.max, reductions.min])
def test_ties_share_evenly(f: Any) -> None:
    x = Tensor([[1.0, 1.0, 1.0, 1.0], [2.0, 5.0, 2.0, 5.0]])
    f(x, axis=1).backward([1.0, 1.0])
    share = [0.0, 0.5, 0.0, 0.5] if f is reductions.max else [0.5, 0.0, 0.5, 0.0]
    np.testing.assert_array_equal(x.grad, [[0.25] * 4, share])


@pytest.mark.parametrize("f", [reductions.max, reductions.min])
@pytest.mark.parametrize("square", [lambda x: x**2, lambda x: x])
def test_the_share_of_a_tie_has_no_derivative_and_that_of_other_rows_has(f: Any, square: Any) -> None:
    sign = 1.0 if f is reductions.max else -1.0
    x = sign * np.array([[1.0, 1.0, 0.0], [2.0, 5.0, 3.0]])

    def total(x: Any) -> Any:
        return np.sum(square(f(x, axis=1)))

    second = hessian(total)(x)
    wanted = np.zeros((2, 3, 2, 3))
    wanted[0, :2, 0, :2] = np.nan
    wanted[1, 1, 1, 1] = second[1, 1, 1, 1]
    np.testing.assert_array_equal(second, wanted)
    assert second[1, 1, 1, 1] == (2.0 if square(3.0) == 9.0 else 0.0)
    [pushed] = hvp(total, [x], [np.ones_like(x)])
    np.testing.assert_array_equal(pushed, [[np.nan, np.nan, 0.0], [0.0, second[1, 1, 1, 1], 0.0]])


def test_a_network_of_relus_has_a_hessian_where_its_biases_are_zero() -> None:
    inputs, targets = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0.0, 1.0, 1.0, 0.0])

    def loss(w: Any, b: Any, v: Any) -> Any:
        return np.sum((relu(inputs @ w + b) @ v - targets) ** 2)

    blocks = hessian(loss, (0, 1, 2))(np.array([[1.0, -1.0], [1.0, -1.0]]), np.zeros(2), np.array([1.0, 2.0]))
    assert all(np.isfinite(block).all() for row in blocks for block in row)


@pytest.mark.parametrize("n", [4, 16, 1000])
def test_equal_numbers_keep_their_order(n: int) -> None:
    x, places = Tensor(np.repeat([2.0, 1.0], n)), np.arange(2.0 * n)
    functions.sort(x).backward(places)
    np.testing.assert_array_equal(x.grad, np.concatenate([places[n:], places[:n]]))


def test_what_is_not_the_largest_receives_nothing() -> None:
    x = Tensor([1.0, 2.0])
    reductions.max(x).backward(np.inf)
    np.testing.assert_array_equal(x.grad, [0.0, np.inf])


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
@pytest.mark.parametrize("tiny", [1e-3, 1e-16, 1e-200, 1e-320, 0.0])
@pytest.mark.parametrize("f", [reductions.prod, statistics.nanprod])
def test_second_derivatives_of_a_product_keep_their_digits_beside_a_small_number(f: Any, tiny: float) -> None:
    x, t = np.array([tiny, 3.0, -0.7, 1.5]), np.array([1.0, -2.0, 0.5, 3.0])
    second = [[0.0 if i == j else np.prod(np.delete(x, [i, j])) for j in range(4)] for i in range(4)]
    for found in (hvp(f, (x,), (t,))[0], grad(lambda x: np.dot(grad(f)(x), t))(x)):
        np.testing.assert_allclose(found, second @ t, rtol=1e-14)


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
@pytest.mark.parametrize("x", [[1e-200, 1e-200, 1e200], [1e200, 1e200, 1e-200], [np.inf, 2.0, 3.0]])
def test_slopes_of_a_product_that_overflows_or_underflows_are_those_of_the_others(x: Any) -> None:
    others = [x[1] * x[2], x[0] * x[2], x[0] * x[1]]
    assert grad(reductions.prod)(np.array(x)).tolist() == others


@pytest.mark.parametrize("x", [[2.0, 0.0, 3.0], [0.0, 2.0, 0.0], [0.0, 0.0, 0.0, 0.0], [0.0]])
@pytest.mark.parametrize("f", [reductions.prod, functions.cumprod])
def test_products_with_zeros(x: Any, f: Any) -> None:
    check_function(f, np.array(x))
    check_function(lambda t: f(t.reshape(1, -1, 1) * np.ones((2, 1, 1)), axis=1), np.array(x))


@pytest.mark.parametrize("f", [operations.logsumexp, operations.euclidean_norm])
def test_where_the_value_is_nan_the_slope_is_not_silently_zero(f: Any) -> None:
    x = Tensor([[1.0, np.nan], [3.0, 4.0]])
    f(x, axis=1).backward([1.0, 1.0])
    np.testing.assert_array_equal(np.isnan(x.grad), [[True, True], [False, False]])


def test_nan_functions() -> None:
    x = Tensor([[1.0, np.nan], [3.0, 5.0]])
    np.nanmean(x, axis=1).backward([1.0, 1.0])
    np.testing.assert_array_equal(x.grad, [[1.0, 0.0], [0.5, 0.5]])
    x.grad = None
    np.nansum(x).backward()
    np.testing.assert_array_equal(x.grad, [[1.0, 0.0], [1.0, 1.0]])
    assert np.isnan(functions.median(x).item())
    y = Tensor([np.nan, np.inf, -np.inf, 2.0])
    z = np.nan_to_num(y, nan=1.0, neginf=-7.0)
    z.backward(np.ones(4))
    np.testing.assert_array_equal(z.numpy(), [1.0, np.finfo(float).max, -7.0, 2.0])
    np.testing.assert_array_equal(y.grad, [0.0, 0.0, 0.0, 1.0])


# ---------------------------------------------------------------------------------------------------------------------
# Indexing
# ---------------------------------------------------------------------------------------------------------------------


@given(data=st.data(), shape=array_shapes(max_dims=3, max_side=4))
def test_basic_indices(data: Any, shape: tuple[int, ...]) -> None:
    index = data.draw(basic_indices(shape, allow_newaxis=True, allow_ellipsis=True))
    x = np.arange(1.0, 1.0 + np.prod(shape)).reshape(shape)
    np.testing.assert_array_equal(Tensor(x)[index].numpy(), x[index])
    check_function(lambda t: t[index] ** 2, x)


@given(data=st.data(), shape=array_shapes(max_dims=3, max_side=3))
def test_arrays_of_indices(data: Any, shape: tuple[int, ...]) -> None:
    index = data.draw(integer_array_indices(shape))
    x = np.arange(1.0, 1.0 + np.prod(shape)).reshape(shape)
    np.testing.assert_array_equal(Tensor(x)[index].numpy(), x[index])
    check_function(lambda t: t[index] ** 2, x)


@pytest.mark.parametrize(
    "index",
    [
        [0, 0, 2],
        (slice(None), [1, 1, 1, 0]),
        ([0, 2], slice(1, 3)),
        (None, [[0], [1]], [2, 3]),
        M > 0,
        (slice(None), V > 0),
        (..., -1),
        [],
        np.int64(1),
        True,
    ],
    ids=str,
)
def test_kinds_of_indices(index: Any) -> None:
    np.testing.assert_array_equal(Tensor(M)[index].numpy(), M[index])
    check_function(lambda t: t[index] ** 2, M)


def test_what_is_broadcast_to_nothing_receives_nothing() -> None:
    for x in (Tensor([1.0]), Tensor([[1.0], [2.0]])):
        y = x * np.zeros(0)
        y.backward(np.zeros(y.shape))
        np.testing.assert_array_equal(x.grad, np.zeros(x.shape))


def test_picked_twice_receives_twice() -> None:
    x = Tensor([1.0, 2.0, 3.0])
    x[[0, 0, 2]].backward([1.0, 10.0, 100.0])
    np.testing.assert_array_equal(x.grad, [11.0, 0.0, 100.0])


def test_an_index_is_as_it_was() -> None:
    x, index = Tensor([1.0, 2.0]), np.array([0, 0])
    y = x[index]
    index[...] = 1
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [2.0, 0.0])


# ---------------------------------------------------------------------------------------------------------------------
# Rows and errors
# ---------------------------------------------------------------------------------------------------------------------


def test_methods() -> None:
    x = Tensor(C)
    for name in ("sum", "mean", "prod", "max", "min", "var", "std", "cumsum", "ptp", "squeeze", "ravel", "flatten"):
        wanted = np.ptp(C) if name == "ptp" else getattr(C, name)()
        np.testing.assert_allclose(getattr(x, name)().numpy(), wanted)
    np.testing.assert_array_equal(x.T.numpy(), C.T)
    np.testing.assert_array_equal(x.transpose(2, 0, 1).numpy(), C.transpose(2, 0, 1))
    np.testing.assert_array_equal(x.transpose((2, 0, 1)).numpy(), C.transpose(2, 0, 1))
    np.testing.assert_array_equal(x.transpose().numpy(), C.T)
    np.testing.assert_array_equal(x.reshape(4, -1).numpy(), C.reshape(4, -1))
    np.testing.assert_array_equal(x.reshape((4, -1)).numpy(), C.reshape(4, -1))
    np.testing.assert_array_equal(x.swapaxes(0, 1).numpy(), C.swapaxes(0, 1))
    np.testing.assert_array_equal(x.repeat(2, axis=0).numpy(), C.repeat(2, axis=0))
    np.testing.assert_array_equal(x.sum(0, keepdims=True).numpy(), C.sum(0, keepdims=True))


def test_the_generated_methods_are_current() -> None:
    assert methods_writer.write(check=True), "run python -m autograd.generate"


def test_every_function_of_one_operand_is_a_method() -> None:
    rows = [row for row in PRIMITIVES.values() if len(row.parameters) == 1 and hasattr(rules, row.name)]
    names = [name for name in operations.__all__ if name != "matmul"]
    x = Tensor([[0.25, 0.5]])
    for row in rows:
        if row.name not in ("erfinv", "i0", "i1"):  # these need SciPy
            with np.errstate(invalid="ignore"):
                assert getattr(x, row.name)().op is row
    for name in [*names, *(row.name for row in rows)]:
        assert inspect.getdoc(getattr(Tensor, name)), name
        assert "self" in inspect.signature(getattr(Tensor, name)).parameters, name


def test_functions_that_are_methods_of_arrays_are_methods() -> None:
    writing = {"sort", "partition", "put"}  # of an array itself, which a Tensor never does
    functions_of_arrays = {*operations.__all__, *reductions.__all__, *functions.__all__} & set(dir(np.ndarray))
    assert functions_of_arrays - writing <= set(dir(Tensor))


@pytest.mark.parametrize("name", ARRAY_OPERATIONS)
def test_rows_travel_by_name(name: str) -> None:
    row = ARRAY_OPERATIONS[name]
    assert pickle.loads(pickle.dumps(row)) is row
    assert copy.deepcopy(row) is row
    assert repr(row).startswith(f"<array operation {name}(")
    assert row.__doc__


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda x: stack([x, x[0]]), ValueError, "one shape"),
        (lambda x: stack([Value(1.0), x]), ValueError, r"stack takes arrays of one shape"),
        (lambda x: functions.split(x, 2), ValueError, "3 entries do not split into 2"),
        (lambda x: functions.tensordot(x, x, 1), ValueError, "axes of one length"),
        (lambda x: functions.cross(x, x), ValueError, "3 numbers"),
        (lambda x: functions.pad(x, 1, mode="mean"), NotImplementedError, "mode='mean'"),
        (lambda x: reductions.average(x, weights=[1.0, 2.0]), TypeError, "the axis along which"),
        (lambda x: functions.einsum("ij", x, x), ValueError, "1 operands, but there are 2"),
        (lambda x: functions.pad(x, ((1, 1), (1, 1), (1, 1))), ValueError, "2 axes needs one width"),
        (lambda x: functions.meshgrid(x, indexing="no"), ValueError, "indexing"),
        (lambda x: functions.diff(x, axis=2), np.exceptions.AxisError, "axis 2"),
        (lambda x: operations.reshape(x, (5, 5)), ValueError, "reshape"),
        (lambda x: operations.transpose(x, (0, 0)), ValueError, "repeated axis"),
        (lambda x: reductions.max(Tensor([])), ValueError, "zero-size"),
        (lambda x: operations.sum(), TypeError, "sum"),
        (lambda x: operations.sum(x, 0, False, 3), TypeError, "too many"),
        (lambda x: operations.swapaxes(x), TypeError, "axis1"),
        (lambda x: x[x], TypeError, "cannot be an index"),
        (lambda x: x[5], IndexError, "out of bounds"),
        (lambda x: x[0, 0, 0], IndexError, "too many indices"),
    ],
)
def test_errors(call: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        call(Tensor(M))


@pytest.mark.parametrize("numbers", [[1.0, 1.0], [0.1, 0.1, 0.1], [3.0]])
def test_the_deviation_of_equal_numbers_has_a_tip(numbers: list[float]) -> None:
    found = agree(reductions.std, np.array(numbers))
    assert found.value == 0.0
    np.testing.assert_array_equal(found.gradient, np.zeros(len(numbers)))
    assert found.second is not None
    assert np.isnan(found.second).all()


def test_the_deviation_of_equal_numbers_leaves_others_alone() -> None:
    x = np.array([[1.0, 1.0, 1.0], [1.0, 2.0, 4.0]])
    slopes = grad(lambda t: reductions.std(t, axis=1, ddof=1).sum())(x)
    np.testing.assert_array_equal(slopes[0], np.zeros(3))
    np.testing.assert_allclose(slopes[1], grad(lambda t: reductions.std(t, ddof=1))(x[1]))


LENGTHS = {
    "i,i": ((3,), (1,)),
    "i,i->i": ((1,), (3,)),
    "ij,jk->ik": ((2, 1), (3, 2)),
    "ij,ij": ((1, 3), (2, 3)),
    "...i,i->...": ((2, 1), (3,)),
    "i,ij,j": ((1,), (2, 3), (1,)),
}


@pytest.mark.parametrize("subscripts", LENGTHS)
def test_einsum_broadcasts_axes_of_length_one(subscripts: str) -> None:
    xs = [np.arange(1.0, 1.0 + np.prod(shape)).reshape(shape) for shape in LENGTHS[subscripts]]
    np.testing.assert_allclose(functions.einsum(subscripts, *xs), np.einsum(subscripts, *xs))
    assert agree(lambda *ts: functions.einsum(subscripts, *ts), *xs, order=1).gradient.size == sum(x.size for x in xs)
    np.testing.assert_allclose(np.einsum(subscripts, *map(Tensor, xs)).numpy(), np.einsum(subscripts, *xs))


def test_a_negative_number_to_an_array_has_values_and_no_slopes() -> None:
    for y in (np.array([-1.0, 2.0, 3.0]), np.array(2.0)):
        np.testing.assert_array_equal(((-2.0) ** Tensor(y)).numpy(), (-2.0) ** y)
        assert np.isnan(grad(lambda t: ((-2.0) ** t).sum())(y)).all()
        assert np.isnan(jvp(lambda t: (-2.0) ** t, (y,), (np.ones_like(y),))[1]).all()
