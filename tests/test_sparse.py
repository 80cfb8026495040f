"""Jacobians and Hessians of compiled functions: only what lies on a path is computed, and it is what transforms say."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value, compile, exp, grad, hessian, jacobian, log, no_grad, relu, sin, sqrt, stack, where
from autograd.compiler import sparsity, specialization
from autograd.compiler.sparsity import Pattern
from autograd.testing import Graph, graphs

pytestmark = pytest.mark.usefixtures("machine")


@pytest.fixture(params=["at once", "by column"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to compute a matrix: all entries by one program, or products with a few vectors."""
    if request.param == "by column":
        monkeypatch.setattr(specialization, "_is_long", lambda jacobian: True)


def same(found: Any, expected: Any, rel: float = 1e-10) -> None:
    """Assert that two structures are the same but for rounding, with nan where there is nan."""
    if isinstance(expected, dict):
        assert list(found) == list(expected)
        found, expected = list(found.values()), list(expected.values())
    if isinstance(expected, (list, tuple)):
        assert type(found) is type(expected)
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            same(one, other, rel)
    else:
        assert type(found) is type(expected)
        np.testing.assert_allclose(found, expected, rtol=rel, atol=rel * np.max(np.abs(expected), initial=1e-300))


# ---------------------------------------------------------------------------------------------------------------------
# Against the transforms
# ---------------------------------------------------------------------------------------------------------------------


def rosenbrock(x: Any) -> Any:
    return sum(100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(len(x) - 1))


def residuals(x: Any) -> Any:
    return np.concatenate([10 * (x[1:] - x[:-1] ** 2), 1 - x[:-1]])


def arrow(x: Any) -> Any:
    return sum(exp(x[0]) * x[i] ** 2 for i in range(1, len(x)))


def dense(x: Any) -> Any:
    return log(sum(exp(x[i] * (i + 1)) for i in range(len(x))))


def separate(x: Any) -> Any:
    return sum(sin(x[i]) for i in range(0, len(x), 2))


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("f", [rosenbrock, arrow, dense, separate])
@pytest.mark.parametrize("n", [2, 7])
def test_hessians(f: Callable[[Any], Any], n: int) -> None:
    x = np.random.default_rng(n).normal(size=n)
    compiled = compile(f)
    expected = hessian(f)(x)
    same(compiled.hessian(x), expected)
    same(compiled.hessian(x.tolist()), hessian(f)(x.tolist()))
    found = compiled.hessian(x, sparse=True)
    assert np.array_equal(found.toarray(), compiled.hessian(x))
    assert found.has_sorted_indices
    assert found.nnz <= {rosenbrock: 3 * n - 2, arrow: 3 * n - 2, dense: n * n, separate: n - n // 2}[f]


@pytest.mark.usefixtures("way")
def test_jacobian_as_an_array() -> None:
    x = np.random.default_rng(0).normal(size=9)
    f = compile(residuals)
    same(f.jacobian(x), jacobian(residuals)(x))
    found = f.jacobian(x, sparse=True)
    assert (found.shape, found.nnz, found.format) == ((16, 9), 24, "csr")
    assert np.array_equal(found.toarray(), f.jacobian(x))


@st.composite
def sparse_functions(draw: st.DrawFn) -> tuple[list[Graph], list[list[int]], int]:
    """Random graphs, each of a few of n inputs, and what these are."""
    n = draw(st.integers(1, 6))
    parts = draw(st.lists(graphs(kinks=False), min_size=1, max_size=4))
    which = [draw(st.lists(st.integers(0, n - 1), min_size=len(g.leaves), max_size=len(g.leaves))) for g in parts]
    return parts, which, n


@settings(max_examples=40, deadline=None)
@given(sparse_functions(), st.integers(0, 99))
def test_random_functions(drawn: tuple[list[Graph], list[list[int]], int], seed: int) -> None:
    parts, which, n = drawn
    x = np.random.default_rng(seed).normal(size=n)

    def terms(x: Any) -> list[Any]:
        return [part(*[x[i] for i in places]) for part, places in zip(parts, which, strict=True)]

    f, total = compile(terms), compile(lambda x: sum(terms(x)))
    numbers = x.tolist()
    same(f.jacobian(numbers), jacobian(terms)(numbers), rel=1e-9)
    matrix = f.jacobian(x, sparse=True)
    assert np.array_equal(matrix.toarray(), f.jacobian(x))
    for row, places in enumerate(which):  # entries only where there is a path
        assert set(matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]) <= set(places)
    second = np.array(hessian(lambda x: sum(terms(x)))(numbers))
    found = total.hessian(x)
    same(found, second, rel=1e-8)
    assert np.array_equal(found, found.T)
    assert np.array_equal(total.hessian(x, sparse=True).toarray(), found)


