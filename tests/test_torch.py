"""Agreement with PyTorch, values and gradients, where it is installed: ties, zeros, infinities and nan included."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd
from autograd import PRIMITIVES, arrays, composed, linalg
from autograd.sweep import adjoints, topological_order
from autograd.tensor import Tensor

torch = pytest.importorskip("torch")
F = torch.nn.functional

rng = np.random.default_rng(3)
X = rng.normal(size=(3, 4))
Y = rng.uniform(0.5, 2.0, (4,))
C = rng.normal(size=(2, 3, 4))
Q = X @ X.T + np.eye(3)
TIES = np.array([[1.0, 2.0, 2.0, 0.0], [0.0, 0.0, -1.0, 0.0], [3.0, 1.0, 3.0, 3.0]])
ENDS = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e300, -1e300, 1e-300, 30.0, -30.0])


def compare(ours: Any, theirs: Any, *operands: np.ndarray, dtype: Any = np.float64) -> None:
    """The same value, and the same gradient from a seed of many different numbers."""
    operands = tuple(np.asarray(x, dtype) for x in operands)
    with np.errstate(all="ignore"):
        leaves = [Tensor(x) for x in operands]
        y = ours(*leaves)
    others = [torch.tensor(x, requires_grad=True) for x in operands]
    z = theirs(*others)
    tolerance = {"rtol": 1e-10, "atol": 1e-12} if dtype is np.float64 else {"rtol": 2e-4, "atol": 2e-5}
    np.testing.assert_allclose(y.numpy(), z.detach().numpy(), **tolerance)
    assert y.dtype == dtype
    seed = np.linspace(0.5, 1.5, y.size).reshape(y.shape).astype(dtype)
    z.backward(torch.tensor(seed))
    gradients = adjoints(topological_order(y), seed)
    for x, other in zip(leaves, others, strict=True):
        wanted = np.zeros(x.shape) if other.grad is None else other.grad.numpy()
        np.testing.assert_allclose(gradients[x], wanted, **tolerance)


def name(value: Any) -> str:
    return value if isinstance(value, str) else ""


ELEMENTWISE = [
    *("exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "square", "reciprocal", "negative", "sin", "cos", "tan"),
    *("arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "absolute", "sign"),
    *("sigmoid", "softplus", "relu", "softsign", "silu", "gelu", "erf", "floor", "elu"),
]
THEIRS = {name: getattr(F, name) for name in ("softplus", "softsign", "silu", "gelu", "elu")}
INSIDE = {"arccosh": 1.0 + Y, "arctanh": Y / 3.0, "arcsin": Y / 3.0, "arccos": Y / 3.0}


@pytest.mark.parametrize("op", ELEMENTWISE)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_elementwise(op: str, dtype: Any) -> None:
    theirs = THEIRS.get(op) or getattr(torch, op)
    compare(PRIMITIVES[op], theirs, INSIDE.get(op, Y), dtype=dtype)
    if PRIMITIVES[op].domain[0].low == -np.inf and op not in INSIDE:
        compare(PRIMITIVES[op], theirs, X, dtype=dtype)


# At nan, where PyTorch's relu has the slope 1, its sign the value 0 and its abs the slope 0, we follow NumPy.
@pytest.mark.parametrize("op", ["exp", "sin", "arctan", "relu", "sqrt", "log", "sign", "floor", "square", "absolute"])
def test_elementwise_at_the_ends(op: str) -> None:
    points = ENDS[~np.isnan(ENDS)] if op in ("relu", "sign", "absolute") else ENDS
    compare(PRIMITIVES[op], getattr(torch, op), points)


BINARY = ["add", "subtract", "multiply", "divide", "maximum", "minimum", "hypot", "arctan2"]


@pytest.mark.parametrize("op", BINARY)
def test_of_two_operands_with_broadcasting_and_ties(op: str) -> None:
    compare(PRIMITIVES[op], getattr(torch, op), X, Y)
    compare(PRIMITIVES[op], getattr(torch, op), C, X[:, :1])
    if op in ("maximum", "minimum", "add"):
        compare(PRIMITIVES[op], getattr(torch, op), TIES, TIES[0])


def test_power() -> None:
    compare(lambda x, y: y**x, lambda x, y: y**x, X, Y)
    compare(lambda x: x**3, lambda x: x**3, np.array([0.0, -1.0, 2.0]))
    compare(lambda x: x**0, lambda x: x**0, np.array([0.0, -1.0, 2.0]))
    compare(lambda x: 0.0**x, lambda x: 0.0**x, np.array([1.0, 2.0]))


REDUCTIONS: list[tuple[str, Any, Any]] = [
    ("sum", arrays.sum, torch.sum),
    ("mean", composed.mean, torch.mean),
    ("max", arrays.max, torch.amax),
    ("min", arrays.min, torch.amin),
    ("var", composed.var, lambda x, *a: torch.var(x, *a, correction=0)),
    ("std", composed.std, lambda x, *a: torch.std(x, *a, correction=0)),
    ("logsumexp", arrays.logsumexp, torch.logsumexp),
    ("norm", lambda x, *a: linalg.norm(x, None, *a), lambda x, *a: torch.linalg.vector_norm(x, 2, *a)),
]


@pytest.mark.parametrize(("label", "ours", "theirs"), REDUCTIONS, ids=name)
@pytest.mark.parametrize("axis", [0, -1, (0, 2)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_reductions(label: str, ours: Any, theirs: Any, axis: Any, dtype: Any) -> None:
    compare(lambda x: ours(x, axis), lambda x: theirs(x, axis), C, dtype=dtype)
    if label in ("max", "min", "sum", "logsumexp", "norm") and not isinstance(axis, tuple):
        compare(lambda x: ours(x, axis), lambda x: theirs(x, axis), TIES)


INFINITE = np.array([[1.0, np.inf, 2.0], [-np.inf, 0.0, 1.0], [-np.inf, -np.inf, -np.inf]])

PAIRS: list[tuple[str, Any, Any, tuple[np.ndarray, ...]]] = [
    ("softmax", lambda x: arrays.softmax(x, -1), lambda x: F.softmax(x, -1), (1e3 * X,)),
    ("log_softmax", lambda x: arrays.log_softmax(x, 0), lambda x: F.log_softmax(x, 0), (1e3 * X,)),
    ("logsumexp at -inf", lambda x: arrays.logsumexp(x, -1), lambda x: torch.logsumexp(x, -1), (INFINITE[1:2],)),
    ("max of inf", lambda x: arrays.max(x, -1), lambda x: torch.amax(x, -1), (INFINITE,)),
    ("prod with zeros", lambda x: arrays.prod(x, 1), lambda x: torch.prod(x, 1), (TIES,)),
    ("cumsum", lambda x: arrays.cumsum(x, 1), lambda x: torch.cumsum(x, 1), (C,)),
    ("cumprod with zeros", lambda x: composed.cumprod(x, 1), lambda x: torch.cumprod(x, 1), (TIES,)),
    ("sort", lambda x: composed.sort(x, 1), lambda x: torch.sort(x, 1).values, (X,)),
    ("nansum", lambda x: composed.nansum(x), lambda x: torch.nansum(x), (np.array([1.0, np.nan]),)),
    ("where", lambda x: autograd.where(X > 0, x, 0.0), lambda x: torch.where(torch.tensor(X > 0), x, 0.0), (X,)),
    ("clip", lambda x: composed.clip(x, 0.0, 2.0), lambda x: torch.clip(x, 0.0, 2.0), (TIES,)),
    ("duplicates", lambda x: x[[0, 0, 2], 1:], lambda x: x[[0, 0, 2], 1:], (X,)),
    ("mask", lambda x: x[X > 0], lambda x: x[torch.tensor(X > 0)], (X,)),
    ("transposed", lambda x: x.T[::2], lambda x: x.T[::2], (X,)),
    ("stack", lambda x, y: composed.stack([x, y]), lambda x, y: torch.stack([x, y]), (X, TIES)),
    ("concatenate", lambda x, y: composed.concatenate([x, y], 1), lambda x, y: torch.cat([x, y], 1), (X, TIES)),
    ("matmul", arrays.matmul, torch.matmul, (C, X.T)),
    ("matrix vector", arrays.matmul, torch.matmul, (C, Y)),
    ("einsum", lambda x, y: composed.einsum("bij,kj->bk", x, y), lambda x, y: torch.einsum("bij,kj->bk", x, y), (C, X)),
    ("kron", composed.kron, torch.kron, (X, TIES)),
    ("tril", lambda x: composed.tril(x, -1), lambda x: torch.tril(x, -1), (X,)),
    ("diff", composed.diff, torch.diff, (X,)),
    ("roll", lambda x: arrays.roll(x, 2, -1), lambda x: torch.roll(x, 2, -1), (X,)),
    ("inv", linalg.inv, torch.linalg.inv, (Q,)),
    ("det", linalg.det, torch.linalg.det, (Q,)),
    ("solve", linalg.solve, torch.linalg.solve, (Q, X)),
    ("slogdet", lambda x: linalg.slogdet(x).logabsdet, lambda x: torch.linalg.slogdet(x).logabsdet, (Q,)),
    ("cholesky", linalg.cholesky, torch.linalg.cholesky, (Q,)),
    ("eigvalsh", linalg.eigvalsh, torch.linalg.eigvalsh, (Q,)),
]


@pytest.mark.parametrize(("label", "ours", "theirs", "operands"), PAIRS, ids=name)
def test_array_operations(label: str, ours: Any, theirs: Any, operands: Any) -> None:
    compare(ours, theirs, *operands)


def test_second_order() -> None:
    x, t = Tensor(X), torch.tensor(X, requires_grad=True)
    y = (autograd.tanh(x) @ Y).sum() ** 2
    y.backward(create_graph=True)
    first, x.grad = x.grad, None
    (first**2).sum().backward()
    z = (torch.tanh(t) @ torch.tensor(Y)).sum() ** 2
    [slope] = torch.autograd.grad(z, t, create_graph=True)
    (slope**2).sum().backward()
    np.testing.assert_allclose(x.grad, t.grad.numpy(), rtol=1e-10)
