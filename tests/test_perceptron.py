"""The perceptron against the notes' numbers, the learning rule's own theorems, and what no line can separate."""

import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nn.perceptron import AND, NAND, OR, XOR, Perceptron, separate, step

SQUARE = [[0, 0], [0, 1], [1, 0], [1, 1]]


# -- gates, with the sums that the notes write beside them ------------------------------------------------------------


@pytest.mark.parametrize(
    ("gate", "sums", "classes"),
    [
        (OR, [-2, 1, 1, 4], [-1, 1, 1, 1]),
        (AND, [-4, -1, -1, 2], [-1, -1, -1, 1]),
        (NAND, [4, 1, 1, -2], [1, 1, 1, -1]),
    ],
)
def test_gates_have_the_sums_and_signs_of_the_notes(gate, sums, classes):
    assert [gate.score(x) for x in SQUARE] == sums
    assert [gate(x) for x in SQUARE] == classes
    assert [gate.bit(x) for x in SQUARE] == [(c + 1) // 2 for c in classes]


def test_two_layers_compute_xor():
    assert [XOR.bit(x) for x in SQUARE] == [0, 1, 1, 0]
    assert [XOR(x) for x in SQUARE] == [-1, 1, 1, -1]
    assert [XOR.output.score([OR.bit(x), NAND.bit(x)]) for x in SQUARE] == [-1, 2, 2, -1]


def test_the_truth_table_of_xor_is_that_of_the_notes_with_the_sums_put_right():
    rows = [line.split("  ") for line in XOR.table().splitlines()]
    rows = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    assert rows[0] == ["x1", "x2", "OR", "NAND", "XOR"]
    # the notes print (+2) for the second and third sum of OR, but 3·0 + 3·1 - 2 = 1
    assert [row[2] for row in rows[1:]] == ["0 (-2)", "1 (+1)", "1 (+1)", "1 (+4)"]
    assert [row[3] for row in rows[1:]] == ["1 (+4)", "1 (+1)", "1 (+1)", "0 (-2)"]
    assert [row[4] for row in rows[1:]] == ["0 (-1)", "1 (+2)", "1 (+2)", "0 (-1)"]


def test_nan_is_on_no_side():
    with pytest.raises(ValueError, match="nan is on neither side"):
        step(math.nan)


def test_a_linear_map_and_a_step_make_and_and_or():
    """The notes' table of what an activation is for; its s1 is no affine map, but x1 + x2 - 1.5 gives its classes."""
    both, either = Perceptron([-1.5, 1.0, 1.0]), Perceptron([-0.5, 0.5, 1.5])
    assert [either.score(x) for x in SQUARE] == [-0.5, 1.0, 0.0, 1.5]
    assert [(both.bit(x), either.bit(x)) for x in SQUARE] == [(0, 0), (0, 1), (0, 1), (1, 1)]


def test_the_boundary_belongs_to_neither_class_and_counts_as_true():
    assert Perceptron([-1, 1])([1]) == 0
    assert Perceptron([-1, 1]).bit([1]) == step(0.0) == 1
    assert Perceptron([-1, 1]).misclassified([[1], [1]], [+1, -1]) == [0, 1]


# -- learning ---------------------------------------------------------------------------------------------------------


def test_the_three_updates_of_the_notes():
    perceptron = Perceptron([-12, 2, 3])
    trace = perceptron.learn([[2, 2], [4, 0]], [+1, -1])
    assert [s.before.tolist() for s in trace.steps] == [[-12, 2, 3], [-11, 4, 5], [-12, 0, 5]]
    assert [s.after.tolist() for s in trace.steps] == [[-11, 4, 5], [-12, 0, 5], [-11, 2, 7]]
    assert [(s.sample, s.label, s.x.tolist()) for s in trace.steps] == [
        (0, +1, [1, 2, 2]),
        (1, -1, [1, 4, 0]),
        (0, +1, [1, 2, 2]),
    ]
    assert [(s.label * s.score_before, s.label * s.score_after) for s in trace.steps] == [(-2, 7), (-5, 12), (-2, 7)]
    assert trace.converged
    assert trace.weights.tolist() == perceptron.weights.tolist() == [-11, 2, 7]
    assert [perceptron.score(x) for x in [[2, 2], [4, 0]]] == [7, -3]


def test_which_samples_are_wrong():
    """D1, D2, D8 and D9 of the notes; what the perceptron says of them is the feature itself."""
    says, truth = np.array([[+1], [+1], [-1], [-1]]), [-1, +1, +1, -1]
    assert Perceptron([0, 1]).misclassified(says, truth) == [0, 2]
    says[2] = +1  # D8, after the first update
    assert Perceptron([0, 1]).misclassified(says, truth) == [0]


points = st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), min_size=1, max_size=12)
line = st.tuples(*[st.integers(-9, 9)] * 3)


