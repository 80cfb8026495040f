"""Agreement with PyTorch, where it is installed: values, gradients and Hessian-vector products of every operation.

A line of the table says what is called here and there, and with what; the rest follows from it.  Where the two differ
on purpose docs/differences.md has a row, and the table stays away from there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
from packaging.version import Version

import autograd
from autograd import PRIMITIVES, linalg
from autograd.arrays import functions, losses, operations, reductions, stacking, statistics
from autograd.arrays.tensor import Tensor
from autograd.core import special

pytestmark = pytest.mark.same_in_both_modes

torch = pytest.importorskip("torch")
F = torch.nn.functional

rng = np.random.default_rng(3)
X, Z = rng.normal(size=(2, 3, 4))
C, D = rng.normal(size=(2, 2, 3, 4))
C_T = C.swapaxes(-1, -2)
ROW, COLUMN = rng.uniform(0.5, 2.0, 4), rng.normal(size=(3, 1))
POSITIVE, UNIT = rng.uniform(0.5, 2.0, (3, 4)), rng.uniform(-0.9, 0.9, (3, 4))
Q = X @ X.T + np.eye(3)
S = np.stack([Q, Q @ Q / 9.0 + X[:, :3], X[:, 1:] + np.eye(3)])
TIES = np.array([[1.0, 2.0, 2.0, 0.0], [0.0, 0.0, -1.0, 0.0], [3.0, 1.0, 3.0, 3.0]])
NANS = np.array([[1.0, np.nan, 2.0], [np.nan, np.nan, np.nan], [0.0, -1.0, 3.0]])
INFINITE = np.array([[1.0, np.inf, 2.0], [-np.inf, 0.0, 1.0], [-np.inf, 3.0, -np.inf]])
# Before PyTorch 2.14, the slope of torch.clip at a bound was 1.
AT_BOUNDS = [TIES, INFINITE] if Version(torch.__version__) >= Version("2.14") else []
ENDS = np.array([0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 30.0, -30.0, 1e-10, -1e-10, 1e10, -1e10, np.inf, -np.inf, np.nan])
PAIRS_OF_ENDS = [grid.ravel() for grid in np.meshgrid(ENDS, ENDS)]
DUPLICATES = np.array([[0, 0], [2, 1]])
PLACES = np.array([[0, 0, 3], [2, 1, 1], [3, 3, 3]])


class Case(NamedTuple):
    """One call: ours with ``axis`` and ``keepdims`` among the options, which for theirs are ``dim`` and ``keepdim``.

    Arrays of floats, also those in lists and among the options, are differentiated; all else is constant.
    """

    ours: Callable[..., Any]
    theirs: Callable[..., Any]
    operands: tuple[Any, ...]
    options: dict[str, Any]
    then: Callable[[Any], Any]  # what is done to both results before they are compared
    orders: int  # how many derivatives are compared
    tolerance: float

    def __str__(self) -> str:
        options = [f"{option}={described(x)}" for option, x in self.options.items()]
        return "-".join([name(self.ours), *map(described, self.operands), *options])


def case(
    ours: Any,
    theirs: Any,
    *operands: Any,
    then: Callable[[Any], Any] = lambda result: result,
    orders: int = 2,
    tolerance: float = 1e-10,
    **options: Any,
) -> Case:
    return Case(ours, theirs, operands, options, then, orders, tolerance)


def name(operation: Any) -> str:
    return str(getattr(operation, "name", None) or operation.__name__)


def described(x: Any) -> str:
    if isinstance(x, np.ndarray):
        return f"{x.dtype.kind}{list(x.shape)}"
    return f"({', '.join(map(described, x))})" if isinstance(x, (list, tuple)) else str(x)


# ---------------------------------------------------------------------------------------------------------------------
# Number by number
# ---------------------------------------------------------------------------------------------------------------------

UNARY: dict[str, tuple[Callable[..., Any], np.ndarray]] = {
    "absolute": (torch.abs, X),
    "arccos": (torch.arccos, UNIT),
    "arccosh": (torch.arccosh, 1.0 + POSITIVE),
    "arcsin": (torch.arcsin, UNIT),
    "arcsinh": (torch.arcsinh, X),
    "arctan": (torch.arctan, X),
    "arctanh": (torch.arctanh, UNIT),
    "cbrt": (lambda x: torch.sign(x) * torch.abs(x) ** (1 / 3), X),
    "cos": (torch.cos, X),
    "cosh": (torch.cosh, X),
    "sech": (lambda x: 1 / torch.cosh(torch.maximum(torch.minimum(x, x.new_tensor(80)), x.new_tensor(-80))), X),
    "digamma": (torch.digamma, POSITIVE),
    "elu": (F.elu, X),
    "entr": (torch.special.entr, POSITIVE),
    "erf": (torch.erf, X),
    "erfc": (torch.erfc, X),
    "erfcx": (torch.special.erfcx, X),
    "erfinv": (torch.erfinv, UNIT),
    "exp": (torch.exp, X),
    "expm1": (torch.expm1, X),
    "floor": (torch.floor, X),
    "gelu": (F.gelu, X),
    "i0": (torch.special.i0, X),
    "i1": (torch.special.i1, X),
    "leaky_relu": (F.leaky_relu, X),
    "lgamma": (torch.lgamma, POSITIVE),
    "log": (torch.log, POSITIVE),
    "log10": (torch.log10, POSITIVE),
    "log1p": (torch.log1p, UNIT),
    "log2": (torch.log2, POSITIVE),
    "log_ndtr": (torch.special.log_ndtr, X),
    "logit": (torch.logit, (1.0 + UNIT) / 2.0),
    "ndtr": (torch.special.ndtr, X),
    "ndtri": (torch.special.ndtri, (1.0 + UNIT) / 2.0),
    "negative": (torch.negative, X),
    "positive": (torch.positive, X),
    "reciprocal": (torch.reciprocal, X),
    "relu": (torch.relu, X),
    "sigmoid": (torch.sigmoid, X),
    "sign": (torch.sign, X),
    "silu": (F.silu, X),
    "sin": (torch.sin, X),
    "sinc": (torch.sinc, X),
    "sinh": (torch.sinh, X),
    "softplus": (F.softplus, X),
    "softsign": (F.softsign, X),
    "sqrt": (torch.sqrt, POSITIVE),
    "square": (torch.square, X),
    "tan": (torch.tan, X),
    "tanh": (torch.tanh, X),
}
BINARY: dict[str, tuple[Callable[..., Any], np.ndarray, np.ndarray]] = {
    "add": (torch.add, X, Z),
    "arctan2": (torch.arctan2, X, Z),
    "divide": (torch.divide, X, Z),
    "floor_divide": (lambda x, y: torch.floor_divide(x.detach(), y.detach()), X, Z),
    "hypot": (torch.hypot, X, Z),
    "logaddexp": (torch.logaddexp, X, Z),
    "logaddexp2": (torch.logaddexp2, X, Z),
    "maximum": (torch.maximum, X, Z),
    "minimum": (torch.minimum, X, Z),
    "mod": (torch.remainder, X, Z),
    "multiply": (torch.multiply, X, Z),
    "power": (torch.pow, POSITIVE, X),
    "subtract": (torch.subtract, X, Z),
    "xlog1py": (torch.special.xlog1py, X, POSITIVE),
    "xlogy": (torch.xlogy, X, POSITIVE),
}
# Where among the ends both agree, for what does not agree at all of them.
AGREEING: dict[str, Callable[..., Any]] = {
    "absolute": lambda x: ~np.isnan(x),
    "arccosh": lambda x: ~(x < 1),
    "arctan2": lambda y, x: (x != 0) | (y != 0),
    "cbrt": lambda x: x != 0,
    "digamma": lambda x: ~(np.isin(x, np.floor(ENDS)) & (x <= 0)),
    "elu": lambda x: ~np.isnan(x),
    "entr": lambda x: ~(x < 0),
    "erfcx": lambda x: np.abs(x) < 1e5,  # PyTorch's slope loses all digits far away, and is nan at infinity
    "gelu": lambda x: x != np.inf,  # in float32 PyTorch has nan or inf there, from one build to the next
    "hypot": lambda x, y: (x != 0) | (y != 0),
    "i1": lambda x: np.abs(x) < 1e10,
    "lgamma": lambda x: x != 0,
    "logaddexp": lambda x, y: (x != y) | np.isfinite(x),
    "logaddexp2": lambda x, y: (x != y) | np.isfinite(x),
    "log_ndtr": lambda x: ~(x < -1e9),
    "logit": lambda x: ~((x < 0) | (x > 1)),
    "maximum": lambda x, y: ~(np.isnan(x) | np.isnan(y)),
    "minimum": lambda x, y: ~(np.isnan(x) | np.isnan(y)),
    "power": lambda x, y: ~(np.isnan(x) & (y == 0)),
    "relu": lambda x: ~np.isnan(x),
    "sign": lambda x: ~np.isnan(x),
    "sinc": lambda x: (x == 0) | (np.abs(x) >= 0.5) & (np.abs(x) < 1e10),
    "softsign": lambda x: ~np.isinf(x),
    "xlog1py": lambda x, y: (x != 0) | (y > -1),
    "xlogy": lambda x, y: (x != 0) | (y > 0),
}
ROUGH = {"digamma": 1e-8, "lgamma": 1e-8}  # PyTorch's trigamma has nine digits


def at_ends(op: str, theirs: Any, *operands: np.ndarray) -> Case:
    agreeing = AGREEING[op](*operands) if op in AGREEING else slice(None)
    return case(PRIMITIVES[op], theirs, *[x[agreeing] for x in operands], orders=1, tolerance=ROUGH.get(op, 1e-10))


def their_jn(n: int, x: Any) -> Any:
    angles = torch.arange(64, dtype=x.dtype) * (2 * math.pi / 64)
    return torch.cos(n * angles - x[..., None] * torch.sin(angles)).mean(-1)


def their_betaln(x: Any, y: Any) -> Any:
    return torch.lgamma(x) + torch.lgamma(y) - torch.lgamma(x + y)


def their_mills(x: Any) -> Any:
    return torch.exp(-x * x / 2 - torch.special.log_ndtr(x)) / math.sqrt(2 * math.pi)


def their_ive_slope(x: Any) -> Any:
    rest = torch.exp(-2 * x)
    return (2 * rest - (1 - rest) / (2 * x)) / torch.sqrt(2 * math.pi * x)


CASES = [case(PRIMITIVES[op], theirs, x, tolerance=ROUGH.get(op, 1e-10)) for op, (theirs, x) in UNARY.items()]
CASES += [at_ends(op, theirs, ENDS) for op, (theirs, _) in UNARY.items()]
CASES += [at_ends(op, theirs, *PAIRS_OF_ENDS) for op, (theirs, _, _) in BINARY.items()]
CASES += [
    case(PRIMITIVES[op], theirs, *operands)
    for op, (theirs, x, y) in BINARY.items()
    for operands in [(x, y), (x, y[:, :1]), (x[0], y)]
]
CASES += [
    case(PRIMITIVES["maximum"], torch.maximum, TIES, TIES[0], orders=1),
    case(PRIMITIVES["minimum"], torch.minimum, TIES[:, :1], TIES, orders=1),
    case(PRIMITIVES["leaky_relu"], lambda x, slope: torch.where(x > 0, x, slope * x), X, ROW),
    case(PRIMITIVES["leaky_relu"], lambda x, slope: F.leaky_relu(x, slope), ENDS, slope=0.2, orders=1),
    case(PRIMITIVES["elu"], lambda x, alpha: torch.where(x > 0, x, alpha * torch.expm1(x)), X, ROW),
    case(PRIMITIVES["elu"], lambda x, alpha: F.elu(x, alpha), ENDS[:-1], alpha=0.7, orders=1),
    case(PRIMITIVES["clip"], torch.clip, X, Z - 1.0, ROW),
    case(PRIMITIVES["clip"], torch.clip, TIES - 0.25, np.zeros(4), TIES[2]),
    case(PRIMITIVES["where"], torch.where, X > 0, X, ROW),
    case(PRIMITIVES["where"], torch.where, TIES[:, :1] != 0, C, COLUMN),
    case(PRIMITIVES["where"], torch.where, np.isnan(NANS), 0.0, NANS),
    case(PRIMITIVES["sum"], lambda *xs: sum(xs), X, ROW, COLUMN),
    case(PRIMITIVES["dot"], lambda a, b, c, d: a * c + b * d, X, ROW, COLUMN, Z),
    case(PRIMITIVES["affine"], lambda w, x, b: w * x + b, X, ROW, COLUMN),
    case(PRIMITIVES["erfcinv"], lambda x: torch.erfinv(1 - x), 1.0 + UNIT),
    case(PRIMITIVES["gamma"], lambda x: torch.exp(torch.lgamma(x)), POSITIVE, tolerance=1e-8),
    case(PRIMITIVES["rgamma"], lambda x: torch.exp(-torch.lgamma(x)), POSITIVE, tolerance=1e-8),
    case(PRIMITIVES["beta"], lambda x, y: torch.exp(their_betaln(x, y)), POSITIVE, ROW, tolerance=1e-8),
    case(PRIMITIVES["betaln"], lambda x, y: their_betaln(x, y), POSITIVE, ROW, tolerance=1e-8),
    case(PRIMITIVES["inverse_mills"], lambda x: their_mills(x), X),
    case(PRIMITIVES["inverse_mills_excess"], lambda x: x + their_mills(x), X),
    *[
        case(op, theirs, *orders, x, tolerance=1e-8)
        for name, theirs, orders, x in [
            ("gammainc", lambda a, x: torch.special.gammainc(torch.tensor(a, dtype=x.dtype), x), (1.5,), POSITIVE),
            ("gammaincc", lambda a, x: torch.special.gammaincc(torch.tensor(a, dtype=x.dtype), x), (1.5,), POSITIVE),
            ("betainc", lambda a, b, x: x**a, (2.5, 1.0), (1.0 + UNIT) / 2.0),
            ("stdtr", lambda df, t: 0.5 + torch.arctan(t) / math.pi, (1.0,), X),
            ("jv", lambda n, x: torch.sqrt(2 / (math.pi * x)) * torch.sin(x), (0.5,), POSITIVE),
            ("yv", lambda n, x: -torch.sqrt(2 / (math.pi * x)) * torch.cos(x), (0.5,), POSITIVE),
            ("ive", lambda n, x: (1 - torch.exp(-2 * x)) / torch.sqrt(2 * math.pi * x), (0.5,), POSITIVE),
            ("ive_derivative", lambda m, n, x: their_ive_slope(x), (1, 0.5), POSITIVE),
            ("iv", lambda n, x: torch.sqrt(2 / (math.pi * x)) * torch.sinh(x), (0.5,), POSITIVE),
            ("kv", lambda n, x: torch.sqrt(math.pi / (2 * x)) * torch.exp(-x), (0.5,), POSITIVE),
            ("kve", lambda n, x: torch.sqrt(math.pi / (2 * x)), (0.5,), POSITIVE),
            ("kve_derivative", lambda m, n, x: -math.sqrt(math.pi / 8) * x**-1.5, (1, 0.5), POSITIVE),
        ]
        for op in (PRIMITIVES[name], getattr(special, name))
    ],
    *[
        case(op, lambda n, x, d: torch.polygamma(n, x + d) - torch.polygamma(n, x), 1, POSITIVE, ROW, tolerance=1e-7)
        for op in (PRIMITIVES["polygamma_difference"], special.polygamma_difference)
    ],
    *[case(PRIMITIVES[f"j{n}"], lambda x, n=n: their_jn(n, x), X) for n in (0, 1)],
    *[
        case(op, torch.polygamma, order, POSITIVE, tolerance=1e-8)
        for op in (PRIMITIVES["polygamma"], special.polygamma)
        for order in (0, 1, 2, 3)
    ],
    *[
        case(op, theirs, order, X)
        for op in (PRIMITIVES["iv"], special.iv)
        for order, theirs in enumerate([lambda n, x: torch.special.i0(x), lambda n, x: torch.special.i1(x)])
    ],
    *[
        case(op, lambda n, x: their_gradients(torch.sinc(x).sum(), [x])[0], 1, X, orders=1)
        for op in (PRIMITIVES["sinc_derivative"], special.sinc_derivative)
    ],
    *[
        case(op, lambda n, x: 2 * x * torch.special.erfcx(x) - 2 / math.sqrt(math.pi), 1, X)
        for op in (PRIMITIVES["erfcx_derivative"], special.erfcx_derivative)
    ],
]

# ---------------------------------------------------------------------------------------------------------------------
# Reductions, and along an axis
# ---------------------------------------------------------------------------------------------------------------------


def their_prod(x: Any, dim: Any, keepdim: bool = False) -> Any:
    """PyTorch's takes one axis at a time."""
    for axis in dim if isinstance(dim, tuple) else (dim,):
        x = torch.prod(x, axis, keepdim=True)
    return x if keepdim else torch.squeeze(x, dim)


