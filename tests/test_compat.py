"""Programs written for HIPS autograd: its modules can be imported, and compute what NumPy and SciPy compute."""

from __future__ import annotations

import importlib
import math
import re
import warnings
from typing import Any

import numpy
import pytest

import autograd
import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import GradientError, Tensor, Value, check_gradients, elementwise_grad, grad
from autograd.builtins import isinstance as is_instance
from autograd.builtins import type as type_of
from autograd.extend import (
    defjvp,
    defjvp_argnum,
    defvjp,
    defvjp_argnum,
    defvjp_argnums,
    notrace_primitive,
    primitive,
)
from autograd.misc import flatten
from autograd.misc.fixed_points import fixed_point
from autograd.misc.flatten import flatten_func
from autograd.misc.optimizers import adam, rmsprop, sgd
from autograd.test_util import check_grads, combo_check
from autograd.tracer import Node, getval, isbox, trace

special = pytest.importorskip("scipy.special")
stats = pytest.importorskip("scipy.stats")
signal = pytest.importorskip("scipy.signal")

M = numpy.array([[0.3, 0.7, 0.2], [0.5, 0.1, 0.9]])
X = numpy.array([0.3, 1.7, 2.9])

MODULES = {
    "autograd": "grad value_and_grad jacobian hessian elementwise_grad deriv grad_and_aux grad_named multigrad_dict "
    "make_vjp make_jvp make_hvp make_ggnvp hessian_vector_product hessian_tensor_product vector_jacobian_product "
    "tensor_jacobian_product holomorphic_grad checkpoint",
    "autograd.builtins": "dict isinstance list tuple type",
    "autograd.extend": "Box VSpace defjvp defjvp_argnum defvjp defvjp_argnum defvjp_argnums "
    "notrace_primitive primitive",
    "autograd.misc": "flatten",
    "autograd.misc.fixed_points": "fixed_point",
    "autograd.misc.flatten": "flatten flatten_func",
    "autograd.misc.optimizers": "adam rmsprop sgd",
    "autograd.numpy": "array concatenate linalg random fft pi inf newaxis float64 ndarray r_ c_ make_diagonal msort "
    "row_stack",
    "autograd.numpy.fft": "fft",
    "autograd.numpy.linalg": "LinAlgError cholesky det eigh inv norm pinv slogdet solve svd",
    "autograd.numpy.random": "RandomState rand randn seed",
    "autograd.scipy": "integrate linalg signal special stats",
    "autograd.scipy.integrate": "odeint",
    "autograd.scipy.linalg": "solve_banded solve_sylvester solve_triangular sqrtm",
    "autograd.scipy.signal": "convolve",
    "autograd.scipy.special": "beta betainc betaln digamma erf erfc erfcinv erfinv expit gamma gammainc gammaincc "
    "gammaln gammasgn i0 i1 iv ive j0 j1 jn logit logsumexp multigammaln polygamma psi rgamma y0 y1 yn",
    "autograd.scipy.stats": "beta chi2 dirichlet gamma multivariate_normal norm poisson t",
    "autograd.scipy.stats.beta": "cdf logpdf pdf",
    "autograd.scipy.stats.chi2": "cdf logpdf pdf",
    "autograd.scipy.stats.dirichlet": "logpdf pdf",
    "autograd.scipy.stats.gamma": "cdf logpdf pdf",
    "autograd.scipy.stats.multivariate_normal": "entropy logpdf pdf",
    "autograd.scipy.stats.norm": "cdf logcdf logpdf logsf pdf sf",
    "autograd.scipy.stats.poisson": "cdf logpmf pmf",
    "autograd.scipy.stats.t": "cdf logcdf logpdf pdf",
    "autograd.test_util": "check_grads combo_check",
    "autograd.tracer": "Node getval isbox notrace_primitive primitive trace",
    "autograd.util": "func",
}


@pytest.mark.parametrize("module", MODULES)
def test_the_names_of_hips_autograd_are_there(module: str) -> None:
    found = importlib.import_module(module)
    assert [name for name in MODULES[module].split() if not hasattr(found, name)] == []


def test_numpy_is_numpy_where_nothing_is_differentiated() -> None:
    assert np.random.randn is numpy.random.randn
    assert npr.RandomState is numpy.random.RandomState
    assert np.sum is numpy.sum
    assert np.linalg.inv is numpy.linalg.inv
    assert np.pi == numpy.pi
    numpy.testing.assert_array_equal(np.array([[1, 2], [3, 4]], dtype=float), numpy.array([[1.0, 2.0], [3.0, 4.0]]))
    assert np.array([1, 2]).dtype == numpy.array([1, 2]).dtype
    numpy.testing.assert_array_equal(np.r_[1:4, 0], numpy.r_[1:4, 0])
    assert not hasattr(numpy, "row_stack") or np.row_stack([[1.0], [2.0]]).shape == (2, 1)


