"""The exercises of the notebooks: what is said of right answers, of usual mistakes, and of no answer."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
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

MATRICES = """
dZ2 = A2 - Y
dW2 = dZ2 @ A1.T / m
db2 = np.sum(dZ2, axis=1, keepdims=True) / m
dZ1 = W2.T @ dZ2 * (1 - A1**2)
dW1 = dZ1 @ X.T / m
db1 = np.sum(dZ1, axis=1, keepdims=True) / m
"""


def forward(nodes: list[Any], x: Any, add: Callable[[float, float], float] = operator.add) -> float:
    """The derivative of the last node in x, in one pass over nodes in topological order."""
    speed = dict.fromkeys(nodes, 0.0)
    speed[x] = 1.0
    for node in nodes:
        for parent, slope in zip(node.parents, node.partials, strict=True):
            speed[node] = add(speed[node], speed[parent] * slope)
    return speed[nodes[-1]]


def forward_along_one_path(nodes: list[Any], x: Any) -> float:
    """The usual mistake: what arrives last replaces what came before."""
    return forward(nodes, x, lambda before, arriving: arriving)


def forward_by_recursion(nodes: list[Any], x: Any) -> float:
    """The same along every path by itself."""

    def speed(node: Any) -> float:
        shares = zip(node.parents, node.partials, strict=True)
        return 1.0 if node is x else sum(speed(parent) * slope for parent, slope in shares)

    return speed(nodes[-1])


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
    "10-shapes": [
        [(5, 4), (5, 1), (5, 20), (3, 5), (3, 1), (3, 20)],
        ([5, 4], [5, 1], [5, 20], [3, 5], [3, 1], [3, 20]),
    ],
    "10-shape-errors": [
        MATRICES,
        MATRICES.replace("\n", "\n    "),
        MATRICES.replace(" / m", "").replace("A2 - Y", "(A2 - Y)/m"),
    ],
    "10-silent-sum": [4, 4.0, np.float64(4)],
    # 11-initialisation
    "11-spread": [0.2, math.sqrt(2 / 50)],
    "11-shrinking": [1 / 32, 2**-5, 0.0313],
    "11-break-the-symmetry": [{"b1", "W2", "b2"}, ["W1", "b1", "b2"], ("W1", "W2", "b2")],
    # 12-regularisation
    "12-l1-gradient": ["lambda/(2*m) * sign(w)", r"\frac{\lambda}{2m} \text{sign}(w)", "lambda*sign(w)/(2*m)"],
    "12-dropout": [([0, 8, 12, 0], [0, 2, 4, 0]), (np.array([0, 8, 12, 0]), np.array([0, 2, 4, 0]))],
    "12-decay": [2 * 0.995**100, 1.2116],
    # 13-digits-and-mini-batches
    "13-epochs": [2345, 5 * 469],
    "13-slopes": [[0.1, 0, 0, 0, 0.04, 0.8, -0.95, 0, 0, 0.01]],
    "13-batch-size": [10_000, 1e4],
    # 14-a-sweep-of-your-own
    "14-break-the-order": [
        ("y b c a", 8, "a → b → c → y"),
        ("y, a, b, c", 8.0, "a -> b -> c -> y"),
        ["ybac".replace("", " "), 8, ["a", "b", "c", "y"]],
    ],
    "14-new-row": [
        (lambda x, y: x / y, lambda x, y, out: (1 / y, -out / y)),
        (lambda x, y: x * y**-1, lambda x, y, out: [1 / y, -x / y**2]),
    ],
    "14-forward": [forward, forward_by_recursion],
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
    ("10-shapes", [(4, 5), (5, 1), (5, 20), (3, 5), (3, 1), (3, 20)], "W1 is the transpose of that"),
    ("10-shapes", [(5, 4), (5,), (5, 20), (3, 5), (3,), (3, 20)], "b1 is a column"),
    ("10-shapes", [(5, 4), (5, 1), (5, 1), (3, 5), (3, 1), (3, 1)], "Z1 does not have the shape (5, 1)"),
    ("10-shapes", [(5, 4), (3, 5)], "six shapes are asked for, and these are 2"),
    ("10-shape-errors", MATRICES.replace("A1.T", "A1"), "A1 should be transposed"),
    ("10-shape-errors", MATRICES.replace("dZ1, axis=1, keepdims=True", "dZ1"), "the axis of the sum is missing"),
    ("10-shape-errors", MATRICES.replace(" / m", ""), "1/m is missing"),
    ("10-shape-errors", "dW2 = dZ2 @ A1.T / m", "must all be there"),
    ("10-silent-sum", 0, "not taken pair by pair"),
    ("10-silent-sum", 36, "not their mean"),
    ("10-silent-sum", 12, "not over three"),
    ("10-silent-sum", 2.5, "four of the nine"),
    # 11-initialisation
    ("11-spread", 0.1414, "that is Xavier's"),
    ("11-spread", 0.04, "the variance"),
    ("11-spread", 0.1, "the other way"),
    ("11-spread", 0.01, "with n = 50"),
    ("11-shrinking", 1 / 1024, "the mean square"),
    ("11-shrinking", 32, "less than 1"),
    ("11-shrinking", 0.5, "one layer"),
    ("11-break-the-symmetry", {"W1", "b1", "W2"}, "b2 does not tell them apart"),
    ("11-break-the-symmetry", {"W1", "b1", "W2", "b2"}, "stay the same"),
    ("11-break-the-symmetry", {"b1", "b2"}, "three can start at 0"),
    ("11-break-the-symmetry", "W3", "W3 is none"),
    # 12-regularisation
    ("12-l1-gradient", "lambda/m*w", "the gradient of L2"),
    ("12-l1-gradient", "lambda/(2*m)", "the factor sign(w)"),
    ("12-l1-gradient", "lambda/m*sign(w)", "a factor of 2 too much"),
    ("12-l1-gradient", "lamda", "not a variable"),
    ("12-dropout", ([0, 4, 6, 0], [0, 1, 2, 0]), "divided by keep_prob, or"),
    ("12-dropout", ([0, 2, 3, 0], [0, 2, 4, 0]), "not multiplied"),
    ("12-dropout", ([2, 4, 6, 8], [0, 2, 4, 0]), "A' is A times D"),
    ("12-dropout", ([0, 8, 12, 0], [0, 0.5, 1, 0]), "upside down"),
    ("12-dropout", ([0, 8, 12, 0], [0, 1, 2, 0]), "chain rule"),
    ("12-dropout", ([0, 8, 12, 0], [2, 2, 4, 4]), "no gradient goes"),
    ("12-dropout", ([0, 8, 12, 0], [1, 1, 2, 2]), "dA is dA' times D"),
    ("12-decay", 2 * 0.95**100, "number of samples"),
    ("12-decay", 2 * 0.9975**100, "differentiating the square"),
    ("12-decay", 2 * math.exp(-0.5), "limit of many small steps"),
    ("12-decay", 1, "what each step takes off"),
    ("12-decay", 1.99, "one step"),
    # 13-digits-and-mini-batches
    ("13-epochs", 469, "one epoch"),
    ("13-epochs", 2340, "is an iteration, too"),
    ("13-epochs", 2343.75, "round up before"),
    ("13-epochs", 2344, "round up before"),
    ("13-epochs", 38_400_000, "60,000/128"),
    ("13-slopes", [-0.1, 0, 0, 0, -0.04, -0.8, 0.95, 0, 0, -0.01], "the signs are reversed"),
    ("13-slopes", [0.1, 0, 0, 0, 0.04, -0.2, 0.05, 0, 0, 0.01], "the image shows a 6"),
    ("13-slopes", [0, 0, 0, 0, 0, 0, -20, 0, 0, 0], "the derivative in the probabilities"),
    ("13-slopes", 0.95, "a list of ten"),
    ("13-batch-size", 1000, "√10 only"),
    ("13-batch-size", 316.23, "the other way"),
    ("13-batch-size", 100, "that is the factor"),
    ("13-batch-size", 8, "like 1/√size"),
    # 14-a-sweep-of-your-own
    ("14-break-the-order", ("b c y a", 8, "a → b → c → y"), "has to begin with y"),
    ("14-break-the-order", ("y b c", 8, "a → b → c → y"), "each of a, b, c and y once"),
    ("14-break-the-order", ("y c b a", 8, "a → b → c → y"), "this order gives the right number"),
    ("14-break-the-order", ("y b c a", 14, "a → b → c → y"), "the right derivative"),
    ("14-break-the-order", ("y b c a", 2, "a → b → c → y"), "only what came from y"),
    ("14-break-the-order", ("y b c a", 8, "a → c → y"), "the lost path"),
    ("14-new-row", (lambda x, y: x * y, lambda x, y, out: (1 / y, -out / y)), "and x/y is 1.5"),
    ("14-new-row", (lambda x, y: x / y, lambda x, y, out: 1 / y), "two numbers"),
    ("14-new-row", (lambda x, y: x / y, lambda x, y, out: (y, -out / y)), "the slope in x"),
    ("14-new-row", (lambda x, y: x / y, lambda x, y, out: (1 / y, out / y)), "the wrong sign"),
    ("14-new-row", (lambda x, y: x / y, lambda x, y, out: (1 / y, -1 / y**2)), "the slope in y at x = 3, y = 2"),
    ("14-new-row", (lambda x, y: x / y, lambda x, y: (1 / y, -x / y**2)), "it raises TypeError"),
    ("14-forward", lambda nodes, x: None, "returns nothing"),
    ("14-forward", lambda nodes, x: 1.0, "for y = sin(exp(a)) at a = 0.7 it returns 1"),
    ("14-forward", forward_along_one_path, "for y = a*a at a = 0.7 it returns 0.7"),
    ("14-forward", lambda nodes, x: forward(nodes, nodes[0]), "in itself is 1"),
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