def their_ptp(x: Any, **how: Any) -> Any:
    return torch.amax(x, **how) - torch.amin(x, **how)


def their_median(x: Any, **how: Any) -> Any:
    return torch.quantile(x, 0.5, **how)


def their_average(x: Any, weights: Any, **how: Any) -> Any:
    return (x * weights).sum(**how) / weights.expand(x.shape).sum(**how)


def their_var(x: Any, ddof: float = 0, **how: Any) -> Any:
    return torch.var(x, correction=ddof, **how)


def their_std(x: Any, ddof: float = 0, **how: Any) -> Any:
    return torch.std(x, correction=ddof, **how)


AXES: list[dict[str, Any]] = [
    {"axis": 0},
    {"axis": -2, "keepdims": True},
    {"axis": (0, 2)},
    {"axis": (-1, 0), "keepdims": True},
]
REDUCTIONS: dict[Any, Callable[..., Any]] = {
    operations.sum: torch.sum,
    reductions.prod: their_prod,
    reductions.max: torch.amax,
    reductions.min: torch.amin,
    operations.logsumexp: torch.logsumexp,
    reductions.sum: torch.sum,
    reductions.mean: torch.mean,
    reductions.average: torch.mean,
    statistics.nansum: torch.nansum,
    statistics.nanmean: torch.nanmean,
    reductions.ptp: their_ptp,
    reductions.var: their_var,
    reductions.std: their_std,
    linalg.vector_norm: torch.linalg.vector_norm,
    linalg.norm: torch.linalg.norm,
}
SPECIAL = {"nan": NANS, "inf": INFINITE}
DIFFERENT = {"nan": (reductions.max, reductions.min, reductions.ptp, statistics.nanmean), "inf": (reductions.var,)}