KINKS: dict[str, tuple[Callable[[Any], Any], list[float]]] = {
    "absolute value": (lambda x: abs(x[0]) * x[1] + x[1] ** 2, [0.0, 2.0]),
    "tie": (lambda x: np.maximum(x[0], x[1]) ** 2, [1.0, 1.0]),
    "relu": (lambda x: relu(x[0]) ** 2 * x[1], [0.0, 3.0]),
    "branch that is not taken": (lambda x: where(x[0] > 0, sqrt(x[0]) * x[1], x[1] ** 3), [0.0, 2.0]),
    "infinite slope": (lambda x: sqrt(x[0]) * x[1], [0.0, 2.0]),
    "staircase": (lambda x: np.floor(x[0]) * x[1] ** 2, [1.5, 2.0]),
    "only conditions": (lambda x: where(x[0] > x[1], 1.0, 2.0), [1.0, 2.0]),
    "a constant": (lambda x: 3.0, [1.0, 2.0]),
    "norm": (lambda x: np.hypot(x[0], x[1]) + x[0] * x[1], [0.0, 0.0]),
}


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("name", KINKS)
def test_kinks(name: str) -> None:
    f, point = KINKS[name]
    with np.errstate(all="ignore"):
        # a Value raises where arrays have infinity
        expected = np.array(hessian(lambda x: f([x[0], x[1]]))(np.array(point)))
        same(compile(f).hessian(np.array(point)), expected)
        same(np.array(compile(lambda x: [f(x)]).jacobian(np.array(point))), np.array([grad(f)(np.array(point))]))


