"""Data: tables hold the printed numbers, clouds have their shapes, every sample is used once, and digits are digits."""

import builtins
import sys
from collections import Counter
from fractions import Fraction
from itertools import combinations
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor, Value
from nn import data
from pathgrad.notes import tables

pytestmark = pytest.mark.same_in_both_modes

NAN, INF = float("nan"), float("inf")


# -- the notes' tables ------------------------------------------------------------------------------------------------


def fitted(x, y):
    """The weights of least squares, the constant first, and the share of the variance that they explain."""
    ones = np.column_stack([np.ones(len(x)), x])
    weights = np.linalg.lstsq(ones, y, rcond=None)[0]
    return weights, 1 - ((ones @ weights - y) ** 2).sum() / ((y - y.mean()) ** 2).sum()


def test_the_linear_regression_table_has_the_normal_equations_solved_by_hand():
    weights, explained = fitted(*tables.linear_regression_table())
    np.testing.assert_allclose(weights, [335 / 188, -1455 / 2068, 347 / 1034], rtol=1e-12)
    assert round(explained, 3) == 0.205


def test_the_line_has_the_normal_equations_solved_by_hand():
    np.testing.assert_allclose(fitted(*tables.line_points())[0], [1.1, 1.1], rtol=1e-12)


def test_both_regression_tables_have_the_features_that_the_notes_print():
    printed = ["(3,1)", "(4,3)", "(6,1)", "(2,3)", "(5,9)", "(4,8)", "(1,2)", "(4,4)", "(4,1)", "(5,5)"]
    for x, _ in (tables.linear_regression_table(), tables.logistic_regression_table()):
        assert [f"({a:g},{b:g})" for a, b in x] == printed


def test_no_line_has_more_than_eight_rows_of_the_logistic_table_right():
    x, y = tables.logistic_regression_table()
    assert y.dtype.kind == "i"
    edges = [q - p for p, q in combinations(x, 2)]
    turns = np.unique([(np.arctan2(b, a) + np.pi / 2) % np.pi for a, b in edges])  # where two points change their order
    between = (turns + np.append(turns[1:], turns[0] + np.pi)) / 2
    best = 0
    for angle in (*between, *(between + np.pi)):
        above = y[np.argsort(x @ [np.cos(angle), np.sin(angle)])]
        best = max(best, *(int((above[:k] == 0).sum() + (above[k:] == 1).sum()) for k in range(11)))
    assert best == 8


@pytest.mark.parametrize(
    ("degree", "printed"),
    [
        (0, [0.19]),
        (1, [0.82, -1.27]),
        (3, [0.31, 7.99, -25.43, 17.37]),  # the column that the notes head M = 6
        (9, [0.35, 232.37, -5321.83, 48568.31, -231639.30, 640042.26, -1061800.52, 1042400.18, -557682.99, 125201.43]),
    ],
)
def test_polynomials_through_the_points_have_the_printed_coefficients(degree, printed):
    x, y = tables.polynomial_points()
    coefficients = np.polynomial.Polynomial.fit(x, y, degree, domain=[-1, 1]).coef
    # Six printed digits of the points settle the coefficients of degree 9 to 0.12.
    np.testing.assert_allclose(coefficients, printed, rtol=0, atol=0.13 if degree == 9 else 0.005)


def test_gates_are_what_python_says_of_truth():
    says = {
        "and": lambda a, b: a and b,
        "or": lambda a, b: a or b,
        "nand": lambda a, b: not (a and b),
        "nor": lambda a, b: not (a or b),
        "xor": lambda a, b: a != b,
    }
    assert set(says) == set(data.GATES)
    for name, say in says.items():
        x, y = data.gate(name)
        assert y.tolist() == [say(bool(a), bool(b)) for a, b in x]
        assert len(np.unique(x, axis=0)) == 4


def test_an_unknown_gate_is_told_the_known_ones():
    with pytest.raises(ValueError, match="no gate 'xnor': the gates are and, or, nand, nor, xor"):
        data.gate("xnor")


def test_the_perceptron_points_lead_through_the_printed_weights():
    x, y = tables.perceptron_points()
    weights, steps = np.array([-12.0, 2.0, 3.0]), []
    for k in (0, 1, 0):
        weights = weights + y[k] * np.array([1.0, *x[k]])
        steps.append(weights.tolist())
    assert steps == [[-11.0, 4.0, 5.0], [-12.0, 0.0, 5.0], [-11.0, 2.0, 7.0]]


