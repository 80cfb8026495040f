"""Outside of the domain: where a value is nan, so are its slopes; and numbers beside a Tensor count as arrays do."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import PRIMITIVES, Primitive, Tensor, compile, grad, hessian, mod, xlogy
from autograd.compiler.program import machines, running_on
from autograd.core.primitive import REAL, Interval

NUMBERS = [-3.0, -1.0, -0.5, 0.0, 1.0, 2.0, math.inf, -math.inf]
LIMITED = [
    row
    for row in PRIMITIVES.values()
    if any(interval != REAL for interval in row.domain) and row.name not in ("where", "convention", "divide")
]  # the slope of x / y in x is 1 / y, also where x / y is 0 / 0


def cases(row: Primitive) -> list[tuple[Callable[..., Any], list[float]]]:
    """The row as a function of the operands that have a derivative, and where it has the value nan."""
    whole = [interval.fixed for interval in row.domain]
    found = []
    for point in itertools.product(*[[0.0, 1.0] if one else NUMBERS for one in whole]):
        with np.errstate(all="ignore"):
            value = row(*map(np.array, point))
        if np.isnan(value):

            def f(*xs: Any, point: Any = point) -> Any:
                rest = iter(xs)
                return row(*[x if one else next(rest) for x, one in zip(point, whole, strict=True)])

            found.append((f, [x for x, one in zip(point, whole, strict=True) if not one]))
    return found


@pytest.mark.parametrize("row", LIMITED, ids=str)
@pytest.mark.filterwarnings("ignore:.*encountered")
def test_where_the_value_is_nan_every_slope_is_nan(row: Primitive) -> None:
    for f, point in cases(row):
        places = range(len(point))
        arrays = [np.array(x) for x in point]
        assert np.isnan(grad(f, places)(*arrays)).all(), point
        assert np.isnan(hessian(f, places)(*arrays)).all(), point
        for machine in machines():
            with running_on(machine):
                compiled = compile(f)
                assert np.isnan(compiled.value_and_grad(*point, argnums=places)[1]).all(), (machine, point)
                assert np.isnan(compiled.hvp(point, [1.0] * len(point))).all(), (machine, point)


def test_a_row_of_ones_own_is_nan_outside_of_its_domain() -> None:
    import autograd

    @autograd.primitive(lambda x, out: 3.0 * x * x, domain=Interval(0.0), array=lambda x: np.where(x > 0, x**3, np.nan))
    def cube_of_positive(x: float) -> float:
        return x**3

    try:
        x = Tensor([-1.0, 2.0])
        cube_of_positive(x).sum().backward()
        np.testing.assert_array_equal(x.grad, [np.nan, 12.0])
    finally:
        del PRIMITIVES["cube_of_positive"]


BESIDE: dict[str, tuple[Callable[[Any, Any], Any], list[float]]] = {
    "power": (lambda x, c: c**x, [-2.0, 0.0, math.inf]),
    "base": (lambda x, c: x**c, [-1.0, 0.5, 0.0]),
    "xlogy": (lambda x, c: xlogy(x, c), [0.0, -1.0]),
    "xlogy, first": (lambda x, c: xlogy(c, x), [0.0, -1.0]),
    "divide": (lambda x, c: x / c, [0.0, -0.0]),
    "quotient": (lambda x, c: c / x, [0.0, 1.0, math.inf]),
    "mod": (mod, [0.0, 2.0]),
    "floor_divide": (lambda x, c: x // c, [0.0, 2.0]),
}


@pytest.mark.parametrize("name", [*BESIDE, "arctan2", "hypot", "maximum", "minimum", "logaddexp", "logaddexp2"])
@pytest.mark.filterwarnings("ignore:.*encountered")
def test_a_number_beside_a_tensor_is_an_array_of_it(name: str) -> None:
    f, constants = BESIDE.get(name, (PRIMITIVES.get(name), [0.0, -1.0, math.inf, -math.inf, math.nan]))
    assert f is not None
    x = np.array([0.5, 2.0, 0.0, -1.0, math.inf])
    for c in constants:
        for order in grad, lambda g: grad(lambda t: grad(g)(t).sum()):
            beside, array = (order(lambda t, c=c: f(t, c).sum())(x) for c in (c, np.full(5, c)))
            np.testing.assert_array_equal(beside, array, err_msg=str(c))