@pytest.mark.parametrize("name", KINKS)
def test_kinks_in_forward_sweeps(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    f, point = KINKS[name]
    monkeypatch.setattr(sparsity, "_LITTLE", 0)

    def many(x: Any) -> list[Any]:
        y = f([x[0], x[1]])
        return [y * float(i) for i in range(1, 40)]

    with np.errstate(all="ignore"):
        expected = np.array(jacobian(many)(np.array(point)))
        found = np.array(compile(many).jacobian(np.array(point)))
    known = ~np.isnan(expected) & ~np.isnan(found)  # each may be nan where the other has infinity
    assert np.array_equal(found[known], expected[known])
    assert np.isfinite(expected[~known]).sum() == np.isfinite(found[~known]).sum() == 0


@pytest.mark.usefixtures("way")
def test_against_sympy() -> None:
    sympy = pytest.importorskip("sympy")
    from autograd.dialects.symbolic import symbol

    def f(x: Any, y: Any, z: Any) -> Any:
        return exp(x * y) + y**3 * sin(z) + z

    symbols = list(map(symbol, "xyz"))
    point = (0.5, -1.5, 2.0)
    matrix = sympy.hessian(f(*symbols), symbols).evalf(30, subs=dict(zip(symbols, point, strict=True)))
    found = np.array(compile(f).hessian(*point, argnums=("x", "y", "z")))
    assert found == pytest.approx(np.array(matrix.tolist(), float), rel=1e-14)
    assert compile(f).hessian(*point, argnums=(0, 1, 2), sparse=True).nnz == 7


# ---------------------------------------------------------------------------------------------------------------------
# Structures, batches, nodes
# ---------------------------------------------------------------------------------------------------------------------


def test_structures() -> None:
    def f(p: Any, q: Any, k: str) -> Any:
        return {"a": p["w"] @ p["w"] * q, "b": (p["w"][:2] * q, q**2)}

    def number(p: Any, q: Any, k: str) -> Any:
        return (p["w"] @ p["w"]) ** 2 * q + p["b"] ** 3

    p = {"w": np.array([1.0, 2.0, 3.0]), "b": 4.0}
    for argnums in (0, "q", (1, 0)):
        same(compile(f).jacobian(p, 2.0, "k", argnums=argnums), jacobian(f, argnums)(p, 2.0, "k"))
        same(compile(number).hessian(p, 2.0, "k", argnums=argnums), hessian(number, argnums)(p, 2.0, "k"))
    assert compile(number).hessian(p, 2.0, "k", argnums=(0, 1), sparse=True).shape == (5, 5)
    assert compile(f).jacobian(p, 2.0, "k", sparse=True).shape == (4, 4)


def test_programs_of_large_dense_hessians_are_short() -> None:
    n = 60
    f, x = compile(dense), np.linspace(0.0, 0.02, n)
    same(f.hessian(x), hessian(dense)(x), rel=1e-9)
    assert next(iter(f._specializations.values())).matrix("hessian", [0]).by_column is False
    sizes = {}
    for by_column in (False, True):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(specialization, "_is_long", lambda jacobian, chosen=by_column: chosen)
            f = compile(dense)
            f.hessian(x)
            matrix = next(iter(f._specializations.values())).matrix("hessian", [0])
            sizes[by_column] = matrix.operation.program().stats().uniforms
    assert sizes[True] < sizes[False] / 4


def test_large_dense_jacobians() -> None:
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(3, 40, 40)) / 6
    f = compile(lambda x: sin(weights[2] @ sin(weights[1] @ sin(weights[0] @ x))))
    x = rng.normal(size=40)
    expected, inner = np.eye(40), x
    for w in weights:
        expected, inner = np.cos(w @ inner)[:, np.newaxis] * (w @ expected), np.sin(w @ inner)
    same(f.jacobian(x), expected)
    matrix = next(iter(f._specializations.values())).matrix("jacobian", [0])
    assert matrix.by_column
    assert matrix.operation.program().stats().instructions < 2_000  # 40 sweeps have more than 100,000


def test_empty_matrices() -> None:
    f = compile(lambda x, y: x * 2.0)
    assert f.jacobian(np.zeros(0), 1.0).shape == (0, 0)
    assert f.jacobian(np.zeros(3), 1.0, argnums=1).tolist() == [0.0, 0.0, 0.0]
    assert f.jacobian(np.zeros(3), 1.0, argnums=1, sparse=True).nnz == 0
    assert compile(lambda x: 1.0).hessian(np.zeros(0)).shape == (0, 0)


def test_outputs_of_which_there_are_many_of_few_inputs() -> None:
    def orbit(x: Any) -> list[Any]:
        found = [x]
        for _ in range(100):
            found.append(found[-1] * 0.5 + sin(found[-1]))
        return found

    f = compile(orbit)
    same(f.jacobian(0.7), jacobian(orbit)(0.7))
    matrix = next(iter(f._specializations.values())).matrix("jacobian", [0])
    assert matrix.operation.program().stats().instructions < 800  # one sweep, and not one for each output


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_batches(reduction: Any) -> None:
    def f(w: Any, x: Any) -> Any:
        return (w[0] * x[0] + exp(w[1] * x[1])) ** 2 + w[2] ** 2

    rng = np.random.default_rng(0)
    w, xs = rng.normal(size=3), rng.normal(size=(5, 2))
    scale = 5 if reduction == "mean" else 1

    def total(w: Any) -> Any:
        return sum(f(w, x) for x in xs) / scale

    compiled = compile(f, batch="x", reduction=reduction)
    same(compiled.hessian(w, xs), hessian(total)(w))
    same(compiled.jacobian(w, xs), grad(total)(w))
    same(compiled.jacobian(w, xs, argnums="x"), np.stack([grad(f, 1)(w, x) for x in xs]) / scale)
    assert compiled.hessian(w, xs, sparse=True).nnz == 5
    each = compile(f, batch="x", reduction="none")
    same(each.hessian(w, xs), np.stack([hessian(f)(w, x) for x in xs]))
    same(each.hessian(w, xs, argnums="x"), np.stack([hessian(f, 1)(w, x) for x in xs]))
    (ww, wx), (xw, xx) = each.hessian(w, xs, argnums=(0, 1))
    assert [part.shape for part in (ww, wx, xw, xx)] == [(5, 3, 3), (5, 3, 2), (5, 2, 3), (5, 2, 2)]
    same(wx, np.stack([hessian(f, (0, 1))(w, x)[0][1] for x in xs]))
    with pytest.raises(ValueError, match='needs reduction="none"'):
        compiled.hessian(w, xs, argnums="x")
    with pytest.raises(ValueError, match="take one by one"):
        compiled.jacobian(w, xs, argnums=(0, 1))
    with pytest.raises(ValueError, match="one for each sample"):
        each.jacobian(w, xs, sparse=True)


