"""Bags of rows against loops over them, the row of the padding, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor, Value
from nn import Embedding, EmbeddingBag, functional

TABLE = np.random.default_rng(2).normal(size=(4, 3))


def by_hand(table: Any, rows: Any, factors: Any, mode: str) -> Any:
    """The vector of one bag and the gradient of its sum in the table."""
    gradient = np.zeros_like(table)
    if not len(rows):
        return np.zeros(table.shape[1]), gradient
    if mode == "max":
        best = table[rows].argmax(0)
        np.add.at(gradient, (rows[best], np.arange(table.shape[1])), 1.0)
        return table[rows].max(0), gradient
    share = np.ones(len(rows)) if factors is None else factors
    share = share / len(rows) if mode == "mean" else share
    np.add.at(gradient, rows, share[:, None])
    return share @ table[rows], gradient


@given(
    st.lists(st.lists(st.integers(0, 3), max_size=4), max_size=4),
    st.sampled_from(["sum", "mean", "max", "weighted"]),
    st.sampled_from([None, 1, -1]),
    st.sampled_from([np.float64, np.float32]),
)
def test_bags_of_any_length(bags: Any, mode: str, padding: int | None, dtype: Any) -> None:
    rows = np.array([row for bag in bags for row in bag], int)
    offsets = np.cumsum([0, *map(len, bags)])
    factors = np.cos(np.arange(len(rows))) if mode == "weighted" else None
    mode = "sum" if mode == "weighted" else mode
    table = Tensor(TABLE.astype(dtype))
    options = {"mode": mode, "padding_idx": padding, "per_sample_weights": factors}
    y = functional.embedding_bag(rows, table, offsets, include_last_offset=True, **options)
    y.backward(np.ones(y.shape, dtype))
    total = np.zeros_like(TABLE)
    for i, bag in enumerate(bags):
        used = np.array([row != (None if padding is None else padding % 4) for row in bag], bool)
        weights = None if factors is None else factors[offsets[i] : offsets[i + 1]][used]
        wanted, gradient = by_hand(TABLE, np.array(bag, int)[used], weights, mode)
        np.testing.assert_allclose(y.numpy()[i], wanted, rtol=1e-5, atol=1e-5)
        total += gradient
    np.testing.assert_allclose(np.zeros((4, 3)) if table.grad is None else table.grad, total, rtol=1e-5, atol=1e-5)
    assert (y.dtype, y.shape) == (dtype, (len(bags), 3))
    same = functional.embedding_bag(rows, table, offsets[:-1], **options) if bags else y
    np.testing.assert_array_equal(same.numpy(), y.numpy())


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_bags_of_one_length_and_the_layer(mode: Any) -> None:
    layer = EmbeddingBag(4, 3, mode=mode, padding_idx=2, rng=0)
    rows = np.array([[0, 1, 2], [3, 3, 0]])
    wanted = functional.embedding_bag(rows.ravel(), layer.weight, [0, 3], mode=mode, padding_idx=2)
    np.testing.assert_array_equal(layer(rows).numpy(), wanted.numpy())
    np.testing.assert_array_equal(layer(rows.ravel(), [0, 3]).numpy(), wanted.numpy())
    assert repr(layer) == f"EmbeddingBag(4, 3, padding_idx=2, mode={mode!r})"


def test_the_row_of_the_padding() -> None:
    layer = Embedding(4, 3, -2, rng=0)
    y = layer([[0, 2], [2, 1]])
    np.testing.assert_array_equal(layer.weight.numpy()[2], np.zeros(3))
    np.testing.assert_array_equal(y.numpy(), layer.weight.numpy()[[[0, 2], [2, 1]]])
    y.sum().backward()
    assert layer.weight.grad.tolist() == [[1.0] * 3, [1.0] * 3, [0.0] * 3, [0.0] * 3]
    assert repr(layer) == "Embedding(4, 3, padding_idx=2)"
    np.testing.assert_array_equal(functional.embedding([2, 1], TABLE, 2), TABLE[[2, 1]])


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_no_rows(shape: tuple[int, ...]) -> None:
    for table in (TABLE, TABLE[:0]):
        offsets = [0, 0] if shape == (0,) else None
        y = functional.embedding_bag(np.zeros(shape, int), Tensor(table), offsets)
        assert y.numpy().tolist() == np.zeros((2 if offsets else shape[0], 3)).tolist()


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: functional.embedding_bag([0, 1], TABLE), ValueError, "without offsets"),
        (lambda: functional.embedding_bag([[0, 1]], TABLE, [0]), ValueError, "with offsets"),
        (lambda: functional.embedding_bag([0, 1], TABLE, [1]), ValueError, r"rise from 0 .* row numbers, 2"),
        (lambda: functional.embedding_bag([0, 1], TABLE, [0, 2, 1]), ValueError, "rise from 0"),
        (lambda: functional.embedding_bag([0], TABLE, [0, 2]), ValueError, "rise from 0"),
        (lambda: functional.embedding_bag([0, 1], TABLE, [0, 1], include_last_offset=True), ValueError, "rise from 0"),
        (lambda: functional.embedding_bag([0, 1], TABLE, [0.5]), TypeError, "offsets must be an array of whole"),
        (lambda: functional.embedding_bag([[0, 4]], TABLE), IndexError, "row 4 is out of range for a table of 4"),
        (lambda: functional.embedding_bag([[0.5]], TABLE), TypeError, "row numbers must be"),
        (lambda: functional.embedding_bag([[0]], TABLE, mode="min"), ValueError, "mode sum, mean or max"),
        (lambda: functional.embedding_bag([[0]], TABLE, padding_idx=4), IndexError, "padding_idx 4 is out of range"),
        (lambda: functional.embedding_bag([[0]], TABLE, per_sample_weights=[[1.0]]), ValueError, 'mode="sum"'),
        (
            lambda: functional.embedding_bag([[0]], TABLE, mode="sum", per_sample_weights=[1.0]),
            ValueError,
            r"shape \(1, 1\)",
        ),
        (lambda: functional.embedding_bag([[0]], [[Value(1.0)]]), TypeError, "autograd.stack"),
        (lambda: functional.embedding([0], TABLE, 9), IndexError, "padding_idx 9"),
        (lambda: Embedding(3, 2, 3), IndexError, "padding_idx 3"),
    ],
)
def test_what_is_refused(call: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        call()
