"""The worked examples of losses, likelihood, perceptrons, linear models and networks, held against other sources."""

from __future__ import annotations

import math
import operator
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

from pathgrad.notes import EXAMPLES, report, run
from pathgrad.notes.linear_models import largest_separable
from pathgrad.notes.networks import product_shape, shape
from pathgrad.notes.tables import linear_regression_table, logistic_regression_table


def computed(id: str) -> Any:
    [result] = run([id])
    return result.computed


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


@pytest.mark.parametrize(
    ("id", "key", "by_hand"),
    [
        ("logistic-likelihood-loss", "loss", -math.log(sigmoid(2) * (1 - sigmoid(3)) * sigmoid(5))),
        ("logistic-likelihood-loss", "dloss/dw", [2 * (sigmoid(2) - 1) + 3 * sigmoid(3) + 5 * (sigmoid(5) - 1)] * 2),
        ("minimise-log-of-minus-product", "argmin -log(prod P)", 2 / 5),
        ("likelihood-two-apples", "d2logP/dw2", -2 / 0.4**2 - 3 / 0.6**2),
        (
            "bernoulli",
            "sum over the classes of prod y_i^t_i (1-y_i)^(1-t_i)",
            0.7 * 0.8 * 0.9 + 0.3 * (0.2 * 0.9 + 0.08),
        ),
        ("bayes-sigmoid", "sigma(a)", 0.18 / (0.18 + 0.14)),
        ("loss-bce", "gradient", [-1 / 0.9 / 2, 1 / 0.8 / 2]),
        ("simple-nn-step-1", "dE/dw2", -(1 - sigmoid(1)) * sigmoid(1)),
        ("simple-nn-step-1", "dE/dw1", -((1 - sigmoid(1)) ** 2) * sigmoid(1)),
        ("simple-nn-relu-classification", "dE/ds2", sigmoid(1) - 1),
        ("linear-collapse-matrix", "W", [1 - 3 + 10, 2 - 4 + 12]),
    ],
)
def test_what_is_computed_is_what_is_derived_by_hand(id: str, key: str, by_hand: Any) -> None:
    assert computed(id)[key] == pytest.approx(by_hand, rel=1e-12)


def test_the_trajectory_is_that_of_the_notes_formulas() -> None:
    w1 = w2 = 1.0
    facts = computed("simple-nn-trajectory")
    for n in range(201):
        h = sigmoid(w1)
        y = h * w2
        if str(n) in facts:
            assert facts[str(n)] == pytest.approx([w1, w2], rel=1e-13)
            assert facts["E"][str(n)] == pytest.approx((1 - y) ** 2 / 2, rel=1e-8)
        w1, w2 = w1 + 0.1 * (1 - y) * w2 * h * (1 - h), w2 + 0.1 * (1 - y) * h
    assert facts["200"][1] * sigmoid(facts["200"][0]) == pytest.approx(1, abs=1e-6)


def test_the_trap_of_rounding() -> None:
    facts = computed("simple-nn-step-2")
    assert f"{facts['y']:.3f}" == "0.747"
    assert f"{facts['from the weights before rounding']['y']:.3f}" == "0.746"
    assert [f"{w:.4f}" for w in (facts["new w2"], facts["from the printed digits"]["new w2"])] == ["1.0383"] * 2
    assert f"{facts['from the weights before rounding']['new w2']:.4f}" == "1.0382"


# ---------------------------------------------------------------------------------------------------------------------
# The table of regression
# ---------------------------------------------------------------------------------------------------------------------


def test_the_plane_of_least_squares_by_the_normal_equations() -> None:
    x, t = linear_regression_table()
    rows = [(Fraction(1), *map(Fraction, row)) for row in x.tolist()]
    w = [Fraction(text) for text in computed("linear-regression-table")["at the minimum"]["w, exact"]]
    errors = [Fraction(t_i) - sum(map(operator.mul, w, row)) for row, t_i in zip(rows, t.tolist(), strict=True)]
    assert [sum(map(operator.mul, errors, column)) for column in zip(*rows, strict=True)] == [0, 0, 0]


def test_the_plane_of_least_squares_is_that_of_numpy() -> None:
    x, t = linear_regression_table()
    w, *_ = np.linalg.lstsq(np.column_stack([np.ones(10), x]), t, rcond=None)
    assert computed("linear-regression-table")["at the minimum"]["w"] == pytest.approx(w, rel=1e-12)


@pytest.mark.parametrize(("times", "settles"), [(0.99, True), (1.01, False)])
def test_a_learning_rate_below_the_limit_settles_and_one_above_does_not(times: float, settles: bool) -> None:
    x, t = linear_regression_table()
    design, w = np.column_stack([np.ones(10), x]), np.zeros(3)
    facts = computed("linear-regression-table")
    for _ in range(2000):
        w = w - times * facts["largest eta that converges"] * 2 * design.T @ (design @ w - t)
    assert (float(np.sum((design @ w - t) ** 2)) < facts["at w = 0"]["E"]) == settles


