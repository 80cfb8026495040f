"""The exercises of the notebooks: what is said of right answers, of usual mistakes, and of no answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import check_backprop, define
from pathgrad.lessons import EXERCISES, check, compare, examples
from pathgrad.lessons.exercise import close, exercise, faults

pytestmark = pytest.mark.same_in_both_modes

BACKWARD = """
dy = y - y_t
dw5 = dy*h3
dw4 = dy*h2
ds3 = dy*w5*h3*(1 - h3)
ds2 = dy*w4*h2*(1 - h2)
dw3 = ds3*h1
dw2 = ds2*h1
dh1 = ds2*w2 + ds3*w3
dw1 = dh1*h1*(1 - h1)*x_t
"""

RIGHT: dict[str, list[Any]] = {
    # 01-paths
    "01-silent-path": ["w → v → x → y", "w -> v -> x -> y", ["w", "v", "x", "y"]],
    "01-from-the-middle": [
        "-1/(x + t)**2 * 2*v - 1/(x + t)**2 * pi*cos((w + v)*pi)",
        "-(2*v + pi*cos((w + v)*pi))/(x + t)**2",
    ],
    "01-three-squares": [(8, 128), [8.0, 128.0]],
    # 02-numerical-differences
    "02-best-step": [9.5e-9, 1e-8],
    "02-fourth-power": [0.04, 4 * 0.1**2],
    "02-second-difference": [
        lambda f, x, h: (f(x + h) - 2 * f(x) + f(x - h)) / h**2,
        lambda f, x, h: (-f(x + 2 * h) + 16 * f(x + h) - 30 * f(x) + 16 * f(x - h) - f(x - 2 * h)) / (12 * h * h),
    ],
    # 03-descent-and-its-traps
    "03-largest-rate": [1 / 3, 0.3333],
    "03-watershed": [-0.149, -0.15, (41**0.5 - 7) / 4],
    "03-both-at-once": [(1.8, 0.6), np.array([1.8, 0.6])],
    # 04-momentum-to-adam
    "04-terminal-velocity": [-1, -0.1 / (1 - 0.9)],
    "04-adagrad-tenth": [100, 100.0],
    "04-adam-first-step": [(0.3, -0.3), [0.3, -0.3], np.array([0.3, -0.3])],
    # 05-perceptron-and-gates
    "05-nand": [(4, -3, -3), (3, -2, -2), [0.3, -0.2, -0.2]],
    "05-update": [(-12, 2, 5), np.array([-12, 2, 5])],
    "05-xnor": [(4, -3, -3), (3, -2, -2)],
    # 06-activations-and-vanishing-gradients
    "06-depth": [10, 10.0],
    "06-tanh-from-sigmoid": ["2 * 2*s*(1 - s)", "4*s*(1 - s)", "1 - a**2"],
    "06-collapse": [(-6, 7), [-6.0, 7.0]],
    # 07-losses-from-likelihood
    "07-apples": ["2/w - 3/(1 - w)", "2/w - 3/r", "(2 - 5*w)/(w*(1 - w))"],
    "07-sure-and-wrong": [101.0, 1 / 0.0099],
    "07-softmax-slope": [(-0.3, 0.2, 0.1), np.array([0.7, 0.2, 0.1]) - [1, 0, 0]],
    # 08-regression
    "08-r-squared": [0.205, 1 - 50.8885 / 64.025],
    "08-mean-rate": [0.0287, 0.02869, 10 * 0.002868944],
    "08-logistic-backward": ["dZ = Y - T\ndw = X.T @ dZ", "dw = X.T @ (Y - T)"],
    # 09-backpropagation-by-hand
    "09-third-step": [(-0.0485, -0.1751), (-0.04851, -0.17503)],
    "09-middle-weight": ["-(y_t - y)*w4*h2*(1 - h2)*h1", "(y - y_t)*w4*h1*(h2 - h2**2)"],
    "09-backward-as-code": [BACKWARD],
    # 10-from-neurons-to-matrices
    # 11-initialisation
    # 12-regularisation
    # 13-digits-and-mini-batches
    # 14-a-sweep-of-your-own
}
"""Right answers by exercise, in each form that a student may choose."""

WRONG: list[tuple[str, Any, str]] = [
    # 01-paths
    ("01-silent-path", "w → y", "w → y is not a path"),
    ("01-silent-path", "w → t → y", "at w = 0 it is 2"),
    ("01-silent-path", "y → x → v → w", "not a path"),
    ("01-from-the-middle", "-2*v/(x + t)**2", "the path v → t → y is missing"),
    (
        "01-from-the-middle",
        "-2*v/(x + t)**2 - cos((w + v)*pi)/(x + t)**2",
        "a factor of 0.318309886184 too much",
    ),
    ("01-from-the-middle", "s", "not a variable"),
    ("01-three-squares", (6, 128), "doubles"),
    ("01-three-squares", (8, 1024), "the sum"),
    ("01-three-squares", (8, 14), "the arrows into b carry a"),
    ("01-three-squares", 8, "it raises TypeError"),
    # 02-numerical-differences
    ("02-best-step", 3e-8, "is 10, not 1"),
    ("02-best-step", -9.5e-9, "the positive one"),
    ("02-best-step", 1.9e-7, "that is the smallest error"),
    ("02-best-step", 1e-4, "10h is the larger part"),
    ("02-best-step", 1e-12, "9·10⁻¹⁶/h is the larger part"),
    ("02-best-step", 0, "it raises ZeroDivisionError"),
    ("02-fourth-power", 4.04, "that is the difference quotient"),
    ("02-fourth-power", 0.641, "forward difference"),
    ("02-fourth-power", -0.04, "the quotient is the larger one"),
    ("02-fourth-power", 0.4, "work out"),
    ("02-second-difference", lambda f, x, h: (f(x + h) - 2 * f(x) + f(x - h)) / h, "divide by h²"),
    ("02-second-difference", lambda f, x, h: (f(x + h) - 2 * f(x) + f(x - h)) / (2 * h**2), "half of f″"),
    ("02-second-difference", lambda f, x, h: (f(x + h) - f(x - h)) / (2 * h), "for f(x) = x² it gives 0.6, and not"),
    ("02-second-difference", lambda f, x, h: (f(x + 2 * h) - 2 * f(x + h) + f(x)) / h**2, "equal steps to both sides"),
    ("02-second-difference", lambda f, x, h: 6 * x if f(2) == 8 else 2.0, "not right for sin"),
    # 03-descent-and-its-traps
    ("03-largest-rate", 1 / 6, "ends at the minimum"),
    ("03-largest-rate", 1, "the limit for x²"),
    ("03-largest-rate", 2 / 3, "f″ = 6"),
    ("03-largest-rate", 0.25, "-0.5·x"),
    ("03-watershed", -3.35, "the global minimum"),
    ("03-watershed", 2, "where they end"),
    ("03-watershed", -1, "the left side"),
    ("03-watershed", 0, "the right side"),
    ("03-both-at-once", (1.8, 0.712), "at the new w0"),
    ("03-both-at-once", (1.568, 0.6), "at the new w1"),
    ("03-both-at-once", (2.2, 1.4), "uphill"),
    ("03-both-at-once", (1.9, 0.8), "a factor 2"),
    ("03-both-at-once", (2, 4), "that is the gradient"),
    ("03-both-at-once", (1.6, 0.8), "at w0 = 2 and w1 = 1"),
    # 04-momentum-to-adam
    ("04-terminal-velocity", -0.1, "the first step"),
    ("04-terminal-velocity", 1, "towards smaller x"),
    ("04-terminal-velocity", -0.9, "v = 0.9v - 0.1"),
    ("04-adagrad-tenth", 10, "its root"),
    ("04-adagrad-tenth", 9, "G grows by 1"),
    ("04-adam-first-step", (-0.3, 0.3), "against the gradient"),
    ("04-adam-first-step", (0.21, -1.2), "gradient descent"),
    ("04-adam-first-step", (0.9487, -0.9487), "without the correction"),
    ("04-adam-first-step", (0.03, -0.03), "M is not"),
    ("04-adam-first-step", 0.3, "the corrected M"),
    # 05-perceptron-and-gates
    ("05-nand", (-4, 3, 3), "the output at (0, 0) must be 1, but the sum there is -4"),
    ("05-nand", (4, -2, -2), "the sum at (1, 1) is 0: that corner lies on the line"),
    ("05-nand", (5, -2, -2), "the output at (1, 1) must be 0, but the sum there is 1"),
    ("05-nand", (4, -3), "it raises ValueError"),
    ("05-update", (-10, 2, 9), "subtracted"),
    ("05-update", (-11, 2, 5), "the bias changes"),
    ("05-update", (-11, 2, 7), "is misclassified"),
    ("05-update", (1, 0, 2), "w + y x"),
    ("05-xnor", (-4, 3, 3), "the output at (0, 0) must be 1, but the sum there is -1"),
    ("05-xnor", (6, -3, -3), "the sum at (0, 1) is 0"),
    # 06-activations-and-vanishing-gradients
    ("06-depth", 9, "(1/4)^9 = 3.8e-06 is not below"),
    ("06-depth", 11, "(1/4)^10 = 9.5e-07 is below"),
    ("06-depth", 9.97, "round up"),
    ("06-tanh-from-sigmoid", "s*(1 - s)", "a factor of 1/4 too much"),
    ("06-tanh-from-sigmoid", "2*s*(1 - s)", "a factor of 1/2 too much"),
    ("06-tanh-from-sigmoid", "1 - tan(z)", "no path"),
    ("06-collapse", (1, 5), "multiplied"),
    ("06-collapse", (-6, 5), "the bias of the first"),
    ("06-collapse", (-6, 4), "x = 0"),
    ("06-collapse", -6, "it raises TypeError"),
    # 07-losses-from-likelihood
    ("07-apples", "2/w + 3/(1 - w)", "on the path w → r → logP: the sign is wrong"),
    ("07-apples", "2/w", "the path w → r → logP is missing"),
    ("07-apples", 0.4, "wrong"),
    ("07-sure-and-wrong", 100, "not y alone"),
    ("07-sure-and-wrong", 0.0099, "divided by"),
    ("07-sure-and-wrong", 4, "only at its centre"),
    ("07-sure-and-wrong", 1, "(y - t)·y(1 - y)"),
    ("07-softmax-slope", (0.3, -0.2, -0.1), "the sign"),
    ("07-softmax-slope", (-1.4286, 0, 0), "the gradient in y"),
    ("07-softmax-slope", (-0.3, 0, 0), "the other scores"),
    ("07-softmax-slope", (0.7, 0.2, 0.1), "y - t"),
    # 08-regression
    ("08-r-squared", 0.22, "those of 0"),
    ("08-r-squared", 0.795, "does not explain"),
    ("08-r-squared", 1, "t̄ = 0.35"),
    ("08-mean-rate", 0.00287, "is smaller"),
    ("08-mean-rate", 0.000287, "divided by 10"),
    ("08-mean-rate", 1, "the largest curvature"),
    ("08-logistic-backward", "dZ = T - Y\ndw = X.T @ dZ", "the sign is wrong"),
    ("08-logistic-backward", "dZ = (Y - T)*Y*(1 - Y)\ndw = X.T @ dZ", "only Y - T should be there"),
    ("08-logistic-backward", "dw = (Y - T) * X", "@ is meant"),
    ("08-logistic-backward", "dZ = Y - T", "dw is missing"),
    # 09-backpropagation-by-hand
    ("09-third-step", (0.0485, 0.1751), "the gradients are negative"),
    ("09-third-step", (-0.1751, -0.0485), "the order is"),
    ("09-third-step", (-0.0467, -0.1751), "include w2"),
    ("09-third-step", (-0.051, -0.186), "of step 2"),
    ("09-third-step", (1.0152, 1.0558), "with h and y of the new weights"),
    ("09-middle-weight", "-(y_t - y)*w4*h2*(1 - h2)", "the factor ∂s2/∂w2 = h1 is missing"),
    ("09-middle-weight", "(y_t - y)*w4*h2*(1 - h2)*h1", "the sign is wrong"),
    ("09-backward-as-code", BACKWARD.replace(" + ds3*w3", ""), "✗ dh1 = ds2*w2"),
    ("09-backward-as-code", BACKWARD.replace("y - y_t", "y_t - y"), "the sign is wrong"),
    ("09-backward-as-code", BACKWARD.replace("dw4", "dummy"), "no line computes dw4"),
    ("09-backward-as-code", "", "no gradient was found"),
    # 10-from-neurons-to-matrices
    # 11-initialisation
    # 12-regularisation
    # 13-digits-and-mini-batches
    # 14-a-sweep-of-your-own
]
"""Wrong answers: the exercise, the answer, and words of what is said of it."""


@pytest.mark.parametrize("id", EXERCISES)
def test_there_is_no_answer_yet(id: str) -> None:
    assert repr(check(id, ...)) == "not yet"
    assert not check(id, ...)


@pytest.mark.parametrize("id", EXERCISES)
def test_a_right_answer(id: str) -> None:
    for answer in RIGHT[id]:
        verdict = check(id, answer)
        assert verdict, verdict
        assert repr(verdict) == f"right: {EXERCISES[id].why}"


@pytest.mark.parametrize(("id", "answer", "says"), WRONG)
def test_a_wrong_answer(id: str, answer: Any, says: str) -> None:
    verdict = check(id, answer)
    assert not verdict
    assert repr(verdict).startswith("no, because")
    assert says in repr(verdict)


def test_every_exercise_knows_wrong_answers() -> None:
    assert {id for id, _, _ in WRONG} == set(EXERCISES)


def test_the_exercises_are_in_the_order_of_the_notebooks() -> None:
    assert [id[:2] for id in EXERCISES] == sorted(id[:2] for id in EXERCISES)


def test_an_exercise_that_does_not_exist() -> None:
    with pytest.raises(LookupError, match="did you mean 01-silent-path"):
        check("01-silent-paths", 1)


def test_an_id_is_given_once() -> None:
    with pytest.raises(ValueError, match="two exercises '01-silent-path'"):
        exercise("01-silent-path", "")(repr)


@pytest.mark.parametrize(
    ("answer", "true", "same"),
    [
        (0.3333, 1 / 3, True),
        (0.33, 1 / 3, False),
        (1e-4, 0, True),
        (1e-2, 0, False),
        (np.array([1, 2]), [1, 2], True),
        ([[1, 2]], [1, 2], False),
        (float("nan"), 1, False),
    ],
)
def test_numbers_are_close(answer: Any, true: Any, same: bool) -> None:
    assert close(answer, true) is same


def test_the_faults_of_a_backward_pass() -> None:
    code = "loss = w**2\ndw = {}*w"
    assert faults(check_backprop(code.format(2), w=3.0)) is None
    assert "✗ dw = 3*w" in str(faults(check_backprop(code.format(3), w=3.0)))


def test_derivatives_by_hand_are_compared(capsys: pytest.CaptureFixture[str]) -> None:
    compare(define("y = a*b*c", a=2, b=3, c=0)["y"], a=0, b=1e-11, c=6)
    assert capsys.readouterr().out == "dy/da = 0 ✓\ndy/db = 1e-11 ✓\ndy/dc = 6 ✓\n"
    compare(define("y = a*b", a=2, b=3)["y"], a=2.99)
    assert capsys.readouterr().out == "dy/da = 2.99 ✗ it is 3\n"


def test_examples_are_shown_in_brief(capsys: pytest.CaptureFixture[str]) -> None:
    examples("chain-rule-two-paths", "and-gate-perceptron")
    first, second = capsys.readouterr().out.split("\n✗ ")
    assert first.splitlines() == [
        "✓ chain-rule-two-paths: dy/dv at v=0 for y=1/(x+t), x=v^2, t=e^v",
        "  the notes   t = 1; x = 0; dy/dv: -1/1^2 * 2 * 0 - 1/1^2 * e^0 = -1",
        "  computed    t = 1; x = 0; y = 1; dy/dv = -1",
    ]
    assert "  verdict     the notes err: " in second
