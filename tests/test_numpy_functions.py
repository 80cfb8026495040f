"""NumPy's functions that are composed of rows: NumPy's values, and all ways of computing a derivative agree."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value, grad, linalg
from autograd.arrays import elementwise, making, sequences, statistics
from autograd.testing import agree, check_function

pytestmark = pytest.mark.same_in_both_modes

rng = np.random.default_rng(19)
V, W = np.array([0.3, -1.7, 2.6, 0.9, -0.2]), np.array([1.2, 0.4, -0.7])
M, N = rng.normal(size=(3, 4)), rng.normal(size=(4, 2))
C = rng.normal(size=(2, 3, 2))
WEIGHTS = np.ones((3, 4)) + np.eye(3, 4)
GAPS = np.array([[0.5, np.nan, 2.0, -1.0], [np.nan, 1.5, -0.5, 3.0], [1.0, 2.5, np.nan, 4.0]])
TRIM = np.array([0.0, 1.0, 0.0, 1.0, 0.0], np.float32)
GRID = np.array([0.0, 0.5, 1.5, 2.0, 4.0])

Cases = dict[str, tuple[Callable[..., Any], tuple[Any, ...]]]

ELEMENTWISE: Cases = {
    name: (lambda np, x, name=name: getattr(np, name)(x), (V,))
    for name in [
        *("ceil", "trunc", "fix", "rint", "round", "around", "exp2", "deg2rad", "rad2deg", "radians", "degrees"),
        *("real", "imag", "conj", "conjugate", "angle", "real_if_close"),
    ]
}
ELEMENTWISE |= {
    "round, decimals": (lambda np, x: np.round(x, 1), (V,)),
    "round, tens": (lambda np, x: np.round(x, -1), (10 * V,)),
    "fmod": (lambda np, x, y: np.fmod(x, y), (V, np.array([0.5, 0.7, -0.7, 2.0, -3.0]))),
    "fmax": (lambda np, x, y: np.fmax(x, y), (V, np.array([0.5, 0.7, np.nan, 2.0, -3.0]))),
    "fmin": (lambda np, x, y: np.fmin(x, y), (V, np.array([0.5, 0.7, np.nan, 2.0, -3.0]))),
    "divmod": (lambda np, x, y: np.divmod(x, y)[0] + np.divmod(x, y)[1], (V, np.full(5, 0.7))),
    "modf": (lambda np, x: np.modf(x)[0] * np.modf(x)[1], (V,)),
    "copysign": (lambda np, x: np.copysign(x, [1.0, -0.0, 0.0, -2.0, 3.0]), (V,)),
    "heaviside": (lambda np, x: np.heaviside(x, 0.5), (V,)),
    "ldexp": (lambda np, x: np.ldexp(x, [1, -2, 0, 5, 3]), (V,)),
    "frexp": (lambda np, x: np.frexp(x)[0], (V,)),
}
MAKING: Cases = {
    "full": (lambda np, x: np.full_like(x, 2.0) * x, (V,)),
    "linspace": (lambda np, x: np.linspace(x[0], x[1], 5), (V,)),
    "linspace, axis": (lambda np, x: np.linspace(x, 2.0 * x, 3, False, axis=1), (W,)),
    "logspace": (lambda np, x: np.logspace(x[0], 1.0, 4), (W,)),
    "geomspace": (lambda np, x: np.geomspace(x[0], 2.0, 4), (W,)),
    "broadcast_arrays": (lambda np, x: np.broadcast_arrays(x, np.ones((2, 1)))[0] * 2.0, (W,)),
    "append": (lambda np, x: np.append(x, [1.0, 2.0]), (M,)),
    "append, axis": (lambda np, x: np.append(x, x, axis=1), (M,)),
    "column_stack": (lambda np, x: np.column_stack([x, x * x]), (W,)),
    "row_stack": (lambda np, x: np.vstack([x, x * x]), (W,)),
    "block": (lambda np, x: np.block([[x, np.ones((3, 1))], [np.zeros((1, 5))]]), (M,)),
    "atleast_1d": (lambda np, x: np.atleast_1d(x[0]), (W,)),
    "atleast_2d": (lambda np, x: np.atleast_2d(x), (W,)),
    "atleast_3d": (lambda np, x: np.atleast_3d(x), (W,)),
    "atleast_3d of a matrix": (lambda np, x: np.atleast_3d(x), (M,)),
    "delete": (lambda np, x: np.delete(x, [1, 3]), (V,)),
    "delete, axis": (lambda np, x: np.delete(x, 1, axis=1), (M,)),
    "insert": (lambda np, x: np.insert(x, 2, x[0] ** 2), (V,)),
    "insert, several": (lambda np, x: np.insert(x, [0, 2], x[:2] ** 2), (V,)),
    "insert, axis": (lambda np, x: np.insert(x, 1, x[:, 0], axis=1), (M,)),
    "resize": (lambda np, x: np.resize(x, (2, 4)), (W,)),
    "trim_zeros": (lambda np, x: np.trim_zeros(x * TRIM), (V,)),
    "diagflat": (lambda np, x: np.diagflat(x, 1), (W,)),
    "select": (lambda np, x: np.select([x < 0, x > 1], [x**2, 3.0 * x], 7.0), (V,)),
    "piecewise": (lambda np, x: np.piecewise(x, [x < 0, x > 1], [lambda t: t**2, 5.0, lambda t: 2.0 * t]), (V,)),
    "choose": (lambda np, x: np.choose([0, 1, 1], [x, x**2]), (W,)),
    "compress": (lambda np, x: np.compress([True, False, True], x, axis=0), (M,)),
    "extract": (lambda np, x: np.extract(V > 0, x), (V,)),
}
if hasattr(np, "unstack"):
    MAKING["unstack"] = (lambda np, x: np.unstack(x, axis=1)[1] * 2.0, (M,))
METHODS = [
    *("linear", "hazen", "weibull", "median_unbiased", "lower", "higher", "nearest", "midpoint"),
    *("inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf"),
]
STATISTICS: Cases = {
    **{
        f"quantile, {method}": (lambda np, x, method=method: np.quantile(x, [0.1, 0.5, 0.83], method=method), (V,))
        for method in METHODS
    },
    "quantile, axis": (lambda np, x: np.quantile(x, 0.3, axis=1, keepdims=True), (M,)),
    "quantile, axes": (lambda np, x: np.quantile(x, [0.3, 0.9], axis=(0, 2)), (C,)),
    "percentile": (lambda np, x: np.percentile(x, [10, 90], axis=0), (M,)),
    "quantile, weights": (
        lambda np, x: np.quantile(x, [0.0, 0.3, 1.0], axis=1, weights=[0.0, 2.0, 1.0, 3.0], method="inverted_cdf"),
        (M,),
    ),
    "percentile, weights of all": (
        lambda np, x: np.percentile(x, 40.0, weights=WEIGHTS, method="inverted_cdf"),
        (M,),
    ),
    "nanquantile, weights": (
        lambda np, x: np.nanquantile(x, 0.6, axis=1, weights=WEIGHTS, method="inverted_cdf"),
        (GAPS,),
    ),
    "cumsum, dtype": (lambda np, x: np.cumsum(x, 0, "float64"), (M,)),
    "cumprod, dtype": (lambda np, x: np.cumprod(x, axis=0, dtype="float64"), (M,)),
    "cumsum of a number": (lambda np, x: np.cumsum(x[0], axis=0) * np.cumprod(x[1], axis=0), (V,)),
    **{
        name: (lambda np, x, name=name: getattr(np, name)(x, axis=1), (GAPS,))
        for name in [
            "nanmax",
            "nanmin",
            "nansum",
            "nanprod",
            "nanmean",
            "nanvar",
            "nanstd",
            "nanmedian",
            "nancumsum",
            "nancumprod",
        ]
    },
    "nanstd of all": (lambda np, x: np.nanstd(x, ddof=1), (GAPS,)),
    "nanvar, keepdims": (lambda np, x: np.nanvar(x, axis=(0, 1), keepdims=True), (GAPS,)),
    "nanquantile": (lambda np, x: np.nanquantile(x, [0.2, 0.6], axis=0), (GAPS,)),
    "nanpercentile": (lambda np, x: np.nanpercentile(x, 40.0), (GAPS,)),
    "cov": (lambda np, x: np.cov(x), (M,)),
    "cov of two": (lambda np, x: np.cov(x, W, bias=True), (W**2,)),
    "cov, columns": (lambda np, x: np.cov(x, rowvar=False, ddof=0), (M,)),
    "cov, weights": (lambda np, x: np.cov(x, fweights=[1, 2, 1, 3], aweights=[0.5, 1.0, 2.0, 1.0]), (M,)),
    "cov, weights that count": (lambda np, x: np.cov(M.T, aweights=x**2, ddof=0), (W,)),
    "cov of numbers": (lambda np, x: np.cov(x), (V,)),
    "corrcoef": (lambda np, x: np.corrcoef(x)[0, 1:], (M,)),
}
if hasattr(np, "cumulative_sum"):
    STATISTICS["cumulative_sum"] = (lambda np, x: np.cumulative_sum(x, axis=1, include_initial=True), (M,))
    STATISTICS["cumulative_prod"] = (lambda np, x: np.cumulative_prod(x, axis=0), (M,))
SEQUENCES: Cases = {
    "gradient": (lambda np, x: np.gradient(x), (V,)),
    "gradient, distance": (lambda np, x: np.gradient(x, 0.5, axis=1), (M,)),
    "gradient, coordinates": (lambda np, x: np.gradient(x, GRID), (V,)),
    "gradient, second": (lambda np, x: np.gradient(x, GRID, edge_order=2), (V,)),
    "gradient, axes": (lambda np, x: np.stack(np.gradient(x, 2.0, GRID[:4])), (M,)),
    "diff, not at all": (lambda np, x: np.diff(x, 0, prepend=1.0) ** 2, (V,)),
    "ediff1d": (lambda np, x: np.ediff1d(x, to_end=[1.0], to_begin=0.0), (V,)),
    "interp": (lambda np, x, xp, fp: np.interp(x, xp, fp, left=-1.0), (V, np.array([-0.5, 0.7, 1.1]), W)),
    "interp, period": (lambda np, x, fp: np.interp(x, [0.2, 1.0, 2.0], fp, period=2.5), (V, W)),
    "unwrap": (lambda np, x: np.unwrap(x), (4.0 * V,)),
    **{
        f"{name}, {mode}, {len(a)} with {len(b)}": (
            lambda np, a, b, name=name, mode=mode: getattr(np, name)(a, b, mode),
            (a, b),
        )
        for name in ("convolve", "correlate")
        for mode in ("full", "same", "valid")
        for a, b in ((V, W), (W, V), (V, W[:2]), (W[:2], V))
    },
    "apply_along_axis": (lambda np, x: np.apply_along_axis(lambda v: v[:2] * v.sum(), 0, x), (M,)),
    "apply_along_axis, numbers": (lambda np, x: np.apply_along_axis(np.sum, 1, x), (M,)),
    "apply_over_axes": (lambda np, x: np.apply_over_axes(np.sum, x, [0, 2]), (C,)),
    "poly": (lambda np, x: np.poly(x), (W,)),
    "polyadd": (lambda np, x, y: np.polyadd(x, y), (W, V)),
    "polysub": (lambda np, x, y: np.polysub(x, y), (W, V)),
    "polymul": (lambda np, x, y: np.polymul(x, y), (W, V)),
    "polyder": (lambda np, x: np.polyder(x, 2), (V,)),
    "polyint": (lambda np, x: np.polyint(x, 2, [1.0, 2.0]), (V,)),
    "polyval": (lambda np, p, x: np.polyval(p, x), (W, V)),
    "polyfit": (lambda np, y: np.polyfit(GRID, y, 2), (V,)),
    "vander": (lambda np, x: np.vander(x, 3), (W,)),
    "vander, increasing": (lambda np, x: np.vander(x, increasing=True), (W,)),
}
if hasattr(np, "matvec"):
    SEQUENCES["matvec"] = (lambda np, x, y: np.matvec(x, y), (N.T, N[:, 0]))
    SEQUENCES["vecmat"] = (lambda np, x, y: np.vecmat(x, y), (N[:, 0], N))
CASES = {**ELEMENTWISE, **MAKING, **STATISTICS, **SEQUENCES}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore:.*row_stack.*:DeprecationWarning")
def test_values_and_derivatives(name: str) -> None:
    f, operands = CASES[name]
    wanted = f(np, *operands)
    found = f(np, *map(Tensor, operands))
    assert isinstance(found, Tensor)
    assert found.shape == np.shape(wanted)
    np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-12, atol=1e-13)
    if not name.startswith(("block", "broadcast_arrays", "stack", "gradient, axes", "row_stack", "apply_over")):
        np.testing.assert_allclose(f(autograd, *operands), wanted, rtol=1e-12, atol=1e-13)
    if not any(np.isnan(x).any() for x in operands):
        check_function(lambda *xs: f(np, *xs), *operands)
    singles = [x.astype(np.float32) for x in operands]
    assert f(np, *map(Tensor, singles)).dtype in (np.float32, f(np, *singles).dtype)


@pytest.mark.parametrize("name", [name for name in CASES if sum(x.size for x in CASES[name][1]) <= 6])
def test_all_ways_agree(name: str) -> None:
    f, operands = CASES[name]
    agree(lambda *xs: f(np, *xs), *operands, truth=False, float32=False)


NUMBERS = ["ceil", "trunc", "rint", "round", "exp2", "deg2rad", "rad2deg", "real", "imag", "conj", "angle"]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("x", [0.0, 0.5, -0.5, 1.5, -2.0, np.inf, np.nan, 0.49999999999999994])
def test_functions_of_numbers(name: str, x: float) -> None:
    f = getattr(autograd, name)
    np.testing.assert_array_equal(f(x), getattr(np, name)(x))
    np.testing.assert_array_equal(getattr(np, name)(Value(x)).data, getattr(np, name)(x))
    agree(f, x, truth=False, float32=False)


@pytest.mark.parametrize("name", ["fmod", "fmax", "fmin", "copysign", "heaviside"])
@pytest.mark.parametrize("y", [2.0, -0.5, np.inf])
@pytest.mark.parametrize("x", [0.0, 1.3, -1.3, 2.0, np.inf, np.nan])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_functions_of_two_numbers(name: str, x: float, y: float) -> None:
    wanted = getattr(np, name)(x, y)
    np.testing.assert_array_equal(getattr(autograd, name)(np.array([x]), np.array([y]))[0], wanted)


@pytest.mark.parametrize("name", ["rint", "ceil", "trunc", "floor", "modf", "copysign"])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_zeros_have_the_sign_that_numpy_gives_them(name: str) -> None:
    x = np.array([0.0, -0.3, -0.5, 0.3, 0.5, -1.0, -2.0, 2.0, -1e-20, -np.inf, np.inf])
    more = (-x,) if name == "copysign" else ()
    wanted, found = getattr(np, name)(x, *more), getattr(autograd, name)(Tensor(x), *more)
    for ours, theirs in zip(*[y if name == "modf" else (y,) for y in (found, wanted)], strict=True):
        assert np.array_equal(np.signbit(ours.data), np.signbit(theirs))
    for i, number in enumerate(x.tolist()):
        one = getattr(autograd, name)(Value(number), *(y[i].item() for y in more))
        for ours, theirs in zip(*[y if name == "modf" else (y,) for y in (one, wanted)], strict=True):
            assert np.signbit(ours.data) == np.signbit(theirs[i])


@pytest.mark.parametrize("x", [np.nan, np.inf, -np.inf, 2.0])
def test_nan_to_num_of_a_value_is_a_value_and_compiles(x: float) -> None:
    wanted = np.nan_to_num(x, posinf=5.0, neginf=-5.0)
    f = autograd.compile(lambda t: autograd.nan_to_num(t, posinf=5.0, neginf=-5.0))
    found = autograd.nan_to_num(Value(x), posinf=5.0, neginf=-5.0)
    assert isinstance(found, Value)
    assert found.data == wanted
    assert f.value_and_grad(x) == (wanted, float(np.isfinite(x)))
    assert autograd.nan_to_num(np.array([1, 2])).tolist() == [1, 2]


def test_every_function_is_tested() -> None:
    written = "".join(str(key) for key in CASES) + Path(__file__).read_text(encoding="utf-8")
    for module in (elementwise, making, sequences, statistics):
        assert [name for name in module.__all__ if name not in written] == []


# ---------------------------------------------------------------------------------------------------------------------
# Arrays of nodes
# ---------------------------------------------------------------------------------------------------------------------


def test_arrays_of_nodes_in_any_nesting() -> None:
    x, y = Value(3.0), Tensor([1.0, 2.0])
    for found, wanted in (
        (autograd.array([[x, 1.0], y]), [[3.0, 1.0], [1.0, 2.0]]),
        (autograd.array(x, ndmin=2), [[3.0]]),
        (autograd.array([x, 1], np.float32), [3.0, 1.0]),
        (autograd.asarray((y, [x, x])), [[1.0, 2.0], [3.0, 3.0]]),
        (autograd.asanyarray(y), y.numpy()),
        (autograd.ascontiguousarray([x]), [3.0]),
        (np.stack([x, 1.0, x]), [3.0, 1.0, 3.0]),
        (autograd.r_[y, 0.0, x, 1:3], [1.0, 2.0, 0.0, 3.0, 1.0, 2.0]),
        (autograd.c_[y, y**2], [[1.0, 1.0], [2.0, 4.0]]),
        (autograd.full((2, 2), x), np.full((2, 2), 3.0)),
    ):
        assert isinstance(found, Tensor)
        np.testing.assert_array_equal(found.numpy(), wanted)
    assert autograd.array([1, 2]).dtype == int
    np.testing.assert_array_equal(autograd.r_[1.0:3.0, 5.0], np.r_[1.0:3.0, 5.0])


def test_writing_into_a_tensor_is_refused_with_the_way_to_write_it() -> None:
    x, v = np.array([1.0, 2.0, 3.0]), np.array([7.0, 8.0])
    with pytest.raises(TypeError, match=r"x\.at\[index\]\.set"):
        Tensor(x)[0] = 1.0
    np.testing.assert_array_equal(Tensor(x).at[[0, 0]].set(v).numpy(), [8.0, 2.0, 3.0])
    np.testing.assert_array_equal(Tensor(x).at[[0, 0]].add(v).numpy(), [16.0, 2.0, 3.0])
    for f in (
        lambda x, v: x.at[1:].set(v * v),
        lambda x, v: x.at[[0, 0]].set(v),
        lambda x, v: x.at[[0, 0]].add(v),
        lambda x, v: x.at[x.numpy() > 1].multiply(v),
        lambda x, v: x.at[[0, 0]].multiply(v),
        lambda x, v: x.at[[2, 0]].max(v),
        lambda x, v: x.at[[1, 1]].min(v - 7.0),
        lambda x, v: x.at[...].set(v[0]),
    ):
        agree(f, x, v)


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=6),
    st.sampled_from(["add", "multiply", "max", "min"]),
    st.lists(st.sampled_from([0.0, 1.0, -1.0, 2.0, 2.5]), min_size=11, max_size=11),
)
@settings(max_examples=12)
def test_values_that_meet_at_a_place(places: list[int], name: str, numbers: list[float]) -> None:
    x, v = np.array(numbers[:5]), np.array(numbers[5 : 5 + len(places)])
    wanted = x.copy()
    theirs = {"add": np.add, "multiply": np.multiply, "max": np.maximum, "min": np.minimum}[name]
    theirs.at(wanted, places, v)
    found = getattr(Tensor(x).at[places], name)(v)
    np.testing.assert_array_equal(found.numpy(), wanted)
    agree(lambda x, v: getattr(x.at[places], name)(v), x, v, truth=False)


def test_equal_values_that_meet_at_a_place_share_the_gradient() -> None:
    x, v = Tensor([[1.0, 2.0], [3.0, 0.0]]), Tensor([3.0, 3.0, -5.0])
    y = x.at[[1, 1, 0], [0, 0, 1]].max(v)
    y.sum().backward()
    np.testing.assert_allclose(x.grad, [[1.0, 1.0], [1.0 / 3.0, 1.0]])
    np.testing.assert_allclose(v.grad, [1.0 / 3.0, 1.0 / 3.0, 0.0])
    with pytest.raises(AttributeError, match=r"x\.at\[index\]\.add\(values\), or multiply, max or min"):
        x.scatter_reduce(0, [0], v, "sum")


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_cummax_and_cummin(axis: int) -> None:
    x = np.array([[1.0, 3.0, 2.0, 3.0], [0.5, -1.0, np.inf, 4.0], [1.0, np.nan, 5.0, -np.inf]])
    np.testing.assert_array_equal(autograd.cummax(x, axis), np.maximum.accumulate(x, axis))
    np.testing.assert_array_equal(autograd.cummin(x, axis), np.minimum.accumulate(x, axis))
    for f in (autograd.cummax, autograd.cummin):
        check_function(lambda t, f=f: f(t, axis), M)


def test_logcumsumexp() -> None:
    x = np.array([[0.5, -1.0, 800.0, 2.0, 1.0], [-np.inf, 0.0, 1.0, -2.0, 3.0]])
    np.testing.assert_allclose(autograd.logcumsumexp(x, 1), np.logaddexp.accumulate(x, axis=1))
    np.testing.assert_allclose(autograd.logcumsumexp(x[:, 1:], 0), np.logaddexp.accumulate(x[:, 1:], axis=0))
    agree(autograd.logcumsumexp, np.array([0.5, -1.0, 3.0]))
    check_function(lambda t: autograd.logcumsumexp(t, 0), M)


# ---------------------------------------------------------------------------------------------------------------------
# Where there is nothing, and errors
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("shape", [(0, 3), (1, 3), (3, 0), (3, 1)])
@pytest.mark.parametrize("ddof", [0, 1, 2])
@pytest.mark.parametrize("name", ["mean", "var", "std"])
def test_means_of_none_or_one(name: str, ddof: int, shape: tuple[int, int]) -> None:
    x = np.arange(1.0, 1.0 + np.prod(shape)).reshape(shape)
    options = {} if name == "mean" else {"ddof": ddof}
    for axis in (0, 1):
        found = getattr(np, name)(Tensor(x), axis=axis, **options)
        np.testing.assert_array_equal(found.numpy(), getattr(np, name)(x, axis=axis, **options))
        slopes = grad(lambda t: getattr(np, name)(t, axis=axis, **options).sum())(x)  # noqa: B023
        assert np.isnan(slopes).all() or np.isfinite(slopes).all()
        assert np.isfinite(found.numpy()).all() or np.isnan(slopes).all()


@pytest.mark.parametrize("axes", [None, 1, (0, -2)])
def test_shifts_of_frequencies(axes: Any) -> None:
    for shift in (np.fft.fftshift, np.fft.ifftshift):
        np.testing.assert_array_equal(shift(Tensor(C), axes).numpy(), shift(C, axes))
        check_function(lambda x, shift=shift: shift(x, axes), C)


def test_padding_that_cuts_away() -> None:
    x = np.arange(12.0).reshape(3, 4)
    np.testing.assert_array_equal(autograd.pad(x, ((-1, 2), (1, -2)))[:, 1:], [[4, 5], [8, 9], [0, 0], [0, 0]])
    np.testing.assert_array_equal(autograd.pad(x, (-1, -1)), x[1:-1, 1:-1])
    assert autograd.pad(x, (-2, -3)).shape == (0, 0)
    check_function(lambda t: autograd.pad(t, ((-1, 2), (1, -2)), constant_values=3.0), x)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: autograd.diff(V, -1), ValueError, "n >= 0"),
        (lambda: autograd.diff(1.0), ValueError, "one axis or more"),
        (lambda: autograd.quantile(V, 1.5), ValueError, "between 0 and 1"),
        (lambda: autograd.quantile(V, 0.5, method="mean"), NotImplementedError, "method='mean'"),
        (lambda: autograd.quantile(V, 0.5, weights=V), ValueError, 'takes method="inverted_cdf"'),
        (lambda: autograd.quantile(V, 0.5, weights=-np.ones(V.shape), method="inverted_cdf"), ValueError, "negative"),
        (lambda: autograd.quantile(M, 0.5, weights=W, method="inverted_cdf"), TypeError, "need axis="),
        (lambda: autograd.nanmax(V, where=V > 0), ValueError, "needs initial="),
        (lambda: autograd.nanmin(V, where=V > 0), ValueError, "needs initial="),
        (lambda: autograd.median(1.0, axis=0), np.exceptions.AxisError, "out of bounds"),
        (lambda: autograd.quantile(V, 0.5, axis=1), np.exceptions.AxisError, "out of bounds"),
        (lambda: autograd.select([V > 0], []), ValueError, "1 conditions"),
        (lambda: autograd.piecewise(V, [V > 0], [1.0, 2.0, 3.0]), ValueError, "1 conditions"),
        (lambda: autograd.choose([2], [V, V]), ValueError, "from 0 to 1"),
        (lambda: autograd.geomspace(-1.0, 1.0), ValueError, "the same sign"),
        (lambda: autograd.convolve([], V), ValueError, "not empty"),
        (lambda: autograd.convolve(V, V, "other"), ValueError, "'other'"),
        (lambda: autograd.interp(0.0, [1.0], [1.0, 2.0]), ValueError, "one length"),
        (lambda: autograd.interp(0.0, [1.0], [1.0], period=0), ValueError, "period"),
        (lambda: autograd.gradient([1.0]), ValueError, "2 samples"),
        (lambda: autograd.gradient(V, V[:3]), ValueError, "as many coordinates"),
        (lambda: autograd.gradient(M, 1.0, 2.0, 3.0), TypeError, "one for each of 2 axes"),
        (lambda: autograd.cov(C), ValueError, "two axes"),
        (lambda: autograd.cumulative_sum(M), ValueError, "axis="),
        (lambda: autograd.poly(M), ValueError, "eigvals"),
        (lambda: autograd.r_["0,2", Tensor(V)], NotImplementedError, "concatenate"),
        (lambda: linalg.eigvals(np.array([[0.0, 1.0], [-1.0, 0.0]])), np.linalg.LinAlgError, "complex eigenvalues"),
    ],
)
def test_errors(call: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        call()


# ---------------------------------------------------------------------------------------------------------------------
# Functions of matrices
# ---------------------------------------------------------------------------------------------------------------------

JORDAN = np.array([[2.0, 1.0], [0.0, 2.0]])
SQUARE = np.array([[2.0, 1.0, 0.5], [0.3, -1.0, 0.2], [0.1, 0.4, 4.0]])


def test_eigenvalues_of_matrices_that_are_not_symmetric() -> None:
    np.testing.assert_allclose(np.linalg.eigvals(Tensor(SQUARE)).numpy(), np.linalg.eigvals(SQUARE))
    agree(linalg.eigvals, SQUARE, tolerance=1e-7, float32=False)
    check_function(linalg.eigvals, np.stack([SQUARE, SQUARE.T]))


@pytest.mark.parametrize("x", [SQUARE, JORDAN, 20.0 * JORDAN, np.zeros((2, 2)), np.eye(2), [[0.0, 1.0], [-1.0, 0.0]]])
def test_the_exponential_of_a_matrix(x: Any) -> None:
    x = np.asarray(x)
    scaled, wanted = x / 1024.0, np.eye(len(x))
    for k in range(12, 0, -1):
        wanted = np.eye(len(x)) + scaled @ wanted / k
    wanted = np.linalg.matrix_power(wanted, 1024)
    np.testing.assert_allclose(linalg.expm(x), wanted, rtol=1e-11, atol=1e-13)
    agree(linalg.expm, x, truth=len(x) == 2, float32=False, tolerance=1e-7)
    rows = np.stack([x, -x])
    np.testing.assert_allclose(linalg.expm(rows)[1] @ wanted, np.eye(len(x)), atol=1e-6 * np.abs(wanted).max())
