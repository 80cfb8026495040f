"""Terms: what is simplified stays exactly what it was, and derivatives of terms are those of the table."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import strategies as st

from autograd.program import Program
from autograd.terms import Term, Terms, gradients

SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -3.0, math.inf, -math.inf, math.nan, 5e-324, -2.5e-320, 2.0**-1022]
SPECIAL += [2.0**-600, 2.0**600, -(2.0**1023), 1.7976931348623157e308, 1e-308, math.pi]
special = st.sampled_from(SPECIAL) | st.floats()


def value(term: Term, **inputs: float) -> float:
    """What a term is, computed by a program."""
    given = [x for x in term.terms.all if x.op is None and x.number is None][1:]
    program = Program(term.terms, given, [], [term], [])
    return float(program.run([[inputs[x.name] for x in given]], np.empty((0, 1)))[0][0])


def same(x: float, y: float) -> bool:
    """The same number, as IEEE arithmetic tells numbers apart: also the sign of zero; nan is nan."""
    return (math.isnan(x) and math.isnan(y)) or (x == y and math.copysign(1.0, x) == math.copysign(1.0, y))


# ---------------------------------------------------------------------------------------------------------------------
# Less to compute
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("outer", "inner"), [(2.0**600, 2.0**600), (2.0**-600, 2.0**-600), (2.0**-1074, 3.0)])
@pytest.mark.parametrize("x", [2.0**-1000, 2.0**900, 1.0, 0.0, math.inf])
def test_numbers_are_multiplied_beforehand_only_if_that_is_exact(outer: float, inner: float, x: float) -> None:
    terms = Terms()
    assert value(outer * (inner * terms.input("x")), x=x) == pytest.approx(outer * (inner * x), nan_ok=True, rel=1e-15)


def test_an_intermediate_overflow_is_avoided_by_a_power_of_two() -> None:
    assert value(0.5 * (4.0 * Terms().input("x")), x=2.0**1022) == 2.0**1023  # 4.0 * x alone would be inf


def test_seeds_of_samples_add_up_in_what_all_samples_share() -> None:
    terms = Terms()
    w, seed = terms.input("w"), terms.input("seed", lane=True)
    [slope] = gradients(terms, [(2.0 * w, seed)], [w])
    assert not slope.lane
    program = Program(terms, [w], [seed], [slope], [])
    assert program.run([[5.0]], np.array([[1.0, 10.0, 100.0]]))[0] == [222.0]


def test_inputs_have_names_of_their_own() -> None:
    terms = Terms()
    assert [terms.input(name).name for name in ("w", "w", "w_2", "w", "samples")] == [
        "w", "w_2", "w_2_2", "w_3", "samples_2",
    ]  # fmt: skip