# Functions that are ours where there are nodes.  Each is compared with NumPy's own, and its gradient is checked.
NUMPY = {
    "append": lambda np, x: np.append(x, x[:1], axis=0),
    "append flat": lambda np, x: np.append(x, [1.0, 2.0]),
    "append none": lambda np, x: np.append(1.0, x),
    "array": lambda np, x: np.array([x[0], 2 * x[1]]),
    "array of numbers": lambda np, x: np.array([[x[0, 0], 1.0], [0.0, x[1, 1] ** 2]]),
    "array of rows": lambda np, x: np.array([[x[0], x[1]], [x[1], numpy.ones(3)]]),
    "array ndmin": lambda np, x: np.array(x, ndmin=4),
    "asarray": lambda np, x: np.asarray(x),
    "atleast": lambda np, x: np.atleast_1d(x[0, 0]) + np.atleast_2d(x[0]) + np.atleast_3d(x[0])[0],
    "atleast 3": lambda np, x: np.atleast_3d(x),
    "ceil": lambda np, x: np.ceil(3 * x) * x,
    "column_stack": lambda np, x: np.column_stack((x[:, 0], x, [1.0, 2.0])),
    "conj": lambda np, x: np.conj(x) * np.real(x) + np.imag(x) + np.real_if_close(x),
    "copy": lambda np, x: np.copy(x),
    "c_": lambda np, x: np.c_[x[0], x[1]],
    "r_": lambda np, x: np.r_[x[0], 1.0, x[1]],
    "vectorize": lambda np, x: np.vectorize(lambda a, b: a * b if b > 1.5 else np.sin(a))(
        x, numpy.array([1.0, 2.0, 3.0])
    ),
    "deg2rad": lambda np, x: np.deg2rad(x) + np.radians(x) + np.rad2deg(x) + np.degrees(x),
    "exp2": lambda np, x: np.exp2(x),
    "fabs": lambda np, x: np.fabs(x - 0.4),
    "float_power": lambda np, x: np.float_power(x, 3),
    "fmax": lambda np, x: np.fmax(x, [0.4, numpy.nan, 0.1]) + np.fmin(x, [0.4, numpy.nan, 0.1]),
    "full": lambda np, x: np.full((2, 3), x[0, 0]) * np.full_like(x, x[1, 1]),
    "gradient": lambda np, x: np.gradient(x, axis=1),
    "gradient of a vector": lambda np, x: np.gradient(x[0]),
    "linspace": lambda np, x: np.linspace(x[0, 0], 1.0, 5),
    "linspace of vectors": lambda np, x: np.linspace(x[0], x[1], 4, endpoint=False),
    "rounded": lambda np, x: x * np.round(3 * x) + np.rint(3 * x) + np.trunc(3 * x) + np.fix(3 * x) + np.around(x, 1),
    "select": lambda np, x: np.select([M > 0.6, M > 0.25], [x, x**2], 7.0),
    "max": lambda np, x: np.max(x, axis=1) + np.amin(x, 1) + np.std(x, axis=1) + np.prod(x, 1),
    "dot": lambda np, x: np.dot(x, numpy.ones((3, 2))) + np.tensordot(x, x, [[1], [1]]) + np.einsum("ij,kj->ik", x, x),
    "concatenate": lambda np, x: np.concatenate((x, numpy.ones((2, 1))), axis=1),
    "stack": lambda np, x: np.stack([x, x], 2) * np.expand_dims(x, 2),
    "where": lambda np, x: np.where(x > 0.25, x**2, np.sin(x)) + np.maximum(x, 0.4) + np.clip(x, 0.25, 0.6),
    "linalg": lambda np, x: np.linalg.solve(x @ x.T, x) + np.linalg.det(x @ x.T) + np.linalg.norm(x),
}


@pytest.mark.parametrize("name", NUMPY)
def test_functions_of_numpy(name: str) -> None:
    f = NUMPY[name]
    numpy.testing.assert_allclose(f(np, Tensor(M)).numpy(), f(numpy, M), rtol=1e-14)
    numpy.testing.assert_allclose(f(np, M), f(numpy, M), rtol=1e-14)
    check_gradients(lambda x: f(np, x), M)


def test_functions_of_numpy_that_read() -> None:
    for function in (np.flatnonzero, np.argwhere, np.isreal, np.iscomplexobj):
        numpy.testing.assert_array_equal(function(Tensor(M)), function(M))
    numpy.testing.assert_array_equal(np.angle(Tensor(M)).numpy(), numpy.angle(M))
    assert np.empty_like(Tensor(M)).shape == M.shape
    assert np.floor(Tensor(3 * M)).astype(int).tolist() == [[0, 2, 0], [1, 0, 2]]


def test_old_names_of_numpy() -> None:
    numpy.testing.assert_array_equal(np.msort(Tensor(M)).numpy(), numpy.sort(M, axis=0))
    numpy.testing.assert_array_equal(np.row_stack([Tensor(M), M]).numpy(), numpy.vstack([M, M]))
    numpy.testing.assert_allclose(np.trapz(Tensor(M), dx=0.5).numpy(), numpy.trapezoid(M, dx=0.5))
    assert len(np.gradient(Tensor(M))) == 2
    assert len(np.atleast_1d(Tensor(M), 1.0)) == 2


def test_lists_of_nodes_and_operands_by_name() -> None:
    x, y = autograd.Value(1.0), autograd.Value(4.0)
    assert (np.var([x, y]).item(), np.std((x, y)).item()) == (2.25, 1.5)
    numpy.testing.assert_array_equal(np.where(condition=M > 0, x=Tensor(M), y=0.0).numpy(), numpy.where(M > 0, M, 0.0))
    numpy.testing.assert_array_equal(np.where(M > 0), numpy.where(M > 0))
    assert (x.shape, x.ndim, x.size) == ((), 0, 1)
    assert autograd.isinstance(x, float)
    assert autograd.list is list


def test_what_numpy_cannot_do_for_nodes_is_an_error() -> None:
    with pytest.raises(NotImplementedError, match="concatenate"):
        np.r_["0,2", Tensor(X)]
    with pytest.raises(NotImplementedError, match="fft"):
        np.fft.fft(Tensor(X))


