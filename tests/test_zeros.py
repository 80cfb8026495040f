"""The sign of a zero is the same on Values, on Tensors and compiled."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from autograd import PRIMITIVES, Primitive, Tensor, Value, arctan2, compile, sinc
from autograd.compiler.program import machines, running_on
from autograd.core.errors import EvaluationError

NUMBERS = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 3.0, 0.5, -0.5, -3.0, math.inf, -math.inf]
OF_NUMPY = ("maximum", "minimum", "clip", "elu")
"""Rows that compare two zeros, of which NumPy takes one or the other, depending on the processor."""


def with_orders(row: Primitive, orders: Sequence[float]) -> Callable[..., Any]:
    """The row as a function of the operands that have a derivative, with these numbers as the others."""

    def f(*xs: Any) -> Any:
        rest, fixed = iter(xs), iter(orders)
        return row(*[next(fixed) if interval.fixed else next(rest) for interval in row.domain])

    return f


@pytest.mark.parametrize("row", [row for row in PRIMITIVES.values() if not row.variadic], ids=str)
@pytest.mark.filterwarnings("ignore:.*encountered")
def test_zeros_have_one_sign(row: Primitive) -> None:
    whole = [interval.fixed for interval in row.domain]
    for orders in itertools.product(*[[0.0, 1.0] for one in whole if one]):
        f = with_orders(row, orders)
        compiled = {name: (compile(f), compile(f, batch=True, reduction="none")) for name in machines()}
        for point in itertools.product(NUMBERS, repeat=whole.count(False)):
            both_zero = [x for x in point if x == 0][1:]
            if (both_zero and row.name in OF_NUMPY) or (row.name == "power" and point == (-0.0, 0.5)):
                continue  # np.power takes √-0 = -0 for (-0)^½, if the exponent is a single number
            try:
                value = f(*map(Value, point)).data
            except EvaluationError:
                continue
            if value != 0:
                continue
            found = {"Tensor": f(*map(Tensor, point)).item(), "float": float(f(*point))}
            found["Tensors"] = f(*[Tensor([x] * 5) for x in point]).numpy()[3]
            for name, (one, many) in compiled.items():
                with running_on(name):
                    found[name] = one(*point)
                    found[f"{name}, batch"] = many(*[np.full(5, x) for x in point])[3]
            signs = {mode: math.copysign(1.0, zero) for mode, zero in found.items()}
            assert set(signs.values()) == {math.copysign(1.0, value)}, (point, value, found)


def test_an_angle_beside_a_zero() -> None:
    for x in (1.0, -1.0, 2.0, -3.0, 7.0):
        for found in (
            arctan2(sinc(Value(x)), -1.0).data,
            arctan2(sinc(Tensor([x])), -1.0).numpy()[0],
            compile(lambda t: arctan2(sinc(t), -1.0))(x),
        ):
            assert found == math.pi