CASES += [case(ours, theirs, C, **how) for ours, theirs in REDUCTIONS.items() for how in AXES]
CASES += [
    case(ours, theirs, TIES, axis=axis, orders=1 if ours in (reductions.max, reductions.min, reductions.ptp) else 2)
    for ours, theirs in REDUCTIONS.items()
    for axis in (0, -1)
]
CASES += [
    case(ours, theirs, x, axis=axis, orders=1)
    for kind, x in SPECIAL.items()
    for ours, theirs in REDUCTIONS.items()
    for axis in (0, -1)
    if ours not in DIFFERENT[kind]
]
CASES += [
    *[case(ours, theirs, X) for ours, theirs in [(operations.sum, torch.sum), (reductions.mean, torch.mean)]],
    *[case(reductions.max, torch.max, x, orders=orders) for x, orders in [(X, 2), (TIES, 1)]],
    *[case(reductions.min, torch.min, x, orders=orders) for x, orders in [(X, 2), (TIES, 1)]],
    *[case(reductions.prod, torch.prod, x) for x in (X, TIES, TIES[0])],
    case(operations.logsumexp, torch.logsumexp, 1e3 * X, axis=-1),
    case(operations.logsumexp, lambda x: torch.logsumexp(x, (0, 1)), X),
    case(statistics.nanmean, torch.nanmean, NANS[::2], axis=1),
    case(reductions.average, their_average, X, weights=POSITIVE, axis=-1),
    case(reductions.average, their_average, C, weights=ROW, axis=-1, keepdims=True),
    case(reductions.var, their_var, X),
    case(reductions.var, their_var, C, axis=1, ddof=1),
    case(reductions.std, their_std, C, axis=(0, -1), ddof=1, keepdims=True),
    case(functions.median, their_median, X),
    case(functions.median, their_median, X, axis=0, keepdims=True),
    case(functions.median, their_median, C, axis=-2),
    case(operations.cumsum, torch.cumsum, C, axis=-2),
    case(operations.cumsum, lambda x: torch.cumsum(x.ravel(), 0), X),
    *[case(functions.cumprod, torch.cumprod, x, axis=-2) for x in (C, TIES, np.zeros((3, 2)))],
    case(functions.cumprod, lambda x: torch.cumprod(x.ravel(), 0), X),
    case(functions.diff, torch.diff, C, axis=-2),
    case(functions.diff, torch.diff, X, n=2),
    case(functions.trapezoid, torch.trapezoid, C, axis=1),
    case(functions.trapezoid, lambda y, dx: torch.trapezoid(y, dx=dx), X, dx=0.3),
    case(functions.trapezoid, torch.trapezoid, X, Z, axis=0),
    case(functions.trapezoid, torch.trapezoid, X, ROW),
    case(losses.softmin, F.softmin, C, axis=-2),
    case(operations.softmax, lambda x, dim: F.softmax(x.reshape(2, -1), -1).reshape(x.shape), C, axis=(1, 2)),
    *[
        case(ours, theirs, x, axis=axis)
        for ours, theirs in [(operations.softmax, F.softmax), (operations.log_softmax, F.log_softmax)]
        for x, axis in [(C, 1), (1e3 * X, -1), (TIES, 0), (INFINITE[1:2], -1)]
    ],
]