# ---------------------------------------------------------------------------------------------------------------------
# Transforms
# ---------------------------------------------------------------------------------------------------------------------


def f(x: Any, y: Any) -> Any:
    return np.sum(np.sin(x) * y**2)


G = numpy.array([1.0, -2.0, 0.5])


def test_transforms_at_one_argument() -> None:
    y = 2 * X
    numpy.testing.assert_allclose(autograd.make_vjp(f, 1)(X, y)[0](1.0), grad(f, 1)(X, y))
    value, rate = autograd.make_jvp(f, 1)(X, y)(G)
    assert (value, rate) == (f(X, y), pytest.approx(grad(f, 1)(X, y) @ G))
    hessian = autograd.hessian(f, 1)(X, y)
    numpy.testing.assert_allclose(autograd.hessian_vector_product(f, 1)(X, y, G), hessian @ G)
    product, slope = autograd.make_hvp(f, 1)(X, y)
    numpy.testing.assert_allclose(product(G), hessian @ G)
    numpy.testing.assert_allclose(slope, grad(f, 1)(X, y))
    both = autograd.make_vjp(f, (0, 1))(X, y)[0](2.0)
    numpy.testing.assert_allclose(both[1], 2 * grad(f, 1)(X, y))
    assert autograd.grad_named(f, "y")(X, y).tolist() == grad(f, 1)(X, y).tolist()
    assert autograd.deriv(f)(X, y) == pytest.approx(grad(f)(X, y).sum())


def test_vector_jacobian_product() -> None:
    found = autograd.vector_jacobian_product(lambda y, x: np.outer(x, y**2), 1)(X, X, M[:1].repeat(3, 0))
    numpy.testing.assert_allclose(found, numpy.full(3, M[0] @ X**2))
    ggn = autograd.make_ggnvp(lambda x: np.tanh(x) * X)(G)(X)
    jacobian = autograd.jacobian(lambda x: np.tanh(x) * X)(G)
    numpy.testing.assert_allclose(ggn, jacobian.T @ jacobian @ X)


def test_auxiliary_results_and_gradients_by_name() -> None:
    slope, aux = autograd.grad_and_aux(lambda x: (np.sum(x**2), {"last": x[-1], "all": x}))(X)
    numpy.testing.assert_allclose(slope, 2 * X)
    assert aux["last"] == X[-1]
    assert type(aux["all"]) is numpy.ndarray
    found = autograd.multigrad_dict(lambda a, *rest, b=2.0, **more: a * rest[0] * b * more["c"])(3.0, 5.0, c=7.0)
    assert found == {"a": 70.0, "rest": (42.0,), "b": 105.0, "more": {"c": 30.0}}


def test_transforms_nest_and_keep_what_is_captured() -> None:
    w = Value(2.0)
    pull, _ = autograd.make_vjp(lambda x: w * x**2)(3.0)
    pull(1.0).backward()
    assert w.grad == 6.0
    assert grad(lambda x: autograd.make_jvp(lambda y: y**2 * x)(3.0)(1.0)[1])(2.0) == 6.0


def test_complex_derivatives_are_refused() -> None:
    with pytest.raises(NotImplementedError, match="real and imaginary parts as two real arguments"):
        autograd.holomorphic_grad(lambda z: z)


# ---------------------------------------------------------------------------------------------------------------------
# misc
# ---------------------------------------------------------------------------------------------------------------------

PARAMS: Any = {"w": [M, (2.0, X)], "b": 0.5}


def test_flatten() -> None:
    vector, unflatten = flatten(PARAMS)
    numpy.testing.assert_array_equal(vector, [0.5, *M.ravel(), 2.0, *X])
    again = unflatten(vector)
    assert again["b"] == 0.5
    assert type(again["w"][1]) is tuple
    numpy.testing.assert_array_equal(again["w"][0], M)
    check_gradients(lambda p: flatten(p)[0] ** 2, PARAMS)
    check_gradients(lambda v: unflatten(v)["w"][1][1] * unflatten(v)["b"], vector)
    assert flatten([])[0].shape == (0,)
    with pytest.raises(ValueError, match="a vector of 11 numbers"):
        unflatten(vector[1:])


def test_flatten_func() -> None:
    doubled, unflatten, vector = flatten_func(lambda p, k: {name: k * p[name] for name in p}, {"b": X, "a": 1.0})
    numpy.testing.assert_array_equal(doubled(vector, 3), 3 * vector)
    assert unflatten(vector)["a"] == 1.0


@pytest.mark.parametrize(("optimizer", "options"), [(sgd, {}), (rmsprop, {}), (adam, {"step_size": 0.1})])
def test_optimizers(optimizer: Any, options: dict[str, Any]) -> None:
    seen: list[Any] = []

    def loss(p: Any, i: int) -> Any:
        return np.sum((p["w"] - X) ** 2) + (p["b"] - 1.0) ** 2

    found = optimizer(grad(loss), {"w": X * 0, "b": 5.0}, lambda *step: seen.append(step), num_iters=400, **options)
    numpy.testing.assert_allclose(found["w"], X, atol=0.02)
    assert found["b"] == pytest.approx(1.0, abs=0.02)
    params, i, slope = seen[0]
    assert (params["b"], i, slope["b"], len(seen)) == (5.0, 0, 8.0, 400)