def test_the_logistic_slopes_vanish_at_the_minimum() -> None:
    x, t = logistic_regression_table()
    w = computed("logistic-regression-table")["at the minimum"]["w"]
    design = np.column_stack([np.ones(10), x])
    assert design.T @ (1 / (1 + np.exp(-design @ w)) - t) == pytest.approx(np.zeros(3), abs=1e-12)


def test_the_rows_that_the_reason_names_are_on_the_wrong_side() -> None:
    facts, known = computed("logistic-regression-table"), EXAMPLES["logistic-regression-table"]
    wrong = {key[1:] for key, label in known.printed.items() if (facts[key] > 0.5) != (label == "1")}
    assert wrong == {"(4,3)", "(2,3)", "(1,2)", "(4,4)"}
    assert all(row in (known.reason or "") for row in wrong)


def best_line(x: Any, y: Any) -> int:
    """How many points the best of all lines has right: it may be moved until it all but touches two of them."""
    most = 0
    for p, q in product(x, repeat=2):
        normal = np.array([p[1] - q[1], q[0] - p[0]])
        if normal.any():
            for nudge in product((-1e-6, 1e-6), repeat=2):
                a, b = p + nudge[0] * normal, q + nudge[1] * normal
                line = np.array([a[1] - b[1], b[0] - a[0]])
                most = max(most, int(np.sum((x - a) @ line * y > 0)))
    return max(most, int(np.sum(y > 0)), int(np.sum(y < 0)))


def test_the_best_line_is_the_best_of_all_lines_through_two_points() -> None:
    x, t = logistic_regression_table()
    assert largest_separable(x, 2 * t - 1) == best_line(x, 2 * t - 1) == 8


@pytest.mark.parametrize("seed", range(5))
def test_the_largest_separable_part_of_random_points(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.integers(-5, 6, size=(7, 2)).astype(float)
    x = np.unique(x, axis=0)
    y = rng.choice([-1, 1], size=len(x))
    assert largest_separable(x, y) == best_line(x, y)


# ---------------------------------------------------------------------------------------------------------------------
# Gates and matrices
# ---------------------------------------------------------------------------------------------------------------------


def test_the_sums_of_or_are_one_column_that_the_notes_print_wrong() -> None:
    known = EXAMPLES["xor-two-layer"]
    facts = computed("xor-two-layer")
    differing = {
        (unit, row): (printed, true)
        for unit, column in known.printed.items()
        for row, (printed, true) in enumerate(zip(column, facts[unit], strict=True))
        if printed != true
    }
    assert differing == {("OR", 1): ("1 (+2)", "1 (+1)"), ("OR", 2): ("1 (+2)", "1 (+1)")}


def test_the_affine_column_agrees_with_its_print_and_the_other_does_not() -> None:
    known, facts = EXAMPLES["activation-role-table"], computed("activation-role-table")
    for column, agrees in (("s1", False), ("s2", True)):
        printed = [float(s) for s in known.printed[column]]
        others = facts[f"{column} from the other three"]
        assert [a == b for a, b in zip(printed, others, strict=True)] == [agrees] * 4
        s00, s01, s10, s11 = printed
        assert (s00 + s11 == s01 + s10) == agrees


def test_one_run_learns_what_the_three_steps_learn() -> None:
    steps = [EXAMPLES[f"perceptron-update-{k}"] for k in (1, 2, 3)]
    assert [computed(known.id)["w'"] for known in steps] == [[-11, 4, 5], [-12, 0, 5], [-11, 2, 7]]
    assert [known.inputs["w"] for known in steps[1:]] == [[-11, 4, 5], [-12, 0, 5]]
    assert computed("perceptron-final-boundary")["w"] == [-11, 2, 7]


def test_weights_that_do_not_make_the_gate_are_noticed() -> None:
    result = replace(EXAMPLES["and-gate-perceptron"], inputs={"w": [-2, 3, 3], "gate": "and"}).run()
    assert result.computed["the gate"] == "not so: AND"


def test_the_shapes_of_matrices() -> None:
    a, b = np.zeros((3, 2)), np.zeros((2, 7))
    assert shape(b) == "(2,7)"
    assert shape(b, m=7) == "(2,m)"
    assert product_shape(a, b) == "(3,7)"
    assert product_shape(b, a) == "undefined: (2,7)(3,2) do not conform"


def test_the_report_shows_both_roundings() -> None:
    text = report(run(["simple-nn-step-2"]))
    assert "from the weights before rounding: s1 = 1.005288" in text
    assert "from the printed digits: -(1-0.747)*0.732 = -0.185196; new w2 = 1.0383" in text
    assert "w2 becomes 1.0383, not 1.0384" in text


def test_the_report_writes_no_minus_before_zero() -> None:
    assert "grad = [-1.428571, 0, 0]" in report(run(["loss-cross-entropy"]))