# ---------------------------------------------------------------------------------------------------------------------
# Products
# ---------------------------------------------------------------------------------------------------------------------

SUBSCRIPTS: list[tuple[str, Any]] = [
    ("ij->ji", [X]),
    ("ii", [Q]),
    ("ii->i", [Q]),
    ("...ij->...", [C]),
    ("bij,kj->bk", [C, X]),
    ("ij,ij->", [X, Z]),
    ("i,j->ij", [ROW, ROW]),
    ("bij,ij,j->bi", [C, X, ROW]),
    ("...ij,...kj->...ik", [C, X]),
    ("ij,jk,kl->il", [X, Z.T, Q]),
]


def their_trace(x: Any, offset: int, axis1: int, axis2: int) -> Any:
    return torch.diagonal(x, offset, axis1, axis2).sum(-1)


CASES += [
    *[
        case(op, torch.matmul, x, y)
        for op in (operations.matmul, linalg.matmul)
        for x, y in [(X, Z.T), (C, Z.T), (C[:1], C_T), (C, ROW), (ROW, C_T), (ROW, ROW)]
    ],
    case(functions.dot, torch.matmul, X, ROW),
    case(functions.dot, lambda x, y: torch.tensordot(x, y, ([-1], [-2])), X, D.swapaxes(-1, -2)),
    case(functions.dot, torch.mul, X, np.array(2.0), orders=1),
    case(functions.vdot, lambda x, y: torch.vdot(x.ravel(), y.ravel()), X, Z),
    case(functions.inner, torch.inner, X, C),
    case(functions.inner, torch.inner, np.array(3.0), X, orders=1),
    *[case(op, torch.outer, x, y) for op in (functions.outer, linalg.outer) for x, y in [(ROW, X[0]), (ROW, ROW)]],
    case(functions.kron, torch.kron, X, TIES),
    case(functions.kron, torch.kron, C, ROW),
    *[
        case(op, lambda x, y, axes: torch.tensordot(x, y, dims=axes), C, y, axes=axes)
        for op in (functions.tensordot, linalg.tensordot)
        for y, axes in [(D, 3), (C[0], 2), (ROW, 0), (D, ([0, 2], [0, -1])), (D, ([1], [1]))]
    ],
    *[case(functions.einsum, torch.einsum, subscripts, *operands) for subscripts, operands in SUBSCRIPTS],
    *[
        case(op, torch.linalg.cross, x, y, axis=axis)
        for op in (functions.cross, linalg.cross)
        for x, y, axis in [(Q, X[:, :3], -1), (C, D, 1)]
    ],
    case(functions.trace, torch.trace, X),
    case(functions.trace, their_trace, C, -1, 2, 0),
    case(linalg.trace, lambda x, offset: their_trace(x, offset, -2, -1), C, 1),
]