def test_first_steps_of_the_optimizers() -> None:
    for optimizer, step in (
        (sgd, 0.1 * 0.1 * 3.0),
        (rmsprop, 0.1 * 3.0 / (numpy.sqrt(0.9 + 0.1 * 9.0) + 1e-8)),
        (adam, 0.001),
    ):
        assert optimizer(lambda x, i: 3.0, 1.0, num_iters=1) == pytest.approx(1.0 - step)
    with pytest.raises(ValueError, match="the gradient has 2 numbers, but the parameters have 3"):
        sgd(lambda x, i: x[:2], X)


def test_an_optimizer_can_be_differentiated() -> None:
    check_gradients(lambda rate: sgd(grad(lambda x, i: np.sum(x**4)), X, num_iters=3, step_size=rate), 0.01)


def test_fixed_point() -> None:
    def root(a: Any) -> Any:
        return fixed_point(
            lambda a: lambda x: (x + a / x) / 2, a, X * 0 + 1.0, lambda x, y: np.max(np.abs(x - y)), 1e-13
        )

    numpy.testing.assert_allclose(root(X), numpy.sqrt(X))
    check_gradients(root, X)
    numpy.testing.assert_allclose(elementwise_grad(elementwise_grad(root))(X), -0.25 * X**-1.5)


# ---------------------------------------------------------------------------------------------------------------------
# extend, tracer, builtins, test_util
# ---------------------------------------------------------------------------------------------------------------------


def scaled_exp() -> Any:
    @primitive
    def f(x: Any, k: Any, name: str = "exp") -> Any:
        """k exp(x)."""
        assert not isbox(x)
        assert not isbox(k)
        return k * getattr(numpy, name)(x)

    return f


def test_a_primitive_with_its_derivatives() -> None:
    f = scaled_exp()
    assert (f.__name__, f.__doc__) == ("f", "k exp(x).")
    assert type(f(X, 2.0)) is numpy.ndarray
    defvjp(
        f, lambda ans, x, k, name="exp": lambda g: g * ans, lambda ans, x, k, name="exp": lambda g: np.sum(g * ans / k)
    )
    check_grads(lambda x: f(x, 3.0))(X)
    check_grads(f, 1, order=1)(X, 3.0)
    check_gradients(lambda x, k: f(x, k, name="exp"), X, 3.0)


def test_the_ways_to_declare_a_derivative() -> None:
    for declare in (
        lambda f: defvjp(f, lambda ans, x, k: lambda g: g * ans, argnums=[0]),
        lambda f: defvjp_argnum(f, lambda argnum, ans, args, kwargs: lambda g: g * ans),
        lambda f: defvjp_argnums(f, lambda argnums, ans, args, kwargs: lambda g: [g * ans for _ in argnums]),
    ):
        f = scaled_exp()
        declare(f)
        check_gradients(lambda x, f=f: f(x, 2.0), X)
    for declare in (
        lambda f: defjvp(f, lambda g, ans, x, k: g * ans, "same"),
        lambda f: defjvp_argnum(f, lambda argnum, g, ans, args, kwargs: g * (ans / args[1] if argnum else ans)),
    ):
        f = scaled_exp()
        declare(f)
        _, rate = autograd.jvp(f, (X, 2.0), (G, 1.0))
        numpy.testing.assert_allclose(rate, 2 * numpy.exp(X) * G + numpy.exp(X))
        assert autograd.jvp(lambda x, f=f: f(x, 2.0), (X,), (G,))[1].shape == (3,)


def test_an_argument_that_does_not_matter_has_the_slope_0() -> None:
    f = scaled_exp()
    defvjp(f, None, lambda ans, x, k: lambda g: np.sum(g * ans) / k)
    defjvp(f, None, "same")
    numpy.testing.assert_array_equal(grad(lambda x: np.sum(f(x, 2.0)))(X), 0 * X)
    numpy.testing.assert_array_equal(autograd.jvp(lambda x: f(x, 2.0), (X,), (G,))[1], 0 * X)


def test_structures_as_arguments_of_a_primitive() -> None:
    calls = []

    @primitive
    def weighted(params: Any, x: Any) -> Any:
        return params["w"] @ x + params["b"][0]

    def pulled(ans: Any, params: Any, x: Any) -> Any:
        def pull(g: Any) -> Any:
            calls.append(1)
            return {"w": np.outer(g, x), "b": (np.sum(g), 0.0)}

        return pull

    defvjp(weighted, pulled, lambda ans, params, x: lambda g: params["w"].T @ g)
    params = {"w": M, "b": (0.5, 1.0)}
    check_gradients(weighted, params, X)
    calls.clear()
    autograd.grad(lambda p: np.sum(weighted(p, X)))(params)
    assert calls == [1]  # one call for all parts of an argument


def test_a_primitive_keeps_its_own_numbers() -> None:
    @primitive
    def total(x: Any, weights: Any) -> Any:
        return numpy.sum(x * weights)

    defvjp(total, lambda ans, x, weights: lambda g: g * weights)
    weights = numpy.ones(3)
    x = Tensor(X)
    y = total(x, weights)
    weights[:] = 7.0
    y.backward()
    assert x.grad.tolist() == [1.0, 1.0, 1.0]

    @primitive
    def writes(x: Any) -> Any:
        x[0] = 5.0
        return x

    with pytest.raises(ValueError, match="read-only"):
        writes(Tensor(X))


