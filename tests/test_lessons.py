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
    # 03-descent-and-its-traps
    # 04-momentum-to-adam
    # 05-perceptron-and-gates
    # 06-activations-and-vanishing-gradients
    # 07-losses-from-likelihood
    # 08-regression
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
    # 03-descent-and-its-traps
    # 04-momentum-to-adam
    # 05-perceptron-and-gates
    # 06-activations-and-vanishing-gradients
    # 07-losses-from-likelihood
    # 08-regression
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