@given(points, line, line, st.integers(0, 2**32))
def test_where_a_line_separates_every_update_counts_and_learning_ends(points, truth, start, seed):
    scores = [truth[0] + truth[1] * x + truth[2] * y for x, y in points]
    assume(all(scores))
    labels = [1 if score > 0 else -1 for score in scores]
    perceptron = Perceptron(start)
    trace = perceptron.learn(points, labels, rng=seed, max_updates=10**6)
    assert trace.converged
    assert not perceptron.misclassified(points, labels)
    for s in trace.steps:
        assert s.sample in s.misclassified
        assert s.label * s.score_before <= 0
        assert s.label * (s.score_after - s.score_before) == s.x @ s.x  # by |x|² exactly


def test_learning_is_repeatable_by_its_seed():
    def run(seed):
        return str(Perceptron([0, 0, 0]).learn(SQUARE, [-1, +1, +1, +1], rng=seed))

    assert run(7) == run(7)
    assert len({run(seed) for seed in range(10)}) > 1


def test_learning_gives_up_where_no_line_separates():
    trace = Perceptron([0, 0, 0]).learn(SQUARE, [-1, +1, +1, -1], rng=0, max_updates=20)
    assert len(trace.steps) == 20
    assert not trace.converged
    assert "given up after 20 updates: {" in str(trace)


def test_nothing_to_learn_is_said_so():
    trace = Perceptron(AND.weights).learn(SQUARE, [-1, -1, -1, +1])
    assert str(trace) == "all 4 samples are classified correctly"


# -- the boundary -----------------------------------------------------------------------------------------------------


@given(line, st.tuples(st.integers(-9, 9), st.integers(-9, 9)), st.integers(1, 50))
def test_points_of_the_boundary_lie_on_it_on_either_side_of_the_foot_of_the_perpendicular(weights, around, reach):
    assume(weights[1] or weights[2])
    perceptron = Perceptron(weights)
    a, b, c = perceptron.boundary
    first, second = perceptron.boundary_points(around, reach)
    for point in (first, second):
        assert a * point[0] + b * point[1] + c == pytest.approx(0.0, abs=1e-11)
    assert math.dist(first, second) == pytest.approx(2 * reach)
    middle = (first + second) / 2 - around
    assert middle @ (second - first) == pytest.approx(0.0, abs=1e-9)


# -- what no line can separate ----------------------------------------------------------------------------------------


def proves(separation, points, labels):
    """Whether a separation is what it says, in exact arithmetic."""
    rows = [(Fraction(1), *map(Fraction, point)) for point in points]
    signed = [[y * a for a in row] for row, y in zip(rows, labels, strict=True)]
    if separation.weights is not None:
        return all(sum(w * a for w, a in zip(separation.weights, row, strict=True)) > 0 for row in signed)
    m = separation.multipliers
    sums = [sum(m_i * row[j] for m_i, row in zip(m, signed, strict=True)) for j in range(len(rows[0]))]
    return any(m) and min(m) >= 0 and not any(sums)