def test_what_a_primitive_cannot_do_is_an_error() -> None:
    f = scaled_exp()
    with pytest.raises(
        NotImplementedError, match=r"the derivative of f in argument 0 is not declared: use defvjp\(f, "
    ):
        grad(lambda x: np.sum(f(x, 2.0)))(X)
    with pytest.raises(TypeError, match="by position, not by name"):
        f(1.0, k=Value(2.0))
    with pytest.raises(TypeError, match="sin is not a primitive: decorate it"):
        defvjp(np.sin, lambda ans, x: lambda g: g)
    with pytest.raises(ValueError, match="\"same\", not 'other'"):
        defjvp(f, "other")
    w = Value(2.0)
    captures = primitive(lambda x: x * w)
    with pytest.raises(TypeError, match="returned a node, which it found outside of its arguments"):
        captures(Value(1.0))
    with pytest.raises(TypeError, match="not a real number or an array of real numbers"):
        primitive(lambda x: x + 1j)(Value(1.0))


@pytest.mark.parametrize(
    ("module", "name"), [("extend", "vspace"), ("extend", "JVPNode"), ("extend", "def_linear"), ("tracer", "new_box")]
)
def test_the_inside_of_hips_autograd_is_refused_in_a_sentence(module: str, name: str) -> None:
    with pytest.raises(ImportError, match=f"{name} is (an internal name of HIPS autograd|not supported): "):
        exec(f"from autograd.{module} import {name}")


def test_functions_without_derivatives() -> None:
    order = notrace_primitive(numpy.argsort)
    assert order(Tensor(-X)).tolist() == [2, 1, 0]


def test_getval() -> None:
    assert getval(Value(2.0)) == 2.0
    assert getval("text") == "text"
    numpy.testing.assert_array_equal(getval(Tensor(X)), X)
    assert grad(lambda x: x * getval(x))(3.0) == 3.0


class Step(Node):
    def __init__(self, value: Any, fun: Any, args: Any, kwargs: Any, parent_argnums: Any, parents: Any) -> None:
        shown = list(args)
        for i, parent in zip(parent_argnums, parents, strict=True):
            shown[i] = parent.name
        self.lines = list(dict.fromkeys(line for parent in parents for line in parent.lines))
        self.name = "abcdefghij"[len(self.lines) + 1]
        self.lines.append(f"{self.name} = {fun.__name__}({', '.join(map(str, shown))}) = {value:.4g}")

    def initialize_root(self, x: float) -> None:
        self.name, self.lines = "a", []


def test_trace() -> None:
    value, node = trace(Step.new_root(0.5), lambda x: np.sin(x + x) / 2, 0.5)
    assert node.lines == ["b = add(a, a) = 1", "c = sin(b) = 0.8415", "d = divide(c, 2.0) = 0.4207"]
    assert value == numpy.sin(1.0) / 2
    value, node = trace(Step.new_root(0.5), grad(np.sin), 0.5)
    assert value == numpy.cos(0.5)
    assert node is not None
    with pytest.warns(UserWarning, match="the output does not depend on the input"):
        assert trace(Step.new_root(0.5), lambda x: 1.0, 0.5) == (1.0, None)
    with pytest.raises(NotImplementedError, match="initialize_root"):
        Node.new_root(1.0)


def test_isinstance_and_type_see_what_a_node_holds() -> None:
    assert is_instance(Tensor(X), np.ndarray)
    assert is_instance(Value(1.0), float)
    assert is_instance(Value(1.0), Value)
    assert not is_instance(Tensor(X), (float, list))
    assert is_instance([], list)
    assert (type_of(Tensor(X)), type_of(Value(1.0)), type_of(())) == (np.ndarray, float, tuple)


def test_check_grads() -> None:
    check_grads(f, 1, modes=["rev"], order=1)(X, X)
    with pytest.raises(AssertionError, match="measured"):
        check_grads(wrong(), order=1)(1.0)
    with pytest.raises(ValueError, match="modes"):
        check_grads(f, modes=["backward"])
    with pytest.raises(ValueError, match="order"):
        check_grads(f, order=3)


def wrong() -> Any:
    square = primitive(lambda x: x * x)
    defvjp(square, lambda ans, x: lambda g: g * x)
    return square


# ---------------------------------------------------------------------------------------------------------------------
# scipy
# ---------------------------------------------------------------------------------------------------------------------

P = numpy.array([0.2, 0.5, 0.7])
A = numpy.array([0.6, 1.0, 4.5])
SPECIAL: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(
        [
            "gamma",
            "rgamma",
            "gammaln",
            "digamma",
            "psi",
            "i0",
            "i1",
            "j0",
            "j1",
            "k0",
            "k0e",
            "k1",
            "k1e",
            "i0e",
            "i1e",
            "y0",
            "y1",
            "erf",
            "erfc",
            "erfcx",
            "expit",
            "log_ndtr",
            "ndtr",
        ],
        (X,),
    ),
    **dict.fromkeys(["erfinv", "erfcinv", "logit", "ndtri"], (P,)),
    **dict.fromkeys(["beta", "betaln", "xlogy", "xlog1py"], (A, X)),
}
ONE_SLOPE: dict[str, tuple[Any, ...]] = {
    "gammainc": (A, X),
    "gammaincc": (A, X),
    "betainc": (A, A[::-1], P),
    "jn": (2, X),
    "yn": (2, X),
    "iv": (0.3, X),
    "kn": (2, X),
    "kv": (0.3, X),
    "kve": (1.5, X),
    "ive": (1.5, X),
    "stdtr": (A, X),
    "polygamma": (2, X),
}
"""Functions that have a derivative in the last argument only."""