def test_small_tables():
    x, y = tables.likelihood_points()
    assert (x.tolist(), y.tolist()) == ([2.0, 3.0, 5.0], [1, 0, 1])
    assert (tables.apples().sum(), tables.apples().size) == (2, 5)
    assert tables.digit_probabilities()[[0, 4, 5, 6, 9]].tolist() == [0.1, 0.04, 0.8, 0.05, 0.01]
    assert (tables.digit_probabilities().shape, tables.digit_probabilities().sum()) == ((10,), pytest.approx(1.0))


def test_a_changed_table_is_whole_at_the_next_call():
    x, y = data.gate("or")
    x += 1.0
    y += 1
    assert data.gate("or")[0].max() == data.gate("or")[1].max() == 1


# -- clouds of points -------------------------------------------------------------------------------------------------

CLOUDS = [data.moons, data.circles, data.spirals, data.blobs, data.xor]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_every_cloud_has_its_shape_fair_labels_and_repeats_by_seed(cloud):
    x, y = cloud(101, noise=0.2, rng=3)
    assert (x.shape, x.dtype, y.shape, y.dtype.kind) == ((101, 2), np.float64, (101,), "i")
    classes, counts = np.unique(y, return_counts=True)
    assert classes.tolist() == list(range(len(classes)))
    assert cloud is data.xor or np.ptp(counts) <= 1
    again, labels = cloud(101, noise=0.2, rng=3)
    assert (again == x).all()
    assert (labels == y).all()
    assert (cloud(101, noise=0.2, rng=4)[0] != x).any()
    assert (np.diff(y) != 0).sum() > 20  # the labels are mixed


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_generator_goes_on_where_it_was(cloud):
    rng = np.random.default_rng(0)
    assert (cloud(50, noise=0.1, rng=rng)[0] != cloud(50, noise=0.1, rng=rng)[0]).any()


@pytest.mark.parametrize("cloud", CLOUDS)
def test_noise_has_the_standard_deviation_that_was_asked_for(cloud):
    n = 4000
    still, moved = (cloud(n, noise=noise, rng=0)[0] for noise in (0.0, 0.05))
    assert (moved - still).std() == pytest.approx(0.05, rel=5 / np.sqrt(4 * n))  # five standard errors


def test_moons_lie_on_half_circles():
    x, y = data.moons(200, rng=0)
    upper, lower = x[y == 0], x[y == 1]
    np.testing.assert_allclose(np.hypot(*upper.T), 1.0)
    np.testing.assert_allclose(np.hypot(*(lower - [1.0, 0.5]).T), 1.0)
    assert upper[:, 1].min() > -1e-12
    assert lower[:, 1].max() < 0.5 + 1e-12


def test_circles_lie_on_circles_and_close_evenly():
    x, y = data.circles(60, factor=0.3, rng=0)
    np.testing.assert_allclose(np.hypot(*x.T), np.where(y == 0, 1.0, 0.3))
    angles = np.sort(np.arctan2(*x[y == 1].T))
    np.testing.assert_allclose(np.diff(angles), 2 * np.pi / 30)


@pytest.mark.parametrize(
    ("cloud", "n", "counts"),  # those of scikit-learn 1.9; only moons and circles give the last class the extra point
    [
        (data.moons, 5, [2, 3]),
        (data.moons, 101, [50, 51]),
        (data.circles, 5, [2, 3]),
        (data.circles, 101, [50, 51]),
        (data.blobs, 5, [2, 2, 1]),
        (data.blobs, 100, [34, 33, 33]),
    ],
)
def test_odd_points_go_where_scikit_learn_puts_them(cloud, n, counts):
    assert np.bincount(cloud(n, rng=0)[1]).tolist() == counts


@given(n=st.integers(2, 40))
def test_points_without_noise_are_those_of_scikit_learn(n):
    theirs = pytest.importorskip("sklearn.datasets")
    centers = [(-2.0, 0.0), (2.0, 0.0)]
    for ours, others in [
        (data.moons(n), theirs.make_moons(n)),
        (data.circles(n, factor=0.3), theirs.make_circles(n, factor=0.3)),
        (data.blobs(n, centers, noise=0.0), theirs.make_blobs(n, centers=centers, cluster_std=0.0)),
    ]:
        rows, wanted = (sorted(np.column_stack([y, x]).round(9).tolist()) for x, y in (ours, others))
        np.testing.assert_allclose(rows, wanted, atol=1e-8)


