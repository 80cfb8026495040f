"""All ways of computing a derivative agree: every row and every operation, aimed at the points where they might not."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import PRIMITIVES, Primitive, Tensor, linalg, maximum, relu, sqrt, where
from autograd.arrays import functions, operations
from autograd.checks import agreement
from autograd.compiler import environment
from autograd.compiler.program import machines
from autograd.core import scope, sweep
from autograd.core.scope import Scope
from autograd.testing import agree, graphs

SPECIAL = [0.0, 1.0, -1.0, 0.5, 2.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, 1e-8, -3.0, 1e8]
EXAMPLES = settings.default.max_examples
ROWS = [row for row in PRIMITIVES.values() if not row.variadic]


# ---------------------------------------------------------------------------------------------------------------------
# Rows of the table
# ---------------------------------------------------------------------------------------------------------------------


def with_orders(row: Primitive) -> tuple[Callable[..., Any], list[list[float]]]:
    """The row as a function of its operands that have a derivative, and the choices for those that have none."""
    whole = [interval.fixed for interval in row.domain]
    orders = [0.0, 1.0] if row.name == "where" else [0.0, 1.0, 2.0]
    chosen = [[0.5, 1.0, 2.0] if interval.constant else orders for interval in row.domain if interval.fixed]

    def f(*operands: Any, orders: Any = ()) -> Any:
        rest, fixed = iter(operands), iter(orders)
        return row(*[next(fixed) if one else next(rest) for one in whole])

    return f, chosen


@pytest.mark.parametrize("row", ROWS, ids=str)
@given(data=st.data())
@settings(max_examples=EXAMPLES // 2)
def test_every_row_at_special_points(row: Primitive, data: st.DataObject) -> None:
    f, chosen = with_orders(row)
    orders = [data.draw(st.sampled_from(one)) for one in chosen]
    point = [data.draw(st.sampled_from(SPECIAL)) for _ in range(len(row.domain) - len(chosen))]
    tiny = any(0 < abs(x) < 1e-300 for x in point)  # its reciprocal overflows
    measurable = len(point) == 1 and not (tiny and row.name == "gammaincc")  # 1 - 1e-162 rounds to 1
    agree(lambda *operands: f(*operands, orders=orders), *point, order=2 - tiny, truth=measurable)


SMOOTH = ["sin", "exp", "tanh", "square", "sigmoid", "softplus", "arctan"]
UNARY = [row for row in ROWS if len(row.parameters) == 1]


@given(st.sampled_from(UNARY), st.sampled_from(UNARY), st.sampled_from(SPECIAL))
def test_compositions_of_two_rows(outer: Primitive, inner: Primitive, x: float) -> None:
    if not inner.name.startswith("sinc"):  # whose zeros have the sign of a rounding error, and so 1 / sinc(x) as well
        cancels = 0 < abs(x) < 1e-3 or 1e3 < abs(x) < math.inf  # as the second derivative of 1 / (1 / x)
        agree(lambda t: outer(inner(t)), x, order=2 - cancels, truth=False, float32=False)


@given(graphs())
def test_graphs(graph: Any) -> None:
    # A condition that is 0 at one point alone picks a piece there that is not the function around it.
    conditions = any(row.name == "where" for row, _ in graph.steps.values())
    agree(graph, *graph.leaves.values(), truth=not conditions, float32=False)


@given(graphs(Tensor, max_steps=4).filter(lambda graph: sum(x.size for x in graph.leaves.values()) <= 6))
def test_graphs_of_arrays(graph: Any) -> None:
    agree(graph, *graph.leaves.values(), truth=False, float32=False)


# ---------------------------------------------------------------------------------------------------------------------
# Operations on arrays
# ---------------------------------------------------------------------------------------------------------------------

MASK = np.array([True, False, True, False])
ON_ARRAYS: dict[str, Callable[[Any], Any]] = {
    **{name: getattr(autograd, name) for name in ("ravel", "cumsum", "cumprod", "sort", "flip", "median", "diff")},
    **{name: getattr(autograd, name) for name in ("mean", "var", "std", "ptp", "nansum", "nanmean")},
    **{
        name: getattr(operations, name) for name in ("sum", "prod", "max", "min", "logsumexp", "softmax", "log_softmax")
    },
    "where": lambda x: where(MASK, x, 1.0),
    "clip": lambda x: functions.clip(x, 0.0, 1.0),
    "index": lambda x: x[1:3],
    "mask": lambda x: x[MASK],
    "take": lambda x: functions.take(x, [0, 0, 3]),
    "pad": lambda x: functions.pad(x, 1),
    "pad, edge": lambda x: functions.pad(x, 1, "edge"),
    "reshape": lambda x: operations.reshape(x, (2, 2)),
    "broadcast": lambda x: x + np.zeros((2, 1)),
    "nan_to_num": functions.nan_to_num,
    "outer": lambda x: functions.outer(x, x),
    "dot": lambda x: functions.dot(x, x),
    "matmul": lambda x: operations.reshape(x, (2, 2)) @ operations.reshape(x, (2, 2)),
    "einsum": lambda x: functions.einsum("i,i->i", x, x),
    "stack": lambda x: autograd.stack([x, x * x]),
    "concatenate": lambda x: functions.concatenate([x, x[:2]]),
    "diag": functions.diag,
    "tril": lambda x: functions.tril(operations.reshape(x, (2, 2))),
    "trapezoid": functions.trapezoid,
    "norm": linalg.norm,
    "norm, 1": lambda x: linalg.norm(x, 1),
    "norm, inf": lambda x: linalg.norm(x, np.inf),
    "norm, 3": lambda x: linalg.norm(x, 3),
    "max_pool": lambda x: autograd.max_pool1d(x[None, :], 2),
    "avg_pool": lambda x: autograd.avg_pool1d(x[None, :], 2),
    "conv": lambda x: autograd.conv1d(x[None, :], np.array([[[1.0, -2.0]]])),
    "linear": lambda x: autograd.linear(x, np.array([[1.0, 2.0, 0.0, -1.0]])),
    "cross-entropy": lambda x: autograd.softmax_cross_entropy(operations.reshape(x, (2, 2)), [0, 1]),
    "sigmoid cross-entropy": lambda x: autograd.sigmoid_cross_entropy(x, [0.0, 1.0, 0.5, 0.0]),
    "huber": lambda x: autograd.huber(x, np.zeros(4)),
    "nll": lambda x: autograd.nll(operations.reshape(x, (2, 2)), [0, 1]),
}
BEFORE: dict[str, Callable[[Any], Any]] = {
    "x": lambda x: x,
    "sqrt": np.sqrt,
    "log": np.log,
    "relu": relu,
    "square": np.square,
}
AFTER: dict[str, Callable[[Any], Any]] = {**BEFORE, "where": lambda x: where(x > 0, x**1.5, 0.0), "abs": np.abs}


@pytest.mark.parametrize("name", ON_ARRAYS)
@given(
    st.lists(st.sampled_from([0.0, 1.0, -1.0, 2.0, 4.0, math.inf, math.nan]), min_size=4, max_size=4),
    st.sampled_from(sorted(BEFORE)),
    st.sampled_from(sorted(AFTER)),
)
@settings(max_examples=EXAMPLES // 5)
def test_every_operation_on_arrays(name: str, x: Any, before: str, after: str) -> None:
    alone = before == after == "x"  # in float32 the logarithm of a small difference may have no digit that is right
    agree(lambda t: AFTER[after](ON_ARRAYS[name](BEFORE[before](t))), np.array(x), truth=False, float32=alone)


MATRICES: dict[str, Callable[[Any], Any]] = {
    "inv": linalg.inv,
    "det": linalg.det,
    "slogdet": lambda a: linalg.slogdet(a)[1],
    "solve": lambda a: linalg.solve(a, np.array([1.0, 2.0])),
    "pinv": linalg.pinv,
    "cholesky": lambda a: linalg.cholesky(a @ a.T),
    "qr": lambda a: list(linalg.qr(a)),
    "eigh": lambda a: list(linalg.eigh(a + a.T)),
    "eigenvalues": lambda a: linalg.eigvalsh(a + a.T),
    "svd": lambda a: list(linalg.svd(a)),
    "singular values": linalg.svdvals,
    "matrix_power": lambda a: linalg.matrix_power(a, 3),
    "lu": lambda a: list(linalg.lu(a)[1:]),
    "sqrtm": lambda a: linalg.sqrtm(a @ a.T),
    "solve_sylvester": lambda a: linalg.solve_sylvester(a @ a.T, a.T @ a, a),
    "nuclear norm": lambda a: linalg.matrix_norm(a, "nuc"),
}


NEED_FULL_RANK = {
    "inv",
    "slogdet",
    "solve",
    "pinv",
    "cholesky",
    "qr",
    "lu",
    "sqrtm",
    "solve_sylvester",
}  # elsewhere they raise, or the rank changes


@pytest.mark.parametrize("name", MATRICES)
@given(st.lists(st.sampled_from([0.0, 1.0, 2.0, -1.0, 0.5]), min_size=4, max_size=4))
@settings(max_examples=EXAMPLES // 5)
def test_linear_algebra_at_special_matrices(name: str, x: Any) -> None:
    matrix = np.array(x).reshape(2, 2)
    if np.linalg.matrix_rank(matrix) < 2 and name in NEED_FULL_RANK:
        return
    agree(MATRICES[name], matrix, truth=False)


def test_vectors_of_values_that_are_equal_but_for_rounding() -> None:
    for name in ("nuclear norm", "singular values", "eigenvalues"):
        found = agree(MATRICES[name], np.array([[1.0, 1.0], [1.0, -1.0]]) if name != "eigenvalues" else np.eye(2) / 3)
        assert np.isfinite(found.gradient).all()
        assert np.isnan(found.second).any()


# ---------------------------------------------------------------------------------------------------------------------
# The truth at chosen points
# ---------------------------------------------------------------------------------------------------------------------

NAN, INF = math.nan, math.inf
TRUTH: dict[str, tuple[Callable[..., Any], tuple[Any, ...], Any, Any]] = {
    "a branch that is not taken": (lambda x: where(x > 0, x**1.5, 0.0), (0.0,), [0.0], [[0.0]]),
    "below a relu": (lambda x: sqrt(relu(x)), (-1.0,), [0.0], [[0.0]]),
    "on the kink of a relu": (lambda x: sqrt(relu(x)), (0.0,), [NAN], [[NAN]]),
    "the tip of a cone": (lambda x, y: autograd.hypot(x, y), (0.0, 0.0), [0.0, 0.0], np.full((2, 2), NAN)),
    "a tie": (lambda x, y: maximum(x, y), (1.0, 1.0), [0.5, 0.5], np.full((2, 2), NAN)),
    "the kink of abs": (autograd.absolute, (0.0,), [0.0], [[NAN]]),
    "relu is a piece": (lambda x: relu(x) ** 2, (0.0,), [0.0], [[0.0]]),
    "a norm at the origin": (lambda x: linalg.norm(x) ** 2, (np.zeros(2),), [0.0, 0.0], np.full((2, 2), NAN)),
}


@pytest.mark.parametrize("name", TRUTH)
def test_the_truth(name: str) -> None:
    the_truth(name)


def the_truth(name: str) -> None:
    f, args, first, second = TRUTH[name]
    found = agree(f, *args)
    np.testing.assert_array_equal(found.gradient, first)
    np.testing.assert_array_equal(found.second, second)


def test_every_way_is_compared() -> None:
    ways = agree(lambda x: x * x, 2.0).ways
    expected = 8 * 2 - 2 + 1 + 3 * len(machines())  # Values and Tensors, float32, compiled
    assert len(ways) == expected
    assert "compiled, NumPy, of nodes" in ways


# ---------------------------------------------------------------------------------------------------------------------
# The net catches: each fault, put back, is found
# ---------------------------------------------------------------------------------------------------------------------


def leaves_silently(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(scope, "is_argument", lambda node: False)
    patch.setattr(agreement, "machines", list)  # recording notices it by itself
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        agree(lambda m: m * math.exp(m), 0.5)


def loses_what_is_captured(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Scope, "captured", lambda scope, *outputs: [])
    agree(lambda x, y: x * y * y, 2.0, 3.0)


def replays_stale_constants(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(environment.Snapshot, "has_changed", lambda snapshot: False)
    agree(lambda x: x * x, 2.0)


def stops_computed_zeros(patch: pytest.MonkeyPatch) -> None:
    def product(gradient: Any, slope: Any, selects: bool = False) -> Any:
        return np.where(gradient == 0, 0.0, gradient * slope)

    patch.setattr(operations, "product", product)
    agree(lambda t: np.sum(np.sqrt(t) ** 2), np.zeros(1))


def sends_given_zeros(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sweep, "live_seed", lambda seed: seed)
    agree(np.sqrt, np.array([0.0, 1.0]))


def sends_along_unused_edges(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(PRIMITIVES["where"], "selects", False)
    the_truth("a branch that is not taken")


def stops_on_kinks(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Primitive, "on_kink", lambda row, operands: False)
    patch.setattr(PRIMITIVES["relu"], "kink", None)
    the_truth("on the kink of a relu")


def composes_conventions(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(PRIMITIVES["absolute"], "partials", (lambda x, out: autograd.sign(x),))
    the_truth("the kink of abs")


def takes_any_operation_for_linear(patch: pytest.MonkeyPatch) -> None:
    @autograd.array_operation(lambda g, out, x: 3 * g * x**2, linear=True)
    def cube(x: Any) -> Any:
        return x**3

    agree(cube, np.array([2.0]))


def has_a_wrong_slope(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(PRIMITIVES["sin"], "partials", (lambda x, out: 1.001 * autograd.cos(x),))
    agree(lambda x: autograd.sin(x) * 1.0, np.array([0.5]))


@pytest.mark.parametrize(
    "fault",
    [
        leaves_silently,
        loses_what_is_captured,
        replays_stale_constants,
        stops_computed_zeros,
        sends_given_zeros,
        sends_along_unused_edges,
        stops_on_kinks,
        composes_conventions,
        takes_any_operation_for_linear,
        has_a_wrong_slope,
    ],
)
def test_a_fault_is_caught(fault: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssertionError):
        fault(monkeypatch)