def ours(name: str) -> Any:
    return getattr(importlib.import_module("autograd.scipy.special"), name)


@pytest.mark.parametrize("name", [*SPECIAL, *ONE_SLOPE])
def test_special_functions(name: str) -> None:
    *constants, x = {**SPECIAL, **ONE_SLOPE}[name]
    theirs = getattr(special, name)
    numpy.testing.assert_allclose(ours(name)(*constants, x), theirs(*constants, x), rtol=1e-13)
    numpy.testing.assert_allclose(ours(name)(*constants, Tensor(x)).numpy(), theirs(*constants, x), rtol=1e-13)
    if name in SPECIAL:
        check_gradients(ours(name), *constants, x)
    else:
        check_gradients(lambda x: ours(name)(*constants, x), x)
    assert ours(name)(*[numpy.ravel(c)[0] for c in constants], Value(0.4)).item() == pytest.approx(
        theirs(*[numpy.ravel(c)[0] for c in constants], 0.4)
    )


@pytest.mark.parametrize("name", ["gammainc", "gammaincc", "betainc", "iv", "jn", "kn", "kve", "yn", "ive", "stdtr"])
def test_a_derivative_that_is_not_elementary_is_refused(name: str) -> None:
    first, *rest = ONE_SLOPE[name]
    with pytest.raises(TypeError, match=r"the derivative in .* is not elementary, so give a number, not a Tensor"):
        grad(lambda x: np.sum(ours(name)(x, *rest)))(first * numpy.ones(1))


def test_other_special_functions() -> None:
    numpy.testing.assert_array_equal(ours("gammasgn")(Tensor(-X)), special.gammasgn(-X))
    assert ours("multigammaln")(3.5, 3) == pytest.approx(special.multigammaln(3.5, 3))
    check_gradients(lambda a: ours("multigammaln")(a, 3), 3.5)
    with pytest.raises(ValueError, match="multigammaln"):
        ours("multigammaln")(0.5, 3)
    assert numpy.isnan(grad(ours("gammainc"), 1)(1.0, numpy.array(-0.5)))


def test_logsumexp() -> None:
    weights = numpy.array([1.0, 0.0, 2.5])
    for options in ({}, {"axis": 1}, {"axis": 0, "keepdims": True}, {"b": weights}, {"axis": 1, "b": weights}):
        numpy.testing.assert_allclose(ours("logsumexp")(M, **options), special.logsumexp(M, **options))
        check_gradients(lambda x, options=options: ours("logsumexp")(x, **options), M)
    with pytest.raises(ValueError, match="negative"):
        ours("logsumexp")(M, b=-1.0)


DENSITIES: dict[str, tuple[Any, ...]] = {
    **{f"norm.{name}": (X, 0.5, A) for name in ("pdf", "logpdf", "cdf", "logcdf", "sf", "logsf")},
    **{f"t.{name}": (X, A, 0.5, 2.0) for name in ("pdf", "logpdf", "cdf", "logcdf")},
    **{f"gamma.{name}": (X, A) for name in ("pdf", "logpdf", "cdf")},
    **{f"chi2.{name}": (X, A) for name in ("pdf", "logpdf", "cdf")},
    **{f"beta.{name}": (P, A, X) for name in ("pdf", "logpdf", "cdf")},
    **{f"poisson.{name}": (numpy.array([0, 2, 5]), X) for name in ("pmf", "logpmf", "cdf")},
}


def distribution(name: str) -> tuple[Any, Any]:
    home, _, function = name.partition(".")
    mine = importlib.import_module(f"autograd.scipy.stats.{home}")
    return getattr(mine, function), getattr(getattr(stats, home), function)


@pytest.mark.parametrize("name", DENSITIES)
def test_distributions(name: str) -> None:
    mine, theirs = distribution(name)
    args = DENSITIES[name]
    numpy.testing.assert_allclose(mine(*args), theirs(*args), rtol=1e-12)
    if name.startswith("poisson"):
        check_gradients(lambda mu: mine(args[0], mu), args[1])
    elif "cdf" in name and not name.startswith("norm"):
        check_gradients(lambda x: mine(x, *args[1:]), args[0])
    else:
        check_gradients(mine, *args)


@pytest.mark.parametrize("name", DENSITIES)
def test_distributions_outside_of_their_support_and_for_parameters_that_are_not_valid(name: str) -> None:
    mine, theirs = distribution(name)
    _, *rest = DENSITIES[name]
    x = numpy.array([-numpy.inf, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, numpy.inf, numpy.nan])
    if name.startswith("poisson"):
        x = x[1:-2]
    with warnings.catch_warnings(), numpy.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        numpy.testing.assert_allclose(
            mine(x, *[numpy.ravel(p)[-1] for p in rest]), theirs(x, *[numpy.ravel(p)[-1] for p in rest]), rtol=1e-12
        )
        for i in range(len(rest)):
            invalid = [-1.0 if i == k else numpy.ravel(p)[-1] for k, p in enumerate(rest)]
            numpy.testing.assert_allclose(mine(0.5, *invalid), theirs(0.5, *invalid), rtol=1e-12)
            if numpy.isnan(theirs(0.5, *invalid)) and not name.startswith("poisson"):
                assert numpy.isnan(grad(mine)(0.5, *invalid))
        if not name.startswith("poisson"):
            slopes = elementwise_grad(mine)(x, *[numpy.ravel(p)[-1] for p in rest])
            assert numpy.isnan(slopes[-1])


