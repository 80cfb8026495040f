"""The losses of labelled sequences and of many classes, against sums over all that they count, and what they refuse."""

from __future__ import annotations

from itertools import groupby, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import autograd
import nn
from autograd import Tensor
from nn import functional


def merged(alignment: Any, blank: int) -> tuple[int, ...]:
    """Equal neighbours as one, then without blanks."""
    return tuple(label for label, _ in groupby(alignment) if label != blank)


def by_hand(log_p: Any, labels: Any, blank: int) -> Any:
    """The probability of the labels, and of each class at each time in one of their alignments."""
    total, shares = 0.0, np.zeros_like(log_p)
    for alignment in product(range(log_p.shape[1]), repeat=len(log_p)):
        if merged(alignment, blank) == tuple(labels):
            at = np.arange(len(log_p)), np.array(alignment, int)
            probability = np.exp(log_p[at].sum())
            total += probability
            shares[at] += probability
    return total, shares


@st.composite
def sequences(draw: st.DrawFn) -> Any:
    """Scores of a few classes at a few times, a blank, and labels that may not fit in."""
    classes, times = draw(st.integers(2, 3)), draw(st.integers(0, 5))
    blank = draw(st.integers(0, classes - 1))
    labels = draw(st.lists(st.sampled_from([c for c in range(classes) if c != blank]), max_size=3))
    scores = draw(st.lists(st.floats(-4.0, 4.0), min_size=times * classes, max_size=times * classes))
    return np.array(scores).reshape(times, classes), labels, blank


@given(sequences())
def test_all_alignments(case: Any) -> None:
    log_p, labels, blank = case
    x = Tensor(log_p)
    loss = functional.ctc_loss(x, np.array(labels, int), len(log_p), len(labels), blank, "none")
    loss.backward()
    total, shares = by_hand(log_p, labels, blank)
    if total:
        assert_allclose(np.exp(-loss.data), total)
        assert_allclose(x.grad, -shares / total, atol=1e-13)
    else:
        assert loss.data == np.inf
        assert np.isnan(x.grad).all()
        y = Tensor(log_p)
        zero = functional.ctc_loss(y, np.array(labels, int), len(log_p), len(labels), blank, "none", True)
        zero.backward()
        assert (zero.data, np.abs(y.grad).sum()) == (0.0, 0.0)


@given(st.lists(sequences(), min_size=1, max_size=3), st.sampled_from([np.float64, np.float32]))
def test_a_batch_is_its_samples(cases: Any, dtype: Any) -> None:
    cases = [(x[:, :2], [label % 2 or 1 for label in labels]) for x, labels, _ in cases]
    times, counts = [len(x) for x, _ in cases], [len(labels) for _, labels in cases]
    batch = np.full((max(times), len(cases), 2), 7.0, dtype)
    table = np.zeros((len(cases), max(counts)), int)  # what stands behind the end is never read
    for i, (x, labels) in enumerate(cases):
        batch[: len(x), i], table[i, : len(labels)] = x, labels
    alone = [functional.ctc_loss(x.astype(dtype), labels, len(x), len(labels), reduction="none") for x, labels in cases]
    losses = functional.ctc_loss(batch, table, times, counts, reduction="none")
    assert losses.dtype == dtype
    assert_allclose(losses, np.array(alone), rtol=1e-5)
    in_a_row = [label for _, labels in cases for label in labels]
    assert_allclose(functional.ctc_loss(batch, in_a_row, times, counts, reduction="none"), losses)
    mean = np.mean(losses / np.maximum(counts, 1))
    assert_allclose(nn.CTCLoss()(batch, table, times, counts), mean, rtol=1e-5)
    assert_allclose(nn.CTCLoss(reduction="sum")(batch, table, times, counts), losses.sum(), rtol=1e-5)