# ---------------------------------------------------------------------------------------------------------------------
# The same numbers in another shape and order
# ---------------------------------------------------------------------------------------------------------------------

AROUND = ((0, 0), (1, 2), (2, 1))  # what PyTorch calls (2, 1, 1, 2)

CASES += [
    *[case(operations.astype, lambda x, t: x.to(getattr(torch, t)), X, t) for t in ("float32", "float64")],
    case(operations.reshape, torch.reshape, C, (4, -1)),
    case(operations.ravel, torch.ravel, C),
    case(operations.transpose, lambda x: x.permute(2, 1, 0), C),
    case(operations.transpose, torch.permute, C, (1, -1, 0)),
    case(operations.swapaxes, torch.swapaxes, C, 0, -1),
    case(operations.moveaxis, torch.moveaxis, C, (0, 1), (-1, 0)),
    case(functions.rollaxis, lambda x, axis, start: torch.movedim(x, axis, start), C, 2, 1),
    case(operations.squeeze, torch.squeeze, X[:, None, :, None]),
    case(operations.squeeze, torch.squeeze, X[:, None, :, None], (1, -1)),
    case(operations.expand_dims, torch.unsqueeze, X, -2),
    case(operations.expand_dims, lambda x, axes: x[None, :, None], X, (0, 2)),
    case(operations.broadcast_to, torch.broadcast_to, COLUMN, (2, 3, 4)),
    case(operations.flip, lambda x: torch.flip(x, (0, 1)), X),
    case(operations.flip, torch.flip, C, (0, -1)),
    case(functions.fliplr, torch.fliplr, X),
    case(functions.flipud, torch.flipud, X),
    case(operations.roll, torch.roll, X, -2),
    case(operations.roll, torch.roll, C, (1, -2), (0, -1)),
    case(functions.rot90, torch.rot90, X),
    case(functions.rot90, torch.rot90, C, -1, (1, -1)),
    case(linalg.matrix_transpose, lambda x: x.mT, C),
    case(functions.tile, torch.tile, X, (2, 1, 3)),
    case(functions.repeat, torch.repeat_interleave, X, 2),
    case(functions.repeat, torch.repeat_interleave, X, np.array([2, 0, 3]), 0),
    case(functions.diagonal, torch.diagonal, C, 1, 0, -1),
    case(linalg.diagonal, lambda x, offset: torch.diagonal(x, offset, -2, -1), C, -1),
    *[case(functions.diag, torch.diag, x, k) for x in (ROW, X) for k in (0, 2, -1)],
    *[case(functions.tril, torch.tril, C, k) for k in (0, 1, -1)],
    *[case(functions.triu, torch.triu, C, k) for k in (0, 1, -1)],
    case(
        functions.pad,
        lambda x, n, constant_values: F.pad(x, (n,) * 4, value=constant_values),
        X,
        1,
        constant_values=5.0,
    ),
    case(functions.pad, lambda x, widths, mode: torch.cat([x[:, :2].flip(1), x], 1), X, ((0, 0), (2, 0)), "symmetric"),
    *[
        case(functions.pad, lambda x, widths, mode, called=called: F.pad(x, (2, 1, 1, 2), mode=called), C, AROUND, mode)
        for mode, called in [
            ("constant", "constant"),
            ("edge", "replicate"),
            ("reflect", "reflect"),
            ("wrap", "circular"),
        ]
    ],
    case(functions.concatenate, torch.cat, [X, TIES, X], axis=-1),
    case(functions.concatenate, lambda xs, dim: torch.cat([x.ravel() for x in xs]), [X, ROW], axis=None),
    case(stacking.stack, torch.stack, [X, TIES], axis=-1),
    *[case(functions.hstack, torch.hstack, xs) for xs in ([X, COLUMN], [ROW, X[0]])],
    case(functions.vstack, torch.vstack, [X, ROW]),
    *[case(functions.dstack, torch.dstack, xs) for xs in ([X, TIES], [ROW, X[0]])],
    case(functions.split, torch.tensor_split, X, 2, axis=-1),
    case(functions.split, torch.tensor_split, C, [1, 3], axis=2),
    case(functions.array_split, torch.tensor_split, X, 3, axis=1),
    *[case(functions.hsplit, torch.hsplit, x, sections) for x, sections in [(X, 2), (ROW, [1])]],
    case(functions.vsplit, torch.vsplit, X, 3),
    case(functions.dsplit, torch.dsplit, C, [1, 2]),
    *[case(functions.meshgrid, torch.meshgrid, ROW, X[0, :3], indexing=indexing) for indexing in ("xy", "ij")],
]

# ---------------------------------------------------------------------------------------------------------------------
# Picking, scattering and choosing
# ---------------------------------------------------------------------------------------------------------------------