@pytest.mark.usefixtures("way")
def test_nodes() -> None:
    def f(x: Any, c: Any) -> Any:
        return c * x[0] ** 3 * x[1] + c**2 * sin(x[2])

    compiled, x = compile(f), np.array([0.5, 2.0, -1.0])
    c = Value(1.5)
    found = compiled.hessian(x, c)
    assert isinstance(found, Tensor)
    (found**2).sum().backward()
    assert c.grad == pytest.approx(grad(lambda c: (hessian(f)(x, c) ** 2).sum())(1.5), rel=1e-12)
    same(grad(lambda x: compiled.hessian(x, 1.5).sum())(x), grad(lambda x: hessian(f)(x, 1.5).sum())(x))
    same(jacobian(lambda x: compiled.jacobian(x, 1.5))(x), hessian(f)(x, 1.5))
    fourth = hessian(lambda x: hessian(f)(x, 1.5).sum())(x)
    same(hessian(lambda x: compiled.hessian(x, 1.5).sum())(x), fourth)
    with pytest.raises(TypeError, match="holds plain numbers"):
        compiled.hessian(x, c, sparse=True)
    with no_grad():
        assert compiled.hessian(x, c, sparse=True).nnz == 4
    each = compile(lambda x, c: sin(x * c) * x, batch="x", reduction="none")
    points = np.array([0.5, 1.5])
    second = each.hessian(points, c)
    slopes = jacobian(lambda c: stack([hessian(lambda x, c: sin(x * c) * x)(x, c) for x in points]))(1.5)
    for i in range(2):
        c.grad = None
        second[i].backward()
        assert c.grad == pytest.approx(slopes[i])


@pytest.mark.usefixtures("way")
def test_captured_values() -> None:
    w = Value(3.0)
    f = compile(lambda x: w * x[0] ** 2 * x[1])
    assert f.hessian([1.0, 2.0]) == [[12.0, 6.0], [6.0, 0.0]]
    w.data = 1.0
    assert f.hessian(np.array([1.0, 2.0]), sparse=True).toarray().tolist() == [[4.0, 2.0], [2.0, 0.0]]
    assert f.jacobian([1.0, 2.0]) == [4.0, 1.0]


def test_what_a_hessian_refuses() -> None:
    with pytest.raises(TypeError, match="only a single number has a gradient"):
        compile(lambda x: [x, x]).hessian(1.0)
    with pytest.raises(ValueError, match="has no argument 'z'"):
        compile(lambda x: x).hessian(1.0, argnums="z")


# ---------------------------------------------------------------------------------------------------------------------
# Sparse matrices
# ---------------------------------------------------------------------------------------------------------------------


def test_a_sparse_result_is_the_callers_own() -> None:
    f, x = compile(residuals), np.linspace(0.0, 1.0, 5)
    first = f.jacobian(x, sparse=True)
    expected = first.toarray()
    first.data[:] = 7.0
    first.indices[:] = 0
    first.indptr[:] = 0
    assert np.array_equal(f.jacobian(x, sparse=True).toarray(), expected)
    solved = f.jacobian(x, sparse=True)
    assert np.array_equal((solved.T @ solved).toarray(), expected.T @ expected)


