"""The rows of docs/differences.md are true: ours are computed always, and PyTorch's if it is installed.

The page has the results and this module the experiments; each row needs an experiment, and each experiment a row.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from packaging.version import Version

import autograd
import autograd.numpy
from autograd import PRIMITIVES, elementwise_grad, linalg
from autograd.arrays import functions, operations, reductions, statistics
from autograd.arrays.tensor import Tensor
from autograd.core import special
from autograd.core.value import Value
from nn import functional, optim

try:
    import torch
except ImportError:
    torch = None  # type: ignore[assignment]

PAGE = Path(__file__).parent.parent / "docs" / "differences.md"
REFUSED = "| refused | write |\n|---|---|\n"
INF, NAN = np.inf, np.nan


class Experiment(NamedTuple):
    """Our function and PyTorch's at the same point.

    Order 0 compares the values, order 1 the gradients of their sums, and order 2 the gradients of the sums of the
    gradients in the first operand.
    """

    order: int
    ours: Callable[..., Any]
    theirs: Callable[..., Any]
    operands: tuple[Any, ...]


def value(ours: Callable[..., Any], theirs: Callable[..., Any], *operands: Any) -> Experiment:
    return Experiment(0, ours, theirs, operands)


def slope(ours: Callable[..., Any], theirs: Callable[..., Any], *operands: Any) -> Experiment:
    return Experiment(1, ours, theirs, operands)


def second(ours: Callable[..., Any], theirs: Callable[..., Any], *operands: Any) -> Experiment:
    return Experiment(2, ours, theirs, operands)


def of_a_value(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: f(Value(float(x))).data


def swept_twice(x: Any) -> Any:
    y = (x * x).sum()
    y.backward()
    y.backward()
    return x.grad


def between(x: Any) -> Any:
    y = x * x
    y.sum().backward()
    return y.grad


def written_to(x: Any) -> Any:
    y = (x * x).sum()
    x.data[0] = 5.0
    y.backward()
    return x.grad


def clipped(clip: Callable[..., Any], gradient: Any, bound: float) -> Any:
    """The gradient after it was clipped; the numbers of the parameter do not matter."""
    gradient.grad = gradient.data
    clip([gradient], bound)
    return gradient.grad


def stepped(kind: Any, x: Any, gradient: float) -> Any:
    x.grad = x.data * gradient
    kind([x], lr=0.001).step()
    return x.detach()


def rate_on_a_plateau(optimizers: Any, schedules: Any, x: Any) -> Any:
    optimizer = optimizers.SGD([x], lr=1.0)
    schedule = schedules.ReduceLROnPlateau(optimizer, factor=0.5, patience=0)
    for loss in (-2.0, -2.0):
        schedule.step(loss)
    return optimizer.param_groups[0]["lr"]


EXPERIMENTS = {
    # Without a number, and at infinity
    "`sign`, value at nan": value(PRIMITIVES["sign"], lambda x: torch.sign(x), NAN),
    "`abs`, slope at nan": slope(PRIMITIVES["absolute"], lambda x: torch.abs(x), NAN),
    "`1 / relu(-0.0)`, value": value(lambda x: 1.0 / PRIMITIVES["relu"](x), lambda x: 1.0 / torch.relu(x), -0.0),
    "`1 / hardswish(-4)`, value": value(
        lambda x: 1.0 / functional.hardswish(x), lambda x: 1.0 / torch.nn.functional.hardswish(x), -4.0
    ),
    "`relu`, slope at nan": slope(PRIMITIVES["relu"], lambda x: torch.relu(x), NAN),
    "`elu`, slope at nan": slope(lambda x: PRIMITIVES["elu"](x), lambda x: torch.nn.functional.elu(x), NAN),
    "`i1`, slope at nan": slope(special.i1, lambda x: torch.special.i1(x), NAN),
    "`clip(x, 0, 1)`, slope at nan": slope(lambda x: functions.clip(x, 0, 1), lambda x: torch.clip(x, 0, 1), NAN),
    "`maximum(nan, 1)`, slopes": slope(PRIMITIVES["maximum"], lambda x, y: torch.maximum(x, y), NAN, 1.0),
    "`max([1, nan])`, gradient": slope(reductions.max, lambda x: torch.amax(x), [1.0, NAN]),
    "`ptp([1, nan])`, gradient": slope(reductions.ptp, lambda x: torch.amax(x) - torch.amin(x), [1.0, NAN]),
    "`median([1, nan, 3])`, gradient": slope(functions.median, lambda x: torch.median(x), [1.0, NAN, 3.0]),
    "`nanmean([nan])`, gradient": slope(statistics.nanmean, lambda x: torch.nanmean(x), [NAN]),
    "`var([1, inf])`, gradient": slope(reductions.var, lambda x: torch.var(x, correction=0), [1.0, INF]),
    "`softmax([inf, 1])`, value": value(operations.softmax, lambda x: torch.softmax(x, 0), [INF, 1.0]),
    "`logsumexp([-inf, -inf])`, gradient": slope(operations.logsumexp, lambda x: torch.logsumexp(x, 0), [-INF, -INF]),
    "`logaddexp(inf, inf)`, slopes": slope(special.logaddexp, lambda x, y: torch.logaddexp(x, y), INF, INF),
    "`softsign`, slope at inf": slope(PRIMITIVES["softsign"], lambda x: torch.nn.functional.softsign(x), INF),
    "`power(nan, 0)`, slope in the base": slope(
        lambda x: x ** np.array(0.0), lambda x: x ** torch.tensor(0.0, dtype=x.dtype), NAN
    ),
    "`xlogy(0, nan)`, value": value(special.xlogy, lambda x, y: torch.xlogy(x, y), 0.0, NAN),
    # Kinks, tips and poles
    "`xlogy(0, 0)`, slopes": slope(special.xlogy, lambda x, y: torch.xlogy(x, y), 0.0, 0.0),
    "`xlogy(0, -1)`, slopes": slope(special.xlogy, lambda x, y: torch.xlogy(x, y), 0.0, -1.0),
    "`hypot(0, 0)`, slopes": slope(PRIMITIVES["hypot"], lambda x, y: torch.hypot(x, y), 0.0, 0.0),
    "`arctan2(0, 0)`, slopes": slope(PRIMITIVES["arctan2"], lambda y, x: torch.arctan2(y, x), 0.0, 0.0),
    "`power(2, 0)`, second derivatives": second(PRIMITIVES["power"], lambda x, y: torch.pow(x, y), 2.0, 0.0),
    "`sinc`, second derivative at 0": second(special.sinc, lambda x: torch.sinc(x), 0.0),
    "`floor_divide(7, 2)`, slopes": slope(PRIMITIVES["floor_divide"], lambda x, y: torch.floor_divide(x, y), 7.0, 2.0),
    "`where(x > 0, log(x), 0)`, slope at 0": slope(
        lambda x: functions.where(x > 0, PRIMITIVES["log"](x), 0.0),
        lambda x: torch.where(x > 0, torch.log(x), 0.0),
        0.0,
    ),
    "`digamma(0)`, value": value(special.digamma, lambda x: torch.digamma(x), 0.0),
    "`lgamma(0)`, slope": slope(special.lgamma, lambda x: torch.lgamma(x), 0.0),
    "`digamma(-1)`, slope": slope(special.digamma, lambda x: torch.digamma(x), -1.0),
    "`entr(-1)`, value": value(special.entr, lambda x: torch.special.entr(x), -1.0),
    "`log(-1)`, slope": slope(PRIMITIVES["log"], lambda x: torch.log(x), -1.0),
    "`arccosh(-2)`, slope": slope(PRIMITIVES["arccosh"], lambda x: torch.arccosh(x), -2.0),
    "`max([2, 2], axis=0)`, gradient": slope(
        lambda x: reductions.max(x, 0), lambda x: torch.max(x, 0).values, [2.0, 2.0]
    ),
    "`median([1, 1, 3])`, gradient": slope(functions.median, lambda x: torch.median(x), [1.0, 1.0, 3.0]),
    "`quantile([1, 1, 1, 1, 1], 0.4)`, gradient": slope(
        lambda x: statistics.quantile(x, 0.4), lambda x: torch.quantile(x, 0.4), [1.0] * 5
    ),
    "`clip(0, 0, 1)` of arrays, slopes": slope(functions.clip, lambda *xs: torch.clip(*xs), 0.0, 0.0, 1.0),
    "`lp_pool1d([[1, 1, -1]], 1.5, 2)`, gradient": slope(
        lambda x: functional.lp_pool1d(x, 1.5, 2),
        lambda x: torch.nn.functional.lp_pool1d(x, 1.5, 2),
        [[1.0, 1.0, -1.0]],
    ),
    '`pad([[[1, 2, 3, 4, 5]]], (3, -3), "circular")`, value': value(
        lambda x: functional.pad(x, (3, -3), "circular"),
        lambda x: torch.nn.functional.pad(x, (3, -3), "circular"),
        [[[1.0, 2.0, 3.0, 4.0, 5.0]]],
    ),
    "`max_unpool1d([[1, 2]], [[0, 0]], 2)`, gradient": slope(
        lambda x: functional.max_unpool1d(x, [[0, 0]], 2),
        lambda x: torch.nn.functional.max_unpool1d(x, torch.tensor([[0, 0]]), 2),
        [[1.0, 2.0]],
    ),
    "`std([1, 1])`, second derivative": second(reductions.std, lambda x: torch.std(x, correction=0), [1.0, 1.0]),
    "`softsign`, second derivative at 0": second(
        PRIMITIVES["softsign"], lambda x: torch.nn.functional.softsign(x), 0.0
    ),
    "`elu`, second derivative at 0": second(lambda x: PRIMITIVES["elu"](x), lambda x: torch.nn.functional.elu(x), 0.0),
    "`ive(1, 0)`, second derivative": second(lambda x: special.ive(1, x), lambda x: torch.special.i1e(x), 0.0),
    "`logcumsumexp([0])²`, second derivative": second(
        lambda x: statistics.logcumsumexp(x) ** 2, lambda x: torch.logcumsumexp(x, 0) ** 2, [0.0]
    ),
    # Digits
    "`softplus(25) - 25`, value": value(
        lambda x: PRIMITIVES["softplus"](x) - 25.0, lambda x: torch.nn.functional.softplus(x) - 25.0, 25.0
    ),
    "`tanh(20)`, slope": slope(PRIMITIVES["tanh"], lambda x: torch.tanh(x), 20.0),
    "`sigmoid(40)`, slope": slope(PRIMITIVES["sigmoid"], lambda x: torch.sigmoid(x), 40.0),
    "`expm1(-40)`, slope": slope(PRIMITIVES["expm1"], lambda x: torch.expm1(x), -40.0),
    "`gelu(-10)`, value": value(PRIMITIVES["gelu"], lambda x: torch.nn.functional.gelu(x), -10.0),
    "`arcsinh(1e200)`, slope": slope(PRIMITIVES["arcsinh"], lambda x: torch.arcsinh(x), 1e200),
    "`arctan2(3e-200, 4e-200)`, slopes": slope(PRIMITIVES["arctan2"], lambda y, x: torch.arctan2(y, x), 3e-200, 4e-200),
    "`sinc(1e-10)`, slope": slope(special.sinc, lambda x: torch.sinc(x), 1e-10),
    "`sinc(1e10)`, value": value(special.sinc, lambda x: torch.sinc(x), 1e10),
    "`polygamma(1, 1)`, value": value(lambda x: special.polygamma(1, x), lambda x: torch.polygamma(1, x), 1.0),
    "`i1(1e4)`, slope": slope(special.i1, lambda x: torch.special.i1(x), 1e4),
    "`logaddexp(0, 1000)`, second derivatives": second(
        special.logaddexp, lambda x, y: torch.logaddexp(x, y), 0.0, 1000.0
    ),
    "`prod([1e-16, 3, 0.7])`, second derivative": second(
        lambda x: reductions.prod(x), lambda x: torch.prod(x), np.array([1e-16, 3.0, 0.7])
    ),
    "`prod([1e-200, 1e-200, 1e200])`, gradient": slope(
        lambda x: reductions.prod(x), lambda x: torch.prod(x), np.array([1e-200, 1e-200, 1e200])
    ),
    "`hardsigmoid(1)`, slope": slope(functional.hardsigmoid, lambda x: torch.nn.functional.hardsigmoid(x), 1.0),
    # What a name means
    "`ctc_loss(log([[0.5, 0.5]]), [1], 1, 1)`, gradient": slope(
        lambda x: functional.ctc_loss(x, [1], 1, 1),
        lambda x: torch.nn.functional.ctc_loss(x, torch.tensor([1]), torch.tensor(1), torch.tensor(1)),
        np.log([[0.5, 0.5]]),
    ),
    "`var([1, 3])`, value": value(reductions.var, lambda x: torch.var(x), [1.0, 3.0]),
    "`std([1, 3])`, value": value(reductions.std, lambda x: torch.std(x), [1.0, 3.0]),
    "`var([1])`, value": value(reductions.var, lambda x: torch.var(x), [1.0]),
    "`median([1, 2, 3, 4])`, value": value(functions.median, lambda x: torch.median(x), [1.0, 2.0, 3.0, 4.0]),
    "`median([1, 2, 3, 4])`, gradient": slope(functions.median, lambda x: torch.median(x), [1.0, 2.0, 3.0, 4.0]),
    "`split([1, 2, 3, 4, 5, 6], 2)[0]`, value": value(
        lambda x: functions.split(x, 2)[0], lambda x: torch.split(x, 2)[0], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    ),
    "`repeat([1, 2], 2)`, value": value(lambda x: functions.repeat(x, 2), lambda x: x.repeat(2), [1.0, 2.0]),
    "`meshgrid([1, 2], [3, 4])[0]`, value": value(
        lambda x, y: functions.meshgrid(x, y)[0], lambda x, y: torch.meshgrid(x, y)[0], [1.0, 2.0], [3.0, 4.0]
    ),
    "`dot` of two matrices, value": value(functions.dot, lambda x, y: torch.dot(x, y), [[2.0]], [[3.0]]),
    "`outer` of two matrices, value": value(functions.outer, lambda x, y: torch.outer(x, y), [[2.0]], [[3.0]]),
    "`trace` of a stack, value": value(functions.trace, lambda x: torch.trace(x), [[[1.0, 2.0]]]),
    "`cumsum([[1, 2], [3, 4]])`, value": value(operations.cumsum, lambda x: torch.cumsum(x), [[1.0, 2.0], [3.0, 4.0]]),
    "`squeeze([1, 2], 0)`, value": value(lambda x: operations.squeeze(x, 0), lambda x: torch.squeeze(x, 0), [1.0, 2.0]),
    # Linear algebra
    "`linalg.det` of rank 1 of 3, second derivative": second(
        linalg.det, lambda x: torch.linalg.det(x), np.diag([1.0, 0.0, 0.0])
    ),
    "`linalg.pinv(diag(1, 7e-16))`, value": value(linalg.pinv, lambda x: torch.linalg.pinv(x), np.diag([1.0, 7e-16])),
    "`linalg.eigvalsh([[0, 2], [0, 0]])`, value": value(
        linalg.eigvalsh, lambda x: torch.linalg.eigvalsh(x), np.array([[0.0, 2.0], [0.0, 0.0]])
    ),
    "`linalg.cond` of zeros, value": value(linalg.cond, lambda x: torch.linalg.cond(x), np.zeros((2, 2))),
    '`linalg.cond(diag(1, 0), "fro")`, value': value(
        lambda x: linalg.cond(x, "fro"), lambda x: torch.linalg.cond(x, "fro"), np.diag([1.0, 0.0])
    ),
    '`linalg.cond(diag(1, 2), "fro")`, gradient': slope(
        lambda x: linalg.cond(x, "fro"), lambda x: torch.linalg.cond(x, "fro"), np.diag([1.0, 2.0])
    ),
    "`linalg.svd` of a tall matrix, full": value(
        lambda x: linalg.svd(x).U, lambda x: torch.linalg.svd(x).U, [[1.0], [0.0]]
    ),
    '`linalg.qr(x, "complete")` of a tall matrix': value(
        lambda x: linalg.qr(x, "complete").Q, lambda x: torch.linalg.qr(x, "complete").Q, [[1.0], [0.0]]
    ),
    # Nodes and sweeps
    "`Tensor([1.0])`, dtype": value(lambda: Tensor([1.0]).dtype, lambda: torch.tensor([1.0]).dtype),
    "`Tensor([1])`, dtype": value(lambda: Tensor([1]).dtype, lambda: torch.tensor([1]).dtype),
    "float32 array times a float64 number, dtype": value(
        lambda x: (x.astype(np.float32) * np.float64(2.0)).dtype,
        lambda x: (x.to(torch.float32) * torch.tensor(2.0, dtype=torch.float64)).dtype,
        [1.0],
    ),
    "`backward()` twice of Σx², gradient": value(swept_twice, swept_twice, [1.0, 2.0]),
    "`.grad` between leaf and output": value(between, between, [1.0, 2.0]),
    "`x.data[0] = 5` before `backward()` of Σx², gradient": value(written_to, written_to, [1.0, 2.0]),
    "`1 / Value(0.0)`": value(of_a_value(lambda x: 1.0 / x), lambda x: 1.0 / x, 0.0),
    "`log(Value(-1.0))`": value(of_a_value(PRIMITIVES["log"]), lambda x: torch.log(x), -1.0),
    "`exp(Value(1000.0))`": value(of_a_value(PRIMITIVES["exp"]), lambda x: torch.exp(x), 1000.0),
    # Training
    "`clip_grad_norm_([3e200, 4e200])` to 1, gradient": value(
        lambda g: clipped(optim.clip_grad_norm_, g, 1.0),
        lambda g: clipped(torch.nn.utils.clip_grad_norm_, g, 1.0),
        [3e200, 4e200],
    ),
    "`clip_grad_norm_([3e-8, 4e-8])` to 1e-8, gradient": value(
        lambda g: clipped(optim.clip_grad_norm_, g, 1e-8),
        lambda g: clipped(torch.nn.utils.clip_grad_norm_, g, 1e-8),
        [3e-8, 4e-8],
    ),
    "`Adam` from 1 with the gradient 1e200": value(
        lambda x: stepped(optim.Adam, x, 1e200), lambda x: stepped(torch.optim.Adam, x, 1e200), 1.0
    ),
    "`SGD` from 1 with the gradient nan": value(
        lambda x: stepped(optim.SGD, x, NAN), lambda x: stepped(torch.optim.SGD, x, NAN), 1.0
    ),
    "`layer_norm([1e200, -1e200])`, value": value(
        lambda x: functional.layer_norm(x, 2), lambda x: torch.nn.functional.layer_norm(x, (2,)), [1e200, -1e200]
    ),
    "`ReduceLROnPlateau` at -2, -2, rate": value(
        lambda x: rate_on_a_plateau(optim, optim, x),
        lambda x: rate_on_a_plateau(torch.optim, torch.optim.lr_scheduler, x),
        0.0,
    ),
}


def ours(experiment: Experiment) -> Any:
    order, f, _, operands = experiment
    points = [np.array(x, float) for x in operands]
    if order == 0:
        return f(*map(Tensor, points))
    if order == 2:
        f = elementwise_grad(f)
    return elementwise_grad(lambda *xs: f(*xs), range(len(points)))(*points)


def theirs(experiment: Experiment) -> Any:
    order, _, f, operands = experiment
    points = [torch.tensor(np.array(x, float), requires_grad=True) for x in operands]
    found = f(*points)
    for _ in range(order):
        first = found[0] if isinstance(found, tuple) else found
        found = torch.autograd.grad(first.sum(), points, create_graph=True, materialize_grads=True)
    return found


def result(measure: Callable[[Experiment], Any], experiment: Experiment) -> Any:
    """Numbers in nested lists, an error by its name, and anything else as text."""
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = measure(experiment)
    except (ArithmeticError, RuntimeError, TypeError, ValueError) as error:
        return type(error).__name__.lstrip("_")
    parts = [as_numbers(x) for x in found] if isinstance(found, tuple) else [as_numbers(found)]
    return parts[0] if len(parts) == 1 else parts


def as_numbers(x: Any) -> Any:
    x = x.numpy() if isinstance(x, Tensor) else x
    return x.tolist() if hasattr(x, "tolist") else x if isinstance(x, float) else str(x)


def rows() -> dict[str, tuple[str, str]]:
    """Our result and PyTorch's, the code in their cells, by the name of the row."""
    text = PAGE.read_text(encoding="utf-8").partition(REFUSED)[0]
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [line.strip("| ").split(" | ") for line in lines if not line.startswith("| operation | ")]
    return {name: (code(our_cell), code(their_cell)) for name, our_cell, their_cell, _ in cells}