def test_spirals_are_one_arm_turned():
    x, y = data.spirals(90, classes=3, turns=1.5, rng=0)
    arms = [x[y == k][np.argsort(np.hypot(*x[y == k].T))] for k in range(3)]
    for k, arm in enumerate(arms):
        np.testing.assert_allclose(np.hypot(*arm.T), np.arange(1, 31) / 30)
        z = arm @ [1, 1j]
        np.testing.assert_allclose(z, np.abs(z) * np.exp(2j * np.pi * (1.5 * np.abs(z) + k / 3)), atol=1e-12)


def test_blobs_lie_around_their_centres():
    centers = [[5.0, 0.0, 1.0], [-5.0, 2.0, 1.0]]
    x, y = data.blobs(4000, centers, noise=0.5, rng=0)
    for k, center in enumerate(centers):
        np.testing.assert_allclose(x[y == k].mean(axis=0), center, atol=5 * 0.5 / np.sqrt(2000))


def test_xor_is_decided_by_the_quadrants_around_the_middle():
    x, y = data.xor(400, noise=0.05, rng=0)
    assert (((x[:, 0] > 0.5) != (x[:, 1] > 0.5)) == y).all()


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: data.moons(1), ValueError, "n must be at least 2, but it is 1"),
        (lambda: data.moons(10.0), TypeError, "n must be a whole number, not 10.0"),
        (lambda: data.moons(True), TypeError, "n must be a whole number, not True"),
        (lambda: data.moons(10, noise=-0.1), ValueError, "noise must be .* not negative, but it is -0.1"),
        (lambda: data.circles(10, noise=NAN), ValueError, "noise must be .* but it is nan"),
        (lambda: data.circles(10, factor=1.0), ValueError, "factor must be between 0 and 1, but it is 1.0"),
        (lambda: data.spirals(10, classes=0), ValueError, "classes must be at least 1, but it is 0"),
        (lambda: data.spirals(10, classes=11), ValueError, "n must be at least 11, but it is 10"),
        (lambda: data.spirals(10, turns=INF), ValueError, "turns must be finite, not inf"),
        (lambda: data.blobs(10, centers=[0.0, 1.0]), ValueError, r"rows of coordinates, not an array of shape \(2,\)"),
        (lambda: data.blobs(10, centers=np.zeros((0, 2))), ValueError, r"not an array of shape \(0, 2\)"),
        (lambda: data.blobs(10, centers=[[0.0], [NAN]]), ValueError, "centers must be finite, but row 1 has nan"),
        (lambda: data.xor(3), ValueError, "n must be at least 4, but it is 3"),
        (lambda: data.moons(10, rng=-1), ValueError, "seed must not be negative"),
    ],
)
def test_clouds_refuse_what_makes_no_sense(make, error, message):
    with pytest.raises(error, match=message):
        make()


# -- minibatches ------------------------------------------------------------------------------------------------------


