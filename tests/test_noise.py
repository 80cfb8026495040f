"""What draws random numbers: which numbers it drops together, what it keeps, its slopes, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from autograd import Tensor, Value
from autograd.testing import agree
from nn import functional

KINDS = {
    "dropout": (3, 4),
    "dropout1d": (2, 3, 4),
    "dropout2d": (2, 3, 2, 2),
    "dropout3d": (2, 3, 2, 1, 2),
    "alpha_dropout": (3, 4),
    "feature_alpha_dropout": (2, 3, 4),
}
MODULES = {name: "".join(part[0].upper() + part[1:] for part in name.split("_")) for name in KINDS}


@given(st.sampled_from(sorted(KINDS)), st.floats(0.0, 1.0), st.integers(0, 100), st.sampled_from([float, np.float32]))
def test_every_number_is_dropped_or_scaled(name: str, p: float, seed: int, dtype: Any) -> None:
    f, shape = getattr(functional, name), KINDS[name]
    x = Tensor(np.random.default_rng(seed).normal(size=shape).astype(dtype))
    y = f(x, p, True, rng=seed)
    y.backward(np.ones(shape, dtype))
    assert y.dtype == dtype
    scale, shift, low = 1.0 / (1.0 - p) if p < 1.0 else 0.0, 0.0, 0.0
    if "alpha" in name and p < 1.0:  # the formulas of the paper, for the lower bound -λα of selu
        low = -1.0507009873554805 * 1.6732632423543772
        scale = ((1 - p) + p * (1 - p) * low**2) ** -0.5
        shift = -scale * p * low
        low = scale * low + shift
    kept = x.grad != 0
    np.testing.assert_allclose(y.numpy(), np.where(kept, scale * x.numpy() + shift, low), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(x.grad, scale * kept, rtol=1e-6)
    if name not in ("dropout", "alpha_dropout"):  # a channel is dropped as a whole
        channels = kept.reshape(6, -1)
        assert (channels == channels[:, :1]).all()
    module = getattr(nn, MODULES[name])(p, rng=seed)
    np.testing.assert_array_equal(module(x).numpy(), y.numpy())
    assert module.eval()(x) is x


@pytest.mark.parametrize("name", KINDS)
def test_the_same_draws_in_all_ways(name: str) -> None:
    f, shape = getattr(functional, name), (1, *KINDS[name][1:])
    agree(lambda x: f(x, 0.4, True, rng=1), np.linspace(-1.0, 2.0, int(np.prod(shape))).reshape(shape))


@pytest.mark.parametrize("name", ["rrelu", "gumbel_softmax"])
def test_random_slopes_and_classes_in_all_ways(name: str) -> None:
    options = {"training": True} if name == "rrelu" else {"tau": 0.7}
    agree(lambda x: getattr(functional, name)(x, rng=1, **options), np.array([[0.3, -1.2, 2.2], [-0.6, 1.0, -2.0]]))


def test_a_checkpoint_draws_once() -> None:
    layer, x = nn.AlphaDropout(0.5, rng=0), Tensor(np.ones(50))
    y = autograd.checkpoint(layer)(x)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad != 0, y.numpy() == y.numpy().max())


def test_values() -> None:
    xs = [Value(-1.0), Value(2.0), Value(-3.0)]
    ys = functional.rrelu(xs, 0.25, 0.75)
    assert [y.data for y in ys] == [-0.5, 2.0, -1.5]
    autograd.sum(ys).backward()
    assert [x.grad for x in xs] == [0.5, 1.0, 0.5]
    ys = functional.alpha_dropout(xs, 0.5, True, rng=1)
    np.testing.assert_allclose(
        [float(y.item() if isinstance(y, Value) else y) for y in ys],
        functional.alpha_dropout(np.array([-1.0, 2.0, -3.0]), 0.5, True, rng=1),
    )


def test_hard_classes_have_the_slopes_of_soft_ones() -> None:
    x, y = Tensor([[0.1, 0.5, -1.0]]), Tensor([[0.1, 0.5, -1.0]])
    hard, soft = (functional.gumbel_softmax(z, 0.5, h, rng=3) for z, h in ((x, True), (y, False)))
    np.testing.assert_array_equal(hard.numpy(), (soft.numpy() == soft.numpy().max()).astype(float))
    for z in (hard, soft):
        z.backward([[1.0, 2.0, 4.0]])
    np.testing.assert_allclose(x.grad, y.grad)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: functional.dropout1d(np.ones(3)), ValueError, r"2 or 3 axes in all, not numbers of shape \(3,\)"),
        (lambda: functional.dropout2d(np.ones((3, 2, 2))), ValueError, "dropout2d takes channels with 4 axes"),
        (lambda: functional.dropout3d(np.ones((3, 2, 2))), ValueError, "4 or 5 axes"),
        (lambda: functional.feature_alpha_dropout(np.ones(3)), ValueError, "samples with channels"),
        (lambda: functional.alpha_dropout([1.0], 1.5), ValueError, "alpha_dropout: p must be a probability"),
        (lambda: functional.rrelu([1.0], 0.5, 0.2), ValueError, "lower must be at most upper"),
        (lambda: nn.RReLU(0.5, 0.2), ValueError, "lower must be at most upper"),
        (lambda: nn.Dropout2d(1.5), ValueError, "p is a probability, not 1.5"),
        (lambda: functional.gumbel_softmax([1.0], 0.0), ValueError, "tau must be positive"),
        (lambda: functional.gumbel_softmax([Value(1.0)]), TypeError, "autograd.stack"),
    ],
)
def test_what_is_refused(call: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        call()


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({}, "either output_size or output_ratio"),
        ({"output_size": 2, "output_ratio": 0.5}, "either output_size or output_ratio"),
        ({"output_size": 4}, r"\[4, 4\] windows of size \[2, 2\] do not fit into \[4, 5\]"),
        ({"output_size": 0}, "do not fit"),
        ({"output_size": 2, "_random_samples": [[[0.5]]]}, r"must have shape \(1, 3, 2\), not \(1, 1, 1\)"),
    ],
)
def test_windows_that_do_not_fit(options: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        functional.fractional_max_pool2d(np.zeros((3, 4, 5)), 2, **options)
    with pytest.raises(ValueError, match="3 spatial axes"):
        functional.fractional_max_pool3d(np.zeros((4, 5)), 2, 2)


@given(st.integers(1, 3), st.integers(1, 9), st.integers(0, 50))
def test_random_windows_lie_inside(k: int, extra: int, seed: int) -> None:
    """The first begins at 0 and the last ends at the end; those between them rise by steps that differ by at most 1."""
    n, size = k + extra, 1 + seed % (extra + 1)
    x = np.arange(float(n * n)).reshape(1, n, n)
    y, places = functional.fractional_max_pool2d(x, k, size, return_indices=True, rng=seed)
    np.testing.assert_array_equal(y, places)
    for starts in (places[0, :, 0] // n - k + 1, places[0, 0] % n - k + 1):
        assert starts[-1] == extra
        assert starts[0] == 0 or size == 1
        assert (np.diff(starts) >= 0).all()
        assert size < 3 or np.ptp(np.diff(starts)[:-1]) <= 1