def code(cell: str) -> str:
    match = re.fullmatch(r"`([^`]+)`", cell)
    assert match, f"a result is written as code, not as {cell!r}"
    return match[1]


def agrees(found: Any, written: str) -> None:
    if isinstance(found, str):
        assert found == written
    else:
        numbers = eval(written, {"__builtins__": {}, "inf": INF, "nan": NAN})
        np.testing.assert_allclose(found, numbers, rtol=1e-10, atol=0.0)


def refused() -> list[list[str]]:
    """What the page says is refused, and what to write."""
    table = PAGE.read_text(encoding="utf-8").partition(REFUSED)[2]
    return [re.findall("`(.*?)`", line) for line in table.splitlines()]


@pytest.mark.parametrize(("text", "instead"), refused())
def test_what_is_refused_and_what_to_write(text: str, instead: str) -> None:
    numbers = np.array([[1.0, 2.0, -0.5], [0.5, 3.0, 4.0]])
    names = {"np": np, "autograd": autograd, "a": numbers, "t": Tensor(numbers), "f": lambda x: 2.0 * x}
    with pytest.raises((NotImplementedError, autograd.GraphLeftError, TypeError)):
        eval(text, names)
    eval(instead, names)


def test_every_row_of_the_page_is_an_experiment() -> None:
    assert list(rows()) == list(EXPERIMENTS)
    assert rows().keys() >= CHANGED


@pytest.mark.parametrize("row", EXPERIMENTS)
def test_ours(row: str) -> None:
    written, other = rows()[row]
    assert written != other
    agrees(result(ours, EXPERIMENTS[row]), written)


CHANGED = {"`quantile([1, 1, 1, 1, 1], 0.4)`, gradient", "`clip(0, 0, 1)` of arrays, slopes"}
"""What PyTorch 2.14 changed."""


@pytest.mark.skipif(torch is None, reason="PyTorch is not installed")
@pytest.mark.parametrize("row", EXPERIMENTS)
def test_theirs(row: str) -> None:
    if row in CHANGED and Version(torch.__version__) < Version("2.14"):
        pytest.skip("PyTorch is older than 2.14, which changed this")
    agrees(result(theirs, EXPERIMENTS[row]), rows()[row][1])