@given(m=st.integers(1, 60), size=st.integers(1, 70), shuffle=st.booleans(), seed=st.integers(0, 9))
def test_an_epoch_has_every_sample_once_beside_its_target(m, size, shuffle, seed):
    x = np.arange(m)
    epoch = data.batches(x, -x, size, rng=seed, shuffle=shuffle)
    served = list(epoch)
    assert len(epoch) == len(served) == -(-m // size)
    assert all((a == -b).all() for a, b in served)
    seen = np.concatenate([a for a, _ in served])
    assert sorted(seen.tolist()) == x.tolist()
    assert shuffle or (seen == x).all()
    assert {len(a) for a, _ in served[:-1]} <= {size}


@given(m=st.integers(1, 60), size=st.integers(1, 60))
def test_drop_last_serves_full_minibatches_only(m, size):
    if size > m:
        with pytest.raises(ValueError, match=f"minibatches of {size} with drop_last leave out all {m} samples"):
            data.batches(range(m), range(m), size, drop_last=True)
    else:
        served = list(data.batches(range(m), range(m), size, drop_last=True))
        assert [len(a) for a, _ in served] == [size] * (m // size)


def test_the_epoch_of_the_notes():
    assert data.steps_per_epoch(100_000, 100) == 1000
    assert len(data.batches(range(100_000), range(100_000), 100)) == 1000


def epochs(rng, n=2):
    serving = data.batches(np.arange(30), np.arange(30), 7, rng=rng)
    return [np.concatenate([x for x, _ in serving]).tolist() for _ in range(n)]


def test_seeds_repeat_and_epochs_differ():
    assert epochs(5) == epochs(5) == epochs(np.random.default_rng(5))
    assert epochs(5) != epochs(6)
    first, second = epochs(5)
    assert first != second


def test_several_inputs_stay_together():
    a, b = np.arange(10), [str(i) for i in range(10)]
    for (some, words), y in data.batches((a, b), a * 2, 3, rng=0):
        assert words == [str(i) for i in some]
        assert (y == 2 * some).all()


def test_samples_may_be_values_tensors_words_or_anything_that_turns_into_an_array():
    values = [[Value(1.0)], [Value(2.0)]]
    assert next(iter(data.batches(values, ["one", "two"], 1, shuffle=False))) == ([values[0]], ["one"])
    x, _ = next(iter(data.batches(Tensor([[1.0], [2.0], [3.0]]), [0, 1, 0], 2, shuffle=False)))
    assert x.numpy().tolist() == [[1.0], [2.0]]

    class Frame:  # as pandas' do, it answers to names of columns and not to numbers of rows
        def __len__(self):
            return 2

        def __array__(self, dtype=None, copy=None):
            return np.array([[1.0, 2.0], [3.0, 4.0]])

    x, _ = next(iter(data.batches(Frame(), [0, 1], 1, shuffle=False)))
    assert x.tolist() == [[1.0, 2.0]]


@pytest.mark.parametrize("take", [lambda x, y: data.batches(x, y, 2), lambda x, y: data.split(x, y, 1)])
@pytest.mark.parametrize(
    ("x", "y", "error", "message"),
    [
        ([1.0, 2.0], [0], ValueError, "same number of samples, but x has 2, y has 1"),
        (([1.0], [1.0, 2.0]), [0], ValueError, r"but x\[0\] has 1, x\[1\] has 2, y has 1"),
        ([], [], ValueError, "the number of samples must be at least 1, but it is 0"),
        ((), (), ValueError, "the number of samples must be at least 1, but it is 0"),
        (1.0, [0], TypeError, "x must be an array or a list of samples, not a single float"),
        (np.array(1.0), [0], TypeError, "x must be an array or a list of samples, not a single ndarray"),
        ([1.0, 2.0], (0, 1), TypeError, r"y\[0\] must be an array or a list of samples, not a single int"),
        ([[1.0], [2.0], [NAN]], [0, 1, 0], ValueError, "x must be finite, but row 2 has nan"),
        (np.array([[1.0, 2.0], [-INF, 0.0]]), [0, 1], ValueError, "x must be finite, but row 1 has -inf"),
        (Tensor([1.0, INF]), [0, 1], ValueError, "x must be finite, but row 1 has inf"),
        ([Value(NAN), Value(1.0)], [0, 1], ValueError, "x must be finite, but row 0 has nan"),
        ([1.0, 2.0], [0.5, NAN], ValueError, "y must be finite, but row 1 has nan"),
        ((["a", "b"], [1.0, NAN]), [0, 1], ValueError, r"x\[1\] must be finite, but row 1 has nan"),
    ],
)
def test_samples_that_do_not_fit_or_are_not_finite_are_named(take, x, y, error, message):
    with pytest.raises(error, match=message):
        take(x, y)


@pytest.mark.parametrize(("size", "error"), [(0, ValueError), (-3, ValueError), (2.0, TypeError), ("2", TypeError)])
def test_sizes_are_positive_whole_numbers(size, error):
    with pytest.raises(error, match=f"size must be .*{size}"):
        data.batches([1, 2, 3], [1, 2, 3], size)
    with pytest.raises(error, match=f"samples must be .*{size}"):
        data.steps_per_epoch(size, 1)


# -- splitting --------------------------------------------------------------------------------------------------------


@given(m=st.integers(3, 80), share=st.data(), seed=st.integers(0, 9), stratify=st.booleans())
def test_a_split_has_every_sample_once_beside_its_target(m, share, seed, stratify):
    validation = share.draw(st.integers(1, m - 2))
    test = share.draw(st.integers(1, m - 1 - validation))
    x = np.arange(m)
    parts = data.split(x, x % 3, validation, test, rng=seed, stratify=stratify)
    assert [len(y) for _, y in parts] == [m - validation - test, validation, test]
    assert all((a % 3 == b).all() for a, b in parts)
    assert sorted(np.concatenate([a for a, _ in parts]).tolist()) == x.tolist()


@given(labels=st.lists(st.integers(-2, 3), min_size=3, max_size=80), share=st.data(), seed=st.integers(0, 9))
def test_stratified_parts_have_their_share_of_every_label_to_within_one(labels, share, seed):
    m = len(labels)
    sizes = [share.draw(st.integers(1, m - 2))]
    sizes.append(share.draw(st.integers(1, m - 1 - sizes[0])))
    _, *held_out = data.split(np.arange(m), labels, *sizes, rng=seed, stratify=True)
    left = Counter(labels)
    for size, (_, y) in zip(sizes, held_out, strict=True):
        shares = {label: Fraction(size * n, left.total()) for label, n in left.items()}
        assert all(abs(y.count(label) - share) < 1 for label, share in shares.items())
        left.subtract(y)


def test_fractions_are_of_all_samples_and_mix_with_numbers():
    x = np.arange(50)
    assert [len(a) for a, _ in data.split(x, x, 0.1, 0.3, 10)] == [20, 5, 15, 10]


def test_seeds_repeat_splits_and_parts_come_in_random_order():
    x, y = np.arange(40), np.repeat([0, 1], 20)
    for stratify in (False, True):
        first, again, other = (data.split(x, y, 0.5, rng=rng, stratify=stratify) for rng in (1, 1, 2))
        for (a, _), (b, _), (c, _) in zip(first, again, other, strict=True):
            assert (a == b).all()
            assert (a != c).any()
            assert (np.diff(a // 20) < 0).any()  # neither samples nor labels are sorted


def test_which_samples_of_a_label_are_held_out_is_chance():
    x, y = np.arange(20), np.repeat([0, 1], 10)
    held_out = [set(data.split(x, y, 2, rng=seed, stratify=True)[1][0].tolist()) for seed in range(200)]
    assert set().union(*held_out) == set(range(20))


def test_split_takes_lists_and_several_inputs():
    train, test = data.split((["a", "b", "c"], np.arange(3)), [0, 1, 2], 1, rng=0)
    for (letters, numbers), labels in (train, test):
        assert letters == ["abc"[i] for i in labels]
        assert numbers.tolist() == labels


@pytest.mark.parametrize(
    ("parts", "error", "message"),
    [
        ((), ValueError, r"split needs the size of a held-out part: a fraction, as in split\(x, y, 0.2\), or a number"),
        ((0.0,), ValueError, "must be between 0 and 1, but it is 0.0"),
        ((1.5,), ValueError, "must be between 0 and 1, but it is 1.5"),
        ((NAN,), ValueError, "must be between 0 and 1, but it is nan"),
        ((0.01,), ValueError, "a held-out part, 0.01 of 10 samples, must be at least 1, but it is 0"),
        ((0,), ValueError, "a held-out part, unless a fraction, must be at least 1, but it is 0"),
        (("0.2",), TypeError, "a held-out part, unless a fraction, must be a whole number, not '0.2'"),
        ((0.5, 5), ValueError, r"held-out parts of 5 \+ 5 leave no training samples out of 10"),
    ],
)
def test_sizes_of_held_out_parts_leave_something_on_both_sides(parts, error, message):
    with pytest.raises(error, match=message):
        data.split(range(10), range(10), *parts)


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        ([0.0, 1.0, 1.5], ValueError, "whole numbers, but row 2 has 1.5"),
        (["a", "b", "c"], TypeError, "whole numbers, not <U1"),
        (np.eye(3), ValueError, r"one for each sample, not an array of shape \(3, 3\)"),
    ],
)
def test_strata_are_whole_numbers(labels, error, message):
    with pytest.raises(error, match=message):
        data.split([1, 2, 3], labels, 1, stratify=True)


def test_labels_that_are_floats_but_whole_make_strata():
    (_, train), (_, test) = data.split(np.arange(4), [0.0, 1.0, 0.0, 1.0], 2, rng=0, stratify=True)
    assert sorted(train) == sorted(test) == [0.0, 1.0]


# -- digits -----------------------------------------------------------------------------------------------------------


def test_digits_28x28_are_balanced_scaled_and_all_different():
    (x_train, y_train), (x_test, y_test) = data.digits_28x28()
    assert (x_train.shape, x_test.shape) == ((4000, 784), (1000, 784))
    assert np.bincount(y_train).tolist() == [400] * 10
    assert np.bincount(y_test).tolist() == [100] * 10
    assert y_train.dtype == y_test.dtype == int
    x = np.concatenate([x_train, x_test])
    assert (x.dtype, x.min(), x.max()) == (np.float64, 0.0, 1.0)
    np.testing.assert_array_equal(x * 255, np.rint(x * 255))
    assert len({row.tobytes() for row in x}) == 5000  # none is in both parts


def test_nine_in_ten_digits_28x28_look_most_like_one_with_their_own_label():
    (x, y), (x_test, y_test) = data.digits_28x28()
    distances = (x**2).sum(axis=1) - 2 * x_test @ x.T
    assert (y[distances.argmin(axis=1)] == y_test).mean() > 0.9


def test_digits_28x28_as_images():
    (rows, _), _ = data.digits_28x28()
    (images, _), (held_out, _) = data.digits_28x28(images=True)
    assert (images.shape, held_out.shape) == ((4000, 28, 28), (1000, 28, 28))
    assert (images.reshape(4000, 784) == rows).all()
    assert images[:, :, 10:18].sum() > images[:, :, :10].sum() + images[:, :, 18:].sum()  # ink is in the middle


def test_digits_8x8_are_split_within_one_of_a_fifth_of_each():
    pytest.importorskip("sklearn")
    (x_train, y_train), (x_test, y_test) = data.digits_8x8()
    assert (x_train.shape, x_test.shape, y_train.dtype) == ((1438, 64), (359, 64), int)
    assert np.abs(np.bincount(y_test) - np.bincount(np.concatenate([y_train, y_test])) / 5).max() < 1
    assert (x_train.min(), x_train.max()) == (0.0, 1.0)
    assert data.digits_8x8(images=True)[0][0].shape == (1438, 8, 8)


@pytest.mark.parametrize("load", [data.digits_8x8, data.openml_digits])
def test_without_scikit_learn_there_is_one_sentence(load, monkeypatch):
    imported = builtins.__import__

    def without(name, *args, **kwargs):
        if name.partition(".")[0] == "sklearn":
            raise ImportError(name)
        return imported(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(
        ImportError, match=r'need scikit-learn, which is not installed: pip install "pathgrad\[data\]"$'
    ):
        load()


@pytest.fixture
def sklearn(monkeypatch):
    """A stand-in for scikit-learn, whose ``datasets`` a test fills."""
    package, package.datasets = ModuleType("sklearn"), ModuleType("sklearn.datasets")
    monkeypatch.setitem(sys.modules, "sklearn", package)
    monkeypatch.setitem(sys.modules, "sklearn.datasets", package.datasets)
    return package.datasets


def test_digits_8x8_hold_out_every_fifth_of_each_digit(sklearn):
    labels = np.array([1, 0] * 5 + [2] * 5)
    images = np.arange(15.0).reshape(15, 1, 1) * np.ones((15, 8, 8))
    sklearn.load_digits = lambda: SimpleNamespace(images=images, target=labels)
    (x, y), (x_test, y_test) = data.digits_8x8()
    assert y_test.tolist() == [1, 0, 2]
    assert (x_test[:, 0] * 16).tolist() == [4.0, 5.0, 12.0]
    assert sorted([*x[:, 0], *x_test[:, 0]]) == (np.arange(15) / 16).tolist()
    assert len(x) == len(y) == 12


def test_openml_digits_are_mnist_in_its_own_order(sklearn):
    asked = []

    def fetch_openml(name, **options):
        asked.append((name, options["version"]))
        pixels = np.zeros((10_002, 784))
        pixels[0, 1], pixels[-1, 28] = 255.0, 51.0
        return pixels, np.array(["5", "0", *["7"] * 10_000], dtype=object)

    sklearn.fetch_openml = fetch_openml
    (x, y), (x_test, y_test) = data.openml_digits(images=True)
    assert asked == [("mnist_784", 1)]
    assert (x.shape, x_test.shape, y.tolist(), set(y_test.tolist())) == ((2, 28, 28), (10_000, 28, 28), [5, 0], {7})
    assert (x[0, 0, 1], x_test[-1, 1, 0]) == (1.0, 0.2)


def test_openml_that_does_not_deliver_is_one_sentence(sklearn):
    def fetch_openml(name, **options):
        raise OSError("HTTP Error 504: Gateway Timeout")

    sklearn.fetch_openml = fetch_openml
    with pytest.raises(ConnectionError, match=r"MNIST from OpenML failed \(HTTP Error 504.*digits_28x28\(\)$"):
        data.openml_digits()