def test_far_tails_of_the_normal_distribution() -> None:
    x = numpy.array([-60.0, -20.0])
    logcdf, theirs = distribution("norm.logcdf")
    numpy.testing.assert_allclose(logcdf(x), theirs(x), rtol=1e-14)
    numpy.testing.assert_allclose(elementwise_grad(logcdf)(x), -x - 1 / x, rtol=1e-3)


COVARIANCE = numpy.array([[2.0, 0.3, 0.1], [0.3, 1.0, -0.2], [0.1, -0.2, 0.5]])


@pytest.mark.parametrize("x", [X, numpy.stack([X, G]), numpy.stack([M, M + 1.0])], ids=["point", "points", "stack"])
def test_multivariate_normal(x: Any) -> None:
    import autograd.scipy.stats.multivariate_normal as mvn

    numpy.testing.assert_allclose(mvn.logpdf(x, G, COVARIANCE), stats.multivariate_normal.logpdf(x, G, COVARIANCE))
    numpy.testing.assert_allclose(mvn.pdf(x, G, COVARIANCE), stats.multivariate_normal.pdf(x, G, COVARIANCE))

    def logpdf(x: Any, mean: Any, root: Any) -> Any:
        return mvn.logpdf(x, mean, root @ root.T + np.eye(3))

    check_gradients(logpdf, x, G, COVARIANCE)


def test_forms_of_a_covariance() -> None:
    import autograd.scipy.stats.multivariate_normal as mvn

    theirs = stats.multivariate_normal
    for args in ((X, G, 2.0), (X, G, A), (0.5, 0.1, 2.0), (X, 0.1, 2.0), (X, G), (0.5,)):
        found, expected = mvn.logpdf(*args), theirs.logpdf(*args)
        numpy.testing.assert_allclose(found, expected)
        assert numpy.shape(found) == numpy.shape(expected)
    numpy.testing.assert_allclose(mvn.entropy(G, COVARIANCE), theirs.entropy(G, COVARIANCE))
    check_gradients(lambda scale: mvn.entropy(G, scale * COVARIANCE), 1.5)
    with pytest.raises(ValueError, match=r"not positive definite: add a small multiple of np\.eye"):
        mvn.logpdf(X, G, numpy.ones((3, 3)))
    with pytest.raises(ValueError, match="not symmetric"):
        mvn.logpdf(X, G, COVARIANCE + numpy.triu(numpy.ones((3, 3)) * 0.01, 1))
    with pytest.raises(ValueError, match="3 dimensions"):
        mvn.logpdf(X, G, numpy.eye(2))


def test_dirichlet() -> None:
    from autograd.scipy.stats import dirichlet

    shares = numpy.array([0.2, 0.3, 0.5])
    for x in (shares, shares[:2], numpy.stack([shares, shares[::-1]], 1)):
        numpy.testing.assert_allclose(dirichlet.logpdf(x, A), stats.dirichlet.logpdf(x, A))
        numpy.testing.assert_allclose(dirichlet.pdf(x, A), stats.dirichlet.pdf(x, A))
        check_gradients(lambda alpha, x=x: dirichlet.logpdf(x, alpha), A)
    check_gradients(lambda z: dirichlet.logpdf(np.exp(z) / np.sum(np.exp(z)), A), X)
    for x, alpha in ((shares * 2, A), (shares, -A), (-shares, A), (shares[:1], A)):
        with pytest.raises(ValueError, match="dirichlet"):
            dirichlet.logpdf(x, alpha)


def test_a_count_has_no_derivative() -> None:
    from autograd.scipy.stats import poisson

    with pytest.raises(TypeError, match="the count k has no derivative"):
        grad(poisson.logpmf)(2.0, 1.0)


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_convolve(mode: str) -> None:
    from autograd.scipy.signal import convolve

    rng = numpy.random.default_rng(0)
    a, b = rng.normal(size=(5, 4)), rng.normal(size=(3, 1))
    numpy.testing.assert_allclose(convolve(a, b, mode=mode), signal.convolve(a, b, mode=mode), atol=1e-14)
    if mode != "same":
        numpy.testing.assert_allclose(convolve(b, a, mode=mode), signal.convolve(b, a, mode=mode), atol=1e-14)
    check_gradients(lambda a, b: convolve(a, b, mode=mode), a, b)
    images, kernels = rng.normal(size=(2, 3, 5, 5)), rng.normal(size=(3, 4, 2, 3))
    axes: Any = {"axes": ([2, 3], [2, 3]), "dot_axes": ([1], [0])}
    expected = [
        [sum(signal.convolve(image[c], kernels[c, k], mode=mode) for c in range(3)) for k in range(4)]
        for image in images
    ]
    numpy.testing.assert_allclose(convolve(images, kernels, mode=mode, **axes), expected, atol=1e-13)


def test_convolve_refuses() -> None:
    from autograd.scipy.signal import convolve

    with pytest.raises(ValueError, match="the larger one along all axes"):
        convolve(numpy.ones((2, 3)), numpy.ones((3, 2)), mode="valid")
    with pytest.raises(ValueError, match='"full", "same" and "valid"'):
        convolve(X, X, mode="middle")