INDICES: list[Any] = [
    -1,
    (slice(None), -2),
    (..., slice(1, None, 2)),
    (None, 0, slice(None), None),
    np.array([0, 0, 1]),
    (slice(None), DUPLICATES),
    (np.array([0, 1, 1]), np.array([2, 0, 0])),
    (np.array([0, 1, 1]), slice(None), np.array([3, 0, 0])),
    (DUPLICATES // 2, -1, slice(1, 3)),
    C > 0,
    (slice(None), X > 0),
    C > 9,
]


def their_put(x: Any, index: Any, shape: Any) -> Any:
    return torch.zeros(shape, dtype=x.dtype).index_put(index, x, accumulate=True)


def their_scatter(x: Any, places: Any, shape: Any) -> Any:
    return torch.zeros(math.prod(shape), dtype=x.dtype).index_add(0, places.ravel(), x.ravel()).reshape(shape)


def their_sort(x: Any, *_: Any, **how: Any) -> Any:
    return torch.sort(x, stable=True, **how).values


CASES += [
    *[case(operations.getitem, lambda x, index: x[index], C, index) for index in INDICES],
    case(operations.put, their_put, ROW[:3], (np.array([1, 1, 0]),), (3,)),
    case(operations.put, their_put, X, (np.array([2, 0, 2]),), (3, 4)),
    case(operations.gather, torch.take, X, PLACES),
    case(operations.scatter, their_scatter, X[:, :3], PLACES, (2, 3)),
    case(functions.take, torch.take, X, DUPLICATES),
    case(functions.take, lambda x, indices, dim: x[:, indices], C, DUPLICATES, axis=-2),
    case(functions.take_along_axis, torch.take_along_dim, X, PLACES, axis=1),
    case(functions.take_along_axis, torch.take_along_dim, X, np.array([[2, 0, 0, 1]]), axis=-2),
    case(functions.take_along_axis, torch.take_along_dim, X, np.array([3, 3, 0]), axis=None),
    *[
        case(functions.clip, torch.clip, x, *bounds)
        for x in (TIES - 0.25, INFINITE - 0.25, *AT_BOUNDS)
        for bounds in [(0.0, 2.0), (None, 1.0), (0.0, None)]
    ],
    case(functions.clip, torch.clip, TIES - 0.25, np.zeros(4), TIES[2]),
    case(functions.clip, torch.clip, TIES, np.full(4, 2.0), np.full(4, 1.0)),
    case(functions.clip, torch.clip, INFINITE, -1.0, 2.5),
    *[case(functions.sort, their_sort, x, axis=axis) for x in (X, TIES, INFINITE, NANS[::2]) for axis in (0, -1)],
    case(functions.sort, lambda x, dim: their_sort(x.ravel()), X, axis=None),
    case(functions.partition, their_sort, X, 2, axis=-1, then=lambda y: y[..., 2]),
    case(functions.partition, their_sort, X, 1, axis=0, then=lambda y: y[1]),
    *[case(functions.nan_to_num, torch.nan_to_num, x) for x in (NANS, INFINITE)],
    case(functions.nan_to_num, torch.nan_to_num, ENDS, nan=1.0, posinf=5.0, neginf=-5.0),
]

# ---------------------------------------------------------------------------------------------------------------------
# Linear algebra
# ---------------------------------------------------------------------------------------------------------------------


def without_signs(factors: Any) -> Any:
    """Values, and vectors squared: their signs are anybody's choice."""
    return [x if x.ndim < factors[-1].ndim else x**2 for x in factors]


def their_cond(x: Any, p: Any) -> Any:
    """As in its definition: ``torch.linalg.cond`` of these p cannot go backward."""
    return torch.linalg.matrix_norm(x, p) * torch.linalg.matrix_norm(torch.linalg.inv(x), p)


def their_root(x: Any) -> Any:
    values, vectors = torch.linalg.eig(x)
    return (vectors * torch.sqrt(values) @ torch.linalg.inv(vectors)).real


def their_solution(factors: Any, b: Any) -> Any:
    return torch.linalg.lu_solve(factors[0], torch.as_tensor(factors[1]).int() + 1, b)


def their_sylvester(a: Any, b: Any, q: Any) -> Any:
    whole = torch.kron(a, torch.eye(len(b), dtype=b.dtype)) + torch.kron(
        torch.eye(len(a), dtype=a.dtype), b.mT.contiguous()
    )
    return torch.linalg.solve(whole, q.reshape(-1)).reshape(q.shape)


def their_banded(l_and_u: Any, ab: Any, b: Any) -> Any:
    lower, upper = l_and_u
    n = ab.shape[1]
    parts = [torch.diag(ab[upper - k, max(k, 0) : n + min(k, 0)], k) for k in range(-lower, upper + 1)]
    return torch.linalg.solve(sum(parts), b)


CASES += [
    *[case(linalg.lu, torch.linalg.lu, x, then=lambda factors: factors[1:], tolerance=1e-8) for x in (S, C, C_T)],
    case(linalg.lu_factor, torch.linalg.lu_factor, Q, then=lambda factors: factors[0]),
    case(linalg.lu_solve, their_solution, [Q, np.array([2, 1, 2])], X),
    case(linalg.sqrtm, their_root, Q @ Q / 9.0 + np.triu(X[:, :3], 1) / 9.0, tolerance=1e-8),
    case(linalg.solve_sylvester, their_sylvester, Q, S[2], X[:, :3]),
    case(linalg.solve_banded, their_banded, (1, 1), X + np.array([[0.0], [9.0], [0.0]]), ROW),
    *[
        case(linalg.solve_triangular, lambda a, b: torch.linalg.solve_triangular(a, b, upper=True), Q, x)
        for x in (X, COLUMN)
    ],
    case(linalg.inv, torch.linalg.inv, S),
    case(linalg.expm, torch.linalg.matrix_exp, S / 3.0),
    case(linalg.eigvals, lambda x: torch.linalg.eigvals(x).real, Q + np.triu(X[:, :3], 1) / 9.0),
    case(linalg.det, torch.linalg.det, S),
    case(linalg.slogdet, torch.linalg.slogdet, S),
    *[case(linalg.solve, torch.linalg.solve, a, b) for a, b in [(Q, ROW[:3]), (S, X), (Q, C)]],
    case(linalg.cholesky, torch.linalg.cholesky, S @ S.swapaxes(-1, -2)),
    case(linalg.cholesky, lambda x, upper: torch.linalg.cholesky(x, upper=upper), Q, upper=True),
    *[case(linalg.qr, torch.linalg.qr, x) for x in (S, C_T, C)],
    case(linalg.qr, torch.linalg.qr, S, mode="complete"),
    case(linalg.qr, lambda x, mode: torch.linalg.qr(x).R, X.T, mode="r"),
    *[
        case(linalg.eigh, torch.linalg.eigh, x, uplo, then=without_signs)
        for x in (Q, S + S.swapaxes(-1, -2))
        for uplo in "LU"
    ],
    *[
        case(linalg.eigvalsh, lambda x, uplo: torch.linalg.eigvalsh(x, UPLO=uplo), x, uplo)
        for x in (Q, S + S.swapaxes(-1, -2))
        for uplo in "LU"
    ],
    *[
        case(linalg.svd, torch.linalg.svd, x, full_matrices=full, then=then)
        for x, full in [(C, False), (C_T, False), (S, True)]
        for then in [without_signs, lambda factors: factors[0] @ factors[2]]
    ],
    case(linalg.svdvals, torch.linalg.svdvals, C),
    case(linalg.svdvals, torch.linalg.svdvals, np.eye(3), orders=1, then=lambda values: values.sum()),
    case(linalg.pinv, torch.linalg.pinv, C),
    case(linalg.pinv, torch.linalg.pinv, X, 1e-6),
    case(linalg.pinv, torch.linalg.pinv, X, rtol=1e-6),
    case(lambda x: linalg.pinv(x, hermitian=True), lambda x: torch.linalg.pinv((x + x.mT) / 2), C[:, :, :3]),
    case(linalg.pinv, lambda x, rcond: torch.linalg.pinv(x, rtol=rcond), X.T @ X, 1e-6, orders=1, tolerance=1e-8),
    case(linalg.lstsq, torch.linalg.lstsq, X.T, TIES.T, then=lambda solved: solved[0]),
    *[case(linalg.matrix_power, torch.linalg.matrix_power, S, n) for n in (-3, -1, 0, 1, 2, 5)],
    *[case(linalg.multi_dot, torch.linalg.multi_dot, xs) for xs in ([X, X.T, Q, X], [ROW, X.T, COLUMN[:, 0]])],
    case(linalg.tensorinv, torch.linalg.tensorinv, S[2].reshape(3, 1, 3), 1),
    case(linalg.tensorsolve, torch.linalg.tensorsolve, S[2].reshape(3, 3, 1), ROW[:3]),
    case(
        linalg.tensorsolve,
        lambda a, b, axes: torch.linalg.tensorsolve(a, b, axes),
        S[2].reshape(3, 3, 1),
        ROW[:3],
        (1,),
    ),
    *[case(linalg.vecdot, torch.linalg.vecdot, C, y, axis=axis) for y, axis in [(X, -1), (D, 0)]],
    *[case(linalg.matrix_norm, torch.linalg.matrix_norm, C, p) for p in ("fro", "nuc", 2, -2, 1, -1, np.inf, -np.inf)],
    *[case(linalg.norm, torch.linalg.norm, C, p, axis=(0, -1), keepdims=True) for p in ("fro", "nuc", 2, np.inf)],
    *[case(linalg.norm, torch.linalg.norm, C, p, axis=1) for p in (2, 1, 3, -np.inf)],
    *[case(linalg.norm, torch.linalg.norm, x) for x in (ROW, X, C)],
    *[
        case(linalg.vector_norm, torch.linalg.vector_norm, x, p, axis=-1, orders=2 if x is C else 1)
        for p in (2, 1, 0, 3, 0.5, -1, np.inf, -np.inf)
        for x in (C, TIES, np.zeros((2, 3)))
    ],
    *[case(linalg.cond, torch.linalg.cond, S, p) for p in (None, 2, -2, "nuc")],
    *[case(linalg.cond, their_cond, S, p) for p in ("fro", 1, np.inf)],
]


# ---------------------------------------------------------------------------------------------------------------------
# Calling both, and comparing
# ---------------------------------------------------------------------------------------------------------------------

THEIR_NAMES = {"axis": "dim", "keepdims": "keepdim"}


def floats(x: Any) -> Iterator[np.ndarray]:
    """The arrays of floats in a structure."""
    if isinstance(x, np.ndarray) and x.dtype.kind == "f":
        yield x
    for part in x.values() if isinstance(x, dict) else x if isinstance(x, (list, tuple)) else ():
        yield from floats(part)


def filled(x: Any, leaves: Iterator[Any], constant: Callable[[Any], Any]) -> Any:
    """The structure with leaves in the place of arrays of floats, and other arrays as constants."""
    if isinstance(x, dict):
        return {key: filled(part, leaves, constant) for key, part in x.items()}
    if isinstance(x, (list, tuple)):
        return type(x)([filled(part, leaves, constant) for part in x])
    if not isinstance(x, np.ndarray):
        return x
    return next(leaves) if x.dtype.kind == "f" else constant(x)


def flat(result: Any) -> list[Any]:
    return [part for entry in result for part in flat(entry)] if isinstance(result, (list, tuple)) else [result]


def our_results(case: Case, leaves: Iterable[Any]) -> list[Any]:
    operands, options = filled((case.operands, case.options), iter(leaves), lambda constant: constant)
    return flat(case.then(case.ours(*operands, **options)))


def their_results(case: Case, leaves: Iterable[Any]) -> list[Any]:
    operands, options = filled((case.operands, case.options), iter(leaves), torch.tensor)
    options = {THEIR_NAMES.get(option, option): x for option, x in options.items()}
    return flat(case.then(case.theirs(*operands, **options)))


def weights(shape: Any, dtype: Any, start: float = 0.5) -> np.ndarray:
    """As many different numbers."""
    return np.linspace(start, 1.5, math.prod(shape)).reshape(tuple(shape)).astype(dtype)


def weighted(results: list[Any], dtype: Any, constant: Callable[[Any], Any] = lambda weight: weight) -> Any:
    """All results as one number, in which each counts differently."""
    return sum((constant(weights(y.shape, dtype)) * y).sum() for y in results)


def their_gradients(y: Any, leaves: list[Any]) -> list[Any]:
    """The gradients that can be differentiated again; zeros for what ``y`` does not depend on."""
    if not y.requires_grad:
        return [torch.zeros_like(x) for x in leaves]
    return list(torch.autograd.grad(y, leaves, create_graph=True, allow_unused=True, materialize_grads=True))


def our_gradients(leaves: list[Tensor]) -> list[Any]:
    """What a sweep left in the leaves, which are as fresh afterwards."""
    found = [np.zeros(x.shape, x.dtype) if x.grad is None else x.grad for x in leaves]
    for x in leaves:
        x.grad = None
    return found


def agree(ours: Iterable[Any], theirs: Iterable[Any], tolerance: float, values: Iterable[Any] = ()) -> None:
    """Compare; where the one value at an entry is nan, our slope may be nan, and PyTorch's that of a formula."""
    nowhere = [np.isnan(value.numpy(force=True)) for value in values]
    for found, wanted in zip(ours, theirs, strict=True):
        y = found.numpy() if isinstance(found, Tensor) else np.asarray(found)
        z = wanted.numpy(force=True)
        assert (y.dtype, y.shape) == (z.dtype, z.shape)
        if len(nowhere) == 1 and nowhere[0].shape == y.shape:
            z = np.where(nowhere[0] & np.isnan(y), y, z)
        np.testing.assert_allclose(y, z, rtol=tolerance, atol=tolerance)


each_dtype = pytest.mark.parametrize("dtype", [np.float64, np.float32])


@each_dtype
@pytest.mark.parametrize("case", CASES, ids=str)
def test_values_and_gradients(case: Case, dtype: Any) -> None:
    with np.errstate(all="ignore"):
        points = [x.astype(dtype) for x in floats((case.operands, case.options))]
        leaves, others = [Tensor(x) for x in points], [torch.tensor(x, requires_grad=True) for x in points]
        ours, theirs = our_results(case, leaves), their_results(case, others)
        tolerance = case.tolerance if dtype is np.float64 else 1e-4
        agree(ours, theirs, tolerance)
        wanted = their_gradients(weighted(theirs, dtype, torch.tensor), others)
        weighted(ours, dtype).backward()
        agree(our_gradients(leaves), wanted, tolerance, theirs)
        transformed = autograd.grad(lambda *xs: weighted(our_results(case, xs), dtype), range(len(points)))
        agree(transformed(*points), wanted, tolerance, theirs)


@each_dtype
@pytest.mark.parametrize("case", [case for case in CASES if case.orders > 1], ids=str)
def test_hessian_vector_products(case: Case, dtype: Any) -> None:
    with np.errstate(all="ignore"):
        points = [x.astype(dtype) for x in floats((case.operands, case.options))]
        leaves, others = [Tensor(x) for x in points], [torch.tensor(x, requires_grad=True) for x in points]
        steps = [weights(x.shape, dtype, -0.7) for x in points]
        tolerance = 1e2 * case.tolerance if dtype is np.float64 else 1e-3
        theirs = their_results(case, others)
        slopes = their_gradients(weighted(theirs, dtype, torch.tensor), others)
        rates = [(slope * torch.tensor(step)).sum() for slope, step in zip(slopes, steps, strict=True)]
        wanted = their_gradients(sum(rates), others)
        agree(
            autograd.hvp(lambda *xs: weighted(our_results(case, xs), dtype), points, steps), wanted, tolerance, theirs
        )
        weighted(our_results(case, leaves), dtype).backward(create_graph=True)
        sum((slope * step).sum() for slope, step in zip(our_gradients(leaves), steps, strict=True)).backward()
        agree(our_gradients(leaves), wanted, tolerance, theirs)


ALONE = {
    linalg.matrix_rank: "a whole number, which has no derivative",
    **dict.fromkeys(
        [PRIMITIVES[name] for name in ("convention", "one_minus_square", "sigmoid_slope")],
        "a part of the partial derivatives in the table",
    ),
    **dict.fromkeys([PRIMITIVES["y0"], PRIMITIVES["y1"]], "PyTorch has no derivative of it"),
}


def test_every_operation_is_compared() -> None:
    rooms = (operations, functions, stacking, linalg, special)
    declared = {getattr(room, each) for room in rooms for each in room.__all__} | set(PRIMITIVES.values())
    assert declared - {case.ours for case in CASES} == ALONE.keys()


# ---------------------------------------------------------------------------------------------------------------------
# Methods under PyTorch's names
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [X, C, ROW, np.array(2.0)], ids=described)
@pytest.mark.parametrize(
    "call",
    [
        lambda t: t.view(-1),
        lambda t: t.view(1, t.numel()),
        lambda t: t.unsqueeze(0),
        lambda t: t.unsqueeze(-1),
        lambda t: t.flatten(),
        lambda t: t.flatten(-1),
        lambda t: t.flatten(0, -1),
        lambda t: t.view(-1, t.shape[-1] if t.dim() else 1).t(),
        lambda t: t.sum(dim=-1, keepdim=True),
        lambda t: t.mean(dim=0),
        lambda t: t.logsumexp(dim=-1),
        lambda t: t.softmax(dim=-1),
        lambda t: t.view(-1).cumsum(dim=0),
        lambda t: t.argmax(),
        lambda t: t.argmin(dim=-1, keepdim=True),
        lambda t: (t > 0).all(dim=-1) if isinstance(t, torch.Tensor) else t.relu().all(dim=-1),
        lambda t: t.relu().any(dim=0, keepdim=True),
        lambda t: np.array(t.tolist()),
        lambda t: t.detach(),
    ],
)
def test_methods_under_the_names_of_pytorch(call: Any, x: Any) -> None:
    ours, theirs = call(Tensor(x)), call(torch.tensor(x))
    found, wanted = (y.numpy() if isinstance(y, (Tensor, torch.Tensor)) else np.asarray(y) for y in (ours, theirs))
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