def test_of_the_sixteen_gates_of_two_inputs_xor_and_its_negation_alone_are_beyond_a_perceptron():
    beyond = []
    for labels in product([-1, 1], repeat=4):
        separation = separate(SQUARE, labels)
        assert proves(separation, SQUARE, labels)
        if separation.weights is None:
            beyond.append(labels)
    assert beyond == [(-1, 1, 1, -1), (1, -1, -1, 1)]


def test_of_the_gates_of_three_inputs_104_are_within_a_perceptron():
    """The number of linearly separable Boolean functions of three variables: 104 of 256 (OEIS A000609)."""
    cube = list(product([0, 1], repeat=3))
    within = 0
    for labels in product([-1, 1], repeat=8):
        separation = separate(cube, labels)
        assert proves(separation, cube, labels)
        within += separation.weights is not None
    assert within == 104


def test_the_proof_for_xor_is_that_of_the_notes():
    separation = separate(SQUARE, [-1, +1, +1, -1])
    assert separation.multipliers == (1, 1, 1, 1)
    for line in ("w0 < 0", "w0 + w2 > 0", "w0 + w1 > 0", "w0 + w1 + w2 < 0"):
        assert f"1: {line}\n" in str(separation)
    assert "(2) + (3): 2·w0 + w1 + w2 > 0" in str(separation)
    assert "(1) + (4): 2·w0 + w1 + w2 < 0" in str(separation)


def test_a_proof_with_unequal_multipliers_and_negative_coefficients():
    separation = separate([[-1], [2], [0]], [+1, +1, -1])  # 0 lies between: 2·(-1) + 1·2 = 3·0
    assert separation.multipliers == (2, 1, 3)
    assert str(separation).splitlines() == [
        "(1) (-1) is +1: w0 - w1 > 0",
        "(2) (2) is +1: w0 + 2·w1 > 0",
        "(3) (0) is -1: w0 < 0",
        "2·(1) + (2): 3·w0 > 0",
        "3·(3): 3·w0 < 0",
        "which contradict each other: no weights separate these points",
    ]


def test_separable_points_are_shown_with_their_weights():
    separation = separate([[1], [-1]], [+1, -1])
    assert separation.multipliers is None
    assert str(separation).splitlines()[-1].startswith("all hold for w = (")


# -- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Perceptron([1.0]), "a bias and at least one more weight"),
        (lambda: Perceptron([1.0, math.nan]), r"the weights of a perceptron must be finite, not \(1, nan\)"),
        (lambda: OR([1.0]), "a point must be 2 finite numbers"),
        (lambda: OR([1.0, math.inf]), "a point must be 2 finite numbers"),
        (lambda: OR.learn([1, 2], [1, -1]), r"points must be rows of 2 features, not an array of shape \(2,\)"),
        (lambda: OR.learn([[1, 2, 3]], [1]), r"points must be rows of 2 features, not an array of shape \(1, 3\)"),
        (lambda: OR.learn(SQUARE, [0, 1, 1, 1]), r"labels must be \+1 or -1: convert 0 and 1 with 2 \* y - 1"),
        (lambda: OR.learn(SQUARE, [1, 1]), "a label for each of the 4 points"),
        (lambda: OR.learn([[1, math.nan]], [1]), "the points must be finite"),
        (lambda: separate([], []), r"points must be rows of features, not an array of shape \(0,\)"),
        (lambda: Perceptron([1, 2]).boundary, "a line only for 2 features, but there are 1"),
        (lambda: Perceptron([1, 0, 0]).boundary_points(), r"the weights \(1, 0, 0\) do not define a line"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_refused_samples_leave_the_weights_as_they_were():
    perceptron = Perceptron([-12, 2, 3])
    with pytest.raises(ValueError, match="labels"):
        perceptron.learn([[2, 2], [4, 0]], [+1, 0])
    assert perceptron.weights.tolist() == [-12, 2, 3]


def test_an_unsettled_separation_says_what_to_do():
    with pytest.raises(RuntimeError, match="raise max_updates"):
        separate(SQUARE, [-1, +1, +1, -1], max_updates=3)