def test_probabilities_of_zero() -> None:
    with np.errstate(divide="ignore"):
        log_p = np.log([[0.5, 0.5, 0.0], [0.0, 1.0, 0.0], [0.25, 0.5, 0.25]])
    x = Tensor(log_p)
    loss = functional.ctc_loss(x, [1], 3, 1)
    loss.backward()
    total, shares = by_hand(log_p, [1], 0)
    assert_allclose(np.exp(-loss.data), total)
    assert_allclose(x.grad, -shares / total)


def test_second_derivatives_are_differences_of_the_first() -> None:
    x = np.random.default_rng(0).normal(size=(4, 3))
    slope = autograd.grad(lambda x: functional.ctc_loss(x, [1, 1], 4, 2))
    seed, h = np.cos(np.arange(12.0)).reshape(4, 3), 1e-5
    found = autograd.hvp(lambda x: functional.ctc_loss(x, [1, 1], 4, 2), x, seed)
    assert_allclose(found, (slope(x + h * seed) - slope(x - h * seed)) / (2 * h), atol=1e-9)


SCORES = np.zeros((3, 2, 4))


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"log_probs": SCORES[0, 0]}, ValueError, "shape"),
        ({"log_probs": [[autograd.Value(1.0)]]}, TypeError, "autograd.stack"),
        ({"targets": [[1, 0], [1, 1]]}, ValueError, "the label 0 is the blank"),
        ({"targets": [[1, 4], [1, 1]]}, IndexError, "the label 4 is not one of the classes 0 to 3"),
        ({"targets": [[1, -1], [1, 1]]}, IndexError, "the label -1"),
        ({"targets": [[1.5, 1], [1, 1]]}, TypeError, "whole numbers"),
        ({"targets": [1, 2, 3]}, ValueError, r"\(4,\).* not \(3,\)"),
        ({"targets": [[1, 2]]}, ValueError, r"not \(1, 2\)"),
        ({"blank": 4}, ValueError, "blank must be one of the classes"),
        ({"input_lengths": [3]}, ValueError, "each of 2 samples"),
        ({"input_lengths": [3, 4]}, ValueError, "from 0 to 3"),
        ({"target_lengths": [2, -1]}, ValueError, "at least 0"),
        ({"reduction": "average"}, ValueError, "reduction must be"),
    ],
    ids=str,
)
def test_what_cannot_be_aligned(change: dict[str, Any], error: type[Exception], match: str) -> None:
    usual = {"log_probs": SCORES, "targets": [[1, 2], [1, 1]], "input_lengths": [3, 3], "target_lengths": [2, 2]}
    with pytest.raises(error, match=match):
        functional.ctc_loss(**{**usual, **change})


def test_lengths_and_labels_may_be_whole_floats() -> None:
    assert functional.ctc_loss(SCORES, [[1.0, 2.0]] * 2, [3.0, 3.0], [2.0, 2.0]) == functional.ctc_loss(
        SCORES, [[1, 2]] * 2, [3, 3], [2, 2]
    )


def test_many_classes_have_probabilities_that_add_up_to_one() -> None:
    layer = nn.AdaptiveLogSoftmaxWithLoss(16, 20, [5, 10], rng=0)
    x = np.random.default_rng(0).normal(size=(20, 16))
    table = layer.log_prob(x).numpy()
    assert_allclose(np.exp(table).sum(1), 1.0)
    output, loss = layer(x, np.arange(20))
    assert_allclose(output.numpy(), np.diag(table))
    assert_allclose(loss.item(), -np.diag(table).mean())
    assert layer.predict(x).tolist() == table.argmax(1).tolist()
    for labels, error, match in (
        ([20] * 20, IndexError, "the label 20 is not one of the classes 0 to 19"),
        ([0], ValueError, "do not fit samples"),
        ([0.5] * 20, TypeError, "whole numbers"),
    ):
        with pytest.raises(error, match=match):
            layer(x, labels)
    for cutoffs in ([], [0, 5], [5, 5], [20], [2.5]):
        with pytest.raises(ValueError, match="rise from 1 to at most 19"):
            nn.AdaptiveLogSoftmaxWithLoss(16, 20, cutoffs)
    with pytest.raises(ValueError, match=r"without hidden units: \[2, 0\]"):
        nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5, 10])