def test_without_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    with pytest.raises(ImportError, match=r"sparse=True needs SciPy.*pip install"):
        compile(residuals).jacobian(np.ones(3), sparse=True)


@given(st.integers(1, 6).flatmap(lambda n: st.sets(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)))))
def test_columns_of_one_colour_have_no_row_in_common(entries: set[tuple[int, int]]) -> None:
    lower = sorted((i, j) for i, j in entries if i >= j)
    pattern = Pattern((6, 6), lower, symmetric=True)
    numbers = np.arange(1.0, len(lower) + 1)
    matrix = pattern.dense(numbers)
    assert np.array_equal(matrix, matrix.T)
    assert np.array_equal(pattern.decompressed(matrix @ pattern.tangents), numbers)
    assert pattern.tangents.shape[1] <= 6


@pytest.mark.parametrize("f", [rosenbrock, residuals])
def test_programs_grow_with_the_entries(f: Any) -> None:
    sizes = []
    for n in (40, 80):
        compiled = compile(f)
        kind = "hessian" if f is rosenbrock else "jacobian"
        getattr(compiled, kind)(np.zeros(n))
        special = next(iter(compiled._specializations.values()))
        sizes.append(len(special._graph.expressions))
    assert sizes[1] < 2.2 * sizes[0]


# ---------------------------------------------------------------------------------------------------------------------
# Functions that return arrays
# ---------------------------------------------------------------------------------------------------------------------


def test_arrays_as_values() -> None:
    f = compile(lambda x: {"a": x**2, "b": x[0]})
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    for _ in range(3):
        found = f(x)
        assert np.array_equal(found["a"], x**2)
        assert found["b"].tolist() == [1.0, 2.0]
    one = compile(lambda x: np.array([[x, 2.0]], object))
    assert one(3.0).tolist() == [[3.0, 2.0]]
    x = Tensor(np.array([1.0, 2.0]))
    value = compile(lambda x: x**3)(x)
    value.sum().backward()
    assert x.grad.tolist() == [3.0, 12.0]


def test_arrays_as_values_of_a_batch() -> None:
    x = np.arange(6.0).reshape(3, 2)
    assert np.array_equal(compile(lambda x: x**2, batch=True, reduction="none")(x), x**2)
    assert np.array_equal(compile(lambda x: x**2, batch=True, reduction="sum")(x), (x**2).sum(axis=0))
    f = compile(lambda x: np.outer(x, x), batch=True, reduction="none")
    assert np.array_equal(f(x), x[:, :, np.newaxis] * x[:, np.newaxis])
    expected = np.stack([jacobian(lambda x: stack([[a * b for b in x] for a in x]))(row) for row in x])
    assert np.array_equal(f.jacobian(x), expected)


def test_seeds_of_arrays() -> None:
    w = Value(2.0)
    f = compile(lambda x: [w * x, x[0] * w**2])
    f.backward(np.array([1.0, 2.0]), seed=[np.array([1.0, 10.0]), 100.0])
    assert w.grad == 1.0 + 20.0 + 400.0
    w.grad = None
    many = compile(lambda x: np.array([w * x, x], object), batch=True, reduction="none")
    many.backward(np.array([1.0, 2.0]), seed=np.array([[1.0, 5.0], [3.0, 5.0]]))
    assert w.grad == 7.0
    w.grad = None
    many.backward(np.array([1.0, 2.0]), seed=np.array([1.0, 5.0]))
    assert w.grad == 3.0
    with pytest.raises(ValueError, match="arrays of the shapes of the value"):
        f.backward(np.ones(2), seed=[np.ones(3), 1.0])
    with pytest.raises(TypeError, match="only a single number"):
        f.backward(np.ones(2))


def test_a_gradient_of_an_array_with_one_number() -> None:
    f = compile(lambda x: np.array([x**2], object))
    for _ in range(3):
        value, slope = f.value_and_grad(3.0)
        assert (value.tolist(), slope) == ([9.0], 6.0)
    assert not math.isnan(autograd.grad(lambda x: f(x)[0])(3.0))