def test_odeint() -> None:
    from autograd.scipy.integrate import odeint

    def pendulum(y: Any, t: Any, params: Any) -> Any:
        return np.array([y[1], -params["g"] * np.sin(y[0]) - params["c"][0] * y[1] + t])

    times, start = numpy.array([0.0, 0.4, 1.0]), numpy.array([0.5, -0.2])
    params = {"g": 2.0, "c": [0.3]}
    options = {"rtol": 1e-12, "atol": 1e-12}

    def solved(start: Any, times: Any, params: Any) -> Any:
        return odeint(pendulum, start, times, (params,), **options)

    theirs = pytest.importorskip("scipy.integrate").odeint(pendulum, start, times, (params,), **options)
    numpy.testing.assert_allclose(solved(start, times, params), theirs, rtol=1e-9)
    # The solver's own noise exceeds the error that check_gradients expects, so differences are taken by hand.
    for i in range(3):
        slope = grad(lambda *args: np.sum(G[:2] * solved(*args)[1:]), i)(start, times, params)
        for place, found in enumerate(flatten(slope)[0]):
            vector, unflatten = flatten((start, times, params)[i])
            step = 1e-5 * (numpy.arange(vector.size) == place)
            rise = 0.0
            for sign in (1, -1):
                args = [start, times, params]
                args[i] = unflatten(vector + sign * step)
                rise += sign * numpy.sum(G[:2] * solved(*args)[1:])
            assert found == pytest.approx(rise / 2e-5, abs=1e-6)


def test_second_derivatives_of_odeint_in_the_times() -> None:
    from autograd.scipy.integrate import odeint

    pytest.importorskip("scipy.integrate")

    def last(times: Any) -> Any:  # of dy/dt = ty, which is exp(t²/2 - s²/2) after a start at s
        return odeint(lambda y, t: t * y, numpy.array([1.0]), times, rtol=1e-11, atol=1e-11)[-1, 0]

    times = numpy.array([0.2, 0.5, 0.9])
    value = math.exp(0.5 * (0.81 - 0.04))
    numpy.testing.assert_allclose(grad(last)(times), [-0.2 * value, 0.0, 0.9 * value], atol=1e-8)
    second = grad(lambda t: grad(last)(t)[2])(times)
    numpy.testing.assert_allclose(second, [-0.2 * 0.9 * value, 0.0, 1.81 * value], atol=1e-7)


def test_make_diagonal() -> None:
    for x, *where in ((X, 0, -1, -2), (M, 0, -1, -2), (M, 1, 0, 1), (M, -2, 2, 0), (X, 2)):
        made = np.make_diagonal(x, *where)
        numpy.testing.assert_array_equal(numpy.diagonal(made, *where), x)
        assert numpy.count_nonzero(made) == numpy.count_nonzero(x)
        check_gradients(lambda x, where=where: np.make_diagonal(x, *where), x)


def test_combo_check() -> None:
    combo_check(np.sum)([M, X], axis=[None, 0])
    check_grads(lambda x, n, y: x**n * y, (0, 2), order=1)(2.0, 3, 4.0)
    with pytest.raises(GradientError):
        check_grads(lambda x, y: x * y.numpy(), [0, 1])(X, X)


# ---------------------------------------------------------------------------------------------------------------------
# Whole programs
# ---------------------------------------------------------------------------------------------------------------------


def test_a_program_that_fits_a_mixture_of_two_normal_distributions() -> None:
    from autograd.scipy.special import logsumexp
    from autograd.scipy.stats import norm

    rs = npr.RandomState(1)
    data = np.concatenate([rs.randn(150) * 0.5 - 2.0, rs.randn(50) + 3.0])

    def negative_log_likelihood(params: Any, i: int = 0) -> Any:
        weights = params["logits"] - logsumexp(params["logits"])
        terms = norm.logpdf(np.expand_dims(data, 1), params["means"], np.exp(params["log_scales"]))
        return -np.mean(logsumexp(terms + weights, axis=1))

    start = {"logits": np.zeros(2), "means": np.array([-1.0, 1.0]), "log_scales": np.zeros(2)}
    check_grads(negative_log_likelihood)(start)
    found = adam(grad(negative_log_likelihood), start, num_iters=500, step_size=0.05)
    numpy.testing.assert_allclose(found["means"], [-2.0, 3.0], atol=0.3)
    weights = np.exp(found["logits"]) / np.sum(np.exp(found["logits"]))
    numpy.testing.assert_allclose(weights, [0.75, 0.25], atol=0.05)


def test_a_program_that_trains_a_net_by_newton_steps() -> None:
    rs = npr.RandomState(0)
    inputs = rs.randn(40, 2)
    targets = np.tanh(inputs @ np.array([1.0, -2.0])) + 0.1

    def predict(params: Any, inputs: Any) -> Any:
        for weights, bias in params:
            inputs = np.tanh(np.dot(inputs, weights) + bias)
        return inputs[:, 0]

    def loss(vector: Any) -> Any:
        return np.mean((predict(unflatten(vector), inputs) - targets) ** 2) + 0.01 * np.dot(vector, vector)

    vector, unflatten = flatten([(rs.randn(2, 3), rs.randn(3)), (rs.randn(3, 1), rs.randn(1))])
    curvature = autograd.hessian_vector_product(loss)
    before = loss(vector)
    for _ in range(50):
        slope = grad(loss)(vector)
        along = slope @ curvature(vector, slope)
        vector = vector - min(0.5, slope @ slope / max(along, 1e-3)) * slope
    assert loss(vector) < before / 4
    numpy.testing.assert_allclose(curvature(vector, slope), autograd.hessian(loss)(vector) @ slope, rtol=1e-9)


def test_no_message_names_what_is_not_there() -> None:
    with pytest.raises(ImportError) as caught:
        exec("from autograd.extend import vspace")
    assert re.search("read the graph by node.operands instead$", str(caught.value))
