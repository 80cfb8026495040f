"""Programs: straight-line code that can be read, in few registers, on whichever machine there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograd import PRIMITIVES, compile, exp, native, primitive
from autograd.program import Program
from autograd.terms import Terms


@pytest.fixture(scope="module", params=["native", "NumPy"], autouse=True)
def machine(request: pytest.FixtureRequest) -> Iterator[str]:
    """Everything is run on both machines."""
    if request.param == "native" and not native.supports("add"):
        pytest.skip("the native machine is not compiled here")
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "NumPy":
            patch.setattr(native, "supports", lambda op: False)
        yield request.param


@pytest.fixture
def table() -> Iterator[None]:
    """What is declared within a test does not stay in the table."""
    before = set(PRIMITIVES)
    yield
    for name in set(PRIMITIVES) - before:
        del PRIMITIVES[name]


# ---------------------------------------------------------------------------------------------------------------------
# Reading it
# ---------------------------------------------------------------------------------------------------------------------


def test_a_program_without_instructions() -> None:
    terms = Terms()
    x, w = terms.input("x", lane=True), terms.input("w")
    program = Program(terms, [w], [x], [w, terms.constant(2.0)], [x, terms.constant(3.0)])
    once, each = program.run([[5.0]], np.array([[1.0, 2.0]]))
    assert (once.tolist(), each.tolist()) == ([5.0, 2.0], [[1.0, 2.0], [3.0, 3.0]])
    assert str(program) == "return w, 2.0 and for each sample x, 3.0"


@pytest.mark.usefixtures("table")
def test_the_value_comes_first_and_then_the_derivative() -> None:
    @primitive(lambda x, out: -2.0 * x * out)
    def bell_curve(x: Any) -> Any:
        return exp(-x * x)

    f = compile(lambda x: bell_curve(x) + 1)
    assert str(f.program(2.0)).splitlines() == [
        "once:",
        "    v1 = -x",
        "    v2 = v1 * x",
        "    v3 = exp(v2)",
        "    v4 = v3 + 1.0",
        "return v4",
    ]
    assert str(f.program(2.0, argnums=0)).splitlines() == [
        "once:",
        "    v1 = -x",
        "    v2 = v1 * x",
        "    v3 = exp(v2)",
        "    v4 = v3 + 1.0",
        "    # backward",
        "    v5 = -2.0 * x",
        "    v6 = v5 * v3",
        "return v4, v6",
    ]


def test_results_are_not_called_as_inputs_are() -> None:
    assert str(compile(lambda v1, v3: exp(exp(v1)) * v3).program(1.0, 2.0)).splitlines() == [
        "once:",
        "    v2 = exp(v1)",
        "    v4 = exp(v2)",
        "    v5 = v4 * v3",
        "return v5",
    ]
